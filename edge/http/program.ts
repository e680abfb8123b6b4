/** /v1/program and /v1/terms: how the program of the key credits and pays, and changing it from a moment on. */
import { Hono } from 'hono';
import { type ProgramAnswer, ProgramPatch, type TermsAnswer, TermsCall } from '../contract.ts';
import { inForce, type Policy } from '../core/attribution.ts';
import type { ProgramId } from '../core/id.ts';
import type { Deps } from '../deps.ts';
import { setPolicy, setTerms, type TermsOfGroup } from '../flows/enroll.ts';
import { readBody } from './body.ts';
import { once } from './once.ts';
import { refuse } from './problem.ts';
import type { GuardedApp } from './types.ts';

export const program = new Hono<GuardedApp>()
  .get('/', async (c) => {
    const { deps } = c.env;
    const { programId } = c.var;
    const policies = await deps.store.policies(programId);
    return c.json(await programAnswer(deps, programId, inForce(policies, deps.now())));
  })
  .patch('/', async (c) => {
    const { deps } = c.env;
    const { programId } = c.var;
    const body = await readBody(c.req.raw, ProgramPatch);
    if (!body.ok) return refuse(body.refusal);
    const { startsAt, ...change } = body.value;
    const policy = await setPolicy(deps, { programId, startsAt, change });
    return policy.ok ? c.json(await programAnswer(deps, programId, policy.value)) : refuse(policy.refusal);
  });

export const terms = new Hono<GuardedApp>().post('/', async (c) => {
  const { deps } = c.env;
  const { programId } = c.var;
  const body = await readBody(c.req.raw, TermsCall);
  if (!body.ok) return refuse(body.refusal);
  const { startsAt, group, rules } = body.value;
  return once(c, {
    work: (seal) => setTerms(deps, { programId, startsAt, group, rules, seal }),
    answer: (saved) => ({ status: 201, body: termsAnswer(saved) }),
  });
});

const termsAnswer = ({ terms, group }: TermsOfGroup): TermsAnswer => ({
  version: terms.version,
  startsAt: new Date(terms.startsAt).toISOString(),
  group: group?.slug ?? null,
  rules: terms.rules,
});

async function programAnswer(deps: Deps, programId: ProgramId, policy: Policy): Promise<ProgramAnswer> {
  const found = await deps.store.program(programId);
  if (!found) throw new Error(`program ${programId} is gone`);
  const { id, slug, name, mode, currency } = found;
  const { version, model, weights, windowDays, holdDays, guardSeconds, rejectSolo, channelPolicy } = policy;
  const { selfReferral, paramAliases, origins, deepLinkHosts } = policy;
  return {
    ...{ id, slug, name, mode, currency },
    policy: {
      version,
      startsAt: new Date(policy.startsAt).toISOString(),
      ...{ model, weights, windowDays, holdDays, guardSeconds, rejectSolo, channelPolicy },
      ...{ selfReferral, paramAliases, origins, deepLinkHosts },
    },
  };
}
