/** How many rows a list answers at once. */
import { err, ok, type Result } from '../core/result.ts';

const MAX_PAGE = 100;
const PAGE = 25;

/** `?limit=`, a whole number from 1 to 100; 25 when it is left out. */
export function pageOf(limit = String(PAGE)): Result<number> {
  const size = Number(limit);
  if (/^\d{1,3}$/.test(limit) && size >= 1 && size <= MAX_PAGE) return ok(size);
  return err({ code: 'invalid', errors: [{ pointer: '/limit', detail: `a whole number from 1 to ${MAX_PAGE}` }] });
}
