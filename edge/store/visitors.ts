/** D1: what is known of browsers beside their clicks, and of the pages that tell of them. Every write may be repeated. */
import type { ProgramId, VisitorId } from '../core/id.ts';
import type { SightingKind, sightings } from './schema.ts';

export type { SightingKind } from './schema.ts';
export type Sighting = Pick<typeof sightings.$inferSelect, 'kind' | 'lastAt' | 'detail'>;

export interface Visitors {
  /** False, and nothing is written, when this hand-over was used before. Copies at most 500 touches, the newest. */
  join(handover: {
    programId: ProgramId;
    nonce: string;
    at: number;
    from: VisitorId | null;
    to: VisitorId;
  }): Promise<boolean>;
  /** Forgets what a browser touched and who used it. */
  unlink(programId: ProgramId, visitorId: VisitorId): Promise<void>;
  /** The longest time that a click of the program may count for. */
  longestWindowDays(programId: ProgramId): Promise<number>;
  /** Something of a program's set-up works: written once in ten minutes, and never in anybody's way. */
  sighted(programId: ProgramId, sighting: { kind: SightingKind; at: number; detail: string | null }): Promise<void>;
  sightings(programId: ProgramId): Promise<Sighting[]>;
}

/** An order reads no more of them. */
const MAX_TOUCHES = 500;
/** Longer than a hand-over is good for: what was used before that is refused for its age. */
const KEPT_MS = 10 * 60_000;
const SIGHTED_MS = 10 * 60_000;
const MAX_SIGHTED = 5_000;
const WINDOW_TTL_MS = 10 * 60_000;

const COPY_TOUCHES = `INSERT INTO touches (program_id, visitor_id, click_key, partner_id, link_id, class)
   SELECT program_id, ?3, click_key, partner_id, link_id, class FROM touches
   WHERE program_id = ?1 AND visitor_id = ?2 ORDER BY click_key DESC LIMIT ${MAX_TOUCHES}
   ON CONFLICT DO NOTHING`;
const COPIES = [
  `INSERT INTO identities (program_id, hash, visitor_id, last_at, proven)
   SELECT program_id, hash, ?3, last_at, proven FROM identities
   WHERE program_id = ?1 AND visitor_id = ?2
     AND hash IN (SELECT hash FROM identifications WHERE program_id = ?1 AND visitor_id = ?2)
   ON CONFLICT (program_id, hash, visitor_id)
   DO UPDATE SET last_at = max(last_at, excluded.last_at), proven = max(proven, excluded.proven)`,
  `INSERT INTO identifications (program_id, visitor_id, at, hash)
   SELECT program_id, ?3, at, hash FROM identifications WHERE program_id = ?1 AND visitor_id = ?2
   ON CONFLICT DO NOTHING`,
];

/** `clicks`: the database of touches, where they have one of their own. */
export function createVisitors(d1: D1Database, clicks: D1Database, now: () => number): Visitors {
  const lastSighted = new Map<string, number>();
  const windows = new Map<ProgramId, { days: number; until: number }>();
  return {
    async join({ programId, nonce, at, from, to }) {
      const prepare = (sql: string, ...values: unknown[]) => d1.prepare(sql).bind(...values);
      const other = from && from !== to ? from : null;
      const touches = other ? [clicks.prepare(COPY_TOUCHES).bind(programId, other, to)] : [];
      try {
        await d1.batch([
          // The key refuses the second one, and with it the whole batch.
          prepare('INSERT INTO handovers (program_id, nonce, used_at) VALUES (?, ?, ?)', programId, nonce, at),
          prepare('DELETE FROM handovers WHERE program_id = ? AND used_at < ?', programId, at - KEPT_MS),
          ...(other ? COPIES.map((sql) => prepare(sql, programId, other, to)) : []),
          ...(clicks === d1 ? touches : []),
        ]);
        if (clicks !== d1 && touches.length > 0) await clicks.batch(touches);
        return true;
      } catch (cause) {
        if (/UNIQUE constraint failed: handovers/.test(String(cause))) return false;
        throw cause;
      }
    },

    async unlink(programId, visitorId) {
      const each = [
        `DELETE FROM identities WHERE program_id = ?1 AND visitor_id = ?2
         AND hash IN (SELECT hash FROM identifications WHERE program_id = ?1 AND visitor_id = ?2)`,
        'DELETE FROM identifications WHERE program_id = ?1 AND visitor_id = ?2',
      ];
      // Twice is harmless: what is left of a first try that was cut short goes with the next.
      await clicks
        .prepare('DELETE FROM touches WHERE program_id = ?1 AND visitor_id = ?2')
        .bind(programId, visitorId)
        .run();
      await d1.batch(each.map((sql) => d1.prepare(sql).bind(programId, visitorId)));
    },

    async longestWindowDays(programId) {
      const known = windows.get(programId);
      if (known && known.until > now()) return known.days;
      const found = await d1
        .prepare(
          `SELECT max(window_days) AS days FROM (SELECT window_days FROM policies WHERE program_id = ?1
           UNION ALL SELECT window_days FROM policy_overrides WHERE program_id = ?1)`,
        )
        .bind(programId)
        .first<{ days: number | null }>();
      const days = found?.days ?? 0;
      windows.set(programId, { days, until: now() + WINDOW_TTL_MS });
      return days;
    },

    async sighted(programId, { kind, at, detail }) {
      const name = `${programId} ${kind}`;
      const before = lastSighted.get(name);
      // The clock of a sandbox may be set anywhere.
      if (before !== undefined && Math.abs(at - before) < SIGHTED_MS) return;
      if (lastSighted.size >= MAX_SIGHTED) lastSighted.clear();
      lastSighted.set(name, at);
      await d1
        .prepare(
          `INSERT INTO sightings (program_id, kind, last_at, detail) VALUES (?, ?, ?, ?)
           ON CONFLICT (program_id, kind)
           DO UPDATE SET last_at = max(last_at, excluded.last_at), detail = coalesce(excluded.detail, detail)`,
        )
        .bind(programId, kind, at, detail)
        .run()
        .catch((cause: unknown) => console.error('sighting not stored', cause));
    },

    async sightings(programId) {
      const { results } = await d1
        .prepare('SELECT kind, last_at AS lastAt, detail FROM sightings WHERE program_id = ? ORDER BY kind')
        .bind(programId)
        .all<Sighting>();
      return results;
    },
  };
}
