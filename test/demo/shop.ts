/**
 * The demo shop: what a retailer's own server does beside Tributary, and no more. It pastes the snippet into its pages,
 * keeps the choice about consent, passes `/_t/` on to the Worker, and tells `POST /v1/conversions` of each order.
 *
 * It sells whether or not the engine answers: tracking is never in the way of an order.
 */
import type { KVNamespace } from '@cloudflare/workers-types';
import { type Context, Hono } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { html, raw } from 'hono/html';
import {
  discountOf,
  FREE_SHIPPING_FROM,
  PRODUCTS,
  type Product,
  percentOff,
  picture,
  productOf,
  SHIPPING,
  shippingOf,
} from './products.ts';
import style from './shop.css';

interface Env {
  /** The main Worker. */
  TRIBUTARY: { fetch(request: Request | string, init?: RequestInit): Promise<Response> };
  /** Orders placed, with what was sent and answered. */
  ORDERS: KVNamespace;
  /** The inline snippet, as in `sdk/stub.js`. */
  STUB: string;
}

type Markup = ReturnType<typeof html>;
type Ctx = Context<{ Bindings: Env }>;
type Consent = 'granted' | 'denied';

interface CartLine {
  readonly product: Product;
  readonly quantity: number;
}

/** What the visitor typed or the page's script filled in. */
interface Form {
  readonly orderId: string;
  readonly email: string;
  readonly name: string;
  readonly address: string;
  /** A discount code, upper case. */
  readonly code: string;
  readonly clickId: string;
  readonly visitorId: string;
}

/** The body of `POST /v1/conversions`, as far as this shop knows its part. */
interface Sent {
  orderId: string;
  currency: 'EUR';
  items: { sku: string; name: string; category: string; quantity: number; price: number }[];
  shipping: number;
  /** Off the goods as a whole. */
  discount?: number;
  codes?: string[];
  customer: { email: string };
  clickId?: string;
  visitorId?: string;
  consent?: Consent;
}

interface Placed {
  readonly sent: Sent;
  /** Null when the engine gave no answer. */
  readonly answer: { status: number; ms: number; body: unknown } | null;
}

const MAX_QUANTITY = 9;
const YEAR_S = 365 * 86_400;
const ANSWER_WITHIN_MS = 3_000;
const ORDER_ID = /^KF-[0-9A-F]{10}$/;

const app = new Hono<{ Bindings: Env }>();

// The Worker under the shop's own host: its cookie is first-party and lives its whole time (grade A). Its answers pass
// untouched, redirects and cookies included.
app.all('/_t/*', (c) => c.env.TRIBUTARY.fetch(c.req.raw));

app.get('/', (c) =>
  page(c, {
    title: 'Kettle & Fell: good coffee, far from the kitchen',
    body: html`
      <section class="hero">
        <div class="wide">
          <h1>Good coffee, far from the kitchen.</h1>
          <p>Kettles, cups and beans for people who have their best hour before the path gets busy.</p>
          <a class="button" href="#goods">See the goods</a>
        </div>
        ${raw(SCENE)}
      </section>
      <section class="section wide" id="goods">
        <h2>The whole shop</h2>
        <ul class="grid">
          ${PRODUCTS.map(
            (product) => html`<li class="goods">
              ${raw(picture(product))}
              <h3><a href="/products/${product.sku}">${product.name}</a></h3>
              <p>${product.line}</p>
              <p class="price num">${euro(product.price)}</p>
            </li>`,
          )}
        </ul>
      </section>
      <div class="promises">
        <ul class="wide">
          <li><b>Posted on Wednesdays</b>Beans are roasted the day before; the rest waits for them.</li>
          <li><b>Free from ${euro(FREE_SHIPPING_FROM)}</b>Below that it is ${euro(SHIPPING)}, anywhere a postman walks.</li>
          <li><b>Mended, not replaced</b>Seals, lids and handles for ten years. Write, we post one.</li>
        </ul>
      </div>`,
  }),
);

