/**
 * Goal: a call with an `Idempotency-Key` is done once, its answer is what every repeat hears, and what failed left
 * nothing. Method: each kind of call, repeated, raced, and cut short before and after every word with the database.
 */
import { Hono } from 'hono';
import { beforeEach, describe, expect, test } from 'vitest';
import type { PartnerId } from '../../edge/core/id.ts';
import { ok } from '../../edge/core/result.ts';
import { once } from '../../edge/http/once.ts';
import type { GuardedApp } from '../../edge/http/types.ts';
import { ANNA, BOB, createWorld, OTHER_SECRET, PROGRAM, SECRET, SHOP, START, type World } from '../support/world.ts';

const DAY_MS = 86_400_000;

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

interface Call {
  readonly path: string;
  readonly body: object;
  /** A call that would do as well. */
  readonly other: object;
  /** Rows that one such call makes, and what a repeat under another name is told. */
  readonly made: string;
  readonly natural: number;
}

const CALLS: readonly Call[] = [
  {
    path: '/v1/links',
    body: { partner: 'anna', code: 'tent', url: `${SHOP}/tent` },
    other: { partner: 'anna', code: 'stove', url: `${SHOP}/tent` },
    made: "SELECT count(*) AS n FROM links WHERE code = 'tent'",
    natural: 409,
  },
  {
    path: '/v1/partners',
    body: { slug: 'dora', name: 'Dora', email: 'dora@partner.test' },
    other: { slug: 'dora', name: 'Dora' },
    made: "SELECT count(*) AS n FROM partners WHERE name = 'Dora'",
    natural: 409,
  },
  {
    path: '/v1/terms',
    body: { rules: [{ ratePpm: 250_000 }] },
    other: { rules: [{ ratePpm: 1 }] },
    made: `SELECT count(*) - 1 AS n FROM terms WHERE program_id = '${PROGRAM}'`,
    natural: 201,
  },
  {
    path: '/v1/conversions?explain=1',
    body: { orderId: 'A-1', currency: 'EUR', amount: 4200 },
    other: { orderId: 'A-1', currency: 'EUR', amount: 4201 },
    made: 'SELECT count(*) AS n FROM conversions',
    natural: 200,
  },
];

const post = (path: string, body: unknown, headers: Record<string, string> = {}, key = SECRET) =>
  world.fetch(path, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
const named = (name: string) => ({ 'idempotency-key': name });
const count = async (sql: string) => (await world.rows<{ n: number }>(sql))[0]?.n;
const answers = () => count('SELECT count(*) AS n FROM answers');

describe.each(CALLS)('POST $path', ({ path, body, other, made, natural }) => {
  test('repeated, it is answered as at first and does nothing', async () => {
    const first = await post(path, body, named('k'));
    expect([first.status, first.headers.get('idempotent-replayed')]).toEqual([201, null]);
    const said = await first.text();
    for (let times = 0; times < 3; times++) {
      const again = await post(path, body, named('k'));
      expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, 'true']);
      expect(again.headers.get('content-type')).toBe('application/json');
      expect(await again.text()).toBe(said);
    }
    expect([await count(made), await answers()]).toEqual([1, 1]);
  });

  test('twenty at once: one is done, all are answered alike', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => post(path, body, named('k'))));
    expect(all.map((one) => one.status)).toEqual(Array(20).fill(201));
    expect(new Set(await Promise.all(all.map((one) => one.text()))).size).toBe(1);
    expect(all.filter((one) => one.headers.get('idempotent-replayed') === null)).toHaveLength(1);
    expect([await count(made), await answers()]).toEqual([1, 1]);
  });

  test('a day later the name is free, and the call has its natural result', async () => {
    await post(path, body, named('k'));
    world.at(START + DAY_MS - 1);
    expect((await post(path, body, named('k'))).headers.get('idempotent-replayed')).toBe('true');
    world.at(START + DAY_MS);
    const later = await post(path, body, named('k'));
    expect([later.status, later.headers.get('idempotent-replayed')]).toEqual([natural, null]);
    // And that answer, if it was one, is kept for the next day in the place of the old one.
    const again = await post(path, body, named('k'));
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([natural, natural < 300 ? 'true' : null]);
    expect(await answers()).toBe(1);
  });

  test('the name of another call is refused: another body or address', async () => {
    await post(path, body, named('k'));
    const before = await count(made);
    for (const refused of [
      await post(path, other, named('k')),
      await post(`${path}${path.includes('?') ? '&' : '?'}x=1`, body, named('k')),
    ]) {
      expect(refused.status).toBe(422);
      expect(await refused.json()).toMatchObject({ code: 'idempotency_key_reused' });
    }
    expect([await count(made), await answers()]).toEqual([before, 1]);
  });

  test.each(['before', 'after'] as const)(
    'cut short %s any word with the database: all of it or nothing',
    async (when) => {
      const { store } = world.deps;
      for (let word = 1; ; word++) {
        const cut = cutting(store, word, when);
        Object.assign(world.deps, { store: cut.store });
        const name = `k${word}`;
        const [madeBefore, answersBefore] = [await count(made), await answers()];
        // Each round its own names, where the shape has some.
        const own = JSON.parse(JSON.stringify(body).replace(/"(tent|dora|A-1)"/, `"$1-${word}"`)) as object;
        const all = made.replace(/(code|name) = '(\w+)'/, "$1 LIKE '$2%'");
        const start = await count(all);
        const first = await post(path, own, named(name));
        Object.assign(world.deps, { store });
        const worked = Number(await count(all)) - Number(start);
        expect(Number(await answers()) - Number(answersBefore)).toBe(worked);
        if (!cut.done()) {
          expect([first.status, worked, madeBefore !== undefined]).toEqual([201, 1, true]);
          break;
        }
        expect(first.status).toBe(500);
        const again = await post(path, own, named(name));
        expect(again.status).toBe(201);
        expect(again.headers.get('idempotent-replayed')).toBe(worked ? 'true' : null);
        expect(Number(await count(all)) - Number(start)).toBe(1);
        expect(word).toBeLessThan(20);
      }
    },
  );
});

