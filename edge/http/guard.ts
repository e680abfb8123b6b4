/**
 * Who is asking, and whether they may: the one gate before every door. It finds the route, the act that the policy table
 * calls it, the key or the session behind the call, and lets pass what `core/access.ts` allows.
 */
import { createMiddleware } from 'hono/factory';
import { matchedRoutes } from 'hono/route';
import { type Asker as Access, type Act, decide, IDLE_MS, type SignedIn, SKEW_MS } from '../core/access.ts';
import { networkOf } from '../core/address.ts';
import type { ProgramId } from '../core/id.ts';
import { keyHash } from '../core/identity.ts';
import { err, ok, type Quota, type Result } from '../core/result.ts';
import { newSecret } from '../core/secret.ts';
import type { By, Deps, Key, KeyKind, OpenSession, SessionRow } from '../deps.ts';
import { refusalOf } from '../flows/may.ts';
import { isAtShop } from './base.ts';
import { wrongType } from './body.ts';
import { rateLimit, spend } from './limits.ts';
import { doorOf } from './policy.ts';
import { refuse } from './problem.ts';
import { keepSession, sessionOf, setsSession } from './session-cookie.ts';
import type { App, GuardedApp, SelfApp } from './types.ts';

export type { Asker } from './types.ts';

const STRIPE = /^(sk|pk|rk)_(live|test)_|^whsec_/;
/** A session is noted as seen this often. */
const SEEN_MS = 5 * 60_000;

type Passing = App & { Variables: Partial<GuardedApp['Variables'] & SelfApp['Variables']> };

/** The gate: 1 which door, 2 who, 3 may they, 4 whose rows and by which clock, 5 is it JSON. */
export const guard = createMiddleware<Passing>(async (c, next) => {
  // A secret in an address is in logs and histories already: it opens nothing there.
  if (holdsSecret(c.req.url)) return refuse({ code: 'key_in_address' });
  const route = matchedRoutes(c).find((one) => one.method !== 'ALL');
  const door = route ? doorOf(route.method, route.path) : null;
  if (door === null) return refuse({ code: 'not_found' });
  if (door === 'public' || door === 'page') return next();
  const outside = c.env.deps;
  const own = isOwn(c.req.raw, c.env.BASE_PATH, { arriving: door === 'browser' });
  const { method } = c.req;
  const flaw = method === 'GET' || method === 'HEAD' ? null : wrongType(c.req.raw);
  // What only asks for the head of a page must use up nothing of what the page would.
  if (door === 'browser' && c.req.raw.method === 'HEAD') return refuse({ code: 'not_found' });
  if (door === 'browser') return own ? (flaw ? refuse(flaw) : next()) : refuse({ code: 'cross_site' });

  const found = await whoAsks(outside, c.req.raw, { act: door, own });
  if (!found.ok) return refuse(found.refusal);
  const { access, deps, quota, open, secret } = found.value;
  const verdict = decide(access, door, { now: outside.now() });
  if (!verdict.may) {
    // Whoever asks hears nothing; who watches the logs sees somebody try doors, by id alone.
    console.info(JSON.stringify({ event: 'access.refused', act: door, why: verdict.why, actor: deps.by.actor }));
    return refuse(refusalOf(verdict), quota ? rateLimit(quota) : {});
  }

  c.env = { ...c.env, deps };
  c.set('actor', deps.by.actor);
  c.set('access', access);
  const { programId, partnerId } = verdict;
  if (programId) {
    c.set('programId', programId);
    c.set('asker', { programId, partnerId });
  }
  if (flaw) return refuse(flaw, quota ? rateLimit(quota) : {});
  // By the time outside, whatever the program's clock says.
  const { accounts, now, random } = outside;
  const fresh = open && secret ? await upkeep({ accounts, now, random }, open, secret) : null;
  if (access.kind === 'person' && open && secret) {
    c.set('person', access);
    c.set('open', fresh ? { ...open, session: fresh.session } : open);
    c.set('secret', fresh?.secret ?? secret);
  }
  await next();
  // A door that has just exchanged or ended the session has the last word.
  if (fresh && !setsSession(c.res)) {
    c.header('set-cookie', keepSession(fresh.secret, fresh.session.endsAt - now()), { append: true });
  }
  if (quota) for (const [name, value] of Object.entries(rateLimit(quota))) c.header(name, value);
});

const SECRET_KEY = /trb_sk_(live|test)_/i;
/** Letters and signs of ASCII, as an address may spell them. */
const SPELLED = /%([2-7][0-9a-f])/gi;

/** Whether an address holds a secret key, however it is spelled there. */
export const holdsSecret = (url: string): boolean =>
  SECRET_KEY.test(
    url.includes('%') ? url.replace(SPELLED, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))) : url,
  );

interface Found {
  readonly access: Access;
  readonly deps: Deps;
  readonly quota: Quota | null;
  readonly open: OpenSession | null;
  readonly secret: string | null;
}

