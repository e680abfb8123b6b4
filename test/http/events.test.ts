/** POST /v1/events: the SDK's door, on real D1. A page always gets an answer; credit takes a proven click. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { ConversionAnswer, EventsAnswer, Problem } from '../../edge/contract.ts';
import { DAY_MS } from '../../edge/core/attribution.ts';
import { makeId } from '../../edge/core/id.ts';
import {
  ANNA,
  BROWSER,
  createWorld,
  OTHER_PROGRAM,
  PUBLISHABLE,
  SECRET,
  SHOP,
  START,
  type World,
} from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

const land = async (query: string, body: Record<string, unknown> = {}, headers?: Record<string, string>) => {
  const response = await world.events({ url: `${SHOP}/${query}`, ...body }, headers);
  expect(response.status).toBe(200);
  return response.json<EventsAnswer>();
};
const touches = () => world.rows('SELECT visitor_id, partner_id, class FROM touches');
const EMAIL_HASH = 'a'.repeat(64);

describe('a landing', () => {
  test('with a token makes a visitor that has touched the click', async () => {
    const tcid = await world.click();
    const answer = await land(`?tcid=${tcid}`);
    expect(answer).toEqual({
      visitorId: expect.stringMatching(/^[A-Za-z0-9_-]{22}$/),
      clickId: tcid,
      partner: 'anna',
      consentRequired: false,
      results: [],
    });
    expect(await touches()).toEqual([{ visitor_id: answer.visitorId, partner_id: ANNA, class: 'valid' }]);
  });

  test('twice with the same token by the same visitor is one touch; by another browser its own', async () => {
    const tcid = await world.click();
    const { visitorId } = await land(`?tcid=${tcid}`);
    await land(`?tcid=${tcid}`, { visitorId });
    expect(await touches()).toHaveLength(1);
    await land(`?tcid=${tcid}`);
    expect(await touches()).toHaveLength(2);
  });

  test('repairs a click whose row was lost', async () => {
    const tcid = await world.token({});
    await land(`?tcid=${tcid}`);
    expect(await world.rows('SELECT class FROM clicks')).toEqual([{ class: 'valid' }]);
  });

  test.each([
    ['in the query', (code: string) => `?x=1&via=${code}`],
    ['in the hash', (code: string) => `#via=${code}`],
    ['in a routed hash', (code: string) => `#/tent?via=${code}`],
  ])('with via %s needs no redirect', async (_name, address) => {
    expect(await land(address('Anna'))).toMatchObject({ partner: 'anna' });
    expect(await land(address('nobody'))).toMatchObject({
      partner: null,
      clickId: null,
      visitorId: expect.any(String),
    });
    expect(await world.rows('SELECT class FROM clicks')).toHaveLength(1);
  });

  test.each([
    ['an altered token', async () => (await world.click()).replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))],
    ['a token of another program', () => world.token({ programId: OTHER_PROGRAM })],
    ['a refused click', () => world.token({ class: 'refused' })],
    ['a token older than a day', () => world.token({ key: makeId(START - DAY_MS - 1, new Uint8Array(10)) })],
    ['no token at all', async () => 'hello%20world'],
  ])('with %s is a visit without credit', async (_name, token) => {
    const answer = await land(`?tcid=${await token()}`);
    expect(answer).toMatchObject({ visitorId: expect.any(String), clickId: null, partner: null });
    expect(await touches()).toEqual([]);
  });

  test('vouches for a suspect click, which then earns', async () => {
    const tcid = await world.token({ class: 'suspect' });
    const { visitorId } = await land(`?tcid=${tcid}`);
    const order = await world.order({ orderId: '1', currency: 'EUR', amount: 100, visitorId });
    expect(await order.json()).toMatchObject({ reason: 'last', allocations: [{ partner: 'anna' }] });
  });

  test('vouches for the token it is answered, and for the count', async () => {
    const prefetched = await world.fetch('/go/anna', { headers: { ...BROWSER, 'sec-purpose': 'prefetch' } });
    const tcid = new URL(prefetched.headers.get('location') ?? '').searchParams.get('tcid');
    expect(await world.rows('SELECT class FROM clicks')).toEqual([{ class: 'suspect' }]);
    const { clickId } = await land(`?tcid=${tcid}`);
    expect(await world.rows('SELECT class, reason FROM clicks')).toEqual([{ class: 'valid', reason: null }]);
    const order = await world.order({ orderId: '1', currency: 'EUR', amount: 100, clickId });
    expect(await order.json()).toMatchObject({ reason: 'last' });
  });
});

describe('the same visitor again on the same partner', () => {
  const MINUTE = 60_000;
  const reasons = async () =>
    (await world.rows<{ reason: string | null }>('SELECT reason FROM clicks ORDER BY key')).map((one) => one.reason);
  const clickAt = async (minutes: number, code = 'anna') => {
    world.at(START + minutes * MINUTE);
    return world.click(code);
  };
  const first = async () => (await land(`?tcid=${await clickAt(0)}`)).visitorId;

  test('within 30 minutes of the click before is not counted, counted or not the one before; it still earns', async () => {
    const visitorId = await first();
    for (const minutes of [20, 45, 75.001]) await land(`?tcid=${await clickAt(minutes)}`, { visitorId });
    expect(await reasons()).toEqual([null, 'repeat', 'repeat', null]);
    world.at(START + 46 * MINUTE);
    const order = await world.order({
      orderId: '1',
      currency: 'EUR',
      amount: 100,
      visitorId,
      occurredAt: START + 46 * MINUTE,
    });
    expect(await order.json()).toMatchObject({ reason: 'last', allocations: [{ partner: 'anna' }] });
  });

  test('is one at exactly 30 minutes, and none a moment later', async () => {
    const visitorId = await first();
    await land(`?tcid=${await clickAt(30)}`, { visitorId });
    await land(`?tcid=${await clickAt(60 + 1 / MINUTE)}`, { visitorId });
    expect(await reasons()).toEqual([null, 'repeat', null]);
  });

  test('is told by partner and by visitor', async () => {
    const visitorId = await first();
    await land(`?tcid=${await clickAt(1, 'bob')}`, { visitorId });
    await land(`?tcid=${await clickAt(2)}`);
    expect(await reasons()).toEqual([null, null, null]);
  });

  test('is the same whichever landing comes first, and however often', async () => {
    const tcids = [await clickAt(0), await clickAt(10), await clickAt(50)];
    const visitorId = 'v'.repeat(22);
    for (const number of [2, 1, 0, 1, 2, 0]) await land(`?tcid=${tcids[number]}`, { visitorId });
    expect(await reasons()).toEqual([null, 'repeat', null]);
  });

  test('counts a suspect click by the same rule, once it was landed with', async () => {
    const visitorId = await first();
    world.at(START + MINUTE);
    const prefetch = await world.fetch('/go/anna', { headers: { ...BROWSER, 'sec-purpose': 'prefetch' } });
    const tcid = new URL(prefetch.headers.get('location') ?? '').searchParams.get('tcid');
    expect(await reasons()).toEqual([null, 'prefetch']);
    await land(`?tcid=${tcid}`, { visitorId });
    expect(await reasons()).toEqual([null, 'repeat']);
  });

  test('peer defect 4: two people behind one address with the same browser are two', async () => {
    const [one, other] = [await clickAt(0), await clickAt(0)];
    expect(one).not.toBe(other);
    const visitors = [await land(`?tcid=${one}`), await land(`?tcid=${other}`)].map((answer) => answer.visitorId);
    expect(new Set(visitors).size).toBe(2);
    expect(await reasons()).toEqual([null, null]);
  });
});

describe('consent', () => {
  const stored = async () =>
    (
      await Promise.all(
        ['touches', 'identities', 'customer_keys', 'conversions'].map((table) => world.rows(`SELECT * FROM ${table}`)),
      )
    ).flat();

  test.each([
    ['denied', { consent: 'denied' }, {}, false],
    ['refused by the browser itself (GPC)', { consent: 'granted' }, { 'sec-gpc': '1' }, false],
    ['not asked yet, country unknown', { consent: undefined }, {}, true],
  ])('%s: nothing is stored and the page is told', async (_name, body, headers, consentRequired) => {
    const tcid = await world.click();
    const answer = await land(
      `?tcid=${tcid}`,
      {
        ...body,
        commands: [
          ['identify', { id: 'c-1' }],
          ['conversion', { orderId: '1', currency: 'EUR', amount: 1 }],
        ],
      },
      headers,
    );
    expect(answer).toMatchObject({ visitorId: null, clickId: null, partner: null, consentRequired });
    expect(answer.results).toMatchObject([{ code: 'consent_required' }, { code: 'consent_required' }]);
    expect(await stored()).toEqual([]);
  });

  test.each([
    ['US', false],
    ['DE', true],
    ['GB', true],
    ['CH', true],
    ['XX', true],
    ['T1', true],
  ])('not asked in %s: required is %s', async (country, consentRequired) => {
    const response = await world.fetch('/v1/events', {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: JSON.stringify({ key: PUBLISHABLE, url: `${SHOP}/` }),
      cf: { country },
    });
    expect(await response.json()).toMatchObject({
      consentRequired,
      visitorId: consentRequired ? null : expect.any(String),
    });
  });
});

describe('commands', () => {
  test('run in order, and a bad one spoils no other', async () => {
    const tcid = await world.click();
    world.at(START + 1000);
    const answer = await land(`?tcid=${tcid}`, {
      commands: [
        ['identify', { id: 'c-1', emailSha256: EMAIL_HASH }],
        ['identify', { email: 'ada@example.com' }],
        ['dance', {}],
        ['conversion', { orderId: '1', currency: 'EUR', amount: -5 }],
        ['conversion', { orderId: '2', currency: 'EUR', amount: 500 }],
        ['lead', { customer: { id: 'c-1' } }],
        ['lead', { customer: { id: 'c-1' } }],
        ['lead', {}],
        ['click', { via: 'bob' }],
      ],
    });
    expect(answer.partner).toBe('bob');
    const [identified, clear, dance, negative, sale, lead, again, nobody, click] = answer.results as (ConversionAnswer &
      Problem)[];
    expect(identified).toEqual({ accepted: true });
    expect(clear).toMatchObject({ code: 'invalid', errors: [{ pointer: '/email' }, { pointer: '/id' }] });
    expect(dance).toMatchObject({
      code: 'invalid',
      errors: [{ pointer: '/0', detail: expect.stringContaining('identify') }],
    });
    expect(negative).toMatchObject({ code: 'invalid', errors: [{ pointer: '/amount' }] });
    expect(sale).toMatchObject({ verified: false, reason: 'last', allocations: [{ partner: 'anna', commission: 50 }] });
    expect([lead, again]).toEqual([{ accepted: true }, { accepted: true }]);
    expect(await world.rows("SELECT reason, base FROM conversions WHERE event = 'lead'")).toEqual([
      { reason: 'last', base: 0 },
    ]);
    expect(nobody).toMatchObject({ code: 'invalid', errors: [{ pointer: '/customer' }] });
    expect(click).toEqual({ accepted: true });
    expect(await world.rows('SELECT DISTINCT proven FROM identities')).toEqual([{ proven: 0 }]);
  });

  test('a browser ties nothing: each name it gives is a customer of its own, until a server ties them', async () => {
    const { visitorId } = await land('', { commands: [['identify', { id: 'c-1', emailSha256: EMAIL_HASH }]] });
    expect(await world.rows('SELECT DISTINCT customer_id FROM customer_keys')).toHaveLength(2);
    await world.order({ orderId: '1', currency: 'EUR', amount: 1, visitorId, customer: { id: 'c-1' } });
    expect(await world.rows('SELECT proven FROM identities ORDER BY proven')).toEqual([{ proven: 0 }, { proven: 1 }]);
  });

  test('peer defect 21: a browser cannot name a partner, another visitor or a time', async () => {
    const order = { orderId: '1', currency: 'EUR', amount: 100 };
    const { results } = await land('', {
      commands: [
        ['conversion', { ...order, partner: 'bob' }],
        ['conversion', { ...order, visitorId: 'AAAAAAAAAAAAAAAAAAAAAA' }],
        ['conversion', { ...order, occurredAt: 0 }],
      ],
    });
    expect(results).toMatchObject([{ code: 'invalid' }, { code: 'invalid' }, { code: 'invalid' }]);
    expect(await world.rows('SELECT * FROM conversions')).toEqual([]);
  });

  test('peer defect 23: a second order in the window is credited too', async () => {
    const { visitorId } = await land(`?tcid=${await world.click()}`);
    for (const orderId of ['1', '2']) {
      const { results } = await land('', {
        visitorId,
        commands: [['conversion', { orderId, currency: 'EUR', amount: 100 }]],
      });
      expect(results).toMatchObject([{ allocations: [{ partner: 'anna' }] }]);
    }
  });
});

describe('the door', () => {
  test('answers the exact origin with credentials only when it is on the program’s list', async () => {
    const listed = await world.events({});
    expect(listed.headers.get('access-control-allow-origin')).toBe(SHOP);
    expect(listed.headers.get('access-control-allow-credentials')).toBe('true');
    expect(listed.headers.get('vary')).toBe('Origin');
    const tcid = await world.click();
    const foreign = await world.events(
      { url: `${SHOP}/?tcid=${tcid}`, commands: [['identify', { id: '1' }]] },
      { origin: 'https://evil.example' },
    );
    expect(foreign.status).toBe(200);
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
    expect(await foreign.json()).toMatchObject({ visitorId: null, results: [{ code: 'origin_not_allowed' }] });
    expect(await touches()).toEqual([]);
  });

  test.each([
    'https://shop.example.evil.test',
    'https://evil.test/https://shop.example',
    'https://evilshop.example',
    'https://www.shop.example',
    'https://shop.example.',
    'https://shop.example:443',
    'https://shop.example:8443',
    'http://shop.example',
    'HTTPS://SHOP.EXAMPLE',
    'https://Shop.example',
    'https://shop.example/',
    'https://user@shop.example',
    'https://shop.example@evil.test',
    'https://shop.example, https://evil.test',
    'https://shop.example https://evil.test',
    'https://xn--shp-fna.example',
    'https://[::1]',
    'file://',
    'chrome-extension://abcdefghijklmnop',
    'null',
    'undefined',
    '*',
    '',
  ])('knows no page at %j, whatever it looks like', async (origin) => {
    const tcid = await world.click();
    const commands = [
      ['identify', { id: '1' }],
      ['conversion', { orderId: '1', currency: 'EUR', amount: 100 }],
    ];
    const visitorId = 'v'.repeat(22);
    const cookie = `tributary_vid=${visitorId}`;
    const headers = { origin, cookie, 'sec-fetch-site': 'same-origin' };
    const foreign = await world.events({ url: `${SHOP}/?tcid=${tcid}`, visitorId, commands }, headers);
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
    expect(foreign.headers.get('access-control-allow-credentials')).toBeNull();
    expect(foreign.headers.get('set-cookie')).toBeNull();
    expect(foreign.headers.get('vary')).toBe('Origin');
    expect(await foreign.json()).toMatchObject({
      ...{ visitorId: null, clickId: null, partner: null },
      results: [{ code: 'origin_not_allowed' }, { code: 'origin_not_allowed' }],
    });
    const left = ['touches', 'identities', 'conversions', 'sightings'].map((table) => `SELECT 1 FROM ${table}`);
    expect(await world.rows(left.join(' UNION ALL '))).toEqual([]);
  });

  test('no origin can be put on the list that a page without one could claim', async () => {
    for (const origin of [
      'null',
      '*',
      'https://*.shop.example',
      'file://',
      'https://shop.example/',
      'https://Shop.example',
    ]) {
      const patched = await world.call('PATCH', '/v1/program', { origins: [origin] });
      expect([origin, patched.status]).toEqual([origin, 422]);
    }
  });

  test('peer defect 22: the preflight allows what a page sends', async () => {
    const response = await world.fetch('/v1/events', { method: 'OPTIONS', headers: { origin: SHOP } });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('access-control-allow-headers')).toContain('content-type');
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
  });

  test.each([
    [400, 'malformed_json', '{', {}],
    [401, 'unknown_key', JSON.stringify({ key: 'trb_pk_live_x', url: SHOP }), {}],
    [401, 'wrong_key', JSON.stringify({ key: SECRET, url: SHOP }), {}],
    [401, 'looks_like_stripe_key', JSON.stringify({ key: 'pk_live_x', url: SHOP }), {}],
    [413, 'too_large', JSON.stringify({ key: PUBLISHABLE, url: SHOP, referrer: 'x'.repeat(66_000) }), {}],
    [415, 'unsupported_type', JSON.stringify({ key: PUBLISHABLE, url: SHOP }), { 'content-type': 'text/html' }],
    [422, 'invalid', JSON.stringify({ key: PUBLISHABLE, url: 'javascript:alert(1)' }), {}],
    [422, 'invalid', JSON.stringify({ key: PUBLISHABLE, url: SHOP, commands: ['identify'] }), {}],
    [422, 'invalid', JSON.stringify({ key: PUBLISHABLE, url: SHOP, commands: Array(51).fill(['click', {}]) }), {}],
    [422, 'invalid', JSON.stringify({ url: SHOP }), {}],
  ])('%i %s', async (status, code, body, headers) => {
    const response = await world.fetch('/v1/events', {
      method: 'POST',
      headers: { 'content-type': 'text/plain', ...headers },
      body,
    });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code });
    // A page must be able to read that it was refused.
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
  });

  test('a command without its payload spoils no other', async () => {
    const { results } = await land('', { commands: [['conversion'], ['click'], ['identify', { id: '1' }]] });
    expect(results).toMatchObject([{ code: 'invalid' }, { accepted: true }, { accepted: true }]);
  });

  test('a visitor id that is none of ours is answered with a new one', async () => {
    expect((await land('', { visitorId: '<script>' })).visitorId).toMatch(/^[A-Za-z0-9_-]{22}$/);
  });
});

test('fault 22: the preflight allows every header that a page may send here', async () => {
  const preflight = await world.fetch('/v1/events', {
    method: 'OPTIONS',
    headers: { origin: SHOP, 'access-control-request-headers': 'content-type, idempotency-key' },
  });
  expect(preflight.headers.get('access-control-allow-headers')?.split(', ')).toEqual([
    'content-type',
    'idempotency-key',
  ]);
});
