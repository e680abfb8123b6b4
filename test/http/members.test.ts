/**
 * Goal: who takes part is changed by whom it should be and nobody else; who is out is out by the next call; no side is left
 * without an owner, however many change it at once. Method: calls over HTTP by people of every place, raced on real D1.
 */
import { createExecutionContext, env } from 'cloudflare:test';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { app } from '../../edge/app.ts';
import type { MemberAnswer, SessionAnswer } from '../../edge/contract-people.ts';
import type { Role } from '../../edge/core/access.ts';
import type { MembershipId, PartnerId, PersonId } from '../../edge/core/id.ts';
import { makeId } from '../../edge/core/id.ts';
import { fresh } from '../support/empty.ts';
import {
  ANNA,
  BOB,
  createWorld,
  ORIGIN,
  OTHER_PROGRAM,
  OTHER_SECRET,
  PROGRAM,
  SECRET,
  START,
  type Viewer,
  type World,
} from '../support/world.ts';

/** Of each race. */
const ROUNDS = 5;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

/** People by a letter each. */
const personId = (letter: string) => makeId<'person'>(START - DAY_MS, new Uint8Array(10).fill(letter.charCodeAt(0)));
const at = (letter: string, partnerId: PartnerId | null, role: Role, more: Partial<Viewer> = {}): Viewer => ({
  personId: personId(letter),
  ...{ programId: PROGRAM, partnerId, role },
  ...more,
});
const OWNER = at('o', null, 'owner');
const MANAGER = at('m', null, 'manager');
const ANNAS_OWNER = at('a', ANNA, 'owner');

