/**
 * Goal: a click on one browser is credited by an order on another where the same person stands behind both, and by
 * nobody's mere say-so. Method: browsers that land and identify through the SDK's door, a server that tells the rest.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import type { ConversionAnswer, EventsAnswer } from '../../edge/contract.ts';
import { DAY_MS } from '../../edge/core/attribution.ts';
import { emailHash } from '../../edge/core/identity.ts';
import { ANNA, BOB, createWorld, OTHER_SECRET, PROGRAM, SHOP, START, type World } from '../support/world.ts';

const MINUTE_MS = 60_000;

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

type Fields = Record<string, unknown>;

/** A minute passes, so that nothing falls together by chance. */
const later = (ms = MINUTE_MS) => world.at(world.now() + ms);

async function page(body: Fields, headers?: Record<string, string>): Promise<EventsAnswer> {
  later();
  return (await world.events(body, headers)).json<EventsAnswer>();
}

/** A browser that comes by a partner's link. */
async function visit(code: string, visitorId?: string): Promise<string> {
  later();
  const landed = await page({ url: `${SHOP}/?tcid=${await world.click(code)}`, visitorId });
  return landed.visitorId ?? '';
}

/** A browser that comes by itself. */
const open = async (): Promise<string> => (await page({})).visitorId ?? '';

const identify = (visitorId: string, customer: Fields) => page({ visitorId, commands: [['identify', customer]] });

/** The server has seen this customer in this browser. */
async function prove(visitorId: string, customer: Fields, more: Fields = {}): Promise<void> {
  later();
  expect(await world.call('POST', '/v1/identities', { visitorId, customer, ...more })).toMatchObject({ status: 201 });
}

async function order(orderId: string, more: Fields = {}): Promise<ConversionAnswer> {
  later();
  return (await world.order({ orderId, currency: 'EUR', amount: 1000, ...more })).json<ConversionAnswer>();
}

const stands = async (orderId: string) =>
  (await world.call<ConversionAnswer>('GET', `/v1/conversions/order:${orderId}`)).body;
const ada = { id: 'ada' };
const ADA_EMAIL = 'Ada@Example.com';
const postings = () => world.rows('SELECT id FROM ledger_transactions');

