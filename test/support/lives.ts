/**
 * What D1 bills for the life of a click and of an order: redirect, landing, five months of hourly rounds, and orders of two
 * items. Runs wherever D1 is, on a database with the two programs in it.
 */
import { app } from '../../edge/app.ts';
import { DAY_MS } from '../../edge/core/attribution.ts';
import type { Env } from '../../edge/deps.ts';
import { upkeep } from '../../edge/flows/upkeep.ts';
import { buildDeps } from '../../edge/worker.ts';
import { type Billed, counting } from './billed.ts';
import { BROWSER, PUBLISHABLE, SECRET, SHOP, START } from './programs.ts';

/** A click is kept for its window, here 30 days, and 120 more. */
export const KEPT_DAYS = 150;
const HOUR_MS = 3_600_000;
/** After which every letter had its turn. */
const ROUNDS = 64;

/** Rows of one of each. */
export interface Lives {
  readonly redirect: Billed;
  readonly landing: Billed;
  readonly ageing: Billed;
  readonly order: Billed;
  /** Of a landed click, both rows. */
  readonly bytes: number;
}

export async function lives(env: Env, { clicks, orders }: { clicks: number; orders: number }): Promise<Lives> {
  const { d1, billed } = counting(env.DB);
  let now = START;
  const built = await buildDeps({ ...env, DB: d1 }, { now: () => now });
  if (!built.ok) throw new Error('the secrets of tests are wrong');
  const deps = built.value;
  const fetch = (path: string, init: RequestInit) =>
    app.fetch(
      new Request(new URL(path, 'https://t.example'), { redirect: 'manual', ...init }),
      { ...env, deps } as never,
      { waitUntil: () => undefined } as never,
    );
  const post = (path: string, body: object, headers: Record<string, string>) =>
    fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
  /** Rows that so many of them took, by one. */
  const each = async (count: number, act: (number: number) => Promise<unknown>, of = count): Promise<Billed> => {
    const before = { ...billed };
    for (let number = 0; number < count; number++) await act(number);
    return {
      rowsRead: (billed.rowsRead - before.rowsRead) / of,
      rowsWritten: (billed.rowsWritten - before.rowsWritten) / of,
      roundTrips: (billed.roundTrips - before.roundTrips) / of,
    };
  };
  const size = async () => (await env.DB.prepare('SELECT count(*) FROM programs').run()).meta.size_after;

  const follow = async () => {
    now += 1_000;
    const response = await fetch('/go/anna', { headers: BROWSER });
    return new URL(response.headers.get('location') ?? 'none:').searchParams.get('tcid') ?? '';
  };
  const land = async (tcid: string) => {
    const call = { key: PUBLISHABLE, consent: 'granted', url: `${SHOP}/?tcid=${tcid}` };
    const response = await post('/v1/events', call, { 'content-type': 'text/plain', origin: SHOP });
    return (await response.json()) as { visitorId: string };
  };
  const buy = async (number: number, visitorId: string, clickId: string) => {
    const items = ['tent', 'stove'].map((sku, line) => ({ sku, quantity: 1 + line, price: 4_000 + number }));
    const customer = { id: `c-${number}`, emailSha256: number.toString(16).padStart(64, '0') };
    const order = { orderId: `${number}`, currency: 'EUR', items, visitorId, clickId, customer };
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${SECRET}` };
    const response = await post('/v1/conversions', order, headers);
    if (response.status !== 201) throw new Error(`an order was refused: ${await response.text()}`);
  };

  // What only the first of all costs is none of a single one's.
  await land(await follow());
  const tcids: string[] = [];
  const visitors: string[] = [];
  const empty = await size();
  const redirect = await each(clicks, async () => tcids.push(await follow()));
  const landing = await each(clicks, async (number) => visitors.push((await land(tcids[number] ?? '')).visitorId));
  const bytes = ((await size()) - empty) / clicks;
  const order = await each(orders, (number) => buy(number, visitors[number] ?? '', tcids[number] ?? ''));
  const round = (lastsMs: number) => async () => {
    await upkeep(deps);
    now += lastsMs;
  };
  const young = await each(12, round(DAY_MS), clicks);
  now += KEPT_DAYS * DAY_MS;
  // Each of the empty days between would cost the program its one row; that is no click's.
  await env.DB.prepare('UPDATE click_rollups SET through_day = ?')
    .bind(Math.floor(now / DAY_MS) - 2)
    .run();
  const old = await each(ROUNDS, round(HOUR_MS), clicks);
  const left = 'SELECT (SELECT count(*) FROM clicks) + (SELECT count(*) FROM touches) AS n';
  if ((await env.DB.prepare(left).first('n')) !== 0) throw new Error('not every click and touch was retired');
  // A touch is looked at whenever its letter has its turn.
  const looks = (KEPT_DAYS * 24) / ROUNDS;
  const ageing = {
    rowsRead: young.rowsRead + old.rowsRead + looks,
    rowsWritten: young.rowsWritten + old.rowsWritten,
    roundTrips: young.roundTrips + old.roundTrips,
  };
  return { redirect, landing, ageing, order, bytes };
}
