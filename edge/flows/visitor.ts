/** A browser is recognized on another of the shop's domains, or is no longer to be. */
import { HANDOVER_MS, open, seal } from '../core/handover.ts';
import type { ProgramId, VisitorId } from '../core/id.ts';
import type { Deps } from '../deps.ts';

/** A word that makes the next domain know this visitor. */
export const handOver = (deps: Deps, { programId, visitorId }: { programId: ProgramId; visitorId: VisitorId }) =>
  seal({ programId, visitorId, at: deps.now() }, deps.random(12), deps.secrets.tokenKeys);

/**
 * A page was reached with a hand-over: 1 it is ours, of this program, fresh, and came straight from a page of the shop,
 * 2 it was never used, 3 this browser is the handing visitor from now on, and what it had before is theirs, too. Else
 * the visitor it was before. Only this joins browsers: a link that somebody passes on does not.
 */
export async function takeOver(
  deps: Deps,
  arrival: { programId: ProgramId; visitorId: VisitorId | null; word: string; fromShop: boolean },
): Promise<VisitorId | null> {
  const { programId, visitorId, word, fromShop } = arrival;
  const given = await open(word, deps.secrets.tokenKeys);
  const now = deps.now();
  if (!fromShop || given?.programId !== programId || now - given.at > HANDOVER_MS || given.at > now) return visitorId;
  const { nonce, visitorId: to } = given;
  const taken = await deps.visitors.join({ programId, nonce, at: now, from: visitorId, to });
  return taken ? to : visitorId;
}

/** A visitor withdraws consent: nothing ties the browser to a click or a customer any more. */
export const withdraw = (deps: Deps, { programId, visitorId }: { programId: ProgramId; visitorId: VisitorId }) =>
  deps.visitors.unlink(programId, visitorId);
