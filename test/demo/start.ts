/**
 * `npm start`: builds, migrates a local D1, fills it when it is empty, and serves the Worker, the demo shop and the
 * partner's blog on one port of this machine. Nothing listens there before all of it is ready, and nothing reaches
 * the network; a single sign-on that runs on this machine too may be asked. `--help` tells its options.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { parseArgs, styleText } from 'node:util';
import {
  convertV4MiniflareOptions,
  fetch,
  Log,
  LogLevel,
  Miniflare,
  type MiniflareOptions,
  type Request,
  Response,
  type V4WorkerOptionsShape,
} from 'miniflare';
import { totp } from '../../edge/auth/totp.ts';
import { BUILT, buildDemo } from './build.ts';
import { PEOPLE } from './people.ts';
import type { Prepared } from './seed.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const HOST = '127.0.0.1';
const STATE = resolve(ROOT, process.env.TRIBUTARY_STATE || '.wrangler/state');
/** Where Wrangler keeps its data in the state folder, and so Miniflare. */
const DATA = join(STATE, 'v3');
const SECRETS = join(STATE, 'demo-secrets.json');
const PATIENCE_MS = 2_000;
const HELP = `
npm start builds Tributary, fills a local database and serves it with a demo shop and a partner's blog.

  PORT=8787           the port
  TRIBUTARY_STATE=…   where data and local secrets are kept (.wrangler/state)
  OIDC_ISSUER=…       a single sign-on on this machine, with OIDC_CLIENT_ID, OIDC_CLIENT_SECRET and OIDC_NAME

  npm start -- --fresh      start over: the data it keeps in that folder is deleted
  npm start -- --no-build   serve what was built before
  npm start -- --days 7     make so many days of history only, when it makes any (90)
  npm start -- --help       this
`;

interface Secrets {
  TOKEN_KEYS: string;
  HASH_KEY: string;
  AUTH_KEYS: string;
  /** What the demo's finance people have in their authenticator app, base32. */
  DEMO_TOTP: string;
}

const OIDC = ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET', 'OIDC_NAME'] as const;
const MINUTE_MS = 60_000;

/** What must end with us. */
const children = new Set<ChildProcess>();
let miniflare: Miniflare | null = null;
let stopping = false;

listenToSignals();
endWithNpm();
await start().catch(fail);

/** 1 the port is free, 2 built and migrated, 3 filled, 4 served. */
async function start(): Promise<void> {
  const flag = { type: 'boolean' } as const;
  const { values: flags } = parseArgs({
    options: { fresh: flag, 'no-build': flag, days: { type: 'string', default: '90' }, help: { ...flag, short: 'h' } },
  });
  if (flags.help) return console.log(HELP);
  const port = Number(process.env.PORT || 8787);
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw new Error(`PORT=${process.env.PORT} is no port.`);
  const days = Number(flags.days);
  if (!Number.isInteger(days) || days < 1 || days > 90) throw new Error(`--days ${flags.days} is not from 1 to 90.`);
  await mustBeFree(port);
  if (flags.fresh) await startOver();

  say(flags['no-build'] ? 'Migrating the local database' : 'Building, and migrating the local database');
  await Promise.all([migrate(), ...(flags['no-build'] ? [] : buildAll())]);
  const secrets = await readSecrets();
  const { options, crons } = await readOptions(secrets);
  const prepared = await fill(options, { port, days });
  await miniflare?.setOptions(options(port));
  runByTheClock(crons);
  const health = await miniflare?.dispatchFetch(`http://localhost:${port}/health`);
  if (health?.status !== 200) throw new Error(`/health answers ${health?.status}: ${await health?.text()}`);
  if (!stopping) console.log(welcome(port, { prepared, days, secrets }));
}

/** Again after Miniflare, whose own listeners would end this process at once, and as a failure. */
function listenToSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(signal).on(signal, () => end(0));
}

/** A SIGTERM to npm ends npm and its shell, and never reaches us: whoever npm started ends with them. */
function endWithNpm(): void {
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event) setInterval(() => process.ppid !== parent && end(0), 250).unref();
}

async function fail(cause: unknown): Promise<void> {
  if (!stopping)
    console.error(`\n${bold('Tributary did not start.')} ${cause instanceof Error ? cause.message : cause}\n`);
  await end(1);
}

/**
 * Once: what a stop interrupts fails too. A terminal's Ctrl-C ends the runtime beside us, and Miniflare may wait for it
 * in vain; it ends with this process in any case, and what was committed is on disk.
 */
async function end(code: 0 | 1): Promise<void> {
  if (stopping) return;
  stopping = true;
  for (const child of children) child.kill();
  setTimeout(() => process.exit(code), PATIENCE_MS);
  await miniflare?.dispose().catch(() => undefined);
  process.exit(code);
}

