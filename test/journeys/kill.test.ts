/**
 * The runtime is killed (SIGKILL) right after it acknowledged clicks and orders, and started again on the same state:
 * nothing that was acknowledged is lost, nothing is there twice. Seen from outside, over HTTP alone.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createProduct, type Product, SECRET, VISITOR } from '../support/product.ts';

let product: Product;
beforeAll(async () => {
  product = await createProduct();
  await product.start();
});
afterAll(() => product.dispose());

const ROUNDS = 3;
const EACH = 20;
const asSeller = { authorization: `Bearer ${SECRET}` };
const clicks = async () => {
  const response = await fetch(product.url('main', '/v1/reports/summary?days=1'), { headers: asSeller });
  return ((await response.json()) as { totals: { clicks: number } }).totals.clicks;
};
const post = (orderId: string, clickId: string) =>
  fetch(product.url('main', '/v1/conversions'), {
    method: 'POST',
    headers: { ...asSeller, 'content-type': 'application/json' },
    body: JSON.stringify({ orderId, currency: 'EUR', amount: 5000, clickId }),
  });

async function click() {
  const redirect = await fetch(product.url('main', '/go/bob'), { headers: VISITOR, redirect: 'manual' });
  const clickId = new URL(redirect.headers.get('location') ?? '').searchParams.get('tcid') ?? '';
  return { clickId, stored: redirect.headers.get('tributary-click') === 'stored' };
}

test('no acknowledged click and no acknowledged order is lost', async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const before = await clicks();
    const [clicked, ordered] = await Promise.all([
      Promise.all(Array.from({ length: EACH }, click)),
      Promise.all(
        Array.from({ length: EACH }, async (_, number) => {
          const { clickId } = await click();
          const answer = await post(`kill-${round}-${number}`, clickId);
          return { clickId, status: answer.status, body: await answer.json() };
        }),
      ),
    ]);
    await product.kill();
    await product.start();

    // A click whose write outlasted its budget was not acknowledged: it may be there or not. An order repairs its own.
    const stored = clicked.filter((one) => one.stored).length;
    const now = await clicks();
    expect(now).toBeGreaterThanOrEqual(before + EACH + stored);
    expect(now).toBeLessThanOrEqual(before + EACH + EACH);
    expect(ordered.map((one) => one.status)).toEqual(Array(EACH).fill(201));
    for (const [number, { clickId, body }] of ordered.entries()) {
      const again = await post(`kill-${round}-${number}`, clickId);
      expect(again.status).toBe(200);
      expect(await again.json()).toEqual({ ...body, duplicate: true });
    }
  }
});

test('ends cleanly when told to', async () => {
  expect(await product.stop()).toBe(0);
  await product.start();
});