describe('a click on browser A, an order from the server naming browser B', () => {
  const joined = (verified: boolean) => ({
    verified,
    reason: 'last',
    allocations: [{ partner: 'anna', commission: 100 }],
    explain: { step: 'pool', candidates: [{ partner: 'anna', label: 'joined', kept: true, why: 'won' }] },
  });

  test('identified in A after the click: credited, unverified until a server names the same pair', async () => {
    const phone = await visit('anna');
    await identify(phone, ada);
    expect(await order('1', { visitorId: await open(), customer: ada })).toMatchObject(joined(false));
    await prove(await open(), ada);
    expect(await stands('1')).toMatchObject({ verified: false });
    await prove(phone, { id: 'somebody else' });
    expect(await stands('1')).toMatchObject({ verified: false });
    await prove(phone, ada);
    expect(await stands('1')).toMatchObject(joined(true));
    expect(await postings()).toHaveLength(1);
  });

  test('identified in A before the click', async () => {
    const phone = await open();
    await identify(phone, ada);
    await visit('anna', phone);
    expect(await order('1', { visitorId: await open(), customer: ada })).toMatchObject(joined(false));
  });

  test('told by the server beforehand: verified at once', async () => {
    const phone = await visit('anna');
    await prove(phone, ada);
    expect(await order('1', { visitorId: await open(), customer: ada })).toMatchObject(joined(true));
  });

  test('identified in A only after the order: a late match, its ledger posted once', async () => {
    const phone = await visit('anna');
    expect(await order('1', { visitorId: await open(), customer: ada })).toMatchObject({ reason: 'no_touch' });
    expect(await postings()).toEqual([]);
    await identify(phone, ada);
    expect(await stands('1')).toMatchObject({
      ...joined(false),
      reason: 'late_match',
      allocations: [{ partner: 'anna', commission: 100, reason: 'late_match' }],
    });
    await identify(phone, ada);
    await prove(phone, ada);
    expect(await stands('1')).toMatchObject({ verified: true, reason: 'late_match' });
    expect(await postings()).toHaveLength(1);
  });

  test('an e-mail’s hash in A; the server ties it to its id with the order', async () => {
    const phone = await visit('anna');
    await identify(phone, { emailSha256: await emailHash(ADA_EMAIL) });
    expect(await order('0', { visitorId: await open(), customer: ada })).toMatchObject({ reason: 'no_touch' });
    const both = { ...ada, email: ` ${ADA_EMAIL.toUpperCase()} ` };
    expect(await order('1', { visitorId: await open(), customer: both })).toMatchObject(joined(false));
    // The tie also tells whose the earlier order was.
    expect(await stands('0')).toMatchObject({ reason: 'late_match', allocations: [{ partner: 'anna' }] });
  });

  test('the hash’s browsers go along when a server moves it to another customer', async () => {
    const phone = await visit('anna');
    await identify(phone, { emailSha256: await emailHash(ADA_EMAIL) });
    await order('0', { customer: ada });
    await order('1', { customer: { id: 'old', email: ADA_EMAIL } });
    expect(await order('2', { customer: { id: 'old' } })).toMatchObject({ allocations: [{ partner: 'anna' }] });
    await order('3', { customer: { ...ada, email: ADA_EMAIL } });
    expect(await order('4', { customer: ada })).toMatchObject({ allocations: [{ partner: 'anna' }] });
    expect(await order('5', { customer: { id: 'old' } })).toMatchObject({ reason: 'no_touch' });
  });

  test('without a browser named at all: the customer is enough', async () => {
    const phone = await visit('anna');
    await prove(phone, ada);
    expect(await order('1', { customer: ada })).toMatchObject(joined(true));
  });

  test('an order that names only B, which a server knows as the customer’s', async () => {
    const [phone, desk] = [await visit('anna'), await open()];
    await prove(phone, ada);
    await prove(desk, ada);
    expect(await order('1', { visitorId: desk })).toMatchObject(joined(true));
  });

  test('of several browsers’ touches the latest wins, whichever browser the order names', async () => {
    const [phone, tablet] = [await visit('anna'), await visit('bob')];
    const desk = await visit('anna');
    await prove(phone, ada);
    await prove(tablet, ada);
    await visit('bob', tablet);
    expect(await order('1', { visitorId: desk, customer: ada })).toMatchObject({
      allocations: [{ partner: 'bob' }],
      explain: {
        candidates: [
          { partner: 'bob', label: 'joined', why: 'won' },
          { partner: 'anna', label: 'visitor', why: 'earlier' },
          { partner: 'bob', label: 'joined', why: 'earlier' },
          { partner: 'anna', label: 'joined', why: 'earlier' },
        ],
      },
    });
  });
});

describe('credit that rests on a browser’s word', () => {
  test('is verified once a server names the pair it rests on, whatever other browsers say', async () => {
    const [tablet, phone] = [await visit('bob'), await visit('anna')];
    await identify(tablet, ada);
    await identify(phone, ada);
    const earned = { verified: false, allocations: [{ partner: 'anna' }] };
    expect(await order('1', { customer: ada })).toMatchObject(earned);
    await prove(phone, ada);
    expect(await stands('1')).toMatchObject({ ...earned, verified: true });
  });

  test('shared by several browsers’ clicks, needs them all', async () => {
    await world.call('PATCH', '/v1/program', { model: 'linear' });
    const [tablet, phone] = [await visit('bob'), await visit('anna')];
    await identify(tablet, ada);
    await identify(phone, ada);
    expect((await order('1', { customer: ada })).allocations).toHaveLength(2);
    await prove(phone, ada);
    expect(await stands('1')).toMatchObject({ verified: false });
    await prove(tablet, ada);
    expect(await stands('1')).toMatchObject({ verified: true });
  });

  test('binds an unbound customer once it is verified', async () => {
    await world.call('PATCH', '/v1/program', { model: 'customer_lock' });
    const phone = await visit('anna');
    await identify(phone, ada);
    await order('1', { customer: ada });
    expect(await world.rows('SELECT * FROM customer_locks')).toEqual([]);
    await prove(phone, ada);
    expect(await world.rows('SELECT partner_id FROM customer_locks')).toEqual([{ partner_id: ANNA }]);
    expect(await order('2', { customer: ada, clickId: await world.click('bob') })).toMatchObject({
      ...{ reason: 'customer_lock', allocations: [{ partner: 'anna' }] },
    });
  });

  test('is verified by an order that names the pair as well', async () => {
    const phone = await visit('anna');
    await identify(phone, ada);
    expect(await order('1', { customer: ada })).toMatchObject({ verified: false });
    await order('2', { customer: ada, visitorId: phone });
    expect(await stands('1')).toMatchObject({ verified: true });
  });
});

