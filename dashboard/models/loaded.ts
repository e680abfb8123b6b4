/**
 * One answer of the API and its states: not yet (`answer` and `trouble` null), there, in trouble. The latest question
 * counts: an older one is called off, and its answer, should it still come, is dropped.
 */
import { effect, type ReadonlySignal, signal } from '@preact/signals';
import { isAbort, Trouble } from '../api.ts';

export interface Loaded<Ask, Answer> {
  /** Kept while a newer one is on its way, so that a page does not blink. */
  readonly answer: ReadonlySignal<Answer | null>;
  readonly trouble: ReadonlySignal<Trouble | null>;
  readonly busy: ReadonlySignal<boolean>;
  load(ask: Ask): Promise<void>;
  /** The last question again. */
  retry(): Promise<void>;
  /** What another call has told meanwhile. */
  set(answer: Answer): void;
}

/** Made inside a model, whose end calls the request off. */
export function loaded<Ask, Answer>(
  fetch: (ask: Ask, signal: AbortSignal) => Promise<Answer>,
  receive: (answer: Answer, before: Answer | null) => Answer = (answer) => answer,
): Loaded<Ask, Answer> {
  const answer = signal<Answer | null>(null);
  const trouble = signal<Trouble | null>(null);
  const busy = signal(false);
  let latest: { ask: Ask; call: AbortController } | null = null;

  async function load(ask: Ask): Promise<void> {
    latest?.call.abort();
    const mine = { ask, call: new AbortController() };
    latest = mine;
    busy.value = true;
    trouble.value = null;
    try {
      const told = await fetch(ask, mine.call.signal);
      if (latest !== mine || mine.call.signal.aborted) return;
      answer.value = receive(told, answer.peek());
      busy.value = false;
    } catch (cause) {
      if (latest !== mine || isAbort(cause)) return;
      busy.value = false;
      trouble.value = cause instanceof Trouble ? cause : broken(cause);
    }
  }

  effect(() => () => latest?.call.abort());
  return {
    answer,
    trouble,
    busy,
    load,
    async retry() {
      if (latest) await load(latest.ask);
    },
    set(told) {
      latest?.call.abort();
      latest = latest && { ...latest };
      busy.value = false;
      trouble.value = null;
      answer.value = told;
    },
  };
}

/** A bug of ours: told to the person, and in full to the console. */
export function broken(cause: unknown): Trouble {
  console.error(cause);
  return new Trouble(
    { code: 'bug', title: 'This page broke', detail: 'The fault is ours. Reloading the page may help.' },
    { cause },
  );
}
