/** A plain second telling of what partners earn of an order under their terms, written from the rules. */

import type { LineVerdict, Share } from '../../edge/core/attribution.ts';
import type { Allocation, earn, LineShare, Rule, Terms } from '../../edge/core/commission.ts';
import type { GroupId, PartnerId } from '../../edge/core/id.ts';
import type { Currency, Minor, Ppm } from '../../edge/core/money.ts';
import type { Hit } from './oracle.ts';
import { below, pick, type Random, shuffled } from './random-journeys.ts';

export type Earning = Parameters<typeof earn>[0];

const WHOLE = 1_000_000;

/** One partner's part of one line, and what it will be paid. */
interface Part {
  readonly line: number;
  readonly share: Share;
  readonly base: number;
  readonly terms: Terms;
  readonly rule: Rule | null;
  readonly number: number | null;
  readonly lacksCurrency: boolean;
  commission: number;
}

export function earnings(given: Earning, hit: Hit = () => {}): LineShare[] {
  const { sold, verdict } = given;
  const parts: Part[] = [];

  for (const line of sold.lines) {
    const own = verdict.lines.find((one) => one.line === line.line);
    const shares = own === undefined ? verdict.shares : own.shares;
    if (shares.length === 0) {
      hit('line: nobody');
      continue;
    }
    let rest = WHOLE;
    for (const share of shares) rest -= share.shareMicros;
    if (rest > 0) hit('line: a rest for nobody');
    const [, ...bases] = handOut(line.base, [BigInt(rest), ...shares.map((share) => BigInt(share.shareMicros))]);
    shares.forEach((share, at) => {
      const terms = given.termsOf(share.partnerId);
      const found = firstRule(given, terms, line.line, share.partnerId, hit);
      parts.push({ line: line.line, share, base: bases[at] ?? 0, terms, ...found, commission: 0 });
    });
  }

  // Rule by rule: what each pays of this order.
  for (const part of parts) {
    const { rule } = part;
    if (rule === null) continue;
    const under = parts.filter((one) => one.rule === rule && one.terms === part.terms);
    if (under[0] !== part) continue;
    if (rule.fixed !== undefined) payFixed(rule.fixed[sold.currency] ?? 0, under, given, hit);
    else for (const one of under) one.commission = rounded(one.base, rule.ratePpm ?? 0);
    const cap = rule.cap?.[sold.currency];
    if (cap === undefined) continue;
    let paid = 0;
    for (const one of under) paid += one.commission;
    if (paid <= cap) continue;
    hit(under.length > 1 ? 'cap: of several' : 'cap: of one');
    const capped = handOut(
      cap,
      under.map((one) => BigInt(one.commission)),
    );
    under.forEach((one, at) => {
      one.commission = capped[at] ?? 0;
    });
  }

  return parts.map((part) => ({
    ...part.share,
    line: part.line,
    base: part.base as Minor,
    termsVersion: part.terms.version,
    rule: part.number,
    ratePpm: part.rule?.ratePpm ?? null,
    fixed: part.rule?.fixed?.[sold.currency] ?? null,
    commission: part.commission as Minor,
    reason: part.lacksCurrency ? 'no_terms_for_currency' : null,
  }));
}

