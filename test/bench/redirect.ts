/**
 * redirect: what the product costs over a bare Worker that makes one D1 insert and redirects. Both run in one runtime; the
 * load goes to one and the other in slices A B B A, and only sums are compared, since machines and minutes differ.
 */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { BROWSER } from '../support/programs.ts';
import type { Figure, Measured } from './figure.ts';
import { COMPATIBILITY_DATE, productWorker, runtimePid } from './product.ts';

const SLICE_MS = 250;
/** Of four slices each: A B B A. */
const ROUNDS = 40;
const AT_ONCE = 16;
const WARM_UP = 400;

const CONTROL = `
  let made;
  export default {
    async fetch(request, env) {
      made ??= env.DB.prepare('CREATE TABLE IF NOT EXISTS clicks (id TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID').run();
      await made;
      await env.DB.prepare('INSERT INTO clicks VALUES (?, ?)').bind(crypto.randomUUID(), Date.now()).run();
      return new Response(null, { status: 302, headers: { location: 'https://shop.example/' } });
    },
  };`;

interface Side {
  readonly host: string;
  readonly path: string;
  requests: number;
  busyMs: number;
  cpuTicks: number;
  readonly latencies: number[];
}

export const redirect: Figure = {
  name: 'redirect',
  seed: 0,
  async measure() {
    const runtime = new Miniflare(
      convertV4MiniflareOptions({
        host: '127.0.0.1',
        port: 0,
        workers: [
          { ...(await productWorker({ uncounted: true })), name: 'product' },
          {
            modules: true,
            compatibilityDate: COMPATIBILITY_DATE,
            name: 'control',
            script: CONTROL,
            d1Databases: { DB: 'control' },
            routes: ['control.localhost/*'],
          },
        ],
      }),
    );
    try {
      const { port } = await runtime.ready;
      const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
      const follow = (side: Side) => once({ agent, port: Number(port), side });
      const product = sideOf('localhost', '/go/anna');
      const control = sideOf('control.localhost', '/');
      for (const side of [product, control]) for (let number = 0; number < WARM_UP; number++) await follow(side);
      const pid = runtimePid();
      for (let round = 0; round < ROUNDS; round++) {
        for (const side of [product, control, control, product]) await slice(side, follow, pid);
      }
      agent.destroy();
      return figures(product, control);
    } finally {
      await runtime.dispose();
    }
  },
};

const sideOf = (host: string, path: string): Side => ({
  host,
  path,
  requests: 0,
  busyMs: 0,
  cpuTicks: 0,
  latencies: [],
});

/** One slice of load on one side; a request that is under way at its end still counts there. */
async function slice(side: Side, follow: (side: Side) => Promise<void>, pid: number | null): Promise<void> {
  const [began, ticks] = [performance.now(), cpuTicks(pid)];
  const lane = async () => {
    while (performance.now() - began < SLICE_MS) {
      const sent = performance.now();
      await follow(side);
      side.latencies.push(performance.now() - sent);
      side.requests += 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  side.busyMs += performance.now() - began;
  side.cpuTicks += cpuTicks(pid) - ticks;
}

function figures(product: Side, control: Side): Measured[] {
  const rate = ({ requests, busyMs }: Side) => requests / busyMs;
  const p95 = ({ latencies }: Side) => [...latencies].sort((a, b) => a - b)[Math.floor(latencies.length * 0.95)] ?? 0;
  const cpu = ({ requests, cpuTicks: ticks }: Side) => ticks / requests;
  const perSecond = (side: Side) => Math.round(rate(side) * 1000);
  const ratio = (value: number) => Math.round(value * 1000) / 1000;
  const detail = `${perSecond(product)} against ${perSecond(control)} a second`;
  const row = (part: string, value: number, promise: string, holds: boolean): Measured => ({
    part,
    value: ratio(value),
    unit: '× control',
    promise,
    holds,
    detail,
  });
  const [throughput, tail] = [rate(product) / rate(control), p95(product) / p95(control)];
  return [
    row('throughput', throughput, '≥ 0.85', throughput >= 0.85),
    row('p95', tail, '≤ 1.25', tail <= 1.25),
    ...(control.cpuTicks > 0
      ? [row('cpu', cpu(product) / cpu(control), '≤ 1.25', cpu(product) / cpu(control) <= 1.25)]
      : []),
  ];
}

function once({ agent, port, side }: { agent: Agent; port: number; side: Side }): Promise<void> {
  return new Promise((done, failed) => {
    const headers = { ...BROWSER, host: `${side.host}:${port}` };
    request({ agent, host: '127.0.0.1', port, path: side.path, headers }, (response) => {
      response.resume();
      if (response.statusCode !== 302) failed(new Error(`${side.host} answered ${response.statusCode}`));
      response.once('end', () => done());
    })
      .once('error', failed)
      .end();
  });
}

/** User and system time of a process so far, in clock ticks. */
function cpuTicks(pid: number | null): number {
  if (pid === null) return 0;
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
}
