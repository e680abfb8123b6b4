/** GET /v1/attribution/compare on real D1: the same orders under each model, and under their own as they stand. */
import { beforeEach, expect, test } from 'vitest';
import type { CompareAnswer, EventsAnswer } from '../../edge/contract.ts';
import { ANNA, createWorld, OTHER_SECRET, PROGRAM, SECRET, SHOP, START, type World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

const ask = async (query = '', key = SECRET) =>
  (
    await world.fetch(`/v1/attribution/compare${query}`, { headers: { authorization: `Bearer ${key}` } })
  ).json<CompareAnswer>();
const short = (answer: CompareAnswer) =>
  Object.fromEntries(
    Object.entries(answer.models).map(([model, lines]) => [
      model,
      lines.map(
        (one) =>
          `${one.partner} ${one.creditMicros} ${one.amounts.map((sum) => `${sum.currency} ${sum.amount} ${sum.commission}`)}`,
      ),
    ]),
  );

/** Anna, then Bob, then an order of three lines. */
async function journey(orderId: string, codes: string[] = ['anna', 'bob']) {
  let visitorId: string | null = null;
  for (const code of codes) {
    world.at(world.now() + 3_600_000);
    const landed: EventsAnswer = await (
      await world.events({ url: `${SHOP}/?tcid=${await world.click(code)}`, ...(visitorId && { visitorId }) })
    ).json();
    visitorId = landed.visitorId;
  }
  world.at(world.now() + 3_600_000);
  const items = [105, 205, 305].map((price) => ({ quantity: 1, price }));
  await world.order({ orderId, currency: 'EUR', items, visitorId });
}

test('the same orders under each model, line by line', async () => {
  await journey('1');
  await journey('2', ['bob']);
  await world.order({ orderId: '3', currency: 'EUR', amount: 500 });
  const answer = await ask();
  expect(answer.orders).toBe(3);
  expect(short(answer)).toEqual({
    last: ['bob 2000000 EUR 1230 126'],
    first: ['anna 1000000 EUR 615 63', 'bob 1000000 EUR 615 63'],
    // Halves of 105, 205 and 305: Bob has 53, 103 and 153, which earn 5, 10 and 15.
    linear: ['bob 1500000 EUR 924 93', 'anna 500000 EUR 306 30'],
    position: ['bob 1500000 EUR 924 93', 'anna 500000 EUR 306 30'],
  });
});

test('under its own model an order comes out as it stands', async () => {
  for (const model of ['last', 'first', 'linear', 'position']) {
    world.at(world.now() + 1000);
    await world.fetch('/v1/program', {
      method: 'PATCH',
      headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model, guardSeconds: 7200 }),
    });
    const from = world.now();
    await journey(model, ['anna', 'bob', 'anna', 'bob']);
    const stood = await world.rows<{ partner_id: string; amount: number; base: number; share_micros: number }>(
      `SELECT partner_id, amount, base, share_micros FROM commissions WHERE conversion_id = (SELECT max(id) FROM conversions)`,
    );
    const [lines] = Object.values((await ask(`?from=${from}&models=${model}`)).models);
    expect(
      lines?.map((one) => [one.partnerId, one.creditMicros, one.amounts[0]?.amount, one.amounts[0]?.commission]).sort(),
    ).toEqual(stood.map((one) => [one.partner_id, one.share_micros, one.base, one.amount]).sort());
  }
});

test('asking changes nothing, costs one row an order, and is the program’s alone', async () => {
  for (let number = 0; number < 20; number++) await journey(`${number}`);
  const before = { ...world.billed };
  await ask();
  expect(world.billed.rowsWritten).toBe(before.rowsWritten);
  expect(world.billed.rowsRead - before.rowsRead).toBeLessThanOrEqual(2 * 20 + 10);
  expect((await ask('', OTHER_SECRET)).orders).toBe(0);
  world.look({ personId: '' as never, programId: PROGRAM, partnerId: ANNA });
  expect((await world.fetch('/v1/attribution/compare')).status).toBe(404);
});

test.each([
  ['/models', '?models=magic'],
  ['/from', '?from=soon'],
  ['/to', `?from=${START}&to=${START}`],
])('%s of %s is refused', async (pointer, query) => {
  const response = await world.fetch(`/v1/attribution/compare${query}`, {
    headers: { authorization: `Bearer ${SECRET}` },
  });
  expect(response.status).toBe(422);
  expect(await response.json()).toMatchObject({ errors: [{ pointer }] });
});
