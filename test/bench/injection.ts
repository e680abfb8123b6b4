/**
 * injection: foreign addresses against links and against sign-in, scripts against every page of the dashboard in a real
 * Chromium, spreadsheet formulas against the files. None may work. Pages are read twice: without their policy, so that
 * nothing but the pages themselves stands in the way, and with it, where it must have nothing to stop.
 */
import Papa from 'papaparse';
import type { Browser, Page } from 'playwright-core';
import { NextPath } from '../../edge/contract-people.ts';
import { mulberry32 } from '../core/random-journeys.ts';
import { buildDemo } from '../demo/build.ts';
import { launch } from '../support/browser.ts';
import {
  followed,
  foreignAddresses,
  formulas,
  leavesHost,
  logged,
  nextPaths,
  OWN_ADDRESSES,
  readFile,
  scripts,
} from '../support/injection.ts';
import { createProduct, SECRET as DEMO_SECRET, type Product } from '../support/product.ts';
import { BROWSER, PROGRAM, SECRET } from '../support/programs.ts';
import type { Figure, Measured } from './figure.ts';
import { many, runProduct } from './product.ts';

const SEED = 20_261_127;
const ADDRESSES = 5_000;
const SCRIPTS = 500;
const FORMULAS = 1_000;
const AT_ONCE = 8;

export const injection: Figure = {
  name: 'injection',
  seed: SEED,
  async measure() {
    const none = (part: string, wrong: readonly string[], detail: string): Measured => ({
      ...{ part, value: wrong.length, unit: 'worked', promise: '0', holds: wrong.length === 0 },
      detail: [detail, ...wrong.slice(0, 5)].join('; '),
    });
    const { away, deep, run, lost, cells } = await atDoors();
    const taken = nextPaths(mulberry32(SEED), ADDRESSES).filter((path) => NextPath.safeParse(path).success);
    const pages = await onPages();
    return [
      none(
        'redirects',
        away,
        `${ADDRESSES} addresses through /go/:code, ${deep} of them the shop’s by a browser’s reading`,
      ),
      none(
        'sign-in',
        taken.filter((path) => leavesHost(path)),
        `${ADDRESSES} paths to go on to, ${taken.length} taken`,
      ),
      none('scripts', [...pages.ran, ...pages.markup], `${SCRIPTS} scripts on ${pages.pages} pages`),
      {
        ...{ part: 'read', value: pages.shown, unit: 'as text', promise: `${SCRIPTS}`, holds: pages.shown === SCRIPTS },
        detail: 'scripts that stood on a page: the others would not have been tried',
      },
      none('policy', pages.stopped, 'violations of the pages’ policy'),
      none('formulas', [...run, ...lost], `${FORMULAS} formulas in ${cells} cells`),
    ];
  },
};

/** What needs no browser, over HTTP. */
async function atDoors() {
  const product = await runProduct();
  try {
    const follow = async (path: string) => {
      const response = await fetch(product.url(path), { redirect: 'manual', headers: BROWSER });
      await response.arrayBuffer();
      const { status, headers } = response;
      return { status, location: headers.get('location'), type: headers.get('content-type') };
    };
    const own = await followed(OWN_ADDRESSES, follow);
    if (own.deep !== OWN_ADDRESSES.length) throw new Error('a deep link to the shop did not lead there');
    const addresses = foreignAddresses(mulberry32(SEED), ADDRESSES);
    const lanes = Array.from({ length: AT_ONCE }, (_, lane) => addresses.filter((_one, at) => at % AT_ONCE === lane));
    const parts = await Promise.all(lanes.map((lane) => followed(lane, follow)));
    const foreign = { away: parts.flatMap((one) => one.away), deep: parts.reduce((sum, one) => sum + one.deep, 0) };
    const d1 = await product.runtime.getD1Database('DB');
    const texts = formulas(mulberry32(SEED), FORMULAS);
    const named = await logged(
      (sql, ...values) =>
        d1
          .prepare(sql)
          .bind(...(values as string[]))
          .run(),
      {
        ...{ programId: PROGRAM, texts, at: Date.now() },
      },
    );
    const file = await fetch(product.url('/v1/audit/export?format=csv'), {
      headers: { authorization: `Bearer ${SECRET}` },
    });
    const parse = (csv: string) => Papa.parse<string[]>(csv.trimEnd()).data;
    return { ...foreign, ...readFile(await file.text(), named, parse) };
  } finally {
    await product.dispose();
  }
}

