/** The real Worker with a small world in it (`billed.worker.ts`), bundled for Miniflare. */
import { readFileSync } from 'node:fs';
import { readD1Migrations } from '@cloudflare/vitest-plugin';
import { build } from 'esbuild';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { SECRET } from '../support/programs.ts';
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

export interface Running {
  readonly runtime: Miniflare;
  /** What its database holds, asked beside the product. */
  rows<Row>(sql: string): Promise<Row[]>;
  /** Of a path, over HTTP; the runtime may listen elsewhere once it has been killed. */
  url(path: string): string;
  /** Asks for its port again. */
  found(): Promise<void>;
  dispose(): Promise<void>;
}

/** The product, uncounted, listening. `state`: a folder in which its data outlive the runtime. */
export async function runProduct({ state }: { state?: string } = {}): Promise<Running> {
  const worker = await productWorker({ uncounted: true });
  const keep = state === undefined ? {} : { resourcePersistencePath: state };
  const options = { ...worker, ...keep, name: 'product', host: '127.0.0.1', port: 0 };
  const runtime = new Miniflare(convertV4MiniflareOptions(options));
  let at = await runtime.ready;
  // The first request migrates and seeds.
  await (await fetch(new URL('/health', at))).text();
  return {
    runtime,
    async rows<Row>(sql: string) {
      const d1 = await runtime.getD1Database('DB');
      return (await d1.prepare(sql).all<Row>()).results;
    },
    url: (path) => new URL(path, at).href,
    async found() {
      at = await runtime.ready;
    },
    dispose: () => runtime.dispose(),
  };
}

/** A server's call with the world's secret key. */
export const calling = (body: unknown, headers: Record<string, string> = {}) => ({
  method: 'POST',
  headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

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

/** The runtime is a child of ours. Null where there is no /proc to ask. */
export function runtimePid(): number | null {
  try {
    const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim().split(' ');
    const found = children.find((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'workerd');
    return found ? Number(found) : null;
  } catch {
    return null;
  }
}
