/**
 * The SDK, as `dist/assets/sdk.js` is served: judged only by what its pages send, by the cookie, by the address bar and
 * by the callbacks. Each test has a shop of its own, a real server, since what a page sends while it goes away passes by
 * every hook that a test could put into the page.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { EventsAnswer, EventsBody } from '../../edge/contract.ts';
import type {} from '../../sdk/script.ts';
import { launch } from '../support/browser.ts';

const dist = (name: string) => readFileSync(new URL(`../../dist/${name}`, import.meta.url), 'utf8');

const VISITOR = 'visitor_AAAAAAAAAAAAAA';
const NOBODY: EventsAnswer = { visitorId: null, clickId: null, partner: null, consentRequired: false, results: [] };
const KNOWN: EventsAnswer = { ...NOBODY, visitorId: VISITOR, clickId: 'click-token', partner: 'anna' };
const ASK_FIRST: EventsAnswer = { ...NOBODY, consentRequired: true };
const ORDER = { orderId: '1001', currency: 'EUR', amount: 4999 };
const CHANGES_MIND = "for (const choice of ['granted', 'denied', 'granted']) tributary('consent', choice)";

/** What the server does with a post: answer, refuse with a status, hang up, or say nothing until it is told to. */
type Reply = EventsAnswer | number | 'hang up' | Promise<EventsAnswer>;

interface Shop {
  origin: string;
  posts: EventsBody[];
  /** Requests for `/silent`, which are never answered. */
  silent: ServerResponse[];
  close(): void;
}

interface Visit {
  /** Attributes of the script tag. */
  tag?: string;
  /** Script of the page, after the stub and before the SDK. */
  early?: string;
  /** Script that runs before anything of the page. */
  hostile?: string;
  at?: string;
  reply?: (post: EventsBody, count: number) => Reply;
  html?: string;
}

let browser: Browser;
let context: BrowserContext;
let shop: Shop;
let pageErrors: Error[];

beforeAll(async () => {
  browser = await launch();
}, 60_000);
afterAll(() => browser?.close());

beforeEach(async () => {
  pageErrors = [];
  context = await browser.newContext();
  // Of every page and every promise of theirs: the SDK's first promise is to throw nothing.
  context.on('weberror', (each) => pageErrors.push(each.error()));
});
afterEach(async () => {
  await context.close();
  shop.close();
  expect(pageErrors).toEqual([]);
});

async function openShop({ tag = '', early = '', html, reply = () => KNOWN }: Visit): Promise<Shop> {
  const home =
    html ??
    `<!doctype html><script>${dist('sdk/stub.js')}</script><script>${early}</script>
     <script src="/_t/sdk.js" data-key="trb_pk_test_demo" ${tag}></script>`;
  const posts: EventsBody[] = [];
  const silent: ServerResponse[] = [];
  const server = createServer(async (request, response) => {
    const path = request.url?.split('?')[0] ?? '';
    const [, extra] = /^\/_t\/sdk\/([a-z]+\.js)$/.exec(path) ?? [];
    if (extra) return send(response, 'text/javascript', dist(`assets/sdk/${extra}`));
    if (path === '/_t/sdk.js' || path === '/_t/sdk/1.0.0.js')
      return send(response, 'text/javascript', dist('assets/sdk.js'));
    if (path === '/module.js') return send(response, 'text/javascript', dist('sdk/index.js'));
    if (path === '/thanks') return send(response, 'text/html', '<!doctype html>Thank you');
    if (path === '/silent') return silent.push(response);
    if (path !== '/_t/v1/events') return send(response, 'text/html', home);
    let body = '';
    for await (const part of request) body += part;
    const post: EventsBody = JSON.parse(body);
    posts.push(post);
    const said = await reply(post, posts.length);
    if (said === 'hang up') response.destroy();
    else if (typeof said === 'number') send(response, 'application/problem+json', '{}', said);
    else send(response, 'application/json', JSON.stringify(said));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://shop.localhost:${(server.address() as AddressInfo).port}`,
    posts,
    silent,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function send(response: ServerResponse, type: string, body: string, status = 200): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}

/** Opens the shop's page and comes back when it is loaded, which includes the SDK. */
async function visit(visit: Visit = {}): Promise<Page> {
  shop = await openShop(visit);
  const page = await context.newPage();
  if (visit.hostile) await page.addInitScript(visit.hostile);
  await page.goto(shop.origin + (visit.at ?? '/'));
  return page;
}

/** Machines may be slow; nothing here is told by how long it took. */
const eventually = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 10_000 });
const ready = (page: Page) => page.evaluate(() => new Promise<void>((resolve) => window.tributary?.('ready', resolve)));
const get = (page: Page, what: 'clickId' | 'visitorId' | 'partner') =>
  page.evaluate((what) => new Promise<string | null>((resolve) => window.tributary?.('get', what, resolve)), what);
const convert = (page: Page, orderId: string) =>
  page.evaluate((orderId) => window.tributary?.('conversion', { orderId, currency: 'EUR', amount: 1 }), orderId);
const posted = (count: number) => eventually(() => shop.posts.length).toBe(count);
const commands = () => shop.posts.flatMap((post) => post.commands ?? []);
const orderIds = () => commands().map(([, order]) => (order as { orderId: string }).orderId);
const rememberVisitor = () =>
  context.addCookies([{ name: 'tributary_vid', value: VISITOR, domain: 'shop.localhost', path: '/' }]);
const remembered = async () => (await context.cookies()).find(({ name }) => name === 'tributary_vid')?.value;