describe('one browser, two people', () => {
  test('each has the touches of its own time; the first also those from before', async () => {
    const shared = await visit('anna');
    await prove(shared, ada);
    later(DAY_MS);
    await prove(shared, { id: 'ben' });
    await visit('bob', shared);
    expect(await order('1', { customer: ada })).toMatchObject({ allocations: [{ partner: 'anna' }] });
    expect(await order('2', { customer: { id: 'ben' } })).toMatchObject({ allocations: [{ partner: 'bob' }] });
    // Who buys in that browser has all its touches.
    expect(await order('3', { customer: ada, visitorId: shared })).toMatchObject({ allocations: [{ partner: 'bob' }] });
  });

  test('a second person without a click of their own time earns nobody the first one’s', async () => {
    const shared = await visit('anna');
    await prove(shared, ada);
    await prove(shared, { id: 'ben' });
    expect(await order('1', { customer: { id: 'ben' } })).toMatchObject({ reason: 'no_touch' });
  });

  test('who comes back has the browser again', async () => {
    const shared = await open();
    await prove(shared, ada);
    await prove(shared, { id: 'ben' });
    await prove(shared, ada);
    await visit('anna', shared);
    expect(await order('1', { customer: ada })).toMatchObject({ allocations: [{ partner: 'anna' }] });
    expect(await order('2', { customer: { id: 'ben' } })).toMatchObject({ reason: 'no_touch' });
  });

  test('the same told in one list, or the newer time first, comes to the same', async () => {
    const shared = await open();
    const at = world.now();
    await prove(shared, ada);
    const told = (id: string, minutes: number) => ({
      visitorId: shared,
      customer: { id },
      occurredAt: at + minutes * MINUTE_MS,
    });
    world.at(at + 10 * MINUTE_MS);
    expect((await world.call('POST', '/v1/identities', [told('ada', 4), told('ben', 2)])).status).toBe(200);
    await visit('anna', shared);
    expect(await order('1', { customer: ada })).toMatchObject({ allocations: [{ partner: 'anna' }] });
    expect(await order('2', { customer: { id: 'ben' } })).toMatchObject({ reason: 'no_touch' });
  });

  test('a second name of the same person is no second person', async () => {
    const phone = await open();
    await identify(phone, ada);
    await identify(phone, { ...ada, emailSha256: await emailHash(ADA_EMAIL) });
    await visit('anna', phone);
    expect(await order('1', { customer: ada })).toMatchObject({ allocations: [{ partner: 'anna' }] });
  });
});

