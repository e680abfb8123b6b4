/** GET /go/:code, on real D1: the redirect, its token, its one row, and what it does not count. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { EventsAnswer } from '../../edge/contract.ts';
import { verify } from '../../edge/core/token.ts';
import { CLICKS_A_MINUTE } from '../../edge/store/floods.ts';
import { ANNA, ANNA_LINK, BROWSER, createWorld, PROGRAM, SECRET, SHOP, type World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

const classes = () => world.rows<{ class: string; reason: string | null }>('SELECT class, reason FROM clicks');

test('a browser is redirected with a token that proves the click, and one row tells of it', async () => {
  const response = await world.fetch('/go/ANNA?sub1=newsletter', {
    headers: { ...BROWSER, referer: 'https://blog.example/post' },
    cf: { country: 'DE' },
  });
  expect(response.status).toBe(302);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('tributary-click')).toBe('stored');
  const location = new URL(response.headers.get('location') ?? '');
  expect(location.origin + location.pathname).toBe(`${SHOP}/`);
  expect(location.searchParams.get('from')).toBe('anna');
  const click = await verify(location.searchParams.get('tcid') ?? '', world.deps.secrets.tokenKeys);
  expect(click).toMatchObject({
    programId: PROGRAM,
    partnerId: ANNA,
    linkId: ANNA_LINK,
    class: 'valid',
    at: world.now(),
  });
  expect(await world.rows('SELECT * FROM clicks')).toMatchObject([
    {
      key: click?.key,
      partner_id: ANNA,
      link_id: ANNA_LINK,
      class: 'valid',
      reason: null,
      sub1: 'newsletter',
      country: 'DE',
      device: 'desktop',
      browser: 'Chrome',
      referrer_host: 'blog.example',
    },
  ]);
});

test('it answers the same under the base path', async () => {
  expect((await world.fetch('/_t/go/anna', { headers: BROWSER })).status).toBe(302);
});

test('peer defect 19: neither the address nor its token, nor what the page is told, holds the partner’s name or e-mail', async () => {
  const post = (path: string, body: object) =>
    world.fetch(path, {
      method: 'POST',
      headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  await post('/v1/partners', { slug: 'd-7', name: 'Dora Ahlberg', email: 'dora@partner.test' });
  await post('/v1/links', { partner: 'd-7', code: 'tents', url: `${SHOP}/tent` });
  const response = await world.fetch('/go/tents', { headers: BROWSER });
  const address = new URL(response.headers.get('location') ?? '');
  expect([...address.searchParams.keys()]).toEqual(['tcid']);
  const tcid = address.searchParams.get('tcid') ?? '';
  const told = await (await world.events({ url: `${SHOP}/?tcid=${tcid}` })).text();
  expect(told).toContain('"d-7"');
  for (const text of [address.href, atob(tcid.replaceAll('-', '+').replaceAll('_', '/')), told]) {
    expect(text.toLowerCase()).not.toMatch(/dora|ahlberg|partner\.test/);
  }
  expect([...response.headers].join().toLowerCase()).not.toMatch(/dora|ahlberg/);
});

test('an unknown code is a page with 404, and nothing is written', async () => {
  const response = await world.fetch('/go/nobody', { headers: BROWSER });
  expect(response.status).toBe(404);
  expect(response.headers.get('content-type')).toContain('text/html');
  expect(await classes()).toEqual([]);
});

test.each([
  ['a listed host', `${SHOP}/tent?color=red`, `${SHOP}/tent?color=red&tcid=`],
  ['a listed host in another spelling', 'https://SHOP.example:443/tent', `${SHOP}/tent?tcid=`],
  ['a foreign host', 'https://evil.example/', `${SHOP}/?from=anna&tcid=`],
  ['user info in front of a foreign host', 'https://shop.example@evil.example/', `${SHOP}/?from=anna&tcid=`],
  ['user info', 'https://a:b@shop.example/', `${SHOP}/?from=anna&tcid=`],
  ['a script', 'javascript:alert(1)//shop.example', `${SHOP}/?from=anna&tcid=`],
  ['another port', 'https://shop.example:8443/', `${SHOP}/?from=anna&tcid=`],
  ['no address', '//', `${SHOP}/?from=anna&tcid=`],
])('peer defect 6: a deep link to %s', async (_name, deepLink, expected) => {
  const response = await world.fetch(`/go/anna?u=${encodeURIComponent(deepLink)}`, { headers: BROWSER });
  expect(response.headers.get('location')).toMatch(expected);
  expect(response.headers.get('location')?.startsWith(expected)).toBe(true);
});

test.each([
  ['a robot', { 'user-agent': 'Googlebot/2.1 (+http://www.google.com/bot.html)' }, 'suspect', 'bot'],
  ['no user agent', { 'user-agent': '' }, 'suspect', 'bot'],
  ['a prefetch', { ...BROWSER, 'sec-purpose': 'prefetch', 'sec-fetch-dest': 'empty' }, 'suspect', 'prefetch'],
  ['an image', { ...BROWSER, 'sec-fetch-dest': 'image', 'sec-fetch-mode': 'no-cors' }, 'refused', 'not_navigation'],
  ['a frame', { ...BROWSER, 'sec-fetch-dest': 'iframe' }, 'refused', 'not_navigation'],
  ['a script', { ...BROWSER, 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'cors' }, 'refused', 'not_navigation'],
  [
    'a call without destination',
    { ...BROWSER, 'sec-fetch-dest': '', 'sec-fetch-mode': 'no-cors' },
    'refused',
    'not_navigation',
  ],
])('%s is redirected, classified and not counted', async (_name, headers, clickClass, reason) => {
  const response = await world.fetch('/go/anna', { headers });
  expect(response.status).toBe(302);
  expect(await classes()).toEqual([{ class: clickClass, reason }]);
});

test('a server tool that says cors without a destination is judged by its user agent', async () => {
  await world.fetch('/go/anna', { headers: { 'user-agent': BROWSER['user-agent'], 'sec-fetch-mode': 'cors' } });
  await world.fetch('/go/anna', { headers: { 'user-agent': 'node', 'sec-fetch-mode': 'cors' } });
  expect((await classes()).map((one) => one.class).sort()).toEqual(['suspect', 'valid']);
});

test('HEAD is no click: redirected without a token, nothing written', async () => {
  const response = await world.fetch('/go/anna', { method: 'HEAD', headers: { 'sec-gpc': '1' } });
  expect(response.status).toBe(302);
  expect(response.headers.get('location')).toBe(`${SHOP}/?from=anna`);
  expect(await classes()).toEqual([]);
  expect(await world.rows('SELECT * FROM click_days')).toEqual([]);
});

describe('too many clicks from one address within a minute', () => {
  const from = (address: string, code = 'anna') =>
    world.fetch(`/go/${code}`, { headers: { ...BROWSER, 'cf-connecting-ip': address } });
  const flood = async (times: number, address: string) => {
    let last = await from(address);
    for (let time = 1; time < times; time++) last = await from(address);
    return new URL(last.headers.get('location') ?? '').searchParams.get('tcid') ?? '';
  };
  const floods = async () => (await classes()).filter((one) => one.reason === 'flood');

  test('are redirected, suspect and not counted; other addresses, partners and minutes are', async () => {
    await flood(CLICKS_A_MINUTE, '192.0.2.7');
    expect(await floods()).toEqual([]);
    await from('192.0.2.7');
    await from('192.0.2.8');
    await from('192.0.2.7', 'bob');
    expect(await floods()).toEqual([{ class: 'suspect', reason: 'flood' }]);
    world.at(world.now() + 60_000);
    await from('192.0.2.7');
    expect(await floods()).toHaveLength(1);
  });

  test('one of them with whom a visitor lands may earn, and is still not counted', async () => {
    const tcid = await flood(CLICKS_A_MINUTE + 1, '192.0.2.7');
    const landed = await world.events({ url: `${SHOP}/?tcid=${tcid}` });
    const { visitorId, clickId } = await landed.json<EventsAnswer>();
    expect(visitorId).not.toBeNull();
    expect(await floods()).toEqual([{ class: 'valid', reason: 'flood' }]);
    const order = await world.order({ orderId: '1', currency: 'EUR', amount: 1000, clickId });
    expect(await order.json()).toMatchObject({ reason: 'last', allocations: [{ partner: 'anna' }] });
  });

  test.each([
    ['2001:db8:0:7::1', '2001:DB8:0000:0007:ffff:1:2:3', true],
    ['2001:db8::1', '2001:db8:0:0:9::2', true],
    ['2001:db8:0:7::1', '2001:db8:0:8::1', false],
    ['192.0.2.7', '192.0.2.70', false],
  ])('%s and %s are one line: %s', async (one, other, same) => {
    await flood(CLICKS_A_MINUTE, one);
    await from(other);
    expect(await floods()).toHaveLength(same ? 1 : 0);
  });

  test.each(['127.0.0.1', '::1', '::ffff:10.0.0.1', '192.168.1.4', '172.20.0.1', 'fd00::1', 'fe80::1'])(
    'from %s are nobody’s in particular',
    async (address) => {
      await flood(CLICKS_A_MINUTE + 1, address);
      expect(await floods()).toEqual([]);
    },
  );

  test('cost no row more, and no address is in the database', async () => {
    await from('192.0.2.7');
    const before = { ...world.billed };
    await from('192.0.2.7');
    expect(world.billed.rowsWritten - before.rowsWritten).toBe(1);
    expect(world.billed.roundTrips - before.roundTrips).toBe(1);
    expect(JSON.stringify(await world.rows('SELECT * FROM clicks'))).not.toContain('192.0.2');
  });
});

test('a browser that opted out is redirected without a token, and only the day knows of it', async () => {
  for (let time = 0; time < 3; time++) {
    const response = await world.fetch('/go/anna?sub1=ada', { headers: { ...BROWSER, 'sec-gpc': '1' } });
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe(`${SHOP}/?from=anna`);
    expect(response.headers.get('tributary-click')).toBeNull();
  }
  // Neither a prefetch nor a picture is somebody's click, opted out or not.
  await world.fetch('/go/anna', { headers: { ...BROWSER, 'sec-gpc': '1', 'sec-purpose': 'prefetch' } });
  await world.fetch('/go/anna', { headers: { ...BROWSER, 'sec-gpc': '1', 'sec-fetch-dest': 'image' } });
  expect(await classes()).toEqual([]);
  expect(await world.rows('SELECT * FROM click_days')).toEqual([
    {
      program_id: PROGRAM,
      partner_id: ANNA,
      day: Math.floor(world.now() / 86_400_000),
      link_id: ANNA_LINK,
      clicks: 0,
      counted: 0,
      opted_out: 3,
    },
  ]);
});

test('a database that is away holds up nobody who opted out', async () => {
  await world.click();
  world.d1.down = true;
  expect((await world.fetch('/go/anna', { headers: { ...BROWSER, 'sec-gpc': '1' } })).status).toBe(302);
});

test('peer defect 24: storage that never answers holds nobody up, and the token still earns', async () => {
  const writes = world.deps.clicks;
  world.deps.clicks = { ...writes, record: () => new Promise(() => undefined) };
  world.deps.clickWriteBudgetMs = 1;
  const response = await world.fetch('/go/anna', { headers: BROWSER });
  expect(response.headers.get('tributary-click')).toBeNull();
  world.deps.clicks = writes;
  const tcid = new URL(response.headers.get('location') ?? '').searchParams.get('tcid');
  const order = await world.order({ orderId: '1', currency: 'EUR', amount: 1000, clickId: tcid });
  expect(await order.json()).toMatchObject({ reason: 'last', allocations: [{ partner: 'anna', commission: 100 }] });
});

test('a link of a partner who left still leads to the shop, without a token', async () => {
  await world.rows(
    "UPDATE enrollments SET status = 'ended', stopped_at = ? WHERE partner_id = ?",
    world.now() - 1,
    ANNA,
  );
  const response = await world.fetch('/go/anna', { headers: BROWSER });
  expect(response.headers.get('location')).toBe(`${SHOP}/?from=anna`);
  expect(await classes()).toEqual([]);
});

test('a database that is away holds no shopper up: a known link goes on, an unknown one says to try again', async () => {
  const tcid = await world.click('anna');
  expect(tcid).not.toBe('');
  const { d1 } = world;
  d1.down = true;
  world.at(world.now() + 3_600_000);
  const known = await world.fetch('/go/anna', { headers: BROWSER });
  expect(known.status).toBe(302);
  expect(known.headers.get('tributary-click')).toBeNull();
  expect(known.headers.get('location')).toContain('tcid=');
  const unknown = await world.fetch('/go/bob', { headers: BROWSER });
  expect(unknown.status).toBe(503);
  expect(unknown.headers.get('content-type')).toContain('text/html');
  d1.down = false;
  expect((await world.fetch('/go/bob', { headers: BROWSER })).status).toBe(302);
});

test.each(['/go/anna/', '//go/anna', '/_t//go/anna/', '/_t/go/ANNA'])('%s is the same link', async (path) => {
  const response = await app(path);
  expect(response.status).toBe(302);
});

test.each(['/go', '/go/', '/v1', '/webhooks/x', '//[.', '/_t//a:b.c/'])('%s is nothing, and no fault', async (path) => {
  expect((await app(path)).status).toBe(404);
});

/** As a proxy hands it on: the path is not tidied by URL parsing first. */
const app = (path: string) => world.fetch(`https://t.example${path}`, { headers: BROWSER });

test('sub-ids are kept as text and nothing else', async () => {
  await world.fetch(`/go/anna?sub1=${encodeURIComponent(`${'x'.repeat(127)}😀`)}&sub2=a%00b`, { headers: BROWSER });
  expect(await world.rows('SELECT sub1, sub2 FROM clicks')).toEqual([{ sub1: `${'x'.repeat(127)}\ufffd`, sub2: 'ab' }]);
});
