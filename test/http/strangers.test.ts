/**
 * Goal: what a page of another site can make a browser send does nothing here, and hears nothing. Method: every row of the
 * policy table, asked by somebody who may, in each way that a foreign form, script, image or link could ask. One world for
 * all rows of a test: whatever gets through is named.
 */
import { beforeEach, expect, test, vi } from 'vitest';
import { bySession, callerOf, changes, type Fields, type People, ROWS, type Row, signInAll } from '../support/doors.ts';
import { createWorld, ORIGIN, SECRET, SHOP, type World } from '../support/world.ts';

let world: World;
let people: People;
beforeEach(async () => {
  // What is refused and what fails is told in the log; here it is meant to be.
  for (const name of ['log', 'error'] as const) vi.spyOn(console, name).mockReturnValue(undefined);
  world = await createWorld();
  people = await signInAll(world);
});

const JSON_TYPE = { 'content-type': 'application/json' };
const changing = ROWS.filter((row) => changes(row) && row.door !== 'public');

async function ask(row: Row, headers: Fields, body: BodyInit | null = changes(row) ? '{}' : null) {
  const answer = await world.fetch(row.path, { method: row.method, headers, ...(body !== null && { body }) });
  const { code = null } = (await answer.json<{ code?: string }>().catch(() => null)) ?? {};
  return { status: answer.status, code };
}
/** Refused for where it came from, before anything was done. */
const REFUSED: readonly unknown[] = ['sign_in_required', 'missing_key', 'cross_site'];

async function wrong(
  some: readonly Row[],
  cases: Readonly<Record<string, Fields>>,
  is: (row: Row, headers: Fields, name: string) => Promise<string | null>,
): Promise<string[]> {
  const found: string[] = [];
  for (const row of some) {
    for (const [name, headers] of Object.entries(cases)) {
      const fault = await is(row, headers, name);
      if (fault !== null) found.push(`${row.name}, ${name}: ${fault}`);
    }
  }
  return found;
}

