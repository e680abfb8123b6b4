/** What runs by the clock: a table, expression → flows. The expressions stand in `wrangler.toml` too. */
import { tellable } from '../core/fault.ts';
import type { ProgramId } from '../core/id.ts';
import type { Deps } from '../deps.ts';
import { sweepSignIns } from '../flows/enter.ts';
import { reseal } from '../flows/reseal.ts';
import { sealAudit } from '../flows/seal-audit.ts';
import { upkeep, upkeepOf } from '../flows/upkeep.ts';

export const CRONS: Readonly<Record<string, readonly ((deps: Deps) => Promise<void>)[]>> = {
  '17 * * * *': [upkeep, sweepSignIns, reseal],
  '* * * * *': [sealAudit],
};

/** What of it falls due for one program alone, when a sandbox's clock is moved. */
const DUE: readonly ((deps: Deps, programId: ProgramId) => Promise<void>)[] = [upkeepOf];

export async function runDue(programId: ProgramId, deps: Deps): Promise<void> {
  for (const flow of DUE) await flow(deps, programId);
}

/** Runs every flow of an expression; one that fails stops no other, and the run is told as failed. */
export async function runCron(cron: string, deps: Deps): Promise<void> {
  const failures: unknown[] = [];
  for (const flow of CRONS[cron] ?? []) {
    try {
      await flow(deps);
    } catch (cause) {
      console.error(`${flow.name} failed`, tellable(cause));
      failures.push(cause);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, `${cron}: ${failures.length} failed`);
}
