/**
 * What `npm start` runs in place of `edge/worker.ts`: the same Worker, and beside it the demo's own doors under `/dev`.
 * None of this exists in a deployed Worker.
 */
import type { KVNamespace } from '@cloudflare/workers-types';
import { TOTP } from 'otpauth';
import { TOTP_STEP_MS } from '../../edge/auth/totp.ts';
import type { Deps, Env } from '../../edge/deps.ts';
import { createWorker } from '../../edge/worker.ts';
import { codePage, mailPage, SCRIPT_FILE, STYLE_FILE } from './dev-pages.ts';
import { createOutbox } from './outbox.ts';
import { PEOPLE } from './people.ts';
import { DAYS, prepare } from './seed.ts';

/** What only `npm start` binds. */
interface DemoEnv extends Env {
  OUTBOX: KVNamespace;
  /** Base32: what the authenticator apps of the demo's finance people were given. */
  DEMO_TOTP: string;
}

const LETTERS_SHOWN = 50;

const outboxOf = (env: Env) => createOutbox((env as DemoEnv).OUTBOX);

export default createWorker({
  mail: outboxOf,
  async routes(request: Request, env: Env, deps: Deps): Promise<Response | null> {
    const { pathname, port, searchParams } = new URL(request.url);
    if (pathname !== '/dev' && !pathname.startsWith('/dev/')) return null;
    switch (`${request.method} ${pathname}`) {
      case 'GET /dev/mail':
        return mailPage(await outboxOf(env).newest(LETTERS_SHOWN));
      case 'GET /dev/mail.json':
        return Response.json(await outboxOf(env).newest(LETTERS_SHOWN), { headers: { 'cache-control': 'no-store' } });
      case 'GET /dev/code':
        return currentCode((env as DemoEnv).DEMO_TOTP, Date.now());
      case 'GET /dev/style.css':
        return STYLE_FILE();
      case 'GET /dev/script.js':
        return SCRIPT_FILE();
      case 'GET /dev/people':
        return Response.json(PEOPLE.map(({ email, name, what }) => ({ email, name, what })));
      case 'POST /dev/prepare':
        return Response.json(
          await prepare(env.DB, deps, {
            ...{ port, days: Number(searchParams.get('days') ?? DAYS), totpSecret: (env as DemoEnv).DEMO_TOTP },
          }),
        );
      default:
        return new Response('There is nothing here. Mail is at /dev/mail.', { status: 404 });
    }
  },
});

function currentCode(secret: string, now: number): Response {
  const people = PEOPLE.filter(({ role }) => role === 'finance').map(({ email }) => email);
  const code = new TOTP({ secret }).generate({ timestamp: now });
  return codePage({ code, leftMs: TOTP_STEP_MS - (now % TOTP_STEP_MS), people });
}
