/**
 * What is remembered first-party: the visitor id in one cookie, and in local storage, under the program's key, the
 * commands that nobody has acknowledged. Whether consent allows it is asked elsewhere.
 *
 * Browsers may refuse: cookies switched off, a sandboxed frame. Then nothing is remembered, and nothing is said.
 */
import type { Command } from '../edge/contract.ts';
import { safely } from './safely.ts';

/** 400 days: the longest that browsers keep a cookie. Some keep one that a script wrote for 7 days. */
const MAX_AGE_SECONDS = 34_560_000;

export const recall = safely(() => document.cookie.match(/\btributary_vid=([\w-]+)/)?.[1]);

/** An empty one is erased. Where the server keeps the cookie (`HttpOnly`), browsers pass this over. */
export const remember = safely((visitorId: string) => {
  // biome-ignore lint/suspicious/noDocumentCookie: browsers still in use lack the Cookie Store API.
  document.cookie = `tributary_vid=${visitorId};Path=/;Max-Age=${visitorId ? MAX_AGE_SECONDS : 0};SameSite=Lax;Secure`;
});

/** What is older is given up: a server that is away for long does not fill a shopper's browser. */
const MAX_KEPT = 50;

/** An empty list is kept, too: it tells the next page that there is a visitor, though the cookie may be hidden. */
export const keep = safely((key: string, commands: readonly Command[]) => {
  localStorage[key] = JSON.stringify(commands.slice(-MAX_KEPT));
});

export const kept = safely((key: string): Command[] => [...JSON.parse(localStorage[key])]);

export const discard = safely((key: string) => {
  delete localStorage[key];
});