interface Seen {
  /** Scripts that ran, by how. */
  readonly ran: string[];
  /** Elements that came of a text. */
  readonly markup: string[];
  /** What the pages' policy had to stop. */
  readonly stopped: string[];
  /** Numbers of scripts that stood on a page as text. */
  readonly texts: Set<string>;
  pages: number;
}

const nothingSeen = (): Seen => ({ ran: [], markup: [], stopped: [], texts: new Set(), pages: 0 });

async function onPages() {
  await buildDemo();
  const product = await createProduct();
  await product.start();
  const browser = await launch();
  const seen = nothingSeen();
  try {
    await mustSee(browser);
    const texts = scripts(mulberry32(SEED), SCRIPTS);
    const orders = await fill(product, texts);
    for (const bypassCSP of [true, false]) {
      for (const email of ['owner@demo.test', 'anna@partner.test']) {
        // The second time a part will do: the policy is the same on every page.
        await look(browser, product, {
          email,
          bypassCSP,
          texts,
          orders: bypassCSP ? orders : orders.slice(0, 4),
          seen,
        });
      }
    }
    await lookAtLetters(browser, product, seen);
  } finally {
    await browser.close();
    await product.dispose();
  }
  return { ...seen, shown: seen.texts.size };
}

/** Puts every text wherever the product takes it; the ids of some orders that hold them all. */
async function fill(product: Product, texts: readonly string[]): Promise<string[]> {
  const call = async (method: string, path: string, body: unknown) => {
    const answer = await fetch(product.url('main', path), {
      method,
      headers: { authorization: `Bearer ${DEMO_SECRET}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json().catch(() => null)) as Record<string, unknown> | null };
  };
  const taken = { partner: 0, group: 0, link: 0, code: 0, key: 0 };
  const count = (kind: keyof typeof taken, { status }: { status: number }) => {
    if (status < 300) taken[kind] += 1;
  };
  await many(texts.length, AT_ONCE, async (number) => {
    const text = texts[number] ?? '';
    const slug = `x${number}`;
    const query = text.replace(/[^\x20-\x7e]/g, '');
    count(
      'partner',
      await call('POST', '/v1/partners', { slug, name: text, ...(number < 40 && { email: `${slug}@partner.test` }) }),
    );
    count('group', await call('POST', '/v1/groups', { slug, name: text }));
    count(
      'link',
      await call('POST', '/v1/links', {
        partner: 'anna',
        code: slug,
        url: `https://shop.example/${query}?q=${query}#${query}`,
      }),
    );
    count('code', await call('POST', '/v1/codes', { partner: 'anna', code: text.slice(0, 64), policy: 'always' }));
    if (number < 60) count('key', await call('POST', '/v1/keys', { kind: 'secret', name: text.slice(0, 64) }));
  });
  const empty = Object.entries(taken).filter(([, number]) => number < 20);
  if (empty.length > 0) throw new Error(`hardly any was taken as ${empty.map(([kind]) => kind).join(', ')}`);
  const { body: clicked } = await call('POST', '/v1/clicks', {
    ...{ partner: 'anna', visitorId: 'injection-browser-1', url: 'https://shop.example/' },
    ...Object.fromEntries([1, 2, 3, 4, 5].map((number) => [`sub${number}`, texts[number]])),
  });
  for (const text of texts.slice(0, 50)) {
    const headers = {
      ...BROWSER,
      referer: `https://blog.example/${encodeURI(text)}`,
      'user-agent': text.replace(/[^\x20-\x7e]/g, ''),
    };
    await fetch(product.url('main', `/go/anna?sub1=${encodeURIComponent(text)}`), { headers, redirect: 'manual' });
  }
  const usual = { currency: 'EUR', clickId: clicked?.clickId };
  const each = texts.map((text, number) => ({
    ...{ ...usual, orderId: `${text} ${number}`, customer: { id: text }, metadata: { text } },
    items: [{ sku: text, category: text, quantity: 1, price: 100 }],
  }));
  // Some that hold twenty each, in their lines and codes, so that few pages show them all.
  const some = Array.from({ length: Math.ceil(texts.length / 20) }, (_, page) => {
    const own = texts.slice(page * 20, page * 20 + 20);
    return {
      ...{ ...usual, orderId: `many ${page} ${own[0]}`, codes: own.map((text) => text.slice(0, 64)) },
      items: own.map((text) => ({
        name: text,
        sku: text,
        category: text,
        code: text.slice(0, 64),
        quantity: 1,
        price: 100,
      })),
    };
  });
  const { body } = await call('POST', '/v1/conversions', [...each, ...some]);
  const results = body?.results as { id?: string }[];
  const failed = results.find((one) => !one.id);
  if (failed) throw new Error(`an order was not taken: ${JSON.stringify(failed)}`);
  return results.slice(-some.length).map((one) => one.id ?? '');
}

