/** The real Worker over a counting database, for `click-rows`; GET /billed tells the count. */
import type { Env } from '../../edge/deps.ts';
import worker from '../../edge/worker.ts';
import { counting } from '../support/billed.ts';
import { seedPrograms } from '../support/programs.ts';

let ready: Promise<ReturnType<typeof counting> & { env: Env }> | undefined;

async function start(env: Env & { MIGRATIONS: string[] }) {
  for (const query of env.MIGRATIONS) await env.DB.prepare(query).run();
  await seedPrograms(env.DB, Date.now());
  const counted = counting(env.DB);
  return { ...counted, env: { ...env, DB: counted.d1 } };
}

export default {
  async fetch(request, env, ctx) {
    ready ??= start(env);
    const { billed, env: counted } = await ready;
    if (new URL(request.url).pathname === '/billed') return Response.json(billed);
    return worker.fetch(request as never, counted, ctx);
  },
} satisfies ExportedHandler<Env & { MIGRATIONS: string[] }>;
