/**
 * The real Worker with a small world in it, for benches: over a counting database (GET /billed tells the count, PUT
 * /health says how the database shall behave, POST /lives, /tenancy and /guess run these), or, where time is measured, over the database
 * itself.
 */
import type { Env } from '../../edge/deps.ts';
import worker from '../../edge/worker.ts';
import { counting } from '../support/billed.ts';
import { attack } from '../support/guess.ts';
import { lives } from '../support/lives.ts';
import { seedPrograms } from '../support/programs.ts';
import { type Figures, tenancy } from '../support/tenancy.ts';

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

const started = (env: BenchEnv) => {
  ready ??= start(env);
  return ready;
};

let strangers: Promise<Figures> | undefined;

/** A route at a time; without one, what there is to try. */
async function tenancyOf(env: BenchEnv, { route }: { route?: Figures['routes'][number] }) {
  strangers ??= tenancy(env, { small: false });
  const figures = await strangers;
  return route ? figures.probe(route) : { ...figures, probe: undefined };
}

export default {
  async fetch(request, env, ctx) {
    const { billed, state, env: counted } = await started(env);
    const { pathname } = new URL(request.url);
    if (pathname === '/billed') return Response.json(billed);
    if (pathname === '/lives') return Response.json(await lives(env, await request.json()));
    if (pathname === '/guess') return Response.json(await attack(env, await request.json()));
    if (pathname === '/tenancy') return Response.json(await tenancyOf(env, await request.json()));
    if (pathname === '/health' && request.method === 'PUT')
      return Response.json(Object.assign(state, await request.json()));
    return worker.fetch(request as never, counted, ctx);
  },
  async queue(batch, env) {
    await worker.queue(batch as never, (await started(env)).env);
  },
  async scheduled(event, env) {
    await worker.scheduled(event as never, (await started(env)).env);
  },
} satisfies ExportedHandler<BenchEnv>;
