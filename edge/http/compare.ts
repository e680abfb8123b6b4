/** GET /v1/attribution/compare: the stored orders under each model side by side, per partner. */
import { Hono } from 'hono';
import type { CompareAnswer } from '../contract.ts';
import { COMPARABLE, type Comparable, DAY_MS } from '../core/attribution.ts';
import type { FieldError } from '../core/result.ts';
import { compare } from '../flows/compare.ts';
import { refuse } from './problem.ts';
import type { GuardedApp } from './types.ts';

const DAYS = 30;
const MAX_DAYS = 366;

export const comparison = new Hono<GuardedApp>().get('/compare', async (c) => {
  const { deps } = c.env;
  const { asker } = c.var;
  const now = deps.now();
  const from = timeOf(c.req.query('from'), now - DAYS * DAY_MS);
  const to = timeOf(c.req.query('to'), now + 1);
  const models = (c.req.query('models') ?? COMPARABLE.join(',')).split(',').map((name) => name.trim());
  const errors: FieldError[] = [
    ...(Number.isNaN(from) ? [{ pointer: '/from', detail: 'a time: ISO 8601, or milliseconds since the epoch' }] : []),
    ...(Number.isNaN(to) || to <= from ? [{ pointer: '/to', detail: 'a time after `from`' }] : []),
    ...(to - from > MAX_DAYS * DAY_MS ? [{ pointer: '/from', detail: `at most ${MAX_DAYS} days before \`to\`` }] : []),
    ...(models.every(comparable) ? [] : [{ pointer: '/models', detail: `some of ${COMPARABLE.join(', ')}` }]),
  ];
  if (errors.length > 0) return refuse({ code: 'invalid', errors });

  const { programId } = asker;
  const compared = await compare(deps, { programId, span: { from, to }, models: models.filter(comparable) });
  const partners = new Set([...compared.models.values()].flatMap((lines) => lines.map((one) => one.partnerId)));
  const enrolled = new Map((await deps.store.enrollments(programId, [...partners])).map((one) => [one.partnerId, one]));
  const lines = [...compared.models].map(([model, standings]) => [
    model,
    standings.map(({ partnerId, creditMicros, amounts }) => ({
      partnerId,
      partner: enrolled.get(partnerId)?.slug ?? partnerId,
      name: enrolled.get(partnerId)?.name ?? '',
      creditMicros,
      amounts: [...amounts].map(([currency, sums]) => ({ currency, ...sums })),
    })),
  ]);
  return c.json({ orders: compared.orders, models: Object.fromEntries(lines) } satisfies CompareAnswer);
});

const comparable = (name: string): name is Comparable => (COMPARABLE as readonly string[]).includes(name);

const timeOf = (text: string | undefined, otherwise: number): number =>
  text === undefined ? otherwise : /^\d+$/.test(text) ? Number(text) : Date.parse(text);
