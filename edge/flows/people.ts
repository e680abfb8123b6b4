/** People and their places: looking from one, saying yes or no to one; inviting, changing, taking away. */
import type { Place } from '../core/access.ts';
import type { MembershipId, PersonId } from '../core/id.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Deps, OpenSession, PersonPlace, SessionRow } from '../deps.ts';
import { audited, auditedOf, noted } from './audit.ts';
import { outside } from './tries.ts';
import { sealFor } from './vault.ts';

type Seat = NonNullable<OpenSession['place']>;

/** From now on this session looks from another of the person's places. */
export async function choosePlace(
  deps: Deps,
  { session, id }: { session: SessionRow; id: MembershipId },
): Promise<Result<Seat>> {
  const places = await deps.accounts.places(session.personId);
  const chosen = places.find((one) => one.membershipId === id && one.joinedAt !== null);
  if (!chosen) return err({ code: 'not_found' });
  const { programId, partnerId } = chosen;
  const subject = `person:${session.personId}`;
  const entry = await audited(deps, programId, { act: 'session.moved', subject, partnerId });
  await deps.store.commit([{ kind: 'session_place', id: session.id, membershipId: id }, entry]);
  return ok(seatOf(chosen));
}

/** What a person is called, by themself; written to the log of every program they have a place in. */
export async function renamePerson(deps: Deps, given: { personId: PersonId; name: string }): Promise<void> {
  const { personId, name } = given;
  const person = await deps.accounts.person(personId);
  const before = { name: await sealFor(deps, personId, person?.name ?? '') };
  const after = { name: await sealFor(deps, personId, name) };
  const entries = await auditedOf(deps, personId, { act: 'person.renamed', before, after });
  await deps.store.commit([{ kind: 'person_name', personId, name }, ...entries]);
}

/** Says yes or no to an invitation; after a yes the session looks from there. */
export async function answerInvitation(
  deps: Deps,
  { session, id, accept }: { session: SessionRow; id: MembershipId; accept: boolean },
): Promise<Result<Seat | null>> {
  const { personId } = session;
  const places = await deps.accounts.places(personId);
  const invited = places.find((one) => one.membershipId === id && one.joinedAt === null);
  if (!invited) return err({ code: 'not_found' });
  const { programId, partnerId, role } = invited;
  const subject = `member:${id}`;
  // Who says no stays as unknown here as they were: an address, in the entry that invited it.
  const entry = accept
    ? await audited(deps, programId, { act: 'member.joined', subject, after: { personId, role }, partnerId })
    : noted(unseen(deps), programId, { act: 'member.declined', subject, partnerId });
  const done = await deps.store.commit(
    accept
      ? [
          { kind: 'place_joined', id, personId, at: outside(deps) },
          { kind: 'session_place', id: session.id, membershipId: id },
          entry,
        ]
      : [{ kind: 'place_declined', id, personId }, entry],
  );
  if (done === 'moved') return err({ code: 'moved' });
  return ok(accept ? seatOf(invited) : null);
}

const unseen = (deps: Deps): Deps => ({
  ...deps,
  by: { actor: 'system', partnerId: null, country: null, address: null },
});

const seatOf = ({ membershipId, programId, partnerId, role }: PersonPlace): Seat => ({
  ...({ programId, partnerId, role } as Place),
  membershipId,
});
