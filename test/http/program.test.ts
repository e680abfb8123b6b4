/** /v1/program on real D1: a change is a new version from a moment on, and orders follow the one in force. */
import { beforeEach, expect, test } from 'vitest';
import type { ConversionAnswer, ProgramAnswer } from '../../edge/contract.ts';
import { DAY_MS } from '../../edge/core/attribution.ts';
import { BOB, createWorld, OTHER_SECRET, SECRET, START, type World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

const call = (method: string, body?: unknown, key = SECRET) =>
  world.fetch('/v1/program', {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const patch = async (body: unknown) => (await call('PATCH', body)).json<ProgramAnswer>();
const order = async (body: Record<string, unknown>) =>
  (await world.order({ currency: 'EUR', amount: 10_000, ...body })).json<ConversionAnswer>();
/** Clicks on both partners by one visitor, Anna's first. */
const visit = async () => {
  const anna = await world.click('anna');
  world.at(world.now() + 60_000);
  const bob = await world.click('bob');
  const first = await (await world.events({ url: `https://shop.example/?tcid=${anna}` })).json<{ visitorId: string }>();
  await world.events({ url: `https://shop.example/?tcid=${bob}`, visitorId: first.visitorId });
  return first.visitorId;
};

test('what changes makes a new version, what is left out stays', async () => {
  const answer = await patch({ model: 'linear', windowDays: 7 });
  expect(answer).toMatchObject({
    slug: 'world',
    policy: {
      version: 2,
      startsAt: new Date(START).toISOString(),
      model: 'linear',
      windowDays: 7,
      holdDays: 14,
      guardSeconds: 0,
    },
  });
  expect(await (await call('GET')).json()).toEqual(answer);
  expect(await (await call('GET', undefined, OTHER_SECRET)).json()).toMatchObject({
    slug: 'other',
    policy: { version: 1 },
  });
});

test('a change that begins later is made from what is in force then, and holds from then on', async () => {
  await patch({ model: 'first', startsAt: START + 10 * DAY_MS });
  await patch({ holdDays: 30, startsAt: START + 20 * DAY_MS });
  const visitorId = await visit();
  const at = async (days: number) => {
    world.at(START + days * DAY_MS);
    return order({ orderId: `${days}`, visitorId });
  };
  expect(await at(9)).toMatchObject({
    reason: 'last',
    allocations: [{ partner: 'bob' }],
    explain: { policyVersion: 1 },
  });
  expect(await at(10)).toMatchObject({
    reason: 'first',
    allocations: [{ partner: 'anna' }],
    explain: { policyVersion: 2 },
  });
  expect(await at(21)).toMatchObject({ reason: 'first', explain: { policyVersion: 3 } });
  expect(await world.rows('SELECT held_until FROM commissions ORDER BY held_until DESC LIMIT 1')).toEqual([
    { held_until: START + 51 * DAY_MS },
  ]);
});

test('changes at once get a version each', async () => {
  const answers = await Promise.all(Array.from({ length: 4 }, (_, number) => patch({ guardSeconds: number })));
  expect(answers.map((one) => one.policy.version).sort()).toEqual([2, 3, 4, 5]);
});

test('a shared order is paid to the cent, and the ledger balances', async () => {
  await patch({ model: 'position', weights: [50, 0, 50] });
  const answer = await order({ orderId: '1', amount: 10_005, visitorId: await visit() });
  expect(answer.allocations).toMatchObject([
    { partner: 'anna', shareMicros: 500_000, commission: 500 },
    { partner: 'bob', shareMicros: 500_000, commission: 500 },
  ]);
  expect(answer.explain?.lines.map((line) => line.base)).toEqual([5002, 5003]);
  expect(await world.rows('SELECT sum(amount) AS sum, count(*) AS n FROM ledger_entries')).toEqual([{ sum: 0, n: 3 }]);
});

test('a customer stays bound to the partner who brought the first order; only a verified order binds', async () => {
  await patch({ model: 'customer_lock' });
  const customer = { id: 'c-1' };
  const anna = await world.click('anna');
  await world.events({
    url: `https://shop.example/?tcid=${anna}`,
    commands: [['conversion', { orderId: 'b', currency: 'EUR', amount: 1, customer }]],
  });
  expect(await world.rows('SELECT * FROM customer_locks')).toEqual([]);
  expect(await order({ orderId: '1', clickId: anna, customer })).toMatchObject({
    reason: 'customer_lock',
    explain: { step: 'pool' },
  });
  world.at(START + 400 * DAY_MS);
  const bob = await world.click('bob');
  expect(await order({ orderId: '2', clickId: bob, customer })).toMatchObject({
    reason: 'customer_lock',
    allocations: [{ partner: 'anna' }],
    explain: {
      step: 'customer_lock',
      candidates: [
        { partner: 'bob', why: 'locked' },
        { partner: 'anna', label: 'joined', why: 'outside_window' },
      ],
    },
  });
  // Ended for cause: the next pick binds anew.
  await world.rows(
    "UPDATE enrollments SET status = 'ended', stopped_at = ?, for_cause = 1 WHERE slug = 'anna'",
    world.now(),
  );
  world.at(world.now() + 1000);
  expect(await order({ orderId: '3', clickId: bob, customer })).toMatchObject({
    allocations: [{ partner: 'bob' }],
    explain: { step: 'pool' },
  });
  expect(await world.rows('SELECT partner_id FROM customer_locks')).toEqual([{ partner_id: BOB }]);
});

test('a newer click of another channel takes the order when the policy says so', async () => {
  await patch({ channelPolicy: 'dedupe_if_newer' });
  const clickId = await world.click('anna');
  const channel = { channel: 'google_ads', channelAt: START + 5_000 };
  world.at(START + 10_000);
  expect(await order({ orderId: '1', clickId, ...channel })).toMatchObject({
    reason: 'channel_newer',
    allocations: [],
  });
});

test.each([
  ['/model', { model: 'magic' }],
  ['/weights', { weights: [50, 50] }],
  ['/weights', { weights: [50, 20, 40] }],
  ['/windowDays', { windowDays: 0 }],
  ['/holdDays', { holdDays: -1 }],
  ['/guardSeconds', { guardSeconds: 0.5 }],
  ['/rejectSolo', { rejectSolo: 'yes' }],
  ['/channelPolicy', { channelPolicy: 'both' }],
  ['/origins/0', { origins: ['shop.example'] }],
  ['/origins/0', { origins: ['https://shop.example/path'] }],
  ['/origins/0', { origins: ['https://*'] }],
  ['/deepLinkHosts/0', { deepLinkHosts: ['https://shop.example'] }],
  ['/startsAt', { startsAt: START - 1 }],
  ['/startsAt', { startsAt: 'soon' }],
  ['/programId', { programId: 'other' }],
])('%s of %j is refused, and no version is made', async (pointer, body) => {
  const response = await call('PATCH', body);
  expect(response.status).toBe(422);
  expect((await response.json<{ errors: { pointer: string }[] }>()).errors.map((one) => one.pointer)).toContain(
    pointer,
  );
  expect(await world.rows('SELECT version FROM policies WHERE version > 1')).toEqual([]);
});
