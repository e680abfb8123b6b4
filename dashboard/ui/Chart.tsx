/**
 * Amounts and counts of each day, one panel above the other: two scales on one plot would invent a relation between
 * them. Drawn as SVG, so that the style sheet's colours hold in both schemes; its width is measured, so that letters
 * keep their size. Pointer and arrow keys choose a day; the same numbers stand in a table beneath.
 */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { dayOfWeek, day as dayText } from './format.ts';

export interface Series {
  readonly name: string;
  readonly tone: 'money' | 'clicks';
  /** One for each day. */
  readonly values: readonly number[];
  /** No finer than this: the axis never says half a click. */
  readonly unit: number;
  readonly text: (value: number) => string;
  readonly tick: (value: number) => string;
}

const HEIGHTS = { money: 150, clicks: 104 };
const TOP = 24;
/** More above the second panel: its name belongs to it, not to the days of the first. */
const BETWEEN = 20;
const FOOT = 26;
const LETTER = 6.8;
const LABEL_EVERY = 62;
const LABEL_HALF = 24;

export function Chart({ label, days, series }: { label: string; days: readonly string[]; series: readonly Series[] }) {
  const box = useRef<HTMLDivElement>(null);
  const width = useSignal(0);
  const chosen = useSignal<number | null>(null);
  useEffect(() => {
    const watcher = new ResizeObserver(([entry]) => {
      width.value = entry ? Math.floor(entry.contentRect.width) : 0;
    });
    if (box.current) watcher.observe(box.current);
    return () => watcher.disconnect();
  }, []);

  const last = days.length - 1;
  const at = Math.min(chosen.value ?? last, last);
  const told = (index: number) => series.map((one) => `${one.name} ${one.text(one.values[index] ?? 0)}`).join(', ');
  const panels = stack(series);
  const height = FOOT + Math.max(...panels.map((panel) => panel.top + panel.height));
  const gutter =
    Math.max(...panels.flatMap(({ ticks, one }) => ticks.map((tick) => one.tick(tick).length))) * LETTER + 12;
  const slot = Math.max(0, width.value - gutter) / days.length;

  const choose = (event: PointerEvent) => {
    const { left } = (event.currentTarget as SVGElement).getBoundingClientRect();
    const index = Math.floor((event.clientX - left - gutter) / slot);
    chosen.value = Math.min(last, Math.max(0, index));
  };
  const step = (event: KeyboardEvent) => {
    const to = MOVES[event.key]?.(at, last);
    if (to === undefined) return;
    event.preventDefault();
    chosen.value = Math.min(last, Math.max(0, to));
  };

  return (
    <figure class="chart">
      <figcaption class="chart-read" aria-hidden="true">
        <b>{dayOfWeek(days[at] ?? '')}</b>
        {series.map((one) => (
          <span key={one.name} class={`key key-${one.tone}`}>
            {one.name} <b>{one.text(one.values[at] ?? 0)}</b>
          </span>
        ))}
      </figcaption>
      <div
        ref={box}
        class="chart-box"
        style={{ height: `${height}px` }}
        role="slider"
        tabIndex={0}
        aria-label={`${label}. Arrow keys go from day to day.`}
        aria-valuemin={0}
        aria-valuemax={last}
        aria-valuenow={at}
        aria-valuetext={`${dayOfWeek(days[at] ?? '')}: ${told(at)}`}
        onKeyDown={step}
      >
        {width.value > 0 && (
          <svg
            width={width.value}
            height={height}
            aria-hidden="true"
            onPointerMove={choose}
            onPointerDown={choose}
            onPointerLeave={() => {
              chosen.value = null;
            }}
          >
            {chosen.value !== null && (
              <rect class="chart-now" x={gutter + at * slot} y={0} width={Math.max(slot, 2)} height={height - FOOT} />
            )}
            {panels.map(({ one, top, height, ticks, y }) => (
              <g key={one.name}>
                <text class="chart-name" x={gutter} y={top - 10}>
                  {one.name}
                </text>
                {ticks.map((tick) => (
                  <g key={tick}>
                    <line
                      class={tick === 0 ? 'chart-base' : 'chart-line'}
                      x1={gutter}
                      x2={width.value}
                      y1={y(tick)}
                      y2={y(tick)}
                    />
                    <text class="chart-tick" x={gutter - 8} y={y(tick) + 4} text-anchor="end">
                      {one.tick(tick)}
                    </text>
                  </g>
                ))}
                <path
                  class={`chart-bars chart-${one.tone}`}
                  d={bars({ values: one.values, left: gutter, slot, base: top + height, y })}
                />
              </g>
            ))}
            {labels(days, slot).map((index) => (
              <text
                key={index}
                class="chart-tick"
                x={gutter + (index + 0.5) * slot}
                y={height - 6}
                text-anchor="middle"
              >
                {dayText(days[index] ?? '')}
              </text>
            ))}
          </svg>
        )}
      </div>
      <DayTable days={days} series={series} />
    </figure>
  );
}

