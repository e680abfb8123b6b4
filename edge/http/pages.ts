/** Static files: the dashboard's page at every address of its own, what it loads, and the scripts other sites load. */
import { Hono } from 'hono';
import { ANYBODY, DASHBOARD } from './headers.ts';
import { refuse } from './problem.ts';
import type { App } from './types.ts';

/** Loaded by other sites, so any origin may read them. */
const SCRIPT = {
  ...ANYBODY,
  vary: 'Accept-Encoding',
  'cache-control': 'public, max-age=3600, stale-while-revalidate=86400',
};
const FOREVER = { 'cache-control': 'public, max-age=31536000, immutable' };

/** Doors of other kinds: what is not found behind them is no page of the dashboard. */
const DOORS = /^\/(v1|go|webhooks)(\/|$)/;

export const pages = new Hono<App>().get('/*', async (c) => {
  const { path } = c.req;
  if (DOORS.test(path)) return refuse({ code: 'not_found' });
  // What has no dot is an address inside the dashboard; its own router says when there is nothing.
  const page = !path.includes('.');
  const read = (pathname: string) => {
    const address = new URL(c.req.url);
    address.pathname = pathname;
    return c.env.ASSETS.fetch(address);
  };
  // What was packed at build time, better than the edge would, for browsers that take it.
  const cf = c.req.raw.cf as { clientAcceptEncoding?: string } | undefined;
  const accepted = cf?.clientAcceptEncoding ?? c.req.header('accept-encoding') ?? '';
  const packed =
    PACKED.test(path) && /\bbr\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(accepted) ? await read(`${path}.br`) : null;
  if (packed?.ok) {
    const headers = {
      ...scriptHeaders(path),
      'content-type': 'text/javascript; charset=utf-8',
      'content-encoding': 'br',
    };
    return new Response(packed.body, { headers, encodeBody: 'manual' });
  }
  const file = await read(page ? '/index.html' : path);
  if (!file.ok) return page ? c.text('The pages are not built: npm run build.', 503) : refuse({ code: 'not_found' });
  // What the build makes is named by its content: `/assets/main-3f2a….js`.
  const ours = path.startsWith('/assets/') ? FOREVER : DASHBOARD;
  const headers = SCRIPTS.test(path) ? scriptHeaders(path) : ours;
  const answer = new Response(file.body, file);
  for (const [name, value] of Object.entries(headers)) answer.headers.set(name, value);
  return answer;
});

/** What shops load: the script, under its version too, and what it loads by need. */
const SCRIPTS = /^\/sdk(\/[\w.-]+)?\.js$/;
const PACKED = /^\/sdk(\/\d[\w.-]*)?\.js$/;
/** `/sdk/1.0.0.js` is that version for ever. */
const VERSIONED = /^\/sdk\/\d[\w.-]*\.js$/;
const scriptHeaders = (path: string) => (VERSIONED.test(path) ? { ...SCRIPT, ...FOREVER } : SCRIPT);
