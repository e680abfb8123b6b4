/**
 * Ninety days of history for the demo: invented people, the engine's own arithmetic.
 *
 * `history` decides who clicked, landed, signed in and bought; it depends on the seed and on today's date alone. Orders
 * and sign-ins are then told to the flows that real ones go through, each at its own time, so every credit and every
 * cent is the engine's.
 * The program's keys are written last: without them a seed was cut short.
 */
import { desc, eq, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/d1';
import { SCOPES } from '../../edge/core/access.ts';
import { hintOf } from '../../edge/core/api-key.ts';
import {
  type ClickKey,
  idTime,
  type LinkId,
  type MembershipId,
  makeId,
  type PartnerId,
  type PersonId,
  type ProgramId,
} from '../../edge/core/id.ts';
import { emailHash, keyHash } from '../../edge/core/identity.ts';
import { type Currency, minor, ppm } from '../../edge/core/money.ts';
import { ok } from '../../edge/core/result.ts';
import { type ClickClass, mint } from '../../edge/core/token.ts';
import type { ClickRow, Deps, Source, TouchRow } from '../../edge/deps.ts';
import { noted } from '../../edge/flows/audit.ts';
import { convert } from '../../edge/flows/convert.ts';
import { addCode, addGroup, addLink, changePartner, setTerms } from '../../edge/flows/enroll.ts';
import { lookAgain } from '../../edge/flows/late.ts';
import type { OrderCall } from '../../edge/flows/order.ts';
import { sealAudit } from '../../edge/flows/seal-audit.ts';
import { identify, identifyAll } from '../../edge/flows/track.ts';
import * as schema from '../../edge/store/schema.ts';
import { type Chance, createChance, must } from './chance.ts';
import {
  CAMPAIGNS,
  CODES,
  COUNTRIES,
  DEVICES,
  type DemoPartner,
  type DemoPerson,
  GROUPS,
  LINKS,
  PARTNERS,
  PEOPLE,
} from './people.ts';
import { discountOf, PRODUCTS, percentOff, productOf, shippingOf } from './products.ts';
import { seedSecond } from './second.ts';
import { byAt, gather, idOf, live } from './team.ts';

type D1 = Parameters<typeof drizzle>[0];

export const SEED = 20_261;
const KEYS = { publishable: 'trb_pk_test_demo', secret: 'trb_sk_test_demo' };
export const DAYS = 90;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const ROWS_AT_ONCE = 2_000;
/** Acts told at the same time; the database takes turns, the hashing in between does not. */
const ACTS_AT_ONCE = 8;

export interface Prepared {
  /** `incomplete`: a seed was cut short, or is from before people could sign in; only a fresh database helps. */
  state: 'seeded' | 'kept' | 'moved' | 'incomplete';
  seed: number;
  ms: number;
  counts: { clicks: number; touches: number; orders: number };
}

/** Fills an empty database; in one that is filled, sees to it that its addresses are those of this run. */
export async function prepare(
  d1: D1,
  deps: Deps,
  { port, days, totpSecret }: { port: string; days: number; totpSecret: string },
): Promise<Prepared> {
  const started = Date.now();
  const shop = `http://shop.localhost${port && `:${port}`}`;
  const done = (state: Prepared['state'], counts = { clicks: 0, touches: 0, orders: 0 }): Prepared => ({
    ...{ state, seed: SEED, ms: Date.now() - started, counts },
  });
  const db = drizzle(d1, { schema });
  const [program] = await db.select().from(schema.programs).where(eq(schema.programs.slug, 'demo'));
  if (!program) return done('seeded', await seed(d1, deps, { shop, days, totpSecret }));
  const [key] = await db
    .select()
    .from(schema.keys)
    .where(eq(schema.keys.hash, await keyHash(KEYS.secret)));
  const [person] = await db.select().from(schema.people).limit(1);
  if (!key || !person) return done('incomplete');
  return done((await moveTo(d1, deps.now(), shop)) ? 'moved' : 'kept');
}

/** The demo shop has another port than when the data was made: its links follow, its policy gets a new version. */
async function moveTo(d1: D1, now: number, shop: string): Promise<boolean> {
  const db = drizzle(d1, { schema });
  const { links, policies, programs } = schema;
  const [newest] = await db
    .select({ policy: policies })
    .from(policies)
    .innerJoin(programs, eq(programs.id, policies.programId))
    .where(eq(programs.slug, 'demo'))
    .orderBy(desc(policies.version))
    .limit(1);
  const known = newest?.policy.origins.find((origin) => /^http:\/\/shop\.localhost(:\d+)?$/.test(origin));
  if (!newest || !known || known === shop) return false;
  const { policy } = newest;
  const moved = <Place extends string>(places: readonly Place[], from: string, to: string) =>
    places.map((place) => (place === from ? to : place));
  await db.batch([
    db.insert(policies).values({
      ...policy,
      version: policy.version + 1,
      startsAt: now,
      savedAt: now,
      origins: moved(policy.origins, known, shop),
      deepLinkHosts: moved(policy.deepLinkHosts, new URL(known).host, new URL(shop).host),
    }),
    db
      .update(links)
      .set({ url: sql`${shop} || substr(${links.url}, ${known.length + 1})` })
      .where(sql`${links.programId} = ${policy.programId} AND (${links.url} || '/') LIKE ${`${known}/%`}`),
  ]);
  return true;
}

async function seed(
  d1: D1,
  deps: Deps,
  { shop, days, totpSecret }: { shop: string; days: number; totpSecret: string },
): Promise<Prepared['counts']> {
  const now = deps.now();
  const chance = createChance(SEED);
  const world = createWorld(chance, now);
  await writeWorld(d1, world, shop);
  const team = { ...world, today: Math.floor(now / DAY_MS) * DAY_MS, partnerOf: partnerOf(world) };
  await found(deps, world);
  await gather(deps, team);
  // Their own chance, so that one more code or case leaves the rest of the history as it was.
  await setUp(deps, world, { shop, chance: createChance(SEED + 1) });
  const { clicks, touches, acts } = history({ chance, turn: createChance(SEED + 2), days }, world, now);
  for (const rows of chunks(clicks, ROWS_AT_ONCE)) await deps.clicks.record(rows);
  // Landings, sign-ins and orders as they came: a visitor's later clicks are unknown to an order as it arrives.
  const landed = [...touches];
  for (const some of apart(acts)) {
    const until = Math.max(...some.map((act) => act.at));
    const later = landed.findIndex((touch) => idTime(touch.clickKey) > until);
    await deps.clicks.touch(landed.splice(0, later < 0 ? landed.length : later));
    await Promise.all(
      some.map((act) => ('call' in act ? tell(deps, world.programId, act) : signIn(deps, world.programId, act))),
    );
  }
  for (const rows of chunks(landed, ROWS_AT_ONCE)) await deps.clicks.touch(rows);
  await live(deps, team, { chance: createChance(SEED + 5), now, totpSecret });
  await seedSecond(d1, deps, { now, days, chance: createChance(SEED + 4), people: world.people });
  await sealAudit(deps);
  await writeKeys(d1, world, createChance(SEED + 3).bytes);
  const orders = acts.filter((act) => 'call' in act).length;
  return { clicks: clicks.length, touches: touches.length, orders };
}

// ---------------------------------------------------------------------------------------------------- program, people

interface Enrolled extends DemoPartner {
  readonly partnerId: PartnerId;
  readonly linkId: LinkId;
  readonly from: number;
  readonly until: number | null;
}

interface World {
  readonly programId: ProgramId;
  readonly start: number;
  readonly partners: readonly Enrolled[];
  readonly people: readonly (Omit<DemoPerson, 'what'> & { readonly id: PersonId; readonly membership: MembershipId })[];
}

function createWorld(chance: Chance, now: number): World {
  const today = Math.floor(now / DAY_MS) * DAY_MS;
  const before = today - 120 * DAY_MS;
  return {
    programId: makeId(before, chance.bytes(10)),
    start: today - (DAYS - 1) * DAY_MS,
    partners: PARTNERS.map((partner) => ({
      ...partner,
      partnerId: makeId(before, chance.bytes(10)),
      linkId: makeId(before, chance.bytes(10)),
      from: today - Math.floor(partner.joined) * DAY_MS,
      until: partner.stopped ? today - partner.stopped.daysAgo * DAY_MS : null,
    })),
    people: PEOPLE.map(({ email, name, partner, role }) => ({
      ...{ email, name, partner, role },
      id: makeId(before, chance.bytes(10)),
      membership: makeId(before, chance.bytes(10)),
    })),
  };
}

async function writeWorld(d1: D1, world: World, shop: string): Promise<void> {
  const db = drizzle(d1, { schema });
  const { programId, partners, people, start } = world;
  const createdAt = start - 30 * DAY_MS;
  const dated = { programId, version: 1, startsAt: createdAt, savedAt: createdAt };
  await db.batch([
    db.insert(schema.programs).values({
      ...{ id: programId, slug: 'demo', name: 'Kettle & Fell', mode: 'sandbox', createdAt },
      currency: 'EUR' as Currency,
    }),
    db.insert(schema.policies).values({
      ...{ ...dated, model: 'last', windowDays: 30, holdDays: 14 },
      ...{ origins: [shop], deepLinkHosts: [new URL(shop).host] },
    }),
    db.insert(schema.terms).values({ ...dated, rules: [{ ratePpm: ppm(100_000) }] }),
    ...partners.flatMap(({ partnerId, linkId, slug, name, from }) => [
      db.insert(schema.partners).values({ id: partnerId, name }),
      db.insert(schema.enrollments).values({ programId, partnerId, slug, startedAt: from }),
      db
        .insert(schema.links)
        .values({ id: linkId, programId, partnerId, code: slug, url: `${shop}/`, createdAt: from }),
    ]),
    db.insert(schema.people).values(people.map(({ id, email, name }) => ({ id, email, name }))),
    // The first owner; everybody else is invited.
    ...people
      .filter(({ role, partner }) => role === 'owner' && partner === null)
      .map(({ id, membership, role }) =>
        db.insert(schema.memberships).values({
          ...{ id: membership, personId: id, programId, partnerId: null, role, joinedAt: createdAt, vouched: false },
        }),
      ),
  ]);
}

async function found(deps: Deps, { programId, start }: World): Promise<void> {
  const created = {
    act: 'program.created',
    subject: `program:${programId}`,
    after: { mode: 'sandbox', currency: 'EUR' },
  } as const;
  await deps.store.commit([noted({ ...deps, now: () => start - 30 * DAY_MS - 1 }, programId, created)]);
}

const partnerOf =
  ({ partners }: World) =>
  (slug: string | null): PartnerId | null =>
    partners.find((one) => one.slug === slug)?.partnerId ?? null;

/** Groups with their terms, who is in them, codes, a link with settings of its own: by the flows that the API calls. */
async function setUp(deps: Deps, world: World, { shop, chance }: { shop: string; chance: Chance }): Promise<void> {
  const { programId, start, people } = world;
  const today = start + (DAYS - 1) * DAY_MS;
  // Ids are drawn; what seals is not.
  const random = (bytes: number) => (bytes === 10 ? chance.bytes(bytes) : deps.random(bytes));
  const [owner, manager] = [idOf(people, 'owner@demo.test'), idOf(people, 'manager@demo.test')];
  const before = start - 30 * DAY_MS;
  const at = (ms: number): Deps => ({ ...byAt(deps, ms === before ? owner : manager, ms), random });
  const then = at(before);
  for (const { slug, name, settings, rules } of GROUPS) {
    must(await addGroup(then, { programId, slug, name, settings }));
    must(await setTerms(then, { programId, startsAt: undefined, group: slug, rules }));
  }
  for (const { slug: partner, from, until, stopped, groups = [] } of world.partners) {
    for (const { group, daysAgo } of groups) {
      const since = daysAgo === undefined ? Math.max(from, before) : today - daysAgo * DAY_MS;
      must(await changePartner(at(since), { programId, partner, status: undefined, forCause: false, group }));
    }
    if (until === null) continue;
    const forCause = stopped?.forCause ?? false;
    must(await changePartner(at(until), { programId, partner, status: 'ended', forCause, group: undefined }));
  }
  const day = (ago: number | undefined) => (ago === undefined ? undefined : today - ago * DAY_MS);
  for (const { partner, code, policy, from, until } of CODES) {
    must(await addCode(then, { programId, partner, code, policy, startsAt: day(from), endsAt: day(until) }));
  }
  for (const { partner, code, path, settings } of LINKS) {
    must(await addLink(then, { programId, partner, code, url: `${shop}${path}`, settings }));
  }
}

async function writeKeys(d1: D1, { programId, start }: World, bytes: Chance['bytes']): Promise<void> {
  const row = async (key: string, kind: schema.KeyKind, name: string) => ({
    ...{ hash: await keyHash(key), id: makeId<'key'>(start, bytes(10)), programId, kind, name, createdAt: start },
    ...{ hint: hintOf(key), scopes: kind === 'secret' ? SCOPES : [] },
  });
  await drizzle(d1, { schema })
    .insert(schema.keys)
    .values([
      await row(KEYS.publishable, 'publishable', 'Demo shop, browser'),
      await row(KEYS.secret, 'secret', 'Demo shop, server'),
    ]);
}

// ---------------------------------------------------------------------------------------------------------- history

/** What somebody did that the engine is told of. Two acts of one person are told one after the other. */
interface Act {
  readonly at: number;
  readonly who: string;
}

/** A customer signs in at the shop: its page says so, or its server, whose word is proof. */
interface SignIn extends Act {
  readonly visitorId: string;
  readonly email: string;
  readonly by: Source;
}

/** An order as the shop will tell it: at its time, by the voices that tell of it, in that order. */
interface DemoOrder extends Act {
  readonly call: Omit<OrderCall, 'clickId'>;
  readonly click: DemoClick | null;
  readonly voices: readonly Source[];
  /** The server says neither who came nor by which click, after the page did. */
  readonly forgetful: boolean;
  readonly random: Uint8Array;
}

interface DemoClick {
  readonly key: ClickKey;
  readonly at: number;
  readonly partner: Enrolled;
  readonly class: ClickClass;
}

interface Visitor {
  readonly id: string;
  readonly email: string;
  readonly seenAt: number;
}

/** By weekday, Sunday first; by hour, UTC: breakfast, lunch, and the long evening. */
const WEEK = [1.25, 0.9, 0.88, 0.92, 0.95, 1.0, 1.15];
const HOURS = [2, 1, 1, 1, 2, 4, 7, 8, 7, 6, 6, 8, 9, 7, 6, 6, 7, 9, 12, 14, 14, 11, 7, 4];

/** Everything is drawn for whole days, and what lies after now is left out: the hour of the day changes nothing else. */
function history({ chance, turn, days }: { chance: Chance; turn: Chance; days: number }, world: World, now: number) {
  const clicks: ClickRow[] = [];
  const touches: TouchRow[] = [];
  const acts: (DemoOrder | SignIn)[] = [];
  const recent: Visitor[] = [];
  const numbers = { visitor: 0, order: 4200, subscription: 70, landing: 0 };

  for (let day = DAYS - days; day < DAYS; day++) {
    const midnight = world.start + day * DAY_MS;
    for (const partner of world.partners) {
      if (midnight < partner.from || (partner.until !== null && midnight >= partner.until)) continue;
      const campaign = CAMPAIGNS.find(
        (one) => one.partner === partner.slug && (one.daysAgo as readonly number[]).includes(DAYS - 1 - day),
      );
      const rhythm = (WEEK[new Date(midnight).getUTCDay()] ?? 1) * (0.8 + (0.4 * day) / DAYS);
      const count = chance.count(partner.daily * rhythm * (campaign?.times ?? 1));
      for (let each = 0; each < count; each++) aClick(partner, midnight + timeOfDay(), campaign?.sub1);
    }
    // People who came by themselves.
    for (let left = chance.count(2.4); left > 0; left--) {
      order({
        at: midnight + timeOfDay(),
        visitor: chance.below(0.6) ? newVisitor(midnight) : null,
        currency: 'EUR',
        click: null,
      });
    }
    // Somebody calls the shop, and says who sent them.
    if (day % 29 === 17)
      order({ at: midnight + timeOfDay(), visitor: null, currency: 'EUR', click: null, said: 'bob' });
  }
  const past = <Row>(rows: Row[], at: (row: Row) => number) => rows.filter((row) => at(row) <= now);
  const latest = makeId<'click'>(now, new Uint8Array(10).fill(255));
  return {
    clicks: clicks.filter((row) => row.key <= latest),
    touches: touches.filter((row) => row.clickKey <= latest).sort((a, b) => (a.clickKey < b.clickKey ? -1 : 1)),
    acts: past(acts, (one) => one.at).sort((a, b) => a.at - b.at),
  };

  function aClick(partner: Enrolled, at: number, sub1: string | undefined): void {
    const kind = kindOf(partner);
    const click: DemoClick = { key: makeId(at, chance.bytes(10)), at, partner, class: kind.class };
    const bot = kind.reason === 'bot';
    const device = bot ? { device: 'desktop', browser: null, os: null } : chance.pick(DEVICES);
    clicks.push({
      ...{ programId: world.programId, partnerId: partner.partnerId, key: click.key, linkId: partner.linkId },
      ...{ ...kind, ...device, country: chance.pick(bot ? COUNTRIES.USD : COUNTRIES[partner.currency]) },
      referrerHost: bot ? null : chance.pick(partner.referrers),
      sub1: sub1 ?? chance.pick(partner.subs),
      ...{ sub2: null, sub3: null, sub4: null, sub5: null },
    });
    // A robot runs no script; of prefetched pages some are opened; of people most land, and most of those say yes.
    const lands = chance.below(kind.class === 'valid' ? 0.62 : kind.reason === 'prefetch' ? 0.3 : 0);
    if (lands) aLanding(click);
    // Whoever said no may still buy, and the shop's server knows the click that it passed from page to page.
    else if (kind.class !== 'suspect' && chance.below(0.012)) {
      order({ at: at + delay(), visitor: null, currency: partner.currency, click, denied: true });
    }
  }

  function aLanding(click: DemoClick): void {
    const { at, partner } = click;
    const old = chance.below(0.2) ? recent[Math.floor(chance.next() * recent.length)] : undefined;
    const visitor = old ?? newVisitor(at);
    touches.push({
      ...{ programId: world.programId, visitorId: visitor.id as TouchRow['visitorId'], clickKey: click.key },
      ...{ partnerId: partner.partnerId, linkId: partner.linkId, class: click.class },
    });
    // Now and then a partner buys through its own link.
    if (partner.slug === 'anna' && ++numbers.landing % 1_400 === 600) {
      order({
        ...{ at: at + 9 * 60_000, currency: partner.currency, click },
        visitor: { ...visitor, email: OWN_ADDRESS },
      });
    }
    if (!chance.below((partner.buys / 100) * (old ? 1.7 : 1))) return;
    const bought = at + delay();
    const buyer = { visitor: elsewhere(visitor, at, bought), currency: partner.currency, click };
    if (turn.below(0.03)) subscribe({ ...buyer, at: at + 25 * 60_000 });
    if (chance.below(0.07)) order({ ...buyer, at: at + 20 * 60_000, lead: true });
    order({ ...buyer, at: bought });
    if (chance.below(0.12)) order({ ...buyer, at: bought + (10 + chance.next() * 30) * DAY_MS, click: null });
  }

  /**
   * The browser they buy in: mostly the one they landed in, sometimes another one, known by signing in on the first.
   * Most sign in before they buy, some only afterwards: then the order waits for its partner.
   */
  function elsewhere(visitor: Visitor, landed: number, bought: number): Visitor {
    if (!turn.below(0.11)) return visitor;
    const { id: visitorId, email } = visitor;
    const at = turn.below(0.7) ? landed + (bought - landed) * turn.next() : bought + (0.2 + turn.next()) * DAY_MS;
    const by = turn.below(0.6) ? 'server' : 'browser';
    acts.push({ at: Math.round(at), who: email, visitorId, email, by });
    // A page's word may be followed by the server's.
    if (by === 'browser' && turn.below(0.3)) {
      acts.push({ at: Math.round(bought + 2 * DAY_MS), who: email, visitorId, email, by: 'server' });
    }
    return { ...visitor, id: visitorName(turn) };
  }

  /** Beans every month, until today. */
  function subscribe(first: Parameters<typeof order>[0] & { visitor: Visitor }): void {
    const orderId = `SUB-${++numbers.subscription}`;
    const items = basketOf('beans-first-light', first.currency);
    order({ ...first, orderId, items, plain: true });
    for (let month = 1; first.at + month * 30 * DAY_MS <= now; month++) {
      const renewal = { ...first, at: first.at + month * 30 * DAY_MS, click: null, items, plain: true };
      order({ ...renewal, orderId: `${orderId}-${month + 1}`, renewalOf: orderId, byItself: true });
    }
  }

  /** The codes of an order: those that its partner told of, and those that people have from elsewhere. */
  function codesOf(partner: string | null, at: number): { order: string[]; line?: string } {
    const summer = at < now - 24 * DAY_MS;
    const own: Readonly<Record<string, [chance: number, code: string]>> = {
      anna: [0.18, 'ANNA10'],
      bob: [summer ? 0.12 : 0.03, `SUMMER${turn.pick(['SUN', 'RAIN', 'HILLS'])}`],
      carla: [0.45, turn.pick(['CARLA5', 'CARLADEAL'])],
      p12: [0.5, 'TARP15'],
    };
    const [likely, code] = own[partner ?? ''] ?? [0, ''];
    if (turn.below(likely)) return { order: [code] };
    const draw = turn.next() * (partner === null ? 1 : 4);
    if (draw < 0.12) return { order: ['ANNA10'] };
    if (draw < 0.17) return { order: ['LETTER15'] };
    if (draw < 0.2) return { order: ['CARLA5'] };
    if (draw < 0.215) return { order: ['ANNA10', 'CARLADEAL'] };
    if (draw < 0.235) return { order: ['SPRING24'] };
    if (draw < 0.255) return { order: [], line: turn.pick(['ANNA10', 'ANNA10', 'LETTER15']) };
    return { order: [] };
  }

  function kindOf(partner: Enrolled): Pick<ClickRow, 'class' | 'reason'> {
    const draw = chance.next() * 100;
    if (draw < partner.stuffed) return { class: 'refused', reason: 'not_navigation' };
    if (draw > 91) return { class: 'suspect', reason: 'bot' };
    if (draw > 88.5) return { class: 'suspect', reason: 'prefetch' };
    return { class: 'valid', reason: null };
  }

  function newVisitor(seenAt: number): Visitor {
    const id = visitorName(chance);
    const visitor = { id, email: `shopper${++numbers.visitor}@example.com`, seenAt };
    recent.push(visitor);
    if (recent.length > 3_000) recent.shift();
    return visitor;
  }

  /** Most buy in the hour, some sleep on it, and a few come back after their window. */
  function delay(): number {
    const draw = chance.next();
    if (draw < 0.55) return Math.round((3 + chance.next() * 80) * 60_000);
    if (draw < 0.85) return Math.round((0.4 + chance.next() * 4) * DAY_MS);
    if (draw < 0.96) return Math.round((5 + chance.next() * 22) * DAY_MS);
    return Math.round((30.5 + chance.next() * 12) * DAY_MS);
  }

  function timeOfDay(): number {
    let draw = chance.next() * HOURS.reduce((sum, weight) => sum + weight, 0);
    let hour = 0;
    for (; hour < 23 && draw >= (HOURS[hour] ?? 0); hour++) draw -= HOURS[hour] ?? 0;
    return hour * HOUR_MS + Math.floor(chance.next() * HOUR_MS);
  }

  function order(given: {
    at: number;
    visitor: Visitor | null;
    currency: 'EUR' | 'USD';
    click: DemoClick | null;
    denied?: boolean;
    lead?: boolean;
    orderId?: string;
    items?: OrderCall['items'];
    /** Without codes and without oddities. */
    plain?: boolean;
    renewalOf?: string;
    /** Nobody sat before a browser. */
    byItself?: boolean;
    /** A partner that the shop names itself. */
    said?: string;
  }): void {
    const { denied = false, lead = false, plain = lead, renewalOf, said } = given;
    const visitor = given.byItself ? null : given.visitor;
    const at = Math.round(given.at);
    const currency = given.currency as Currency;
    const codes = plain ? { order: [] } : codesOf(given.click?.partner.slug ?? null, at);
    const lines = lead ? [] : withCode(given.items ?? basket(given.currency), codes.line);
    const goods = lines.reduce((sum, line) => sum + line.price * line.quantity, 0);
    const told = chance.next();
    // The browser's tag alone is rare; now and then it speaks first, and the server a moment later.
    const voices: Source[] = !visitor || told > 0.07 ? ['server'] : told > 0.04 ? ['browser', 'server'] : ['browser'];
    const email = given.visitor?.email ?? `guest${numbers.order}@example.com`;
    const off = Math.max(0, ...codes.order.map((code) => percentOff(code) ?? (code.startsWith('SUMMER') ? 10 : 0)));
    const odd = plain ? 1 : turn.next();
    acts.push({
      at,
      who: email,
      voices,
      forgetful: voices.length === 2 && odd < 0.5,
      click: given.click && (denied || chance.below(0.5)) ? given.click : null,
      random: chance.bytes(10),
      call: {
        ...{
          orderId: given.orderId ?? `${lead ? 'L' : 'KF'}-${++numbers.order}`,
          event: lead ? 'lead' : 'sale',
          currency,
          items: lines,
        },
        ...{ taxIncluded: false, codes: codes.order, consent: denied ? 'denied' : 'granted' },
        ...(lead ? { amount: minor(0) } : { shipping: minor(shippingOf(goods)) }),
        ...(off > 0 && { discount: minor(discountOf(off, goods)) }),
        ...(visitor && { visitorId: visitor.id }),
        ...(!denied && { customer: { email } }),
        ...(renewalOf && { renewalOf }),
        ...(said && { partner: said }),
        // Somebody copied an address by hand, and lost a part of it.
        ...(!given.click && odd > 0.97 && odd < 1 && { clickId: 'AQK3-copied-by-hand' }),
      },
    });
  }

  function withCode(items: OrderCall['items'], code: string | undefined): OrderCall['items'] {
    return items.map((item, line) => (line === 0 && code && items.length > 1 ? { ...item, code } : item));
  }

  function basketOf(sku: string, currency: 'EUR' | 'USD'): OrderCall['items'] {
    const product = productOf(sku);
    if (!product) throw new Error(`the shop sells no ${sku}`);
    const { name, category, price } = product;
    return [
      { sku, name: `${name}, monthly`, category, kind: 'goods', quantity: 1, price: minor(priceIn(currency, price)) },
    ];
  }

  function basket(currency: 'EUR' | 'USD'): OrderCall['items'][number][] {
    const size = chance.below(0.66) ? 1 : chance.below(0.7) ? 2 : 3;
    const chosen = new Set(Array.from({ length: size }, () => chance.pick(PRODUCTS)));
    return [...chosen].map(({ sku, name, category, price }) => ({
      ...{ sku, name, category, kind: 'goods' },
      quantity: chance.below(0.82) ? 1 : 2,
      price: minor(priceIn(currency, price)),
    }));
  }

  /** Dollar prices end on fifty cents, as the shop's would. */
  function priceIn(currency: 'EUR' | 'USD', price: number): number {
    return currency === 'EUR' ? price : Math.ceil((price * 1.1) / 50) * 50;
  }
}

const OWN_ADDRESS = 'anna@partner.test';

const visitorName = (chance: Chance): string =>
  btoa(String.fromCharCode(...chance.bytes(16)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .slice(0, 22);

/** Tells the engine of an order as it would have been told then. */
async function tell(deps: Deps, programId: ProgramId, order: DemoOrder): Promise<void> {
  const { click, at } = order;
  const clickId =
    click &&
    (await mint(
      {
        ...{ programId, partnerId: click.partner.partnerId, linkId: click.partner.linkId },
        ...{ key: click.key, class: click.class },
      },
      deps.secrets.tokenKeys,
    ));
  for (const [index, source] of order.voices.entries()) {
    const then = { ...deps, now: () => at + index * 1_500, random: () => order.random };
    const { visitorId: _visitor, ...rest } = order.call;
    const named = { ...order.call, ...(clickId && source === 'server' && { clickId }) };
    const call = order.forgetful && source === 'server' ? rest : named;
    must(await convert(then, { programId, source, call }));
  }
}

async function signIn(deps: Deps, programId: ProgramId, { at, visitorId, email, by }: SignIn): Promise<void> {
  const then = { ...deps, now: () => at };
  if (by === 'server') {
    const [seen] = await identifyAll(then, { programId, calls: [ok({ visitorId, customer: { email } })] });
    if (seen) must(seen);
  } else {
    const customer = { emailSha256: await emailHash(email) };
    const browser = visitorId as TouchRow['visitorId'];
    await identify(then, { programId, visitorId: browser, customer });
    await lookAgain(then, { programId, visitors: [browser], hashes: [] });
  }
}

/** Acts in their order, a few at a time, no two of them of one person. */
function* apart<One extends Act>(acts: readonly One[]): Generator<readonly One[]> {
  let some: One[] = [];
  for (const act of acts) {
    if (some.length === ACTS_AT_ONCE || some.some((one) => one.who === act.who)) {
      yield some;
      some = [];
    }
    some.push(act);
  }
  if (some.length > 0) yield some;
}

function* chunks<Row>(rows: readonly Row[], size: number): Generator<readonly Row[]> {
  for (let from = 0; from < rows.length; from += size) yield rows.slice(from, from + size);
}
