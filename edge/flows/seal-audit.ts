/**
 * The log is sealed each minute: entries that wait get their numbers and their links, some hundreds a step. A step may be
 * cut off, repeated or raced: whoever is second finds the numbers taken and leaves the rest to the first.
 */
import { linksOf, startOf } from '../core/audit.ts';
import type { ProgramId } from '../core/id.ts';
import type { Deps } from '../deps.ts';
import { outside } from './tries.ts';

const MINUTE_MS = 60_000;
/** What one round does at most; each step asks the database twice. */
const PROGRAMS_A_ROUND = 50;
const STEPS_A_ROUND = 100;
const ENTRIES_A_STEP = 500;

export async function sealAudit(deps: Deps): Promise<void> {
  const waiting = await deps.audit.programs();
  // With very many programs each has its turn every few minutes.
  const turns = Math.max(1, Math.ceil(waiting.length / PROGRAMS_A_ROUND));
  const first = (Math.floor(outside(deps) / MINUTE_MS) % turns) * PROGRAMS_A_ROUND;
  let steps = STEPS_A_ROUND;
  for (const programId of waiting.slice(first, first + PROGRAMS_A_ROUND)) {
    steps -= await sealProgram(deps, programId, Math.max(1, steps));
  }
}

/** Seals what waits in one program, in so many steps at most; answers how many it took. */
async function sealProgram(deps: Deps, programId: ProgramId, steps: number): Promise<number> {
  for (let step = 1; step <= steps; step++) {
    const { head, entries } = await deps.audit.open(programId, ENTRIES_A_STEP);
    if (entries.length === 0) return step;
    // One that has its link already was put back by somebody's hand; its link stands, and tells what was altered.
    const fresh = entries.filter((one) => !one.linked).map((one) => one.entry);
    const links = await linksOf(head ?? startOf(programId), fresh, deps.secrets.authKeys);
    const settled = entries.map((one) => one.entry.id);
    const done = await deps.store.commit([{ kind: 'seals', programId, at: outside(deps), links, settled }]);
    if (done === 'moved' || entries.length < ENTRIES_A_STEP) return step;
  }
  return steps;
}
