/**
 * Who may do what to whose: one table, and everything that it does not allow is denied.
 *
 * A person's role lies on a place (a membership), never on the person: somebody may be an owner here and a partner's
 * member there. What an asker may not do looks to it as if it did not exist; only two things are said aloud, because
 * who asks can mend them: that a second factor is missing, and that a key lacks a scope.
 */
import type { PartnerId, PersonId, ProgramId } from './id.ts';

export const PROGRAM_ROLES = ['owner', 'manager', 'finance', 'compliance', 'analyst'] as const;
export const PARTNER_ROLES = ['owner', 'member'] as const;
export type ProgramRole = (typeof PROGRAM_ROLES)[number];
export type PartnerRole = (typeof PARTNER_ROLES)[number];
export type Role = ProgramRole | PartnerRole;

/** What a secret key may be allowed. None of them moves money or changes where it goes. */
export const SCOPES = ['read', 'track', 'manage', 'people', 'keys', 'audit'] as const;
export type Scope = (typeof SCOPES)[number];

const MINUTE_MS = 60_000;
/** How long a second factor is fresh: what moves money, or opens the way to it, asks again. */
export const FRESH_MS = 10 * MINUTE_MS;
/** How long it lets somebody look who may only look with one. */
export const SECOND_MS = 12 * 60 * MINUTE_MS;
/** So far may the clocks of two machines lie apart: a factor shown later than that was shown by no clock of ours. */
export const SKEW_MS = MINUTE_MS / 2;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** A session ends after this, however much it is used; and without a call for so long. */
export const SESSION_MS = 30 * DAY_MS;
export const IDLE_MS = 3 * DAY_MS;

/** A person's place: on a program's side, or with one of its partners. */
export type Place =
  | { readonly programId: ProgramId; readonly partnerId: null; readonly role: ProgramRole }
  | { readonly programId: ProgramId; readonly partnerId: PartnerId; readonly role: PartnerRole };

export interface SignedIn {
  readonly kind: 'person';
  readonly personId: PersonId;
  /** Null: this person has no place, or named one that is not theirs. */
  readonly place: Place | null;
  /** When this session last showed a second factor, ms since the epoch. */
  readonly secondAt: number | null;
}

export interface KeyHolder {
  readonly kind: 'key';
  readonly programId: ProgramId;
  readonly scopes: readonly Scope[];
}

export type Asker = SignedIn | KeyHolder;

/** A row: whoever it does not name may not. */
export type Rule = {
  /** Roles on the program's side, which act on all of the program. */
  readonly program?: readonly ProgramRole[];
  /** Roles at a partner, which act on that partner alone. */
  readonly partner?: readonly PartnerRole[];
  /** Anybody signed in, on nothing but themself. */
  readonly self?: true;
} & (
  | {
      /** Secret keys that hold this scope, which act on all of the program. */
      readonly key?: Scope;
      readonly fresh?: never;
      readonly upTo?: never;
    }
  // A key has no second factor, and is no role: where one of these is wanted there is no key.
  | {
      readonly key?: never;
      /** A second factor no older than `FRESH_MS`. */
      readonly fresh?: true;
      /** Up to so much of the smallest unit; roles that are not named have no limit. */
      readonly upTo?: { readonly [role in Role]?: number };
    }
);

const EVERYBODY = PROGRAM_ROLES;
const RUNNING = ['owner', 'manager'] as const;
const MONEY = ['owner', 'finance'] as const;
const ANY_PARTNER = PARTNER_ROLES;

export const ACTS = {
  // Oneself: the session, its place, its second factor, invitations.
  self: { self: true },
  // What happened, and what it came to.
  'orders.read': { program: EVERYBODY, partner: ANY_PARTNER, key: 'read' },
  'orders.write': { key: 'track' },
  'clicks.write': { key: 'track' },
  'reports.read': { program: EVERYBODY, partner: ANY_PARTNER, key: 'read' },
  'reports.compare': { program: EVERYBODY, key: 'read' },
  'balances.read': { program: [...MONEY, 'manager', 'analyst'], partner: ANY_PARTNER, key: 'read' },
  // How the program is run.
  'program.read': { program: EVERYBODY, key: 'read' },
  'program.write': { program: RUNNING, key: 'manage' },
  'setup.read': { program: EVERYBODY, key: 'read' },
  'clock.write': { program: RUNNING, key: 'manage' },
  'partners.read': { program: EVERYBODY, key: 'read' },
  'partners.write': { program: RUNNING, key: 'manage' },
  'groups.read': { program: EVERYBODY, key: 'read' },
  'groups.write': { program: RUNNING, key: 'manage' },
  'terms.write': { program: RUNNING, key: 'manage' },
  'links.read': { program: EVERYBODY, partner: ANY_PARTNER, key: 'read' },
  'links.write': { program: RUNNING, key: 'manage' },
  'codes.read': { program: EVERYBODY, partner: ANY_PARTNER, key: 'read' },
  'codes.write': { program: RUNNING, key: 'manage' },
  // Who takes part. Whoever is given a place can do what it allows, and give what it can give: so no key, and nobody without
  // a fresh second factor, gives one from which money is ever reached (`actOnTeam`). But for a partner that is only just being
  // added: its first person is named with it (`partners.write`), when nothing there has been earned yet.
  'team.read': { program: EVERYBODY, partner: ANY_PARTNER, key: 'people' },
  'team.write': { program: ['owner'], partner: ['owner'], key: 'people' },
  'team.write.partner': { program: RUNNING, key: 'people' },
  'team.write.money': { program: ['owner'], fresh: true },
  'team.write.payee': { program: RUNNING, partner: ['owner'], fresh: true },
  'keys.read': { program: ['owner', 'manager', 'compliance'], key: 'keys' },
  'keys.write': { program: ['owner'], key: 'keys' },
  'audit.read': { program: ['owner', 'finance', 'compliance'], key: 'audit' },
  // Money. No row here has a `key`.
  'adjustments.write': { program: ['owner', 'manager', 'finance'], upTo: { manager: 50_000 } },
  'payouts.prepare': { program: MONEY },
  'payouts.approve': { program: MONEY, fresh: true },
  'payouts.send': { program: MONEY, fresh: true },
  'payout-account.write': { partner: ['owner'], fresh: true },
  // What nobody may.
  none: {},
} as const satisfies Record<string, Rule>;