/** Asked before anything is built: to be told after half a minute would be unkind. */
function mustBeFree(port: number): Promise<void> {
  return new Promise((free, taken) => {
    const probe = createServer();
    probe.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be used (${cause.code})`;
      taken(new Error(`Port ${port} ${why}. Choose one with PORT=8788 npm start.`));
    });
    probe.listen(port, HOST, () => probe.close(() => free()));
  });
}

/** Deletes the data this program keeps, and nothing that may lie beside it. */
function startOver(): Promise<void> {
  return rm(DATA, { recursive: true, force: true });
}

// ------------------------------------------------------------------------------------------------- build and migrate

function buildAll(): Promise<unknown>[] {
  const rollup = (config: string) => run('node_modules/rollup/dist/bin/rollup', ['-c', config, '--silent']);
  return [rollup('sdk/rollup.config.js'), rollup('dashboard/rollup.config.js'), buildDemo()];
}

function migrate(): Promise<void> {
  return run('node_modules/wrangler/bin/wrangler.js', [
    'd1',
    'migrations',
    'apply',
    'DB',
    '--local',
    '--persist-to',
    STATE,
  ]);
}

/** Runs a tool with this Node; what it says is shown when it fails. */
function run(tool: string, args: string[]): Promise<void> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [join(ROOT, tool), ...args], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, WRANGLER_SEND_METRICS: 'false', WRANGLER_HIDE_BANNER: 'true', NO_COLOR: '1' },
    });
    children.add(child);
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (said += part));
    child.once('error', failed);
    child.once('close', (code) => {
      children.delete(child);
      if (code === 0) done();
      else failed(new Error(`${tool} ${args.join(' ')} ended with ${code}:\n\n${said.trim()}`));
    });
  });
}

// -------------------------------------------------------------------------------------------------------- the Workers

/** The three Workers, the first as `wrangler.toml` describes it, and what it runs by the clock. */
async function readOptions(
  secrets: Secrets,
): Promise<{ options: (port: number) => MiniflareOptions; crons: string[] }> {
  const { unstable_getMiniflareWorkerOptions: read } = await import('wrangler');
  const oidc = Object.fromEntries(OIDC.map((name) => [name, process.env[name] ?? '']).filter(([, value]) => value));
  const issuer = URL.parse(oidc.OIDC_ISSUER ?? '');
  if (issuer && !/^(localhost|127\.0\.0\.1)$/.test(issuer.hostname))
    throw new Error(`OIDC_ISSUER=${issuer.href} is not on this machine, and npm start reaches nothing else.`);
  const stub = await readFile(join(ROOT, 'dist/sdk/stub.js'), 'utf8');
  const { workerOptions } = read(join(ROOT, 'wrangler.toml'));
  const { modulesRules: _rules, ...described } = workerOptions;
  const main = described as V4WorkerOptionsShape;
  const worker = (name: string) => ({
    name,
    modules: [{ type: 'ESModule' as const, path: join(BUILT, `${name}.js`) }],
    compatibilityDate: main.compatibilityDate ?? '',
    outboundService: noNetwork,
  });
  const outboundService = (request: Request) =>
    issuer && new URL(request.url).origin === issuer.origin ? fetch(request, { redirect: 'manual' }) : noNetwork();
  const options = (port: number) =>
    convertV4MiniflareOptions({
      host: HOST,
      port,
      resourcePersistencePath: DATA,
      log: new Log(LogLevel.ERROR),
      handleStructuredLogs: ({ level, message }) => level === 'error' && console.error(message),
      // Otherwise it would be asked of the network. In this country a page must ask for consent.
      cf: { country: 'DE' },
      workers: [
        {
          ...{ ...main, ...worker('worker'), outboundService },
          kvNamespaces: { OUTBOX: 'demo-outbox' },
          bindings: { ...main.bindings, ...secrets, ...oidc },
        },
        {
          ...worker('shop'),
          routes: ['shop.localhost/*'],
          serviceBindings: { TRIBUTARY: 'worker' },
          kvNamespaces: { ORDERS: 'demo-orders' },
          bindings: { STUB: stub },
        },
        { ...worker('blog'), routes: ['blog.localhost/*'] },
      ],
    });
  return { options, crons: (workerOptions as { cronTriggers?: string[] }).cronTriggers ?? [] };
}

function noNetwork(): Response {
  return new Response('The demo reaches no network.', { status: 599 });
}

/** Locally no trigger fires by itself. Each of ours names a minute of every hour, or all of them. */
function runByTheClock(crons: readonly string[]): void {
  const tick = async (): Promise<void> => {
    const minute = new Date().getUTCMinutes();
    for (const cron of crons) {
      const [when] = cron.split(' ');
      if (stopping || (when !== '*' && Number(when) !== minute)) continue;
      const worker = await miniflare?.getWorker('worker');
      const done = await worker?.scheduled({ cron });
      if (done && done.outcome !== 'ok' && !stopping) console.error(`${cron}: ${done.outcome}`);
    }
  };
  setInterval(() => tick().catch((cause) => stopping || console.error(cause)), MINUTE_MS).unref();
}

/** Made once for each state folder: click tokens and hashes in its data are bound to them. */
async function readSecrets(): Promise<Secrets> {
  const kept = await readFile(SECRETS, 'utf8').catch(() => '{}');
  const key = () => randomBytes(32).toString('base64');
  const fresh: Secrets = {
    ...{ TOKEN_KEYS: `1:${key()}`, HASH_KEY: key(), AUTH_KEYS: `1:${key()}` },
    DEMO_TOTP: totp.newSecret(randomBytes(20)),
  };
  const secrets: Secrets = { ...fresh, ...(JSON.parse(kept) as Partial<Secrets>) };
  await mkdir(STATE, { recursive: true });
  await writeFile(SECRETS, JSON.stringify(secrets), { mode: 0o600 });
  return secrets;
}

/** Fills an empty database, behind a port that nobody knows. One whose filling was cut short is thrown away. */
async function fill(
  options: (port: number) => MiniflareOptions,
  { port, days }: { port: number; days: number },
): Promise<Prepared> {
  say('Filling it with demo data, unless there is some');
  for (;;) {
    miniflare = new Miniflare(options(0));
    listenToSignals();
    const answer = await miniflare.dispatchFetch(`http://localhost:${port}/dev/prepare?days=${days}`, {
      method: 'POST',
    });
    if (!answer.ok) throw new Error(`The demo data was not made: ${answer.status} ${await answer.text()}`);
    const prepared = (await answer.json()) as Prepared;
    if (prepared.state !== 'incomplete') return prepared;
    say('It was cut short last time, or is from before people could sign in: starting over');
    await miniflare.dispose();
    await startOver();
    await migrate();
  }
}

