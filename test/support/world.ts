/**
 * A small world for tests on real D1: one program with two partners, another program beside it, a clock that moves
 * only when told, and the Worker's own doors to knock on.
 */
import { createExecutionContext, env, waitOnExecutionContext } from 'cloudflare:test';
import { app } from '../../edge/app.ts';
import { type Role, SESSION_MS } from '../../edge/core/access.ts';
import type { PartnerId, PersonId, ProgramId } from '../../edge/core/id.ts';
import { makeId } from '../../edge/core/id.ts';
import { keyHash } from '../../edge/core/identity.ts';
import { newSecret } from '../../edge/core/secret.ts';
import { type Click, mint } from '../../edge/core/token.ts';
import type { Deps, Env, Letter } from '../../edge/deps.ts';
import { buildDeps } from '../../edge/worker.ts';
import { type Billed, counting, type Health } from './billed.ts';
import {
  ANNA,
  ANNA_LINK,
  BROWSER,
  ORIGIN,
  PROGRAM,
  PUBLISHABLE,
  SECRET,
  SHOP,
  START,
  seedPrograms,
} from './programs.ts';

export * from './programs.ts';

export interface World {
  deps: Deps;
  /** Moves the clock to a moment, in ms. */
  at(ms: number): void;
  now(): number;
  /** Whoever calls without a key from now on; nobody with null. Their session is made at the first call. */
  look(viewer: Viewer | null): void;
  /** Signs a person in: what their browser sends, `Cookie` and `Origin`. */
  signIn(viewer: Viewer): Promise<Record<string, string>>;
  /** Letters that were sent. */
  readonly letters: Letter[];
  fetch(path: string, init?: RequestInit & { cf?: Record<string, unknown> }): Promise<Response>;
  /** Calls the API with the secret key: the status, and what was answered. */
  call<Answer>(method: string, path: string, body?: unknown, key?: string): Promise<{ status: number; body: Answer }>;
  /** Posts an order with the secret key. */
  order(body: unknown, key?: string): Promise<Response>;
  /** Posts the SDK's events from the shop's page, consent given. */
  events(body: Record<string, unknown>, headers?: Record<string, string>): Promise<Response>;
  /** Follows a link as a browser does; the token of the click it made. */
  click(code?: string): Promise<string>;
  /** A token as the redirect would have minted it. */
  token(click: Partial<Omit<Click, 'at'>>): Promise<string>;
  /** The database as the doors see it. */
  readonly d1: Health;
  /** What the doors have read and written since the world began, as D1 bills it. */
  readonly billed: Billed;
  rows<Row = Record<string, unknown>>(sql: string, ...values: unknown[]): Promise<Row[]>;
}

/** A person in a place; a person who is unknown yet is made, and so is the place. */
export interface Viewer {
  readonly personId: PersonId;
  readonly programId: ProgramId;
  readonly partnerId: PartnerId | null;
  /** Owner when left out. */
  readonly role?: Role;
  /** When a second factor was shown; now when left out. */
  readonly secondAt?: number | null;
}

const GO = /\/go\//;

export async function createWorld(more: Partial<Env> = {}): Promise<World> {
  let now = START;
  let viewer: Viewer | null = null;
  const letters: Letter[] = [];
  const known = new Map<string, Promise<Record<string, string>>>();
  const { d1, billed, state } = counting(env.DB as unknown as Env['DB']);
  const built = await buildDeps(
    { ...(env as unknown as Env), DB: d1, ...more },
    { now: () => now, mail: () => ({ send: async (letter) => void letters.push(letter) }) },
  );
  if (!built.ok) throw new Error('test secrets are wrong');
  const deps: Deps = built.value;
  await seedPrograms(env.DB as unknown as Env['DB']);

  const world: World = {
    deps,
    billed,
    d1: state,
    at: (ms) => {
      now = ms;
    },
    now: () => now,
    letters,
    look: (next) => {
      viewer = next;
    },
    async signIn({ personId, programId, partnerId, role = 'owner', secondAt = now }) {
      const secret = newSecret(deps.random);
      const id = <Kind extends string>() => makeId<Kind>(now, deps.random(10));
      const email = `${personId || 'somebody'}@people.example`.toLowerCase();
      const place = { id: id<'membership'>(), programId, partnerId, role, joinedAt: now, vouched: true };
      await deps.store.commit([{ kind: 'person', person: { id: personId, email, name: personId } }]);
      await deps.store.commit([{ kind: 'place', email, place }]);
      const places = await deps.accounts.places(personId);
      const seat = places.find((one) => one.programId === programId && one.partnerId === partnerId);
      await deps.store.commit([
        {
          kind: 'session',
          session: {
            ...{
              id: id<'session'>(),
              hash: await keyHash(secret),
              previousHash: null,
              rotatedAt: null,
              rotates: false,
            },
            ...{ personId, membershipId: seat?.membershipId ?? null, method: 'link', createdAt: now, seenAt: now },
            ...{ endsAt: now + SESSION_MS, secondAt, agent: 'a test', country: null },
          },
        },
      ]);
      return { cookie: `__Host-tributary_session=${secret}`, origin: ORIGIN };
    },
    async fetch(path, init) {
      const headers = new Headers(init?.headers);
      if (viewer && !headers.has('authorization') && !headers.has('cookie')) {
        const who = JSON.stringify([viewer, now]);
        const signedIn = known.get(who) ?? world.signIn(viewer);
        known.set(who, signedIn);
        for (const [name, value] of Object.entries(await signedIn)) if (!headers.has(name)) headers.set(name, value);
      }
      const request = new Request(new URL(path, ORIGIN), { redirect: 'manual', ...init, headers });
      const context = createExecutionContext();
      const response = await app.fetch(request, { ...env, ...more, deps } as never, context as never);
      // What goes on after the answer, such as a letter; a redirect's writing may go on for ever in a test.
      if (!GO.test(request.url)) await waitOnExecutionContext(context);
      return response;
    },
    async call<Answer>(method: string, path: string, body?: unknown, key = SECRET) {
      const response = await world.fetch(path, {
        method,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      return { status: response.status, body: await response.json<Answer>() };
    },
    order: (body, key = SECRET) =>
      world.fetch('/v1/conversions?explain=1', {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    events: (body, headers = {}) =>
      world.fetch('/v1/events', {
        method: 'POST',
        headers: { 'content-type': 'text/plain', origin: SHOP, ...headers },
        body: JSON.stringify({ key: PUBLISHABLE, consent: 'granted', url: `${SHOP}/`, ...body }),
      }),
    async click(code = 'anna') {
      const response = await world.fetch(`/go/${code}`, { headers: BROWSER });
      return new URL(response.headers.get('location') ?? '').searchParams.get('tcid') ?? '';
    },
    token: (click) =>
      mint(
        {
          key: makeId(now, deps.random(10)),
          programId: PROGRAM,
          partnerId: ANNA,
          linkId: ANNA_LINK,
          class: 'valid',
          ...click,
        },
        deps.secrets.tokenKeys,
      ),
    async rows<Row>(sql: string, ...values: unknown[]) {
      const { results } = await env.DB.prepare(sql)
        .bind(...values)
        .all();
      return results as Row[];
    },
  };
  return world;
}
