/**
 * What the screens read: sums and lists, always of one program and, for a partner, of that partner alone.
 *
 * Days are UTC. A click's time is the head of its key, so a span of days is one range of the table's own key. Clicks are
 * read from the sums of closed days, and one by one only of the days still open; they may lie in a database of their own.
 */
import { and, eq, gt, gte, inArray, lt, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/d1';
import { DAY_MS, UNCREDITED } from '../core/attribution.ts';
import { type ClickKey, firstId, type LinkId, type PartnerId, type ProgramId } from '../core/id.ts';
import type { Currency, Minor } from '../core/money.ts';
import * as schema from './schema.ts';
import type { Scope } from './store.ts';
import { IS_COUNTED, partnersIn } from './upkeep.ts';

/** Half open: from ≤ time < to, in ms. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface DayClicks {
  /** UTC, as 2026-11-23. */
  day: string;
  /** All, of whatever class; those of shoppers who opted out too. */
  clicks: number;
  /** Valid, and neither repeated nor part of a flood. */
  counted: number;
}

export interface DayMoney {
  day: string;
  currency: Currency;
  orders: number;
  sales: Minor;
  commission: Minor;
}

export interface PartnerTotals {
  partnerId: PartnerId;
  partner: string;
  name: string;
  clicks: number;
  counted: number;
}

export interface PartnerMoney {
  partnerId: PartnerId;
  currency: Currency;
  orders: number;
  sales: Minor;
  commission: Minor;
}

/** An order as it was judged. */
export type JudgedOrder = Pick<
  typeof schema.conversions.$inferSelect,
  | 'id'
  | 'event'
  | 'occurredAt'
  | 'currency'
  | 'customerType'
  | 'reason'
  | 'policyVersion'
  | 'termsVersion'
  | 'explanation'
  | 'body'
>;

export interface Balance {
  partnerId: PartnerId;
  partner: string;
  currency: Currency;
  account: 'pending';
  amount: Minor;
}

export interface LinkRow {
  id: LinkId;
  code: string;
  url: string;
  partner: string;
}

export interface Reports {
  /** Clicks are told by whole days. */
  clicksByDay(scope: Scope, span: Span): Promise<DayClicks[]>;
  /**
   * Orders with credit, by the day they occurred; of a partner, its own part of them. SQLite's total(), here and below:
   * sum() fails for good once somebody's nonsense orders pass 2^63.
   */
  moneyByDay(scope: Scope, span: Span): Promise<DayMoney[]>;
  /** Every order of the program by day, credited or not, in the order's currency. */
  ordersByDay(programId: ProgramId, span: Span): Promise<{ day: string; orders: number; uncredited: number }[]>;
  clicksByPartner(programId: ProgramId, span: Span): Promise<PartnerTotals[]>;
  moneyByPartner(programId: ProgramId, span: Span): Promise<PartnerMoney[]>;
  /** Orders of a span, oldest first, after the one named, with all that their credit can be worked out from again. */
  judged(programId: ProgramId, span: Span, page: { limit: number; after: JudgedOrder | null }): Promise<JudgedOrder[]>;
  /** Derived from the ledger. */
  balances(scope: Scope): Promise<Balance[]>;
  links(scope: Scope): Promise<LinkRow[]>;
}

/** The key's first ten letters are its time; SQLite has no base32, so a day is found by comparing with its bounds. */
interface DayBounds {
  readonly day: number;
  readonly low: ClickKey;
  readonly high: ClickKey;
}
const daysOf = ({ from, to }: Span): DayBounds[] => {
  const days = [];
  for (let day = Math.floor(from / DAY_MS); day * DAY_MS < to; day++) {
    days.push({ day, low: firstId<'click'>(day * DAY_MS), high: firstId<'click'>((day + 1) * DAY_MS) });
  }
  return days;
};
const dateOf = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);
const dayOf = (column: unknown) => sql<string>`strftime('%Y-%m-%d', ${column} / 1000, 'unixepoch')`;

