/** conversion-flat: rows that D1 bills for reading one order, in a program of ten thousand clicks and of a million. */
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import type { Billed } from '../support/billed.ts';
import { crossDeviceOrder, type Door, fillClicks, plainOrder } from '../support/flat.ts';
import type { Figure, Measured } from './figure.ts';
import { productWorker } from './product.ts';

const FEW = 10_000;
const MANY = 1_000_000;
const MAX_TRIPS = 4;
/** A look-up that finds nothing may touch a neighbour, or none. */
const NEIGHBOURS = 10;

export const conversionFlat: Figure = {
  name: 'conversion-flat',
  seed: 0,
  async measure() {
    const runtime = new Miniflare(convertV4MiniflareOptions(await productWorker({ uncounted: false })));
    try {
      const fetch = (path: string, init = {}) => runtime.dispatchFetch(new URL(path, 'http://localhost').href, init);
      const door: Door = {
        fetch,
        billed: async () => (await (await fetch('/billed')).json()) as Billed,
        now: Date.now,
      };
      await door.billed();
      const d1 = (await runtime.getD1Database('DB')) as never;
      await fillClicks(d1, { from: 0, to: FEW });
      // The first order of all finds some tables empty.
      await plainOrder(door, 'first');
      const few = { plain: await plainOrder(door, 'few'), 'cross-device': await crossDeviceOrder(door, 'few-cross') };
      await fillClicks(d1, { from: FEW, to: MANY });
      const many = {
        plain: await plainOrder(door, 'many'),
        'cross-device': await crossDeviceOrder(door, 'many-cross'),
      };
      return (['plain', 'cross-device'] as const).flatMap((kind) => rows(kind, few[kind], many[kind]));
    } finally {
      await runtime.dispose();
    }
  },
};

const rows = (kind: string, few: Billed, many: Billed): Measured[] => [
  {
    part: `${kind}-read`,
    value: many.rowsRead,
    unit: 'rows',
    promise: `${few.rowsRead} ± ${NEIGHBOURS}`,
    holds: Math.abs(many.rowsRead - few.rowsRead) <= NEIGHBOURS,
    detail: `at ${MANY} clicks by ${MANY / 5} customers, promised what it is at ${FEW}; ${many.rowsWritten} written`,
  },
  {
    part: `${kind}-trips`,
    value: many.roundTrips,
    unit: 'round trips',
    promise: `≤ ${MAX_TRIPS}`,
    holds: many.roundTrips <= MAX_TRIPS,
  },
];
