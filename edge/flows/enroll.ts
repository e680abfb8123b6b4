/**
 * A program changes how it credits. Versions are never edited: a change is a new one, from a moment on.
 */
import { inForce, type Policy } from '../core/attribution.ts';
import type { ProgramId } from '../core/id.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Deps } from '../deps.ts';

const MAX_TRIES = 4;

/** What of a policy changes; what is left out stays as in force when the change begins. */
export type PolicyChange = {
  readonly [Field in keyof Omit<Policy, 'version' | 'startsAt'>]?: Policy[Field] | undefined;
};

/**
 * Saves a new version of the program's policy: 1 it may not begin in the past, but in a sandbox, 2 it is made from the
 * version in force when it begins, 3 it takes the next number; if somebody else took that first: again.
 */
export async function setPolicy(
  deps: Deps,
  given: { programId: ProgramId; startsAt: number | undefined; change: PolicyChange },
): Promise<Result<Policy>> {
  const { programId } = given;
  const now = deps.now();
  const startsAt = given.startsAt ?? now;
  const program = await deps.store.program(programId);
  if (startsAt < now && program?.mode !== 'sandbox') {
    return err({ code: 'invalid', errors: [{ pointer: '/startsAt', detail: 'now or later' }] });
  }
  const change = Object.fromEntries(Object.entries(given.change).filter(([, value]) => value !== undefined));
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const saved = await deps.store.policies(programId);
    const version = Math.max(...saved.map((one) => one.version)) + 1;
    const policy: Policy = { ...inForce(saved, startsAt), ...change, version, startsAt };
    if ((await deps.store.commit([{ kind: 'policy', programId, savedAt: now, policy }])) === 'done') return ok(policy);
  }
  throw new Error(`policies of ${programId} kept moving`);
}