/** Signs in as a person of the demo, calls himself by every name there is, and reads every page. */
async function look(
  browser: Browser,
  product: Product,
  given: { email: string; bypassCSP: boolean; texts: readonly string[]; orders: readonly string[]; seen: Seen },
): Promise<void> {
  const { email, bypassCSP, texts, orders, seen } = given;
  const context = await browser.newContext({ bypassCSP });
  const page = await context.newPage();
  await watch(page, seen);
  const main = (path: string) => product.url('main', path);
  await page.goto(main('/sign-in'));
  // The page has asked for passkeys by then: what the browser holds to sign in with is settled.
  await page.waitForLoadState('networkidle');
  await signIn(page, product, email);
  if (bypassCSP) {
    await page.evaluate(
      async (names) => {
        const headers = { 'content-type': 'application/json' };
        for (const name of names)
          await fetch('/v1/session', { method: 'PATCH', headers, body: JSON.stringify({ name }) });
      },
      texts.slice(0, 120),
    );
  }
  const owner = email.startsWith('owner');
  const paths = owner
    ? [
        '/',
        '/orders',
        '/partners',
        '/partners?days=7',
        '/codes',
        '/compare',
        '/setup',
        '/team',
        '/keys',
        '/audit',
        '/security',
      ]
    : ['/', '/orders', '/team', '/security'];
  for (const path of [...paths, ...orders.map((id) => `/orders/${id}`)]) {
    await page.goto(main(path));
    await read(page, seen, { more: bypassCSP ? 30 : 2 });
  }
  for (const text of texts.slice(0, bypassCSP ? 12 : 3)) {
    const word = encodeURIComponent(text);
    for (const path of [
      `/orders/${word}`,
      `/${word}`,
      `/sign-in?next=${word}&problem=${word}`,
      `/docs?${word}#${word}`,
      `/go/${word}`,
    ]) {
      await page.goto(main(path));
      await read(page, seen, { more: 0 });
    }
  }
  await context.close();
}

/** By the letter in the outbox; a demo person's name is what the page calls them. */
async function signIn(page: Page, product: Product, email: string): Promise<void> {
  const known = new Set((await letters(product)).map((one) => one.id));
  const post = (path: string, body: unknown) =>
    page.evaluate(
      async ([path, body]) => {
        const answer = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
        return answer.status;
      },
      [path, JSON.stringify(body)] as const,
    );
  await post('/v1/sign-in/link', { email });
  for (let tries = 0; tries < 50; tries++) {
    const come = (await letters(product)).find(({ id, to }) => to === email && !known.has(id));
    const token = come && /#([\w-]+)/.exec(come.text)?.[1];
    if (token) {
      const status = await post('/v1/sign-in/confirm', { token });
      if (status === 200) return;
      throw new Error(`${email} was not let in: ${status}`);
    }
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`no letter came to ${email}`);
}

