/**
 * A second, deliberately plain telling of who earns an order, written from the rules and not from the engine: the engine
 * is held against it on random journeys. It takes nothing from the engine but types and the time inside a click's id,
 * so that one mistake cannot be made in both places by sharing a helper.
 */

import type {
  Enrollment,
  Journey,
  Lock,
  Model,
  Policy,
  Reason,
  Share,
  Touch,
  Verdict,
  Weights,
} from '../../edge/core/attribution.ts';
import { type ClickKey, idTime, makeId, type PartnerId } from '../../edge/core/id.ts';
import { journeyOf, policyOf } from '../support/journeys.ts';

export interface Answer {
  readonly reason: Reason;
  readonly step: Verdict['step'];
  readonly policyVersion: number;
  readonly shares: readonly Share[];
  readonly binds: PartnerId | null;
}

const DAY = 24 * 60 * 60 * 1000;

/** One click, however often it was told. */
interface Click {
  readonly key: ClickKey;
  readonly at: number;
  readonly partnerId: PartnerId;
  readonly class: Touch['class'];
  landed: boolean;
}

export function oracle(journey: Journey): Answer {
  const order = journey.occurredAt;
  const policy = inForce(journey.policies, order);
  const policyVersion = policy.version;
  const nobody = (reason: Reason): Answer => ({ reason, step: 'nobody', policyVersion, shares: [], binds: null });

  // Step 4: the customer already belongs to a partner.
  if (policy.model === 'customer_lock' && journey.lock !== null && lockHolds(journey, journey.lock)) {
    const shares = [{ partnerId: journey.lock.partnerId, shareMicros: 1_000_000 }];
    return { reason: 'customer_lock', step: 'customer_lock', policyVersion, shares, binds: null };
  }

  // Step 5: which clicks may earn at all, each tested for one flaw after the other; the first flaw found is its flaw.
  let pool: Click[] = [];
  let someNotEnrolled = false;
  let someTooOld = false;
  for (const click of distinctClicks(journey.touches)) {
    const windowDays = inForce(journey.policies, click.at).windowDays;
    if (click.class === 'refused') continue;
    if (click.class === 'suspect' && !click.landed) continue;
    if (click.at > order) continue;
    if (order > click.at + windowDays * DAY) {
      someTooOld = true;
    } else if (!enrollmentCounts(journey, click)) {
      someNotEnrolled = true;
    } else {
      pool.push(click);
    }
  }

  // Step 6, where no click was fit.
  if (pool.length === 0) {
    if (someNotEnrolled) return nobody('enrollment_inactive');
    if (someTooOld) return nobody('outside_window');
    return nobody('no_touch');
  }

  pool.sort(byTime);

  // The guard is about a touch that wins alone; where all touches share there is none.
  if (policy.guardSeconds > 0 && policy.model !== 'linear' && policy.model !== 'position') {
    const unguarded: Click[] = [];
    for (const click of pool) {
      if (order - click.at >= policy.guardSeconds * 1000) unguarded.push(click);
    }
    if (unguarded.length > 0) {
      pool = unguarded;
    } else if (policy.rejectSolo) {
      return nobody('in_cart_guard');
    } else {
      pool = [latest(pool)];
    }
  }

  if (policy.channelPolicy === 'dedupe_if_newer' && journey.channelAt !== null) {
    if (journey.channelAt > latest(pool).at) return nobody('channel_newer');
  }

  const shares = split(parts(policy.model, policy.weights, pool), pool);
  // Bound once: only who is unbound, or bound to a partner ended for cause, is bound by what the pool decides.
  const holder = journey.lock && journey.enrollments.find((one) => one.partnerId === journey.lock?.partnerId);
  const dismissed = holder?.forCause && holder.stoppedAt !== null && holder.stoppedAt <= journey.occurredAt;
  const free = !holder || dismissed;
  const binds = policy.model === 'customer_lock' && free ? latest(pool).partnerId : null;
  return { reason: policy.model, step: 'pool', policyVersion, shares, binds };
}

