/**
 * The visitor id, remembered first-party in one cookie. Whether consent allows it is asked elsewhere.
 *
 * Browsers may refuse: cookies switched off, a sandboxed frame. Then nothing is remembered, and nothing is said.
 */
import { safely } from './safely.ts';

/** 400 days: the longest that browsers keep a cookie. Some keep one that a script wrote for 7 days. */
const MAX_AGE_SECONDS = 34_560_000;

export const recall = safely(() => document.cookie.match(/(?:^|; )tributary_vid=([\w-]{16,64})(?:;|$)/)?.[1]);

export const remember = (visitorId: string) => write(visitorId, MAX_AGE_SECONDS);

export const forget = () => write('', 0);

const write = safely((value: string, maxAgeSeconds: number) => {
  const secure = location.protocol === 'https:' ? '; Secure' : '';
  // biome-ignore lint/suspicious/noDocumentCookie: browsers still in use lack the Cookie Store API.
  document.cookie = `tributary_vid=${value}; Path=/; Max-Age=${maxAgeSeconds}; SameSite=Lax${secure}`;
});
