/**
 * Who earns an order, and why. Pure: touches, enrollments, a customer's lock, the order's time and the policy in; a
 * verdict with its reasons out. The verdict is stored with the order and never worked out again when a setting changes.
 *
 * Today's pool is the click the caller names and the visitor's own touches.
 */
import { type ClickKey, idTime, type LinkId, type PartnerId } from './id.ts';
import { allocate, minor } from './money.ts';
import type { ClickClass } from './token.ts';

export const DAY_MS = 86_400_000;
export const WHOLE_MICROS = 1_000_000;

/** How a program credits, from a moment on. Versions are never edited: a change is a new one. */
export interface Policy {
  readonly version: number;
  readonly startsAt: number;
  readonly model: Model;
  /** Of `position`: what the first, all middle and the last partner get, in percent. */
  readonly weights: Weights;
  readonly windowDays: number;
  /** In-cart guard: a touch this shortly before the order does not win. 0: off. */
  readonly guardSeconds: number;
  /** Whether the guard also drops a touch when there is no other. */
  readonly rejectSolo: boolean;
  readonly channelPolicy: ChannelPolicy;
  readonly holdDays: number;
  /** Origins whose pages may send events, as in the Origin header. */
  readonly origins: readonly string[];
  /** Hosts that a link's `u` parameter may lead to. */
  readonly deepLinkHosts: readonly string[];
}

export const MODELS = ['last', 'first', 'linear', 'position', 'customer_lock'] as const;
export type Model = (typeof MODELS)[number];

/** First, middle, last; they sum to 100. */
export type Weights = readonly [first: number, middle: number, last: number];

/** What another paid channel's newer click does: nothing, or it takes the order from all partners. */
export const CHANNEL_POLICIES = ['ignore', 'dedupe_if_newer'] as const;
export type ChannelPolicy = (typeof CHANNEL_POLICIES)[number];

/** How a touch came to stand beside this order; explains, never ranks. */
export type TouchLabel = 'click_id' | 'visitor';

/** One click that may have led to the order. */
export interface Touch {
  readonly clickKey: ClickKey;
  readonly partnerId: PartnerId;
  readonly linkId: LinkId | null;
  readonly class: ClickClass;
  readonly label: TouchLabel;
  /** A script landed with it, which is what a suspect click needs to count. */
  readonly landed: boolean;
}

/** A partner's place in the program, as it stands now. */
export interface Enrollment {
  readonly partnerId: PartnerId;
  readonly startedAt: number;
  /** When it was paused or ended; null while active. */
  readonly stoppedAt: number | null;
  /** Ended for cause: even its earlier touches no longer count. */
  readonly forCause: boolean;
}

/** The partner that a customer's first order under `customer_lock` bound the customer to. */
export interface Lock {
  readonly partnerId: PartnerId;
  /** When that order occurred: only later ones follow it. */
  readonly boundAt: number;
}

/** Reasons of an order that nobody earned. */
export const UNCREDITED = [
  'no_touch',
  'outside_window',
  'enrollment_inactive',
  'in_cart_guard',
  'channel_newer',
] as const;
export type Reason = Model | (typeof UNCREDITED)[number];

export type Why =
  | 'won'
  | 'shared'
  | 'earlier'
  | 'later'
  | 'locked'
  | 'in_cart_guard'
  | 'channel_newer'
  | 'outside_window'
  | 'after_order'
  | 'refused'
  | 'suspect'
  | 'enrollment_inactive';

export interface Candidate {
  readonly clickKey: ClickKey;
  readonly partnerId: PartnerId;
  readonly linkId: LinkId | null;
  readonly class: ClickClass;
  readonly label: TouchLabel;
  readonly at: number;
  /** Kept candidates were in the pool the model picked from; the others say in `why` what dropped them. */
  readonly kept: boolean;
  readonly why: Why;
}

/** A partner's part of an order; parts of one order sum to 1,000,000, or to 0 where nobody earns. */
export interface Share {
  readonly partnerId: PartnerId;
  readonly shareMicros: number;
}

