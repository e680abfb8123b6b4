/**
 * One thing that a person does, and its states: at rest, being done, in trouble. Pressed again while it is being done it
 * is done once.
 */
import { type ReadonlySignal, signal } from '@preact/signals';
import { isAbort, Trouble } from '../api.ts';
import { broken } from './loaded.ts';

export interface Doing<Given> {
  readonly busy: ReadonlySignal<boolean>;
  readonly trouble: ReadonlySignal<Trouble | null>;
  /** True when it was done. */
  run(given: Given): Promise<boolean>;
  /** Forgets the trouble. */
  clear(): void;
}

export function doing<Given, Answer>(
  act: (given: Given) => Promise<Answer>,
  done: (answer: Answer, given: Given) => unknown = () => undefined,
): Doing<Given> {
  const busy = signal(false);
  const trouble = signal<Trouble | null>(null);
  return {
    busy,
    trouble,
    async run(given) {
      if (busy.peek()) return false;
      busy.value = true;
      trouble.value = null;
      try {
        await done(await act(given), given);
        return true;
      } catch (cause) {
        if (!isAbort(cause)) trouble.value = cause instanceof Trouble ? cause : broken(cause);
        return false;
      } finally {
        busy.value = false;
      }
    },
    clear() {
      trouble.value = null;
    },
  };
}
