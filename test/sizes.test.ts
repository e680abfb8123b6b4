/** Figures, small sizes: `sdk-size` and `worker-size` within their promise. */
import { expect, test } from 'vitest';
import { BUDGETS, weigh } from './support/sizes.ts';

test.each(Object.keys(BUDGETS) as (keyof typeof BUDGETS)[])(
  '%s weighs no more than promised',
  { timeout: 30_000 },
  (name) => {
    const { bytes, limit } = weigh(name);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThanOrEqual(limit);
  },
);
