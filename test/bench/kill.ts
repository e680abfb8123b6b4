/**
 * kill: the runtime is killed a hundred times, and more, in the midst of clicks and orders, and starts again on the same
 * data. What it had acknowledged is all there, and once.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readKeyRing } from '../../edge/core/key-ring.ts';
import { verify } from '../../edge/core/token.ts';
import { BROWSER } from '../support/programs.ts';
import { LOCAL_SECRETS } from '../support/secrets.ts';
import type { Figure, Measured } from './figure.ts';
import { calling, type Running, runProduct, runtimePid } from './product.ts';

const CLICKS = 50_000;
const ORDERS = 5_000;
const KILLS = 100;
const AT_ONCE = 16;
const AMOUNT = 5_000;
const COMMISSION = 500;

export const kill: Figure = {
  name: 'kill',
  seed: 0,
  async measure() {
    const state = mkdtempSync(join(tmpdir(), 'tributary-kill-'));
    const product = await runProduct({ state });
    try {
      const told = await underKills(product);
      return await figures(product, told);
    } finally {
      await product.dispose();
      rmSync(state, { recursive: true, force: true });
    }
  },
};

interface Told {
  /** Tokens of clicks that were answered as stored. */
  readonly stored: Set<string>;
  /** Redirects that were asked for. */
  asked: number;
  /** By order id, the conversion that was acknowledged. */
  readonly orders: Map<string, string>;
  kills: number;
  /** Resolves once the runtime answers again. */
  up: Promise<void>;
}

async function underKills(product: Running): Promise<Told> {
  const told: Told = { stored: new Set(), asked: 0, orders: new Map(), kills: 0, up: Promise.resolve() };
  const done = () => told.stored.size >= CLICKS && told.orders.size >= ORDERS && told.kills >= KILLS;
  let next = 0;

  const lane = async () => {
    while (!done()) {
      await told.up;
      try {
        const token = await click(product, told);
        // Orders and kills keep pace with the clicks, so that all fall among each other.
        if (next * (CLICKS / ORDERS) <= told.stored.size) await order(product, told, next++, token);
        if (told.kills * (CLICKS / KILLS) < told.stored.size && told.kills < KILLS) {
          told.kills += 1;
          told.up = killed(product);
        }
      } catch (cause) {
        if (cause instanceof Contradiction) throw cause;
        // Cut off: nobody was told anything.
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return told;
}

class Contradiction extends Error {}

/** Kills the runtime, whatever is under way in it, and waits for its next good answer: Miniflare starts it again. */
async function killed(product: Running): Promise<void> {
  const pid = runtimePid();
  if (pid === null) throw new Contradiction('no runtime to kill');
  process.kill(pid, 'SIGKILL');
  for (;;) {
    await new Promise((again) => setTimeout(again, 20));
    if (runtimePid() === pid) continue;
    try {
      await product.found();
      const health = await fetch(product.url('/health'), { signal: AbortSignal.timeout(2_000) });
      if (health.ok) return;
    } catch {}
  }
}

async function click(product: Running, told: Told): Promise<string> {
  told.asked += 1;
  const headers = { 'user-agent': BROWSER['user-agent'] };
  const response = await fetch(product.url('/go/anna'), { headers, redirect: 'manual' });
  await response.text();
  const token = new URL(response.headers.get('location') ?? '').searchParams.get('tcid') ?? '';
  if (response.headers.get('tributary-click') === 'stored') told.stored.add(token);
  return token;
}

/** Told until somebody answers, as a shop does. */
async function order(product: Running, told: Told, number: number, clickId: string): Promise<void> {
  const orderId = `kill-${number}`;
  const body = calling({ orderId, currency: 'EUR', amount: AMOUNT, clickId });
  for (;;) {
    const answer = await fetch(product.url('/v1/conversions'), body)
      .then(async (response) => ({ status: response.status, said: (await response.json()) as { id: string } }))
      .catch(() => null);
    if (answer === null || answer.status >= 500) {
      await new Promise((again) => setTimeout(again, 20));
      await told.up;
      continue;
    }
    if (answer.status > 201) throw new Contradiction(`${orderId} was answered ${JSON.stringify(answer)}`);
    told.orders.set(orderId, answer.said.id);
    return;
  }
}

async function figures({ rows }: Running, told: Told): Promise<Measured[]> {
  const keys = await readKeyRing(LOCAL_SECRETS.TOKEN_KEYS);
  const kept = new Set((await rows<{ key: string }>('SELECT key FROM clicks')).map((one) => one.key));
  let lost = 0;
  for (const token of told.stored) if (!kept.has((await verify(token, keys))?.key ?? '')) lost += 1;

  const conversions = await rows<{ order_id: string; id: string; amount: number | null }>(
    `SELECT order_id, c.id, sum(amount) AS amount FROM conversions AS c
     LEFT JOIN commissions AS m ON m.program_id = c.program_id AND m.conversion_id = c.id GROUP BY c.program_id, c.id`,
  );
  const wrong = [...told.orders].filter(([orderId, id]) => {
    const found = conversions.filter((one) => one.order_id === orderId);
    return found.length !== 1 || found[0]?.id !== id || found[0]?.amount !== COMMISSION;
  });
  const [ledger] = await rows<{ uneven: number; pending: number; transactions: number }>(
    `SELECT (SELECT count(*) FROM (SELECT 1 FROM ledger_entries GROUP BY program_id, currency, transaction_id HAVING sum(amount) <> 0)) AS uneven,
       (SELECT sum(amount) FROM ledger_entries WHERE account <> 'expense') AS pending,
       (SELECT count(*) FROM ledger_transactions) AS transactions`,
  );
  const off =
    ledger?.uneven !== 0 ||
    ledger.pending !== told.orders.size * COMMISSION ||
    ledger.transactions !== told.orders.size;
  const detail = `${told.kills} kills`;
  const row = (part: string, value: number, said: string): Measured => ({
    ...{ part, value, promise: '0', holds: value === 0 && told.kills >= KILLS, detail: `${said}, ${detail}` },
    unit: 'wrong',
  });
  return [
    row('clicks-lost', lost, `${told.stored.size} acknowledged`),
    row('clicks-twice', Math.max(0, kept.size - told.asked), `${kept.size} kept of ${told.asked} asked for`),
    row('orders', wrong.length + Math.abs(conversions.length - told.orders.size), `${told.orders.size} acknowledged`),
    row('ledger', off ? 1 : 0, `${ledger?.transactions} transactions, ${ledger?.uneven} uneven`),
  ];
}
