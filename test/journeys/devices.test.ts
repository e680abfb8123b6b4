/**
 * Goal: a person who clicks on one device and buys on another earns the right partner their commission, and everybody can
 * see why. Method: a phone and a desktop with cookie jars of their own, walking through blog and shop in a real browser,
 * and the shop's server, which tells each order.
 */
import { type Browser, type BrowserContext, type BrowserContextOptions, devices, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ConversionAnswer, ConversionSummary, ExplainAnswer } from '../../edge/contract.ts';
import type {} from '../../sdk/script.ts';
import { launch } from '../support/browser.ts';
import { createProduct, type Product, SECRET, VISITOR } from '../support/product.ts';
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

let contexts: BrowserContext[];
let errors: string[];
beforeEach(() => {
  contexts = [];
  errors = [];
});
afterEach(async () => {
  for (const context of contexts) await context.close();
  expect(errors).toEqual([]);
});

async function device(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  contexts.push(context);
  const page = await context.newPage();
  page.on('pageerror', (error) => errors.push(String(error)));
  return page;
}
const PHONE = devices['Pixel 7'] ?? {};

/** From Anna's post to the shop, by the first link in its text; the banner's answer, unless there was one before. */
async function followLink(page: Page, choice: 'Yes, please' | null = 'Yes, please'): Promise<void> {
  await page.goto(product.url('blog', '/posts/dawn-kit'));
  await page.getByRole('link', { name: 'Dawn Kit' }).first().click();
  await page.waitForURL(`${product.url('shop')}products/**`);
  if (choice) await page.getByRole('button', { name: choice }).click();
  // The token leaves the address once the landing was told.
  await expect.poll(() => page.url()).not.toContain('tcid');
}

/** The shop's account page calls this when somebody signs in; what the Worker answered. */
async function enterShop(page: Page, email: string): Promise<void> {
  const told = page.waitForResponse(
    (one) => one.url().endsWith('/v1/events') && (one.request().postData() ?? '').includes('identify'),
  );
  await page.evaluate((address) => window.tributary?.('identify', { email: address } as never), email);
  expect(await (await told).json()).toMatchObject({ results: [{ accepted: true }] });
}

const visitorOf = (page: Page) =>
  page.evaluate(() => new Promise<string | null>((done) => window.tributary?.('get', 'visitorId', done)));

