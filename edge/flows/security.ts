/** What proves a person, and where they are signed in: seen, added, changed and taken away by themself alone. */
import type { SessionId } from '../core/id.ts';
import { err, ok, type Result } from '../core/result.ts';
import { sealText } from '../core/seal.ts';
import { newCode } from '../core/secret.ts';
import type { Change, Deps, Factors, OpenSession, Passkey, Person, SessionRow } from '../deps.ts';
import { auditedOf } from './audit.ts';
import { deviceOfPerson } from './device.ts';
import { isLive, isStaff } from './enter.ts';
import {
  digitsOf,
  exchange,
  type Holder,
  hashesOfCode,
  holdsCurrent,
  isEnrolled,
  keepChallenge,
  mayChange,
  SEAL_OF_TOTP,
  type Shown,
  takeChallenge,
  takeTotp,
} from './second-factor.ts';
import { forgiveTries, outside, spendTry } from './tries.ts';

const TOTP_BYTES = 20;
const RECOVERY_CODES = 10;
/** More than anybody has, and few enough to read. */
const MAX_PASSKEYS = 20;

export interface Security {
  readonly factors: Factors;
  readonly sessions: readonly SessionRow[];
  /** Null: there is none here, or it is not for this person. */
  readonly singleSignOn: { readonly name: string; readonly linked: boolean } | null;
}

export async function securityOf(deps: Deps, { session }: OpenSession): Promise<Security> {
  const { personId } = session;
  const { oidc } = deps.auth;
  const now = outside(deps);
  const [factors, sessions, places] = await Promise.all([
    deps.accounts.factors(personId),
    deps.accounts.sessions(personId, now),
    deps.accounts.places(personId),
  ]);
  const linked = factors.singleSignOns.some((one) => one.issuer === oidc?.issuer);
  return {
    factors,
    sessions: sessions.filter((one) => isLive(one, now)),
    singleSignOn: oidc && (linked || places.some(isStaff)) ? { name: oidc.name, linked } : null,
  };
}

/** A new secret for the authenticator app; it counts for nothing until a code of it was typed. */
export async function beginTotp(deps: Deps, open: OpenSession): Promise<Result<{ secret: string; uri: string }>> {
  const may = await mayChange(deps, open);
  if (!may.ok) return may;
  const { personId } = open.session;
  const person = await personOf(deps, open);
  const secret = deps.auth.totp.newSecret(deps.random(TOTP_BYTES));
  const sealed = await sealText(`${personId} ${secret}`, {
    ...{ purpose: SEAL_OF_TOTP, random: deps.random(12), keys: deps.secrets.authKeys },
  });
  const totp = { personId, sealed, confirmedAt: null, lastStep: 0 };
  // One that was confirmed is taken away first: that asks for it once more.
  const done = await deps.store.commit([{ kind: 'totp', totp }]);
  return done === 'done' ? ok({ secret, uri: deps.auth.totp.uri(secret, person.email) }) : err({ code: 'moved' });
}

/** The first code of the app: from now on it counts, and so does this one. With it come recovery codes, shown once. */
export async function confirmTotp(
  deps: Deps,
  holder: Holder,
  typed: string,
): Promise<Result<Shown & { codes: string[] }>> {
  const { open } = holder;
  const { personId } = open.session;
  const may = await mayChange(deps, open);
  if (!may.ok) return may;
  if (!(await holdsCurrent(holder))) return err({ code: 'moved' });
  const { totp } = may.value;
  if (!totp || totp.confirmedAt !== null) return err({ code: 'not_found' });
  const trier = { account: personId, device: await deviceOfPerson(deps, holder.device, personId) };
  const spent = await spendTry(deps, 'factor', trier);
  if (!spent.ok) return spent;
  const digits = digitsOf(typed);
  const used = digits && (await takeTotp(deps, totp, digits));
  if (!used) return err({ code: 'wrong_code' });
  const made = await newCodes(deps, open);
  const entries = await auditedOf(deps, personId, { act: 'totp.added' });
  const shown = await exchange(deps, holder, { by: 'totp', changes: [used, made.change, ...entries] });
  if (!shown.ok) return err({ code: 'wrong_code' });
  await forgiveTries(deps, 'factor', trier);
  return ok({ ...shown.value, codes: made.codes });
}

export async function removeTotp(deps: Deps, open: OpenSession): Promise<Result<null>> {
  const may = await mayChange(deps, open);
  if (!may.ok) return may;
  const { totp, passkeys } = may.value;
  if (!totp?.confirmedAt) return err({ code: 'not_found' });
  const { personId } = open.session;
  return committed(deps, [
    { kind: 'totp_gone', personId },
    ...(passkeys.length === 0 ? [noCodes(open)] : []),
    ...(await auditedOf(deps, personId, { act: 'totp.removed' })),
  ]);
}

/** In place of all that were before. */
export async function renewCodes(deps: Deps, open: OpenSession): Promise<Result<{ codes: string[] }>> {
  const may = await mayChange(deps, open);
  if (!may.ok) return may;
  // They stand in for another factor: where there is none, they would be the only one.
  if (!isEnrolled(may.value)) return err({ code: 'not_found' });
  const { codes, change } = await newCodes(deps, open);
  const entries = await auditedOf(deps, open.session.personId, { act: 'recovery_codes.renewed' });
  const done = await committed(deps, [change, ...entries]);
  return done.ok ? ok({ codes }) : done;
}

