/**
 * Goal: an order that nobody earned is completed by what arrives later, once, within its hold, and no other order ever is.
 * Method: orders told first, clicks and identities afterwards, on a clock that moves only when told.
 */
import { beforeEach, expect, test } from 'vitest';
import type { ConversionAnswer, EventsAnswer } from '../../edge/contract.ts';
import { DAY_MS } from '../../edge/core/attribution.ts';
import { ANNA, createWorld, SHOP, START, type World } from '../support/world.ts';

const MINUTE_MS = 60_000;
const HOLD_MS = 14 * DAY_MS;
const VISITOR = 'a-browser-of-the-shop';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

type Fields = Record<string, unknown>;

async function order(orderId: string, more: Fields = {}): Promise<ConversionAnswer> {
  return (await world.order({ orderId, currency: 'EUR', amount: 1000, ...more })).json<ConversionAnswer>();
}

/** A click that the shop's server tells of. */
async function click(at: number, more: Fields = {}): Promise<void> {
  const told = { partner: 'anna', visitorId: VISITOR, occurredAt: at, ...more };
  expect(await world.call('POST', '/v1/clicks', told)).toMatchObject({ status: 201 });
}

const stands = async (orderId: string) =>
  (await world.call<ConversionAnswer>('GET', `/v1/conversions/order:${orderId}`)).body;
const postings = async () => (await world.rows('SELECT id FROM ledger_transactions')).length;
const matched = { reason: 'late_match', allocations: [{ partner: 'anna', commission: 100, reason: 'late_match' }] };

test('a click of an earlier time completes it; one after the order does not', async () => {
  await order('1', { visitorId: VISITOR });
  world.at(START + DAY_MS);
  await click(START + 1);
  expect(await stands('1')).toMatchObject({ reason: 'no_touch', allocations: [] });
  await click(START);
  expect(await stands('1')).toMatchObject({ ...matched, verified: true });
  expect(await postings()).toBe(1);
  // The order still answers as what it is, and is found among the partner's own.
  expect(await order('1', { visitorId: VISITOR })).toMatchObject({ duplicate: true, ...matched });
  expect(await world.rows('SELECT partner_id FROM considered')).toEqual([{ partner_id: ANNA }]);
});

test('a landing that comes in late completes it, from the page as from the server', async () => {
  const tcid = await world.click('anna');
  world.at(START + MINUTE_MS);
  await order('1', { visitorId: VISITOR });
  world.at(START + 2 * MINUTE_MS);
  await world.events({ visitorId: VISITOR, url: `${SHOP}/?tcid=${tcid}` });
  expect(await stands('1')).toMatchObject(matched);
});

test('outside_window too is open: a click inside it is found', async () => {
  const old = await world.click('bob');
  world.at(START + 40 * DAY_MS);
  expect(await order('1', { visitorId: VISITOR, clickId: old })).toMatchObject({ reason: 'outside_window' });
  await click(START + 39 * DAY_MS);
  expect(await stands('1')).toMatchObject({
    ...matched,
    explain: {
      candidates: [
        { partner: 'anna', why: 'won' },
        { partner: 'bob', why: 'outside_window' },
      ],
    },
  });
});

test('up to the last moment of the hold, counted from when it was received, and not after', async () => {
  world.at(START + 5 * DAY_MS);
  await order('in', { visitorId: VISITOR, occurredAt: START });
  world.at(START + 5 * DAY_MS + HOLD_MS);
  await click(START - DAY_MS);
  expect(await stands('in')).toMatchObject(matched);
  await order('out', { visitorId: 'another-browser-here', occurredAt: START });
  world.at(world.now() + HOLD_MS + 1);
  await click(START - DAY_MS, { visitorId: 'another-browser-here' });
  expect(await stands('out')).toMatchObject({ reason: 'no_touch' });
});

test('an order with credit is never judged again, however late a better click comes', async () => {
  await click(START - DAY_MS);
  expect(await order('1', { visitorId: VISITOR })).toMatchObject({ reason: 'last' });
  const before = await stands('1');
  await click(START - MINUTE_MS, { partner: 'bob' });
  expect(await stands('1')).toEqual(before);
  // Nor one that was completed late.
  await order('2', { visitorId: 'another-browser-here' });
  await click(START - DAY_MS, { visitorId: 'another-browser-here' });
  await click(START - MINUTE_MS, { visitorId: 'another-browser-here', partner: 'bob' });
  expect(await stands('2')).toMatchObject(matched);
  expect(await postings()).toBe(2);
});