describe('a landing', () => {
  test('is told once, remembered in a first-party cookie, and taken out of the address', async () => {
    const page = await visit({
      at: '/?color=red&tcid=click-token#reviews',
      tag: 'data-consent="granted"',
      early: `history.replaceState({ scroll: 7 }, '')`,
    });
    await ready(page);

    expect(shop.posts).toEqual([
      {
        key: 'trb_pk_test_demo',
        consent: 'granted',
        url: `${shop.origin}/?color=red&tcid=click-token#reviews`,
        referrer: '',
        commands: [],
      },
    ]);
    expect(page.url()).toBe(`${shop.origin}/?color=red#reviews`);
    expect(await page.evaluate(() => history.state)).toEqual({ scroll: 7 });

    const [cookie] = await context.cookies();
    expect(cookie).toMatchObject({
      name: 'tributary_vid',
      value: VISITOR,
      domain: 'shop.localhost',
      path: '/',
      sameSite: 'Lax',
    });
    const days = ((cookie?.expires ?? 0) - Date.now() / 1000) / 86_400;
    expect(days).toBeGreaterThan(399);
    expect(days).toBeLessThan(401);

    await convert(page, '1001');
    await posted(2);
    expect(shop.posts[1]).toMatchObject({ url: `${shop.origin}/?color=red#reviews`, visitorId: VISITOR });
  });

  test.each([
    ['/?tcid=T', '/'],
    ['/?via=anna&tcid=T', '/'],
    ['/?tcid=T&a=%20+&via=anna&b', '/?a=%20+&b'],
    ['/?a=1&via=anna#part', '/?a=1#part'],
    ['/?a=1#via=anna', '/?a=1'],
    ['/#/product?tcid=T&size=m', '/#/product?size=m'],
    ['/?via=', '/'],
  ])('%s is left as %s', async (at, left) => {
    const page = await visit({ at });
    await ready(page);
    expect(shop.posts.map(({ url }) => url)).toEqual([shop.origin + at]);
    expect(page.url()).toBe(shop.origin + left);
  });

  test.each(['/', '/?trivia=1&xtcid=2', '/#viaduct'])('%s is none, so nothing is sent', async (at) => {
    const page = await visit({ at, tag: 'data-consent="granted"' });
    await ready(page);
    expect(shop.posts).toEqual([]);
    expect(page.url()).toBe(shop.origin + at);
  });

  test('is told again with the next post when the server failed', async () => {
    let reply: Reply = 503;
    const page = await visit({ at: '/?tcid=T', reply: () => reply });
    await ready(page);
    expect(page.url()).toBe(`${shop.origin}/?tcid=T`);
    reply = KNOWN;
    await convert(page, '1');
    await eventually(() => page.url()).toBe(`${shop.origin}/`);
    expect(new Set(shop.posts.map(({ url }) => url))).toEqual(new Set([`${shop.origin}/?tcid=T`]));
  });
});

describe('commands', () => {
  test('queued by the stub arrive in order, in one post', async () => {
    const page = await visit({
      early: `tributary('click', { via: 'anna' });
              tributary('identify', { id: 'c1', email: 'ada@shop.test' });
              tributary('lead', { orderId: 'lead-1' });
              tributary('conversion', ${JSON.stringify(ORDER)});`,
    });
    await ready(page);
    expect(shop.posts).toHaveLength(1);
    expect(commands().map(([verb]) => verb)).toEqual(['click', 'identify', 'lead', 'conversion']);
    expect(commands().at(-1)).toEqual(['conversion', ORDER]);
  });

  test('of whoever kept the stub arrive, too', async () => {
    const page = await visit({ early: 'window.kept = window.tributary' });
    await page.evaluate(
      (order) => (window as unknown as { kept: typeof window.tributary }).kept?.('conversion', order),
      ORDER,
    );
    await posted(1);
    expect(commands()).toEqual([['conversion', ORDER]]);
  });

  test('go once when the tag was pasted twice', async () => {
    const tag = '<script src="/_t/sdk.js" data-key="trb_pk_test_demo"></script>';
    const page = await visit({ at: '/?tcid=T', html: `<!doctype html>${tag}${tag}` });
    await ready(page);
    await convert(page, '1');
    await posted(2);
    expect(orderIds()).toEqual(['1']);
  });

  test('travel fifty at a time', async () => {
    const page = await visit({
      early: `for (let n = 1; n <= 120; n++) tributary('conversion', { orderId: String(n), currency: 'EUR', amount: n })`,
    });
    await ready(page);
    expect(shop.posts.map((post) => post.commands?.length)).toEqual([50, 50, 20]);
    expect(orderIds()).toEqual(Array.from({ length: 120 }, (_, n) => String(n + 1)));
  });

  test('too big for one post travel in several, each of a size that outlives the page', async () => {
    const page = await visit({
      early: `for (let n = 1; n <= 8; n++) {
        tributary('conversion', { orderId: String(n), currency: 'EUR', amount: 1, metadata: { note: '€'.repeat(5000) } });
      }`,
    });
    await ready(page);
    expect(orderIds()).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);
    for (const post of shop.posts) expect(Buffer.byteLength(JSON.stringify(post))).toBeLessThanOrEqual(64 * 1024);
  });

  test('wait for the next post when the server failed, and keep their order', async () => {
    let reply: Reply = 500;
    const page = await visit({ reply: () => reply });
    await convert(page, '1');
    await posted(1);
    reply = 'hang up';
    await convert(page, '2');
    await get(page, 'clickId');
    reply = KNOWN;
    await convert(page, '3');
    await eventually(() => get(page, 'clickId')).toBe('click-token');
    const taken = shop.posts.at(-1)?.commands?.map(([, order]) => (order as typeof ORDER).orderId);
    expect(taken).toEqual(['1', '2', '3']);
  });

  test('that the server refuses are dropped', async () => {
    const page = await visit({ reply: (_, count) => (count === 1 ? 422 : KNOWN) });
    await convert(page, '1');
    await posted(1);
    await ready(page);
    await convert(page, '2');
    await posted(2);
    expect(shop.posts.map((post) => post.commands?.length)).toEqual([1, 1]);
  });

  test('are what the page meant when it called', async () => {
    const page = await visit({
      early: `const order = ${JSON.stringify(ORDER)}; tributary('conversion', order); order.orderId = 'changed'`,
    });
    await page.evaluate(() => {
      const order = { orderId: '1002', currency: 'EUR', amount: 1 };
      window.tributary?.('conversion', order);
      order.orderId = 'changed';
    });
    await eventually(orderIds).toContain('1002');
  });

  test('come from the module as from the tag', async () => {
    await visit({
      html: `<!doctype html><script type="module">
        import { createTracker } from '/module.js';
        const tracker = createTracker({ key: 'trb_pk_test_demo', host: '/_t/' });
        tracker.conversion(${JSON.stringify(ORDER)});
      </script>`,
    });
    await posted(1);
    expect(commands()).toEqual([['conversion', ORDER]]);
  });

  test.each(['src="/_t/sdk/1.0.0.js?v=/2"', 'src="/_t/sdk.js#x"', 'src="/_t/sdk.js" data-host="/_t"'])(
    'find the server from <script %s>',
    async (tag) => {
      await visit({ at: '/?tcid=T', html: `<!doctype html><script ${tag} data-key="trb_pk_test_demo"></script>` });
      await posted(1);
    },
  );
});

