/** All partners of the program: found by name, sorted by any column. */
import { useModel } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import type { PartnerLine } from '../api.ts';
import { useHere } from '../here.ts';
import { type Column, PartnersModel, rate } from '../models/partners.ts';
import { Empty } from '../ui/Empty.tsx';
import { amount, count, counted, percent } from '../ui/format.ts';
import { NextIcon } from '../ui/icons.tsx';
import { Loading } from '../ui/Loading.tsx';
import { Money } from '../ui/Money.tsx';
import { Page } from '../ui/Page.tsx';
import { daysOf, Period } from '../ui/Period.tsx';
import { Skeleton } from '../ui/Skeleton.tsx';
import { Table, type TableColumn } from '../ui/Table.tsx';

export default function Partners() {
  const { api, session } = useHere();
  const model = useModel(() => new PartnersModel(api));
  const days = daysOf(useLocation().query);
  useEffect(() => model.show(days), [days]);

  const columns = columnsOf(model.currencies.value, session.current.program.currency);
  const { by, descending } = model.sort.value;
  return (
    <Page
      title="Partners"
      lead={`What each partner brought in the last ${days} days (UTC).`}
      aside={<Period days={days} />}
    >
      <Loading of={model.lines} shape={<Skeleton lines={16} tall />}>
        {(lines) =>
          lines.length === 0 ? (
            <Empty title="No partners yet" />
          ) : (
            <>
              <div class="tools">
                <label>
                  <span class="unseen">Find a partner</span>
                  <input
                    type="search"
                    placeholder="Find a partner"
                    value={model.search.value}
                    onInput={({ currentTarget }) => model.find(currentTarget.value)}
                  />
                </label>
                <label class="narrow">
                  <span>Sort by</span>
                  <select value={by} onChange={({ currentTarget }) => model.sortBy(currentTarget.value as Column)}>
                    {columns.map(({ key, name }) => (
                      <option key={key} value={key}>
                        {name}
                      </option>
                    ))}
                  </select>
                </label>
                <a class="more" href="/codes">
                  Codes and groups
                  <NextIcon />
                </a>
                <p class="soft" aria-live="polite">
                  {counted(model.shown.value?.length ?? 0, 'partner')}
                </p>
              </div>
              {model.shown.value?.length === 0 ? (
                <Empty title="Nobody of that name" />
              ) : (
                <Table
                  caption={`Partners, last ${days} days`}
                  columns={columns}
                  rows={model.shown.value ?? []}
                  id={(line) => line.partnerId}
                  sorting={{ by, descending, change: (key) => model.sortBy(key as Column) }}
                />
              )}
            </>
          )
        }
      </Loading>
    </Page>
  );
}

type PartnerColumn = TableColumn<PartnerLine> & { key: Column };

function columnsOf(currencies: readonly string[], home: string): PartnerColumn[] {
  const shown = currencies.length > 0 ? currencies : [home];
  return [
    {
      key: 'name',
      name: 'Partner',
      always: true,
      cell: (line) => (
        <>
          <span class="strong">{line.name}</span> <span class="slug">{line.partner}</span>
        </>
      ),
      small: (line) => (
        <>
          {count(line.counted)} valid of {counted(line.clicks, 'click')} · {counted(line.orders, 'order')}
          {line.money.length > 0 && (
            <> · {line.money.map((one) => amount(one.commission, one.currency)).join(' and ')}</>
          )}
        </>
      ),
    },
    { key: 'clicks', name: 'Clicks', number: true, cell: (line) => count(line.clicks) },
    { key: 'counted', name: 'Valid', number: true, cell: (line) => count(line.counted) },
    { key: 'orders', name: 'Orders', number: true, cell: (line) => count(line.orders) },
    {
      key: 'rate',
      name: 'Orders ÷ valid',
      number: true,
      cell: (line) => {
        const value = rate(line);
        return value === null ? <span class="soft">–</span> : percent(value);
      },
    },
    ...shown.map(
      (currency): PartnerColumn => ({
        key: `commission:${currency}`,
        name: shown.length > 1 ? `Commission ${currency}` : 'Commission',
        number: true,
        cell: (line) => {
          const one = line.money.find((part) => part.currency === currency);
          return one ? <Money of={one.commission} currency={currency} /> : <span class="soft">–</span>;
        },
      }),
    ),
  ];
}
