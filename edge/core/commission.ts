/**
 * What an order is worth and what each partner gets of it, under dated terms. Pure.
 *
 * The base of commission is goods after discounts, before tax and shipping. It is split over partners line by line;
 * each part is rounded once, then summed.
 */
import { DAY_MS, inForceOf, type Share, type UsedCode, type Verdict, WHOLE_MICROS } from './attribution.ts';
import type { GroupId, PartnerId } from './id.ts';
import { add, allocate, type Currency, type Minor, minor, type Ppm, share, ZERO } from './money.ts';
import { err, type FieldError, ok, type Result } from './result.ts';

/** What partners earn, from a moment on: the program's, or of one group. Versions are never edited: a change is a new one. */
export interface Terms {
  readonly version: number;
  readonly startsAt: number;
  /** Null: of every partner whose group has none. */
  readonly groupId: GroupId | null;
  /** The first that matches a line pays it; where none does, it pays nothing. */
  readonly rules: readonly Rule[];
}

/** Amounts by currency: one that is not named is one that the rule does not know. */
export type ByCurrency = Readonly<Record<string, Minor>>;

/** A rate of a line, or a fixed amount of an order; `when` says of which. */
export interface Rule {
  readonly when?: {
    readonly sku?: string;
    readonly category?: string;
    readonly event?: string;
    /** The partner's own, as the program keeps it. */
    readonly code?: string;
    readonly customer?: 'new' | 'returning';
    /** What the order's base must reach. */
    readonly minimum?: ByCurrency;
  };
  readonly ratePpm?: Ppm;
  readonly fixed?: ByCurrency;
  /** The most that one order pays under this rule. */
  readonly cap?: ByCurrency;
  /** For how many months after the first order renewals are paid; without it, without end. */
  readonly months?: number;
}

/** The merchant's word, else whether an order of this customer came before; without a customer nobody knows. */
export const CUSTOMER_TYPES = ['new', 'returning', 'unknown'] as const;
export type CustomerType = (typeof CUSTOMER_TYPES)[number];

/** What is to be said of a commission in place of the order's reason. */
export type CommissionReason = 'no_terms_for_currency' | 'code_owner_wins';

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
  readonly termsVersion: number;
  /** Which rule of the terms paid it, from 0; null where none matched. */
  readonly rule: number | null;
  readonly ratePpm: Ppm | null;
  /** Of the whole order under that rule. */
  readonly fixed: Minor | null;
  readonly commission: Minor;
  readonly reason: CommissionReason | null;
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

/** What terms may ask of an order. */
export interface Sold {
  readonly event: string;
  readonly currency: Currency;
  readonly customer: CustomerType;
  readonly lines: readonly Line[];
  /** By line; without items there is one line, which is nothing in particular. */
  readonly goods: readonly Pick<Item, 'sku' | 'category'>[];
  readonly used: readonly UsedCode[];
  /** Of a renewal: when it, and the first order, occurred. */
  readonly renewal: { readonly firstAt: number; readonly occurredAt: number } | null;
}

/**
 * Splits each line over its partners and applies each partner's own terms to its part.
 *
 * 1. a line's base is split by its shares, every unit of what is shared
 * 2. the first rule of the partner's terms that matches the line pays it
 * 3. a rate is taken of the part and rounded once; a fixed amount is handed out over all parts under its rule
 * 4. what one rule pays of one order ends at its cap
 */
export function earn(given: {
  sold: Sold;
  verdict: Pick<Verdict, 'shares' | 'lines'>;
  termsOf: (partner: PartnerId) => Terms;
}): LineShare[] {
  const { sold, termsOf } = given;
  const parts = sold.lines.flatMap(({ line, base }) => {
    const shares = sharesOf(given.verdict, line);
    if (shares.length === 0) return [];
    const micros = shares.map((one) => one.shareMicros);
    // What is nobody's share, as of a renewal whose partner has left, stays nobody's.
    const rest = WHOLE_MICROS - micros.reduce((sum, one) => sum + one, 0);
    const bases = allocate(base, [rest, ...micros]).slice(1);
    return shares.map(({ partnerId, shareMicros }, index): LineShare => {
      const part = bases[index] ?? ZERO;
      const terms = termsOf(partnerId);
      const { rule, reason } = ruleFor(terms.rules, sold, line, partnerId);
      const paid = rule === null ? undefined : terms.rules[rule];
      const ratePpm = paid?.ratePpm ?? null;
      return {
        ...{ line, partnerId, shareMicros, base: part, termsVersion: terms.version, rule, ratePpm, reason },
        fixed: paid?.fixed?.[sold.currency] ?? null,
        commission: ratePpm === null ? ZERO : share(part, ratePpm),
      };
    });
  });
  return byRule(parts)
    .flatMap((group) => {
      const [one] = group;
      const rule = one && one.rule !== null ? termsOf(one.partnerId).rules[one.rule] : undefined;
      return capped(withFixed(group, sold.lines), rule?.cap?.[sold.currency] ?? null);
    })
    .sort((a, b) => parts.findIndex(same(a)) - parts.findIndex(same(b)));
}

const same = (a: LineShare) => (b: LineShare) => a.line === b.line && a.partnerId === b.partnerId;

/** A line's own shares where a code gave it some, else the order's. */
export const sharesOf = ({ shares, lines }: Pick<Verdict, 'shares' | 'lines'>, line: number): readonly Share[] =>
  lines.find((one) => one.line === line)?.shares ?? shares;

/** The terms of a partner at a moment: its group's once they have begun, else the program's. */
export function termsAt(terms: readonly Terms[], groupId: GroupId | null, at: number): Terms {
  const ofGroup = terms.filter((one) => one.groupId !== null && one.groupId === groupId && one.startsAt <= at);
  const found =
    inForceOf(ofGroup, at) ??
    inForceOf(
      terms.filter((one) => one.groupId === null),
      at,
    );
  if (!found) throw new RangeError('a program without terms');
  return found;
}