describe('leaving the page', () => {
  const buyAndLeave = (page: Page, customer: object) =>
    Promise.all([
      page.waitForURL('**/thanks'),
      page.evaluate(
        ([order, customer]) => {
          window.tributary?.('conversion', { ...order, customer });
          location.href = '/thanks';
        },
        [ORDER, customer] as const,
      ),
    ]);

  test('peer defect 27: a sale on a page that navigates away at once arrives', async () => {
    const page = await visit({ at: '/?tcid=T' });
    await ready(page);
    await buyAndLeave(page, { id: 'c1' });
    await posted(2);
    expect(commands()).toEqual([['conversion', { ...ORDER, customer: { id: 'c1' } }]]);
  });

  test('peer defect 27: so does one that waits behind a slow post', async () => {
    const page = await visit({ at: '/?tcid=T', reply: (_, count) => (count === 1 ? new Promise(() => {}) : KNOWN) });
    await posted(1);
    await buyAndLeave(page, { id: 'c1' });
    await posted(2);
    // The server has not said who this is: the landing goes along, so that the order finds its click.
    expect(shop.posts[1]).toMatchObject({ url: `${shop.origin}/?tcid=T`, commands: [['conversion', ORDER]] });
  });

  test('peer defect 27: so does one whose customer is still being hashed', async () => {
    const page = await visit({ hostile: 'crypto.subtle.digest = () => new Promise(() => {})' });
    await buyAndLeave(page, { id: 'c1', email: 'ada@shop.test' });
    await posted(1);
    expect(commands()).toEqual([['conversion', { ...ORDER, customer: { id: 'c1' } }]]);
  });

  test('peer defect 27: so does one that has not left the browser yet', async () => {
    const page = await visit();
    // A browser opens six connections to a host. These are given up with the page; what
    // waits for one of them is given up, too, unless it is to outlive the page.
    await page.evaluate(() => {
      for (let n = 0; n < 6; n++) fetch(`/silent?${n}`).catch(() => {});
    });
    await eventually(() => shop.silent.length).toBe(6);
    const elsewhere = `${shop.origin.replace('shop', 'pay')}/thanks`;
    await Promise.all([
      page.waitForURL(elsewhere),
      page.evaluate(
        ([order, elsewhere]) => {
          window.tributary?.('conversion', order);
          location.href = elsewhere;
        },
        [ORDER, elsewhere] as const,
      ),
    ]);
    await posted(1);
    expect(commands()).toEqual([['conversion', ORDER]]);
  });

  test('sends what failed before', async () => {
    const page = await visit({ reply: () => 500 });
    await convert(page, '1');
    // By then the post has failed, and perhaps another.
    expect(await get(page, 'clickId')).toBeNull();
    const tried = shop.posts.length;
    await page.goto(`${shop.origin}/thanks`);
    await posted(tried + 1);
    expect(shop.posts.at(-1)?.commands).toHaveLength(1);
  });
});

