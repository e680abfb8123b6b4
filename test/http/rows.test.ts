/** Figures, small sizes: what one redirect, landing and order cost in rows and round trips. `npm run bench` has the large. */
import { beforeEach, expect, test } from 'vitest';
import type { EventsAnswer } from '../../edge/contract.ts';
import type { Billed } from '../support/billed.ts';
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

test('an order takes at most four round trips, and reads no more when the program has a thousand times the clicks', async () => {
  const buy = async (orderId: string) => {
    const landed = await world.events({ url: `${SHOP}/?tcid=${await world.click()}` });
    const { visitorId, clickId } = await landed.json<EventsAnswer>();
    return cost(() =>
      world.fetch('/v1/conversions', {
        method: 'POST',
        headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' },
        body: JSON.stringify({ orderId, currency: 'EUR', amount: 1000, visitorId, clickId }),
      }),
    );
  };
  await buy('first of the isolate');
  const few = await buy('few');
  expect(few.roundTrips).toBeLessThanOrEqual(4);
  await world.rows(
    `WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 20000)
     INSERT INTO clicks (program_id, partner_id, key, class)
     SELECT program_id, partner_id, substr(key, 1, 16) || printf('%010d', value), class
     FROM (SELECT * FROM clicks LIMIT 1), n`,
  );
  expect((await buy('many')).rowsRead).toBeLessThanOrEqual(few.rowsRead + 2);
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
