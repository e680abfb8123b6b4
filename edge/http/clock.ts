/** POST /v1/clock: moves a sandbox's time forward, and answers when what fell due has run. */
import { Hono } from 'hono';
import { type ClockAnswer, ClockCall } from '../contract.ts';
import { moveClock } from '../flows/clock.ts';
import { readBody } from './body.ts';
import { once } from './once.ts';
import { refuse } from './problem.ts';
import type { GuardedApp } from './types.ts';

export const clock = new Hono<GuardedApp>().post('/', async (c) => {
  const { deps } = c.env;
  const { programId } = c.var;
  const body = await readBody(c.req.raw, ClockCall);
  if (!body.ok) return refuse(body.refusal);
  const answer = await once(c, {
    work: (seal) => moveClock(deps, { programId, to: body.value.now, seal }),
    answer: ({ now }) => ({ status: 200, body: { now: new Date(now).toISOString() } satisfies ClockAnswer }),
    // By the clock of before, a move of more than a day would outlive its own answer.
    at: ({ now }) => now,
  });
  // Also for a call that is repeated because the first one was cut short here.
  if (answer.ok) await deps.runDue(programId);
  return answer;
});
