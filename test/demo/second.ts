/**
 * The demo's second program: small and live, so that people who have a place in both can switch, and a key of one can be
 * tried on the other. Its owner owns the first one too; Carla has a second partner here, and Anna helps her with it.
 */
import { drizzle } from 'drizzle-orm/d1';
import { hintOf, USUAL_SCOPES } from '../../edge/core/api-key.ts';
import { idTime, type LinkId, makeId, type PartnerId, type PersonId, type ProgramId } from '../../edge/core/id.ts';
import { keyHash } from '../../edge/core/identity.ts';
import { type Currency, minor, ppm } from '../../edge/core/money.ts';
import { mint } from '../../edge/core/token.ts';
import type { ClickRow, Deps } from '../../edge/deps.ts';
import { noted } from '../../edge/flows/audit.ts';
import { convert } from '../../edge/flows/convert.ts';
import * as schema from '../../edge/store/schema.ts';
import { type Chance, must } from './chance.ts';
import { COUNTRIES, DEVICES } from './people.ts';
import { byAt, idOf, letIn, type Somebody } from './team.ts';

type D1 = Parameters<typeof drizzle>[0];

export const SECOND = {
  slug: 'demo-two',
  name: 'Fellside Coffee',
  currency: 'GBP' as Currency,
  shop: 'https://fellside-coffee.example',
  keys: { publishable: 'trb_pk_live_demo_two', secret: 'trb_sk_live_demo_two' },
} as const;

const PARTNERS = [
  { slug: 'hut-kitchen', name: 'The Hut Kitchen', daily: 9 },
  { slug: 'slow-pour', name: 'Slow Pour Sundays', daily: 5 },
  { slug: 'summit-flask', name: 'Summit Flask', daily: 2 },
] as const;
const BAGS = [
  { sku: 'fellside-house', name: 'House blend, 250 g', price: 950 },
  { sku: 'fellside-peak', name: 'Peak espresso, 1 kg', price: 2_900 },
  { sku: 'fellside-decaf', name: 'Lower Fell decaf, 250 g', price: 1_050 },
] as const;

const DAY_MS = 86_400_000;
const DAYS = 30;

/** At most so many days of history. */
export async function seedSecond(
  d1: D1,
  deps: Deps,
  { now, days, chance, people }: { now: number; days: number; chance: Chance; people: readonly Somebody[] },
): Promise<ProgramId> {
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  const createdAt = today - 75 * DAY_MS;
  const id = () => chance.bytes(10);
  const programId = makeId<'program'>(createdAt, id());
  const partners = PARTNERS.map((partner) => ({
    ...partner,
    partnerId: makeId<'partner'>(createdAt, id()),
    linkId: makeId<'link'>(createdAt, id()),
  }));
  const dated = { programId, version: 1, startsAt: createdAt, savedAt: createdAt };
  const place = (personId: PersonId, partnerId: PartnerId | null, role: 'owner' | 'member') => ({
    ...{ id: makeId<'membership'>(createdAt, id()), personId, programId, partnerId, role },
    ...{ joinedAt: createdAt, vouched: partnerId !== null },
  });
  const key = async (text: string, kind: schema.KeyKind, name: string) => ({
    ...{ hash: await keyHash(text), id: makeId<'key'>(createdAt, id()), programId, kind, name, createdAt },
    ...{ hint: hintOf(text), scopes: kind === 'secret' ? USUAL_SCOPES : [] },
  });
  const owner = idOf(people, 'owner@demo.test');
  const hut = partners[0]?.partnerId ?? null;
  const db = drizzle(d1, { schema });
  await db.batch([
    db.insert(schema.programs).values({
      ...{ id: programId, slug: SECOND.slug, name: SECOND.name, mode: 'live', createdAt, currency: SECOND.currency },
    }),
    db.insert(schema.policies).values({
      ...{ ...dated, model: 'first', windowDays: 14, holdDays: 30 },
      ...{ origins: [SECOND.shop], deepLinkHosts: [new URL(SECOND.shop).host] },
    }),
    db.insert(schema.terms).values({ ...dated, rules: [{ ratePpm: ppm(150_000) }] }),
    db
      .insert(schema.keys)
      .values([
        await key(SECOND.keys.publishable, 'publishable', 'Fellside shop, browser'),
        await key(SECOND.keys.secret, 'secret', 'Fellside shop, server'),
      ]),
    ...partners.flatMap(({ partnerId, linkId, slug, name }) => [
      db.insert(schema.partners).values({ id: partnerId, name }),
      db.insert(schema.enrollments).values({ programId, partnerId, slug, startedAt: createdAt }),
      db
        .insert(schema.links)
        .values({ id: linkId, programId, partnerId, code: slug, url: `${SECOND.shop}/`, createdAt }),
    ]),
    db.insert(schema.memberships).values(place(owner, null, 'owner')),
    db.insert(schema.memberships).values(place(idOf(people, 'carla@partner.test'), hut, 'owner')),
    db.insert(schema.memberships).values(place(idOf(people, 'anna@partner.test'), hut, 'member')),
  ]);
  await deps.store.commit([
    noted({ ...deps, now: () => createdAt }, programId, {
      ...{
        act: 'program.created',
        subject: `program:${programId}`,
        after: { mode: 'live', currency: SECOND.currency },
      },
    }),
  ]);
  // Ines has not answered yet.
  const asked = byAt(deps, owner, today - 6 * DAY_MS + 11 * 3_600_000);
  await letIn(asked, { programId, owner, email: 'compliance@demo.test', role: 'compliance' });
  await trade(deps, { programId, partners, today, now, days: Math.min(days, DAYS), chance });
  return programId;
}

/** Clicks, and the orders some of them came to. */
async function trade(
  deps: Deps,
  {
    programId,
    partners,
    today,
    now,
    days,
    chance,
  }: {
    programId: ProgramId;
    partners: readonly { partnerId: PartnerId; linkId: LinkId; daily: number }[];
    today: number;
    now: number;
    days: number;
    chance: Chance;
  },
): Promise<void> {
  const clicks: ClickRow[] = [];
  for (let day = days - 1; day >= 0; day--) {
    for (const { partnerId, linkId, daily } of partners) {
      for (let left = chance.count(daily); left > 0; left--) {
        const at = today - day * DAY_MS + Math.floor((7 + 15 * chance.next()) * 3_600_000);
        const key = makeId<'click'>(at, chance.bytes(10));
        clicks.push({
          ...{ programId, partnerId, linkId, key, class: 'valid', reason: null, ...chance.pick(DEVICES) },
          ...{ country: chance.pick(COUNTRIES.USD), referrerHost: null },
          ...{ sub1: null, sub2: null, sub3: null, sub4: null, sub5: null },
        });
      }
    }
  }
  const past = clicks.filter(({ key }) => idTime(key) <= now);
  await deps.clicks.record(past);
  let number = 1_000;
  for (const { key, partnerId, linkId } of past) {
    if (!chance.below(0.06)) continue;
    const at = idTime(key) + 20 * 60_000;
    const bag = chance.pick(BAGS);
    const random = chance.bytes(10);
    if (at > now) continue;
    const clickId = await mint({ programId, partnerId, linkId, key, class: 'valid' }, deps.secrets.tokenKeys);
    const call = {
      ...{ orderId: `FC-${++number}`, event: 'sale', currency: SECOND.currency, clickId, codes: [], taxIncluded: true },
      items: [{ ...bag, kind: 'goods' as const, quantity: 1, price: minor(bag.price) }],
    };
    must(await convert({ ...deps, now: () => at, random: () => random }, { programId, source: 'server', call }));
  }
}
