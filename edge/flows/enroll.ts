/**
 * A program is set up and changes: how it credits and pays, who takes part, which links there are. Policies and terms are
 * never edited: a change is a new version, from a moment on. Whatever changes is written to the audit log, in one commit.
 */
import {
  type Code,
  type CodePolicy,
  groupAt,
  inForce,
  inForceOf,
  type Override,
  type Placement,
  type Policy,
} from '../core/attribution.ts';
import { type AuditAct, difference } from '../core/audit.ts';
import type { Rule, Terms } from '../core/commission.ts';
import { makeId, type ProgramId } from '../core/id.ts';
import { normalizeCode } from '../core/link.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Change, Deps, EnrolledPartner, EnrollmentStatus, Group, Link, Seal } from '../deps.ts';
import { audited, type Entry, iso } from './audit.ts';
import { type Invitation, invitationTo, mayWrite, personOfAddress } from './invite.ts';
import { outside } from './tries.ts';
import { sealFor } from './vault.ts';

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
): Promise<Result<Policy>> =>
  newVersion<Policy, Policy>(deps, given, {
    saved: deps.store.policies,
    changeOf: (policy) => ({ kind: 'policy', programId: given.programId, savedAt: deps.now(), policy }),
    entryOf: (before, after) => versioned('policy.changed', `program:${given.programId}`, before, after),
    made: (policy) => policy,
  });

export interface TermsOfGroup {
  readonly terms: Terms;
  /** Null: of the program. */
  readonly group: Group | null;
}

/** Saves new terms, of the program or of one of its groups. */
export async function setTerms(
  deps: Deps,
  given: {
    programId: ProgramId;
    startsAt: number | undefined;
    group: string | undefined;
    rules: readonly Rule[];
    seal?: Seal<TermsOfGroup>;
  },
): Promise<Result<TermsOfGroup>> {
  const { programId, rules } = given;
  const group = await groupNamed(deps, programId, given.group ?? null);
  if (!group.ok) return group;
  const change = { groupId: group.value?.id ?? null, rules };
  return newVersion<Terms, TermsOfGroup>(
    deps,
    { ...given, change },
    {
      saved: deps.store.terms,
      changeOf: (terms) => ({ kind: 'terms', programId, savedAt: deps.now(), terms }),
      ofSame: (one, next) => one.groupId === next.groupId,
      entryOf: (before, after) => {
        const subject = after.groupId ? `group:${after.groupId}` : `program:${programId}`;
        return versioned('terms.set', subject, before, after);
      },
      made: (terms) => ({ terms, group: group.value }),
    },
  );
}

/**
 * 1 it may not begin in the past, but in a sandbox, 2 it is made from the version in force when it begins, 3 it takes the
 * next number; if somebody else took that first: again.
 */
async function newVersion<Version extends Versioned, Made>(
  deps: Deps,
  given: {
    programId: ProgramId;
    startsAt: number | undefined;
    change: ChangeOf<Version>;
    seal?: Seal<Made>;
  },
  kind: {
    saved(programId: ProgramId): Promise<Version[]>;
    changeOf(version: Version): Change;
    entryOf(before: Version | null, after: Version): Entry;
    /** Versions that a new one takes the place of; all, when left out. */
    ofSame?(one: Version, next: Version): boolean;
    made(version: Version): Made;
  },
): Promise<Result<Made>> {
  const { programId } = given;
  const now = deps.now();
  const startsAt = given.startsAt ?? now;
  const refused = await pastRefused(deps, programId, startsAt, now);
  if (refused) return refused;
  const change = said(given.change);
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const versions = await kind.saved(programId);
    const version = Math.max(...versions.map((one) => one.version)) + 1;
    const before = inForce(versions, startsAt);
    const next: Version = { ...before, ...change, version, startsAt };
    const made = kind.made(next);
    const same = versions.filter((one) => kind.ofSame?.(one, next) ?? true);
    const entry = await audited(deps, programId, kind.entryOf(inForceOf(same, startsAt), next));
    const answer = (await given.seal?.(made)) ?? [];
    if ((await deps.store.commit([kind.changeOf(next), entry, ...answer])) === 'done') return ok(made);
  }
  throw new Error(`versions of ${programId} kept moving`);
}