/** The store, failing at its nth word: before it is said, or after it was heard but not answered. */
function cutting<Store extends object>(store: Store, nth: number, when: 'before' | 'after') {
  let words = 0;
  let cut = false;
  const fail = () => {
    cut = true;
    throw new Error('cut short');
  };
  const proxy = new Proxy(store, {
    get(target, name) {
      const method = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>;
      return async (...args: unknown[]) => {
        const mine = ++words === nth;
        if (mine && when === 'before') fail();
        const result = await method(...args);
        if (mine) fail();
        return result;
      };
    },
  });
  return { store: proxy, done: () => cut };
}

test('fault 2: what was refused leaves nothing, so that the call can be put right', async () => {
  const wrong = await post('/v1/links', { partner: 'nobody', code: 'x', url: SHOP }, named('k'));
  expect([wrong.status, await answers()]).toEqual([422, 0]);
  const right = await post('/v1/links', { partner: 'bob', code: 'x', url: SHOP }, named('k'));
  expect([right.status, await answers()]).toEqual([201, 1]);
});

test('a duplicate order commits nothing, and its answer is kept by itself', async () => {
  const order = { orderId: 'A-1', currency: 'EUR', amount: 4200 };
  await post('/v1/conversions', order);
  const all = await Promise.all(Array.from({ length: 20 }, () => post('/v1/conversions', order, named('k'))));
  expect(all.map((one) => one.status)).toEqual(Array(20).fill(200));
  expect(new Set(await Promise.all(all.map((one) => one.text()))).size).toBe(1);
  expect(await answers()).toBe(1);
});

test('two different calls race for one name: one is done, the other refused', async () => {
  const link = (code: string) => post('/v1/links', { partner: 'anna', code, url: SHOP }, named('k'));
  const all = await Promise.all(Array.from({ length: 10 }, (_, at) => link(`c${at % 2}`)));
  expect(new Set(all.map((one) => one.status))).toEqual(new Set([201, 422]));
  expect(all.filter((one) => one.status === 201)).toHaveLength(5);
  const refused = all.find((one) => one.status === 422);
  expect(await refused?.json()).toMatchObject({ code: 'idempotency_key_reused' });
  expect(await count("SELECT count(*) AS n FROM links WHERE code IN ('c0', 'c1')")).toBe(1);
});

test('a name is known to its program alone', async () => {
  const body = { partner: 'anna', code: 'one', url: SHOP };
  expect((await post('/v1/links', body, named('k'))).status).toBe(201);
  const other = await post('/v1/links', body, named('k'), OTHER_SECRET);
  expect([other.status, other.headers.get('idempotent-replayed')]).toEqual([409, null]);
  expect(await other.json()).toMatchObject({ code: 'taken' });
});

test('a person’s names are their own: nobody else hears of them, nor of what was answered', async () => {
  const at = async (personId: string, partnerId: PartnerId) => ({
    ...(await world.signIn({ personId: personId as never, programId: PROGRAM, partnerId })),
    ...named('k'),
  });
  const invite = async (who: Record<string, string>) => {
    const body = JSON.stringify({ email: 'zoe@partner.test', role: 'member' });
    const headers = { 'content-type': 'application/json', ...who };
    const response = await world.fetch('/v1/members', { method: 'POST', headers, body });
    const { partner } = await response.json<{ partner?: string }>();
    return [response.status, response.headers.get('idempotent-replayed'), partner];
  };
  const [anna, bob] = [await at('anna-herself', ANNA), await at('bob-himself', BOB)];
  expect(await invite(anna)).toEqual([201, null, 'anna']);
  expect(await invite(bob)).toEqual([201, null, 'bob']);
  expect(await invite(anna)).toEqual([201, 'true', 'anna']);
  // Nor does the program's server, though it may see both.
  const taken = await post('/v1/members', { email: 'zoe@partner.test', role: 'member', partner: 'anna' }, named('k'));
  expect([taken.status, taken.headers.get('idempotent-replayed')]).toEqual([409, null]);
});

