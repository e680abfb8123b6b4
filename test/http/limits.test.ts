/**
 * Goal: floods are held off by published limits, and no client pays for another's. Method: the counters of the world's
 * one isolate set close to the limit, the clock moved by hand.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { RATE_LIMITS } from '../../edge/contract.ts';
import { createWorld, OTHER_SECRET, PUBLISHABLE, SECRET, SHOP, START, type World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

const get = (key = SECRET) => world.fetch('/v1/program', { headers: { authorization: `Bearer ${key}` } });
const page = (address?: string) =>
  world.events({ commands: [] }, address === undefined ? {} : { 'cf-connecting-ip': address });
/** As if every client known by now had used all but one call of its window. */
const nearlyUse = (kind: keyof typeof RATE_LIMITS) => {
  for (const window of world.deps.calls.values()) window.used = RATE_LIMITS[kind].calls - 1;
};

test('no secret key is limited below 100 calls per second, or by how many are under way', () => {
  expect(RATE_LIMITS.secret.calls / RATE_LIMITS.secret.windowSeconds).toBeGreaterThanOrEqual(100);
});

describe('a secret key', () => {
  test('is told its policy and what is left, on good answers and on refused ones', async () => {
    const first = await get();
    expect(first.headers.get('ratelimit-policy')).toBe('"secret";q=60000;w=60');
    expect(first.headers.get('ratelimit')).toBe('"secret";r=59999;t=60');
    world.at(START + 1_500);
    const refused = await world.order('{');
    expect([refused.status, refused.headers.get('ratelimit')]).toEqual([400, '"secret";r=59998;t=59']);
    const made = await world.order({ orderId: '1', currency: 'EUR', amount: 1 });
    expect([made.status, made.headers.get('ratelimit')]).toEqual([201, '"secret";r=59997;t=59']);
  });

  test('is refused when its window is used up, and heard again in the next', async () => {
    await get();
    nearlyUse('secret');
    world.at(START + 20_000);
    expect((await get()).headers.get('ratelimit')).toBe('"secret";r=0;t=40');
    const refused = await get();
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('40');
    expect(refused.headers.get('ratelimit')).toBe('"secret";r=0;t=40');
    expect(await refused.json()).toMatchObject({ code: 'rate_limited', status: 429 });
    world.at(START + 59_999);
    expect([(await get()).status, (await get()).headers.get('retry-after')]).toEqual([429, '1']);
    world.at(START + 60_000);
    expect([(await get()).status, (await get()).headers.get('ratelimit')]).toEqual([200, '"secret";r=59998;t=60']);
  });

  test('pays for nobody else, and a refused call does no work', async () => {
    await get();
    nearlyUse('secret');
    await get();
    expect((await world.order({ orderId: '1', currency: 'EUR', amount: 1 })).status).toBe(429);
    expect(await world.rows('SELECT * FROM conversions')).toEqual([]);
    expect((await get(OTHER_SECRET)).status).toBe(200);
    expect((await page('192.0.2.1')).status).toBe(200);
  });

  test('is counted by the time outside, however far its sandbox has moved', async () => {
    await world.rows("UPDATE programs SET mode = 'sandbox', clock_offset_ms = 1000000000");
    await get();
    expect((await get()).headers.get('ratelimit')).toBe('"secret";r=59998;t=60');
  });
});

describe('a publishable key', () => {
  test('is counted for each address, and a page can read that it was refused', async () => {
    const first = await page('192.0.2.1');
    expect(first.headers.get('ratelimit-policy')).toBe('"publishable";q=6000;w=60');
    nearlyUse('publishable');
    await page('192.0.2.1');
    const refused = await page('192.0.2.1');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '60']);
    expect(refused.headers.get('access-control-allow-origin')).toBe('*');
    expect((await page('192.0.2.2')).status).toBe(200);
    expect((await page()).status).toBe(200);
  });

  test.each([
    ['2001:db8::1', '2001:db8:0:0:ffff::1', true],
    ['2001:db8:0:1::1', '2001:DB8:0:0001:2:3:4:5', true],
    ['2001:db8:0:1::1', '2001:db8:0:2::1', false],
    ['1::2:3:4:5:6:7', '1:0:2:3:9:9:9:9', true],
    ['::1', '0:0:0:0:0:0:0:2', true],
  ])('%s and %s are one household: %s', async (one, other, same) => {
    await page(one);
    nearlyUse('publishable');
    await page(one);
    expect((await page(other)).status).toBe(same ? 429 : 200);
  });

  test('no address stands in memory', async () => {
    await page('192.0.2.1');
    expect([...world.deps.calls.keys()].join()).not.toContain('192.0.2');
  });
});

test('an unknown key is counted for nobody, and memory stays bounded', async () => {
  await get('trb_sk_test_nobody');
  await world.fetch('/v1/events', {
    method: 'POST',
    headers: { 'content-type': 'text/plain', origin: SHOP },
    body: JSON.stringify({ key: PUBLISHABLE.replace('world', 'nobody'), url: SHOP }),
  });
  expect(world.deps.calls.size).toBe(0);
  for (let number = 0; number < 20_000; number++)
    world.deps.calls.set(`${number}`, { used: 1, endsAt: START + 60_000 });
  await get();
  expect([world.deps.calls.size, world.deps.calls.has('0'), world.deps.calls.has('1')]).toEqual([20_000, false, true]);
});
