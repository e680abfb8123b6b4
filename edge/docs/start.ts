/** /docs: from nothing to the first credited order, in five minutes. */
import { html } from 'hono/html';
import { code, frame, type Html, type Place } from './page.ts';

/** As `npm run build` makes it of `sdk/stub.js`; a test compares. */
export const STUB = 'if(!window.tributary){const i=(...t)=>i.q.push(t);i.q=[],window.tributary=i}';
/** A command's own would be taken for a robot's, and the click would earn nothing. */
const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36';

export function start(place: Place): Html {
  const { base } = place;
  const api = `${place.origin}${base}`;
  const step = (title: string, body: Html) => html`<li><h3>${title}</h3>${body}</li>`;
  return frame(place, '', {
    title: 'From a click to a commission',
    lead: 'A partner’s link is clicked, the visitor comes back and buys, the right partner earns, and everybody can see why. Five minutes to the first order.',
    body: html`
<h2 id="quick-start">Quick start</h2>
<ol class="river">
${step(
  'Make a link',
  html`<p>You have two keys: a publishable one for pages (<code>trb_pk_…</code>) and a secret one for your server
    (<code>trb_sk_…</code>). With the secret one, add a partner and a link.</p>
  ${code(
    `curl ${api}/v1/partners -H 'Authorization: Bearer trb_sk_…' \\
  -H 'Content-Type: application/json' -d '{"slug":"anna","name":"Anna Berg"}'

curl ${api}/v1/links -H 'Authorization: Bearer trb_sk_…' \\
  -H 'Content-Type: application/json' \\
  -d '{"partner":"anna","code":"anna-tent","url":"https://shop.example/tent"}'`,
    'Adding a partner and a link',
  )}
  <p>Anna shares <code>${api}/go/anna-tent</code>. Whoever follows it lands on the tent’s page with a signed click token,
    <code>?tcid=…</code>.</p>`,
)}
${step(
  'Paste the snippet',
  html`<p>On every page of the shop, before <code>&lt;/head&gt;</code>:</p>
  ${code(
    `<script>${STUB}</script>
<script async src="${api}/sdk.js" data-key="trb_pk_…"></script>`,
    'The snippet',
  )}
  <p>Tell it what the visitor chose: <code>tributary('consent', 'granted')</code> or <code>'denied'</code>. Until then
    nothing is stored where the law asks for a choice; the click lives in the memory of the page it landed on.</p>
  <p>The page’s origin must be on the program’s list:</p>
  ${code(
    `curl -X PATCH ${api}/v1/program -H 'Authorization: Bearer trb_sk_…' \\
  -H 'Content-Type: application/json' -d '{"origins":["https://shop.example"]}'`,
    'Allowing the shop’s origin',
  )}`,
)}
${step(
  'Keep the click with the cart',
  html`<p>Ask for the token where the checkout begins, and send it along with the form:</p>
  ${code(
    `tributary('get', 'clickId', (clickId) => {
  document.querySelector('[name=click_id]').value = clickId ?? '';
});`,
    'Keeping the click token',
  )}`,
)}
${step(
  'Post the order from your server',
  html`<p>Amounts are integers of the smallest unit. The same order may be sent any number of times: it is one order.</p>
  ${code(
    `await fetch('${api}/v1/conversions', {
  method: 'POST',
  headers: {
    authorization: 'Bearer trb_sk_…',
    'content-type': 'application/json',
    'idempotency-key': crypto.randomUUID(), // the same one when you try again
  },
  body: JSON.stringify({
    orderId: 'A-1001',
    currency: 'EUR',
    items: [{ sku: 'tent-2', name: 'Dawn Tent', quantity: 1, price: 24900 }],
    clickId: order.clickId,
    customer: { id: order.customerId },
  }),
});`,
    'Posting an order',
  )}`,
)}
${step(
  'Read why',
  html`<p>Add <code>?explain=1</code>, or read the order later: every order keeps who was considered, what decided, and each
    line’s arithmetic.</p>
  ${code(
    `{
  "id": "01KA2Q9V3R6W5T8Y1N4M7B0C2D", "orderId": "A-1001", "verified": true, "reason": "last",
  "allocations": [{ "partner": "anna", "commission": 2490, "currency": "EUR", "status": "pending", … }],
  "explain": {
    "step": "pool", "model": "last", "policyVersion": 1, "termsVersion": 1,
    "candidates": [{ "partner": "anna", "at": "2026-11-23T09:12:31.004Z", "kept": true, "why": "won", … }],
    "lines": [{ "item": "Dawn Tent", "base": 24900, "ratePpm": 100000, "commission": 2490, … }]
  }
}`,
    'An answer with its explanation',
  )}
  <p>What each reason means stands in <a href="${base}/docs/rules#reasons">the rules</a>.</p>`,
)}
</ol>

<h2 id="without-a-page">Try it without a page</h2>
<p>Follow the link as a browser would, and post an order with the token it carried:</p>
${code(
  `TCID=$(curl -s -o /dev/null -w '%{redirect_url}' \\
  -A '${BROWSER}' \\
  ${api}/go/anna-tent | sed 's/.*tcid=//')

curl '${api}/v1/conversions?explain=1' -H 'Authorization: Bearer trb_sk_…' \\
  -H 'Content-Type: application/json' \\
  -d '{"orderId":"test-1","currency":"EUR","amount":4200,"clickId":"'"$TCID"'"}'`,
  'A click and an order from a terminal',
)}

<h2 id="weeks-in-a-minute">See weeks pass in a minute</h2>
<p>A sandbox (keys <code>…_test_…</code>) has a clock of its own. Move it forward, and windows close and holds end:</p>
${code(
  `curl ${api}/v1/clock -H 'Authorization: Bearer trb_sk_test_…' \\
  -H 'Content-Type: application/json' -d '{"now":"2026-12-24T12:00:00Z"}'`,
  'Moving a sandbox’s clock',
)}

<h2 id="send-again">When an answer is lost, send again</h2>
<p>Networks fail after the work is done. Name a call with <code>Idempotency-Key</code>, any 1 to 255 visible characters of
  your own, and send it again with the same name, address and body: within 24 hours the answer is the first one’s, with
  <code>Idempotent-Replayed: true</code>, and nothing is done twice. What was refused leaves nothing, so a call may be put
  right and sent under the same name. The same name on another call is refused. Orders are safe even without: their own id
  makes them one.</p>

<h2 id="next">Then</h2>
<ul class="plain">
  <li><a href="${base}/docs/rules">Rules</a>: who earns an order, and why, case by case.</li>
  <li><a href="${base}/docs/reference">Reference</a>: every call, to read and to try.</li>
  <li><a href="${base}/docs/errors">Errors</a> and <a href="${base}/docs/limits">limits</a>: what can be refused, and how much is too much.</li>
</ul>`,
  });
}
