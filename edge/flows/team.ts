/**
 * Who takes part: inviting somebody to a place, changing its role, taking it away, giving it up.
 *
 * Which act each of these is depends on whose place it is and what it opens, so the policy table is asked here again. Each
 * happens in one commit with its entry in the log. A side that somebody owns is never left without an owner, however many
 * change it at once.
 */
import { type Asker, actOnTeam, isRoleOf, type Place, type Role } from '../core/access.ts';
import { type MembershipId, makeId, type PartnerId, type ProgramId } from '../core/id.ts';
import { err, ok, type Refusal, type Result } from '../core/result.ts';
import type { Change, Deps, EnrolledPartner, Member, Membership, Seal } from '../deps.ts';
import { audited } from './audit.ts';
import { type Invitation, invitationTo, mayWrite, personOfAddress } from './invite.ts';
import { forbidden } from './may.ts';
import { outside } from './tries.ts';
import { sealFor } from './vault.ts';

/** People of one side, the invited among them: more than any team has. */
export const MAX_MEMBERS = 200;

/** Who asks, and whose rows they may see. */
export interface Team {
  readonly asker: Asker;
  readonly programId: ProgramId;
  /** Null: all of the program. */
  readonly partnerId: PartnerId | null;
}

/**
 * Invites whoever has an address: 1 to which side, 2 may they, 3 is there room, 4 whose address it is, 5 the place, not taken
 * yet, with its entry; the letter goes once that is committed.
 */
export async function invite(
  deps: Deps,
  given: Team & {
    email: string;
    role: Role;
    /** By slug or id; left out, the asker's own side. */
    partner: string | undefined;
    seal?: Seal<Member>;
    invites(letter: Invitation): void;
  },
): Promise<Result<Member>> {
  const { asker, programId, role, email } = given;
  const side = await sideOf(deps, given, given.partner);
  if (!side.ok) return side;
  const partnerId = side.value?.partnerId ?? null;
  const place = { programId, partnerId, role } as Place;
  const refused = forbidden(deps, asker, actOnTeam(asker, place)) ?? roleFlaw(place);
  if (refused) return err(refused);

  const [program, others] = await Promise.all([
    deps.store.program(programId),
    deps.accounts.members(programId, partnerId),
  ]);
  if (!program) throw new Error(`program ${programId} is gone`);
  const taken = err({ code: 'taken', pointer: '/email', value: email } as const);
  if (others.some((one) => one.email === email)) return taken;
  if (others.length >= MAX_MEMBERS) return err({ code: 'too_many', what: 'people on one side', limit: MAX_MEMBERS });
  const may = await mayWrite(deps, program, email);
  if (!may.ok) return may;

  const person = await personOfAddress(deps, { email, name: '' });
  const letter = await invitationTo(deps, { program, partner: side.value?.name ?? null, role, email });
  const id = makeId<'membership'>(outside(deps), deps.random(10));
  const made: Member = {
    ...{ membershipId: id, personId: person.id, email, name: null, role, joinedAt: null },
    ...{ partnerId, partner: side.value?.slug ?? null },
  };
  const entry = await audited(deps, programId, {
    ...{ act: 'member.invited', subject: `member:${id}` },
    after: { role, ...of(partnerId), email: await sealFor(deps, person.id, email) },
  });
  const vouched = partnerId !== null && given.partnerId === null;
  const done = await deps.store.commit([
    { kind: 'place', email, place: { id, programId, partnerId, role, joinedAt: null, vouched } },
    entry,
    ...((await given.seal?.(made)) ?? []),
  ]);
  if (done === 'moved') return taken;
  given.invites(letter);
  return ok(made);
}

/** Gives a place another role. The next call of whoever has it is judged by that. */
export async function changeMember(
  deps: Deps,
  given: Team & { id: MembershipId; role: Role },
): Promise<Result<Member>> {
  const { asker, programId, id, role } = given;
  const member = await memberOf(deps, given);
  if (!member) return err({ code: 'not_found' });
  const before = placeOf(programId, member);
  const after = { ...before, role } as Place;
  const refused = forbidden(deps, asker, actOnTeam(asker, after, before)) ?? roleFlaw(after);
  if (refused) return err(refused);
  if (role === member.role) return ok(member);
  const done = await commitOn(deps, programId, member, [
    { kind: 'place_role', programId, id, role, was: member.role },
    ...(await ownersOf(deps, programId, member)),
    await audited(deps, programId, {
      ...{ act: 'member.changed', subject: `member:${id}` },
      before: { role: member.role },
      after: { role, ...of(member.partnerId) },
    }),
  ]);
  return done.ok ? ok({ ...member, role }) : done;
}

