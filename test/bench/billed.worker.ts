/**
 * The real Worker with a small world in it, for benches: over a counting database (GET /billed tells the count), or,
 * where time is measured, over the database itself.
 */
import type { Env } from '../../edge/deps.ts';
import worker from '../../edge/worker.ts';
import { counting } from '../support/billed.ts';
import { seedPrograms } from '../support/programs.ts';

let ready: Promise<ReturnType<typeof counting> & { env: Env }> | undefined;

type BenchEnv = Env & { MIGRATIONS: string[]; UNCOUNTED?: string };

async function start(env: BenchEnv) {
  // A runtime that was killed finds its data.
  const kept = await env.DB.prepare("SELECT name FROM sqlite_master WHERE name = 'programs'").first();
  if (!kept) {
    for (const query of env.MIGRATIONS) await env.DB.prepare(query).run();
    await seedPrograms(env.DB, Date.now());
  }
  const counted = counting(env.DB);
  return { ...counted, env: env.UNCOUNTED ? env : { ...env, DB: counted.d1 } };
}

export default {
  async fetch(request, env, ctx) {
    ready ??= start(env);
    const { billed, env: counted } = await ready;
    if (new URL(request.url).pathname === '/billed') return Response.json(billed);
    return worker.fetch(request as never, counted, ctx);
  },
} satisfies ExportedHandler<BenchEnv>;