/** A key goes before a session: who sends one means it. */
async function whoAsks(deps: Deps, request: Request, { act, own }: { act: Act; own: boolean }): Promise<Result<Found>> {
  const from = fromOf(request);
  if (request.headers.has('authorization')) {
    const key = /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
    const caller = key ? await programOfKey(deps, request, { key, expected: 'secret' }) : err({ code: 'missing_key' });
    if (!caller.ok) return caller;
    const { programId, quota, key: found } = caller.value;
    const by: By = { ...from, actor: `key:${found.id}`, partnerId: null };
    const access: Access = { kind: 'key', programId, scopes: found.scopes };
    return ok({ access, deps: { ...caller.value.deps, by }, quota, open: null, secret: null });
  }
  const secret = sessionOf(request.headers.get('cookie'));
  // Pages of other sites, and the shop's own, have nothing to do with who is signed in here.
  const open = secret && own ? await openSession(deps, secret, request.headers.get('tributary-place')) : null;
  if (!open) return err({ code: KEYS_ONLY.has(act) ? 'missing_key' : 'sign_in_required' });
  const { session, place, clockOffsetMs } = open;
  const access: SignedIn = { kind: 'person', personId: session.personId, place, secondAt: session.secondAt };
  const by: By = { ...from, actor: `person:${session.personId}`, partnerId: place?.partnerId ?? null };
  return ok({ access, deps: { ...byClock(deps, clockOffsetMs), by }, quota: null, open, secret });
}

/** From where a call comes. */
export const fromOf = (request: Request): Pick<By, 'country' | 'address'> => ({
  country: (request.cf?.country as string | undefined) ?? null,
  address: networkOf(request.headers.get('cf-connecting-ip') ?? '') || null,
});

/** Acts that no person has by any role. */
const KEYS_ONLY: ReadonlySet<Act> = new Set(['orders.write', 'clicks.write']);

/** The session behind what a browser holds; null when there is none, or nobody used it for too long. */
export async function openSession(deps: Deps, secret: string, named: string | null): Promise<OpenSession | null> {
  const now = deps.now();
  const open = await deps.accounts.session(await keyHash(secret), { now, named });
  return open && open.session.seenAt > now - IDLE_MS ? open : null;
}

/**
 * Notes that a session is in use; where rights have changed, what the browser is to hold from now on. A call with what was
 * held before gets nothing new: that is for whoever holds the current one, who would be left with nothing.
 */
async function upkeep(
  deps: Pick<Deps, 'accounts' | 'now' | 'random'>,
  { session }: OpenSession,
  held: string,
): Promise<{ secret: string; session: SessionRow } | null> {
  const now = deps.now();
  if (session.seenAt <= now - SEEN_MS) await deps.accounts.seen(session.id, now);
  if (!session.rotates || (await keyHash(held)) !== session.hash) return null;
  const secret = newSecret(deps.random);
  const hash = await keyHash(secret);
  const done = await deps.accounts.rotate(session.id, { was: session.hash, hash, now });
  // Another call was first: its answer brings the browser what it is to hold.
  if (!done) return null;
  return { secret, session: { ...session, hash, previousHash: session.hash, rotatedAt: now, rotates: false } };
}

/**
 * From this origin's own pages, and not under the path where the Worker answers on a shop's host: there the pages are the
 * shop's. What browsers say of it no page can forge; what is no browser carries nobody's cookies but its own. `arriving`:
 * people come to this door by links of other sites, as from a letter or the single sign-on.
 */
function isOwn(request: Request, base: string | undefined, { arriving }: { arriving: boolean }): boolean {
  const { origin, pathname } = new URL(request.url);
  if (isAtShop(pathname, base)) return false;
  const site = request.headers.get('sec-fetch-site');
  const here = site === null || site === 'same-origin';
  if (request.method !== 'GET' && request.method !== 'HEAD') return here && request.headers.get('origin') === origin;
  return here || site === 'none' || (arriving && request.headers.get('sec-fetch-mode') === 'navigate');
}

/** A program that calls, and what its calls are done with: all of it by the program's own clock. */
export interface Caller {
  readonly programId: ProgramId;
  readonly key: Key;
  readonly deps: Deps;
  readonly quota: Quota;
}

/**
 * The program of a key of the expected kind, with one call less to its quota. Keys end, and calls are counted, by the time
 * outside, however far a sandbox has moved.
 */
export async function programOfKey(
  deps: Deps,
  request: Request,
  { key, expected }: { key: string; expected: KeyKind },
): Promise<Result<Caller>> {
  if (STRIPE.test(key)) return err({ code: 'looks_like_stripe_key' });
  const found = await deps.store.key(await keyHash(key));
  if (!found) return err({ code: 'unknown_key' });
  const now = deps.now();
  // Whichever machine's clock it was revoked by.
  if (found.revokedAt !== null && found.revokedAt <= now + SKEW_MS) return err({ code: 'revoked_key' });
  if (found.expiresAt !== null && found.expiresAt <= now) return err({ code: 'expired_key' });
  if (found.kind !== expected) return err({ code: 'wrong_key', expected });
  const quota = await spend(deps, found, request.headers.get('cf-connecting-ip') ?? '');
  if (!quota.ok) return quota;
  await deps.store.keyUsed(found.hash, now);
  return ok({ programId: found.programId, key: found, deps: byClock(deps, found.clockOffsetMs), quota: quota.value });
}

const byClock = (deps: Deps, aheadMs: number): Deps =>
  aheadMs === 0 ? deps : { ...deps, aheadMs, now: () => deps.now() + aheadMs };
