/** What is known of people who sign in, and every change to it that a commit may hold. */
import type { Place, Role } from '../core/access.ts';
import type { KeyId, MembershipId, PartnerId, PersonId, ProgramId, SessionId } from '../core/id.ts';
import type { Currency } from '../core/money.ts';
import type * as schema from './schema.ts';
import type { ProgramMode } from './schema.ts';

export type { AttemptKind, AuditOrigin, SignInMethod } from './schema.ts';
export type Person = typeof schema.people.$inferSelect;
export type Membership = typeof schema.memberships.$inferSelect;
export type SessionRow = typeof schema.sessions.$inferSelect;
export type Attempt = typeof schema.attempts.$inferSelect;
export type Passkey = typeof schema.passkeys.$inferSelect;
export type Totp = typeof schema.totps.$inferSelect;
export type SingleSignOn = typeof schema.singleSignOns.$inferSelect;
export type KeyRow = typeof schema.keys.$inferSelect;

/** A session as a call finds it: whose it is, and from where they look. */
export interface OpenSession {
  readonly session: SessionRow;
  /** Null: nowhere, or a place that is not theirs. */
  readonly place: (Place & { readonly membershipId: MembershipId }) | null;
  /** How far the place's program runs ahead. */
  readonly clockOffsetMs: number;
}

/** One of a person's places, or (not joined) an invitation to one. */
export interface PersonPlace {
  readonly membershipId: MembershipId;
  readonly role: Role;
  readonly joinedAt: number | null;
  readonly programId: ProgramId;
  readonly programSlug: string;
  readonly programName: string;
  readonly mode: ProgramMode;
  readonly currency: Currency;
  readonly partnerId: PartnerId | null;
  readonly partnerSlug: string | null;
  readonly partnerName: string | null;
}

/** Somebody's place as the others of the same side see it. */
export interface Member {
  readonly membershipId: MembershipId;
  readonly personId: PersonId;
  readonly email: string;
  /** Theirs to tell: null until they have joined. */
  readonly name: string | null;
  readonly role: Role;
  readonly joinedAt: number | null;
  readonly partnerId: PartnerId | null;
  readonly partner: string | null;
}

/** What proves a person, beside the mailbox. */
export interface Factors {
  readonly totp: Totp | null;
  readonly passkeys: readonly Passkey[];
  readonly recoveryCodesLeft: number;
  readonly singleSignOns: readonly SingleSignOn[];
}

/** Something kept sealed under AUTH_KEYS. */
export interface SealedAtRest {
  readonly what: 'person_key' | 'totp';
  readonly personId: PersonId;
  readonly sealed: string;
}

export type AccountChange =
  /** The same under another key; left alone when it is another by now. */
  | { kind: 'resealed'; what: SealedAtRest['what']; personId: PersonId; was: string; sealed: string }
  /** Who is known by that address already stays as they are. */
  | { kind: 'person'; person: Person }
  | { kind: 'person_name'; personId: PersonId; name: string }
  /** For whoever has that address; `moved` when they have a place on that side already. */
  | { kind: 'place'; email: string; place: Omit<Membership, 'personId'> }
  /** `moved` when the role is another by now. Their sessions are told that rights have changed. */
  | { kind: 'place_role'; programId: ProgramId; id: MembershipId; role: Role; was: Role }
  /** `moved` when there is no such invitation any more. Their sessions are told that rights have changed. */
  | { kind: 'place_joined'; id: MembershipId; personId: PersonId; at: number }
  | { kind: 'place_declined'; id: MembershipId; personId: PersonId }
  /** With it every session of that person ends, unless it was never taken up. `moved` when it was taken away already. */
  | { kind: 'place_gone'; programId: ProgramId; id: MembershipId; role: Role; joinedAt: number | null }
  /** `moved` unless an owner who has joined is left on that side. */
  | { kind: 'owner_left'; programId: ProgramId; partnerId: PartnerId | null }
  | { kind: 'session'; session: SessionRow }
  /** One session, or all but one, of a person. */
  | { kind: 'session_end'; personId: PersonId; only?: SessionId; but?: SessionId }
  | { kind: 'session_place'; id: SessionId; membershipId: MembershipId }
  /** A second factor was shown: what the browser holds is exchanged. `moved` when that has happened already. */
  | { kind: 'session_second'; id: SessionId; was: string; hash: string; at: number }
  | { kind: 'attempt'; attempt: Attempt }
  /** Once, in time, by the browser that began it; else `moved`. */
  | { kind: 'attempt_used'; hash: string; browserHash: string; at: number }
  /** `moved` when somebody has that credential already. */
  | { kind: 'passkey'; passkey: Passkey }
  /** `moved` when it was used since, or is gone. */
  | { kind: 'passkey_used'; id: string; was: number; counter: number; at: number }
  | { kind: 'passkey_name'; personId: PersonId; id: string; name: string }
  | { kind: 'passkey_gone'; personId: PersonId; id: string }
  /** Takes the place of one that was never confirmed; `moved` when one was. */
  | { kind: 'totp'; totp: Totp }
  /** A code of that step, by that secret, was taken; `moved` when one of it or a later one was, or the secret is another. */
  | { kind: 'totp_step'; personId: PersonId; sealed: string; step: number; at: number }
  | { kind: 'totp_gone'; personId: PersonId }
  /** In place of all that were before. */
  | { kind: 'recovery_codes'; personId: PersonId; hashes: readonly string[] }
  /** By its hash under any key; `moved` when it was used already, or never was one. */
  | { kind: 'recovery_used'; personId: PersonId; hashes: readonly string[]; at: number }
  /** `moved` when that subject is somebody's. */
  | { kind: 'single_sign_on'; link: SingleSignOn }
  | { kind: 'single_sign_on_gone'; personId: PersonId; issuer: string; subject: string }
  | { kind: 'key'; key: KeyRow }
  /** `moved` when the program has more keys than so many that work at that time. */
  | { kind: 'key_room'; programId: ProgramId; at: number; limit: number }
  /** `moved` when it is revoked, or ends at another time than it was thought to. */
  | { kind: 'key_expires'; programId: ProgramId; id: KeyId; was: number | null; at: number }
  /** `moved` when it is revoked already. */
  | { kind: 'key_revoked'; programId: ProgramId; id: KeyId; at: number };
