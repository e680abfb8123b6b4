/**
 * Which act each route is: the guard asks this table before any door opens, and a route without a row is denied. A test
 * holds it against the routes there are, and the compiler too (`test/types/policy.ts`).
 */
import type { Act } from '../core/access.ts';

/**
 * `public`: anybody. `page`: a publishable key, which the door itself reads. `browser`: anybody, but from this origin's own
 * pages only.
 */
export type Door = Act | 'public' | 'page' | 'browser';

export const POLICY = {
  'GET /health': 'public',
  'OPTIONS /v1/events': 'public',
  'POST /v1/events': 'page',
  'GET /v1/pixel.gif': 'page',
  'POST /v1/conversions': 'orders.write',
  'GET /v1/conversions': 'orders.read',
  'GET /v1/conversions/:id': 'orders.read',
  'GET /v1/attribution/compare': 'reports.compare',
  'GET /v1/program': 'program.read',
  'PATCH /v1/program': 'program.write',
  'POST /v1/terms': 'terms.write',
  'GET /v1/partners': 'partners.read',
  'POST /v1/partners': 'partners.write',
  'PATCH /v1/partners/:id': 'partners.write',
  'GET /v1/groups': 'groups.read',
  'PATCH /v1/groups/:id': 'groups.write',
  'POST /v1/groups': 'groups.write',
  'GET /v1/links': 'links.read',
  'POST /v1/links': 'links.write',
  'PATCH /v1/links/:id': 'links.write',
  'GET /v1/codes': 'codes.read',
  'POST /v1/codes': 'codes.write',
  'POST /v1/clicks': 'clicks.write',
  'POST /v1/identities': 'clicks.write',
  'POST /v1/clock': 'clock.write',
  'GET /v1/openapi.json': 'public',
  'GET /v1/setup': 'setup.read',
  'GET /v1/sign-in': 'public',
  'POST /v1/sign-in/link': 'browser',
  'POST /v1/sign-in/confirm': 'browser',
  'POST /v1/sign-in/passkey/options': 'browser',
  'POST /v1/sign-in/passkey': 'browser',
  'GET /v1/sign-in/oidc': 'browser',
  // The issuer sends the browser back by a link, which counts as its own; what it brings is checked by the door.
  'GET /v1/sign-in/oidc/callback': 'browser',
  'POST /v1/sign-out': 'self',
  'POST /v1/second-factor': 'self',
  'POST /v1/second-factor/passkey/options': 'self',
  'POST /v1/second-factor/passkey': 'self',
  'GET /v1/security': 'self',
  'POST /v1/security/totp': 'self',
  'POST /v1/security/totp/confirm': 'self',
  'DELETE /v1/security/totp': 'self',
  'POST /v1/security/recovery-codes': 'self',
  'POST /v1/security/passkeys/options': 'self',
  'POST /v1/security/passkeys': 'self',
  'PATCH /v1/security/passkeys/:id': 'self',
  'DELETE /v1/security/passkeys/:id': 'self',
  'DELETE /v1/security/sessions/:id': 'self',
  'DELETE /v1/security/sessions': 'self',
  'POST /v1/security/oidc': 'self',
  'DELETE /v1/security/oidc': 'self',
  'GET /v1/session': 'self',
  'POST /v1/session': 'self',
  'PATCH /v1/session': 'self',
  'POST /v1/session/invitations/:id': 'self',
  // Which act a change of a team is shows when it is known whose place it is: the story asks again (`flows/team.ts`).
  'GET /v1/members': 'team.read',
  'POST /v1/members': 'team.read',
  'PATCH /v1/members/:id': 'team.read',
  'DELETE /v1/members/:id': 'team.read',
  'GET /v1/keys': 'keys.read',
  'POST /v1/keys': 'keys.write',
  'POST /v1/keys/:id/rotate': 'keys.write',
  'DELETE /v1/keys/:id': 'keys.write',
  'GET /v1/audit': 'audit.read',
  'GET /v1/audit/export': 'audit.read',
  'GET /v1/audit/proof': 'audit.read',
  'GET /v1/reports/summary': 'reports.read',
  'GET /v1/reports/partners': 'reports.compare',
  'GET /v1/balances': 'balances.read',
  'GET /docs': 'public',
  'GET /docs/style.css': 'public',
  'GET /docs/try.js': 'public',
  'GET /docs/:page': 'public',
  'GET /*': 'public',
} as const satisfies Readonly<Record<string, Door>>;

export const doorOf = (method: string, path: string): Door | null =>
  (POLICY as Readonly<Record<string, Door>>)[`${method} ${path}`] ?? null;
