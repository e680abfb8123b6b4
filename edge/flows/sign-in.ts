/**
 * Signing in by a letter, or by a passkey. What is kept of either is hashed, and good once, in the browser that asked.
 */
import { keyHash } from '../core/identity.ts';
import { ok, type Result } from '../core/result.ts';
import { newCode, newSecret, normalizeSecretCode } from '../core/secret.ts';
import type { Change, Deps } from '../deps.ts';
import { signInLetter } from '../mail/letters.ts';
import { deviceOfPerson, readDevice } from './device.ts';
import { type Browser, enter, type SignedIn } from './enter.ts';
import { forgiveTries, missed, outside, spendTry } from './tries.ts';

const MINUTE_MS = 60_000;
const LINK_MS = 15 * MINUTE_MS;
/** A page may stand open for a while before somebody takes a passkey. */
const CHALLENGE_MS = 15 * MINUTE_MS;

/**
 * A letter with a link and a code. For an address that nobody has the same is done and kept, so that neither the answer nor
 * its time tells who is known here; `send` is for after the answer.
 */
export async function askForLink(
  deps: Deps,
  { browser, email, next }: { browser: Browser; email: string; next: string | null },
): Promise<Result<{ send(): Promise<void> }>> {
  const person = await deps.accounts.personByEmail(email);
  const device = await deviceOfPerson(deps, browser.device, person?.id ?? null);
  const may = await spendTry(deps, 'link', { account: email, device });
  if (!may.ok) return may;
  const token = newSecret(deps.random);
  const code = newCode(deps.random);
  const [hash, browserHash, codeHash] = await Promise.all([
    keyHash(token),
    keyHash(browser.secret),
    codeHashOf(browser.secret, code),
  ]);
  const attempt = {
    ...{ hash, kind: 'link' as const, browserHash, personId: person?.id ?? null, codeHash, sealed: null },
    ...{ next, endsAt: outside(deps) + LINK_MS, usedAt: null },
  };
  await deps.store.commit([{ kind: 'attempt', attempt }]);
  const { origin, agent } = browser;
  return ok({
    async send() {
      // To the address that is stored: what was typed may look the same and be another.
      if (person) await deps.mail.send({ to: person.email, ...signInLetter({ origin, token, code, agent }) });
    },
  });
}

/** Without what the browser holds, nobody who reads the database finds the code. */
const codeHashOf = (secret: string, code: string): Promise<string> => keyHash(`${secret} ${normalizeSecretCode(code)}`);

/** The press on a letter's link, or the code that stood in it. */
export async function pressLink(
  deps: Deps,
  { browser, by }: { browser: Browser; by: { token: string } | { code: string } },
): Promise<Result<SignedIn>> {
  const browserHash = await keyHash(browser.secret);
  const may = await spendTry(deps, 'press', { browser: browserHash });
  if (!may.ok) return may;
  const found = await deps.accounts.attempt(
    'token' in by ? { hash: await keyHash(by.token) } : { codeHash: await codeHashOf(browser.secret, by.code) },
    { browserHash, now: outside(deps) },
  );
  const person = found?.kind === 'link' && found.personId ? await deps.accounts.person(found.personId) : null;
  if (!found || !person) return missed(deps, 'link_over');
  const device = await deviceOfPerson(deps, browser.device, person.id);
  const entered = await enter(deps, { browser, personId: person.id, method: 'link', uses: found, next: found.next });
  if (!entered.ok) return missed(deps, 'link_over');
  await forgiveTries(deps, 'press', { browser: browserHash });
  await forgiveTries(deps, 'link', { account: person.email, device });
  return entered;
}

/** What `navigator.credentials.get` is to be asked: whoever has a passkey of this site may answer. */
export async function askForPasskey(deps: Deps, browser: Browser): Promise<Result<object>> {
  const device = await readDevice(deps, browser.device);
  const may = await spendTry(deps, 'challenge', { device: device?.id ?? null });
  if (!may.ok) return may;
  const challenge = deps.random(32);
  const asked = await deps.auth.passkeys.ask(browser, { challenge, known: [] });
  const attempt = {
    ...{ hash: await keyHash(asked.challenge), kind: 'passkey' as const, browserHash: await keyHash(browser.secret) },
    ...{ personId: null, codeHash: null, sealed: null, next: null, endsAt: outside(deps) + CHALLENGE_MS, usedAt: null },
  };
  await deps.store.commit([{ kind: 'attempt', attempt }]);
  return ok(asked);
}

/** A passkey's answer: it verifies its user, so it is a second factor as well. */
export async function answerByPasskey(
  deps: Deps,
  { browser, response, next }: { browser: Browser; response: { id: string }; next: string | null },
): Promise<Result<SignedIn>> {
  const challenge = deps.auth.passkeys.challengeOf(response);
  const found =
    challenge === null
      ? null
      : await deps.accounts.attempt(
          { hash: await keyHash(challenge) },
          { browserHash: await keyHash(browser.secret), now: outside(deps) },
        );
  if (challenge === null || found?.kind !== 'passkey' || found.personId !== null)
    return missed(deps, 'passkey_refused');
  const passkey = await deps.accounts.passkey(response.id);
  if (!passkey) return missed(deps, 'passkey_refused');
  const answered = await deps.auth.passkeys.answered(browser, { response, challenge, passkey });
  if (!answered) return missed(deps, 'passkey_refused');
  const used: Change = {
    ...{ kind: 'passkey_used', id: passkey.id, was: passkey.counter, counter: answered.counter, at: outside(deps) },
  };
  const entered = await enter(deps, {
    ...{ browser, personId: passkey.personId, method: 'passkey' as const, uses: found, next },
    ...{ second: true, more: [used] },
  });
  return entered.ok ? entered : missed(deps, 'passkey_refused');
}
