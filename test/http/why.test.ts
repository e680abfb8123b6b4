/**
 * Goal: an order's page can say why, and a partner learns of its own part alone; codes and groups likewise.
 * Method: the doors on real D1, looked at by the program, by Anna and by Bob.
 */
import { beforeEach, expect, test } from 'vitest';
import type { CodeAnswer, ConversionAnswer, ExplainAnswer } from '../../edge/contract.ts';
import { ANNA, BOB, createWorld, OTHER_SECRET, PROGRAM, SECRET, type World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

const call = (method: string, path: string, body?: unknown, key = SECRET) =>
  world.fetch(path, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const made = async (path: string, body: unknown) => expect((await call('POST', path, body)).status).toBe(201);
const asPartner = (partnerId = ANNA) => world.look({ personId: 'x' as never, programId: PROGRAM, partnerId });
const asProgram = () => world.look({ personId: 'x' as never, programId: PROGRAM, partnerId: null });
const read = async <Body>(path: string): Promise<Body> => (await world.fetch(path)).json<Body>();
const codesOf = async (query = '') =>
  (await read<{ data: CodeAnswer[]; nextCursor: string | null }>(`/v1/codes${query}`)).data.map((one) => one.code);
const explained = async (orderId: string) =>
  (await read<{ explain: ExplainAnswer }>(`/v1/conversions/order:${orderId}`)).explain;

test('a partner lists its own codes and never another’s, however it asks', async () => {
  for (const code of ['ANNA10', 'ANNA*']) await made('/v1/codes', { partner: 'anna', code });
  for (const code of ['AAA', 'BOB5', 'ZZZ']) await made('/v1/codes', { partner: 'bob', code });
  await made('/v1/codes', { code: 'LETTER', policy: 'none' });

  asPartner();
  expect(await codesOf()).toEqual(['ANNA*', 'ANNA10']);
  expect(await codesOf('?cursor=ANNA*')).toEqual(['ANNA10']);
  expect(await codesOf('?cursor=ANNA10&limit=100')).toEqual([]);
  const page = await read<{ data: unknown[]; nextCursor: string | null }>('/v1/codes?limit=2');
  expect(page.nextCursor).toBeNull();
  expect(JSON.stringify(page)).not.toMatch(/bob|LETTER|ZZZ|AAA/i);
  asPartner(BOB);
  expect(await codesOf()).toEqual(['AAA', 'BOB5', 'ZZZ']);
  asProgram();
  expect(await codesOf()).toEqual(['AAA', 'ANNA*', 'ANNA10', 'BOB5', 'LETTER', 'ZZZ']);
  world.look(null);
  expect((await world.fetch('/v1/codes')).status).toBe(401);
  const other = await call('GET', '/v1/codes', undefined, OTHER_SECRET);
  expect(await other.json()).toEqual({ data: [], nextCursor: null });
});

test('groups are the program’s; to a partner they do not exist, and it changes nothing', async () => {
  await made('/v1/groups', { slug: 'gold', name: 'Gold', windowDays: 60 });
  asProgram();
  expect(await read('/v1/groups')).toMatchObject({ data: [{ slug: 'gold', windowDays: 60, model: null }] });
  asPartner();
  expect((await world.fetch('/v1/groups')).status).toBe(404);
  for (const path of ['/v1/groups', '/v1/codes']) {
    const posted = await world.fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ slug: 'x', name: 'x', code: 'X', partner: 'bob' }),
    });
    expect(posted.status).toBe(404);
  }
});

test('links are listed with what they say for themselves now', async () => {
  await made('/v1/links', { partner: 'anna', code: 'week', url: 'https://shop.example/', windowDays: 7 });
  await call('PATCH', '/v1/links/week', { startsAt: world.now() + 1000, windowDays: 9 });
  asProgram();
  const links = await read<{ data: { code: string; windowDays: number | null }[] }>('/v1/links');
  expect(links.data.map((one) => [one.code, one.windowDays])).toEqual([
    ['anna', null],
    ['bob', null],
    ['week', 7],
  ]);
  world.at(world.now() + 1000);
  expect(JSON.stringify(await read('/v1/links'))).toContain('"windowDays":9');
});

