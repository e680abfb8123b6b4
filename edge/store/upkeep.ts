/**
 * What time does to rows: closed days of clicks are summed, old clicks and touches go, what has served its day is
 * deleted. Each call is one atomic step that may be repeated and cut off anywhere.
 *
 * Clicks, touches and their sums are in `clicks`, which may be a database of its own; all else is in `db`.
 */
import { DAY_MS } from '../core/attribution.ts';
import { firstId, idTime, type ProgramId } from '../core/id.ts';

/** A program, as far as its clicks' age is concerned. */
export interface AgeingProgram {
  readonly programId: ProgramId;
  /** How far its clock runs ahead. */
  readonly clockOffsetMs: number;
  /** The longest window any version of its settings ever gave a click. */
  readonly windowDays: number;
}

/** Days are numbered since the epoch, in UTC. */
export interface Upkeep {
  /** All, or the one that is named. */
  programs(programId?: ProgramId): Promise<AgeingProgram[]>;
  /** Days before this one are read from their sums; null: none was summed. */
  summedThrough(programId: ProgramId): Promise<number | null>;
  /** Of the oldest click kept; null: there is none. */
  oldestDay(programId: ProgramId): Promise<number | null>;
  /** Sums a day's clicks anew and lets reports read the sum: all clicks of that day must still be there. */
  sumDay(programId: ProgramId, day: number): Promise<void>;
  /** Deletes at most `limit` clicks of a summed day, after summing what came to it since; answers how many. */
  retireDay(programId: ProgramId, day: number, limit: number): Promise<number>;
  /** Deletes at most `limit` touches of clicks before that time, of visitors whose id begins with a letter; how many. */
  retireTouches(programId: ProgramId, old: { initial: string; before: number; limit: number }): Promise<number>;
  /** Answers kept for a repeated call, each by its program's own clock, and hand-overs that were used: of all, or of one. */
  sweep(before: number, programId?: ProgramId): Promise<void>;
}

/** Every partner with clicks, each found by one look into the key; no other table need be asked. */
export const partnersIn = (table: 'clicks' | 'click_days'): string =>
  `partners(id) AS (SELECT min(partner_id) FROM ${table} WHERE program_id = ?1
    UNION ALL SELECT (SELECT min(partner_id) FROM ${table} WHERE program_id = ?1 AND partner_id > partners.id)
    FROM partners WHERE id IS NOT NULL)`;

/** A partner's clicks of a span of keys. */
const OF_SPAN = `partners CROSS JOIN clicks AS c
  ON c.program_id = ?1 AND c.partner_id = partners.id AND c.key >= ?3 AND c.key < ?4`;

/** What counts: a valid click that nothing speaks against. */
export const IS_COUNTED = `c.class = 'valid' AND c.reason IS NULL`;

const sums = (onConflict: string) => `WITH RECURSIVE ${partnersIn('clicks')}
  INSERT INTO click_days (program_id, partner_id, day, link_id, clicks, counted)
  SELECT ?1, c.partner_id, ?2, coalesce(c.link_id, ''), count(*), count(CASE WHEN ${IS_COUNTED} THEN 1 END)
  FROM ${OF_SPAN} GROUP BY c.partner_id, coalesce(c.link_id, '')
  ON CONFLICT DO UPDATE SET ${onConflict}`;
const SUM = sums(`clicks = excluded.clicks, counted = excluded.counted
  WHERE clicks <> excluded.clicks OR counted <> excluded.counted`);
// A day that is partly retired already must not shrink; one so old only ever gains clicks, repaired from their tokens.
const SUM_AGAIN = sums(`clicks = max(clicks, excluded.clicks), counted = max(counted, excluded.counted)
  WHERE clicks < excluded.clicks OR counted < excluded.counted`);
const SUMMED = `INSERT INTO click_rollups (program_id, through_day) VALUES (?1, ?2)
  ON CONFLICT DO UPDATE SET through_day = excluded.through_day WHERE through_day < excluded.through_day`;

