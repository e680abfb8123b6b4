/**
 * Goal: people come in by what they have, finance only with a second factor, and whoever is put out is out at once. Method:
 * the dashboard in a real browser, with an authenticator of the browser's own, a real OpenID provider beside it, and the
 * outbox in place of mailboxes. Seen only through pages and what their calls answer.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { AuditProof, SessionAnswer } from '../../edge/contract-people.ts';
import { launch } from '../support/browser.ts';
import { type OidcProvider, startOidcProvider } from '../support/oidc-provider.ts';
import { createProduct, type Product, SECRET } from '../support/product.ts';
import { askedBy, codeOf, follow, signIn } from '../support/sign-in.ts';

let provider: OidcProvider;
let product: Product;
let browser: Browser;
beforeAll(async () => {
  product = await createProduct(async (port) => {
    provider = await startOidcProvider({ redirectUris: [`http://localhost:${port}/v1/sign-in/oidc/callback`] });
    const { issuer, clientId, clientSecret } = provider;
    return {
      ...{ OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret, OIDC_NAME: 'Kettle Staff' },
    };
  });
  [browser] = await Promise.all([launch(), product.start()]);
});
afterAll(async () => {
  await browser?.close();
  await product?.dispose();
  await provider?.stop();
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

/** Somebody's own browser. */
async function someone(): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: 'en-GB' });
  contexts.push(context);
  return watched(await context.newPage());
}

function watched(page: Page): Page {
  page.on('pageerror', (error) => errors.push(String(error)));
  return page;
}

const main = (path: string) => product.url('main', path);
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name, level: 1 });
const tab = (page: Page, name: 'Overview' | 'Orders') => page.getByRole('link', { name, exact: true });
const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true }).click();

/** What a call of the page's own answers. */
const ask = (page: Page, path: string) =>
  page.evaluate(async (path) => {
    const answer = await fetch(path);
    return { status: answer.status, body: await answer.json() };
  }, path) as Promise<{ status: number; body: { code?: string } }>;

const sessionOf = async (page: Page) => (await ask(page, '/v1/session')).body as unknown as SessionAnswer;

async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Your account/ }).click();
  await press(page, 'Sign out');
  await page.getByRole('button', { name: 'Send me a link' }).waitFor();
}

/** Sets an authenticator app up where its button is; what was put into the app, and the codes for when it is lost. */
async function setUpApp(page: Page): Promise<{ secret: string; recoveryCodes: string[] }> {
  await press(page, 'Set up an app');
  const secret = ((await page.locator('.secret code').textContent()) ?? '').replaceAll(' ', '');
  await page.getByLabel('Type the code that the app shows').fill(codeOf(secret));
  await press(page, 'It works');
  const dialog = page.getByRole('dialog', { name: 'Keep these recovery codes' });
  const recoveryCodes = ((await dialog.locator('code').textContent()) ?? '').trim().split(/\s+/);
  await press(page, 'I have kept them');
  return { secret, recoveryCodes };
}

/** From the team's page of whoever is signed in there. */
async function invite(page: Page, { email, role }: { email: string; role: string }): Promise<void> {
  await page.goto(main('/team'));
  await askToInvite(page, { email, role });
  await page.getByRole('listitem').filter({ hasText: email }).waitFor();
}

async function askToInvite(page: Page, { email, role }: { email: string; role: string }): Promise<void> {
  await press(page, 'Invite somebody');
  await page.getByLabel('Their e-mail address').fill(email);
  await page.getByRole('radio', { name: role }).check();
  await press(page, 'Invite');
}

async function joinAs(page: Page, email: string): Promise<void> {
  await signIn(product, page, email);
  await press(page, 'Join');
}

test('the demo’s people are two presses away from their mailbox', async () => {
  const page = await someone();
  await page.goto(main('/'));
  await page.getByRole('button', { name: 'Carla Conti' }).click();
  await page.getByRole('link', { name: /^Open .*mailbox/ }).click();
  await page.getByRole('listitem').filter({ hasText: 'carla@partner.test' }).getByRole('link').first().click();
  await press(page, 'Sign in');
  await page.getByRole('button', { name: /^Your account/ }).waitFor();
  expect(await sessionOf(page)).toMatchObject({ current: { partner: { slug: 'carla' } } });
});

