/** What a bench file is: one promise of the figures, measured. */

export interface Measured {
  /** Empty for a figure with one value; else the part of a row `name/part`. */
  readonly part?: string;
  readonly value: number;
  readonly unit: string;
  readonly promise: string;
  readonly holds: boolean;
  readonly detail?: string;
}

export interface Figure {
  readonly name: string;
  /** Fixed; printed with every row. 0 where no chance is involved. */
  readonly seed: number;
  /** `parts`: what of it is asked for, where a figure can leave the rest out; null: all. */
  measure(parts: readonly string[] | null): Promise<readonly Measured[]> | readonly Measured[];
}