export type Act = keyof typeof ACTS;

/** Acts that bring money on its way, or say where it goes. */
export const MONEY_ACTS = [
  'adjustments.write',
  'payouts.prepare',
  'payouts.approve',
  'payouts.send',
  'payout-account.write',
] as const satisfies readonly Act[];

/** Roles that see nothing of the program without a second factor. */
const GUARDED: readonly Role[] = ['finance'];

export type Verdict =
  /** Of a partner, the rows of that partner alone; null: of all the program. */
  | { readonly may: true; readonly programId: ProgramId | null; readonly partnerId: PartnerId | null }
  /** As if it were not there. */
  | { readonly may: false; readonly why: 'not_found' }
  /** A second factor, or a fresh one, is wanted. */
  | { readonly may: false; readonly why: 'second_factor_required' }
  | { readonly may: false; readonly why: 'missing_scope'; readonly scope: Scope }
  /** No key may do this, whatever its scopes. */
  | { readonly may: false; readonly why: 'person_required' };

const NOT_FOUND = { may: false, why: 'not_found' } as const;
const SECOND = { may: false, why: 'second_factor_required' } as const;

/** Whether this asker may do this now; `amount` in the smallest unit, for acts that have a limit. */
export function decide(asker: Asker, act: Act, { now, amount }: { now: number; amount?: number }): Verdict {
  const rule: Rule = ACTS[act];
  return asker.kind === 'key' ? decideForKey(asker, rule) : decideForPerson(asker, rule, { now, amount });
}

function decideForKey({ programId, scopes }: KeyHolder, { key, ...people }: Rule): Verdict {
  if (!key) return Object.keys(people).length > 0 ? { may: false, why: 'person_required' } : NOT_FOUND;
  if (!scopes.includes(key)) return { may: false, why: 'missing_scope', scope: key };
  return { may: true, programId, partnerId: null };
}

function decideForPerson(
  { place, secondAt }: SignedIn,
  rule: Rule,
  { now, amount }: { now: number; amount: number | undefined },
): Verdict {
  if (rule.self) return { may: true, programId: place?.programId ?? null, partnerId: place?.partnerId ?? null };
  if (!place || !isNamed(place, rule) || !isWithin(place.role, rule, amount)) return NOT_FOUND;
  const lasts = rule.fresh ? FRESH_MS : isGuarded(place) ? SECOND_MS : null;
  if (lasts !== null && !isShown(secondAt, { lasts, now })) return SECOND;
  return { may: true, programId: place.programId, partnerId: place.partnerId };
}

/** Said so that what is no time at all is no second factor either. */
const isShown = (at: number | null, { lasts, now }: { lasts: number; now: number }): boolean =>
  at !== null && now - at <= lasts && now - at >= -SKEW_MS;

const isNamed = ({ partnerId, role }: Place, { program, partner }: Rule): boolean =>
  partnerId === null ? includes(program, role) : includes(partner, role);

const includes = (roles: readonly Role[] = [], role: Role): boolean => roles.includes(role);

/**
 * An act with a limit that is not told its amount is not allowed to those who have one; what is no whole number of units is
 * no amount, and nobody's.
 */
function isWithin(role: Role, { upTo = {} }: Rule, amount: number | undefined): boolean {
  const limit = upTo[role];
  if (amount === undefined) return limit === undefined;
  return Number.isSafeInteger(amount) && (limit === undefined || Math.abs(amount) <= limit);
}

export const isGuarded = ({ partnerId, role }: Pick<Place, 'partnerId' | 'role'>): boolean =>
  partnerId === null && GUARDED.includes(role);

/** Which act it is to give, change or take a place; `before`: what it was. */
export function actOnTeam(asker: Asker, place: Place, before: Place | null = null): Act {
  const was = before ?? place;
  if (!sees(asker, place) || !sees(asker, was) || place.partnerId !== was.partnerId) return 'none';
  const money = leadsToMoney(place) || leadsToMoney(was);
  if (place.partnerId === null) return money ? 'team.write.money' : 'team.write';
  if (money) return 'team.write.payee';
  const own = asker.kind === 'person' && asker.place?.partnerId === place.partnerId;
  return own ? 'team.write' : 'team.write.partner';
}

/** A place of the program that is asked from; from a partner's place, of that partner. */
function sees(asker: Asker, { programId, partnerId }: Place): boolean {
  if (asker.kind === 'key') return asker.programId === programId;
  const { place } = asker;
  return place?.programId === programId && (place.partnerId === null || place.partnerId === partnerId);
}

const leadsToMoney = (place: Place): boolean => MONEY_ACTS.some((act) => isNamed(place, ACTS[act]));

/** Roles that there are on a side. */
export const isRoleOf = (side: 'program' | 'partner', role: string): role is Role =>
  (side === 'program' ? PROGRAM_ROLES : PARTNER_ROLES).some((one) => one === role);
