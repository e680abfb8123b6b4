/**
 * Goal: "what if" shows the latest span, and tells what each model changes without ever mixing currencies.
 * Method: the model over an API whose answers come in the order the test says; answers small enough to add by hand.
 */
import { describe, expect, test } from 'vitest';
import { type Cell, CompareModel, sideBySide } from '../../dashboard/models/compare.ts';
import { credit, signed } from '../../dashboard/ui/format.ts';
import type { CompareAnswer, CompareLine } from '../../edge/contract.ts';
import type { Currency, Minor } from '../../edge/core/money.ts';
import { fakeApi } from './fake.ts';

const NOW = Date.parse('2026-11-23T12:00:00.000Z');
const line = (partner: string, orders: number, commissions: Record<string, number>): CompareLine => ({
  partnerId: `id-${partner}`,
  partner,
  name: partner.toUpperCase(),
  creditMicros: orders * 1_000_000,
  amounts: Object.entries(commissions).map(([currency, commission]) => ({
    currency: currency as Currency,
    amount: (commission * 10) as Minor,
    commission: commission as Minor,
  })),
});
const answerOf = (orders: number): CompareAnswer => ({ orders, models: { last: [] } });
const text = (cell: Cell | undefined) =>
  cell?.amounts.map((one) => `${one.currency} ${one.commission} (${one.change})`).join(', ');

describe('the span', () => {
  test('whole UTC days, today included, and every model', () => {
    const { api, last } = fakeApi();
    new CompareModel(api, () => NOW).show(7);
    expect(last('compare').ask).toEqual({
      from: Date.parse('2026-11-17T00:00:00.000Z'),
      models: ['last', 'first', 'linear', 'position'],
    });
  });

  test('a late answer to an older span never replaces the newer one', async () => {
    const { api, calls } = fakeApi();
    const model = new CompareModel(api, () => NOW);
    model.show(90);
    model.show(7);
    const [older, newer] = calls;
    expect(older?.signal?.aborted).toBe(true);
    await newer?.answer(answerOf(7));
    await older?.answer(answerOf(90));
    expect([model.answer.answer.value?.orders, model.answer.busy.value]).toEqual([7, false]);
  });

  test('nor does one that comes first; until the newer comes there is no table', async () => {
    const { api, calls, last } = fakeApi();
    const model = new CompareModel(api, () => NOW);
    model.show(90);
    model.show(30);
    await calls[0]?.answer(answerOf(90));
    expect([model.table.value, model.answer.busy.value]).toEqual([null, true]);
    await last('compare').answer({ orders: 1, models: { last: [line('anna', 1, { EUR: 100 })] } });
    expect(model.table.value?.rows.map((row) => row.name)).toEqual(['ANNA']);
  });
});

describe('side by side', () => {
  const { rows, sums, models } = sideBySide({
    orders: 4,
    models: {
      linear: [line('bob', 1.5, { EUR: 150 }), line('anna', 1.5, { EUR: 200, USD: 30 })],
      last: [line('anna', 2, { EUR: 300, USD: 30 }), line('carla', 1, { JPY: 7 })],
    },
  });
  const row = (name: string) => rows.find((one) => one.slug === name);

  test('one row for each partner of any model, as the first model ranks them', () => {
    expect([models, rows.map((one) => one.slug)]).toEqual([
      ['last', 'linear'],
      ['anna', 'carla', 'bob'],
    ]);
  });

  test('who has nothing under a model is shown what that changes', () => {
    expect(text(row('carla')?.under.get('linear'))).toBe('JPY 0 (-7)');
    expect(text(row('bob')?.under.get('last'))).toBe('');
    expect(text(row('bob')?.under.get('linear'))).toBe('EUR 150 (150)');
    expect(row('carla')?.under.get('linear')?.creditMicros).toBe(0);
  });

  test('what is as usual is told apart from what moved, and the usual itself is neither', () => {
    const under = (creditMicros: number, commission: number) => [
      { ...line('anna', 0, { EUR: commission }), creditMicros },
    ];
    const same = (model: 'last' | 'first' | 'linear', answer: CompareAnswer['models']) =>
      sideBySide({ orders: 1, models: answer }).rows[0]?.under.get(model)?.same;
    const last = under(1_000_000, 100);
    expect(same('first', { last, first: last })).toBe(true);
    expect(same('last', { last, first: last })).toBe(false);
    expect(same('first', { last, first: under(1_000_000, 101) })).toBe(false);
    expect(same('linear', { last, linear: under(500_000, 100) })).toBe(false);
    expect(same('first', { first: last })).toBe(false);
  });

  test('amounts and sums are of one currency each', () => {
    expect(text(row('anna')?.under.get('linear'))).toBe('EUR 200 (-100), USD 30 (0)');
    expect(text(sums.under.get('last'))).toBe('EUR 300 (0), JPY 7 (0), USD 30 (0)');
    expect(text(sums.under.get('linear'))).toBe('EUR 350 (50), JPY 0 (-7), USD 30 (0)');
    expect([...sums.under.values()].map((cell) => credit(cell.creditMicros))).toEqual([credit(3e6), credit(3e6)]);
  });

  test('without `last` there is nothing to differ from, and a partner without a name has its slug', () => {
    const bare = sideBySide({ orders: 1, models: { first: [{ ...line('bob', 1, { EUR: 5 }), name: '' }] } });
    expect([bare.rows[0]?.name, text(bare.rows[0]?.under.get('first'))]).toEqual(['bob', 'EUR 5 (0)']);
  });
});

test('a difference always has its sign, a credit one decimal', () => {
  expect([signed(150, 'EUR')[0], signed(-150, 'EUR')[0], signed(-150, 'EUR').includes('-')]).toEqual(['+', '−', false]);
  expect([credit(1_500_000), credit(333_333)]).toEqual([(1.5).toLocaleString(), (0.3).toLocaleString()]);
});
