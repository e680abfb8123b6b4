/** What shops load, as it is served: for any origin, packed as well as it can be, and under its version for ever. */
import { env } from 'cloudflare:test';
import { beforeEach, expect, test } from 'vitest';
import type { SetupAnswer } from '../../edge/contract.ts';
import { VERSION } from '../../edge/http/health.ts';
import { createWorld, SECRET, type World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

const assets = (env as unknown as { ASSETS: Fetcher }).ASSETS;
const get = (path: string, headers: Record<string, string> = {}) => world.fetch(path, { headers });
const plain = async () => (await assets.fetch('https://assets.local/sdk.js')).text();

test.each(['/sdk.js', `/sdk/${VERSION}.js`, '/_t/sdk.js', `/_t/sdk/${VERSION}.js`])(
  '%s is the script',
  async (path) => {
    const response = await get(path);
    expect(response.status).toBe(200);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('cross-origin-resource-policy')).toBe('cross-origin');
    expect(response.headers.get('vary')).toBe('Accept-Encoding');
    expect(response.headers.get('content-type')).toMatch(/^text\/javascript/);
    expect(response.headers.get('cache-control')).toBe(
      path.includes(VERSION)
        ? 'public, max-age=31536000, immutable'
        : 'public, max-age=3600, stale-while-revalidate=86400',
    );
    expect(response.headers.get('content-encoding')).toBeNull();
    expect(await response.text()).toBe(await plain());
  },
);

test.each(['br', 'gzip, deflate, br, zstd', 'gzip;q=0.5, BR;q=1.0'])('is packed for %s', async (accepted) => {
  const response = await get('/sdk.js', { 'accept-encoding': accepted });
  expect(response.headers.get('content-encoding')).toBe('br');
  expect(response.headers.get('content-type')).toMatch(/^text\/javascript/);
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  const packed = await (await assets.fetch('https://assets.local/sdk.js.br')).arrayBuffer();
  expect(packed.byteLength).toBeLessThanOrEqual(1792);
});

test.each(['', 'gzip', 'identity', 'br;q=0, gzip', 'brotli'])('is not packed for %j', async (accepted) => {
  const response = await get('/sdk.js', { 'accept-encoding': accepted });
  expect(response.headers.get('content-encoding')).toBeNull();
  expect(await response.text()).toBe(await plain());
});

test.each(['domains', 'forms', 'stripe', 'moves', 'debug'])('/sdk/%s.js may be loaded by any page', async (name) => {
  const response = await get(`/sdk/${name}.js`);
  expect(response.status).toBe(200);
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  expect(response.headers.get('cache-control')).not.toContain('immutable');
});

test('a version that is not there is not found, and not for ever', async () => {
  const response = await get('/sdk/9.9.9.js');
  expect(response.status).toBe(404);
  expect(response.headers.get('cache-control')).toBe('no-store');
});

test('the set-up tells the hash of the script as it is served', async () => {
  const response = await get('/v1/setup', { authorization: `Bearer ${SECRET}` });
  const { sdk } = await response.json<SetupAnswer>();
  const bytes = new TextEncoder().encode(await (await get(sdk.path)).text());
  const digest = await crypto.subtle.digest('SHA-384', bytes);
  expect(sdk.integrity).toBe(`sha384-${btoa(String.fromCharCode(...new Uint8Array(digest)))}`);
});
