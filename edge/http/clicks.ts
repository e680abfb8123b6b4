/** /v1/clicks and /v1/identities: what the shop's server, or somebody else's tracking, has seen. */
import { Hono } from 'hono';
import { type ClickAnswer, ClickCall, type IdentityAnswer, IdentityCall } from '../contract.ts';
import { identifyAll, tellClicks } from '../flows/track.ts';
import { answerRows, readRows } from './body.ts';
import { bySecretKey } from './guard.ts';
import { refuse } from './problem.ts';
import type { App } from './types.ts';

export const clicks = new Hono<App>().post('/', bySecretKey, async (c) => {
  const { deps } = c.env;
  const { programId } = c.var;
  const rows = await readRows(c.req.raw, ClickCall);
  if (!rows.ok) return refuse(rows.refusal);
  const told = await tellClicks(deps, { programId, calls: rows.value.rows });
  return answerRows<ClickAnswer>(rows.value, told, () => 201);
});

export const identities = new Hono<App>().post('/', bySecretKey, async (c) => {
  const { deps } = c.env;
  const { programId } = c.var;
  const rows = await readRows(c.req.raw, IdentityCall);
  if (!rows.ok) return refuse(rows.refusal);
  const done = await identifyAll(deps, { programId, calls: rows.value.rows });
  return answerRows<IdentityAnswer>(rows.value, done, () => 201);
});
