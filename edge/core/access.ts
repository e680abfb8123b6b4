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

export interface Rule {
  /** Roles on the program's side, which act on all of the program. */
  readonly program?: readonly ProgramRole[];
  /** Roles at a partner, which act on that partner alone. */
  readonly partner?: readonly PartnerRole[];
  /** Secret keys that hold this scope, which act on all of the program. */
  readonly key?: Scope;
  /** Anybody signed in, on nothing but themself. */
  readonly self?: true;
  /** A second factor no older than `FRESH_MS`. */
  readonly fresh?: true;
  /** Up to so much of the smallest unit; roles that are not named have no limit. */
  readonly upTo?: { readonly [role in Role]?: number };
}

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
  // Who takes part. What a key can give, it could give to somebody who then moves money: so a key gives no money.
  'team.read': { program: EVERYBODY, partner: ANY_PARTNER, key: 'people' },
  'team.write': { program: ['owner'], partner: ['owner'], key: 'people' },
  'team.write.partner': { program: RUNNING, key: 'people' },
  'team.write.money': { program: ['owner'], fresh: true },
  'keys.read': { program: ['owner', 'manager', 'compliance'], key: 'keys' },
  'keys.write': { program: ['owner'], key: 'keys' },
  'audit.read': { program: ['owner', 'finance', 'compliance'], key: 'audit' },
  // Money. No row here has a `key`.
  'adjustments.write': { program: ['owner', 'manager', 'finance'], upTo: { manager: 50_000 } },
  'payouts.prepare': { program: MONEY },
  'payouts.approve': { program: MONEY, fresh: true },
  'payouts.send': { program: MONEY, fresh: true },
  'payout-account.write': { partner: ['owner'], fresh: true },
} as const satisfies Record<string, Rule>;

export type Act = keyof typeof ACTS;

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

function decideForKey({ programId, scopes }: KeyHolder, { key }: Rule): Verdict {
  if (!key) return { may: false, why: 'person_required' };
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
  const age = secondAt === null ? Infinity : now - secondAt;
  const needed = rule.fresh ? FRESH_MS : isGuarded(place) ? SECOND_MS : Infinity;
  if (age > needed) return SECOND;
  return { may: true, programId: place.programId, partnerId: place.partnerId };
}

const isNamed = (place: Place, rule: Rule): boolean =>
  place.partnerId === null ? includes(rule.program, place.role) : includes(rule.partner, place.role);

const includes = (roles: readonly Role[] = [], role: Role): boolean => roles.includes(role);

/** An act with a limit that is not told its amount is not allowed to those who have one. */
function isWithin(role: Role, { upTo = {} }: Rule, amount: number | undefined): boolean {
  const limit = upTo[role];
  return limit === undefined || (amount !== undefined && Math.abs(amount) <= limit);
}

export const isGuarded = ({ partnerId, role }: Pick<Place, 'partnerId' | 'role'>): boolean =>
  partnerId === null && GUARDED.includes(role);

/** Which act it is to give, change or take a place. Owner and finance are the ways to money. */
export function actOnTeam(asker: Asker, place: Place, before: Place | null = null): Act {
  const ways = [place, ...(before ? [before] : [])];
  if (ways.some((one) => one.partnerId === null && (one.role === 'owner' || one.role === 'finance'))) {
    return 'team.write.money';
  }
  const ofProgram = asker.kind === 'key' || asker.place?.partnerId === null;
  return place.partnerId !== null && ofProgram ? 'team.write.partner' : 'team.write';
}

/** Roles that there are on a side. */
export const isRoleOf = (side: 'program' | 'partner', role: string): role is Role =>
  (side === 'program' ? PROGRAM_ROLES : PARTNER_ROLES).some((one) => one === role);