const MOVES: Record<string, (at: number, last: number) => number> = {
  ArrowLeft: (at) => at - 1,
  ArrowDown: (at) => at - 1,
  ArrowRight: (at) => at + 1,
  ArrowUp: (at) => at + 1,
  PageDown: (at) => at - 7,
  PageUp: (at) => at + 7,
  Home: () => 0,
  End: (_at, last) => last,
};

interface Panel {
  one: Series;
  top: number;
  height: number;
  ticks: number[];
  y: (value: number) => number;
}

function stack(series: readonly Series[]): Panel[] {
  let top = 0;
  return series.map((one, index) => {
    top += TOP + (index > 0 ? BETWEEN : 0);
    const height = HEIGHTS[one.tone];
    const ticks = scale(Math.max(0, ...one.values), one.unit);
    const most = ticks.at(-1) || 1;
    const panel = { one, top, height, ticks, y: y(top + height, height / most) };
    top += height;
    return panel;
  });
}

const y = (base: number, perUnit: number) => (value: number) => base - value * perUnit;

/** 0 and two to four round steps that hold the most. */
function scale(most: number, unit: number): number[] {
  const raw = Math.max(most, unit * 2) / 3;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = Math.max(unit, power * ([1, 2, 5, 10].find((times) => times * power >= raw) ?? 10));
  return Array.from({ length: Math.ceil(Math.max(most, step) / step) + 1 }, (_, index) => index * step);
}

/** One path for all of them. A day with next to nothing still shows as a sliver. */
function bars(given: {
  values: readonly number[];
  left: number;
  slot: number;
  base: number;
  y: (v: number) => number;
}) {
  const { values, left, slot, base, y } = given;
  const wide = Math.min(26, Math.max(1, slot * 0.7));
  return values
    .map((value, index) => {
      if (value <= 0) return '';
      const height = Math.max(1.5, base - y(value));
      const round = Math.min(wide / 2, height, 3);
      const from = left + index * slot + (slot - wide) / 2;
      return `M${from} ${base}v${round - height}q0 ${-round} ${round} ${-round}h${wide - 2 * round}q${round} 0 ${round} ${round}v${height - round}z`;
    })
    .join('');
}

/** Which days have their name on the axis: evenly back from the last one that has room for it. */
function labels(days: readonly string[], slot: number): number[] {
  if (slot <= 0) return [];
  const every = [1, 2, 3, 7, 14, 28].find((many) => many * slot >= LABEL_EVERY) ?? 56;
  const last = days.length - Math.ceil(LABEL_HALF / slot + 0.5);
  return days.map((_, index) => index).filter((index) => index <= last && (last - index) % every === 0);
}

/** Its rows are made when it is opened. */
function DayTable({ days, series }: { days: readonly string[]; series: readonly Series[] }) {
  const open = useSignal(false);
  return (
    <details
      class="chart-table"
      onToggle={(event) => {
        open.value = event.currentTarget.open;
      }}
    >
      <summary>The same as a table</summary>
      {open.value && (
        <table>
          <caption class="unseen">Day by day, newest first; days begin at midnight UTC</caption>
          <thead>
            <tr>
              <th scope="col">Day (UTC)</th>
              {series.map((one) => (
                <th key={one.name} scope="col" class="number">
                  {one.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {days
              .map((day, index) => (
                <tr key={day}>
                  <th scope="row">
                    <time dateTime={day}>{dayOfWeek(day)}</time>
                  </th>
                  {series.map((one) => (
                    <td key={one.name} class="number">
                      {one.text(one.values[index] ?? 0)}
                    </td>
                  ))}
                </tr>
              ))
              .reverse()}
          </tbody>
        </table>
      )}
    </details>
  );
}
