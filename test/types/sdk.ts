/** What the SDK's types must refuse, and what they must take. Compiled, never run. */
import { createTracker, type Tributary } from '../../sdk/index.ts';

declare const tributary: Tributary;

const tracker = createTracker({ key: 'trb_pk_test_demo', host: '/_t' });
createTracker({ key: 'trb_pk_test_demo', host: '/_t', consent: undefined });
// @ts-expect-error a key is needed
createTracker({ host: '/_t' });
// @ts-expect-error a host is needed
createTracker({ key: 'trb_pk_test_demo' });
// @ts-expect-error granted or denied
createTracker({ key: 'trb_pk_test_demo', host: '/_t', consent: 'yes' });

tracker.conversion({ orderId: '1', currency: 'EUR', amount: 4999 });
tracker.conversion({
  orderId: '1',
  currency: 'EUR',
  items: [{ price: 4999, quantity: 1 }],
  customer: { email: 'a@b.test' },
});
// @ts-expect-error an order has an id
tracker.conversion({ currency: 'EUR', amount: 4999 });
// @ts-expect-error an order has a currency
tracker.conversion({ orderId: '1', amount: 4999 });
// @ts-expect-error money is a number of the smallest unit
tracker.conversion({ orderId: '1', currency: 'EUR', amount: '49.99' });
// @ts-expect-error the visitor is the SDK's to name
tracker.conversion({ orderId: '1', currency: 'EUR', amount: 4999, visitorId: 'AAAAAAAAAAAAAAAAAAAAAA' });
// @ts-expect-error consent is stated by its own call
tracker.conversion({ orderId: '1', currency: 'EUR', amount: 4999, consent: 'granted' });

tracker.click({ via: 'anna' });
// @ts-expect-error a click has no partner: `via` names the link
tracker.click({ partner: 'anna' });

tracker.identify({ id: '7', email: 'ada@shop.test' });
// @ts-expect-error ids are text
tracker.identify({ id: 7 });
tracker.lead({ customer: { emailSha256: '0'.repeat(64) } });
// @ts-expect-error a lead has no amount
tracker.lead({ customer: { id: '7' }, amount: 1 });

tracker.consent('granted');
// @ts-expect-error granted or denied
tracker.consent(true);

createTracker({
  key: 'trb_pk_test_demo',
  host: '/_t',
  params: 'ref, aff',
  domains: ['pay.shop.test'],
  forms: '',
  stripe: true,
});
// @ts-expect-error a list of hosts
createTracker({ key: 'trb_pk_test_demo', host: '/_t', domains: 'pay.shop.test' });
// @ts-expect-error names in one text, as in the attribute
createTracker({ key: 'trb_pk_test_demo', host: '/_t', params: ['ref'] });
// @ts-expect-error a selector; '' for all forms that post
createTracker({ key: 'trb_pk_test_demo', host: '/_t', forms: true });
// @ts-expect-error no such option
createTracker({ key: 'trb_pk_test_demo', host: '/_t', debug: true });
tracker.decorate(['pay.shop.test']);
// @ts-expect-error a list of hosts
tracker.decorate('pay.shop.test');
// @ts-expect-error hosts are texts
tracker.decorate([/shop/]);
tracker.peek(({ allowed, queue, clickId }) => {
  allowed satisfies boolean | undefined;
  clickId satisfies string | null | undefined;
  // @ts-expect-error it is read, not written
  queue.push(['click', {}]);
});
// @ts-expect-error nobody but the SDK asks for a hand-over
tracker.conversion({ orderId: '1', currency: 'EUR', amount: 4999, handover: true });

tracker.get('clickId', (clickId) => {
  // @ts-expect-error it may be unknown
  clickId.length;
});
// @ts-expect-error one of clickId, visitorId, partner
tracker.get('results', () => {});
// @ts-expect-error a callback is needed
tracker.ready();

tributary('conversion', { orderId: '1', currency: 'EUR', amount: 4999 });
tributary('ready', () => {});
tributary('reset');
tributary('decorate', ['pay.shop.test']);
// @ts-expect-error a list of hosts
tributary('decorate', 'pay.shop.test');
// @ts-expect-error no such verb
tributary('purchase', { orderId: '1' });
// @ts-expect-error each verb has its own payload
tributary('conversion', { via: 'anna' });
