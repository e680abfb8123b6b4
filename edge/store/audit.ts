/**
 * D1: the audit log, read. Columns come as they are stored, JSON as its text, since that is what was sealed. Entries are
 * written by `commit`, beside the acts they tell of.
 */
import type { Flaw, Head, SealedEntry, StoredEntry } from '../core/audit.ts';
import { type AuditId, firstId, type ProgramId } from '../core/id.ts';

/** Which entries: all of what is said. */
export interface AuditFilter {
  readonly act?: string | undefined;
  readonly actor?: string | undefined;
  readonly subject?: string | undefined;
  /** From that time on, ms. */
  readonly from?: number | undefined;
  /** Before that time, ms. */
  readonly to?: number | undefined;
}

/** An entry with its link, and by which names people know what it names. */
export interface AuditRecord {
  readonly entry: StoredEntry;
  readonly number: number | null;
  readonly hash: string | null;
  /** Of the person or the key who acted; null where it is not there any more. */
  readonly name: string | null;
  /** The slug of the partner on whose behalf it was done. */
  readonly partner: string | null;
}

export interface AuditLog {
  /** Newest first, of those before one. It looks at `scan` entries at most: `next` says where to go on, null that all were seen. */
  page(
    of: { programId: ProgramId; filter: AuditFilter },
    page: { limit: number; scan: number; before: AuditId | null },
  ): Promise<{ records: AuditRecord[]; next: AuditId | null }>;
  /** How many there are of a span of time, counted up to a limit. */
  count(of: { programId: ProgramId; filter: AuditFilter }, limit: number): Promise<number>;
  /** Programs with entries that wait for their link. */
  programs(): Promise<ProgramId[]>;
  /** The end of the chain, and the oldest entries that wait; `linked`: one that has its link already. */
  open(
    programId: ProgramId,
    limit: number,
  ): Promise<{ head: Head | null; entries: { entry: StoredEntry; linked: boolean }[] }>;
  /** Links from that number on, in their order, with their entries. */
  links(programId: ProgramId, page: { after: number; limit: number }): Promise<SealedEntry[]>;
  /** How long the chain is, where it ends, how many entries wait. */
  state(programId: ProgramId): Promise<{ head: Head | null; open: number }>;
  /** Entries older than that time without a link, and such as wait for one and are gone. */
  unlinked(programId: ProgramId, of: { before: number; limit: number }): Promise<Flaw[]>;
}

const COLUMNS = ['program_id', 'id', 'at', 'actor', 'act', 'subject', '"before"', '"after"', 'partner_id', 'origin'];
const NAMES = ['programId', 'id', 'at', 'actor', 'act', 'subject', 'before', 'after', 'partnerId', 'origin'] as const;
const entryOf = (table: string) => COLUMNS.map((column, at) => `${table}.${column} AS "${NAMES[at]}"`).join(', ');

type Row = StoredEntry & {
  readonly number: number | null;
  readonly hash: string | null;
  readonly mac: string | null;
  readonly name: string | null;
  readonly partner: string | null;
};
const only = (row: Row): StoredEntry => {
  const { programId, id, at, actor, act, subject, before, after, partnerId, origin } = row;
  return { programId, id, at, actor, act, subject, before, after, partnerId, origin };
};

const WINDOW = `SELECT id, (?5 IS NULL OR act = ?5) AND (?6 IS NULL OR actor = ?6) AND (?7 IS NULL OR subject = ?7) AS found
  FROM audit WHERE program_id = ?1 AND id >= ?2 AND id < ?3 ORDER BY id DESC LIMIT ?4`;
const TOLD = `SELECT ${entryOf('a')}, s.number, s.hash, coalesce(p.name, k.name) AS name, e.slug AS partner
  FROM audit AS a
  LEFT JOIN audit_seals AS s ON s.program_id = a.program_id AND s.audit_id = a.id
  LEFT JOIN people AS p ON a.actor LIKE 'person:%' AND p.id = substr(a.actor, 8)
  LEFT JOIN keys AS k ON a.actor LIKE 'key:%' AND k.program_id = a.program_id AND k.id = substr(a.actor, 5)
  LEFT JOIN enrollments AS e ON e.program_id = a.program_id AND e.partner_id = a.partner_id
  WHERE a.program_id = ?1 AND a.id IN (SELECT value FROM json_each(?2)) ORDER BY a.id DESC`;
const COUNT = `SELECT count(*) AS n FROM (SELECT 1 FROM audit WHERE program_id = ?1 AND id >= ?2 AND id < ?3 LIMIT ?4)`;
/** Each program found by one look into the key, however much of it waits. */
const PROGRAMS = `WITH RECURSIVE waiting(id) AS (SELECT min(program_id) FROM audit_open
    UNION ALL SELECT (SELECT min(program_id) FROM audit_open WHERE program_id > waiting.id) FROM waiting WHERE id IS NOT NULL)
  SELECT id FROM waiting WHERE id IS NOT NULL`;