describe('consent', () => {
  test('not stated, but remembered with permission before: the visitor stays the same', async () => {
    await rememberVisitor();
    const page = await visit({ at: '/?tcid=T' });
    await ready(page);
    expect(shop.posts[0]).toMatchObject({ visitorId: VISITOR });
    expect(shop.posts[0]).not.toHaveProperty('consent');
  });

  test('not stated: nothing is stored until it is granted, and then nothing is missing', async () => {
    const page = await visit({
      at: '/?a=1&tcid=T',
      early: `tributary('conversion', ${JSON.stringify(ORDER)})`,
      reply: ({ consent }) => (consent === 'granted' ? KNOWN : ASK_FIRST),
    });
    await ready(page);
    expect(shop.posts).toHaveLength(1);
    expect(shop.posts[0]).not.toHaveProperty('consent');
    expect(shop.posts[0]).not.toHaveProperty('visitorId');
    expect(page.url()).toContain('tcid=T');
    expect(await get(page, 'clickId')).toBeNull();

    // The page moves on, and waits for its visitor with more to tell.
    await page.evaluate(() => history.pushState(null, '', '/elsewhere'));
    await convert(page, '1002');
    await ready(page);
    expect(shop.posts).toHaveLength(1);

    await page.evaluate(() => window.tributary?.('consent', 'granted'));
    await posted(2);
    expect(shop.posts[1]).toMatchObject({ consent: 'granted', url: `${shop.origin}/?a=1&tcid=T` });
    expect(shop.posts[1]?.commands?.map(([, order]) => (order as typeof ORDER).orderId)).toEqual(['1001', '1002']);
    expect(await get(page, 'clickId')).toBe('click-token');
    expect(await remembered()).toBe(VISITOR);
  });

  test('not stated, then denied: what waited is dropped and nothing is sent again', async () => {
    const page = await visit({
      at: '/?a=1&tcid=T',
      early: `tributary('conversion', ${JSON.stringify(ORDER)})`,
      reply: () => ASK_FIRST,
    });
    await ready(page);
    await page.evaluate(() => window.tributary?.('consent', 'denied'));
    expect(page.url()).toBe(`${shop.origin}/?a=1`);
    await convert(page, '1002');
    expect(await get(page, 'visitorId')).toBeNull();
    await page.goto(`${shop.origin}/thanks`);
    expect(shop.posts).toHaveLength(1);
    expect(await context.cookies()).toEqual([]);
  });

  test('not stated, and not needed: the visitor is remembered and named from then on', async () => {
    const page = await visit({ at: '/?tcid=T' });
    await ready(page);
    expect(await remembered()).toBe(VISITOR);
    await convert(page, '1');
    await posted(2);
    expect(shop.posts[1]).toMatchObject({ visitorId: VISITOR });
    expect(shop.posts[1]).not.toHaveProperty('consent');
  });

  test('granted while the question is on its way: asked no more', async () => {
    const { promise, resolve } = Promise.withResolvers<EventsAnswer>();
    const page = await visit({ at: '/?tcid=T', reply: (_, count) => (count === 1 ? promise : KNOWN) });
    await posted(1);
    await page.evaluate(() => window.tributary?.('consent', 'granted'));
    resolve(ASK_FIRST);
    await posted(2);
    expect(shop.posts[1]).toMatchObject({ consent: 'granted', url: `${shop.origin}/?tcid=T` });
    expect(await get(page, 'visitorId')).toBe(VISITOR);
  });

  test('denied while the answer is on its way: the answer is not kept', async () => {
    const { promise, resolve } = Promise.withResolvers<EventsAnswer>();
    const page = await visit({ at: '/?tcid=T', reply: () => promise });
    await posted(1);
    await page.evaluate(() => window.tributary?.('consent', 'denied'));
    const answered = page.waitForResponse('**/v1/events');
    resolve(KNOWN);
    await answered;
    expect(await get(page, 'visitorId')).toBeNull();
    expect(await context.cookies()).toEqual([]);
  });

  test('a server that asks in spite of consent is not asked again and again', async () => {
    const page = await visit({ at: '/?tcid=T', tag: 'data-consent="granted"', reply: () => ASK_FIRST });
    await ready(page);
    await convert(page, '1');
    expect(await get(page, 'clickId')).toBeNull();
    expect(shop.posts).toHaveLength(1);
  });

  test.each([
    ['data-consent="denied"', ''],
    ['data-consent="granted"', `Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })`],
  ])('%s %s: the visitor is withdrawn, and nothing else is sent, stored or read', async (tag, hostile) => {
    await rememberVisitor();
    const page = await visit({
      at: '/?a=1&tcid=T',
      tag,
      hostile,
      early: `tributary('conversion', ${JSON.stringify(ORDER)}); ${hostile && CHANGES_MIND}`,
    });
    await ready(page);
    await convert(page, '1002');
    expect(await get(page, 'visitorId')).toBeNull();
    expect(page.url()).toBe(`${shop.origin}/?a=1`);
    await page.goto(`${shop.origin}/thanks`);
    // Only that the visitor, who had agreed once, is to be forgotten.
    expect(shop.posts).toMatchObject([{ visitorId: VISITOR, consent: 'denied', commands: [] }]);
    expect(await context.cookies()).toEqual([]);
  });

  test.each([
    ['before', 'data-consent="denied"', 0],
    ['when asked', '', 1],
    ['after a yes', 'data-consent="granted"', 2],
  ])('denied %s and granted after all where they landed: the click counts', async (_, tag, told) => {
    const page = await visit({
      at: '/?a=1&tcid=T',
      tag,
      reply: ({ consent }) => (consent === 'granted' ? KNOWN : ASK_FIRST),
    });
    await ready(page);
    await page.evaluate(() => window.tributary?.('consent', 'denied'));
    expect(page.url()).toBe(`${shop.origin}/?a=1`);
    // Kept nowhere but in the page.
    const kept = () => JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }, history.state]);
    expect(await page.evaluate(kept)).toBe('["",{},{},null]');
    await convert(page, '1001');
    await page.evaluate(() => history.pushState(null, '', '/elsewhere'));
    expect(await get(page, 'clickId')).toBeNull();
    expect(shop.posts).toHaveLength(told);

    await page.evaluate(() => window.tributary?.('consent', 'granted'));
    await posted(told + 1);
    expect(shop.posts.at(-1)).toEqual({
      key: 'trb_pk_test_demo',
      // Somebody new, even if a cookie of the server should have survived.
      visitorId: null,
      consent: 'granted',
      url: `${shop.origin}/?a=1&tcid=T`,
      referrer: '',
      commands: [],
    });
    expect(await get(page, 'clickId')).toBe('click-token');
    expect(await remembered()).toBe(VISITOR);
    expect(page.url()).toBe(`${shop.origin}/elsewhere`);
    expect(shop.posts).toHaveLength(told + 1);
  });

  test('denied before and granted now: tracking goes on', async () => {
    const page = await visit({ tag: 'data-consent="denied"' });
    await page.evaluate(() => window.tributary?.('consent', 'granted'));
    await convert(page, '1');
    await posted(1);
    expect(shop.posts[0]).toMatchObject({ consent: 'granted' });
  });

  test('peer defect 26: a word that is no consent is ignored, and tracking works', async () => {
    const page = await visit({ at: '/?tcid=T', tag: 'data-consent="grantd=true"' });
    await ready(page);
    expect(shop.posts).toHaveLength(1);
    expect(shop.posts[0]).not.toHaveProperty('consent');
    expect(await remembered()).toBe(VISITOR);
  });
});

describe('callbacks', () => {
  test('get asks the server about a remembered visitor, and once', async () => {
    await rememberVisitor();
    const page = await visit({ tag: 'data-consent="granted"' });
    expect(await get(page, 'clickId')).toBe('click-token');
    expect(await get(page, 'partner')).toBe('anna');
    expect(shop.posts).toHaveLength(1);
    expect(shop.posts[0]).toMatchObject({ visitorId: VISITOR, commands: [] });
  });

  test('get waits for the landing', async () => {
    const page = await visit({ at: '/?tcid=T', early: `tributary('get', 'clickId', (id) => { window.got = id })` });
    await ready(page);
    expect(await page.evaluate(() => (window as unknown as { got: string }).got)).toBe('click-token');
    expect(shop.posts).toHaveLength(1);
  });

  test('get says null where nothing is known', async () => {
    const page = await visit({ tag: 'data-consent="granted"' });
    expect(await get(page, 'visitorId')).toBeNull();
    expect(shop.posts).toEqual([]);
  });

  test('ready and get call back when the server is dead', async () => {
    const page = await visit({ at: '/?tcid=T', reply: () => 'hang up' });
    await ready(page);
    expect(await get(page, 'clickId')).toBeNull();
  });

  test('ready and get call back after three seconds when the server is silent', async () => {
    shop = await openShop({ reply: () => new Promise(() => {}) });
    const page = await context.newPage();
    await page.clock.install({ time: 0 });
    await page.clock.pauseAt(1000);
    await page.goto(`${shop.origin}/?tcid=T`);
    await page.evaluate(() => {
      document.title = '';
      window.tributary?.('ready', () => {
        document.title += 'ready,';
      });
      window.tributary?.('get', 'clickId', (clickId) => {
        document.title += clickId;
      });
    });
    await posted(1);
    await page.clock.runFor(2900);
    expect(await page.title()).toBe('');
    await page.clock.runFor(200);
    await eventually(() => page.title()).toBe('ready,null');
  });
});

