/** The program's first page: how it goes, who brings it, what came in last. */
import { useModel } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import type { PartnerLine, Summary } from '../api.ts';
import { useHere } from '../here.ts';
import { rate } from '../models/partners.ts';
import { ProgramHomeModel } from '../models/program-home.ts';
import { Empty } from '../ui/Empty.tsx';
import { type Figure, Figures, FiguresShape } from '../ui/Figures.tsx';
import { count, percent } from '../ui/format.ts';
import { NextIcon } from '../ui/icons.tsx';
import { Loading } from '../ui/Loading.tsx';
import { Amounts } from '../ui/Money.tsx';
import { Orders } from '../ui/Orders.tsx';
import { Page } from '../ui/Page.tsx';
import { daysOf, Period } from '../ui/Period.tsx';
import { Skeleton } from '../ui/Skeleton.tsx';
import { Table, type TableColumn } from '../ui/Table.tsx';
import { Trend } from '../ui/Trend.tsx';

const TOP = 8;

export default function ProgramHome() {
  const { api, session } = useHere();
  const model = useModel(() => new ProgramHomeModel(api));
  const days = daysOf(useLocation().query);
  useEffect(model.open, []);
  useEffect(() => model.show(days), [days]);

  const { program } = session.current;
  return (
    <Page title="Overview" heading={program.name} aside={<Period days={days} />}>
      <section aria-labelledby="numbers">
        <h2 id="numbers" class="unseen">
          Last {days} days
        </h2>
        <Loading
          of={model.summary}
          shape={
            <>
              <FiguresShape names={['Orders', 'Sales by partners', 'Commission', 'Valid clicks']} />
              <div class="skeleton chart-shape" />
            </>
          }
        >
          {(summary) => (
            <>
              <Figures of={figures(summary, program.currency)} />
              <Trend of={summary} earned="Commission" home={program.currency} />
            </>
          )}
        </Loading>
        <p class="fine">The last {days} days; days begin at midnight UTC.</p>
      </section>

      <section aria-labelledby="top">
        <div class="section-head">
          <h2 id="top">Top partners</h2>
          <a class="more" href={`/partners?days=${days}`}>
            All partners
            <NextIcon />
          </a>
        </div>
        <Loading of={model.partners} shape={<Skeleton lines={TOP} tall />}>
          {(lines) =>
            lines.length > 0 ? (
              <Table
                caption={`The partners with the most orders in the last ${days} days`}
                columns={columns(program.currency)}
                rows={lines.slice(0, TOP)}
                id={(line) => line.partnerId}
              />
            ) : (
              <Empty title="No partners yet" />
            )
          }
        </Loading>
      </section>

      <section aria-labelledby="recent">
        <div class="section-head">
          <h2 id="recent">Recent orders</h2>
          <a class="more" href="/orders">
            All orders
            <NextIcon />
          </a>
        </div>
        <Loading of={model.orders} shape={<Skeleton lines={6} tall />}>
          {({ data }) =>
            data.length > 0 ? (
              <Orders rows={data} side="program" caption="The latest orders" />
            ) : (
              <Empty title="No orders yet">
                <p>
                  <a class="button" href="/setup">
                    Set up the shop
                  </a>
                </p>
              </Empty>
            )
          }
        </Loading>
      </section>
    </Page>
  );
}

function figures({ totals }: Summary, currency: string): Figure[] {
  const credited = totals.orders - totals.uncredited;
  return [
    {
      name: 'Orders',
      value: count(totals.orders),
      note: totals.orders > 0 ? `${percent(credited / totals.orders)} credited to a partner` : 'none yet',
    },
    {
      name: 'Sales by partners',
      value: <Amounts of={totals.money.map((one) => ({ ...one, amount: one.sales }))} currency={currency} />,
      note: 'before tax and shipping',
    },
    {
      name: 'Commission',
      value: <Amounts of={totals.money.map((one) => ({ ...one, amount: one.commission }))} currency={currency} />,
      note: 'for these orders',
    },
    { name: 'Valid clicks', value: count(totals.counted), note: `of ${count(totals.clicks)} in all` },
  ];
}

const columns = (currency: string): TableColumn<PartnerLine>[] => [
  {
    key: 'name',
    name: 'Partner',
    always: true,
    cell: (line) => <span class="strong">{line.name}</span>,
    small: (line) => `${count(line.counted)} valid clicks · ${count(line.orders)} orders`,
  },
  { key: 'clicks', name: 'Clicks', number: true, cell: (line) => count(line.clicks) },
  { key: 'counted', name: 'Valid', number: true, cell: (line) => count(line.counted) },
  { key: 'orders', name: 'Orders', number: true, cell: (line) => count(line.orders) },
  { key: 'rate', name: 'Orders ÷ valid clicks', number: true, cell: (line) => rateText(line) },
  {
    key: 'commission',
    name: 'Commission',
    number: true,
    always: true,
    cell: (line) => <Amounts of={line.money.map((one) => ({ ...one, amount: one.commission }))} currency={currency} />,
  },
];

function rateText(line: PartnerLine): string {
  const value = rate(line);
  return value === null ? '–' : percent(value);
}