/** What a new version says otherwise than the one in force when it begins. */
function versioned<Version extends Versioned>(
  act: AuditAct,
  subject: string,
  before: Version | null,
  after: Version,
): Entry {
  const { version, startsAt, ...fresh } = after;
  const stated = { version, startsAt: iso(startsAt) };
  if (before === null) return { act, subject, after: { ...stated, ...fresh } };
  const { version: was, startsAt: _since, ...old } = before;
  const changed = difference<object>(old, fresh);
  return {
    ...{ act, subject },
    before: { version: was, ...changed?.before },
    after: { ...stated, ...changed?.after },
  };
}

/** Only a sandbox may say what held in the past. */
async function pastRefused(deps: Deps, programId: ProgramId, startsAt: number, now: number) {
  if (startsAt >= now || (await deps.store.program(programId))?.mode === 'sandbox') return null;
  return err({ code: 'invalid', errors: [{ pointer: '/startsAt', detail: 'now or later' }] });
}

/** What a link or a group is made or changed with. */
export type Settings = { readonly [Field in Setting]?: Override[Field] | undefined };
type Setting = 'model' | 'windowDays' | 'guardSeconds' | 'rejectSolo';
const NOTHING = { model: null, windowDays: null, guardSeconds: null, rejectSolo: null };

/** The settings as a first version, or none where nothing is said. */
const firstOf = (scopeId: Override['scopeId'], startsAt: number, settings: Settings): Override | null =>
  Object.values(settings).some((value) => value !== undefined && value !== null)
    ? { scopeId, version: 1, startsAt, ...NOTHING, ...said(settings) }
    : null;

const said = <Shape extends object>(settings: Shape) =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));

const overriding = (programId: ProgramId, savedAt: number, override: Override | null): Change[] =>
  override ? [{ kind: 'override', programId, savedAt, override }] : [];

/** Changes what a link or a group says, from a moment on. What was never said before is said to have been nothing. */
async function setOverride(
  deps: Deps,
  given: {
    programId: ProgramId;
    scopeId: Override['scopeId'];
    createdAt: number;
    startsAt: number | undefined;
    settings: Settings;
    act: AuditAct;
    subject: string;
  },
): Promise<Result<Override>> {
  const { programId, scopeId, createdAt, settings, act, subject } = given;
  const now = deps.now();
  const startsAt = given.startsAt ?? now;
  const refused = await pastRefused(deps, programId, startsAt, now);
  if (refused) return refused;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const stored = await deps.store.overrides(programId, scopeId);
    const blank: Override = { scopeId, version: 1, startsAt: Math.min(createdAt, startsAt), ...NOTHING };
    const versions = stored.length > 0 ? stored : [blank];
    const version = Math.max(...versions.map((one) => one.version)) + 1;
    const before = inForce(versions, startsAt);
    const next: Override = { ...before, ...said(settings), version, startsAt };
    const changes = [
      ...(stored.length > 0 ? [] : overriding(programId, now, blank)),
      ...overriding(programId, now, next),
      await audited(deps, programId, versioned(act, subject, before, next)),
    ];
    if ((await deps.store.commit(changes)) === 'done') return ok(next);
  }
  throw new Error(`settings of ${scopeId} kept moving`);
}

