/**
 * Goal: no body, however large, deep or strange, costs more than its limit, breaks a door or is taken for something else.
 * Method: every changing row of the policy table, and the examples of the contract with each of their texts exchanged.
 */
import { beforeEach, expect, test, vi } from 'vitest';
import { MAX_ARRAY_BYTES, MAX_BODY_BYTES, MAX_ROW_BYTES } from '../../edge/contract.ts';
import { OPERATIONS } from '../../edge/docs/operations.ts';
import { callerOf, changes, type People, ROWS, type Row, signInAll } from '../support/doors.ts';
import { createWorld, PUBLISHABLE, SECRET, SHOP, type World } from '../support/world.ts';

let world: World;
let people: People;
beforeEach(async () => {
  // What is refused and what fails is told in the log; here it is meant to be.
  for (const name of ['log', 'error'] as const) vi.spyOn(console, name).mockReturnValue(undefined);
  world = await createWorld();
  people = await signInAll(world);
});

const changing = ROWS.filter((row) => changes(row) && row.method !== 'DELETE' && row.door !== 'public');
/** What of a body the runtime may have on its way before anybody says stop. */
const UNDER_WAY = 1024 * 1024;

const headersOf = (row: Row, more: Record<string, string> = {}) => ({
  ...callerOf(row, people),
  ...(row.door === 'page' && { origin: SHOP }),
  'content-type': 'application/json',
  ...more,
});
const post = (row: Row, body: BodyInit) => world.fetch(row.path, { method: row.method, headers: headersOf(row), body });

/** Whether a door reads bodies at all: some ask for nothing. */
async function reads(row: Row): Promise<boolean> {
  people = await signInAll(world);
  const { status } = await post(row, '{');
  people = await signInAll(world);
  return status === 400;
}

test('a body without end is read no further than its limit, whatever it says of its length', async () => {
  for (const row of changing) {
    for (const length of [null, '2', String(1e15)]) {
      people = await signInAll(world);
      let sent = 0;
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          sent += 65_536;
          controller.enqueue(new Uint8Array(65_536).fill(32));
          if (sent > 4 * MAX_ARRAY_BYTES) controller.close();
        },
      });
      const headers = headersOf(row, length === null ? {} : { 'content-length': length });
      const answer = await world.fetch(row.path, { method: row.method, headers, body });
      const { code } = await answer.json<{ code: string }>().catch(() => ({ code: '' }));
      const limit = code === 'too_large' && sent > MAX_BODY_BYTES + UNDER_WAY ? MAX_ARRAY_BYTES : MAX_BODY_BYTES;
      expect([row.name, answer.status < 500, sent < limit + UNDER_WAY]).toEqual([row.name, true, true]);
      if (await reads(row)) expect([row.name, answer.status]).toEqual([row.name, 413]);
    }
  }
});

const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
const nestedObjects = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

/** None of them is what any door asks for. */
const HOSTILE: Readonly<Record<string, BodyInit>> = {
  nothing: '',
  'no JSON': '{',
  'two of them': '{"a":1}{"b":2}',
  'a comment': '{}/**/',
  'quotes of JavaScript': "{'a':1}",
  'no number': 'NaN',
  null: 'null',
  'a text': '"x"',
  'a number': '1e999',
  'no UTF-8': new Uint8Array([123, 34, 255, 34, 58, 49, 125]),
  'an overlong slash': new Uint8Array([34, 0xc0, 0xaf, 34]),
  'half a character, in bytes': new Uint8Array([34, 0xed, 0xa0, 0x80, 34]),
  'UTF-16': new Uint8Array([0xff, 0xfe, 123, 0, 125, 0]),
  'as deep as there is room': nested(MAX_BODY_BYTES / 2),
  'objects, as deep as there is room': nestedObjects(MAX_BODY_BYTES / 8),
  'a prototype': '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
  'fields without end': `{${Array.from({ length: 6_000 }, (_, number) => `"k${number}":1`).join()}}`,
  'a field’s name without end': `{"${'k'.repeat(60_000)}":1}`,
  'half characters and noughts for names': '{"\\ud800":1,"\\u0000":1,"~/":1}',
  'a text of 1 MB': `{"name":"${'x'.repeat(1_000_000)}"}`,
};

test('what no door asks for, none takes, and none breaks of', async () => {
  for (const row of changing) {
    if (!(await reads(row))) continue;
    for (const [name, body] of Object.entries(HOSTILE)) {
      const answer = await post(row, body);
      const text = await answer.text();
      // A list's rows are each answered; what is no list is refused whole.
      const told = JSON.parse(text) as { code?: string; results?: { code?: string }[] };
      const codes = told.results?.map((one) => one.code) ?? [told.code];
      expect([row.name, name, answer.status < 500, codes.every(Boolean)]).toEqual([row.name, name, true, true]);
      if (!told.results)
        expect([row.name, name, answer.status]).toEqual([
          row.name,
          name,
          expect.toSatisfy((status: number) => status >= 400),
        ]);
      // An answer is no weapon: it stays small beside what was sent.
      expect([row.name, name, text.length < 8_192]).toEqual([row.name, name, true]);
    }
  }
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
});

