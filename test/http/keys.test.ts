/**
 * Goal: a key opens what it was made for, until its end, and nothing else; it is shown once and kept nowhere; one that is
 * revoked opens nothing by the next call. Method: calls over HTTP with keys of every kind, at their ends, raced, and sent
 * where they should not be.
 */
import { env } from 'cloudflare:test';
import { beforeEach, describe, expect, test } from 'vitest';
import type { KeyAnswer } from '../../edge/contract-people.ts';
import { PROGRAM_ROLES, type Role } from '../../edge/core/access.ts';
import { makeId, type PartnerId, type PersonId } from '../../edge/core/id.ts';
import { keyHash } from '../../edge/core/identity.ts';
import { createStore } from '../../edge/store/store.ts';
import {
  ANNA,
  ANNA_LINK,
  BOB,
  createWorld,
  OTHER_SECRET,
  PROGRAM,
  PUBLISHABLE,
  SECRET,
  SHOP,
  START,
  type World,
} from '../support/world.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

let world: World;
let owner: Record<string, string>;
beforeEach(async () => {
  world = await createWorld();
  owner = await signIn('owner');
});

const signIn = (role: Role, partnerId: PartnerId | null = null) =>
  world.signIn({
    personId: `01J000000000000000000${role}`.slice(0, 26) as PersonId,
    programId: PROGRAM,
    partnerId,
    role,
  });
async function call<Body = KeyAnswer & { code: string; errors: unknown[] }>(
  who: Record<string, string> | string,
  method: string,
  path: string,
  body?: unknown,
) {
  const headers = typeof who === 'string' ? { authorization: `Bearer ${who}` } : who;
  const response = await world.fetch(path, {
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text && JSON.parse(text)) as Body, text, headers: response.headers };
}
const make = async (more: object = {}, who: Record<string, string> | string = owner) => {
  const made = await call(who, 'POST', '/v1/keys', { kind: 'secret', name: 'checkout', ...more });
  expect(made.status).toBe(201);
  return { ...made.body, key: made.body.key ?? '' };
};
const list = async (who: Record<string, string> | string = owner) =>
  (await call<{ data: KeyAnswer[]; nextCursor: string | null }>(who, 'GET', '/v1/keys')).body.data;
const reads = async (key: string) => {
  const { status, body } = await call(key, 'GET', '/v1/program');
  return status === 200 ? 200 : body.code;
};
const log = () =>
  world.rows<{ act: string; subject: string; before: string | null; after: string | null }>(
    "SELECT act, subject, before, after FROM audit WHERE act LIKE 'key.%' ORDER BY at, id",
  );
const idOf = async (key: string): Promise<string> =>
  (await world.rows<{ id: string }>('SELECT id FROM keys WHERE hash = ?', await keyHash(key)))[0]?.id ?? '';

