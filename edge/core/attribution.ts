/**
 * Who earns an order, and why. Pure: touches, enrollments, the order's time and the policy in; a verdict with its
 * reasons out. The verdict is stored with the order and never worked out again when a setting changes.
 *
 * Today's pool is the click the caller names and the visitor's own touches, and its model is `last`.
 */
import { type ClickKey, idTime, type LinkId, type PartnerId } from './id.ts';
import type { ClickClass } from './token.ts';

export const DAY_MS = 86_400_000;
export const WHOLE_MICROS = 1_000_000;

/** How a program credits, from a moment on. Versions are never edited: a change is a new one. */
export interface Policy {
  readonly version: number;
  readonly startsAt: number;
  readonly model: Model;
  readonly windowDays: number;
  readonly holdDays: number;
  /** Origins whose pages may send events, as in the Origin header. */
  readonly origins: readonly string[];
  /** Hosts that a link's `u` parameter may lead to. */
  readonly deepLinkHosts: readonly string[];
}

export type Model = 'last';

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

export type Reason = 'last' | 'no_touch' | 'outside_window' | 'enrollment_inactive';

export type Why = 'won' | 'earlier' | 'outside_window' | 'after_order' | 'refused' | 'suspect' | 'enrollment_inactive';

export interface Candidate {
  readonly clickKey: ClickKey;
  readonly partnerId: PartnerId;
  readonly linkId: LinkId | null;
  readonly class: ClickClass;
  readonly label: TouchLabel;
  readonly at: number;
  /** Kept candidates were eligible; the others say in `why` what dropped them. */
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
  readonly step: 'pool' | 'nobody';
  readonly model: Model;
  readonly policyVersion: number;
  readonly shares: readonly Share[];
  /** Latest first. */
  readonly candidates: readonly Candidate[];
}

/**
 * Decides one order.
 *
 * 1. the pool: every touch once by its click, in the order (time, click key)
 * 2. each is tested: class, after the order, window in force at the click, enrollment
 * 3. of the eligible ones the latest earns the whole; without any the nearest miss is the reason
 */
export function attribute(given: {
  occurredAt: number;
  touches: readonly Touch[];
  enrollments: readonly Enrollment[];
  policies: readonly Policy[];
}): Verdict {
  const { occurredAt, enrollments, policies } = given;
  const tested = pool(given.touches).map((touch) => {
    const at = idTime(touch.clickKey);
    const enrollment = enrollments.find((one) => one.partnerId === touch.partnerId);
    return { touch, at, flaw: flaw({ touch, at, occurredAt, enrollment, policy: inForce(policies, at) }) };
  });
  const winner = tested.find((one) => !one.flaw);
  const { model, version } = inForce(policies, occurredAt);
  return {
    reason: winner ? model : nobody(tested.map((one) => one.flaw)),
    step: winner ? 'pool' : 'nobody',
    model,
    policyVersion: version,
    shares: winner ? [{ partnerId: winner.touch.partnerId, shareMicros: WHOLE_MICROS }] : [],
    candidates: tested.map((one) => ({
      clickKey: one.touch.clickKey,
      partnerId: one.touch.partnerId,
      linkId: one.touch.linkId,
      class: one.touch.class,
      label: one.touch.label,
      at: one.at,
      kept: !one.flaw,
      why: one.flaw ?? (one === winner ? 'won' : 'earlier'),
    })),
  };
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
export const insideWindow = (clickedAt: number, at: number, windowDays: number): boolean =>
  at <= clickedAt + windowDays * DAY_MS;

/** Unique by click, latest first. A click known from its landing keeps that: it vouches for a suspect one. */
function pool(touches: readonly Touch[]): Touch[] {
  const byClick = new Map<ClickKey, Touch>();
  for (const touch of touches) {
    const known = byClick.get(touch.clickKey);
    byClick.set(touch.clickKey, known ? { ...known, landed: known.landed || touch.landed } : touch);
  }
  // Keys begin with their time, so one comparison orders by (time, key).
  return [...byClick.values()].sort((a, b) => (a.clickKey < b.clickKey ? 1 : -1));
}

type Flaw = Exclude<Why, 'won' | 'earlier'>;

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
  const { startedAt, stoppedAt, forCause } = enrollment;
  if (clickedAt < startedAt) return false;
  if (stoppedAt === null) return true;
  return clickedAt < stoppedAt && !(forCause && stoppedAt <= occurredAt);
}

/** The reason when no touch is left: the one that would have earned but for its partner, else the nearest miss. */
function nobody(flaws: readonly (Flaw | null)[]): Reason {
  if (flaws.includes('enrollment_inactive')) return 'enrollment_inactive';
  if (flaws.includes('outside_window')) return 'outside_window';
  return 'no_touch';
}
