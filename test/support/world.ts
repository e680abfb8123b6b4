/**
 * A small world for tests on real D1: one program with two partners, another program beside it, a clock that moves
 * only when told, and the Worker's own doors to knock on.
 */
import { createExecutionContext, env } from 'cloudflare:test';
import { drizzle } from 'drizzle-orm/d1';
import { app } from '../../edge/app.ts';
import { DAY_MS } from '../../edge/core/attribution.ts';
import { type Id, makeId, type PartnerId, type ProgramId } from '../../edge/core/id.ts';
import { keyHash } from '../../edge/core/identity.ts';
import { type Currency, ppm } from '../../edge/core/money.ts';
import { type Click, mint } from '../../edge/core/token.ts';
import type { Deps, Env, Viewer } from '../../edge/deps.ts';
import * as schema from '../../edge/store/schema.ts';
import { buildDeps } from '../../edge/worker.ts';

export const START = Date.UTC(2026, 10, 1, 12);
export const SHOP = 'https://shop.example';
export const PUBLISHABLE = 'trb_pk_test_world';
export const SECRET = 'trb_sk_test_world';
export const OTHER_SECRET = 'trb_sk_test_other';
export const BROWSER = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36',
  'sec-fetch-dest': 'document',
  'sec-fetch-mode': 'navigate',
};

/** Ids that read as what they are in a failure, and never repeat. */
const id = <Kind extends string>(number: number): Id<Kind> =>
  makeId<Kind>(START - 400 * DAY_MS + number, new Uint8Array(10));

export const PROGRAM = id<'program'>(1);
export const OTHER_PROGRAM = id<'program'>(2);
export const ANNA = id<'partner'>(3);
export const BOB = id<'partner'>(4);
export const ANNA_LINK = id<'link'>(5);
export const BOB_LINK = id<'link'>(6);
export const OTHER_LINK = id<'link'>(7);

export interface World {
  deps: Deps;
  /** Moves the clock to a moment, in ms. */
  at(ms: number): void;
  now(): number;
  /** Signs somebody in, or out with null. */
  look(viewer: Viewer | null): void;
  fetch(path: string, init?: RequestInit & { cf?: Record<string, unknown> }): Promise<Response>;
  /** Posts an order with the secret key. */
  order(body: unknown, key?: string): Promise<Response>;
  /** Posts the SDK's events from the shop's page, consent given. */
  events(body: Record<string, unknown>, headers?: Record<string, string>): Promise<Response>;
  /** Follows a link as a browser does; the token of the click it made. */
  click(code?: string): Promise<string>;
  /** A token as the redirect would have minted it. */
  token(click: Partial<Omit<Click, 'at'>>): Promise<string>;
  rows<Row = Record<string, unknown>>(sql: string, ...values: unknown[]): Promise<Row[]>;
}

export async function createWorld(): Promise<World> {
  let now = START;
  let viewer: Viewer | null = null;
  const built = await buildDeps(env as unknown as Env);
  if (!built.ok) throw new Error('test secrets are wrong');
  const deps: Deps = { ...built.value, now: () => now, viewer: async () => viewer };
  await seed();

  const world: World = {
    deps,
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

async function seed(): Promise<void> {
  const db = drizzle(env.DB as never);
  const startsAt = START - 365 * DAY_MS;
  const program = (programId: ProgramId, slug: string) => [
    db.insert(schema.programs).values({
      id: programId,
      slug,
      name: slug,
      mode: 'live',
      currency: 'EUR' as Currency,
      createdAt: startsAt,
    }),
    db.insert(schema.policies).values({
      programId,
      version: 1,
      startsAt,
      savedAt: startsAt,
      model: 'last',
      windowDays: 30,
      holdDays: 14,
      origins: [SHOP],
      deepLinkHosts: ['shop.example'],
    }),
    db.insert(schema.terms).values({ programId, version: 1, startsAt, savedAt: startsAt, ratePpm: ppm(100_000) }),
  ];
  const key = async (text: string, programId: ProgramId, kind: 'publishable' | 'secret') => ({
    hash: await keyHash(text),
    programId,
    kind,
    name: text,
    createdAt: startsAt,
  });
  const enroll = (programId: ProgramId, partnerId: PartnerId, slug: string) =>
    db.insert(schema.enrollments).values({ programId, partnerId, slug, startedAt: startsAt });
  const link = (linkId: typeof ANNA_LINK, programId: ProgramId, partnerId: PartnerId, code: string) =>
    db
      .insert(schema.links)
      .values({ id: linkId, programId, partnerId, code, url: `${SHOP}/?from=${code}`, createdAt: startsAt });
  const [first, ...rest] = [
    ...program(PROGRAM, 'world'),
    ...program(OTHER_PROGRAM, 'other'),
    db
      .insert(schema.keys)
      .values([
        await key(PUBLISHABLE, PROGRAM, 'publishable'),
        await key(SECRET, PROGRAM, 'secret'),
        await key(OTHER_SECRET, OTHER_PROGRAM, 'secret'),
      ]),
    db.insert(schema.partners).values([
      { id: ANNA, name: 'Anna' },
      { id: BOB, name: 'Bob' },
    ]),
    enroll(PROGRAM, ANNA, 'anna'),
    enroll(PROGRAM, BOB, 'bob'),
    enroll(OTHER_PROGRAM, ANNA, 'anna'),
    link(ANNA_LINK, PROGRAM, ANNA, 'anna'),
    link(BOB_LINK, PROGRAM, BOB, 'bob'),
    link(OTHER_LINK, OTHER_PROGRAM, ANNA, 'anna-other'),
  ];
  if (first) await db.batch([first, ...rest] as never);
}
