/** Clicks and touches, on real D1. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { VisitorId } from '../../edge/core/id.ts';
import { ANNA, createWorld, OTHER_PROGRAM, PROGRAM, type World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

const ADA = 'a'.repeat(22) as VisitorId;
const BEN = 'b'.repeat(22) as VisitorId;
const NOBODY = 'n'.repeat(22) as VisitorId;

describe('the newest touches', () => {
  /** `count` touches whose keys end in the numbers from `first` on, by `step`. */
  const touched = (visitor: VisitorId, { first = 0, step = 1, count = 10, program = PROGRAM }) =>
    world.rows(
      `WITH RECURSIVE n(value) AS (SELECT 0 UNION ALL SELECT value + 1 FROM n WHERE value < ? - 1)
       INSERT INTO touches (program_id, visitor_id, click_key, partner_id, class)
       SELECT ?, ?, printf('01KA0000000000000%09d', ? + value * ?), ?, 'valid' FROM n`,
      count,
      program,
      visitor,
      first,
      step,
      ANNA,
    );
  const numbers = async (visitors: VisitorId[], limit: number) =>
    (await world.deps.clicks.touches(PROGRAM, visitors, limit)).map((one) => Number(one.clickKey.slice(17)));

  test('of several visitors are merged, newest first, as whole rows', async () => {
    await touched(ADA, { first: 0, step: 2 });
    await touched(BEN, { first: 1, step: 2 });
    await touched(ADA, { first: 900, program: OTHER_PROGRAM });
    expect(await numbers([ADA, BEN, NOBODY, ADA], 5)).toEqual([19, 18, 17, 16, 15]);
    expect(await numbers([BEN], 3)).toEqual([19, 17, 15]);
    expect(await numbers([ADA, BEN], 500)).toHaveLength(20);
    expect(await numbers([], 5)).toEqual([]);
    expect(await numbers([NOBODY], 5)).toEqual([]);
    expect(await world.deps.clicks.lastTouch(PROGRAM, ADA)).toEqual({
      programId: PROGRAM,
      visitorId: ADA,
      clickKey: '01KA0000000000000000000018',
      partnerId: ANNA,
      linkId: null,
      class: 'valid',
    });
    expect(await world.deps.clicks.lastTouch(PROGRAM, NOBODY)).toBeNull();
  });

  test('are read without the older ones: a visitor with a hundred thousand costs no more', async () => {
    await touched(ADA, { count: 100_000 });
    await touched(BEN, { first: 99_900, count: 5 });
    const before = world.billed.rowsRead;
    expect(await numbers([ADA, BEN], 500)).toHaveLength(500);
    expect(world.billed.rowsRead - before).toBeLessThanOrEqual(2_100);
  });
});
