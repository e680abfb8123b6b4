/**
 * Clicks and touches: the one kind of row written alone, many a second, outside an order's batch. Every write may be
 * repeated: a row that stands is left as it is.
 */
import type { VisitorId } from '../core/id.ts';
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
}

// Rows travel as one JSON parameter: D1 takes a hundred parameters a statement, and 16 columns would spend them on six.
const CLICK = inserting('clicks', {
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
} satisfies Record<string, keyof ClickRow>);
const TOUCH = inserting('touches', {
  program_id: 'programId',
  visitor_id: 'visitorId',
  click_key: 'clickKey',
  partner_id: 'partnerId',
  link_id: 'linkId',
  class: 'class',
} satisfies Record<string, keyof TouchRow>);

// A refused click stays refused, whoever lands with it.
const PROMOTE = `UPDATE clicks SET class = 'valid'
  WHERE program_id = ? AND partner_id = ? AND key = ? AND class = 'suspect'`;

export function createClicks(d1: D1Database): Clicks {
  const insert = (into: ReturnType<typeof inserting>, rows: readonly object[]) => {
    const [only, ...more] = rows;
    return only && more.length === 0 ? into.one(d1, only) : into.many(d1, rows);
  };
  const record = (rows: readonly ClickRow[]) => insert(CLICK, rows);
  const touch = (rows: readonly TouchRow[]) => insert(TOUCH, rows);
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