test('in by a link, a passkey added, out, and in again by the passkey', async () => {
  const page = await someone();
  await signIn(product, page, 'manager@demo.test');
  expect(await sessionOf(page)).toMatchObject({ current: { role: 'manager' }, second: { enrolled: false } });

  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  const options = {
    protocol: 'ctap2',
    transport: 'internal',
    hasResidentKey: true,
    hasUserVerification: true,
  } as const;
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: { ...options, isUserVerified: true, automaticPresenceSimulation: true },
  });
  await page.goto(main('/security'));
  await press(page, 'Add a passkey');
  await page.getByLabel('Its name').fill('A test’s device');
  await press(page, 'Make the passkey');
  await page.getByRole('listitem').filter({ hasText: 'A test’s device' }).waitFor();

  await signOut(page);
  expect(await ask(page, '/v1/session')).toMatchObject({ status: 401, body: { code: 'sign_in_required' } });
  await press(page, 'Sign in with a passkey');
  await page.getByRole('button', { name: /^Your account/ }).waitFor();
  // It verified its user: a second factor by itself.
  const { person, second } = await sessionOf(page);
  expect({ email: person.email, enrolled: second.enrolled }).toEqual({ email: 'manager@demo.test', enrolled: true });
  expect(Date.parse(second.freshUntil ?? '')).toBeGreaterThan(Date.now());

  // Who hesitates in the address field is offered theirs beneath it; this authenticator's owner takes it at once.
  await signOut(page);
  const arrived = page.waitForResponse((one) => one.url() === main('/v1/sign-in/passkey'));
  await page.getByLabel('Your e-mail address').focus();
  expect((await arrived).status()).toBe(200);
  await page.getByRole('button', { name: /^Your account/ }).waitFor();
});

test('finance is led to a second factor, and reaches no money before', async () => {
  const owner = await someone();
  await signIn(product, owner, 'owner@demo.test');
  // Who invites finance opens a way to money: that asks the owner for one first.
  await owner.goto(main('/team'));
  await askToInvite(owner, { email: 'nora@demo.test', role: 'Finance' });
  await owner.getByRole('dialog', { name: 'Set up a second proof first' }).waitFor();
  await press(owner, 'Go to Security');
  const { recoveryCodes } = await setUpApp(owner);
  expect(recoveryCodes.length).toBeGreaterThanOrEqual(8);
  await invite(owner, { email: 'nora@demo.test', role: 'Finance' });

  const nora = await someone();
  await joinAs(nora, 'nora@demo.test');
  await heading(nora, 'Set up a second proof').waitFor();
  const refused = { status: 403, body: { code: 'second_factor_required' } };
  for (const path of ['/', '/orders', '/partners', '/team', '/audit']) {
    await nora.goto(main(path));
    await heading(nora, 'Set up a second proof').waitFor();
  }
  for (const path of ['/v1/balances', '/v1/conversions', '/v1/members', '/v1/audit']) {
    expect(await ask(nora, path)).toMatchObject(refused);
  }
  await setUpApp(nora);
  await tab(nora, 'Orders').waitFor();
  expect(await ask(nora, '/v1/balances')).toMatchObject({ status: 200 });

  // Who has an app already is asked for its code; a wrong one opens nothing, and each is good once.
  const finance = await someone();
  await signIn(product, finance, 'finance@demo.test');
  await heading(finance, 'Show that it is you').waitFor();
  expect(await ask(finance, '/v1/balances')).toMatchObject(refused);
  const type = async (code: string) => {
    await finance.getByLabel('Code from your authenticator app').fill(code);
    await press(finance, 'Go on');
  };
  const code = codeOf(product.totpSecret());
  await type(code === '000000' ? '000001' : '000000');
  await expect.poll(() => finance.getByRole('main').textContent()).toMatch(/mistyped/);
  expect(await ask(finance, '/v1/balances')).toMatchObject(refused);
  await type(code);
  await tab(finance, 'Orders').waitFor();
  expect(await ask(finance, '/v1/balances')).toMatchObject({ status: 200 });
  const again = await someone();
  await signIn(product, again, 'finance@demo.test');
  await again.getByLabel('Code from your authenticator app').fill(code);
  await press(again, 'Go on');
  await expect.poll(() => again.getByRole('main').textContent()).toMatch(/mistyped/);
  expect(await ask(again, '/v1/balances')).toMatchObject(refused);
});