export interface Verdict {
  readonly reason: Reason;
  /** Where in the precedence it was decided. */
  readonly step: 'customer_lock' | 'pool' | 'nobody';
  readonly model: Model;
  readonly policyVersion: number;
  /** In the order of each partner's latest touch. */
  readonly shares: readonly Share[];
  /** Latest first. */
  readonly candidates: readonly Candidate[];
  /** Whom a verified order binds its customer to; null where nobody is to be bound. */
  readonly binds: PartnerId | null;
}

/** What an order is decided on. */
export interface Journey {
  readonly occurredAt: number;
  /** When another paid channel was last clicked, if the shop says so. */
  readonly channelAt: number | null;
  readonly touches: readonly Touch[];
  readonly enrollments: readonly Enrollment[];
  readonly lock: Lock | null;
  readonly policies: readonly Policy[];
}

/**
 * Decides one order.
 *
 * 1. every touch once by its click, in the order (time, click key), is tested: class, after the order, window in force
 *    at the click, enrollment; those without a flaw are eligible
 * 2. under `customer_lock` a customer already bound is its partner's
 * 3. the guard drops touches, then a newer channel empties the pool, then the model picks
 * 4. nobody: the nearest miss is the reason
 */
export function attribute(journey: Journey): Verdict {
  const { occurredAt, policies } = journey;
  const policy = inForce(policies, occurredAt);
  const head = { model: policy.model, policyVersion: policy.version };
  const tested = testedTouches(journey);
  const told = (whyOf: (one: Tested) => Why, kept: (one: Tested) => boolean) =>
    tested.map((one) => candidate(one, whyOf(one), kept(one)));

  const lock = policy.model === 'customer_lock' ? lockInForce(journey) : null;
  if (lock) {
    const shares = [{ partnerId: lock.partnerId, shareMicros: WHOLE_MICROS }];
    const candidates = told(
      (one) => one.flaw ?? 'locked',
      () => false,
    );
    return { ...head, reason: 'customer_lock', step: 'customer_lock', shares, candidates, binds: null };
  }

  const eligible = tested.filter((one) => !one.flaw);
  const guarded = guard(eligible, policy, occurredAt);
  const left = eligible.filter((one) => !guarded.includes(one));
  const emptied = channelIsNewer(policy, left, journey.channelAt);
  const pool = emptied ? [] : left;
  if (pool.length === 0) {
    const miss: Reason = emptied ? 'channel_newer' : guarded.length > 0 ? 'in_cart_guard' : nearestMiss(tested);
    const candidates = told(
      (one) => one.flaw ?? (guarded.includes(one) ? 'in_cart_guard' : 'channel_newer'),
      () => false,
    );
    return { ...head, reason: miss, step: 'nobody', shares: [], candidates, binds: null };
  }

  const { shares, why } = pick(policy, pool);
  return {
    ...head,
    reason: policy.model,
    step: 'pool',
    shares,
    candidates: told(
      (one) => one.flaw ?? (guarded.includes(one) ? 'in_cart_guard' : why(one)),
      (one) => pool.includes(one),
    ),
    binds: policy.model === 'customer_lock' && !bound(journey) ? (shares[0]?.partnerId ?? null) : null,
  };
}

/** Models that can be asked "what if" of an order that stands: they need its clicks and nothing of its customer. */
export const COMPARABLE = ['last', 'first', 'linear', 'position'] as const;
export type Comparable = (typeof COMPARABLE)[number];

/**
 * How an order that stands would be shared under another model, from the candidates stored with it and the policy that
 * was in force. Under its own model it comes out as it stands. What another channel took stays taken.
 */
export function shareUnder(
  model: Comparable,
  order: { occurredAt: number; reason: Reason; candidates: readonly Candidate[] },
  policy: Policy,
): readonly Share[] {
  if (order.reason === 'channel_newer') return [];
  const eligible = order.candidates
    .filter((one) => !FLAWS.includes(one.why as Flaw))
    .map((one): Tested => ({ touch: { ...one, landed: true }, at: one.at, flaw: null }));
  const asked = { ...policy, model };
  const guarded = guard(eligible, asked, order.occurredAt);
  const pool = eligible.filter((one) => !guarded.includes(one));
  return pool.length > 0 ? pick(asked, pool).shares : [];
}

