/** All partners of a program over a span of days: found by name, sorted by any column. */
import { computed, createModel, signal } from '@preact/signals';
import type { Api, PartnerLine } from '../api.ts';
import { loaded } from './loaded.ts';

/** `commission:EUR` for each currency: amounts of two currencies are never compared. */
export type Column = 'name' | 'clicks' | 'counted' | 'orders' | 'rate' | `commission:${string}`;

export interface Sort {
  by: Column;
  descending: boolean;
}

/** Orders per valid click; null without any click. */
export const rate = (line: PartnerLine): number | null => (line.counted === 0 ? null : line.orders / line.counted);

export const PartnersModel = createModel((api: Api) => {
  const lines = loaded(api.partners);
  const sort = signal<Sort>({ by: 'orders', descending: true });
  const search = signal('');
  return {
    lines,
    sort,
    search,
    currencies: computed(() => [
      ...new Set(lines.answer.value?.flatMap((line) => line.money.map((one) => one.currency)).sort()),
    ]),
    shown: computed(() => {
      const wanted = search.value.trim().toLowerCase();
      const found = lines.answer.value?.filter((line) =>
        `${line.name}\n${line.partner}`.toLowerCase().includes(wanted),
      );
      return found ? sorted(found, sort.value) : null;
    }),
    show(days: number) {
      lines.load(days);
    },
    /** The same column again turns it round; numbers begin with the largest, names with A. */
    sortBy(by: Column) {
      const { by: now, descending } = sort.peek();
      sort.value = { by, descending: by === now ? !descending : by !== 'name' };
    },
    find(text: string) {
      search.value = text;
    },
  };
});

function sorted(lines: readonly PartnerLine[], { by, descending }: Sort): PartnerLine[] {
  const names = (a: PartnerLine, b: PartnerLine) => a.name.localeCompare(b.name);
  const turn = descending ? -1 : 1;
  if (by === 'name') return [...lines].sort((a, b) => turn * names(a, b));
  const value = measure(by);
  // What has no value stands last either way.
  return [...lines].sort((a, b) => {
    const [one, other] = [value(a), value(b)];
    if (one === null || other === null) return Number(one === null) - Number(other === null) || names(a, b);
    return turn * (one - other) || names(a, b);
  });
}

function measure(by: Exclude<Column, 'name'>): (line: PartnerLine) => number | null {
  if (by === 'rate') return rate;
  if (by === 'clicks' || by === 'counted' || by === 'orders') return (line) => line[by];
  const currency = by.slice('commission:'.length);
  return (line) => line.money.find((one) => one.currency === currency)?.commission ?? null;
}
