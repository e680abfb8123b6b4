/** GET /v1/openapi.json, the contract for tools. */
import { type Context, Hono } from 'hono';
import { openapi } from '../docs/openapi.ts';
import { VERSION } from './health.ts';
import type { App } from './types.ts';

/** Anybody may read them, from any page. */
const PUBLIC = {
  'cache-control': 'public, max-age=300',
  'access-control-allow-origin': '*',
  'x-content-type-options': 'nosniff',
};

export const contract = new Hono<App>().get('/', (c) => {
  const { origin } = new URL(c.req.url);
  return c.json(openapi({ version: VERSION, server: `${origin}${baseOf(c)}` }), 200, PUBLIC);
});

/** The base path when the caller came by it, else nothing. */
function baseOf(c: Context<App>): string {
  const base = c.env.BASE_PATH;
  return base && new URL(c.req.url).pathname.startsWith(`${base}/`) ? base : '';
}
