/** The ledger: every transaction sums to zero, a correction leads from any amounts to any others, a replay has one name. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ConversionId, PartnerId, ProgramId } from '../../edge/core/id.ts';
import { type Account, pending, post, type Transaction } from '../../edge/core/ledger.ts';
import { add, type Currency, type Minor, minor, ZERO } from '../../edge/core/money.ts';
import { runs } from '../support/laws.ts';

const [a, b] = ['A', 'B'] as [PartnerId, PartnerId];
const earned = (amounts: Record<string, number>) =>
  new Map(Object.entries(amounts).map(([partner, amount]) => [partner as PartnerId, minor(amount)]));
const cause = (version: number, before: Record<string, number>, after: Record<string, number>) =>
  post({
    programId: 'P' as ProgramId,
    currency: 'EUR' as Currency,
    conversionId: 'C' as ConversionId,
    version,
    at: 0,
    before: earned(before),
    after: earned(after),
  });
const sum = (transaction: Transaction | null) =>
  transaction?.entries.reduce((all, entry) => all + entry.amount, 0) ?? 0;

/** Derived balances: the sum of the entries of each account. */
function balances(transactions: readonly Transaction[]): ReadonlyMap<Account, Minor> {
  const sums = new Map<Account, Minor>();
  for (const { account, amount } of transactions.flatMap((one) => one.entries)) {
    sums.set(account, add(sums.get(account) ?? ZERO, amount));
  }
  return sums;
}

describe('postings', () => {
  test('a new order: expense against what is pending', () => {
    expect(cause(1, {}, { A: 100, B: 50 })).toMatchObject({
      id: 'earned:C:1',
      kind: 'earned',
      entries: [
        { account: 'expense', amount: -150 },
        { account: pending(a), amount: 100 },
        { account: pending(b), amount: 50 },
      ],
    });
  });

  test('a correction posts the difference alone', () => {
    expect(cause(2, { A: 100 }, { A: 90 })).toMatchObject({
      id: 'corrected:C:2',
      entries: [
        { account: 'expense', amount: 10 },
        { account: pending(a), amount: -10 },
      ],
    });
  });

  test('money that only changes partner costs nothing', () => {
    expect(cause(2, { A: 100 }, { B: 100 })?.entries).toEqual([
      { account: pending(a), amount: -100 },
      { account: pending(b), amount: 100 },
    ]);
  });

  test('where nothing changes hands nothing is posted', () => {
    expect(cause(1, {}, {})).toBeNull();
    expect(cause(1, {}, { A: 0 })).toBeNull();
    expect(cause(2, { A: 5 }, { A: 5 })).toBeNull();
  });
});

test('through any series of corrections each posting sums to zero and balances end where the last one says', () => {
  const amounts = fc.dictionary(fc.constantFrom('A', 'B', 'C'), fc.nat(10 ** 9));
  fc.assert(
    fc.property(fc.array(amounts, { minLength: 1, maxLength: 8 }), (series) => {
      const posted = series.map((after, index) => cause(index + 1, series[index - 1] ?? {}, after));
      expect(posted.map(sum)).toEqual(posted.map(() => 0));
      const made = posted.filter((one): one is Transaction => one !== null);
      expect(new Set(made.map((one) => one.id)).size).toBe(made.length);
      const held = balances(made);
      for (const partner of ['A', 'B', 'C'] as PartnerId[]) {
        expect(held.get(pending(partner)) ?? 0).toBe(series.at(-1)?.[partner] ?? 0);
      }
      expect([...held.values()].reduce((all: number, amount: Minor) => all + amount, 0)).toBe(0);
    }),
    runs(),
  );
});
