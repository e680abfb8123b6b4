/**
 * A partner's site: Anna's blog, and at `/bob` a publisher's comparison page. Nothing of Tributary runs here; a partner
 * needs only links. The three kinds there are: a redirect (`/go/anna`), a deep link with a sub-id (`?u=…&sub1=…`), and
 * a direct link to the shop (`?via=anna`).
 */
import { type Context, Hono } from 'hono';
import { html, raw } from 'hono/html';
import style from './blog.css';
import { PRODUCTS, type Product, picture, productOf } from './products.ts';

type Markup = ReturnType<typeof html>;

/** Addresses of this run, whatever its port. */
interface Places {
  /** `/go/anna`, with what it may carry. */
  go(partner: string, to?: { sku: string; sub1: string }): string;
  /** To the shop without a redirect. */
  direct(partner: string, sku: string): string;
  shop: string;
}

interface Post {
  readonly slug: string;
  readonly title: string;
  readonly date: string;
  readonly lead: string;
  readonly sku: string;
  readonly body: (places: Places, product: Product) => Markup;
}

const POSTS: readonly Post[] = [
  {
    slug: 'dawn-kit',
    title: 'Why I stopped packing instant',
    date: '12 November',
    lead: 'Six hundred grams, one tin, and the end of the brown powder years.',
    sku: 'kit-dawn',
    body: (places, product) => html`
      <p>
        For eleven years I carried a jam jar of instant coffee into every hill I could reach by night bus. It weighed
        nothing, it tasted of nothing, and I defended it at parties. Then a woman at the Kalvtjärn shelter handed me half
        a cup from her dripper, said nothing at all, and went back to her book.
      </p>
      <p>
        The ${buy(places.go('anna', { sku: product.sku, sub1: 'dawn-kit' }), 'Dawn Kit')} is roughly what she had: a
        dripper that folds flat, an enamel mug, a bag of beans, and a tin to stop them from becoming one thing. I have
        carried it for five weekends. It has been sat on twice. The tin has a dent in the shape of my brother.
      </p>
      <h2>What is good</h2>
      <p>
        It is fast, which I did not expect. Water on, tent down, cup poured: the kettle is the slow part. The dripper
        stands on a narrow rim without wobbling, and the beans are roasted for cold air, so a lukewarm pour still tastes
        of apricot rather than of regret.
      </p>
      <blockquote>The kettle is the slow part. Everything else has learned to wait.</blockquote>
      <h2>What is not</h2>
      <p>
        You still need a grinder, and the tin rattles until you put a sock in it. Put a sock in it: it is where dry socks
        should live anyway.
      </p>
      ${offer(product, places.go('anna', { sku: product.sku, sub1: 'dawn-kit-card' }))}`,
  },
  {
    slug: 'forty-turns',
    title: 'Forty turns before anybody speaks',
    date: '3 October',
    lead: 'A hand grinder is slow in exactly the right place.',
    sku: 'grinder-tarn',
    body: (places, product) => html`
      <p>
        There is a rule in our tent: nobody may be asked anything before the second cup. The first one is made by
        whoever woke up, and it begins with forty turns of a crank, which is just long enough to look at the weather
        properly.
      </p>
      <p>
        I have had three hand grinders. One jammed, one leaked coffee into a sleeping bag, and the
        ${buy(places.direct('anna', product.sku), 'Tarn from Kettle & Fell')} has now done a hundred and sixty mornings.
        The crank folds along the body instead of poking a hole into everything I own, and the thirty-two clicks mean
        something: twelve is our dripper, eighteen the press at home.
      </p>
      <p>
        It is not cheap. It is also the only thing in my kitchen that I take out of the house on purpose. If you grind
        at home with electricity and never camp, spend the money on beans.
      </p>
      ${offer(product, places.direct('anna', product.sku))}`,
  },
  {
    slug: 'mug',
    title: 'The mug that chips',
    date: '28 August',
    lead: 'In defence of things that show where they have been.',
    sku: 'mug-ridge',
    body: (places, product) => html`
      <p>
        Mine has four chips. One is from the rocks under Stora Sjöfallet, one from a dishwasher, one from a goat, and one
        I will not discuss. Each of them has gone a soft, honest grey, and I could draw you the map from memory.
      </p>
      <p>
        Enamel is a strange thing to love. It burns your lip for the first minute and is cold in the tenth. But you can
        put a ${buy(places.go('anna'), 'Ridge mug')} straight into the embers, which is how I make the last cup of the
        day, and no flask, however clever, has ever looked right doing that.
      </p>
      <p>Buy one. Drop it early, so that you can stop being careful.</p>
      ${offer(product, places.go('anna', { sku: product.sku, sub1: 'mug-card' }))}`,
  },
];

