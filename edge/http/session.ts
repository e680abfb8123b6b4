/** /v1/session: who is signed in, where they look from, where else they could, and what they are invited to. */
import { Hono } from 'hono';
import { InvitationCall, PersonPatch, type SessionAnswer, SessionCall, type Where } from '../contract-people.ts';
import { ACTS, type Act, decide, FRESH_MS, isGuarded, SECOND_MS } from '../core/access.ts';
import type { MembershipId } from '../core/id.ts';
import type { Deps, OpenSession, PersonPlace } from '../deps.ts';
import { answerInvitation, choosePlace, renamePerson } from '../flows/people.ts';
import { readBody } from './body.ts';
import { refuse } from './problem.ts';
import type { SelfApp } from './types.ts';

export const session = new Hono<SelfApp>()
  .get('/', async (c) => c.json(await sessionAnswer(c.env.deps, c.var.open)))
  .post('/', async (c) => {
    const body = await readBody(c.req.raw, SessionCall);
    if (!body.ok) return refuse(body.refusal);
    const { open } = c.var;
    const chosen = await choosePlace(c.env.deps, { session: open.session, id: body.value.place as MembershipId });
    return chosen.ok
      ? c.json(await sessionAnswer(c.env.deps, { ...open, place: chosen.value }))
      : refuse(chosen.refusal);
  })
  .patch('/', async (c) => {
    const body = await readBody(c.req.raw, PersonPatch);
    if (!body.ok) return refuse(body.refusal);
    const { open } = c.var;
    await renamePerson(c.env.deps, { personId: open.session.personId, name: body.value.name });
    return c.json(await sessionAnswer(c.env.deps, open));
  })
  .post('/invitations/:id', async (c) => {
    const body = await readBody(c.req.raw, InvitationCall);
    if (!body.ok) return refuse(body.refusal);
    const { session } = c.var.open;
    const id = c.req.param('id') as MembershipId;
    const done = await answerInvitation(c.env.deps, { session, id, accept: body.value.accept });
    return done.ok
      ? c.json(await sessionAnswer(c.env.deps, { ...c.var.open, place: done.value ?? c.var.open.place }))
      : refuse(done.refusal);
  });

/** A person, as their session sees them. */
export async function sessionAnswer(deps: Deps, open: OpenSession): Promise<SessionAnswer> {
  const { session, place } = open;
  const { personId, secondAt } = session;
  // Who is signed in is told by the time outside, wherever a sandbox's clock stands.
  const now = deps.now() - deps.aheadMs;
  const [person, places, factors] = await Promise.all([
    deps.accounts.person(personId),
    deps.accounts.places(personId),
    deps.accounts.factors(personId),
  ]);
  if (!person) throw new Error(`person ${personId} is gone`);
  const current = places.find((one) => one.membershipId === place?.membershipId) ?? null;
  const asker = { kind: 'person', personId, place, secondAt: now } as const;
  const until = (ms: number) => (secondAt !== null && secondAt + ms > now ? iso(secondAt + ms) : null);
  return {
    person: { id: person.id, name: person.name, email: person.email },
    current: current && where(current),
    may: (Object.keys(ACTS) as Act[]).filter((act) => decide(asker, act, { now, amount: 0 }).may),
    places: places.filter((one) => one.joinedAt !== null).map(where),
    invitations: places.filter((one) => one.joinedAt === null).map(where),
    second: {
      required: place !== null && isGuarded(place),
      enrolled: factors.passkeys.length > 0 || (factors.totp?.confirmedAt ?? null) !== null,
      until: until(SECOND_MS),
      freshUntil: until(FRESH_MS),
    },
  };
}

const where = (place: PersonPlace): Where => ({
  id: place.membershipId,
  role: place.role,
  program: {
    id: place.programId,
    slug: place.programSlug,
    name: place.programName,
    mode: place.mode,
    currency: place.currency,
  },
  partner: place.partnerId && {
    id: place.partnerId,
    slug: place.partnerSlug ?? place.partnerId,
    name: place.partnerName ?? '',
  },
});

const iso = (ms: number): string => new Date(ms).toISOString();
