/** Figure split-exact, small size: no unit is lost or invented between an order and its partners’ parts. */
import { expect, test } from 'vitest';
import { mulberry32 } from './random-journeys.ts';
import { randomSplit, splitFlaw } from './random-splits.ts';

const SEED = 5_020_261;

test('10,000 random orders are split to the unit', () => {
  const flaws = Array.from({ length: 10_000 }, (_, number) => ({
    number,
    flaw: splitFlaw(randomSplit(mulberry32(SEED + number))),
  }));
  expect(flaws.filter((one) => one.flaw !== null).slice(0, 3), `seed ${SEED} + number`).toEqual([]);
});
