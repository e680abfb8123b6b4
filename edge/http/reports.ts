/** What the screens show: numbers over time, partners, balances, links. */
import { Hono } from 'hono';
import type { Day, Money, PartnerLine, Summary } from '../contract.ts';
import { DAY_MS } from '../core/attribution.ts';
import type { Minor } from '../core/money.ts';
import type { Deps, Span } from '../deps.ts';
import type { Asker } from './guard.ts';
import { refuse } from './problem.ts';
import type { GuardedApp } from './types.ts';

const MAX_DAYS = 366;
const DAYS = 90;

export const reports = new Hono<GuardedApp>()
  .get('/reports/summary', async (c) => {
    const { deps } = c.env;
    const { asker } = c.var;
    const span = spanOf(c.req.query('days'), deps.now());
    return span ? c.json(await summary(deps, asker, span)) : badDays();
  })
  .get('/reports/partners', async (c) => {
    const { deps } = c.env;
    const { asker } = c.var;
    const span = spanOf(c.req.query('days'), deps.now());
    return span ? c.json({ data: await byPartner(deps, asker, span) }) : badDays();
  })
  .get('/balances', async (c) => {
    const { deps } = c.env;
    const { asker } = c.var;
    return c.json({ data: await deps.reports.balances(asker) });
  });

/** The last so many UTC days, today included. */
function spanOf(days = String(DAYS), now: number): Span | null {
  const count = Number(days);
  if (!Number.isInteger(count) || count < 1 || count > MAX_DAYS) return null;
  const to = (Math.floor(now / DAY_MS) + 1) * DAY_MS;
  return { from: to - count * DAY_MS, to };
}

const badDays = () =>
  refuse({ code: 'invalid', errors: [{ pointer: '/days', detail: `a whole number from 1 to ${MAX_DAYS}` }] });

async function summary({ reports }: Deps, asker: Asker, span: Span): Promise<Summary> {
  const [clicks, money, orders] = await Promise.all([
    reports.clicksByDay(asker, span),
    reports.moneyByDay(asker, span),
    asker.partnerId ? [] : reports.ordersByDay(asker.programId, span),
  ]);
  const days: Day[] = [];
  for (let at = span.from; at < span.to; at += DAY_MS) {
    const day = new Date(at).toISOString().slice(0, 10);
    const clicked = clicks.find((one) => one.day === day);
    const earned = money.filter((one) => one.day === day).map(({ day: _day, ...amounts }) => amounts);
    const told = asker.partnerId ? sum(earned, 'orders') : (orders.find((one) => one.day === day)?.orders ?? 0);
    days.push({ day, clicks: clicked?.clicks ?? 0, counted: clicked?.counted ?? 0, orders: told, money: earned });
  }
  return {
    from: new Date(span.from).toISOString().slice(0, 10),
    to: new Date(span.to - DAY_MS).toISOString().slice(0, 10),
    days,
    totals: {
      clicks: sum(days, 'clicks'),
      counted: sum(days, 'counted'),
      orders: sum(days, 'orders'),
      uncredited: sum(orders, 'uncredited'),
      money: byCurrency(days.flatMap((day) => day.money)),
    },
  };
}

async function byPartner({ reports }: Deps, { programId }: Asker, span: Span): Promise<PartnerLine[]> {
  const [clicks, money] = await Promise.all([
    reports.clicksByPartner(programId, span),
    reports.moneyByPartner(programId, span),
  ]);
  return clicks
    .map((line) => {
      const earned = money.filter((one) => one.partnerId === line.partnerId);
      return {
        ...line,
        orders: sum(earned, 'orders'),
        money: earned.map(({ partnerId: _partner, ...amounts }) => amounts),
      };
    })
    .sort((a, b) => b.orders - a.orders || b.counted - a.counted);
}

const byCurrency = (amounts: readonly Money[]): Money[] =>
  [...Map.groupBy(amounts, (one) => one.currency)].map(([currency, group]) => ({
    currency,
    orders: sum(group, 'orders'),
    sales: sum(group, 'sales') as Minor,
    commission: sum(group, 'commission') as Minor,
  }));

const sum = <Field extends string>(rows: readonly Record<Field, number>[], field: Field): number =>
  rows.reduce((all, row) => all + row[field], 0);
