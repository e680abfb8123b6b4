/**
 * The visitor's cookie, where the Worker stands on the shop's own site. Browsers keep a server's cookie for as long as it
 * asks; one that a script wrote, Safari keeps for a week. No script reads it: `HttpOnly`.
 */
import { DAY_MS } from '../core/attribution.ts';
import type { VisitorId } from '../core/id.ts';

const NAME = 'tributary_vid';

export const visitorOf = (cookies: string | undefined): VisitorId | null =>
  (new RegExp(`(?:^|; *)${NAME}=([\\w-]{16,64})(?:;|$)`).exec(cookies ?? '')?.[1] as VisitorId | undefined) ?? null;

export const rememberVisitor = (visitorId: VisitorId, days: number, url: string): string =>
  cookie(visitorId, (days * DAY_MS) / 1000, url);

export const forgetVisitor = (url: string): string => cookie('', 0, url);

const cookie = (value: string, maxAgeSeconds: number, url: string): string =>
  `${NAME}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${url.startsWith('https:') ? '; Secure' : ''}`;
