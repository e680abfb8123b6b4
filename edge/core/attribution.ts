/**
 * Who earns an order, and why. Pure: touches, codes, enrollments, a customer's lock, the order's time and the policies in;
 * a verdict with its reasons out. The verdict is stored with the order and never worked out again when a setting changes.
 */
import { type ClickKey, type GroupId, idTime, type LinkId, type PartnerId } from './id.ts';
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
  readonly selfReferral: SelfReferralPolicy;
  readonly holdDays: number;
  /** Origins whose pages may send events, as in the Origin header. */
  readonly origins: readonly string[];
  /** Hosts that a link's `u` parameter may lead to. */
  readonly deepLinkHosts: readonly string[];
  /** Other names of the parameter `via`, as in `?ref=anna`. */
  readonly paramAliases: readonly string[];
}

export const MODELS = ['last', 'first', 'linear', 'position', 'customer_lock'] as const;
export type Model = (typeof MODELS)[number];

/** First, middle, last; they sum to 100. */
export type Weights = readonly [first: number, middle: number, last: number];

/** What another paid channel's newer click does: nothing, or it takes the order from all partners. */
export const CHANNEL_POLICIES = ['ignore', 'dedupe_if_newer'] as const;
export type ChannelPolicy = (typeof CHANNEL_POLICIES)[number];

/** What becomes of a partner's own purchases: it earns nothing of them, they are marked for review, or neither. */
export const SELF_REFERRAL_POLICIES = ['block', 'flag', 'allow'] as const;
export type SelfReferralPolicy = (typeof SELF_REFERRAL_POLICIES)[number];

/** What a link, else its partner's group, says in place of the program's policy; null leaves it to the next. */
export interface Override {
  readonly scopeId: LinkId | GroupId;
  readonly version: number;
  readonly startsAt: number;
  readonly model: Model | null;
  readonly windowDays: number | null;
  readonly guardSeconds: number | null;
  readonly rejectSolo: boolean | null;
}

/** The group a partner is in from a moment on; null: none. */
export interface Placement {
  readonly partnerId: PartnerId;
  readonly version: number;
  readonly startsAt: number;
  readonly groupId: GroupId | null;
}

/** How a touch came to stand beside this order; explains, never ranks. */
export type TouchLabel = 'click_id' | 'visitor' | 'joined';

