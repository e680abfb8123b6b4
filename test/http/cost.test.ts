/** Figure cost, small size; `npm run bench -- cost` has the large. */
import { env } from 'cloudflare:test';
import { expect, test } from 'vitest';
import type { Env } from '../../edge/deps.ts';
import { dollars, PROMISED } from '../bench/prices.ts';
import { lives } from '../support/lives.ts';
import { seedPrograms } from '../support/programs.ts';

test('cost: a redirect, a landed click kept and retired, an order of two items', async () => {
  const bound = env as unknown as Env;
  await seedPrograms(bound.DB);
  const rows = await lives(bound, { clicks: 250, orders: 5 });
  const found = dollars(rows);
  for (const name of Object.keys(PROMISED) as (keyof typeof PROMISED)[]) {
    expect(found[name], `${name} of ${JSON.stringify(rows)}`).toBeLessThanOrEqual(PROMISED[name]);
  }
});
