/**
 * Inviting by letter: whoever has the address gets a place that opens nothing before they say yes in a session of their own.
 * Whether somebody of that address is known here already is told to nobody, and takes the same work.
 */
import type { Role } from '../core/access.ts';
import { DAY_MS } from '../core/attribution.ts';
import { makeId } from '../core/id.ts';
import { macOf } from '../core/seal.ts';
import type { Deps, Letter, Person, Program } from '../deps.ts';
import { invitationLetter } from '../mail/letters.ts';
import { outside, personOf } from './audit.ts';

/** Letters of one program to one address in a day: an invitation is no way to fill a stranger's mailbox. */
const LETTERS_A_DAY = 5;
const PURPOSE = 'tributary: letters that invite, 1';

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

/** Counts one more letter of this program to this address; false when there were enough today. */
export async function mayWrite(deps: Deps, program: Program, email: string): Promise<boolean> {
  const who = await macOf(`${program.id} ${email}`, { purpose: PURPOSE, keys: deps.secrets.authKeys });
  const [letters] = await deps.accounts.tried([{ who, spanMs: DAY_MS }], outside(deps));
  return (letters?.used ?? 1) <= LETTERS_A_DAY;
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