app.get('/products/:sku', (c) => {
  const product = productOf(c.req.param('sku'));
  if (!product) return c.notFound();
  return page(c, {
    title: `${product.name} · Kettle & Fell`,
    body: html`<div class="section wide product">
      ${raw(picture(product))}
      <div class="words">
        <span class="eyebrow">${product.category}</span>
        <h1>${product.name}</h1>
        <p class="price num">${euro(product.price)}</p>
        <p>${product.text}</p>
        <ul>
          ${product.facts.map((fact) => html`<li>${fact}</li>`)}
        </ul>
        <form class="buy" method="post" action="/cart">
          <input type="hidden" name="sku" value="${product.sku}" />
          <input type="hidden" name="change" value="add" />
          <div>
            <label for="quantity">Quantity</label><br />
            ${quantities('quantity', 1)}
          </div>
          <button class="button">Add to cart</button>
        </form>
      </div>
    </div>`,
  });
});

app.get('/cart', (c) => {
  const cart = readCart(c);
  return page(c, {
    title: 'Your cart · Kettle & Fell',
    body: html`<div class="section wide">
      <h1 class="head">Your cart</h1>
      ${cart.length === 0 ? emptyCart() : cartRows(cart)}
    </div>`,
  });
});

app.post('/cart', async (c) => {
  const form = await c.req.parseBody();
  const product = productOf(String(form.sku ?? ''));
  if (product) {
    const cart = readCart(c);
    const known = cart.find((line) => line.product === product)?.quantity ?? 0;
    const wanted = form.change === 'remove' ? 0 : Math.trunc(Number(form.quantity)) || 0;
    const quantity = Math.min(MAX_QUANTITY, Math.max(0, form.change === 'add' ? known + wanted : wanted));
    const changed = known
      ? cart.map((line) => (line.product === product ? { product, quantity } : line))
      : [...cart, { product, quantity }];
    writeCart(c, changed);
  }
  if (form.next === 'checkout') return c.redirect('/checkout', 303);
  // Back to the quantity that was changed: a keyboard goes on from there.
  return c.redirect(product && !form.change ? `/cart#q-${product.sku}` : '/cart', 303);
});

app.get('/checkout', (c) => {
  const cart = readCart(c);
  if (cart.length === 0) return c.redirect('/cart', 303);
  const email = accountOf(c) ?? '';
  return checkout(c, cart, {
    orderId: newOrderId(),
    email,
    name: '',
    address: '',
    code: '',
    clickId: '',
    visitorId: '',
  });
});

app.post('/checkout', async (c) => {
  const body = await c.req.parseBody();
  const form = readForm(body);
  const known = ORDER_ID.test(form.orderId);
  // The page made the order's number, so pressing twice, or going back and pressing again, is still one order.
  if (known && (await c.env.ORDERS.get(form.orderId))) return c.redirect(`/thanks/${form.orderId}`, 303);
  const cart = readCart(c);
  if (cart.length === 0) {
    c.status(422);
    return page(c, {
      title: 'Your cart is empty · Kettle & Fell',
      body: html`<div class="section wide">
        <div class="notice" role="alert">There is nothing to pay for yet: your cart is empty. Nothing was charged.</div>
        ${emptyCart()}
      </div>`,
    });
  }
  const order = { ...form, orderId: known ? form.orderId : newOrderId() };
  const flaws = flawsOf(order);
  if (body.apply !== undefined) return checkout(c, cart, order, { code: flaws.code });
  if (flaws.email || flaws.code) return checkout(c, cart, order, flaws);

  const sent = conversionOf(cart, order, choiceOf(c));
  const placed: Placed = { sent, answer: await tell(c.env, sent) };
  await c.env.ORDERS.put(order.orderId, JSON.stringify(placed));
  deleteCookie(c, 'kf_cart');
  return c.redirect(`/thanks/${order.orderId}`, 303);
});

