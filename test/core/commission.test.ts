/** Commission: what an order is worth, by example and by law. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DAY_MS } from '../../edge/core/attribution.ts';
import {
  allocationsOf,
  earn,
  heldUntil,
  type Item,
  type Line,
  lineBases,
  type OrderValue,
  type Sold,
  totalBase,
} from '../../edge/core/commission.ts';
import type { PartnerId } from '../../edge/core/id.ts';
import { type Currency, type Minor, minor, ppm, ZERO } from '../../edge/core/money.ts';
import { runs } from '../support/laws.ts';

const item = (given: { [Field in keyof Item]?: Item[Field] | number }): Item =>
  ({
    sku: null,
    name: null,
    category: null,
    kind: 'goods',
    quantity: 1,
    price: ZERO,
    discount: ZERO,
    tax: null,
    ...given,
  }) as Item;
const order = (given: { [Field in keyof OrderValue]?: OrderValue[Field] | number }): OrderValue =>
  ({ items: [], amount: null, discount: ZERO, tax: ZERO, taxIncluded: false, ...given }) as OrderValue;
const bases = (given: Parameters<typeof order>[0]) => {
  const lines = lineBases(order(given));
  return lines.ok ? lines.value.map((line) => line.base) : lines.refusal;
};

describe('the base of each line', () => {
  test.each([
    ['an amount alone', { amount: 1000 }, [1000]],
    ['an amount with tax inside', { amount: 1190, tax: 190, taxIncluded: true }, [1000]],
    ['an amount with tax beside it', { amount: 1000, tax: 190 }, [1000]],
    ['price × quantity − discount', { items: [item({ quantity: 3, price: 500, discount: 100 })] }, [1400]],
    [
      'peer defect 25: a discount goes by value, not evenly',
      { discount: 100, items: [item({ price: 900 }), item({ price: 100 })] },
      [810, 90],
    ],
    [
      'gift cards and tips are left out',
      { items: [item({ price: 900 }), item({ kind: 'gift_card', price: 100 }), item({ kind: 'tip', price: 5 })] },
      [900, 0, 0],
    ],
    [
      'the order’s tax by value',
      { tax: 190, taxIncluded: true, items: [item({ price: 595 }), item({ price: 595 })] },
      [500, 500],
    ],
    [
      'the order’s tax by value beside a gift card',
      { tax: 190, taxIncluded: true, items: [item({ price: 1190 }), item({ kind: 'gift_card', price: 50 })] },
      [1000, 0],
    ],
    [
      'each line’s own tax',
      { taxIncluded: true, items: [item({ price: 119, tax: 19 }), item({ price: 107, tax: 7 })] },
      [100, 100],
    ],
    ['a free order', { discount: 500, items: [item({ price: 500 })] }, [0]],
    ['only gift cards', { items: [item({ kind: 'gift_card', price: 500 })] }, [0]],
  ])('%s', (_name, given, expected) => {
    expect(bases(given)).toEqual(expected);
  });

  test.each([
    ['/amount', { amount: 999, items: [item({ price: 1000 })] }],
    ['/discount', { discount: 1001, items: [item({ price: 1000 })] }],
    ['/items/1/discount', { items: [item({ price: 1 }), item({ price: 1, discount: 2 })] }],
    ['/items/0/quantity', { items: [item({ price: 2 ** 52, quantity: 4 })] }],
    ['/items', { items: [item({ price: 2 ** 52 }), item({ price: 2 ** 52 })] }],
    ['/tax', { amount: 100, tax: 101, taxIncluded: true }],
    ['/items/0/tax', { taxIncluded: true, items: [item({ price: 100, tax: 101 })] }],
    ['/items/1/tax', { taxIncluded: true, tax: 20, items: [item({ price: 100, tax: 10 }), item({ price: 100 })] }],
    ['/tax', { taxIncluded: true, tax: 101, items: [item({ price: 100 })] }],
  ])('contradictions name %s', (pointer, given) => {
    expect(bases(given)).toMatchObject({ errors: [{ pointer }] });
  });

  test('lines sum to goods less discount less tax, none below zero', () => {
    const items = fc.array(
      fc.record({
        price: fc.nat(1_000_000),
        quantity: fc.integer({ min: 1, max: 50 }),
        kind: fc.constantFrom<Item['kind']>('goods', 'gift_card', 'tip'),
      }),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(items, fc.nat(100), fc.nat(100), (list, discountPercent, taxPercent) => {
        const goods = list.reduce((sum, one) => sum + (one.kind === 'goods' ? one.price * one.quantity : 0), 0);
        const discount = Math.floor((goods * discountPercent) / 100);
        const tax = Math.floor(((goods - discount) * taxPercent) / 100);
        const lines = bases({ discount, tax, taxIncluded: true, items: list.map(item) }) as Minor[];
        expect(lines.reduce((sum, base) => sum + base, 0)).toBe(goods - discount - tax);
        expect(lines.every((base) => base >= 0)).toBe(true);
      }),
      runs(),
    );
  });
});

describe('what partners earn', () => {
  const sold = (lines: Line[]): Sold => ({
    ...{ event: 'sale', currency: 'EUR' as Currency, customer: 'unknown', lines, goods: [], used: [], renewal: null },
  });
  const rate = (ppmOf: (partner: PartnerId) => number) => (partner: PartnerId) =>
    ({ version: 1, startsAt: 0, groupId: null, rules: [{ ratePpm: ppm(ppmOf(partner)) }] }) as const;

  const [a, b] = ['A', 'B'] as [PartnerId, PartnerId];
  const shares = [
    { partnerId: a, shareMicros: 500_000 },
    { partnerId: b, shareMicros: 500_000 },
  ];

  test('each line is split, each part priced and rounded by itself', () => {
    const lines = [
      { line: 0, base: minor(101) },
      { line: 1, base: minor(15) },
    ];
    const parts = earn({
      sold: sold(lines),
      verdict: { shares, lines: [] },
      termsOf: rate((partner) => (partner === a ? 100_000 : 200_000)),
    });
    expect(parts.map(({ partnerId, base, commission }) => [partnerId, base, commission])).toEqual([
      [a, 50, 5],
      [b, 51, 10],
      [a, 7, 1],
      [b, 8, 2],
    ]);
    const whole = allocationsOf(parts, lines);
    expect(whole.map((one) => [one.partnerId, one.shareMicros, one.base, one.amount])).toEqual([
      [a, 500_000, 57, 6],
      [b, 500_000, 59, 12],
    ]);
  });

  test('nobody earns where nobody is credited', () => {
    expect(
      earn({
        sold: sold([{ line: 0, base: minor(100) }]),
        verdict: { shares: [], lines: [] },
        termsOf: rate(() => 100_000),
      }),
    ).toEqual([]);
  });

  test('base parts sum to the base, and no commission exceeds it', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 40), fc.integer({ min: 0, max: 1_000_000 }), (base, part) => {
        const parts = earn({
          sold: sold([{ line: 0, base: minor(base) }]),
          verdict: { shares, lines: [] },
          termsOf: rate(() => part),
        });
        expect(totalBase(parts)).toBe(base);
        expect(parts.every((part) => part.commission >= 0 && part.commission <= part.base)).toBe(true);
      }),
      runs(),
    );
  });
});

test('a hold counts from the later of order and receipt', () => {
  expect(heldUntil({ occurredAt: 5, receivedAt: 9 }, 14)).toBe(9 + 14 * DAY_MS);
  expect(heldUntil({ occurredAt: 9, receivedAt: 5 }, 0)).toBe(9);
});
