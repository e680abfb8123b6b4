/**
 * Inviting by letter: whoever has the address gets a place that opens nothing before they say yes in a session of their own.
 * Whether somebody of that address is known here already is told to nobody, and takes the same work.
 */
import type { Role } from '../core/access.ts';
import { makeId } from '../core/id.ts';
import type { Result } from '../core/result.ts';
import type { Deps, Letter, Person, Program } from '../deps.ts';
import { invitationLetter } from '../mail/letters.ts';
import { personOf } from './audit.ts';
import { outside, spendTry } from './tries.ts';

/** A letter but for where its button leads, which the door knows. */
export type Invitation = (origin: string) => Letter;

/** Whoever has this address; somebody unknown is made, who can do nothing yet. */
export async function personOfAddress(deps: Deps, given: { email: string; name: string }): Promise<Person> {
  const email = given.email.trim().toLowerCase();
  const made = { id: makeId<'person'>(outside(deps), deps.random(10)), email, name: given.name };
  await deps.store.commit([{ kind: 'person', person: made }]);
  const person = await deps.accounts.personByEmail(email);
  if (!person) throw new Error('a person that was made is gone');
  return person;
}

/**
 * Counts one more letter to this address, unless there were enough of them today. Each partner's people have a count of their
 * own, as has the program: what others wrote to an address keeps nobody from it, and nobody hears of it.
 */
export async function mayWrite(deps: Deps, program: Program, email: string): Promise<Result<null>> {
  const { partnerId } = deps.by;
  const side = `${program.id} ${partnerId ?? '-'}`;
  const may = await spendTry(deps, 'invite', { account: `${side} ${email}` });
  return may.ok && partnerId !== null ? spendTry(deps, 'invites', { account: side }) : may;
}

/** `partner`: what the partner is called; null: the program's own side. */
export async function invitationTo(
  deps: Deps,
  of: { program: Program; partner: string | null; role: Role; email: string },
): Promise<Invitation> {
  const { program, partner, role, email } = of;
  const personId = personOf(deps.by.actor);
  const person = personId && (await deps.accounts.person(personId));
  // A key has no name that means anything to others.
  const by = person ? person.name || person.email : program.name;
  return (origin) => ({ to: email, ...invitationLetter({ origin, program: program.name, partner, role, by }) });
}
