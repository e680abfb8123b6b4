/**
 * An order or a lead arrives: one order once, whatever is doubled or concurrent.
 */
import type { ConversionId, ProgramId } from '../core/id.ts';
import { type CustomerClaim, customerNames, hashesOf, keptAs } from '../core/identity.ts';
import { ZERO } from '../core/money.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Click } from '../core/token.ts';
import type { Change, ConversionRecord, ConversionRow, Deps, Seal, Source } from '../deps.ts';
import { type Facts, type Judged, judge, read } from './judge.ts';
import { lateMatch } from './late.ts';
import { bodyOf, type OrderCall, sayingOf, type Told, understand } from './order.ts';
import { timeFlaw } from './time.ts';
import { bare } from './track.ts';

/** A server's word outranks a browser's. */
const RANK: Record<Source, number> = { browser: 0, server: 1 };
const MAX_TRIES = 4;
/** Orders of a list that are read and written together. */
const TOGETHER = 100;

export interface Converted {
  readonly record: ConversionRecord;
  readonly outcome: 'created' | 'duplicate' | 'corrected';
}

interface Caller {
  readonly programId: ProgramId;
  readonly source: Source;
  /** Keeps the answer to one order along with it; a list's is kept by its door. */
  readonly seal?: Seal<Converted> | undefined;
}

/**
 * Records an order.
 *
 * 1. understand it: what it is worth, whose it is
 * 2. read what decides
 * 3. an order already told is answered from what stands; a higher-ranked voice corrects it
 * 4. core decides; order, commissions and the ledger's posting are committed in one batch
 * 5. if somebody else was first, the batch is refused whole: again from 2
 * 6. what the order tells of its customer may complete an earlier one
 */
export async function convert(deps: Deps, { call, ...by }: Caller & { call: OrderCall }): Promise<Result<Converted>> {
  const told = await understand(deps, { ...by, call });
  return told.ok ? settle(deps, told.value, by) : told;
}

/**
 * Records a list of orders as if they came one after the other; each has its own answer. Neighbours that have nothing
 * in common are read and committed together; whatever cannot be settled so is settled by itself.
 */
export async function convertAll(
  deps: Deps,
  { calls, ...by }: Caller & { calls: readonly Result<OrderCall>[] },
): Promise<Result<Converted>[]> {
  const understood = await Promise.all(
    calls.map((call) => (call.ok ? understand(deps, { ...by, call: call.value }) : call)),
  );
  const results: Result<Converted>[] = [];
  while (results.length < understood.length) {
    const group = unrelated(understood.slice(results.length, results.length + TOGETHER));
    const settled = await together(deps, group, by);
    for (const [index, one] of group.entries()) {
      results.push(settled[index] ?? (one.ok ? await settle(deps, one.value, by) : one));
    }
  }
  return results;
}

/** A lead is a conversion of amount 0 in the program's currency; without an order id there is one per customer. */
export async function lead(
  deps: Deps,
  given: { programId: ProgramId; customer: CustomerClaim; orderId: string | undefined; visitorId: string },
): Promise<Result<Converted>> {
  const { programId, customer, visitorId } = given;
  const { hashKeys } = deps.secrets;
  const names = await customerNames(customer, programId, hashKeys);
  // A key that never was changed has one hash for each name.
  const changed = given.orderId === undefined && (hashKeys.keys.size > 1 || hashKeys.current !== 0);
  const [program, known] = await Promise.all([
    deps.store.program(programId),
    changed ? deps.store.customers(programId, hashesOf(names)) : [],
  ]);
  if (!program) throw new Error(`program ${programId} is gone`);
  const [key] = keptAs(names, known).keys;
  const orderId = given.orderId ?? `lead-${key?.hash.slice(0, 32)}`;
  const call = { orderId, event: 'lead', currency: program.currency, amount: ZERO, customer, visitorId };
  return convert(deps, { programId, source: 'browser', call: { ...call, items: [], codes: [], taxIncluded: false } });
}

