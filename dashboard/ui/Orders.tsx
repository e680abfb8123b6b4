/**
 * Orders as a table: what, when, why, how much and how far. The program's side also sees whose; a partner's holds what
 * it did not earn too, muted and without the order's amounts, which are not told then.
 */
import type { ConversionSummary } from '../api.ts';
import { earnedParts, eyesOf, isBareLead } from '../models/order.ts';
import { eventWords, reasonShort, type Side } from '../words.ts';
import { Money } from './Money.tsx';
import { Status, Unverified } from './Status.tsx';
import { Table, type TableColumn } from './Table.tsx';
import { Time } from './Time.tsx';

type Row = ConversionSummary;

export function Orders({ rows, side, caption }: { rows: readonly Row[]; side: Side; caption: string }) {
  const partners = (row: Row) =>
    earnedParts(row)
      .map((part) => part.name)
      .join(', ');
  const earned = (row: Row) => earnedParts(row).length > 0;
  const why = (row: Row) => reasonShort(row.reason, eyesOf(row, side));
  const lost = (row: Row) => side === 'partner' && !earned(row);
  const nothing = <span class="soft">–</span>;
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
          <Time at={row.occurredAt} only="day" /> · {side === 'program' && earned(row) ? partners(row) : why(row)}
        </>
      ),
    },
    { key: 'when', name: 'When', cell: (row) => <Time at={row.occurredAt} /> },
    ...(side === 'program'
      ? [{ key: 'partner', name: 'Partner', cell: (row: Row) => partners(row) || <span class="soft">Nobody</span> }]
      : []),
    {
      key: 'why',
      name: 'Why',
      cell: (row) => <span class={earned(row) ? '' : 'soft'}>{why(row)}</span>,
    },
    {
      key: 'base',
      name: 'Order value',
      number: true,
      cell: (row) => (lost(row) || isBareLead(row) ? nothing : <Money of={row.base} currency={row.currency} />),
    },
    {
      key: 'commission',
      name: 'Commission',
      number: true,
      always: true,
      cell: (row) => {
        const sum = row.allocations.reduce((all, part) => all + part.commission, 0);
        return earned(row) && !isBareLead(row) ? (
          <b>
            <Money of={sum} currency={row.currency} />
          </b>
        ) : (
          nothing
        );
      },
      small: (row) => <State of={row} side={side} />,
    },
    { key: 'status', name: 'Status', cell: (row) => <State of={row} side={side} /> },
  ];
  return <Table caption={caption} columns={columns} rows={rows} id={(row) => row.id} muted={lost} />;
}

function State({ of: row, side }: { of: Row; side: Side }) {
  const [part] = earnedParts(row);
  if (isBareLead(row)) return <span class="soft">No commission</span>;
  if (part) return <Status {...part} />;
  return <span class="soft">{side === 'partner' ? 'Not earned' : 'Not credited'}</span>;
}
