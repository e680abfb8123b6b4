/**
 * tenancy: every route, by everybody who could ask, naming whatever is not theirs, wherever a call may name something. What is
 * called and what must hold is in `support/tenancy.ts`; here all of it, through the real Worker in workerd.
 */
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import type { Figures, Outcome } from '../support/tenancy.ts';
import { SEED } from '../support/tenants.ts';
import type { Figure, Measured } from './figure.ts';
import { productWorker } from './product.ts';

/** So many flaws are told one by one. */
const TOLD = 20;

export const tenancy: Figure = {
  name: 'tenancy',
  seed: SEED,
  async measure() {
    const runtime = new Miniflare(
      convertV4MiniflareOptions({
        ...(await productWorker({ uncounted: true })),
        // Whoever is not let in is logged, as it should be; here that would be thousands of lines.
        handleStructuredLogs: () => undefined,
      }),
    );
    try {
      const ask = async <Answer>(body: object) => {
        const response = await runtime.dispatchFetch('http://localhost/tenancy', {
          method: 'POST',
          body: JSON.stringify(body),
        });
        if (!response.ok) throw new Error(await response.text());
        return (await response.json()) as Answer;
      };
      const { routes, gaps, made, askers } = await ask<Figures>({});
      const found: Outcome[] = [made];
      for (const route of routes) found.push(await ask<Outcome>({ route }));
      const flaws = found.flatMap((one) => one.flaws);
      for (const flaw of [...gaps, ...flaws].slice(0, TOLD)) console.error(flaw);
      const calls = found.reduce((sum, one) => sum + one.calls, 0);
      const statements = new Set(found.flatMap((one) => one.statements)).size;
      const none = (part: string, value: number, detail: string): Measured => ({
        ...{ part, value, unit: part, promise: '0', holds: value === 0, detail },
      });
      return [
        none('leaks', flaws.length, `${calls} calls by ${askers} askers, ${statements} statements`),
        none('uncovered', gaps.length, `of ${routes.length} routes`),
      ];
    } finally {
      await runtime.dispose();
    }
  },
};
