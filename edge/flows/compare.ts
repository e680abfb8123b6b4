/**
 * What if: the orders of a span under other models, side by side. Nothing is changed by asking; what stands, stands.
 */
import { type Comparable, shareUnder } from '../core/attribution.ts';
import { earn } from '../core/commission.ts';
import type { PartnerId, ProgramId } from '../core/id.ts';
import type { Currency, Minor } from '../core/money.ts';
import type { Deps, JudgedOrder, Span } from '../deps.ts';

/** Explanations are long: a page of the longest must fit into an isolate's memory. */
const PAGE = 200;

/** What one partner would have of all orders under one model. */
export interface Standing {
  readonly partnerId: PartnerId;
  /** Orders credited, in millionths of an order. */
  creditMicros: number;
  /** Sums for looking at, exact up to 2^53: nonsense orders must not stop the page. */
  readonly amounts: Map<Currency, { amount: number; commission: number }>;
}

export interface Comparison {
  readonly orders: number;
  readonly models: ReadonlyMap<Comparable, readonly Standing[]>;
}

/** Reads the orders once, page by page, and judges each under every model by the policy and terms it was judged by. */
export async function compare(
  deps: Deps,
  asked: { programId: ProgramId; span: Span; models: readonly Comparable[] },
): Promise<Comparison> {
  const { programId, span, models } = asked;
  const [policies, terms] = await Promise.all([deps.store.policies(programId), deps.store.terms(programId)]);
  const standings = new Map(models.map((model) => [model, new Map<PartnerId, Standing>()]));
  let orders = 0;
  for (let after: JudgedOrder | null = null; ; ) {
    const page: JudgedOrder[] = await deps.reports.judged(programId, span, { limit: PAGE, after });
    orders += page.length;
    for (const order of page) {
      const policy = policies.find((one) => one.version === order.policyVersion);
      const rules = terms.find((one) => one.version === order.termsVersion);
      if (!policy || !rules) throw new Error(`order ${order.id} was judged by a version that is gone`);
      const { candidates, bases } = order.explanation;
      const lines = bases.map((base, line) => ({ line, base }));
      for (const [model, byPartner] of standings) {
        const shares = shareUnder(model, { ...order, step: order.explanation.step, shares: [], candidates }, policy);
        const parts = earn({
          sold: {
            event: 'sale',
            currency: order.currency,
            customer: 'unknown',
            lines,
            goods: [],
            used: [],
            renewal: null,
          },
          verdict: { shares, lines: [] },
          termsOf: () => rules,
        });
        for (const { partnerId, shareMicros } of shares) credit(byPartner, partnerId).creditMicros += shareMicros;
        for (const { partnerId, base, commission } of parts)
          pay(credit(byPartner, partnerId), order.currency, base, commission);
      }
    }
    after = page.at(-1) ?? null;
    if (page.length < PAGE) break;
  }
  return {
    orders,
    models: new Map([...standings].map(([model, byPartner]) => [model, [...byPartner.values()].sort(byCredit)])),
  };
}

function credit(byPartner: Map<PartnerId, Standing>, partnerId: PartnerId): Standing {
  const known = byPartner.get(partnerId) ?? { partnerId, creditMicros: 0, amounts: new Map() };
  byPartner.set(partnerId, known);
  return known;
}

function pay({ amounts }: Standing, currency: Currency, base: Minor, commission: Minor): void {
  const before = amounts.get(currency) ?? { amount: 0, commission: 0 };
  amounts.set(currency, { amount: before.amount + base, commission: before.commission + commission });
}

const byCredit = (a: Standing, b: Standing): number =>
  b.creditMicros - a.creditMicros || (a.partnerId < b.partnerId ? -1 : 1);