app.get('/thanks/:orderId', async (c) => {
  const placed = await c.env.ORDERS.get<Placed>(c.req.param('orderId'), 'json');
  if (!placed) return c.notFound();
  const { sent } = placed;
  return page(c, {
    title: 'Thank you · Kettle & Fell',
    body: html`<div class="section wide">
      <h1 class="head">Thank you. The kettle is on.</h1>
      <div class="two">
        <div class="stack">
          <p>
            Order <b class="num">${sent.orderId}</b> is placed, and a letter about it would go to
            <b>${sent.customer.email}</b>, if this were a real shop. You can reload this page; it will not order again.
          </p>
          <a class="button quiet" href="/">Back to the shop</a>
        </div>
        ${summary(cartOf(sent), sent.codes?.[0] ?? '')}
      </div>
      ${behindTheScenes(placed)}
    </div>
    ${toldByPage(sent)}`,
  });
});

app.get('/account', (c) => {
  const email = accountOf(c);
  return page(c, {
    title: `${email ? 'Your account' : 'Sign in'} · Kettle & Fell`,
    body: email ? account(email) : signIn('', null),
  });
});

// Who one says to be is believed: this is a demo.
app.post('/account', async (c) => {
  const body = await c.req.parseBody();
  if (body.leave !== undefined) {
    deleteCookie(c, 'kf_account');
    return c.redirect('/account', 303);
  }
  const { email } = readForm(body);
  const flaw = emailFlaw(email);
  if (flaw) {
    c.status(422);
    return page(c, { title: 'Please check · Sign in · Kettle & Fell', body: signIn(email, flaw) });
  }
  setCookie(c, 'kf_account', email, { path: '/', maxAge: YEAR_S, sameSite: 'Lax', httpOnly: true });
  return c.redirect('/account', 303);
});

// Without script the banner's buttons post here; with it they are answered in the page.
app.post('/consent', async (c) => {
  const { choice } = await c.req.parseBody();
  if (choice === 'granted' || choice === 'denied') keepChoice(c, choice);
  const back = URL.parse(c.req.header('referer') ?? '');
  return c.redirect(back?.host === new URL(c.req.url).host ? back.pathname : '/', 303);
});

app.notFound((c) => {
  c.status(404);
  return page(c, {
    title: 'Not here · Kettle & Fell',
    body: html`<div class="section wide stack">
      <h1>Nothing on this path.</h1>
      <p>The page you followed is not here, or not any more.</p>
      <a class="button" href="/">Back to the shop</a>
    </div>`,
  });
});

export default app;

// ------------------------------------------------------------------------------------------------ the integration

/** What the engine is told: only what is known. */
function conversionOf(cart: readonly CartLine[], form: Form, consent: Consent | null): Sent {
  const goods = goodsOf(cart);
  return {
    orderId: form.orderId,
    currency: 'EUR',
    items: cart.map(({ product: { sku, name, category, price }, quantity }) => ({
      sku,
      name,
      category,
      quantity,
      price,
    })),
    shipping: shippingOf(goods),
    ...(form.code && { discount: discountOf(percentOff(form.code) ?? 0, goods), codes: [form.code] }),
    customer: { email: form.email },
    ...(form.clickId && { clickId: form.clickId }),
    ...(form.visitorId && { visitorId: form.visitorId }),
    ...(consent && { consent }),
  };
}

/** The same order as the page tells it: should the server's call be lost, this one stands, unverified. */
const toldByPage = ({ orderId, currency, items, shipping }: Sent): Markup =>
  html`<script type="application/json" data-tributary="conversion">
    ${raw(JSON.stringify({ orderId, currency, items, shipping }).replaceAll('<', '\\u003c'))}
  </script>`;

