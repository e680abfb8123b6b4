/** Headline numbers with their names, and a small word beneath. */
import type { ComponentChildren } from 'preact';

export interface Figure {
  name: string;
  value: ComponentChildren;
  note?: ComponentChildren;
}

export const Figures = ({ of: figures }: { of: readonly Figure[] }) => (
  <dl class="figures">
    {figures.map(({ name, value, note }) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd class="figure">{value}</dd>
        {note && <dd class="note">{note}</dd>}
      </div>
    ))}
  </dl>
);

export const FiguresShape = ({ names }: { names: readonly string[] }) => (
  <dl class="figures" aria-busy="true">
    {names.map((name) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd class="figure">
          <span class="skeleton-line skeleton-figure" />
        </dd>
        <dd class="note">
          <span class="skeleton-line skeleton-note" />
        </dd>
      </div>
    ))}
  </dl>
);
