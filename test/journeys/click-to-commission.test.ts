/**
 * The whole path, as people walk it, in a real browser across the three hosts: a link on the partner's blog, the shop's
 * banner, an order, and the commission with its reason on the partner's screen. Seen only through pages.
 */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { launch } from '../support/browser.ts';
import { createProduct, type Product, SECRET } from '../support/product.ts';
import { signIn } from '../support/sign-in.ts';
import { STUFFED, stuffAndBuy } from '../support/stuffing.ts';

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
let errors: string[];
beforeEach(async () => {
  errors = [];
  context = await browser.newContext({ viewport: { width: 360, height: 740 }, locale: 'en-GB' });
  page = await context.newPage();
  page.on('pageerror', (error) => errors.push(String(error)));
});
afterEach(async () => {
  await context.close();
  expect(errors).toEqual([]);
});

/** From Anna's post to the shop, by the first link in its text. */
async function followLink(): Promise<void> {
  await page.goto(product.url('blog', '/posts/dawn-kit'));
  await page.getByRole('link', { name: 'Dawn Kit' }).first().click();
  await page.waitForURL(`${product.url('shop')}products/**`);
}

/** The banner's answer, and what the SDK told the Worker because of it. */
async function consent(answer: 'Yes, please' | 'No, thanks'): Promise<void> {
  await page.getByRole('button', { name: answer }).click();
}

/** Puts what is on the page into the cart and fills in the checkout. */
async function buy(email: string): Promise<void> {
  await page.getByRole('button', { name: 'Add to cart' }).click();
  await page.waitForURL(product.url('shop', '/cart'));
  await page.getByRole('link', { name: /checkout/i }).click();
  await page.waitForURL(product.url('shop', '/checkout'));
  await page.getByLabel(/e-?mail/i).fill(email);
  await page.getByLabel(/name/i).first().fill('Ada');
  await page
    .getByLabel(/address/i)
    .last()
    .fill('1 Hill Road');
}

