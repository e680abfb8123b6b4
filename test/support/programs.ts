/**
 * Two programs for tests and benches: one with two partners, and another beside it that must never be touched. Runs
 * wherever D1 is.
 */
import { drizzle } from 'drizzle-orm/d1';
import { SCOPES } from '../../edge/core/access.ts';
import { DAY_MS } from '../../edge/core/attribution.ts';
import { type Id, makeId, type PartnerId, type ProgramId } from '../../edge/core/id.ts';
import { keyHash } from '../../edge/core/identity.ts';
import { type Currency, ppm } from '../../edge/core/money.ts';
import type { Env } from '../../edge/deps.ts';
import * as schema from '../../edge/store/schema.ts';

export const START = Date.UTC(2026, 10, 1, 12);
/** Where the Worker is. */
export const ORIGIN = 'https://t.example';
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

/** `from`: the moment around which the world lives; its policies and enrollments began a year before. */
export async function seedPrograms(d1: Env['DB'], from = START): Promise<void> {
  const db = drizzle(d1);
  const startsAt = from - 365 * DAY_MS;
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
    db
      .insert(schema.terms)
      .values({ programId, version: 1, startsAt, savedAt: startsAt, rules: [{ ratePpm: ppm(100_000) }] }),
  ];
  const key = async (text: string, programId: ProgramId, kind: 'publishable' | 'secret') => ({
    hash: await keyHash(text),
    programId,
    kind,
    id: makeId<'key'>(startsAt, new TextEncoder().encode(text).slice(4, 14)),
    name: text,
    hint: text.slice(-4),
    scopes: kind === 'secret' ? SCOPES : [],
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
