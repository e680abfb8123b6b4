/**
 * Letting a person in, and out again: every way of signing in ends in `enter`, which makes a new session always. Whatever
 * was begun is bound to the browser that began it and finished there once.
 */
import { IDLE_MS, SESSION_MS } from '../core/access.ts';
import { makeId, type PersonId } from '../core/id.ts';
import { keyHash } from '../core/identity.ts';
import { err, ok, type Result } from '../core/result.ts';
import { newSecret } from '../core/secret.ts';
import type { Attempt, Change, Deps, OpenSession, PersonPlace, SessionRow, SignInMethod } from '../deps.ts';
import { audited, auditedBy } from './audit.ts';
import { makeKnown } from './device.ts';
import { isEnrolled } from './second-factor.ts';
import { outside } from './tries.ts';

/** A browser that asks to be let in. */
export interface Browser {
  /** Where it is: the dashboard's own origin. */
  readonly origin: string;
  /** What it holds while it signs in. */
  readonly secret: string;
  /** Its cookies of a browser that is known, and of a session, if any. */
  readonly device: string | null;
  readonly session: string | null;
  /** As `Firefox on Linux`. */
  readonly agent: string;
}

export interface SignedIn {
  readonly personId: PersonId;
  /** What the browser is to hold, and for how long, in ms. */
  readonly secret: string;
  readonly forMs: number;
  /** What it is known by from now on; null: as before. */
  readonly device: string | null;
  readonly next: string;
}

const HOME = '/';

/** Once, in time, in the browser that began it. */
export const useUp = (deps: Deps, { hash, browserHash }: Attempt): Change => ({
  ...{ kind: 'attempt_used', hash, browserHash, at: outside(deps) },
});

/** Works on a program's side, and has said yes to it. */
export const isStaff = ({ partnerId, joinedAt }: PersonPlace): boolean => partnerId === null && joinedAt !== null;

/**
 * Lets a person in, with a new session always:
 *
 * 1. where they look from: the place that the browser's own last session looked from, else their first
 * 2. in one commit: what let them in is used up, the session that the browser held ends, the new one begins, the log tells
 * 3. who has shown all that they have is known in this browser from now on
 */
export async function enter(
  deps: Deps,
  of: {
    browser: Browser;
    personId: PersonId;
    method: SignInMethod;
    next: string | null;
    uses?: Attempt;
    /** A second factor was shown with it. */
    second?: boolean;
    more?: readonly Change[];
  },
): Promise<Result<SignedIn>> {
  const { browser, personId, method, uses, second = false, more = [] } = of;
  const now = outside(deps);
  const { accounts } = deps;
  const [places, factors, before] = await Promise.all([
    accounts.places(personId),
    accounts.factors(personId),
    browser.session === null ? null : accounts.session(await keyHash(browser.session), { now, named: null }),
  ]);
  const place = placeOf(places, { before: before?.session ?? null, personId, method });
  const secret = newSecret(deps.random);
  const session: SessionRow = {
    ...{
      id: makeId<'session'>(now, deps.random(10)),
      hash: await keyHash(secret),
      previousHash: null,
      rotatedAt: null,
    },
    ...{ rotates: false, personId, membershipId: place?.membershipId ?? null, method, createdAt: now, seenAt: now },
    ...{ endsAt: now + SESSION_MS, secondAt: second ? now : null, agent: browser.agent, country: deps.by.country },
  };
  const by = { ...deps.by, actor: `person:${personId}`, partnerId: place?.partnerId ?? null };
  const entry = {
    act: 'session.started',
    subject: `person:${personId}`,
    after: { method, session: session.id },
  } as const;
  const done = await deps.store.commit([
    ...(uses ? [useUp(deps, uses)] : []),
    ...more,
    ...(before ? [{ kind: 'session_end' as const, personId: before.session.personId, only: before.session.id }] : []),
    { kind: 'session', session },
    ...(place ? [await audited({ ...deps, by }, place.programId, entry)] : []),
  ]);
  if (done === 'moved') return err({ code: 'moved' });
  const proven = second || !isEnrolled(factors);
  return ok({
    ...{ personId, secret, forMs: session.endsAt - now, next: of.next ?? HOME },
    device: proven ? await makeKnown(deps, browser.device, personId) : null,
  });
}

/** By the single sign-on staff look from the program's side; else from where they last did here, or from their first. */
function placeOf(
  places: readonly PersonPlace[],
  of: { before: SessionRow | null; personId: PersonId; method: SignInMethod },
): PersonPlace | null {
  const open = places.filter((one) => (of.method === 'oidc' ? isStaff(one) : one.joinedAt !== null));
  const last = of.before?.personId === of.personId ? of.before.membershipId : null;
  return open.find((one) => one.membershipId === last) ?? open[0] ?? null;
}

/** Ends the session that asks. */
export async function signOut(deps: Deps, open: OpenSession): Promise<void> {
  const { id, personId } = open.session;
  await deps.store.commit([
    { kind: 'session_end', personId, only: id },
    ...(await auditedBy(deps, open, { act: 'session.ended', before: { session: id } })),
  ]);
}

/** What is over is forgotten: sessions, what was begun and never finished, counted tries. */
export async function sweepSignIns(deps: Deps): Promise<void> {
  await deps.accounts.sweep({ now: outside(deps), idleMs: IDLE_MS });
}

/** Whether a session still opens something. */
export const isLive = (session: SessionRow, now: number): boolean =>
  session.endsAt > now && session.seenAt > now - IDLE_MS;