describe('a key that is made', () => {
  test('works at once, is shown once, and kept as a hash with its last letters', async () => {
    const { key, ...made } = await make();
    expect(key).toMatch(/^trb_sk_live_[\w-]{43}$/);
    expect(made).toMatchObject({
      ...{
        kind: 'secret',
        name: 'checkout',
        hint: `trb_sk_live_…${key.slice(-4)}`,
        scopes: ['read', 'track', 'manage'],
      },
      ...{ callsAMinute: 60_000, createdAt: new Date(START).toISOString(), expiresAt: null, revokedAt: null },
    });
    expect(await reads(key)).toBe(200);
    expect((await list()).find((one) => one.id === made.id)).toEqual({ ...made, lastUsedAt: expect.any(String) });
    const tables = await world.rows<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'");
    for (const { name } of tables.filter((one) => !/^(_cf|sqlite)/.test(one.name))) {
      expect(JSON.stringify(await world.rows(`SELECT * FROM "${name}"`))).not.toContain(key.slice(12, 40));
    }
  });

  test('of a sandbox says test, of a live program live; publishable ones are for pages', async () => {
    await world.rows("UPDATE programs SET mode = 'sandbox' WHERE slug = 'world'");
    const secret = await make();
    const page = await make({ kind: 'publishable' });
    expect(secret.key).toMatch(/^trb_sk_test_/);
    expect(page).toMatchObject({ key: expect.stringMatching(/^trb_pk_test_/), scopes: [], callsAMinute: 6_000 });
    const told = await world.events({ key: page.key });
    expect([told.status, await reads(page.key)]).toEqual([200, 'wrong_key']);
  });

  test('may what its scopes say and no more', async () => {
    const { key } = await make({ scopes: ['track', 'audit'] });
    expect((await world.order({ orderId: '1', currency: 'EUR', amount: 1 }, key)).status).toBe(201);
    expect((await call(key, 'GET', '/v1/audit')).status).toBe(200);
    for (const [method, path, scope] of [
      ['GET', '/v1/program', 'read'],
      ['POST', '/v1/terms', 'manage'],
      ['GET', '/v1/members', 'people'],
      ['GET', '/v1/keys', 'keys'],
    ] as const) {
      const refused = await call<{ code: string; detail: string }>(
        key,
        method,
        path,
        method === 'POST' ? {} : undefined,
      );
      expect([path, refused.status, refused.body.code]).toEqual([path, 403, 'missing_scope']);
      expect(refused.body.detail).toContain(scope);
    }
  });

  test('under a name it is made once, and its text is in no answer but the first', async () => {
    const named = { ...owner, 'idempotency-key': 'k' };
    const given = { kind: 'secret', name: 'checkout' };
    const first = await call(named, 'POST', '/v1/keys', given);
    const again = await call(named, 'POST', '/v1/keys', given);
    const { key, ...rest } = first.body;
    expect([again.status, again.body, again.headers.get('idempotent-replayed')]).toEqual([201, rest, 'true']);
    const all = await Promise.all(
      Array.from({ length: 5 }, () => call({ ...owner, 'idempotency-key': 'j' }, 'POST', '/v1/keys', given)),
    );
    expect(all.filter((one) => one.body.key !== undefined)).toHaveLength(1);
    expect(new Set(all.map((one) => one.body.id)).size).toBe(1);
    const rotated = await call(named, 'POST', `/v1/keys/${rest.id}/rotate`, {});
    expect(rotated).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    const other = { ...owner, 'idempotency-key': 'r' };
    const successor = await call(other, 'POST', `/v1/keys/${rest.id}/rotate`, {});
    const { key: fresh, ...kept } = successor.body;
    expect((await call(other, 'POST', `/v1/keys/${rest.id}/rotate`, {})).body).toEqual(kept);
    const answers = JSON.stringify(await world.rows('SELECT * FROM answers'));
    for (const text of [key, fresh]) expect([answers.includes(String(text)), typeof text]).toEqual([false, 'string']);
  });

  test.each([
    ['/kind', { kind: 'master' }],
    ['/name', { name: '' }],
    ['/name', { name: 'x'.repeat(65) }],
    ['/scopes', { scopes: [] }],
    ['/scopes', { scopes: ['read', 'read'] }],
    ['/scopes/0', { scopes: ['payouts.send'] }],
    ['/scopes', { kind: 'publishable', scopes: ['read'] }],
    ['/expiresAt', { expiresAt: START }],
    ['/expiresAt', { expiresAt: 'soon' }],
    ['/callsAMinute', { callsAMinute: 5_999 }],
    ['/callsAMinute', { callsAMinute: 60_001 }],
    ['/key', { key: 'trb_sk_live_mine' }],
  ])('%s is checked: %j', async (pointer, more) => {
    const refused = await call(owner, 'POST', '/v1/keys', { kind: 'secret', name: 'checkout', ...more });
    expect([refused.status, refused.body.errors]).toMatchObject([422, [{ pointer }]]);
    expect(await log()).toEqual([]);
  });

  test('a program has a hundred that work, however many are made at once; those that are over do not count', async () => {
    await world.rows(
      `INSERT INTO keys (hash, id, program_id, kind, name, hint, scopes, created_at, expires_at, revoked_at)
        SELECT 'h' || value, 'k' || value, ?, 'secret', 'old', '', '[]', 0, iif(value < 10, 1, NULL), iif(value < 20, 1, NULL)
        FROM json_each(?)`,
      ...[PROGRAM, JSON.stringify(Array.from({ length: 115 }, (_, number) => number))],
    );
    // Of these 95 work, and of the world's own two.
    const given = { kind: 'secret', name: 'more' };
    const all = await Promise.all(Array.from({ length: 6 }, () => call(owner, 'POST', '/v1/keys', given)));
    expect(all.map((one) => one.status).sort()).toEqual([201, 201, 201, 409, 409, 409]);
    const [full] = all.filter((one) => one.status === 409);
    expect(full?.body.code).toBe('too_many');
    const made = all.find((one) => one.status === 201)?.body.id;
    expect((await call(owner, 'POST', `/v1/keys/${made}/rotate`, {})).body.code).toBe('too_many');
    expect((await call(owner, 'POST', `/v1/keys/${made}/rotate`, { overlapHours: 0 })).status).toBe(201);
    expect((await call(owner, 'DELETE', '/v1/keys/k50')).status).toBe(204);
    expect((await call(owner, 'POST', '/v1/keys', given)).status).toBe(201);
  });
});

