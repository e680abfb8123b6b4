/** sdk-size, dashboard-size, worker-size: bytes as they travel. */
import { type BUDGETS, weigh } from '../support/sizes.ts';
import type { Figure, Measured } from './figure.ts';

const size = (name: string, parts: (keyof typeof BUDGETS)[]): Figure => ({
  name,
  seed: 0,
  measure: () =>
    parts.map((part): Measured => {
      const { bytes, limit, measure } = weigh(part);
      return {
        ...(parts.length > 1 && { part }),
        value: bytes,
        unit: `B ${measure}`,
        promise: `≤ ${limit}`,
        holds: bytes <= limit,
      };
    }),
});

export const sdkSize = size('sdk-size', ['sdk', 'stub']);
export const dashboardSize = size('dashboard-size', ['dashboard']);
export const workerSize = size('worker-size', ['worker']);
