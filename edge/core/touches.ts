/** Which touches may earn an order: each is tested by itself, with its own window. */
import { type ClickKey, type GroupId, idTime, type LinkId, type PartnerId } from './id.ts';
import {
  DAY_MS,
  type Enrollment,
  enrollmentOf,
  type Flaw,
  groupAt,
  inForce,
  inForceOf,
  type Journey,
  type Touch,
} from './journey.ts';

/** A touch with its time and what, if anything, keeps it from earning this order. */
export interface Tested {
  readonly touch: Touch;
  readonly at: number;
  readonly flaw: Flaw | null;
}

/**
 * Every click once, latest first. What any telling of it vouches for holds: a landing, which a suspect one needs, and a
 * proven way to this order.
 */
export function testedTouches(journey: Journey, blocked: ReadonlySet<PartnerId>): Tested[] {
  const byClick = new Map<ClickKey, Touch>();
  for (const touch of journey.touches) {
    const known = byClick.get(touch.clickKey);
    const landed = touch.landed || (known?.landed ?? false);
    byClick.set(touch.clickKey, { ...(known ?? touch), landed, proven: touch.proven || (known?.proven ?? false) });
  }
  // Keys begin with their time, so one comparison orders by (time, key).
  const latestFirst = [...byClick.values()].sort((a, b) => (a.clickKey < b.clickKey ? 1 : -1));
  return latestFirst.map((touch) => {
    const at = idTime(touch.clickKey);
    return { touch, at, flaw: flaw(journey, touch, at) ?? (blocked.has(touch.partnerId) ? 'self_referral' : null) };
  });
}

/** Why a touch may not earn this order, or null when it may. */
function flaw(journey: Journey, touch: Touch, at: number): Flaw | null {
  const { occurredAt } = journey;
  if (touch.class === 'refused') return 'refused';
  if (touch.class === 'suspect' && !touch.landed) return 'suspect';
  if (at > occurredAt) return 'after_order';
  if (!insideWindow(at, occurredAt, windowOf(journey, touch, at))) return 'outside_window';
  const enrollment = enrollmentOf(journey, touch.partnerId);
  if (!enrollment || !countsFor(enrollment, at, occurredAt)) return 'enrollment_inactive';
  return null;
}

/** How many days a touch's click may lead to an order: its link's, else its group's, else the program's, at the click. */
function windowOf(journey: Journey, touch: Touch, at: number): number {
  const { link, group } = overridesAt(journey, touch, at);
  return link?.windowDays ?? group?.windowDays ?? inForce(journey.policies, at).windowDays;
}

/** Whether a click made at `clickedAt` can still earn at `at`: inclusive, in UTC milliseconds. */
const insideWindow = (clickedAt: number, at: number, windowDays: number): boolean =>
  at <= clickedAt + windowDays * DAY_MS;

/** What a touch's link says at a moment, and what its partner's group says. */
export function overridesAt({ overrides, placements }: Journey, { linkId, partnerId }: Touch, at: number) {
  const of = (scopeId: LinkId | GroupId | null) =>
    scopeId &&
    inForceOf(
      overrides.filter((one) => one.scopeId === scopeId),
      at,
    );
  return { link: of(linkId) || null, group: of(groupAt(placements, partnerId, at)) || null };
}

/** Active at the click is what counts; only an end for cause before the order reaches back. */
function countsFor(enrollment: Enrollment, clickedAt: number, occurredAt: number): boolean {
  const { startedAt, stoppedAt } = enrollment;
  if (clickedAt < startedAt) return false;
  if (stoppedAt === null) return true;
  return clickedAt < stoppedAt && !endedForCause(enrollment, occurredAt);
}

/** Ended for cause by then: nothing of it counts any more. */
export const endedForCause = (enrollment: Enrollment | undefined, at: number): boolean =>
  Boolean(enrollment?.forCause) && (enrollment?.stoppedAt ?? Infinity) <= at;
