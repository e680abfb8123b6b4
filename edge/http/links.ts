/** /v1/links: a partner's links, or all of a program's, and making one. */
import { Hono } from 'hono';
import { type LinkAnswer, LinkCall } from '../contract.ts';
import { addLink } from '../flows/enroll.ts';
import { readBody } from './body.ts';
import { byReader, bySecretKey } from './guard.ts';
import { once } from './once.ts';
import { refuse } from './problem.ts';
import type { App } from './types.ts';

export const links = new Hono<App>()
  .get('/', byReader, async (c) => {
    const { deps } = c.env;
    const { asker } = c.var;
    const found = await deps.reports.links(asker);
    return c.json({
      data: found.map((link): LinkAnswer => ({ ...link, address: addressOf(c.req.url, c.env.BASE_PATH, link.code) })),
    });
  })
  .post('/', bySecretKey, async (c) => {
    const { deps } = c.env;
    const { programId } = c.var;
    const body = await readBody(c.req.raw, LinkCall);
    if (!body.ok) return refuse(body.refusal);
    return once(c, {
      work: (seal) => addLink(deps, { programId, ...body.value, seal }),
      answer({ link: { id, code, url }, partner }) {
        const address = addressOf(c.req.url, c.env.BASE_PATH, code);
        return { status: 201, body: { id, code, url, partner: partner.slug, address } satisfies LinkAnswer };
      },
    });
  });

/** On the host, and under the path, that the caller came by. */
function addressOf(url: string, basePath: string | undefined, code: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${basePath && pathname.startsWith(`${basePath}/`) ? basePath : ''}/go/${code}`;
}
