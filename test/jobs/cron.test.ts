/** What runs by the clock. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Deps } from '../../edge/deps.ts';
import { CRONS, runCron } from '../../edge/jobs/cron.ts';

test('the table and wrangler.toml name the same expressions', () => {
  const [, list = ''] = /^crons = \[(.*)\]$/m.exec(readFileSync('wrangler.toml', 'utf8')) ?? [];
  expect(list.split(/,\s*(?=")/).map((one) => one.replaceAll('"', ''))).toEqual(Object.keys(CRONS));
});

test('a flow that fails is told, and an expression that nobody knows does nothing', async () => {
  const [cron = ''] = Object.keys(CRONS);
  const broken = {
    now: () => 0,
    upkeep: { programs: () => Promise.reject(new Error('away')) },
    accounts: { sweep: async () => undefined, sealedApart: async () => [] },
    secrets: { authKeys: { current: 1, keys: new Map() } },
    store: { commit: async () => 'done' },
  } as unknown as Deps;
  await expect(runCron(cron, broken)).rejects.toThrow(/1 failed/);
  await runCron('0 0 1 1 *', broken);
});