async function settle(deps: Deps, told: Told, by: Caller): Promise<Result<Converted>> {
  const { programId } = told;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const now = deps.now();
    const last = tries === MAX_TRIES - 1;
    const facts = await readOne(deps, told);
    const { existing } = facts;
    if (!existing) {
      const refused = flawOf(told, facts, now);
      if (refused) return refused;
      const judged = await judge(deps, { ...by, told, facts, before: null, now, last });
      const made: Converted = { record: judged.record, outcome: 'created' };
      if (await committed(deps, judged, { claimed: facts.claimed, answer: await by.seal?.(made) })) {
        await lateMatch(deps, programId, openBeside(facts, judged));
        return ok(made);
      }
      continue;
    }

    const before = await deps.store.conversion(programId, { id: existing.id });
    if (!before) throw new Error(`conversion ${existing.id} is gone`);
    // As it stands by now: somebody may have corrected it since the facts were read.
    const { conversion: stands, commissions } = before;
    const contradicts = told.source === stands.source && bodyOf(told, facts.kept.keys) !== stands.body;
    if (contradicts) return conflict(stands);
    if (RANK[told.source] <= RANK[stands.source]) {
      // Told again, perhaps because the first answer was lost before what it completes was looked at.
      await lateMatch(deps, programId, facts.open);
      return ok({ record: before, outcome: 'duplicate' });
    }
    if (commissions.some((one) => one.status !== 'pending')) return conflict(stands);
    const refused = flawOf(told, facts, now);
    if (refused) return refused;
    const merged = merge(told, facts.claimed, stands);
    const again = await readOne(deps, merged);
    const judged = await judge(deps, { ...by, told: merged, facts: again, before, now, last });
    const made: Converted = { record: judged.record, outcome: 'corrected' };
    if (await committed(deps, judged, { claimed: facts.claimed, answer: await by.seal?.(made) })) {
      await lateMatch(deps, programId, openBeside(again, judged));
      return ok(made);
    }
  }
  throw new Error(`order ${told.orderId} kept moving`);
}

/** Those of a group that are new, read and committed at once; empty where one must be settled by itself. */
async function together(
  deps: Deps,
  group: readonly Result<Told>[],
  by: Caller,
): Promise<(Result<Converted> | undefined)[]> {
  const now = deps.now();
  const tolds = group.flatMap((one) => (one.ok ? one.value : []));
  if (tolds.length < 2) return [];
  const facts = await read(deps, by.programId, tolds);
  const factsOf = new Map(tolds.map((told, index) => [told, facts[index]]));
  const seenBefore = new Set<string>();
  const judged = await Promise.all(
    group.map(async (one) => {
      const known = one.ok ? factsOf.get(one.value) : undefined;
      if (!one.ok || !known) return undefined;
      // A neighbour may be telling of the same person by another name, or who used one of this person's browsers.
      const seen = seenBy(one.value, known);
      const entangled = seen.some((name) => seenBefore.has(name));
      for (const name of seen) seenBefore.add(name);
      if (known.existing || entangled || known.open.length > 0 || flawOf(one.value, known, now)) return undefined;
      return { ...(await judge(deps, { ...by, told: one.value, facts: known, before: null, now })), known };
    }),
  );
  const fresh = judged.filter((one) => one !== undefined);
  const commit = await deps.store.commit(fresh.flatMap((one) => one.changes));
  if (commit === 'moved') return [];
  await repair(
    deps,
    fresh.flatMap((one) => one.known.claimed ?? []),
  );
  return judged.map((one) => one && ok({ record: one.record, outcome: 'created' }));
}

