/** Clicks in a database of their own: the same doors, and nothing of theirs in the other, nor of orders in this. */
import { env } from 'cloudflare:test';
import { beforeEach, expect, test } from 'vitest';
import type { EventsAnswer, PartnerLine, Summary } from '../../edge/contract.ts';
import { DAY_MS } from '../../edge/core/attribution.ts';
import type { VisitorId } from '../../edge/core/id.ts';
import type { Env } from '../../edge/deps.ts';
import { upkeep } from '../../edge/flows/upkeep.ts';
import { fresh } from '../support/empty.ts';
import { BROWSER, createWorld, PROGRAM, SECRET, SHOP, START, type World } from '../support/world.ts';

const CLICK_TABLES = ['clicks', 'touches', 'click_days', 'click_rollups'];

let world: World;
beforeEach(async () => {
  await fresh(env.SECOND_DB);
  world = await createWorld({ CLICKS_DB: env.SECOND_DB as unknown as Env['DB'] });
});

const filled = async (d1: typeof env.DB) => {
  const { results } = await d1
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*'")
    .all<{ name: string }>();
  const counts = await d1.batch<{ n: number }>(
    results.map(({ name }) => d1.prepare(`SELECT count(*) AS n FROM "${name}"`)),
  );
  const full = results.filter((_, number) => counts[number]?.results[0]?.n).map(({ name }) => name);
  return full.filter((name) => !/^(sqlite|d1)_/.test(name));
};

test('redirect, landing, order, report and the hourly round keep to their databases', async () => {
  const landed = await world.events({ url: `${SHOP}/?tcid=${await world.click()}` });
  const { visitorId, clickId, partner } = await landed.json<EventsAnswer>();
  expect(partner).toBe('anna');
  await world.fetch('/go/bob', { headers: { ...BROWSER, 'sec-gpc': '1' } });
  const order = await world.order({ orderId: '1', currency: 'EUR', amount: 1000, clickId });
  expect(await order.json()).toMatchObject({ reason: 'last', allocations: [{ partner: 'anna' }] });

  const read = async <Answer>(path: string) =>
    (await world.fetch(path, { headers: { authorization: `Bearer ${SECRET}` } })).json<Answer>();
  const told = async () => ({
    totals: (await read<Summary>('/v1/reports/summary?days=30')).totals,
    partners: (await read<{ data: PartnerLine[] }>('/v1/reports/partners?days=30')).data.map(
      ({ partner, clicks, counted }) => [partner, clicks, counted],
    ),
  });
  const before = await told();
  expect(before.totals).toMatchObject({ clicks: 2, counted: 1, orders: 1 });
  expect(before.partners).toEqual([
    ['anna', 1, 1],
    ['bob', 1, 0],
  ]);
  world.at(START + 5 * DAY_MS);
  await upkeep(world.deps);
  expect(await told()).toEqual(before);

  expect(await world.deps.clicks.lastTouch(PROGRAM, visitorId as VisitorId)).not.toBeNull();
  expect((await filled(env.SECOND_DB)).sort()).toEqual([...CLICK_TABLES].sort());
  expect((await filled(env.DB)).filter((name) => CLICK_TABLES.includes(name))).toEqual([]);
});

test('the database of clicks away: orders stand by their tokens', async () => {
  const clickId = await world.click();
  const away = {
    prepare: () => {
      throw new Error('away');
    },
    batch: () => Promise.reject(new Error('away')),
  };
  await fresh(env.DB);
  const lame = await createWorld({ CLICKS_DB: away as unknown as Env['DB'] });
  const order = await lame.order({ orderId: '1', currency: 'EUR', amount: 1000, clickId });
  expect(await order.json()).toMatchObject({ reason: 'last', allocations: [{ partner: 'anna' }] });
});
