/** Clicks and touches, on real D1. */
import { beforeEach, describe, expect, test } from 'vitest';
import { makeId, type VisitorId } from '../../edge/core/id.ts';
import type { ClickRow } from '../../edge/deps.ts';
import { bare } from '../../edge/flows/track.ts';
import { ANNA, ANNA_LINK, createWorld, OTHER_PROGRAM, PROGRAM, START, type World } from '../support/world.ts';

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

describe('a row that comes after the token has repaired it', () => {
  const click = {
    programId: PROGRAM,
    partnerId: ANNA,
    linkId: ANNA_LINK,
    key: makeId<'click'>(START, new Uint8Array(10)),
  };
  const seen = (given: Partial<ClickRow>): ClickRow => ({
    ...bare({ ...click, class: 'valid', at: START }),
    country: 'DE',
    device: 'mobile',
    sub1: 'letter',
    ...given,
  });
  const repaired = (given: Partial<ClickRow> = {}) => ({ ...bare({ ...click, class: 'valid', at: START }), ...given });
  const rows = () => world.rows('SELECT class, reason, country, device, sub1 FROM clicks');

  test.each([1, 2])('tells what was seen; once, whatever is sent again (%i at a time)', async (many) => {
    const { clicks } = world.deps;
    const of = (row: ClickRow) => Array.from({ length: many }, () => row);
    await clicks.record(of(repaired()));
    await clicks.record(of(seen({})));
    await clicks.record(of(seen({ country: 'FR' })));
    await clicks.record(of(repaired()));
    const after = world.billed.rowsWritten;
    await clicks.record(of(seen({})));
    expect(world.billed.rowsWritten).toBe(after);
    expect(await rows()).toEqual([{ class: 'valid', reason: null, country: 'DE', device: 'mobile', sub1: 'letter' }]);
  });

  test.each([
    ['a landing has vouched for a robot', { class: 'valid' }, { class: 'suspect', reason: 'bot' }, 'valid', null],
    ['a landing has found a repeat', { class: 'valid', reason: 'repeat' }, { class: 'valid' }, 'valid', 'repeat'],
    ['a flood is a flood', { class: 'valid' }, { class: 'suspect', reason: 'flood' }, 'valid', 'flood'],
    ['an order has repaired a suspect', { class: 'suspect' }, { class: 'suspect', reason: 'bot' }, 'suspect', 'bot'],
    [
      'a refused one stays so',
      { class: 'refused' },
      { class: 'refused', reason: 'not_navigation' },
      'refused',
      'not_navigation',
    ],
  ] as const)('counts as it should: %s', async (_name, standing, late, clickClass, reason) => {
    await world.deps.clicks.record([repaired(standing)]);
    await world.deps.clicks.record([seen(late)]);
    expect(await rows()).toEqual([{ class: clickClass, reason, country: 'DE', device: 'mobile', sub1: 'letter' }]);
  });

  test('a landing answers whether its click counts', async () => {
    const { clicks } = world.deps;
    const next = { ...repaired(), key: makeId<'click'>(START + 1, new Uint8Array(10)) };
    expect(await clicks.land(repaired(), ADA)).toBeNull();
    expect(await clicks.land(next, ADA)).toBe('repeat');
    await clicks.record([seen({ key: makeId(START + 2, new Uint8Array(10)), class: 'suspect', reason: 'flood' })]);
    expect(await clicks.land({ ...repaired(), key: makeId(START + 2, new Uint8Array(10)) }, BEN)).toBe('flood');
  });
});