/** Buys without ever having followed a link there; the order's number. */
async function buy(page: Page, email: string): Promise<string> {
  await page.goto(product.url('shop', '/products/kettle-fell?consent=granted'));
  await page.getByRole('button', { name: 'Add to cart' }).click();
  await page.waitForURL(product.url('shop', '/cart'));
  await page.getByRole('link', { name: /checkout/i }).click();
  await page.waitForURL(product.url('shop', '/checkout'));
  await page.getByLabel(/e-?mail/i).fill(email);
  await page.getByRole('button', { name: /pay/i }).click();
  await page.waitForURL(/\/thanks\//);
  return page.url().split('/').at(-1) ?? '';
}

type Stored = ConversionSummary & { explain: ExplainAnswer };

/** What the shop's server does beside its pages. */
async function server<Answer>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(product.url('main', path), {
    method,
    headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return (await response.json()) as Answer;
}
const conversion = (orderId: string) => server<Stored>('GET', `/v1/conversions/order:${orderId}`);

const BY_OTHER_DEVICE = {
  reason: 'last',
  allocations: [{ partner: 'anna', currency: 'EUR', status: 'pending' }],
  explain: { step: 'pool', candidates: [{ partner: 'anna', label: 'joined', kept: true, why: 'won' }] },
};

test('clicked and signed in on a phone, bought on a desktop: Anna earns it, and the order says how', async () => {
  const phone = await device(PHONE);
  await followLink(phone);
  await enterShop(phone, 'Ada@Example.com');
  const desktop = await device();
  const orderId = await buy(desktop, 'ada@example.com');
  expect(await conversion(orderId)).toMatchObject({ ...BY_OTHER_DEVICE, verified: false });

  // The phone and the desktop stay two browsers, and the order names only the one it was made in.
  expect(await visitorOf(desktop)).not.toBe(await visitorOf(phone));

  // Once the shop's server has seen her there as well, the credit rests on its word.
  await server('POST', '/v1/identities', { visitorId: await visitorOf(phone), customer: { email: 'ada@example.com' } });
  expect(await conversion(orderId)).toMatchObject({ ...BY_OTHER_DEVICE, verified: true });

  const screen = await device();
  await signIn(product, screen, 'manager@demo.test');
  const row = screen.getByRole('row').filter({ hasText: orderId });
  await row.getByRole('link').first().click();
  await expect.poll(() => screen.getByRole('main').textContent()).toMatch(/joined|another device/i);
});

test('signed in on the phone before the click', async () => {
  const phone = await device(PHONE);
  await phone.goto(product.url('shop', '/?consent=granted'));
  await enterShop(phone, 'ben@example.com');
  await followLink(phone, null);
  const orderId = await buy(await device(), 'ben@example.com');
  expect(await conversion(orderId)).toMatchObject(BY_OTHER_DEVICE);
});

test('signed in on the phone only after the order', async () => {
  const phone = await device(PHONE);
  await followLink(phone);
  const orderId = await buy(await device(), 'cyd@example.com');
  expect(await conversion(orderId)).toMatchObject({ reason: 'no_touch', allocations: [] });
  await enterShop(phone, 'cyd@example.com');
  expect(await conversion(orderId)).toMatchObject({
    ...BY_OTHER_DEVICE,
    reason: 'late_match',
    verified: false,
    allocations: [{ partner: 'anna', reason: 'late_match' }],
  });
});

test('somebody else buys on the desktop: nobody’s', async () => {
  const phone = await device(PHONE);
  await followLink(phone);
  await enterShop(phone, 'dot@example.com');
  const orderId = await buy(await device(), 'not-dot@example.com');
  expect(await conversion(orderId)).toMatchObject({ reason: 'no_touch', explain: { candidates: [] } });
});

test('a phone that opted out (GPC) joins nothing: no click, no id, no cookie', async () => {
  const phone = await device({ ...PHONE, extraHTTPHeaders: { 'sec-gpc': '1' } });
  await phone.addInitScript(() => Object.defineProperty(navigator, 'globalPrivacyControl', { value: true }));
  const posts: string[] = [];
  phone.on('request', (request) => void (request.url().includes('/v1/') && posts.push(request.url())));
  await phone.goto(product.url('blog', '/posts/dawn-kit'));
  await phone.getByRole('link', { name: 'Dawn Kit' }).first().click();
  await phone.waitForURL(`${product.url('shop')}products/**`);
  expect(phone.url()).not.toContain('tcid');
  await phone.getByRole('button', { name: 'Yes, please' }).click();
  await phone.evaluate(() => window.tributary?.('identify', { email: 'eve@example.com' } as never));
  expect(await visitorOf(phone)).toBeNull();
  expect((await phone.context().cookies()).map((one) => one.name)).not.toContain('tributary_vid');
  expect(posts).toEqual([]);
  const orderId = await buy(await device(), 'eve@example.com');
  expect(await conversion(orderId)).toMatchObject({
    reason: 'no_touch',
    allocations: [],
    explain: { candidates: [] },
  });
});

test('a code and nothing else: its owner’s, though the browser came by itself', async () => {
  await server('POST', '/v1/codes', { partner: 'carla', code: 'SPRING*' });
  const desktop = await device();
  await desktop.goto(product.url('shop', '/?consent=granted'));
  // Nothing led here, so there is nothing to be remembered by.
  expect(await visitorOf(desktop)).toBeNull();
  const told = { orderId: 'by-code', currency: 'EUR', amount: 5000, codes: ['spring-27'], customer: { id: 'by-code' } };
  expect(await server<ConversionAnswer>('POST', '/v1/conversions', told)).toMatchObject({
    reason: 'code_owner_wins',
    allocations: [{ partner: 'carla' }],
  });
});

test('without JavaScript: the pixel lands, and the shop’s server passes on the tcid', async () => {
  // A browser that says it is headless would be a robot until a script vouched for it.
  const plain = await device({ javaScriptEnabled: false, userAgent: VISITOR['user-agent'] });
  await plain.goto(product.url('shop', '/?consent=granted'));
  await plain.goto(product.url('blog', '/posts/dawn-kit'));
  const pixel = plain.waitForResponse(/pixel\.gif/, { timeout: 10_000 });
  await plain.getByRole('link', { name: 'Dawn Kit' }).first().click();
  await plain.waitForURL(`${product.url('shop')}products/**`);
  expect((await pixel).headers()['tributary-pixel']).toBe('landed');
  const clickId = new URL(plain.url()).searchParams.get('tcid');
  expect(clickId).toMatch(/^[A-Za-z0-9_-]{1,160}$/);
  // The pages sell without a script; what they cannot read, the server read from the address.
  await plain.getByRole('button', { name: 'Add to cart' }).click();
  await plain.waitForURL(product.url('shop', '/cart'));
  const told = { orderId: 'no-script', currency: 'EUR', amount: 5000, clickId };
  expect(await server<ConversionAnswer>('POST', '/v1/conversions?explain=1', told)).toMatchObject({
    verified: true,
    reason: 'last',
    allocations: [{ partner: 'anna' }],
    explain: { candidates: [{ partner: 'anna', label: 'click_id' }] },
  });
  expect((await plain.context().cookies()).map((one) => one.name)).not.toContain('tributary_vid');
});