/** Clicks of a span by day or by partner: what closed days were summed to, and what the open ones hold. */
async function clicksBy<Key extends 'day' | 'partnerId'>(
  clicks: D1Database,
  by: Key,
  { scope, span }: { scope: Scope; span: Span },
): Promise<Map<{ day: number; partnerId: PartnerId }[Key], { clicks: number; counted: number }>> {
  const column = by === 'day' ? 'day' : 'partner_id';
  const partners = (table: 'clicks' | 'click_days') =>
    scope.partnerId ? 'partners(id) AS (SELECT ?3)' : partnersIn(table);
  const days = daysOf(span);
  const asked = [scope.programId, JSON.stringify(days), ...(scope.partnerId ? [scope.partnerId] : [])];
  type Sum = { key: never; clicks: number; counted: number };
  const [summed, open] = await clicks.batch<Sum>([
    clicks
      .prepare(
        `WITH RECURSIVE ${partners('click_days')}
         SELECT d.${column} AS key, sum(d.clicks + d.opted_out) AS clicks, sum(d.counted) AS counted
         FROM partners CROSS JOIN click_days AS d ON d.program_id = ?1 AND d.partner_id = partners.id
           AND d.day >= ?2 ->> '$[0].day' AND d.day <= ?2 ->> '$[#-1].day'
         GROUP BY 1`,
      )
      .bind(...asked),
    clicks
      .prepare(
        `WITH RECURSIVE ${partners('clicks')},
           days AS (SELECT value ->> 'day' AS day, value ->> 'low' AS low, value ->> 'high' AS high FROM json_each(?2)
             WHERE value ->> 'day' >= coalesce((SELECT through_day FROM click_rollups WHERE program_id = ?1), 0))
         SELECT ${by === 'day' ? 'days.day' : 'c.partner_id'} AS key,
           count(*) AS clicks, count(CASE WHEN ${IS_COUNTED} THEN 1 END) AS counted
         FROM partners CROSS JOIN days CROSS JOIN clicks AS c
           ON c.program_id = ?1 AND c.partner_id = partners.id AND c.key >= days.low AND c.key < days.high
         GROUP BY 1`,
      )
      .bind(...asked),
  ]);
  const sums = new Map<never, { clicks: number; counted: number }>();
  for (const { key, clicks, counted } of [...(summed?.results ?? []), ...(open?.results ?? [])]) {
    const known = sums.get(key) ?? { clicks: 0, counted: 0 };
    sums.set(key, { clicks: known.clicks + clicks, counted: known.counted + counted });
  }
  return sums;
}

