/**
 * Orders told again and again, at once, alone and in lists, by a caller who loses a fifth of the answers: each must become
 * one conversion, with the commission that the plain telling of the rules works out. For the bench and for its small size.
 */
import type { Share } from '../../edge/core/attribution.ts';
import type { Terms } from '../../edge/core/commission.ts';
import type { PartnerId } from '../../edge/core/id.ts';
import { type Currency, type Minor, ppm } from '../../edge/core/money.ts';
import { earnings } from '../core/oracle-earnings.ts';
import { below, pick, type Random, shuffled } from '../core/random-journeys.ts';
import { SECRET } from './programs.ts';

/** Posts; null where the answer was lost on its way. */
export type Post = (
  path: string,
  init: { method: string; headers: Record<string, string>; body: string },
  how: { lost: boolean },
) => Promise<{ status: number; replayed: boolean; body: unknown } | null>;

const LOST = 0.2;
const MOST_TIMES = 5;
const MOST_ROWS = 20;
/** Orders whose calls are mixed with each other. */
const WAVE = 100;
const HOUR_MS = 3_600_000;
/** Of each kind of browser; their orders come at once as well. */
const PEOPLE = 10;

const fixed = { EUR: 700 as Minor };
const RULES: Terms['rules'] = [
  { when: { sku: 'tent' }, fixed },
  { when: { category: 'shoes' }, ratePpm: ppm(125_000), cap: { EUR: 9_000 as Minor, JPY: 120 as Minor } },
  { ratePpm: ppm(73_333) },
];

interface Order {
  readonly orderId: string;
  readonly body: string;
  /** Sent with a single call, by half of the orders. */
  readonly name: string | null;
  readonly times: number;
  /** What each partner earns, by slug. */
  readonly due: ReadonlyMap<string, number>;
}

export interface Outcome {
  readonly orders: readonly Order[];
  /** Answers that contradict another one, or what is due. */
  readonly contradictions: readonly string[];
  readonly calls: number;
  readonly lost: number;
}

