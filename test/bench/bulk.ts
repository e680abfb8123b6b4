/**
 * bulk: rows a second of thousand-row arrays against single calls, a few of these at once. Rounds take turns on one
 * runtime, and only the median of their ratios is compared.
 */
import type { Figure, Measured } from './figure.ts';
import { calling, many, type Running, runProduct } from './product.ts';

const ROUNDS = 7;
const ROWS = 1_000;
const SINGLES = 100;
const AT_ONCE = 16;

interface Kind {
  readonly path: string;
  readonly times: number;
  row(name: string): object;
}

const visitor = (name: string) => `bulk-${name}`.padEnd(22, '-');
const KINDS: Record<string, Kind> = {
  clicks: { path: '/v1/clicks', times: 15, row: (name) => ({ link: 'anna', visitorId: visitor(name) }) },
  identities: {
    ...{ path: '/v1/identities', times: 15 },
    row: (name) => ({ visitorId: visitor(name), customer: { email: `${name}@shopper.example` } }),
  },
  orders: {
    ...{ path: '/v1/conversions', times: 5 },
    row: (name) => ({
      ...{ orderId: name, currency: 'EUR', visitorId: visitor(name) },
      items: [{ sku: 'tent', quantity: 1, price: 24_900 }],
      customer: { email: `${name}@shopper.example` },
    }),
  },
};

export const bulk: Figure = {
  name: 'bulk',
  seed: 0,
  async measure() {
    const product = await runProduct();
    try {
      const rounds: Record<string, { array: number; single: number }[]> = {};
      // Warm, and with the clicks and people that the orders of each round name.
      for (let round = -1; round < ROUNDS; round++) {
        for (const [name, kind] of Object.entries(KINDS)) {
          const array = () => rate(product, kind, { calls: 1, rows: ROWS, prefix: `a${round}` });
          const single = () => rate(product, kind, { calls: SINGLES, rows: 1, prefix: `s${round}` });
          const pair =
            round % 2 === 0
              ? { array: await array(), single: await single() }
              : { single: await single(), array: await array() };
          if (round >= 0) rounds[name] = [...(rounds[name] ?? []), pair];
        }
      }
      return Object.entries(KINDS).map(([part, { times }]) => figure(part, times, rounds[part] ?? []));
    } finally {
      await product.dispose();
    }
  },
};

/** Rows a second. */
async function rate(
  product: Running,
  { path, row }: Kind,
  { calls, rows, prefix }: { calls: number; rows: number; prefix: string },
): Promise<number> {
  const bodies = Array.from({ length: calls }, (_, call) => {
    const list = Array.from({ length: rows }, (_, at) => row(`${prefix}-${call * rows + at}`));
    return calling(rows === 1 ? list[0] : list);
  });
  const began = performance.now();
  await many(calls, AT_ONCE, async (call) => {
    const response = await fetch(product.url(path), bodies[call] ?? {});
    const told = (await response.json()) as { results?: { code?: string }[] };
    const refused = told.results?.find((one) => one.code !== undefined);
    if (!response.ok || refused)
      throw new Error(`${path} answered ${response.status}: ${JSON.stringify(refused ?? told)}`);
  });
  return (calls * rows * 1_000) / (performance.now() - began);
}

function figure(part: string, times: number, rounds: readonly { array: number; single: number }[]): Measured {
  const value = Math.round(median(rounds.map((one) => one.array / one.single)) * 10) / 10;
  const perSecond = (side: 'array' | 'single') => Math.round(median(rounds.map((one) => one[side])));
  return {
    part,
    value,
    unit: '× single calls',
    promise: `≥ ${times}`,
    holds: value >= times,
    detail: `${perSecond('array')} against ${perSecond('single')} rows a second, medians of ${rounds.length} rounds`,
  };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
