/**
 * Goal: every act that changes something is in the log, with its commit or not at all; whatever is done to the log is seen;
 * values of people are readable until they are erased, and the chain holds then too. Method: acts over HTTP, rows altered by
 * hand with the triggers dropped, rounds of sealing raced and cut short.
 */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { AuditAnswer, AuditProof } from '../../edge/contract-people.ts';
import { PROGRAM_ROLES, type Role } from '../../edge/core/access.ts';
import { linksOf, type StoredEntry } from '../../edge/core/audit.ts';
import { type AuditId, makeId, type PartnerId, type PersonId } from '../../edge/core/id.ts';
import { readKeyRing } from '../../edge/core/key-ring.ts';
import { CRONS, runCron } from '../../edge/jobs/cron.ts';
import {
  ANNA,
  ANNA_LINK,
  BOB,
  createWorld,
  OTHER_PROGRAM,
  OTHER_SECRET,
  PROGRAM,
  SECRET,
  SHOP,
  START,
  type World,
} from '../support/world.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const ADDRESS = '203.0.113.7';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

const PERSON = makeId<'person'>(START - DAY_MS, new Uint8Array(10).fill(1));
const signIn = (role: Role = 'owner', partnerId: PartnerId | null = null, personId: PersonId = PERSON) =>
  world.signIn({ personId, programId: PROGRAM, partnerId, role });