/** Takes a place away, or gives up one's own; with it every session of that person ends. */
export async function removeMember(
  deps: Deps,
  given: Team & { id: MembershipId },
): Promise<Result<{ readonly own: boolean }>> {
  const { asker, programId, id } = given;
  const member = await memberOf(deps, given);
  if (!member) return err({ code: 'not_found' });
  const own = asker.kind === 'person' && asker.personId === member.personId;
  const refused = own ? null : forbidden(deps, asker, actOnTeam(asker, placeOf(programId, member)));
  if (refused) return err(refused);
  const { role, partnerId, personId, joinedAt, email } = member;
  const done = await commitOn(deps, programId, member, [
    { kind: 'place_gone', programId, id, role, joinedAt },
    ...(await ownersOf(deps, programId, member)),
    await audited(deps, programId, {
      ...{ act: own ? 'member.left' : 'member.removed', subject: `member:${id}` },
      before: {
        ...{ role, ...of(partnerId), ...(joinedAt !== null && { personId }) },
        email: await sealFor(deps, personId, email),
      },
    }),
  ]);
  return done.ok ? ok({ own }) : done;
}

/** The side that a call names: of the program, or (a partner's person has no other) of one partner. */
async function sideOf(
  deps: Deps,
  { programId, partnerId }: Team,
  named: string | undefined,
): Promise<Result<EnrolledPartner | null>> {
  if (partnerId === null && named === undefined) return ok(null);
  const partner = await deps.store.partner(programId, partnerId ?? named ?? '');
  // To a partner's person all others are as if they did not exist.
  const foreign = named !== undefined && named !== partner?.partnerId && named.toLowerCase() !== partner?.slug;
  if (partner && !foreign) return ok(partner);
  return err({ code: 'invalid', errors: [{ pointer: '/partner', detail: 'a partner of this program' }] });
}

/** Somebody whose place the asker may see; of a partner's, others are not even looked at. */
const memberOf = (deps: Deps, { programId, partnerId, id }: Team & { id: MembershipId }): Promise<Member | null> =>
  deps.accounts.member(programId, id, partnerId);

const placeOf = (programId: ProgramId, { partnerId, role }: Pick<Membership, 'partnerId' | 'role'>): Place =>
  ({ programId, partnerId, role }) as Place;

const of = (partnerId: PartnerId | null) => (partnerId ? { partnerId } : {});

function roleFlaw({ partnerId, role }: Place): Refusal | null {
  const side = partnerId === null ? 'program' : 'partner';
  if (isRoleOf(side, role)) return null;
  const detail = partnerId === null ? 'a role of the program’s side' : 'owner or member';
  return { code: 'invalid', errors: [{ pointer: '/role', detail }] };
}

/** That an owner is left, where there is one now: a side that nobody has taken up yet has none to lose. */
async function ownersOf(deps: Deps, programId: ProgramId, { partnerId, role }: Member): Promise<Change[]> {
  if (role !== 'owner') return [];
  const members = await deps.accounts.members(programId, partnerId);
  const owned = members.some((one) => one.role === 'owner' && one.joinedAt !== null);
  return owned ? [{ kind: 'owner_left', programId, partnerId }] : [];
}

/** Commits what changes a place; where that failed, looks again why. */
async function commitOn(
  deps: Deps,
  programId: ProgramId,
  before: Member,
  changes: readonly Change[],
): Promise<Result<null>> {
  if ((await deps.store.commit(changes)) === 'done') return ok(null);
  const now = await deps.accounts.member(programId, before.membershipId, before.partnerId);
  if (!now) return err({ code: 'not_found' });
  const stands = now.role === before.role && now.joinedAt === before.joinedAt;
  return err({ code: stands ? 'last_owner' : 'moved' });
}