/** The version in force at a moment; before the first one starts, the first. Of two with one start, the later saved. */
export function inForce<Version extends { version: number; startsAt: number }>(
  versions: readonly Version[],
  at: number,
): Version {
  const [first, ...rest] = [...versions].sort((a, b) => a.startsAt - b.startsAt || a.version - b.version);
  if (!first) throw new RangeError('a program without a version');
  return rest.reduce((found, next) => (next.startsAt <= at ? next : found), sameStart(first, rest));
}

/** Several first versions may share a start: then too the later saved holds. */
const sameStart = <Version extends { startsAt: number }>(first: Version, rest: Version[]): Version =>
  rest.findLast((next) => next.startsAt === first.startsAt) ?? first;

/** Whether a click made at `clickedAt` can still earn at `at`: inclusive, in UTC milliseconds. */
const insideWindow = (clickedAt: number, at: number, windowDays: number): boolean =>
  at <= clickedAt + windowDays * DAY_MS;

/** A touch with its time and what, if anything, keeps it from earning this order. */
interface Tested {
  readonly touch: Touch;
  readonly at: number;
  readonly flaw: Flaw | null;
}

const FLAWS = ['outside_window', 'after_order', 'refused', 'suspect', 'enrollment_inactive'] as const;
type Flaw = (typeof FLAWS)[number];

/** Every click once, latest first. One known from its landing keeps that: it vouches for a suspect one. */
function testedTouches({ touches, occurredAt, enrollments, policies }: Journey): Tested[] {
  const byClick = new Map<ClickKey, Touch>();
  for (const touch of touches) {
    const known = byClick.get(touch.clickKey);
    byClick.set(touch.clickKey, known ? { ...known, landed: known.landed || touch.landed } : touch);
  }
  // Keys begin with their time, so one comparison orders by (time, key).
  const latestFirst = [...byClick.values()].sort((a, b) => (a.clickKey < b.clickKey ? 1 : -1));
  return latestFirst.map((touch) => {
    const at = idTime(touch.clickKey);
    const enrollment = enrollments.find((one) => one.partnerId === touch.partnerId);
    return { touch, at, flaw: flaw({ touch, at, occurredAt, enrollment, policy: inForce(policies, at) }) };
  });
}

/** Why a touch may not earn this order, or null when it may. */
function flaw(test: {
  touch: Touch;
  at: number;
  occurredAt: number;
  enrollment: Enrollment | undefined;
  policy: Policy;
}): Flaw | null {
  const { touch, at, occurredAt, enrollment, policy } = test;
  if (touch.class === 'refused') return 'refused';
  if (touch.class === 'suspect' && !touch.landed) return 'suspect';
  if (at > occurredAt) return 'after_order';
  if (!insideWindow(at, occurredAt, policy.windowDays)) return 'outside_window';
  if (!enrollment || !countsFor(enrollment, at, occurredAt)) return 'enrollment_inactive';
  return null;
}

/** Active at the click is what counts; only an end for cause before the order reaches back. */
function countsFor(enrollment: Enrollment, clickedAt: number, occurredAt: number): boolean {
  const { startedAt, stoppedAt } = enrollment;
  if (clickedAt < startedAt) return false;
  if (stoppedAt === null) return true;
  return clickedAt < stoppedAt && !endedForCause(enrollment, occurredAt);
}

const endedForCause = ({ stoppedAt, forCause }: Enrollment, at: number): boolean =>
  forCause && stoppedAt !== null && stoppedAt <= at;

/** Whether the customer is bound at all: a lock to a partner ended for cause binds nobody any more. */
function bound({ lock, occurredAt, enrollments }: Journey): boolean {
  const enrollment = enrollments.find((one) => one.partnerId === lock?.partnerId);
  return enrollment !== undefined && !endedForCause(enrollment, occurredAt);
}

