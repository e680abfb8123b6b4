/** When a caller may say that something happened. */
import { DAY_MS } from '../core/attribution.ts';
import { err } from '../core/result.ts';
import type { ProgramMode } from '../deps.ts';

const OLDEST_DAYS = 90;
const OLDEST_MS = OLDEST_DAYS * DAY_MS;
const AHEAD_MINUTES = 10;
const AHEAD_MS = AHEAD_MINUTES * 60_000;

/** When something may have happened: not long ago, but in a sandbox, and not ahead of the clock. */
export function timeFlaw(occurredAt: number | null, now: number, mode: ProgramMode) {
  const refuse = (detail: string) => err({ code: 'invalid', errors: [{ pointer: '/occurredAt', detail }] });
  if (occurredAt === null) return null;
  if (occurredAt > now + AHEAD_MS) return refuse(`at most ${AHEAD_MINUTES} minutes ahead of now`);
  if (mode === 'live' && occurredAt < now - OLDEST_MS) return refuse(`at most ${OLDEST_DAYS} days ago`);
  return null;
}
