/**
 * The hourly round: 1 closed days of clicks are summed, 2 clicks and touches too old for any order go, 3 so does what was
 * kept for a day. Every step is bounded and may be cut off or repeated: the next round goes on from the rows themselves.
 */
import { DAY_MS } from '../core/attribution.ts';
import type { ProgramId } from '../core/id.ts';
import type { AgeingProgram, Deps } from '../deps.ts';

const HOUR_MS = 3_600_000;
/** A click may still be landed with for a day, and counts or not by what came before: its day is summed after that. */
const OPEN_DAYS = 2;
/** Summed anew each night for so long, for clicks that arrive late (an outage, the queue). */
const SETTLING_DAYS = 7;
/** Beyond the longest window: orders are told of up to 90 days late. */
const KEPT_DAYS = 120;

/** What one round does at most: a Worker may ask D1 a thousand times, and a program's night takes some twenty. */
const PROGRAMS_A_ROUND = 40;
const DAYS_A_ROUND = 40;
const DELETES_A_ROUND = 50;
const ROWS_A_DELETE = 10_000;

/** What a visitor's id may begin with: touches are kept by visitor, and old ones are looked for one letter a round. */
const INITIALS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

export async function upkeep(deps: Deps): Promise<void> {
  const round = Math.floor(deps.now() / HOUR_MS);
  const programs = await deps.upkeep.programs();
  // With very many programs each has its turn every few rounds, and then the next letter.
  const turns = Math.max(1, Math.ceil(programs.length / PROGRAMS_A_ROUND));
  const first = (round % turns) * PROGRAMS_A_ROUND;
  const initial = INITIALS.charAt(Math.floor(round / turns) % INITIALS.length);
  for (const program of programs.slice(first, first + PROGRAMS_A_ROUND)) await keep(deps, program, initial);
  await deps.upkeep.sweep(deps.now() - DAY_MS);
}

/** The round of one program whose clock was moved, with `deps` by the time outside. It is nobody else's. */
export async function upkeepOf(deps: Deps, programId: ProgramId): Promise<void> {
  const [program] = await deps.upkeep.programs(programId);
  if (program) await keep(deps, program, INITIALS.charAt(0));
  await deps.upkeep.sweep(deps.now() - DAY_MS, programId);
}

async function keep(deps: Deps, program: AgeingProgram, initial: string): Promise<void> {
  const today = Math.floor((deps.now() + program.clockOffsetMs) / DAY_MS);
  await sum(deps, program, today - OPEN_DAYS);
  await retire(deps, program, today - program.windowDays - KEPT_DAYS, initial);
}

/** Sums days up to that one, once it is closed; a day that closes has those before it, still settling, summed anew. */
async function sum({ upkeep }: Deps, { programId }: AgeingProgram, closed: number): Promise<void> {
  const through = await upkeep.summedThrough(programId);
  if (through !== null && through >= closed) return;
  const first = through === null ? await upkeep.oldestDay(programId) : through - SETTLING_DAYS;
  if (first === null) return;
  const last = Math.min(closed, first + DAYS_A_ROUND);
  for (let day = first; day < last; day++) await upkeep.sumDay(programId, day);
}

/** Deletes what is from before that day: clicks whose sum has settled, and touches. */
async function retire({ upkeep }: Deps, { programId }: AgeingProgram, before: number, initial: string): Promise<void> {
  const settled = ((await upkeep.summedThrough(programId)) ?? 0) - SETTLING_DAYS;
  for (let deletes = 0; deletes < DELETES_A_ROUND; deletes++) {
    const day = await upkeep.oldestDay(programId);
    if (day === null || day >= Math.min(before, settled)) break;
    await upkeep.retireDay(programId, day, ROWS_A_DELETE);
  }
  for (let deletes = 0; deletes < DELETES_A_ROUND; deletes++) {
    const old = { initial, before: before * DAY_MS, limit: ROWS_A_DELETE };
    if ((await upkeep.retireTouches(programId, old)) < ROWS_A_DELETE) break;
  }
}
