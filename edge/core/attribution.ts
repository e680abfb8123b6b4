/**
 * Who earns an order, and why. Pure: touches, codes, enrollments, a customer's lock, the order's time and the policies in;
 * a verdict with its reasons out. The verdict is stored with the order and never worked out again when a setting changes.
 */
import { type ReadCodes, readCodes } from './codes.ts';
import type { PartnerId } from './id.ts';
import {
  type Candidate,
  enrollmentOf,
  FLAWS,
  type Flaw,
  type InPlace,
  inForce,
  type Journey,
  type Lock,
  type Policy,
  type Reason,
  type Share,
  type Verdict,
  type Why,
  wholeTo,
} from './journey.ts';
import { channelIsNewer, guard, pick } from './models.ts';
import { endedForCause, overridesAt, type Tested, testedTouches } from './touches.ts';

export { MAX_CODE_LETTERS, namesOfCode, normalizeDiscountCode } from './codes.ts';
export * from './journey.ts';

/**
 * Decides one order; the first step that can, does.
 *
 * 1. a forced partner; then, of a renewal, the first order's partners
 * 2. a code of the order that suppresses credit: nobody
 * 3. the order's codes in their order, the first that decides
 * 4. under `customer_lock`, the partner that the customer is bound to
 * 5. the pool of eligible touches: the guard drops some, a newer channel empties it, the model picks
 * 6. nobody: the nearest miss is the reason
 *
 * From 2 on, a line's own code decides that line before all of them, but for an order-level suppression.
 */
export function attribute(journey: Journey): Verdict {
  const { occurredAt, forced, renews } = journey;
  const program = inForce(journey.policies, occurredAt);
  const blocked = new Set(program.selfReferral === 'block' ? journey.selfReferrers : []);
  const tested = testedTouches(journey, blocked);
  const flawless = tested.filter((one) => !one.flaw);
  const sure = flawless.filter((one) => one.touch.proven);
  const eligible = sure.length > 0 ? sure : flawless;
  const { policy, override } = settings(journey, program, eligible[0]);
  const codes = readCodes(journey, blocked, (owner) => eligible.some((one) => one.touch.partnerId === owner));

  const touching = tested.map((one) => one.touch);
  const told = (whyOf: (one: Tested) => Why, pool: readonly Tested[] = []) =>
    tested.map((one) => {
      const dropped = one.flaw ?? (eligible.includes(one) ? null : 'unproven');
      return candidate(one, dropped ?? whyOf(one), pool.includes(one));
    });
  const verdict = (said: Pick<Verdict, 'reason' | 'step' | 'candidates'> & Partial<Verdict>): Verdict => ({
    model: policy.model,
    policyVersion: program.version,
    override,
    shares: [],
    lines: [],
    binds: null,
    proven: true,
    used: codes.used,
    notes: [...codes.notes, ...selfNotes(journey, program, [...touching, ...codes.used, ...(said.shares ?? [])])],
    ...said,
  });

  if (forced) {
    return verdict({ reason: 'forced', step: 'forced', shares: wholeTo(forced), candidates: told(() => 'forced') });
  }
  if (renews) {
    const shares = renews.filter((one) => !endedForCause(enrollmentOf(journey, one.partnerId), occurredAt));
    return shares.length > 0
      ? verdict({ reason: 'renewal', step: 'renewal', shares, candidates: told(() => 'renewal') })
      : verdict({
          reason: renews.length > 0 ? 'enrollment_inactive' : 'renewal',
          step: 'renewal',
          candidates: told(() => 'renewal'),
        });
  }
  if (codes.suppressed) {
    return verdict({ reason: 'code_suppressed', step: 'code', candidates: told(() => 'code_suppressed') });
  }
  return withLines(codes.lines, journey.lineCodes.length, { whole: decideWhole(), sure: eligible === sure });

  function decideWhole(): Verdict {
    const { owner } = codes;
    if (owner) {
      const owners = new Set([owner, ...codes.lines.flatMap((line) => line.shares)].map((one) => one.partnerId));
      const candidates = told((one) => (owners.has(one.touch.partnerId) ? 'code_owner' : 'code_owner_wins'));
      const proven = !owner.involved || eligible === sure;
      return verdict({ reason: 'code_owner_wins', step: 'code', shares: wholeTo(owner.partnerId), candidates, proven });
    }

    const lock = policy.model === 'customer_lock' ? lockInForce(journey, blocked) : null;
    if (lock) {
      const shares = wholeTo(lock.partnerId);
      const candidates = told(() => 'locked');
      return verdict({ reason: 'customer_lock', step: 'customer_lock', shares, candidates });
    }

    const guarded = guard(eligible, policy, occurredAt);
    const left = eligible.filter((one) => !guarded.includes(one));
    const emptied = channelIsNewer(policy, left, journey.channelAt);
    const pool = emptied ? [] : left;
    if (pool.length === 0) {
      const missed = nearestMiss(tested, codes.blocked);
      const reason: Reason = emptied ? 'channel_newer' : guarded.length > 0 ? 'in_cart_guard' : missed;
      const candidates = told((one) => (guarded.includes(one) ? 'in_cart_guard' : 'channel_newer'));
      return verdict({ reason, step: 'nobody', candidates });
    }

    const { shares, why } = pick(policy, pool);
    const proven = eligible === sure;
    const first = shares[0]?.partnerId ?? null;
    return verdict({
      reason: policy.model,
      step: 'pool',
      shares,
      candidates: told((one) => (guarded.includes(one) ? 'in_cart_guard' : why(one)), pool),
      binds: policy.model === 'customer_lock' && proven && !bound(journey) ? first : null,
      proven,
    });
  }
}