test('of 25 browsers the newest 20 are kept, proven ones first', async () => {
  const oldest = await visit('anna');
  await prove(oldest, ada);
  const browsers = Array.from({ length: 25 }, (_, number) => `another-browser-${number}`);
  for (const visitorId of browsers) await identify(visitorId, ada);
  // The server's word keeps the oldest; of the others twenty-five were seen since.
  expect(await order('1', { customer: ada })).toMatchObject({ verified: true, allocations: [{ partner: 'anna' }] });
  await visit('bob', browsers[0]);
  expect(await order('2', { customer: ada })).toMatchObject({
    allocations: [{ partner: 'anna' }],
    explain: { candidates: [{ partner: 'anna' }] },
  });
  // Twenty proven ones later it is gone as well.
  later();
  const rows = browsers.slice(0, 20).map((visitorId) => ({ visitorId, customer: ada }));
  await world.call('POST', '/v1/identities', rows);
  expect(await order('3', { customer: ada })).toMatchObject({
    allocations: [{ partner: 'bob' }],
    explain: { candidates: [{ partner: 'bob' }] },
  });
}, 30_000);

describe('somebody who identifies a browser of their own as another person', () => {
  const victim = { email: 'victim@example.com' };
  const claim = async () => {
    const own = await visit('bob');
    await identify(own, { emailSha256: await emailHash(victim.email) });
    return own;
  };

  test('has nothing payable of that person’s orders', async () => {
    await claim();
    expect(await order('1', { visitorId: await open(), customer: victim })).toMatchObject({
      verified: false,
      allocations: [{ partner: 'bob', status: 'pending' }],
    });
  });

  test('never beats a real touch, however early', async () => {
    const real = await visit('anna');
    await claim();
    expect(await order('1', { visitorId: real, customer: victim })).toMatchObject({
      verified: true,
      allocations: [{ partner: 'anna' }],
      explain: { candidates: [{ partner: 'bob', kept: false, why: 'unproven' }, { partner: 'anna' }] },
    });
    expect(await order('2', { customer: victim, clickId: await world.click('anna') })).toMatchObject({
      verified: true,
      allocations: [{ partner: 'anna' }],
    });
  });

  test('does not push out of the twenty what a server proved, nor what stands verified', async () => {
    const real = await visit('anna');
    await prove(real, victim);
    later();
    const emailSha256 = await emailHash(victim.email);
    const claims = Array.from({ length: 25 }, (_, number) => `a-stranger-browser-${number}`);
    await Promise.all(
      claims.map((visitorId) => world.events({ visitorId, commands: [['identify', { emailSha256 }]] })),
    );
    expect(await order('1', { customer: victim })).toMatchObject({
      verified: true,
      allocations: [{ partner: 'anna' }],
    });
  }, 30_000);

  test('does not make the customer’s first order an old one’s', async () => {
    await world.call('POST', '/v1/terms', {
      rules: [{ when: { customer: 'new' }, ratePpm: 200_000 }, { ratePpm: 50_000 }],
    });
    const emailSha256 = await emailHash(victim.email);
    const bought = ['conversion', { orderId: 'x', currency: 'EUR', amount: 1, customer: { emailSha256 } }];
    await page({ visitorId: await claim(), commands: [bought] });
    const clickId = await world.click('anna');
    expect(await order('1', { customer: victim, clickId })).toMatchObject({ allocations: [{ commission: 200 }] });
    expect(await order('2', { customer: victim, clickId })).toMatchObject({ allocations: [{ commission: 50 }] });
  });

  test('binds nobody under customer_lock', async () => {
    await world.call('PATCH', '/v1/program', { model: 'customer_lock' });
    await claim();
    await order('1', { customer: victim });
    expect(await world.rows('SELECT * FROM customer_locks')).toEqual([]);
  });

  test('hears nothing of who referred that person', async () => {
    const real = await visit('anna');
    await prove(real, victim);
    const emailSha256 = await emailHash(victim.email);
    const bought = (orderId: string, customer?: Fields) => [
      'conversion',
      { orderId, currency: 'EUR', amount: 1000, ...(customer && { customer }) },
    ];
    const stranger = await open();
    const named = await page({ visitorId: stranger, commands: [bought('1', { emailSha256 })] });
    const identified = await page({
      visitorId: stranger,
      commands: [['identify', { emailSha256 }], bought('2'), bought('2')],
    });
    // Nor from a miss that is told otherwise than a stranger's own.
    later(40 * DAY_MS);
    const missed = await page({ visitorId: stranger, commands: [bought('3', { emailSha256 })] });
    for (const answer of [named, identified, missed]) {
      expect(JSON.stringify(answer)).not.toMatch(/anna|late_match|joined|outside_window|commission/i);
      expect(answer.partner).toBeNull();
    }
    expect(named.results).toEqual([{ accepted: true }]);
    // The order itself stands as the rules have it.
    expect(await stands('1')).toMatchObject({ verified: false, allocations: [{ partner: 'anna' }] });
  });
});

