/** The list of orders, newest first, read page by page; and those alone of what was read that nobody here earned. */
import { computed, createModel, signal } from '@preact/signals';
import type { Api, Orders } from '../api.ts';
import { loaded } from './loaded.ts';
import { earnedParts } from './order.ts';

const PAGE = 25;

export const OrdersModel = createModel((api: Api) => {
  /** Where the page that is asked for begins; null is the first. */
  const from = signal<string | null>(null);
  const pages = loaded(
    (cursor: string | null, signal) => api.orders({ limit: PAGE, cursor }, signal),
    (page, before) => (from.peek() && before ? joined(before, page) : page),
  );
  const orders = computed(() => pages.answer.value?.data ?? null);
  const unearned = signal(false);
  const ask = (cursor: string | null) => {
    from.value = cursor;
    return pages.load(cursor);
  };
  return {
    orders,
    unearned,
    shown: computed(() => orders.value?.filter((one) => !unearned.value || earnedParts(one).length === 0) ?? null),
    more: computed(() => Boolean(pages.answer.value?.nextCursor)),
    trouble: pages.trouble,
    busy: pages.busy,
    open: () => ask(null),
    loadMore: async () => {
      const cursor = pages.answer.peek()?.nextCursor;
      // A second tap while a page is coming must not ask for it twice.
      if (cursor && !pages.busy.peek()) await ask(cursor);
    },
    retry: pages.retry,
    only(chosen: boolean) {
      unearned.value = chosen;
    },
  };
});

/** An order that came in between two pages may stand in both. */
function joined(before: Orders, page: Orders): Orders {
  const known = new Set(before.data.map((one) => one.id));
  return { data: [...before.data, ...page.data.filter((one) => !known.has(one.id))], nextCursor: page.nextCursor };
}
