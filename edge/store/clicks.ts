/**
 * Clicks and touches: the one kind of row written alone, many a second, outside an order's batch. Every write may be
 * repeated, and may come late or in any order.
 *
 * They may lie in a database of their own: nothing here reads or writes what orders, partners and money are.
 */
import { firstId, idTime, type LinkId, type PartnerId, type ProgramId, type VisitorId } from '../core/id.ts';
import { REPEAT_MS } from '../core/token.ts';
import type { ClickReason, clicks, touches } from './schema.ts';

export type ClickRow = typeof clicks.$inferSelect;
export type TouchRow = typeof touches.$inferSelect;

export interface Clicks {
  /**
   * Writes clicks, or hands them to the queue that will; one row written each. One that stands is left as it is, but a
   * row made from the token alone takes what was seen of the click when that comes after it.
   */
  record(rows: readonly ClickRow[]): Promise<void>;
  /** Somebody who opted out followed a link: the day's total counts it, and nothing else is kept. One row written. */
  optOut(click: { programId: ProgramId; partnerId: PartnerId; linkId: LinkId; day: number }): Promise<void>;
  /** A visitor touched clicks; one row written each. */
  touch(rows: readonly TouchRow[]): Promise<void>;
  /**
   * A visitor landed with a click: its touch, its row should the redirect's own write have been lost, what the landing
   * vouches for (a suspect click is valid from now on), and whether the visitor has only clicked again. One round trip;
   * one row written, one more for a suspect or a repeat. Answers why the click is not counted; null: it is.
   */
  land(row: ClickRow, visitorId: VisitorId): Promise<ClickReason | null>;
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
/** What only the redirect sees: all of it is missing from a row that the token repaired. */
const SEEN = ['country', 'device', 'browser', 'os', 'referrer_host', 'sub1', 'sub2', 'sub3', 'sub4', 'sub5'];
const anyOf = (of: string) => `coalesce(${SEEN.map((name) => `${of}.${name}`)})`;
// Why a click is not counted comes late too; a landing has vouched since for what was suspect, but not for a flood.
const LATE = `DO UPDATE SET ${SEEN.map((name) => `${name} = excluded.${name}`)}, reason = CASE
    WHEN clicks.reason IS NOT NULL THEN clicks.reason
    WHEN clicks.class = excluded.class OR excluded.reason = 'flood' THEN excluded.reason END
  WHERE ${anyOf('clicks')} IS NULL AND ${anyOf('excluded')} IS NOT NULL`;
const CLICK = inserting('clicks', CLICK_FIELDS, LATE);
const TOUCH = inserting('touches', TOUCH_FIELDS);

// A refused click stays refused, whoever lands with it. What came in a flood may earn, and is not counted.
const PROMOTE = `UPDATE clicks SET class = 'valid', reason = CASE reason WHEN 'flood' THEN reason END
  WHERE program_id = ?1 AND partner_id = ?2 AND key = ?3 AND class = 'suspect'`;

// This click, if the visitor clicked there shortly before; and those shortly after, should this landing come late.
const REPEAT = `UPDATE clicks SET reason = 'repeat'
  WHERE program_id = ?1 AND partner_id = ?2 AND class = 'valid' AND reason IS NULL AND key IN (
    SELECT ?3 WHERE EXISTS (SELECT 1 FROM touches WHERE program_id = ?1 AND visitor_id = ?4 AND partner_id = ?2
      AND click_key >= ?5 AND click_key < ?3)
    UNION ALL
    SELECT click_key FROM touches WHERE program_id = ?1 AND visitor_id = ?4 AND partner_id = ?2
      AND click_key > ?3 AND click_key < ?6)`;

const COUNTED = 'SELECT reason FROM clicks WHERE program_id = ?1 AND partner_id = ?2 AND key = ?3';

const OPT_OUT = `INSERT INTO click_days (program_id, partner_id, day, link_id, opted_out) VALUES (?, ?, ?, ?, 1)
  ON CONFLICT DO UPDATE SET opted_out = opted_out + 1`;

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
    async optOut({ programId, partnerId, linkId, day }) {
      await d1.prepare(OPT_OUT).bind(programId, partnerId, day, linkId).run();
    },
    async land(row, visitorId) {
      const { programId, partnerId, key, linkId, class: clickClass } = row;
      const at = idTime(key);
      const [before, after] = [firstId(at - REPEAT_MS), firstId(at + REPEAT_MS + 1)];
      const results = await d1.batch<{ reason: ClickReason | null }>([
        record([row]),
        d1.prepare(PROMOTE).bind(programId, partnerId, key),
        touch([{ programId, visitorId, clickKey: key, partnerId, linkId, class: clickClass }]),
        d1.prepare(REPEAT).bind(programId, partnerId, key, visitorId, before, after),
        d1.prepare(COUNTED).bind(programId, partnerId, key),
      ]);
      return results.at(-1)?.results[0]?.reason ?? null;
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

/**
 * The same, with clicks handed to a queue: for more of them a second than one database takes. What the queue holds is
 * durable and comes at least once; `jobs/queue.ts` writes it in batches.
 */
export const createQueuedClicks = (queue: Queue<ClickRow>, direct: Clicks): Clicks => ({
  ...direct,
  async record(rows) {
    for (let start = 0; start < rows.length; start += QUEUE_BATCH) {
      await queue.sendBatch(rows.slice(start, start + QUEUE_BATCH).map((body) => ({ body })));
    }
  },
});

/** Messages a call may carry. */
const QUEUE_BATCH = 100;

/**
 * An insert of one row, its empty columns left out, or of many from one JSON list; `late` is what becomes of a row that
 * stands already.
 */
function inserting(table: string, fields: Record<string, string>, late = 'DO NOTHING') {
  const columns = Object.entries(fields);
  const into = (names: readonly string[]) => `INSERT INTO ${table} (${names.join(', ')})`;
  const values = columns.map(([, field]) => `value ->> '${field}'`);
  // WHERE true: without it SQLite takes ON CONFLICT for part of a join.
  const many = `${into(Object.keys(fields))} SELECT ${values.join(', ')} FROM json_each(?) WHERE true ON CONFLICT ${late}`;
  return {
    many: (d1: D1Database, rows: readonly object[]) => d1.prepare(many).bind(JSON.stringify(rows)),
    one(d1: D1Database, row: object) {
      const told = row as Record<string, string | null>;
      const filled = columns.filter(([, field]) => told[field] !== null);
      const sql = `${into(filled.map(([name]) => name))} VALUES (${filled.map(() => '?').join(', ')}) ON CONFLICT ${late}`;
      return d1.prepare(sql).bind(...filled.map(([, field]) => told[field]));
    },
  };
}