test('nobody for another reason stays nobody', async () => {
  await world.call('POST', '/v1/codes', { code: 'STAFF', policy: 'none' });
  await world.call('POST', '/v1/partners', { slug: 'dora', name: 'Dora', email: 'dora@partner.test' });
  await world.call('PATCH', '/v1/program', {
    selfReferral: 'block',
    guardSeconds: 3600,
    rejectSolo: true,
    channelPolicy: 'dedupe_if_newer',
  });
  const [guarded, dora, gone] = [await world.click('bob'), 'dora', await world.click('bob')];
  await world.call('POST', '/v1/links', { partner: dora, code: dora, url: SHOP });
  const own = await world.click(dora);
  world.at(START + 2 * DAY_MS);
  const fresh = await world.click('bob');
  const channelAt = world.now() - 1;
  const customer = { email: 'dora@partner.test' };
  const visitorId = VISITOR;
  expect(await order('suppressed', { codes: ['STAFF'], visitorId })).toMatchObject({ reason: 'code_suppressed' });
  expect(await order('guarded', { clickId: fresh, visitorId })).toMatchObject({ reason: 'in_cart_guard' });
  expect(await order('channel', { clickId: guarded, channelAt, visitorId })).toMatchObject({ reason: 'channel_newer' });
  expect(await order('self', { clickId: own, customer })).toMatchObject({ reason: 'self_referral' });
  await world.call('PATCH', '/v1/partners/bob', { status: 'ended', forCause: true });
  expect(await order('inactive', { clickId: gone, visitorId })).toMatchObject({ reason: 'enrollment_inactive' });
  world.at(START + 3 * DAY_MS);
  await click(START + DAY_MS);
  await world.call('POST', '/v1/identities', { visitorId, customer });
  for (const [orderId, reason] of [
    ['suppressed', 'code_suppressed'],
    ['guarded', 'in_cart_guard'],
    ['channel', 'channel_newer'],
    ['self', 'self_referral'],
    ['inactive', 'enrollment_inactive'],
  ] as const) {
    expect(await stands(orderId)).toMatchObject({ reason, allocations: [] });
  }
  expect(await postings()).toBe(0);
});

test('many arrivals at once complete it once', async () => {
  const customer = { id: 'c-1' };
  await order('1', { visitorId: VISITOR, customer });
  world.at(START + MINUTE_MS);
  const told = (partner: string) =>
    world.call('POST', '/v1/clicks', { partner, visitorId: VISITOR, occurredAt: START - MINUTE_MS });
  await Promise.all([
    ...Array.from({ length: 5 }, () => told('anna')),
    ...Array.from({ length: 5 }, () =>
      world.call('POST', '/v1/identities', { visitorId: VISITOR, customer, occurredAt: START }),
    ),
    ...Array.from({ length: 5 }, (_, number) => order(`beside-${number}`, { visitorId: VISITOR, customer })),
  ]);
  expect(await stands('1')).toMatchObject({
    reason: 'late_match',
    allocations: [{ partner: 'anna', commission: 100 }],
  });
  expect(await world.rows("SELECT version FROM conversions WHERE order_id = '1'")).toEqual([{ version: 2 }]);
  const [posted] = await world.rows<{ n: number; total: number }>(
    `SELECT count(DISTINCT transaction_id) AS n, sum(amount) AS total FROM ledger_entries
     WHERE transaction_id LIKE (SELECT '%' || id || '%' FROM conversions WHERE order_id = '1')`,
  );
  expect(posted).toEqual({ n: 1, total: 0 });
});

test('what a page tells late waits for a server to vouch for it', async () => {
  await click(START - DAY_MS, { visitorId: 'a-phone-of-somebody' });
  await order('1', { visitorId: VISITOR, customer: { id: 'c-1' } });
  await world.events({ visitorId: 'a-phone-of-somebody', commands: [['identify', { id: 'c-1' }]] });
  expect(await stands('1')).toMatchObject({ ...matched, verified: false });
});

test('a page’s order is completed as well, and stays unverified', async () => {
  const conversion = ['conversion', { orderId: '1', currency: 'EUR', amount: 1000 }];
  const told = await (await world.events({ visitorId: VISITOR, commands: [conversion] })).json<EventsAnswer>();
  expect(told.results).toMatchObject([{ reason: 'no_touch' }]);
  world.at(START + MINUTE_MS);
  await click(START - MINUTE_MS);
  expect(await stands('1')).toMatchObject({ ...matched, verified: false });
});