// ---------------------------------------------------------------------------------------------------------- the words

function bold(text: string): string {
  return styleText('bold', text);
}

function say(step: string): void {
  console.log(styleText('dim', `  ${step} …`));
}

function welcome(
  port: number,
  { prepared, days, secrets }: { prepared: Prepared; days: number; secrets: Secrets },
): string {
  const { state, seed, ms, counts } = prepared;
  const main = `http://localhost:${port}`;
  const shop = `http://shop.localhost:${port}`;
  const blog = `http://blog.localhost:${port}`;
  const link = (url: string) => styleText('cyan', url);
  const dim = (text: string) => styleText('dim', text);
  const number = (count: number) => count.toLocaleString('en');
  const data = {
    seeded: `made in ${(ms / 1000).toFixed(1)} s from seed ${seed}: ${number(counts.clicks)} clicks, ${number(counts.orders)} orders, ${days} days`,
    moved: `kept from before, moved to port ${port}`,
    kept: 'kept from before; npm start -- --fresh starts over',
    incomplete: 'incomplete',
  }[state];
  return `
  ${bold('Tributary is running.')}  ${dim('Ctrl-C stops it; the data stays.')}

    Dashboard   ${link(main)}
    Docs        ${link(`${main}/docs`)}
    Shop        ${link(shop)}
    Blog        ${link(blog)}
    Mail        ${link(`${main}/dev/mail`)}  ${dim('what would have been sent')}
    Demo data   ${dim(data)}

  ${bold('See an order being earned')}
    1  Read Anna’s post ${link(`${blog}/posts/dawn-kit`)} and follow a link in it.
    2  In the shop say yes to the cookie, and buy something. Any e-mail will do.
    3  On the thank-you page open “For developers”: who earns what, and why.
    4  Sign in as Anna: her address at ${link(main)}, then the link in ${link(`${main}/dev/mail`)}. Find the order among hers.
    5  Then sign in at the shop, and buy as the same person in a private window; or pay with her code ANNA10.

  ${bold('Who you can be')}  ${dim(`sign in at ${main}; the link comes to ${main}/dev/mail`)}
${PEOPLE.map(({ email, what }) => `    ${email.padEnd(22)}${dim(what)}`).join('\n')}

  ${bold('TOTP secret of both finance people')}  ${dim(`for an authenticator app; ${main}/dev/code shows what it would`)}
    ${secrets.DEMO_TOTP}
    ${dim(totp.uri(secrets.DEMO_TOTP, 'finance@demo.test'))}

  ${bold('From a terminal')}  ${dim('keys: trb_pk_test_demo in pages, trb_sk_test_demo on servers')}
    curl ${main}/v1/conversions -H 'Authorization: Bearer trb_sk_test_demo' \\
      -H 'Content-Type: application/json' -d '{"orderId":"my-1","currency":"EUR","amount":4999}'
`;
}
