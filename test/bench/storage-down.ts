/**
 * storage-down: half of the redirects while every call of the database fails, half while none is answered. Each must lead
 * to the shop within its budget, and each later order be credited from the token that its redirect handed out.
 */
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { BROWSER, SECRET } from '../support/programs.ts';
import type { Figure, Measured } from './figure.ts';
import { many, productWorker } from './product.ts';

const REDIRECTS = 10_000;
/** Half the redirects' budgets may run out at once; then the machine itself must not be what is slow. */
const AT_ONCE = 50;
/** `CLICK_WRITE_BUDGET_MS`, as long again for a look at the link, and what a busy machine adds. */
const LATE_MS = 1_000;

export const storageDown: Figure = {
  name: 'storage-down',
  seed: 0,
  async measure() {
    // Every failure is told in the log, as it should be; here that would be ten thousand times the same.
    const handleStructuredLogs = () => undefined;
    const product = await productWorker({ uncounted: false });
    const runtime = new Miniflare(convertV4MiniflareOptions({ ...product, handleStructuredLogs }));
    try {
      const fetch = async (path: string, init: object = {}) =>
        runtime.dispatchFetch(new URL(path, 'http://localhost').href, { redirect: 'manual', ...init } as never);
      const database = (health: object) => fetch('/health', { method: 'PUT', body: JSON.stringify(health) });
      let slowestMs = 0;
      let held = 0;
      const follow = async () => {
        const began = performance.now();
        const response = await fetch('/go/anna', { headers: { 'user-agent': BROWSER['user-agent'] } });
        const tookMs = performance.now() - began;
        slowestMs = Math.max(slowestMs, tookMs);
        const tcid = new URL(response.headers.get('location') ?? 'none:').searchParams.get('tcid');
        if (response.status !== 302 || !tcid || response.headers.has('tributary-click') || tookMs > LATE_MS) held += 1;
        return tcid;
      };
      await fetch('/go/anna', { headers: { 'user-agent': BROWSER['user-agent'] } });
      const tcids: (string | null)[] = [];
      for (const health of [{ down: true }, { down: false, silent: true }]) {
        await database(health);
        tcids.push(...(await many(REDIRECTS / 2, AT_ONCE, follow)));
      }
      await database({ silent: false });
      const credited = await many(REDIRECTS, AT_ONCE, async (number) => {
        const response = await fetch('/v1/conversions', {
          method: 'POST',
          headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' },
          body: JSON.stringify({ orderId: `${number}`, currency: 'EUR', amount: 1_000, clickId: tcids[number] }),
        });
        const answer = (await response.json()) as { reason?: string; allocations?: { partner: string }[] };
        return answer.reason === 'last' && answer.allocations?.[0]?.partner === 'anna';
      });
      const { results } = await (await runtime.getD1Database('DB')).prepare('SELECT count(*) AS n FROM clicks').all();
      const lost = credited.filter((one) => !one).length;
      const missing = REDIRECTS + 1 - Number(results[0]?.n);
      const none = (part: string, value: number, detail: string): Measured => ({
        part,
        value,
        unit: `of ${REDIRECTS}`,
        promise: '0',
        holds: value === 0,
        detail,
      });
      return [
        none('held-up', held, `the slowest took ${Math.ceil(slowestMs)} ms`),
        none('lost-orders', lost, 'credited from their tokens'),
        none('missing-clicks', missing, 'rows written again by the orders'),
      ];
    } finally {
      await runtime.dispose();
    }
  },
};