async function newCodes(deps: Deps, { session }: OpenSession): Promise<{ codes: string[]; change: Change }> {
  const { personId } = session;
  const codes = Array.from({ length: RECOVERY_CODES }, () => newCode(deps.random));
  const hashes = await Promise.all(codes.map(async (code) => (await hashesOfCode(deps, personId, code))[0] ?? ''));
  return { codes, change: { kind: 'recovery_codes', personId, hashes } };
}

const noCodes = ({ session }: OpenSession): Change => ({
  ...{ kind: 'recovery_codes', personId: session.personId, hashes: [] },
});

/** What `navigator.credentials.create` is to be asked. */
export async function beginPasskey(deps: Deps, open: OpenSession, origin: string): Promise<Result<object>> {
  const may = await mayChange(deps, open);
  if (!may.ok) return may;
  const { passkeys } = may.value;
  if (passkeys.length >= MAX_PASSKEYS) return err({ code: 'invalid', errors: [TOO_MANY] });
  const spent = await spendTry(deps, 'challenge', {});
  if (!spent.ok) return spent;
  const { id: personId, email, name } = await personOf(deps, open);
  const asked = await deps.auth.passkeys.enroll(
    { origin },
    { personId, email, name, challenge: deps.random(32), known: passkeys },
  );
  await deps.store.commit([await keepChallenge(deps, open.session, { kind: 'enroll', challenge: asked.challenge })]);
  return ok(asked);
}

const TOO_MANY = { pointer: '', detail: `at most ${MAX_PASSKEYS} passkeys: remove one first` };

/** The authenticator has verified its user, so that a second factor was shown with it. */
export async function addPasskey(
  deps: Deps,
  holder: Holder,
  { origin, response, name }: { origin: string; response: unknown; name: string },
): Promise<Result<Shown & { passkey: Passkey }>> {
  const { open } = holder;
  const { personId } = open.session;
  const may = await mayChange(deps, open);
  if (!may.ok) return may;
  if (!(await holdsCurrent(holder))) return err({ code: 'moved' });
  const taken = await takeChallenge(deps, open.session, { kind: 'enroll', response });
  const made = taken && (await deps.auth.passkeys.enrolled({ origin }, { response, challenge: taken.challenge }));
  if (!taken || !made) return err({ code: 'passkey_refused' });
  const passkey: Passkey = { ...made, personId, name, createdAt: outside(deps), lastUsedAt: null };
  const entries = await auditedOf(deps, personId, { act: 'passkey.added', after: { passkey: passkey.id } });
  const changes: Change[] = [taken.used, { kind: 'passkey', passkey }, ...entries];
  const shown = await exchange(deps, holder, { by: 'passkey', changes });
  return shown.ok ? ok({ ...shown.value, passkey }) : err({ code: 'passkey_refused' });
}

export async function renamePasskey(
  deps: Deps,
  open: OpenSession,
  { id, name }: { id: string; name: string },
): Promise<Result<Passkey>> {
  const { personId } = open.session;
  const { passkeys } = await deps.accounts.factors(personId);
  const passkey = passkeys.find((one) => one.id === id);
  if (!passkey) return err({ code: 'not_found' });
  const entries = await auditedOf(deps, personId, { act: 'passkey.renamed', after: { passkey: id } });
  const done = await committed(deps, [{ kind: 'passkey_name', personId, id, name }, ...entries]);
  return done.ok ? ok({ ...passkey, name }) : done;
}

export async function removePasskey(deps: Deps, open: OpenSession, id: string): Promise<Result<null>> {
  const may = await mayChange(deps, open);
  if (!may.ok) return may;
  const { passkeys, totp } = may.value;
  if (!passkeys.some((one) => one.id === id)) return err({ code: 'not_found' });
  const { personId } = open.session;
  const last = passkeys.length === 1 && !totp?.confirmedAt;
  return committed(deps, [
    { kind: 'passkey_gone', personId, id },
    ...(last ? [noCodes(open)] : []),
    ...(await auditedOf(deps, personId, { act: 'passkey.removed', before: { passkey: id } })),
  ]);
}

/** One of one's own sessions; the one that asks, too. */
export async function endSession(deps: Deps, { session }: OpenSession, id: SessionId): Promise<Result<null>> {
  const { personId } = session;
  const sessions = await deps.accounts.sessions(personId, outside(deps));
  if (!sessions.some((one) => one.id === id)) return err({ code: 'not_found' });
  return committed(deps, [
    { kind: 'session_end', personId, only: id },
    ...(await auditedOf(deps, personId, { act: 'session.ended', before: { session: id } })),
  ]);
}

/** All of one's sessions but the one that asks. */
export async function endOtherSessions(deps: Deps, { session }: OpenSession): Promise<Result<null>> {
  const { personId, id } = session;
  return committed(deps, [
    { kind: 'session_end', personId, but: id },
    ...(await auditedOf(deps, personId, { act: 'session.others_ended' })),
  ]);
}

async function personOf(deps: Deps, { session }: OpenSession): Promise<Person> {
  const person = await deps.accounts.person(session.personId);
  if (!person) throw new Error(`person ${session.personId} is gone`);
  return person;
}

const committed = async (deps: Deps, changes: readonly Change[]): Promise<Result<null>> =>
  (await deps.store.commit(changes)) === 'done' ? ok(null) : err({ code: 'moved' });
