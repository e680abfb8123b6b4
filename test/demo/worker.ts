/**
 * What `npm start` runs in place of `edge/worker.ts`: the same Worker, and beside it the demo's own doors under `/dev`.
 * None of this exists in a deployed Worker.
 */
import type { KVNamespace } from '@cloudflare/workers-types';
import { html } from 'hono/html';
import { TOTP } from 'otpauth';
import { TOTP_STEP_MS } from '../../edge/auth/totp.ts';
import { makeId } from '../../edge/core/id.ts';
import { keyHash } from '../../edge/core/identity.ts';
import { newSecret } from '../../edge/core/secret.ts';
import type { Deps, Env } from '../../edge/deps.ts';
import { createWorker } from '../../edge/worker.ts';
import { codePage, mailPage, SCRIPT_FILE, STYLE_FILE } from './dev-pages.ts';
import { createOutbox } from './outbox.ts';
import { type DemoPerson, PEOPLE } from './people.ts';
import { DAYS, prepare } from './seed.ts';

/** What only `npm start` binds. */
interface DemoEnv extends Env {
  OUTBOX: KVNamespace;
  /** Base32: what the authenticator apps of the demo's finance people were given. */
  DEMO_TOTP: string;
}

const LETTERS_SHOWN = 50;
const COOKIE = 'demo_person';
const MAX_AGE_S = 30 * 86_400;

const outboxOf = (env: Env) => createOutbox((env as DemoEnv).OUTBOX);

export default createWorker({
  mail: outboxOf,
  async routes(request: Request, env: Env, deps: Deps): Promise<Response | null> {
    const { pathname, origin, port, searchParams } = new URL(request.url);
    if (pathname !== '/dev' && !pathname.startsWith('/dev/')) return null;
    // Another site's form could sign its visitor in here, or out.
    const from = request.headers.get('origin');
    if (request.method === 'POST' && from !== null && from !== origin) {
      return new Response('From this page’s own origin only.', { status: 403 });
    }
    switch (`${request.method} ${pathname}`) {
      case 'GET /dev':
        return page(await chooser(personOf(request)));
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
      case 'POST /dev/people':
        return signIn(request, deps);
      case 'POST /dev/prepare':
        return Response.json(
          await prepare(env.DB, deps, {
            ...{ port, days: Number(searchParams.get('days') ?? DAYS), totpSecret: (env as DemoEnv).DEMO_TOTP },
          }),
        );
      default:
        return null;
    }
  },
});

function currentCode(secret: string, now: number): Response {
  const people = PEOPLE.filter(({ role }) => role === 'finance').map(({ email }) => email);
  const code = new TOTP({ secret }).generate({ timestamp: now });
  return codePage({ code, leftMs: TOTP_STEP_MS - (now % TOTP_STEP_MS), people });
}

function personOf(request: Request): DemoPerson | null {
  const cookie = request.headers.get('cookie') ?? '';
  const value = new RegExp(`(?:^|; *)${COOKIE}=([^;]*)`).exec(cookie)?.[1] ?? '';
  return PEOPLE.find((person) => encodeURIComponent(person.email) === value) ?? null;
}

async function signIn(request: Request, deps: Deps): Promise<Response> {
  const json = /^application\/json\b/i.test(request.headers.get('content-type') ?? '');
  const body = await (json ? request.json() : request.formData().then(Object.fromEntries)).catch(() => null);
  const { email: typed, next } = (body ?? {}) as { email?: unknown; next?: unknown };
  const email = String(typed ?? '')
    .trim()
    .toLowerCase();
  const person = PEOPLE.find((one) => one.email === email);
  if (email && !person) return new Response(`Nobody here is ${email}. GET /dev/people lists them.`, { status: 422 });
  const cookie = person
    ? `${COOKIE}=${encodeURIComponent(person.email)}; Max-Age=${MAX_AGE_S}`
    : `${COOKIE}=; Max-Age=0`;
  return new Response(null, {
    status: 303,
    headers: [
      ['location', isPath(next) ? next : '/'],
      ['set-cookie', `${cookie}; Path=/; HttpOnly; SameSite=Lax`],
      ['set-cookie', person ? await sessionOf(deps, person) : '__Host-tributary_session=; Path=/; Max-Age=0; Secure'],
    ],
  });
}