type Who = Record<string, string> | string;
async function call<Body = unknown>(who: Who, method: string, path: string, body?: unknown) {
  const response = await world.fetch(path, {
    method,
    headers: {
      ...(typeof who === 'string' ? { authorization: `Bearer ${who}` } : who),
      'cf-connecting-ip': ADDRESS,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    cf: { country: 'DE' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = new TextDecoder().decode(await response.arrayBuffer());
  const json = response.headers.get('content-type')?.includes('json') && !path.includes('/export') && text !== '';
  return { status: response.status, body: (json ? JSON.parse(text) : null) as Body, text, headers: response.headers };
}
interface Page {
  data: AuditAnswer[];
  nextCursor: string | null;
}
const read = async (query = '', who: Who = SECRET) => (await call<Page>(who, 'GET', `/v1/audit${query}`)).body;
const prove = async (who: Who = SECRET, query = '') =>
  (await call<AuditProof>(who, 'GET', `/v1/audit/proof${query}`)).body;
const seal = async () => runCron('* * * * *', world.deps);
const count = async (sql: string) => (await world.rows<{ n: number }>(`SELECT count(*) AS n FROM ${sql}`))[0]?.n;
/** An act a millisecond. */
async function group(slug: string, key = SECRET) {
  world.at(world.now() + 1);
  expect((await call(key, 'POST', '/v1/groups', { slug, name: slug })).status).toBe(201);
}
async function groups(many: number, key = SECRET) {
  for (let number = 1; number <= many; number++) await group(`g${number}`, key);
}
/** As somebody does who has the database. */
async function byHand(...statements: string[]) {
  for (const name of ['audit_no_update', 'audit_no_delete', 'audit_seals_no_update', 'audit_seals_no_delete']) {
    await world.rows(`DROP TRIGGER IF EXISTS ${name}`);
  }
  for (const sql of statements) await world.rows(sql);
}
const entryOf = async (number: number, programId = PROGRAM) =>
  (
    await world.rows<{ id: string }>(
      'SELECT audit_id AS id FROM audit_seals WHERE program_id = ? AND number = ?',
      programId,
      number,
    )
  )[0]?.id ?? '';
/** So many entries at once, a millisecond apart, as if they had been written by acts. */
const many = (howMany: number, programId = PROGRAM) =>
  world.rows(
    `INSERT INTO audit (program_id, id, at, actor, act, subject, before, after, partner_id, origin)
      SELECT ?1, value, 0, 'system', 'group.added', 'group:' || key, NULL, '{"n":' || key || '}', NULL, NULL FROM json_each(?2)`,
    programId,
    JSON.stringify(Array.from({ length: howMany }, (_, at) => makeId(START - DAY_MS + at, new Uint8Array(10)))),
  );

describe('what is logged', () => {
  interface Logged {
    readonly method: string;
    readonly path: string;
    readonly body: object;
    readonly act: string;
    readonly subject: RegExp;
    readonly before?: object;
    readonly after: object;
  }
  const iso = (ms: number) => new Date(ms).toISOString();
  const ACTS: readonly Logged[] = [
    {
      ...{ method: 'PATCH', path: '/v1/program', body: { windowDays: 60, model: 'last', origins: [SHOP] } },
      ...{ act: 'policy.changed', subject: /^program:/, before: { version: 1, windowDays: 30 } },
      after: { version: 2, startsAt: iso(START), windowDays: 60 },
    },
    {
      ...{ method: 'POST', path: '/v1/terms', body: { startsAt: START + DAY_MS, rules: [{ ratePpm: 5 }] } },
      ...{ act: 'terms.set', subject: /^program:/, before: { version: 1, rules: [{ ratePpm: 100_000 }] } },
      after: { version: 2, startsAt: iso(START + DAY_MS), rules: [{ ratePpm: 5 }] },
    },
    {
      ...{ method: 'POST', path: '/v1/partners', body: { slug: 'Dora', name: 'Dora', email: ' Dora@P.test' } },
      ...{ act: 'partner.added', subject: /^partner:\w{26}$/, after: { slug: 'dora', email: 'dora@p.test' } },
    },
    {
      ...{ method: 'PATCH', path: '/v1/partners/bob', body: { status: 'ended', forCause: true } },
      ...{ act: 'partner.changed', subject: new RegExp(`^partner:${BOB}$`) },
      ...{ before: { status: 'active', forCause: false }, after: { status: 'ended', forCause: true } },
    },
    {
      ...{
        method: 'POST',
        path: '/v1/links',
        body: { partner: 'anna', code: 'Tent', url: `${SHOP}/t`, windowDays: 9 },
      },
      ...{ act: 'link.added', subject: /^link:\w{26}$/ },
      after: { code: 'tent', url: `${SHOP}/t`, partnerId: ANNA, windowDays: 9 },
    },
    {
      ...{ method: 'PATCH', path: '/v1/links/anna', body: { windowDays: 60 } },
      ...{ act: 'link.changed', subject: new RegExp(`^link:${ANNA_LINK}$`), before: { version: 1, windowDays: null } },
      after: { version: 2, startsAt: iso(START), windowDays: 60 },
    },
    {
      ...{ method: 'POST', path: '/v1/groups', body: { slug: 'Gold', name: 'Gold', model: 'first' } },
      ...{ act: 'group.added', subject: /^group:\w{26}$/, after: { slug: 'gold', name: 'Gold', model: 'first' } },
    },
    {
      ...{ method: 'POST', path: '/v1/codes', body: { partner: 'anna', code: 'anna10', endsAt: START + DAY_MS } },
      ...{ act: 'code.added', subject: /^code:ANNA10$/ },
      after: { policy: 'always', partnerId: ANNA, endsAt: iso(START + DAY_MS) },
    },
  ];

  test.each(ACTS)('$act', async ({ method, path, body, act, subject, before = null, after }) => {
    expect((await call(SECRET, method, path, body)).status).toBeLessThan(300);
    const { data } = await read();
    expect(data).toEqual([
      {
        ...{ id: expect.any(String), at: iso(START), act, before, after, partner: null, number: null, hash: null },
        actor: { kind: 'key', id: expect.stringMatching(/^\w{26}$/), name: SECRET },
        subject: expect.stringMatching(subject),
        ...{ country: 'DE', address: ADDRESS },
      },
    ]);
  });

  test.each(ACTS)('$act: with its act, or not at all', async ({ method, path, body }) => {
    const { commit } = world.deps.store;
    const told = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    world.deps.store.commit = async (changes) => {
      const broken = changes.map((one) =>
        one.kind === 'audit' ? { ...one, entry: { ...one.entry, act: null as never } } : one,
      );
      return commit(broken);
    };
    const everything = async () =>
      JSON.stringify([
        await world.rows('SELECT * FROM policies'),
        await world.rows('SELECT * FROM terms'),
        await world.rows('SELECT * FROM enrollments'),
        await world.rows('SELECT * FROM links'),
        await world.rows('SELECT * FROM policy_overrides'),
        await world.rows('SELECT * FROM groups'),
        await world.rows('SELECT * FROM codes'),
        await world.rows('SELECT * FROM memberships'),
      ]);
    const before = await everything();
    expect((await call(SECRET, method, path, body)).status).toBe(500);
    expect([await everything(), await count('audit')]).toEqual([before, 0]);
    told.mockRestore();
    world.deps.store.commit = commit;
    expect((await call(SECRET, method, path, body)).status).toBeLessThan(300);
    expect([(await everything()) === before, await count('audit')]).toEqual([false, 1]);
  });

  test('terms and settings of a group, and moving into one: against what held for that', async () => {
    await group('gold');
    const groupId = (await world.rows<{ id: string }>('SELECT id FROM groups'))[0]?.id;
    world.at(world.now() + 1);
    await call(SECRET, 'POST', '/v1/terms', { rules: [{ ratePpm: 7 }] });
    world.at(world.now() + 1);
    await call(SECRET, 'POST', '/v1/terms', { group: 'gold', rules: [{ ratePpm: 9 }] });
    world.at(world.now() + 1);
    await call(SECRET, 'PATCH', '/v1/groups/gold', { windowDays: 5 });
    world.at(world.now() + 1);
    await call(SECRET, 'PATCH', '/v1/partners/anna', { group: 'gold', status: 'active' });
    world.at(world.now() + 1);
    await call(SECRET, 'PATCH', '/v1/partners/anna', { group: null });
    const { data } = await read('?limit=5');
    expect(data.map(({ act, subject, before, after }) => [act, subject, before, after])).toEqual([
      ['partner.changed', `partner:${ANNA}`, { groupId }, { groupId: null }],
      ['partner.changed', `partner:${ANNA}`, { groupId: null }, { groupId }],
      [
        'group.changed',
        `group:${groupId}`,
        { version: 1, windowDays: null },
        expect.objectContaining({ windowDays: 5 }),
      ],
      ['terms.set', `group:${groupId}`, null, expect.objectContaining({ version: 3, rules: [{ ratePpm: 9 }] })],
      ['terms.set', `program:${PROGRAM}`, expect.anything(), expect.objectContaining({ version: 2 })],
    ]);
  });

  test('a sandbox’s clock, by the time outside', async () => {
    await world.rows("UPDATE programs SET mode = 'sandbox' WHERE slug = 'world'");
    expect((await call(SECRET, 'POST', '/v1/clock', { now: START + 9 * DAY_MS })).status).toBe(200);
    await group('later');
    const { data } = await read();
    expect(data.map(({ act, at, before, after }) => [act, at, before, after])).toEqual([
      ['group.added', iso(START + 1), null, { slug: 'later', name: 'later' }],
      ['clock.moved', iso(START), { now: iso(START) }, { now: iso(START + 9 * DAY_MS) }],
    ]);
  });

  test('what changed nothing, was refused, or only told of clicks and orders is not', async () => {
    await call(SECRET, 'PATCH', '/v1/partners/anna', { status: 'active' });
    await call(SECRET, 'PATCH', '/v1/partners/anna', {});
    await call(SECRET, 'POST', '/v1/links', { partner: 'anna', code: 'anna', url: SHOP });
    await call(SECRET, 'POST', '/v1/links', { partner: 'nobody', code: 'x', url: SHOP });
    const clickId = await world.click();
    await world.events({ url: `${SHOP}/?tcid=${clickId}` });
    await world.order({ orderId: '1', currency: 'EUR', amount: 1000, clickId });
    await call(SECRET, 'GET', '/v1/members');
    expect(await count('audit')).toBe(0);
    await world.order({ orderId: '2', currency: 'EUR', amount: 1000, partner: 'bob' });
    expect((await read()).data).toMatchObject([
      { act: 'conversion.forced', subject: expect.stringMatching(/^conversion:/) },
    ]);
  });

  test('once, however often a call is repeated or raced', async () => {
    const headers = { authorization: `Bearer ${SECRET}`, 'idempotency-key': 'k' };
    const add = () => call(headers, 'POST', '/v1/groups', { slug: 'gold', name: 'Gold' });
    await Promise.all(Array.from({ length: 5 }, add));
    await add();
    await call(SECRET, 'POST', '/v1/groups', { slug: 'gold', name: 'Gold' });
    expect(await count('audit')).toBe(1);
    await Promise.all(Array.from({ length: 4 }, () => call(SECRET, 'PATCH', '/v1/program', { holdDays: 3 })));
    expect(
      (await read('?act=policy.changed')).data.map((one) => (one.after as { version: number }).version).sort(),
    ).toEqual([2, 3, 4, 5]);
  });

  test('by whom, for whom, from where: a person’s address is sealed at rest', async () => {
    const owner = await signIn();
    await call(owner, 'PATCH', '/v1/session', { name: 'Olga Stern' });
    world.at(START + 1);
    await call(owner, 'POST', '/v1/groups', { slug: 'gold', name: 'Gold' });
    const [line] = (await read()).data;
    expect(line).toMatchObject({
      actor: { kind: 'person', id: PERSON, name: 'Olga Stern' },
      ...{ country: 'DE', address: ADDRESS, partner: null },
    });
    const rows = JSON.stringify(await world.rows('SELECT * FROM audit'));
    for (const text of [ADDRESS, 'Olga']) expect(rows).not.toContain(text);
    // Of a partner's person it says for which partner.
    const anna = await signIn('owner', ANNA, makeId<'person'>(START - DAY_MS, new Uint8Array(10).fill(2)));
    world.at(START + 2);
    await call(anna, 'POST', '/v1/members', { email: 'sam@x.example', role: 'member' });
    expect((await read('?limit=1')).data).toMatchObject([{ act: 'member.invited', partner: 'anna' }]);
  });

  test('who turned an invitation down stays unknown', async () => {
    const invited = await call<{ id: string }>(SECRET, 'POST', '/v1/members', {
      ...{ email: 'sam@x.example', role: 'analyst' },
    });
    const [sam] = await world.rows<{ id: PersonId }>("SELECT id FROM people WHERE email = 'sam@x.example'");
    const theirs = await world.signIn({
      ...{ personId: sam?.id as PersonId, programId: OTHER_PROGRAM, partnerId: ANNA, role: 'member' },
    });
    world.at(START + 1);
    await call(theirs, 'POST', `/v1/session/invitations/${invited.body.id}`, { accept: false });
    const { data } = await read('?act=member.declined');
    expect(data).toMatchObject([{ actor: { kind: 'system', id: null, name: null }, country: null, address: null }]);
    expect(JSON.stringify(data)).not.toContain(sam?.id);
  });
});

describe('reading', () => {
  test.each([
    ...PROGRAM_ROLES.map((role) => [role, null] as const),
    ['owner', ANNA] as const,
    ['member', ANNA] as const,
  ])('%s of %s', async (role, partnerId) => {
    const who = await signIn(role, partnerId);
    const may = partnerId === null && ['owner', 'finance', 'compliance'].includes(role);
    for (const path of ['', '/proof', '/export', '/export?format=ndjson']) {
      expect([path, (await call(who, 'GET', `/v1/audit${path}`)).status]).toEqual([path, may ? 200 : 404]);
    }
  });

  test('a key reads it with its scope; each program has its own', async () => {
    await groups(2);
    await group('theirs', OTHER_SECRET);
    expect((await read('', OTHER_SECRET)).data).toMatchObject([{ after: { slug: 'theirs' } }]);
    await world.rows('UPDATE keys SET scopes = \'["read","manage"]\' WHERE name = \'trb_sk_test_world\'');
    expect(await call(SECRET, 'GET', '/v1/audit')).toMatchObject({ status: 403, body: { code: 'missing_scope' } });
  });

  test('newest first, page by page, each once, also while it grows', async () => {
    await groups(7);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: Page = await read(`?limit=3${cursor && `&cursor=${cursor}`}`);
      seen.push(...page.data.map((one) => (one.after as { slug: string }).slug));
      cursor = page.nextCursor;
      await group(`new${seen.length}`);
    }
    expect(seen).toEqual(['g7', 'g6', 'g5', 'g4', 'g3', 'g2', 'g1']);
    const exact = await read('?limit=10');
    expect([exact.data.length, exact.nextCursor]).toEqual([10, null]);
  });

  test('by act, actor, subject and time, together too', async () => {
    await groups(2);
    await call(SECRET, 'PATCH', '/v1/partners/anna', { status: 'paused' });
    const owner = await signIn();
    world.at(START + MINUTE_MS);
    await call(owner, 'POST', '/v1/groups', { slug: 'later', name: 'Later' });
    const acts = async (query: string) => (await read(`?${query}`)).data.map((one) => one.act);
    expect(await acts('act=partner.changed')).toEqual(['partner.changed']);
    expect(await acts(`actor=person:${PERSON}`)).toEqual(['group.added']);
    expect(await acts('actor=system')).toEqual([]);
    expect(await acts(`subject=partner:${ANNA}`)).toEqual(['partner.changed']);
    expect(await acts(`from=${START + MINUTE_MS}`)).toEqual(['group.added']);
    expect(await acts(`to=${new Date(START + 2).toISOString()}`)).toEqual(['group.added']);
    expect(await acts(`act=group.added&actor=person:${PERSON}&to=${START + MINUTE_MS}`)).toEqual([]);
    for (const query of [
      'from=soon',
      'to=-1',
      `from=${2 ** 48}`,
      'act=',
      `actor=${'x'.repeat(129)}`,
      'limit=101',
      'cursor=x',
    ]) {
      expect([query, (await call(SECRET, 'GET', `/v1/audit?${query}`)).status]).toEqual([query, 422]);
    }
    for (const query of ["act=' OR 1=1 --", 'subject=%00', 'actor=person:%25']) expect(await acts(query)).toEqual([]);
  });

  test('a page reads no more than it looks at, however long the log', async () => {
    await many(3_000);
    await seal();
    const rows = async (query: string) => {
      const before = world.billed.rowsRead;
      const page = await read(query);
      return { read: world.billed.rowsRead - before, page };
    };
    const first = await rows('?limit=100');
    expect([first.page.data.length, first.read < 600]).toEqual([100, true]);
    // A filter that finds nothing says where to go on, and comes to an end.
    let { read: cost, page } = await rows('?subject=group:5');
    let looks = 1;
    while (page.data.length === 0 && page.nextCursor) {
      expect(cost).toBeLessThan(600);
      ({ read: cost, page } = await rows(`?subject=group:5&cursor=${page.nextCursor}`));
      looks += 1;
    }
    expect([looks, page.data.length, page.nextCursor]).toEqual([6, 1, expect.any(String)]);
    const span = await rows(`?limit=100&from=${START - DAY_MS + 1_000}&to=${START - DAY_MS + 1_050}`);
    expect([span.page.data.length, span.page.nextCursor, span.read < 400]).toEqual([50, null, true]);
  });
});

describe('sealing', () => {
  test('numbers what waits, in each program from one, and leaves nothing waiting', async () => {
    await groups(3);
    await group('theirs', OTHER_SECRET);
    expect(await count('audit_open')).toBe(4);
    await seal();
    await group('g4');
    await seal();
    expect(await count('audit_open')).toBe(0);
    const { data } = await read();
    expect(data.map((one) => one.number)).toEqual([4, 3, 2, 1]);
    expect((await read('', OTHER_SECRET)).data).toMatchObject([
      { number: 1, hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
    expect(await prove()).toEqual({ sealed: 4, open: 0, head: data[0]?.hash, intact: true, altered: [] });
    expect((await prove(OTHER_SECRET)).sealed).toBe(1);
    await seal();
    expect((await prove()).sealed).toBe(4);
  });

  test('it is the minute’s work', () => {
    expect(Object.keys(CRONS)).toContain('* * * * *');
  });

  test('two rounds at once: one wins each step, nothing is sealed twice or left out', async () => {
    await many(1_203);
    await Promise.all([seal(), seal(), seal()]);
    expect(await count('audit_open')).toBeLessThanOrEqual(703);
    while (((await count('audit_open')) ?? 0) > 0) await Promise.all([seal(), seal()]);
    expect(await count('audit_seals')).toBe(1_203);
    expect(await prove()).toMatchObject({ sealed: 1_203, open: 0, intact: true });
  });

  test('cut short before or after its commit, the next round goes on from the rows', async () => {
    await groups(3);
    const { commit } = world.deps.store;
    for (const when of ['before', 'after'] as const) {
      world.deps.store.commit = async (changes) => {
        if (when === 'after') await commit(changes);
        throw new Error('cut short');
      };
      const told = vi.spyOn(console, 'error').mockImplementation(() => undefined);
      await expect(seal()).rejects.toThrow('failed');
      told.mockRestore();
      world.deps.store.commit = commit;
      expect(await count('audit_seals')).toBe(when === 'after' ? 3 : 0);
      expect(await count('audit_open')).toBe(when === 'after' ? 0 : 3);
    }
    await group('g4');
    await seal();
    expect(await prove()).toMatchObject({ sealed: 4, intact: true });
  });

  test('links and entries refuse update and delete, and an entry waits by itself', async () => {
    await groups(1);
    await seal();
    for (const sql of [
      "UPDATE audit SET act = 'x'",
      'DELETE FROM audit',
      "UPDATE audit_seals SET hash = 'x'",
      'DELETE FROM audit_seals',
    ]) {
      await expect(world.rows(sql)).rejects.toThrow(/append-only/);
    }
    await many(1);
    expect(await count('audit_open')).toBe(1);
  });
});

describe('the proof', () => {
  const flaw = async (number: number, what: string) => [{ number, id: await entryOf(number), what }];

  test.each([
    "actor = 'system'",
    "act = 'partner.changed'",
    "subject = 'group:other'",
    "after = '{}'",
    "before = '{}'",
    "partner_id = 'x'",
    'origin = NULL',
    'at = at + 1',
    'after = replace(after, \'"g2"\', \'"gx"\')',
    "after = replace(after, ':', ': ')",
    "after = 'no json'",
  ])('one entry altered by hand is named, and no other: %s', async (change) => {
    await groups(4);
    await group('theirs', OTHER_SECRET);
    await seal();
    const id = await entryOf(2);
    await byHand(`UPDATE audit SET ${change} WHERE id = '${id}'`);
    expect(await prove()).toMatchObject({ intact: false, sealed: 4, altered: [{ number: 2, id, what: 'altered' }] });
    expect((await prove(OTHER_SECRET)).intact).toBe(true);
    expect((await call(SECRET, 'GET', '/v1/audit')).status).toBe(200);
  });

  test('written over as if anew: named, and sealing goes on', async () => {
    await groups(3);
    await seal();
    const id = await entryOf(2);
    // Triggers see no update and no delete in this.
    await world.rows(
      `INSERT OR REPLACE INTO audit SELECT program_id, id, at, actor, 'key.made', subject, before, after, partner_id, origin
        FROM audit WHERE id = '${id}'`,
    );
    expect((await prove()).altered).toEqual(await flaw(2, 'altered'));
    await group('g4');
    await seal();
    expect(await prove()).toMatchObject({ sealed: 4, open: 0, altered: [{ number: 2, id, what: 'altered' }] });
  });

  test('an entry, its link, or both taken out', async () => {
    await groups(6);
    await seal();
    const [second, third, fourth] = [await entryOf(2), await entryOf(3), await entryOf(4)];
    await byHand(`DELETE FROM audit WHERE id = '${second}'`);
    expect((await prove()).altered).toEqual(await flaw(2, 'missing'));
    await byHand(`DELETE FROM audit WHERE id = '${fourth}'`, 'DELETE FROM audit_seals WHERE number = 4');
    expect((await prove()).altered).toEqual([...(await flaw(2, 'missing')), { number: 4, id: null, what: 'missing' }]);
    await byHand('DELETE FROM audit_seals WHERE number = 3');
    const late = { number: null, id: third, what: 'unsealed' };
    expect((await prove()).altered).toHaveLength(3);
    world.at(world.now() + 11 * MINUTE_MS);
    expect((await prove()).altered).toEqual([
      ...(await flaw(2, 'missing')),
      { number: 3, id: null, what: 'missing' },
      { number: 4, id: null, what: 'missing' },
      late,
    ]);
  });

  test('a link altered by hand', async () => {
    await groups(4);
    await seal();
    await byHand(`UPDATE audit_seals SET hash = '${'0'.repeat(64)}' WHERE number = 2`);
    expect((await prove()).altered).toEqual(await flaw(2, 'altered'));
  });

  test('all from an entry on made anew, by somebody without AUTH_KEYS', async () => {
    await groups(5);
    await seal();
    await byHand("UPDATE audit SET act = 'key.made' WHERE id = (SELECT audit_id FROM audit_seals WHERE number = 3)");
    const rows = await world.rows<StoredEntry & { number: number; hash: string }>(
      `SELECT a.program_id AS programId, a.id, a.at, a.actor, a.act, a.subject, a.before, a.after, a.partner_id AS partnerId,
        a.origin, s.number, s.hash FROM audit_seals AS s JOIN audit AS a ON a.id = s.audit_id ORDER BY number`,
    );
    const guessed = await readKeyRing(`1:${btoa('x'.repeat(32))}`);
    const head = { number: 2, hash: rows[1]?.hash ?? '' };
    for (const { number, hash, mac } of await linksOf(head, rows.slice(2), guessed)) {
      await byHand(`UPDATE audit_seals SET hash = '${hash}', mac = '${mac}' WHERE number = ${number}`);
    }
    const proof = await prove();
    expect(proof.altered.map((one) => [one.number, one.what])).toEqual([3, 4, 5].map((number) => [number, 'altered']));
  });

  test('cut off at its end it looks whole, but for its head', async () => {
    await groups(4);
    await seal();
    const noted = await prove();
    const last = await entryOf(4);
    await byHand(`DELETE FROM audit WHERE id = '${last}'`, 'DELETE FROM audit_seals WHERE number = 4');
    const cut = await prove();
    expect([cut.intact, cut.sealed, cut.head === noted.head]).toEqual([true, 3, false]);
  });

  test('an entry that waits is no flaw for ten minutes; then it is one, gone or there', async () => {
    await groups(2);
    expect(await prove()).toEqual({ sealed: 0, open: 2, head: null, intact: true, altered: [] });
    const { data } = await read();
    const [newer, older] = data.map((one) => one.id);
    world.at(START + 1 + 10 * MINUTE_MS);
    expect((await prove()).altered).toEqual([]);
    world.at(START + 2 + 10 * MINUTE_MS);
    expect((await prove()).altered).toEqual([{ number: null, id: older, what: 'unsealed' }]);
    await byHand(`DELETE FROM audit WHERE id = '${newer}'`);
    expect((await prove()).altered).toContainEqual({ number: null, id: newer, what: 'missing' });
    await seal();
    expect((await prove()).altered).toEqual([{ number: null, id: newer, what: 'missing' }]);
  });

  test('a long chain is proven in parts, which are chained to one another', { timeout: 120_000 }, async () => {
    await many(10_400);
    await seal();
    const first = await prove();
    expect(first).toMatchObject({ sealed: 10_400, open: 0, intact: true, nextCursor: '10000' });
    const rest = await prove(SECRET, `?cursor=${first.nextCursor}`);
    expect([rest.intact, rest.nextCursor]).toEqual([true, undefined]);
    const [edge, after] = [await entryOf(10_000), await entryOf(10_001)];
    await byHand(`UPDATE audit SET act = 'key.made' WHERE id IN ('${edge}', '${after}')`);
    expect((await prove()).altered).toMatchObject([{ number: 10_000, id: edge }]);
    expect((await prove(SECRET, '?cursor=10000')).altered).toMatchObject([{ number: 10_001, id: after }]);
    expect((await call(SECRET, 'GET', '/v1/audit/proof?cursor=x')).status).toBe(422);
    await byHand('UPDATE audit SET at = at + 1');
    expect((await prove()).altered).toHaveLength(100);
    // A file of all of it comes in pages, each entry once.
    const file = await call(SECRET, 'GET', '/v1/audit/export?format=ndjson');
    const ids = file.text
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as AuditAnswer).id);
    expect([ids.length, new Set(ids).size]).toEqual([10_400, 10_400]);
  });
});

describe('a file', () => {
  const lines = (text: string) => text.split('\r\n').slice(0, -1);

  test('is made in either format, tells the same, and is an entry that is not in it', async () => {
    await groups(2);
    await seal();
    await group('g3');
    const { data } = await read();
    const json = await call(SECRET, 'GET', '/v1/audit/export?format=ndjson');
    expect(
      json.text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as AuditAnswer),
    ).toEqual(data);
    expect(json.headers.get('content-type')).toBe('application/x-ndjson');
    world.at(world.now() + 1);
    const csv = await call(SECRET, 'GET', '/v1/audit/export?act=group.added&from=0');
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(csv.headers.get('content-disposition')).toBe('attachment; filename="audit.csv"');
    expect(csv.headers.get('cache-control')).toBe('private, no-store');
    expect(lines(csv.text)).toHaveLength(4);
    expect(lines(csv.text)[3]).toContain(`"{""slug"":""g1"",""name"":""g1""}","DE","${ADDRESS}","1"`);
    expect((await read('?act=audit.exported')).data.map((one) => one.after)).toEqual([
      { format: 'csv', act: 'group.added', from: '1970-01-01T00:00:00.000Z' },
      { format: 'ndjson' },
    ]);
  });

  test('no cell begins as a formula, whatever splits the line', async () => {
    const { body } = await call<{ id: string }>(SECRET, 'POST', '/v1/keys', { kind: 'secret', name: 'x' });
    const hostile = [
      ...[
        '=1+1',
        '+1',
        '-1',
        '@SUM(1)',
        '\t=1',
        '\r=1',
        '\n=1',
        ' =1',
        '=1\n2',
        '=cmd|"/c calc"!A1',
        '=1,2',
        '＝1',
        "=1'",
      ],
      ...['a;=1', 'a\t=1', 'a"=1', 'a\n=1'],
    ];
    for (const [at, name] of hostile.entries()) {
      await world.rows('UPDATE keys SET name = ? WHERE id = ?', name, body.id);
      await world.rows(
        `INSERT INTO audit (program_id, id, at, actor, act, subject, after) VALUES (?, ?, 0, ?, ?, ?, ?)`,
        ...[
          PROGRAM,
          makeId<'audit'>(START + 100 + at, new Uint8Array(10)),
          `key:${body.id}`,
          name,
          name,
          JSON.stringify(name),
        ],
      );
      const { text } = await call(SECRET, 'GET', `/v1/audit/export?from=${START + 100 + at}&to=${START + 101 + at}`);
      const cells = cellsOf(text.slice(text.indexOf('\r\n') + 2, -2));
      expect(cells).toHaveLength(13);
      for (const cell of cells) expect(cell).not.toMatch(/^\s*[=+\-@＝＋－＠]|^[\t\r\n]/u);
      // Read back, a quote before it is all that was done to it.
      expect([name, `'${name}`]).toContain(cells[4]);
      expect(cells[3]).toBe(cells[4]);
      // Every cell stands in quotes, so that no other separator begins one.
      expect(text).toMatch(/^("([^"]|"")*"(,|\r\n))+$/);
    }
  });

  test('of too long a span is refused, and then is no entry', async () => {
    world.deps.audit.count = async () => 100_001;
    expect(await call(SECRET, 'GET', '/v1/audit/export')).toMatchObject({ status: 422 });
    expect((await call(SECRET, 'GET', '/v1/audit/export?format=xml')).status).toBe(422);
    expect(await count('audit')).toBe(0);
  });

  test('that breaks off on the way does not look whole', async () => {
    await many(600);
    const { page } = world.deps.audit;
    let pages = 0;
    world.deps.audit.page = async (...args) => {
      if (++pages === 2) throw new Error('away');
      return page(...args);
    };
    const response = await world.fetch('/v1/audit/export', { headers: { authorization: `Bearer ${SECRET}` } });
    await expect(response.text()).rejects.toThrow();
  });

  /** A line as a spreadsheet reads it. */
  const cellsOf = (line: string): string[] =>
    [...line.matchAll(/"((?:[^"]|"")*)"(?:,|$)/g)].map(([, cell = '']) => cell.replaceAll('""', '"'));
});

describe('erasing a person', () => {
  test('their values are empty from then on, the rest and the chain are as they were', async () => {
    const owner = await signIn();
    await call(owner, 'PATCH', '/v1/session', { name: 'Olga Stern' });
    world.at(START + 1);
    await call(owner, 'POST', '/v1/members', { email: 'sam@x.example', role: 'analyst' });
    await group('gold');
    await seal();
    const before = (await read()).data;
    expect(before.map((one) => one.address)).toEqual([ADDRESS, ADDRESS, ADDRESS]);
    expect(before[1]?.after).toEqual({ role: 'analyst', email: 'sam@x.example' });
    expect(before[2]?.after).toEqual({ name: 'Olga Stern' });
    await world.rows('DELETE FROM person_keys WHERE person_id = ?', PERSON);
    const after = (await read()).data;
    expect(after.map((one) => one.address)).toEqual([ADDRESS, null, null]);
    expect(after[1]?.after).toEqual({ role: 'analyst', email: 'sam@x.example' });
    expect(after[2]).toEqual({ ...before[2], before: { name: null }, after: { name: null }, address: null });
    expect(await prove()).toMatchObject({ sealed: 3, intact: true });
    const file = await call(SECRET, 'GET', '/v1/audit/export');
    expect(file.text).not.toContain('Olga Stern"}');
  });
});

test('an old act keeps its old name', async () => {
  const id = makeId<'audit'>(START, new Uint8Array(10)) as AuditId;
  await world.rows(
    "INSERT INTO audit (program_id, id, at, actor, act, subject) VALUES (?, ?, ?, 'system', 'conversion.force', 'x')",
    ...[PROGRAM, id, START],
  );
  expect((await read()).data).toMatchObject([{ act: 'conversion.force', before: null, after: null }]);
});
