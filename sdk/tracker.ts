/**
 * The tracker: tells the server of landings, customers and orders, and remembers one visitor id. `script.ts` makes one of
 * a tag's attributes, `index.ts` one for bundlers; what only some pages need stands in files of its own.
 *
 * It stays out of the page's way: no call throws, blocks, or retries on a timer; a callback that throws is silenced.
 * What an order earns is for the server to decide, and so is where visitors must be asked for consent.
 */
import type { Command, Consent, EventsAnswer, EventsBody, Payload, Verb } from '../edge/contract.ts';
import { hideEmail, type Person } from './customer.ts';
import { safely, silence } from './safely.ts';
import { beacon, endpointOf, isShort, post } from './send.ts';
import { discard, keep, kept, recall, remember } from './visitor.ts';

export type { Consent };
export type Click = Payload<'click'>;
/** A customer as the shop knows them. An `email` is trimmed, lower-cased and hashed (SHA-256) before anything is sent. */
export type Customer = Payload<'identify'> & { email?: string };
/** A sign-up, say. Without an `orderId` there is one per customer. */
export type Lead = Omit<Payload<'lead'>, 'customer'> & { customer?: Customer };
/** Money in integers of the smallest unit: 49.99 EUR is 4999, 500 JPY is 500. */
export type Order = Omit<Payload<'conversion'>, 'customer'> & { customer?: Customer };

export interface Options {
  /** The publishable key, `trb_pk_…`. */
  key: string;
  /** Where the Worker answers: an origin, perhaps with a path, or a path of the page's own origin such as `/_t`. */
  host: string;
  /**
   * What the visitor chose before. Left out, the server decides by country whether they must be asked; where they must,
   * everything waits in the page's memory. Any other word counts as left out.
   */
  consent?: Consent | undefined;
  /** The page's own names for `via` in its addresses, as `ref, aff`. */
  params?: string | undefined;
}

/** What there is to know just now; without an answer of the server, little. */
export interface State extends Partial<Omit<EventsAnswer, 'visitorId'>> {
  visitorId?: string | null | undefined;
  consent: Consent | undefined;
  /** Undefined: the server has not said yet. */
  allowed: boolean | undefined;
  queue: readonly Command[];
}

export interface Core {
  /** A click that the page's address does not show. A landing with `?tcid=` or `?via=` needs no call. */
  click(click: Click): void;
  /** This visitor is that customer: at sign-in, at sign-up. */
  identify(customer: Customer): void;
  /** A lead is an order of amount 0 in the program's currency. */
  lead(lead: Lead): void;
  /**
   * An order; unverified until the shop's server reports it too. Calls of one task travel in one post, and what is
   * still queued when the page is left goes as a beacon: navigate right after, if you like. The same `orderId` again
   * is the same order.
   */
  conversion(order: Order): void;
  /**
   * The visitor's choice, whenever it is made. `'granted'` sends what waited. `'denied'` drops it and erases the cookie;
   * from then on nothing is sent, stored or read. The page remembers how it was reached as long as it is open, so that a
   * `'granted'` after all tells of the landing. Global Privacy Control is a `'denied'` that no call overrides.
   */
  consent(choice: Consent): void;
  /** Calls back once: after the first answer or failure, at once when there is nothing to tell, at the latest after 3 s. */
  ready(done: () => void): void;
  /** Calls back once, within 3 s, with what the server said last; null where unknown or not allowed to know. */
  get(what: 'clickId' | 'visitorId' | 'partner', done: (value: string | null) => void): void;
  /** Forgets the visitor, at sign-out for example. Calls before it are still theirs. */
  reset(): void;
  /** Calls back at once with what there is to know. */
  peek(show: (state: State) => void): void;
}

export interface Tracker extends Core {
  /**
   * Links and forms to these other hosts of the shop (`checkout.example`, with a port if it is an unusual one) carry the
   * visitor along: a signed word, used once, within five minutes. It is asked for when one is pointed at or focused; a
   * click that is faster goes without.
   */
  decorate(domains: readonly string[]): void;
}

