/**
 * How well a shop is connected, told from its real traffic: the grade says for how long its browsers remember a click.
 *
 * A  the Worker answers on the page's own host: a cookie by the server, for the whole window
 * B  on another host of the same site: a cookie by the server; Safari keeps it for 7 days where the addresses differ
 * C  on another site: a cookie by script; Safari keeps it for 7 days, 24 hours after a decorated link
 * D  no page tells anything: orders carry the click id, or are not credited
 */
import { DAY_MS } from './attribution.ts';

export type Grade = 'A' | 'B' | 'C' | 'D';
/** How a page reaches the Worker. */
export type Reach = Exclude<Grade, 'D'>;

/** Something that was seen of a program's set-up. */
export interface Seen {
  readonly kind: string;
  /** ms since the epoch. */
  readonly lastAt: number;
  readonly detail: string | null;
}

/** What was not seen for so long is no part of the set-up any more. */
const RECENT_MS = 30 * DAY_MS;

/** As the detail of a page that was seen; read by `reachOf`. */
export const pageDetail = (reach: Reach, host: string): string => `${reach} ${host}`;

export function reachOf(detail: string | null): { reach: Reach; host: string } | null {
  const [, reach, host = ''] = /^([ABC]) (.+)$/.exec(detail ?? '') ?? [];
  return reach ? { reach: reach as Reach, host } : null;
}

/** The detail of an order from the server that named its click. */
export const WITH_CLICK = 'click id';

/** Null: nothing was seen lately. */
export function gradeOf(seen: readonly Seen[], now: number): Grade | null {
  const lately = seen.filter((one) => now - one.lastAt <= RECENT_MS);
  const page = lately.find((one) => one.kind === 'page');
  const reached = page && reachOf(page.detail);
  if (reached) return reached.reach;
  return lately.some((one) => one.kind === 'server_order' && one.detail === WITH_CLICK) ? 'D' : null;
}

/**
 * How a page on `origin` reached the address it posted to. Browsers say it themselves (`Sec-Fetch-Site`); of those that
 * do not, a host above or below the page's is the same site, and no other.
 */
export function reachFrom(origin: string, address: string, fetchSite: string | null): Reach {
  const [page, worker] = [URL.parse(origin), URL.parse(address)];
  if (!page || !worker) return 'C';
  if (page.host === worker.host) return 'A';
  if (fetchSite) return fetchSite === 'same-site' ? 'B' : fetchSite === 'same-origin' ? 'A' : 'C';
  const [a, b] = [`.${page.hostname}`, `.${worker.hostname}`];
  return a.endsWith(b) || b.endsWith(a) ? 'B' : 'C';
}
