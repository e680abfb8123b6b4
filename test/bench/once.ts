/** once: ten thousand orders, each told one to five times at once, a fifth of the answers lost. */
import { mulberry32 } from '../core/random-journeys.ts';
import { type Post, prepare, tellOften, wrongs } from '../support/told-often.ts';
import type { Figure, Measured } from './figure.ts';
import { runProduct } from './product.ts';

const ORDERS = 10_000;
const AT_ONCE = 24;
/** Some callers hang up before the answer can be there, in the midst of the work. */
const HANG_UP_MS = 40;
const SEED = 4_020_261;

export const once: Figure = {
  name: 'once',
  seed: SEED,
  async measure() {
    const product = await runProduct();
    const random = mulberry32(SEED);
    const post: Post = async (path, init, { lost }) => {
      if (lost && random() < 0.5) {
        const signal = AbortSignal.timeout(Math.ceil(random() * HANG_UP_MS));
        await fetch(product.url(path), { ...init, signal })
          .then((response) => response.text())
          .catch(() => null);
        return null;
      }
      const response = await fetch(product.url(path), init);
      const body = await response.json();
      return lost ? null : { status: response.status, replayed: response.headers.has('idempotent-replayed'), body };
    };
    try {
      const prepared = await prepare(post, Date.now);
      const orderOf = (first: number) => mulberry32(SEED + first);
      const told = await tellOften({ ...prepared, post, count: ORDERS, orderOf, atOnce: AT_ONCE });
      const wrong = await wrongs(product.rows, told.orders);
      const detail = `${told.calls} calls, ${told.lost} answers lost`;
      const none = (part: string, value: number, said: string): Measured => ({
        ...{ part, value, unit: 'wrong', promise: '0', holds: value === 0, detail: said },
      });
      return [
        {
          ...{ part: 'conversions', value: wrong.conversions, unit: 'conversions', promise: `${ORDERS}` },
          ...{ holds: wrong.conversions === ORDERS, detail },
        },
        none('commissions', wrong.commissions, `${ORDERS} orders against the plain telling of the rules`),
        none('ledger', wrong.ledger, 'transactions that are uneven, balances that differ'),
        none('answers', told.contradictions.length, told.contradictions[0] ?? 'that contradict each other'),
      ];
    } finally {
      await product.dispose();
    }
  },
};
