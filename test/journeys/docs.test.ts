/** The documentation, as people use it: read on a phone and a desk, by day and night, by keyboard, and tried. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launch } from '../support/browser.ts';
import { createProduct, type Product, SECRET } from '../support/product.ts';

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

async function open(width: number, colorScheme: 'light' | 'dark') {
  const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  return { context, page, errors };
}

test.each([
  [360, 'light'],
  [360, 'dark'],
  [1280, 'light'],
  [1280, 'dark'],
] as const)('at %i px, %s: nothing is cut off, nothing is refused by the browser', async (width, scheme) => {
  const { context, page, errors } = await open(width, scheme);
  for (const path of ['/docs', '/docs/rules', '/docs/limits', '/docs/errors', '/docs/reference']) {
    await page.goto(product.url('main', path));
    expect([path, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([path, width]);
  }
  expect(errors).toEqual([]);
  await context.close();
});

test('by keyboard: past the places to the text, and from page to page', async () => {
  const { context, page } = await open(360, 'light');
  await page.goto(product.url('main', '/docs'));
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('content');
  await page.getByRole('link', { name: 'Reference' }).first().focus();
  await page.keyboard.press('Enter');
  await page.waitForURL('**/docs/reference');
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Reference');
  await context.close();
});

test('a call is tried: without a key it asks for one, with a live one it only reads, with the sandbox’s it is done', async () => {
  const { context, page, errors } = await open(360, 'dark');
  await page.goto(product.url('main', '/docs/reference'));
  const call = page.getByRole('article', { name: 'Tell an order' });
  await call.getByText('Try it').click();
  const send = call.getByRole('button', { name: 'Send POST' });
  const said = call.getByRole('status');
  await send.click();
  expect(await said.textContent()).toContain('takes a secret key');

  const key = page.getByLabel('Secret key');
  await key.fill('trb_sk_live_x');
  await send.click();
  expect(await said.textContent()).toContain('live key');

  await key.fill(SECRET);
  for (const elsewhere of ['//elsewhere.example/v1', '/\t/elsewhere.example/v1']) {
    await call.getByLabel('Address').fill(elsewhere);
    await send.click();
    expect(await said.textContent()).toContain('one slash');
  }

  await call.getByLabel('Address').fill('/v1/conversions?explain=1');
  await send.click();
  await said.getByText('201 Created').waitFor();
  expect(await said.textContent()).toContain('"orderId": "A-1001"');
  // The key is nowhere but in the page.
  expect(await page.evaluate(() => Object.keys(localStorage).length + Object.keys(sessionStorage).length)).toBe(0);
  expect(errors).toEqual([]);
  await context.close();
});