type Browser = Record<string, string>;
async function call<Body = MemberAnswer>(who: Browser | string, method: string, path: string, body?: unknown) {
  const headers: Browser = typeof who === 'string' ? { authorization: `Bearer ${who}` } : who;
  const response = await world.fetch(path, {
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    body: (text === '' ? null : JSON.parse(text)) as Body,
    text,
    headers: response.headers,
  };
}
const placeOf = async (viewer: Viewer): Promise<MembershipId> => {
  const [row] = await world.rows<{ id: MembershipId }>(
    'SELECT id FROM memberships WHERE person_id = ? AND program_id = ? AND partner_id IS ?',
    ...[viewer.personId, viewer.programId, viewer.partnerId],
  );
  if (!row) throw new Error('nobody there');
  return row.id;
};
const join = async (email: string) => {
  await world.rows(
    'UPDATE memberships SET joined_at = 1 WHERE person_id = (SELECT id FROM people WHERE email = ?)',
    email,
  );
};
const log = () =>
  world.rows<{ act: string; actor: string; subject: string; before: string | null; after: string | null }>(
    "SELECT act, actor, subject, before, after FROM audit WHERE act LIKE 'member.%' ORDER BY id",
  );

describe('inviting', () => {
  test('makes a place that opens nothing, and a letter without a secret', async () => {
    const owner = await world.signIn(OWNER);
    const invited = await call(owner, 'POST', '/v1/members', { email: ' Sam@Blog.Example', role: 'analyst' });
    expect(invited).toMatchObject({
      status: 201,
      body: {
        ...{ personId: null, email: 'sam@blog.example', name: null, role: 'analyst', partner: null, joinedAt: null },
        invitedAt: new Date(START).toISOString(),
      },
    });
    expect(world.letters).toHaveLength(1);
    const [letter] = world.letters;
    expect(letter).toMatchObject({ to: 'sam@blog.example', subject: 'Join world' });
    expect(letter?.text).toContain(`${ORIGIN}/sign-in\n`);
    // Signed in as somebody without a place, they see the invitation and nothing of the program.
    const [{ id } = { id: '' as PersonId }] = await world.rows<{ id: PersonId }>(
      "SELECT id FROM people WHERE email = 'sam@blog.example'",
    );
    const sam = await world.signIn({ personId: id, programId: OTHER_PROGRAM, partnerId: ANNA, role: 'member' });
    const session = await call<SessionAnswer>(sam, 'GET', '/v1/session');
    expect(session.body.invitations).toMatchObject([
      { id: invited.body.id, role: 'analyst', program: { slug: 'world' } },
    ]);
    const there = { ...sam, 'tributary-place': invited.body.id };
    expect(await call(there, 'GET', '/v1/partners')).toMatchObject({ status: 404 });
    // After a yes they are in, by their own name.
    await call(sam, 'POST', `/v1/session/invitations/${invited.body.id}`, { accept: true });
    const first = await call(there, 'GET', '/v1/partners');
    expect(first).toMatchObject({ status: 200 });
    // They may more than before: what their browser holds is exchanged.
    expect(first.headers.get('set-cookie')).toContain('__Host-tributary_session=');
    const { body } = await call<{ data: MemberAnswer[] }>(owner, 'GET', '/v1/members');
    expect(body.data.find((one) => one.id === invited.body.id)).toMatchObject({ personId: id, name: '' });
  });

  test('the answer is the same whether or not somebody is known', async () => {
    const owner = await world.signIn(OWNER);
    const known = at('k', ANNA, 'member', { programId: OTHER_PROGRAM });
    await world.signIn(known);
    const [{ email } = { email: '' }] = await world.rows<{ email: string }>(
      'SELECT email FROM people WHERE id = ?',
      known.personId,
    );
    const one = await call(owner, 'POST', '/v1/members', { email, role: 'analyst' });
    world.at(START + 1);
    const other = await call(owner, 'POST', '/v1/members', { email: 'new@people.example', role: 'analyst' });
    const shape = ({ id: _id, email: _email, invitedAt: _at, ...rest }: MemberAnswer) => rest;
    expect(shape(one.body)).toEqual(shape(other.body));
    expect(JSON.stringify(await log())).not.toMatch(new RegExp(`"${known.personId}"|:${known.personId}"`));
    // The log's reader sees the address alone, of both.
    const { body } = await call<{ data: { after: unknown }[] }>(owner, 'GET', '/v1/audit?act=member.invited');
    expect(body.data.map((entry) => entry.after)).toEqual([
      { role: 'analyst', email: 'new@people.example' },
      { role: 'analyst', email },
    ]);
  });

  test.each(["o'neil+shop@mail.x-y.example", 'jürgen@bücher.example', 'a/b=c_d.e!#$%&*?^`{|}~@localhost'])(
    'reaches %s',
    async (email) => {
      const owner = await world.signIn(OWNER);
      expect((await call(owner, 'POST', '/v1/members', { email, role: 'analyst' })).status).toBe(201);
      expect(world.letters).toMatchObject([{ to: email }]);
    },
  );

  test('says who invites: a person by name, a key by its program', async () => {
    const owner = await world.signIn(OWNER);
    await call(owner, 'PATCH', '/v1/session', { name: 'Olga Stern' });
    await call(owner, 'POST', '/v1/members', { email: 'one@x.example', role: 'member', partner: 'anna' });
    await call(SECRET, 'POST', '/v1/members', { email: 'two@x.example', role: 'member', partner: 'anna' });
    expect(world.letters.map((one) => one.text.split('\n')[0])).toEqual([
      'Olga Stern invites you to Anna, a partner of world, as a member.',
      'world invites you to Anna, a partner of world, as a member.',
    ]);
  });

  test('twice, or four times at once: one place, and one letter', async () => {
    const owner = await world.signIn(OWNER);
    const all = await Promise.all(
      Array.from({ length: 4 }, () => call(owner, 'POST', '/v1/members', { email: 'sam@x.example', role: 'analyst' })),
    );
    expect(all.map((one) => one.status).sort()).toEqual([201, 409, 409, 409]);
    expect(world.letters).toHaveLength(1);
    expect(await call(owner, 'POST', '/v1/members', { email: 'SAM@x.example', role: 'compliance' })).toMatchObject({
      status: 409,
      body: { code: 'taken', errors: [{ pointer: '/email' }] },
    });
    // Of another side it is another place.
    const beside = { email: 'sam@x.example', role: 'member', partner: 'bob' };
    expect(await call(owner, 'POST', '/v1/members', beside)).toMatchObject({ status: 201, body: { partner: 'bob' } });
    expect(await log()).toHaveLength(2);
  });

  test('under a name it is done once, and its letter goes once', async () => {
    const owner = { ...(await world.signIn(OWNER)), 'idempotency-key': 'k' };
    const given = { email: 'sam@x.example', role: 'analyst' };
    const first = await call(owner, 'POST', '/v1/members', given);
    const again = await call(owner, 'POST', '/v1/members', given);
    expect([again.status, again.text]).toEqual([201, first.text]);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(world.letters).toHaveLength(1);
  });

  test('a mailbox is not filled: five letters of a program in a day, and another program’s are its own', async () => {
    const owner = await world.signIn(OWNER);
    const given = { email: 'sam@x.example', role: 'analyst' };
    for (let times = 0; times < 5; times++) {
      const { status, body } = await call(owner, 'POST', '/v1/members', given);
      expect(status).toBe(201);
      expect((await call(owner, 'DELETE', `/v1/members/${body.id}`)).status).toBe(204);
    }
    const refused = await call(owner, 'POST', '/v1/members', given);
    expect(refused).toMatchObject({ status: 429, body: { code: 'too_many_tries' } });
    expect(refused.headers.get('retry-after')).toBe('86400');
    expect(world.letters).toHaveLength(5);
    // A partner is added all the same; its letter stays away.
    const partner = { slug: 'sam', name: 'Sam', email: 'sam@x.example' };
    expect(await call(SECRET, 'POST', '/v1/partners', partner)).toMatchObject({ status: 201 });
    expect(world.letters).toHaveLength(5);
    const elsewhere = { ...given, role: 'member', partner: 'anna' };
    expect(await call(OTHER_SECRET, 'POST', '/v1/members', elsewhere)).toMatchObject({ status: 201 });
    world.at(START + DAY_MS);
    expect((await call(await world.signIn(OWNER), 'POST', '/v1/members', given)).status).toBe(201);
  });

  test('what one partner wrote to an address, no other can tell, and it keeps nobody from it', async () => {
    const given = { email: 'sam@x.example', role: 'member' };
    const times = async (who: Browser, most: number) => {
      for (let time = 0; time < most; time++) {
        const { status, body } = await call(who, 'POST', '/v1/members', given);
        if (status !== 201) return time;
        await call(who, 'DELETE', `/v1/members/${body.id}`);
      }
      return most;
    };
    expect(await times(await world.signIn(at('b', BOB, 'owner')), 9)).toBe(5);
    expect(await times(await world.signIn(ANNAS_OWNER), 9)).toBe(5);
    const owner = await world.signIn(OWNER);
    expect((await call(owner, 'POST', '/v1/members', { ...given, role: 'analyst' })).status).toBe(201);
  });

  test('a partner writes to fifty strangers in a day and no more, by whichever of its people', async () => {
    const owner = await world.signIn(ANNAS_OWNER);
    const to = (who: Browser, name: string) =>
      call(who, 'POST', '/v1/members', { email: `${name}@x.example`, role: 'member' });
    const all = await Promise.all(Array.from({ length: 52 }, (_, index) => to(owner, `s${index}`)));
    expect(all.filter((one) => one.status === 201)).toHaveLength(50);
    expect(world.letters).toHaveLength(50);
    expect((await to(await world.signIn(at('e', ANNA, 'owner')), 'more')).status).toBe(429);
    expect((await to(await world.signIn(at('b', BOB, 'owner')), 'more')).status).toBe(201);
  });

  test('a letter that is not taken fails nothing', async () => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    world.deps.mail.send = () => Promise.reject(new Error('the mail service is away'));
    const owner = await world.signIn(OWNER);
    const given = { email: 'sam@x.example', role: 'analyst' };
    expect((await call(owner, 'POST', '/v1/members', given)).status).toBe(201);
    expect(told).toHaveBeenCalledWith('an invitation was not mailed', expect.any(Error));
    expect(JSON.stringify(told.mock.calls)).not.toContain('sam@');
    told.mockRestore();
  });

  test('where people sign in: as it is set, else the host of the call, and never the shop’s', async () => {
    const told = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const given = (email: string) => ({ email, role: 'member', partner: 'anna' });
    expect((await call(SECRET, 'POST', '/_t/v1/members', given('one@x.example'))).status).toBe(201);
    expect([world.letters, told.mock.calls.length]).toEqual([[], 1]);
    told.mockRestore();
    const bindings = { ...env, deps: world.deps, DASHBOARD_ORIGIN: 'https://partners.shop.example' };
    const request = new Request(`${ORIGIN}/_t/v1/members`, {
      method: 'POST',
      headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' },
      body: JSON.stringify(given('two@x.example')),
    });
    expect((await app.fetch(request, bindings as never, createExecutionContext() as never)).status).toBe(201);
    expect(world.letters[0]?.text).toContain('https://partners.shop.example/sign-in\n');
  });

  test('a new partner’s person is invited by letter, whoever adds it', async () => {
    const added = await call(SECRET, 'POST', '/v1/partners', { slug: 'dora', name: 'Dora D.', email: 'Dora@P.test ' });
    expect(added.status).toBe(201);
    expect(world.letters).toMatchObject([{ to: 'dora@p.test', subject: expect.stringContaining('Join Dora D') }]);
    const taken = await call(SECRET, 'POST', '/v1/partners', { slug: 'dora', name: 'Dora', email: 'else@p.test' });
    expect(taken.status).toBe(409);
    await call(SECRET, 'POST', '/v1/partners', { slug: 'nobody', name: 'Nobody' });
    expect(world.letters).toHaveLength(1);
    const { body } = await call<{ data: MemberAnswer[] }>(SECRET, 'GET', '/v1/members?partner=dora');
    expect(body.data).toMatchObject([{ email: 'dora@p.test', role: 'owner', joinedAt: null, personId: null }]);
  });

  test('a side has room for two hundred', async () => {
    await world.signIn(OWNER);
    await world.rows(
      `INSERT INTO people (id, email, name) SELECT 'P' || value, 'p' || value || '@x.example', '' FROM json_each(?)`,
      JSON.stringify(Array.from({ length: 199 }, (_, number) => number)),
    );
    await world.rows(
      `INSERT INTO memberships (id, person_id, program_id, partner_id, role, joined_at, vouched)
        SELECT 'M' || id, id, ?, NULL, 'analyst', NULL, 0 FROM people WHERE id LIKE 'P%'`,
      PROGRAM,
    );
    const owner = await world.signIn(OWNER);
    expect(await call(owner, 'POST', '/v1/members', { email: 'more@x.example', role: 'analyst' })).toMatchObject({
      status: 409,
      body: { code: 'too_many' },
    });
    expect(world.letters).toEqual([]);
  });

  test.each([
    ['/email', { email: 'nobody', role: 'analyst' }],
    ['/email', { role: 'analyst' }],
    ['/email', { email: `${'x'.repeat(250)}@x.example`, role: 'analyst' }],
    ['/email', { email: 'a<b@x.example>', role: 'analyst' }],
    ['/email', { email: 'a,b@x.example', role: 'analyst' }],
    ['/email', { email: 'a\nbcc: b@x.example', role: 'analyst' }],
    ['/email', { email: 'a\u0000b@x.example', role: 'analyst' }],
    ['/email', { email: 'a\u2028b@x.example', role: 'analyst' }],
    ['/role', { email: 'a@x.example', role: 'king' }],
    ['/role', { email: 'a@x.example', role: 'member' }],
    ['/role', { email: 'a@x.example', role: 'analyst', partner: 'anna' }],
    ['/partner', { email: 'a@x.example', role: 'member', partner: 'nobody' }],
    ['/personId', { email: 'a@x.example', role: 'analyst', personId: 'x' }],
  ])('%s is checked: %j', async (pointer, body) => {
    const owner = await world.signIn(OWNER);
    const refused = await call<{ errors: unknown }>(owner, 'POST', '/v1/members', body);
    expect([refused.status, refused.body.errors]).toMatchObject([422, [{ pointer }]]);
    expect(await world.rows("SELECT * FROM people WHERE email LIKE 'a@%'")).toEqual([]);
  });
});

