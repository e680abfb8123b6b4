/** Figures, small sizes: what one redirect, landing and order cost in rows and round trips. `npm run bench` has the large. */
import { env } from 'cloudflare:test';
import { beforeEach, expect, test } from 'vitest';
import type { Billed } from '../support/billed.ts';
import { crossDeviceOrder, fillClicks, plainOrder } from '../support/flat.ts';
import { ANNA, BROWSER, createWorld, PROGRAM, SECRET, SHOP, type World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

async function cost(act: () => Promise<unknown>): Promise<Billed> {
  const before = { ...world.billed };
  await act();
  return {
    rowsRead: world.billed.rowsRead - before.rowsRead,
    rowsWritten: world.billed.rowsWritten - before.rowsWritten,
    roundTrips: world.billed.roundTrips - before.roundTrips,
  };
}

test('click-rows: a redirect writes one row and, warm, reads at most three; with its landing it writes two', async () => {
  await world.click();
  const tcids: string[] = [];
  const redirects = await cost(async () => {
    for (let number = 0; number < 50; number++) tcids.push(await world.click());
  });
  expect(redirects).toMatchObject({ rowsWritten: 50, roundTrips: 50 });
  expect(redirects.rowsRead).toBeLessThanOrEqual(150);
  // The first of an isolate notes that the shop's set-up works.
  await world.events({ url: `${SHOP}/?tcid=${tcids[0]}` });
  for (const tcid of tcids) {
    expect(await cost(() => world.events({ url: `${SHOP}/?tcid=${tcid}` }))).toMatchObject({ rowsWritten: 1 });
  }
});

test('an unknown link and a refused one write nothing they need not', async () => {
  expect(await cost(() => world.fetch('/go/nobody', { headers: BROWSER }))).toMatchObject({ rowsWritten: 0 });
  expect(await cost(() => world.fetch('/go/anna', { method: 'HEAD' }))).toMatchObject({ rowsWritten: 0 });
});

test('conversion-flat: an order takes at most four round trips, and reads the same beside a hundred thousand clicks', {
  timeout: 60_000,
}, async () => {
  const door = { fetch: world.fetch, billed: () => world.billed, now: world.now };
  // The first order of all finds some tables empty.
  await plainOrder(door, 'first');
  const few = { plain: await plainOrder(door, 'few'), cross: await crossDeviceOrder(door, 'few-cross') };
  expect(few.plain.roundTrips).toBeLessThanOrEqual(4);
  await fillClicks(env.DB as never, { from: 0, to: 100_000 });
  // A look-up that finds nothing may touch a neighbour, or none.
  const same = (cost: Billed) => ({ ...cost, rowsRead: expect.closeTo(cost.rowsRead, -1.5) });
  expect(await plainOrder(door, 'many')).toEqual(same(few.plain));
  expect(await crossDeviceOrder(door, 'many-cross')).toEqual(same(few.cross));
});

test('no read of an order, a balance or a span grows with what else the program holds', async () => {
  const auth = { headers: { authorization: `Bearer ${SECRET}` } };
  const sell = async (orderId: string, code: string) =>
    world.order({ orderId, currency: 'EUR', amount: 1000, clickId: await world.click(code) });
  await sell('first', 'anna');
  world.at(world.now() + 40 * 86_400_000);
  const reads = async () => ({
    order: (await cost(() => world.fetch('/v1/conversions/order:first', auth))).rowsRead,
    again: (await cost(() => sell('first-again', 'anna'))).rowsRead,
    summary: (await cost(() => world.fetch('/v1/reports/summary?days=1', auth))).rowsRead,
  });
  const few = await reads();
  world.at(world.now() - 20 * 86_400_000);
  for (let number = 0; number < 60; number++) await sell(`${number}`, 'bob');
  world.at(world.now() + 20 * 86_400_000);
  const many = await reads();
  expect(many.order).toBeLessThanOrEqual(few.order + 2);
  expect(many.again).toBeLessThanOrEqual(few.again + 4);
  expect(many.summary).toBeLessThanOrEqual(few.summary + 10);
  // Bob's ledger is read for Bob; Anna's balance does not read it.
  world.look({ personId: '' as never, programId: PROGRAM, partnerId: ANNA });
  expect((await cost(() => world.fetch('/v1/balances'))).rowsRead).toBeLessThanOrEqual(12);
});
