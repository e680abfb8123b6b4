/**
 * What arrives after an order may complete it: a click made before it, or word of who used a browser. Orders that nobody
 * earned are looked at again while they are held; orders with credit never are, except that proof may come.
 */
import { DAY_MS, inForce, OPEN_REASONS } from '../core/attribution.ts';
import type { ConversionId, ProgramId, VisitorId } from '../core/id.ts';
import type { Change, ConversionRecord, Deps } from '../deps.ts';
import { judge, read } from './judge.ts';
import { type Told, toldAgain } from './order.ts';

/** Something was told of these browsers and keys: looks again at the orders it may complete. */
export const lookAgain = async (
  deps: Deps,
  told: { programId: ProgramId; visitors: readonly VisitorId[]; hashes: readonly string[]; rows?: number },
): Promise<void> => lateMatch(deps, told.programId, await deps.store.openOrders({ ...told, now: deps.now() }));

/** Looks again at orders that still may change. Whatever moves meanwhile is left as it stands. */
export async function lateMatch(deps: Deps, programId: ProgramId, ids: readonly ConversionId[]): Promise<void> {
  for (const id of ids) {
    const before = await deps.store.conversion(programId, { id });
    if (!before) continue;
    const { conversion } = before;
    const told = toldAgain(conversion);
    const [facts] = await read(deps, programId, [told]);
    if (!facts) continue;
    const now = deps.now();
    const { restsOn } = conversion.explanation;
    if (restsOn) {
      const proven = new Set(facts.reached.filter((one) => one.proven).map((one) => one.visitorId));
      const stands = conversion.source === 'server' && restsOn.every((one) => proven.has(one));
      if (stands) await deps.store.commit([verified(before), ...binding(before, told)]);
      continue;
    }
    const { holdDays } = inForce(facts.policies, conversion.occurredAt);
    if (!OPEN_REASONS.includes(conversion.reason) || now > conversion.receivedAt + holdDays * DAY_MS) continue;
    const { record, changes } = await judge(deps, { told, facts, before, now, late: true });
    if (record.commissions.length > 0) await deps.store.commit(changes);
  }
}

const verified = ({ conversion: { programId, id, version } }: ConversionRecord): Change => ({
  ...{ kind: 'verified', programId, id, version },
});

/** Under `customer_lock`, an order that is verified only now binds a customer who is unbound still. */
function binding({ conversion, commissions: [earner] }: ConversionRecord, { hearsay }: Told): Change[] {
  const { programId, customerId, model, occurredAt, explanation } = conversion;
  if (model !== 'customer_lock' || explanation.step !== 'pool' || hearsay || !customerId || !earner) return [];
  const { partnerId } = earner;
  return [{ kind: 'lock', programId, customerId, partnerId, boundAt: occurredAt, instead: null }];
}