describe('reset', () => {
  test('forgets the visitor; what was told before is still theirs', async () => {
    const page = await visit({ at: '/?tcid=T', tag: 'data-consent="granted"' });
    await ready(page);
    await page.evaluate((order) => {
      window.tributary?.('conversion', order);
      window.tributary?.('reset');
    }, ORDER);
    await posted(3);
    expect(shop.posts[1]).toMatchObject({ visitorId: VISITOR, commands: [['conversion', ORDER]] });
    // The server's own cookie is to name somebody new.
    expect(shop.posts[2]).toMatchObject({ visitorId: null, commands: [] });
    expect(await remembered()).toBeUndefined();
    expect(await get(page, 'visitorId')).toBeNull();
    expect(shop.posts).toHaveLength(3);
  });

  test('an answer to the visitor before is not given to the next', async () => {
    const { promise, resolve } = Promise.withResolvers<EventsAnswer>();
    const page = await visit({ tag: 'data-consent="granted"', reply: () => promise });
    await convert(page, '1');
    await posted(1);
    await page.evaluate(() => window.tributary?.('reset'));
    const answered = page.waitForResponse('**/v1/events');
    resolve(KNOWN);
    await answered;
    expect(await get(page, 'visitorId')).toBeNull();
    expect(await remembered()).toBeUndefined();
  });
});

describe('an e-mail address', () => {
  const sha256 = createHash('sha256').update('ada@shop.test').digest('hex');

  test.each(['', 'Object.defineProperty(window, "crypto", { value: undefined })'])(
    'never leaves in clear (%s)',
    async (hostile) => {
      const page = await visit({ hostile });
      await page.evaluate(() => {
        const email = '  Ada@Shop.TEST ';
        const misused = window.tributary as unknown as (verb: string, given: unknown) => void;
        window.tributary?.('identify', { email, id: 'c1' });
        window.tributary?.('lead', { customer: { email } });
        window.tributary?.('conversion', { orderId: '1', currency: 'EUR', amount: 1, customer: { email } });
        misused('conversion', { orderId: '2', currency: 'EUR', amount: 1, email });
        misused('identify', email);
      });
      await posted(1);
      const hash = hostile ? {} : { emailSha256: sha256 };
      expect(commands()).toEqual([
        ['identify', { id: 'c1', ...hash }],
        ['lead', { customer: hash }],
        ['conversion', { orderId: '1', currency: 'EUR', amount: 1, customer: hash }],
        ['conversion', { orderId: '2', currency: 'EUR', amount: 1, ...hash }],
      ]);
      await page.goto(`${shop.origin}/thanks`);
      expect(JSON.stringify(shop.posts).toLowerCase()).not.toContain('ada@');
    },
  );
});

test('commands wait for the hashes of those beside them', async () => {
  const page = await visit({
    hostile: `const digests = [];
      const digest = crypto.subtle.digest.bind(crypto.subtle);
      crypto.subtle.digest = (...given) => new Promise((resolve) => digests.push(() => resolve(digest(...given))));
      window.finishOne = () => digests.shift()();`,
  });
  const finishOne = () => page.evaluate(() => (window as unknown as { finishOne(): void }).finishOne());
  const identify = (email: string) => page.evaluate((email) => window.tributary?.('identify', { email }), email);
  await identify('ada@shop.test');
  await identify('bob@shop.test');
  await finishOne();
  await finishOne();
  await posted(1);
  const hashes = ['ada', 'bob'].map((name) => createHash('sha256').update(`${name}@shop.test`).digest('hex'));
  expect(commands()).toEqual(hashes.map((emailSha256) => ['identify', { emailSha256 }]));
});

describe('a hostile page is not thrown at', () => {
  const MISCALLS = `{
    const cyclic = {}; cyclic.self = cyclic;
    const t = window.tributary;
    t(); t('purchase', {}); t('constructor'); t('__proto__'); t('hasOwnProperty', 'q'); t(null, null);
    t('conversion'); t('conversion', cyclic); t('conversion', { amount: 1n }); t('conversion', () => {}); t('conversion', 7);
    t('click', null); t('consent'); t('consent', {}); t('identify', { email: {} });
    t('ready'); t('ready', 7); t('ready', () => { throw new Error('from ready') });
    t('get'); t('get', 'clickId'); t('get', 'clickId', () => { throw new Error('from get') }); t('get', {}, () => {});
    t('conversion', ${JSON.stringify(ORDER)}); t('ready', () => { document.title = 'ready' });
  }`;

  test.each([
    ['nothing', '', true],
    ['for-in over arrays', 'Array.prototype.extra = function () {}; Object.prototype.more = 1', true],
    [
      'broken array methods',
      'for (const m of ["map", "find", "includes", "forEach"]) Array.prototype[m] = () => { throw 0 }',
      true,
    ],
    ['no fetch', 'delete window.fetch', false],
    ['a fetch that throws', 'window.fetch = () => { throw new Error("blocked") }', false],
    ['a fetch that rejects', 'window.fetch = () => Promise.reject(new Error("blocked"))', false],
    ['a fetch that answers nonsense', 'window.fetch = async () => ({ ok: true, json: async () => 7 })', false],
    ['neither fetch nor sendBeacon', 'delete window.fetch; delete Navigator.prototype.sendBeacon', false],
    [
      'no cookies',
      'Object.defineProperty(document, "cookie", { get() { throw new Error("no") }, set() { throw new Error("no") } })',
      true,
    ],
    ['no crypto', 'Object.defineProperty(window, "crypto", { value: undefined })', true],
    ['a history that throws', 'history.replaceState = () => { throw new Error("too often") }', true],
    ['no listeners', 'window.addEventListener = undefined', true],
  ])('%s', async (_, hostile, arrives) => {
    const page = await visit({ at: '/?tcid=T', tag: 'data-consent="granted"', hostile, early: MISCALLS });
    await eventually(() => page.title()).toBe('ready');
    await page.evaluate(MISCALLS);
    if (arrives) await eventually(orderIds).toContain('1001');
    await page.goto(`${shop.origin}/thanks`);
  });

  test('without fetch, what is queued leaves by beacon', async () => {
    const page = await visit({ hostile: 'delete window.fetch' });
    await convert(page, '1');
    await ready(page);
    await page.goto(`${shop.origin}/thanks`);
    await eventually(orderIds).toEqual(['1']);
  });

  test('cookies refused: the visitor is known as long as the page is', async () => {
    const page = await visit({
      at: '/?tcid=T',
      hostile: 'Object.defineProperty(document, "cookie", { get: () => "", set() {} })',
    });
    await ready(page);
    await convert(page, '1');
    await posted(2);
    expect(shop.posts[1]).toMatchObject({ visitorId: VISITOR });
  });
});