/** Before the first version the first one holds; of two that start together, the later saved. */
function inForce(policies: readonly Policy[], at: number): Policy {
  const sorted = [...policies].sort((a, b) => a.startsAt - b.startsAt || a.version - b.version);
  let found = sorted.filter((one) => one.startsAt === sorted[0]?.startsAt).at(-1);
  for (const policy of sorted) {
    if (policy.startsAt <= at) found = policy;
  }
  if (found === undefined) throw new Error('a program always has a policy');
  return found;
}

function enrollmentOf(journey: Journey, partnerId: PartnerId): Enrollment | null {
  for (const enrollment of journey.enrollments) {
    if (enrollment.partnerId === partnerId) return enrollment;
  }
  return null;
}

const endedForCause = (enrollment: Enrollment, order: number): boolean =>
  enrollment.forCause && enrollment.stoppedAt !== null && enrollment.stoppedAt <= order;

function lockHolds(journey: Journey, lock: Lock): boolean {
  const enrollment = enrollmentOf(journey, lock.partnerId);
  if (enrollment === null || endedForCause(enrollment, journey.occurredAt)) return false;
  return lock.boundAt < journey.occurredAt;
}

/** Active when clicked; what came later is honored, unless it was an end for cause before the order. */
function enrollmentCounts(journey: Journey, click: Click): boolean {
  const enrollment = enrollmentOf(journey, click.partnerId);
  if (enrollment === null) return false;
  if (enrollment.startedAt > click.at) return false;
  if (enrollment.stoppedAt !== null && enrollment.stoppedAt <= click.at) return false;
  return !endedForCause(enrollment, journey.occurredAt);
}

function distinctClicks(touches: readonly Touch[]): Click[] {
  const clicks: Click[] = [];
  for (const touch of touches) {
    const known = clicks.find((click) => click.key === touch.clickKey);
    if (known === undefined) {
      const { clickKey: key, partnerId, landed } = touch;
      clicks.push({ key, at: idTime(key), partnerId, class: touch.class, landed });
    } else if (touch.landed) {
      known.landed = true;
    }
  }
  return clicks;
}

function byTime(a: Click, b: Click): number {
  if (a.at !== b.at) return a.at - b.at;
  return a.key < b.key ? -1 : 1;
}

function latest(sorted: readonly Click[]): Click {
  const last = sorted.at(-1);
  if (last === undefined) throw new Error('an empty pool has no latest touch');
  return last;
}

/** What each partner of the pool weighs against the others, in whole numbers; the pool is sorted by time. */
function parts(model: Model, weights: Weights, pool: readonly Click[]): Map<PartnerId, bigint> {
  const first = (pool[0] ?? latest(pool)).partnerId;
  const last = latest(pool).partnerId;
  const partners = new Set(pool.map((click) => click.partnerId));
  const all = new Map<PartnerId, bigint>();
  if (model === 'first') return all.set(first, 1n);
  if (model === 'last' || model === 'customer_lock') return all.set(last, 1n);
  if (model === 'linear') {
    for (const partner of partners) all.set(partner, 1n);
    return all;
  }
  const [ofFirst, ofMiddle, ofLast] = [BigInt(weights[0]), BigInt(weights[1]), BigInt(weights[2])];
  const middle = [...partners].filter((partner) => partner !== first && partner !== last);
  if (middle.length === 0) {
    if (first === last) return all.set(first, 1n);
    if (ofFirst === 0n && ofLast === 0n) return all.set(first, 1n).set(last, 1n);
    return all.set(first, ofFirst).set(last, ofLast);
  }
  // The middle's weight is divided by so many partners; instead the ends' are multiplied, which keeps all whole.
  const many = BigInt(middle.length);
  for (const partner of middle) all.set(partner, ofMiddle);
  if (first === last) return all.set(first, (ofFirst + ofLast) * many);
  return all.set(first, ofFirst * many).set(last, ofLast * many);
}

