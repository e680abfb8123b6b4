/**
 * What may be asked for in the middle of a call: a second factor. However many calls want it at once, the person is
 * asked once, and what they answer is every call's answer.
 */
import { createModel, signal } from '@preact/signals';

export const StepsModel = createModel(() => {
  const asking = signal(false);
  let waiting: ((shown: boolean) => void)[] = [];
  return {
    /** A dialog stands open. */
    asking,
    ask: (): Promise<boolean> =>
      new Promise((settle) => {
        waiting.push(settle);
        asking.value = true;
      }),
    settle(shown: boolean) {
      const settled = waiting;
      waiting = [];
      asking.value = false;
      for (const settle of settled) settle(shown);
    },
  };
});
