/** What of papaparse is used here: its published types bring Node's along, which a Worker does not have. */
export interface UnparseConfig {
  readonly quotes?: boolean;
  readonly newline?: string;
  readonly header?: boolean;
  readonly escapeFormulae?: boolean | RegExp;
}

declare const Papa: { unparse(rows: readonly (readonly unknown[])[], config?: UnparseConfig): string };
export default Papa;
