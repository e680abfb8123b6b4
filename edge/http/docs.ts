/** GET /v1/openapi.json, the contract for tools, and GET /docs, the same for people. */
import { type Context, Hono } from 'hono';
import { audit } from '../docs/audit.ts';
import { errors } from '../docs/errors.ts';
import { limits } from '../docs/limits.ts';
import { openapi } from '../docs/openapi.ts';
import type { Html, PageName, Place } from '../docs/page.ts';
import { reference } from '../docs/reference.ts';
import { rules } from '../docs/rules.ts';
import { security } from '../docs/security.ts';
import { start } from '../docs/start.ts';
import { STYLE } from '../docs/style.ts';
import { SCRIPT } from '../docs/try.ts';
import { baseOf } from './base.ts';
import { ANYBODY, DOCUMENT } from './headers.ts';
import { VERSION } from './health.ts';
import { refuse } from './problem.ts';
import type { App } from './types.ts';

/** Anybody may read them, from any page. */
const PUBLIC = { ...ANYBODY, 'cache-control': 'public, max-age=300' };
const PAGE = { ...PUBLIC, ...DOCUMENT, 'content-type': 'text/html; charset=utf-8' };

const PAGES: Record<PageName, (place: Place) => Html> = {
  '': start,
  rules,
  limits,
  errors,
  security,
  audit,
  reference,
};

export const contract = new Hono<App>().get('/', (c) => {
  const { origin, base } = placeOf(c);
  return c.json(openapi({ version: VERSION, server: `${origin}${base}` }), 200, PUBLIC);
});

export const docs = new Hono<App>()
  .get('/', (c) => page(c, ''))
  .get('/style.css', (c) => c.body(STYLE, 200, { ...PUBLIC, 'content-type': 'text/css; charset=utf-8' }))
  .get('/try.js', (c) => c.body(SCRIPT, 200, { ...PUBLIC, 'content-type': 'text/javascript; charset=utf-8' }))
  .get('/:page', (c) => {
    const name = c.req.param('page');
    return Object.hasOwn(PAGES, name) ? page(c, name as PageName) : refuse({ code: 'not_found' });
  });

const page = async (c: Context<App>, name: PageName) => c.body(String(await PAGES[name](placeOf(c))), 200, PAGE);

function placeOf(c: Context<App>): Place {
  const { origin, pathname } = new URL(c.req.url);
  return { origin, base: baseOf(pathname, c.env.BASE_PATH) };
}
