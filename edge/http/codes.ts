/** /v1/codes: discount codes that name partners, or keep everybody from earning. */
import { Hono } from 'hono';
import { type CodeAnswer, CodeCall } from '../contract.ts';
import type { Code } from '../core/attribution.ts';
import { addCode } from '../flows/enroll.ts';
import { readBody } from './body.ts';
import { once } from './once.ts';
import { pageOf } from './page.ts';
import { refuse } from './problem.ts';
import type { GuardedApp } from './types.ts';

export const codes = new Hono<GuardedApp>()
  .get('/', async (c) => {
    const { deps } = c.env;
    const { asker } = c.var;
    const { programId } = asker;
    const page = pageOf(c.req.query('limit'));
    if (!page.ok) return refuse(page.refusal);
    const after = c.req.query('cursor') ?? '';
    const found = await deps.store.codes(asker, { limit: page.value + 1, after });
    const shown = found.slice(0, page.value);
    const owners = [...new Set(shown.flatMap((one) => one.partnerId ?? []))];
    const enrolled = await deps.store.enrollments(programId, owners);
    const slugs = new Map(enrolled.map((one) => [one.partnerId, one.slug]));
    const data = shown.map((code) => codeAnswer(code, code.partnerId && (slugs.get(code.partnerId) ?? null)));
    return c.json({ data, nextCursor: found.length > page.value ? (data.at(-1)?.code ?? null) : null });
  })
  .post('/', async (c) => {
    const { deps } = c.env;
    const { programId } = c.var;
    const body = await readBody(c.req.raw, CodeCall);
    if (!body.ok) return refuse(body.refusal);
    const { partner, code, policy, startsAt, endsAt } = body.value;
    return once(c, {
      work: (seal) => addCode(deps, { programId, partner, code, policy, startsAt, endsAt, seal }),
      answer: (added) => ({ status: 201, body: codeAnswer(added.code, added.partner?.slug ?? null) }),
    });
  });

const codeAnswer = ({ code, policy, startsAt, endsAt }: Code, partner: string | null): CodeAnswer => ({
  ...{ code, partner, policy },
  startsAt: startsAt === null ? null : new Date(startsAt).toISOString(),
  endsAt: endsAt === null ? null : new Date(endsAt).toISOString(),
});
