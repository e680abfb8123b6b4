/**
 * Who remembers the visitor when the Worker stands on the shop's own host: its own cookie, which no script reads; and
 * what the set-up page makes of it. Black box, the product as `npm start` runs it.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import type { SetupAnswer } from '../../edge/contract.ts';
import type {} from '../../sdk/script.ts';
import { launch } from '../support/browser.ts';
import { createProduct, type Product, SECRET } from '../support/product.ts';
import { signIn } from '../support/sign-in.ts';

let product: Product;
let browser: Browser;
beforeAll(async () => {
  product = await createProduct();
  [browser] = await Promise.all([launch(), product.start()]);
});
afterAll(async () => {
  await browser?.close();
  await product?.dispose();
});

let context: BrowserContext;
let page: Page;
beforeEach(async () => {
  context = await browser.newContext({ locale: 'en-GB' });
  page = await context.newPage();
});
afterEach(() => context.close());

const cookie = async () => (await context.cookies()).find(({ name }) => name === 'tributary_vid');
const get = (what: 'clickId' | 'visitorId' | 'partner') =>
  page.evaluate((what) => new Promise<string | null>((done) => window.tributary?.('get', what, done)), what);
const shop = (path: string) => product.url('shop', path);

test('the server’s cookie knows the visitor on the next page, and no script reads it', async () => {
  await page.goto(shop('/?via=anna&consent=granted'));
  await expect.poll(() => get('partner')).toBe('anna');
  const visitorId = await get('visitorId');
  const days = (((await cookie())?.expires ?? 0) - Date.now() / 1000) / 86_400;
  expect(await cookie()).toMatchObject({
    value: visitorId,
    httpOnly: true,
    sameSite: 'Lax',
    domain: 'shop.localhost',
    path: '/',
  });
  // The longest window of the demo’s links.
  expect(days).toBeGreaterThan(59);
  expect(days).toBeLessThan(61);
  expect(await page.evaluate(() => document.cookie)).not.toContain('tributary_vid');

  await page.goto(shop('/products/kettle-fell'));
  expect(await get('visitorId')).toBe(visitorId);
  expect(await get('partner')).toBe('anna');
  // The checkout's fields are filled by the tag's `data-forms`.
  await page.getByRole('button', { name: 'Add to cart' }).click();
  await page.getByRole('link', { name: /checkout/i }).click();
  await expect.poll(() => page.locator('input[name="visitorId"]').inputValue()).toBe(visitorId);
});

test('a withdrawal erases it, and the clicks are nobody’s', async () => {
  await page.goto(shop('/?via=anna&consent=granted'));
  await expect.poll(() => get('partner')).toBe('anna');
  const visitorId = (await cookie())?.value;
  await page.goto(shop('/cart'));
  await page.evaluate(() => window.tributary?.('consent', 'denied'));
  await expect.poll(cookie).toBeUndefined();
  expect(await get('visitorId')).toBeNull();
  const order = await fetch(product.url('main', '/v1/conversions'), {
    method: 'POST',
    headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' },
    body: JSON.stringify({ orderId: `after-${visitorId}`, currency: 'EUR', amount: 100, visitorId }),
  });
  expect(await order.json()).toMatchObject({ reason: 'no_touch', allocations: [] });
});

test('who crosses over to another domain of the shop stays the same, once, and with both journeys', async () => {
  const stub = readFileSync(new URL('../../dist/sdk/stub.js', import.meta.url), 'utf8');
  const server = createServer((_request, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end(
      `<!doctype html><script>${stub}</script><script src="${product.url('main', '/sdk.js')}" data-key="trb_pk_test_demo"
        data-consent="granted"></script>`,
    ),
  );
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  const pay = `http://pay.localhost:${(server.address() as AddressInfo).port}`;
  const patched = await fetch(product.url('main', '/v1/program'), {
    method: 'PATCH',
    headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' },
    body: JSON.stringify({ origins: [new URL(shop('/')).origin, pay] }),
  });
  expect(patched.status).toBe(200);
  await page.goto(`${pay}/?via=bob`);
  await expect.poll(() => get('partner')).toBe('bob');
  const there = await get('visitorId');

  await page.goto(shop('/cart?via=anna&consent=granted'));
  await expect.poll(() => get('partner')).toBe('anna');
  const here = await get('visitorId');
  expect(here).not.toBe(there);
  await page.evaluate((to) => {
    document.body.insertAdjacentHTML('afterbegin', `<a id="pay" href="${to}/checkout">Pay</a>`);
    window.tributary?.('decorate', [new URL(to).host]);
  }, pay);
  // The file that asks is loaded by the first need.
  const asked = page.waitForResponse((one) => /"handover":true/.test(one.request().postData() ?? ''));
  await expect
    .poll(async () => {
      await page.mouse.move(300, 600);
      await page.hover('#pay');
      return Promise.race([asked.then(() => true), new Promise((done) => setTimeout(done, 200, false))]);
    })
    .toBe(true);
  await (await asked).finished();
  const arrival = page.waitForRequest((one) => one.url().startsWith(`${pay}/checkout`));
  await page.click('#pay');
  const forwarded = (await arrival).url();
  expect(forwarded).toContain('?tho=');
  await expect.poll(() => get('visitorId')).toBe(here);
  expect(page.url()).toBe(`${pay}/checkout`);
  const order = await fetch(product.url('main', '/v1/conversions?explain=1'), {
    method: 'POST',
    headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' },
    body: JSON.stringify({ orderId: `crossed-${here}`, currency: 'EUR', amount: 100, visitorId: here }),
  });
  const { explain } = (await order.json()) as { explain: { candidates: { partner: string }[] } };
  expect(explain.candidates.map(({ partner }) => partner).sort()).toEqual(['anna', 'bob']);

  // Passed on, it hands nobody over.
  const friend = await browser.newContext();
  page = await friend.newPage();
  await page.goto(forwarded);
  await expect.poll(() => get('visitorId')).not.toBeNull();
  expect(await get('visitorId')).not.toBe(here);
  await friend.close();
});

test('after a sign-out the browser is somebody else', async () => {
  await page.goto(shop('/?via=anna&consent=granted'));
  await expect.poll(() => get('partner')).toBe('anna');
  const before = (await cookie())?.value;
  await page.evaluate(() => window.tributary?.('reset'));
  await expect.poll(async () => (await cookie())?.value).not.toBe(before);
  await page.goto(shop('/cart'));
  expect(await get('partner')).toBeNull();
});

test('the set-up page shows grade A, once the shop has told something', async () => {
  await page.goto(shop('/?via=anna&consent=granted'));
  await expect.poll(() => get('partner')).toBe('anna');
  const answer = await fetch(product.url('main', '/v1/setup'), { headers: { authorization: `Bearer ${SECRET}` } });
  const { grade, seen, sdk } = (await answer.json()) as SetupAnswer;
  expect(grade).toBe('A');
  expect(seen.find(({ kind }) => kind === 'landing')).toMatchObject({ reach: 'A', host: new URL(shop('/')).host });

  await signIn(product, page, 'manager@demo.test');
  await page.goto(product.url('main', '/setup'));
  const main = page.getByRole('main');
  await expect.poll(() => main.textContent()).toContain('Grade A.');
  expect(await main.textContent()).toContain(sdk.integrity);
});

test('the script under its version runs with its hash, packed on the way', async () => {
  const { version, integrity } = (
    (await (
      await fetch(product.url('main', '/v1/setup'), { headers: { authorization: `Bearer ${SECRET}` } })
    ).json()) as SetupAnswer
  ).sdk;
  const script = await fetch(product.url('main', `/sdk/${version}.js`), { headers: { 'accept-encoding': 'br' } });
  expect(script.headers.get('content-encoding')).toBe('br');
  // Node has unpacked it.
  expect(await script.text()).toContain('tributary');

  await page.goto(shop('/cart'));
  const ran = (hash: string) =>
    page.evaluate(
      ([src, integrity]) =>
        new Promise<boolean>((done) => {
          const tag = Object.assign(document.createElement('script'), {
            ...{ src, integrity, crossOrigin: 'anonymous' },
            onload: () => done(true),
            onerror: () => done(false),
          });
          tag.dataset.key = 'trb_pk_test_demo';
          document.head.append(tag);
        }),
      [product.url('main', `/sdk/${version}.js`), hash] as const,
    );
  expect(await ran(integrity ?? '')).toBe(true);
  expect(await ran(`sha384-${'A'.repeat(64)}`)).toBe(false);
});

test('the thank-you page tells the order, too: it stays the server’s', async () => {
  await page.goto(shop('/products/kettle-fell?via=anna&consent=granted'));
  await expect.poll(() => get('partner')).toBe('anna');
  await page.getByRole('button', { name: 'Add to cart' }).click();
  await page.getByRole('link', { name: /checkout/i }).click();
  await page.getByLabel(/e-?mail/i).fill('eve@example.com');
  await expect.poll(() => page.locator('input[name="clickId"]').inputValue()).not.toBe('');
  const told = page.waitForRequest(
    (one) => one.url().endsWith('/v1/events') && /"conversion"/.test(one.postData() ?? ''),
  );
  await page.getByRole('button', { name: /pay/i }).click();
  const answer = (await (await told).response())?.json();
  expect(await answer).toMatchObject({ results: [{ accepted: true, duplicate: true }] });
  const orderId = page.url().split('/').at(-1);
  const order = await fetch(product.url('main', `/v1/conversions/order:${orderId}`), {
    headers: { authorization: `Bearer ${SECRET}` },
  });
  expect(await order.json()).toMatchObject({ verified: true, reason: 'last', allocations: [{ partner: 'anna' }] });
});
