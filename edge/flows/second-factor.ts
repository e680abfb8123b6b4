/**
 * A second factor: a code of the authenticator app, a recovery code, or a passkey that verifies its user. Each code is taken
 * once; what the browser holds is exchanged with it, since it opens more from then on.
 */
import { FRESH_MS } from '../core/access.ts';
import type { PersonId } from '../core/id.ts';
import { keyHash } from '../core/identity.ts';
import { err, ok, type Result } from '../core/result.ts';
import { macsOf, openText } from '../core/seal.ts';
import { newSecret, normalizeSecretCode } from '../core/secret.ts';
import type { Change, Deps, Factors, OpenSession, SessionRow, Totp } from '../deps.ts';
import { auditedBy } from './audit.ts';
import { deviceOfPerson, makeKnown } from './device.ts';
import { forgiveTries, missed, outside, spendTry } from './tries.ts';

/** Whoever shows one: their session, and what their browser holds of it and is known by. */
export interface Holder {
  readonly open: OpenSession;
  readonly secret: string;
  readonly device: string | null;
}

/** After it was shown. */
export interface Shown {
  /** What the browser is to hold from now on. */
  readonly secret: string;
  readonly session: SessionRow;
  /** What it is known by from now on; null: as before. */
  readonly device: string | null;
}

const CHALLENGE_MS = 10 * 60_000;
export const SEAL_OF_TOTP = 'tributary: secrets of authenticator apps, 1';
const MAC_OF_CODES = 'tributary: recovery codes, 1';

export const isEnrolled = ({ totp, passkeys }: Factors): boolean =>
  (totp?.confirmedAt ?? null) !== null || passkeys.length > 0;

/**
 * What proves a person, if it may be changed now: only by one who has proven it within minutes, by a second factor, or where
 * there is none, by signing in.
 */
export async function mayChange(deps: Deps, { session }: OpenSession): Promise<Result<Factors>> {
  const factors = await deps.accounts.factors(session.personId);
  const now = outside(deps);
  const within = (at: number | null) => at !== null && now - at <= FRESH_MS;
  if (within(session.secondAt)) return ok(factors);
  if (isEnrolled(factors)) return err({ code: 'second_factor_required' });
  return within(session.createdAt) ? ok(factors) : err({ code: 'sign_in_again' });
}

/**
 * A code that somebody typed:
 *
 * 1. counted before it is looked at, so that many at once count too
 * 2. six digits are the app's, all else is a recovery code
 * 3. in one commit it is used up and the session exchanged; of two at once one is too late
 * 4. right: what was counted is forgotten, and the browser is known; wrong: the log says so
 */
export async function showCode(deps: Deps, holder: Holder, typed: string): Promise<Result<Shown>> {
  const { open } = holder;
  const { personId } = open.session;
  if (!(await holdsCurrent(holder))) return err({ code: 'moved' });
  const trier = { account: personId, device: await deviceOfPerson(deps, holder.device, personId) };
  const may = await spendTry(deps, 'factor', trier);
  if (!may.ok) return may;
  const { totp } = await deps.accounts.factors(personId);
  const digits = digitsOf(typed);
  const used = digits
    ? totp?.confirmedAt && (await takeTotp(deps, totp, digits))
    : await takeRecoveryCode(deps, personId, typed);
  const by = digits ? 'totp' : 'recovery_code';
  const shown = used ? await exchange(deps, holder, { by, changes: [used] }) : null;
  if (!shown?.ok) {
    await tellRefused(deps, open, by);
    return err({ code: 'wrong_code' });
  }
  await forgiveTries(deps, 'factor', trier);
  return shown;
}

/** Six digits, however they were spaced; null when it is something else. */
export const digitsOf = (typed: string): string | null => /^\d{6}$/.exec(typed.replace(/[\s-]/g, ''))?.[0] ?? null;

/** The change that uses up a code of the app; null when it is none, or was used. */
export async function takeTotp(deps: Deps, totp: Totp, digits: string): Promise<Change | null> {
  const { personId, sealed, lastStep } = totp;
  const opened = await openText(sealed, { purpose: SEAL_OF_TOTP, keys: deps.secrets.authKeys });
  const [owner, secret] = opened?.text.split(' ') ?? [];
  // Sealed with its owner's name, so that one row's secret is of no use in another's.
  if (owner !== personId || !secret) throw new Error(`the authenticator secret of person ${personId} does not open`);
  const now = outside(deps);
  const step = deps.auth.totp.stepOf(secret, digits, now);
  return step === null || step <= lastStep ? null : { kind: 'totp_step', personId, sealed, step, at: now };
}

/** What is kept of a recovery code, under each of our keys; the current one's first. */
export const hashesOfCode = (deps: Deps, personId: PersonId, code: string): Promise<string[]> =>
  macsOf(`${personId} ${normalizeSecretCode(code)}`, { purpose: MAC_OF_CODES, keys: deps.secrets.authKeys });

