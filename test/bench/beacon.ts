/**
 * beacon: of the orders that a page tells in its last moment, how many arrive. A real Chromium, a real server that counts;
 * half of the orders are on their way when the page goes, half still wait behind a post that is answered only when the page has gone.
 */
import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext, Page } from 'playwright-core';
import type { EventsAnswer, EventsBody } from '../../edge/contract.ts';
import type {} from '../../sdk/script.ts';
import { launch } from '../support/browser.ts';
import type { Figure, Measured } from './figure.ts';

const TRIES = 200;
const PROMISE = 99;
/** Nothing arrives later than this after the last page has gone. */
const PATIENCE_MS = 10_000;

/** How a page goes away, told in the same task as its order. */
const WAYS = [
  'closed by its script',
  'left for another page',
  'left for another site',
  'closed by the browser',
] as const;
type Way = (typeof WAYS)[number];

export const beacon: Figure = {
  name: 'beacon',
  seed: 0,
  async measure() {
    const told: { orderId: string; way: Way }[] = [];
    const shop = await openShop();
    const browser = await launch();
    try {
      const context = await browser.newContext();
      for (let number = 0; number < TRIES; number++) {
        const way = WAYS[number % WAYS.length] as Way;
        // The ways are four: half of each waits.
        const waits = Math.floor(number / WAYS.length) % 2 === 1;
        const orderId = `${waits ? 'waiting' : 'leaving'}-${number}`;
        told.push({ orderId, way });
        await buyAndGo(context, shop.origin, { orderId, way, waits });
        shop.release();
      }
      await shop.all(TRIES);
    } finally {
      await browser.close();
      shop.close();
    }
    const part = (name: string): Measured => {
      const lost = told.filter((one) => one.orderId.startsWith(name) && !shop.arrived.has(one.orderId));
      const percent = 100 - (lost.length / (TRIES / 2)) * 100;
      return {
        part: name,
        value: percent,
        unit: '%',
        promise: `≥ ${PROMISE}`,
        holds: percent >= PROMISE,
        detail: [`${TRIES / 2} tries`, ...lost.map(({ orderId, way }) => `lost ${orderId}, ${way}`)].join('; '),
      };
    };
    return [part('leaving'), part('waiting')];
  },
};

async function buyAndGo(
  context: BrowserContext,
  origin: string,
  { orderId, way, waits }: { orderId: string; way: Way; waits: boolean },
): Promise<void> {
  const opener = await context.newPage();
  await opener.goto(`${origin}/empty`);
  const [page] = await Promise.all([
    context.waitForEvent('page'),
    opener.evaluate((to) => void window.open(to), `${origin}/${waits ? '?tcid=hold' : ''}`),
  ]);
  await page.waitForLoadState();
  // Only once the landing is on its way does the order wait behind it.
  if (waits) await page.waitForFunction(() => performance.getEntriesByName('landed').length > 0);
  const gone = page.waitForEvent('close').catch(() => undefined);
  await tell(page, orderId, way, origin).catch(() => undefined);
  if (way === 'closed by the browser') await page.close({ runBeforeUnload: true });
  if (way.startsWith('closed')) await gone;
  else await page.waitForURL('**/empty');
  await page.close();
  await opener.close();
}

const tell = (page: Page, orderId: string, way: Way, origin: string) =>
  page.evaluate(
    ([orderId, way, origin]) => {
      window.tributary?.('conversion', { orderId, currency: 'EUR', amount: 4999 });
      if (way === 'closed by its script') window.close();
      if (way === 'left for another page') location.href = '/empty';
      if (way === 'left for another site') location.href = `${origin.replace('shop.', 'pay.')}/empty`;
    },
    [orderId, way, origin] as const,
  );

/** A shop whose server answers everything but landings, until it is told to, and remembers the orders it was told of. */
async function openShop() {
  const read = (name: string) => readFileSync(new URL(`../../dist/${name}`, import.meta.url), 'utf8');
  const home = `<!doctype html><script>${read('sdk/stub.js')}
    const fetched = fetch;
    window.fetch = (...given) => { performance.mark('landed'); return fetched(...given); };
    </script><script src="/_t/sdk.js" data-key="trb_pk_test_bench" data-consent="granted"></script>`;
  const script = read('assets/sdk.js');
  const answer: EventsAnswer = {
    ...{ visitorId: 'visitor_AAAAAAAAAAAAAA', clickId: null, partner: null, consentRequired: false, results: [] },
  };
  const arrived = new Set<string>();
  const held: ServerResponse[] = [];
  let heard = () => {};
  const send = (response: ServerResponse, type: string, body: string) =>
    void response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
  const server = createServer(async (request, response) => {
    const path = request.url?.split('?')[0];
    if (path === '/_t/sdk.js') return send(response, 'text/javascript', script);
    if (path === '/empty') return send(response, 'text/html', '<!doctype html>');
    if (path !== '/_t/v1/events') return send(response, 'text/html', home);
    let body = '';
    for await (const part of request) body += part;
    const { commands = [], url } = JSON.parse(body) as EventsBody;
    for (const [, payload] of commands) arrived.add((payload as { orderId: string }).orderId);
    heard();
    if (url.includes('tcid=hold') && commands.length === 0) held.push(response);
    else send(response, 'application/json', JSON.stringify(answer));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    origin: `http://shop.localhost:${(server.address() as AddressInfo).port}`,
    arrived,
    /** A browser has six connections to a host: those of pages that are gone are given back. */
    release() {
      for (const response of held.splice(0)) send(response, 'application/json', JSON.stringify(answer));
    },
    /** Resolves when so many have arrived, or no more are to be expected. */
    all: (count: number) =>
      new Promise<void>((done) => {
        const timer = setTimeout(done, PATIENCE_MS);
        heard = () => {
          if (arrived.size < count) return;
          clearTimeout(timer);
          done();
        };
        heard();
      }),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
