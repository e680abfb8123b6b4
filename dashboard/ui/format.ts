/** Numbers, amounts and times as the browser's own language writes them. */
import { type Currency, decimals, format, type Minor } from '../../edge/core/money.ts';

const whole = new Intl.NumberFormat();
const part = new Intl.NumberFormat(undefined, {
  style: 'percent',
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});
const rates = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 4 });

export const count = (value: number): string => whole.format(value);
export const percent = (ratio: number): string => part.format(ratio);
/** Parts per million, exactly: 125,000 is 12.5 %. */
export const ratePpm = (ppm: number): string => rates.format(ppm / 1_000_000);

const shares = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 });
/** A part of an order in millionths, as people say it. */
export const share = (micros: number): string => shares.format(micros / 1_000_000);

export const amount = (value: number, currency: string): string => format(value as Minor, currency as Currency);

/** An axis' amounts are round by choice, so that short is exact. */
export function shortAmount(value: number, currency: string): string {
  const units = value / 10 ** decimals(currency as Currency);
  return new Intl.NumberFormat(undefined, {
    style: 'currency',
    currency,
    notation: 'compact',
    maximumFractionDigits: Number.isInteger(units) && units < 1000 ? 0 : 2,
    minimumFractionDigits: 0,
  }).format(units);
}

/** A difference: always with its sign. */
export const signed = (value: number, currency: string): string =>
  `${value < 0 ? '−' : '+'}${amount(Math.abs(value), currency)}`;

const tenths = new Intl.NumberFormat(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
/** Millionths of an order, as orders. */
export const credit = (micros: number): string => tenths.format(micros / 1_000_000);

export const shortCount = (value: number): string =>
  new Intl.NumberFormat(undefined, { notation: 'compact' }).format(value);

const plural = new Intl.PluralRules('en');
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${plural.select(value) === 'one' ? one : many}`;

const UTC = 'UTC';
const dayShort = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', timeZone: UTC });
const dayLong = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short', timeZone: UTC });

/** A day without a clock, as 2026-11-23. */
export const day = (text: string): string => dayShort.format(new Date(`${text}T00:00:00Z`));
export const dayOfWeek = (text: string): string => dayLong.format(new Date(`${text}T00:00:00Z`));

const CLOCK = { hour: '2-digit', minute: '2-digit' } as const;
const THIS_YEAR = { day: 'numeric', month: 'short' } as const;
const OTHER_YEAR = { ...THIS_YEAR, year: 'numeric' } as const;

/** In the viewer's own time; the year only when it is another one. */
export function moment(iso: string, with_: 'time' | 'day'): string {
  const at = new Date(iso);
  const date = at.getFullYear() === new Date().getFullYear() ? THIS_YEAR : OTHER_YEAR;
  return new Intl.DateTimeFormat(undefined, with_ === 'time' ? { ...date, ...CLOCK } : date).format(at);
}

export const fullMoment = (iso: string): string =>
  new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' }).format(new Date(iso));

/** An order's page, by the shop's own number for it. */
export const orderAddress = (number: string): string => `/orders/${encodeURIComponent(`order:${number}`)}`;

/** A path of this host, or the first page: what an address asks for must lead nowhere else. */
export const pathWithin = (text: string | undefined): string =>
  text !== undefined && /^(?![^?#]*\/\/)\/[!-[\]-~]*$/.test(text) && text.length <= 512 && !text.startsWith('/sign-in')
    ? text
    : '/';
