/** /v1/audit: the log, to read, to take along as a file, and to prove. */
import { type Context, Hono } from 'hono';
import Papa from 'papaparse';
import type { AuditAnswer, AuditProof } from '../contract-people.ts';
import { type AuditId, isUlid } from '../core/id.ts';
import { err, type FieldError, ok, type Result } from '../core/result.ts';
import type { AuditFilter } from '../deps.ts';
import { auditPage, exportAudit, proveAudit, type Told } from '../flows/read-audit.ts';
import { pageOf } from './page.ts';
import { refuse } from './problem.ts';
import type { GuardedApp } from './types.ts';

/** What an id can say of time. */
const MAX_TIME_MS = 2 ** 48 - 1;
const MAX_TEXT = 128;
const CURSOR = { pointer: '/cursor', detail: 'the nextCursor of the page before' };

export const audit = new Hono<GuardedApp>()
  .get('/', async (c) => {
    const page = pageOf(c.req.query('limit'));
    if (!page.ok) return refuse(page.refusal);
    const cursor = c.req.query('cursor') ?? null;
    if (cursor !== null && !isUlid(cursor)) return refuse({ code: 'invalid', errors: [CURSOR] });
    const filter = filterOf(c);
    if (!filter.ok) return refuse(filter.refusal);
    const { entries, next } = await auditPage(c.env.deps, {
      ...{ programId: c.var.programId, filter: filter.value },
      ...{ limit: page.value, before: cursor as AuditId | null },
    });
    return c.json({ data: entries.map(auditAnswer), nextCursor: next as string | null });
  })
  .get('/export', async (c) => {
    const format = c.req.query('format') ?? 'csv';
    if (format !== 'csv' && format !== 'ndjson') {
      return refuse({ code: 'invalid', errors: [{ pointer: '/format', detail: 'csv or ndjson' }] });
    }
    const filter = filterOf(c);
    if (!filter.ok) return refuse(filter.refusal);
    const pages = await exportAudit(c.env.deps, { programId: c.var.programId, filter: filter.value, format });
    if (!pages.ok) return refuse(pages.refusal);
    const { type, text } = FORMATS[format];
    return c.body(streamed(text(pages.value)), 200, {
      'content-type': type,
      'content-disposition': `attachment; filename="audit.${format}"`,
    });
  })
  .get('/proof', async (c) => {
    const cursor = c.req.query('cursor') ?? '0';
    if (!/^\d{1,15}$/.test(cursor)) return refuse({ code: 'invalid', errors: [CURSOR] });
    const proof = await proveAudit(c.env.deps, { programId: c.var.programId, after: Number(cursor) });
    const { sealed, open, head, flaws, next } = proof;
    return c.json({
      ...{ sealed, open, head, intact: flaws.length === 0, altered: [...flaws] },
      ...(next !== null && { nextCursor: String(next) }),
    } satisfies AuditProof);
  });

function filterOf(c: Context<GuardedApp>): Result<AuditFilter> {
  const errors: FieldError[] = [];
  const text = (name: 'act' | 'actor' | 'subject') => {
    const value = c.req.query(name);
    if (value !== undefined && (value.length === 0 || value.length > MAX_TEXT)) {
      errors.push({ pointer: `/${name}`, detail: `a text of 1 to ${MAX_TEXT} characters` });
    }
    return value;
  };
  const time = (name: 'from' | 'to') => {
    const value = c.req.query(name);
    const ms = value === undefined ? undefined : timeOf(value);
    if (ms !== undefined && !(ms >= 0 && ms <= MAX_TIME_MS)) {
      errors.push({ pointer: `/${name}`, detail: 'a time: ISO 8601, or milliseconds since the epoch' });
    }
    return ms;
  };
  const filter = {
    act: text('act'),
    actor: text('actor'),
    subject: text('subject'),
    from: time('from'),
    to: time('to'),
  };
  return errors.length > 0 ? err({ code: 'invalid', errors }) : ok(filter);
}

const timeOf = (text: string): number =>
  /^\d+$/.test(text) ? Number(text) : /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;

const auditAnswer = ({ entry, number, hash, name, partner, before, after, origin }: Told): AuditAnswer => {
  const { id, at, actor, act, subject, partnerId } = entry;
  const [kind = '', actorId = null] = actor.split(':');
  return {
    ...{ id, at: new Date(at).toISOString() },
    actor: { kind: kind as AuditAnswer['actor']['kind'], id: actorId, name },
    ...{ act, subject, partner: partner ?? partnerId, before, after },
    ...{ country: origin?.country ?? null, address: origin?.address ?? null, number, hash },
  };
};

// ------------------------------------------------------------------------------------------------------------- files

const COLUMNS = [
  ...['id', 'at', 'actor', 'actorName', 'act', 'subject', 'partner', 'before', 'after', 'country', 'address'],
  ...['number', 'hash'],
];
/**
 * A spreadsheet must take no cell for a formula, in whatever it is told to split lines by: every cell stands in quotes, and
 * what begins like a formula, after spaces too, gets a quote before it. Full-width signs begin one as well.
 */
const SAFE = {
  quotes: true,
  newline: '\r\n',
  header: false,
  escapeFormulae: /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/u,
} as const;

const csvOf = (rows: readonly (readonly unknown[])[]): string => `${Papa.unparse(rows, SAFE)}\r\n`;

const cells = ({ actor, before, after, ...one }: AuditAnswer): unknown[] => {
  const json = (value: unknown) => (value === null ? '' : JSON.stringify(value));
  const row: Record<string, unknown> = {
    ...one,
    actor: actor.id === null ? actor.kind : `${actor.kind}:${actor.id}`,
    ...{ actorName: actor.name, before: json(before), after: json(after) },
  };
  return COLUMNS.map((column) => row[column] ?? '');
};

const FORMATS = {
  csv: {
    type: 'text/csv; charset=utf-8',
    async *text(pages: AsyncIterable<Told[]>) {
      yield csvOf([COLUMNS]);
      for await (const page of pages) yield csvOf(page.map((one) => cells(auditAnswer(one))));
    },
  },
  ndjson: {
    type: 'application/x-ndjson',
    async *text(pages: AsyncIterable<Told[]>) {
      for await (const page of pages) yield page.map((one) => `${JSON.stringify(auditAnswer(one))}\n`).join('');
    },
  },
} as const;

/** Read as it is sent: a file of any length is never held whole. */
function streamed(texts: AsyncIterator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await texts.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await texts.return?.();
    },
  });
}
