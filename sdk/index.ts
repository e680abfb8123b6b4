/**
 * Tributary in a shop's page: tells the server of landings, customers and orders, and remembers one visitor id.
 *
 * ```ts
 * import { createTracker } from '@tributary/sdk';
 *
 * const tracker = createTracker({ key: 'trb_pk_live_…', host: 'https://t.shop.example' });
 * tracker.identify({ id: 'customer-7', email: 'ada@shop.example' });
 * tracker.conversion({ orderId: '1001', currency: 'EUR', amount: 4999 });
 * ```
 *
 * It stays out of the page's way: no call throws, blocks, or retries on a timer; a callback that throws is silenced.
 * What an order earns is for the server to decide, and so is where visitors must be asked for consent.
 */
import type { Command, Consent, EventsAnswer, EventsBody, Payload, Verb } from '../edge/contract.ts';
import { cleanAddress, isLanding } from './address.ts';
import { hideEmail, type Person } from './customer.ts';
import { safely } from './safely.ts';
import { beacon, fits, post } from './send.ts';
import { forget, recall, remember } from './visitor.ts';

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
}

export interface Tracker {
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
}

/** The same by name, as with the script tag: `tributary('conversion', order)`. Unknown names do nothing. */
export type Tributary = <V extends keyof Tracker>(verb: V, ...given: Parameters<Tracker[V]>) => void;

/** Of one post, as the server takes it. */
const MAX_COMMANDS = 50;
const MAX_URL = 8192;
/** How long callbacks wait for a server that does not answer. */
const PATIENCE_MS = 3000;

/** Starts tracking, once per page: posts a landing, and takes it out of the address when it is answered. */
export function createTracker(options: Options): Tracker {
  let consent: Consent | undefined;
  /**
   * Undefined: posts leave, and the server says whether more is allowed. True: the visitor may be recognized, too.
   * False: nothing leaves, since the visitor said no or must be asked first.
   */
  let allowed: boolean | undefined;
  /** Replaced, not emptied, when the visitor is forgotten: that tells a later answer whom it is about. */
  let queue: Command[] = [];
  /** Done when every queued e-mail address is hashed. */
  let hashing: Promise<unknown> = Promise.resolve();
  /** The address that the page was reached by, when that is a landing; the page may have moved on since. */
  let arrival: string | undefined;
  /** The same, until the server has read it. */
  let landing: string | undefined;
  let visitorId: string | undefined;
  let answer: EventsAnswer | undefined;
  /** Somebody waits for an answer, though there may be nothing to tell. */
  let asking = false;
  let running: Promise<void> | undefined;
  let leaving = false;

  const endpoint = () => `${options.host.replace(/\/$/, '')}/v1/events`;

  /**
   * The cookie is only ever written with permission and erased on denial, so where it stands there is permission;
   * without it, each page of a shop outside the countries that ask would make another visitor.
   */
  function knownVisitor(): string | undefined {
    if (consent !== 'denied') visitorId ??= recall();
    return visitorId;
  }

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

  /** Sends all there is, from the next microtask on, so that calls of one task share a post. Never rejects. */
  function flush(): Promise<void> {
    running ??= sendAll().catch(silence);
    return running;
  }

  /** One post at a time: commands arrive in order, and the second post knows the visitor of the first. */
  async function sendAll(): Promise<void> {
    try {
      for (;;) {
        let hashed: unknown;
        do {
          hashed = hashing;
          await hashed;
        } while (hashed !== hashing);
        const wanted = landing || queue.length || (asking && !answer && knownVisitor());
        asking = false;
        if (!wanted || allowed === false) return;

        const { body, count } = pack();
        const [asked, stated] = [queue, consent];
        const batch = queue.splice(0, count);
        const said = await post(endpoint(), body);
        if (asked !== queue) continue;
        if (said === null) landing = undefined;
        else if (said && !said.consentRequired) hear(said);
        else {
          // None of it was taken.
          queue.unshift(...batch);
          if (!said) return;
          answer = said;
          // The visitor must be asked, unless they chose while the post was under way.
          if (consent === stated) allowed = false;
        }
      }
    } finally {
      running = undefined;
    }
  }

  function hear(said: EventsAnswer): void {
    answer = said;
    allowed = true;
    landing = undefined;
    cleanAddress();
    if (!said.visitorId) return;
    visitorId = said.visitorId;
    remember(visitorId);
  }

  /** The page may be gone in a moment: what is queued leaves now, hashed or not, and nobody hears the answer. */
  function hurry(): void {
    while (allowed !== false && queue.length) {
      const { body, count } = pack();
      if (!beacon(endpoint(), body)) return;
      queue.splice(0, count);
    }
  }

  /**
   * A page that is left hears `pagehide` and then `visibilitychange`. In between, Chromium fails the posts under way,
   * though they arrive: so the second is passed over, lest they go twice.
   */
  function hide({ type }: Event): void {
    if (!leaving) hurry();
    leaving = type === 'pagehide';
  }

  /** The oldest commands, as many as one post may carry. */
  function pack(): { body: string; count: number } {
    for (let count = Math.min(queue.length, MAX_COMMANDS); ; count >>= 1) {
      const body = JSON.stringify({
        key: options.key,
        visitorId: knownVisitor(),
        consent,
        url: (landing ?? location.href).slice(0, MAX_URL),
        referrer: document.referrer.slice(0, MAX_URL),
        commands: queue.slice(0, count),
      } satisfies EventsBody);
      if (count < 2 || fits(body)) return { body, count };
    }
  }

  function reset(): void {
    queue = [];
    answer = visitorId = undefined;
    forget();
  }

  function choose(choice: Consent | undefined): void {
    if (choice === 'denied' || (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl) {
      consent = 'denied';
      allowed = false;
      // Also one that was told: who says yes after all is somebody new.
      landing = arrival;
      reset();
      cleanAddress();
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

  safely(() => {
    // On a phone the second may be the last that a page hears. It is the document's, hence captured.
    for (const type of ['pagehide', 'visibilitychange']) addEventListener(type, safely(hide), true);
    if (isLanding(location.href)) arrival = landing = location.href;
    choose(options.consent);
  })();
  const started = new Promise<void>(soon);

  return {
    click: teller('click'),
    identify: teller('identify'),
    lead: teller('lead'),
    conversion: teller('conversion'),
    consent: safely(choose),
    ready: (done) => void started.then(done).catch(silence),
    get(what, done) {
      asking = true;
      soon(() => done(answer?.[what] ?? null));
    },
    reset: safely(() => {
      hurry();
      reset();
    }),
  };
}

const silence = () => {};