test('a page is told what its own browser’s clicks came to, though it names a customer', async () => {
  const own = await visit('anna');
  const conversion = ['conversion', { orderId: '1', currency: 'EUR', amount: 1000, customer: ada }];
  expect(await page({ visitorId: own, commands: [conversion] })).toMatchObject({
    results: [{ orderId: '1', reason: 'last', allocations: [{ partner: 'anna' }] }],
  });
});

describe('without consent there is no edge and no reading', () => {
  test('a page that may not, a server that says so', async () => {
    const phone = await visit('anna');
    const refused = await page({ consent: 'denied', visitorId: phone, commands: [['identify', ada]] });
    expect(refused).toMatchObject({ visitorId: null, clickId: null, partner: null });
    const optedOut = await page({ visitorId: phone, commands: [['identify', ada]] }, { 'sec-gpc': '1' });
    expect(optedOut).toMatchObject({ visitorId: null, clickId: null });
    await prove(phone, ada, { consent: 'denied' });
    expect(await world.rows('SELECT * FROM identities')).toEqual([]);
    expect(await world.rows('SELECT * FROM identifications')).toEqual([]);
    expect(await world.rows('SELECT * FROM customer_keys')).toEqual([]);
  });

  test('an order that says denied reads neither browser nor customer, and is never matched late', async () => {
    const phone = await visit('anna');
    await prove(phone, ada);
    const denied = { visitorId: phone, customer: ada, consent: 'denied' };
    expect(await order('1', denied)).toMatchObject({ reason: 'no_touch', explain: { candidates: [] } });
    await prove(phone, ada);
    await visit('anna', phone);
    expect(await stands('1')).toMatchObject({ reason: 'no_touch' });
    expect(await world.rows("SELECT visitor_id, customer_id FROM conversions WHERE order_id = '1'")).toEqual([
      { visitor_id: null, customer_id: null },
    ]);
    // A click id that the shop passes on still counts.
    expect(await order('2', { ...denied, clickId: await world.click('anna') })).toMatchObject({ reason: 'last' });
  });
});

test('another program’s browsers, people and tokens never matter', async () => {
  const phone = await visit('anna');
  await prove(phone, ada);
  const elsewhere = async (orderId: string, more: Fields) =>
    (await world.order({ orderId, currency: 'EUR', amount: 1000, ...more }, OTHER_SECRET)).json<ConversionAnswer>();
  const clickId = await world.click('anna');
  expect(await elsewhere('1', { visitorId: phone, customer: ada, clickId })).toMatchObject({
    reason: 'no_touch',
    explain: { candidates: [], notes: ['click_id_invalid'] },
  });
  // What it tells of the same names stays with it: neither a tie, nor a match, nor a proof over here.
  await order('1', { customer: { id: 'eve' }, visitorId: await open() });
  await identify(phone, { id: 'eve2' });
  await order('2', { customer: { id: 'eve2' } });
  const told = [
    { visitorId: phone, customer: { id: 'eve' } },
    { visitorId: phone, customer: { id: 'eve2', email: ADA_EMAIL } },
  ];
  expect((await world.call('POST', '/v1/identities', told, OTHER_SECRET)).status).toBe(200);
  expect(await stands('1')).toMatchObject({ reason: 'no_touch' });
  expect(await world.rows('SELECT program_id FROM identities WHERE program_id <> ?', PROGRAM)).toHaveLength(4);
  expect(await world.rows('SELECT DISTINCT proven FROM identities WHERE program_id = ?', PROGRAM)).toHaveLength(2);
  expect((await world.call('GET', '/v1/conversions/order:2', undefined, OTHER_SECRET)).status).toBe(404);
});

