/**
 * Who takes part in the demo, and what they did: people are invited and join, get a second factor, make and revoke keys,
 * sign in, export the log. Told to the flows that the API calls, each at its own time, so that the audit log has a history.
 */
import type { SignedIn } from '../../edge/core/access.ts';
import { type MembershipId, makeId, type PartnerId, type PersonId, type ProgramId } from '../../edge/core/id.ts';
import { sealText } from '../../edge/core/seal.ts';
import type { By, Change, Deps, SessionRow } from '../../edge/deps.ts';
import { audited, type Entry } from '../../edge/flows/audit.ts';
import { makeKey, revokeKey, rotateKey } from '../../edge/flows/keys.ts';
import { answerInvitation } from '../../edge/flows/people.ts';
import { exportAudit } from '../../edge/flows/read-audit.ts';
import { SEAL_OF_TOTP } from '../../edge/flows/second-factor.ts';
import { changeMember, invite } from '../../edge/flows/team.ts';
import { type Chance, must } from './chance.ts';
import type { DemoPerson } from './people.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Somebody of the demo, with the id they have. */
export type Somebody = Pick<DemoPerson, 'email' | 'role' | 'partner'> & { readonly id: PersonId };

/** From where each of them signs in: addresses that are nobody's. */
const ADDRESSES = ['192.0.2.17', '198.51.100.4', '203.0.113.52', '203.0.113.109'];

/** A call that somebody makes at a time. */
export const byAt = (deps: Deps, personId: PersonId, at: number, partnerId: PartnerId | null = null): Deps => {
  const address = ADDRESSES[personId.charCodeAt(personId.length - 1) % ADDRESSES.length] ?? null;
  const by: By = { actor: `person:${personId}`, partnerId, country: 'DE', address };
  return { ...deps, now: () => at, by };
};

export function idOf(people: readonly Somebody[], email: string): PersonId {
  const found = people.find((one) => one.email === email);
  if (!found) throw new Error(`${email} is not in the demo`);
  return found.id;
}

interface Team {
  readonly programId: ProgramId;
  readonly people: readonly Somebody[];
  partnerOf(slug: string | null): PartnerId | null;
  /** The first midnight of today. */
  readonly today: number;
}

const asker = (personId: PersonId, programId: ProgramId, at: number): SignedIn => ({
  ...{ kind: 'person', personId, secondAt: at },
  place: { programId, partnerId: null, role: 'owner' },
});

/** When each is invited, in days before today; they join within a day. The owner is there from the beginning. */
const INVITED: Readonly<Record<string, number>> = {
  'manager@demo.test': 118,
  'finance@demo.test': 117,
  'anna@partner.test': 116,
  'bob@partner.test': 116,
  'carla@partner.test': 115,
  'compliance@demo.test': 87,
  'finance2@demo.test': 61,
};
/** Jonas began by looking. */
const BEGAN_AS = { email: 'manager@demo.test', role: 'analyst', until: 112 } as const;

/** People come, before the first order: who is a partner's own buys for nobody's commission. */
export async function gather(deps: Deps, { programId, people, partnerOf, today }: Team): Promise<void> {
  const owner = idOf(people, 'owner@demo.test');
  const joins = Object.entries(INVITED).map(([email, daysAgo]) => ({
    person: people.find((one) => one.email === email),
    at: today - daysAgo * DAY_MS + 9 * HOUR_MS,
  }));
  for (const { person, at } of joins) {
    if (!person) continue;
    const { id, email, partner } = person;
    const role = email === BEGAN_AS.email ? BEGAN_AS.role : person.role;
    await letIn(byAt(deps, owner, at), { programId, owner, email, role, partner: partner ?? undefined });
    const own = byAt(deps, id, at + 5 * HOUR_MS, partnerOf(partner));
    const [place] = await deps.accounts.places(id);
    if (!place) throw new Error(`${email} was not invited`);
    must(
      await answerInvitation(own, {
        session: { id: '', personId: id } as unknown as SessionRow,
        id: place.membershipId,
        accept: true,
      }),
    );
    if (email === BEGAN_AS.email) {
      const later = today - BEGAN_AS.until * DAY_MS + 10 * HOUR_MS;
      const given = { programId, partnerId: null, asker: asker(owner, programId, later), role: person.role };
      must(await changeMember(byAt(deps, owner, later), { ...given, id: place.membershipId }));
    }
  }
}

