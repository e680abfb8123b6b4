/** For the shop's developer: what to paste, what to post, and where the first order is seen. */
import type { ComponentChildren } from 'preact';
import stub from '../../sdk/stub.js';
import { useHere } from '../here.ts';
import { Copy } from '../ui/Copy.tsx';
import { Page } from '../ui/Page.tsx';

export default function Setup() {
  const { program } = useHere().session.current;
  const demo = program.mode === 'sandbox' && program.slug === 'demo';
  const key = demo ? 'trb_pk_test_demo' : 'trb_pk_…';
  const secret = demo ? 'trb_sk_test_demo' : 'trb_sk_…';
  const { origin } = location;

  const snippet = `<script>${stub}</script>
<script async src="${origin}/sdk.js" data-key="${key}"></script>`;
  const keep = `tributary('get', 'clickId', (clickId) => {
  // keep it with the cart, so that your server can send it along
});`;
  const order = `curl '${origin}/v1/conversions?explain=1' \\
  -H 'authorization: Bearer ${secret}' \\
  -H 'content-type: application/json' \\
  -d '{
    "orderId": "test-1001",
    "currency": "${program.currency}",
    "amount": 4200,
    "clickId": "…"
  }'`;
  return (
    <Page title="Set up" lead="From nothing to a first tracked test order: three pieces to paste.">
      <ol class="steps">
        <Step title="Put this into every page’s head" what="the snippet" code={snippet}>
          <p>
            The first line queues calls until the script has come; neither holds up the page. It notices a landing from
            a partner’s link by itself.
          </p>
          {!demo && (
            <p>
              Replace <code>trb_pk_…</code> by the program’s publishable key.
            </p>
          )}
        </Step>
        <Step title="Keep the click with the cart" what="the call" code={keep}>
          <p>
            The click id is a signed token. With it an order finds its partner even where cookies are lost. To try it,
            follow a partner’s link to a page with the snippet: from then on this call answers with one.
          </p>
        </Step>
        <Step title="Post each order from your server" what="the command" code={order}>
          <p>
            The amount is of goods after discounts, before tax and shipping, in the smallest unit. The same{' '}
            <code>orderId</code> again is the same order, so retrying is safe. <code>explain=1</code> answers with the
            reasons.
          </p>
          {!demo && (
            <p>
              Replace <code>trb_sk_…</code> by a secret key. It belongs on your server, never into a page.
            </p>
          )}
        </Step>
        <li>
          <h2>See it arrive</h2>
          <p>
            The order stands at once under <a href="/orders">Orders</a>, with who earned it and why. Without a click id
            it is kept too: credited to nobody, for the reason “No partner click”.
          </p>
        </li>
      </ol>
    </Page>
  );
}

function Step({
  title,
  what,
  code,
  children,
}: {
  title: string;
  what: string;
  code: string;
  children: ComponentChildren;
}) {
  return (
    <li>
      <h2>{title}</h2>
      {children}
      <div class="paste" data-copied>
        <pre class="code">
          <code>{code}</code>
        </pre>
        <Copy text={code} what={what} />
      </div>
    </li>
  );
}
