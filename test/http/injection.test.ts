/** Figure injection, small size, what needs the Worker; `npm run bench -- injection` has the large, and real pages. */

import Papa from 'papaparse';
import { beforeEach, expect, test } from 'vitest';
import { mulberry32 } from '../core/random-journeys.ts';
import {
  followed,
  foreignAddresses,
  formulas,
  logged,
  OWN_ADDRESSES,
  readFile,
  scripts,
} from '../support/injection.ts';
import { BROWSER, createWorld, PROGRAM, SECRET, SHOP, type World } from '../support/world.ts';

const SEED = 20_261_127;

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

const auth = { authorization: `Bearer ${SECRET}` };
const follow = async (path: string) => {
  const { status, headers } = await world.fetch(path, { headers: BROWSER });
  return { status, location: headers.get('location'), type: headers.get('content-type') };
};

test('a link leads to the shop, whatever its deep link says', async () => {
  expect(await followed(OWN_ADDRESSES, follow)).toEqual({ away: [], deep: OWN_ADDRESSES.length });
  const { away } = await followed(foreignAddresses(mulberry32(SEED), 400), follow);
  expect(away, `seed ${SEED}`).toEqual([]);
});

test('scripts come and go as the text that they are', async () => {
  const texts = scripts(mulberry32(SEED), 500);
  const orders = texts.map((text, number) => ({
    ...{ orderId: `${number} ${text}`, currency: 'EUR', customer: { id: text } },
    items: [{ sku: text, name: text, category: text, quantity: 1, price: 100, code: text.slice(0, 64) }],
  }));
  const { body } = await world.call<{ results: { id?: string }[] }>('POST', '/v1/conversions', orders);
  expect(body.results.filter((one) => !one.id)).toEqual([]);
  for (const [number, one] of body.results.entries()) {
    if (number % 25 > 0) continue;
    const answer = await world.fetch(`/v1/conversions/${one.id}?explain=1`, { headers: auth });
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect((await answer.json<{ orderId: string }>()).orderId).toBe(orders[number]?.orderId.trim());
  }
  for (const text of texts.slice(0, 60)) {
    // What is asked for is not repeated as markup by anything that answers in HTML.
    const word = encodeURIComponent(text);
    for (const path of [`/go/${word}`, `/docs?${word}`, `/docs/${word}`, `/${word}`, `/orders/${word}?q=${word}`]) {
      const answer = await world.fetch(path, {
        headers: { ...BROWSER, referer: `${SHOP}/${word}`, 'x-forwarded-host': text.replace(/[^ -~]/g, '') },
      });
      const html = (answer.headers.get('content-type') ?? '').startsWith('text/html');
      if (html) expect([path, /data-hit|hit\(\d/.test(await answer.text())]).toEqual([path, false]);
    }
  }
});

test('a file of the log holds no formula, and every word as it was', async () => {
  const texts = formulas(mulberry32(SEED), 300);
  const named = await logged(world.rows, { programId: PROGRAM, texts, at: world.now() });
  const answer = await world.fetch('/v1/audit/export?format=csv', { headers: auth });
  expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(answer.headers.get('content-disposition')).toContain('attachment');
  const csv = await answer.text();
  const read = readFile(csv, named, (text) => Papa.parse<string[]>(text.trimEnd()).data);
  expect(read).toEqual({ cells: expect.any(Number), run: [], lost: [] });
  expect(read.cells).toBeGreaterThanOrEqual(texts.length * 13);
  // No cell stands outside of quotes, where a line or a separator could begin another.
  expect(csv.replace(/"(?:[^"]|"")*"/g, '')).toMatch(/^[,\r\n]*$/);
});