test('the same call under the base path is the same call', async () => {
  const body = { orderId: 'A-1', currency: 'EUR', amount: 4200 };
  await post('/v1/conversions', body, named('k'));
  expect((await post('/_t/v1/conversions/', body, named('k'))).headers.get('idempotent-replayed')).toBe('true');
});

test.each(['', ' ', 'two words', 'x'.repeat(256), 'ü'])('the name %j is refused', async (name) => {
  const response = await post('/v1/links', { partner: 'anna', code: 'x', url: SHOP }, named(name));
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code: 'bad_idempotency_key' });
  expect(await count("SELECT count(*) AS n FROM links WHERE code = 'x'")).toBe(0);
});

test('the longest and the oddest name are taken', async () => {
  for (const name of ['x'.repeat(255), '"8e03978e-40d5"', "~!@#$%^&*()'; DROP TABLE answers--".replaceAll(' ', '_')]) {
    const body = { partner: 'anna', code: `c${name.length}`, url: SHOP };
    expect((await post('/v1/links', body, named(name))).status).toBe(201);
    expect((await post('/v1/links', body, named(name))).headers.get('idempotent-replayed')).toBe('true');
  }
});

test('an answer too large for a row is given, and not kept', async () => {
  const probe = new Hono<GuardedApp>().post('/', (c) => {
    c.set('programId', PROGRAM);
    c.set('access', { kind: 'key', programId: PROGRAM, scopes: [] });
    const body = 'ü'.repeat(Number(c.req.query('size')));
    return once(c, { work: async () => ok(null), answer: () => ({ status: 200, body }) });
  });
  const ask = (size: number) =>
    probe.fetch(new Request(`https://t.example/?size=${size}`, { method: 'POST', headers: named(`k${size}`) }), {
      deps: world.deps,
    } as never);
  for (const [size, kept] of [
    [949_000, 'true'],
    [951_000, null],
  ] as const) {
    expect((await ask(size)).status).toBe(200);
    const again = await ask(size);
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([200, kept]);
    expect(await again.json()).toHaveLength(size);
  }
});

test('a name costs one round trip more, and two rows: the answer and its place by time', async () => {
  const order = (orderId: string) => ({ orderId, currency: 'EUR', amount: 4200 });
  const cost = async (headers: Record<string, string>, orderId: string) => {
    const before = { ...world.billed };
    expect((await post('/v1/conversions', order(orderId), headers)).status).toBe(201);
    const { roundTrips, rowsWritten } = world.billed;
    return { roundTrips: roundTrips - before.roundTrips, rowsWritten: rowsWritten - before.rowsWritten };
  };
  // The first order of a program is also noted in its set-up.
  await cost({}, 'first');
  const bare = await cost({}, '1');
  expect(await cost(named('k'), '2')).toEqual({ roundTrips: bare.roundTrips + 1, rowsWritten: bare.rowsWritten + 2 });
});

test('nothing of a name or a body is kept but its hash', async () => {
  await post('/v1/partners', { slug: 'dora', name: 'Dora', email: 'dora@partner.test' }, named('dora@partner.test'));
  const [row] = await world.rows('SELECT * FROM answers');
  expect(JSON.stringify(row)).not.toContain('partner.test');
  expect(row).toMatchObject({ program_id: PROGRAM, status: 201 });
});

test('answers older than a day are forgotten, by the clock of their program', async () => {
  await post('/v1/links', { partner: ANNA, code: 'x', url: SHOP }, named('old'));
  world.at(START + DAY_MS / 2);
  await post('/v1/links', { partner: ANNA, code: 'y', url: SHOP }, named('young'));
  const { sweep } = world.deps.upkeep;
  await sweep(START);
  expect(await answers()).toBe(2);
  await sweep(START + 1);
  expect(await answers()).toBe(1);
  await world.rows("UPDATE programs SET clock_offset_ms = ? WHERE slug = 'other'", 3 * DAY_MS);
  await sweep(START + 1);
  expect(await answers()).toBe(1);
  await world.rows("UPDATE programs SET clock_offset_ms = ? WHERE slug = 'world'", DAY_MS);
  await sweep(START - DAY_MS / 2);
  expect(await answers()).toBe(1);
  await sweep(START - DAY_MS / 2 + 1);
  expect(await answers()).toBe(0);
});