const letters = async (product: Product) =>
  (await (await fetch(product.url('main', '/dev/mail.json'))).json()) as {
    id: string;
    to: string;
    text: string;
    html: string;
  }[];

/** Everything that a script of theirs could do is heard. */
async function watch(page: Page, seen: Seen): Promise<void> {
  await page.exposeFunction('hit', (number: unknown) => void seen.ran.push(`hit(${number}) at ${page.url()}`));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      console.warn(`stopped by the policy: ${violatedDirective} ${blockedURI}`);
    });
  });
  page.on('console', (message) => {
    if (message.text().startsWith('stopped by the policy')) seen.stopped.push(`${message.text()} at ${page.url()}`);
  });
  page.on('dialog', async (dialog) => {
    seen.ran.push(`a dialog at ${page.url()}`);
    await dialog.dismiss();
  });
  page.on('request', (request) => {
    if (/evil\.test/.test(new URL(request.url()).host)) seen.ran.push(`a request to ${request.url()}`);
  });
}

/** A page that is not ours, with a script that works: were it not seen, nothing would be. */
async function mustSee(browser: Browser): Promise<void> {
  const seen = nothingSeen();
  const page = await browser.newPage();
  await watch(page, seen);
  await page.setContent('<p>hit(7)<img data-hit src="data:," onerror=hit(7)><a href="javascript:hit(8)">x</a>');
  await read(page, seen, { more: 0 });
  await page.close();
  if (seen.ran.length === 0 || seen.markup.length < 2 || !seen.texts.has('7')) throw new Error('a script was not seen');
}

/** A page that stands open, to its end: what its texts became. */
async function read(page: Page, seen: Seen, { more }: { more: number }): Promise<void> {
  await page.waitForLoadState('networkidle');
  const button = page.getByRole('button', { name: /^(Show|Load|See)? ?more|older|earlier/i }).first();
  for (let pressed = 0; pressed < more && (await button.isVisible().catch(() => false)); pressed++) {
    await button.click({ timeout: 5_000 }).catch(() => undefined);
    await page.waitForLoadState('networkidle');
  }
  for (const details of await page.locator('details:not([open]) > summary').all()) {
    await details.click({ timeout: 1_000 }).catch(() => undefined);
  }
  const found = await page.evaluate(() => ({
    // Also what stands in fields and in names that only screen readers say.
    text: [
      document.body.textContent ?? '',
      ...[...document.querySelectorAll('input, textarea')].map((one) => (one as HTMLInputElement).value),
      ...[...document.querySelectorAll('[aria-label], [title]')].map(
        (one) => `${one.ariaLabel} ${one.getAttribute('title')}`,
      ),
      document.title,
    ].join('\n'),
    markup: document.querySelectorAll('[data-hit], script:not([src])').length,
    links: [...document.querySelectorAll('a[href], form[action], [formaction], iframe, base')].map((one) =>
      one instanceof HTMLAnchorElement ? one.protocol : one.tagName,
    ),
  }));
  seen.pages += 1;
  for (const [, number = ''] of found.text.matchAll(/hit\((\d+)\)/g)) seen.texts.add(number);
  if (found.markup > 0) seen.markup.push(`${found.markup} elements at ${page.url()}`);
  const wrong = found.links.filter((one) => !['http:', 'https:', 'mailto:', 'otpauth:', 'blob:', 'FORM'].includes(one));
  if (wrong.length > 0) seen.markup.push(`links of ${[...new Set(wrong)].join()} at ${page.url()}`);
}

/** Letters as mail programs show them: their HTML by itself, and in the outbox. */
async function lookAtLetters(browser: Browser, product: Product, seen: Seen): Promise<void> {
  const context = await browser.newContext({ bypassCSP: true });
  const page = await context.newPage();
  await watch(page, seen);
  for (const { html } of await letters(product)) {
    await page.setContent(html);
    await read(page, seen, { more: 0 });
  }
  await page.goto(product.url('main', '/dev/mail'));
  await read(page, seen, { more: 0 });
  await context.close();
}
