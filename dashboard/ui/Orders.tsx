/** Orders as a table: what, when, why, how much and how far. The program's side also sees whose. */
import type { ConversionSummary } from '../api.ts';
import { eventWords, reasonShort } from '../words.ts';
import { Money } from './Money.tsx';
import { Status, Unverified } from './Status.tsx';
import { Table, type TableColumn } from './Table.tsx';
import { Time } from './Time.tsx';

type Row = ConversionSummary;

export function Orders({
  rows,
  side,
  caption,
  names,
}: {
  rows: readonly Row[];
  side: 'partner' | 'program';
  caption: string;
  /** What partners are called, by slug. */
  names?: ReadonlyMap<string, string>;
}) {
  const partners = (row: Row) => row.allocations.map((part) => names?.get(part.partner) ?? part.partner).join(', ');
  const why = (row: Row) => (
    <span class={row.allocations.length > 0 ? 'why' : 'why why-not'}>{reasonShort(row.reason)}</span>
  );
  const columns: TableColumn<Row>[] = [
    {
      key: 'order',
      name: 'Order',
      always: true,
      cell: (row) => (
        <>
          <a class="strong" href={`/orders/${row.id}`}>
            {row.orderId}
          </a>
          {row.event !== 'sale' && <span class="tag">{eventWords(row.event)}</span>}
          {!row.verified && <Unverified />}
        </>
      ),
      small: (row) => (
        <>
          <Time at={row.occurredAt} only="day" /> ·{' '}
          {side === 'program' && row.allocations.length > 0 ? partners(row) : reasonShort(row.reason)}
        </>
      ),
    },
    { key: 'when', name: 'When', cell: (row) => <Time at={row.occurredAt} /> },
    ...(side === 'program'
      ? [{ key: 'partner', name: 'Partner', cell: (row: Row) => partners(row) || <span class="soft">Nobody</span> }]
      : []),
    { key: 'why', name: 'Why', cell: why },
    { key: 'base', name: 'Order value', number: true, cell: (row) => <Money of={row.base} currency={row.currency} /> },
    {
      key: 'commission',
      name: 'Commission',
      number: true,
      always: true,
      cell: (row) => {
        const sum = row.allocations.reduce((all, part) => all + part.commission, 0);
        return row.allocations.length > 0 ? (
          <b>{<Money of={sum} currency={row.currency} />}</b>
        ) : (
          <span class="soft">none</span>
        );
      },
      small: (row) => row.allocations.slice(0, 1).map((part) => <Status key={part.partnerId} {...part} />),
    },
    {
      key: 'status',
      name: 'Status',
      cell: (row) => row.allocations.slice(0, 1).map((part) => <Status key={part.partnerId} {...part} />),
    },
  ];
  return <Table caption={caption} columns={columns} rows={rows} id={(row) => row.id} />;
}