/** Lines with a code of their own leave the order's decision; where none is left to it, their reason is the order's. */
function withLines(
  decided: ReadCodes['lines'],
  count: number,
  { whole, sure }: { whole: Verdict; sure: boolean },
): Verdict {
  if (decided.length === 0) return whole;
  const lines = decided.map(({ involved: _involved, ...line }) => line);
  const owners = new Set(lines.flatMap((one) => one.shares.map((share) => share.partnerId)));
  const reason = owners.size > 0 ? 'code_owner_wins' : 'code_suppressed';
  const linesProven = sure || !decided.some((one) => one.involved);
  if (lines.length < count) {
    const rest = { ...whole, lines, proven: linesProven && (whole.proven || whole.shares.length === 0) };
    return whole.shares.length > 0 || owners.size === 0 ? rest : { ...rest, reason, step: 'code' };
  }
  const candidates = whole.candidates.map((one): Candidate => {
    if (one.why === 'unproven' || FLAWS.includes(one.why as Flaw)) return one;
    return { ...one, kept: false, why: owners.has(one.partnerId) ? 'code_owner' : reason };
  });
  return { ...whole, lines, reason, step: 'code', shares: [], candidates, binds: null, proven: linesProven };
}

/** The policy of an order: the program's, but for what the link or group of its latest eligible touch says. */
function settings(journey: Journey, program: Policy, latest: Tested | undefined) {
  if (!latest) return { policy: program, override: null };
  const { link, group } = overridesAt(journey, latest.touch, journey.occurredAt);
  if (!link && !group) return { policy: program, override: null };
  const said = {
    model: link?.model ?? group?.model ?? program.model,
    guardSeconds: link?.guardSeconds ?? group?.guardSeconds ?? program.guardSeconds,
    rejectSolo: link?.rejectSolo ?? group?.rejectSolo ?? program.rejectSolo,
  };
  const override: InPlace = { linkVersion: link?.version ?? null, groupVersion: group?.version ?? null, ...said };
  return { policy: { ...program, ...said }, override };
}

/** Marks for review a partner that a click, a code or a share brings beside its own purchase. */
function selfNotes(journey: Journey, program: Policy, beside: readonly { readonly partnerId: PartnerId }[]): string[] {
  if (program.selfReferral !== 'flag') return [];
  const present = new Set(beside.map((one) => one.partnerId));
  return journey.selfReferrers.filter((one) => present.has(one)).map((one) => `self_referral: ${one}`);
}

/** Whether the customer is bound at all: a lock to a partner ended for cause binds nobody any more. */
function bound(journey: Journey): boolean {
  const enrollment = journey.lock && enrollmentOf(journey, journey.lock.partnerId);
  return Boolean(enrollment) && !endedForCause(enrollment ?? undefined, journey.occurredAt);
}

/** A lock holds for orders later than the one that made it; an older one that arrives late is nobody's but its own. */
function lockInForce(journey: Journey, blocked: ReadonlySet<PartnerId>): Lock | null {
  const { lock, occurredAt } = journey;
  return lock && lock.boundAt < occurredAt && bound(journey) && !blocked.has(lock.partnerId) ? lock : null;
}

const candidate = ({ touch, at }: Tested, why: Why, kept: boolean): Candidate => ({
  clickKey: touch.clickKey,
  partnerId: touch.partnerId,
  linkId: touch.linkId,
  class: touch.class,
  label: touch.label,
  proven: touch.proven,
  at,
  kept,
  why,
});

/** The reason when no touch is left: the one that would have earned but for its partner, else the nearest miss. */
function nearestMiss(tested: readonly Tested[], codeBlocked: boolean): Reason {
  const flaws = tested.map((one) => one.flaw);
  if (codeBlocked || flaws.includes('self_referral')) return 'self_referral';
  if (flaws.includes('enrollment_inactive')) return 'enrollment_inactive';
  if (flaws.includes('outside_window')) return 'outside_window';
  return 'no_touch';
}

/** Models that can be asked "what if" of an order that stands: they need its clicks and nothing of its customer. */
export const COMPARABLE = ['last', 'first', 'linear', 'position'] as const;
export type Comparable = (typeof COMPARABLE)[number];

/**
 * How an order that stands would be shared under another model, from the candidates stored with it and the policy that
 * was in force. Under its own model it comes out as it stands. What another channel took stays taken; what a code, a
 * renewal or a person decided is no model's to change.
 */
export function shareUnder(
  model: Comparable,
  order: {
    occurredAt: number;
    reason: Reason;
    step: Verdict['step'];
    shares: readonly Share[];
    candidates: readonly Candidate[];
  },
  policy: Pick<Policy, 'weights' | 'guardSeconds' | 'rejectSolo'>,
): readonly Share[] {
  if (order.reason === 'channel_newer') return [];
  if (order.step === 'forced' || order.step === 'renewal' || order.step === 'code') return order.shares;
  const eligible = order.candidates
    .filter((one) => one.why !== 'unproven' && !FLAWS.includes(one.why as Flaw))
    .map((one): Tested => ({ touch: { ...one, landed: true, proven: true }, at: one.at, flaw: null }));
  const asked = { ...policy, model };
  const guarded = guard(eligible, asked, order.occurredAt);
  const pool = eligible.filter((one) => !guarded.includes(one));
  return pool.length > 0 ? pick(asked, pool).shares : [];
}
