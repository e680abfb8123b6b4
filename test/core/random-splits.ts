/** Random orders, split down to each partner's part of each line, and what must hold of every split. */
import type { LineVerdict, Share } from '../../edge/core/attribution.ts';
import {
  allocationsOf,
  earn,
  type Item,
  type LineShare,
  lineBases,
  type OrderValue,
  type Rule,
  sharesOf,
  type Terms,
} from '../../edge/core/commission.ts';
import type { PartnerId } from '../../edge/core/id.ts';
import { type Currency, decimals, type Minor, minor, ppm } from '../../edge/core/money.ts';
import { below, pick, type Random, shuffled } from './random-journeys.ts';

const WHOLE = 1_000_000;
/** With no decimals, with two and with three. */
const CURRENCIES = ['JPY', 'EUR', 'KWD'] as Currency[];
const PARTNERS = ['A', 'B', 'C', 'D'] as PartnerId[];

export interface Split {
  readonly currency: Currency;
  readonly order: OrderValue;
  readonly shares: readonly Share[];
  readonly lines: readonly LineVerdict[];
  readonly terms: ReadonlyMap<PartnerId, Terms>;
}

export function randomSplit(random: Random): Split {
  const currency = pick(random, ...CURRENCIES);
  const whole = 10 ** decimals(currency);
  const amount = () =>
    minor(pick(random, 0, 1, 2, below(random, 100), below(random, 900) * whole, below(random, 1e11)));
  const items = Array.from({ length: below(random, 5) }, (): Item => {
    const [price, quantity] = [amount(), pick(random, 1, 1, 2, 3, below(random, 40) + 1)];
    return {
      ...{ name: null, category: null, price, quantity },
      sku: pick(random, 's-1', 's-2', null),
      kind: pick(random, 'goods', 'goods', 'goods', 'goods', 'gift_card', 'tip'),
      discount: part(random, price * quantity),
      tax: null,
    };
  });
  const goods = items.map((item) => (item.kind === 'goods' ? item.price * item.quantity - item.discount : 0));
  const total = sum(goods);
  const discount = part(random, total);
  const amountAlone = amount();
  const net = items.length > 0 ? total - discount : amountAlone;
  // Told of each line, a tax stays below what a share of the discount leaves of it.
  const byLine = random() < 0.3;
  const taxed = items.map((item, line): Item => {
    const left = total > 0 ? Math.floor(((goods[line] ?? 0) / total) * net) - 2 : 0;
    return byLine && item.kind === 'goods' ? { ...item, tax: part(random, Math.max(0, left)) } : item;
  });
  const partners = PARTNERS.slice(0, 1 + below(random, PARTNERS.length));
  const versions = Array.from(
    { length: 1 + below(random, 2) },
    (_, at): Terms => ({
      ...{ version: at + 1, startsAt: 0, groupId: null },
      rules: Array.from({ length: 1 + below(random, 3) }, () => randomRule(random, currency)),
    }),
  );
  return {
    currency,
    order: {
      items: taxed,
      amount: items.length > 0 ? null : amountAlone,
      discount: items.length > 0 ? discount : minor(0),
      tax: byLine ? minor(0) : part(random, net),
      taxIncluded: random() < 0.4,
    },
    shares: random() < 0.9 ? randomShares(random, partners) : [],
    lines: items.flatMap((_, line): LineVerdict[] => {
      if (random() < 0.8) return [];
      const owner = random() < 0.5 ? [{ partnerId: pick(random, ...partners), shareMicros: WHOLE }] : [];
      return [{ line, reason: owner.length > 0 ? 'code_owner_wins' : 'code_suppressed', shares: owner }];
    }),
    terms: new Map(partners.map((partner) => [partner, pick(random, ...versions)])),
  };
}

function randomRule(random: Random, currency: Currency): Rule {
  const map = () => ({ [currency]: minor(pick(random, 1, 2, 5, 100, below(random, 5_000), below(random, 1e9))) });
  return {
    ...(random() < 0.3 && { when: { sku: pick(random, 's-1', 's-2') } }),
    ...(random() < 0.6
      ? { ratePpm: ppm(pick(random, 50_000, 333_333, WHOLE, below(random, WHOLE + 1))) }
      : { fixed: map() }),
    ...(random() < 0.3 && { cap: map() }),
  };
}