/** The people and browsers that an order is about, as they are known before it. */
function seenBy({ visitorId }: Told, { kept, customerId, reached }: Facts): string[] {
  const named = kept.known.filter((one) => kept.keys.some((key) => key.hash === one.hash));
  return [
    ...named.map((one) => one.customerId),
    ...reached.map((one) => one.visitorId),
    ...[customerId, visitorId].filter((one) => one !== null),
  ];
}

/** The longest head of a list whose orders share no order id, customer, browser or subscription. */
function unrelated(list: readonly Result<Told>[]): readonly Result<Told>[] {
  const taken = new Set<string>();
  const end = list.findIndex((one) => {
    if (!one.ok) return false;
    const { orderId, visitorId, names: named, renewalOf } = one.value;
    const names = [`order ${orderId}`, ...(renewalOf === null ? [] : [`order ${renewalOf}`])];
    if (visitorId) names.push(`visitor ${visitorId}`);
    names.push(...named.map(({ hashes: [hash] }) => `key ${hash}`));
    const shares = names.some((name) => taken.has(name));
    for (const name of names) taken.add(name);
    return shares;
  });
  return end < 0 ? list : list.slice(0, end);
}

async function readOne(deps: Deps, told: Told): Promise<Facts> {
  const [facts] = await read(deps, told.programId, [told]);
  if (!facts) throw new Error(`nothing read of order ${told.orderId}`);
  return facts;
}

async function committed(
  deps: Deps,
  { changes }: Judged,
  { claimed, answer = [] }: { claimed: Click | null; answer: readonly Change[] | undefined },
): Promise<boolean> {
  const commit = deps.store.commit([...changes, ...answer]);
  const [done] = await Promise.all([commit, repair(deps, claimed ? [claimed] : [])]);
  return done === 'done';
}

/** Orders that stand without credit and share a customer or browser with one that says something new of these. */
function openBeside({ open, edges }: Facts, { record, changes }: Judged): ConversionId[] {
  const known = (one: Change & { kind: 'identity' }) =>
    edges.some((edge) => edge.hash === one.hash && edge.visitorId === one.visitorId && edge.proven >= one.proven);
  const news = changes.some((one) => one.kind === 'customer' || (one.kind === 'identity' && !known(one)));
  return news ? open.filter((id) => id !== record.conversion.id) : [];
}

/**
 * The server's word, and what it left open as the page told it. A server that names the click or the visitor has said
 * who came: then nothing of the page's story counts, since anybody can tell one in advance for an order number that
 * is easy to guess. What does rest on the page is marked as hearsay: a note beside the reason, and no proof of who the
 * customer is. A token that proves nothing names no click. A customer the server names is dated by the server too.
 */
function merge(told: Told, claimed: Click | null, existing: ConversionRow): Told {
  if (claimed || told.visitorId !== null || told.denied) return told;
  return {
    ...told,
    clickId: sayingOf(existing).clickId,
    unproven: told.clickId !== null,
    visitorId: existing.visitorId,
    occurredAt: told.occurredAt ?? (told.names.length > 0 ? null : existing.occurredAt),
    hearsay: true,
  };
}

/** Clicks whose rows were lost are repaired for the reports; the order does not wait on it succeeding. */
const repair = async (deps: Deps, clicks: readonly Click[]): Promise<void> => {
  if (clicks.length > 0) await deps.clicks.record(clicks.map(bare)).catch(() => undefined);
};

/** What the order names must be there, and its time must be one that it can have happened at. */
function flawOf(told: Told, facts: Facts, now: number) {
  const refuse = (pointer: string, detail: string) => err({ code: 'invalid', errors: [{ pointer, detail }] });
  if (told.partner !== null && !facts.forced) return refuse('/partner', 'a partner of this program');
  if (told.renewalOf !== null && !facts.renewed) {
    return refuse('/renewalOf', 'an order told before; leave it out where the first one never was');
  }
  return timeFlaw(told.occurredAt, now, facts.mode);
}

const conflict = ({ event, orderId }: ConversionRow) => err({ code: 'order_conflict', event, orderId });
