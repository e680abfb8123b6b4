/** Counts what D1 bills: rows read, rows written and round trips, exact even locally, so that no noise disturbs them. */

import type { D1Database, D1PreparedStatement, D1Result } from '@cloudflare/workers-types';

export interface Billed {
  rowsRead: number;
  rowsWritten: number;
  /** Calls that wait for each other; those under way at once are one trip. */
  roundTrips: number;
}

/** How the database behaves: at `down` every call of it fails, at `silent` none is answered. */
export interface Health {
  down: boolean;
  silent: boolean;
  /** Calls that found it down, or were never answered. */
  refused: number;
  /** Statements that it answered, each of a batch apart. */
  answered: number;
}

/** The same database, counting from now on, in the health it is told to be in. `heard`: of each statement that is run. */
export function counting(
  real: D1Database,
  heard: (sql: string) => void = () => undefined,
): { d1: D1Database; billed: Billed; state: Health } {
  const state: Health = { down: false, silent: false, refused: 0, answered: 0 };
  const mustBeUp = async () => {
    if (state.silent || state.down) state.refused += 1;
    if (state.silent) await new Promise(() => undefined);
    if (state.down) throw new Error('D1_ERROR: the database is away');
  };
  const billed: Billed = { rowsRead: 0, rowsWritten: 0, roundTrips: 0 };
  let underWay = 0;
  /** Everything that begins before the database has answered all that was asked is one round trip. */
  const trip = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
    if (underWay === 0) billed.roundTrips += 1;
    underWay += 1;
    try {
      await mustBeUp();
      return await ask();
    } finally {
      underWay -= 1;
    }
  };
  const count = (results: readonly D1Result[]) => {
    state.answered += results.length;
    for (const { meta } of results) {
      billed.rowsRead += meta.rows_read;
      billed.rowsWritten += meta.rows_written;
    }
  };
  const inner = new WeakMap<object, { statement: D1PreparedStatement; sql: string }>();
  const wrap = (statement: D1PreparedStatement, sql: string): D1PreparedStatement => {
    const counted = {
      bind: (...values: unknown[]) => wrap(statement.bind(...values), sql),
      async all() {
        heard(sql);
        const result = await trip(() => statement.all());
        count([result]);
        return result;
      },
      async run() {
        heard(sql);
        const result = await trip(() => statement.run());
        count([result]);
        return result;
      },
      async first(column?: string) {
        const result = await counted.all();
        const [row = null] = result.results as Record<string, unknown>[];
        return row && column ? row[column] : row;
      },
      // Rows as lists come without their bill: asked a second time, for a read the bill is the same.
      async raw() {
        await counted.all();
        return statement.raw();
      },
    } as unknown as D1PreparedStatement;
    inner.set(counted, { statement, sql });
    return counted;
  };
  const d1 = {
    prepare: (sql: string) => wrap(real.prepare(sql), sql),
    async batch(statements: D1PreparedStatement[]) {
      const own = statements.map((one) => inner.get(one));
      for (const one of own) if (one) heard(one.sql);
      const results = await trip(() => real.batch(statements.map((one, at) => own[at]?.statement ?? one)));
      count(results);
      return results;
    },
  } as unknown as D1Database;
  return { d1, billed, state };
}