/** A partner joins the program, active at once; with an address, a person who is invited to sign in for it. */
export async function addPartner(
  deps: Deps,
  given: {
    programId: ProgramId;
    slug: string;
    name: string;
    email: string | undefined;
    group: string | undefined;
    seal?: Seal<PartnerInGroup>;
    /** Told of the letter that goes to the person, once that is invited. */
    invites?(letter: Invitation): void;
  },
): Promise<Result<PartnerInGroup>> {
  const { programId, name } = given;
  const now = deps.now();
  const slug = normalizeCode(given.slug);
  const [program, group] = await Promise.all([
    deps.store.program(programId),
    groupNamed(deps, programId, given.group ?? null),
  ]);
  if (!group.ok) return group;
  const partner: EnrolledPartner = {
    partnerId: makeId(now, deps.random(10)),
    slug,
    name,
    status: 'active',
    // A sandbox is told of the past: who is added there took part from its start.
    startedAt: program?.mode === 'sandbox' ? Math.min(now, program.createdAt) : now,
    stoppedAt: null,
    forCause: false,
  };
  const { partnerId, startedAt } = partner;
  const made = { partner, group: group.value };
  // The person first: what the log keeps of them is sealed under a key of theirs.
  const person = given.email === undefined ? null : await personOfAddress(deps, { email: given.email, name });
  const letter =
    person && program && (await mayWrite(deps, program, person.email)).ok
      ? await invitationTo(deps, { program, partner: name, role: 'owner', email: person.email })
      : null;
  const entry = await audited(deps, programId, {
    ...{ act: 'partner.added', subject: `partner:${partnerId}` },
    after: {
      slug,
      ...(group.value && { groupId: group.value.id }),
      ...(person && { email: await sealFor(deps, person.id, person.email) }),
    },
  });
  const done = await deps.store.commit([
    {
      ...{ kind: 'partner', programId, enrollment: partner },
      person: person && { ...person, membershipId: makeId(outside(deps), deps.random(10)) },
    },
    ...(group.value
      ? [placing(programId, { partnerId, version: 1, startsAt: startedAt, groupId: group.value.id })]
      : []),
    entry,
    ...((await given.seal?.(made)) ?? []),
  ]);
  if (done !== 'done') return err({ code: 'taken', pointer: '/slug', value: slug });
  if (letter) given.invites?.(letter);
  return ok(made);
}

export interface PartnerInGroup {
  readonly partner: EnrolledPartner;
  readonly group: Group | null;
}

const placing = (programId: ProgramId, placement: Placement): Change => ({ kind: 'placement', programId, placement });

/** Changes a partner's status, its group from now on, or both. */
export async function changePartner(
  deps: Deps,
  given: {
    programId: ProgramId;
    partner: string;
    status: EnrollmentStatus | undefined;
    /** Left out, an end stays as it was said. */
    forCause: boolean | undefined;
    group: string | null | undefined;
  },
): Promise<Result<PartnerInGroup>> {
  const { programId } = given;
  const now = deps.now();
  const found = await deps.store.partner(programId, given.partner);
  if (!found) return err({ code: 'not_found' });
  if (given.forCause && given.status !== 'ended') {
    return err({ code: 'invalid', errors: [{ pointer: '/forCause', detail: 'only with status ended' }] });
  }
  const group = await groupNamed(deps, programId, given.group ?? null);
  if (!group.ok) return group;
  const { status } = given;
  const forCause = given.forCause ?? (status === 'ended' && found.forCause);
  const partner = status ? withStatus(found, { status, forCause }, now) : found;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const placements = await deps.store.placements(programId, partner.partnerId);
    const moved =
      given.group === undefined ? [] : moveTo(partner, placements, { groupId: group.value?.id ?? null, at: now });
    const groupId = groupAt([...placements, ...moved], partner.partnerId, now);
    const standing = ({ status, forCause }: EnrolledPartner, groupId: Group['id'] | null) => ({
      status,
      forCause,
      groupId,
    });
    const changed = difference(
      standing(found, groupAt(placements, partner.partnerId, now)),
      standing(partner, groupId),
    );
    const changes: Change[] = [
      ...(status ? [{ kind: 'enrollment', programId, enrollment: partner } as const] : []),
      ...moved.map((one) => placing(programId, one)),
      ...(changed
        ? [
            await audited(deps, programId, {
              act: 'partner.changed',
              subject: `partner:${partner.partnerId}`,
              ...changed,
            }),
          ]
        : []),
    ];
    if ((await deps.store.commit(changes)) === 'moved') continue;
    return ok({ partner, group: groupId && (await deps.store.group(programId, groupId)) });
  }
  throw new Error(`partner ${partner.slug} kept moving`);
}