/** The first rule that matches; where only the currency stood in the way of one, that is the reason. */
function ruleFor(
  rules: readonly Rule[],
  sold: Sold,
  line: number,
  partner: PartnerId,
): { rule: number | null; reason: CommissionReason | null } {
  const fit = rules.map((rule, at) => (matches(rule, sold, line, partner) ? at : null)).filter((at) => at !== null);
  const known = fit.find((at) => rules[at] && knowsCurrency(rules[at], sold));
  if (known !== undefined) return { rule: known, reason: null };
  return { rule: null, reason: fit.length > 0 ? 'no_terms_for_currency' : null };
}

function matches({ when = {}, months }: Rule, sold: Sold, line: number, partner: PartnerId): boolean {
  const goods = sold.goods[line];
  const used = (code: string) =>
    sold.used.some((one) => one.code === code && one.partnerId === partner && (one.line === null || one.line === line));
  const minimum = when.minimum?.[sold.currency];
  return (
    (when.sku === undefined || when.sku === goods?.sku) &&
    (when.category === undefined || when.category === goods?.category) &&
    (when.event === undefined || when.event === sold.event) &&
    (when.code === undefined || used(when.code)) &&
    (when.customer === undefined || when.customer === sold.customer) &&
    (minimum === undefined || totalBase(sold.lines) >= minimum) &&
    (months === undefined || !sold.renewal || sold.renewal.occurredAt < monthsLater(sold.renewal.firstAt, months))
  );
}

const knowsCurrency = ({ when, fixed, cap }: Rule, { currency }: Sold): boolean =>
  [when?.minimum, fixed, cap].every((amounts) => amounts === undefined || amounts[currency] !== undefined);

/** The same moment so many months later, in UTC; a day that month does not have is its last. */
function monthsLater(at: number, months: number): number {
  const date = new Date(at);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, last));
  return date.getTime();
}

/** Parts under one rule of one version together; those that no rule pays stand alone. */
function byRule(parts: readonly LineShare[]): LineShare[][] {
  const groups = new Map<string, LineShare[]>();
  for (const part of parts) {
    const key = `${part.termsVersion}:${part.rule}`;
    groups.set(key, [...(groups.get(key) ?? []), part]);
  }
  return [...groups.values()];
}

/** A fixed amount handed out by what each part is of the lines it is paid for; what is nobody's share stays unpaid. */
function withFixed(parts: readonly LineShare[], lines: readonly Line[]): readonly LineShare[] {
  const fixed = parts[0]?.fixed ?? null;
  if (fixed === null) return parts;
  const bases = new Map(lines.map((one) => [one.line, one.base]));
  const under = [...new Set(parts.map((one) => one.line))];
  // A lead is worth nothing by itself: its lines then weigh alike.
  const worthless = under.every((line) => bases.get(line) === 0);
  const weigh = (line: number, micros: number) => BigInt(worthless ? 1 : (bases.get(line) ?? 0)) * BigInt(micros);
  const weights = parts.map((one) => weigh(one.line, one.shareMicros));
  const whole = under.reduce((sum, line) => sum + weigh(line, WHOLE_MICROS), 0n);
  const rest = whole - weights.reduce((sum, weight) => sum + weight, 0n);
  const paid = allocate(fixed, [rest, ...weights]).slice(1);
  return parts.map((part, index) => ({ ...part, commission: paid[index] ?? ZERO }));
}

function capped(parts: readonly LineShare[], cap: Minor | null): readonly LineShare[] {
  const commissions = parts.map((one) => one.commission);
  if (cap === null || add(...commissions) <= cap) return parts;
  const paid = allocate(cap, commissions);
  return parts.map((part, index) => ({ ...part, commission: paid[index] ?? ZERO }));
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

/** What one partner has of a whole order. */
export interface Allocation extends Share {
  readonly base: Minor;
  readonly amount: Minor;
  readonly reason: CommissionReason | null;
  /** Of the terms that priced its first part. */
  readonly termsVersion: number;
}

/**
 * Each partner's parts taken together. Its share is what it has of every line where all agree, else its part of the
 * whole base; so a line that nobody earns lowers the sum.
 */
export function allocationsOf(parts: readonly LineShare[], lines: readonly Line[]): Allocation[] {
  const partners = [...new Set(parts.map((one) => one.partnerId))];
  const whole = totalBase(lines);
  // Of lines that are worth nothing all weigh alike.
  const weighs = (part: LineShare) => (whole === 0 ? part.shareMicros : part.base);
  const owns = partners.map((partner) => parts.filter((one) => one.partnerId === partner));
  const weights = owns.map((own) => own.reduce((sum, one) => sum + BigInt(weighs(one)), 0n));
  const all = whole === 0 ? BigInt(lines.length) * BigInt(WHOLE_MICROS) : BigInt(whole);
  const rest = all - weights.reduce((sum, one) => sum + one, 0n);
  const micros = all > 0n ? allocate(minor(WHOLE_MICROS), [rest, ...weights]).slice(1) : [];
  return owns.flatMap((own, index) => {
    const [first] = own;
    if (!first) return [];
    const agreed = own.length === lines.length && own.every((one) => one.shareMicros === first.shareMicros);
    return {
      partnerId: first.partnerId,
      shareMicros: agreed ? first.shareMicros : (micros[index] ?? 0),
      base: totalBase(own),
      amount: add(...own.map((one) => one.commission)),
      reason: own.find((one) => one.reason !== null)?.reason ?? null,
      termsVersion: first.termsVersion,
    };
  });
}

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
