/** The program's first page: numbers of a span of days, who brought them, the latest orders. */
import { computed, createModel } from '@preact/signals';
import type { Api } from '../api.ts';
import { loaded } from './loaded.ts';

const RECENT = 6;

export const ProgramHomeModel = createModel((api: Api) => {
  const summary = loaded(api.summary);
  const partners = loaded(api.partners);
  const orders = loaded(api.orders);
  return {
    summary,
    partners,
    orders,
    /** What partners are called, by slug: orders name them by that alone. */
    names: computed(() => new Map(partners.answer.value?.map((line) => [line.partner, line.name]))),
    open() {
      orders.load({ limit: RECENT });
    },
    show(days: number) {
      summary.load(days);
      partners.load(days);
    },
  };
});