/** A linear program with terms of several rules, and people with a click of Anna's, of Bob's, and of both. */
export async function prepare(
  post: Post,
  now: () => number,
): Promise<{ random: (random: Random, number: number) => Order }> {
  const told = async (path: string, body: unknown, method = 'POST') => {
    const answer = await post(path, { ...call(body), method }, { lost: false });
    if (!answer || answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer)}`);
    return answer.body as { results: { clickId: string }[] };
  };
  await told('/v1/program', { model: 'linear' }, 'PATCH');
  await told('/v1/terms', { rules: RULES });
  const occurredAt = now();
  const click = (partner: string, browser: string, hours: number) =>
    Array.from({ length: PEOPLE }, (_, number) => ({
      ...{ partner, visitorId: visitorOf(`${browser}-${number}`), occurredAt: occurredAt - hours * HOUR_MS },
    }));
  const clicks = [click('anna', 'anna', 3), click('bob', 'bob', 3), click('anna', 'both', 3), click('bob', 'both', 2)];
  const { results } = await told('/v1/clicks', clicks.flat());
  const clickId = results[0]?.clickId ?? '';
  return { random: (random, number) => randomOrder(random, { number, occurredAt, clickId }) };
}

const visitorOf = (browser: string) => `often-${browser}`.padEnd(22, '-');

function randomOrder(random: Random, given: { number: number; occurredAt: number; clickId: string }): Order {
  const { number, occurredAt, clickId } = given;
  const orderId = `often-${number}`;
  const currency = pick(random, 'EUR', 'EUR', 'JPY');
  const items = Array.from({ length: 1 + below(random, 3) }, () => {
    const [quantity, price] = [1 + below(random, 3), below(random, 60_000)];
    const goods = { sku: pick(random, 'tent', 'boot'), category: pick(random, 'shoes', 'camp') };
    return { ...goods, quantity, price, discount: below(random, quantity * price + 1) };
  });
  const browser = pick(random, 'anna' as const, 'bob', 'both', 'token', 'nobody');
  const person = `${browser}-${below(random, PEOPLE)}`;
  const visitor = { visitorId: visitorOf(person), customer: { id: person } };
  const how = { anna: visitor, bob: visitor, both: visitor, token: { clickId }, nobody: {} };
  return {
    orderId,
    body: JSON.stringify({ orderId, currency, occurredAt, items, ...how[browser] }),
    name: random() < 0.5 ? `once-${number}` : null,
    times: 1 + below(random, MOST_TIMES),
    due: dueOf(items, currency as Currency, browser),
  };
}

const SHARES: Readonly<Record<string, readonly [slug: string, shareMicros: number][]>> = {
  anna: [['anna', 1_000_000]],
  token: [['anna', 1_000_000]],
  bob: [['bob', 1_000_000]],
  both: [
    ['anna', 500_000],
    ['bob', 500_000],
  ],
  nobody: [],
};

function dueOf(
  items: readonly { sku: string; category: string; quantity: number; price: number; discount: number }[],
  currency: Currency,
  browser: string,
): Map<string, number> {
  const parts = earnings({
    sold: {
      ...{ event: 'sale', currency, customer: 'unknown', used: [], renewal: null },
      lines: items.map(({ price, quantity, discount }, line) => ({
        line,
        base: (price * quantity - discount) as Minor,
      })),
      goods: items,
    },
    verdict: {
      shares: (SHARES[browser] ?? []).map(
        ([slug, shareMicros]): Share => ({ partnerId: slug as PartnerId, shareMicros }),
      ),
      lines: [],
    },
    termsOf: () => TERMS,
  });
  const due = new Map<string, number>();
  for (const { partnerId, commission } of parts) due.set(partnerId, (due.get(partnerId) ?? 0) + commission);
  return due;
}

const TERMS: Terms = { version: 2, startsAt: 0, groupId: null, rules: RULES };

/** Tells so many orders, in waves; every call is repeated until its answer is heard. */
export async function tellOften(
  given: Awaited<ReturnType<typeof prepare>> & {
    post: Post;
    count: number;
    orderOf: (number: number) => Random;
    atOnce: number;
  },
): Promise<Outcome> {
  const { post, count, orderOf, atOnce } = given;
  const orders: Order[] = [];
  const contradictions: string[] = [];
  const ids = new Map<string, string>();
  const created = new Set<string>();
  let [calls, lost] = [0, 0];

  const heard = (order: Order, status: number, replayed: boolean, said: unknown) => {
    const { id, duplicate, allocations = [] } = said as Answer;
    const wrong = (why: string) => {
      contradictions.push(`${order.orderId}: ${why}: ${status} ${JSON.stringify(said)}`);
    };
    if (status >= 300 || id === undefined) {
      wrong('refused');
      return;
    }
    if ((ids.get(order.orderId) ?? id) !== id) wrong('another conversion');
    ids.set(order.orderId, id);
    if (!duplicate && !replayed && created.has(order.orderId)) wrong('made twice');
    if (!duplicate && !replayed) created.add(order.orderId);
    const differs =
      allocations.length !== order.due.size || allocations.some((one) => one.commission !== order.due.get(one.partner));
    if (differs) wrong(`not ${JSON.stringify([...order.due])}`);
  };
  const untilHeard = async (random: Random, body: string, name: string | null) => {
    for (;;) {
      calls += 1;
      const lose = random() < LOST;
      const headers = name === null ? {} : { 'idempotency-key': name };
      const answer = await post(
        '/v1/conversions',
        { ...call(), body, headers: { ...call().headers, ...headers } },
        { lost: lose },
      );
      if (answer) return answer;
      lost += 1;
    }
  };

  for (let first = 0; first < count; first += WAVE) {
    const random = orderOf(first);
    const wave = Array.from({ length: Math.min(WAVE, count - first) }, (_, at) => given.random(random, first + at));
    orders.push(...wave);
    const tellings = shuffled(
      random,
      wave.flatMap((order) => Array.from({ length: order.times }, () => order)),
    );
    const tasks: (() => Promise<void>)[] = [];
    while (tellings.length > 0) {
      // A list holds an order once: a row beside its own repeat is another test's business.
      const rows = [...new Set(tellings.splice(0, random() < 0.6 ? 1 : 1 + below(random, MOST_ROWS)))];
      const [only] = rows;
      const inList = rows.length > 1 || random() < 0.2;
      if (only && !inList) {
        tasks.push(async () => {
          const { status, replayed, body } = await untilHeard(random, only.body, only.name);
          heard(only, status, replayed, body);
        });
        continue;
      }
      const text = `[${rows.map((one) => one.body).join()}]`;
      const name = random() < 0.5 ? `list-${first}-${tasks.length}` : null;
      // A named list is sent by two at once.
      for (let times = name === null ? 1 : 2; times > 0; times--) {
        tasks.push(async () => {
          const { status, replayed, body } = await untilHeard(random, text, name);
          const { results = [] } = body as { results?: unknown[] };
          for (const [at, one] of rows.entries()) heard(one, status, replayed, results[at] ?? body);
        });
      }
    }
    const lane = async () => {
      for (let task = tasks.shift(); task; task = tasks.shift()) await task();
    };
    await Promise.all(Array.from({ length: atOnce }, lane));
  }
  return { orders, contradictions, calls, lost };
}

interface Answer {
  readonly id?: string;
  readonly duplicate?: boolean;
  readonly allocations?: readonly { partner: string; commission: number }[];
}

const call = (body: unknown = null) => ({
  method: 'POST',
  headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' } as Record<string, string>,
  body: JSON.stringify(body),
});

/** What the database holds against what was told: how many are wrong, of orders, commissions and the ledger. */
export async function wrongs(
  rows: <Row>(sql: string) => Promise<Row[]>,
  orders: readonly Order[],
): Promise<{ conversions: number; commissions: number; ledger: number }> {
  const conversions = await rows<{ order_id: string }>('SELECT order_id FROM conversions');
  const commissions = await rows<{ order_id: string; slug: string; amount: number }>(
    `SELECT c.order_id, e.slug, m.amount FROM commissions AS m
     JOIN conversions AS c ON c.program_id = m.program_id AND c.id = m.conversion_id
     JOIN enrollments AS e ON e.program_id = m.program_id AND e.partner_id = m.partner_id`,
  );
  const paid = Map.groupBy(commissions, (one) => one.order_id);
  const misPaid = orders.filter(({ orderId, due }) => {
    const parts = paid.get(orderId) ?? [];
    return parts.length !== due.size || parts.some((one) => one.amount !== due.get(one.slug));
  });
  const uneven = await rows<{ id: string }>(
    'SELECT transaction_id AS id FROM ledger_entries GROUP BY program_id, currency, transaction_id HAVING sum(amount) <> 0',
  );
  const balances = await rows<{ slug: string; balance: number }>(
    `SELECT e.slug, sum(l.amount) AS balance FROM ledger_entries AS l
     JOIN enrollments AS e ON e.program_id = l.program_id AND l.account = 'partner:' || e.partner_id || ':pending' GROUP BY e.slug`,
  );
  const misBalanced = ['anna', 'bob'].filter((slug) => {
    const due = orders.reduce((sum, one) => sum + (one.due.get(slug) ?? 0), 0);
    return (balances.find((one) => one.slug === slug)?.balance ?? 0) !== due;
  });
  return {
    conversions: new Set(conversions.map((one) => one.order_id)).size === orders.length ? conversions.length : -1,
    commissions: misPaid.length,
    ledger: uneven.length + misBalanced.length,
  };
}
