/** What the screens read, on real D1: each person sees their own place, and sums are what the rows say. */
import { beforeEach, expect, test } from 'vitest';
import type { Summary } from '../../edge/contract.ts';
import { DAY_MS } from '../../edge/core/attribution.ts';
import { ANNA, createWorld, PROGRAM, SECRET, SHOP, START, type World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
  await world.rows(
    "INSERT INTO people (id, email, name) VALUES ('anna', 'anna@partner.test', 'Anna A.'), ('max', 'max@shop.test', 'Max')",
  );
  await world.rows(
    `INSERT INTO memberships (id, person_id, program_id, partner_id, role, joined_at, vouched) VALUES
      ('1', 'anna', '${PROGRAM}', '${ANNA}', 'owner', 5, 0), ('2', 'max', '${PROGRAM}', NULL, 'manager', 5, 0)`,
  );
});

const asPartner = (partnerId = ANNA) => world.look({ personId: 'anna' as never, programId: PROGRAM, partnerId });
const asManager = () => world.look({ personId: 'max' as never, programId: PROGRAM, partnerId: null });
const read = async <Body>(path: string): Promise<Body> => (await world.fetch(path)).json<Body>();
const sell = async (code: string, orderId: string, amount: number, currency = 'EUR') =>
  world.order({ orderId, currency, amount, clickId: await world.click(code) });

test('the session says who is looking, and from where', async () => {
  const program = { id: PROGRAM, slug: 'world', name: 'world', mode: 'live', currency: 'EUR' };
  asManager();
  const place = { id: '2', role: 'manager', program, partner: null };
  expect(await read('/v1/session')).toMatchObject({
    person: { name: 'Max', email: 'max@shop.test' },
    current: place,
    places: [place],
    invitations: [],
    second: { required: false, enrolled: false },
  });
  asPartner();
  expect(await read('/v1/session')).toMatchObject({
    current: { program, partner: { id: ANNA, slug: 'anna', name: 'Anna' } },
  });
  world.look(null);
  expect((await world.fetch('/v1/session')).status).toBe(401);
});

test('days, totals, partners, balances and links agree with each other, currency by currency', async () => {
  await sell('anna', '1', 10_000);
  world.at(START + DAY_MS);
  await sell('anna', '2', 5_000, 'USD');
  await sell('bob', '3', 700);
  await world.order({ orderId: '4', currency: 'EUR', amount: 100 });
  await world.fetch('/go/anna', { headers: { 'user-agent': 'Googlebot/2.1' } });

  asManager();
  const summary = await read<Summary>('/v1/reports/summary?days=2');
  expect(summary.days).toEqual([
    {
      day: '2026-11-01',
      clicks: 1,
      counted: 1,
      orders: 1,
      money: [{ currency: 'EUR', orders: 1, sales: 10_000, commission: 1_000 }],
    },
    {
      day: '2026-11-02',
      clicks: 3,
      counted: 2,
      orders: 3,
      money: [
        { currency: 'EUR', orders: 1, sales: 700, commission: 70 },
        { currency: 'USD', orders: 1, sales: 5_000, commission: 500 },
      ],
    },
  ]);
  expect(summary.totals).toEqual({
    clicks: 4,
    counted: 3,
    orders: 4,
    uncredited: 1,
    money: [
      { currency: 'EUR', orders: 2, sales: 10_700, commission: 1_070 },
      { currency: 'USD', orders: 1, sales: 5_000, commission: 500 },
    ],
  });
  expect(await read('/v1/reports/partners?days=2')).toMatchObject({
    data: [
      { partner: 'anna', clicks: 3, counted: 2, orders: 2 },
      { partner: 'bob', clicks: 1, counted: 1, orders: 1 },
    ],
  });
  expect((await read<Summary>('/v1/reports/summary?days=1')).totals).toMatchObject({ clicks: 3, orders: 3 });

  asPartner();
  expect((await read<Summary>('/v1/reports/summary?days=2')).totals).toEqual({
    clicks: 3,
    counted: 2,
    orders: 2,
    uncredited: 0,
    money: [
      { currency: 'EUR', orders: 1, sales: 10_000, commission: 1_000 },
      { currency: 'USD', orders: 1, sales: 5_000, commission: 500 },
    ],
  });
  expect(await read('/v1/balances')).toMatchObject({
    data: [
      { partner: 'anna', currency: 'EUR', amount: 1_000 },
      { partner: 'anna', currency: 'USD', amount: 500 },
    ],
  });
  expect(await read('/v1/links')).toMatchObject({
    data: [{ code: 'anna', url: `${SHOP}/?from=anna`, address: 'https://t.example/go/anna', partner: 'anna' }],
  });
});

test.each(['0', '367', 'x', '1.5'])('a span of %s days is refused', async (days) => {
  const response = await world.fetch(`/v1/reports/summary?days=${days}`, {
    headers: { authorization: `Bearer ${SECRET}` },
  });
  expect(response.status).toBe(422);
  expect(await response.json()).toMatchObject({ errors: [{ pointer: '/days' }] });
});

test('nothing is there for who is not signed in', async () => {
  for (const path of ['summary', 'partners'].map((name) => `/v1/reports/${name}`).concat('/v1/balances', '/v1/links')) {
    expect((await world.fetch(path)).status).toBe(401);
  }
});

test('an unknown address of the API is a problem, whatever the method', async () => {
  for (const method of ['GET', 'POST', 'DELETE']) {
    const response = await world.fetch('/v1/nothing', { method });
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  }
});
