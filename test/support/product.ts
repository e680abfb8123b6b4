/** The product as `npm start` runs it, for journeys: on a port and a state folder of its own, killed without mercy. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const SECRET = 'trb_sk_test_demo';
export const VISITOR = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36',
};

export interface Product {
  readonly port: number;
  /** The folder of its data and secrets. */
  readonly state: string;
  /** What the demo's finance people have in their authenticator app, as it was printed. */
  totpSecret(): string;
  /** `main`, or the hosts of the shop and the blog. */
  url(host: 'main' | 'shop' | 'blog', path?: string): string;
  /** Starts it, built already, and resolves once it is ready. */
  start(): Promise<void>;
  /** Ends it as an operator would; resolves with its exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL to the runtime and everything around it: nothing gets to say goodbye. */
  kill(): Promise<void>;
  /** Ends it and deletes its state. */
  dispose(): Promise<void>;
}

/** `more`: what it is started with besides, given the port it will have. */
export async function createProduct(
  more: (port: number) => Promise<Record<string, string>> = async () => ({}),
): Promise<Product> {
  const port = await freePort();
  const env = await more(port);
  const state = mkdtempSync(join(tmpdir(), 'tributary-state-'));
  let running: ChildProcess | null = null;
  let said = '';

  const signal = async (name: 'SIGTERM' | 'SIGKILL') => {
    const child = running;
    running = null;
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const ended = new Promise<number | null>((done) => child.once('exit', done));
    // Its own group: the tool and the runtime it started go together.
    process.kill(name === 'SIGKILL' ? -child.pid : child.pid, name);
    return ended;
  };

  return {
    port,
    state,
    totpSecret: () => /secret=([A-Z2-7]{32})\b/.exec(said)?.[1] ?? '',
    url: (host, path = '/') => `http://${host === 'main' ? '' : `${host}.`}localhost:${port}${path}`,
    async start() {
      const child = spawn(process.execPath, ['test/demo/start.ts', '--no-build', '--days', '3'], {
        env: { ...process.env, ...env, PORT: String(port), TRIBUTARY_STATE: state, NO_COLOR: '1' },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      });
      running = child;
      said = '';
      await new Promise<void>((ready, failed) => {
        const hear = (part: Buffer) => {
          said += part;
          if (said.includes('Tributary is running')) ready();
        };
        child.stdout?.on('data', hear);
        child.stderr?.on('data', hear);
        child.once('exit', (code) => failed(new Error(`it ended with ${code}:\n${said}`)));
      });
    },
    stop: () => signal('SIGTERM'),
    kill: async () => {
      await signal('SIGKILL');
    },
    async dispose() {
      await signal('SIGKILL');
      rmSync(state, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => found(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