const app = new Hono();

app.get('/', (c) =>
  page(c, {
    title: 'Small Hours Outside, by Anna Lindqvist',
    who: ANNA,
    body: html`<h1>Coffee, weather, and getting up before it is sensible.</h1>
      <ul class="list">
        ${POSTS.map((post) => {
          const product = productOf(post.sku);
          return html`<li>
            <div>
              <h2><a href="/posts/${post.slug}">${post.title}</a></h2>
              <p>${post.lead}</p>
              <div class="meta">${post.date}</div>
            </div>
            ${product ? raw(picture(product)) : ''}
          </li>`;
        })}
      </ul>`,
  }),
);

app.get('/posts/:slug', (c) => {
  const post = POSTS.find((one) => one.slug === c.req.param('slug'));
  const product = post && productOf(post.sku);
  if (!post || !product) return c.notFound();
  return page(c, {
    title: `${post.title} · Small Hours Outside`,
    who: ANNA,
    body: html`<article>
      <h1>${post.title}</h1>
      <p class="meta">${post.date} · ${post.lead}</p>
      ${raw(picture(product))} ${disclosure('I')} ${post.body(placesOf(c), product)}
    </article>`,
  });
});

app.get('/bob', (c) => {
  const places = placesOf(c);
  const rows = PRODUCTS.filter((product) => product.category === 'Brewing' || product.category === 'Tools');
  return page(c, {
    title: 'Coffee outdoors, compared · Gear Ledger',
    who: BOB,
    body: html`<article>
      <h1>Coffee outdoors, compared</h1>
      <p class="meta">Updated 15 November · weighed on our own scale, bought with our own money</p>
      ${disclosure('We')}
      <p>We boiled, ground and poured for a month. These three survived; the table says what each of them is for.</p>
      <div class="table" tabindex="0" role="region" aria-label="Comparison">
        <table>
          <thead>
            <tr><th scope="col">What</th><th scope="col">Good to know</th><th scope="col">Price</th></tr>
          </thead>
          <tbody>
            ${rows.map(
              (product) => html`<tr>
                <th scope="row">${buy(places.go('bob', { sku: product.sku, sub1: 'compare' }), product.name)}</th>
                <td>${product.facts[0]}. ${product.facts[1]}.</td>
                <td class="num">€${product.price / 100}</td>
              </tr>`,
            )}
          </tbody>
        </table>
      </div>
      <p>Short of money? Start with the dripper and any mug you own. Short of patience? ${buy(places.go('bob'), 'See the whole shop')}.</p>
    </article>`,
  });
});

app.notFound((c) => {
  c.status(404);
  return page(c, {
    title: 'Not here · Small Hours Outside',
    who: ANNA,
    body: html`<h1>This page wandered off.</h1><p class="meta">It may come back. <a href="/">The others are here.</a></p>`,
  });
});

export default app;

/** A partner's link is marked as one: what is paid for is told to readers, and to search engines by `rel`. */
const buy = (href: string, text: string): Markup => html`<a href="${href}" rel="sponsored">${text}</a>`;

