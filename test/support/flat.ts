/**
 * What one order reads of the database, whatever else the program holds: an ordinary one, and one of a customer with as
 * many browsers and touches as an order ever reads. For benches and for their small sizes.
 */
import type { D1Database } from '@cloudflare/workers-types';
import type { Billed } from './billed.ts';
import { PROGRAM, SECRET } from './programs.ts';

const BROWSERS = 20;
const TOUCHES = 500;
const HOUR_MS = 3_600_000;
/** So many rows an insert. */
const CHUNK = 50_000;

export interface Door {
  fetch(
    path: string,
    init: { method: string; headers: Record<string, string>; body: string },
  ): Promise<{ json(): Promise<unknown> }>;
  billed(): Billed | Promise<Billed>;
  now(): number;
}

/** Gives the program clicks of strangers, from the one number to the other: each landed, five to a browser and customer. */
export async function fillClicks(d1: D1Database, { from, to }: { from: number; to: number }): Promise<void> {
  // Crockford's digits are digits: a number makes a key.
  const key = "'01KA' || printf('%022d', value)";
  const [browser, hash] = ["'stranger-' || printf('%013d', value / 5)", "printf('%064d', value / 5)"];
  const links = "JOIN links ON links.program_id = ?1 AND links.code = iif(value % 2, 'anna', 'bob')";
  const inserts = [
    `clicks (program_id, partner_id, key, class, link_id) SELECT ?1, partner_id, ${key}, 'valid', id FROM n ${links}`,
    `touches (program_id, visitor_id, click_key, partner_id, link_id, class)
     SELECT ?1, ${browser}, ${key}, partner_id, id, 'valid' FROM n ${links}`,
    `customer_keys (program_id, hash, kind, customer_id) SELECT ?1, ${hash}, 'email', ${hash} FROM n WHERE value % 5 = 0`,
    `identities (program_id, hash, visitor_id, last_at, proven) SELECT ?1, ${hash}, ${browser}, value, 1 FROM n WHERE value % 5 = 0`,
    `identifications (program_id, visitor_id, at, hash) SELECT ?1, ${browser}, value, ${hash} FROM n WHERE value % 5 = 0`,
  ];
  for (let first = from; first < to; first += CHUNK) {
    for (const insert of inserts) {
      const [into, select] = insert.split(/\s+(?=SELECT )/) as [string, string];
      await d1
        .prepare(
          `INSERT INTO ${into} WITH RECURSIVE n(value) AS (SELECT ?2 UNION ALL SELECT value + 1 FROM n WHERE value + 1 < ?3) ${select}`,
        )
        .bind(PROGRAM, first, Math.min(to, first + CHUNK))
        .run();
    }
  }
}

/** What an order of somebody with one browser costs; `name` makes it a new person's. */
export async function plainOrder(door: Door, name: string): Promise<Billed> {
  const visitorId = `plain-${name}`.padEnd(22, '-');
  const { clickId } = (await post(door, '/v1/clicks', { partner: 'anna', visitorId })) as { clickId: string };
  return orderOf(door, name, { visitorId, clickId });
}

/** The same of somebody seen in twenty browsers, who touched five hundred clicks in these. */
export async function crossDeviceOrder(door: Door, name: string): Promise<Billed> {
  const customer = { email: `${name}@shopper.example` };
  const visitors = Array.from({ length: BROWSERS }, (_, number) => `cross-${name}-${number}`.padEnd(22, '-'));
  await post(
    door,
    '/v1/identities',
    visitors.map((visitorId) => ({ visitorId, customer })),
  );
  const clicks = Array.from({ length: TOUCHES }, (_, number) => ({
    ...{ partner: number % 2 ? 'anna' : 'bob', visitorId: visitors[number % BROWSERS] },
    occurredAt: door.now() - (number + 1) * HOUR_MS,
  }));
  await post(door, '/v1/clicks', clicks);
  return orderOf(door, name, { visitorId: visitors[0] });
}

async function orderOf(door: Door, name: string, how: object): Promise<Billed> {
  const before = { ...(await door.billed()) };
  const said = await post(door, '/v1/conversions', {
    ...{ orderId: name, currency: 'EUR', amount: 10_000, customer: { email: `${name}@shopper.example` } },
    ...how,
  });
  const after = await door.billed();
  if ((said as { reason: string }).reason !== 'last')
    throw new Error(`an order without credit: ${JSON.stringify(said)}`);
  return {
    rowsRead: after.rowsRead - before.rowsRead,
    rowsWritten: after.rowsWritten - before.rowsWritten,
    roundTrips: after.roundTrips - before.roundTrips,
  };
}

async function post(door: Door, path: string, body: object): Promise<unknown> {
  const headers = { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' };
  return (await door.fetch(path, { method: 'POST', headers, body: JSON.stringify(body) })).json();
}
