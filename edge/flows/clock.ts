/**
 * A sandbox's clock: it runs on, some way ahead of the time outside, and can be moved forward, so that what takes weeks
 * can be tried in a minute. Every "now" of the program reads it, but for the revoking of keys.
 */
import { DAY_MS } from '../core/attribution.ts';
import type { ProgramId } from '../core/id.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Deps, Seal } from '../deps.ts';
import { audited, iso } from './audit.ts';

const MAX_AHEAD_YEARS = 10;
const MAX_AHEAD_MS = MAX_AHEAD_YEARS * 365 * DAY_MS;

/** Moves the clock to `to`, in ms; of two at once the later moment holds. */
export async function moveClock(
  deps: Deps,
  given: { programId: ProgramId; to: number; seal?: Seal<{ now: number }> },
): Promise<Result<{ now: number }>> {
  const { programId, to } = given;
  const program = await deps.store.program(programId);
  if (program?.mode !== 'sandbox') return err({ code: 'sandbox_only' });
  const now = deps.now();
  const offsetMs = to - (now - deps.aheadMs);
  const refuse = (detail: string) => err({ code: 'invalid', errors: [{ pointer: '/now', detail }] });
  if (to < now) return refuse(`${new Date(now).toISOString()} or later: the clock only moves forward`);
  if (offsetMs > MAX_AHEAD_MS) return refuse(`at most ${MAX_AHEAD_YEARS} years ahead of the time outside`);
  const made = { now: to };
  const entry = await audited(deps, programId, {
    ...{ act: 'clock.moved', subject: `program:${programId}` },
    ...{ before: { now: iso(now) }, after: { now: iso(to) } },
  });
  await deps.store.commit([{ kind: 'clock', programId, offsetMs }, entry, ...((await given.seal?.(made)) ?? [])]);
  return ok(made);
}