const offer = (product: Product, href: string): Markup => html`<aside class="offer" aria-label="${product.name}">
  ${raw(picture(product))}
  <h3>${product.name}</h3>
  <div>
    <p>${product.line} €${(product.price / 100).toFixed(2)} at Kettle &amp; Fell. <b>Ad: I earn a commission.</b></p>
    <a class="button" href="${href}" rel="sponsored">Look at it in the shop</a>
  </div>
</aside>`;

const disclosure = (who: 'I' | 'We'): Markup => html`<p class="disclosure">
  <b>Advertising.</b> Links to Kettle &amp; Fell in this text are affiliate links: when you buy through them ${who === 'I' ? 'I earn' : 'we earn'}
  a commission, and you pay the same. They never paid for an opinion.
</p>`;

function placesOf(c: Context): Places {
  const { port } = new URL(c.req.url);
  const at = port ? `:${port}` : '';
  const shop = `http://shop.localhost${at}`;
  return {
    shop,
    go(partner, to) {
      const link = new URL(`http://localhost${at}/go/${partner}`);
      if (to) {
        link.searchParams.set('u', `${shop}/products/${to.sku}`);
        link.searchParams.set('sub1', to.sub1);
      }
      return link.href;
    },
    direct: (partner, sku) => `${shop}/products/${sku}?via=${partner}`,
  };
}

interface Author {
  readonly site: string;
  readonly line: string;
  readonly home: string;
  readonly face: string;
  readonly theme: string;
}

const ANNA: Author = {
  site: 'Small Hours Outside',
  line: 'Anna Lindqvist drinks coffee in inconvenient places.',
  home: '/',
  theme: 'anna',
  face: '<rect width="48" height="48" fill="#f3d9c4"/><path d="M8 48c1-12 9-15 16-15s15 3 16 15z" fill="#9c2f4b"/><circle cx="24" cy="22" r="10" fill="#efc09b"/><path d="M12 25c-3-16 8-19 13-18 9 1 13 8 10 19-1-6-3-9-6-11-4 4-10 4-14 3-2 2-3 4-3 7z" fill="#5a2f22"/>',
};
const BOB: Author = {
  site: 'Gear Ledger',
  line: 'Bob Okafor weighs things so that you carry less.',
  home: '/bob',
  theme: 'bob',
  face: '<rect width="48" height="48" fill="#cfdfe9"/><path d="M8 48c1-12 9-15 16-15s15 3 16 15z" fill="#1f5d8c"/><circle cx="24" cy="22" r="10" fill="#8a5a3c"/><path d="M13 20c0-9 6-12 11-12s11 3 11 12l-2-4H15z" fill="#1d1a18"/><path d="M16 25c2 9 14 9 16 0 2 12-4 13-8 13s-10-1-8-13z" fill="#2a211c"/>',
};

function page(c: Context, { title, who, body }: { title: string; who: Author; body: Markup }) {
  c.header('cache-control', 'no-store');
  const other = who === ANNA ? html`<a href="/bob">Gear Ledger</a>` : html`<a href="/">Small Hours Outside</a>`;
  return c.html(html`<!doctype html>
<html lang="en" class="${who.theme}">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${title}</title>
    <link rel="icon" href="data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48">${who.face}</svg>`)}" />
    <style>${raw(style)}</style>
  </head>
  <body>
    <a class="skip" href="#main">Skip to content</a>
    <header class="column">
      <svg viewBox="0 0 48 48" aria-hidden="true">${raw(who.face)}</svg>
      <div><a href="${who.home}">${who.site}</a><span>${who.line}</span></div>
    </header>
    <main class="column" id="main">${body}</main>
    <footer>
      <div class="column">
        An invented site of an invented partner, for the demo of Tributary. Read next: ${other}, or go to the shop
        <a href="${placesOf(c).shop}/">without a partner’s link</a>.
      </div>
    </footer>
  </body>
</html>`);
}
