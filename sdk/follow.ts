/** Keeps the page's markup in step with what is known of the visitor: forms and Stripe's elements come and go. */
import { safely } from './safely.ts';
import type { Core, State } from './tracker.ts';

/** Calls when something may have changed, and always before a form is sent. */
export function follow(tracker: Core, write: (state: State) => void): void {
  const look = safely(() => tracker.peek(safely(write)));
  // Asks the server about a visitor whom only the server remembers.
  tracker.get('clickId', look);
  look();
  safely(() => {
    for (const type of ['pointerover', 'focusin', 'submit']) addEventListener(type, look, true);
    new MutationObserver(look).observe(document, { childList: true, subtree: true });
  })();
}
