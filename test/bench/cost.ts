/**
 * cost: dollars on Cloudflare's paid plan, beyond what it includes, from the rows D1 bills. Rows are counted, requests known,
 * CPU assumed; prices and assumptions stand below.
 */
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import type { Lives } from '../support/lives.ts';
import type { Figure, Measured } from './figure.ts';
import { dollars, PROMISED } from './prices.ts';
import { productWorker } from './product.ts';

const SIZE = { clicks: 2_000, orders: 500 };

export const cost: Figure = {
  name: 'cost',
  seed: 0,
  async measure() {
    const runtime = new Miniflare(convertV4MiniflareOptions(await productWorker({ uncounted: false })));
    try {
      const response = await runtime.dispatchFetch('http://localhost/lives', {
        method: 'POST',
        body: JSON.stringify(SIZE),
      });
      const lives = (await response.json()) as Lives;
      const found = dollars(lives);
      const written = (name: 'redirect' | 'landing' | 'ageing' | 'order') =>
        `${name} ${Math.round(lives[name].rowsWritten * 100) / 100}`;
      const row = (part: string, name: keyof typeof PROMISED, detail: string): Measured => ({
        part,
        value: found[name],
        unit: '$ a million',
        promise: `≤ ${PROMISED[name]}`,
        holds: found[name] <= PROMISED[name],
        detail,
      });
      const bytes = Math.round(lives.bytes);
      return [
        row('redirect', 'redirect', `rows written: ${written('redirect')}`),
        row(
          'landed-click',
          'landedClick',
          `${written('landing')}, ${written('ageing')}; ${bytes} bytes: ${found.storage} $ more once 5 GB are full`,
        ),
        row('order', 'order', `${written('order')}; customer with id and e-mail`),
      ];
    } finally {
      await runtime.dispose();
    }
  },
};