describe('its limit', () => {
  test('is its own, and told with every answer', async () => {
    const { key } = await make({ callsAMinute: 6_000 });
    const first = await call(key, 'GET', '/v1/program');
    expect(first.headers.get('ratelimit-policy')).toBe('"secret";q=6000;w=60');
    expect(first.headers.get('ratelimit')).toBe('"secret";r=5999;t=60');
    for (const window of world.deps.calls.values()) window.used = 6_000;
    const refused = await call(key, 'GET', '/v1/program');
    expect(refused).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
    expect([refused.headers.get('retry-after'), refused.headers.get('ratelimit')]).toEqual(['60', '"secret";r=0;t=60']);
    expect(await reads(SECRET)).toBe(200);
    world.at(START + MINUTE_MS);
    expect(await reads(key)).toBe(200);
  });
});

describe('when it was last used', () => {
  test('is noted once in ten minutes, and costs a warm isolate nothing', async () => {
    const { key, id } = await make();
    const lastUsed = async () => (await list()).find((one) => one.id === id)?.lastUsedAt;
    expect(await lastUsed()).toBeNull();
    const order = async (orderId: string) => {
      const before = { ...world.billed };
      expect((await world.order({ orderId, currency: 'EUR', amount: 1 }, key)).status).toBe(201);
      const { roundTrips, rowsWritten } = world.billed;
      return { roundTrips: roundTrips - before.roundTrips, rowsWritten: rowsWritten - before.rowsWritten };
    };
    // The first of a program is also noted in its set-up.
    await world.order({ orderId: 'warm', currency: 'EUR', amount: 1 });
    const first = await order('1');
    expect(await lastUsed()).toBe(new Date(START).toISOString());
    const warm = await order('2');
    expect(first).toEqual({ roundTrips: warm.roundTrips + 1, rowsWritten: warm.rowsWritten + 1 });
    world.at(START + 10 * MINUTE_MS - 1);
    expect(await order('3')).toEqual(warm);
    expect(await lastUsed()).toBe(new Date(START).toISOString());
    world.at(START + 10 * MINUTE_MS);
    await order('4');
    expect(await lastUsed()).toBe(new Date(START + 10 * MINUTE_MS).toISOString());
    // Another isolate, which knows nothing of it, writes no second time.
    const other = createStore(env.DB as never, env.DB as never, world.now);
    await other.keyUsed(await keyHash(key), START + 15 * MINUTE_MS);
    expect(await lastUsed()).toBe(new Date(START + 10 * MINUTE_MS).toISOString());
  });
});

