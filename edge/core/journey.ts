/**
 * The words of attribution: what an order is decided on, what is decided, and which version of a setting holds when.
 */
import type { ClickKey, GroupId, LinkId, PartnerId } from './id.ts';
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
export const FLAWS = [
  'outside_window',
  'after_order',
  'refused',
  'suspect',
  'enrollment_inactive',
  'self_referral',
] as const;
export type Flaw = (typeof FLAWS)[number];

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

/** A partner's place, among those of the journey. */
export const enrollmentOf = ({ enrollments }: Journey, partnerId: PartnerId): Enrollment | undefined =>
  enrollments.find((one) => one.partnerId === partnerId);

/** All of an order, or of a line, for one partner. */
export const wholeTo = (partnerId: PartnerId): Share[] => [{ partnerId, shareMicros: WHOLE_MICROS }];
