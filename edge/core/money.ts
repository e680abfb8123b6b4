/**
 * Money: integers of a currency's smallest unit, rates in parts per million. The only file that rounds.
 *
 * Half is rounded away from zero. Splits hand out every unit (largest remainder), so parts always sum to the whole.
 * Products are taken in BigInt: an amount near 2^53 times a rate would lose units as a double. Runs in browsers too.
 */

/** An integer of the currency's smallest unit (cents, yen, fils); |amount| ≤ 2^53 − 1. */
export type Minor = number & { readonly __unit: 'minor' };
/** An integer number of parts per million: 100,000 is 10 %. */
export type Ppm = number & { readonly __unit: 'ppm' };
/** A current ISO 4217 code, upper case. */
export type Currency = string & { readonly __unit: 'currency' };

export const WHOLE_PPM = 1_000_000;

// ISO 4217, list one, currencies in use (funds, metals and test codes left out), by number of decimals.
const DECIMALS: readonly (readonly [digits: number, codes: string])[] = [
  [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF'],
  [3, 'BHD IQD JOD KWD LYD OMR TND'],
  [
    2,
    'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC ' +
      'CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR ' +
      'JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD ' +
      'NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN ' +
      'SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD XCG YER ZAR ZMW ZWG',
  ],
];
const DIGITS: ReadonlyMap<string, number> = new Map(
  DECIMALS.flatMap(([digits, codes]) => codes.split(' ').map((code) => [code, digits] as const)),
);

export const isCurrency = (code: string): code is Currency => DIGITS.has(code);

/** How many decimals the smallest unit stands for: 2 for EUR, 0 for JPY, 3 for KWD. */
export const decimals = (currency: Currency): number => DIGITS.get(currency) ?? 2;

/** Brands an integer as an amount. Throws on anything else: amounts from outside are validated before. */
export function minor(amount: number): Minor {
  if (!Number.isSafeInteger(amount)) throw new RangeError(`not an amount in the smallest unit: ${amount}`);
  // −0 is an amount no one can tell from 0, except Object.is and JSON readers.
  return (amount === 0 ? 0 : amount) as Minor;
}

/** Brands an integer from 0 to 1,000,000 as a rate. */
export function ppm(rate: number): Ppm {
  if (!Number.isInteger(rate) || rate < 0 || rate > WHOLE_PPM) throw new RangeError(`not a rate in ppm: ${rate}`);
  return rate as Ppm;
}

export const ZERO = minor(0);

/** The exact sum; throws when it leaves the range of exact integers. */
export const add = (...amounts: Minor[]): Minor => amounts.reduce((sum, amount) => minor(sum + amount), ZERO);

export const negate = (amount: Minor): Minor => minor(-amount);

/** `amount × rate`, half away from zero: 10 % of 15 is 2, of −15 is −2. */
export function share(amount: Minor, rate: Ppm): Minor {
  const scaled = BigInt(amount) * BigInt(rate);
  const half = scaled < 0n ? -500_000n : 500_000n;
  return minor(Number((scaled + half) / 1_000_000n));
}

/**
 * Splits a total by whole-number weights; the parts sum to the total. Left-over units go to the largest remainders,
 * of equal ones to the later. A negative total splits as the mirror of the positive one. Without weight nobody gets
 * anything to carry, so at least one weight must be above zero.
 */
export function allocate(total: Minor, weights: readonly (number | bigint)[]): Minor[] {
  if (total < 0) return allocate(negate(total), weights).map(negate);
  const sum = weights.reduce<bigint>((all, weight) => all + BigInt(weight), 0n);
  if (sum <= 0n || weights.some((weight) => weight < 0)) throw new RangeError('weights must sum above zero');
  const parts = weights.map((weight, index) => {
    const scaled = BigInt(total) * BigInt(weight);
    return { index, units: Number(scaled / sum), rest: scaled % sum };
  });
  let left = total - parts.reduce((all, part) => all + part.units, 0);
  const byRest = [...parts].sort((a, b) => (a.rest === b.rest ? b.index - a.index : a.rest > b.rest ? -1 : 1));
  for (const part of byRest) {
    if (left === 0) break;
    part.units += 1;
    left -= 1;
  }
  return parts.map((part) => minor(part.units));
}

/** An amount as people of a locale write it: `format(1050, 'EUR', 'en')` is "€10.50". */
export function format(amount: Minor, currency: Currency, locale?: string): string {
  const digits = decimals(currency);
  const options = {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  } as const;
  // A decimal string keeps every unit; dividing would round near 2^53.
  const text = String(Math.abs(amount)).padStart(digits + 1, '0');
  const point = text.length - digits;
  const exact = `${amount < 0 ? '-' : ''}${text.slice(0, point)}${digits ? `.${text.slice(point)}` : ''}`;
  return new Intl.NumberFormat(locale, options).format(exact as Intl.StringNumericLiteral);
}
