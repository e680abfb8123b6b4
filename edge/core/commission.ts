/**
 * What an order is worth and what each partner gets of it, under dated terms. Pure.
 *
 * The base of commission is goods after discounts, before tax and shipping. It is split over partners line by line;
 * each part is rounded once, then summed.
 */
import { DAY_MS, type Share } from './attribution.ts';
import type { PartnerId } from './id.ts';
import { add, allocate, type Minor, minor, type Ppm, share, ZERO } from './money.ts';
import { err, type FieldError, ok, type Result } from './result.ts';

/** What a partner earns, from a moment on. Versions are never edited: a change is a new one. */
export interface Terms {
  readonly version: number;
  readonly startsAt: number;
  readonly ratePpm: Ppm;
}

export type ItemKind = 'goods' | 'gift_card' | 'tip';

export interface Item {
  readonly sku: string | null;
  readonly name: string | null;
  readonly category: string | null;
  readonly kind: ItemKind;
  readonly quantity: number;
  /** Of one unit. */
  readonly price: Minor;
  /** Of the whole line. */
  readonly discount: Minor;
  /** Of the whole line; taken off when prices include tax. On every goods line or on none: then the order's is spread. */
  readonly tax: Minor | null;
}

export interface OrderValue {
  readonly items: readonly Item[];
  /** Goods after discounts; without items it is all we know, beside them it must agree. */
  readonly amount: Minor | null;
  readonly discount: Minor;
  readonly tax: Minor;
  readonly taxIncluded: boolean;
}

/** One line's base of commission. An order without items is one line. Gift cards and tips have base 0. */
export interface Line {
  readonly line: number;
  readonly base: Minor;
}

/** A partner's part of one line, with the arithmetic that made it. */
export interface LineShare extends Share {
  readonly line: number;
  readonly base: Minor;
  readonly ratePpm: Ppm;
  readonly commission: Minor;
}

/**
 * The base of each line.
 *
 * 1. a goods line is price × quantity − its discount; gift cards and tips are left out
 * 2. `amount` beside items must equal the goods lines, less the order's discount
 * 3. the order's discount is spread by value, then tax comes off where prices include it
 *
 * Refuses with the fields that contradict each other; no base is ever below zero.
 */
export function lineBases(order: OrderValue): Result<Line[]> {
  if (order.items.length === 0) {
    const base = minor((order.amount ?? 0) - (order.taxIncluded ? order.tax : 0));
    return base < 0 ? refuse('/tax', 'at most the amount') : ok([{ line: 0, base }]);
  }
  const goods: Minor[] = [];
  for (const [line, item] of order.items.entries()) {
    const value = item.price * item.quantity - item.discount;
    if (!Number.isSafeInteger(value)) return refuse(`/items/${line}/quantity`, 'price × quantity below 2^53');
    if (value < 0) return refuse(`/items/${line}/discount`, 'at most price × quantity');
    goods.push(item.kind === 'goods' ? minor(value) : ZERO);
  }
  const total = goods.reduce((sum, value) => sum + value, 0);
  if (!Number.isSafeInteger(total)) return refuse('/items', 'a total below 2^53');
  if (order.discount > total) return refuse('/discount', 'at most the value of the goods');
  const net = minor(total - order.discount);
  if (order.amount !== null && order.amount !== net) {
    const detail = `${net}, the goods after discounts as the items say`;
    return err({ code: 'amount_mismatch', errors: [{ pointer: '/amount', detail }] });
  }
  const taxFlaw = order.taxIncluded ? flawOfTax(order, net) : null;
  if (taxFlaw) return taxFlaw;
  const discounts = spread(order.discount, goods);
  const afterDiscount = goods.map((value, line) => minor(value - (discounts[line] ?? 0)));
  const taxes = order.taxIncluded ? lineTaxes(order, afterDiscount) : [];
  const lines = afterDiscount.map((value, line) => ({ line, base: minor(value - (taxes[line] ?? 0)) }));
  const short = lines.find((one) => one.base < 0);
  return short ? refuse(`/items/${short.line}/tax`, 'at most the value of the line') : ok(lines);
}

/** Tax is told of every goods line or of the order as a whole, and no more of it than there are goods. */
function flawOfTax({ items, tax }: OrderValue, net: Minor): ReturnType<typeof refuse> | null {
  const goods = [...items.entries()].filter(([, item]) => item.kind === 'goods');
  const untaxed = goods.filter(([, item]) => item.tax === null);
  const [first] = untaxed;
  if (first && untaxed.length < goods.length) {
    return refuse(`/items/${first[0]}/tax`, 'a tax on every goods line, or on none');
  }
  return untaxed.length === goods.length && tax > net ? refuse('/tax', 'at most the value of the goods') : null;
}

/** Splits each line over the partners' shares and applies each partner's rate to its part. */
export function earn(given: {
  lines: readonly Line[];
  shares: readonly Share[];
  rateOf: (partner: PartnerId) => Ppm;
}): LineShare[] {
  const { lines, shares, rateOf } = given;
  if (shares.length === 0) return [];
  const weights = shares.map((one) => one.shareMicros);
  return lines.flatMap(({ line, base }) => {
    const parts = allocate(base, weights);
    return shares.map(({ partnerId, shareMicros }, index) => {
      const part = parts[index] ?? ZERO;
      const ratePpm = rateOf(partnerId);
      return { line, partnerId, shareMicros, base: part, ratePpm, commission: share(part, ratePpm) };
    });
  });
}

/** When a pending commission may be approved: the hold counts from the later of order and receipt. */
export const heldUntil = (order: { occurredAt: number; receivedAt: number }, holdDays: number): number =>
  Math.max(order.occurredAt, order.receivedAt) + holdDays * DAY_MS;

/** What the lines are called, by number: the goods' names, else their sku. */
export const lineNames = (
  items: readonly { line: number; name: string | null; sku: string | null }[],
): ReadonlyMap<number, string> =>
  new Map(items.map(({ line, name, sku }) => [line, name ?? sku ?? ''] as const).filter(([, name]) => name !== ''));

export const totalBase = (lines: readonly { base: Minor }[]): Minor => add(...lines.map((one) => one.base));

export const totalCommission = (parts: readonly LineShare[], partner: PartnerId): Minor =>
  add(...parts.filter((one) => one.partnerId === partner).map((one) => one.commission));

/** The tax inside each line: as the goods lines name it, else the order's, spread by value. */
function lineTaxes(order: OrderValue, values: readonly Minor[]): Minor[] {
  const goods = order.items.filter((item) => item.kind === 'goods');
  if (goods.every((item) => item.tax === null)) return spread(order.tax, values);
  return order.items.map((item) => (item.kind === 'goods' ? (item.tax ?? ZERO) : ZERO));
}

/** By value, every unit handed out; nothing to spread over lines that are all zero. */
const spread = (amount: Minor, values: readonly Minor[]): Minor[] =>
  values.every((value) => value === 0) ? values.map(() => ZERO) : allocate(amount, values);

const refuse = (
  pointer: string,
  detail: string,
): { ok: false; refusal: { code: 'invalid'; errors: FieldError[] } } => ({
  ok: false,
  refusal: { code: 'invalid', errors: [{ pointer, detail }] },
});
