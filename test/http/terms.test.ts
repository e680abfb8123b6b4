/**
 * Goal: what an order earns by rule, by group and by date, and by whose settings it is judged. Method: terms, groups,
 * links and orders over HTTP, each told at its own time.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import type { ConversionAnswer } from '../../edge/contract.ts';
import { DAY_MS } from '../../edge/core/attribution.ts';
import { createWorld, OTHER_SECRET, SHOP, START, type World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

type Fields = Record<string, unknown>;

async function saved(path: string, body: Fields, method = 'POST'): Promise<void> {
  const { status, body: answer } = await world.call(method, path, body);
  expect([status, answer]).toEqual([method === 'POST' ? 201 : 200, answer]);
}
const terms = (...rules: Fields[]) => saved('/v1/terms', { rules });

async function order(orderId: string, more: Fields = {}): Promise<ConversionAnswer> {
  world.at(world.now() + 60_000);
  const amount = more.items ? undefined : 1000;
  return (await world.order({ orderId, currency: 'EUR', amount, ...more })).json<ConversionAnswer>();
}
const commissions = ({ allocations }: ConversionAnswer) => allocations.map((one) => one.commission);

describe('rules', () => {
  test('by sku, category and event: the first that matches a line pays it; none pays nothing', async () => {
    await terms(
      { when: { sku: 'tent' }, ratePpm: 500_000 },
      { when: { category: 'cups' }, ratePpm: 200_000 },
      { when: { event: 'lead' }, fixed: { EUR: 300 } },
      { when: { event: 'trial' }, ratePpm: 10_000 },
    );
    const clickId = await world.click();
    const items = [
      { sku: 'tent', category: 'cups', quantity: 1, price: 100 },
      { sku: 'mug', category: 'cups', quantity: 2, price: 100 },
      { sku: 'rope', quantity: 1, price: 700 },
      { quantity: 1, price: 10 },
    ];
    expect(await order('1', { clickId, items })).toMatchObject({
      allocations: [{ commission: 90 }],
      explain: {
        lines: [
          { rule: 0, ratePpm: 500_000, commission: 50 },
          { rule: 1, ratePpm: 200_000, commission: 40 },
          { rule: null, ratePpm: null, commission: 0 },
          { rule: null, commission: 0 },
        ],
      },
    });
    expect(commissions(await order('2', { clickId, event: 'lead', amount: 0 }))).toEqual([300]);
    expect(commissions(await order('3', { clickId, event: 'trial' }))).toEqual([10]);
    expect(commissions(await order('4', { clickId }))).toEqual([0]);
  });

  test('a minimum is of the whole order; a cap and a fixed amount are of the order under their rule', async () => {
    await terms(
      { when: { minimum: { EUR: 1000 }, sku: 'tent' }, ratePpm: 500_000, cap: { EUR: 120 } },
      { when: { minimum: { EUR: 1000 } }, fixed: { EUR: 7 } },
      { ratePpm: 100_000 },
    );
    const clickId = await world.click();
    const tent = (price: number) => ({ sku: 'tent', quantity: 1, price });
    const rope = (price: number) => ({ sku: 'rope', quantity: 1, price });
    expect(commissions(await order('1', { clickId, items: [tent(999)] }))).toEqual([100]);
    expect(commissions(await order('2', { clickId, items: [tent(200), rope(800)] }))).toEqual([107]);
    expect(commissions(await order('3', { clickId, items: [tent(200), tent(800)] }))).toEqual([120]);
    expect(commissions(await order('4', { clickId, items: [rope(500), rope(501)] }))).toEqual([7]);
  });

  test('fixed and capped amounts shared by two partners lose no unit and gain none', async () => {
    await saved('/v1/program', { model: 'linear' }, 'PATCH');
    const { visitorId } = await (await world.events({ url: `${SHOP}/?tcid=${await world.click('anna')}` })).json<{
      visitorId: string;
    }>();
    await world.events({ visitorId, url: `${SHOP}/?tcid=${await world.click('bob')}` });
    await terms({ fixed: { EUR: 101 } });
    expect(commissions(await order('1', { visitorId })).sort()).toEqual([50, 51]);
    world.at(world.now() + 1000);
    await terms({ ratePpm: 900_000, cap: { EUR: 333 } });
    expect(commissions(await order('2', { visitorId })).reduce((sum, one) => sum + one)).toBe(333);
  });

  test('no rule knows the currency: zero, with its reason to the program', async () => {
    await terms({ fixed: { USD: 500 } }, { when: { minimum: { USD: 1 } }, ratePpm: 100_000 });
    expect(await order('1', { clickId: await world.click() })).toMatchObject({
      reason: 'last',
      allocations: [{ partner: 'anna', commission: 0, shareMicros: 1_000_000 }],
    });
    expect(await world.rows('SELECT reason, amount FROM commissions')).toEqual([
      { reason: 'no_terms_for_currency', amount: 0 },
    ]);
    const usd = { clickId: await world.click(), currency: 'USD' };
    expect(await order('2', usd)).toMatchObject({ allocations: [{ commission: 500, currency: 'USD' }] });
  });
});

describe('renewals', () => {
  const month = (number: number, day = 31) => Date.UTC(2027, number, day, 12);
  const renewal = async (orderId: string, at: number, renewalOf: string) => {
    world.at(at);
    return (
      await world.order({ orderId, currency: 'EUR', amount: 1000, renewalOf, clickId: await world.click('bob') })
    ).json<ConversionAnswer>();
  };

  test('are the first order’s, at its terms, until its months are over, whatever was clicked or saved since', async () => {
    world.at(month(0));
    await terms({ ratePpm: 200_000, months: 2 });
    await order('first', { clickId: await world.click('anna'), occurredAt: month(0) });
    await terms({ ratePpm: 10_000 });
    await saved('/v1/partners/anna', { status: 'ended' }, 'PATCH');
    const earned = { reason: 'renewal', allocations: [{ partner: 'anna', commission: 200 }] };
    // A month after the 31st of January is the 28th of February; of renewals, too, the very first order counts.
    expect(await renewal('second', month(1, 28), 'first')).toMatchObject(earned);
    expect(await renewal('third', month(2, 31) - 1, 'second')).toMatchObject(earned);
    expect(await renewal('fourth', month(2, 31), 'third')).toMatchObject({
      reason: 'renewal',
      allocations: [{ partner: 'anna', commission: 0 }],
    });
  });

  test('a partner ended for cause has none; a first order without credit passes none on', async () => {
    await order('first', { clickId: await world.click('anna') });
    await order('free');
    expect(await renewal('1', world.now() + DAY_MS, 'free')).toMatchObject({ reason: 'renewal', allocations: [] });
    await saved('/v1/partners/anna', { status: 'ended', forCause: true }, 'PATCH');
    expect(await renewal('2', world.now() + DAY_MS, 'first')).toMatchObject({
      reason: 'enrollment_inactive',
      allocations: [],
    });
  });

  test('are no assist’s: who earned nothing of the first order has no part of them', async () => {
    await saved('/v1/codes', { partner: 'anna', code: 'ANNA10' });
    await order('first', { codes: ['ANNA10'], clickId: await world.click('bob') });
    const again = await renewal('second', world.now() + DAY_MS, 'first');
    expect(again).toMatchObject({ reason: 'renewal', allocations: [{ partner: 'anna', commission: 100 }] });
    expect(again.allocations).toHaveLength(1);
  });

  test('of an order never told: 422; of another program’s too; by conversion id as well', async () => {
    const first = await order('first', { clickId: await world.click('anna') });
    const told = { orderId: '2', currency: 'EUR', amount: 1000 };
    for (const renewalOf of ['never', '2']) {
      expect(await world.call('POST', '/v1/conversions', { ...told, renewalOf })).toMatchObject({
        status: 422,
        body: { errors: [{ pointer: '/renewalOf' }] },
      });
    }
    for (const renewalOf of ['first', first.id]) {
      const elsewhere = await world.call('POST', '/v1/conversions', { ...told, renewalOf }, OTHER_SECRET);
      expect(elsewhere.status).toBe(422);
    }
    expect(await order('2', { renewalOf: first.id })).toMatchObject({ allocations: [{ partner: 'anna' }] });
  });

  test('what renews an order that only a page told of is no surer than that order', async () => {
    const clickId = await world.click('anna');
    await world.events({ commands: [['conversion', { orderId: 'page', currency: 'EUR', amount: 1000, clickId }]] });
    const unsure = await order('1', { renewalOf: 'page' });
    expect(unsure).toMatchObject({
      ...{ verified: false, reason: 'renewal', allocations: [{ partner: 'anna' }] },
      explain: { unverified: 'renews_unverified' },
    });
    // The shop's server vouches for the first one: what renews it from then on is verified.
    await world.order({ orderId: 'page', currency: 'EUR', amount: 1000, clickId });
    expect(await order('2', { renewalOf: 'page' })).toMatchObject({ verified: true, reason: 'renewal' });
  });

  test('a lead and a sale of one order id: a sale renews the sale, alone or in a list', async () => {
    await order('x', { event: 'lead', amount: 0, clickId: await world.click('bob') });
    await order('x', { clickId: await world.click('anna') });
    expect(await order('1', { renewalOf: 'x' })).toMatchObject({ allocations: [{ partner: 'anna' }] });
    const rows = [
      { orderId: 'y', event: 'lead', currency: 'EUR', amount: 0 },
      { orderId: '2', currency: 'EUR', amount: 1000, renewalOf: 'x' },
    ];
    const { body } = await world.call<{ results: ConversionAnswer[] }>('POST', '/v1/conversions', rows);
    expect(body.results[1]).toMatchObject({ reason: 'renewal', allocations: [{ partner: 'anna' }] });
  });
});

describe('new or returning', () => {
  beforeEach(() =>
    terms({ when: { customer: 'new' }, ratePpm: 200_000 }, { when: { customer: 'returning' }, ratePpm: 50_000 }),
  );
  const customer = { id: 'c-1' };

  test('the merchant’s word, else the first order here; unknown is neither', async () => {
    const clickId = await world.click();
    expect(commissions(await order('0', { clickId }))).toEqual([0]);
    expect(commissions(await order('lead', { clickId, customer, event: 'lead' }))).toEqual([200]);
    expect(commissions(await order('1', { clickId, customer }))).toEqual([200]);
    expect(commissions(await order('2', { clickId, customer }))).toEqual([50]);
    expect(commissions(await order('3', { clickId, customer: { ...customer, type: 'new' } }))).toEqual([200]);
    expect(commissions(await order('4', { clickId, customer: { id: 'c-2', type: 'returning' } }))).toEqual([50]);
    expect(commissions(await order('5', { clickId, customer: { type: 'new' } }))).toEqual([200]);
    // Somebody known by another name is no newer for it.
    expect(commissions(await order('6', { clickId, customer: { ...customer, email: 'c@x.example' } }))).toEqual([50]);
    expect(commissions(await order('7', { clickId, customer: { email: 'C@x.example' } }))).toEqual([50]);
  });

  test('of twenty first orders at once exactly one is new', async () => {
    const clickId = await world.click();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, number) =>
        world.order({ orderId: `${number}`, currency: 'EUR', amount: 1000, clickId, customer }),
      ),
    );
    const told = await Promise.all(answers.map((one) => one.json<ConversionAnswer>()));
    expect(told.flatMap(commissions).sort()).toEqual([200, ...Array(19).fill(50)].sort());
  });

  test('the same in one list, and under two names that an earlier row ties', async () => {
    const clickId = await world.click();
    const row = (orderId: string, of: Fields) => ({ orderId, currency: 'EUR', amount: 1000, clickId, customer: of });
    await order('tie', { customer: { ...customer, email: 'c@x.example', type: 'new' }, event: 'lead' });
    const rows = [row('1', customer), row('2', { email: 'c@x.example' }), row('3', { id: 'c-2' }), row('4', customer)];
    const { body } = await world.call<{ results: ConversionAnswer[] }>('POST', '/v1/conversions', rows);
    expect(body.results.flatMap(commissions)).toEqual([200, 50, 200, 50]);
  });

  test('what was said once stays: a late match does not make a first order returning', async () => {
    const { visitorId } = await (await world.events({})).json<{ visitorId: string }>();
    await order('1', { customer, visitorId });
    await order('2', { customer });
    const told = { partner: 'anna', visitorId, occurredAt: START };
    expect((await world.call('POST', '/v1/clicks', told)).status).toBe(201);
    const seen = await world.call<ConversionAnswer>('GET', '/v1/conversions/order:1');
    expect(seen.body).toMatchObject({ reason: 'late_match', allocations: [{ commission: 200 }] });
  });
});

describe('groups', () => {
  beforeEach(async () => {
    await saved('/v1/groups', { slug: 'gold', name: 'Gold' });
    await saved('/v1/groups', { slug: 'silver', name: 'Silver', windowDays: 5 });
  });

  test('terms of the group a partner is in when the order occurs; the program’s without one or before they begin', async () => {
    await saved('/v1/terms', { group: 'gold', rules: [{ ratePpm: 300_000 }] });
    await saved('/v1/terms', { group: 'silver', startsAt: START + 10 * DAY_MS, rules: [{ ratePpm: 200_000 }] });
    const clickId = await world.click();
    expect(commissions(await order('1', { clickId }))).toEqual([100]);
    const golden = world.now() + 60_000;
    world.at(golden);
    await saved('/v1/partners/anna', { group: 'gold' }, 'PATCH');
    expect(commissions(await order('2', { clickId }))).toEqual([300]);
    expect(commissions(await order('3', { clickId, occurredAt: golden - 1 }))).toEqual([100]);
    expect(commissions(await order('4', { clickId, occurredAt: golden }))).toEqual([300]);
    world.at(START + DAY_MS);
    await saved('/v1/partners/anna', { group: 'silver' }, 'PATCH');
    expect(commissions(await order('5', { clickId }))).toEqual([100]);
    world.at(START + 10 * DAY_MS);
    expect(commissions(await order('6', { clickId }))).toEqual([200]);
    await saved('/v1/partners/anna', { group: null }, 'PATCH');
    expect(commissions(await order('7', { clickId }))).toEqual([100]);
    expect(commissions(await order('8', { clickId: await world.click('bob') }))).toEqual([100]);
  });

  test('their window is the one in force at the click, by the group of then', async () => {
    const before = await world.click();
    world.at(START + 1000);
    await saved('/v1/partners/anna', { group: 'silver' }, 'PATCH');
    world.at(START + 2000);
    const inside = await world.click();
    world.at(START + 3000);
    await saved('/v1/partners/anna', { group: null }, 'PATCH');
    const window = START + 2000 + 5 * DAY_MS;
    world.at(window + DAY_MS);
    expect(await order('1', { clickId: inside, occurredAt: window })).toMatchObject({ reason: 'last' });
    expect(await order('2', { clickId: inside, occurredAt: window + 1 })).toMatchObject({ reason: 'outside_window' });
    expect(await order('3', { clickId: before, occurredAt: window + 1 })).toMatchObject({ reason: 'last' });
    // A version saved since changes nothing of the click; one that begins in the past is refused in a live program.
    await saved('/v1/groups/silver', { windowDays: 30 }, 'PATCH');
    expect(await order('4', { clickId: inside })).toMatchObject({ reason: 'outside_window' });
    const past = await world.call('PATCH', '/v1/groups/silver', { windowDays: 30, startsAt: START });
    expect(past).toMatchObject({ status: 422, body: { errors: [{ pointer: '/startsAt' }] } });
  });

  test('a link’s setting comes before its group’s, and that before the program’s; null falls through', async () => {
    await saved('/v1/partners/anna', { group: 'silver' }, 'PATCH');
    await saved('/v1/groups/silver', { model: 'first', guardSeconds: 3600, windowDays: 5 }, 'PATCH');
    const own = { partner: 'anna', url: SHOP, windowDays: 60, model: 'linear' };
    await saved('/v1/links', { ...own, code: 'anna-own' });
    world.at(START + 1000);
    const { visitorId } = await (await world.events({ url: `${SHOP}/?tcid=${await world.click('bob')}` })).json<{
      visitorId: string;
    }>();
    world.at(START + 2000);
    await world.events({ visitorId, url: `${SHOP}/?tcid=${await world.click('anna-own')}` });
    const both = { allocations: [{ partner: 'bob' }, { partner: 'anna' }], reason: 'linear' };
    expect((await order('1', { visitorId })).allocations).toHaveLength(2);
    expect(await order('2', { visitorId })).toMatchObject({ reason: both.reason });
    // The link gives its model up: the group's holds, and its guard drops what is minutes old, so Bob has it.
    await saved('/v1/links/anna-own', { model: null }, 'PATCH');
    world.at(START + 2 * 3_600_000);
    await world.events({ visitorId, url: `${SHOP}/?tcid=${await world.click('anna-own')}` });
    expect(await order('3', { visitorId })).toMatchObject({
      reason: 'first',
      allocations: [{ partner: 'bob' }],
      explain: { candidates: [{ why: 'in_cart_guard' }, { why: 'later' }, { partner: 'bob', why: 'won' }] },
    });
    world.at(START + 50 * DAY_MS);
    expect(await order('4', { visitorId })).toMatchObject({ allocations: [{ partner: 'anna' }] });
    // What was judged stands as it was.
    expect((await world.call<ConversionAnswer>('GET', '/v1/conversions/order:1')).body).toMatchObject({
      reason: 'linear',
    });
  });

  test('rejectSolo of a link: a lone touch in the cart earns nothing', async () => {
    const own = { partner: 'anna', code: 'coupon', url: SHOP, guardSeconds: 3600, rejectSolo: true };
    await saved('/v1/links', own);
    expect(await order('1', { clickId: await world.click('coupon') })).toMatchObject({ reason: 'in_cart_guard' });
    await saved('/v1/links/coupon', { rejectSolo: false }, 'PATCH');
    expect(await order('2', { clickId: await world.click('coupon') })).toMatchObject({ reason: 'last' });
  });

  test('are of one program: another’s cannot be named', async () => {
    expect((await world.call('PATCH', '/v1/groups/gold', { windowDays: 9 }, OTHER_SECRET)).status).toBe(404);
    expect((await world.call('PATCH', '/v1/links/anna', { windowDays: 9 }, OTHER_SECRET)).status).toBe(404);
    for (const [path, body] of [
      ['/v1/terms', { group: 'gold', rules: [{ ratePpm: 1 }] }],
      ['/v1/partners', { slug: 'zoe', name: 'Zoe', group: 'gold' }],
    ] as const) {
      expect(await world.call('POST', path, body, OTHER_SECRET)).toMatchObject({
        status: 422,
        body: { errors: [{ pointer: '/group' }] },
      });
    }
    const moved = await world.call('PATCH', '/v1/partners/anna', { group: 'gold' }, OTHER_SECRET);
    expect(moved.status).toBe(422);
  });
});