/** One click that may have led to the order. */
export interface Touch {
  readonly clickKey: ClickKey;
  readonly partnerId: PartnerId;
  readonly linkId: LinkId | null;
  readonly class: ClickClass;
  readonly label: TouchLabel;
  /** A script landed with it, which is what a suspect click needs to count. */
  readonly landed: boolean;
  /** False when only a browser's word connects it with this order: it counts when no other touch does. */
  readonly proven: boolean;
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

/**
 * What an order's code does: credit its owner; credit its owner if a click of it is eligible; never decide, only let terms
 * by code apply; or keep everybody from earning.
 */
export const CODE_POLICIES = ['always', 'if_involved', 'if_winner', 'none'] as const;
export type CodePolicy = (typeof CODE_POLICIES)[number];

/** A discount code as the program keeps it: upper case; with `*` at its end it stands for all that begin so. */
export interface Code {
  readonly code: string;
  /** Null only where the policy is `none`. */
  readonly partnerId: PartnerId | null;
  readonly policy: CodePolicy;
  /** Null: from ever. */
  readonly startsAt: number | null;
  /** The first moment after it; null: without end. */
  readonly endsAt: number | null;
}

/** Reasons of an order that nobody earned. */
export const UNCREDITED = [
  'no_touch',
  'outside_window',
  'enrollment_inactive',
  'self_referral',
  'in_cart_guard',
  'channel_newer',
  'code_suppressed',
] as const;
export type Reason = Model | 'forced' | 'renewal' | 'code_owner_wins' | 'late_match' | (typeof UNCREDITED)[number];

/** Reasons after which a click or an identity that arrives late is still looked at. */
export const OPEN_REASONS: readonly Reason[] = ['no_touch', 'outside_window'];

export type Why =
  | 'won'
  | 'shared'
  | 'earlier'
  | 'later'
  | 'locked'
  | 'forced'
  | 'renewal'
  | 'code_owner'
  | 'code_owner_wins'
  | 'code_suppressed'
  | 'in_cart_guard'
  | 'channel_newer'
  | 'unproven'
  | Flaw;

/** What keeps a touch from earning an order, whatever else touched it. */
const FLAWS = ['outside_window', 'after_order', 'refused', 'suspect', 'enrollment_inactive', 'self_referral'] as const;
type Flaw = (typeof FLAWS)[number];

export interface Candidate {
  readonly clickKey: ClickKey;
  readonly partnerId: PartnerId;
  readonly linkId: LinkId | null;
  readonly class: ClickClass;
  readonly label: TouchLabel;
  readonly proven: boolean;
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

/** A line that its own code decides, in place of the order's shares. */
export interface LineVerdict {
  readonly line: number;
  readonly reason: 'code_owner_wins' | 'code_suppressed';
  readonly shares: readonly Share[];
}

/** What the link or group of the touch that sets the policy put in place of the program's settings. */
export interface InPlace {
  readonly linkVersion: number | null;
  readonly groupVersion: number | null;
  readonly model: Model;
  readonly guardSeconds: number;
  readonly rejectSolo: boolean;
}

export interface Verdict {
  readonly reason: Reason;
  /** Where in the precedence it was decided. */
  readonly step: 'forced' | 'renewal' | 'code' | 'customer_lock' | 'pool' | 'nobody';
  readonly model: Model;
  readonly policyVersion: number;
  /** Null: the program's policy as it is. */
  readonly override: InPlace | null;
  /** Of every line that `lines` does not name. In the order of each partner's latest touch. */
  readonly shares: readonly Share[];
  readonly lines: readonly LineVerdict[];
  /** Latest first. */
  readonly candidates: readonly Candidate[];
  /** Whom a verified order binds its customer to; null where nobody is to be bound. */
  readonly binds: PartnerId | null;
  /** False when the credit rests on touches that only a browser's word connects with this order. */
  readonly proven: boolean;
  /** Codes of the order, and of its lines, that were active and somebody's: what terms by code apply to. */
  readonly used: readonly UsedCode[];
  /** Beside the reason, never in its place. */
  readonly notes: readonly string[];
}

export interface UsedCode {
  /** As the program keeps it: the family's name where a family matched. */
  readonly code: string;
  readonly partnerId: PartnerId;
  /** Null: of the whole order. */
  readonly line: number | null;
}

/** What an order is decided on. */
export interface Journey {
  readonly occurredAt: number;
  /** When another paid channel was last clicked, if the shop says so. */
  readonly channelAt: number | null;
  readonly touches: readonly Touch[];
  /** Of the touches' partners, the codes' owners, the lock's and the forced one. */
  readonly enrollments: readonly Enrollment[];
  readonly lock: Lock | null;
  readonly policies: readonly Policy[];
  /** Of the touches' links and of their partners' groups. */
  readonly overrides: readonly Override[];
  readonly placements: readonly Placement[];
  /** Codes as the order names them, in its order, normalized. */
  readonly codes: readonly string[];
  /** One for each line, null where it has none. */
  readonly lineCodes: readonly (string | null)[];
  /** The program's codes that may match. */
  readonly knownCodes: readonly Code[];
  /** A partner that a privileged call names. */
  readonly forced: PartnerId | null;
  /** The shares of the first order, where this one renews it. */
  readonly renews: readonly Share[] | null;
  /** Partners who are the customer themselves. */
  readonly selfReferrers: readonly PartnerId[];
}

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

/** The version in force at a moment; before the first one starts, the first. Of two with one start, the later saved. */
export function inForce<Version extends { version: number; startsAt: number }>(
  versions: readonly Version[],
  at: number,
): Version {
  const found = inForceOf(versions, at);
  if (!found) throw new RangeError('a program without a version');
  return found;
}

/** The same where there may be none at all. */
export function inForceOf<Version extends { version: number; startsAt: number }>(
  versions: readonly Version[],
  at: number,
): Version | null {
  const [first, ...rest] = [...versions].sort((a, b) => a.startsAt - b.startsAt || a.version - b.version);
  if (!first) return null;
  return rest.reduce((found, next) => (next.startsAt <= at ? next : found), sameStart(first, rest));
}

/** Several first versions may share a start: then too the later saved holds. */
const sameStart = <Version extends { startsAt: number }>(first: Version, rest: Version[]): Version =>
  rest.findLast((next) => next.startsAt === first.startsAt) ?? first;

/** The group a partner was in at a moment. */
export const groupAt = (placements: readonly Placement[], partnerId: PartnerId, at: number): GroupId | null =>
  inForceOf(
    placements.filter((one) => one.partnerId === partnerId),
    at,
  )?.groupId ?? null;

/** What a touch's link says at a moment, and what its partner's group says. */
function overridesAt({ overrides, placements }: Journey, { linkId, partnerId }: Touch, at: number) {
  const of = (scopeId: LinkId | GroupId | null) =>
    scopeId &&
    inForceOf(
      overrides.filter((one) => one.scopeId === scopeId),
      at,
    );
  return { link: of(linkId) || null, group: of(groupAt(placements, partnerId, at)) || null };
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

/** How many days a touch's click may lead to an order: its link's, else its group's, else the program's, at the click. */
function windowOf(journey: Journey, touch: Touch, at: number): number {
  const { link, group } = overridesAt(journey, touch, at);
  return link?.windowDays ?? group?.windowDays ?? inForce(journey.policies, at).windowDays;
}

/** Letters of a code, once normalized: some letters of Unicode come to eighteen. */
export const MAX_CODE_LETTERS = 64;

/**
 * Codes are told apart by neither case nor width nor surrounding space. One that is longer than any that is kept is cut
 * short with `…`, which no normalized code contains: it may still belong to a family.
 */
export function normalizeDiscountCode(code: string): string {
  const letters = [...code.normalize('NFKC').trim().toUpperCase()];
  return letters.length <= MAX_CODE_LETTERS ? letters.join('') : `${letters.slice(0, MAX_CODE_LETTERS).join('')}…`;
}

/** Every name under which a code may be kept: its own, and the families it may belong to, the longest first. */
export const namesOfCode = (code: string): string[] => {
  const letters = [...code];
  return [code, ...letters.map((_, left) => `${letters.slice(0, letters.length - left).join('')}*`), '*'];
};

interface ReadCodes {
  /** An order-level code keeps everybody from earning. */
  readonly suppressed: boolean;
  /** The owner that the first deciding order-level code credits; `involved`: because of its click. */
  readonly owner: { readonly partnerId: PartnerId; readonly involved: boolean } | null;
  /** `involved`: because of its owner's click. */
  readonly lines: readonly (LineVerdict & { readonly involved: boolean })[];
  readonly used: readonly UsedCode[];
  /** A code was dropped because its owner is the customer. */
  readonly blocked: boolean;
  readonly notes: readonly string[];
}

/** What the order's codes, and its lines', come to. */
function readCodes(
  journey: Journey,
  blocked: ReadonlySet<PartnerId>,
  involved: (owner: PartnerId) => boolean,
): ReadCodes {
  const notes = new Set<string>();
  const byName = new Map(journey.knownCodes.map((one) => [one.code, one]));
  let dropped = false;
  const active = (name: string): Code | null => {
    const known = namesOfCode(name)
      .map((one) => byName.get(one))
      .find((one) => one !== undefined);
    if (!known) {
      notes.add(`code_unknown: ${name}`);
      return null;
    }
    if (!codeIsActive(known, journey)) {
      notes.add(`code_inactive: ${name}`);
      return null;
    }
    if (known.policy !== 'none' && known.partnerId && blocked.has(known.partnerId)) {
      dropped = true;
      return null;
    }
    return known;
  };
  const credits = (code: Code): ReadCodes['owner'] => {
    const { policy, partnerId } = code;
    if (partnerId === null || (policy !== 'always' && policy !== 'if_involved')) return null;
    if (policy === 'if_involved' && !involved(partnerId)) return null;
    return { partnerId, involved: policy === 'if_involved' };
  };

  const orders = journey.codes.map(active).filter((one) => one !== null);
  const ofLines = journey.lineCodes.map((name) => (name === null ? null : active(name)));
  const lines = ofLines.flatMap((code, line): ReadCodes['lines'] => {
    if (code?.policy === 'none') return [{ line, reason: 'code_suppressed', shares: [], involved: false }];
    const owner = code && credits(code);
    if (!owner) return [];
    return [{ line, reason: 'code_owner_wins', shares: wholeTo(owner.partnerId), involved: owner.involved }];
  });
  const used = [
    ...orders.map((code) => ({ code, line: null })),
    ...ofLines.flatMap((code, line) => (code ? [{ code, line }] : [])),
  ].flatMap(({ code: { code, partnerId }, line }) => (partnerId === null ? [] : [{ code, partnerId, line }]));
  if (new Set(used.map((one) => one.partnerId)).size > 1) notes.add('codes_of_two_partners');
  return {
    suppressed: orders.some((one) => one.policy === 'none'),
    owner: orders.map(credits).find((one) => one !== null) ?? null,
    lines,
    used,
    blocked: dropped,
    notes: [...notes],
  };
}

/** Inside its own span, and its owner takes part when the order occurs. A code that suppresses needs no owner. */
function codeIsActive({ policy, partnerId, startsAt, endsAt }: Code, journey: Journey): boolean {
  const { occurredAt } = journey;
  if (startsAt !== null && occurredAt < startsAt) return false;
  if (endsAt !== null && occurredAt >= endsAt) return false;
  if (policy === 'none' || partnerId === null) return true;
  const enrollment = enrollmentOf(journey, partnerId);
  if (!enrollment || occurredAt < enrollment.startedAt) return false;
  return enrollment.stoppedAt === null || occurredAt < enrollment.stoppedAt;
}

/** Marks for review a partner that a click, a code or a share brings beside its own purchase. */
function selfNotes(journey: Journey, program: Policy, beside: readonly { readonly partnerId: PartnerId }[]): string[] {
  if (program.selfReferral !== 'flag') return [];
  const present = new Set(beside.map((one) => one.partnerId));
  return journey.selfReferrers.filter((one) => present.has(one)).map((one) => `self_referral: ${one}`);
}

/** Whether a click made at `clickedAt` can still earn at `at`: inclusive, in UTC milliseconds. */
const insideWindow = (clickedAt: number, at: number, windowDays: number): boolean =>
  at <= clickedAt + windowDays * DAY_MS;

/** A touch with its time and what, if anything, keeps it from earning this order. */
interface Tested {
  readonly touch: Touch;
  readonly at: number;
  readonly flaw: Flaw | null;
}

/**
 * Every click once, latest first. What any telling of it vouches for holds: a landing, which a suspect one needs, and a
 * proven way to this order.
 */
function testedTouches(journey: Journey, blocked: ReadonlySet<PartnerId>): Tested[] {
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

const enrollmentOf = ({ enrollments }: Journey, partnerId: PartnerId): Enrollment | undefined =>
  enrollments.find((one) => one.partnerId === partnerId);

/** Active at the click is what counts; only an end for cause before the order reaches back. */
function countsFor(enrollment: Enrollment, clickedAt: number, occurredAt: number): boolean {
  const { startedAt, stoppedAt } = enrollment;
  if (clickedAt < startedAt) return false;
  if (stoppedAt === null) return true;
  return clickedAt < stoppedAt && !endedForCause(enrollment, occurredAt);
}

const endedForCause = (enrollment: Enrollment | undefined, at: number): boolean =>
  Boolean(enrollment?.forCause) && (enrollment?.stoppedAt ?? Infinity) <= at;

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

type Guarding = Pick<Policy, 'model' | 'guardSeconds' | 'rejectSolo'>;
type Picking = Pick<Policy, 'model' | 'weights'>;

/** The touches the guard drops. Models that share the order among all ignore it: nobody is displaced there. */
function guard(eligible: readonly Tested[], policy: Guarding, occurredAt: number): readonly Tested[] {
  if (policy.model === 'linear' || policy.model === 'position') return [];
  const guarded = eligible.filter((one) => occurredAt - one.at < policy.guardSeconds * 1000);
  if (guarded.length < eligible.length || policy.rejectSolo) return guarded;
  // With nobody else to protect, the latest of them wins after all.
  return guarded.slice(1);
}

const channelIsNewer = (policy: Policy, left: readonly Tested[], channelAt: number | null): boolean =>
  policy.channelPolicy === 'dedupe_if_newer' && channelAt !== null && left.length > 0 && channelAt > (left[0]?.at ?? 0);

/** How a model shares an order among the pool (latest first, not empty), and what it says of each touch. */
function pick(policy: Picking, pool: readonly Tested[]): { shares: Share[]; why: (one: Tested) => Why } {
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

const wholeTo = (partnerId: PartnerId): Share[] => [{ partnerId, shareMicros: WHOLE_MICROS }];

const whole = (winner: Tested | undefined, others: Why) => ({
  shares: winner ? wholeTo(winner.touch.partnerId) : [],
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