async function takeRecoveryCode(deps: Deps, personId: PersonId, typed: string): Promise<Change> {
  const hashes = await hashesOfCode(deps, personId, typed);
  return { kind: 'recovery_used', personId, hashes, at: outside(deps) };
}

/** What `navigator.credentials.get` is to be asked for a second factor: one of this person's own. */
export async function askForOwnPasskey(deps: Deps, holder: Holder, origin: string): Promise<Result<object>> {
  const { session } = holder.open;
  const { personId } = session;
  const may = await spendTry(deps, 'challenge', { device: await deviceOfPerson(deps, holder.device, personId) });
  if (!may.ok) return may;
  const { passkeys } = await deps.accounts.factors(personId);
  if (passkeys.length === 0) return err({ code: 'not_found' });
  const asked = await deps.auth.passkeys.ask({ origin }, { challenge: deps.random(32), known: passkeys });
  await deps.store.commit([await keepChallenge(deps, session, { kind: 'passkey', challenge: asked.challenge })]);
  return ok(asked);
}

/** A challenge of somebody who is signed in: good in this session alone. */
export async function keepChallenge(
  deps: Deps,
  session: SessionRow,
  { kind, challenge }: { kind: 'passkey' | 'enroll'; challenge: string },
): Promise<Change> {
  const attempt = {
    ...{ hash: await keyHash(challenge), kind, browserHash: await placeOfSession(session), personId: session.personId },
    ...{ codeHash: null, sealed: null, next: null, endsAt: outside(deps) + CHALLENGE_MS, usedAt: null },
  };
  return { kind: 'attempt', attempt };
}

/** The session stands for the browser: what the browser holds is exchanged now and then, the session's id is not. */
const placeOfSession = ({ id }: SessionRow): Promise<string> => keyHash(`session ${id}`);

/** The challenge that a passkey answers, and the change that uses it up; null when this session was never asked that. */
export async function takeChallenge(
  deps: Deps,
  session: SessionRow,
  { kind, response }: { kind: 'passkey' | 'enroll'; response: unknown },
): Promise<{ challenge: string; used: Change } | null> {
  const challenge = deps.auth.passkeys.challengeOf(response);
  if (challenge === null) return null;
  const now = outside(deps);
  const browserHash = await placeOfSession(session);
  const found = await deps.accounts.attempt({ hash: await keyHash(challenge) }, { browserHash, now });
  if (found?.kind !== kind || found.personId !== session.personId) return null;
  return { challenge, used: { kind: 'attempt_used', hash: found.hash, browserHash, at: now } };
}

export async function showPasskey(
  deps: Deps,
  holder: Holder,
  { origin, response }: { origin: string; response: { id: string } },
): Promise<Result<Shown>> {
  const { session } = holder.open;
  if (!(await holdsCurrent(holder))) return err({ code: 'moved' });
  const refused = async () => {
    const said = await missed(deps, 'passkey_refused');
    if (said.refusal.code === 'passkey_refused') await tellRefused(deps, holder.open, 'passkey');
    return said;
  };
  const taken = await takeChallenge(deps, session, { kind: 'passkey', response });
  const passkey = taken && (await deps.accounts.passkey(response.id));
  if (!taken || passkey?.personId !== session.personId) return refused();
  const { challenge, used } = taken;
  const answered = await deps.auth.passkeys.answered({ origin }, { response, challenge, passkey });
  if (!answered) return refused();
  const counted = { id: passkey.id, was: passkey.counter, counter: answered.counter, at: outside(deps) };
  const shown = await exchange(deps, holder, {
    by: 'passkey',
    changes: [used, { kind: 'passkey_used', ...counted }],
  });
  return shown.ok ? shown : refused();
}

/**
 * A call with what the browser held before an exchange that is still on its way is asked to look again: a second exchange
 * would leave it with whichever answer comes last.
 */
export const holdsCurrent = async ({ open, secret }: Holder): Promise<boolean> =>
  (await keyHash(secret)) === open.session.hash;

/** Uses up what was shown, and exchanges what the browser holds, in one commit; `moved`: something else was first. */
export async function exchange(
  deps: Deps,
  { open, device }: Holder,
  { by, changes }: { by: string; changes: readonly Change[] },
): Promise<Result<Shown>> {
  const { session } = open;
  const { id, personId, hash: was } = session;
  const [secret, at] = [newSecret(deps.random), outside(deps)];
  const hash = await keyHash(secret);
  const done = await deps.store.commit([
    ...changes,
    { kind: 'session_second', id, was, hash, at },
    ...(await auditedBy(deps, open, { act: 'second_factor.shown', after: { by } })),
  ]);
  if (done === 'moved') return err({ code: 'moved' });
  const next = { ...session, hash, previousHash: was, rotatedAt: at, rotates: false, secondAt: at };
  return ok({ secret, session: next, device: await makeKnown(deps, device, personId) });
}

async function tellRefused(deps: Deps, open: OpenSession, by: string): Promise<void> {
  const entries = await auditedBy(deps, open, { act: 'second_factor.refused', after: { by } });
  if (entries.length > 0) await deps.store.commit(entries);
}
