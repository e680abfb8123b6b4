/** The hourly round, on real D1: what reports say stays the same to the click, whatever is summed, retired, cut off. */
import { beforeEach, describe, expect, test } from 'vitest';
import { DAY_MS } from '../../edge/core/attribution.ts';
import { firstId, idTime, makeId, type PartnerId, type VisitorId } from '../../edge/core/id.ts';
import type { ClickRow, Upkeep } from '../../edge/deps.ts';
import { bare } from '../../edge/flows/track.ts';
import { upkeep } from '../../edge/flows/upkeep.ts';
import { mulberry32 } from '../core/random-journeys.ts';
import { ANNA, ANNA_LINK, BOB, createWorld, OTHER_PROGRAM, PROGRAM, START, type World } from '../support/world.ts';

const HOUR_MS = 3_600_000;
const SEED = 20_261_123;
const TODAY = Math.floor(START / DAY_MS);

let world: World;
let chance: () => number;
beforeEach(async () => {
  world = await createWorld();
  chance = mulberry32(SEED);
});

const bytes = () => Uint8Array.from({ length: 10 }, () => Math.floor(chance() * 256));
const JUDGED = [
  { class: 'valid', reason: null },
  { class: 'valid', reason: null },
  { class: 'valid', reason: 'repeat' },
  { class: 'suspect', reason: 'bot' },
] as const;

/** A click so many days ago, of a partner, link and class by chance. */
const clickOf = (daysAgo: number, given: Partial<ClickRow> = {}): ClickRow => {
  const at = START - daysAgo * DAY_MS - Math.floor(chance() * HOUR_MS);
  const partnerId = chance() < 0.5 ? ANNA : BOB;
  const linkId = chance() < 0.5 ? ANNA_LINK : null;
  const click = {
    key: makeId<'click'>(at, bytes()),
    programId: PROGRAM,
    partnerId,
    linkId,
    class: 'valid',
    at,
  } as const;
  return { ...bare(click), ...JUDGED[Math.floor(chance() * JUDGED.length)], ...given };
};

const whole = { from: (TODAY - 365) * DAY_MS, to: (TODAY + 1) * DAY_MS };
const told = async () => ({
  days: await world.deps.reports.clicksByDay({ programId: PROGRAM, partnerId: null }, whole),
  annas: await world.deps.reports.clicksByDay({ programId: PROGRAM, partnerId: ANNA }, whole),
  partners: await world.deps.reports.clicksByPartner(PROGRAM, whole),
  others: await world.deps.reports.clicksByDay({ programId: OTHER_PROGRAM, partnerId: null }, whole),
});

/** The same, by counting. */
const expected = (rows: readonly ClickRow[]) => {
  const sum = (of: readonly ClickRow[]) => ({
    clicks: of.length,
    counted: of.filter((row) => row.class === 'valid' && row.reason === null).length,
  });
  const dayOf = (row: ClickRow) => new Date(idTime(row.key)).toISOString().slice(0, 10);
  const days = (of: readonly ClickRow[]) =>
    [...Map.groupBy(of, dayOf)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([day, on]) => ({ day, ...sum(on) }));
  const own = rows.filter((row) => row.programId === PROGRAM);
  const of = (partnerId: PartnerId) => own.filter((row) => row.partnerId === partnerId);
  return {
    days: days(own),
    annas: days(of(ANNA)),
    partners: [
      { partnerId: ANNA, partner: 'anna', name: 'Anna', ...sum(of(ANNA)) },
      { partnerId: BOB, partner: 'bob', name: 'Bob', ...sum(of(BOB)) },
    ],
    others: days(rows.filter((row) => row.programId === OTHER_PROGRAM)),
  };
};

const rounds = async (count: number) => {
  for (let round = 0; round < count; round++) {
    await upkeep(world.deps);
    world.at(world.now() + HOUR_MS);
  }
};
const count = async (table: string) => (await world.rows<{ n: number }>(`SELECT count(*) AS n FROM ${table}`))[0]?.n;