/** A million by these parts: everyone's whole units, then one more each to those who lost most by rounding down. */
function split(weighed: ReadonlyMap<PartnerId, bigint>, pool: readonly Click[]): Share[] {
  // A partner stands where its latest touch stands.
  const standing: PartnerId[] = [];
  for (const click of [...pool].reverse()) {
    if (!standing.includes(click.partnerId)) standing.unshift(click.partnerId);
  }
  let whole = 0n;
  for (const part of weighed.values()) whole += part;
  const rows = standing
    .map((partnerId, place) => ({ partnerId, place, part: weighed.get(partnerId) ?? 0n }))
    .filter((row) => row.part > 0n)
    .map((row) => ({ ...row, units: (row.part * 1_000_000n) / whole, lost: (row.part * 1_000_000n) % whole }));
  let left = 1_000_000n;
  for (const row of rows) left -= row.units;
  const byLoss = [...rows].sort((a, b) => Number(b.lost - a.lost) || b.place - a.place);
  for (const row of byLoss.slice(0, Number(left))) row.units += 1n;
  return rows.map((row) => ({ partnerId: row.partnerId, shareMicros: Number(row.units) }));
}

// Random journeys.

export type Random = () => number;

/** A small generator of numbers in [0, 1), the same on every machine for one seed. */
export function mulberry32(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const below = (random: Random, limit: number): number => Math.floor(random() * limit);

function pick<Value>(random: Random, ...from: readonly Value[]): Value {
  return from[below(random, from.length)] as Value;
}

export function shuffled<Value>(random: Random, values: readonly Value[]): Value[] {
  const rest = [...values];
  const mixed: Value[] = [];
  while (rest.length > 0) mixed.push(...rest.splice(below(random, rest.length), 1));
  return mixed;
}

const tenBytes = (random: Random): Uint8Array => Uint8Array.from({ length: 10 }, () => below(random, 256));

/** Times fall on each other and on every edge, one ms to either side: that is where a rule can be misread. */
export function randomJourney(random: Random): Journey {
  const order = 1_790_000_000_000 + below(random, 1_000) * 1_000 + below(random, 3);
  const near = (at: number) => at + pick(random, -1, 0, 0, 1);
  const past = (days: number) => order - below(random, days * DAY);

  const policies: Policy[] = [];
  let startsAt = past(120);
  for (let version = 1, versions = 1 + below(random, 3); version <= versions; version++) {
    policies.push(randomPolicy(random, version, startsAt));
    startsAt = pick(random, startsAt, startsAt + below(random, 60 * DAY), near(order), order);
    startsAt = Math.max(startsAt, policies.at(-1)?.startsAt ?? 0);
  }

  const edges = [order];
  for (const policy of policies) {
    edges.push(order - policy.windowDays * DAY, order - policy.guardSeconds * 1_000, policy.startsAt);
  }

  // In some journeys all goes well, or five partners would hardly ever share one order.
  const calm = random() < 0.3;
  const partners = Array.from({ length: calm ? 3 + below(random, 3) : 1 + below(random, 5) }, () =>
    makeId<'partner'>(order, tenBytes(random)),
  );
  const someone = () => pick(random, ...partners);
  const touches: Touch[] = [];
  for (let left = calm ? 4 + below(random, 5) : 1 + below(random, 8); left > 0; left--) {
    const told = touches.map((touch) => idTime(touch.clickKey));
    const at = pick(
      random,
      past(2),
      past(20),
      past(60),
      order - below(random, 120) * 1_000,
      near(pick(random, ...edges)),
      pick(random, order, ...told),
    );
    const touch: Touch = {
      clickKey: makeId<'click'>(at, tenBytes(random)),
      partnerId: someone(),
      linkId: null,
      class: calm ? 'valid' : pick(random, 'valid', 'valid', 'valid', 'valid', 'suspect', 'refused'),
      label: pick(random, 'click_id', 'visitor'),
      landed: random() < 0.5,
      proven: true,
    };
    touches.push(touch);
    if (random() < 0.1) touches.push({ ...touch, landed: !touch.landed });
  }
  const moments = [order, ...touches.map((touch) => idTime(touch.clickKey))];

  const enrollments: Enrollment[] = [];
  for (const partnerId of partners) {
    if (random() < 0.05) continue;
    const startedAt = calm || random() < 0.85 ? order - 200 * DAY : near(pick(random, ...moments));
    const stoppedAt =
      calm || random() < 0.6 ? null : Math.max(startedAt, near(pick(random, order, past(60), ...moments)));
    enrollments.push({ partnerId, startedAt, stoppedAt, forCause: stoppedAt !== null && random() < 0.5 });
  }

  return journeyOf({
    occurredAt: order,
    channelAt: random() < 0.5 ? null : pick(random, past(60), near(pick(random, ...moments))),
    touches: shuffled(random, touches),
    enrollments: shuffled(random, enrollments),
    lock: random() < 0.6 ? null : { partnerId: someone(), boundAt: pick(random, past(60), near(order)) },
    policies,
  });
}

function randomPolicy(random: Random, version: number, startsAt: number): Policy {
  const first = pick(random, 0, 40, below(random, 101));
  const last = pick(random, 0, 100 - first, Math.min(40, 100 - first), below(random, 101 - first));
  return policyOf({
    version,
    startsAt,
    model: pick(random, 'last', 'first', 'linear', 'position', 'customer_lock'),
    weights: [first, 100 - first - last, last],
    windowDays: pick(random, 1, 7, 30, 30, 90),
    guardSeconds: pick(random, 0, 0, 10, 60, 3_600),
    rejectSolo: random() < 0.5,
    channelPolicy: pick(random, 'ignore', 'dedupe_if_newer'),
    holdDays: 30,
  });
}

/** The same story told otherwise: in another order, some clicks twice, by another label, not always with the landing. */
export function retold(random: Random, journey: Journey): Journey {
  const again: Touch[] = [];
  for (const touch of journey.touches) {
    if (random() < 0.5)
      again.push(pick<Touch>(random, touch, { ...touch, label: 'visitor' }, { ...touch, landed: false }));
  }
  return { ...journey, touches: shuffled(random, [...journey.touches, ...again]) };
}

// Holding an engine against the oracle.

/** An answer as text, in one fixed order of its fields. */
export const spelled = ({ reason, step, policyVersion, shares, binds }: Answer): string =>
  JSON.stringify({
    reason,
    step,
    policyVersion,
    shares: shares.map((share) => [share.partnerId, share.shareMicros]),
    binds,
  });

/** What both said, where they differ. */
export function disagreement(engine: (journey: Journey) => Answer, journey: Journey): string | null {
  const expected = spelled(oracle(journey));
  let found: string;
  try {
    found = spelled(engine(journey));
  } catch (error) {
    found = `threw ${error}`;
  }
  return found === expected ? null : `engine ${found}\noracle ${expected}`;
}

/** The same failure with all taken away that it does not need. */
export function smallest(journey: Journey, fails: (journey: Journey) => boolean): Journey {
  const without = <Value>(list: readonly Value[]) => list.map((_, at) => list.toSpliced(at, 1));
  const simpler: Journey[] = [
    ...without(journey.touches).map((touches) => ({ ...journey, touches })),
    ...without(journey.enrollments).map((enrollments) => ({ ...journey, enrollments })),
    ...(journey.policies.length > 1 ? without(journey.policies).map((policies) => ({ ...journey, policies })) : []),
    ...(journey.lock === null ? [] : [{ ...journey, lock: null }]),
    ...(journey.channelAt === null ? [] : [{ ...journey, channelAt: null }]),
  ];
  const next = simpler.find(fails);
  return next === undefined ? journey : smallest(next, fails);
}
