/**
 * Tributary in a shop's page, for bundlers: tells the server of landings, customers and orders, and remembers one visitor.
 *
 * ```ts
 * import { createTracker } from '@tributary/sdk';
 *
 * const tracker = createTracker({ key: 'trb_pk_live_…', host: 'https://t.shop.example' });
 * tracker.identify({ id: 'customer-7', email: 'ada@shop.example' });
 * tracker.conversion({ orderId: '1001', currency: 'EUR', amount: 4999 });
 * ```
 */
import handOver from './domains.ts';
import fillForms from './forms.ts';
import watchMoves from './moves.ts';
import fillStripe from './stripe.ts';
import { startTracker, type Tracker, type Options as TrackerOptions } from './tracker.ts';

export type { Click, Consent, Customer, Lead, Order, State, Tracker, Tributary } from './tracker.ts';

export interface Options extends TrackerOptions {
  /** Other hosts of the shop, as with `decorate`. */
  domains?: readonly string[] | undefined;
  /** Keeps fields `clickId` and `visitorId` in these forms; a CSS selector, `''` for all forms that post. */
  forms?: string | undefined;
  /** Keeps the click id in Stripe's payment links, buy buttons and pricing tables, as `client_reference_id`. */
  stripe?: boolean | undefined;
}

/** Starts tracking, once per page: posts a landing, and takes it out of the address when it is answered. */
export function createTracker(options: Options): Tracker {
  const core = startTracker(options);
  const tracker: Tracker = { ...core, decorate: (domains) => handOver(core, options, domains) };
  if (options.domains) tracker.decorate(options.domains);
  if (options.forms !== undefined) fillForms(core, options, options.forms);
  if (options.stripe) fillStripe(core);
  if (!window.navigation) watchMoves();
  return tracker;
}
