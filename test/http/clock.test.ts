/**
 * Goal: a sandbox's clock moves forward only, and every "now" of that program reads it, nobody else's. Method: the
 * world's program made a sandbox, its clock moved, and each door asked what time it is there.
 */
import { beforeEach, expect, test } from 'vitest';
import type { ClockAnswer, ConversionSummary, EventsAnswer, Summary } from '../../edge/contract.ts';
import { DAY_MS } from '../../edge/core/attribution.ts';
import { verify } from '../../edge/core/token.ts';
import {
  BROWSER,
  createWorld,
  OTHER_SECRET,
  PROGRAM,
  PUBLISHABLE,
  SECRET,
  SHOP,
  START,
  type World,
} from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
  await world.rows("UPDATE programs SET mode = 'sandbox' WHERE slug = 'world'");
});

const move = (now: unknown, headers: Record<string, string> = {}, key = SECRET) =>
  world.fetch('/v1/clock', {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ now }),
  });
const moveTo = async (now: number) => expect((await move(now)).status).toBe(200);
const clickAt = async (code = 'anna') => (await verify(await world.click(code), world.deps.secrets.tokenKeys))?.at;
const offset = async (slug = 'world') =>
  (await world.rows<{ ms: number }>('SELECT clock_offset_ms AS ms FROM programs WHERE slug = ?', slug))[0]?.ms;
const stored = async (orderId: string) =>
  (
    await world.fetch(`/v1/conversions/order:${orderId}`, { headers: { authorization: `Bearer ${SECRET}` } })
  ).json<ConversionSummary>();
const sale = { currency: 'EUR', amount: 1000 };

test('it is moved, runs on from there, and answers what it reached', async () => {
  const response = await move(new Date(START + DAY_MS).toISOString());
  expect([response.status, await response.json<ClockAnswer>()]).toEqual([
    200,
    { now: new Date(START + DAY_MS).toISOString() },
  ]);
  world.at(START + 5_000);
  expect(await clickAt()).toBe(START + DAY_MS + 5_000);
  await moveTo(START + 2 * DAY_MS);
  expect(await offset()).toBe(2 * DAY_MS - 5_000);
});

test('a click, warm or not, an order and its hold, a landing: all read it', async () => {
  const early = await world.click('anna');
  await moveTo(START + 20 * DAY_MS);
  expect(await clickAt('anna')).toBe(START + 20 * DAY_MS);
  expect(await clickAt('bob')).toBe(START + 20 * DAY_MS);
  expect(await (await world.order({ ...sale, orderId: '1', clickId: early })).json()).toMatchObject({ reason: 'last' });
  const order = await stored('1');
  expect([order.receivedAt, order.occurredAt]).toEqual(Array(2).fill(new Date(START + 20 * DAY_MS).toISOString()));
  expect(order.allocations[0]?.heldUntil).toBe(new Date(START + 34 * DAY_MS).toISOString());
  // More than a day after its click a landing is a copied address.
  const stale = await (await world.events({ url: `${SHOP}/?tcid=${early}` })).json<EventsAnswer>();
  expect(stale.clickId).toBeNull();
  await moveTo(START + 31 * DAY_MS);
  expect(await (await world.order({ ...sale, orderId: '2', clickId: early })).json()).toMatchObject({
    reason: 'outside_window',
  });
});

test('what an order may say of its time is judged by it', async () => {
  await moveTo(START + 10 * DAY_MS);
  const at = (orderId: string, occurredAt: number) => world.order({ ...sale, orderId, occurredAt });
  expect((await at('ahead', START + 10 * DAY_MS + 600_000)).status).toBe(201);
  expect((await at('too-far', START + 10 * DAY_MS + 600_001)).status).toBe(422);
  expect((await at('past', START - 300 * DAY_MS)).status).toBe(201);
});

test('a visitor’s page, and the spans that people read, are dated by it', async () => {
  await moveTo(START + 3 * DAY_MS);
  await world.events({ commands: [['conversion', { ...sale, orderId: 'page' }]] });
  expect((await stored('page')).receivedAt).toBe(new Date(START + 3 * DAY_MS).toISOString());
  const today = new Date(START + 3 * DAY_MS).toISOString().slice(0, 10);
  const summary = async (headers = {}) =>
    (await world.fetch('/v1/reports/summary?days=1', { headers })).json<Summary>();
  expect(await summary({ authorization: `Bearer ${SECRET}` })).toMatchObject({ to: today, totals: { orders: 1 } });
  world.look({ personId: '' as never, programId: PROGRAM, partnerId: null });
  expect(await summary()).toMatchObject({ to: today });
});