describe('who may', () => {
  const NO = 404;
  const program = ['owner', 'manager', 'finance', 'compliance', 'analyst'] as const;
  /** By role: inviting an analyst, a finance person, Anna's member, Anna's owner. */
  const MAY: Record<string, readonly number[]> = {
    owner: [201, 201, 201, 201],
    manager: [NO, NO, 201, 201],
    finance: [NO, NO, NO, NO],
    compliance: [NO, NO, NO, NO],
    analyst: [NO, NO, NO, NO],
    'anna: owner': [422, 422, 201, 201],
    'anna: member': [NO, NO, NO, NO],
    'bob: owner': [422, 422, 422, 422],
    key: [201, 403, 201, 403],
  };
  const ASKED = [
    { role: 'analyst' },
    { role: 'finance' },
    { role: 'member', partner: 'anna' },
    { role: 'owner', partner: 'anna' },
  ];
  const askers: [string, () => Promise<Browser | string>][] = [
    ...program.map((role): [string, () => Promise<Browser>] => [role, () => world.signIn(at(role, null, role))]),
    ['anna: owner', () => world.signIn(ANNAS_OWNER)],
    ['anna: member', () => world.signIn(at('b', ANNA, 'member'))],
    ['bob: owner', () => world.signIn(at('c', BOB, 'owner'))],
    ['key', async () => SECRET],
  ];
  test.each(askers)('invite: %s', async (name, asker) => {
    const who = await asker();
    for (const [index, given] of ASKED.entries()) {
      const answer = await call(who, 'POST', '/v1/members', { email: `x${index}@x.example`, ...given });
      expect([name, given, answer.status]).toEqual([name, given, MAY[name]?.[index]]);
    }
  });

  test('what is not allowed looks like what is not there', async () => {
    const analyst = await world.signIn(at('x', null, 'analyst'));
    const bob = await world.signIn(at('c', BOB, 'owner'));
    await world.signIn(ANNAS_OWNER);
    const theirs = await placeOf(ANNAS_OWNER);
    const nowhere = makeId<'membership'>(START, new Uint8Array(10).fill(7));
    for (const who of [analyst, bob, OTHER_SECRET]) {
      const own = who === analyst ? await placeOf(OWNER).catch(() => theirs) : theirs;
      for (const [method, body] of [
        ['PATCH', { role: 'member' }],
        ['DELETE', undefined],
      ] as const) {
        const [there, not] = [
          await call(who, method, `/v1/members/${own}`, body),
          await call(who, method, `/v1/members/${nowhere}`, body),
        ];
        expect([there.status, there.text]).toEqual([not.status, not.text]);
        expect(there.status).toBe(404);
      }
    }
    const [anna, nobody] = [
      await call(bob, 'POST', '/v1/members', { email: 'a@x.example', role: 'member', partner: 'anna' }),
      await call(bob, 'POST', '/v1/members', { email: 'a@x.example', role: 'member', partner: 'nobody' }),
    ];
    expect([anna.status, anna.text]).toEqual([nobody.status, nobody.text]);
  });

  test('what leads to money wants a second factor of the last ten minutes', async () => {
    const stale = { secondAt: START - 11 * MINUTE_MS };
    const owner = await world.signIn({ ...OWNER, ...stale });
    const manager = await world.signIn({ ...MANAGER, ...stale });
    const annas = await world.signIn({ ...ANNAS_OWNER, ...stale });
    const second = { status: 403, body: { code: 'second_factor_required' } };
    const finance = { email: 'f@x.example', role: 'finance' };
    expect(await call(owner, 'POST', '/v1/members', finance)).toMatchObject(second);
    const payee = { email: 'f@x.example', role: 'owner', partner: 'anna' };
    for (const who of [owner, manager, annas])
      expect(await call(who, 'POST', '/v1/members', payee)).toMatchObject(second);
    const place = await placeOf(ANNAS_OWNER);
    expect(await call(manager, 'PATCH', `/v1/members/${place}`, { role: 'member' })).toMatchObject(second);
    expect(await call(manager, 'DELETE', `/v1/members/${place}`)).toMatchObject(second);
    expect(await log()).toEqual([]);
    expect((await call(owner, 'POST', '/v1/members', { email: 'g@x.example', role: 'analyst' })).status).toBe(201);
    const fresh = await world.signIn(OWNER);
    expect((await call(fresh, 'POST', '/v1/members', finance)).status).toBe(201);
  });

  test('a key neither gives nor takes what leads to money, and says so; without its scope it says that', async () => {
    await world.signIn(ANNAS_OWNER);
    const place = await placeOf(ANNAS_OWNER);
    const person = { status: 403, body: { code: 'person_required' } };
    for (const role of ['owner', 'finance', 'manager']) {
      expect(await call(SECRET, 'POST', '/v1/members', { email: 'f@x.example', role })).toMatchObject(person);
    }
    expect(await call(SECRET, 'PATCH', `/v1/members/${place}`, { role: 'member' })).toMatchObject(person);
    expect(await call(SECRET, 'DELETE', `/v1/members/${place}`)).toMatchObject(person);
    await world.rows('UPDATE keys SET scopes = \'["read","manage"]\' WHERE name = \'trb_sk_test_world\'');
    expect(await call(SECRET, 'GET', '/v1/members')).toMatchObject({ status: 403, body: { code: 'missing_scope' } });
  });

  test('changing: from and to a role, on whichever side', async () => {
    const [owner, manager, annas] = [
      await world.signIn(OWNER),
      await world.signIn(MANAGER),
      await world.signIn(ANNAS_OWNER),
    ];
    const analyst = at('x', null, 'analyst');
    const member = at('b', ANNA, 'member');
    await world.signIn(analyst);
    await world.signIn(member);
    const [analysts, members, managers] = [await placeOf(analyst), await placeOf(member), await placeOf(MANAGER)];
    const patch = async (who: Browser | string, id: string, role: string) => {
      world.at(world.now() + 1);
      return (await call(who, 'PATCH', `/v1/members/${id}`, { role })).status;
    };
    expect(await patch(manager, analysts, 'compliance')).toBe(404);
    expect(await patch(manager, managers, 'owner')).toBe(404);
    expect(await patch(annas, analysts, 'compliance')).toBe(404);
    expect(await patch(owner, analysts, 'member')).toBe(422);
    expect(await patch(owner, members, 'finance')).toBe(422);
    expect(await patch(owner, analysts, 'compliance')).toBe(200);
    expect(await patch(SECRET, analysts, 'analyst')).toBe(200);
    expect(await patch(SECRET, analysts, 'finance')).toBe(403);
    expect(await patch(manager, members, 'owner')).toBe(200);
    expect(await patch(annas, members, 'member')).toBe(200);
    expect(await patch(annas, members, 'member')).toBe(200);
    expect((await log()).map(({ act, before, after }) => [act, before, after])).toEqual([
      ['member.changed', '{"role":"analyst"}', '{"role":"compliance"}'],
      ['member.changed', '{"role":"compliance"}', '{"role":"analyst"}'],
      ['member.changed', '{"role":"member"}', `{"role":"owner","partnerId":"${ANNA}"}`],
      ['member.changed', '{"role":"owner"}', `{"role":"member","partnerId":"${ANNA}"}`],
    ]);
  });

  test('another site’s page does nothing in somebody’s name', async () => {
    const owner = await world.signIn(OWNER);
    const hostile = { ...owner, origin: 'https://evil.example' };
    const given = { email: 'a@x.example', role: 'analyst' };
    expect((await call(hostile, 'POST', '/v1/members', given)).status).not.toBe(201);
    const typed = await world.fetch('/v1/members', {
      method: 'POST',
      headers: { ...owner, 'content-type': 'text/plain' },
      body: JSON.stringify(given),
    });
    expect(typed.status).toBe(415);
    expect(await log()).toEqual([]);
  });
});

