/** What a stranger with the publishable key cannot do to customers, locks and dates, on real D1. */
import { beforeEach, expect, test } from 'vitest';
import type { ConversionAnswer, EventsAnswer } from '../../edge/contract.ts';
import { DAY_MS } from '../../edge/core/attribution.ts';
import { createWorld, SECRET, START, type World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

const page = async (...commands: unknown[]) => (await (await world.events({ commands })).json<EventsAnswer>()).results;
const told = (orderId: string, more: Record<string, unknown> = {}) => [
  'conversion',
  { orderId, currency: 'EUR', amount: 1000, ...more },
];
const order = async (orderId: string, more: Record<string, unknown> = {}) =>
  (await world.order({ orderId, currency: 'EUR', amount: 1000, ...more })).json<ConversionAnswer>();
const locking = () =>
  world.fetch('/v1/program', {
    method: 'PATCH',
    headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'customer_lock' }),
  });
const customer = { id: 'c-1' };

test('an order told in advance binds nobody', async () => {
  await locking();
  await page(told('1', { clickId: await world.click('bob') }));
  await order('1', { customer });
  expect(await world.rows('SELECT * FROM customer_locks')).toEqual([]);
  world.at(START + DAY_MS);
  expect(await order('2', { customer, clickId: await world.click('anna') })).toMatchObject({
    allocations: [{ partner: 'anna' }],
  });
});

test('an order told in advance does not get round a lock by its date', async () => {
  await locking();
  await page(told('2', { clickId: await world.click('bob') }));
  world.at(START + DAY_MS);
  await order('1', { customer, clickId: await world.click('anna') });
  world.at(START + 2 * DAY_MS);
  expect(await order('2', { customer })).toMatchObject({
    allocations: [{ partner: 'anna' }],
    explain: { step: 'customer_lock' },
  });
});

test('a page is not told, by what its order earns, whether somebody has bought here', async () => {
  const rules = [{ when: { customer: 'new' }, ratePpm: 200_000 }, { ratePpm: 100_000 }];
  expect((await world.call('POST', '/v1/terms', { rules })).status).toBe(201);
  await order('1', { customer });
  const clickId = await world.click('anna');
  const asked = ['c-1', 'c-2'].map((id) => told(`probe-${id}`, { clickId, customer: { id } }));
  expect(await page(...asked)).toMatchObject([
    { allocations: [{ commission: 100 }] },
    { allocations: [{ commission: 100 }] },
  ]);
  // Once the server says the same, it is known.
  expect(await order('probe-c-2', { clickId, customer: { id: 'c-2' } })).toMatchObject({
    corrected: true,
    allocations: [{ commission: 200 }],
  });
});

test('a page is not told whom a person is bound to', async () => {
  await locking();
  await order('1', { customer: { email: 'v@x.example' }, clickId: await world.click('anna') });
  const [{ customer_id }] = (await world.rows('SELECT customer_id FROM customer_locks')) as [{ customer_id: string }];
  expect(customer_id).not.toBe('');
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode('v@x.example'));
  const emailSha256 = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  world.at(START + DAY_MS);
  const bound = JSON.stringify(await page(told('probe', { customer: { emailSha256 } })));
  expect(bound).toContain('no_touch');
  expect(bound).not.toContain('anna');
  expect(await order('probe', { customer: { email: 'v@x.example' } })).toMatchObject({
    allocations: [{ partner: 'anna' }],
  });
});

test('a server ties two names that a browser told apart; the hash moves to the id', async () => {
  await locking();
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode('v@x.example'));
  const emailSha256 = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  await page(['identify', { id: 'c-1', emailSha256 }]);
  expect(await world.rows('SELECT DISTINCT customer_id FROM customer_keys')).toHaveLength(2);
  await order('1', { customer: { id: 'c-1', email: 'v@x.example' }, clickId: await world.click('anna') });
  expect(await world.rows('SELECT DISTINCT customer_id FROM customer_keys')).toHaveLength(1);
  world.at(START + DAY_MS);
  const second = await order('2', { customer: { email: 'v@x.example' }, clickId: await world.click('bob') });
  expect(second).toMatchObject({ allocations: [{ partner: 'anna' }] });
  // And no browser undoes it.
  await page(['identify', { id: 'c-1', emailSha256 }], ['identify', { emailSha256 }]);
  expect(await world.rows('SELECT DISTINCT customer_id FROM customer_keys')).toHaveLength(1);
});

test.each([
  ['in seconds instead of milliseconds', Math.floor(START / 1000)],
  ['at the end of time', 8.64e15],
])('a correction is held to the same times as an order: %s', async (_name, occurredAt) => {
  await page(told('1'));
  const response = await world.order({ orderId: '1', currency: 'EUR', amount: 1000, occurredAt });
  expect(response.status).toBe(422);
  const list = await world.fetch('/v1/conversions', { headers: { authorization: `Bearer ${SECRET}` } });
  expect(list.status).toBe(200);
});

test('a token that proves nothing names no click: what the page told of stands, with a note of both', async () => {
  const tcid = await world.click('anna');
  const landed = await (
    await world.events({ url: `https://shop.example/?tcid=${tcid}`, commands: [told('1'), told('2')] })
  ).json<EventsAnswer>();
  expect(landed.results).toMatchObject([{ reason: 'last' }, { reason: 'last' }]);
  for (const [orderId, clickId] of [
    ['1', ''],
    ['2', 'stale'],
  ] as const) {
    expect(await order(orderId, { clickId })).toMatchObject({
      corrected: true,
      allocations: [{ partner: 'anna' }],
      explain: { notes: ['click_id_invalid', 'told_by_page'] },
    });
  }
});

test('a corrected order repairs the click it names', async () => {
  const clickId = await world.token({});
  await page(told('1'));
  expect(await order('1', { clickId })).toMatchObject({ corrected: true, allocations: [{ partner: 'anna' }] });
  expect(await world.rows('SELECT class FROM clicks')).toEqual([{ class: 'valid' }]);
});

test('paused, then ended for cause: orders made meanwhile stay honored', async () => {
  const status = (body: unknown) =>
    world.fetch('/v1/partners/anna', {
      method: 'PATCH',
      headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const clickId = await world.click('anna');
  world.at(START + DAY_MS);
  await status({ status: 'paused' });
  world.at(START + 3 * DAY_MS);
  await status({ status: 'ended', forCause: true });
  world.at(START + 4 * DAY_MS);
  expect(await order('before', { clickId, occurredAt: START + 2 * DAY_MS })).toMatchObject({
    allocations: [{ partner: 'anna' }],
  });
  expect(await order('after', { clickId })).toMatchObject({ reason: 'enrollment_inactive' });
});

test('nonsense orders do not stop the comparison', async () => {
  const items = [{ quantity: 9000, price: 1e12 }];
  for (const orderId of ['1', '2']) {
    world.at(world.now() + 1000);
    const clickId = await world.click('anna');
    expect((await world.order({ orderId, currency: 'EUR', items, clickId })).status).toBe(201);
  }
  const headers = { authorization: `Bearer ${SECRET}` };
  expect((await world.fetch('/v1/attribution/compare', { headers })).status).toBe(200);
  expect((await world.fetch('/v1/attribution/compare?from=0', { headers })).status).toBe(422);
});