/** A lock holds for orders later than the one that made it; an older one that arrives late is nobody's but its own. */
const lockInForce = (journey: Journey): Lock | null =>
  journey.lock && journey.lock.boundAt < journey.occurredAt && bound(journey) ? journey.lock : null;

/** The touches the guard drops. Models that share the order among all ignore it: nobody is displaced there. */
function guard(eligible: readonly Tested[], policy: Policy, occurredAt: number): readonly Tested[] {
  if (policy.model === 'linear' || policy.model === 'position') return [];
  const guarded = eligible.filter((one) => occurredAt - one.at < policy.guardSeconds * 1000);
  if (guarded.length < eligible.length || policy.rejectSolo) return guarded;
  // With nobody else to protect, the latest of them wins after all.
  return guarded.slice(1);
}

const channelIsNewer = (policy: Policy, left: readonly Tested[], channelAt: number | null): boolean =>
  policy.channelPolicy === 'dedupe_if_newer' && channelAt !== null && left.length > 0 && channelAt > (left[0]?.at ?? 0);

/** How a model shares an order among the pool (latest first, not empty), and what it says of each touch. */
function pick(policy: Policy, pool: readonly Tested[]): { shares: Share[]; why: (one: Tested) => Why } {
  switch (policy.model) {
    case 'last':
    case 'customer_lock':
      return whole(pool[0], 'earlier');
    case 'first':
      return whole(pool.at(-1), 'later');
    case 'linear':
      return { shares: shareOut(pool, () => 1), why: () => 'shared' };
    case 'position':
      return { shares: shareOut(pool, positions(policy.weights, pool)), why: () => 'shared' };
  }
}

const whole = (winner: Tested | undefined, others: Why) => ({
  shares: winner ? [{ partnerId: winner.touch.partnerId, shareMicros: WHOLE_MICROS }] : [],
  why: (one: Tested): Why => (one === winner ? 'won' : others),
});

/**
 * The weight of each partner under `position`. Who is both first and last has both weights; the others share the middle
 * equally; with nobody in the middle, first and last share it pro rata, which leaves their own proportion.
 */
function positions([first, middle, last]: Weights, pool: readonly Tested[]): (partner: PartnerId) => number {
  const partners = new Set(pool.map((one) => one.touch.partnerId));
  const [latest, earliest] = [pool[0]?.touch.partnerId, pool.at(-1)?.touch.partnerId];
  const between = [...partners].filter((one) => one !== latest && one !== earliest).length;
  if (partners.size === 1) return () => 1;
  if (between === 0 && first + last === 0) return () => 1;
  if (between === 0) return (partner) => (partner === earliest ? first : last);
  const ends = (partner: PartnerId) => (partner === earliest ? first : 0) + (partner === latest ? last : 0);
  return (partner) => (partner === earliest || partner === latest ? ends(partner) * between : middle);
}

/** Shares by weight, in the order of each partner's latest touch, so that a left-over unit goes to the later. */
function shareOut(pool: readonly Tested[], weightOf: (partner: PartnerId) => number): Share[] {
  const partners = [...new Set(pool.map((one) => one.touch.partnerId))].reverse();
  const weighed = partners
    .map((partnerId) => ({ partnerId, weight: weightOf(partnerId) }))
    .filter((one) => one.weight > 0);
  const parts = allocate(
    minor(WHOLE_MICROS),
    weighed.map((one) => one.weight),
  );
  return weighed.map(({ partnerId }, index) => ({ partnerId, shareMicros: parts[index] ?? 0 }));
}

const candidate = ({ touch, at }: Tested, why: Why, kept: boolean): Candidate => ({
  clickKey: touch.clickKey,
  partnerId: touch.partnerId,
  linkId: touch.linkId,
  class: touch.class,
  label: touch.label,
  at,
  kept,
  why,
});

/** The reason when no touch is left: the one that would have earned but for its partner, else the nearest miss. */
function nearestMiss(tested: readonly Tested[]): Reason {
  const flaws = tested.map((one) => one.flaw);
  if (flaws.includes('enrollment_inactive')) return 'enrollment_inactive';
  if (flaws.includes('outside_window')) return 'outside_window';
  return 'no_touch';
}
