/** Figure once, small size: orders told again and again, at once and with lost answers, are each one conversion. */
import { beforeEach, expect, test } from 'vitest';
import { mulberry32 } from '../core/random-journeys.ts';
import { type Post, prepare, tellOften, wrongs } from '../support/told-often.ts';
import { createWorld, type World } from '../support/world.ts';

const SEED = 6_020_261;
const ORDERS = 60;

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

test('each order is one conversion, its commission to the unit', { timeout: 60_000 }, async () => {
  const post: Post = async (path, init, { lost }) => {
    const response = await world.fetch(path, init);
    const body = await response.json();
    return lost ? null : { status: response.status, replayed: response.headers.has('idempotent-replayed'), body };
  };
  const prepared = await prepare(post, world.now);
  const orderOf = (first: number) => mulberry32(SEED + first);
  const told = await tellOften({ ...prepared, post, count: ORDERS, orderOf, atOnce: 12 });
  expect(told.contradictions, `seed ${SEED}`).toEqual([]);
  expect(told.lost).toBeGreaterThan(0);
  expect(await wrongs(world.rows, told.orders)).toEqual({ conversions: ORDERS, commissions: 0, ledger: 0 });
});
