/** Money: examples first, then laws over random amounts. Everything that rounds is here, so everything is tried here. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  add,
  allocate,
  type Currency,
  decimals,
  format,
  isCurrency,
  minor,
  negate,
  ppm,
  share,
} from '../../edge/core/money.ts';
import { runs } from '../support/laws.ts';

const amounts = fc.integer({ min: -(2 ** 53 - 1), max: 2 ** 53 - 1 }).map(minor);
const rates = fc.integer({ min: 0, max: 1_000_000 }).map(ppm);
const weights = fc
  .array(fc.integer({ min: 0, max: 2 ** 40 }), { minLength: 1, maxLength: 12 })
  .filter((list) => list.some((weight) => weight > 0));

describe('share: a rate of an amount', () => {
  test.each([
    [15, 100_000, 2],
    [14, 100_000, 1],
    [-15, 100_000, -2],
    [-14, 100_000, -1],
    [12_345, 100_000, 1235],
    [1, 499_999, 0],
    [1, 500_000, 1],
    [0, 100_000, 0],
    [100, 0, 0],
    [2 ** 53 - 1, 1_000_000, 2 ** 53 - 1],
    [2 ** 53 - 1, 999_999, 9_007_190_247_541_736],
  ])('%i at %i ppm is %i', (amount, rate, expected) => {
    expect(share(minor(amount), ppm(rate))).toBe(expected);
  });

  test('a refund is the sale with the sign turned', () => {
    fc.assert(
      fc.property(amounts, rates, (amount, rate) => share(negate(amount), rate) === negate(share(amount, rate))),
      runs(),
    );
  });

  test('it lies within half a unit of the exact value', () => {
    fc.assert(
      fc.property(amounts, rates, (amount, rate) => {
        const off = BigInt(share(amount, rate)) * 1_000_000n - BigInt(amount) * BigInt(rate);
        return (off < 0n ? -off : off) <= 500_000n;
      }),
      runs(),
    );
  });
});

describe('allocate: a whole in parts', () => {
  test.each([
    [100, [1, 1, 1], [33, 33, 34]],
    [10, [1, 1, 1, 1], [2, 2, 3, 3]],
    [1, [1, 1], [0, 1]],
    [-100, [1, 1, 1], [-33, -33, -34]],
    [0, [3, 4], [0, 0]],
    [7, [0, 1, 0], [0, 7, 0]],
    [1001, [7000, 3000], [701, 300]],
    [100, [400_000, 200_000, 400_000], [40, 20, 40]],
  ])('%i by %j is %j', (total, by, expected) => {
    expect(allocate(minor(total), by)).toEqual(expected);
  });

  test('parts sum to the whole, each within one unit of its due, none without weight', () => {
    fc.assert(
      fc.property(amounts, weights, (total, by) => {
        const parts = allocate(total, by);
        const sum = by.reduce((all, weight) => all + BigInt(weight), 0n);
        expect(parts.reduce((all, part) => all + BigInt(part), 0n)).toBe(BigInt(total));
        parts.forEach((part, index) => {
          const off = BigInt(part) * sum - BigInt(total) * BigInt(by[index] ?? 0);
          expect((off < 0n ? -off : off) < sum).toBe(true);
          if (by[index] === 0) expect(part).toBe(0);
        });
      }),
      runs(),
    );
  });

  test('a refund splits as the mirror of the sale', () => {
    fc.assert(
      fc.property(amounts, weights, (total, by) => {
        expect(allocate(negate(total), by)).toEqual(allocate(total, by).map(negate));
      }),
      runs(),
    );
  });

  test.each([[[]], [[0, 0]], [[-1, 2]]])('weights %j are a bug', (by) => {
    expect(() => allocate(minor(1), by)).toThrow(RangeError);
  });
});

describe('amounts and rates', () => {
  test.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('%d is no amount', (amount) => {
    expect(() => minor(amount)).toThrow(RangeError);
  });
  test.each([-1, 1_000_001, 0.1])('%d is no rate', (rate) => {
    expect(() => ppm(rate)).toThrow(RangeError);
  });
  test('a sum that leaves the exact integers is refused, not rounded', () => {
    expect(() => add(minor(2 ** 53 - 1), minor(1))).toThrow(RangeError);
  });
  test('zero has one sign', () => {
    expect(Object.is(negate(minor(0)), 0)).toBe(true);
  });
});

describe('currencies', () => {
  test.each([
    ['EUR', 2],
    ['JPY', 0],
    ['KWD', 3],
  ])('%s has %i decimals', (code, digits) => {
    expect(isCurrency(code)).toBe(true);
    expect(decimals(code as Currency)).toBe(digits);
  });
  test.each(['EURO', 'eur', 'XXX', 'BTC', '', 'constructor', 'DEM'])('%j is none', (code) => {
    expect(isCurrency(code)).toBe(false);
  });
  test.each([
    [1050, 'EUR', '€10.50'],
    [-5, 'EUR', '-€0.05'],
    [1050, 'JPY', '¥1,050'],
    [1050, 'BHD', 'BHD 1.050'],
    [2 ** 53 - 1, 'USD', '$90,071,992,547,409.91'],
  ])('%d %s reads %s', (amount, code, expected) => {
    expect(format(minor(amount), code as Currency, 'en').replace('\u00a0', ' ')).toBe(expected);
  });
});
