/** The program's first page: numbers of a span of days, who brought them, the latest orders. */
import { createModel } from '@preact/signals';
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
    open() {
      orders.load({ limit: RECENT });
    },
    show(days: number) {
      summary.load(days);
      partners.load(days);
    },
  };
});
