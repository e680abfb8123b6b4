/** BASE_PATH: where the Worker also answers on the shop's own host, so that a route there collides with nothing. */

const USUAL = '/_t';

/** Under it the host, its pages and what holds for all of them are the shop's, not ours. */
export const isAtShop = (pathname: string, base = USUAL): boolean =>
  base !== '' && (pathname === base || pathname.startsWith(`${base}/`));

/** The base that an address came by, or nothing. */
export const baseOf = (pathname: string, base = USUAL): string => (isAtShop(pathname, base) ? base : '');

/** The path as the routes know it. */
export function pathOf(pathname: string, base?: string): string {
  const own = pathname.slice(baseOf(pathname, base).length) || '/';
  // People and proxies double slashes and leave one at the end: a shopper's click is not lost to that.
  return own.replace(/\/{2,}/g, '/').replace(/(.)\/$/, '$1');
}
