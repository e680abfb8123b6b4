/** What if: a span's orders credited again under each model, side by side, with what that changes against `last`. */
import { computed, createModel } from '@preact/signals';
import type { Comparable } from '../../edge/core/attribution.ts';
import { add, type Currency, minor, negate, ZERO } from '../../edge/core/money.ts';
import type { Api, CompareAnswer, CompareLine } from '../api.ts';
import { loaded } from './loaded.ts';

const DAY_MS = 86_400_000;
const MODELS = ['last', 'first', 'linear', 'position'] as const satisfies readonly Comparable[];

/** What the others are compared with: what most shops are used to. */
export const USUAL = 'last' satisfies Comparable;

type Standing = Pick<CompareLine, 'creditMicros' | 'amounts'>;

export interface Cell {
  creditMicros: number;
  /** What would be earned, and what would be lost altogether. */
  amounts: { currency: Currency; commission: number; change: number }[];
  /** Under another model, nothing differs from the usual. */
  same: boolean;
}

export interface Row {
  partnerId: string;
  name: string;
  slug: string;
  under: ReadonlyMap<Comparable, Cell>;
}

export interface SideBySide {
  models: readonly Comparable[];
  /** Who has most orders under the first model stands first. */
  rows: Row[];
  sums: Row;
}

export const CompareModel = createModel((api: Api, now: () => number = Date.now) => {
  const answer = loaded(api.compare);
  return {
    answer,
    table: computed(() => answer.answer.value && sideBySide(answer.answer.value)),
    /** The last so many UTC days, today included, as the other pages count them. */
    show(days: number) {
      const today = Math.floor(now() / DAY_MS) * DAY_MS;
      answer.load({ from: today - (days - 1) * DAY_MS, models: MODELS });
    },
  };
});

export function sideBySide({ models: answered }: CompareAnswer): SideBySide {
  const models = MODELS.filter((model) => answered[model]);
  const linesOf = (model: Comparable) => answered[model] ?? [];
  const byPartner = new Map(
    models.map((model) => [model, new Map(linesOf(model).map((line) => [line.partnerId, line]))]),
  );
  const partners = new Map(models.flatMap(linesOf).map((line) => [line.partnerId, line]));
  return {
    models,
    rows: [...partners.values()].map(({ partnerId, partner, name }) => ({
      partnerId,
      name: name || partner,
      slug: partner,
      under: cells(models, (model) => byPartner.get(model)?.get(partnerId)),
    })),
    sums: {
      partnerId: '',
      name: 'All partners',
      slug: '',
      under: cells(models, (model) => ({
        creditMicros: linesOf(model).reduce((sum, line) => sum + line.creditMicros, 0),
        amounts: linesOf(model).flatMap((line) => line.amounts),
      })),
    },
  };
}

function cells(models: readonly Comparable[], of: (model: Comparable) => Standing | undefined): Map<Comparable, Cell> {
  const amountsOf = (model: Comparable) => of(model)?.amounts ?? [];
  const currencies = [...new Set(models.flatMap(amountsOf).map((one) => one.currency))].sort();
  const commission = (model: Comparable, currency: Currency) =>
    add(...amountsOf(model).flatMap((one) => (one.currency === currency ? [minor(one.commission)] : [])));
  return new Map(
    models.map((model) => {
      const creditMicros = of(model)?.creditMicros ?? 0;
      const amounts = currencies
        .map((currency) => ({
          currency,
          commission: commission(model, currency),
          change: models.includes(USUAL) ? add(commission(model, currency), negate(commission(USUAL, currency))) : ZERO,
        }))
        .filter((one) => one.commission !== 0 || one.change !== 0);
      const moved = creditMicros !== (of(USUAL)?.creditMicros ?? 0) || amounts.some((one) => one.change !== 0);
      return [model, { creditMicros, amounts, same: model !== USUAL && models.includes(USUAL) && !moved }];
    }),
  );
}