test('staff link the single sign-on, and come in by it', async () => {
  const page = await someone();
  await signIn(product, page, 'compliance@demo.test');
  await page.goto(main('/security'));
  await press(page, 'Link Kettle Staff');
  await page.getByLabel('Name').fill(provider.account.login);
  await page.getByLabel('Password').fill(provider.account.password);
  await press(page, 'Sign in');
  await page.waitForURL(main('/security'));
  await page.getByText('linked to you').waitFor();

  await signOut(page);
  await page.getByRole('link', { name: 'Sign in with Kettle Staff' }).click();
  await page.waitForURL(({ pathname, origin }) => `${origin}/` === main('/') && !pathname.startsWith('/sign-in'));
  expect(await sessionOf(page)).toMatchObject({
    person: { email: 'compliance@demo.test' },
    current: { role: 'compliance' },
  });

  // Whom nobody has linked is not let in by what the provider says.
  await signIn(product, page, 'compliance@demo.test');
  await page.goto(main('/security'));
  await press(page, /^Unlink/);
  await page.getByRole('dialog').getByRole('button', { name: 'Unlink' }).click();
  await page.getByText('not linked').waitFor();
  await signOut(page);
  await page.getByRole('link', { name: 'Sign in with Kettle Staff' }).click();
  await page.waitForURL(({ pathname, searchParams }) => pathname === '/sign-in' && searchParams.has('problem'));
  expect(await ask(page, '/v1/session')).toMatchObject({ status: 401 });
});

test('a link is good once, and only in the browser that asked', async () => {
  const page = await someone();
  await page.goto(main('/sign-in'));
  const letter = await askedBy(product, page, 'bob@partner.test');
  const friend = await someone();
  await friend.goto(letter.link ?? '');
  await press(friend, 'Sign in');
  await heading(friend, 'This link does not work here').waitFor();
  expect(await ask(friend, '/v1/session')).toMatchObject({ status: 401 });
  await follow(page, letter);
  expect(await sessionOf(page)).toMatchObject({ person: { email: 'bob@partner.test' } });

  await page.goto(letter.link ?? '');
  await press(page, 'Sign in');
  await heading(page, 'This link does not work here').waitFor();
});

test('whoever is removed is out by the next press, in every tab', async () => {
  const owner = await someone();
  await signIn(product, owner, 'owner@demo.test');
  await invite(owner, { email: 'leo@demo.test', role: 'Analyst' });
  const leo = await someone();
  await joinAs(leo, 'leo@demo.test');
  await tab(leo, 'Orders').click();
  await leo.getByRole('row').nth(1).waitFor();
  const second = watched(await leo.context().newPage());
  await second.goto(main('/partners'));
  await second.getByRole('row').nth(1).waitFor();

  await remove(owner, 'leo@demo.test');
  await tab(leo, 'Overview').click();
  await leo.getByRole('button', { name: 'Send me a link' }).waitFor();
  expect(await ask(second, '/v1/conversions')).toMatchObject({ status: 401 });
  await second.reload();
  await second.getByRole('button', { name: 'Send me a link' }).waitFor();

  // At a partner as well.
  const anna = await someone();
  await signIn(product, anna, 'anna@partner.test');
  await invite(anna, { email: 'mia@partner.test', role: 'Member' });
  const mia = await someone();
  await joinAs(mia, 'mia@partner.test');
  await tab(mia, 'Orders').click();
  await mia.getByRole('row').nth(1).waitFor();
  await remove(anna, 'mia@partner.test');
  await tab(mia, 'Overview').click();
  await mia.getByRole('button', { name: 'Send me a link' }).waitFor();
  // The sign-in works still, and leads to nothing.
  await signIn(product, mia, 'mia@partner.test');
  await mia.getByRole('heading', { name: 'No program has given you a place yet' }).waitFor();
});

async function remove(page: Page, email: string): Promise<void> {
  await page.goto(main('/team'));
  const line = page.getByRole('listitem').filter({ hasText: email });
  await line.getByRole('button', { name: /^Change/ }).click();
  await press(page, 'Remove from the team…');
  await press(page, 'Remove');
  await line.waitFor({ state: 'detached' });
}

