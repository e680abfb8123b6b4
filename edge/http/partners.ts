/** /v1/partners and /v1/groups: who takes part in the program of the key, and what they share. */
import { Hono } from 'hono';
import {
  type GroupAnswer,
  GroupCall,
  OverridePatch,
  type PartnerAnswer,
  PartnerCall,
  PartnerPatch,
} from '../contract.ts';
import { groupAt, inForceOf } from '../core/attribution.ts';
import {
  addGroup,
  addPartner,
  changeGroup,
  changePartner,
  type GroupWithSettings,
  type PartnerInGroup,
} from '../flows/enroll.ts';
import { overrideAnswer } from './answers.ts';
import { readBody } from './body.ts';
import { once } from './once.ts';
import { pageOf } from './page.ts';
import { post } from './post.ts';
import { refuse } from './problem.ts';
import type { GuardedApp } from './types.ts';

export const partners = new Hono<GuardedApp>()
  .get('/', async (c) => {
    const { deps } = c.env;
    const { programId } = c.var;
    const page = pageOf(c.req.query('limit'));
    if (!page.ok) return refuse(page.refusal);
    const after = c.req.query('cursor') ?? '';
    const found = await deps.store.partners(programId, { limit: page.value + 1, after });
    const shown = found.slice(0, page.value);
    const [{ placements }, groups] = await Promise.all([
      deps.store.standing({ programId, partnerIds: shown.map((one) => one.partnerId), named: [], linkIds: [] }),
      deps.store.groups(programId),
    ]);
    const data = shown.map((partner) => {
      const groupId = groupAt(placements, partner.partnerId, deps.now());
      return partnerAnswer({ partner, group: groups.find((one) => one.id === groupId) ?? null });
    });
    return c.json({ data, nextCursor: found.length > page.value ? (data.at(-1)?.slug ?? null) : null });
  })
  .post('/', async (c) => {
    const { deps } = c.env;
    const { programId } = c.var;
    const body = await readBody(c.req.raw, PartnerCall);
    if (!body.ok) return refuse(body.refusal);
    const { slug, name, email, group } = body.value;
    const invites = (letter: Parameters<typeof post>[1]) => post(c, letter);
    return once(c, {
      work: (seal) => addPartner(deps, { programId, slug, name, email, group, seal, invites }),
      answer: (added) => ({ status: 201, body: partnerAnswer(added) }),
    });
  })
  .patch('/:id', async (c) => {
    const { deps } = c.env;
    const { programId } = c.var;
    const body = await readBody(c.req.raw, PartnerPatch);
    if (!body.ok) return refuse(body.refusal);
    const { status, forCause, group } = body.value;
    const changed = await changePartner(deps, { programId, partner: c.req.param('id'), status, forCause, group });
    return changed.ok ? c.json(partnerAnswer(changed.value)) : refuse(changed.refusal);
  });

export const groups = new Hono<GuardedApp>()
  .get('/', async (c) => {
    const { deps } = c.env;
    const { programId } = c.var;
    const found = await deps.store.groups(programId);
    const data = await Promise.all(
      found.map(async (group) => {
        const versions = await deps.store.overrides(programId, group.id);
        return groupAnswer({ group, settings: inForceOf(versions, deps.now()) });
      }),
    );
    return c.json({ data, nextCursor: null });
  })
  .post('/', async (c) => {
    const { deps } = c.env;
    const { programId } = c.var;
    const body = await readBody(c.req.raw, GroupCall);
    if (!body.ok) return refuse(body.refusal);
    const { slug, name, ...settings } = body.value;
    return once(c, {
      work: (seal) => addGroup(deps, { programId, slug, name, settings, seal }),
      answer: (added) => ({ status: 201, body: groupAnswer(added) }),
    });
  })
  .patch('/:id', async (c) => {
    const { deps } = c.env;
    const { programId } = c.var;
    const body = await readBody(c.req.raw, OverridePatch);
    if (!body.ok) return refuse(body.refusal);
    const { startsAt, ...settings } = body.value;
    const changed = await changeGroup(deps, { programId, group: c.req.param('id'), startsAt, settings });
    return changed.ok ? c.json(groupAnswer(changed.value)) : refuse(changed.refusal);
  });

const partnerAnswer = ({ partner, group }: PartnerInGroup): PartnerAnswer => {
  const { partnerId, slug, name, status, forCause, startedAt, stoppedAt } = partner;
  return {
    id: partnerId,
    ...{ slug, name, status, forCause },
    startedAt: new Date(startedAt).toISOString(),
    stoppedAt: stoppedAt === null ? null : new Date(stoppedAt).toISOString(),
    group: group?.slug ?? null,
  };
};

const groupAnswer = ({ group: { id, slug, name }, settings }: GroupWithSettings): GroupAnswer => ({
  ...{ id, slug, name },
  ...overrideAnswer(settings),
});
