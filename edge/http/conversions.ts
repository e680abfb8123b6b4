/** /v1/conversions: orders from the shop's server, and reading them with their reasons. */
import { Hono } from 'hono';
import { Conversion, type ConversionAnswer } from '../contract.ts';
import { type ConversionId, isUlid, type PartnerId, type ProgramId } from '../core/id.ts';
import { WITH_CLICK } from '../core/setup.ts';
import type { ConversionKey, ConversionRecord, Deps } from '../deps.ts';
import { type Converted, convertAll } from '../flows/convert.ts';
import { conversionAnswer, conversionSummary, explanation } from './answers.ts';
import { readRows } from './body.ts';
import type { Asker } from './guard.ts';
import { onceRows } from './once.ts';
import { pageOf } from './page.ts';
import { refuse } from './problem.ts';
import type { GuardedApp } from './types.ts';

export const conversions = new Hono<GuardedApp>()
  .post('/', async (c) => {
    const { deps } = c.env;
    const { programId } = c.var;
    const rows = await readRows(c.req.raw, Conversion);
    if (!rows.ok) return refuse(rows.refusal);
    const reasons = c.req.query('explain') === '1';
    const withClick = rows.value.rows.some((row) => row.ok && row.value.clickId);
    const detail = withClick ? WITH_CLICK : null;
    const sighted = deps.visitors.sighted(programId, { kind: 'server_order', at: deps.now(), detail });
    const answered = await onceRows<Converted>(c, rows.value, {
      work: (seal) => convertAll(deps, { programId, source: 'server', calls: rows.value.rows, seal }),
      async answer(done) {
        const explain = reasons && (await explained(deps, programId, done.record, null));
        const body: ConversionAnswer = { ...conversionAnswer(done), ...(explain && { explain }) };
        return { status: done.outcome === 'created' ? 201 : 200, body };
      },
    });
    await sighted;
    return answered;
  })
  .get('/', async (c) => {
    const { deps } = c.env;
    const { programId, partnerId } = c.var.asker;
    const page = pageOf(c.req.query('limit'));
    if (!page.ok) return refuse(page.refusal);
    const limit = page.value;
    const cursor = c.req.query('cursor') ?? null;
    if (cursor !== null && !isUlid(cursor)) {
      return refuse({ code: 'invalid', errors: [{ pointer: '/cursor', detail: 'a nextCursor of this list' }] });
    }
    const before = cursor as ConversionId | null;
    const records = await deps.store.conversions({ programId, partnerId }, { limit: limit + 1, before });
    const data = records.slice(0, limit).map((record) => conversionSummary(record, partnerId));
    return c.json({ data, nextCursor: records.length > limit ? (data.at(-1)?.id ?? null) : null });
  })
  .get('/:id', async (c) => {
    const { deps } = c.env;
    const { programId, partnerId } = c.var.asker;
    const record = await named(deps, { programId, partnerId }, c.req.param('id'));
    if (!record) return refuse({ code: 'not_found' });
    const explain = await explained(deps, programId, record, partnerId);
    return c.json({ ...conversionSummary(record, partnerId), explain });
  });

/** `01J…`, `order:<orderId>` (a sale) or `order:<event>:<orderId>`; a sale's own id may begin like an event. */
async function named(deps: Deps, { programId, partnerId }: Asker, text: string): Promise<ConversionRecord | null> {
  const [, event, rest] = /^order:(?:([a-z][a-z0-9_]{0,31}):)?(.+)$/s.exec(text) ?? [];
  const keys: ConversionKey[] = [
    ...(isUlid(text) ? [{ id: text as ConversionId }] : []),
    ...(event && rest ? [{ event, orderId: rest }] : []),
    ...(rest ? [{ event: 'sale', orderId: text.slice('order:'.length) }] : []),
  ];
  for (const key of keys) {
    const record = await deps.store.conversion(programId, key, partnerId ?? undefined);
    if (record) return record;
  }
  return null;
}

async function explained(deps: Deps, programId: ProgramId, record: ConversionRecord, asPartner: PartnerId | null) {
  // A partner is told no other's name: none is read.
  const partners = asPartner
    ? [asPartner]
    : [
        ...record.conversion.explanation.candidates.map((one) => one.partnerId),
        ...record.allocations.map((one) => one.partnerId),
        ...(record.conversion.explanation.used ?? []).map((one) => one.partnerId),
      ];
  const [enrolled, terms] = await Promise.all([
    deps.store.enrollments(programId, [...new Set(partners)]),
    deps.store.terms(programId),
  ]);
  const names = new Map(enrolled.map(({ partnerId, slug, name }) => [partnerId, { partner: slug, name }]));
  return explanation(record, { asPartner, names, terms, tokenKeys: deps.secrets.tokenKeys });
}
