/** The real Worker with a small world in it (`billed.worker.ts`), bundled for Miniflare. */
import { readD1Migrations } from '@cloudflare/vitest-plugin';
import { build } from 'esbuild';
import { LOCAL_SECRETS } from '../support/secrets.ts';

export const COMPATIBILITY_DATE = '2026-10-01';

/** `uncounted`: over the database itself, where time is measured. */
export async function productWorker({ uncounted }: { uncounted: boolean }) {
  const bundle = await build({
    entryPoints: ['test/bench/billed.worker.ts'],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2024',
    minify: true,
    conditions: ['workerd', 'worker'],
  });
  const migrations = await readD1Migrations('migrations');
  return {
    modules: true,
    script: bundle.outputFiles[0]?.text ?? '',
    compatibilityDate: COMPATIBILITY_DATE,
    d1Databases: { DB: 'product' },
    bindings: {
      ...LOCAL_SECRETS,
      ...(uncounted && { UNCOUNTED: '1' }),
      MIGRATIONS: migrations.flatMap((one) => one.queries),
    },
  };
}

/** Runs so many tasks, a few at once, results in order. */
export async function many<Result>(
  count: number,
  atOnce: number,
  task: (number: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const lane = async () => {
    for (let number = next++; number < count; number = next++) results[number] = await task(number);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return results;
}