/** The same by name, as with the script tag: `tributary('conversion', order)`. Unknown names do nothing. */
export type Tributary = <V extends keyof Tracker>(verb: V, ...given: Parameters<Tracker[V]>) => void;

/** Of one post, as the server takes it. */
const MAX_COMMANDS = 50;
/** How long callbacks wait for a server that does not answer. */
const PATIENCE_MS = 3000;

/** Starts tracking, once per page: posts a landing, and takes it out of the address when it is answered. */
export function startTracker(options: Options): Core {
  let consent: Consent | undefined;
  /**
   * Undefined: posts leave, and the server says whether more is allowed. True: the visitor may be recognized, too.
   * False: nothing leaves, since the visitor said no or must be asked first.
   */
  let allowed: boolean | undefined;
  /**
   * What nobody has acknowledged, be it of the page before. Replaced, not emptied, when the visitor is forgotten: that
   * tells a later answer whom it is about.
   */
  let queue = kept(options.key) ?? [];
  /** So many of them are on their way. */
  let flying = 0;
  /** Done when every queued e-mail address is hashed. */
  let hashing: Promise<unknown> = Promise.resolve();
  /** The addresses of this page that were landings; it may have moved on since. So many of them were heard. */
  const landings: string[] = [];
  let heard = 0;
  /** What told of the latest. */
  let told: string | undefined;
  /**
   * The cookie is only ever written with permission and erased on denial, so where it stands there is permission;
   * without it, each page of a shop outside the countries that ask would make another visitor. Null: somebody new,
   * whatever the server's own cookie says.
   */
  let visitorId: string | null | undefined = recall();
  let answer: EventsAnswer | undefined;
  /** Somebody waits for an answer, though there may be nothing to tell. */
  let asking = false;
  let running: Promise<void> | undefined;
  let leaving = false;

  /**
   * `tcid` (a click's token), `tho` (a hand-over of the visitor), `via` (a link code) and the page's own names for it:
   * the server reads them, here they are found. Neighbours are taken together, so that the separator before them goes
   * too when nothing follows.
   */
  const telling = new RegExp(
    `([?&#])(?:(?:tcid|tho|via|${`${options.params}`.replace(/[^\w-]+/g, '|')})=[^&#]*(&|(?=#|$)))+`,
    'g',
  );
  const endpoint = endpointOf(options.host);

  /** Here, or to the server by a cookie that it hides. */
  const isKnown = () => visitorId || kept(options.key);

  const teller = (verb: Verb) =>
    safely((given: unknown) => {
      if (consent === 'denied') return;
      // A copy: the page may change its own afterwards, and one that cannot be written must not spoil a whole post.
      const payload: Person & { customer?: Person } = JSON.parse(JSON.stringify(given ?? {}));
      if (typeof payload !== 'object') return;
      hashing = Promise.all([hashing, hideEmail(payload), hideEmail(payload.customer)]);
      queue.push([verb, payload] as Command);
      flush();
    });

  /** At once, lest a page that ends without a word takes it along; and as it goes, by then hashed. */
  const save = () => allowed && (queue[0] || isKnown()) && keep(options.key, queue);

  /** Sends all there is, from the next microtask on, so that calls of one task share a post. Never rejects. */
  function flush(): Promise<void> {
    save();
    running ??= sendAll().catch(silence);
    return running;
  }

  /** One post at a time: commands arrive in order, and the second post knows the visitor of the first. */
  async function sendAll(): Promise<void> {
    try {
      for (;;) {
        for (let hashed: unknown; hashed !== hashing; ) {
          hashed = hashing;
          await hashed;
        }
        const landing = landings[heard];
        const wanted = landing || queue.length || (asking && !answer && isKnown());
        asking = false;
        if (!wanted || allowed === false) return;

        const [body, count] = pack();
        const [asked, stated] = [queue, consent];
        flying = count;
        const said = await post(endpoint, body);
        flying = 0;
        if (asked !== queue) continue;
        if (said === undefined) return;
        if (said?.consentRequired) {
          answer = said;
          // The visitor must be asked, unless they chose while the post was under way.
          if (consent === stated) allowed = false;
        } else {
          queue.splice(0, count);
          if (landing) heard++;
          if (said) hear(said);
        }
      }
    } finally {
      running = undefined;
    }
  }

  function hear(said: EventsAnswer): void {
    answer = said;
    allowed = true;
    clean();
    if (!said.visitorId) return;
    visitorId = said.visitorId;
    remember(visitorId);
    save();
  }

  /** The page may be gone in a moment: what waits leaves now, hashed or not, and nobody hears the answer. */
  function hurry(): void {
    if (allowed !== false && queue[flying]) beacon(endpoint, pack()[0]);
  }

  /**
   * A page that is left hears `pagehide` and then `visibilitychange`. In between, Chromium fails the posts under way,
   * though they arrive: so the second is passed over, lest they go twice.
   */
  function hide({ type }: Event): void {
    if (!leaving) hurry();
    save();
    leaving = type === 'pagehide';
  }

  /** The oldest commands that are not on their way, as many as one post may carry. */
  function pack(): [body: string, count: number] {
    for (let count = Math.min(queue.length - flying, MAX_COMMANDS); ; count >>= 1) {
      const body = JSON.stringify({
        key: options.key,
        visitorId,
        consent,
        url: landings[heard] ?? location.href,
        referrer: document.referrer,
        params: options.params,
        framed: top !== self || undefined,
        commands: queue.slice(flying, flying + count),
      } satisfies EventsBody);
      if (count < 2 || isShort(body)) return [body, count];
    }
  }

  /** A landing is told when what tells of it is new, and not whenever a page rewrites its address. */
  const look = safely(() => {
    const now = location.href.match(telling)?.join();
    if (!now || now === told) return;
    told = now;
    landings.push(location.href);
    flush();
  });

  /** Takes the click out of the address bar, lest it be bookmarked or shared. The rest stays as the page had it. */
  const clean = safely(() => {
    const rest = location.href.replace(telling, (_, before, after) => after && before);
    if (rest !== location.href) history.replaceState(history.state, '', rest);
  });

  function reset(): void {
    queue = [];
    answer = undefined;
    visitorId = null;
    remember('');
    discard(options.key);
  }

  function choose(choice: Consent | undefined): void {
    if (choice === 'denied' || (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl) {
      const known = isKnown();
      consent = 'denied';
      allowed = false;
      queue = [];
      const body = pack()[0];
      // Also one that was told: who says yes after all is somebody new.
      heard = 0;
      reset();
      clean();
      // The server erases its cookie, too, and unlinks the visitor.
      if (known) post(endpoint, body);
    } else if (choice === 'granted') {
      consent = choice;
      allowed = true;
      flush();
    }
  }

  /** Calls back when all there is was sent, or the server took too long. */
  function soon(done: () => void): void {
    Promise.race([flush(), new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))])
      .then(done)
      .catch(silence);
  }
  look();
  safely(choose)(options.consent);
  safely(() => {
    // On a phone the second may be the last that a page hears. It is the document's, hence captured.
    for (const type of ['pagehide', 'visibilitychange']) addEventListener(type, safely(hide), true);
    // Where there is no Navigation API, `moves.ts` stands in.
    ((window as { navigation?: EventTarget }).navigation ?? window).addEventListener('currententrychange', look);
  })();

  return {
    click: teller('click'),
    identify: teller('identify'),
    lead: teller('lead'),
    conversion: teller('conversion'),
    consent: safely(choose),
    ready: soon,
    get(what, done) {
      asking = true;
      soon(() => done(answer?.[what] ?? null));
    },
    reset: safely(() => {
      hurry();
      const known = isKnown();
      reset();
      if (known) beacon(endpoint, pack()[0]);
    }),
    peek: safely((show) => show({ ...answer, consent, allowed, visitorId, queue })),
  };
}