/** The whole, in one part for each of some partners. */
function randomShares(random: Random, partners: readonly PartnerId[]): Share[] {
  const chosen = shuffled(random, partners).slice(0, 1 + below(random, partners.length));
  let left = WHOLE;
  return chosen.map((partnerId, at) => {
    const others = chosen.length - 1 - at;
    const shareMicros =
      others === 0 ? left : pick(random, Math.floor(left / (others + 1)), 1 + below(random, left - others));
    left -= shareMicros;
    return { partnerId, shareMicros };
  });
}

const part = (random: Random, of: number): Minor =>
  minor(pick(random, 0, 0, below(random, of + 1), Math.floor(of / 10), of));
const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

/** The first law that a split breaks, in words; null where all hold. */
export function splitFlaw({ currency, order, shares, lines, terms }: Split): string | null {
  const bases = lineBases(order);
  if (!bases.ok) return `refused: ${JSON.stringify(bases.refusal)}`;
  const untaxed = lineBases({ ...order, taxIncluded: false });
  if (!untaxed.ok) return `refused untaxed: ${JSON.stringify(untaxed.refusal)}`;
  const verdict = { shares, lines };
  const sold = {
    ...({ event: 'sale', currency, customer: 'unknown', used: [], renewal: null } as const),
    lines: bases.value,
    goods: order.items,
  };
  const none: Terms = { version: 0, startsAt: 0, groupId: null, rules: [] };
  const termsOf = (partner: PartnerId) => terms.get(partner) ?? none;
  const uncapped = (partner: PartnerId) => {
    const { rules, ...rest } = termsOf(partner);
    return { ...rest, rules: rules.map(({ cap: _cap, ...rule }) => rule) };
  };
  const parts = earn({ sold, verdict, termsOf });
  const capped = [...terms.values()].some(({ rules }) => rules.some((one) => one.cap !== undefined));
  const before = capped ? earn({ sold, verdict, termsOf: uncapped }) : parts;
  return (
    flawOfBases(
      order,
      untaxed.value.map((one) => one.base),
      bases.value.map((one) => one.base),
    ) ??
    bases.value
      .map(({ line, base }) =>
        flawOfLine(
          base,
          sharesOf(verdict, line),
          parts.filter((one) => one.line === line),
        ),
      )
      .find(isFlaw) ??
    groups(parts)
      .map((group) =>
        flawOfRule(
          group,
          group.map((one) => before[parts.indexOf(one)] as LineShare),
          sold,
          termsOf,
        ),
      )
      .find(isFlaw) ??
    flawOfAllocations(parts, bases.value, verdict)
  );
}

const isFlaw = (flaw: string | null): flaw is string => flaw !== null;

/** The order's discount goes by value, and then its tax by what is left; a line's own tax is its own. */
function flawOfBases(order: OrderValue, untaxed: readonly number[], bases: readonly number[]): string | null {
  const { items, taxIncluded } = order;
  if (items.length === 0) return bases[0] === (order.amount ?? 0) - (taxIncluded ? order.tax : 0) ? null : 'amount';
  const goods = items.map((item) => (item.kind === 'goods' ? item.price * item.quantity - item.discount : 0));
  const taxes = untaxed.map((base, line) => base - (bases[line] ?? 0));
  const ownTaxes = items.map((item) => (item.kind === 'goods' ? item.tax : null));
  const spreadTax = ownTaxes.every((tax) => tax === null);
  return (
    flawOfParts(
      'discount',
      order.discount,
      goods,
      goods.map((value, line) => value - (untaxed[line] ?? 0)),
    ) ??
    (spreadTax
      ? flawOfParts('tax', taxIncluded ? order.tax : 0, untaxed, taxes)
      : taxes.every((tax, line) => tax === (taxIncluded ? (ownTaxes[line] ?? 0) : 0))
        ? null
        : 'tax of a line')
  );
}

function flawOfLine(base: Minor, shares: readonly Share[], parts: readonly LineShare[]): string | null {
  if (shares.length === 0) return parts.length === 0 ? null : 'a part of a line that is nobody’s';
  return flawOfParts(
    'base',
    base,
    shares.map((one) => one.shareMicros),
    parts.map((one) => one.base),
  );
}