const TYPES = [
  ...['text/plain', 'text/plain;charset=UTF-8', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'],
  ...['text/json', 'text/html', 'application/jsonp', 'application/json-seq', 'application/ld+json', '*/*', 'json'],
  ...['application/problem+json', 'application/json, text/plain', 'application/json, application/json'],
  ...['text/plain, application/json', 'text/plain; application/json', ';application/json'],
  'application/json application/json',
];

test('what changes something takes JSON and nothing else; the SDK’s door plain text besides', async () => {
  expect(changing.length).toBeGreaterThan(10);
  const cases = Object.fromEntries(TYPES.map((type) => [type, { 'content-type': type }]));
  const found = await wrong(changing, cases, async (row, headers, type) => {
    const { status, code } = await ask(row, { ...callerOf(row, people), ...headers });
    const taken = row.door === 'page' && /^text\/plain(;|$)/.test(type);
    return (code === 'unsupported_type' && status === 415) === !taken ? null : `${status} ${code}`;
  });
  expect(found).toEqual([]);
});

test('nor a body that says no type', async () => {
  const found = await wrong(changing, { 'no type': {} }, async (row) => {
    const { status } = await ask(row, callerOf(row, people), new Uint8Array([123, 125]));
    return status === 415 ? null : String(status);
  });
  expect(found).toEqual([]);
});

test('JSON is UTF-8, whatever its parameters say', async () => {
  const types = [
    'application/json',
    'Application/JSON ; charset=utf-8',
    'application/json; charset=x',
    'application/json;',
  ];
  const cases = Object.fromEntries(types.map((type) => [type, { 'content-type': type }]));
  const found = await wrong(changing, cases, async (row, headers) => {
    const { status } = await ask(row, { ...callerOf(row, people), ...headers });
    return status < 500 && status !== 415 ? null : String(status);
  });
  expect(found).toEqual([]);
  const latin = await world.fetch('/v1/partners', {
    method: 'POST',
    headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json; charset=iso-8859-1' },
    body: new Uint8Array([34, 228, 34]),
  });
  expect(latin.status).toBe(400);
});

const FOREIGN: Readonly<Record<string, Fields>> = {
  'another site': { origin: 'https://evil.test' },
  'a site whose name begins as ours': { origin: `${ORIGIN}.evil.test` },
  'a host below ours': { origin: 'https://x.t.example' },
  'the host above ours': { origin: 'https://example' },
  'the shop': { origin: SHOP },
  'our host without TLS': { origin: 'http://t.example' },
  'our host at another port': { origin: `${ORIGIN}:8443` },
  'a frame without an origin': { origin: 'null' },
  'our origin spelled another way': { origin: `${ORIGIN}/` },
  'our origin in capitals': { origin: ORIGIN.toUpperCase() },
  'two origins': { origin: `${ORIGIN}, https://evil.test` },
  'a page that hides where it is': { origin: '' },
  'a browser that says it crossed sites': { origin: ORIGIN, 'sec-fetch-site': 'cross-site' },
  'a browser that says it crossed hosts': { origin: ORIGIN, 'sec-fetch-site': 'same-site' },
  'a form of another site': {
    ...{ origin: 'https://evil.test', 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
  },
};
const ofBrowsers = changing.filter((row) => bySession(row) || row.door === 'browser');

test('what a session may change, our own pages alone may ask for', async () => {
  expect(ofBrowsers.length).toBeGreaterThan(5);
  const ours = { 'an old browser': {}, 'a new one': { 'sec-fetch-site': 'same-origin' } };
  const foreign = async (row: Row, headers: Fields) => {
    const { status, code } = await ask(row, { ...callerOf(row, people), ...JSON_TYPE, ...headers });
    return REFUSED.includes(code) ? null : `${status} ${code}`;
  };
  expect(await wrong(ofBrowsers, FOREIGN, foreign)).toEqual([]);
  const silent = async (row: Row) => {
    const { origin: _origin, ...caller } = callerOf(row, people);
    const { status, code } = await ask(row, { ...caller, ...JSON_TYPE });
    return REFUSED.includes(code) ? null : `${status} ${code}`;
  };
  expect(await wrong(ofBrowsers, { 'no origin at all': {} }, silent)).toEqual([]);
  const atShop = ofBrowsers.map((row) => ({ ...row, path: `/_t${row.path}` }));
  expect(await wrong(atShop, { 'the shop’s own host': {} }, foreign)).toEqual([]);
  const own = async (row: Row, headers: Fields) => {
    // Some of what they may do ends their session.
    people = await signInAll(world);
    const { status, code } = await ask(row, { ...callerOf(row, people), ...JSON_TYPE, ...headers });
    return REFUSED.includes(code) || status === 403 ? `${status} ${code}` : null;
  };
  expect(await wrong(ofBrowsers, ours, own)).toEqual([]);
});

test('what a session may read is told to our own pages alone', async () => {
  const reading = ROWS.filter((row) => row.method === 'GET' && bySession(row));
  expect(reading.length).toBeGreaterThan(5);
  const cases: Record<string, Fields> = {
    'a script of another site': { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' },
    'an image or script tag of another site': { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
    'a host beside ours': { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' },
    'a link on another site': { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
  };
  const refused = async (row: Row, headers: Fields) => {
    const { status, code } = await ask(row, { ...callerOf(row, people), ...headers });
    return code === 'sign_in_required' ? null : `${status} ${code}`;
  };
  expect(await wrong(reading, cases, refused)).toEqual([]);
  const atShop = reading.map((row) => ({ ...row, path: `/_t${row.path}` }));
  expect(await wrong(atShop, { 'the shop’s own host': {} }, refused)).toEqual([]);
  const ours = {
    'our page': { 'sec-fetch-site': 'same-origin' },
    'an address that was typed': { 'sec-fetch-site': 'none' },
  };
  const told = async (row: Row, headers: Fields) => {
    const { status, code } = await ask(row, { ...callerOf(row, people), ...headers });
    return status === 401 || status === 403 ? `${status} ${code}` : null;
  };
  expect(await wrong(reading, ours, told)).toEqual([]);
});

test('no door but the SDK’s lets a page of another site read it as somebody', async () => {
  const doors: Row[] = [...ROWS, { name: 'GET /go/:code', method: 'GET', door: 'public', path: '/go/anna' }];
  const origins = ['https://evil.test', SHOP, 'null', `${SHOP}.evil.test`, 'http://t.example'];
  const cases = Object.fromEntries(origins.map((origin) => [origin, { origin }]));
  const found = await wrong(doors, cases, async (row, { origin = '' }) => {
    const asked = { ...callerOf(row, people), origin, ...(changes(row) && JSON_TYPE) };
    const preflight = {
      origin,
      'access-control-request-method': row.method,
      'access-control-request-headers': 'content-type, authorization, tributary-place',
    };
    for (const init of [
      { method: row.method, headers: { origin, ...(changes(row) && JSON_TYPE) }, ...(changes(row) && { body: '{}' }) },
      { method: row.method, headers: asked, ...(changes(row) && { body: '{}' }) },
      { method: 'OPTIONS', headers: preflight },
    ]) {
      const { headers } = await world.fetch(row.path, init);
      const [allowed, credentials, names] = ['origin', 'credentials', 'headers'].map((name) =>
        headers.get(`access-control-allow-${name}`),
      );
      if (credentials != null || (allowed != null && allowed !== '*'))
        return `${init.method} ${allowed} ${credentials}`;
      // No preflight says yes to a call with a key or a place.
      if (/authorization|place|\*/i.test(names ?? '')) return `${init.method} ${names}`;
    }
    return null;
  });
  expect(found).toEqual([]);
});
