/**
 * Goal: whatever answers, it says what browsers must not make of it. Method: every route there is, asked by nobody, a key
 * and people, by right and by wrong methods, here and on the shop's host; then the answers that no route gives.
 */
import { createExecutionContext, env } from 'cloudflare:test';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { routes } from '../../edge/app.ts';
import type { Env } from '../../edge/deps.ts';
import { createWorker } from '../../edge/worker.ts';
import { ANNA, BROWSER, createWorld, PROGRAM, PUBLISHABLE, SECRET, SHOP, type World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  // What is refused and what fails is told in the log; here it is meant to be.
  for (const name of ['log', 'error'] as const) vi.spyOn(console, name).mockReturnValue(undefined);
  world = await createWorld();
});

/** Loaded or read by pages of other sites. */
const EMBEDDED = /^\/(sdk[./]|docs|go\/anna$|v1\/(events|pixel\.gif|openapi\.json)$)/;
/** Read by scripts of other sites. */
const ANYBODY = /^\/(sdk[./]|docs|v1\/(events|openapi\.json)$)/;

/** What must hold of a redirect to the shop too. */
const OF_REDIRECTS = [
  ...['nosniff', 'no referrer', 'a window of its own', 'TLS only, where the host is ours', 'what caches may do'],
  'read by nobody else',
];

/** Everything that must hold of any answer; what does not is named. */
function faults(answer: Response, { path, atShop = false }: { path: string; atShop?: boolean }): string[] {
  const { headers } = answer;
  const said = (name: string) => headers.get(name) ?? '';
  const html = said('content-type').startsWith('text/html');
  const redirect = answer.status === 302;
  const toShop = redirect && path.startsWith('/go/');
  const csp = said('content-security-policy');
  const found = answer.status === 200 || answer.status === 204 || answer.status === 302;
  const must: Record<string, boolean> = {
    nosniff: said('x-content-type-options') === 'nosniff',
    'a policy of nothing else': /^default-src 'none'; /.test(csp) && !/unsafe|https?:|\*|strict-dynamic/.test(csp),
    'no frame': csp.includes("frame-ancestors 'none'"),
    'no base': csp.includes("base-uri 'none'"),
    'no form elsewhere': /form-action '(none|self)'/.test(csp),
    'no script where there is no page': html || !/script-src|style-src|connect-src/.test(csp),
    'no text as script': !html || csp.includes("require-trusted-types-for 'script'; trusted-types 'none'"),
    'no features':
      said('permissions-policy').includes('camera=()') && !/=\*|=\((?!self\)|\))/.test(said('permissions-policy')),
    'no passkeys elsewhere': html || toShop || said('permissions-policy').includes('publickey-credentials-get=()'),
    'no referrer': redirect
      ? said('referrer-policy') === 'strict-origin-when-cross-origin'
      : said('referrer-policy') === (html ? 'same-origin' : 'no-referrer'),
    'a window of its own': html === (said('cross-origin-opener-policy') === 'same-origin'),
    'TLS only, where the host is ours':
      said('strict-transport-security') === (atShop ? '' : 'max-age=63072000; includeSubDomains'),
    'what caches may do': said('cache-control') !== '',
    'for other sites only what they load':
      said('cross-origin-resource-policy') === 'same-origin' ||
      (said('cross-origin-resource-policy') === 'cross-origin' && EMBEDDED.test(path)),
    'loaded where it must be':
      !(found && EMBEDDED.test(path)) || said('cross-origin-resource-policy') === 'cross-origin',
    'read by nobody else': !headers.has('access-control-allow-origin') || ANYBODY.test(path),
  };
  // A link's redirect makes no document, and is kept short: what speaks of documents is not said there.
  const spoken = Object.entries(must).filter(([name]) => !toShop || OF_REDIRECTS.includes(name));
  return spoken.flatMap(([name, holds]) => (holds ? [] : [`${name}: ${JSON.stringify([...headers])}`]));
}

test.each(['', '/_t'])('every route under %j, whoever asks and how', async (base) => {
  const owner = await world.signIn({ personId: 'olga' as never, programId: PROGRAM, partnerId: null });
  const partner = await world.signIn({ personId: 'anna' as never, programId: PROGRAM, partnerId: ANNA });
  const callers: Record<string, Record<string, string>> = {
    nobody: {},
    'another site': { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site', ...owner },
    'a key': { authorization: `Bearer ${SECRET}` },
    'a wrong key': { authorization: 'Bearer trb_sk_test_wrong' },
    owner,
    partner,
  };
  const all = new Map(routes.flatMap((one) => (one.method === 'ALL' ? [] : [[`${one.method} ${one.path}`, one]])));
  expect(all.size).toBeGreaterThan(30);
  const found: string[] = [];
  for (const [name, { method, path: pattern }] of all) {
    const path = pattern.replace(/:\w+/g, 'nothing').replace('*', '');
    for (const [who, headers] of Object.entries(callers)) {
      const others = who === 'nobody' ? ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'POST'] : [];
      for (const asked of new Set([method, ...others])) {
        const sends = asked === 'POST' || asked === 'PATCH';
        const answer = await world.fetch(`${base}${path}`, {
          method: asked,
          headers: { ...headers, ...(sends && { 'content-type': 'application/json' }) },
          ...(sends && { body: '{}' }),
        });
        const wrong = faults(answer, { path, atShop: base !== '' });
        found.push(...wrong.map((fault) => `${name}, ${asked} by ${who}, ${answer.status}: ${fault}`));
      }
    }
  }
  expect(found).toEqual([]);
});

