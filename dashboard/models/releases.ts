/**
 * What is pending and when its holding time ends. Pure. Amounts come from the balances, dates from the latest orders;
 * where those do not reach back far enough, `complete` says so and nothing is guessed.
 */

import { add, type Currency, type Minor, minor, negate, ZERO } from '../../edge/core/money.ts';
import type { Balance, Orders } from '../api.ts';

export interface Release {
  /** The viewer's calendar day, as 2026-11-23. */
  day: string;
  amount: Minor;
  orders: number;
}

export interface Pending {
  currency: Currency;
  /** All that is pending. */
  total: Minor;
  /** Its holding time is over, and it is not paid out yet; null when the orders at hand do not tell. */
  over: Minor | null;
  /** Still held, soonest first. */
  next: Release[];
  /** Whether `next` covers all that is held. */
  complete: boolean;
}

export function releases(given: { balances: readonly Balance[]; page: Orders; now: number }): Pending[] {
  const { balances, page, now } = given;
  const parts = page.data.flatMap((order) => order.allocations).filter((part) => part.status === 'pending');
  const held = parts.filter((part) => Date.parse(part.heldUntil) > now);
  // Lists are newest first, and holds end in nearly the same order: one that is over means that all held ones are seen.
  const complete = page.nextCursor === null || held.length < parts.length;

  return balances
    .filter((balance) => balance.amount !== 0)
    .map(({ currency, amount }) => {
      const days = new Map<string, Release>();
      for (const part of held.filter((one) => one.currency === currency)) {
        const day = localDay(part.heldUntil);
        const known = days.get(day) ?? { day, amount: ZERO, orders: 0 };
        days.set(day, { day, amount: add(known.amount, minor(part.commission)), orders: known.orders + 1 });
      }
      const next = [...days.values()].sort((a, b) => (a.day < b.day ? -1 : 1));
      const waiting = add(...next.map((one) => one.amount));
      return { currency, total: amount, over: complete ? add(amount, negate(waiting)) : null, next, complete };
    });
}

/** In the viewer's own time. */
export const localDay = (time: string | number): string => {
  const at = new Date(time);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
};
