/**
 * Clicks and touches: the one kind of row written alone, many a second, outside an order's batch. Every write may be
 * repeated: a row that stands is left as it is.
 */
import type { ProgramId, VisitorId } from '../core/id.ts';
import type { clicks, touches } from './schema.ts';

export type ClickRow = typeof clicks.$inferSelect;
export type TouchRow = typeof touches.$inferSelect;

export interface Clicks {
  /** Writes clicks; one row written each. */
  record(rows: readonly ClickRow[]): Promise<void>;
  /** A visitor touched clicks; one row written each. */
  touch(rows: readonly TouchRow[]): Promise<void>;
  /**
   * A visitor landed with a click: its touch, its row should the redirect's own write have been lost, and what the
   * landing vouches for: a suspect click counts from now on. One round trip, one row written, two for a suspect.
   */
  land(row: ClickRow, visitorId: VisitorId): Promise<void>;
  /** The newest touches of these visitors together, newest first; reads no more than a few rows for each of `limit`. */
  touches(programId: ProgramId, visitors: readonly VisitorId[], limit: number): Promise<TouchRow[]>;
  lastTouch(programId: ProgramId, visitorId: VisitorId): Promise<TouchRow | null>;
  /** Whether a script has landed with a suspect click, wherever its token went. */
  vouched(click: Pick<ClickRow, 'programId' | 'partnerId' | 'key'>): Promise<boolean>;
}

// Rows travel as one JSON parameter: D1 takes a hundred parameters a statement, and 16 columns would spend them on six.
const CLICK_FIELDS = {
  program_id: 'programId',
  partner_id: 'partnerId',
  key: 'key',
  link_id: 'linkId',
  class: 'class',
  reason: 'reason',
  country: 'country',
  device: 'device',
  browser: 'browser',
  os: 'os',
  referrer_host: 'referrerHost',
  sub1: 'sub1',
  sub2: 'sub2',
  sub3: 'sub3',
  sub4: 'sub4',
  sub5: 'sub5',
} satisfies Record<string, keyof ClickRow>;
const TOUCH_FIELDS = {
  program_id: 'programId',
  visitor_id: 'visitorId',
  click_key: 'clickKey',
  partner_id: 'partnerId',
  link_id: 'linkId',
  class: 'class',
} satisfies Record<string, keyof TouchRow>;
const CLICK = inserting('clicks', CLICK_FIELDS);
const TOUCH = inserting('touches', TOUCH_FIELDS);

// A refused click stays refused, whoever lands with it.
const PROMOTE = `UPDATE clicks SET class = 'valid'
  WHERE program_id = ? AND partner_id = ? AND key = ? AND class = 'suspect'`;

const VOUCHED = `SELECT 1 FROM clicks WHERE program_id = ? AND partner_id = ? AND key = ? AND class = 'valid'`;

// The visitors' rows, each sorted by its key, are merged newest first: every step takes the newest head and puts that
// visitor's next older row in its place, so a visitor with a hundred thousand touches costs no more than one with ten.
const NEWEST = `WITH RECURSIVE newest(visitor_id, click_key) AS (
    SELECT DISTINCT value, (SELECT max(click_key) FROM touches WHERE program_id = ?1 AND visitor_id = value)
    FROM json_each(?2)
    UNION ALL
    SELECT visitor_id, (SELECT max(click_key) FROM touches
      WHERE program_id = ?1 AND visitor_id = newest.visitor_id AND click_key < newest.click_key)
    FROM newest WHERE click_key IS NOT NULL
    ORDER BY 2 DESC LIMIT ?3)
  SELECT ${Object.entries(TOUCH_FIELDS).map(([name, field]) => `t.${name} AS ${field}`)}
  FROM newest CROSS JOIN touches AS t
    ON t.program_id = ?1 AND t.visitor_id = newest.visitor_id AND t.click_key = newest.click_key
  ORDER BY t.click_key DESC`;

export function createClicks(d1: D1Database): Clicks {
  const insert = (into: ReturnType<typeof inserting>, rows: readonly object[]) => {
    const [only, ...more] = rows;
    return only && more.length === 0 ? into.one(d1, only) : into.many(d1, rows);
  };
  const record = (rows: readonly ClickRow[]) => insert(CLICK, rows);
  const touch = (rows: readonly TouchRow[]) => insert(TOUCH, rows);
  const touches: Clicks['touches'] = async (programId, visitors, limit) => {
    if (visitors.length === 0) return [];
    const { results } = await d1.prepare(NEWEST).bind(programId, JSON.stringify(visitors), limit).all<TouchRow>();
    return results;
  };
  return {
    async record(rows) {
      if (rows.length > 0) await record(rows).run();
    },
    async touch(rows) {
      if (rows.length > 0) await touch(rows).run();
    },
    async land(row, visitorId) {
      const { programId, partnerId, key, linkId, class: clickClass } = row;
      await d1.batch([
        record([row]),
        d1.prepare(PROMOTE).bind(programId, partnerId, key),
        touch([{ programId, visitorId, clickKey: key, partnerId, linkId, class: clickClass }]),
      ]);
    },
    touches,
    async lastTouch(programId, visitorId) {
      const [last = null] = await touches(programId, [visitorId], 1);
      return last;
    },
    vouched: async ({ programId, partnerId, key }) =>
      (await d1.prepare(VOUCHED).bind(programId, partnerId, key).first()) !== null,
  };
}

/** An insert that leaves what stands: of many rows from one JSON list, or of one by itself, its empty columns left out. */
function inserting(table: string, fields: Record<string, string>) {
  const columns = Object.entries(fields);
  const into = (names: readonly string[]) => `INSERT INTO ${table} (${names.join(', ')})`;
  const values = columns.map(([, field]) => `value ->> '${field}'`);
  // WHERE true: without it SQLite takes ON CONFLICT for part of a join.
  const many = `${into(Object.keys(fields))} SELECT ${values.join(', ')} FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`;
  return {
    many: (d1: D1Database, rows: readonly object[]) => d1.prepare(many).bind(JSON.stringify(rows)),
    one(d1: D1Database, row: object) {
      const told = row as Record<string, string | null>;
      const filled = columns.filter(([, field]) => told[field] !== null);
      const sql = `${into(filled.map(([name]) => name))} VALUES (${filled.map(() => '?').join(', ')}) ON CONFLICT DO NOTHING`;
      return d1.prepare(sql).bind(...filled.map(([, field]) => told[field]));
    },
  };
}
