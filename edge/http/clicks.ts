/** /v1/clicks and /v1/identities: what the shop's server, or somebody else's tracking, has seen. */
import { Hono } from 'hono';
import { type ClickAnswer, ClickCall, type IdentityAnswer, IdentityCall } from '../contract.ts';
import { identifyAll, type Seen, type ToldClick, tellClicks } from '../flows/track.ts';
import { readRows } from './body.ts';
import { onceRows } from './once.ts';
import { refuse } from './problem.ts';
import type { GuardedApp } from './types.ts';

export const clicks = new Hono<GuardedApp>().post('/', async (c) => {
  const { deps } = c.env;
  const { programId } = c.var;
  const rows = await readRows(c.req.raw, ClickCall);
  if (!rows.ok) return refuse(rows.refusal);
  return onceRows<ToldClick>(c, rows.value, {
    work: () => tellClicks(deps, { programId, calls: rows.value.rows }),
    answer: (told) => ({ status: 201, body: told satisfies ClickAnswer }),
  });
});

export const identities = new Hono<GuardedApp>().post('/', async (c) => {
  const { deps } = c.env;
  const { programId } = c.var;
  const rows = await readRows(c.req.raw, IdentityCall);
  if (!rows.ok) return refuse(rows.refusal);
  return onceRows<Seen>(c, rows.value, {
    work: (seal) => identifyAll(deps, { programId, calls: rows.value.rows, seal }),
    answer: (seen) => ({ status: 201, body: seen satisfies IdentityAnswer }),
  });
});