test('an order that ties a customer’s names completes an earlier one of theirs', async () => {
  await click(START - DAY_MS, { visitorId: 'a-phone-of-somebody' });
  await world.call('POST', '/v1/identities', {
    visitorId: 'a-phone-of-somebody',
    customer: { email: 'c@x.example' },
    occurredAt: START - DAY_MS,
  });
  await order('1', { customer: { id: 'c-1' } });
  world.at(START + MINUTE_MS);
  expect(await order('2', { customer: { id: 'c-1', email: 'c@x.example' } })).toMatchObject({ reason: 'last' });
  expect(await stands('1')).toMatchObject({ ...matched, verified: true });
});

test('binds a customer who is unbound still, and no other', async () => {
  await world.call('PATCH', '/v1/program', { model: 'customer_lock' });
  const bound = () => world.rows('SELECT customer_id, partner_id FROM customer_locks');
  world.at(START + MINUTE_MS);
  await order('1', { visitorId: VISITOR, customer: { id: 'c-1' } });
  await order('2', { visitorId: 'another-browser-here', customer: { id: 'c-2' } });
  world.at(START + 2 * MINUTE_MS);
  await order('3', { customer: { id: 'c-2' }, clickId: await world.click('bob') });
  const [before] = await bound();
  await click(START);
  await click(START, { visitorId: 'another-browser-here' });
  expect(await stands('1')).toMatchObject(matched);
  expect(await stands('2')).toMatchObject(matched);
  expect(await bound()).toHaveLength(2);
  expect(await bound()).toContainEqual(before);
  world.at(START + DAY_MS);
  expect(await order('4', { customer: { id: 'c-1' } })).toMatchObject({
    reason: 'customer_lock',
    allocations: [{ partner: 'anna' }],
  });
});

test('a list of fifty identities completes the orders of all fifty', async () => {
  const browser = (number: number) => `a-phone-of-somebody-${number}`;
  const each = Array.from({ length: 50 }, (_, number) => number);
  const clicks = each.map((number) => ({ partner: 'anna', visitorId: browser(number), occurredAt: START - DAY_MS }));
  await world.call('POST', '/v1/clicks', clicks);
  const rows = each.map((number) => ({
    ...{ orderId: `${number}`, currency: 'EUR', amount: 1000 },
    customer: { id: `c-${number}` },
  }));
  await world.call('POST', '/v1/conversions', rows);
  const seen = each.map((number) => ({ visitorId: browser(number), customer: { id: `c-${number}` } }));
  expect((await world.call('POST', '/v1/identities', seen)).status).toBe(200);
  expect(await world.rows('SELECT reason, count(*) AS n FROM conversions GROUP BY reason')).toEqual([
    { reason: 'late_match', n: 50 },
  ]);
}, 30_000);

test('a stranger’s many orders do not stand in the way of a server’s', async () => {
  const customer = { emailSha256: 'a'.repeat(64) };
  await order('real', { customer });
  world.at(START + MINUTE_MS);
  const fakes = Array.from({ length: 21 }, (_, number) => [
    'conversion',
    { orderId: `fake-${number}`, currency: 'EUR', amount: 1, customer },
  ]);
  await world.events({ commands: fakes });
  await click(START - DAY_MS);
  await world.call('POST', '/v1/identities', { visitorId: VISITOR, customer });
  expect(await stands('real')).toMatchObject(matched);
}, 30_000);

test('what arrives between an order’s reading and its writing is not missed', async () => {
  const { store } = world.deps;
  const { commit } = store;
  const phone = 'a-phone-of-somebody';
  await click(START - DAY_MS, { visitorId: phone });
  const customer = { id: 'c-1' };
  /** Does one thing just before the next commit, as if it had come in at the same moment. */
  const meanwhile = (act: () => Promise<unknown>) => {
    store.commit = async (changes) => {
      store.commit = commit;
      await act();
      return commit(changes);
    };
  };
  world.at(START + MINUTE_MS);
  meanwhile(() => world.events({ visitorId: phone, commands: [['identify', customer]] }));
  expect(await order('1', { visitorId: VISITOR, customer })).toMatchObject({
    reason: 'last',
    verified: false,
    allocations: [{ partner: 'anna' }],
  });
  meanwhile(() => click(START, { visitorId: 'another-browser-here' }));
  expect(await order('2', { visitorId: 'another-browser-here' })).toMatchObject({ allocations: [{ partner: 'anna' }] });
  meanwhile(() => world.call('POST', '/v1/identities', { visitorId: 'a-third-browser-here', customer }));
  expect(await order('3', { visitorId: 'a-third-browser-here' })).toMatchObject({ allocations: [{ partner: 'anna' }] });
});

