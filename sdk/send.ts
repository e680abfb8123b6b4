/**
 * Ways out of the page. A string is posted as `text/plain`, which browsers send across origins without asking first.
 *
 * No cookie of the tracking host is needed: the visitor id travels in the body.
 */
import type { EventsAnswer } from '../edge/contract.ts';
import { safely } from './safely.ts';

/** What browsers let outlive its page, and the most that the server takes. */
const MAX_BYTES = 64 * 1024;

export const fits = (body: string): boolean => new Blob([body]).size <= MAX_BYTES;

/**
 * The answer; null when the server refuses this for good; undefined when another try may help: no network, a server in
 * trouble, a page that broke fetch. Never rejects.
 */
export async function post(address: string, body: string): Promise<EventsAnswer | null | undefined> {
  try {
    const response = await fetch(address, {
      method: 'POST',
      body,
      credentials: 'omit',
      // Beyond the limit the browser would fail each try; without the wish the server refuses once.
      keepalive: fits(body),
    });
    if (response.ok) return await response.json();
    return response.status < 500 ? null : undefined;
  } catch {
    return undefined;
  }
}

/** For a page on its way out: true when the browser took it over. Nobody reads the answer. */
export const beacon = safely((address: string, body: string) => navigator.sendBeacon(address, body));