describe('a successor', () => {
  test('is as the old one was, which goes on for its hours and then ends', async () => {
    const ends = START + 30 * DAY_MS;
    const old = await make({ scopes: ['read', 'keys'], callsAMinute: 7_000, expiresAt: ends });
    world.at(START + HOUR_MS);
    const { key, ...made } = (await call(owner, 'POST', `/v1/keys/${old.id}/rotate`, { overlapHours: 2 })).body;
    const { id: _id, hint: _hint, createdAt: _at, key: _key, ...same } = old;
    expect(made).toMatchObject(same);
    expect([key === old.key, made.id === old.id]).toEqual([false, false]);
    const end = START + 3 * HOUR_MS;
    expect((await list()).find((one) => one.id === old.id)?.expiresAt).toBe(new Date(end).toISOString());
    world.at(end - 1);
    expect([await reads(old.key), await reads(key ?? '')]).toEqual([200, 200]);
    world.at(end);
    expect([await reads(old.key), await reads(key ?? '')]).toEqual(['expired_key', 200]);
    world.at(ends);
    expect(await reads(key ?? '')).toBe('expired_key');
  });

  test('a day is left when nothing is said, nothing when 0 is; no end moves later', async () => {
    const [one, two, three] = [await make(), await make(), await make({ expiresAt: START + HOUR_MS })];
    const endOf = async (id: string) => (await list()).find((key) => key.id === id)?.expiresAt;
    await call(owner, 'POST', `/v1/keys/${one.id}/rotate`, {});
    expect(await endOf(one.id)).toBe(new Date(START + DAY_MS).toISOString());
    await call(owner, 'POST', `/v1/keys/${two.id}/rotate`, { overlapHours: 0 });
    expect(await reads(two.key)).toBe('expired_key');
    await call(owner, 'POST', `/v1/keys/${three.id}/rotate`, { overlapHours: 720 });
    expect(await endOf(three.id)).toBe(new Date(START + HOUR_MS).toISOString());
    for (const overlapHours of [-1, 721, 1.5, 'long']) {
      expect((await call(owner, 'POST', `/v1/keys/${one.id}/rotate`, { overlapHours })).status).toBe(422);
    }
  });

  test('of two asked for at once there is one; of a key that is over there is none', async () => {
    const old = await make();
    const all = await Promise.all(
      Array.from({ length: 5 }, () => call(owner, 'POST', `/v1/keys/${old.id}/rotate`, {})),
    );
    expect(all.map((one) => one.status).sort()).toEqual([201, 409, 409, 409, 409]);
    expect(await list()).toHaveLength(4);
    const revoked = await make();
    await call(owner, 'DELETE', `/v1/keys/${revoked.id}`);
    expect((await call(owner, 'POST', `/v1/keys/${revoked.id}/rotate`, {})).body.code).toBe('moved');
    world.at(START + DAY_MS);
    owner = await signIn('owner');
    expect((await call(owner, 'POST', `/v1/keys/${old.id}/rotate`, {})).body.code).toBe('moved');
  });

  test('rotated and revoked at once, none is left that nobody asked to keep', async () => {
    for (let round = 0; round < 5; round++) {
      const old = await make();
      const [rotated, revoked] = await Promise.all([
        call(owner, 'POST', `/v1/keys/${old.id}/rotate`, {}),
        call(owner, 'DELETE', `/v1/keys/${old.id}`),
      ]);
      expect(revoked.status).toBe(204);
      expect([201, 409]).toContain(rotated.status);
      expect(await reads(old.key)).toBe('revoked_key');
    }
  });
});

describe('revoked', () => {
  test('the next call is refused, by whatever door, and saying it twice is no harm', async () => {
    const { key, id } = await make();
    const page = await make({ kind: 'publishable' });
    expect([await reads(key), (await world.events({ key: page.key })).status]).toEqual([200, 200]);
    for (const one of [id, page.id, id]) expect((await call(owner, 'DELETE', `/v1/keys/${one}`)).status).toBe(204);
    expect(await reads(key)).toBe('revoked_key');
    expect((await world.order({ orderId: '1', currency: 'EUR', amount: 1 }, key)).status).toBe(401);
    expect((await world.events({ key: page.key })).status).toBe(401);
    const pixel = await world.fetch(`/v1/pixel.gif?key=${page.key}&event=landing`);
    expect(pixel.headers.get('tributary-pixel')).toBe('revoked_key');
    expect((await list()).find((one) => one.id === id)?.revokedAt).toBe(new Date(START).toISOString());
    expect((await log()).filter((one) => one.act === 'key.revoked')).toHaveLength(2);
  });

  test('also to a machine whose clock is a little behind', async () => {
    const { key, id } = await make();
    await call(owner, 'DELETE', `/v1/keys/${id}`);
    world.at(START - 5_000);
    expect(await reads(key)).toBe('revoked_key');
  });

  test('a key may revoke itself, and then is nobody', async () => {
    const { key, id } = await make({ scopes: ['keys'] });
    expect((await call(key, 'DELETE', `/v1/keys/${id}`)).status).toBe(204);
    expect((await call(key, 'DELETE', `/v1/keys/${id}`)).body.code).toBe('revoked_key');
  });
});

