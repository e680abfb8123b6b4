/** What if: the orders that came in, credited again under each model. */
import { useModel } from '@preact/signals';
import { Fragment } from 'preact';
import { useEffect } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { useHere } from '../here.ts';
import { type Cell, CompareModel, type Row, type SideBySide, USUAL } from '../models/compare.ts';
import { Empty } from '../ui/Empty.tsx';
import { counted, credit, signed } from '../ui/format.ts';
import { Loading } from '../ui/Loading.tsx';
import { Money } from '../ui/Money.tsx';
import { Page } from '../ui/Page.tsx';
import { daysOf, Period } from '../ui/Period.tsx';
import { Skeleton } from '../ui/Skeleton.tsx';
import { Table, type TableColumn } from '../ui/Table.tsx';
import { reasonShort } from '../words.ts';

const nameOf = (model: string): string => reasonShort(model, 'program');

export default function Compare() {
  const { api } = useHere();
  const model = useModel(() => new CompareModel(api));
  const { query } = useLocation();
  const days = daysOf(query);
  useEffect(() => model.show(days), [days]);

  const table = model.table.value;
  const chosen = table?.models.find((one) => one === query.model) ?? USUAL;
  return (
    <Page
      title="What if"
      lead="The orders that came in, credited again under each model. Nothing is changed."
      aside={<Period days={days} also={chosen === USUAL ? '' : `&model=${chosen}`} />}
    >
      <Loading of={model.answer} shape={<Skeleton lines={16} tall />}>
        {({ orders }) =>
          orders === 0 ? (
            <Empty title="No orders in these days" />
          ) : (
            table && (
              <>
                <div class="tools">
                  <nav class="period models" aria-label="Model shown">
                    {table.models.map((one) => (
                      <a
                        key={one}
                        href={`?days=${days}&model=${one}`}
                        aria-current={one === chosen ? 'true' : undefined}
                      >
                        {nameOf(one)}
                      </a>
                    ))}
                  </nav>
                  <p class="soft" aria-live="polite">
                    {counted(orders, 'order')} in the last {days} days (UTC)
                  </p>
                </div>
                {table.rows.length === 0 ? (
                  <Empty title="No partner would be credited, whatever the model" />
                ) : (
                  <>
                    <Table
                      caption={`Commission and orders of each partner under each model, last ${days} days`}
                      columns={columnsOf(table, chosen)}
                      rows={table.rows}
                      foot={table.sums}
                      id={(row) => row.partnerId}
                    />
                    <p class="fine">
                      + and − tell the difference to “{nameOf(USUAL)}”; what is the same stands back. An order that
                      several partners share counts for each in part.
                    </p>
                    <p class="fine">
                      All partners together may differ, too: by cents, because each partner’s part of each item is
                      rounded by itself, and by more where another partner’s terms pay another rate. Currencies are
                      never added up.
                    </p>
                  </>
                )}
              </>
            )
          )
        }
      </Loading>
    </Page>
  );
}

const columnsOf = ({ models }: SideBySide, chosen: string): TableColumn<Row>[] => [
  {
    key: 'name',
    name: 'Partner',
    always: true,
    cell: (row) => (
      <>
        <span class="strong">{row.name}</span> <span class="slug">{row.slug}</span>
      </>
    ),
  },
  ...models.map(
    (model): TableColumn<Row> => ({
      key: model,
      name: nameOf(model),
      number: true,
      always: model === chosen,
      cell: ({ under }) => <Standing of={under.get(model)} />,
    }),
  ),
];

/** What changes stands before the amount, each currency on a line of its own, so that amounts stand straight. */
function Standing({ of: cell }: { of: Cell | undefined }) {
  if (!cell || (cell.creditMicros === 0 && cell.amounts.length === 0)) return <span class="soft">–</span>;
  return (
    <div class={`standing ${cell.same ? 'soft' : ''}`}>
      {cell.amounts.map(({ currency, commission, change }) => (
        <Fragment key={currency}>
          <span class="small">
            {change !== 0 && (
              <>
                <span class="money">{signed(change, currency)}</span>
                <span class="unseen"> against {nameOf(USUAL)}:</span>
              </>
            )}
          </span>{' '}
          <Money of={commission} currency={currency} />
        </Fragment>
      ))}
      <span class="small standing-orders">{credit(cell.creditMicros)} orders</span>
    </div>
  );
}
