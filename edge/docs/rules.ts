/** /docs/rules: who earns an order and why, told to everybody whom it concerns. `edge/core/` is where they run. */
import { html } from 'hono/html';
import { frame, type Html, type Place, table } from './page.ts';

const REASONS: readonly (readonly [code: string, about: string])[] = [
  ['last', 'The last click before the order earned it.'],
  ['first', 'The first click inside its window earned it.'],
  ['linear', 'Every partner clicked on the way earned an equal part.'],
  ['position', 'The first, the last and those between earned their parts.'],
  ['customer_lock', 'The customer belongs to the partner who brought the first order.'],
  ['code_owner_wins', 'A discount code’s owner earned it, before any click.'],
  ['code_suppressed', 'A discount code said that nobody earns.'],
  ['renewal', 'It renews an earlier order, whose partner earns again.'],
  ['forced', 'Somebody with the right to do so named the partner.'],
  ['late_match', 'The click or the customer became known after the order.'],
  ['no_touch', 'No click that counts led to it.'],
  ['outside_window', 'There was a click, too long before.'],
  ['enrollment_inactive', 'The click’s partner was not active.'],
  ['in_cart_guard', 'Every click came seconds before the order.'],
  ['channel_newer', 'Another paid channel was clicked later.'],
  ['self_referral', 'The partner itself was the buyer.'],
];

