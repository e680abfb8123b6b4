/**
 * Goal: each policy of a discount code, on the order and on its lines, and nothing of a code to whom it does not belong.
 * Method: codes made and orders told over HTTP, answers read as the program and as each partner.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import type { ConversionAnswer, EventsAnswer } from '../../edge/contract.ts';
import { DAY_MS } from '../../edge/core/attribution.ts';
import { ANNA, BOB, createWorld, OTHER_SECRET, PROGRAM, SHOP, START, type World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

type Fields = Record<string, unknown>;

async function code(fields: Fields, key?: string): Promise<void> {
  expect(await world.call('POST', '/v1/codes', fields, key)).toMatchObject({ status: 201 });
}

async function order(orderId: string, more: Fields = {}): Promise<ConversionAnswer> {
  world.at(world.now() + 60_000);
  return (await world.order({ orderId, currency: 'EUR', amount: 1000, ...more })).json<ConversionAnswer>();
}

const anna = (policy?: string, more: Fields = {}) => code({ partner: 'anna', code: 'ANNA10', policy, ...more });
const earnedBy = (...partners: string[]) => ({ allocations: partners.map((partner) => ({ partner })) });

describe('an order’s code', () => {
  test('always: its owner earns, without a click and against another partner’s, which keeps an assist of zero', async () => {
    await anna();
    expect(await order('1', { codes: ['ANNA10'] })).toMatchObject({ ...earnedBy('anna'), reason: 'code_owner_wins' });
    const clickId = await world.click('bob');
    expect(await order('2', { codes: ['ANNA10'], clickId })).toMatchObject({
      reason: 'code_owner_wins',
      ...earnedBy('anna'),
      explain: { step: 'code', candidates: [{ partner: 'bob', kept: false, why: 'code_owner_wins' }] },
    });
    // The click under it is counted like any other.
    expect(await world.rows('SELECT class, reason FROM clicks')).toEqual([{ class: 'valid', reason: null }]);
    world.look({ personId: '' as never, programId: PROGRAM, partnerId: BOB });
    const seen = await (await world.fetch('/v1/conversions/order:2')).json<{ reason: string }>();
    expect(seen).toMatchObject({ reason: 'code_owner_wins', base: 0, allocations: [] });
  });

  test('always beats a lock; if_involved without its owner’s click does not, and neither binds anybody', async () => {
    await world.call('PATCH', '/v1/program', { model: 'customer_lock' });
    await code({ partner: 'bob', code: 'FREE', policy: 'always' });
    await code({ partner: 'bob', code: 'SOFT', policy: 'if_involved' });
    const customer = { id: 'c-1' };
    await order('0', { customer, codes: ['FREE'] });
    expect(await world.rows('SELECT * FROM customer_locks')).toEqual([]);
    await order('1', { customer, clickId: await world.click('anna') });
    expect(await order('2', { customer, codes: ['FREE'] })).toMatchObject(earnedBy('bob'));
    expect(await order('3', { customer, codes: ['SOFT'] })).toMatchObject({
      ...earnedBy('anna'),
      reason: 'customer_lock',
    });
    expect(await order('4', { customer, codes: ['SOFT'], clickId: await world.click('bob') })).toMatchObject({
      ...earnedBy('bob'),
      reason: 'code_owner_wins',
    });
    expect(await world.rows('SELECT partner_id FROM customer_locks')).toEqual([{ partner_id: ANNA }]);
  });

  test('if_involved: only with an eligible touch of its owner, else the next code, else the pool', async () => {
    await anna('if_involved');
    await code({ partner: 'bob', code: 'BOB5' });
    const bob = await world.click('bob');
    expect(await order('1', { codes: ['ANNA10'], clickId: bob })).toMatchObject({ ...earnedBy('bob'), reason: 'last' });
    expect(await order('2', { codes: ['ANNA10', 'BOB5'] })).toMatchObject({
      ...earnedBy('bob'),
      reason: 'code_owner_wins',
    });
    const old = await world.click('anna');
    world.at(START + 40 * DAY_MS);
    const { visitorId } = await (
      await world.events({ url: `${SHOP}/?tcid=${await world.click('anna')}` })
    ).json<EventsAnswer>();
    world.at(world.now() + 1000);
    const involved = { codes: ['ANNA10'], visitorId, clickId: await world.click('bob') };
    expect(await order('3', involved)).toMatchObject({ ...earnedBy('anna'), reason: 'code_owner_wins' });
    // A touch outside its window involves nobody.
    expect(await order('4', { codes: ['ANNA10'], clickId: old })).toMatchObject({ reason: 'outside_window' });
  });

  test('if_winner: decides nothing; terms by code hold where the model credits its owner', async () => {
    await anna('if_winner');
    await world.call('POST', '/v1/terms', {
      rules: [{ when: { code: 'anna10' }, ratePpm: 300_000 }, { ratePpm: 100_000 }],
    });
    expect(await order('1', { codes: ['ANNA10'] })).toMatchObject({ reason: 'no_touch', allocations: [] });
    const [annas, bobs] = [await world.click('anna'), await world.click('bob')];
    expect(await order('2', { codes: ['ANNA10'], clickId: annas })).toMatchObject({
      reason: 'last',
      allocations: [{ partner: 'anna', commission: 300 }],
    });
    expect(await order('3', { codes: ['ANNA10'], clickId: bobs })).toMatchObject({
      allocations: [{ partner: 'bob', commission: 100 }],
    });
    expect(await order('4', { clickId: annas })).toMatchObject({ allocations: [{ commission: 100 }] });
  });

  test('none: nobody earns, whatever else stands beside it', async () => {
    await anna();
    await code({ code: 'STAFF', policy: 'none' });
    const clickId = await world.click('bob');
    expect(await order('1', { codes: ['ANNA10', 'STAFF'], clickId })).toMatchObject({
      reason: 'code_suppressed',
      allocations: [],
      explain: { step: 'code', candidates: [{ partner: 'bob', why: 'code_suppressed' }] },
    });
    expect(await order('2', { codes: ['STAFF'], partner: 'bob' })).toMatchObject({ reason: 'forced' });
  });

  test('two partners’ codes: the first in the order’s list, marked for review', async () => {
    await anna();
    await code({ partner: 'bob', code: 'BOB5' });
    const notes = { explain: { notes: ['codes_of_two_partners'] } };
    expect(await order('1', { codes: ['ANNA10', 'BOB5'] })).toMatchObject({ ...earnedBy('anna'), ...notes });
    expect(await order('2', { codes: ['BOB5', 'ANNA10'] })).toMatchObject({ ...earnedBy('bob'), ...notes });
  });

  test('unknown, expired, not begun: the pool decides, with a note', async () => {
    await anna(undefined, { startsAt: START + DAY_MS, endsAt: START + 2 * DAY_MS });
    const clickId = await world.click('bob');
    const note = (text: string) => ({ ...earnedBy('bob'), reason: 'last', explain: { notes: [text] } });
    expect(await order('1', { codes: ['NOBODYS'], clickId })).toMatchObject(note('code_unknown: NOBODYS'));
    expect(await order('2', { codes: ['anna10'], clickId })).toMatchObject(note('code_inactive: ANNA10'));
    expect(await order('3', { codes: ['x'] })).toMatchObject({
      reason: 'no_touch',
      explain: { notes: ['code_unknown: X'] },
    });
    world.at(START + 3 * DAY_MS);
    const at = (occurredAt: number) => ({ codes: ['ANNA10'], clickId, occurredAt });
    expect(await order('4', at(START + DAY_MS))).toMatchObject(earnedBy('anna'));
    expect(await order('5', at(START + 2 * DAY_MS - 1))).toMatchObject(earnedBy('anna'));
    expect(await order('6', at(START + 2 * DAY_MS))).toMatchObject(note('code_inactive: ANNA10'));
  });

  test('of a paused or ended partner: inactive from then on, and again once it is back', async () => {
    await anna();
    for (const status of ['paused', 'ended']) {
      await world.call('PATCH', '/v1/partners/anna', { status });
      expect(await order(status, { codes: ['ANNA10'] })).toMatchObject({
        reason: 'no_touch',
        explain: { notes: ['code_inactive: ANNA10'] },
      });
    }
    expect(await order('before', { codes: ['ANNA10'], occurredAt: START - 1 })).toMatchObject(earnedBy('anna'));
    await world.call('PATCH', '/v1/partners/anna', { status: 'active' });
    expect(await order('back', { codes: ['ANNA10'] })).toMatchObject(earnedBy('anna'));
  });

  test('is told apart by neither case, width nor space; a family by what it begins with, the longest first', async () => {
    await anna(undefined, { code: 'sommer-é' });
    await code({ partner: 'bob', code: ' summer* ' });
    await code({ partner: 'anna', code: 'SUMMER2*' });
    await code({ partner: 'bob', code: 'SUMMER26' });
    expect(await order('1', { codes: [' ＳＯＭＭＥＲ-é  '] })).toMatchObject(earnedBy('anna'));
    expect(await order('2', { codes: ['SummerTime'] })).toMatchObject(earnedBy('bob'));
    expect(await order('3', { codes: ['summer2x'] })).toMatchObject(earnedBy('anna'));
    expect(await order('4', { codes: ['summer26'] })).toMatchObject(earnedBy('bob'));
    expect(await order('5', { codes: ['summer'] })).toMatchObject(earnedBy('bob'));
    expect(await order('6', { codes: ['summe'] })).toMatchObject({ reason: 'no_touch' });
    // One partner each, by whatever spelling.
    const again = await world.call('POST', '/v1/codes', { partner: 'bob', code: 'ＳＵＭＭＥＲ*' });
    expect(again).toMatchObject({ status: 409, body: { code: 'taken' } });
  });

  test('a family with its own terms', async () => {
    await code({ partner: 'anna', code: 'SUMMER*' });
    await world.call('POST', '/v1/terms', { rules: [{ when: { code: 'SUMMER*' }, fixed: { EUR: 77 } }] });
    expect(await order('1', { codes: ['summer-7'] })).toMatchObject({ allocations: [{ commission: 77 }] });
  });

  test('that grows a hundredfold when it is normalized is nobody’s, and the order stands', async () => {
    const codes = Array.from({ length: 20 }, (_, number) => `${number}${'\uFDFA'.repeat(60)}`);
    const clickId = await world.click('bob');
    expect((await world.order({ orderId: '1', currency: 'EUR', amount: 1000, codes, clickId })).status).toBe(201);
    const conversion = ['conversion', { orderId: '2', currency: 'EUR', amount: 1000, codes }];
    const response = await world.events({ commands: [['click', {}], conversion] });
    expect(response.status).toBe(200);
    expect((await response.json<EventsAnswer>()).results).toMatchObject([{ accepted: true }, { reason: 'no_touch' }]);
    const long = await world.call('POST', '/v1/codes', { partner: 'anna', code: codes[0] });
    expect(long).toMatchObject({ status: 422, body: { errors: [{ pointer: '/code' }] } });
  });

  test('twenty codes of sixty-four letters on each of a hundred orders', async () => {
    await anna();
    const long = (row: number, number: number) => `${row}-${number}-`.padEnd(64, 'x');
    const rows = Array.from({ length: 100 }, (_, row) => ({
      ...{ orderId: `${row}`, currency: 'EUR', amount: 100 },
      codes: [...Array.from({ length: 19 }, (_, number) => long(row, number)), 'anna10'],
    }));
    const told = await world.call<{ results: ConversionAnswer[] }>('POST', '/v1/conversions', rows);
    expect(told.status).toBe(200);
    expect(told.body.results.filter((one) => one.allocations[0]?.partner === 'anna')).toHaveLength(100);
  });
});

describe('a line’s code', () => {
  const line = (price: number, own?: string) => ({ quantity: 1, price, ...(own && { code: own }) });
  const lines = async (orderId: string, items: Fields[], more: Fields = {}) =>
    order(orderId, { amount: undefined, items, ...more });

  test('decides its line; the others are the order’s', async () => {
    await anna();
    const clickId = await world.click('bob');
    expect(await lines('1', [line(600, 'anna10'), line(400)], { clickId })).toMatchObject({
      reason: 'last',
      allocations: [
        { partner: 'anna', shareMicros: 600_000, commission: 60 },
        { partner: 'bob', shareMicros: 400_000, commission: 40 },
      ],
    });
    expect(await lines('2', [line(600, 'ANNA10'), line(400)])).toMatchObject({
      reason: 'code_owner_wins',
      allocations: [{ partner: 'anna', shareMicros: 600_000, commission: 60 }],
    });
  });

  test('none suppresses its line only; an order-level none all of them', async () => {
    await anna();
    await code({ code: 'STAFF', policy: 'none' });
    const clickId = await world.click('bob');
    expect(await lines('1', [line(600, 'staff'), line(400)], { clickId })).toMatchObject({
      reason: 'last',
      allocations: [{ partner: 'bob', shareMicros: 400_000, commission: 40 }],
    });
    expect(await lines('2', [line(600, 'staff')], { clickId })).toMatchObject({
      reason: 'code_suppressed',
      allocations: [],
    });
    expect(await lines('3', [line(600, 'anna10'), line(400)], { clickId, codes: ['STAFF'] })).toMatchObject({
      reason: 'code_suppressed',
      allocations: [],
    });
  });

  test('of one partner, the order’s of another: each its own, marked for review', async () => {
    await anna();
    await code({ partner: 'bob', code: 'BOB5' });
    expect(await lines('1', [line(600, 'anna10'), line(400)], { codes: ['bob5'] })).toMatchObject({
      reason: 'code_owner_wins',
      allocations: [
        { partner: 'anna', commission: 60 },
        { partner: 'bob', commission: 40 },
      ],
      explain: { notes: ['codes_of_two_partners'] },
    });
  });

  test('if_winner on a line: terms by code for that line alone', async () => {
    await anna('if_winner');
    await world.call('POST', '/v1/terms', {
      rules: [{ when: { code: 'ANNA10' }, ratePpm: 300_000 }, { ratePpm: 100_000 }],
    });
    expect(await lines('1', [line(600, 'anna10'), line(400)], { clickId: await world.click('anna') })).toMatchObject({
      allocations: [{ partner: 'anna', shareMicros: 1_000_000, commission: 220 }],
      explain: {
        lines: [
          { rule: 0, commission: 180 },
          { rule: 1, commission: 40 },
        ],
      },
    });
  });
});

test('a click told by a discount code, a member of a family too, is its owner’s', async () => {
  await anna();
  await code({ partner: 'bob', code: 'SUMMER*' });
  await code({ code: 'STAFF', policy: 'none' });
  const told = async (discountCode: string) => world.call<{ clickId: string }>('POST', '/v1/clicks', { discountCode });
  for (const [spelled, partner] of [
    [' anna10', 'anna'],
    ['summer9', 'bob'],
  ] as const) {
    const { status, body } = await told(spelled);
    expect(status).toBe(201);
    expect(await order(spelled, { clickId: body.clickId })).toMatchObject(earnedBy(partner));
  }
  for (const nobodys of ['staff', 'nowhere']) {
    expect(await told(nobodys)).toMatchObject({ status: 422, body: { errors: [{ pointer: '/discountCode' }] } });
  }
});

test('another program’s codes decide nothing here', async () => {
  await code({ partner: 'anna', code: 'ANNA10' }, OTHER_SECRET);
  await code({ code: 'STAFF', policy: 'none' }, OTHER_SECRET);
  const clickId = await world.click('bob');
  expect(await order('1', { codes: ['ANNA10', 'STAFF'], clickId })).toMatchObject({
    ...earnedBy('bob'),
    explain: { notes: ['code_unknown: ANNA10', 'code_unknown: STAFF'] },
  });
  // The same code may be both programs'.
  await code({ partner: 'bob', code: 'ANNA10' });
  expect(await order('2', { codes: ['ANNA10'] })).toMatchObject(earnedBy('bob'));
  const listed = await world.call<{ data: Fields[] }>('GET', '/v1/codes', undefined, OTHER_SECRET);
  expect(listed.body.data).toMatchObject([
    { code: 'ANNA10', partner: 'anna' },
    { code: 'STAFF', partner: null },
  ]);
});

test('a partner sees of another’s code neither its letters, nor its owner, nor how many there are', async () => {
  await code({ partner: 'bob', code: 'SECRETBOB' });
  await code({ partner: 'bob', code: 'SECRETTWO' });
  await anna('if_involved');
  const clickId = await world.click('anna');
  await order('1', { codes: ['SECRETBOB', 'SECRETTWO', 'ANNA10', 'UNKNOWNCODE'], clickId });
  const items = [
    { sku: 'tent', quantity: 1, price: 600, code: 'SECRETBOB' },
    { sku: 'mug', quantity: 1, price: 400 },
  ];
  await order('2', { amount: undefined, items, clickId });
  world.look({ personId: '' as never, programId: PROGRAM, partnerId: ANNA });
  const answers: string[] = [];
  for (const path of [
    '/v1/conversions',
    '/v1/conversions/order:1',
    '/v1/conversions/order:2',
    '/v1/reports/summary',
    '/v1/links',
    '/v1/balances',
    '/v1/codes',
  ]) {
    answers.push(await (await world.fetch(path)).text());
  }
  const all = answers.join('\n');
  expect(all).not.toMatch(/SECRETBOB|SECRETTWO|UNKNOWNCODE|codes_of|bob/i);
  expect(all).not.toContain(BOB);
  expect(JSON.parse(answers[1] ?? '')).toMatchObject({ reason: 'code_owner_wins', allocations: [], base: 0 });
  expect(JSON.parse(answers[2] ?? '')).toMatchObject({ base: 400, allocations: [{ commission: 40 }] });
  expect((await world.fetch('/v1/codes')).status).toBe(401);
});
