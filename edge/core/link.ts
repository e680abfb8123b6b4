/** Where a link leads: its own address, or a deep link the program allows; never an unchecked parameter. */

/**
 * The address a redirect goes to. A deep link counts when it parses as http(s) without user info and its host is on the
 * program's list; otherwise the link's own address stands. URL parsing has normalized case, ports and punycode.
 */
export function destination(url: string, deepLink: string | null, hosts: readonly string[]): URL {
  const deep = deepLink === null ? null : URL.parse(deepLink);
  if (!deep || !['http:', 'https:'].includes(deep.protocol)) return new URL(url);
  if (deep.username || deep.password || !hosts.includes(deep.host)) return new URL(url);
  return deep;
}

/** The address with its click token, in place of any it had. */
export function withToken(address: URL, token: string): URL {
  const url = new URL(address);
  // Setting through searchParams would re-encode what the shop wrote; only a stale token is worth that.
  if (url.search.includes('tcid=')) url.searchParams.delete('tcid');
  url.search += `${url.search ? '&' : '?'}tcid=${token}`;
  return url;
}

/** How a visitor came to a page, as its address says. */
export interface Landing {
  readonly tcid: string | null;
  readonly via: string | null;
  readonly handover: string | null;
}

const MAX_NAMES = 10;
const MAX_NAME = 32;

/** A program's or a page's own names for `via`, from a list as people write it. What is taken already is passed over. */
export const namesOf = (list: string): string[] =>
  (list.slice(0, MAX_NAMES * (MAX_NAME + 2)).match(/[\w-]+/g) ?? [])
    .filter((name) => name.length <= MAX_NAME && !['tcid', 'tho', 'via'].includes(name))
    .slice(0, MAX_NAMES);

/**
 * What a page's address says of how the visitor came: query first, then a query-like hash (`#tcid=…`, `#/x?via=…`).
 * `names`: what `via` may also be called; itself it comes first.
 */
export function landingOf(address: string, names: readonly string[] = []): Landing {
  const url = URL.parse(address);
  if (!url) return { tcid: null, via: null, handover: null };
  const hash = new URLSearchParams(url.hash.slice(1).split('?').at(-1));
  const read = (name: string) => url.searchParams.get(name) ?? hash.get(name);
  const via = ['via', ...names].map(read).find((value) => value !== null) ?? null;
  return { tcid: read('tcid'), via, handover: read('tho') };
}

/** Link codes and slugs are told apart by neither case nor surrounding space. */
export const normalizeCode = (code: string): string => code.normalize('NFKC').trim().toLowerCase();
