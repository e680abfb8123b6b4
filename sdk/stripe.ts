/**
 * `data-stripe`: the click id in Stripe's payment links, buy buttons and pricing tables, as `client_reference_id`. One of
 * the page's own stays. A Checkout Session made by the shop's server takes `clickId` and `visitorId` in its `metadata`.
 */
import { follow } from './follow.ts';
import type { Core } from './tracker.ts';

const ELEMENTS = 'stripe-buy-button, stripe-pricing-table';
const LINKS = 'a[href^="https://buy.stripe.com/"]';

export default function fillStripe(tracker: Core): void {
  /** What we wrote: an element that says something else is the page's. */
  const ours = new WeakMap<Element, string>();
  const write = (element: Element, now: string | null, id: string | null | undefined, set: (id: string) => void) => {
    if (now !== (ours.get(element) ?? null) || now === (id ?? null)) return;
    set(id ?? '');
    if (id) ours.set(element, id);
    else ours.delete(element);
  };
  follow(tracker, (state) => {
    const id = state.allowed ? state.clickId : null;
    for (const element of document.querySelectorAll(ELEMENTS)) {
      write(element, element.getAttribute('client-reference-id'), id, (value) =>
        value ? element.setAttribute('client-reference-id', value) : element.removeAttribute('client-reference-id'),
      );
    }
    for (const link of document.querySelectorAll<HTMLAnchorElement>(LINKS)) {
      const url = new URL(link.href);
      write(link, url.searchParams.get('client_reference_id'), id, (value) => {
        if (value) url.searchParams.set('client_reference_id', value);
        else url.searchParams.delete('client_reference_id');
        link.href = url.href;
      });
    }
  });
}
