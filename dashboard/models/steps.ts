/**
 * What is asked for in the middle of a call: a second factor, or to sign in anew. However many calls want a factor at once,
 * the person is asked once, and what they answer is every call's answer.
 */
import { createModel, signal } from '@preact/signals';

export const StepsModel = createModel(() => {
  /** Which dialog stands open. */
  const asking = signal<'second' | 'again' | null>(null);
  let waiting: ((shown: boolean) => void)[] = [];
  return {
    asking,
    second: (): Promise<boolean> =>
      new Promise((settle) => {
        waiting.push(settle);
        asking.value = 'second';
      }),
    again() {
      asking.value = 'again';
    },
    settle(shown: boolean) {
      const settled = waiting;
      waiting = [];
      asking.value = null;
      for (const settle of settled) settle(shown);
    },
  };
});