describe('who is told', () => {
  const emails = async (who: Browser | string, query = '') => {
    const { status, body } = await call<{ data: MemberAnswer[] }>(who, 'GET', `/v1/members${query}`);
    return status === 200 ? body.data.map((one) => `${one.partner}: ${one.role}`).sort() : status;
  };

  test('the program’s side of all, a partner’s of its own, whatever is named', async () => {
    const owner = await world.signIn(OWNER);
    const annas = await world.signIn(ANNAS_OWNER);
    await world.signIn(at('b', ANNA, 'member'));
    await world.signIn(at('c', BOB, 'owner'));
    await world.signIn(at('z', ANNA, 'owner', { programId: OTHER_PROGRAM }));
    expect(await emails(owner)).toEqual(['null: owner']);
    expect(await emails(owner, '?partner=anna')).toEqual(['anna: member', 'anna: owner']);
    expect(await emails(owner, `?partner=${BOB}`)).toEqual(['bob: owner']);
    expect(await emails(owner, '?partner=nobody')).toBe(404);
    expect((await emails(owner, '?partner=*')) as string[]).toHaveLength(3);
    for (const query of ['', '?partner=bob', '?partner=*', `?partner=${BOB}`, '?partner=nobody']) {
      expect(await emails(annas, query)).toEqual(['anna: member', 'anna: owner']);
    }
    expect(await emails(OTHER_SECRET, '?partner=*')).toEqual(['anna: owner']);
    expect(await emails(OTHER_SECRET, `?partner=${BOB}`)).toBe(404);
  });

  test('of all partners page by page, each person once; a page reads no more than it shows', async () => {
    const owner = await world.signIn(OWNER);
    for (let number = 0; number < 7; number++) {
      await world.signIn(at(`${number}`, number % 2 ? BOB : ANNA, 'member'));
    }
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await call<{ data: MemberAnswer[]; nextCursor: string | null }>(
        owner,
        'GET',
        `/v1/members?partner=*&limit=3${cursor && `&cursor=${cursor}`}`,
      );
      expect(body.data.length).toBeLessThanOrEqual(3);
      seen.push(...body.data.map((one) => one.id));
      cursor = body.nextCursor ?? '';
    } while (cursor);
    expect(new Set(seen).size).toBe(7);
    expect(seen).toHaveLength(7);
    await world.rows(
      `INSERT INTO people (id, email, name) SELECT 'P' || value, 'p' || value || '@x.example', '' FROM json_each(?)`,
      JSON.stringify(Array.from({ length: 400 }, (_, number) => number)),
    );
    await world.rows(
      `INSERT INTO memberships (id, person_id, program_id, partner_id, role, joined_at, vouched)
        SELECT 'M' || id, id, ?, ?, 'member', NULL, 0 FROM people WHERE id LIKE 'P%'`,
      ...[PROGRAM, BOB],
    );
    const before = world.billed.rowsRead;
    await call(owner, 'GET', '/v1/members?partner=*&limit=10');
    expect(world.billed.rowsRead - before).toBeLessThan(60);
  });

  test('a cursor of another program, of nobody or of somebody who left is refused alike', async () => {
    const owner = await world.signIn(OWNER);
    const other = at('z', ANNA, 'owner', { programId: OTHER_PROGRAM });
    await world.signIn(other);
    const answers = await Promise.all(
      [await placeOf(other), 'nobody', makeId(START, new Uint8Array(10))].map((cursor) =>
        call(owner, 'GET', `/v1/members?partner=*&cursor=${cursor}`),
      ),
    );
    expect(new Set(answers.map((one) => one.text)).size).toBe(1);
    expect(answers[0]?.status).toBe(422);
    expect((await call(owner, 'GET', '/v1/members?partner=*&limit=0')).status).toBe(422);
  });
});