/** Two hundred days of clicks of two programs. */
const history = async () => {
  const rows = Array.from({ length: 400 }, () => clickOf(Math.floor(chance() * 200)));
  const other = { programId: OTHER_PROGRAM, partnerId: ANNA };
  const beside = Array.from({ length: 20 }, (_, number) => clickOf(number * 10, other));
  await world.deps.clicks.record([...rows, ...beside]);
  return [...rows, ...beside];
};

describe('daily totals', () => {
  test('closed days are summed, the open ones are not; reports say the same before and after', async () => {
    const rows = await history();
    const all = expected(rows);
    expect(await told()).toEqual(all);
    await rounds(8);
    expect(await told()).toEqual(all);
    const through = await world.rows('SELECT through_day FROM click_rollups WHERE program_id = ?', PROGRAM);
    expect(through).toEqual([{ through_day: TODAY - 2 }]);
    expect(await world.rows('SELECT * FROM click_days WHERE day >= ?', TODAY - 2)).toEqual([]);
  });

  test('clicks too old for any order are gone, their sums stay', async () => {
    const rows = await history();
    await rounds(8);
    const kept = (row: ClickRow) => idTime(row.key) >= (TODAY - 150) * DAY_MS;
    expect(await count('clicks')).toBe(rows.filter(kept).length);
    expect(rows.filter(kept).length).toBeLessThan(rows.length);
    expect(await told()).toEqual(expected(rows));
  });

  test('the longest window that any setting of the program ever gave holds them longer', async () => {
    const sql = 'INSERT INTO policy_overrides (program_id, scope_id, version, starts_at, saved_at, window_days)';
    await world.rows(`${sql} VALUES (?, ?, 1, 0, 0, 60)`, PROGRAM, ANNA_LINK);
    const rows = await history();
    await rounds(8);
    const kept = (row: ClickRow) => idTime(row.key) >= (TODAY - (row.programId === PROGRAM ? 180 : 150)) * DAY_MS;
    expect(await count('clicks')).toBe(rows.filter(kept).length);
  });

  test('cut off before any step and begun again, the reports never differ and the end is the same', async () => {
    const rows = await history();
    const all = expected(rows);
    const { upkeep: steps } = world.deps;
    let done = false;
    let cutAt = 0;
    for (; !done; cutAt++) {
      let left = cutAt;
      world.deps.upkeep = new Proxy(steps, {
        get: (target, name: keyof Upkeep) => {
          if (left-- === 0) throw new Error('cut off');
          return target[name];
        },
      });
      done = await upkeep(world.deps).then(
        () => true,
        () => false,
      );
      if (cutAt % 9 === 0 || done) expect(await told()).toEqual(all);
    }
    expect(cutAt).toBeGreaterThan(30);
    world.deps.upkeep = steps;
    await rounds(8);
    expect(await told()).toEqual(all);
  });

  test('two rounds at once do what one does', async () => {
    const rows = await history();
    for (let round = 0; round < 8; round++) await Promise.all([upkeep(world.deps), upkeep(world.deps), told()]);
    expect(await told()).toEqual(expected(rows));
  });

  test('a day is retired a part at a time without its sum shrinking', async () => {
    const rows = Array.from({ length: 60 }, () => clickOf(170));
    await world.deps.clicks.record(rows);
    const { retireDay } = world.deps.upkeep;
    world.deps.upkeep.retireDay = (programId, day) => retireDay(programId, day, 7);
    const parts = new Set<number | undefined>();
    for (let round = 0; round < 8; round++) {
      await rounds(1);
      parts.add(await count('clicks'));
      expect(await told()).toEqual(expected(rows));
    }
    expect(await count('clicks')).toBe(0);
  });

  test('a click that arrives late is told once its day is summed anew: within a week, and when it is retired', async () => {
    const rows = [clickOf(3), clickOf(20), clickOf(100)];
    await world.deps.clicks.record(rows);
    await rounds(6);
    const [recent, old] = [clickOf(3), clickOf(100)];
    await world.deps.clicks.record([recent, old]);
    world.at(START + DAY_MS);
    await rounds(2);
    expect((await told()).days).toEqual(expected([...rows, recent]).days);
    world.at(START + 60 * DAY_MS);
    await rounds(6);
    expect((await told()).days).toEqual(expected([...rows, recent, old]).days);
  });

  test('opted-out clicks are in the number from the first moment, and outlive the clicks beside them', async () => {
    const at = { programId: PROGRAM, partnerId: ANNA, linkId: ANNA_LINK };
    const optOut = () => world.deps.clicks.optOut({ ...at, day: TODAY - 160 });
    await world.deps.clicks.record([clickOf(160, { ...at, class: 'valid', reason: null })]);
    await optOut();
    const numbers = async () => (await told()).annas.map(({ clicks, counted }) => ({ clicks, counted }));
    expect(await numbers()).toEqual([{ clicks: 2, counted: 1 }]);
    await rounds(8);
    await optOut();
    expect(await count('clicks')).toBe(0);
    expect(await numbers()).toEqual([{ clicks: 3, counted: 1 }]);
  });

  test('a sandbox that lives ahead has its days closed by its own clock', async () => {
    await world.deps.clicks.record([clickOf(1)]);
    await rounds(1);
    expect(await count('click_days')).toBe(0);
    await world.rows('UPDATE programs SET clock_offset_ms = ? WHERE id = ?', 5 * DAY_MS, PROGRAM);
    await rounds(1);
    expect(await count('click_days')).toBe(1);
  });
});

