/** /v1/conversions: orders from the shop's server, and reading them with their reasons. */
import { Hono } from 'hono';
import { Conversion } from '../contract.ts';
import { type ConversionId, isUlid, type PartnerId, type ProgramId } from '../core/id.ts';
import { err } from '../core/result.ts';
import type { ConversionKey, ConversionRecord, Deps } from '../deps.ts';
import { convert } from '../flows/convert.ts';
import { conversionAnswer, conversionSummary, explanation } from './answers.ts';
import { readBody } from './body.ts';
import { type Asker, reader, secretKey } from './guard.ts';
import { refuse } from './problem.ts';
import type { App } from './types.ts';

const MAX_PAGE = 100;
const PAGE = 25;

export const conversions = new Hono<App>()
  .post('/', async (c) => {
    const { deps } = c.env;
    const program = await secretKey(deps, c.req.raw);
    if (!program.ok) return refuse(program.refusal);
    const call = await readBody(c.req.raw, Conversion);
    if (!call.ok) return refuse(call.refusal);
    const done = await convert(deps, { programId: program.value, call: call.value, source: 'server' });
    if (!done.ok) return refuse(done.refusal);
    const answer = conversionAnswer(done.value);
    const explain = c.req.query('explain') === '1' && (await explained(deps, program.value, done.value.record, null));
    return c.json({ ...answer, ...(explain && { explain }) }, done.value.outcome === 'created' ? 201 : 200);
  })
  .get('/', async (c) => {
    const { deps } = c.env;
    const asker = await reader(deps, c.req.raw);
    if (!asker.ok) return refuse(asker.refusal);
    const { programId, partnerId } = asker.value;
    const page = pageOf({ limit: c.req.query('limit'), cursor: c.req.query('cursor') });
    if (!page.ok) return refuse(page.refusal);
    const { limit, before } = page.value;
    const records = await deps.store.conversions({ programId, partnerId }, { limit: limit + 1, before });
    const data = records.slice(0, limit).map((record) => conversionSummary(record, partnerId));
    return c.json({ data, nextCursor: records.length > limit ? (data.at(-1)?.id ?? null) : null });
  })
  .get('/:id', async (c) => {
    const { deps } = c.env;
    const asker = await reader(deps, c.req.raw);
    if (!asker.ok) return refuse(asker.refusal);
    const { programId, partnerId } = asker.value;
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

function pageOf({ limit = String(PAGE), cursor }: { limit: string | undefined; cursor: string | undefined }) {
  const size = Number(limit);
  const errors = [
    ...(/^\d{1,3}$/.test(limit) && size >= 1 && size <= MAX_PAGE
      ? []
      : [{ pointer: '/limit', detail: `a whole number from 1 to ${MAX_PAGE}` }]),
    ...(cursor === undefined || isUlid(cursor) ? [] : [{ pointer: '/cursor', detail: 'a nextCursor of this list' }]),
  ];
  if (errors.length > 0) return err({ code: 'invalid', errors });
  return { ok: true as const, value: { limit: size, before: (cursor ?? null) as ConversionId | null } };
}

async function explained(deps: Deps, programId: ProgramId, record: ConversionRecord, asPartner: PartnerId | null) {
  const partners = [
    ...record.conversion.explanation.candidates.map((one) => one.partnerId),
    ...record.allocations.map((one) => one.partnerId),
  ];
  const enrolled = await deps.store.enrollments(programId, [...new Set(partners)]);
  const names = new Map(enrolled.map(({ partnerId, slug, name }) => [partnerId, { partner: slug, name }]));
  return explanation(record, { asPartner, names, tokenKeys: deps.secrets.tokenKeys });
}
