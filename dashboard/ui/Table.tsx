/**
 * A table of records. On a narrow screen it keeps its columns marked `always`; what the others said stands in small
 * print beneath (`small`), so that the page never scrolls sideways.
 */
import type { ComponentChildren } from 'preact';

export interface TableColumn<Row> {
  key: string;
  name: string;
  cell: (row: Row) => ComponentChildren;
  /** Narrow screens only: beneath the cell. */
  small?: (row: Row) => ComponentChildren;
  always?: boolean;
  number?: boolean;
}

interface Sorting {
  by: string;
  descending: boolean;
  change: (key: string) => void;
}

export function Table<Row>({
  caption,
  columns,
  rows,
  foot,
  id,
  muted = () => false,
  sorting,
}: {
  caption: string;
  columns: readonly TableColumn<Row>[];
  rows: readonly Row[];
  /** The sums. */
  foot?: Row;
  id: (row: Row) => string;
  /** Rows that stand back behind the others. */
  muted?: (row: Row) => boolean;
  sorting?: Sorting;
}) {
  const looks = (column: TableColumn<Row>) =>
    [column.always ? '' : 'wide', column.number ? 'number' : ''].join(' ').trim();
  const cells = (row: Row) =>
    columns.map((column, index) => {
      const Cell = index === 0 ? 'th' : 'td';
      return (
        <Cell key={column.key} scope={index === 0 ? 'row' : undefined} class={looks(column)}>
          {column.cell(row)}
          {column.small && <div class="small narrow">{column.small(row)}</div>}
        </Cell>
      );
    });
  return (
    <table>
      <caption class="unseen">{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.key} scope="col" class={looks(column)} aria-sort={order(column.key, sorting)}>
              {sorting ? (
                <button type="button" class="sort" onClick={() => sorting.change(column.key)}>
                  {column.name}
                  <span class="sort-arrow" aria-hidden="true" />
                </button>
              ) : (
                column.name
              )}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={id(row)} class={muted(row) ? 'muted' : undefined}>
            {cells(row)}
          </tr>
        ))}
      </tbody>
      {foot && (
        <tfoot>
          <tr>{cells(foot)}</tr>
        </tfoot>
      )}
    </table>
  );
}

function order(key: string, sorting: Sorting | undefined) {
  if (sorting?.by !== key) return undefined;
  return sorting.descending ? 'descending' : 'ascending';
}