describe('names of a page’s own for via', () => {
  test.each([
    ['ref,aff', '/?ref=anna&a=1', '/?a=1', 1],
    ['ref, aff', '/#aff=anna', '/', 1],
    ['ref,aff', '/?a=1', '/?a=1', 0],
    // What is no list of names is no reason to lose a click that came by the usual one.
    ['(((', '/?via=anna', '/', 1],
    ['a=b&c|.*', '/?via=anna&x=1', '/?x=1', 1],
    ['', '/?tcid=T', '/', 1],
  ])('data-params="%s": %s is left as %s', async (params, at, left, told) => {
    const page = await visit({ at, tag: `data-consent="granted" data-params="${params}"` });
    await ready(page);
    expect(shop.posts.map(({ url, params }) => [url, params])).toEqual(Array(told).fill([shop.origin + at, params]));
    expect(page.url()).toBe(shop.origin + left);
  });
});

describe('peer defect 28: a page that moves without loading', () => {
  test.each([
    ['', ''],
    ['without the Navigation API', 'delete window.navigation; delete Window.prototype.navigation'],
  ])('lands again when what tells of a click is new, and only then %s', async (_, hostile) => {
    const page = await visit({ at: '/?via=anna', hostile });
    if (hostile) await eventually(() => page.evaluate(() => String(history.pushState).includes('native'))).toBe(false);
    await ready(page);
    const move = (how: 'pushState' | 'replaceState', to: string) =>
      page.evaluate(([how, to]) => history[how as 'pushState'](null, '', to), [how, to] as const);
    await move('pushState', '/tent');
    await move('replaceState', '/tent?color=red');
    await move('pushState', '/?via=bob&x=1');
    await eventually(() => page.url()).toBe(`${shop.origin}/?x=1`);
    await move('replaceState', '/?x=2');
    await move('pushState', '/#tcid=T');
    await eventually(() => page.url()).toBe(`${shop.origin}/`);
    await page.goBack();
    await ready(page);
    expect(shop.posts.map(({ url }) => url.slice(shop.origin.length))).toEqual([
      '/?via=anna',
      '/?via=bob&x=1',
      '/#tcid=T',
    ]);
  });

  test('two landings before the first is answered are both told', async () => {
    const { promise, resolve } = Promise.withResolvers<EventsAnswer>();
    const page = await visit({ at: '/?via=anna', reply: (_, count) => (count === 1 ? promise : KNOWN) });
    await posted(1);
    await page.evaluate(() => history.pushState(null, '', '/?via=bob'));
    resolve(KNOWN);
    await posted(2);
    expect(shop.posts.map(({ url }) => url.slice(shop.origin.length))).toEqual(['/?via=anna', '/?via=bob']);
  });

  test('the page’s own history works as before', async () => {
    const page = await visit({ hostile: 'delete window.navigation; delete Window.prototype.navigation' });
    await eventually(() => page.evaluate(() => String(history.pushState).includes('native'))).toBe(false);
    expect(
      await page.evaluate(() => {
        history.pushState({ n: 1 }, '', '/one');
        try {
          history.pushState(null, '', 'https://elsewhere.example/');
        } catch (cause) {
          return [location.pathname, history.state, (cause as Error).name];
        }
        return null;
      }),
    ).toEqual(['/one', { n: 1 }, 'SecurityError']);
  });
});

describe('tags of data', () => {
  const tag = (verb: string, text: string) =>
    `<script type="application/json" data-tributary="${verb}">${text}</script>`;
  const SDK = `<script>${dist('sdk/stub.js')}</script><script async src="/_t/sdk.js" data-key="trb_pk_test_demo"></script>`;

  test('tell what they say, once, in their order; a malformed one spoils nothing', async () => {
    const page = await visit({
      html: `<!doctype html>${SDK}${tag('identify', '{"id":"c1"}')}${tag('lead', '{"orderId":')}${tag(
        'conversion',
        JSON.stringify(ORDER),
      )}`,
    });
    await eventually(commands).toEqual([
      ['identify', { id: 'c1' }],
      ['conversion', ORDER],
    ]);
    await page.evaluate(() => document.body.append('moved'));
    await ready(page);
    expect(commands()).toHaveLength(2);
  });

  test('that come later tell, too', async () => {
    const page = await visit({ html: `<!doctype html>${SDK}<body>` });
    await page.evaluate(
      (text) => {
        document.body.innerHTML = `<div><p>Thank you</p>${text}</div>`;
      },
      tag('conversion', JSON.stringify(ORDER)),
    );
    await eventually(commands).toEqual([['conversion', ORDER]]);
  });
});

