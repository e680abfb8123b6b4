/** What Cloudflare bills, and what that makes of the rows counted. */
import { KEPT_DAYS, type Lives } from '../support/lives.ts';

/** developers.cloudflare.com/d1/platform/pricing and /workers/platform/pricing, read in November 2026. */
const PRICE = {
  rowWritten: 1 / 1e6,
  rowRead: 0.001 / 1e6,
  request: 0.3 / 1e6,
  cpuMs: 0.02 / 1e6,
  gigabyteMonth: 0.75,
};
/** Of one call, generously: `redirect` shows ours to take little more than a bare Worker's. */
const CPU_MS = { redirect: 2, landing: 5, order: 15 };

/** Dollars a million. */
export const PROMISED = { redirect: 1.5, landedClick: 5, order: 25 } as const;

/** Dollars a million; `storage` apart, since most never fill the 5 GB that the plan includes. */
export function dollars({ redirect, landing, ageing, order, bytes }: Lives) {
  const rows = (of: Lives['order']) => of.rowsWritten * PRICE.rowWritten + of.rowsRead * PRICE.rowRead;
  const call = (cpuMs: number) => PRICE.request + cpuMs * PRICE.cpuMs;
  const million = (one: number) => Math.round(one * 1e8) / 100;
  const clicked = rows(redirect) + call(CPU_MS.redirect);
  return {
    redirect: million(clicked),
    landedClick: million(clicked + rows(landing) + call(CPU_MS.landing) + rows(ageing)),
    order: million(rows(order) + call(CPU_MS.order)),
    storage: million((bytes / 1e9) * (KEPT_DAYS / 30) * PRICE.gigabyteMonth),
  };
}