/** Posts the order to the engine, server to server. Whatever happens there, the order stands. */
async function tell(env: Env, sent: Sent): Promise<Placed['answer']> {
  const started = Date.now();
  try {
    const answer = await env.TRIBUTARY.fetch('http://localhost/v1/conversions?explain=1', {
      method: 'POST',
      headers: { authorization: 'Bearer trb_sk_test_demo', 'content-type': 'application/json' },
      body: JSON.stringify(sent),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    const text = await answer.text();
    return { status: answer.status, ms: Date.now() - started, body: parsed(text) };
  } catch {
    return null;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The snippet, as a shop pastes it: the stub at once, the script when it comes. */
const snippet = (stub: string, consent: Consent | null) => html`<script>
      ${raw(stub.trim())}
    </script>
    <script async src="/_t/sdk.js" data-key="trb_pk_test_demo" data-forms="#checkout"${raw(consent ? ` data-consent="${consent}"` : '')}></script>`;

/** For browsers without script: the landing is told by an image, once the shopper has said yes. */
const pixel = (c: Ctx, consent: Consent | null) => {
  const tcid = c.req.query('tcid');
  if (consent !== 'granted' || !tcid) return '';
  const query = new URLSearchParams({ key: 'trb_pk_test_demo', event: 'landing', consent, tcid });
  return html`<noscript><img src="/_t/v1/pixel.gif?${query}" width="1" height="1" alt="" /></noscript>`;
};

/** The banner's answer, and quantities that are saved as they are changed. */
const PAGE_SCRIPT = `
var asked, changed;
addEventListener('click', function (event) {
  if (changed && event.target.closest('[href="/checkout"]')) {
    // It is being saved: to leave now would cut that short.
    event.preventDefault();
    changed.elements.next.value = 'checkout';
    changed.requestSubmit();
    return;
  }
  var button = event.target.closest('[data-choice], [data-ask]');
  if (!button) return;
  var banner = document.getElementById('consent');
  if (button.hasAttribute('data-ask')) {
    asked = button;
    banner.hidden = false;
    banner.querySelector('button').focus();
    return;
  }
  event.preventDefault();
  document.cookie = 'kf_consent=' + button.value + '; Path=/; Max-Age=${YEAR_S}; SameSite=Lax';
  tributary('consent', button.value);
  banner.hidden = true;
  document.getElementById('choice').textContent = button.value;
  if (asked) asked.focus();
});
addEventListener('keydown', function (event) {
  // Enter in the code's field applies it; elsewhere it pays.
  if (event.key !== 'Enter' || event.target.id !== 'code') return;
  event.preventDefault();
  event.target.form.requestSubmit(document.getElementById('apply'));
});
addEventListener('change', function (event) {
  changed = event.target.closest('.change');
  if (changed) changed.requestSubmit();
});`;

// ---------------------------------------------------------------------------------------------------------- consent

/** The visitor's choice: preset by the address, else remembered in the shop's own cookie. */
function choiceOf(c: Ctx): Consent | null {
  const said = c.req.query('consent') ?? getCookie(c, 'kf_consent');
  return said === 'granted' || said === 'denied' ? said : null;
}

const accountOf = (c: Ctx): string | null => getCookie(c, 'kf_account') || null;

const keepChoice = (c: Ctx, choice: Consent) =>
  setCookie(c, 'kf_consent', choice, { path: '/', maxAge: YEAR_S, sameSite: 'Lax' });

const banner = (
  choice: Consent | null,
) => html`<aside class="consent" id="consent" aria-label="Consent" ${choice ? 'hidden' : ''}>
  <form class="wide" method="post" action="/consent">
    <p>May we remember how you found us? One cookie of our own, so that whoever recommended us gets paid.</p>
    <div>
      <button class="button quiet" name="choice" value="denied" data-choice>No, thanks</button>
      <button class="button quiet" name="choice" value="granted" data-choice>Yes, please</button>
    </div>
  </form>
</aside>`;

// ------------------------------------------------------------------------------------------------------------- cart

function readCart(c: Ctx): CartLine[] {
  return (getCookie(c, 'kf_cart') ?? '').split('.').flatMap((part) => {
    const [sku = '', count] = part.split('*');
    const product = productOf(sku);
    const quantity = Math.min(MAX_QUANTITY, Math.trunc(Number(count)) || 0);
    return product && quantity > 0 ? [{ product, quantity }] : [];
  });
}

function writeCart(c: Ctx, cart: readonly CartLine[]): void {
  const value = cart.filter((line) => line.quantity > 0).map(({ product, quantity }) => `${product.sku}*${quantity}`);
  setCookie(c, 'kf_cart', value.join('.'), { path: '/', maxAge: YEAR_S, sameSite: 'Lax', httpOnly: true });
}

const goodsOf = (cart: readonly CartLine[]): number =>
  cart.reduce((sum, { product, quantity }) => sum + product.price * quantity, 0);

const cartOf = (sent: Sent): CartLine[] =>
  sent.items.flatMap(({ sku, quantity }) => {
    const product = productOf(sku);
    return product ? [{ product, quantity }] : [];
  });

function readForm(body: Record<string, unknown>): Form {
  const text = (name: string) => (typeof body[name] === 'string' ? body[name].trim().slice(0, 400) : '');
  return {
    orderId: text('orderId'),
    email: text('email'),
    name: text('name'),
    address: text('address'),
    code: text('code').normalize('NFKC').toUpperCase().slice(0, 64),
    clickId: text('clickId'),
    visitorId: text('visitorId'),
  };
}

interface Flaws {
  readonly email?: string | null | undefined;
  readonly code?: string | null | undefined;
}

const flawsOf = ({ email, code }: Form): Flaws => ({
  email: emailFlaw(email),
  code: code && percentOff(code) === null ? `“${code}” is no code of ours. Try ANNA10, or leave it empty.` : null,
});

function emailFlaw(email: string): string | null {
  if (!email) return 'Please give an e-mail address, so that we can tell you when the parcel leaves.';
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)
    ? null
    : `“${email}” is not an e-mail address. It looks like name@example.com.`;
}

const newOrderId = (): string =>
  `KF-${[...crypto.getRandomValues(new Uint8Array(5))].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`.toUpperCase();

const euro = (cents: number): string =>
  new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR' }).format(cents / 100);

// ------------------------------------------------------------------------------------------------------------ pages

const emptyCart = () => html`<div class="stack">
  <p class="soft">It is empty, like a good campsite after you have left it.</p>
  <a class="button" href="/#goods">See the goods</a>
</div>`;

const quantities = (id: string, chosen: number, label?: string): Markup => html`<select
  id="${id}" name="quantity" ${label ? html`aria-label="${label}"` : ''}>
  ${Array.from({ length: MAX_QUANTITY }, (_, index) => index + 1).map(
    (count) => html`<option value="${count}" ${count === chosen ? 'selected' : ''}>${count}</option>`,
  )}
</select>`;

const cartRows = (cart: readonly CartLine[]): Markup => html`<div class="two">
  <ul class="rows">
    ${cart.map(
      ({ product, quantity }) => html`<li class="row">
        ${raw(picture(product))}
        <a href="/products/${product.sku}">${product.name}</a>
        <span class="num">${euro(product.price * quantity)}</span>
        <form class="change" method="post" action="/cart">
          <input type="hidden" name="sku" value="${product.sku}" />
          <input type="hidden" name="next" />
          ${quantities(`q-${product.sku}`, quantity, `Quantity of ${product.name}`)}
          <button class="button link" aria-label="Update quantity of ${product.name}">Update</button>
          <button class="button link" name="change" value="remove" aria-label="Remove ${product.name}">Remove</button>
        </form>
      </li>`,
    )}
  </ul>
  <div>${summary(cart, '', html`<a class="button" href="/checkout">To checkout</a>`)}</div>
</div>`;

const summary = (cart: readonly CartLine[], code: string, action: Markup | '' = ''): Markup => {
  const goods = goodsOf(cart);
  const shipping = shippingOf(goods);
  const off = offBy(code, goods);
  return html`<section class="sum" aria-label="Summary">
    <h2>Summary</h2>
    <dl>
      ${cart.map(
        ({ product, quantity }) => html`<dt>${quantity} × ${product.name}</dt>
          <dd class="num">${euro(product.price * quantity)}</dd>`,
      )}
      ${
        off > 0
          ? html`<dt>Code ${code}</dt>
      <dd class="num">−${euro(off)}</dd>`
          : ''
      }
      <dt>Shipping</dt>
      <dd class="num">${shipping === 0 ? 'free' : euro(shipping)}</dd>
      <dt class="total">Total</dt>
      <dd class="total num">${euro(goods - off + shipping)}</dd>
    </dl>
    ${action}
  </section>`;
};

const offBy = (code: string, goods: number): number => discountOf(percentOff(code) ?? 0, goods);

function checkout(c: Ctx, cart: readonly CartLine[], form: Form, flaws: Flaws = {}) {
  const [name, flaw] = Object.entries(flaws).find(([, one]) => one) ?? [];
  if (flaw) c.status(422);
  const goods = goodsOf(cart);
  const total = euro(goods - offBy(form.code, goods) + shippingOf(goods));
  const applied = form.code !== '' && !flaws.code;
  return page(c, {
    title: `${flaw ? 'Please check · ' : ''}Checkout · Kettle & Fell`,
    // The hidden button comes first: Enter pays, as on the button that shows the sum.
    body: html`<form class="section wide" id="checkout" method="post" action="/checkout" novalidate>
      <button hidden></button>
      <h1 class="head">Checkout</h1>
      ${flaw ? html`<div class="notice" role="alert">Your order is not placed yet. <a href="#${name}">${flaw}</a></div>` : ''}
      <div class="two">
        <div class="fields">
          ${field(form, 'email', 'E-mail', 'email', flaws.email)} ${field(form, 'name', 'Name (optional)', 'text')}
          ${field(form, 'address', 'Address (optional)', 'text')}
          <div class="with-button">
            ${field(form, 'code', 'Discount code (optional)', 'text', flaws.code)}
            <button class="button quiet" id="apply" name="apply" value="1">Apply</button>
          </div>
          <p class="small" role="status">${applied ? `${form.code} takes ${percentOff(form.code)} % off the goods.` : ''}</p>
          <input type="hidden" name="orderId" value="${form.orderId}" />
          <input type="hidden" name="clickId" value="${form.clickId}" />
          <input type="hidden" name="visitorId" value="${form.visitorId}" />
          <p class="soft small">No card is asked for and nothing is sent: this is a demo. Any address will do.</p>
        </div>
        ${summary(cart, flaws.code ? '' : form.code, html`<button class="button">Pay ${total}</button>`)}
      </div>
    </form>`,
  });
}

const signIn = (email: string, flaw: string | null): Markup => html`<div class="section wide stack">
  <h1>Sign in</h1>
  <p class="soft">No password, no letter: this is a demo. Sign in on two devices, or in a private window beside this one,
    and the shop knows you on both.</p>
  <form class="fields" method="post" action="/account" novalidate>
    ${field({ email }, 'email', 'E-mail', 'email', flaw)}
    <button class="button">Sign in</button>
  </form>
</div>`;

/** Its page tells Tributary who is here, as a shop's pages do after every sign-in. The script hashes the address. */
const account = (email: string): Markup => html`<div class="section wide stack">
  <h1>Hello again.</h1>
  <p>You are signed in as <b>${email}</b>.</p>
  <form method="post" action="/account"><button class="button quiet" name="leave" value="1">Sign out</button></form>
  <p class="soft small">For developers: this page called <code>tributary('identify', { email })</code>. A partner’s click in
    this browser can now earn an order that the same customer places in another one. It stays unverified until the shop’s
    server says the same, by an order from this browser or by <code>POST /v1/identities</code>.</p>
  <script>
    tributary('identify', { email: ${raw(inScript(email))} });
  </script>
</div>`;

/** As a literal in a page's script: no character of it can end the script. */
const inScript = (text: string): string => JSON.stringify(text).replaceAll('<', '\\u003c');

const AUTOCOMPLETE = { email: 'email', name: 'name', address: 'street-address', code: 'off' } as const;

const field = (
  form: Partial<Form>,
  name: keyof typeof AUTOCOMPLETE,
  label: string,
  type: string,
  flaw: string | null = null,
): Markup => html`<div class="field">
  <label for="${name}">${label}</label>
  <input id="${name}" name="${name}" type="${type}" value="${form[name] ?? ''}" autocomplete="${AUTOCOMPLETE[name]}"
    ${raw(name === 'email' ? 'required' : '')} ${raw(flaw ? `aria-invalid="true" aria-describedby="${name}-flaw"` : '')} />
  ${flaw ? html`<span class="flaw" id="${name}-flaw">${flaw}</span>` : ''}
</div>`;

const behindTheScenes = ({ sent, answer }: Placed): Markup => html`<details class="dev">
  <summary>For developers: what the shop’s server sent, and what Tributary answered<span>${inWords(answer)}</span></summary>
  <div class="both">
    ${unknownClick(sent, answer)}
    <div>
      <h3>Sent: POST /v1/conversions?explain=1</h3>
      <pre>Authorization: Bearer trb_sk_test_demo

${JSON.stringify(sent, null, 2)}</pre>
    </div>
    <div>
      <h3>${answer ? `Answered: ${answer.status}, after ${answer.ms} ms` : `No answer within ${ANSWER_WITHIN_MS / 1000} seconds`}</h3>
      <pre>${answer ? JSON.stringify(answer.body, null, 2) : 'The order stands all the same. A real shop would send it again later: the same order twice counts once.'}</pre>
    </div>
  </div>
</details>`;

interface Answered {
  allocations?: { partner: string; commission: number; shareMicros: number }[];
  reason?: string;
  detail?: string;
}

/** The answer in one line, as far as it can be read. */
function inWords(answer: Placed['answer']): string {
  if (!answer) return 'Tributary did not answer. The order stands all the same.';
  const { allocations, reason, detail } = (answer.body ?? {}) as Answered;
  if (!allocations)
    return `${answer.status < 500 ? 'Refused' : 'Failed'} with ${answer.status}${detail ? `: ${detail}` : ''}. The order stands all the same.`;
  const earned = allocations.map((one) =>
    one.shareMicros > 0 ? `${one.partner} earns ${euro(one.commission)}` : `${one.partner} keeps an assist`,
  );
  return `${earned.length > 0 ? earned.join(', ') : 'Nobody earns this order'} (reason: ${reason}).`;
}

/** Why an order that nobody earned may have carried no click. */
function unknownClick(sent: Sent, answer: Placed['answer']): Markup | '' {
  const { allocations } = (answer?.body ?? {}) as Answered;
  if (allocations?.length !== 0 || sent.clickId) return '';
  const why =
    sent.consent === 'granted'
      ? 'the visitor agreed only after leaving the page they landed on, or came without a link, or their browser opts out (GPC).'
      : `the visitor ${sent.consent ? 'said no' : 'has not answered the banner'}, or came without a link.`;
  return html`<p class="why">The order carried no clickId. That may be because ${why}</p>`;
}

function page(c: Ctx, { title, body }: { title: string; body: Markup }) {
  const preset = c.req.query('consent');
  const choice = choiceOf(c);
  if (choice && preset) keepChoice(c, choice);
  const count = readCart(c).reduce((sum, line) => sum + line.quantity, 0);
  const { port } = new URL(c.req.url);
  c.header('cache-control', 'no-store');
  return c.html(html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${title}</title>
    <link rel="icon" href="data:image/svg+xml,${encodeURIComponent(ICON)}" />
    ${snippet(c.env.STUB, choice)}
    <style>${raw(style)}</style>
  </head>
  <body>
    <a class="skip" href="#main">Skip to content</a>
    ${banner(choice)}
    ${pixel(c, choice)}
    <header>
      <div class="strap">A demo shop: nothing is sold or charged.</div>
      <div class="wide">
        <a class="brand" href="/">${raw(ICON)} Kettle &amp; Fell</a>
        <nav aria-label="Shop">
          <a href="/#goods">Goods</a>
          <a href="/account">${accountOf(c) ? 'Account' : 'Sign in'}</a>
          <a href="/cart">Cart<span class="count" aria-label="${count} in it">${count}</span></a>
        </nav>
      </div>
    </header>
    <main id="main">${body}</main>
    <footer>
      <div class="wide">
        <span>Kettle &amp; Fell, the demo shop of Tributary.</span>
        <span>Your choice about cookies: <b id="choice">${choice ?? 'not made yet'}</b> <button class="button link" type="button" data-ask>Change</button></span>
        <a href="http://blog.localhost${port && `:${port}`}/">Anna writes about us</a>
      </div>
    </footer>
    <script>${raw(PAGE_SCRIPT)}</script>
  </body>
</html>`);
}

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="8" fill="#1d5a45"/><path d="M4 25l8-13 5 7 3-4 8 10z" fill="#f3dbb4"/><circle cx="22" cy="9" r="3.5" fill="#e08a3a"/></svg>`;

/** Hills at first light, a stove, a kettle. */
const SCENE = `<svg class="scene" viewBox="0 0 1280 430" preserveAspectRatio="xMaxYMax slice" aria-hidden="true">
  <circle cx="905" cy="150" r="78" fill="var(--disc)" opacity=".9"/>
  <path d="M0 300l120-70 90 40 150-120 130 100 90-50 160 110 140-140 120 90 110-60 170 110v130H0z" fill="var(--far)"/>
  <path d="M0 340c140-70 250-10 360-40s220-80 350-20 190 20 300-20 180-20 270 20v150H0z" fill="var(--mid)"/>
  <path d="M0 380c180-60 330 10 520-20s260-60 420-20 230 10 340-20v110H0z" fill="var(--near)"/>
  <g fill="var(--ground)"><path d="M0 410c220-30 420 4 640-8s420-30 640 0v28H0z"/>
    <path d="M90 405l22-72 22 72zM128 408l17-52 17 52zM60 408l15-44 15 44zM1196 402l24-80 24 80zM1166 404l16-52 16 52zM560 402l14-46 14 46z"/></g>
  <g transform="translate(980 300)">
    <path d="M-6 98h92" stroke="var(--ground)" stroke-width="8" stroke-linecap="round"/><path d="M8 98l8-18h48l8 18" fill="none" stroke="var(--iron)" stroke-width="6"/>
    <path d="M30 80c-6-10 4-14 4-22 8 6 16 12 12 22z" fill="#f0a04a"/>
    <path d="M14 22h50l8 36H6z" fill="#3d6478"/><path d="M14 22h14l-5 36H6z" fill="#527d92"/><path d="M12 15h54v8H12z" fill="var(--iron)"/><path d="M24 15c2-9 28-9 30 0z" fill="#3d6478"/><circle cx="39" cy="4" r="5" fill="#d98a3d"/>
    <path d="M66 46c18 0 16-24 30-30" fill="none" stroke="var(--iron)" stroke-width="7" stroke-linecap="round"/><path d="M10 26c-26-4-24 34-2 30" fill="none" stroke="var(--iron)" stroke-width="6"/>
    <g fill="none" stroke="#fffaf0" stroke-width="5" stroke-linecap="round" opacity=".8"><path d="M100 2c-9-11 9-17 0-30"/><path d="M118-6c-9-11 9-17 0-30"/></g>
  </g>
</svg>`;
