/**
 * Who is signed in, from which of their places this tab looks, and what they do about themself there. Each tab keeps its
 * own place: two tabs at two places do not disturb one another.
 */
import { computed, createModel, signal } from '@preact/signals';
import type { Api, SessionAnswer } from '../api.ts';
import { doing } from './doing.ts';
import { loaded } from './loaded.ts';

/** Where a tab keeps its place: `sessionStorage`. */
export type Tab = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const PLACE = 'tributary-place';
const LATER = 'tributary-name-later';
/** However many calls find nothing, who may what is asked again no more often. */
const PATIENCE_MS = 5_000;

/** Wrapped, so that "nobody" is an answer and not the absence of one. */
interface Known {
  readonly who: SessionAnswer | null;
  /** Somebody was, until just now. */
  readonly ended?: true;
}

export const SessionModel = createModel((api: Api, tab: Tab, now: () => number = Date.now) => {
  let place = tab.getItem(PLACE);
  let lookedAt = Number.NEGATIVE_INFINITY;
  const keep = (id: string | null) => {
    place = id;
    if (id) tab.setItem(PLACE, id);
    else tab.removeItem(PLACE);
  };
  const session = loaded(async (_: null, signal): Promise<Known> => {
    let who = await api.session(null, signal);
    // A place that this tab remembers may be gone, or somebody else's.
    if (who && !who.current && place) {
      keep(null);
      who = await api.session(null, signal);
    }
    if (who?.current) keep(who.current.id);
    return { who };
  });
  const who = computed(() => session.answer.value?.who ?? null);
  const later = signal(tab.getItem(LATER) !== null);
  const told = (answer: SessionAnswer) => {
    if (answer.current) keep(answer.current.id);
    session.set({ who: answer });
  };
  const gone = (known: Known) => {
    keep(null);
    session.set(known);
  };
  /** Without a word to the person: what they may do may have changed. */
  async function lookAgain() {
    if (!who.peek() || now() - lookedAt < PATIENCE_MS) return;
    lookedAt = now();
    const before = session.answer.peek();
    const found = await api.session(null).catch(() => undefined);
    if (found === undefined || session.answer.peek() !== before) return;
    if (found === null) gone({ who: null, ended: true });
    else if (JSON.stringify(found) !== JSON.stringify(before?.who)) told(found);
  }

  return {
    session,
    who,
    /** Which every call of this tab names. */
    place: () => place,
    open: () => session.load(null),
    told,
    choosing: doing(api.choosePlace, told),
    renaming: doing(api.rename, told),
    answering: doing(api.answerInvitation, told),
    leaving: doing(
      () => api.signOut(null),
      () => gone({ who: null }),
    ),
    /** A person without a name is asked for it, until they say later. */
    nameless: computed(() => who.value?.person.name === '' && !later.value),
    askLater() {
      tab.setItem(LATER, '1');
      later.value = true;
    },
    /** What some call was answered. */
    refused(code: string) {
      if (code === 'sign_in_required' && who.peek()) gone({ who: null, ended: true });
      if (code === 'not_found') lookAgain();
    },
  };
});