async function sessionOf(deps: Deps, { email }: DemoPerson): Promise<string> {
  const known = await deps.accounts.personByEmail(email);
  if (!known) throw new Error(`${email} is not in this database`);
  const [place] = await deps.accounts.places(known.id);
  const secret = newSecret(deps.random);
  const now = deps.now();
  await deps.store.commit([
    {
      kind: 'session',
      session: {
        ...{ id: makeId(now, deps.random(10)), hash: await keyHash(secret), previousHash: null, rotatedAt: null },
        ...{ rotates: false, personId: known.id, membershipId: place?.membershipId ?? null, method: 'link' },
        ...{ createdAt: now, seenAt: now, endsAt: now + MAX_AGE_S * 1000, secondAt: now, agent: '', country: null },
      },
    },
  ]);
  return `__Host-tributary_session=${secret}; Path=/; Max-Age=${MAX_AGE_S}; Secure; HttpOnly; SameSite=Lax`;
}

/** A path of this origin, and nothing that a browser could read as another host: `//`, a backslash, a tab between. */
const isPath = (next: unknown): next is string =>
  typeof next === 'string' && /^\/[!-[\]-~]*$/.test(next) && !next.includes('//');

function chooser(now: DemoPerson | null) {
  const group = (title: string, people: readonly DemoPerson[]) => html`<h2>${title}</h2>
    <ul>
      ${people.map(
        ({ email, name, what }) => html`<li>
          <button name="email" value="${email}" ${email === now?.email ? html`aria-current="true"` : ''}>
            <b>${name}</b><span>${what}</span><code>${email}</code>
          </button>
        </li>`,
      )}
    </ul>`;
  return html`<!doctype html>
<html lang="en">
  <meta charset="utf-8" />
  <meta name="viewport" content="width=device-width, initial-scale=1" />
  <title>Demo sign-in · Tributary</title>
  <style>
    :root { color-scheme: light dark; --paper: #fff; --ink: #1c201e; --soft: #565c58; --edge: #c9cecb; --ours: #2f7d63; --focus: #b3481a; }
    @media (prefers-color-scheme: dark) { :root { --paper: #141816; --ink: #ecefed; --soft: #b0b7b3; --edge: #454c48; --ours: #63b899; --focus: #f09a63; } }
    * { box-sizing: border-box; }
    body { background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; width: min(100% - 2.5rem, 44rem); margin: 2.5rem auto; }
    h1 { font-size: 1.7rem; line-height: 1.2; margin: 1.4rem 0 0; }
    h2 { font-size: 1rem; margin: 1.8rem 0 0.6rem; }
    .mark { border: 1.5px dashed; border-radius: 0.6rem; padding: 0.7rem 1rem; margin: 0; }
    ul { list-style: none; padding: 0; margin: 0; display: grid; gap: 0.6rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); }
    li button { display: grid; align-content: start; width: 100%; height: 100%; text-align: left; font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--edge); border-radius: 0.7rem; padding: 0.8rem 1rem; cursor: pointer; }
    li button:hover { border-color: currentColor; }
    li button[aria-current] { border: 2px solid var(--ours); }
    span, code { color: var(--soft); font-size: 0.92rem; }
    .out { margin-top: 2rem; font: inherit; padding: 0.6rem 1rem; border-radius: 0.6rem; border: 1px solid var(--edge); background: var(--paper); color: var(--ink); cursor: pointer; }
    :focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
  </style>
  <main>
    <p class="mark"><b>Demo sign-in.</b> This page does not exist in a deployed Worker.</p>
    <h1>Who would you like to be?</h1>
    <form method="post" action="/dev/people">
      ${group(
        'At the retailer',
        PEOPLE.filter((one) => one.partner === null),
      )}
      ${group(
        'At a partner',
        PEOPLE.filter((one) => one.partner !== null),
      )}
      ${now ? html`<button class="out" name="email" value="">Sign out ${now.name}</button>` : ''}
    </form>
  </main>
</html>`;
}

const page = (body: unknown) =>
  new Response(String(body), {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
    },
  });