test('a code’s owner is paid, the clicked partner keeps an assist, and neither learns of the other', async () => {
  await made('/v1/codes', { partner: 'anna', code: 'ANNA10' });
  const order = { orderId: '1', currency: 'EUR', amount: 1000, codes: ['anna10', 'nope'] };
  const answer = await (await world.order({ ...order, clickId: await world.click('bob') })).json<ConversionAnswer>();
  expect(answer.allocations.map((one) => [one.partner, one.commission, one.reason])).toEqual([
    ['anna', 100, 'code_owner_wins'],
    ['bob', 0, 'code_owner_wins'],
  ]);
  expect(answer.explain?.codes).toEqual([
    { code: 'ANNA10', line: null, partner: 'anna', name: 'Anna' },
    { code: 'NOPE', line: null, partner: null, name: null },
  ]);

  asPartner();
  const annas = await world.fetch('/v1/conversions/order:1').then((one) => one.text());
  expect(JSON.parse(annas)).toMatchObject({
    reason: 'code_owner_wins',
    allocations: [{ partner: 'anna' }],
    explain: {
      codes: [{ code: 'ANNA10', partner: 'anna' }],
      candidates: [{ partner: 'another partner', proven: null }],
    },
  });
  expect(annas).not.toMatch(/bob|NOPE/i);
  asPartner(BOB);
  const bobs = await world.fetch('/v1/conversions/order:1').then((one) => one.text());
  expect(JSON.parse(bobs)).toMatchObject({
    reason: 'code_owner_wins',
    base: 0,
    allocations: [{ partner: 'bob', commission: 0, shareMicros: 0 }],
    explain: { codes: [], lines: [], customerType: null, override: null, notes: [], suppressed: [] },
  });
  expect(bobs).not.toMatch(/anna|NOPE/i);
});

test('lines say which rule paid them, its cap, and which of them a code keeps from everybody', async () => {
  await made('/v1/codes', { code: 'GIFT', policy: 'none' });
  await made('/v1/terms', {
    rules: [{ when: { category: 'tents' }, ratePpm: 200_000, cap: { EUR: 500, USD: 600 } }, { ratePpm: 50_000 }],
  });
  const item = { quantity: 1, price: 10_000 };
  await world.order({
    ...{ orderId: '1', currency: 'EUR', clickId: await world.click('anna') },
    items: [
      { ...item, name: 'Tent', category: 'tents' },
      { ...item, name: 'Mug' },
      { ...item, name: 'Card', code: 'gift' },
    ],
  });
  asProgram();
  const { lines, suppressed, codes } = await explained('1');
  expect(
    lines.map(({ item, rule, ratePpm, when, cap, commission }) => [item, rule, ratePpm, when, cap, commission]),
  ).toEqual([
    ['Tent', 0, 200_000, { category: 'tents' }, 500, 500],
    ['Mug', 1, 50_000, null, null, 500],
  ]);
  expect(suppressed).toEqual([{ line: 2, item: 'Card', base: 10_000 }]);
  expect(codes).toEqual([{ code: 'GIFT', line: 2, partner: null, name: null }]);
  asPartner();
  expect(await explained('1')).toMatchObject({ lines: [{ item: 'Tent' }, { item: 'Mug' }], suppressed: [], codes: [] });
});

test('a click on another device is proven by a server’s word, and unverified without it', async () => {
  const phone = 'phone-phone-phone-phone';
  await call('POST', '/v1/clicks', { partner: 'anna', visitorId: phone });
  const emailSha256 = 'ab'.repeat(32);
  await world.events({ visitorId: phone, commands: [['identify', { emailSha256 }]] });
  world.at(world.now() + 60_000);
  const order = {
    orderId: '1',
    currency: 'EUR',
    amount: 1000,
    visitorId: 'desk-desk-desk-desk-de',
    customer: { emailSha256 },
  };
  expect(await (await world.order(order)).json()).toMatchObject({
    verified: false,
    allocations: [{ partner: 'anna' }],
    explain: { unverified: 'joined_by_browser', candidates: [{ label: 'joined', proven: false, why: 'won' }] },
  });
  await call('POST', '/v1/identities', { visitorId: phone, customer: { emailSha256 } });
  await world.order({ ...order, orderId: '2' });
  asPartner();
  expect(await explained('2')).toMatchObject({
    unverified: null,
    candidates: [{ label: 'joined', proven: true }],
  });
  // So is now what rested on the browser's word.
  expect(await explained('1')).toMatchObject({ unverified: null, candidates: [{ label: 'joined', proven: true }] });

  await world.events({ commands: [['conversion', { orderId: '3', currency: 'EUR', amount: 5 }]] });
  asProgram();
  expect((await explained('3')).unverified).toBe('told_by_browser');
});

test('a renewal names its first order to who earned it', async () => {
  const clickId = await world.click('anna');
  const first = await (
    await world.order({ orderId: '1', currency: 'EUR', amount: 1000, clickId })
  ).json<ConversionAnswer>();
  await world.order({ orderId: '2', currency: 'EUR', amount: 1000, renewalOf: '1', clickId: await world.click('bob') });
  asPartner();
  expect(await explained('2')).toMatchObject({ step: 'renewal', renewalOf: first.id });
  asPartner(BOB);
  expect((await explained('2')).renewalOf).toBeNull();
});
