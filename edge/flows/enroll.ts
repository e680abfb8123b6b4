/**
 * A program is set up and changes: how it credits and pays, who takes part, which links there are. Policies and terms are
 * never edited: a change is a new version, from a moment on.
 */
import { inForce, type Policy } from '../core/attribution.ts';
import type { Rule, Terms } from '../core/commission.ts';
import { makeId, type ProgramId } from '../core/id.ts';
import { normalizeCode } from '../core/link.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Change, Deps, EnrolledPartner, EnrollmentStatus, Link, Seal } from '../deps.ts';

const MAX_TRIES = 4;

type Versioned = { readonly version: number; readonly startsAt: number };
/** What of a version changes; what is left out stays as in force when the change begins. */
type ChangeOf<Version extends Versioned> = {
  readonly [Field in keyof Omit<Version, keyof Versioned>]?: Version[Field] | undefined;
};
type PolicyChange = ChangeOf<Policy>;

/** Saves a new version of the program's policy. */
export const setPolicy = (
  deps: Deps,
  given: { programId: ProgramId; startsAt: number | undefined; change: PolicyChange },
) =>
  newVersion<Policy>(deps, given, deps.store.policies, (policy) => ({
    kind: 'policy',
    programId: given.programId,
    savedAt: deps.now(),
    policy,
  }));

/** Saves a new version of the program's terms. */
export const setTerms = (
  deps: Deps,
  given: { programId: ProgramId; startsAt: number | undefined; rules: readonly Rule[]; seal?: Seal<Terms> },
) =>
  newVersion<Terms>(deps, { ...given, change: { rules: given.rules } }, deps.store.terms, (terms) => ({
    kind: 'terms',
    programId: given.programId,
    savedAt: deps.now(),
    terms,
  }));

/**
 * 1 it may not begin in the past, but in a sandbox, 2 it is made from the version in force when it begins, 3 it takes the
 * next number; if somebody else took that first: again.
 */
async function newVersion<Version extends Versioned>(
  deps: Deps,
  given: {
    programId: ProgramId;
    startsAt: number | undefined;
    change: ChangeOf<Version>;
    seal?: Seal<Version>;
  },
  saved: (programId: ProgramId) => Promise<Version[]>,
  changeOf: (version: Version) => Change,
): Promise<Result<Version>> {
  const { programId } = given;
  const now = deps.now();
  const startsAt = given.startsAt ?? now;
  const program = await deps.store.program(programId);
  if (startsAt < now && program?.mode !== 'sandbox') {
    return err({ code: 'invalid', errors: [{ pointer: '/startsAt', detail: 'now or later' }] });
  }
  const change = Object.fromEntries(Object.entries(given.change).filter(([, value]) => value !== undefined));
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const versions = await saved(programId);
    const version = Math.max(...versions.map((one) => one.version)) + 1;
    const next: Version = { ...inForce(versions, startsAt), ...change, version, startsAt };
    const answer = (await given.seal?.(next)) ?? [];
    if ((await deps.store.commit([changeOf(next), ...answer])) === 'done') return ok(next);
  }
  throw new Error(`versions of ${programId} kept moving`);
}

/** A partner joins the program, active at once; with an address, a person who may sign in for it. */
export async function addPartner(
  deps: Deps,
  given: {
    programId: ProgramId;
    slug: string;
    name: string;
    email: string | undefined;
    seal?: Seal<EnrolledPartner>;
  },
): Promise<Result<EnrolledPartner>> {
  const { programId, name } = given;
  const now = deps.now();
  const slug = normalizeCode(given.slug);
  const enrollment: EnrolledPartner = {
    partnerId: makeId(now, deps.random(10)),
    slug,
    name,
    status: 'active',
    startedAt: now,
    stoppedAt: null,
    forCause: false,
  };
  const email = given.email?.trim().toLowerCase();
  const person = email
    ? { id: makeId<'person'>(now, deps.random(10)), email, membershipId: makeId(now, deps.random(10)) }
    : null;
  const answer = (await given.seal?.(enrollment)) ?? [];
  const done = await deps.store.commit([{ kind: 'partner', programId, enrollment, person }, ...answer]);
  return done === 'done' ? ok(enrollment) : err({ code: 'taken', pointer: '/slug', value: slug });
}

/**
 * A partner is paused, ended or active again. What was clicked before stays honored, unless it ended for cause. While it
 * is stopped no click is minted for it, so that coming back needs no memory of the time between.
 */
export async function setStatus(
  deps: Deps,
  given: { programId: ProgramId; partner: string; status: EnrollmentStatus; forCause: boolean },
): Promise<Result<EnrolledPartner>> {
  const { programId, status, forCause } = given;
  const found = await deps.store.partner(programId, given.partner);
  if (!found) return err({ code: 'not_found' });
  if (forCause && status !== 'ended') {
    return err({ code: 'invalid', errors: [{ pointer: '/forCause', detail: 'only with status ended' }] });
  }
  // An end for cause reaches back from when it is said; a partner that was paused before has no clicks in between.
  const since = forCause && !found.forCause ? null : found.stoppedAt;
  const stoppedAt = status === 'active' ? null : (since ?? deps.now());
  const enrollment = { ...found, status, stoppedAt, forCause };
  await deps.store.commit([{ kind: 'enrollment', programId, enrollment }]);
  return ok(enrollment);
}

export interface MadeLink {
  readonly link: Link;
  readonly partner: EnrolledPartner;
}

/** A link for a partner. Codes are one name in the whole deployment. */
export async function addLink(
  deps: Deps,
  given: { programId: ProgramId; partner: string; code: string; url: string; seal?: Seal<MadeLink> },
): Promise<Result<MadeLink>> {
  const { programId, url } = given;
  const partner = await deps.store.partner(programId, given.partner);
  if (!partner) return err({ code: 'invalid', errors: [{ pointer: '/partner', detail: 'a partner of this program' }] });
  const now = deps.now();
  const code = normalizeCode(given.code);
  const link: Link = {
    id: makeId(now, deps.random(10)),
    programId,
    partnerId: partner.partnerId,
    code,
    url,
    createdAt: now,
  };
  const made = { link, partner };
  const done = await deps.store.commit([{ kind: 'link', link }, ...((await given.seal?.(made)) ?? [])]);
  return done === 'done' ? ok(made) : err({ code: 'taken', pointer: '/code', value: code });
}