describe('a key that makes keys', () => {
  test('gives no scope it has not itself, in no way', async () => {
    const small = await make({ scopes: ['read', 'keys'] });
    const great = await make({ scopes: ['read', 'people'] });
    const missing = { status: 403, body: { code: 'missing_scope' } };
    const given = { kind: 'secret', name: 'more' };
    expect(await call(small.key, 'POST', '/v1/keys', { ...given, scopes: ['read', 'people'] })).toMatchObject(missing);
    // Left out, these are the usual ones.
    expect(await call(small.key, 'POST', '/v1/keys', given)).toMatchObject(missing);
    expect(await call(small.key, 'POST', `/v1/keys/${great.id}/rotate`, {})).toMatchObject(missing);
    expect(await reads(great.key)).toBe(200);
    const made = await make({ scopes: ['keys'] }, small.key);
    expect((await call(made.key, 'POST', '/v1/keys', { ...given, scopes: ['read'] })).status).toBe(403);
    expect((await make({ kind: 'publishable' }, small.key)).key).toMatch(/^trb_pk_/);
    expect((await call(small.key, 'POST', `/v1/keys/${small.id}/rotate`, {})).status).toBe(201);
  });

  test('nor a later end, nor a higher limit', async () => {
    const ends = START + DAY_MS;
    const own = await make({ scopes: ['keys'], expiresAt: ends, callsAMinute: 7_000 });
    const given = { kind: 'secret', name: 'more', scopes: ['keys'], callsAMinute: 7_000, expiresAt: ends };
    const pointers = async (more: object) => {
      const { status, body } = await call<{ errors: { pointer: string }[] }>(own.key, 'POST', '/v1/keys', more);
      return status === 201 ? 201 : body.errors.map((one) => one.pointer);
    };
    const { callsAMinute: _limit, ...usual } = given;
    const { expiresAt: _end, ...endless } = given;
    expect(await pointers(usual)).toEqual(['/callsAMinute']);
    expect(await pointers(endless)).toEqual(['/expiresAt']);
    expect(await pointers({ ...given, expiresAt: ends + 1 })).toEqual(['/expiresAt']);
    expect(await pointers({ ...given, callsAMinute: 7_001 })).toEqual(['/callsAMinute']);
    expect(await pointers(given)).toBe(201);
    const endlessKey = await make({ scopes: ['keys'] });
    const rotated = await call(own.key, 'POST', `/v1/keys/${endlessKey.id}/rotate`, {});
    expect(rotated.status).toBe(422);
  });
});

describe('who may', () => {
  test.each([
    ...PROGRAM_ROLES.map((role) => [role, null] as const),
    ['owner', ANNA] as const,
    ['member', ANNA] as const,
  ])('%s of %s', async (role, partnerId) => {
    const who = await signIn(role, partnerId);
    const { id } = await make();
    const program = partnerId === null;
    const looks = program && ['owner', 'manager', 'compliance'].includes(role);
    const makes = program && role === 'owner';
    const statuses = [
      (await call(who, 'GET', '/v1/keys')).status,
      (await call(who, 'POST', '/v1/keys', { kind: 'secret', name: 'x' })).status,
      (await call(who, 'POST', `/v1/keys/${id}/rotate`, {})).status,
      (await call(who, 'DELETE', `/v1/keys/${id}`)).status,
    ];
    expect(statuses).toEqual([looks ? 200 : 404, ...(makes ? [201, 201, 204] : [404, 404, 404])]);
  });

  test('page by page, newest first, and each program its own', async () => {
    for (let number = 0; number < 5; number++) {
      world.at(START + number);
      await make({ name: `k${number}` });
    }
    type Page = { data: KeyAnswer[]; nextCursor: string | null };
    const first = (await call<Page>(owner, 'GET', '/v1/keys?limit=3')).body;
    expect(first.data.map((one) => one.name)).toEqual(['k4', 'k3', 'k2']);
    const next = (await call<Page>(owner, 'GET', `/v1/keys?limit=3&cursor=${first.nextCursor}`)).body;
    expect(next.data.map((one) => one.name).slice(0, 2)).toEqual(['k1', 'k0']);
    expect((await call(owner, 'GET', '/v1/keys?cursor=x')).status).toBe(422);
    expect((await list(OTHER_SECRET)).map((one) => one.name)).toEqual([OTHER_SECRET]);
  });

  test('each act is logged with its commit, and nothing of a key’s text', async () => {
    const made = await make({ scopes: ['read'], expiresAt: START + DAY_MS, callsAMinute: 7_000 });
    world.at(START + 1);
    const { body } = await call(owner, 'POST', `/v1/keys/${made.id}/rotate`, { overlapHours: 1 });
    world.at(START + 2);
    await call(owner, 'DELETE', `/v1/keys/${made.id}`);
    const [end, until] = [START + DAY_MS, START + 1 + HOUR_MS].map((ms) => new Date(ms).toISOString());
    expect((await log()).map((one) => ({ ...one, before: parsed(one.before), after: parsed(one.after) }))).toEqual([
      {
        ...{ act: 'key.made', subject: `key:${made.id}`, before: null },
        after: { kind: 'secret', name: 'checkout', scopes: ['read'], callsAMinute: 7_000, expiresAt: end },
      },
      {
        ...{ act: 'key.rotated', subject: `key:${made.id}`, before: { expiresAt: end } },
        after: { expiresAt: until, keyId: body.id },
      },
      { act: 'key.revoked', subject: `key:${made.id}`, before: { name: 'checkout' }, after: null },
    ]);
    function parsed(text: string | null): unknown {
      return text === null ? null : JSON.parse(text);
    }
  });
});

