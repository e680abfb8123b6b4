/**
 * click-rows: rows D1 bills for redirects and their landings, through the real Worker in workerd. Exact, so one run is
 * enough; large, so that an index that grows with the table would show.
 */

import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import type { Billed } from '../support/billed.ts';
import { BROWSER, PUBLISHABLE, SHOP } from '../support/programs.ts';
import type { Figure, Measured } from './figure.ts';
import { many, productWorker } from './product.ts';

const CLICKS = 2_000;
const AT_ONCE = 20;
// Node's own fetch adds a `sec-fetch-mode` that no browser's navigation has.
const VISITOR = { 'user-agent': BROWSER['user-agent'] };

export const clickRows: Figure = {
  name: 'click-rows',
  seed: 0,
  async measure() {
    const runtime = new Miniflare(convertV4MiniflareOptions(await productWorker({ uncounted: false })));
    try {
      const fetch = async (path: string, init: object = {}) =>
        runtime.dispatchFetch(new URL(path, 'http://localhost').href, { redirect: 'manual', ...init } as never);
      const land = async (url: string) => {
        const response = await fetch('/v1/events', {
          method: 'POST',
          headers: { 'content-type': 'text/plain', origin: SHOP },
          body: JSON.stringify({ key: PUBLISHABLE, consent: 'granted', url }),
        });
        return (await response.json()) as { partner: string | null };
      };
      const billed = async () => (await (await fetch('/billed')).json()) as Billed;
      await fetch('/go/anna', { headers: VISITOR });
      // So does the first page: it notes that the shop's set-up works.
      await land(`${SHOP}/?via=anna`);
      const start = await billed();
      const tcids = await many(CLICKS, AT_ONCE, async () => {
        const response = await fetch('/go/anna', { headers: VISITOR });
        return new URL(response.headers.get('location') ?? '').searchParams.get('tcid');
      });
      const clicked = await billed();
      await many(CLICKS, AT_ONCE, async (number) => {
        const { partner } = await land(`${SHOP}/?tcid=${tcids[number]}`);
        if (partner !== 'anna') throw new Error(`a landing found no partner: ${partner}`);
      });
      const landed = await billed();
      const each = (sum: number) => sum / CLICKS;
      const row = (part: string, value: number, limit: number): Measured => ({
        part,
        value,
        unit: 'rows',
        promise: `≤ ${limit}`,
        holds: value <= limit,
        detail: `${CLICKS} clicks`,
      });
      return [
        row('redirect-written', each(clicked.rowsWritten - start.rowsWritten), 1),
        row('redirect-read', each(clicked.rowsRead - start.rowsRead), 3),
        row('with-landing-written', each(landed.rowsWritten - start.rowsWritten), 2),
      ];
    } finally {
      await runtime.dispose();
    }
  },
};