test('lists: half a million levels, a thousand rows of many fields', async () => {
  const lists = ['/v1/conversions', '/v1/clicks', '/v1/identities'];
  const row = `{${Array.from({ length: 400 }, (_, number) => `"k${number}":1`).join()}}`;
  const bodies = [
    `[${nested(500_000)}]`,
    `[${nestedObjects(300_000)}]`,
    `[{"metadata":${nestedObjects(300_000)}}]`,
    `[${nested(MAX_ROW_BYTES / 2 - 8)}]`,
    `[${Array(1_000).fill(row).join()}]`,
    `[{"${'k'.repeat(MAX_ROW_BYTES - 16)}":1}]`,
  ];
  for (const path of lists) {
    for (const body of bodies) {
      const headers = { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' };
      const answer = await world.fetch(path, { method: 'POST', headers, body });
      const text = await answer.text();
      const { results } = JSON.parse(text) as { results: { status: number }[] };
      expect([path, answer.status, results.every((one) => one.status === 422 || one.status === 413)]).toEqual([
        path,
        200,
        true,
      ]);
      expect(text.length).toBeLessThan(2 * Math.max(body.length, 8_192));
    }
  }
});

test('of many wrong fields twenty are told, and how many more', async () => {
  const items = Array.from({ length: 30 }, () => ({ quantity: 0, price: -1 }));
  const answer = await world.call<{ errors: { pointer: string; detail: string }[]; detail: string }>(
    ...(['POST', '/v1/conversions', { orderId: '1', currency: 'EUR', items }] as const),
  );
  expect([answer.status, answer.body.errors.length]).toEqual([422, 21]);
  expect(answer.body.errors[0]).toEqual({ pointer: '/items/0/quantity', detail: 'one or more' });
  expect(answer.body.errors[20]).toEqual({ pointer: '', detail: '40 more corrections, which are not told' });
  const twenty = await world.call<{ errors: unknown[] }>(
    ...(['POST', '/v1/conversions', { orderId: '1', currency: 'EUR', items: items.slice(0, 10) }] as const),
  );
  expect(twenty.body.errors).toHaveLength(20);
  const long = await world.call<{ errors: unknown[] }>(
    ...([
      'POST',
      '/v1/conversions',
      { orderId: '1', currency: 'EUR', amount: 1, [`${'k'.repeat(63)}😀x`]: 1 },
    ] as const),
  );
  expect(long.body.errors).toEqual([{ pointer: `/${'k'.repeat(63)}\ufffd…`, detail: 'no field of this name' }]);
});

/** In place of each text of an example: none may break a door, and none may pass for another. */
const TEXTS: readonly string[] = [
  ...[
    '',
    '\u0000',
    'a\u0000b',
    '\ud800',
    'x\udc00',
    '\u202e',
    '\r\nset-cookie: a=b',
    '__proto__',
    'constructor',
    '%00',
  ],
  ...['../../x', '🄰', "'; DROP TABLE partners; --", '" OR ""="', 'x'.repeat(50_000)],
];

test('every text of every example exchanged for a hostile one: taken or refused, never a fault', async () => {
  await world.rows("UPDATE programs SET mode = 'sandbox' WHERE slug = 'world'");
  const faults: string[] = [];
  for (const { method, path, auth, body, params = {} } of OPERATIONS) {
    if (!body || auth === 'person') continue;
    const address = path.replace(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(params[name]?.example ?? ''));
    const send = (sent: unknown) =>
      world.fetch(address, {
        method: method.toUpperCase(),
        headers: {
          ...(auth === 'publishable' ? { origin: SHOP } : { authorization: `Bearer ${SECRET}` }),
          'content-type': 'application/json',
        },
        body: JSON.stringify(auth === 'publishable' ? { ...(sent as object), key: PUBLISHABLE } : sent),
      });
    for (const pointer of leavesOf(body.example)) {
      for (const text of TEXTS) {
        const answer = await send(exchanged(body.example, pointer, text));
        const said = await answer.text();
        if (answer.status >= 500)
          faults.push(`${method} ${path} ${pointer.join('/')} ${JSON.stringify(text.slice(0, 40))}`);
        if (answer.headers.has('set-cookie') && text.includes('set-cookie'))
          faults.push(`${path}: a header from a body`);
        if (said.length > 400_000) faults.push(`${path}: an answer of ${said.length}`);
      }
    }
  }
  expect(faults).toEqual([]);
  const [{ tables } = { tables: 0 }] = await world.rows<{ tables: number }>(
    "SELECT count(*) AS tables FROM sqlite_master WHERE type = 'table' AND name = 'partners'",
  );
  expect(tables).toBe(1);
});

/** Where texts stand in a value. */
function leavesOf(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value === 'string') return [[...path]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => leavesOf(one, [...path, name]));
}

function exchanged(value: unknown, [name, ...rest]: readonly string[], text: string): unknown {
  if (name === undefined) return text;
  if (Array.isArray(value))
    return value.map((one, index) => (String(index) === name ? exchanged(one, rest, text) : one));
  const fields = Object.entries(value as object);
  return Object.fromEntries(fields.map(([key, one]) => [key, key === name ? exchanged(one, rest, text) : one]));
}

test('of a field that is told twice the last counts, everywhere alike', async () => {
  const body = '{"slug":"first","slug":"second","name":"Twice"}';
  expect(await world.call('POST', '/v1/partners', body)).toMatchObject({ status: 201, body: { slug: 'second' } });
  const orders = '{"orderId":"1","orderId":"2","currency":"EUR","amount":1,"amount":7}';
  expect((await world.call('POST', '/v1/conversions', orders)).status).toBe(201);
  expect(await world.rows('SELECT order_id AS id, base FROM conversions')).toEqual([{ id: '2', base: 7 }]);
});