test('a click is told of one’s own partners, links and codes only', async () => {
  await world.call('POST', '/v1/codes', { partner: 'anna', code: 'ANNA10' });
  for (const [field, named] of [
    ['partner', 'bob'],
    ['partner', BOB],
    ['link', 'anna'],
    ['discountCode', 'ANNA10'],
  ] as const) {
    expect(await world.call('POST', '/v1/clicks', { [field]: named }, OTHER_SECRET)).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: `/${field}` }] },
    });
  }
  expect(await world.rows('SELECT * FROM touches')).toEqual([]);
});

test('a person in hundreds of browsers, each shared by hundreds, costs an order a bounded number of rows', async () => {
  const emailSha256 = await emailHash('victim@example.com');
  const rows = Array.from({ length: 300 }, (_, number) => ({
    visitorId: `browser-of-a-stranger-${number}`,
    customer: { emailSha256 },
  }));
  expect((await world.call('POST', '/v1/identities', rows)).status).toBe(200);
  const crowd = Array.from({ length: 1_000 }, (_, number) => ({
    visitorId: `browser-of-a-stranger-${290 + (number % 10)}`,
    customer: { id: `c-${number}` },
    occurredAt: START + number,
  }));
  expect((await world.call('POST', '/v1/identities', crowd)).status).toBe(200);
  const before = world.billed.rowsRead;
  expect(await order('1', { customer: { emailSha256 } })).toMatchObject({ reason: 'no_touch' });
  expect(world.billed.rowsRead - before).toBeLessThan(20_000);
});

test('a partner sees that it was a joined browser, and of another partner’s nothing', async () => {
  const [phone, tablet] = [await visit('anna'), await visit('bob')];
  await prove(phone, ada);
  await prove(tablet, ada);
  await order('1', { customer: ada });
  world.look({ personId: '' as never, programId: PROGRAM, partnerId: ANNA });
  const seen = await (await world.fetch('/v1/conversions/order:1')).text();
  expect(JSON.parse(seen)).toMatchObject({
    reason: 'earlier',
    allocations: [],
    explain: {
      candidates: [
        { partner: 'anna', label: 'joined' },
        { partner: 'another partner', at: null },
      ],
    },
  });
  expect(seen).not.toContain('bob');
  expect(seen).not.toContain(BOB);
});

test.each([
  ['an order', (customer: Fields) => order('beside', { customer })],
  ['an identity', (customer: Fields) => prove('a-phone-of-somebody', customer)],
])('a customer whose names %s ties stays bound, and is not new again', async (_what, tie) => {
  await world.call('PATCH', '/v1/program', { model: 'customer_lock' });
  const email = { email: ADA_EMAIL };
  expect(await order('1', { customer: email, clickId: await world.click('anna') })).toMatchObject({
    explain: { customerType: 'new' },
  });
  await prove('a-browser-of-the-shop', ada);
  await tie({ ...ada, ...email });
  for (const [orderId, customer] of Object.entries({ both: { ...ada, ...email }, id: ada, email })) {
    expect(await order(orderId, { customer, clickId: await world.click('bob') })).toMatchObject({
      allocations: [{ partner: 'anna' }],
      explain: { step: 'customer_lock', customerType: 'returning' },
    });
  }
});

test('the order that ties a customer’s names follows what one of them was bound to', async () => {
  await world.call('PATCH', '/v1/program', { model: 'customer_lock' });
  await order('1', { customer: { email: ADA_EMAIL }, clickId: await world.click('anna') });
  await prove('a-browser-of-the-shop', ada);
  const customer = { ...ada, email: ADA_EMAIL };
  expect(await order('2', { customer, clickId: await world.click('bob') })).toMatchObject({
    allocations: [{ partner: 'anna' }],
    explain: { step: 'customer_lock', customerType: 'returning' },
  });
});