test('touches of clicks too old for any order go as each letter has its turn; the others stay', async () => {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const touch = (initial: string, daysAgo: number) => ({
    programId: PROGRAM,
    visitorId: `${initial}${'x'.repeat(21)}` as VisitorId,
    clickKey: firstId<'click'>(START - daysAgo * DAY_MS),
    partnerId: ANNA,
    linkId: null,
    class: 'valid' as const,
  });
  await world.deps.clicks.touch([...letters].flatMap((letter) => [touch(letter, 160), touch(letter, 140)]));
  await rounds(64);
  expect(await count('touches')).toBe(64);
  const old = 'SELECT * FROM touches WHERE click_key < ?';
  expect(await world.rows(old, firstId(START - 150 * DAY_MS))).toEqual([]);
});

test('answers kept for a repeated call go after a day, hand-overs that were used too', async () => {
  for (const [name, at] of [
    ['old', START - DAY_MS - 1],
    ['new', START - DAY_MS],
  ] as const) {
    await world.rows('INSERT INTO answers VALUES (?, ?, ?, 201, ?, ?)', PROGRAM, name, 'call', '{}', at);
    await world.rows('INSERT INTO handovers VALUES (?, ?, ?)', PROGRAM, name, at);
  }
  await rounds(1);
  expect(await world.rows('SELECT key_hash FROM answers')).toEqual([{ key_hash: 'new' }]);
  expect(await world.rows('SELECT nonce FROM handovers')).toEqual([{ nonce: 'new' }]);
});

test('a report over 90 days reads sums for closed days: ten times the clicks, the same rows', async () => {
  const closed = (perDay: number) =>
    Array.from({ length: 95 * perDay }, (_, number) => clickOf(3 + (number % 95), { linkId: ANNA_LINK }));
  const reads = async () => {
    const before = world.billed.rowsRead;
    const span = { ...whole, from: (TODAY - 89) * DAY_MS };
    await world.deps.reports.clicksByDay({ programId: PROGRAM, partnerId: null }, span);
    await world.deps.reports.clicksByPartner(PROGRAM, span);
    return world.billed.rowsRead - before;
  };
  await world.deps.clicks.record(closed(6));
  await rounds(4);
  const few = await reads();
  await world.deps.clicks.record(closed(54));
  await world.rows('DELETE FROM click_rollups');
  await rounds(4);
  const many = await reads();
  expect(many).toBeLessThanOrEqual(few + 20);
  expect(many).toBeLessThan(1_500);
});