const HEAD = 'SELECT number, hash FROM audit_seals WHERE program_id = ?1 ORDER BY number DESC LIMIT 1';
const OPEN = `SELECT ${entryOf('a')}, s.number FROM audit_open AS o
  JOIN audit AS a ON a.program_id = o.program_id AND a.id = o.id
  LEFT JOIN audit_seals AS s ON s.program_id = o.program_id AND s.audit_id = o.id
  WHERE o.program_id = ?1 ORDER BY o.id LIMIT ?2`;
const LINKS = `SELECT ${entryOf('a')}, s.number, s.audit_id AS auditId, s.hash, s.mac FROM audit_seals AS s
  LEFT JOIN audit AS a ON a.program_id = s.program_id AND a.id = s.audit_id
  WHERE s.program_id = ?1 AND s.number > ?2 ORDER BY s.number LIMIT ?3`;
const UNLINKED = `SELECT id, 'unsealed' AS what FROM audit AS a WHERE program_id = ?1 AND id < ?2
    AND NOT EXISTS (SELECT 1 FROM audit_seals AS s WHERE s.program_id = ?1 AND s.audit_id = a.id)
  UNION ALL SELECT id, 'missing' FROM audit_open AS o WHERE program_id = ?1
    AND NOT EXISTS (SELECT 1 FROM audit AS a WHERE a.program_id = ?1 AND a.id = o.id)
  LIMIT ?3`;

/** Past every id. */
const LAST = '8';

/** An id begins with its time, so that a span of time is a span of ids. */
const spanOf = ({ from = 0, to }: AuditFilter) => [firstId(from), to === undefined ? LAST : firstId(to)] as const;

export function createAuditLog(db: D1Database): AuditLog {
  const all = async <Found>(sql: string, ...values: unknown[]) =>
    (
      await db
        .prepare(sql)
        .bind(...values)
        .all<Found>()
    ).results;

  return {
    async page({ programId, filter }, { limit, scan, before }) {
      const [first, end] = spanOf(filter);
      const until = before !== null && before < end ? before : end;
      const { act = null, actor = null, subject = null } = filter;
      const seen = await all<{ id: AuditId; found: number }>(
        ...([WINDOW, programId, first, until, scan, act, actor, subject] as const),
      );
      const found = seen.filter((one) => one.found === 1).slice(0, limit);
      const last = found.length === limit ? found.at(-1)?.id : seen.at(-1)?.id;
      const isEnd = seen.length < scan && seen.at(-1)?.id === last;
      const ids = JSON.stringify(found.map((one) => one.id));
      const rows = found.length === 0 ? [] : await all<Row>(TOLD, programId, ids);
      const records = rows.map((row) => {
        const { number, hash, name, partner } = row;
        return { entry: only(row), number, hash, name: name || null, partner };
      });
      return { records, next: isEnd ? null : (last ?? null) };
    },

    async count({ programId, filter }, limit) {
      const [first, end] = spanOf(filter);
      return (await all<{ n: number }>(COUNT, programId, first, end, limit))[0]?.n ?? 0;
    },

    programs: async () => (await all<{ id: ProgramId }>(PROGRAMS)).map((one) => one.id),

    async open(programId, limit) {
      const [heads, entries] = (await db.batch<Row>([
        db.prepare(HEAD).bind(programId),
        db.prepare(OPEN).bind(programId, limit),
      ])) as [D1Result<Head>, D1Result<Row>];
      return {
        head: heads.results[0] ?? null,
        entries: entries.results.map((row) => ({ entry: only(row), linked: row.number !== null })),
      };
    },

    async links(programId, { after, limit }) {
      const rows = await all<Omit<Row, 'id'> & { id: AuditId | null; auditId: AuditId }>(
        LINKS,
        programId,
        after,
        limit,
      );
      return rows.map(({ auditId, ...row }) => ({
        link: { number: Number(row.number), auditId, hash: String(row.hash), mac: String(row.mac) },
        entry: row.id === null ? null : only(row as Row),
      }));
    },

    async state(programId) {
      const [heads, open] = await db.batch([
        db.prepare(HEAD).bind(programId),
        db.prepare('SELECT count(*) AS n FROM audit_open WHERE program_id = ?').bind(programId),
      ]);
      return {
        head: (heads?.results[0] as Head | undefined) ?? null,
        open: (open?.results[0] as { n: number } | undefined)?.n ?? 0,
      };
    },

    async unlinked(programId, { before, limit }) {
      const rows = await all<{ id: string; what: 'unsealed' | 'missing' }>(UNLINKED, programId, firstId(before), limit);
      return rows.map(({ id, what }) => ({ number: null, id, what }));
    },
  };
}
