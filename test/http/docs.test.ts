/**
 * Goal: the pages at /docs lead nowhere wrong, load nothing from elsewhere, and tell the limits that hold. Method: each
 * page as it is served, on its own and under the base path.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { BrowserConversion, Conversion, Events, MAX_BODY_BYTES } from '../../edge/contract.ts';
import { schemaOf } from '../../edge/docs/openapi.ts';
import { OPERATIONS } from '../../edge/docs/operations.ts';
import { fieldsOf } from '../../edge/docs/reference.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

const PAGES = [
  '/docs',
  '/docs/rules',
  '/docs/limits',
  '/docs/errors',
  '/docs/security',
  '/docs/audit',
  '/docs/reference',
];
const read = async (path: string) => (await world.fetch(path)).text();
const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, one = '']) => one);

describe.each(PAGES)('%s', (path) => {
  test('is a page that loads nothing from elsewhere', async () => {
    const response = await world.fetch(path);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const csp = response.headers.get('content-security-policy') ?? '';
    expect(csp).toContain("default-src 'none'");
    expect(csp).not.toMatch(/unsafe|https?:|\*/);
    const text = await response.text();
    expect(text).not.toMatch(/ style="| on\w+="|<iframe|<img|@import/);
    expect(all(text, /(?:src|rel="stylesheet" href)="([^"]+)"/g)).toEqual(['/docs/style.css', '/docs/try.js']);
    for (const own of ['/docs/style.css', '/docs/try.js']) expect((await world.fetch(own)).status).toBe(200);
    expect(text.match(/<h1>/g)).toHaveLength(1);
    expect(text).toContain('aria-current="page"');
  });

  test.each(['', '/_t'])('leads only where there is something, under %j', async (base) => {
    const text = await read(`${base}${path}`);
    for (const link of all(text, /href="([^"]+)"/g)) {
      if (/^https:\/\/(www\.rfc-editor|owasp)\.org\//.test(link)) continue;
      const [address = '', anchor] = link.split('#');
      if (address) expect(address.startsWith(`${base}/`)).toBe(true);
      const target = address ? await world.fetch(address) : null;
      if (target) expect([link, target.status]).toEqual([link, 200]);
      if (anchor)
        expect([link, (target ? await target.text() : text).includes(`id="${anchor}"`)]).toEqual([link, true]);
    }
  });

  test('names each place once', async () => {
    const ids = all(await read(path), / id="([^"]+)"/g);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

test('what is no page is not found', async () => {
  for (const path of ['/docs/nope', '/docs/constructor', '/docs/__proto__', '/docs/a/b']) {
    expect((await world.fetch(path)).status).not.toBe(500);
  }
  expect((await world.fetch('/docs/nope')).status).toBe(404);
});

test('a host is shown, never run', async () => {
  const response = await world.fetch('https://t.example/docs?x="><script>alert(1)</script>');
  expect(await response.text()).not.toContain('alert(1)');
});

test('the limits that are told are those that hold', async () => {
  const text = await read('/docs/limits');
  const properties = (shape: Parameters<typeof schemaOf>[0]) =>
    schemaOf(shape, 'input').properties as Record<string, { maxItems?: number; maxLength?: number; maximum?: number }>;
  expect(properties(Conversion)).toMatchObject({
    items: { maxItems: 500 },
    codes: { maxItems: 20, items: { maxLength: 64 } },
    amount: { maximum: 1e12 },
    orderId: { maxLength: 255 },
  });
  expect(properties(BrowserConversion).items?.maxItems).toBe(500);
  expect(properties(Events)).toMatchObject({ commands: { maxItems: 50 } });
  expect(text).toContain(MAX_BODY_BYTES.toLocaleString('en'));
});

test('the reference shows every call and every field, and no sign of a machine', async () => {
  const text = await read('/docs/reference');
  for (const { title, path, body } of OPERATIONS) {
    expect(text).toContain(title);
    expect(text).toContain(path);
    for (const { name } of body ? fieldsOf(schemaOf(body.shape, 'input')) : [])
      expect(text).toContain(`<code>${name}</code>`);
  }
  expect(text).not.toMatch(/\[object |undefined|NaN/);
});