describe('out is out', () => {
  test('by the next call, in two browsers and in a tab that names its place', async () => {
    const owner = await world.signIn(OWNER);
    const member = at('b', ANNA, 'member');
    const [phone, desktop] = [await world.signIn(member), await world.signIn(member)];
    const place = await placeOf(member);
    const tab = { ...desktop, 'tributary-place': place };
    for (const browser of [phone, desktop, tab]) expect((await call(browser, 'GET', '/v1/links')).status).toBe(200);
    expect((await call(owner, 'DELETE', `/v1/members/${place}`)).status).toBe(204);
    for (const browser of [phone, desktop, tab]) {
      for (const path of ['/v1/links', '/v1/session', '/v1/conversions']) {
        expect(await call(browser, 'GET', path)).toMatchObject({ status: 401, body: { code: 'sign_in_required' } });
      }
    }
    expect(await world.rows('SELECT * FROM sessions WHERE person_id = ?', member.personId)).toEqual([]);
    // Signed in anew, elsewhere: that place is none any more.
    const again = await world.signIn({ ...member, partnerId: BOB });
    expect((await call({ ...again, 'tributary-place': place }, 'GET', '/v1/links')).status).toBe(404);
    const entries = await call<{ data: { act: string; before: object }[] }>(owner, 'GET', '/v1/audit');
    expect(entries.body.data[0]).toMatchObject({
      act: 'member.removed',
      before: { role: 'member', partnerId: ANNA, personId: member.personId, email: expect.stringContaining('@') },
    });
  });

  test('a demoted person’s next call has the new rights, and the browser gets another session', async () => {
    const owner = await world.signIn(OWNER);
    const manager = await world.signIn(MANAGER);
    const terms = () => call(manager, 'POST', '/v1/terms', { rules: [{ ratePpm: 1 }] });
    expect((await terms()).status).toBe(201);
    expect((await call(owner, 'PATCH', `/v1/members/${await placeOf(MANAGER)}`, { role: 'analyst' })).status).toBe(200);
    expect((await terms()).status).toBe(404);
    const look = await call(manager, 'GET', '/v1/partners');
    expect([look.status, look.headers.get('set-cookie')]).toEqual([200, expect.stringContaining('__Host-')]);
  });

  test('an invitation that is taken back signs nobody out', async () => {
    const owner = await world.signIn(OWNER);
    const known = at('k', ANNA, 'member', { programId: OTHER_PROGRAM });
    const theirs = await world.signIn(known);
    const [row] = await world.rows<{ email: string }>('SELECT email FROM people WHERE id = ?', known.personId);
    const { body } = await call(owner, 'POST', '/v1/members', { email: row?.email, role: 'analyst' });
    await call(owner, 'PATCH', `/v1/members/${body.id}`, { role: 'compliance' });
    expect((await call(owner, 'DELETE', `/v1/members/${body.id}`)).status).toBe(204);
    const session = await call<SessionAnswer>(theirs, 'GET', '/v1/session');
    expect([session.status, session.body.invitations, session.headers.get('set-cookie')]).toEqual([200, [], null]);
    // Of one moment, entries stand in no order.
    const removed = (await log()).find((one) => one.act === 'member.removed');
    expect(removed?.before).not.toContain('personId');
  });

  test('one may leave oneself, with any role but the last owner’s, and is signed out', async () => {
    const analyst = at('x', null, 'analyst');
    const browser = await world.signIn(analyst);
    await world.signIn(OWNER);
    const left = await call(browser, 'DELETE', `/v1/members/${await placeOf(analyst)}`);
    expect([left.status, left.headers.get('set-cookie')]).toEqual([204, expect.stringContaining('Max-Age=0')]);
    expect((await call(browser, 'GET', '/v1/session')).status).toBe(401);
    expect(await log()).toMatchObject([{ act: 'member.left', actor: `person:${analyst.personId}` }]);
    // Without a fresh second factor too: giving up wants no proof.
    const stale = await world.signIn({ ...OWNER, secondAt: null });
    expect(await call(stale, 'DELETE', `/v1/members/${await placeOf(OWNER)}`)).toMatchObject({
      status: 409,
      body: { code: 'last_owner' },
    });
    expect((await call(stale, 'GET', '/v1/session')).status).toBe(200);
  });
});

