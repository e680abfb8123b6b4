/**
 * What if: the orders of a span under other models, side by side. Nothing is changed by asking; what stands, stands.
 */
import { type Comparable, groupAt, type Placement, shareUnder } from '../core/attribution.ts';
import { allocationsOf, earn, type Sold, type Terms, termsAt } from '../core/commission.ts';
import type { PartnerId, ProgramId } from '../core/id.ts';
import type { Currency, Minor } from '../core/money.ts';
import type { Deps, JudgedOrder, Span } from '../deps.ts';
import { sayingOf } from './order.ts';

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
    const placements = terms.some((one) => one.groupId !== null) ? await placementsOf(deps, programId, page) : [];
    for (const order of page) {
      const policy = policies.find((one) => one.version === order.policyVersion);
      if (!policy) throw new Error(`order ${order.id} was judged by a version that is gone`);
      const priced = pricing(order, terms, placements);
      for (const [model, byPartner] of standings) {
        const { step, shares = [], lines = [], candidates, override } = order.explanation;
        const shared = shareUnder(model, { ...order, step, shares, candidates }, { ...policy, ...override });
        const parts = earn({ ...priced, verdict: { shares: shared, lines } });
        for (const one of allocationsOf(parts, priced.sold.lines)) {
          const standing = credit(byPartner, one.partnerId);
          standing.creditMicros += one.shareMicros;
          pay(standing, order.currency, one.base, one.amount);
        }
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

/** What an order was, to its terms, and the terms it was priced by: by the group that each partner was in. */
function pricing(order: JudgedOrder, terms: readonly Terms[], placements: readonly Placement[]) {
  const { event, currency, customerType, occurredAt, termsVersion, explanation } = order;
  const { bases, used = [], step, firstAt } = explanation;
  const renews = step === 'renewal' && firstAt !== undefined;
  const sold: Sold = {
    ...{ event, currency, used },
    customer: customerType,
    lines: bases.map((base, line) => ({ line, base })),
    goods: sayingOf(order).items,
    renewal: renews ? { firstAt, occurredAt } : null,
  };
  const frozen = terms.find((one) => one.version === termsVersion);
  if (!frozen) throw new Error(`order ${order.id} was priced by terms that are gone`);
  const termsOf = (partner: PartnerId) =>
    renews ? frozen : termsAt(terms, groupAt(placements, partner, occurredAt), occurredAt);
  return { sold, termsOf };
}

async function placementsOf(deps: Deps, programId: ProgramId, orders: readonly JudgedOrder[]) {
  const partners = orders.flatMap(({ explanation }) => [
    ...explanation.candidates.map((one) => one.partnerId),
    ...(explanation.shares ?? []).map((one) => one.partnerId),
    ...(explanation.lines ?? []).flatMap((line) => line.shares.map((one) => one.partnerId)),
  ]);
  const { placements } = await deps.store.standing({
    ...{ programId, partnerIds: [...new Set(partners)], named: [], linkIds: [] },
  });
  return placements;
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
