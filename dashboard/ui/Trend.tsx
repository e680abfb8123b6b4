/** A summary's days as a chart: one currency at a time, and the clicks that may earn. */
import { useSignal } from '@preact/signals';
import { decimals } from '../../edge/core/money.ts';
import type { Summary } from '../api.ts';
import { Chart, type Series } from './Chart.tsx';
import { Empty } from './Empty.tsx';
import { amount, count, shortAmount, shortCount } from './format.ts';

export function Trend({ of: summary, earned, home }: { of: Summary; earned: string; home: string }) {
  const currencies = summary.totals.money.map((one) => one.currency);
  const asked = useSignal<string | null>(null);
  const currency =
    currencies.find((one) => one === asked.value) ?? currencies.find((one) => one === home) ?? currencies[0];
  const { totals, days } = summary;
  if (totals.clicks === 0 && totals.orders === 0) {
    return (
      <Empty title="No clicks or orders in these days">Share a link, and the first click shows up here at once.</Empty>
    );
  }

  const money: Series[] = currency
    ? [
        {
          name: currencies.length > 1 ? `${earned}, ${currency}` : earned,
          tone: 'money',
          values: days.map((day) => day.money.find((one) => one.currency === currency)?.commission ?? 0),
          unit: 10 ** decimals(currency),
          text: (value) => amount(value, currency),
          tick: (value) => shortAmount(value, currency),
        },
      ]
    : [];
  const clicks: Series = {
    name: 'Valid clicks',
    tone: 'clicks',
    values: days.map((day) => day.counted),
    unit: 1,
    text: count,
    tick: shortCount,
  };
  return (
    <>
      {currencies.length > 1 && (
        <fieldset class="period chart-currency">
          <legend class="unseen">Currency shown</legend>
          {currencies.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={one === currency}
              onClick={() => {
                asked.value = one;
              }}
            >
              {one}
            </button>
          ))}
        </fieldset>
      )}
      <Chart
        label={`${earned} and valid clicks, ${summary.days.length} days`}
        days={days.map((day) => day.day)}
        series={[...money, clicks]}
      />
    </>
  );
}