/** Each partner's parts of an order taken together. */
export function allocations(
  parts: readonly LineShare[],
  lines: Earning['sold']['lines'],
  hit: Hit = () => {},
): Allocation[] {
  const partners: PartnerId[] = [];
  for (const part of parts) if (!partners.includes(part.partnerId)) partners.push(part.partnerId);
  const of = (partner: PartnerId) => parts.filter((part) => part.partnerId === partner);
  const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0) as Minor;
  const onLine = (partner: PartnerId, line: number) => of(partner).find((part) => part.line === line)?.shareMicros ?? 0;

  const agree = partners.every((partner) =>
    lines.every((line) => onLine(partner, line.line) === onLine(partner, lines[0]?.line ?? 0)),
  );
  hit(agree ? 'allocation: lines agree' : 'allocation: lines differ');
  const whole = sum(lines.map((line) => line.base));
  if (whole === 0 && !agree) hit('allocation: lines differ without value');
  const worth = (partner: PartnerId) => sum(of(partner).map((part) => part.base));
  // Where no line is worth anything, each counts the same.
  const weigh = (partner: PartnerId) =>
    BigInt(whole > 0 ? worth(partner) : sum(of(partner).map((part) => part.shareMicros)));
  let rest = BigInt(whole > 0 ? whole : lines.length * WHOLE);
  for (const partner of partners) rest -= weigh(partner);
  const [, ...byWorth] = handOut(WHOLE, [rest, ...partners.map(weigh)]);

  return partners.map((partnerId, at) => {
    const own = of(partnerId);
    return {
      partnerId,
      shareMicros: agree ? onLine(partnerId, lines[0]?.line ?? 0) : (byWorth[at] ?? 0),
      base: worth(partnerId),
      amount: sum(own.map((part) => part.commission)),
      reason: own.find((part) => part.reason !== null)?.reason ?? null,
      termsVersion: own[0]?.termsVersion ?? 0,
    };
  });
}

/**
 * A fixed amount is for the whole of the lines that its rule has a part of, and goes by value: what of them is another
 * rule's, or nobody's, takes its part along, which is then not paid.
 */
function payFixed(fixed: number, under: Part[], { sold }: Earning, hit: Hit): void {
  const lines = sold.lines.filter((line) => under.some((part) => part.line === line.line));
  const baseOf = (number: number) => BigInt(lines.find((line) => line.line === number)?.base ?? 0);
  const worth = lines.some((line) => line.base > 0);
  if (!worth) hit('fixed: of an order without value');
  const value = (line: number, micros: number) => (worth ? baseOf(line) : 1n) * BigInt(micros);
  const weights = under.map((part) => value(part.line, part.share.shareMicros));
  let rest = 0n;
  for (const line of lines) rest += value(line.line, WHOLE);
  for (const weight of weights) rest -= weight;
  if (rest > 0n) hit('fixed: beside a rest');
  hit(under.length > 1 ? 'fixed: of several' : 'fixed: of one');
  // Of equal remainders a partner's comes before nobody's: a half is rounded up.
  const [, ...amounts] = handOut(fixed, [rest, ...weights]);
  under.forEach((part, at) => {
    part.commission = amounts[at] ?? 0;
  });
}

function firstRule({ sold }: Earning, terms: Terms, line: number, partner: PartnerId, hit: Hit) {
  const goods = sold.goods[line];
  let whole = 0;
  for (const one of sold.lines) whole += one.base;
  let lacksCurrency = false;
  for (const [number, rule] of terms.rules.entries()) {
    const { when = {} } = rule;
    if (when.sku !== undefined && when.sku !== goods?.sku) continue;
    if (when.category !== undefined && when.category !== goods?.category) continue;
    if (when.event !== undefined && when.event !== sold.event) continue;
    if (when.customer !== undefined && when.customer !== sold.customer) continue;
    if (when.code !== undefined) {
      const used = sold.used.find(
        (one) => one.code === when.code && one.partnerId === partner && (one.line === null || one.line === line),
      );
      if (used === undefined) {
        if (sold.used.some((one) => one.code === when.code && one.partnerId !== partner)) hit('code: of another');
        continue;
      }
      hit(used.line === null ? 'code: of the order' : 'code: of the line');
    }
    if (sold.renewal !== null && rule.months !== undefined) {
      const end = monthsAfter(sold.renewal.firstAt, rule.months);
      if (sold.renewal.occurredAt === end) hit('months: first ms after');
      if (sold.renewal.occurredAt >= end) {
        hit('months: over');
        continue;
      }
      hit('months: within');
    }
    const minimum = when.minimum?.[sold.currency];
    if (minimum !== undefined && whole === minimum) hit('minimum: just reached');
    if (minimum !== undefined && whole < minimum) {
      hit('minimum: missed');
      continue;
    }
    // All else is met: where only its currency is lacking, that is what there is to say.
    const maps = [rule.fixed, rule.cap, when.minimum];
    if (maps.some((map) => map !== undefined && map[sold.currency] === undefined)) {
      hit('currency: lacking');
      lacksCurrency = true;
      continue;
    }
    if (number > 0) hit('rule: a later one');
    return { rule, number, lacksCurrency: false };
  }
  hit(lacksCurrency ? 'rule: none for the currency' : 'rule: none');
  return { rule: null, number: null, lacksCurrency };
}