const pay = async (): Promise<string> => {
  await page.getByRole('button', { name: /pay/i }).click();
  await page.waitForURL(/\/thanks\//);
  return page.url().split('/').at(-1) ?? '';
};

const become = (email: string) => signIn(product, page, email);

const conversion = async (orderId: string) => {
  const response = await fetch(product.url('main', `/v1/conversions/order:${orderId}`), {
    headers: { authorization: `Bearer ${SECRET}` },
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

test('a click on the blog becomes a commission on Anna’s screen, with its reason', async () => {
  await followLink();
  await consent('Yes, please');
  // The token leaves the address once it was read.
  await expect.poll(() => page.url()).not.toContain('tcid');
  await buy('ada@example.com');
  const field = page.locator('input[name="clickId"]');
  await expect.poll(() => field.inputValue()).toMatch(/^[A-Za-z0-9_-]{112}$/);
  const orderId = await pay();
  const { body } = await conversion(orderId);
  expect(body).toMatchObject({
    verified: true,
    reason: 'last',
    allocations: [{ partner: 'anna', currency: 'EUR', status: 'pending' }],
  });

  // Reloading the thank-you page orders nothing again.
  await page.reload();
  expect((await conversion(orderId)).body).toEqual(body);

  await become('anna@partner.test');
  const row = page.getByRole('row').filter({ hasText: orderId });
  await row.waitFor();
  expect(await row.textContent()).toMatch(/pending/i);
  await row.getByRole('link').first().click();
  await page.getByRole('heading', { level: 1 }).waitFor();
  const main = page.getByRole('main');
  await expect.poll(() => main.textContent()).toMatch(/last click/i);
  const [earned] = body.allocations as { commission: number }[];
  expect(earned?.commission).toBe(Math.round((body.base as number) / 10));
  await expect.poll(() => main.textContent()).toContain(((earned?.commission ?? 0) / 100).toFixed(2));

  // Bob was not there and learns nothing; the program's people see it.
  await become('bob@partner.test');
  await page.goto(product.url('main', `/orders/${body.id}`));
  await expect.poll(() => main.textContent()).toMatch(/not (found|here|yours)|nothing|no order|no such/i);
  await become('manager@demo.test');
  await page.getByRole('row').filter({ hasText: orderId }).waitFor();
});

test('who says no is not remembered, and can still buy', async () => {
  await followLink();
  await consent('No, thanks');
  await buy('ben@example.com');
  expect((await context.cookies()).map((cookie) => cookie.name)).not.toContain('tributary_vid');
  const { body } = await conversion(await pay());
  expect(body).toMatchObject({ reason: 'no_touch', allocations: [] });
});

test('a browser that opted out (GPC) leaves no trace and still buys', async () => {
  await context.close();
  context = await browser.newContext({ extraHTTPHeaders: { 'sec-gpc': '1' }, locale: 'en-GB' });
  await context.addInitScript(() => Object.defineProperty(navigator, 'globalPrivacyControl', { value: true }));
  page = await context.newPage();
  await followLink();
  expect(page.url()).not.toContain('tcid');
  await consent('Yes, please');
  await buy('cyd@example.com');
  expect((await context.cookies()).map((cookie) => cookie.name)).not.toContain('tributary_vid');
  const { body } = await conversion(await pay());
  expect(body).toMatchObject({ reason: 'no_touch', allocations: [] });
});

test('coming back days later in the same browser, without the link, still credits Anna', async () => {
  await followLink();
  await consent('Yes, please');
  await expect.poll(async () => (await context.cookies()).map((one) => one.name)).toContain('tributary_vid');
  await page.goto(product.url('shop', '/products/kettle-fell'));
  await buy('dot@example.com');
  await expect.poll(() => page.locator('input[name="visitorId"]').inputValue()).not.toBe('');
  const { body } = await conversion(await pay());
  expect(body).toMatchObject({ reason: 'last', allocations: [{ partner: 'anna' }] });
});

test('bots: a stranger’s page calls a link every way but a shopper’s: told of, not counted, not paid', async () => {
  const ways = Object.keys(STUFFED) as (keyof typeof STUFFED)[];
  const outcome = await stuffAndBuy(browser, product, ways);
  expect(outcome).toMatchObject({ reason: 'no_touch', allocations: [], counted: 0 });
  expect(outcome.clicks).toBeGreaterThanOrEqual(ways.length);
});

test('a click on the phone earns what the same customer buys elsewhere; a code goes before it', async () => {
  await followLink();
  await consent('Yes, please');
  await page.goto(product.url('shop', '/account'));
  await page.getByLabel(/e-?mail/i).fill('eve@example.com');
  const told = page.waitForResponse((answer) => /identify/.test(answer.request().postData() ?? ''));
  await page.getByRole('button', { name: 'Sign in' }).click();
  expect((await told).status()).toBe(200);

  const desk = await browser.newContext({ locale: 'en-GB' });
  page = await desk.newPage();
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.goto(product.url('shop', '/products/kettle-fell?consent=granted'));
  await buy('eve@example.com');
  const { body } = await conversion(await pay());
  expect(body).toMatchObject({
    verified: false,
    reason: 'last',
    allocations: [{ partner: 'anna' }],
    explain: { unverified: 'joined_by_browser', candidates: [{ label: 'joined', proven: false, why: 'won' }] },
  });
  await become('manager@demo.test');
  await page.goto(product.url('main', `/orders/${body.id}`));
  const main = page.getByRole('main');
  await expect.poll(() => main.textContent()).toMatch(/another device of the same customer, only told by a browser/);
  expect(await main.textContent()).toMatch(/verified when the shop’s server names that customer/);

  // Ten percent off for the buyer; what is left is what counts.
  await page.goto(product.url('shop', '/products/kettle-fell'));
  await buy('eve@example.com');
  await page.getByLabel(/discount code/i).fill('anna10');
  await page.getByLabel(/discount code/i).press('Enter');
  await expect.poll(() => page.getByRole('status').textContent()).toContain('ANNA10 takes 10 % off');
  const second = (await conversion(await pay())).body;
  expect(second).toMatchObject({
    reason: 'code_owner_wins',
    base: 4860,
    allocations: [{ partner: 'anna', commission: 486 }],
    explain: { codes: [{ code: 'ANNA10', partner: 'anna' }] },
  });
  await desk.close();
});
