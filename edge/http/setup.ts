/** /v1/setup: how well the shop is connected, told from its real traffic, and what its pages load. */
import { Hono } from 'hono';
import type { SetupAnswer } from '../contract.ts';
import { inForce } from '../core/attribution.ts';
import { gradeOf, reachOf } from '../core/setup.ts';
import { VERSION } from './health.ts';
import type { GuardedApp } from './types.ts';

export const setup = new Hono<GuardedApp>().get('/', async (c) => {
  const { deps, ASSETS } = c.env;
  const { programId } = c.var;
  const [seen, policies, hash] = await Promise.all([
    deps.visitors.sightings(programId),
    deps.store.policies(programId),
    ASSETS.fetch(new URL(`/sdk/${VERSION}.integrity`, c.req.url)),
  ]);
  const answer: SetupAnswer = {
    grade: gradeOf(seen, deps.now()),
    seen: seen.map(({ kind, lastAt, detail }) => {
      const page = reachOf(detail);
      return {
        kind,
        lastAt: new Date(lastAt).toISOString(),
        host: page?.host ?? null,
        reach: page?.reach ?? null,
        detail: page ? null : detail,
      };
    }),
    params: [...inForce(policies, deps.now()).paramAliases],
    sdk: { version: VERSION, path: `/sdk/${VERSION}.js`, integrity: hash.ok ? (await hash.text()).trim() : null },
  };
  return c.json(answer);
});
