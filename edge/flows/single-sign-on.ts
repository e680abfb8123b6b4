/**
 * The retailer's single sign-on: a trip out and back, to sign in, or to link who one is there. People are known by issuer and
 * subject that they linked themselves, never by an address; it opens nothing to people who only work for partners.
 */
import type { PersonId } from '../core/id.ts';
import { keyHash } from '../core/identity.ts';
import { err, ok, type Result } from '../core/result.ts';
import { openText, sealText } from '../core/seal.ts';
import { newSecret } from '../core/secret.ts';
import type { Deps, OpenSession } from '../deps.ts';
import { auditedOf } from './audit.ts';
import { readDevice } from './device.ts';
import { type Browser, enter, isStaff, type SignedIn, useUp } from './enter.ts';
import { mayChange } from './second-factor.ts';
import { missed, outside, spendTry } from './tries.ts';

const TRIP_MS = 10 * 60_000;
const PURPOSE = 'tributary: trips to the single sign-on, 1';

/** Where to send the browser to sign in; of somebody who is signed in (`linksTo`), to link who they are there. */
export async function beginTrip(
  deps: Deps,
  { browser, next, linksTo }: { browser: Browser; next: string | null; linksTo: PersonId | null },
): Promise<Result<{ location: string }>> {
  const { oidc } = deps.auth;
  if (!oidc) return err({ code: 'not_found' });
  const device = await readDevice(deps, browser.device);
  const may = await spendTry(deps, 'challenge', { device: device?.id ?? null });
  if (!may.ok) return may;
  const state = newSecret(deps.random);
  const trip = { verifier: newSecret(deps.random), nonce: newSecret(deps.random) };
  const location = await oidc.begin({ redirectUri: callbackOf(browser), state, trip });
  if (location === null) return err({ code: 'single_sign_on_down' });
  const { authKeys: keys } = deps.secrets;
  const sealed = await sealText(JSON.stringify(trip), { purpose: PURPOSE, random: deps.random(12), keys });
  const attempt = {
    ...{ hash: await keyHash(state), kind: linksTo ? ('oidc_link' as const) : ('oidc' as const) },
    ...{ browserHash: await keyHash(browser.secret), personId: linksTo, codeHash: null, sealed, next },
    ...{ endsAt: outside(deps) + TRIP_MS, usedAt: null },
  };
  await deps.store.commit([{ kind: 'attempt', attempt }]);
  return ok({ location });
}

const callbackOf = ({ origin }: Browser): string => `${origin}/v1/sign-in/oidc/callback`;

/** How a trip ended. A problem of somebody who was linking is told where they were. */
export type Arrival =
  | { readonly signedIn: SignedIn }
  | { readonly linked: true }
  | { readonly problem: TripProblem; readonly linking: boolean };
export type TripProblem = 'link_over' | 'refused' | 'not_linked' | 'not_staff' | 'taken' | 'too_many_tries';

/**
 * The browser is back:
 *
 * 1. its trip is used up before the issuer is asked: an answer is looked at once, whatever comes of it
 * 2. the issuer says who it is
 * 3. who was linking must still be signed in, as the same person; their link is kept
 * 4. everybody else is whoever has linked that subject, if they work on a program's side
 */
export async function endTrip(
  deps: Deps,
  { browser, answer, open }: { browser: Browser; answer: URL; open: OpenSession | null },
): Promise<Arrival> {
  const { oidc } = deps.auth;
  const state = answer.searchParams.get('state') ?? '';
  const of = { browserHash: await keyHash(browser.secret), now: outside(deps) };
  const found = await deps.accounts.attempt({ hash: await keyHash(state) }, of);
  const opened = found?.sealed && (await openText(found.sealed, { purpose: PURPOSE, keys: deps.secrets.authKeys }));
  if (!oidc || !found || !opened || (await deps.store.commit([useUp(deps, found)])) === 'moved') {
    const { refusal } = await missed(deps, 'link_over');
    return { problem: refusal.code === 'link_over' ? 'link_over' : 'too_many_tries', linking: false };
  }
  const linking = found.kind === 'oidc_link';
  const trip = JSON.parse(opened.text) as { verifier: string; nonce: string };
  const came = await oidc.finish({ redirectUri: callbackOf(browser), state, trip, answer });
  if (!came) return { problem: 'refused', linking };
  const { issuer } = oidc;
  const { subject } = came;
  if (linking) {
    const personId = open && open.session.personId === found.personId ? open.session.personId : null;
    return personId ? link(deps, { personId, issuer, subject }) : { problem: 'link_over', linking };
  }
  const personId = await deps.accounts.personOfSubject(issuer, subject);
  if (!personId) return { problem: 'not_linked', linking };
  if (!(await deps.accounts.places(personId)).some(isStaff)) return { problem: 'not_staff', linking };
  const entered = await enter(deps, { browser, personId, method: 'oidc', next: found.next });
  return entered.ok ? { signedIn: entered.value } : { problem: 'link_over', linking };
}

async function link(
  deps: Deps,
  { personId, issuer, subject }: { personId: PersonId; issuer: string; subject: string },
): Promise<Arrival> {
  const by = { ...deps.by, actor: `person:${personId}` };
  const done = await deps.store.commit([
    { kind: 'single_sign_on', link: { issuer, subject, personId, linkedAt: outside(deps) } },
    ...(await auditedOf({ ...deps, by }, personId, { act: 'single_sign_on.linked', after: { issuer } })),
  ]);
  return done === 'done' ? { linked: true } : { problem: 'taken', linking: true };
}

/** Where to send somebody who is signed in, to link who they are there; of staff, who have proven themselves of late. */
export async function beginLink(
  deps: Deps,
  open: OpenSession,
  browser: Browser,
): Promise<Result<{ location: string }>> {
  const { personId } = open.session;
  if (!deps.auth.oidc || !(await deps.accounts.places(personId)).some(isStaff)) return err({ code: 'not_found' });
  const may = await mayChange(deps, open);
  return may.ok ? beginTrip(deps, { browser, next: null, linksTo: personId }) : may;
}

/** Nobody is this person by single sign-on any more. */
export async function unlink(deps: Deps, open: OpenSession): Promise<Result<null>> {
  const may = await mayChange(deps, open);
  if (!may.ok) return may;
  const { singleSignOns } = may.value;
  const { personId } = open.session;
  const own = singleSignOns.filter((one) => one.issuer === deps.auth.oidc?.issuer);
  if (own.length === 0) return err({ code: 'not_found' });
  const done = await deps.store.commit([
    ...own.map(({ issuer, subject }) => ({ kind: 'single_sign_on_gone' as const, personId, issuer, subject })),
    ...(await auditedOf(deps, personId, {
      act: 'single_sign_on.unlinked',
      before: { issuer: deps.auth.oidc?.issuer },
    })),
  ]);
  return done === 'done' ? ok(null) : err({ code: 'moved' });
}
