/** A partner's first page: what is pending and when, numbers of a span of days, links, codes, the latest orders. */
import { computed, createModel } from '@preact/signals';
import type { Api } from '../api.ts';
import { loaded } from './loaded.ts';
import { releases } from './releases.ts';

/** The most the API gives at once: enough to date what is pending for nearly every partner. */
const DATED_ORDERS = 100;

export const PartnerHomeModel = createModel((api: Api, now: () => number = Date.now) => {
  const summary = loaded(api.summary);
  const balances = loaded(api.balances);
  const links = loaded(api.links);
  const codes = loaded(api.codes);
  const orders = loaded(api.orders);
  return {
    summary,
    balances,
    links,
    codes,
    orders,
    /** Null until both the balances and the orders are known. */
    releases: computed(() => {
      const pending = balances.answer.value;
      const page = orders.answer.value;
      return pending && page && releases({ balances: pending, page, now: now() });
    }),
    open() {
      balances.load(null);
      links.load(null);
      codes.load(null);
      orders.load({ limit: DATED_ORDERS });
    },
    show(days: number) {
      summary.load(days);
    },
  };
});
