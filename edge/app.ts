/** What answers a request: the redirect, which stands before all, then the Hono app, one `.route()` a resource. */
import { Hono } from 'hono';
import { tellable } from './core/fault.ts';
import { audit } from './http/audit.ts';
import { isAtShop, pathOf } from './http/base.ts';
import { clicks, identities } from './http/clicks.ts';
import { clock } from './http/clock.ts';
import { codes } from './http/codes.ts';
import { comparison } from './http/compare.ts';
import { conversions } from './http/conversions.ts';
import { contract, docs } from './http/docs.ts';
import { events } from './http/events.ts';
import { go } from './http/go.ts';
import { guard, holdsSecret } from './http/guard.ts';
import { harden } from './http/headers.ts';
import { health } from './http/health.ts';
import { keys } from './http/keys.ts';
import { links } from './http/links.ts';
import { members } from './http/members.ts';
import { pages } from './http/pages.ts';
import { groups, partners } from './http/partners.ts';
import { pixel } from './http/pixel.ts';
import { fault, refuse } from './http/problem.ts';
import { program, terms } from './http/program.ts';
import { reports } from './http/reports.ts';
import { secondFactor } from './http/second-factor.ts';
import { security } from './http/security.ts';
import { session } from './http/session.ts';
import { setup } from './http/setup.ts';
import { signIn, signOut } from './http/sign-in.ts';
import type { App } from './http/types.ts';

/** Chained so that the types reach the client. */
const api = new Hono<App>({
  getPath: (request, options) => pathOf(new URL(request.url).pathname, options?.env?.BASE_PATH),
})
  .use('*', guard)
  .route('/health', health)
  .route('/v1/events', events)
  .route('/v1/pixel.gif', pixel)
  .route('/v1/conversions', conversions)
  .route('/v1/attribution', comparison)
  .route('/v1/program', program)
  .route('/v1/terms', terms)
  .route('/v1/partners', partners)
  .route('/v1/groups', groups)
  .route('/v1/links', links)
  .route('/v1/codes', codes)
  .route('/v1/clicks', clicks)
  .route('/v1/identities', identities)
  .route('/v1/clock', clock)
  .route('/v1/openapi.json', contract)
  .route('/v1/setup', setup)
  .route('/v1/sign-in', signIn)
  .route('/v1/sign-out', signOut)
  .route('/v1/session', session)
  .route('/v1/members', members)
  .route('/v1/keys', keys)
  .route('/v1/audit', audit)
  .route('/v1/second-factor', secondFactor)
  .route('/v1/security', security)
  .route('/docs', docs)
  .route('/v1', reports)
  .route('/', pages);

api.notFound(() => refuse({ code: 'not_found' }));

api.onError((cause) => {
  console.error(tellable(cause));
  return fault();
});

export type AppType = typeof api;
/** Method and path of everything that answers here; the redirect stands apart. */
export const routes = api.routes.map(({ method, path }) => ({ method, path }));

export const app = {
  async fetch(request: Request, env: App['Bindings'], ctx: ExecutionContext): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const atShop = isAtShop(pathname, env.BASE_PATH);
    const [, code] = LINK.exec(pathOf(pathname, env.BASE_PATH)) ?? [];
    const follows = code !== undefined && (request.method === 'GET' || request.method === 'HEAD');
    if (!follows) return harden(await api.fetch(request, env, ctx), { atShop });
    if (holdsSecret(request.url)) return harden(refuse({ code: 'key_in_address' }), { atShop });
    return go(request, env, ctx, { code, query: searchParams, atShop });
  },
};

const LINK = /^\/go\/([^/]+)$/;