export function rules(place: Place): Html {
  const codes = (rows: readonly (readonly [string, string])[]) =>
    rows.map(([name, about]) => [html`<code>${name}</code>`, about] as const);
  return frame(place, 'rules', {
    title: 'Rules',
    lead: 'Who earns an order, and why. The same facts always come to the same answer, whatever order they arrive in.',
    body: html`
<nav class="contents" aria-label="On this page">
  <a href="#who">Who earns</a> <a href="#models">Models</a> <a href="#clicks">Clicks</a> <a href="#orders">Orders</a>
  <a href="#codes">Codes</a> <a href="#terms">What is earned</a> <a href="#people">People and consent</a> <a href="#reasons">Reasons</a>
  <a href="#sandbox">Sandbox</a>
</nav>

<h2 id="who">Who earns an order</h2>
<p>These are asked in turn, and the first that decides is the answer:</p>
<ol class="turns">
  <li>a partner named by somebody who has the right to; of a renewal, whoever earned the first order</li>
  <li>a discount code that says nobody earns</li>
  <li>a discount code that belongs to a partner, by the code’s own policy</li>
  <li>under <code>customer_lock</code>, the partner the customer is bound to</li>
  <li>one pool: the click that the order names, this visitor’s clicks, and those of the customer’s other browsers; the
    model picks</li>
  <li>nobody</li>
</ol>
<p>A click that the order names adds itself to the pool, with its own time; it does not win by being named. So a token that
  lay in an account for weeks never beats the real last click.</p>
<p>The latest click that may earn decides which policy holds for the order: its link’s, else its partner’s group’s, else
  the program’s, as it stood when the order was placed. Each click is tested by the window of its own time. Changing a
  setting never credits the past anew.</p>

<h2 id="models">Models</h2>
${table(
  'Models',
  ['Model', 'Who earns', 'Clicks on A, then B, then A'],
  [
    [html`<code>last</code>`, 'The last click before the order.', 'A 100 %'],
    [html`<code>first</code>`, 'The first click inside its window.', 'A 100 %'],
    [html`<code>linear</code>`, 'Each partner, the same part.', 'A 50 %, B 50 %'],
    [
      html`<code>position</code>`,
      'First 40 %, last 40 %, those between share 20 %. The weights can be set.',
      'A 80 %, B 20 %',
    ],
    [html`<code>customer_lock</code>`, 'The last click; then all of the customer’s later orders.', 'A, bound'],
  ],
)}
<p>Under <code>position</code>, a partner that is first and last has both weights. With two partners and nobody between,
  they share the middle by their weights; one alone has all. Parts are millionths and sum to exactly one; a unit that
  cannot be split goes to the later click. Of two clicks in one millisecond the greater click id is the later.</p>

<h2 id="clicks">Clicks</h2>
<ul class="plain">
  <li><b>Window.</b> An order counts when it was placed no later than the click plus its window, to the millisecond, in UTC.
    Only a click restarts it.</li>
  <li><b>Repeats.</b> A second click on the same partner within 30 minutes is not counted. It still restarts the window.</li>
  <li><b>Robots, prefetches, previews</b> are redirected and not counted, until a script lands with them: lists of robots
    err.</li>
  <li><b>Stuffing.</b> A link loaded as an image, a frame or by a script is no visit. It is refused, and stays so.</li>
  <li><b>Seconds before the order.</b> A program may set a guard: touches that late do not win, unless there is no other.</li>
  <li><b>Another channel.</b> If the order says that another paid channel was clicked later, a program may give it
    precedence.</li>
  <li><b>Partners who leave.</b> A click made while the partner was active is honored, unless the partner ended for cause.
    Their links go on leading to the shop.</li>
  <li><b>Tokens.</b> A click is proven by its signed token, even when its row was lost. An altered token earns nothing and
    stops no order. A landing later than 24 hours after its click is a copied address.</li>
  <li><b>When the database is away</b>, links still lead to the shop, and the token stands in.</li>
</ul>

<h2 id="orders">Orders</h2>
<ul class="plain">
  <li><b>One order, once.</b> An order is its id and its event. Told again with the same body, it is answered as it stands;
    with another, it is refused.</li>
  <li><b>Pages and servers.</b> A server’s word outranks a page’s: it corrects what the page said. An order that only a page
    told is unverified. What a page says of the click counts only where the server names neither click nor visitor.</li>
  <li><b>What is paid on.</b> The goods after discounts, before tax and shipping; gift cards and tips earn nothing. An order
    discount is spread over the lines by value. Prices that contain tax have it taken off.</li>
  <li><b>Money.</b> Each order keeps its currency; nothing is converted. Rates are parts per million; halves round away from
    zero, once for each line and partner.</li>
  <li><b>Time.</b> An order may be told up to 90 days later. Holds count from when it was placed or told, whichever is later.</li>
  <li><b>Not earned yet?</b> An order without a click is looked at again while its hold runs, should the click or the
    customer become known.</li>
  <li><b>New customers.</b> The shop’s word decides; without it, a customer’s first order here is <code>new</code>. Of an order that
    only a page told, nobody knows.</li>
</ul>

<h2 id="codes">Discount codes</h2>
<p>A code belongs to a partner and has a policy. One partner is paid, never two for the same thing.</p>
${table(
  'Policies of codes',
  ['Policy', 'What it does'],
  codes([
    ['always', 'Its owner earns, whoever was clicked. The default.'],
    ['if_involved', 'Its owner earns if it was clicked too; else the next code, then the clicks.'],
    ['if_winner', 'It never decides; it lets terms by code apply where its owner earns anyway.'],
    ['none', 'Nobody earns.'],
  ]),
)}
<p>Upper and lower case are one; <code>SUMMER*</code> is a family. On a line, a code decides that line. An expired or
  unknown code is noted, and the clicks decide.</p>

<h2 id="terms">What is earned</h2>
<p>Terms are a list of rules, and the first that matches a line pays it: by article, category, event, code, new or returning
  customer, or what the order must reach. A rule pays a rate of the line, or a fixed amount of the whole order, and may have
  a cap. A rule that lacks the order’s currency does not match; where none is left, nothing is earned and the reason says so.
  A partner’s group may have terms of its own. Renewals of a subscription are paid by the terms of its first order, for as
  many months as its rule says.</p>

<h2 id="people">People and consent</h2>
<ul class="plain">
  <li><b>Consent.</b> In the EEA, the UK and Switzerland, and where the country is unknown, silence is not consent: nothing
    is stored until the visitor says yes. When denied, no id is written or read; a code or a click id that the shop’s own
    server passes on still counts. Browsers that opt out by Global Privacy Control leave a number in a daily total.</li>
  <li><b>Several devices.</b> A customer is known by the shop’s id or by a hash of the e-mail address, both keyed before they
    are stored. A server that names both ties them; a page ties nothing, and credit that rests on a page’s word alone is
    unverified.</li>
  <li><b>Nothing leaks to partners.</b> A partner sees its own part of an order; all others are one line without name, time
    or amount.</li>
  <li><b>Buying from oneself.</b> A program may block, flag or allow it.</li>
</ul>

<h2 id="reasons">Reasons</h2>
<p>Every order says one of these:</p>
${table('Reasons of credit', ['Reason', 'Meaning'], codes(REASONS))}

<h2 id="sandbox">Sandbox</h2>
<p>A sandbox is a program of its own, with keys <code>…_test_…</code>. It takes orders of any past time, and its clock can be
  moved forward by <code>POST /v1/clock</code>: clicks, orders, windows and holds read it; keys are revoked by the time
  outside. Nothing is shared with the live program but people.</p>`,
  });
}
