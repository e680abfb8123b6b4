/** Asking the policy table from within a story: some acts are known only once it has been read what they are done to. */
import { type Act, type Asker, decide } from '../core/access.ts';
import type { Refusal } from '../core/result.ts';
import type { Deps } from '../deps.ts';
import { outside } from './tries.ts';

/** Why this asker may not do this now; null: they may. */
export function forbidden(deps: Deps, asker: Asker, act: Act): Refusal | null {
  const verdict = decide(asker, act, { now: outside(deps) });
  return verdict.may ? null : refusalOf(verdict);
}

/** A verdict's `no`, as it is told. */
export const refusalOf = (verdict: Exclude<ReturnType<typeof decide>, { may: true }>): Refusal =>
  verdict.why === 'missing_scope' ? { code: verdict.why, scope: verdict.scope } : { code: verdict.why };