/**
 * A partner is paused, ended or active again. What was clicked before stays honored, unless it ended for cause. While it
 * is stopped no click is minted for it, so that coming back needs no memory of the time between.
 */
function withStatus(
  partner: EnrolledPartner,
  { status, forCause }: { status: EnrollmentStatus; forCause: boolean },
  now: number,
): EnrolledPartner {
  // An end for cause reaches back from when it is said; a partner that was paused before has no clicks in between.
  const since = forCause && !partner.forCause ? null : partner.stoppedAt;
  return { ...partner, status, stoppedAt: status === 'active' ? null : (since ?? now), forCause };
}

/** The placements that put a partner into a group from now on; that it was in none before is said as well. */
function moveTo(
  { partnerId, startedAt }: EnrolledPartner,
  placements: readonly Placement[],
  { groupId, at }: { groupId: Group['id'] | null; at: number },
): Placement[] {
  if (groupAt(placements, partnerId, at) === groupId) return [];
  const before: Placement[] =
    placements.length > 0 ? [] : [{ partnerId, version: 1, startsAt: startedAt, groupId: null }];
  const version = Math.max(...[...placements, ...before].map((one) => one.version)) + 1;
  return [...before, { partnerId, version, startsAt: at, groupId }];
}

/** A group, by its id or slug; none where none is named. */
async function groupNamed(deps: Deps, programId: ProgramId, named: string | null): Promise<Result<Group | null>> {
  if (named === null) return ok(null);
  const group = await deps.store.group(programId, named);
  return group
    ? ok(group)
    : err({ code: 'invalid', errors: [{ pointer: '/group', detail: 'a group of this program' }] });
}

/** A partner, by its id or slug, as a call's field names it. */
async function partnerNamed(deps: Deps, programId: ProgramId, named: string): Promise<Result<EnrolledPartner>> {
  const partner = await deps.store.partner(programId, named);
  return partner
    ? ok(partner)
    : err({ code: 'invalid', errors: [{ pointer: '/partner', detail: 'a partner of this program' }] });
}

export interface LinkWithSettings {
  readonly link: Link;
  readonly partner: EnrolledPartner;
  readonly settings: Override | null;
}

/** A link for a partner, with settings of its own if it has any. Codes are one name in the whole deployment. */
export async function addLink(
  deps: Deps,
  given: {
    programId: ProgramId;
    partner: string;
    code: string;
    url: string;
    settings: Settings;
    seal?: Seal<LinkWithSettings>;
  },
): Promise<Result<LinkWithSettings>> {
  const { programId, url } = given;
  const partner = await partnerNamed(deps, programId, given.partner);
  if (!partner.ok) return partner;
  const now = deps.now();
  const code = normalizeCode(given.code);
  const { partnerId } = partner.value;
  const link: Link = { id: makeId(now, deps.random(10)), programId, partnerId, code, url, createdAt: now };
  const settings = firstOf(link.id, now, given.settings);
  const made = { link, partner: partner.value, settings };
  const after = { code, url, partnerId, ...said(given.settings) };
  const entry = await audited(deps, programId, { act: 'link.added', subject: `link:${link.id}`, after });
  const answer = (await given.seal?.(made)) ?? [];
  const changes: Change[] = [{ kind: 'link', link }, ...overriding(programId, now, settings), entry, ...answer];
  const done = await deps.store.commit(changes);
  return done === 'done' ? ok(made) : err({ code: 'taken', pointer: '/code', value: code });
}

