/** What crosses the wire of people: signing in, security, teams, keys, the audit log. As `contract.ts`, of which it is part. */
import { z } from 'zod';
import { mailbox, object, partner, text, time } from './contract.ts';
import { type Act, PARTNER_ROLES, PROGRAM_ROLES, type Role, SCOPES, type Scope } from './core/access.ts';
import type { Currency } from './core/money.ts';

/** A path of the dashboard, and nothing that a browser could read as another host, then or when it is taken up again. */
const next = z
  .string('a path')
  .regex(/^(?![^?#]*\/\/)\/[!-[\]-~]*$/, 'a path of this host')
  .max(512, 'at most 512 characters');
export const NextPath = next;
const secret = z.string('as the link has it').max(256, 'as the link has it');
/** What people read from somewhere and type. */
const code = z.string('a code').trim().min(1, 'a code').max(64, 'a code');
/** What the browser answered to a challenge; the library reads it further. */
const credential = z.looseObject({ id: z.string('a credential'), response: z.looseObject({}, object) }, object);
const role = z.enum([...new Set<Role>([...PROGRAM_ROLES, ...PARTNER_ROLES])], 'a role');

/** `POST /v1/sign-in/link`: a link by mail, for whoever has a place. The answer never says whether somebody does. */
export const LinkAsked = z.strictObject({ email: mailbox, next: next.optional() }, object);
/** `POST /v1/sign-in/confirm`: the link's token, or the code that stood beside it. */
export const LinkPressed = z
  .strictObject({ token: secret.optional(), code: code.optional() }, object)
  .refine((given) => (given.token === undefined) !== (given.code === undefined), {
    path: ['token'],
    error: 'either token or code',
  });
/** `POST /v1/sign-in/passkey/options`, `/v1/security/passkeys/options`, `/v1/second-factor/passkey/options`. */
export const Nothing = z.strictObject({}, object);
/** `POST /v1/sign-in/passkey`, `/v1/second-factor/passkey`. */
export const PasskeyAnswer = z.strictObject({ credential, next: next.optional() }, object);
/** `POST /v1/security/passkeys`. */
export const PasskeyCall = z.strictObject({ credential, name: text(64) }, object);
export const PasskeyPatch = z.strictObject({ name: text(64) }, object);
/** `POST /v1/second-factor`: of the authenticator app, or a recovery code; `POST /v1/security/totp/confirm`. */
export const FactorCall = z.strictObject({ code }, object);
/** `POST /v1/session`: look from another of one's places. */
export const SessionCall = z.strictObject({ place: z.string('one of your places').max(64) }, object);
/** `PATCH /v1/session`. */
export const PersonPatch = z.strictObject({ name: text(120) }, object);
/** `POST /v1/session/invitations/:id`. */
export const InvitationCall = z.strictObject({ accept: z.boolean('true or false') }, object);

/** `POST /v1/members`: on the program's side, or with a partner. */
export const MemberCall = z.strictObject({ email: mailbox, role, partner: partner.optional() }, object);
export const MemberPatch = z.strictObject({ role }, object);

const scopes = z
  .array(z.enum(SCOPES, SCOPES.join(', ')), 'a list of scopes')
  .min(1, 'at least one')
  .refine((all) => new Set(all).size === all.length, 'no scope twice');
/** No key is limited below this. */
export const MIN_CALLS_A_MINUTE = 6_000;
/** `POST /v1/keys`. */
export const KeyCall = z
  .strictObject(
    {
      kind: z.enum(['publishable', 'secret'], 'publishable or secret'),
      name: text(64),
      /** Of a secret key; all but `people`, `keys` and `audit` when left out. */
      scopes: scopes.optional(),
      expiresAt: time,
      callsAMinute: z
        .int('a whole number')
        .min(MIN_CALLS_A_MINUTE, `at least ${MIN_CALLS_A_MINUTE}`)
        .max(60_000, 'at most 60000')
        .optional(),
    },
    object,
  )
  .refine(({ kind, scopes }) => kind === 'secret' || scopes === undefined, {
    path: ['scopes'],
    error: 'only secret keys have scopes',
  });
/** `POST /v1/keys/:id/rotate`: a new key as that one, which goes on for so many hours. */
export const KeyRotation = z.strictObject(
  { overlapHours: z.int('whole hours').min(0, 'from 0').max(720, 'to 720').default(24) },
  object,
);

/** Where a person looks from, or could. */
export interface Where {
  /** Sent as `Tributary-Place`, it makes a call look from there, whatever the session says. */
  id: string;
  role: Role;
  program: { id: string; slug: string; name: string; mode: 'live' | 'sandbox'; currency: Currency };
  /** Null: the program's side. */
  partner: { id: string; slug: string; name: string } | null;
}

export interface SessionAnswer {
  person: { id: string; name: string; email: string };
  /** Null: nobody has given this person a place yet. */
  current: Where | null;
  /** What may be done from there, a second factor aside. */
  may: Act[];
  places: Where[];
  invitations: Where[];
  second: {
    /** From here nothing is seen without one. */
    required: boolean;
    /** An authenticator app or a passkey is there. */
    enrolled: boolean;
    /** Until when looking, and until when acting on money, asks for none. */
    until: string | null;
    freshUntil: string | null;
  };
}

/** How this deployment signs people in. */
export interface SignInAnswer {
  singleSignOn: { name: string } | null;
}

/**
 * Why a trip to the single sign-on led nowhere: `/sign-in?problem=…`, or `/security?problem=…` after linking. `link_over`: it
 * took too long, was used, or began in another browser. `refused`: the answer was a no, or not one to us. `not_linked`:
 * nobody here has linked that account. `not_staff`: whoever did has no place on a program's side. `taken`: somebody else
 * has linked it.
 */
export type SignInProblem =
  | 'link_over'
  | 'refused'
  | 'not_linked'
  | 'not_staff'
  | 'taken'
  | 'single_sign_on_down'
  | 'too_many_tries';

/** Signed in: where to go. */
export interface SignedInAnswer {
  next: string;
}

export interface PasskeyLine {
  id: string;
  name: string;
  createdAt: string;
  lastUsedAt: string | null;
}

export interface SessionLine {
  id: string;
  /** As `Firefox on Linux`. */
  agent: string;
  country: string | null;
  method: 'link' | 'passkey' | 'oidc';
  createdAt: string;
  seenAt: string;
  /** The one that asks. */
  current: boolean;
}

export interface SecurityAnswer {
  totp: { confirmedAt: string } | null;
  recoveryCodesLeft: number;
  passkeys: PasskeyLine[];
  sessions: SessionLine[];
  singleSignOn: { name: string; linked: boolean } | null;
}

/** Shown once: what the authenticator app is given. */
export interface TotpAnswer {
  secret: string;
  uri: string;
}

/** Shown once. */
export interface RecoveryCodesAnswer {
  recoveryCodes: string[];
}

export interface MemberAnswer {
  id: string;
  /** Null until they have joined: until then only the address is known. */
  personId: string | null;
  email: string;
  /** Null until they have joined. */
  name: string | null;
  role: Role;
  /** The partner's slug; null: the program's side. */
  partner: string | null;
  /** Null: invited. */
  joinedAt: string | null;
  invitedAt: string;
}

export interface KeyAnswer {
  id: string;
  kind: 'publishable' | 'secret';
  name: string;
  /** How it begins and ends: `trb_sk_live_…x7Qa`. */
  hint: string;
  scopes: Scope[];
  callsAMinute: number;
  createdAt: string;
  expiresAt: string | null;
  revokedAt: string | null;
  lastUsedAt: string | null;
  /** Shown once, to whoever made it. */
  key?: string;
}

export interface AuditAnswer {
  id: string;
  at: string;
  actor: { kind: 'person' | 'key' | 'system'; id: string | null; name: string | null };
  /** One of `AUDIT_ACTS` (`core/audit.ts`), or what an act was called before. */
  act: string;
  /** What it was done to, as `partner:<id>`. */
  subject: string;
  /** On whose behalf: a partner's slug or id; null: the program's own. */
  partner: string | null;
  before: unknown;
  after: unknown;
  country: string | null;
  address: string | null;
  /** Its place in the chain; null: not sealed yet. */
  number: number | null;
  hash: string | null;
}

/** Whether the chain holds. */
export interface AuditProof {
  sealed: number;
  open: number;
  /** Of the last link; note it elsewhere, and nobody can make the chain anew. */
  head: string | null;
  intact: boolean;
  /** Entries that are not as they were sealed, or gone; the first hundred. Null where there is no number, or no id, any more. */
  altered: { number: number | null; id: string | null; what: 'altered' | 'missing' | 'unsealed' }[];
  /** There is more than one call proves: ask again with it as `cursor`. */
  nextCursor?: string;
}
