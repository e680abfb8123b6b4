/** The Hono app: one `.route()` a resource, chained so that the types reach the client. */
import { Hono } from 'hono';
import { comparison } from './http/compare.ts';
import { conversions } from './http/conversions.ts';
import { events } from './http/events.ts';
import { go } from './http/go.ts';
import { health } from './http/health.ts';
import { links } from './http/links.ts';
import { pages } from './http/pages.ts';
import { partners } from './http/partners.ts';
import { fault, refuse } from './http/problem.ts';
import { program, terms } from './http/program.ts';
import { reports } from './http/reports.ts';
import type { App } from './http/types.ts';

/** The same paths also answer under BASE_PATH, so that a Worker route on the shop's own host collides with nothing. */
const path = (request: Request, options?: { env?: App['Bindings'] }): string => {
  const { pathname } = new URL(request.url);
  const base = options?.env?.BASE_PATH ?? '/_t';
  const own = base && pathname.startsWith(`${base}/`) ? pathname.slice(base.length) : pathname;
  // People and proxies double slashes and leave one at the end: a shopper's click is not lost to that.
  return own.replace(/\/{2,}/g, '/').replace(/(.)\/$/, '$1');
};

export const app = new Hono<App>({ getPath: path })
  // What a signed-in person or a key may read is nobody else's, and no cache's.
  .use('/v1/*', async (c, next) => {
    await next();
    if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'private, no-store');
  })
  .route('/go', go)
  .route('/health', health)
  .route('/v1/events', events)
  .route('/v1/conversions', conversions)
  .route('/v1/attribution', comparison)
  .route('/v1/program', program)
  .route('/v1/terms', terms)
  .route('/v1/partners', partners)
  .route('/v1/links', links)
  .route('/v1', reports)
  .route('/', pages);

app.notFound(() => refuse({ code: 'not_found' }));

app.onError((cause) => {
  console.error(cause);
  return fault();
});

export type AppType = typeof app;