export function createReports(d1: D1Database, clicks: D1Database): Reports {
  const db = drizzle(d1, { schema });
  const { commissions, conversions, enrollments, ledgerEntries, links, partners } = schema;
  const enrolled = (table: { programId: unknown; partnerId: unknown }) =>
    sql`${enrollments.programId} = ${table.programId} AND ${enrollments.partnerId} = ${table.partnerId}`;

  /** An assist is told to its partner, and is no order of it. */
  const earning = gt(commissions.shareMicros, 0);

  return {
    async clicksByDay(scope, span) {
      const sums = await clicksBy(clicks, 'day', { scope, span });
      return [...sums].sort(([a], [b]) => a - b).map(([day, sum]) => ({ day: dateOf(day), ...sum }));
    },

    moneyByDay: ({ programId, partnerId }, { from, to }) =>
      db
        .select({
          day: dayOf(commissions.occurredAt),
          currency: commissions.currency,
          orders: sql<number>`count(DISTINCT ${commissions.conversionId})`,
          sales: sql<Minor>`total(${commissions.base})`,
          commission: sql<Minor>`total(${commissions.amount})`,
        })
        .from(commissions)
        .where(
          and(
            eq(commissions.programId, programId),
            partnerId ? eq(commissions.partnerId, partnerId) : undefined,
            gte(commissions.occurredAt, from),
            lt(commissions.occurredAt, to),
            earning,
          ),
        )
        .groupBy(sql`1, 2`)
        .orderBy(sql`1, 2`),

    ordersByDay: (programId, { from, to }) =>
      db
        .select({
          day: dayOf(conversions.occurredAt),
          orders: sql<number>`count(*)`,
          uncredited: sql<number>`count(*) FILTER (WHERE ${inArray(conversions.reason, [...UNCREDITED])})`,
        })
        .from(conversions)
        .where(
          and(eq(conversions.programId, programId), gte(conversions.occurredAt, from), lt(conversions.occurredAt, to)),
        )
        .groupBy(sql`1`)
        .orderBy(sql`1`),

    async clicksByPartner(programId, span) {
      const [enrolled, sums] = await Promise.all([
        db
          .select({ partnerId: enrollments.partnerId, partner: enrollments.slug, name: partners.name })
          .from(enrollments)
          .innerJoin(partners, eq(partners.id, enrollments.partnerId))
          .where(eq(enrollments.programId, programId)),
        clicksBy(clicks, 'partnerId', { scope: { programId, partnerId: null }, span }),
      ]);
      return enrolled.map((one) => ({ ...one, ...(sums.get(one.partnerId) ?? { clicks: 0, counted: 0 }) }));
    },

    moneyByPartner: (programId, { from, to }) =>
      db
        .select({
          partnerId: commissions.partnerId,
          currency: commissions.currency,
          orders: sql<number>`count(*)`,
          sales: sql<Minor>`total(${commissions.base})`,
          commission: sql<Minor>`total(${commissions.amount})`,
        })
        .from(commissions)
        .where(
          and(
            eq(commissions.programId, programId),
            gte(commissions.occurredAt, from),
            lt(commissions.occurredAt, to),
            earning,
          ),
        )
        .groupBy(commissions.partnerId, commissions.currency),

    judged: (programId, { from, to }, { limit, after }) =>
      db
        .select({
          id: conversions.id,
          event: conversions.event,
          occurredAt: conversions.occurredAt,
          currency: conversions.currency,
          customerType: conversions.customerType,
          reason: conversions.reason,
          policyVersion: conversions.policyVersion,
          termsVersion: conversions.termsVersion,
          explanation: conversions.explanation,
          body: conversions.body,
        })
        .from(conversions)
        .where(
          and(
            eq(conversions.programId, programId),
            gte(conversions.occurredAt, after?.occurredAt ?? from),
            lt(conversions.occurredAt, to),
            after
              ? sql`(${conversions.occurredAt}, ${conversions.id}) > (${after.occurredAt}, ${after.id})`
              : undefined,
          ),
        )
        .orderBy(conversions.occurredAt, conversions.id)
        .limit(limit),

    balances: ({ programId, partnerId }) =>
      db
        .select({
          partnerId: enrollments.partnerId,
          partner: enrollments.slug,
          currency: ledgerEntries.currency,
          account: sql<'pending'>`'pending'`,
          amount: sql<Minor>`sum(${ledgerEntries.amount})`,
        })
        .from(enrollments)
        .innerJoin(
          ledgerEntries,
          and(
            eq(ledgerEntries.programId, enrollments.programId),
            eq(ledgerEntries.account, sql`'partner:' || ${enrollments.partnerId} || ':pending'`),
          ),
        )
        .where(and(eq(enrollments.programId, programId), partnerId ? eq(enrollments.partnerId, partnerId) : undefined))
        .groupBy(enrollments.partnerId, ledgerEntries.currency),

    links: ({ programId, partnerId }) =>
      db
        .select({ id: links.id, code: links.code, url: links.url, partner: enrollments.slug })
        .from(links)
        .innerJoin(enrollments, enrolled(links))
        .where(and(eq(links.programId, programId), partnerId ? eq(links.partnerId, partnerId) : undefined))
        .orderBy(links.code)
        .limit(100),
  };
}