const RETIRE = `WITH RECURSIVE ${partnersIn('clicks')}
  DELETE FROM clicks WHERE program_id = ?1 AND (partner_id, key) IN (SELECT c.partner_id, c.key FROM ${OF_SPAN} LIMIT ?2)`;
const RETIRE_TOUCHES = `DELETE FROM touches WHERE program_id = ?1 AND (visitor_id, click_key) IN (
  SELECT visitor_id, click_key FROM touches
  WHERE program_id = ?1 AND visitor_id >= ?2 AND visitor_id < ?3 AND click_key < ?4 LIMIT ?5)`;

const OLDEST = `WITH RECURSIVE ${partnersIn('clicks')}
  SELECT min((SELECT min(key) FROM clicks WHERE program_id = ?1 AND partner_id = partners.id)) AS key FROM partners`;

const programsWhere = (which: string) => `SELECT p.id AS programId, p.clock_offset_ms AS clockOffsetMs, max(
    coalesce((SELECT max(window_days) FROM policies WHERE program_id = p.id), 0),
    coalesce((SELECT max(window_days) FROM policy_overrides WHERE program_id = p.id), 0)) AS windowDays
  FROM programs AS p ${which} ORDER BY p.id`;

export function createUpkeep(db: D1Database, clicks: D1Database): Upkeep {
  const span = (day: number) => [firstId(day * DAY_MS), firstId((day + 1) * DAY_MS)] as const;
  return {
    async programs(programId) {
      const asked = programId
        ? db.prepare(programsWhere('WHERE p.id = ?')).bind(programId)
        : db.prepare(programsWhere(''));
      return (await asked.all<AgeingProgram>()).results;
    },
    summedThrough: (programId) =>
      clicks.prepare('SELECT through_day FROM click_rollups WHERE program_id = ?').bind(programId).first('through_day'),
    async oldestDay(programId) {
      const key = await clicks.prepare(OLDEST).bind(programId).first<string | null>('key');
      return key === null ? null : Math.floor(idTime(key) / DAY_MS);
    },
    async sumDay(programId, day) {
      await clicks.batch([
        clicks.prepare(SUM).bind(programId, day, ...span(day)),
        clicks.prepare(SUMMED).bind(programId, day + 1),
      ]);
    },
    async retireDay(programId, day, limit) {
      const [, retired] = await clicks.batch([
        clicks.prepare(SUM_AGAIN).bind(programId, day, ...span(day)),
        clicks.prepare(RETIRE).bind(programId, limit, ...span(day)),
      ]);
      return retired?.meta.changes ?? 0;
    },
    async retireTouches(programId, { initial, before, limit }) {
      const next = String.fromCharCode(initial.charCodeAt(0) + 1);
      const { meta } = await clicks
        .prepare(RETIRE_TOUCHES)
        .bind(programId, initial, next, firstId(before), limit)
        .run();
      return meta.changes;
    },
    async sweep(before, programId) {
      if (programId) {
        const ahead = 'SELECT clock_offset_ms FROM programs WHERE id = ?1';
        await db.batch([
          db.prepare(`DELETE FROM answers WHERE program_id = ?1 AND at < ?2 + (${ahead})`).bind(programId, before),
          db.prepare('DELETE FROM handovers WHERE program_id = ?1 AND used_at < ?2').bind(programId, before),
        ]);
        return;
      }
      await db.batch([
        db.prepare('DELETE FROM answers WHERE at < ?').bind(before),
        db
          .prepare(
            `DELETE FROM answers WHERE program_id IN (SELECT id FROM programs WHERE clock_offset_ms > 0)
              AND at < ? + (SELECT clock_offset_ms FROM programs WHERE id = program_id)`,
          )
          .bind(before),
        db.prepare('DELETE FROM handovers WHERE used_at < ?').bind(before),
      ]);
    },
  };
}
