/** The pixel, for pages without script: always a dot, and never more than a page could tell. */
import { beforeEach, expect, test } from 'vitest';
import { createWorld, PUBLISHABLE, SHOP, START, type World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

async function ask(query: Record<string, string>, headers: Record<string, string> = { referer: `${SHOP}/thanks` }) {
  const response = await world.fetch(`/v1/pixel.gif?${new URLSearchParams({ key: PUBLISHABLE, ...query })}`, {
    headers,
  });
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/gif']);
  expect((await response.arrayBuffer()).byteLength).toBe(42);
  return response.headers.get('tributary-pixel');
}
const landing = { event: 'landing', consent: 'granted' };
const sale = { event: 'conversion', orderId: 'A-1', amount: '5000', currency: 'EUR' };

test('a landing vouches for a suspect click, as a script would', async () => {
  const response = await world.fetch('/go/anna', { headers: { 'user-agent': 'curl/8.0' } });
  const tcid = new URL(response.headers.get('location') ?? '').searchParams.get('tcid') ?? '';
  expect(await ask({ ...landing, tcid })).toBe('landed');
  expect(await world.rows('SELECT class FROM clicks')).toEqual([{ class: 'valid' }]);
  expect(await world.rows('SELECT count(*) AS n FROM touches')).toEqual([{ n: 1 }]);
});

test('a landing needs a token, a page of the program, and consent', async () => {
  const tcid = await world.click();
  expect(await ask({ ...landing, tcid: 'nonsense' })).toBe('nothing');
  expect(await ask({ ...landing, tcid }, { referer: 'https://evil.example/' })).toBe('origin_not_allowed');
  expect(await ask({ ...landing, tcid }, {})).toBe('origin_not_allowed');
  expect(await ask({ event: 'landing', tcid })).toBe('consent_required');
  expect(await ask({ ...landing, tcid }, { referer: SHOP, 'sec-gpc': '1' })).toBe('consent_required');
  world.at(START + 25 * 3_600_000);
  expect(await ask({ ...landing, tcid })).toBe('nothing');
  expect(await world.rows('SELECT * FROM touches')).toEqual([]);
});

test('an order is credited by its click id, unverified, once', async () => {
  const tcid = await world.click('anna');
  expect(await ask({ ...sale, tcid })).toBe('converted');
  expect(await ask({ ...sale, tcid })).toBe('duplicate');
  expect(await world.rows('SELECT verified, reason FROM conversions')).toEqual([{ verified: 0, reason: 'last' }]);
  expect(await world.rows('SELECT amount FROM commissions')).toEqual([{ amount: 500 }]);
  expect(await world.rows('SELECT kind, detail FROM sightings')).toEqual([{ kind: 'pixel', detail: 'shop.example' }]);
});

test.each([
  ['invalid', { ...sale, amount: 'a lot' }],
  ['invalid', { ...sale, currency: 'XXX' }],
  ['invalid', { ...sale, event: 'party' }],
  ['unknown_key', { ...sale, key: 'trb_pk_test_nobody' }],
  ['looks_like_stripe_key', { ...sale, key: 'sk_live_1' }],
])('%s: nothing is written of %j', async (code, query) => {
  expect(await ask(query)).toBe(code);
  expect(await world.rows('SELECT * FROM conversions')).toEqual([]);
});