describe('bad input', () => {
  test('a sandbox’s key with a live program’s ids: in path, body, query and cursor, as if there were none', async () => {
    await world.rows("UPDATE programs SET mode = 'sandbox' WHERE slug = 'other'");
    await world.call('POST', '/v1/groups', { slug: 'gold', name: 'Gold' });
    await world.call('POST', '/v1/codes', { partner: 'anna', code: 'ANNA10' });
    await world.call('POST', '/v1/members', { email: 'sam@x.example', role: 'member', partner: 'anna' });
    const told = await world.order({
      orderId: 'A-1',
      currency: 'EUR',
      amount: 1000,
      clickId: await world.click('bob'),
    });
    const { id: order } = await told.json<{ id: string }>();
    const one = async (table: string) =>
      (await world.rows<{ id: string }>(`SELECT id FROM ${table} WHERE program_id = ? ORDER BY id DESC`, PROGRAM))[0]
        ?.id;
    const [group, member, key, entry] = [
      await one('groups'),
      await one('memberships'),
      await idOf(SECRET),
      await one('audit'),
    ];
    const unknown = makeId(START - DAY_MS, new Uint8Array(10).fill(9));
    const calls: [method: string, path: (id: string) => string, body: (id: string) => unknown, id: unknown][] = [
      ['PATCH', (id) => `/v1/partners/${id}`, () => ({ status: 'ended' }), BOB],
      ['PATCH', (id) => `/v1/links/${id}`, () => ({ windowDays: 5 }), ANNA_LINK],
      ['PATCH', (id) => `/v1/groups/${id}`, () => ({ windowDays: 5 }), group],
      ['PATCH', (id) => `/v1/members/${id}`, () => ({ role: 'member' }), member],
      ['DELETE', (id) => `/v1/members/${id}`, () => undefined, member],
      ['POST', (id) => `/v1/keys/${id}/rotate`, () => ({}), key],
      ['DELETE', (id) => `/v1/keys/${id}`, () => undefined, key],
      ['GET', (id) => `/v1/conversions/${id}`, () => undefined, order],
      ['GET', (id) => `/v1/members?partner=${id}`, () => undefined, BOB],
      ['GET', (id) => `/v1/members?partner=*&cursor=${id}`, () => undefined, member],
      ['GET', (id) => `/v1/keys?cursor=${id}`, () => undefined, key],
      ['GET', (id) => `/v1/audit?subject=partner:${id}`, () => undefined, BOB],
      ['GET', (id) => `/v1/audit?actor=key:${id}`, () => undefined, key],
      ['POST', () => '/v1/links', (id) => ({ partner: id, code: 'x', url: SHOP }), BOB],
      ['POST', () => '/v1/codes', (id) => ({ partner: id, code: 'X' }), BOB],
      ['POST', () => '/v1/clicks', (id) => ({ partner: id }), BOB],
      ['POST', () => '/v1/terms', (id) => ({ group: id, rules: [{ ratePpm: 1 }] }), group],
      ['POST', () => '/v1/partners', (id) => ({ slug: 'x', name: 'X', group: id }), group],
      ['POST', () => '/v1/members', (id) => ({ email: 'a@x.example', role: 'member', partner: id }), BOB],
      ['POST', () => '/v1/conversions', (id) => ({ orderId: 'n', currency: 'EUR', amount: 1, partner: id }), BOB],
    ];
    for (const [method, path, body, id] of calls) {
      expect(typeof id).toBe('string');
      const ask = (named: string) => call(OTHER_SECRET, method, path(named), body(named));
      const [theirs, none] = [await ask(String(id)), await ask(unknown)];
      const where = `${method} ${path('…')}`;
      expect([where, theirs.status, theirs.text]).toEqual([where, none.status, none.text]);
      // Of a filter or a place in a list that is an empty one, of all else a refusal.
      const found = where.includes('cursor=') || where.includes('audit?');
      expect([where, [404, 422].includes(theirs.status) || found]).toEqual([where, true]);
    }
    // A cursor is a place in one's own list: another program's id says nothing but a time.
    const page = await call<{ data: { id: string }[] }>(OTHER_SECRET, 'GET', `/v1/audit?cursor=${entry}`);
    const own = (await world.rows<{ id: string }>('SELECT id FROM audit WHERE program_id <> ?', PROGRAM)).map(
      (x) => x.id,
    );
    expect(page.body.data.every((line) => own.includes(line.id))).toBe(true);
    const orders = await call<{ data: unknown[] }>(OTHER_SECRET, 'GET', `/v1/conversions?cursor=${order}`);
    expect(orders.body.data).toEqual([]);
    // And nothing of the live program has moved.
    expect(await world.rows('SELECT status FROM enrollments WHERE partner_id = ?', BOB)).toEqual([
      { status: 'active' },
    ]);
    expect(await reads(SECRET)).toBe(200);
  });

  test('revoked between two calls of a list’s pages', async () => {
    const { key, id } = await make();
    const first = await call<{ nextCursor: string }>(key, 'GET', '/v1/partners?limit=1');
    await call(owner, 'DELETE', `/v1/keys/${id}`);
    const next = await call(key, 'GET', `/v1/partners?limit=1&cursor=${first.body.nextCursor}`);
    expect([first.status, next.status, next.body.code]).toEqual([200, 401, 'revoked_key']);
  });

  test('in an address it opens nothing, wherever it stands and however it is spelled', async () => {
    const { key } = await make();
    const spelled = key.replaceAll('_', '%5F').replace('trb', '%74%72%62');
    for (const text of [key, spelled, 'trb_sk_test_whatever']) {
      for (const path of [
        `/v1/program?key=${text}`,
        `/_t/v1/program?key=${text}`,
        `/v1/partners/${text}`,
        `/v1/events?key=${text}`,
        `/v1/pixel.gif?key=${text}`,
        `/go/anna?sub1=${text}`,
        `/go/${text}`,
        `/_t/go/anna?u=${text}`,
        `/health?${text}`,
        `/nowhere/${text}`,
        `/?${text}`,
      ]) {
        const response = await world.fetch(path, { headers: { authorization: `Bearer ${SECRET}` } });
        expect([path, response.status]).toEqual([path, 401]);
        expect(await response.json()).toMatchObject({ code: 'key_in_address' });
      }
    }
    expect(await world.rows('SELECT * FROM clicks')).toEqual([]);
    // A publishable one is made for it.
    expect((await world.fetch(`/v1/pixel.gif?key=${PUBLISHABLE}`)).status).toBe(200);
    expect((await world.fetch('/go/anna?sub1=100%&u=%zz')).status).toBe(302);
  });

  test.each(['sk_live_abc', 'rk_test_abc', 'pk_live_abc', 'whsec_abc'])(
    'a Stripe key is told as one: %s',
    async (key) => {
      expect(await call(key, 'GET', '/v1/keys')).toMatchObject({
        status: 401,
        body: { code: 'looks_like_stripe_key' },
      });
    },
  );

  test.each(['', 'Bearer', 'Bearer  ', `Basic ${SECRET}`, SECRET, `Bearer ${SECRET} x`, `Bearer ${SECRET},${SECRET}`])(
    'authorization %j opens nothing',
    async (authorization) => {
      expect((await world.fetch('/v1/keys', { headers: { authorization } })).status).toBe(401);
    },
  );

  test('a key goes before a session: who is both is the key', async () => {
    const both = { ...owner, authorization: `Bearer ${OTHER_SECRET}` };
    expect((await list(both)).map((one) => one.name)).toEqual([OTHER_SECRET]);
    expect((await call({ ...owner, authorization: 'Bearer trb_sk_live_none' }, 'GET', '/v1/keys')).status).toBe(401);
  });
});