test('a version begins by it', async () => {
  await moveTo(START + 3 * DAY_MS);
  const answer = await world.fetch('/v1/program', {
    method: 'PATCH',
    headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' },
    body: '{"holdDays":7}',
  });
  expect(await answer.json()).toMatchObject({ policy: { startsAt: new Date(START + 3 * DAY_MS).toISOString() } });
});

test('keys are revoked by the time outside', async () => {
  await world.rows("UPDATE keys SET revoked_at = ? WHERE name = 'trb_sk_test_world'", START + DAY_MS);
  await moveTo(START + 5 * DAY_MS);
  expect((await world.order({ ...sale, orderId: '1' })).status).toBe(201);
  world.at(START + DAY_MS);
  expect((await world.order({ ...sale, orderId: '2' })).status).toBe(401);
});

test('another program’s clock stands where it stood', async () => {
  await moveTo(START + 5 * DAY_MS);
  expect([await offset('other'), await clickAt('anna-other')]).toEqual([0, START]);
});

test('a live program has none to move', async () => {
  const response = await move(START + DAY_MS, {}, OTHER_SECRET);
  expect([response.status, await response.json()]).toMatchObject([409, { code: 'sandbox_only' }]);
  expect(await offset('other')).toBe(0);
});

test('it never moves back, however many move it at once', async () => {
  await moveTo(START + 5 * DAY_MS);
  const back = await move(START + 5 * DAY_MS - 1);
  expect([back.status, await back.json()]).toMatchObject([422, { errors: [{ pointer: '/now' }] }]);
  expect((await move(START + 5 * DAY_MS)).status).toBe(200);
  await Promise.all(Array.from({ length: 20 }, (_, at) => move(START + (6 + ((at * 7) % 20)) * DAY_MS)));
  expect(await offset()).toBe(25 * DAY_MS);
});

test.each([undefined, null, '', 'tomorrow', -1, 1.5, START + 11 * 365 * DAY_MS, 8.64e15, [START]])(
  'the moment %j is refused',
  async (now) => {
    const response = await move(now);
    expect([response.status, await response.json()]).toMatchObject([422, { errors: [{ pointer: '/now' }] }]);
    expect(await offset()).toBe(0);
  },
);

test('it takes a secret key and nothing else', async () => {
  expect((await move(START + DAY_MS, {}, PUBLISHABLE)).status).toBe(401);
  const response = await world.fetch('/v1/clock', { method: 'POST', headers: BROWSER, body: '{}' });
  expect(response.status).toBe(401);
});

test('a move of weeks, told twenty times at once under one name, is one', async () => {
  const all = await Promise.all(
    Array.from({ length: 20 }, () => move(START + 40 * DAY_MS, { 'idempotency-key': 'k' })),
  );
  expect(all.map((one) => one.status)).toEqual(Array(20).fill(200));
  world.at(START + 5_000);
  expect((await move(START + 40 * DAY_MS, { 'idempotency-key': 'k' })).headers.get('idempotent-replayed')).toBe('true');
  expect(await offset()).toBe(40 * DAY_MS);
});

test('days that close by it are summed before it answers, in that program alone', async () => {
  await world.click('anna');
  await world.click('anna-other');
  const summed = () => world.rows('SELECT slug, clicks FROM click_days JOIN programs ON id = program_id');
  await moveTo(START + DAY_MS);
  expect(await summed()).toEqual([]);
  await moveTo(START + 5 * DAY_MS);
  expect(await summed()).toEqual([{ slug: 'world', clicks: 1 }]);
});

test('what fell due has run when it answers, also for a call repeated under its name', async () => {
  const due: string[] = [];
  Object.assign(world.deps, { runDue: async (programId: string) => due.push(programId) });
  for (let times = 0; times < 2; times++) {
    expect((await move(START + DAY_MS, { 'idempotency-key': 'k' })).status).toBe(200);
  }
  expect((await move(START)).status).toBe(422);
  expect(due).toEqual([PROGRAM, PROGRAM]);
});
