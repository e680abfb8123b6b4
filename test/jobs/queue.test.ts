/**
 * Clicks through a queue: the consumer by itself, then the real Worker on a real local queue with its dead-letter queue.
 */
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { makeId } from '../../edge/core/id.ts';
import type { ClickRow, Clicks } from '../../edge/deps.ts';
import { bare } from '../../edge/flows/track.ts';
import { storeClicks } from '../../edge/jobs/queue.ts';
import { COMPATIBILITY_DATE, productWorker } from '../bench/product.ts';
import { ANNA, ANNA_LINK, BROWSER, PROGRAM, PUBLISHABLE, SECRET, SHOP, START } from '../support/programs.ts';

let random = 0;
const row = (given: Partial<ClickRow> = {}): ClickRow => ({
  ...bare({
    key: makeId(START, new Uint8Array(10).fill(++random)),
    programId: PROGRAM,
    partnerId: ANNA,
    linkId: ANNA_LINK,
    class: 'valid',
    at: START,
  }),
  country: 'DE',
  ...given,
});

describe('a batch', () => {
  const batchOf = (...bodies: unknown[]) => {
    const said: string[] = bodies.map(() => '');
    const messages = bodies.map((body, number) => ({
      body,
      attempts: 3,
      ack() {
        said[number] += 'ack';
      },
      retry({ delaySeconds }: { delaySeconds: number }) {
        said[number] += `again in ${delaySeconds}`;
      },
    }));
    return { said, batch: { messages } as never };
  };
  const clicks = (record: Clicks['record']) => ({ record }) as Clicks;

  test('is written at once and acknowledged', async () => {
    const record = vi.fn(async () => undefined);
    const rows = [row(), row()];
    const { said, batch } = batchOf(...rows);
    await storeClicks(batch, clicks(record));
    expect(record.mock.calls).toEqual([[rows]]);
    expect(said).toEqual(['ack', 'ack']);
  });

  test.each([
    ['nothing', null],
    ['a text', 'click'],
    ['a list', []],
    ['an empty object', {}],
    ['another class', row({ class: 'great' as never })],
    ['another reason', row({ reason: 'mood' as never })],
    ['a number for a text', row({ sub1: 5 as never })],
    ['a field left out', { ...row(), country: undefined }],
    ['an id that is none', row({ key: 'x' as never })],
  ])('with %s in it spoils no other', async (_name, odd) => {
    const { said, batch } = batchOf(row(), odd, row());
    await storeClicks(
      batch,
      clicks(async () => undefined),
    );
    expect(said).toEqual(['ack', 'again in 8', 'ack']);
  });

  test('that cannot be written comes again, every message of it', async () => {
    const { said, batch } = batchOf(row(), row());
    await storeClicks(
      batch,
      clicks(() => Promise.reject(new Error('away'))),
    );
    expect(said).toEqual(['again in 8', 'again in 8']);
  });
});

describe('on a real queue', () => {
  const VISITOR = { 'user-agent': BROWSER['user-agent'] };
  let runtime: Miniflare;
  beforeAll(async () => {
    runtime = new Miniflare(
      convertV4MiniflareOptions({
        workers: [
          {
            ...(await productWorker({ uncounted: false })),
            name: 'product',
            queueProducers: { CLICKS: { queueName: 'clicks' } },
            queueConsumers: {
              clicks: { maxBatchSize: 50, maxBatchTimeout: 0.1, maxRetries: 1, deadLetterQueue: 'dead' },
            },
          },
          {
            modules: true,
            compatibilityDate: COMPATIBILITY_DATE,
            name: 'undertaker',
            script: `const dead = [];
              export default {
                fetch: () => Response.json(dead),
                queue: (batch) => { for (const { body } of batch.messages) dead.push(body); },
              };`,
            queueConsumers: { dead: { maxBatchTimeout: 0.1 } },
            routes: ['dead.example/*'],
          },
        ],
      }),
    );
    await call('/health');
  }, 60_000);
  afterAll(() => runtime.dispose());

  const call = async (path: string, init: object = {}) =>
    runtime.dispatchFetch(new URL(path, 'http://localhost').href, { redirect: 'manual', ...init } as never);
  const rows = async (where = '1') => {
    const db = await runtime.getD1Database('DB', 'product');
    const { results } = await db.prepare(`SELECT * FROM clicks WHERE ${where}`).all<Record<string, string | null>>();
    return results;
  };
  const click = async (query = '') => {
    const response = await call(`/go/anna${query}`, { headers: VISITOR });
    expect(response.status).toBe(302);
    return new URL(response.headers.get('location') ?? '').searchParams.get('tcid') ?? '';
  };

  test('clicks arrive, each once, with what was seen of them', async () => {
    const tcids = await Promise.all(Array.from({ length: 120 }, (_, number) => click(`?sub1=${number}`)));
    expect(new Set(tcids).size).toBe(120);
    await expect.poll(async () => (await rows()).length, { timeout: 10_000 }).toBe(120);
    const queue = await runtime.getQueueProducer('CLICKS', 'product');
    const [first] = await rows("sub1 = '7'");
    expect(first).toMatchObject({ browser: 'Chrome', class: 'valid' });
    // The same again: at least once is all that a queue promises.
    const again = row({
      programId: first?.program_id as never,
      partnerId: first?.partner_id as never,
      key: first?.key as never,
    });
    await queue.send(again as never);
    const last = row({ sub1: 'last' });
    await queue.send(last as never);
    await expect.poll(async () => (await rows("sub1 = 'last'")).length, { timeout: 10_000 }).toBe(1);
    expect(await rows(`key = '${again.key}'`)).toEqual([first]);
  });

  test('a landing and an order that are quicker than the queue lose nothing', async () => {
    const tcid = await click('?sub1=quick');
    const landing = { key: PUBLISHABLE, consent: 'granted', url: `${SHOP}/?tcid=${tcid}` };
    const landed = await call('/v1/events', {
      method: 'POST',
      headers: { 'content-type': 'text/plain', origin: SHOP },
      body: JSON.stringify(landing),
    });
    expect(await landed.json()).toMatchObject({ partner: 'anna' });
    const order = await call('/v1/conversions', {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${SECRET}` },
      body: JSON.stringify({ orderId: 'quick', currency: 'EUR', amount: 1000, clickId: tcid }),
    });
    expect(await order.json()).toMatchObject({ reason: 'last', allocations: [{ partner: 'anna' }] });
    await expect.poll(async () => (await rows("sub1 = 'quick'")).length, { timeout: 10_000 }).toBe(1);
  });

  test('a database that is away for a while, and a message nobody can read: retried, then written or laid aside', async () => {
    const health = async (told: object) =>
      (await call('/health', { method: 'PUT', body: JSON.stringify(told) })).json();
    await health({ down: true, refused: 0 });
    const queue = await runtime.getQueueProducer('CLICKS', 'product');
    await queue.send({ not: 'a click' } as never);
    await click('?sub1=later');
    await expect.poll(() => health({}), { timeout: 10_000 }).not.toMatchObject({ refused: 0 });
    await health({ down: false });
    const dead = async () => (await runtime.dispatchFetch('http://dead.example/')).json();
    await expect.poll(dead, { timeout: 15_000 }).toEqual([{ not: 'a click' }]);
    await expect.poll(async () => (await rows("sub1 = 'later'")).length, { timeout: 15_000 }).toBe(1);
  }, 40_000);
});
