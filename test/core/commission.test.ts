/** Commission: what an order is worth, by example and by law. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  allocationsOf,
  earn,
  type Item,
  type Line,
  type LineShare,
  lineBases,
  type OrderValue,
  type Rule,
  type Sold,
  type Terms,
  totalBase,
} from '../../edge/core/commission.ts';
import type { PartnerId } from '../../edge/core/id.ts';
import { allocate, type Currency, type Minor, minor, ppm, ZERO } from '../../edge/core/money.ts';
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
    ['an amount that is all tax', { amount: 190, tax: 190, taxIncluded: true }, [0]],
    ['an order that is all tax', { tax: 500, taxIncluded: true, items: [item({ price: 500 })] }, [0]],
    ['a line that is all tax', { taxIncluded: true, items: [item({ price: 500, tax: 500 })] }, [0]],
    ['a line that is all discount', { items: [item({ price: 500, discount: 500 }), item({ price: 1 })] }, [0, 1]],
    ['a free order', { discount: 500, items: [item({ price: 500 })] }, [0]],
    ['only gift cards', { items: [item({ kind: 'gift_card', price: 500 })] }, [0]],
  ])('%s', (_name, given, expected) => {
    expect(bases(given)).toEqual(expected);
  });

  test.each([
    ['/amount', '1000, the goods after discounts as the items say', { amount: 999, items: [item({ price: 1000 })] }],
    ['/discount', 'at most the value of the goods', { discount: 1001, items: [item({ price: 1000 })] }],
    ['/items/1/discount', 'at most price × quantity', { items: [item({ price: 1 }), item({ price: 1, discount: 2 })] }],
    ['/items/0/quantity', 'price × quantity below 2^53', { items: [item({ price: 2 ** 52, quantity: 4 })] }],
    ['/items', 'a total below 2^53', { items: [item({ price: 2 ** 52 }), item({ price: 2 ** 52 })] }],
    ['/tax', 'at most the amount', { amount: 100, tax: 101, taxIncluded: true }],
    ['/items/0/tax', 'at most the value of the line', { taxIncluded: true, items: [item({ price: 100, tax: 101 })] }],
    [
      '/items/1/tax',
      'a tax on every goods line, or on none',
      { taxIncluded: true, tax: 20, items: [item({ price: 100, tax: 10 }), item({ price: 100 })] },
    ],
    ['/tax', 'at most the value of the goods', { taxIncluded: true, tax: 101, items: [item({ price: 100 })] }],
  ])('contradictions name %s: %s', (pointer, detail, given) => {
    const code = pointer === '/amount' ? 'amount_mismatch' : 'invalid';
    expect(bases(given)).toEqual({ code, errors: [{ pointer, detail }] });
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

describe('laws of what partners earn, under any rules', () => {
  const partners = ['A', 'B', 'C', 'D'] as PartnerId[];
  const amount = fc.oneof(fc.nat(200), fc.nat(2 ** 40)).map(minor);
  const byCurrency = fc.record({ EUR: amount, USD: amount }, { requiredKeys: [] });
  const when = fc.record(
    {
      sku: fc.constantFrom('tent', 'mug'),
      category: fc.constantFrom('camping', 'kitchen'),
      customer: fc.constantFrom<'new' | 'returning'>('new', 'returning'),
      minimum: byCurrency,
    },
    { requiredKeys: [] },
  );
  const pay = fc.oneof(
    fc.record({ ratePpm: fc.integer({ min: 0, max: 1_000_000 }).map(ppm) }),
    fc.record({ fixed: byCurrency }),
  );
  const rule: fc.Arbitrary<Rule> = fc
    .tuple(pay, fc.record({ when, cap: byCurrency }, { requiredKeys: [] }))
    .map(([paid, rest]) => ({ ...paid, ...rest }));
  const rules = fc.array(rule, { maxLength: 4 });
  const shares = (list: fc.Arbitrary<PartnerId[]>) =>
    fc.tuple(list, fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 4, maxLength: 4 })).map(([who, weights]) => {
      const parts = who.length > 0 ? allocate(minor(1_000_000), weights.slice(0, who.length)) : [];
      return who.map((partnerId, at) => ({ partnerId, shareMicros: parts[at] ?? 0 }));
    });
  const line = fc.record({
    base: amount,
    sku: fc.constantFrom(null, 'tent', 'mug'),
    category: fc.constantFrom(null, 'camping', 'kitchen'),
  });
  const sale = fc.record({
    lines: fc.array(line, { minLength: 1, maxLength: 6 }),
    currency: fc.constantFrom('EUR', 'USD', 'JPY') as fc.Arbitrary<Currency>,
    customer: fc.constantFrom<Sold['customer']>('new', 'returning', 'unknown'),
    credited: shares(fc.subarray(partners, { minLength: 1 })),
    byCode: fc.option(shares(fc.subarray(partners, { maxLength: 1 }))),
    terms: fc.tuple(rules, rules),
  });
  type Sale = typeof sale extends fc.Arbitrary<infer One> ? One : never;
  /** Two of the partners are in a group with terms of its own. */
  const termsOf =
    ([common, group]: Sale['terms']) =>
    (partner: PartnerId): Terms => {
      const grouped = partner > 'B';
      return { version: grouped ? 2 : 1, startsAt: 0, groupId: null, rules: grouped ? group : common };
    };
  const earned = ({ lines, currency, customer, credited, byCode, terms }: Sale) =>
    earn({
      sold: {
        ...{ event: 'sale', currency, customer, used: [], renewal: null },
        lines: lines.map(({ base }, at) => ({ line: at, base })),
        goods: lines,
      },
      verdict: {
        shares: credited,
        lines: byCode ? [{ line: 0, reason: 'code_owner_wins', shares: byCode }] : [],
      },
      termsOf: termsOf(terms),
    });
  const sum = (amounts: readonly number[]) => amounts.reduce((all, one) => all + BigInt(one), 0n);
  const underOneRule = (parts: readonly LineShare[]) =>
    Object.values(Object.groupBy(parts, (part) => `${part.termsVersion}/${part.rule}`)).flatMap((group) =>
      group ? [group] : [],
    );

  test('the parts of a line sum to its base, and a rate up to 100 % never pays more than the part', () => {
    fc.assert(
      fc.property(sale, (given) => {
        const parts = earned(given);
        for (const [at, { base }] of given.lines.entries()) {
          const nobodys = at === 0 && given.byCode?.length === 0;
          expect(sum(parts.filter((one) => one.line === at).map((one) => one.base))).toBe(BigInt(nobodys ? 0 : base));
        }
        for (const part of parts) {
          expect(part.commission).toBeGreaterThanOrEqual(0);
          if (part.fixed === null) expect(part.commission).toBeLessThanOrEqual(part.base);
        }
      }),
      runs(),
    );
  });

  test('one rule never pays one order more than its cap, nor more than its fixed amount', () => {
    fc.assert(
      fc.property(sale, (given) => {
        for (const parts of underOneRule(earned(given))) {
          const [{ partnerId, rule: number, fixed }] = parts as [LineShare];
          const { cap } = (number === null ? null : termsOf(given.terms)(partnerId).rules[number]) ?? {};
          const paid = sum(parts.map((one) => one.commission));
          if (cap) expect(paid <= BigInt(cap[given.currency] ?? -1)).toBe(true);
          if (fixed !== null) expect(paid <= BigInt(fixed)).toBe(true);
          if (number === null) expect(paid).toBe(0n);
        }
      }),
      runs(),
    );
  });

  test('a fixed amount is handed out wholly when everything is credited under its rule', () => {
    fc.assert(
      fc.property(sale, amount, (given, fixed) => {
        const terms: Sale['terms'] = [[{ fixed: { [given.currency]: fixed } }], []];
        const credited = given.credited.filter((one) => one.partnerId <= 'B');
        fc.pre(credited.length === given.credited.length);
        expect(sum(earned({ ...given, byCode: null, terms }).map((one) => one.commission))).toBe(BigInt(fixed));
      }),
      runs(),
    );
  });

  test('what nothing pays says so only where a currency is the cause', () => {
    fc.assert(
      fc.property(sale, (given) => {
        const named = (one: Rule) => [one.fixed, one.cap, one.when?.minimum].every((map) => !map || 'JPY' in map);
        for (const part of earned({ ...given, currency: 'JPY' as Currency })) {
          const asked = termsOf(given.terms)(part.partnerId).rules;
          if (part.rule !== null)
            expect([part.reason, asked.slice(0, part.rule + 1).some(named)]).toEqual([null, true]);
          if (part.reason !== null) expect([part.commission, asked.some((one) => !named(one))]).toEqual([0, true]);
        }
      }),
      runs(),
    );
  });
});