const groups = (parts: readonly LineShare[]): LineShare[][] => [
  ...Map.groupBy(parts, (one) => `${one.termsVersion} ${one.rule}`).values(),
];

/** What one rule pays of one order: rounded once, or handed out; and no more than its cap. */
function flawOfRule(
  paid: readonly LineShare[],
  uncapped: readonly LineShare[],
  sold: { currency: Currency; lines: readonly { line: number; base: Minor }[] },
  termsOf: (partner: PartnerId) => Terms,
): string | null {
  const [one] = paid;
  const rule = one && one.rule !== null ? termsOf(one.partnerId).rules[one.rule] : undefined;
  if (!rule) return paid.every((part) => part.commission === 0) ? null : 'paid without a rule';
  const fixed = rule.fixed?.[sold.currency];
  const [due, commissions] = [uncapped.map((part) => part.commission), paid.map((part) => part.commission)];
  if (fixed === undefined) {
    const rate = BigInt(rule.ratePpm ?? 0);
    const off = uncapped.some(
      (part) => 2n * abs(BigInt(part.commission) * BigInt(WHOLE) - BigInt(part.base) * rate) > WHOLE,
    );
    if (off) return 'a rate rounded by more than half a unit';
  } else {
    const under = sold.lines.filter(({ line }) => paid.some((part) => part.line === line));
    const worthless = under.every((line) => line.base === 0);
    const weigh = (base: number, micros: number) => BigInt(worthless ? 1 : base) * BigInt(micros);
    const baseOf = (line: number) => under.find((one) => one.line === line)?.base ?? 0;
    const weights = paid.map((part) => weigh(baseOf(part.line), part.shareMicros));
    const whole = under.reduce((all, { base }) => all + weigh(base, WHOLE), 0n);
    const rest = whole - weights.reduce((all, weight) => all + weight, 0n);
    const flaw = flawOfParts('fixed', fixed, [rest, ...weights], [fixed - sum(due), ...due]);
    if (flaw) return flaw;
  }
  const cap = rule.cap?.[sold.currency];
  if (cap === undefined || sum(due) <= cap)
    return commissions.every((each, at) => each === due[at]) ? null : 'capped early';
  return flawOfParts('cap', cap, due, commissions);
}

function flawOfAllocations(
  parts: readonly LineShare[],
  lines: readonly { line: number; base: Minor }[],
  verdict: Pick<Split, 'shares' | 'lines'>,
): string | null {
  const allocations = allocationsOf(parts, lines);
  const [bases, amounts, micros] = [
    sum(allocations.map((one) => one.base)),
    sum(allocations.map((one) => one.amount)),
    sum(allocations.map((one) => one.shareMicros)),
  ];
  if (bases !== sum(parts.map((one) => one.base))) return 'allocations lose base';
  if (amounts !== sum(parts.map((one) => one.commission))) return 'allocations lose commission';
  if (micros > WHOLE) return 'shares above the whole';
  const owned = lines.every(({ line }) => sharesOf(verdict, line).length > 0);
  if (owned && micros !== WHOLE) return `shares sum to ${micros}`;
  if (owned && bases !== sum(lines.map((one) => one.base))) return 'base parts do not sum to the whole';
  return null;
}

/** Parts sum to their whole, and each is less than one unit from what its weight says exactly. */
function flawOfParts(
  what: string,
  whole: number,
  weights: readonly (number | bigint)[],
  parts: readonly number[],
): string | null {
  if (parts.length !== weights.length) return `${what}: ${parts.length} parts for ${weights.length}`;
  if (sum(parts) !== whole) return `${what}: parts sum to ${sum(parts)}, not ${whole}`;
  const all = weights.reduce<bigint>((so, weight) => so + BigInt(weight), 0n);
  const off = parts.find((each, at) => {
    const exact = BigInt(whole) * BigInt(weights[at] ?? 0);
    return all === 0n ? each !== 0 : each < 0 || abs(BigInt(each) * all - exact) >= all;
  });
  return off === undefined ? null : `${what}: ${off} is a unit or more from its exact part of ${whole}`;
}

const abs = (value: bigint): bigint => (value < 0n ? -value : value);
