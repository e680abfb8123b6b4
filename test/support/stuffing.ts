/**
 * A page of a stranger that calls a partner's link in every way but a shopper's, opened in a real browser whose visitor
 * has been to the shop with consent given, and buys afterwards.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { type Product, SECRET } from './product.ts';

/** The page's markup for a link. */
export const STUFFED = {
  image: (link: string) => `<img src="${link}">`,
  frame: (link: string) => `<iframe src="${link}"></iframe>`,
  script: (link: string) => `<script src="${link}"></script>`,
  fetch: (link: string) =>
    `<script>fetch(${JSON.stringify(link)}, { mode: 'no-cors', credentials: 'include' })</script>`,
  style: (link: string) => `<link rel="stylesheet" href="${link}">`,
  object: (link: string) => `<object data="${link}"></object>`,
  video: (link: string) => `<video src="${link}" preload="auto"></video>`,
  prefetch: (link: string) => `<link rel="prefetch" href="${link}">`,
} as const;

export interface Outcome {
  readonly reason: string;
  readonly allocations: readonly unknown[];
  /** How many clicks the program had more, and how many of them counted. */
  readonly clicks: number;
  readonly counted: number;
}

export async function stuffAndBuy(
  browser: Browser,
  product: Product,
  ways: readonly (keyof typeof STUFFED)[],
): Promise<Outcome> {
  const link = product.url('main', '/go/anna');
  const html = `<!doctype html><title>Recipes</title>${ways.map((way) => STUFFED[way](link)).join('')}`;
  const stranger = createServer((_, response) => response.setHeader('content-type', 'text/html').end(html));
  await new Promise<void>((listening) => stranger.listen(0, '127.0.0.1', listening));
  const context = await browser.newContext({ locale: 'en-GB' });
  try {
    const page = await context.newPage();
    await page.goto(product.url('shop', '/products/kettle-fell?consent=granted'));
    const before = await totals(product);
    await page.goto(`http://recipes.localhost:${(stranger.address() as AddressInfo).port}/`, { waitUntil: 'load' });
    const clicks = await settled(async () => (await totals(product)).clicks - before.clicks, ways.length);
    const counted = (await totals(product)).counted - before.counted;
    await page.goto(product.url('shop', '/products/kettle-fell'));
    return { ...(await bought(page, product)), clicks, counted };
  } finally {
    await context.close();
    stranger.close();
  }
}

/** What a number comes to once it is at least so much; or what it is after a while. */
async function settled(read: () => Promise<number>, least: number): Promise<number> {
  const until = Date.now() + 10_000;
  let value = await read();
  while (value < least && Date.now() < until) value = await read();
  return value;
}

const asSeller = { headers: { authorization: `Bearer ${SECRET}` } };

async function totals(product: Product): Promise<{ clicks: number; counted: number }> {
  const response = await fetch(product.url('main', '/v1/reports/summary?days=1'), asSeller);
  return ((await response.json()) as { totals: { clicks: number; counted: number } }).totals;
}

async function bought(page: Page, product: Product): Promise<Pick<Outcome, 'reason' | 'allocations'>> {
  await page.getByRole('button', { name: 'Add to cart' }).click();
  await page.waitForURL(product.url('shop', '/cart'));
  await page.getByRole('link', { name: /checkout/i }).click();
  await page.waitForURL(product.url('shop', '/checkout'));
  await page.getByLabel(/e-?mail/i).fill('never-clicked@example.com');
  await page.getByLabel(/name/i).first().fill('Ada');
  await page
    .getByLabel(/address/i)
    .last()
    .fill('1 Hill Road');
  await page.getByRole('button', { name: /pay/i }).click();
  await page.waitForURL(/\/thanks\//);
  const orderId = page.url().split('/').at(-1);
  const response = await fetch(product.url('main', `/v1/conversions/order:${orderId}`), asSeller);
  return (await response.json()) as Pick<Outcome, 'reason' | 'allocations'>;
}