/** An invitation, whose letter nobody waits for. */
export async function letIn(
  deps: Deps,
  given: { programId: ProgramId; owner: PersonId; email: string; role: Somebody['role']; partner?: string | undefined },
): Promise<MembershipId> {
  const { programId, owner, email, role, partner } = given;
  const who = { programId, partnerId: null, asker: asker(owner, programId, deps.now()) };
  return must(await invite(deps, { ...who, email, role, partner, invites: () => undefined })).membershipId;
}

/** What they did since: written last, as it happened. */
export async function live(
  deps: Deps,
  { programId, people, partnerOf, today }: Team,
  { chance, now, totpSecret }: { chance: Chance; now: number; totpSecret: string },
): Promise<void> {
  const person = (email: string) => idOf(people, email);
  const day = (ago: number, hour: number) => Math.floor(Math.min(today - ago * DAY_MS + hour * HOUR_MS, now - HOUR_MS));
  const owner = person('owner@demo.test');
  const manager = person('manager@demo.test');

  // An authenticator app for both finance people.
  for (const [email, ago] of [
    ['finance@demo.test', 116],
    ['finance2@demo.test', 60],
  ] as const) {
    const personId = person(email);
    const at = day(ago, 15);
    const seal = { purpose: SEAL_OF_TOTP, random: deps.random(12), keys: deps.secrets.authKeys };
    const sealed = await sealText(`${personId} ${totpSecret}`, seal);
    await note(byAt(deps, personId, at), programId, { act: 'totp.added', subject: `person:${personId}` }, [
      { kind: 'totp', totp: { personId, sealed, confirmedAt: at, lastStep: 0 } },
    ]);
  }

  // Keys come and go.
  // What is usual limits keys that make keys, and no person.
  const making = { programId, usual: { secret: 0, publishable: 0 }, asker: asker(owner, programId, now) };
  const plain = { kind: 'secret', callsAMinute: undefined, expiresAt: undefined } as const;
  const warehouse = must(
    await makeKey(byAt(deps, owner, day(74, 10)), {
      ...making,
      ...plain,
      name: 'Warehouse, nightly import',
      scopes: ['track'],
    }),
  );
  const letters = must(
    await makeKey(byAt(deps, owner, day(52, 14)), { ...making, ...plain, name: 'Newsletter tool', scopes: ['read'] }),
  );
  must(await rotateKey(byAt(deps, owner, day(33, 11)), { ...making, id: warehouse.row.id, overlapHours: 72 }));
  must(await revokeKey(byAt(deps, owner, day(13, 9)), { programId, id: letters.row.id }));

  for (const [email, ago] of [
    ['compliance@demo.test', 58],
    ['finance@demo.test', 27],
    ['compliance@demo.test', 2],
  ] as const) {
    must(await exportAudit(byAt(deps, person(email), day(ago, 16)), { programId, filter: {}, format: 'csv' }));
  }

  // They sign in.
  for (const { id, partner, email, role } of people) {
    const every = email === 'owner@demo.test' || id === manager ? 14 : partner === null ? 19 : 27;
    const since = Math.min(88, (INVITED[email] ?? 120) - 3);
    for (let ago = since - chance.next() * 9; ago > 0.5; ago -= every * (0.6 + chance.next())) {
      const at = day(Math.floor(ago), 7 + chance.next() * 11);
      const session = makeId<'session'>(at, chance.bytes(10));
      const method = chance.below(0.3) ? 'passkey' : 'link';
      const own = byAt(deps, id, at, partnerOf(partner));
      const subject = `person:${id}`;
      await note(own, programId, { act: 'session.started', subject, after: { method, session } });
      if (role !== 'finance' || method === 'passkey') continue;
      const then = byAt(deps, id, at + MINUTE_MS, partnerOf(partner));
      await note(then, programId, { act: 'second_factor.shown', subject, after: { by: 'totp' } });
    }
  }
}

async function note(deps: Deps, programId: ProgramId, entry: Entry, changes: readonly Change[] = []): Promise<void> {
  await deps.store.commit([...changes, await audited(deps, programId, entry)]);
}
