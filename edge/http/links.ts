/** /v1/links: a partner's links, or all of a program's, and making one. */
import { Hono } from 'hono';
import { type LinkAnswer, LinkCall, OverridePatch } from '../contract.ts';
import { inForceOf } from '../core/attribution.ts';
import { addLink, changeLink, type LinkWithSettings } from '../flows/enroll.ts';
import { overrideAnswer } from './answers.ts';
import { readBody } from './body.ts';
import { once } from './once.ts';
import { refuse } from './problem.ts';
import type { GuardedApp } from './types.ts';

export const links = new Hono<GuardedApp>()
  .get('/', async (c) => {
    const { deps } = c.env;
    const { asker } = c.var;
    const found = await deps.reports.links(asker);
    const { programId } = asker;
    const linkIds = found.map((one) => one.id);
    const { overrides } = await deps.store.standing({ programId, partnerIds: [], named: [], linkIds });
    const data = found.map((link): LinkAnswer => {
      const versions = overrides.filter((one) => one.scopeId === link.id);
      return {
        ...link,
        address: addressOf(c.req.url, c.env.BASE_PATH, link.code),
        ...overrideAnswer(inForceOf(versions, deps.now())),
      };
    });
    return c.json({ data });
  })
  .post('/', async (c) => {
    const { deps } = c.env;
    const { programId } = c.var;
    const body = await readBody(c.req.raw, LinkCall);
    if (!body.ok) return refuse(body.refusal);
    const { partner, code, url, ...settings } = body.value;
    return once(c, {
      work: (seal) => addLink(deps, { programId, partner, code, url, settings, seal }),
      answer: (made) => ({ status: 201, body: linkAnswer(made, c.req.url, c.env.BASE_PATH) }),
    });
  })
  .patch('/:id', async (c) => {
    const { deps } = c.env;
    const { programId } = c.var;
    const body = await readBody(c.req.raw, OverridePatch);
    if (!body.ok) return refuse(body.refusal);
    const { startsAt, ...settings } = body.value;
    const changed = await changeLink(deps, { programId, link: c.req.param('id'), startsAt, settings });
    return changed.ok ? c.json(linkAnswer(changed.value, c.req.url, c.env.BASE_PATH)) : refuse(changed.refusal);
  });

const linkAnswer = (
  { link, partner, settings }: LinkWithSettings,
  url: string,
  basePath: string | undefined,
): LinkAnswer => ({
  ...{ id: link.id, code: link.code, url: link.url },
  partner: partner.slug,
  address: addressOf(url, basePath, link.code),
  ...overrideAnswer(settings),
});

/** On the host, and under the path, that the caller came by. */
function addressOf(url: string, basePath: string | undefined, code: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${basePath && pathname.startsWith(`${basePath}/`) ? basePath : ''}/go/${code}`;
}
