/** The program's codes, groups and links with settings of their own. */
import { computed, createModel, signal } from '@preact/signals';
import type { Api, Codes, LinkAnswer } from '../api.ts';
import { loaded } from './loaded.ts';

export const CodesModel = createModel((api: Api) => {
  const after = signal<string | null>(null);
  const codes = loaded(api.codes, (page, before) => (after.peek() && before ? joined(before, page) : page));
  const groups = loaded(api.groups);
  const links = loaded(api.links);
  return {
    codes,
    groups,
    links,
    /** Those that say something else than their group or the program. */
    special: computed(() => links.answer.value?.filter(hasSettings) ?? null),
    more: computed(() => Boolean(codes.answer.value?.nextCursor)),
    open() {
      after.value = null;
      codes.load(null);
      groups.load(null);
      links.load(null);
    },
    async loadMore() {
      const cursor = codes.answer.peek()?.nextCursor;
      if (!cursor || codes.busy.peek()) return;
      after.value = cursor;
      await codes.load(cursor);
    },
  };
});

const hasSettings = ({ windowDays, model, guardSeconds, rejectSolo }: LinkAnswer): boolean =>
  [windowDays, model, guardSeconds, rejectSolo].some((one) => one !== null);

const joined = (before: Codes, page: Codes): Codes => ({
  data: [...before.data, ...page.data],
  nextCursor: page.nextCursor,
});
