/** `data-forms`: hidden fields `clickId` and `visitorId`, so that the shop's server can pass them on with the order. */
import { follow } from './follow.ts';
import type { Core, Options } from './tracker.ts';

/** By default the forms that post: the fields of others would stand in an address. */
const POSTING = 'form[method=post i]';

export default function fillForms(tracker: Core, _options: Options, selector: string): void {
  const ours = new WeakSet<Element>();
  follow(tracker, (state) => {
    for (const form of document.querySelectorAll<HTMLFormElement>(selector || POSTING)) {
      for (const name of ['clickId', 'visitorId'] as const) {
        const id = state.allowed ? state[name] : null;
        const field = form.elements.namedItem(name);
        if (id) {
          const filled = field instanceof HTMLInputElement ? field : add(form, name);
          filled.value = id;
          ours.add(filled);
        } else if (field instanceof HTMLInputElement && ours.has(field)) field.value = '';
      }
    }
  });
}

const add = (form: HTMLFormElement, name: string): HTMLInputElement =>
  form.appendChild(Object.assign(document.createElement('input'), { type: 'hidden', name }));