describe('what nobody acknowledged', () => {
  const stored = (page: Page) => page.evaluate(() => ({ ...localStorage }));

  test('is told again by the next page, with consent', async () => {
    let reply: Reply = KNOWN;
    const page = await visit({ at: '/?tcid=T', tag: 'data-consent="granted"', reply: () => reply });
    await ready(page);
    reply = 'hang up';
    await convert(page, '1');
    await page.goto(`${shop.origin}/thanks`);
    await eventually(orderIds).toContain('1');
    expect(await stored(page)).toEqual({ trb_pk_test_demo: expect.stringContaining('"orderId":"1"') });
    const before = shop.posts.length;
    reply = KNOWN;
    await page.goto(shop.origin);
    await posted(before + 1);
    expect(shop.posts.at(-1)).toMatchObject({ visitorId: VISITOR, commands: [['conversion', { orderId: '1' }]] });
    await ready(page);
    expect(await stored(page)).toEqual({ trb_pk_test_demo: '[]' });
    await page.goto(shop.origin);
    await ready(page);
    expect(shop.posts).toHaveLength(before + 1);
  });

  test.each([
    ['denied', `tributary('consent', 'denied')`],
    ['not asked', ''],
  ])('is kept nowhere when consent is %s', async (_, early) => {
    const page = await visit({ early, reply: () => ASK_FIRST });
    await convert(page, '1');
    await ready(page);
    await page.goto(`${shop.origin}/thanks`);
    expect(await stored(page)).toEqual({});
  });

  test('goes with the visitor who is forgotten', async () => {
    let reply: Reply = KNOWN;
    const page = await visit({ at: '/?tcid=T', tag: 'data-consent="granted"', reply: () => reply });
    await ready(page);
    reply = 500;
    await convert(page, '1');
    await page.evaluate(() => window.tributary?.('consent', 'denied'));
    await page.goto(`${shop.origin}/thanks`);
    expect(await stored(page)).toEqual({});
  });

  test.each(['7', '{', '"text"', 'null', '[[["x"]]]'])('storage that says %s harms nothing', async (text) => {
    const page = await visit({
      hostile: `try { localStorage.trb_pk_test_demo ??= ${JSON.stringify(text)} } catch {}`,
      reply: (_, count) => (text.startsWith('[[[') && count === 1 ? 422 : KNOWN),
    });
    await convert(page, '1');
    await ready(page);
    await convert(page, '2');
    await eventually(() => JSON.stringify(shop.posts)).toContain('"orderId":"2"');
  });
});

describe('a visitor whom only the server’s cookie names', () => {
  const KEPT = `try { localStorage.trb_pk_test_demo ??= '[]' } catch {}`;

  test('is asked about', async () => {
    const page = await visit({ hostile: KEPT });
    expect(await get(page, 'clickId')).toBe('click-token');
  });

  test('is withdrawn', async () => {
    const page = await visit({ hostile: KEPT, tag: 'data-consent="denied"' });
    await posted(1);
    expect(shop.posts[0]).toMatchObject({ consent: 'denied', commands: [] });
    expect(shop.posts[0]).not.toHaveProperty('visitorId');
    await ready(page);
  });
});

test('a page inside another says so', async () => {
  const page = await visit({ at: '/thanks' });
  await page.evaluate(() => {
    document.body.innerHTML = '<iframe src="/?tcid=T"></iframe>';
  });
  await posted(1);
  expect(shop.posts[0]).toMatchObject({ framed: true, url: `${shop.origin}/?tcid=T` });
});

describe('forms', () => {
  const FORMS = `<!doctype html><body><form id="pay" method="post" action="/thanks"><input name="email"></form>
    <form id="find"><input name="q"></form><form id="own" method="post"><input type="hidden" name="clickId" value="kept"></form>
    <script>${dist('sdk/stub.js')}</script><script src="/_t/sdk.js" data-key="trb_pk_test_demo"`;
  const fields = (page: Page) =>
    page.evaluate(() =>
      Object.fromEntries([...document.forms].map((form) => [form.id, Object.fromEntries(new FormData(form))])),
    );

  test('that post carry the click and the visitor; those that come later, too; after a denial, none', async () => {
    const page = await visit({ at: '/?tcid=T', html: `${FORMS} data-forms></script>` });
    const both = { clickId: 'click-token', visitorId: VISITOR };
    await eventually(() => fields(page)).toEqual({ pay: { email: '', ...both }, find: { q: '' }, own: both });
    await page.evaluate(() => document.body.insertAdjacentHTML('beforeend', '<form id="late" method="POST"></form>'));
    await eventually(() => fields(page)).toMatchObject({ late: both });
    await page.evaluate(() => window.tributary?.('consent', 'denied'));
    await page.focus('[name=email]');
    expect(await fields(page)).toMatchObject({ pay: { clickId: '', visitorId: '' }, late: { clickId: '' } });
  });

  test('are those of the selector; one that is none harms nothing', async () => {
    const page = await visit({ at: '/?tcid=T', html: `${FORMS} data-forms="#find"></script>` });
    await eventually(() => fields(page)).toMatchObject({ find: { clickId: 'click-token' }, pay: { email: '' } });
    await page.setContent('');
    shop.close();
    const broken = await visit({ at: '/?tcid=T', html: `${FORMS} data-forms="[[["></script>` });
    expect(await get(broken, 'clickId')).toBe('click-token');
    expect(await fields(broken)).toMatchObject({ pay: { email: '' }, own: { clickId: 'kept' } });
  });

  test('carry nothing without consent', async () => {
    const page = await visit({ at: '/?tcid=T', html: `${FORMS} data-forms></script>`, reply: () => ASK_FIRST });
    await get(page, 'clickId');
    await page.focus('[name=email]');
    expect(await fields(page)).toEqual({ pay: { email: '' }, find: { q: '' }, own: { clickId: 'kept' } });
    await page.evaluate(() => window.tributary?.('consent', 'granted'));
    expect(await fields(page)).toMatchObject({ pay: { email: '' } });
  });
});

test('Stripe’s links and elements carry the click id; what the page wrote itself stays', async () => {
  const page = await visit({
    at: '/?tcid=T',
    html: `<!doctype html><body><a id="a" href="https://buy.stripe.com/test_1?locale=de">Pay</a>
      <a id="b" href="https://buy.stripe.com/test_2?client_reference_id=user-7">Pay</a><a id="c" href="/buy.stripe.com/">No</a>
      <stripe-buy-button></stripe-buy-button><stripe-pricing-table client-reference-id="user-7"></stripe-pricing-table>
      <script>${dist('sdk/stub.js')}</script><script src="/_t/sdk.js" data-key="trb_pk_test_demo" data-stripe></script>`,
  });
  const seen = () =>
    page.evaluate(() =>
      [...document.querySelectorAll('a, stripe-buy-button, stripe-pricing-table')].map((one) =>
        one instanceof HTMLAnchorElement ? one.getAttribute('href') : one.getAttribute('client-reference-id'),
      ),
    );
  await eventually(seen).toEqual([
    'https://buy.stripe.com/test_1?locale=de&client_reference_id=click-token',
    'https://buy.stripe.com/test_2?client_reference_id=user-7',
    '/buy.stripe.com/',
    'click-token',
    'user-7',
  ]);
  await page.evaluate(() => window.tributary?.('consent', 'denied'));
  await page.hover('#c');
  await eventually(seen).toEqual([
    'https://buy.stripe.com/test_1?locale=de',
    'https://buy.stripe.com/test_2?client_reference_id=user-7',
    '/buy.stripe.com/',
    null,
    'user-7',
  ]);
});