test('two tabs look from two places of one person', async () => {
  const first = await someone();
  await signIn(product, first, 'anna@partner.test');
  expect(await first.getByRole('button', { name: /^You look from/ }).textContent()).toContain('Small Hours Outside');
  const second = watched(await first.context().newPage());
  await second.goto(main('/'));
  await second.getByRole('button', { name: /^You look from/ }).click();
  await second.getByRole('button', { name: /The Hut Kitchen/ }).click();
  const looksFrom = (page: Page) => page.getByRole('button', { name: /^You look from/ }).textContent();
  await expect.poll(() => looksFrom(second)).toContain('The Hut Kitchen');

  for (const [page, place, money] of [
    [first, 'Small Hours Outside', /€/],
    [second, 'The Hut Kitchen', /£/],
    [first, 'Small Hours Outside', /€/],
  ] as const) {
    await page.reload();
    await expect.poll(() => looksFrom(page)).toContain(place);
    await expect.poll(() => page.getByRole('main').textContent()).toMatch(money);
  }
});

test('a key is made, works, and is refused once it is revoked', async () => {
  const page = await someone();
  await signIn(product, page, 'owner@demo.test');
  await page.goto(main('/keys'));
  await press(page, 'Make a key');
  await page.getByLabel('Its name').fill('A journey’s server');
  await press(page, 'Make the key');
  const dialog = page.getByRole('dialog', { name: 'Copy the new key now' });
  const key = ((await dialog.locator('code').textContent()) ?? '').trim();
  expect(key).toMatch(/^trb_sk_test_[\w-]{43}$/);
  await press(page, 'I have kept it');
  await page.reload();
  const line = page.getByRole('listitem').filter({ hasText: 'A journey’s server' });
  await line.waitFor();
  expect(await page.content()).not.toContain(key);

  const program = () => fetch(main('/v1/program'), { headers: { authorization: `Bearer ${key}` } });
  expect((await program()).status).toBe(200);
  // What it was not given it may not.
  const audit = await fetch(main('/v1/audit'), { headers: { authorization: `Bearer ${key}` } });
  expect(audit.status).toBe(403);
  await line.getByRole('button', { name: /^Revoke/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await page.getByText(/keys? that no longer works?/).waitFor();
  await expect.poll(async () => (await program()).status).toBe(401);
  expect(await (await program()).json()).toMatchObject({ code: 'revoked_key' });
});

test('the audit log shows it, is proven whole, and names a row that somebody altered', async () => {
  const page = await someone();
  await signIn(product, page, 'compliance@demo.test');
  await page.goto(main('/audit'));
  await page.getByText(/entries are as they were sealed/).waitFor();
  const log = await page.getByRole('list').last().textContent();
  expect(log).toMatch(/Maren Holt/);
  expect(log).toMatch(/key/i);
  const proof = async () => {
    const answer = await fetch(main('/v1/audit/proof'), { headers: { authorization: `Bearer ${SECRET}` } });
    return (await answer.json()) as AuditProof;
  };
  expect(await proof()).toMatchObject({ intact: true, altered: [] });

  // Past the program, as whoever has the database could.
  await product.stop();
  const database = databaseOf(product);
  database.exec('DROP TRIGGER audit_no_update');
  const altered = database
    .prepare("UPDATE audit SET actor = 'system' WHERE act = 'key.revoked' AND at < ? RETURNING id")
    .get(Date.now() - 86_400_000) as { id: string };
  database.close();
  await product.start();
  expect(await proof()).toMatchObject({ intact: false, altered: [{ id: altered.id, what: 'altered' }] });
  await page.goto(main('/audit'));
  await page.getByText('The log is not as it was sealed').waitFor();
  expect(await page.getByRole('alert').textContent()).toContain(altered.id);
});

/** The local database of a product that stands still. */
function databaseOf({ state }: Product): DatabaseSync {
  const files = readdirSync(state, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.sqlite'));
  for (const file of files) {
    const database = new DatabaseSync(join(state, file));
    if (database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'audit'").get()) return database;
    database.close();
  }
  throw new Error(`no database among ${files.join(', ')}`);
}
