/**
 * Ways out of the page. A string is posted as `text/plain`, which browsers send across origins without asking first.
 *
 * Cookies go along: on the shop's own site the server keeps the visitor in one that outlives a script's.
 */
import type { EventsAnswer } from '../edge/contract.ts';
import { safely } from './safely.ts';

export const endpointOf = (host: string): string => `${host}`.replace(/\/?$/, '/v1/events');

/** Browsers let 64 KiB outlive their page, and the server takes no more: so many letters fit in any language. */
export const isShort = (body: string): boolean => body.length < 2e4;

/**
 * The answer; null when the server refuses this for good; undefined when another try may help: no network, a server in
 * trouble, a page that broke fetch. Never rejects.
 */
export async function post(address: string, body: string): Promise<EventsAnswer | null | undefined> {
  try {
    const response = await fetch(address, {
      method: 'POST',
      body,
      credentials: 'include',
      // What is too long for it the browser would fail each time.
      keepalive: isShort(body),
    });
    if (response.ok) return await response.json();
    return response.status < 429 ? null : undefined;
  } catch {
    // Another time.
  }
}

/** For a page on its way out: true when the browser took it over. Nobody reads the answer. */
export const beacon = safely((address: string, body: string) => navigator.sendBeacon(address, body));