describe('somebody owns each side', () => {
  const owners = async () =>
    (await world.rows("SELECT id FROM memberships WHERE role = 'owner' AND joined_at IS NOT NULL")).length;

  test('the last owner is neither demoted nor removed', async () => {
    const owner = await world.signIn(OWNER);
    await world.signIn(ANNAS_OWNER);
    const [program, anna] = [await placeOf(OWNER), await placeOf(ANNAS_OWNER)];
    for (const [id, role] of [
      [program, 'manager'],
      [anna, 'member'],
    ] as const) {
      expect(await call(owner, 'PATCH', `/v1/members/${id}`, { role })).toMatchObject({
        status: 409,
        body: { code: 'last_owner' },
      });
      expect(await call(owner, 'DELETE', `/v1/members/${id}`)).toMatchObject({ body: { code: 'last_owner' } });
    }
    expect([await owners(), await log()]).toEqual([2, []]);
  });

  test('is asked of that side alone, however many people others have', async () => {
    const owner = await world.signIn(OWNER);
    await world.signIn(at('p', null, 'owner'));
    await world.signIn(ANNAS_OWNER);
    await world.signIn(at('b', ANNA, 'owner'));
    await world.rows(
      `INSERT INTO people (id, email, name) SELECT '0' || value, 'p' || value || '@x.example', '' FROM json_each(?)`,
      JSON.stringify(Array.from({ length: 400 }, (_, number) => number)),
    );
    await world.rows(
      `INSERT INTO memberships (id, person_id, program_id, partner_id, role, joined_at, vouched)
        SELECT '0' || id, id, ?, ?, 'member', 1, 0 FROM people WHERE id LIKE '0_%' AND email LIKE 'p%@x.example'`,
      ...[PROGRAM, BOB],
    );
    const before = world.billed.rowsRead;
    for (const one of [at('p', null, 'owner'), at('b', ANNA, 'owner')]) {
      expect((await call(owner, 'DELETE', `/v1/members/${await placeOf(one)}`)).status).toBe(204);
    }
    expect(world.billed.rowsRead - before).toBeLessThan(300);
  });

  test('who is invited owns nothing yet: only one who has joined takes over', async () => {
    const owner = await world.signIn(OWNER);
    const { body } = await call(owner, 'POST', '/v1/members', { email: 'next@x.example', role: 'owner' });
    const leave = async () => (await call(owner, 'DELETE', `/v1/members/${await placeOf(OWNER)}`)).status;
    expect(await leave()).toBe(409);
    await join('next@x.example');
    expect(await leave()).toBe(204);
    expect((await world.rows("SELECT id FROM memberships WHERE role = 'owner'")).map((one) => one.id)).toEqual([
      body.id,
    ]);
  });

  test('a partner that nobody has joined yet can be given another owner', async () => {
    const owner = await world.signIn(OWNER);
    await call(SECRET, 'POST', '/v1/partners', { slug: 'dora', name: 'Dora', email: 'tyop@p.test' });
    const { body } = await call<{ data: MemberAnswer[] }>(owner, 'GET', '/v1/members?partner=dora');
    expect((await call(owner, 'DELETE', `/v1/members/${body.data[0]?.id}`)).status).toBe(204);
    const given = { email: 'dora@p.test', role: 'owner', partner: 'dora' };
    expect((await call(owner, 'POST', '/v1/members', given)).status).toBe(201);
  });

  test.each([
    ['demote one another', 'PATCH', { role: 'manager' }],
    ['remove one another', 'DELETE', undefined],
  ] as const)('two owners %s at once: one does', async (_, method, body) => {
    for (let round = 0; round < ROUNDS; round++) {
      await fresh(env.DB);
      world = await createWorld();
      const [one, other] = [at('o', null, 'owner'), at('p', null, 'owner')];
      const [first, second] = [await world.signIn(one), await world.signIn(other)];
      const [firsts, seconds] = [await placeOf(one), await placeOf(other)];
      const all = await Promise.all([
        call(first, method, `/v1/members/${seconds}`, body),
        call(second, method, `/v1/members/${firsts}`, body),
      ]);
      const done = all.filter((answer) => answer.status < 300);
      const refused = all.filter((answer) => answer.status >= 300);
      expect([done.length, refused.length, await owners()]).toEqual([1, 1, 1]);
      // Either both were let in and the owner left stops one, or one was out already.
      expect([409, 401, 404]).toContain(refused[0]?.status);
      expect(await log()).toHaveLength(1);
    }
  });

  test('both at the commit at once: the second hears that it is the last', async () => {
    const [one, other] = [at('o', null, 'owner'), at('p', null, 'owner')];
    const [first, second] = [await world.signIn(one), await world.signIn(other)];
    const [firsts, seconds] = [await placeOf(one), await placeOf(other)];
    const { commit } = world.deps.store;
    let waiting = 0;
    let open: () => void = () => undefined;
    const both = new Promise<void>((resolve) => {
      open = resolve;
    });
    world.deps.store.commit = async (changes) => {
      if (changes.some((change) => change.kind === 'owner_left')) {
        if (++waiting === 2) open();
        await both;
      }
      return commit(changes);
    };
    const all = await Promise.all([
      call<{ code: string }>(first, 'PATCH', `/v1/members/${seconds}`, { role: 'analyst' }),
      call<{ code: string }>(second, 'PATCH', `/v1/members/${firsts}`, { role: 'analyst' }),
    ]);
    expect(all.map((answer) => answer.status).sort()).toEqual([200, 409]);
    expect(all.find((answer) => answer.status === 409)?.body.code).toBe('last_owner');
    expect(await owners()).toBe(1);
    expect(await log()).toHaveLength(1);
  });

  test('two leave at once: one stays', async () => {
    const [one, other] = [at('o', null, 'owner'), at('p', null, 'owner')];
    const browsers = [await world.signIn(one), await world.signIn(other)];
    const places = [await placeOf(one), await placeOf(other)];
    const all = await Promise.all(browsers.map((browser, at) => call(browser, 'DELETE', `/v1/members/${places[at]}`)));
    expect(all.map((answer) => answer.status).sort()).toEqual([204, 409]);
    expect(await owners()).toBe(1);
  });

  test('changed and removed at once, it is done once and told so', async () => {
    const owner = await world.signIn(OWNER);
    const member = at('b', ANNA, 'member');
    await world.signIn(member);
    const place = await placeOf(member);
    const all = await Promise.all(Array.from({ length: 5 }, () => call(owner, 'DELETE', `/v1/members/${place}`)));
    expect(all.map((answer) => answer.status).sort()).toEqual([204, 404, 404, 404, 404]);
    expect(await log()).toHaveLength(1);
  });
});

test('cut short before or after any word with the database, a removal happened or did not', async () => {
  const owner = await world.signIn(OWNER);
  const { commit } = world.deps.store;
  for (const when of ['before', 'after'] as const) {
    const member = at(when, ANNA, 'member');
    const theirs = await world.signIn(member);
    const place = await placeOf(member);
    world.deps.store.commit = async (changes) => {
      const done = when === 'after' ? await commit(changes) : 'done';
      if (done) throw new Error('cut short');
      return done;
    };
    const told = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    expect((await call(owner, 'DELETE', `/v1/members/${place}`)).status).toBe(500);
    told.mockRestore();
    world.deps.store.commit = commit;
    const gone = when === 'after';
    expect((await call(theirs, 'GET', '/v1/links')).status).toBe(gone ? 401 : 200);
    expect((await log()).filter((one) => one.subject === `member:${place}`)).toHaveLength(gone ? 1 : 0);
    expect((await call(owner, 'DELETE', `/v1/members/${place}`)).status).toBe(gone ? 404 : 204);
  }
});