/** The same day so many months on, or that month's last. */
function monthsAfter(at: number, months: number): number {
  const date = new Date(at);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, last));
  return date.getTime();
}

/** Half away from zero, as school has it. */
function rounded(amount: number, rate: number): number {
  const exact = BigInt(amount) * BigInt(rate);
  const units = exact / 1_000_000n;
  return Number(exact % 1_000_000n >= 500_000n ? units + 1n : units);
}

/** Whole units by weight; what is left goes one by one to those who lost most by rounding down, of equal ones the later. */
function handOut(total: number, weights: readonly bigint[]): number[] {
  let whole = 0n;
  for (const weight of weights) whole += weight;
  if (whole === 0n) return weights.map(() => 0);
  const rows = weights.map((weight, place) => ({
    place,
    units: Number((BigInt(total) * weight) / whole),
    lost: (BigInt(total) * weight) % whole,
  }));
  let left = total;
  for (const row of rows) left -= row.units;
  const byLoss = [...rows].sort((a, b) => (a.lost === b.lost ? b.place - a.place : a.lost < b.lost ? 1 : -1));
  for (const row of byLoss.slice(0, left)) row.units += 1;
  return rows.map((row) => row.units);
}

// Random orders.

const CURRENCIES = ['EUR', 'USD', 'JPY'] as Currency[];
const CODES = ['ANNA', 'SUMMER*'];

