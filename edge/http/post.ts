/** Letters leave after the answer: one that is lost is told to the log, and fails no call. */
import type { Context } from 'hono';
import type { Invitation } from '../flows/invite.ts';
import type { App } from './types.ts';

export function post<In extends App>(c: Context<In>, letter: Invitation): void {
  const origin = homeOf(c.req.url, c.env);
  const sent = origin === null ? Promise.reject(new Error(NOWHERE)) : c.env.deps.mail.send(letter(origin));
  c.executionCtx.waitUntil(sent.catch((cause: unknown) => console.error('an invitation was not mailed', cause)));
}

const NOWHERE = 'Set DASHBOARD_ORIGIN: the call came by the shop’s own host, where nobody signs in.';

/** Where people sign in; null under the path on the shop's own host. */
function homeOf(url: string, { DASHBOARD_ORIGIN, BASE_PATH }: App['Bindings']): string | null {
  if (DASHBOARD_ORIGIN) return DASHBOARD_ORIGIN;
  const { origin, pathname } = new URL(url);
  return BASE_PATH && pathname.startsWith(`${BASE_PATH}/`) ? null : origin;
}
