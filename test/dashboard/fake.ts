/** An API whose answers the test gives by hand, in the order it likes; and the smallest things that stand in answers. */
import type { Api, Balance, ConversionSummary, PartnerLine, Summary } from '../../dashboard/api.ts';
import type { Currency, Minor } from '../../edge/core/money.ts';

export interface Call {
  name: keyof Api;
  ask: unknown;
  signal: AbortSignal | undefined;
  answer(value: unknown): Promise<void>;
  fail(cause: unknown): Promise<void>;
}

export function fakeApi() {
  const calls: Call[] = [];
  const settle = () => new Promise<void>((done) => setTimeout(done));
  const method =
    (name: keyof Api) =>
    (ask: unknown, signal?: AbortSignal): Promise<never> =>
      new Promise((resolve, reject) => {
        calls.push({
          name,
          ask,
          signal,
          answer: (value) => {
            resolve(value as never);
            return settle();
          },
          fail: (cause) => {
            reject(cause);
            return settle();
          },
        });
      });
  const api: Api = {
    session: method('session'),
    summary: method('summary'),
    partners: method('partners'),
    compare: method('compare'),
    balances: method('balances'),
    links: method('links'),
    setup: method('setup'),
    codes: method('codes'),
    groups: method('groups'),
    orders: method('orders'),
    order: method('order'),
    people: method('people'),
  };
  /** The latest call of a name. */
  const last = (name: keyof Api): Call => {
    const found = calls.findLast((call) => call.name === name);
    if (!found) throw new Error(`nobody asked for ${name}`);
    return found;
  };
  return { api, calls, last };
}

export const summaryOf = (days: number): Summary => ({
  from: '2026-11-01',
  to: '2026-11-30',
  days: Array.from({ length: days }, () => ({ day: '2026-11-01', clicks: 0, counted: 0, orders: 0, money: [] })),
  totals: { clicks: 0, counted: 0, orders: 0, uncredited: 0, money: [] },
});

export const order = (
  id: string,
  part: { commission: number; currency?: string; heldUntil: string },
): ConversionSummary => ({
  id,
  orderId: `order-${id}`,
  event: 'sale',
  occurredAt: '2026-11-20T10:00:00.000Z',
  receivedAt: '2026-11-20T10:00:00.000Z',
  currency: part.currency ?? 'EUR',
  base: part.commission * 10,
  verified: true,
  reason: 'last',
  allocations: [
    {
      partnerId: 'p',
      partner: 'anna',
      name: 'Anna Berg',
      shareMicros: 1_000_000,
      commission: part.commission,
      currency: part.currency ?? 'EUR',
      status: 'pending',
      reason: 'last',
      base: part.commission * 10,
      heldUntil: part.heldUntil,
    },
  ],
});

/** As a partner sees one that it did not earn. */
export const lost = (id: string, why: string): ConversionSummary => ({
  ...order(id, { commission: 0, heldUntil: '2026-12-04T12:00:00.000Z' }),
  reason: why,
  allocations: [],
});

export const balance = (currency: string, amount: number): Balance => ({
  partner: 'anna',
  currency: currency as Currency,
  account: 'pending',
  amount: amount as Minor,
});

export const line = (
  partner: string,
  given: { clicks?: number; counted?: number; orders?: number; EUR?: number; USD?: number } = {},
): PartnerLine => ({
  partnerId: partner,
  partner,
  name: partner.toUpperCase(),
  clicks: given.clicks ?? 0,
  counted: given.counted ?? 0,
  orders: given.orders ?? 0,
  money: (['EUR', 'USD'] as const).flatMap((currency) =>
    given[currency] === undefined
      ? []
      : [
          {
            currency: currency as unknown as Currency,
            orders: 1,
            sales: 0 as Minor,
            commission: given[currency] as Minor,
          },
        ],
  ),
});
