/** /v1/links: a partner's links, or all of a program's, and making one. */
import { type Context, Hono } from 'hono';
import { type LinkAnswer, LinkCall } from '../contract.ts';
import { addLink } from '../flows/enroll.ts';
import { readBody } from './body.ts';
import { reader, secretKey } from './guard.ts';
import { refuse } from './problem.ts';
import type { App } from './types.ts';

export const links = new Hono<App>()
  .get('/', async (c) => {
    const { deps } = c.env;
    const asker = await reader(deps, c.req.raw);
    if (!asker.ok) return refuse(asker.refusal);
    const found = await deps.reports.links(asker.value);
    return c.json({ data: found.map((link): LinkAnswer => ({ ...link, address: addressOf(c, link.code) })) });
  })
  .post('/', async (c) => {
    const { deps } = c.env;
    const program = await secretKey(deps, c.req.raw);
    if (!program.ok) return refuse(program.refusal);
    const body = await readBody(c.req.raw, LinkCall);
    if (!body.ok) return refuse(body.refusal);
    const made = await addLink(deps, { programId: program.value, ...body.value });
    if (!made.ok) return refuse(made.refusal);
    const { link, partner } = made.value;
    const { id, code, url } = link;
    return c.json({ id, code, url, partner: partner.slug, address: addressOf(c, code) } satisfies LinkAnswer, 201);
  });

/** On the host, and under the path, that the caller came by. */
function addressOf(c: Context<App>, code: string): string {
  const { origin, pathname } = new URL(c.req.url);
  const base = c.env.BASE_PATH && pathname.startsWith(`${c.env.BASE_PATH}/`) ? c.env.BASE_PATH : '';
  return `${origin}${base}/go/${code}`;
}