describe.each([
  ['', false],
  ['/_t', true],
])('under %j', (base, atShop) => {
  test.each([
    ['a link', 302, '/go/anna'],
    ['an unknown link', 404, '/go/nobody'],
    ['a link of another method', 404, '/go/anna', { method: 'POST' }],
    ['no route', 404, '/v1/nothing'],
    ['no file', 404, '/nothing.js'],
    ['the dashboard', 200, '/'],
    ['an address inside it', 200, '/orders/1'],
    ['the script', 200, '/sdk.js'],
    ['the script, packed', 200, '/sdk.js', { headers: { 'accept-encoding': 'br' } }],
    ['a page of the docs', 200, '/docs/limits'],
    ['the pixel', 200, `/v1/pixel.gif?key=${PUBLISHABLE}`],
    ['a key in an address', 401, `/v1/orders?key=${SECRET}`],
    [
      'what is no JSON',
      415,
      '/v1/conversions',
      { method: 'POST', body: 'x', headers: { authorization: `Bearer ${SECRET}` } },
    ],
    [
      'a page’s events',
      200,
      '/v1/events',
      {
        method: 'POST',
        headers: { origin: SHOP, 'content-type': 'text/plain' },
        body: JSON.stringify({ key: PUBLISHABLE, url: SHOP }),
      },
    ],
    [
      'a page’s events that cannot be read',
      400,
      '/v1/events',
      { method: 'POST', headers: { origin: SHOP, 'content-type': 'text/plain' }, body: '{' },
    ],
    ['what a page asks before it calls', 204, '/v1/events', { method: 'OPTIONS', headers: { origin: SHOP } }],
  ] as [string, number, string, RequestInit?][])('%s: %i', async (_name, status, path, init = {}) => {
    const answer = await world.fetch(`${base}${path}`, { ...init, headers: { ...BROWSER, ...init.headers } });
    expect(answer.status).toBe(status);
    expect(faults(answer, { path: path.replace(/\?.*/, ''), atShop })).toEqual([]);
  });

  test('a link while the database is away: 503, and a fault: 500', async () => {
    world.d1.down = true;
    const away = await world.fetch(`${base}/go/bob`, { headers: BROWSER });
    expect([away.status, faults(away, { path: '/go/bob', atShop })]).toEqual([503, []]);
    const health = await world.fetch(`${base}/v1/program`, { headers: { authorization: `Bearer ${SECRET}` } });
    expect([health.status, faults(health, { path: '/v1/program', atShop })]).toEqual([500, []]);
  });

  test('a Worker without its secrets: 503', async () => {
    const bare = { ...(env as unknown as Env), TOKEN_KEYS: '' };
    for (const path of ['/', '/go/anna', '/v1/events', '/health']) {
      const request = new Request(`https://t.example${base}${path}`);
      const answer = await createWorker().fetch(request as never, bare, createExecutionContext() as never);
      expect([answer.status, faults(answer as never, { path: '/v1', atShop })]).toEqual([503, []]);
    }
  });

  test('what a wrapper answers, and what it throws', async () => {
    for (const routes of [async () => new Response('own'), () => Promise.reject(new Error('broken'))]) {
      const request = new Request(`https://t.example${base}/dev`);
      const worker = createWorker({ routes: routes as never });
      const answer = await worker.fetch(request as never, env as unknown as Env, createExecutionContext() as never);
      expect(faults(answer as never, { path: '/dev', atShop })).toEqual([]);
    }
  });
});

test('what says more for itself keeps it', async () => {
  const page = await world.fetch('/');
  expect(page.headers.get('permissions-policy')).toMatch(
    /clipboard-write=\(self\).*publickey-credentials-get=\(self\)/,
  );
  expect(page.headers.get('content-security-policy')).toContain("script-src 'self'; style-src 'self'");
  expect(page.headers.get('cache-control')).toBe('no-cache');
  const order = await world.order('{');
  expect(order.headers.get('cache-control')).toBe('no-store');
  const program = await world.fetch('/v1/program', { headers: { authorization: `Bearer ${SECRET}` } });
  expect(program.headers.get('cache-control')).toBe('private, no-store');
});

test('the page of a link that leads nowhere has the one style that its policy names', async () => {
  const answer = await world.fetch('/go/nobody');
  const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(await answer.text()) ?? [];
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(style));
  const named = btoa(String.fromCharCode(...new Uint8Array(hash)));
  expect(answer.headers.get('content-security-policy')).toContain(`style-src 'sha256-${named}'`);
});

test('the dashboard’s page has no script or style of its own, nor anything of another host', async () => {
  const text = await (await world.fetch('/')).text();
  expect(text).not.toMatch(/<style|style=|\son\w+=|javascript:|https?:\/\//i);
  for (const [tag] of text.matchAll(/<script[^>]*>/g)) expect(tag).toMatch(/ src="\/assets\//);
  expect(text).toMatch(/<script[^>]*><\/script>/);
});
