/** Signing in as people of the demo do: a link asked for, found in the outbox, followed, and confirmed by a press. */

import { TOTP } from 'otpauth';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Sent } from '../demo/outbox.ts';
import type { Product } from './product.ts';

/** As this person, whoever was signed in in that browser before; ends on the first page they see. */
export async function signIn(product: Product, page: Page, email: string): Promise<void> {
  await page.context().clearCookies({ name: '__Host-tributary_session' });
  await page.goto(product.url('main', '/sign-in'));
  await follow(page, await askedBy(product, page, email));
}

/** Asks for a link on the page that stands open; the letter that came. */
export async function askedBy(product: Product, page: Page, email: string): Promise<Sent> {
  const before = new Set((await letters(product)).map(({ id }) => id));
  await page.getByLabel('Your e-mail address').fill(email);
  await page.getByRole('button', { name: 'Send me a link' }).click();
  await page.getByRole('heading', { name: 'Look in your mailbox' }).waitFor();
  const come = async () => (await letters(product)).find(({ id, to }) => to === email && !before.has(id));
  await expect.poll(come).toBeDefined();
  return (await come()) as Sent;
}

/** From the outbox into the dashboard. */
export async function follow(page: Page, { id }: Sent): Promise<void> {
  await page.goto(new URL('/dev/mail', page.url()).href);
  await page.locator(`[id="${id}"]`).getByRole('link').click();
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL(({ pathname }) => !pathname.startsWith('/sign-in'));
}

export const letters = async (product: Product): Promise<Sent[]> =>
  (await (await fetch(product.url('main', '/dev/mail.json'))).json()) as Sent[];

/**
 * What an authenticator app shows for a secret. Each code is good once, and none before it afterwards: who needs a second
 * one at once takes the next, which is good already.
 */
export const codeOf = (secret: string, { next = false } = {}): string =>
  new TOTP({ secret }).generate({ timestamp: Date.now() + (next ? 30_000 : 0) });