export function randomEarning(random: Random): Earning {
  const currency = pick(random, ...CURRENCIES);
  const amount = () => pick(random, 0, 1, 2, 3, below(random, 100), below(random, 100_000)) as Minor;
  const lines = Array.from({ length: 1 + below(random, 4) }, (_, line) => ({ line, base: amount() }));
  const total = lines.reduce((sum, line) => sum + line.base, 0);
  const partners = ['A', 'B', 'C'].slice(0, 1 + below(random, 3)) as PartnerId[];

  const firstAt = Date.UTC(2026, below(random, 12), 1 + below(random, 31), below(random, 24), 0, 0, 5);
  const months = 1 + below(random, 14);
  const map = (value: () => number) => {
    const entries = CURRENCIES.filter((one) => (one === currency ? random() < 0.85 : random() < 0.5));
    return Object.fromEntries(entries.map((one) => [one, value() as Minor]));
  };
  const rule = (): Rule => ({
    ...(random() < 0.5
      ? {}
      : {
          when: {
            ...(random() < 0.25 ? { sku: pick(random, 's-1', 's-2') } : {}),
            ...(random() < 0.25 ? { category: pick(random, 'shoes', 'hats') } : {}),
            ...(random() < 0.15 ? { event: pick(random, 'purchase', 'lead') } : {}),
            ...(random() < 0.3 ? { code: pick(random, ...CODES) } : {}),
            ...(random() < 0.15 ? { customer: pick(random, 'new', 'returning') } : {}),
            ...(random() < 0.25 ? { minimum: map(() => total + pick(random, -1, 0, 1)) } : {}),
          },
        }),
    ...(random() < 0.5
      ? { ratePpm: pick(random, 0, 50_000, 100_000, 333_333, 1_000_000, below(random, 1_000_001)) as Ppm }
      : { fixed: map(() => pick(random, 1, 2, 5, 100, below(random, 5_000))) }),
    ...(random() < 0.3 ? { cap: map(() => pick(random, 0, 1, 7, below(random, 3_000))) } : {}),
    ...(random() < 0.3 ? { months: pick(random, months, 1 + below(random, 14)) } : {}),
  });
  const terms = Array.from(
    { length: 1 + below(random, 2) },
    (_, at): Terms => ({
      version: at + 1,
      startsAt: 0,
      groupId: at === 0 ? null : ('group' as GroupId),
      rules: Array.from({ length: below(random, 5) }, rule),
    }),
  );
  const own = new Map(partners.map((partner) => [partner, pick(random, ...terms)]));

  const shares = (): Share[] => {
    const chosen = shuffled(random, partners).slice(0, below(random, partners.length + 1));
    let left = random() < 0.8 ? WHOLE : 1_000 + below(random, WHOLE - 1_000);
    const even = Math.floor(left / Math.max(1, chosen.length));
    return chosen.map((partnerId, at) => {
      const most = left - (chosen.length - 1 - at);
      const shareMicros = at === chosen.length - 1 ? left : pick(random, Math.min(even, most), 1 + below(random, most));
      left -= shareMicros;
      return { partnerId, shareMicros };
    });
  };
  return {
    sold: {
      event: pick(random, 'purchase', 'purchase', 'lead'),
      currency,
      customer: pick(random, 'new', 'returning', 'unknown'),
      lines,
      goods: lines.map(() => ({
        sku: pick(random, 's-1', 's-2', null),
        category: pick(random, 'shoes', 'hats', null),
      })),
      used: shuffled(random, partners)
        .slice(0, below(random, 3))
        .map((partnerId) => ({
          code: pick(random, ...CODES),
          partnerId,
          line: pick(random, null, below(random, lines.length)),
        })),
      renewal:
        random() < 0.5
          ? null
          : { firstAt, occurredAt: monthsAfter(firstAt, months) + pick(random, -1, 0, 1, 86_400_000) },
    },
    verdict: {
      shares: shares(),
      lines: lines.flatMap(({ line }): LineVerdict[] => {
        const chance = random();
        if (chance > 0.35) return [];
        if (chance > 0.25) return [{ line, reason: 'code_suppressed', shares: [] }];
        return [
          { line, reason: 'code_owner_wins', shares: [{ partnerId: pick(random, ...partners), shareMicros: WHOLE }] },
        ];
      }),
    },
    termsOf: (partner) => own.get(partner) ?? (terms[0] as Terms),
  };
}

/** What both say, line by line and partner by partner, where they differ. */
export function earningsDisagreement(engine: typeof earn, given: Earning, hit?: Hit): string | null {
  const told = (rows: readonly LineShare[]) =>
    rows
      .map((row) =>
        [
          row.line,
          row.partnerId,
          row.shareMicros,
          row.base,
          row.termsVersion,
          row.rule,
          row.ratePpm,
          row.fixed,
          row.commission,
          row.reason,
        ].join(' '),
      )
      .join('\n');
  const expected = told(earnings(given, hit));
  let found: string;
  try {
    found = told(engine(given));
  } catch (error) {
    found = `threw ${error}`;
  }
  return found === expected ? null : `engine\n${found}\noracle\n${expected}`;
}

/** The same of what each partner has of the whole order. */
export function allocationsDisagreement(
  engine: (parts: readonly LineShare[], lines: Earning['sold']['lines']) => readonly Allocation[],
  given: Earning,
  hit?: Hit,
): string | null {
  const told = (rows: readonly Allocation[]) =>
    rows
      .map((row) => [row.partnerId, row.shareMicros, row.base, row.amount, row.reason, row.termsVersion].join(' '))
      .join('\n');
  const parts = earnings(given);
  const [found, expected] = [told(engine(parts, given.sold.lines)), told(allocations(parts, given.sold.lines, hit))];
  return found === expected ? null : `engine\n${found}\noracle\n${expected}`;
}
