/** /v1/partners: who takes part in the program of the key. */
import { Hono } from 'hono';
import { type PartnerAnswer, PartnerCall, PartnerPatch } from '../contract.ts';
import type { EnrolledPartner } from '../deps.ts';
import { addPartner, setStatus } from '../flows/enroll.ts';
import { readBody } from './body.ts';
import { bySecretKey } from './guard.ts';
import { once } from './once.ts';
import { pageOf } from './page.ts';
import { refuse } from './problem.ts';
import type { App } from './types.ts';

export const partners = new Hono<App>()
  .get('/', bySecretKey, async (c) => {
    const { deps } = c.env;
    const { programId } = c.var;
    const page = pageOf(c.req.query('limit'));
    if (!page.ok) return refuse(page.refusal);
    const after = c.req.query('cursor') ?? '';
    const found = await deps.store.partners(programId, { limit: page.value + 1, after });
    const data = found.slice(0, page.value).map(partnerAnswer);
    return c.json({ data, nextCursor: found.length > page.value ? (data.at(-1)?.slug ?? null) : null });
  })
  .post('/', bySecretKey, async (c) => {
    const { deps } = c.env;
    const { programId } = c.var;
    const body = await readBody(c.req.raw, PartnerCall);
    if (!body.ok) return refuse(body.refusal);
    const { slug, name, email } = body.value;
    return once(c, {
      work: (seal) => addPartner(deps, { programId, slug, name, email, seal }),
      answer: (added) => ({ status: 201, body: partnerAnswer(added) }),
    });
  })
  .patch('/:id', bySecretKey, async (c) => {
    const { deps } = c.env;
    const { programId } = c.var;
    const body = await readBody(c.req.raw, PartnerPatch);
    if (!body.ok) return refuse(body.refusal);
    const changed = await setStatus(deps, { programId, partner: c.req.param('id'), ...body.value });
    return changed.ok ? c.json(partnerAnswer(changed.value)) : refuse(changed.refusal);
  });

const partnerAnswer = ({
  partnerId,
  slug,
  name,
  status,
  forCause,
  startedAt,
  stoppedAt,
}: EnrolledPartner): PartnerAnswer => ({
  id: partnerId,
  ...{ slug, name, status, forCause },
  startedAt: new Date(startedAt).toISOString(),
  stoppedAt: stoppedAt === null ? null : new Date(stoppedAt).toISOString(),
});
