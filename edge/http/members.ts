/** /v1/members: who takes part on the program's side, or with a partner; inviting, changing, taking away, leaving. */
import { Hono } from 'hono';
import { type MemberAnswer, MemberCall, MemberPatch } from '../contract-people.ts';
import { idTime, type MembershipId } from '../core/id.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Member } from '../deps.ts';
import { changeMember, invite, removeMember } from '../flows/team.ts';
import { readBody } from './body.ts';
import { once } from './once.ts';
import { pageOf } from './page.ts';
import { post } from './post.ts';
import { refuse } from './problem.ts';
import { endSession } from './session-cookie.ts';
import type { App, Asker, GuardedApp } from './types.ts';

/** In a query: people of all partners. */
const ALL_PARTNERS = '*';
const PAGE = '100';

export const members = new Hono<GuardedApp>()
  .get('/', async (c) => {
    const { deps } = c.env;
    const { programId, partnerId } = c.var.asker;
    const named = c.req.query('partner');
    if (partnerId === null && named === ALL_PARTNERS) {
      const page = await pageOfPartners(c.env, c.var.asker, c.req.query());
      return page.ok ? c.json(page.value) : refuse(page.refusal);
    }
    // A partner's person sees its own, whatever is named.
    const partner = partnerId === null && named !== undefined ? await deps.store.partner(programId, named) : null;
    if (partnerId === null && named !== undefined && !partner) return refuse({ code: 'not_found' });
    const found = await deps.accounts.members(programId, partnerId ?? partner?.partnerId ?? null);
    return c.json({ data: found.map(memberAnswer), nextCursor: null as string | null });
  })
  .post('/', async (c) => {
    const { deps } = c.env;
    const { access: asker, asker: whose } = c.var;
    const body = await readBody(c.req.raw, MemberCall);
    if (!body.ok) return refuse(body.refusal);
    const { email, role, partner } = body.value;
    const invites = (letter: Parameters<typeof post>[1]) => post(c, letter);
    return once(c, {
      work: (seal) => invite(deps, { ...whose, asker, email, role, partner, seal, invites }),
      answer: (member) => ({ status: 201, body: memberAnswer(member) }),
    });
  })
  .patch('/:id', async (c) => {
    const { deps } = c.env;
    const { access: asker, asker: whose } = c.var;
    const body = await readBody(c.req.raw, MemberPatch);
    if (!body.ok) return refuse(body.refusal);
    const id = c.req.param('id') as MembershipId;
    const changed = await changeMember(deps, { ...whose, asker, id, role: body.value.role });
    return changed.ok ? c.json(memberAnswer(changed.value)) : refuse(changed.refusal);
  })
  .delete('/:id', async (c) => {
    const { deps } = c.env;
    const { access: asker, asker: whose } = c.var;
    const removed = await removeMember(deps, { ...whose, asker, id: c.req.param('id') as MembershipId });
    if (!removed.ok) return refuse(removed.refusal);
    if (removed.value.own) c.header('set-cookie', endSession());
    return c.body(null, 204);
  });

/** Each partner's people together, a page at a time. */
async function pageOfPartners(
  { deps }: App['Bindings'],
  { programId }: Asker,
  { limit = PAGE, cursor }: Record<string, string | undefined>,
): Promise<Result<{ data: MemberAnswer[]; nextCursor: string | null }>> {
  const size = pageOf(limit);
  if (!size.ok) return size;
  const last = cursor === undefined ? null : await deps.accounts.membership(programId, cursor as MembershipId);
  const { partnerId, personId } = last ?? {};
  if (cursor !== undefined && !(partnerId && personId)) {
    return err({
      code: 'invalid',
      errors: [{ pointer: '/cursor', detail: 'the nextCursor of a page that still holds' }],
    });
  }
  const after = partnerId && personId ? { partnerId, personId } : null;
  const found = await deps.accounts.membersOfPartners(programId, { limit: size.value + 1, after });
  const shown = found.slice(0, size.value);
  const more = found.length > shown.length;
  return ok({ data: shown.map(memberAnswer), nextCursor: more ? (shown.at(-1)?.membershipId ?? null) : null });
}

const memberAnswer = (member: Member): MemberAnswer => {
  const { membershipId: id, personId, email, name, role, partner, joinedAt } = member;
  return {
    id,
    personId: joinedAt === null ? null : personId,
    ...{ email, name, role, partner },
    joinedAt: joinedAt === null ? null : new Date(joinedAt).toISOString(),
    invitedAt: new Date(idTime(id)).toISOString(),
  };
};