test('proof that arrives between an order’s reading and its writing is not missed either', async () => {
  const { store } = world.deps;
  const { commit } = store;
  const phone = 'a-phone-of-somebody';
  const customer = { id: 'c-1' };
  await click(START - DAY_MS, { visitorId: phone });
  await world.events({ visitorId: phone, commands: [['identify', customer]] });
  world.at(START + MINUTE_MS);
  store.commit = async (changes) => {
    store.commit = commit;
    await world.call('POST', '/v1/identities', { visitorId: phone, customer });
    return commit(changes);
  };
  const told = await order('1', { visitorId: VISITOR, customer });
  expect(told).toMatchObject({ reason: 'last', verified: true, allocations: [{ partner: 'anna' }] });
});

test('who buys again and again without a partner costs no more for the orders that stand', async () => {
  const customer = { id: 'c-1' };
  const buy = async (orderId: string) => {
    const before = world.billed.roundTrips;
    await order(orderId, { visitorId: VISITOR, customer });
    return world.billed.roundTrips - before;
  };
  await buy('first');
  const few = await buy('second');
  for (let number = 0; number < 8; number++) await buy(`${number}`);
  // Looking at an order that stands takes five; a day's first order may write a little more than others.
  expect(await buy('last')).toBeLessThan(few + 5);
  // Past the hold they are not even looked at, whatever is new.
  world.at(START + HOLD_MS + 1);
  const before = world.billed.roundTrips;
  await order('new', { visitorId: 'another-browser-here', customer });
  expect(world.billed.roundTrips - before).toBeLessThan(few + 5);
}, 30_000);

test('a hand-over completes it too: what the browser had touched is the visitor’s now', async () => {
  await click(START - DAY_MS);
  const old = { visitorId: 'a-browser-elsewhere', handover: true };
  await order('1', { visitorId: old.visitorId });
  const { handover } = await (await world.events(old)).json<EventsAnswer>();
  await world.events({ visitorId: VISITOR, url: `${SHOP}/?tho=${handover}`, referrer: SHOP });
  expect(await stands('1')).toMatchObject(matched);
});

test('the open orders are looked at once for a post, however many commands it has', async () => {
  for (let number = 0; number < 5; number++) await order(`${number}`, { visitorId: VISITOR });
  let people = 0;
  const cost = async (times: number) => {
    const before = world.billed.roundTrips;
    const commands = Array.from({ length: times }, () => ['identify', { id: `c-${people++}` }]);
    await world.events({ visitorId: VISITOR, commands });
    return world.billed.roundTrips - before;
  };
  await cost(1);
  const once = await cost(1);
  // A command alone reads and writes.
  expect(await cost(20)).toBe(once + 19 * 2);
});

test('a cut between what arrives and the match loses nothing that a later arrival cannot mend', async () => {
  const { store } = world.deps;
  const { openOrders, conversion } = store;
  const cut = () => Promise.reject(new Error('cut short'));
  await order('1', { visitorId: VISITOR });
  store.openOrders = cut;
  world.at(START + MINUTE_MS);
  const told = { partner: 'anna', visitorId: VISITOR, occurredAt: START };
  expect((await world.call('POST', '/v1/clicks', told)).status).toBe(500);
  store.openOrders = openOrders;
  expect(await stands('1')).toMatchObject({ reason: 'no_touch' });
  // Any word of that browser will do; here the order's customer, who was never in doubt.
  await world.call('POST', '/v1/identities', { visitorId: VISITOR, customer: { id: 'c-1' } });
  expect(await stands('1')).toMatchObject(matched);

  // The same after an order: it stands, told again it is a duplicate, and the next word of its customer mends the other.
  const customer = { id: 'c-2', email: 'c2@x.example' };
  const phone = { visitorId: 'a-phone-of-somebody', customer: { email: customer.email } };
  await click(START - DAY_MS, { visitorId: phone.visitorId });
  await world.call('POST', '/v1/identities', phone);
  await order('2', { customer: { id: customer.id } });
  store.conversion = cut;
  expect((await world.order({ orderId: '3', currency: 'EUR', amount: 1000, customer })).status).toBe(500);
  store.conversion = conversion;
  expect(await stands('2')).toMatchObject({ reason: 'no_touch' });
  expect(await order('3', { customer })).toMatchObject({ duplicate: true, reason: 'last' });
  await world.call('POST', '/v1/identities', phone);
  expect(await stands('2')).toMatchObject(matched);
  expect(await postings()).toBe(3);
});
