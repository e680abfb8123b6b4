/**
 * Goal: a list of calls acts as the calls would one after the other, and no row spoils another. Method: lists beside the
 * same calls sent singly, with rows that are wrong, that repeat, and that build on rows before them.
 */
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { ConversionAnswer, Problem } from '../../edge/contract.ts';
import { DAY_MS } from '../../edge/core/attribution.ts';
import { createWorld, PUBLISHABLE, SECRET, START, type World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

type Fields = Record<string, unknown>;
type Told = ConversionAnswer & Problem;

const sale = (orderId: string, more: Fields = {}) => ({ orderId, currency: 'EUR', amount: 1000, ...more });

async function list(path: string, rows: unknown): Promise<Told[]> {
  const { status, body } = await world.call<{ results: Told[] }>('POST', path, rows);
  expect(status).toBe(200);
  return body.results;
}
const orders = (...rows: unknown[]) => list('/v1/conversions', rows);
const count = async (table: string) => (await world.rows<{ n: number }>(`SELECT count(*) AS n FROM ${table}`))[0]?.n;

describe('a bad row fails alone, in its place', () => {
  test('of whatever kind', async () => {
    const clickId = await world.click();
    const results = await orders(
      sale('1', { clickId }),
      null,
      7,
      'text',
      [sale('nested')],
      {},
      sale('2', { amount: -1 }),
      sale('3', { amount: undefined }),
      sale('4', { currency: 'ZZZ' }),
      sale('5', { items: [{ quantity: 1, price: 400 }] }),
      sale('6', { surprise: true }),
      sale('7', { occurredAt: START + 11 * 60_000 }),
      sale('8', { occurredAt: START - 91 * DAY_MS }),
      sale('9', { partner: 'nobody' }),
      sale('10', { renewalOf: 'nothing' }),
      sale('11', { occurredAt: START + 9 * 60_000, clickId }),
      sale('12', { occurredAt: START - 90 * DAY_MS }),
    );
    expect(results.map((one) => one.status ?? one.reason)).toEqual([
      'last',
      ...Array(14).fill(422),
      'last',
      'no_touch',
    ]);
    const pointers = results.map((one) => one.errors?.[0]?.pointer);
    expect(pointers.slice(6, 15)).toEqual([
      '/amount',
      '/amount',
      '/currency',
      '/amount',
      '/surprise',
      '/occurredAt',
      '/occurredAt',
      '/partner',
      '/renewalOf',
    ]);
    expect(results[9]).toMatchObject({ code: 'amount_mismatch' });
    expect(await count('conversions')).toBe(3);
    expect(await count('ledger_transactions')).toBe(2);
  });

  test('of clicks and identities too', async () => {
    const visitorId = 'a-browser-of-the-shop';
    const clicks = await list('/v1/clicks', [
      { partner: 'anna', visitorId },
      { partner: 'nobody' },
      { partner: 'anna', link: 'anna' },
      { partner: 'anna', occurredAt: START + DAY_MS },
      { partner: 'anna', visitorId },
      { link: 'BOB', visitorId },
    ]);
    expect(clicks).toMatchObject([
      { counted: true, reason: null },
      { status: 422, errors: [{ pointer: '/partner' }] },
      { status: 422, errors: [{ pointer: '/partner' }] },
      { status: 422, errors: [{ pointer: '/occurredAt' }] },
      { counted: false, reason: 'repeat' },
      { counted: true },
    ]);
    const seen = await list('/v1/identities', [
      { visitorId, customer: { id: '1' } },
      { visitorId, customer: {} },
      { visitorId: 'short', customer: { id: '1' } },
      { visitorId, customer: { id: '1' }, occurredAt: START - 91 * DAY_MS },
      { visitorId, customer: { email: 'a@b' }, consent: 'denied' },
    ]);
    expect(seen.map((one) => one.status ?? 201)).toEqual([201, 422, 422, 422, 201]);
    expect(await count('identities')).toBe(1);
  });
});

describe('a list', () => {
  test('of none answers none; of a thousand each; of more, nothing is done', async () => {
    expect(await orders()).toEqual([]);
    const clickId = await world.click();
    const rows = Array.from({ length: 1_001 }, (_, number) => sale(`${number}`, { clickId }));
    expect(await world.call('POST', '/v1/conversions', rows)).toMatchObject({
      status: 422,
      body: { code: 'invalid', errors: [{ detail: 'at most 1000 rows' }] },
    });
    expect(await count('conversions')).toBe(0);
    const results = await orders(...rows.slice(0, 1_000));
    expect(results.map((one) => one.orderId)).toEqual(rows.slice(0, 1_000).map((one) => one.orderId));
    expect(await count('commissions')).toBe(1_000);
  }, 60_000);

  test('too large, or a single call larger than a call may be: 413, and nothing is done', async () => {
    const padding = 'x'.repeat(500);
    const metadata = Object.fromEntries(Array.from({ length: 140 }, (_, number) => [`m${number}`, padding]));
    const one = sale('1', { metadata });
    expect((await world.call('POST', '/v1/conversions', one)).status).toBe(413);
    const large = Array.from({ length: 60 }, (_, number) => sale(`${number}`, { metadata }));
    expect((await world.call('POST', '/v1/conversions', large)).status).toBe(413);
    expect((await world.call('POST', '/v1/conversions', '[{]')).status).toBe(400);
    expect(await count('conversions')).toBe(0);
    // A row of a list may be larger.
    expect(await orders(one)).toMatchObject([{ orderId: '1' }]);
  });

  test('with a row larger than the database keeps: that one alone is refused', async () => {
    const padding = '"'.repeat(500);
    const metadata = Object.fromEntries(Array.from({ length: 400 }, (_, number) => [`m${number}`, padding]));
    expect(await orders(sale('1'), sale('2', { metadata }), sale('3'))).toMatchObject([
      { orderId: '1' },
      { code: 'too_large' },
      { orderId: '3' },
    ]);
  });

  test('that holds an order twice: a duplicate, or a conflict, of the first', async () => {
    const clickId = await world.click();
    const results = await orders(
      sale('1', { clickId }),
      sale('2'),
      sale('1', { clickId }),
      sale('1', { clickId, amount: 5 }),
      sale('1', { event: 'lead' }),
    );
    expect(results).toMatchObject([
      { reason: 'last' },
      { reason: 'no_touch' },
      { reason: 'last', duplicate: true, id: results[0]?.id },
      { status: 409, code: 'order_conflict' },
      { reason: 'no_touch' },
    ]);
    expect(results[0]?.duplicate).toBeUndefined();
    expect(await count('conversions')).toBe(3);
  });

  test('named by Idempotency-Key is answered again as at first, and another body under it refused', async () => {
    const rows = [sale('1', { clickId: await world.click() }), {}, sale('2')];
    const post = (body: unknown) =>
      world.fetch('/v1/conversions', {
        method: 'POST',
        headers: {
          authorization: `Bearer ${SECRET}`,
          'content-type': 'application/json',
          'idempotency-key': 'list-1',
        },
        body: JSON.stringify(body),
      });
    const first = await post(rows);
    const text = await first.text();
    const again = await post(rows);
    expect([again.status, again.headers.get('idempotent-replayed'), await again.text()]).toEqual([200, 'true', text]);
    expect((await post([...rows, sale('3')])).status).toBe(422);
    const atOnce = await Promise.all(Array.from({ length: 10 }, () => post(rows)));
    expect(new Set(await Promise.all(atOnce.map((one) => one.text())))).toEqual(new Set([text]));
    expect(await count('conversions')).toBe(2);
    expect(await count('ledger_transactions')).toBe(1);
  });

  test('is for servers: no page, no publishable key', async () => {
    expect((await world.call('POST', '/v1/conversions', [sale('1')], PUBLISHABLE)).status).toBe(401);
    const page = await world.events({ commands: [['conversion', [sale('1')]]] });
    expect(await page.json()).toMatchObject({ results: [{ status: 422 }] });
  });
});

describe('a row builds on rows before it', () => {
  const VISITOR = 'a-browser-of-the-shop';
  const OTHER = 'a-phone-of-somebody';
  const click = (partner: string, visitorId: string) =>
    world.call('POST', '/v1/clicks', { partner, visitorId, occurredAt: START - DAY_MS });

  test('the first tells whose browser it is, the second names the browser only, or the customer only', async () => {
    await click('anna', OTHER);
    const results = await orders(
      sale('1', { visitorId: OTHER, customer: { id: 'c-1' } }),
      sale('2', { customer: { id: 'c-1' } }),
      sale('3', { visitorId: OTHER }),
    );
    expect(results).toMatchObject(Array(3).fill({ allocations: [{ partner: 'anna' }] }));
  });

  test('what the first tells by one name holds for the second by another', async () => {
    const both = { id: 'c-1', email: 'c@x.example' };
    await click('anna', OTHER);
    await orders(sale('tie', { customer: both, partner: 'bob' }));
    const results = await orders(
      sale('1', { visitorId: OTHER, customer: { id: 'c-1' } }),
      sale('2', { customer: { email: 'c@x.example' } }),
    );
    expect(results).toMatchObject(Array(2).fill({ allocations: [{ partner: 'anna' }] }));
  });

  test('what the first takes away is gone for the second', async () => {
    await click('anna', OTHER);
    await world.call('POST', '/v1/identities', { visitorId: OTHER, customer: { email: 'c@x.example' } });
    await orders(
      sale('old', { customer: { id: 'old', email: 'c@x.example' }, partner: 'bob' }),
      sale('new', { customer: { id: 'new' }, partner: 'bob' }),
    );
    const results = await orders(
      sale('1', { customer: { id: 'new', email: 'c@x.example' } }),
      sale('2', { customer: { id: 'old' } }),
    );
    expect(results).toMatchObject([{ allocations: [{ partner: 'anna' }] }, { reason: 'no_touch' }]);
  });

  test('the first binds the customer, whom the second names otherwise', async () => {
    await world.call('PATCH', '/v1/program', { model: 'customer_lock' });
    await orders(sale('tie', { customer: { id: 'c-1', email: 'c@x.example' }, visitorId: VISITOR, partner: 'bob' }));
    await click('bob', VISITOR);
    const [anna, bob] = [await world.click('anna'), await world.click('bob')];
    world.at(START + 60_000);
    const results = await orders(
      sale('1', { customer: { id: 'c-1' }, clickId: anna, occurredAt: START + 1000 }),
      sale('2', { customer: { email: 'c@x.example' }, clickId: bob }),
      sale('3', { visitorId: VISITOR, clickId: bob }),
    );
    expect(results).toMatchObject([
      { allocations: [{ partner: 'anna' }] },
      { reason: 'customer_lock', allocations: [{ partner: 'anna' }] },
      { reason: 'customer_lock', allocations: [{ partner: 'anna' }] },
    ]);
  });

  test('a renewal of a row before it, and of one after it', async () => {
    const results = await orders(
      sale('early', { renewalOf: 'first' }),
      sale('first', { clickId: await world.click('anna') }),
      sale('second', { renewalOf: 'first' }),
      sale('third', { renewalOf: 'second' }),
    );
    expect(results).toMatchObject([
      { status: 422 },
      { reason: 'last' },
      { reason: 'renewal', allocations: [{ partner: 'anna' }] },
      { reason: 'renewal', allocations: [{ partner: 'anna' }] },
    ]);
  });

  test('a later row completes an earlier one', async () => {
    await click('anna', OTHER);
    const results = await orders(
      sale('1', { customer: { id: 'c-1' } }),
      sale('2', { customer: { id: 'c-1' }, visitorId: OTHER }),
    );
    expect(results).toMatchObject([{ reason: 'no_touch' }, { reason: 'last' }]);
    const first = await world.call<ConversionAnswer>('GET', '/v1/conversions/order:1');
    expect(first.body).toMatchObject({ reason: 'late_match', allocations: [{ partner: 'anna' }] });
  });

  test('random rows, in a list and one after the other: the same answers', async () => {
    await world.call('PATCH', '/v1/program', { model: 'customer_lock' });
    await world.call('POST', '/v1/terms', {
      rules: [{ when: { customer: 'new' }, ratePpm: 200_000 }, { ratePpm: 50_000 }],
    });
    const tokens = [await world.click('anna'), await world.click('bob')];
    world.at(START + DAY_MS);
    let copies = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(spec, { minLength: 14, maxLength: 14 }), async (specs) => {
        copies += 1;
        const [listed, single] = [`list-${copies}`, `single-${copies}`];
        // Some are known by both names before, by an order that leaves nothing open.
        for (const copy of [listed, single]) {
          const customer = { id: `${copy}-a`, email: `${copy}-a@x.example` };
          await orders(sale(`${copy}-before`, { customer, partner: 'bob', visitorId: `${copy}-browser-number-1` }));
        }
        const together = await orders(...specs.map((one, number) => rowOf(one, number, listed, tokens)));
        const alone: Told[] = [];
        for (const [number, one] of specs.entries()) {
          alone.push((await world.call<Told>('POST', '/v1/conversions', rowOf(one, number, single, tokens))).body);
        }
        expect(together.map(gist)).toEqual(alone.map(gist));
        expect(await finals(listed)).toEqual(await finals(single));
      }),
      { seed: 20_261_123, numRuns: 8, endOnFailure: true },
    );
  }, 120_000);

  /** Few people, few browsers, few order ids, so that nearly every row meets another. */
  const spec = fc.record({
    person: fc.constantFrom('a', 'a', 'b', 'c'),
    named: fc.constantFrom('nobody', 'id', 'email', 'both'),
    again: fc.option(fc.nat(13), { freq: 3 }),
    browser: fc.option(fc.constantFrom(1, 2, 3)),
    click: fc.option(fc.constantFrom(0, 1), { freq: 2 }),
    renews: fc.option(fc.nat(13), { freq: 6 }),
    partner: fc.option(fc.constantFrom('anna', 'bob', 'nobody'), { freq: 8 }),
    after: fc.option(fc.nat(DAY_MS - 2), { freq: 3 }),
  });
  type Spec = typeof spec extends fc.Arbitrary<infer Row> ? Row : never;

  function rowOf(one: Spec, number: number, copy: string, tokens: readonly string[]): Fields {
    const { person, named, again, browser, click: clicked, renews, partner, after } = one;
    const [id, email] = [`${copy}-${person}`, `${copy}-${person}@x.example`];
    const customer = { nobody: undefined, id: { id }, email: { email }, both: { id, email } }[named];
    return sale(`${copy}-${again ?? number}`, {
      ...(customer && { customer }),
      ...(browser !== null && { visitorId: `${copy}-browser-number-${browser}` }),
      ...(clicked !== null && { clickId: tokens[clicked] }),
      ...(renews !== null && { renewalOf: `${copy}-${renews}` }),
      ...(partner !== null && { partner }),
      ...(after !== null && { occurredAt: START + 1 + after }),
    });
  }

  const gist = ({ status, code, reason, verified, duplicate, allocations }: Told) => ({
    ...{ status, code, reason, verified, duplicate },
    earned: allocations?.map((one) => [one.partner, one.shareMicros, one.commission]),
  });

  const finals = (copy: string) =>
    world.rows(
      `SELECT substr(order_id, ?) AS own, version, conversions.reason, verified, customer_type, partner_id, amount
       FROM conversions LEFT JOIN commissions ON conversion_id = id WHERE order_id LIKE ? ORDER BY own, partner_id`,
      copy.length + 1,
      `${copy}-%`,
    );
});