describe('crossing over to another host of the shop', () => {
  const crossing = async (given: Partial<Visit> & { domains?: string }) => {
    const page = await visit({
      at: '/?tcid=T',
      reply: ({ handover }) => ({ ...KNOWN, ...(handover && { handover: `word-${shop.posts.length}` }) }),
      ...given,
    });
    await ready(page);
    const other = `${shop.origin.replace('shop.', 'pay.')}/thanks`;
    await page.evaluate(
      ([other, domains]) => {
        document.body.innerHTML = `<a id="out" href="${other}?a=1#b">Pay</a><a id="in" href="/thanks">In</a>
          <a id="far" href="http://far.localhost/">Far</a><form action="${other}"><input name="q" value="1"><button>Go</button></form>`;
        window.tributary?.('decorate', domains);
      },
      [other, [given.domains ?? new URL(other).host]] as const,
    );
    return { page, other };
  };
  const asked = () => shop.posts.filter((post) => post.handover).length;
  /** The file is loaded by the first need. */
  const pointAt = async (page: Page, selector: string) => {
    await eventually(async () => {
      await page.mouse.move(500, 500);
      await page.hover(selector);
      return asked();
    }).toBeGreaterThan(0);
    await ready(page);
  };

  test('a link that was pointed at carries a hand-over, for the click only', async () => {
    const { page, other } = await crossing({});
    await pointAt(page, '#out');
    expect(await page.getAttribute('#out', 'href')).toBe(`${other}?a=1#b`);
    await eventually(async () => {
      const [next] = await Promise.all([
        context.waitForEvent('page'),
        page.click('#out', { modifiers: ['ControlOrMeta'] }),
      ]);
      return next.url();
    }).toMatch(/\?a=1&tho=word-\d+#b$/);
    await eventually(() => page.getAttribute('#out', 'href')).toBe(`${other}?a=1#b`);
    expect(shop.posts.at(-1)).toMatchObject({ visitorId: VISITOR, url: shop.origin, handover: true });
  });

  test('so does a form that was focused', async () => {
    const { page, other } = await crossing({});
    await pointAt(page, 'form');
    await page.focus('input');
    await ready(page);
    await page.click('button');
    await page.waitForURL(/tho=word/);
    expect(page.url()).toMatch(new RegExp(`^${other}\\?q=1&tho=word-\\d+$`));
  });

  test('a click that is faster, a host that is not listed, the page’s own: go as they are', async () => {
    const { page, other } = await crossing({ reply: () => KNOWN });
    await pointAt(page, '#out');
    await page.hover('#in');
    await page.hover('#far');
    expect(await page.getAttribute('#far', 'href')).toBe('http://far.localhost/');
    await page.click('#out');
    await page.waitForURL(`${other}?a=1#b`);
  });

  test('nobody is handed over without consent, nor after it', async () => {
    const { page, other } = await crossing({});
    await pointAt(page, '#out');
    const before = asked();
    await page.evaluate(() => window.tributary?.('consent', 'denied'));
    await page.hover('#in');
    await page.hover('#out');
    await page.click('#out');
    await page.waitForURL(`${other}?a=1#b`);
    expect(asked()).toBe(before);
  });
});

describe('the overlay', () => {
  const shown = (page: Page) =>
    page.evaluate(() => document.querySelector('tributary-debug')?.shadowRoot?.textContent ?? '');

  test('shows who and what is known', async () => {
    const page = await visit({ at: '/?tcid=T', tag: 'data-consent="granted" data-debug' });
    for (const word of ['granted', VISITOR, 'click-token', 'anna', 'empty']) {
      await eventually(() => shown(page)).toContain(word);
    }
    expect(await shown(page)).not.toContain('to mend');
  });

  test('peer defect 26: what is malformed harms nothing, and is told', async () => {
    const page = await visit({
      at: '/?tcid=T',
      tag: `data-debug data-consent="grantd=true" data-params="a=b" data-domains="https://b.example" data-forms="[[[" data-colour="red"`,
      early: `tributary('conversion', { amount: 1 })`,
      reply: (post) => ({
        ...KNOWN,
        results: (post.commands ?? []).map(() => ({ code: 'invalid', detail: 'an order has an id' }) as never),
      }),
    });
    await page.evaluate(() => {
      document.body.innerHTML = '<script type="application/json" data-tributary="lead">{"orderId": </scr' + 'ipt>';
    });
    for (const word of [
      'data-consent="grantd=true" wants granted or denied',
      'data-params="a=b" wants names',
      '“https://b.example” is no host',
      'data-forms="[[[" wants a CSS selector',
      'data-colour="red" is no attribute of ours',
      'data-tributary="lead"',
      'invalid: an order has an id',
    ]) {
      await eventually(() => shown(page)).toContain(word);
    }
    expect(await get(page, 'clickId')).toBe('click-token');
  });

  test.each([
    [401 as Reply, 'the server answered 401'],
    [503 as Reply, 'the server answered 503'],
    ['hang up' as Reply, 'cannot be read from here'],
  ])('tells of a server that fails: %s', async (reply, words) => {
    const page = await visit({ at: '/?tcid=T', tag: 'data-debug', reply: () => reply });
    await eventually(() => shown(page)).toContain(words);
  });

  test('is loaded by no other page', async () => {
    const page = await visit({ at: '/?tcid=T' });
    await ready(page);
    expect(await page.evaluate(() => document.querySelector('tributary-debug'))).toBeNull();
  });
});
