/** POST /v1/conversions and reading it back, on real D1: one order once, credited from its click, explained, refused whole. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { ConversionAnswer } from '../../edge/contract.ts';
import { DAY_MS } from '../../edge/core/attribution.ts';
import {
  ANNA,
  BOB,
  BOB_LINK,
  createWorld,
  OTHER_PROGRAM,
  OTHER_SECRET,
  PROGRAM,
  SECRET,
  START,
  type World,
} from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

const ORDER = { orderId: 'A-1', currency: 'EUR', amount: 12_345 };
const answerOf = async (response: Response | Promise<Response>) => (await (await response).json()) as ConversionAnswer;
const count = async (table: string) => (await world.rows<{ n: number }>(`SELECT count(*) AS n FROM ${table}`))[0]?.n;
const EVERYTHING = [
  'considered',
  'conversions',
  'conversion_items',
  'allocations',
  'commissions',
  'ledger_transactions',
  'ledger_entries',
];
const counts = async () =>
  Object.fromEntries(await Promise.all(EVERYTHING.map(async (table) => [table, await count(table)])));
const NOTHING = Object.fromEntries(EVERYTHING.map((table) => [table, 0]));

describe('an order', () => {
  test('earns its commission, pending under a hold, and says why', async () => {
    const clickId = await world.click('anna');
    world.at(START + 3 * DAY_MS);
    const response = await world.order({ ...ORDER, clickId });
    expect(response.status).toBe(201);
    const answer = await answerOf(response);
    expect(answer).toMatchObject({
      orderId: 'A-1',
      verified: true,
      reason: 'last',
      allocations: [
        {
          partnerId: ANNA,
          partner: 'anna',
          shareMicros: 1_000_000,
          commission: 1235,
          currency: 'EUR',
          status: 'pending',
        },
      ],
      explain: {
        step: 'pool',
        model: 'last',
        policyVersion: 1,
        termsVersion: 1,
        candidates: [{ clickId, partner: 'anna', label: 'click_id', kept: true, why: 'won' }],
        lines: [{ line: 0, partner: 'anna', base: 12_345, ratePpm: 100_000, commission: 1235 }],
      },
    });
    const [commission] = await world.rows('SELECT held_until FROM commissions');
    expect(commission).toEqual({ held_until: START + 17 * DAY_MS });
    expect(await world.rows('SELECT account, amount FROM ledger_entries ORDER BY account')).toEqual([
      { account: 'expense', amount: -1235 },
      { account: `partner:${ANNA}:pending`, amount: 1235 },
    ]);
  });

  test('is credited from the token alone when every click row is gone, and the row is repaired', async () => {
    const clickId = await world.click('anna');
    await world.rows('DELETE FROM clicks');
    const answer = await answerOf(world.order({ ...ORDER, clickId }));
    expect(answer.allocations).toMatchObject([{ partner: 'anna', commission: 1235 }]);
    expect(await world.rows('SELECT partner_id, class FROM clicks')).toEqual([{ partner_id: ANNA, class: 'valid' }]);
  });

  test('with a token altered in any one character is nobody’s, and stands', async () => {
    const clickId = await world.click('anna');
    for (let at = 0; at < clickId.length; at++) {
      const altered = clickId.slice(0, at) + (clickId[at] === 'A' ? 'B' : 'A') + clickId.slice(at + 1);
      const answer = await answerOf(world.order({ ...ORDER, orderId: `A-${at}`, clickId: altered }));
      expect(answer).toMatchObject({ reason: 'no_touch', allocations: [], explain: { notes: ['click_id_invalid'] } });
    }
    expect(await count('ledger_transactions')).toBe(0);
  });

  test.each([
    ['of another program', async () => world.token({ programId: OTHER_PROGRAM })],
    ['of a refused click', async () => world.token({ class: 'refused' })],
    ['of a suspect click that no script landed with', async () => world.token({ class: 'suspect' })],
    ['that is no token', async () => "'; DROP TABLE conversions; --"],
  ])('with a token %s is nobody’s', async (_name, token) => {
    const answer = await answerOf(world.order({ ...ORDER, clickId: await token() }));
    expect(answer).toMatchObject({ reason: 'no_touch', allocations: [] });
  });

  test('counts up to the last millisecond of the window and not after', async () => {
    const clickId = await world.click('anna');
    world.at(START + 30 * DAY_MS);
    expect(await answerOf(world.order({ ...ORDER, orderId: 'in', clickId }))).toMatchObject({ reason: 'last' });
    world.at(START + 30 * DAY_MS + 1);
    const late = await answerOf(world.order({ ...ORDER, orderId: 'out', clickId }));
    expect(late).toMatchObject({ reason: 'outside_window', explain: { candidates: [{ why: 'outside_window' }] } });
  });

  test('goes to the later of a stale click id and the visitor’s own last touch', async () => {
    const stale = await world.click('bob');
    world.at(START + DAY_MS);
    const tcid = await world.click('anna');
    const landed = await (await world.events({ url: `https://shop.example/?tcid=${tcid}` })).json<{
      visitorId: string;
    }>();
    const answer = await answerOf(world.order({ ...ORDER, clickId: stale, visitorId: landed.visitorId }));
    expect(answer).toMatchObject({
      allocations: [{ partner: 'anna' }],
      explain: {
        candidates: [
          { partner: 'anna', label: 'visitor', kept: true, why: 'won' },
          { partner: 'bob', label: 'click_id', kept: true, why: 'earlier' },
        ],
      },
    });
  });

  test('of several lines: discount by value, gift cards left out, tax taken off', async () => {
    const clickId = await world.click('anna');
    const answer = await answerOf(
      world.order({
        orderId: 'B-1',
        currency: 'eur',
        discount: 1001,
        tax: 500,
        taxIncluded: true,
        amount: 8999,
        items: [
          { sku: 'tent', quantity: 1, price: 7000 },
          { sku: 'mug', quantity: 3, price: 1000 },
          { sku: 'gift', kind: 'gift_card', quantity: 1, price: 5000 },
        ],
        clickId,
      }),
    );
    // 7000 and 3000 less 701 and 300, less tax 350 and 150.
    expect(answer.explain?.lines).toMatchObject([
      { line: 0, base: 5949, commission: 595 },
      { line: 1, base: 2550, commission: 255 },
      { line: 2, base: 0, commission: 0 },
    ]);
    expect(answer.allocations).toMatchObject([{ commission: 850 }]);
  });

  test('keeps its currency, also one without decimals', async () => {
    const answer = await answerOf(world.order({ ...ORDER, currency: 'JPY', clickId: await world.click() }));
    expect(answer.allocations).toMatchObject([{ currency: 'JPY', commission: 1235 }]);
    expect(await world.rows('SELECT DISTINCT currency FROM ledger_entries')).toEqual([{ currency: 'JPY' }]);
  });

  test('is priced by the terms in force when it happened', async () => {
    await world.rows(
      `INSERT INTO terms VALUES (?, 2, ?, ?, NULL, '[{"ratePpm":200000}]')`,
      PROGRAM,
      START + 10 * DAY_MS,
      START,
    );
    const clickId = await world.click();
    world.at(START + 12 * DAY_MS);
    const before = await answerOf(
      world.order({ ...ORDER, orderId: '1', clickId, occurredAt: START + 10 * DAY_MS - 1 }),
    );
    const after = await answerOf(world.order({ ...ORDER, orderId: '2', clickId, occurredAt: START + 10 * DAY_MS }));
    expect(before).toMatchObject({ allocations: [{ commission: 1235 }], explain: { termsVersion: 1 } });
    expect(after).toMatchObject({ allocations: [{ commission: 2469 }], explain: { termsVersion: 2 } });
  });

  test('keeps no address in clear, anywhere', async () => {
    const customer = { id: 'c-7', email: ' Ada@Example.com ' };
    const posted = await world.order({ ...ORDER, customer: { ...customer, email: 'Ada@Example.com' } });
    expect(posted.status).toBe(201);
    const tables = await world.rows<{ name: string }>(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'",
    );
    for (const { name } of tables) {
      expect(JSON.stringify(await world.rows(`SELECT * FROM "${name}"`)).toLowerCase()).not.toContain('ada@');
    }
    expect(await count('customer_keys')).toBe(2);
  });

  test('without consent keeps nothing of the visitor, and its click id still counts', async () => {
    const clickId = await world.click();
    const visitorId = 'AAAAAAAAAAAAAAAAAAAAAA';
    const told = { ...ORDER, clickId, visitorId, customer: { id: 'c-1' }, consent: 'denied' };
    expect(await answerOf(world.order(told))).toMatchObject({ reason: 'last' });
    expect(await world.rows('SELECT visitor_id, customer_id FROM conversions')).toEqual([
      { visitor_id: null, customer_id: null },
    ]);
    expect(await count('identities')).toBe(0);
  });
});

describe('peer defects 1 and 18: one order once', () => {
  test('fifty posts at once make one conversion, one commission, one balanced transaction', async () => {
    const clickId = await world.click('anna');
    const body = { ...ORDER, clickId, customer: { id: 'c-1' } };
    const responses = await Promise.all(Array.from({ length: 50 }, () => world.order(body)));
    expect(responses.map((response) => response.status).sort()).toEqual([...Array(49).fill(200), 201]);
    const answers = await Promise.all(responses.map((response) => answerOf(response)));
    expect(new Set(answers.map((answer) => answer.id)).size).toBe(1);
    expect(answers.filter((answer) => answer.duplicate)).toHaveLength(49);
    expect(await counts()).toEqual({
      ...NOTHING,
      considered: 1,
      conversions: 1,
      allocations: 1,
      commissions: 1,
      ledger_transactions: 1,
      ledger_entries: 2,
    });
    expect(await world.rows('SELECT sum(amount) AS sum FROM ledger_entries')).toEqual([{ sum: 0 }]);
  });

  test('a different body under the same order id is 409 and changes nothing', async () => {
    const clickId = await world.click('anna');
    await world.order({ ...ORDER, clickId });
    const before = await world.rows('SELECT * FROM conversions');
    const response = await world.order({ ...ORDER, clickId, amount: 99_999 });
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({
      code: 'order_conflict',
      detail: expect.stringContaining('adjustments'),
    });
    expect(await world.rows('SELECT * FROM conversions')).toEqual(before);
    expect(await count('ledger_transactions')).toBe(1);
  });

  test('fifty different bodies at once: one wins whole, the others are 409', async () => {
    const clickId = await world.click('anna');
    const responses = await Promise.all(
      Array.from({ length: 50 }, (_, number) => world.order({ ...ORDER, amount: 1000 + number, clickId })),
    );
    expect(responses.map((response) => response.status).sort()).toEqual([201, ...Array(49).fill(409)]);
    expect(await counts()).toMatchObject({ conversions: 1, commissions: 1, ledger_transactions: 1 });
  });

  test('the order of fields and the spelling of the currency make no other order', async () => {
    await world.order({ orderId: 'A-1', currency: 'EUR', amount: 5 });
    const again = await world.order({ amount: 5, currency: ' eur ', orderId: 'A-1' });
    expect(again.status).toBe(200);
    expect(await answerOf(again)).toMatchObject({ duplicate: true });
  });

  test('a lead and a sale may share an order id', async () => {
    expect((await world.order(ORDER)).status).toBe(201);
    expect((await world.order({ ...ORDER, event: 'lead', amount: 0 })).status).toBe(201);
  });

  test('peer defect 2: an order whose first post failed can be posted again', async () => {
    const { commit } = world.deps.store;
    world.deps.store.commit = async () => {
      throw new Error('the database is away');
    };
    expect((await world.order(ORDER)).status).toBe(500);
    expect(await counts()).toEqual(NOTHING);
    world.deps.store.commit = commit;
    expect((await world.order(ORDER)).status).toBe(201);
  });

  test('a batch that breaks at its last statement leaves nothing', async () => {
    await world.rows(
      "CREATE TRIGGER broken BEFORE INSERT ON ledger_entries WHEN NEW.amount > 0 BEGIN SELECT RAISE(ABORT, 'broken'); END",
    );
    const response = await world.order({ ...ORDER, clickId: await world.click() });
    expect(response.status).toBe(500);
    expect(await counts()).toEqual(NOTHING);
  });

  test('peer defect 17: another program’s order of the same id is its own', async () => {
    await world.order({ ...ORDER, clickId: await world.click() });
    const other = await world.order(ORDER, OTHER_SECRET);
    expect(other.status).toBe(201);
    expect(await answerOf(other)).toMatchObject({ reason: 'no_touch' });
  });
});

describe('a browser tells first, the server corrects', () => {
  const buy = async (amount: number, partner = 'anna') => {
    const tcid = await world.click(partner);
    const page = await world.events({
      url: `https://shop.example/thanks?tcid=${tcid}`,
      commands: [['conversion', { ...ORDER, amount }]],
    });
    return page.json<{ visitorId: string; results: ConversionAnswer[] }>();
  };
  const balance = (partner: string) =>
    world.rows('SELECT sum(amount) AS sum FROM ledger_entries WHERE account = ?', `partner:${partner}:pending`);

  test('amount and verification are corrected, credit and visitor kept, the difference posted', async () => {
    const page = await buy(1_000);
    expect(page.results).toMatchObject([{ verified: false, allocations: [{ partner: 'anna', commission: 100 }] }]);
    const response = await world.order({ ...ORDER, amount: 900 });
    expect(response.status).toBe(200);
    expect(await answerOf(response)).toMatchObject({
      id: page.results[0]?.id,
      corrected: true,
      verified: true,
      allocations: [{ partner: 'anna', commission: 90 }],
    });
    expect(await balance(ANNA)).toEqual([{ sum: 90 }]);
    expect(await world.rows('SELECT visitor_id, version FROM conversions')).toEqual([
      { visitor_id: page.visitorId, version: 2 },
    ]);
    expect(await world.rows('SELECT id FROM ledger_transactions ORDER BY id')).toEqual([
      { id: `corrected:${page.results[0]?.id}:2` },
      { id: `earned:${page.results[0]?.id}:1` },
    ]);
    expect(await answerOf(world.order({ ...ORDER, amount: 900 }))).toMatchObject({ duplicate: true });
  });

  test('a corrected order may move to another partner and another currency', async () => {
    await buy(1_000);
    world.at(START + 1000);
    const clickId = await world.token({ partnerId: BOB, linkId: BOB_LINK });
    const answer = await answerOf(
      world.order({ ...ORDER, amount: 2_000, currency: 'USD', clickId, occurredAt: START + 2000 }),
    );
    expect(answer).toMatchObject({
      corrected: true,
      allocations: [{ partner: 'bob', commission: 200, currency: 'USD' }],
    });
    expect(await balance(ANNA)).toEqual([{ sum: 0 }]);
    expect(await world.rows('SELECT currency, sum(amount) AS sum FROM ledger_entries GROUP BY currency')).toEqual([
      { currency: 'EUR', sum: 0 },
      { currency: 'USD', sum: 0 },
    ]);
    expect(await count('commissions')).toBe(1);
  });

  test('a browser after the server is a duplicate and changes nothing', async () => {
    await world.order({ ...ORDER, amount: 900 });
    const page = await buy(1_000_000);
    expect(page.results).toEqual([{ accepted: true, duplicate: true }]);
    expect(await world.rows('SELECT base FROM conversions')).toEqual([{ base: 900 }]);
  });

  test('what is no longer pending is not corrected', async () => {
    await buy(1_000);
    await world.rows("UPDATE commissions SET status = 'approved'");
    const response = await world.order({ ...ORDER, amount: 900 });
    expect(response.status).toBe(409);
    expect(await balance(ANNA)).toEqual([{ sum: 100 }]);
  });

  test.each([
    [ORDER.amount, 200, { duplicate: true }],
    [1, 409, { code: 'order_conflict' }],
  ])('one told while another is being made, of %i: %i', async (amount, status, said) => {
    const { store } = world.deps;
    const { conversion } = store;
    await world.events({ commands: [['conversion', ORDER]] });
    store.conversion = async (...asked) => {
      store.conversion = conversion;
      expect(await answerOf(world.order(ORDER))).toMatchObject({ corrected: true });
      return conversion(...asked);
    };
    const late = await world.order({ ...ORDER, amount });
    expect(late.status).toBe(status);
    expect(await late.json()).toMatchObject(said);
    expect(await world.rows('SELECT version, base FROM conversions')).toEqual([{ version: 2, base: ORDER.amount }]);
  });

  test('twenty corrections at once: one is made', async () => {
    await buy(1_000);
    const responses = await Promise.all(Array.from({ length: 20 }, () => world.order({ ...ORDER, amount: 900 })));
    const answers = await Promise.all(responses.map((response) => answerOf(response)));
    expect(answers.filter((answer) => answer.corrected)).toHaveLength(1);
    expect(answers.filter((answer) => answer.duplicate)).toHaveLength(19);
    expect(await balance(ANNA)).toEqual([{ sum: 90 }]);
  });
});

describe('bad input names the field, and nothing is written', () => {
  test.each([
    ['/orderId', { currency: 'EUR', amount: 1 }],
    ['/orderId', { ...ORDER, orderId: '' }],
    ['/orderId', { ...ORDER, orderId: 'x'.repeat(256) }],
    ['/orderId', { ...ORDER, orderId: 17 }],
    ['/currency', { ...ORDER, currency: 'EURO' }],
    ['/currency', { ...ORDER, currency: 'XXX' }],
    ['/currency', { orderId: '1', amount: 1 }],
    ['/amount', { ...ORDER, amount: -1 }],
    ['/amount', { ...ORDER, amount: 10.5 }],
    ['/amount', { ...ORDER, amount: '10' }],
    ['/amount', { ...ORDER, amount: 2 ** 53 }],
    ['/amount', { orderId: '1', currency: 'EUR' }],
    ['/amount', { ...ORDER, amount: 3, items: [{ quantity: 1, price: 2 }] }],
    ['/items/0/quantity', { ...ORDER, items: [{ quantity: 0, price: 2 }] }],
    [
      '/items/1/price',
      {
        ...ORDER,
        items: [
          { quantity: 1, price: 2 },
          { quantity: 1, price: -2 },
        ],
      },
    ],
    ['/items/0/discount', { orderId: '1', currency: 'EUR', items: [{ quantity: 1, price: 2, discount: 3 }] }],
    ['/discount', { orderId: '1', currency: 'EUR', discount: 3, items: [{ quantity: 1, price: 2 }] }],
    ['/items', { ...ORDER, items: 'none' }],
    ['/clickId', { ...ORDER, clickId: 'x'.repeat(5000) }],
    ['/visitorId', { ...ORDER, visitorId: '<script>' }],
    ['/customer/email', { ...ORDER, customer: { email: 'nobody' } }],
    ['/customer/emailSha256', { ...ORDER, customer: { emailSha256: 'abc' } }],
    ['/occurredAt', { ...ORDER, occurredAt: 'yesterday' }],
    ['/occurredAt', { ...ORDER, occurredAt: START + 600_001 }],
    ['/occurredAt', { ...ORDER, occurredAt: START - 90 * DAY_MS - 1 }],
    ['/program', { ...ORDER, program: 'other' }],
    ['/partner', { ...ORDER, partner: 'nobody' }],
    ['/renewalOf', { ...ORDER, renewalOf: 'never' }],
    ['/orderId', { ...ORDER, orderId: 'a\u0000b' }],
    ['/metadata/a', { ...ORDER, metadata: { a: { b: 1 } } }],
    ['/items/0', { ...ORDER, items: [7] }],
    ['/orderId', { ...ORDER, orderId: '\ud800x' }],
    ['/occurredAt', { ...ORDER, occurredAt: -1 }],
    ['', null],
  ])('%s', async (pointer, body) => {
    const response = await world.order(body);
    expect(response.status).toBe(422);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const problem = await response.json<{ errors: { pointer: string; detail: string }[] }>();
    expect(problem.errors.map((error) => error.pointer)).toContain(pointer);
    // Each says what was expected, in our words and not the validator's.
    expect(problem.errors.map((error) => error.detail).join()).not.toMatch(/^$|invalid/i);
    expect(await counts()).toEqual(NOTHING);
  });

  test.each([
    [400, 'malformed_json', '{"orderId":', {}],
    [400, 'malformed_json', '', {}],
    [413, 'too_large', JSON.stringify({ ...ORDER, metadata: { a: 'x'.repeat(70_000) } }), {}],
    [415, 'unsupported_type', JSON.stringify(ORDER), { 'content-type': 'text/plain' }],
    [401, 'missing_key', JSON.stringify(ORDER), { authorization: '' }],
    [401, 'unknown_key', JSON.stringify(ORDER), { authorization: 'Bearer trb_sk_test_nobody' }],
    [401, 'wrong_key', JSON.stringify(ORDER), { authorization: 'Bearer trb_pk_test_world' }],
    [401, 'looks_like_stripe_key', JSON.stringify(ORDER), { authorization: 'Bearer sk_live_51Habc' }],
  ])('%i %s', async (status, code, body, headers) => {
    const response = await world.fetch('/v1/conversions', {
      method: 'POST',
      headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json', ...headers },
      body,
    });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({
      code,
      status,
      title: expect.any(String),
      detail: expect.any(String),
    });
    expect(await counts()).toEqual(NOTHING);
  });

  test('a revoked key is refused from that moment on', async () => {
    await world.rows('UPDATE keys SET revoked_at = ?', world.now());
    const response = await world.order(ORDER);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ code: 'revoked_key' });
  });
});

describe('reading back', () => {
  test('by id and by order id, with the reason; nothing of another program', async () => {
    const { id } = await answerOf(world.order({ ...ORDER, clickId: await world.click() }));
    for (const name of [id, 'order:A-1', 'order:sale:A-1']) {
      const response = await world.fetch(`/v1/conversions/${name}`, { headers: { authorization: `Bearer ${SECRET}` } });
      expect(await response.json()).toMatchObject({ id, reason: 'last', explain: { step: 'pool' } });
    }
    const foreign = await world.fetch(`/v1/conversions/${id}`, {
      headers: { authorization: `Bearer ${OTHER_SECRET}` },
    });
    const absent = await world.fetch('/v1/conversions/nothing', {
      headers: { authorization: `Bearer ${OTHER_SECRET}` },
    });
    expect(foreign.status).toBe(404);
    expect(await foreign.text()).toBe(await absent.text());
  });

  test('a partner sees its own part and of others one line without particulars', async () => {
    const bob = await world.click('bob');
    world.at(START + 1000);
    const tcid = await world.click('anna');
    const { visitorId } = await (await world.events({ url: `https://shop.example/?tcid=${tcid}` })).json<{
      visitorId: string;
    }>();
    const { id } = await answerOf(world.order({ ...ORDER, clickId: bob, visitorId, codes: ['SECRET10'] }));
    const viewer = { personId: '' as never, programId: PROGRAM };
    world.look({ ...viewer, partnerId: ANNA });
    const own = await world.fetch(`/v1/conversions/${id}`);
    const text = await own.text();
    expect(JSON.parse(text).explain.candidates).toMatchObject([
      { partner: 'anna' },
      { partner: 'another partner', at: null },
    ]);
    expect(text).not.toContain(BOB);
    expect(text).not.toContain('SECRET10');
    // Bob's click was considered and lost: he is told so, and nothing of who won or for how much.
    world.look({ ...viewer, partnerId: BOB });
    const lost = await (await world.fetch(`/v1/conversions/${id}`)).text();
    expect(JSON.parse(lost)).toMatchObject({
      reason: 'earlier',
      base: 0,
      allocations: [],
      explain: {
        notes: [],
        lines: [],
        candidates: [{ partner: 'bob', why: 'earlier' }, { partner: 'another partner' }],
      },
    });
    for (const secret of [ANNA, 'anna', 'Anna', '12345', '1235']) expect(lost).not.toContain(secret);
    expect(await (await world.fetch('/v1/conversions')).json()).toMatchObject({
      data: [{ id, reason: 'earlier', allocations: [] }],
    });
    // Of an order without a click of his there is nothing at all.
    const other = await answerOf(world.order({ ...ORDER, orderId: 'B-1', clickId: tcid }));
    world.look({ ...viewer, partnerId: BOB });
    const hidden = await world.fetch(`/v1/conversions/${other.id}`);
    expect(hidden.status).toBe(404);
    expect(await hidden.text()).toBe(await (await world.fetch('/v1/conversions/order:nothing')).text());
    expect((await world.fetch('/v1/reports/partners')).status).toBe(404);
    world.look(null);
    expect((await world.fetch('/v1/conversions')).status).toBe(401);
  });

  test('the list comes in pages, newest first, none twice', async () => {
    for (let number = 0; number < 7; number++) {
      world.at(START + number);
      await world.order({ ...ORDER, orderId: `N-${number}` });
    }
    const seen: string[] = [];
    for (let cursor = ''; ; ) {
      const response = await world.fetch(`/v1/conversions?limit=3${cursor}`, {
        headers: { authorization: `Bearer ${SECRET}` },
      });
      const page = await response.json<{ data: { orderId: string }[]; nextCursor: string | null }>();
      seen.push(...page.data.map((one) => one.orderId));
      if (!page.nextCursor) break;
      cursor = `&cursor=${page.nextCursor}`;
    }
    expect(seen).toEqual(['N-6', 'N-5', 'N-4', 'N-3', 'N-2', 'N-1', 'N-0']);
  });

  test.each(['limit=0', 'limit=101', 'limit=x', 'cursor=x'])('a page of ?%s is refused', async (query) => {
    const response = await world.fetch(`/v1/conversions?${query}`, { headers: { authorization: `Bearer ${SECRET}` } });
    expect(response.status).toBe(422);
  });
});

describe('a stranger with the publishable key', () => {
  const tell = async (body: Record<string, unknown>, landing = '') =>
    (
      await world.events({ url: `https://shop.example/${landing}`, commands: [['conversion', { ...ORDER, ...body }]] })
    ).json<{
      visitorId: string;
      results: unknown[];
    }>();

  test('cannot take an order in advance from the partner whom the server names', async () => {
    const bob = await world.click('bob');
    const { visitorId } = await (await world.events({ url: `https://shop.example/?tcid=${bob}` })).json<{
      visitorId: string;
    }>();
    world.at(START + 60_000);
    await tell({ clickId: await world.click('anna') });
    world.at(START + 120_000);
    const answer = await answerOf(world.order({ ...ORDER, visitorId }));
    expect(answer).toMatchObject({ corrected: true, allocations: [{ partner: 'bob' }], explain: { notes: [] } });
  });

  test('cannot date an order back to before the click that the server names', async () => {
    await tell({});
    world.at(START + DAY_MS);
    const clickId = await world.click('bob');
    world.at(START + DAY_MS + 1000);
    expect(await answerOf(world.order({ ...ORDER, clickId }))).toMatchObject({
      corrected: true,
      allocations: [{ partner: 'bob' }],
    });
  });

  test('learns nothing of an order that stands', async () => {
    const { id } = await answerOf(world.order({ ...ORDER, clickId: await world.click('anna') }));
    const { results } = await tell({ amount: 1 });
    expect(results).toEqual([{ accepted: true, duplicate: true }]);
    await tell({ orderId: 'B' });
    const contradicted = JSON.stringify((await tell({ orderId: 'B', amount: 2 })).results);
    expect(contradicted).toContain('order_conflict');
    expect(contradicted).not.toContain(id);
  });

  test('proves nobody by a server’s order that names nobody, least of all after a denial', async () => {
    await tell({ customer: { id: 'c-1', emailSha256: 'a'.repeat(64) } });
    await world.order({ ...ORDER, consent: 'denied' });
    expect(await world.rows('SELECT DISTINCT proven FROM identities')).toEqual([{ proven: 0 }]);
    expect(await world.rows('SELECT DISTINCT customer_id FROM customer_keys')).toHaveLength(2);
    expect(await world.rows('SELECT visitor_id, customer_id FROM conversions')).toEqual([
      { visitor_id: null, customer_id: null },
    ]);
  });

  test('cannot break the reports with nonsense amounts', async () => {
    expect((await tell({ amount: 1_000_000_001 })).results).toMatchObject([
      { code: 'invalid', errors: [{ pointer: '/amount' }] },
    ]);
    expect((await world.order({ ...ORDER, amount: 1e12 + 1 })).status).toBe(422);
    const clickId = await world.click('anna');
    await world.order({ ...ORDER, amount: 1e12, clickId });
    await world.rows('UPDATE commissions SET base = 9007199254740991');
    for (let copy = 0; copy < 11; copy++) {
      await world.rows(
        `INSERT INTO conversions SELECT program_id, id || ${copy}, event, order_id || ${copy}, version, source, verified, currency, base,
         occurred_at, received_at, visitor_id, customer_id, reason, model, policy_version, terms_version, explanation, body, customer_type, renewal_of
         FROM conversions WHERE order_id = 'A-1'`,
      );
    }
    const summary = await world.fetch('/v1/reports/summary', { headers: { authorization: `Bearer ${SECRET}` } });
    expect(summary.status).toBe(200);
  });

  test('who reloads the thank-you page as somebody new tells the same order', async () => {
    await tell({ customer: { id: 'c-1' } });
    expect((await tell({ customer: { id: 'c-1', emailSha256: 'a'.repeat(64) } })).results).toEqual([
      { accepted: true, duplicate: true },
    ]);
    expect((await tell({})).results).toEqual([{ accepted: true, duplicate: true }]);
  });
});

test('a replay months later is answered, not refused for its age', async () => {
  const told = { ...ORDER, occurredAt: START };
  const first = await answerOf(world.order(told));
  world.at(START + 200 * DAY_MS);
  expect(await answerOf(world.order(told))).toMatchObject({ id: first.id, duplicate: true });
});

test('what means the same is the same: defaults said aloud, codes in another case', async () => {
  await world.order({ ...ORDER, codes: ['spring'] });
  const again = await world.order({
    ...ORDER,
    codes: [' SPRING '],
    discount: 0,
    tax: 0,
    items: [],
    taxIncluded: false,
  });
  expect(again.status).toBe(200);
});

test('an address is taken however it is spelled', async () => {
  for (const [number, email] of [' ada@shop.example ', 'jürgen@müller.de', '"a b"@x.de'].entries()) {
    expect((await world.order({ ...ORDER, orderId: `${number}`, customer: { email } })).status).toBe(201);
  }
  expect((await world.order({ ...ORDER, orderId: 'x', customer: { email: 'nobody' } })).status).toBe(422);
});

test('five hundred lines are one order, in one batch', async () => {
  const items = Array.from({ length: 500 }, (_, number) => ({ sku: `s${number}`, quantity: 1, price: 100 + number }));
  const before = world.billed.roundTrips;
  const response = await world.order({ orderId: '500', currency: 'EUR', items, clickId: await world.click() });
  expect(response.status).toBe(201);
  // The last is the isolate's first note that orders come.
  expect(world.billed.roundTrips - before).toBeLessThan(10);
  expect(await counts()).toMatchObject({ conversion_items: 500, allocations: 500, commissions: 1 });
});

test('an order id that begins like an event is found', async () => {
  await world.order({ ...ORDER, orderId: 'web:1' });
  for (const name of ['order:web:1', 'order:sale:web:1']) {
    const response = await world.fetch(`/v1/conversions/${name}`, { headers: { authorization: `Bearer ${SECRET}` } });
    expect(response.status).toBe(200);
  }
});
