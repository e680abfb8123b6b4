/**
 * A small world for tests on real D1: one program with two partners, another program beside it, a clock that moves
 * only when told, and the Worker's own doors to knock on.
 */
import { createExecutionContext, env } from 'cloudflare:test';
import { app } from '../../edge/app.ts';
import { makeId } from '../../edge/core/id.ts';
import { type Click, mint } from '../../edge/core/token.ts';
import type { Deps, Env, Viewer } from '../../edge/deps.ts';
import { buildDeps } from '../../edge/worker.ts';
import { type Billed, counting, type Health } from './billed.ts';
import { ANNA, ANNA_LINK, BROWSER, PROGRAM, PUBLISHABLE, SECRET, SHOP, START, seedPrograms } from './programs.ts';

export * from './programs.ts';

export interface World {
  deps: Deps;
  /** Moves the clock to a moment, in ms. */
  at(ms: number): void;
  now(): number;
  /** Signs somebody in, or out with null. */
  look(viewer: Viewer | null): void;
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

export async function createWorld(more: Partial<Env> = {}): Promise<World> {
  let now = START;
  let viewer: Viewer | null = null;
  const { d1, billed, state } = counting(env.DB as unknown as Env['DB']);
  const built = await buildDeps(
    { ...(env as unknown as Env), DB: d1, ...more },
    { now: () => now, viewer: async () => viewer },
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
    look: (next) => {
      viewer = next;
    },
    async fetch(path, init) {
      const request = new Request(new URL(path, 'https://t.example'), { redirect: 'manual', ...init });
      return app.fetch(request, { ...env, deps } as never, createExecutionContext() as never);
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