/** Changes what a link says, from a moment on. */
export async function changeLink(
  deps: Deps,
  given: { programId: ProgramId; link: string; startsAt: number | undefined; settings: Settings },
): Promise<Result<LinkWithSettings>> {
  const { programId, startsAt, settings } = given;
  const link = await deps.store.link(programId, given.link);
  const partner = link && (await deps.store.partner(programId, link.partnerId));
  if (!link || !partner) return err({ code: 'not_found' });
  const { id: scopeId, createdAt } = link;
  const entry = { act: 'link.changed', subject: `link:${scopeId}` } as const;
  const saved = await setOverride(deps, { programId, scopeId, createdAt, startsAt, settings, ...entry });
  return saved.ok ? ok({ link, partner, settings: saved.value }) : saved;
}

export interface GroupWithSettings {
  readonly group: Group;
  readonly settings: Override | null;
}

/** A group, empty at first. */
export async function addGroup(
  deps: Deps,
  given: { programId: ProgramId; slug: string; name: string; settings: Settings; seal?: Seal<GroupWithSettings> },
): Promise<Result<GroupWithSettings>> {
  const { programId, name } = given;
  const now = deps.now();
  const slug = normalizeCode(given.slug);
  const group: Group = { programId, id: makeId(now, deps.random(10)), slug, name, createdAt: now };
  const settings = firstOf(group.id, now, given.settings);
  const made = { group, settings };
  const after = { slug, name, ...said(given.settings) };
  const entry = await audited(deps, programId, { act: 'group.added', subject: `group:${group.id}`, after });
  const answer = (await given.seal?.(made)) ?? [];
  const changes: Change[] = [{ kind: 'group', group }, ...overriding(programId, now, settings), entry, ...answer];
  const done = await deps.store.commit(changes);
  return done === 'done' ? ok(made) : err({ code: 'taken', pointer: '/slug', value: slug });
}

/** Changes what a group says, from a moment on. */
export async function changeGroup(
  deps: Deps,
  given: { programId: ProgramId; group: string; startsAt: number | undefined; settings: Settings },
): Promise<Result<GroupWithSettings>> {
  const { programId, startsAt, settings } = given;
  const group = await deps.store.group(programId, given.group);
  if (!group) return err({ code: 'not_found' });
  const { id: scopeId, createdAt } = group;
  const entry = { act: 'group.changed', subject: `group:${scopeId}` } as const;
  const saved = await setOverride(deps, { programId, scopeId, createdAt, startsAt, settings, ...entry });
  return saved.ok ? ok({ group, settings: saved.value }) : saved;
}

export interface OwnedCode {
  readonly code: Code;
  readonly partner: EnrolledPartner | null;
}

/** A discount code that names a partner, or one that keeps everybody from earning. */
export async function addCode(
  deps: Deps,
  given: {
    programId: ProgramId;
    partner: string | undefined;
    code: string;
    policy: CodePolicy;
    startsAt: number | undefined;
    endsAt: number | undefined;
    seal?: Seal<OwnedCode>;
  },
): Promise<Result<OwnedCode>> {
  const { programId, policy, startsAt = null, endsAt = null } = given;
  const partner = given.partner === undefined ? ok(null) : await partnerNamed(deps, programId, given.partner);
  if (!partner.ok) return partner;
  const code: Code = { code: given.code, partnerId: partner.value?.partnerId ?? null, policy, startsAt, endsAt };
  const made = { code, partner: partner.value };
  const entry = await audited(deps, programId, {
    ...{ act: 'code.added', subject: `code:${code.code}` },
    after: {
      ...{ policy, partnerId: code.partnerId },
      ...(startsAt !== null && { startsAt: iso(startsAt) }),
      ...(endsAt !== null && { endsAt: iso(endsAt) }),
    },
  });
  const answer = (await given.seal?.(made)) ?? [];
  const done = await deps.store.commit([{ kind: 'code', programId, code, createdAt: deps.now() }, entry, ...answer]);
  return done === 'done' ? ok(made) : err({ code: 'taken', pointer: '/code', value: code.code });
}
