/**
 * D1, behind questions and one commit.
 *
 * Every read names its program; only the look-ups that find it (a key's hash, a link's code) name none. `commit` is one
 * atomic batch: what may have moved since the reads is refused by the schema or by a compare-and-set inside it.
 */
import { and, asc, desc, eq, getTableColumns, gt, type inArray, isNull, lt, lte, or, type SQL, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/d1';
import { alias } from 'drizzle-orm/sqlite-core';
import {
  type Code,
  DAY_MS,
  MAX_CODE_LETTERS,
  type Override,
  type Placement,
  type Policy,
} from '../core/attribution.ts';
import { lineNames, type Terms } from '../core/commission.ts';
import type { ConversionId, GroupId, KeyId, LinkId, PartnerId, ProgramId, VisitorId } from '../core/id.ts';
import type { KnownCustomer } from '../core/identity.ts';
import { createCommit } from './commit.ts';
import {
  ANSWER_TTL_MS,
  type Answer,
  type Change,
  type ClickTargets,
  type Commit,
  type ConversionKey,
  type ConversionRecord,
  type ConversionRow,
  type EnrolledPartner,
  type Group,
  type Key,
  type KeyRow,
  type Link,
  type LinkTarget,
  type OrderContext,
  type OrderQuery,
  type Program,
  type Renewed,
  type Scope,
  type Standing,
} from './records.ts';
import type { Source } from './schema.ts';
import * as schema from './schema.ts';

export type * from './records.ts';

export interface Store {
  key(hash: string): Promise<Key | null>;
  /** By what people call it. */
  keyById(programId: ProgramId, id: KeyId): Promise<KeyRow | null>;
  /** Newest first, before the one named. */
  keys(programId: ProgramId, page: { limit: number; before: KeyId | null }): Promise<KeyRow[]>;
  /** That a key was used: written once in ten minutes, and never in anybody's way. */
  keyUsed(hash: string, now: number): Promise<void>;
  /** Cached for half a minute: a redirect reads nothing once its link is warm. */
  linkTarget(code: string): Promise<LinkTarget | null>;
  program(programId: ProgramId): Promise<Program | null>;
  policies(programId: ProgramId): Promise<Policy[]>;
  terms(programId: ProgramId): Promise<Terms[]>;
  /** By id or slug. */
  partner(programId: ProgramId, named: string): Promise<EnrolledPartner | null>;
  /** By slug, after the one named. */
  partners(programId: ProgramId, page: { limit: number; after: string }): Promise<EnrolledPartner[]>;
  /** By link code, then by the partner's slug. */
  partnerByVia(
    programId: ProgramId,
    via: string,
  ): Promise<{ enrollment: EnrolledPartner; linkId: LinkId | null } | null>;
  enrollments(programId: ProgramId, partnerIds: readonly PartnerId[]): Promise<EnrolledPartner[]>;
  customers(programId: ProgramId, hashes: readonly string[]): Promise<KnownCustomer[]>;
  /** One round trip. */
  orderContext(query: OrderQuery): Promise<OrderContext>;
  /** One round trip: of partners by id, and by id or slug (`named`); of links. */
  standing(of: {
    programId: ProgramId;
    partnerIds: readonly PartnerId[];
    named: readonly string[];
    linkIds: readonly LinkId[];
  }): Promise<Standing>;
  /** Partners by id or slug, links and codes by name, with the partners of these. One round trip. */
  clickTargets(of: {
    programId: ProgramId;
    partners: readonly string[];
    links: readonly string[];
    codes: readonly string[];
  }): Promise<ClickTargets>;
  group(programId: ProgramId, named: string): Promise<Group | null>;
  groups(programId: ProgramId): Promise<Group[]>;
  link(programId: ProgramId, named: string): Promise<Link | null>;
  placements(programId: ProgramId, partnerId: PartnerId): Promise<Placement[]>;
  overrides(programId: ProgramId, scopeId: LinkId | GroupId): Promise<Override[]>;
  codes(scope: Scope, page: { limit: number; after: string }): Promise<Code[]>;
  code(programId: ProgramId, code: string): Promise<Code | null>;
  /** Orders that clicks or identities of these browsers and keys may still change, the newest; of a list, so many a row. */
  openOrders(of: {
    programId: ProgramId;
    now: number;
    visitors: readonly VisitorId[];
    hashes: readonly string[];
    rows?: number;
  }): Promise<ConversionId[]>;
  /** By id, or by event and order id; of a partner, only what its clicks were considered for, and its own part. */
  conversion(programId: ProgramId, by: ConversionKey, partnerId?: PartnerId): Promise<ConversionRecord | null>;
  /** Newest first; of a partner, the orders its clicks were considered for and its own part of them. Without the lines. */
  conversions(scope: Scope, page: { limit: number; before: ConversionId | null }): Promise<ConversionRecord[]>;
  /** What a call of this name was answered within the last day. */
  answer(programId: ProgramId, keyHash: string, now: number): Promise<Answer | null>;
  commit(changes: readonly Change[]): Promise<Commit>;
}

interface OpenQuery {
  readonly programId: ProgramId;
  readonly at: number;
  readonly customerOf: SQL;
  readonly visitors: readonly VisitorId[];
  readonly rows?: number;
}

const LINK_TTL_MS = 30_000;
/** How long one look at a link may take before the next is tried. */
const LINK_RETRY_MS = 1_000;
const MAX_CACHED_LINKS = 5_000;
const KEY_USED_MS = 10 * 60_000;
const MAX_CACHED_KEYS = 5_000;
/** How long a redirect waits for a fresh look at a link it already knows. */
const LINK_PATIENCE_MS = 150;

/** Orders looked at again when one thing arrives late. */
const MAX_OPEN = 20;

/** `clicks`: the database of clicks and touches, where they have one of their own. */
export function createStore(d1: D1Database, clicks: D1Database, now: () => number): Store {
  const db = drizzle(d1, { schema });
  const commit = createCommit(db, { touchesHere: clicks === d1 });
  const { programs, policies, terms, keys, partners, enrollments, links, customerKeys, considered } = schema;
  const { groups, placements, policyOverrides, codes, firstOrders } = schema;
  const {
    conversions,
    conversionItems,
    allocations,
    commissions,
    customerLocks,
    identities,
    identifications,
    memberships,
    people,
  } = schema;
  const cachedLinks = new Map<string, { target: LinkTarget; until: number }>();
  const lastUsed = new Map<string, number>();

  const placementFields = {
    partnerId: placements.partnerId,
    version: placements.version,
    startsAt: placements.startsAt,
    groupId: placements.groupId,
  };
  const overrideFields = {
    scopeId: policyOverrides.scopeId,
    version: policyOverrides.version,
    startsAt: policyOverrides.startsAt,
    model: policyOverrides.model,
    windowDays: policyOverrides.windowDays,
    guardSeconds: policyOverrides.guardSeconds,
    rejectSolo: policyOverrides.rejectSolo,
  };
  const codeFields = {
    code: codes.code,
    partnerId: codes.partnerId,
    policy: codes.policy,
    startsAt: codes.startsAt,
    endsAt: codes.endsAt,
  };
  const policiesOf = (programId: ProgramId) =>
    db.select().from(policies).where(eq(policies.programId, programId)).orderBy(asc(policies.version));
  const enrollmentOf = {
    partnerId: enrollments.partnerId,
    slug: enrollments.slug,
    name: partners.name,
    status: enrollments.status,
    startedAt: enrollments.startedAt,
    stoppedAt: enrollments.stoppedAt,
    forCause: enrollments.forCause,
  };
  const termsOf = (programId: ProgramId) =>
    db.select().from(terms).where(eq(terms.programId, programId)).orderBy(asc(terms.version));
  const ofEnrollment = eq(partners.id, enrollments.partnerId);
  const enrolled = (where: ReturnType<typeof and>) =>
    db.select(enrollmentOf).from(enrollments).innerJoin(partners, ofEnrollment).where(where);
  const knownCustomer = { hash: customerKeys.hash, customerId: customerKeys.customerId, first: customerKeys.first };
  const customersOf = (programId: ProgramId, hashes: readonly string[]) =>
    db
      .select(knownCustomer)
      .from(customerKeys)
      .where(and(eq(customerKeys.programId, programId), inJson(customerKeys.hash, hashes)));
  const commissionsOf = ({ programId, partnerId }: Scope, ids: readonly ConversionId[]) =>
    db
      .select({ ...getTableColumns(commissions), partner: enrollments.slug, name: partners.name })
      .from(commissions)
      .innerJoin(
        enrollments,
        and(eq(enrollments.programId, commissions.programId), eq(enrollments.partnerId, commissions.partnerId)),
      )
      .innerJoin(partners, eq(partners.id, commissions.partnerId))
      .where(
        and(
          eq(commissions.programId, programId),
          inJson(commissions.conversionId, ids),
          partnerId ? eq(commissions.partnerId, partnerId) : undefined,
        ),
      );
  const linkWithEnrollment = (where: ReturnType<typeof and>) =>
    db
      .select({ link: links, enrollment: enrollmentOf, clockOffsetMs: programs.clockOffsetMs })
      .from(links)
      .innerJoin(programs, eq(programs.id, links.programId))
      .innerJoin(
        enrollments,
        and(eq(enrollments.programId, links.programId), eq(enrollments.partnerId, links.partnerId)),
      )
      .innerJoin(partners, ofEnrollment)
      .where(where)
      .limit(1);

  function remember(code: string, target: LinkTarget | null): LinkTarget | null {
    cachedLinks.delete(code);
    if (!target) return null;
    const [oldest] = cachedLinks.size < MAX_CACHED_LINKS ? [] : cachedLinks.keys();
    if (oldest !== undefined) cachedLinks.delete(oldest);
    cachedLinks.set(code, { target, until: now() + LINK_TTL_MS });
    return target;
  }

  /** A redirect reads the clock with its link: one that was moved is read again. */
  function forgetClocks(changes: readonly Change[]): void {
    const moved = changes.flatMap((change) => (change.kind === 'clock' ? [change.programId] : []));
    for (const [code, { target }] of moved.length > 0 ? cachedLinks : []) {
      if (moved.includes(target.link.programId)) cachedLinks.delete(code);
    }
  }

  async function readLinkTarget(code: string): Promise<LinkTarget | null> {
    const [found] = await linkWithEnrollment(eq(links.code, code));
    return found ? { ...found, policies: await policiesOf(found.link.programId) } : null;
  }

  return {
    async key(hash) {
      const [found] = await db
        .select({ ...getTableColumns(keys), clockOffsetMs: programs.clockOffsetMs })
        .from(keys)
        .innerJoin(programs, eq(programs.id, keys.programId))
        .where(eq(keys.hash, hash))
        .limit(1);
      return found ?? null;
    },

    async keyById(programId, id) {
      const [found] = await db
        .select()
        .from(keys)
        .where(and(eq(keys.programId, programId), eq(keys.id, id)))
        .limit(1);
      return found ?? null;
    },

    keys: (programId, { limit, before }) =>
      db
        .select()
        .from(keys)
        .where(and(eq(keys.programId, programId), before ? lt(keys.id, before) : undefined))
        .orderBy(desc(keys.id))
        .limit(limit),

    async keyUsed(hash, now) {
      if ((lastUsed.get(hash) ?? 0) > now - KEY_USED_MS) return;
      if (lastUsed.size >= MAX_CACHED_KEYS) lastUsed.clear();
      lastUsed.set(hash, now);
      const stale = or(isNull(keys.lastUsedAt), lte(keys.lastUsedAt, now - KEY_USED_MS));
      await db
        .update(keys)
        .set({ lastUsedAt: now })
        .where(and(eq(keys.hash, hash), stale))
        .then(undefined, (cause: unknown) => console.error('a key’s use was not noted', cause));
    },

    async linkTarget(code) {
      const cached = cachedLinks.get(code);
      if (cached && cached.until > now()) return cached.target;
      // One looks anew; the others go on with what is known meanwhile, and whenever the database does not answer.
      if (cached) cached.until = now() + LINK_RETRY_MS;
      const fresh = readLinkTarget(code).then((target) => remember(code, target));
      // A shopper is not held up by a database that is slow or away while we still know where the link led.
      return cached ? soon(fresh, cached.target) : fresh;
    },

    async program(programId) {
      const [found] = await db.select().from(programs).where(eq(programs.id, programId)).limit(1);
      return found ?? null;
    },

    policies: (programId) => policiesOf(programId),

    terms: (programId) => termsOf(programId),

    async partner(programId, named) {
      const [found] = await enrolled(
        and(
          eq(enrollments.programId, programId),
          or(eq(enrollments.partnerId, named as PartnerId), eq(enrollments.slug, named)),
        ),
      ).limit(1);
      return found ?? null;
    },

    partners: (programId, { limit, after }) =>
      enrolled(and(eq(enrollments.programId, programId), gt(enrollments.slug, after)))
        .orderBy(asc(enrollments.slug))
        .limit(limit),

    async partnerByVia(programId, via) {
      const [byLink] = await linkWithEnrollment(and(eq(links.programId, programId), eq(links.code, via)));
      if (byLink) return { enrollment: byLink.enrollment, linkId: byLink.link.id };
      const [bySlug] = await enrolled(and(eq(enrollments.programId, programId), eq(enrollments.slug, via))).limit(1);
      return bySlug ? { enrollment: bySlug, linkId: null } : null;
    },

    async enrollments(programId, partnerIds) {
      if (partnerIds.length === 0) return [];
      return enrolled(and(eq(enrollments.programId, programId), inJson(enrollments.partnerId, partnerIds)));
    },

    customers: (programId, hashes) => (hashes.length === 0 ? Promise.resolve([]) : customersOf(programId, hashes)),

    async orderContext(query) {
      const { programId, orders, renewals, codes: codeNames } = query;
      const { customerOf, named, edgesOf, seenOf, keyed } = peopleOf(query);
      const first = alias(conversions, 'first');
      const [
        [program],
        policyRows,
        termRows,
        existing,
        customers,
        edges,
        seen,
        locks,
        firsts,
        codeRows,
        open,
        renewed,
      ] = await db.batch([
        db.select({ mode: programs.mode }).from(programs).where(eq(programs.id, programId)),
        policiesOf(programId),
        termsOf(programId),
        // One look-up each: of two lists SQLite would read one of them whole.
        db
          .select()
          .from(conversions)
          .where(
            and(
              eq(conversions.programId, programId),
              sql`${conversions.id} IN (SELECT told.id FROM json_each(${JSON.stringify(orders)}) AS asked
                CROSS JOIN ${conversions} AS told ON told.program_id = ${programId}
                AND told.event = asked.value ->> 'event' AND told.order_id = asked.value ->> 'orderId')`,
            ),
          ),
        db
          .select(knownCustomer)
          .from(customerKeys)
          .where(
            and(
              eq(customerKeys.programId, programId),
              sql`${customerKeys.hash} IN (${keyed} UNION ALL SELECT hash FROM (${seenOf}))`,
            ),
          ),
        db
          .select({
            hash: identities.hash,
            visitorId: identities.visitorId,
            lastAt: identities.lastAt,
            proven: identities.proven,
          })
          .from(identities)
          .where(edgesOf),
        db
          .select({ visitorId: identifications.visitorId, hash: identifications.hash, at: identifications.at })
          .from(identifications)
          .where(
            and(eq(identifications.programId, programId), sql`${identifications.visitorId} IN (${named.browsers})`),
          ),
        db
          .select({
            customerId: customerLocks.customerId,
            partnerId: customerLocks.partnerId,
            boundAt: customerLocks.boundAt,
          })
          .from(customerLocks)
          .where(and(eq(customerLocks.programId, programId), sql`${customerLocks.customerId} IN (${customerOf})`)),
        db
          .select({ customerId: firstOrders.customerId, conversionId: firstOrders.conversionId })
          .from(firstOrders)
          .where(and(eq(firstOrders.programId, programId), sql`${firstOrders.customerId} IN (${customerOf})`)),
        db
          .select(codeFields)
          .from(codes)
          .where(and(eq(codes.programId, programId), isNamed(codeNames))),
        openOf({ programId, at: query.now, customerOf, visitors: query.visitors }),
        db
          .select({
            id: first.id,
            event: first.event,
            orderId: first.orderId,
            occurredAt: first.occurredAt,
            verified: first.verified,
            explanation: first.explanation,
            partnerId: commissions.partnerId,
            shareMicros: commissions.shareMicros,
            termsVersion: sql<number>`(SELECT terms_version FROM ${allocations} WHERE ${allocations.programId} = ${programId}
                AND ${allocations.conversionId} = ${first.id} AND ${allocations.partnerId} = ${commissions.partnerId} LIMIT 1)`,
          })
          .from(first)
          .leftJoin(commissions, and(eq(commissions.programId, programId), eq(commissions.conversionId, first.id)))
          .where(
            and(
              eq(first.programId, programId),
              sql`(${inJson(first.id, renewals)} OR (${inJson(first.orderId, renewals)} AND ${inJson(first.event, [
                ...new Set([...orders.map((one) => one.event), 'sale']),
              ])}))`,
              renewals.length === 0 ? sql`0` : undefined,
            ),
          ),
      ]);
      if (!program) throw new Error(`program ${programId} is gone`);
      return {
        mode: program.mode,
        policies: policyRows,
        terms: termRows,
        existing,
        customers,
        edges,
        identifications: seen,
        locks,
        firstOrders: firsts,
        codes: codeRows,
        open: open.map((one) => one.id),
        renewed: renewedOf(renewed),
      };
    },

    async standing({ programId, partnerIds, named, linkIds }) {
      const ids = sql`${enrollments.partnerId} IN (SELECT value FROM json_each(${JSON.stringify(partnerIds)}))`;
      const asked =
        named.length > 0
          ? sql`(${ids} OR ${inJson(enrollments.partnerId, named)} OR
        ${inJson(
          enrollments.slug,
          named.map((one) => one.toLowerCase()),
        )})`
          : ids;
      const scopes = sql`SELECT value FROM json_each(${JSON.stringify(linkIds)}) UNION SELECT group_id FROM ${placements}
        WHERE ${placements.programId} = ${programId} AND ${inJson(placements.partnerId, partnerIds)} AND group_id IS NOT NULL`;
      const [enrolledRows, placementRows, overrideRows, members] = await db.batch([
        enrolled(and(eq(enrollments.programId, programId), asked)),
        db
          .select(placementFields)
          .from(placements)
          .where(
            and(
              eq(placements.programId, programId),
              sql`${placements.partnerId} IN (SELECT partner_id FROM ${enrollments} WHERE ${enrollments.programId} = ${programId} AND ${asked})`,
            ),
          ),
        db
          .select(overrideFields)
          .from(policyOverrides)
          .where(and(eq(policyOverrides.programId, programId), sql`${policyOverrides.scopeId} IN (${scopes})`)),
        db
          .select({ partnerId: memberships.partnerId, email: people.email })
          .from(memberships)
          .innerJoin(people, eq(people.id, memberships.personId))
          .where(
            and(
              eq(memberships.programId, programId),
              inJson(memberships.partnerId, partnerIds),
              // An invitation that nobody has taken up says nothing, unless the program's own side made it.
              or(sql`${memberships.joinedAt} IS NOT NULL`, eq(memberships.vouched, true)),
            ),
          ),
      ]);
      return {
        enrollments: enrolledRows,
        placements: placementRows,
        overrides: overrideRows,
        members: members.flatMap(({ partnerId, email }) => (partnerId === null ? [] : { partnerId, email })),
      };
    },

    async clickTargets({ programId, partners: named, links: linkCodes, codes: codeNames }) {
      const ofLinks = and(eq(links.programId, programId), inJson(links.code, linkCodes));
      const ofCodes = and(eq(codes.programId, programId), isNamed(codeNames));
      const slugs = named.map((one) => one.toLowerCase());
      const [enrolledRows, linkRows, codeRows] = await db.batch([
        enrolled(
          and(
            eq(enrollments.programId, programId),
            sql`(${inJson(enrollments.partnerId, named)} OR ${inJson(enrollments.slug, slugs)}
              OR ${enrollments.partnerId} IN (SELECT partner_id FROM ${links} WHERE ${ofLinks})
              OR ${enrollments.partnerId} IN (SELECT partner_id FROM ${codes} WHERE ${ofCodes}))`,
          ),
        ),
        db.select({ code: links.code, linkId: links.id, partnerId: links.partnerId }).from(links).where(ofLinks),
        db.select({ code: codes.code, partnerId: codes.partnerId }).from(codes).where(ofCodes),
      ]);
      return { partners: enrolledRows, links: linkRows, codes: codeRows };
    },

    async group(programId, named) {
      const which = or(eq(groups.id, named as GroupId), eq(groups.slug, named));
      const [found] = await db
        .select()
        .from(groups)
        .where(and(eq(groups.programId, programId), which))
        .limit(1);
      return found ?? null;
    },

    groups: (programId) => db.select().from(groups).where(eq(groups.programId, programId)).orderBy(asc(groups.slug)),

    async link(programId, named) {
      const which = or(eq(links.id, named as LinkId), eq(links.code, named));
      const [found] = await db
        .select()
        .from(links)
        .where(and(eq(links.programId, programId), which))
        .limit(1);
      return found ?? null;
    },

    placements: (programId, partnerId) =>
      db
        .select(placementFields)
        .from(placements)
        .where(and(eq(placements.programId, programId), eq(placements.partnerId, partnerId))),

    overrides: (programId, scopeId) =>
      db
        .select(overrideFields)
        .from(policyOverrides)
        .where(and(eq(policyOverrides.programId, programId), eq(policyOverrides.scopeId, scopeId))),

    codes: ({ programId, partnerId }, { limit, after }) =>
      db
        .select(codeFields)
        .from(codes)
        .where(
          and(
            eq(codes.programId, programId),
            partnerId ? eq(codes.partnerId, partnerId) : undefined,
            gt(codes.code, after),
          ),
        )
        .orderBy(asc(codes.code))
        .limit(limit),

    async code(programId, code) {
      const [found] = await db
        .select(codeFields)
        .from(codes)
        .where(and(eq(codes.programId, programId), eq(codes.code, code)));
      return found ?? null;
    },

    async openOrders({ programId, now: at, visitors, hashes, rows = 1 }) {
      const { customerOf } = peopleOf({ programId, visitors, hashes, customerIds: [] });
      return (await openOf({ programId, at, customerOf, visitors, rows })).map((one) => one.id);
    },

    async conversion(programId, by, partnerId) {
      const which =
        'id' in by
          ? eq(conversions.id, by.id)
          : and(eq(conversions.event, by.event), eq(conversions.orderId, by.orderId));
      // In one look: an order that is not a partner's is found as late as one that is none.
      const own = partnerId
        ? sql`EXISTS (SELECT 1 FROM ${considered} WHERE ${considered.programId} = ${programId}
            AND ${considered.partnerId} = ${partnerId} AND ${considered.conversionId} = ${conversions.id})`
        : undefined;
      const [conversion] = await db
        .select()
        .from(conversions)
        .where(and(eq(conversions.programId, programId), which, own));
      if (!conversion) return null;
      const [allocated, goods, earned] = await db.batch([
        db
          .select()
          .from(allocations)
          .where(
            and(
              eq(allocations.programId, programId),
              eq(allocations.conversionId, conversion.id),
              partnerId && eq(allocations.partnerId, partnerId),
            ),
          ),
        db
          .select({ line: conversionItems.line, sku: conversionItems.sku, name: conversionItems.name })
          .from(conversionItems)
          .where(and(eq(conversionItems.programId, programId), eq(conversionItems.conversionId, conversion.id))),
        commissionsOf({ programId, partnerId: partnerId ?? null }, [conversion.id]),
      ]);
      return { conversion, allocations: allocated, commissions: earned, lines: lineNames(goods) };
    },

    async conversions({ programId, partnerId }, { limit, before }) {
      const ids = partnerId
        ? db
            .select({ id: considered.conversionId })
            .from(considered)
            .where(
              and(
                eq(considered.programId, programId),
                eq(considered.partnerId, partnerId),
                before ? lt(considered.conversionId, before) : undefined,
              ),
            )
            .orderBy(desc(considered.conversionId))
            .limit(limit)
        : db
            .select({ id: conversions.id })
            .from(conversions)
            .where(and(eq(conversions.programId, programId), before ? lt(conversions.id, before) : undefined))
            .orderBy(desc(conversions.id))
            .limit(limit);
      const page = (await ids).map((row) => row.id);
      if (page.length === 0) return [];
      const [rows, earned] = await db.batch([
        db
          .select()
          .from(conversions)
          .where(and(eq(conversions.programId, programId), inJson(conversions.id, page)))
          .orderBy(desc(conversions.id)),
        commissionsOf({ programId, partnerId }, page),
      ]);
      return rows.map((conversion) => ({
        conversion,
        allocations: [],
        commissions: earned.filter((one) => one.conversionId === conversion.id),
        lines: new Map(),
      }));
    },

    async answer(programId, keyHash, now) {
      const { answers } = schema;
      const [found] = await db
        .select()
        .from(answers)
        .where(
          and(eq(answers.programId, programId), eq(answers.keyHash, keyHash), gt(answers.at, now - ANSWER_TTL_MS)),
        );
      return found ?? null;
    },

    async commit(changes) {
      const done = await commit(changes);
      if (done === 'done') forgetClocks(changes);
      return done;
    },
  };

  /**
   * The people some orders name, as subqueries: `keyed` all keys of these customers, `named.browsers` the browsers these were
   * seen in with the orders' own, `seenOf` the keys seen there. Of an order that names nobody, its browser's people.
   * UNION ALL: for UNION, SQLite would take the index that sorts, and with it read all customers of the program.
   */
  function peopleOf({
    programId,
    hashes,
    customerIds,
    visitors,
  }: Pick<OrderQuery, 'programId' | 'hashes' | 'customerIds' | 'visitors'>) {
    const list = (values: readonly string[]) => sql`SELECT value FROM json_each(${JSON.stringify(values)})`;
    const ofProgram = sql`program_id = ${programId}`;
    const told = sql`${list(hashes)} UNION ALL SELECT hash FROM ${identifications} WHERE ${ofProgram} AND visitor_id IN (${list(visitors)})`;
    const customerOf = sql`SELECT customer_id FROM ${customerKeys} WHERE ${ofProgram} AND hash IN (${told}) UNION ALL ${list(customerIds)}`;
    const keyed = sql`${told} UNION ALL SELECT hash FROM ${customerKeys} WHERE ${ofProgram} AND customer_id IN (${customerOf})`;
    const edgesOf = and(eq(identities.programId, programId), sql`${identities.hash} IN (${keyed})`);
    const browsers = sql`${list(visitors)} UNION ALL SELECT visitor_id FROM ${identities} WHERE ${ofProgram} AND hash IN (${keyed})`;
    const seenOf = sql`SELECT hash FROM ${identifications} WHERE ${ofProgram} AND visitor_id IN (${browsers})`;
    return { customerOf, keyed, edgesOf, seenOf, named: { browsers } };
  }

  /**
   * Two indexes, each over the few orders that are open; named, or SQLite reads all orders when asked of nobody. Those
   * whose hold may still run, and any that wait for proof. A server's first: pages may tell of any number.
   */
  function openOf({ programId, at, customerOf, visitors, rows = 1 }: OpenQuery) {
    const open = sql.raw("reason IN ('no_touch', 'outside_window')");
    const held = sql`received_at >= ${at} -
      (SELECT max(hold_days) FROM ${policies} WHERE ${policies.programId} = ${programId}) * ${DAY_MS}`;
    const by = (index: string, condition: SQL) =>
      db
        .select({ id: sql<ConversionId>`id`.as('id'), source: sql<Source>`source`.as('source') })
        .from(sql`${conversions} INDEXED BY ${sql.raw(index)}`)
        .where(sql`program_id = ${programId} AND ${condition}`);
    return by(
      'conversions_open_visitor',
      sql`${open} AND visitor_id IN (SELECT value FROM json_each(${JSON.stringify(visitors)})) AND ${held}`,
    )
      .union(
        by(
          'conversions_open_customer',
          sql`(${open} OR verified = 0) AND customer_id IN (${customerOf})
            AND (verified = 0 AND source = 'server' OR ${open} AND ${held})`,
        ),
      )
      .orderBy(sql`source DESC, id DESC`)
      .limit(MAX_OPEN * rows);
  }
}

/** Of each order renewed, its allocation, in which an assist has no part; counted from the subscription's very first. */
function renewedOf(
  rows: readonly {
    id: ConversionId;
    event: string;
    orderId: string;
    occurredAt: number;
    verified: boolean;
    explanation: ConversionRow['explanation'];
    partnerId: PartnerId | null;
    shareMicros: number | null;
    termsVersion: number;
  }[],
): Renewed[] {
  const orders = new Map(rows.map((row) => [row.id, row]));
  return [...orders.values()].map(({ id, event, orderId, occurredAt, verified, explanation }) => ({
    ...{ id, event, orderId, verified },
    firstAt: explanation.firstAt ?? occurredAt,
    allocations: rows.flatMap(({ id: of, partnerId, shareMicros, termsVersion }) =>
      of === id && partnerId !== null && shareMicros ? { partnerId, shareMicros, termsVersion } : [],
    ),
  }));
}

/** What comes in time, else what was known before. */
async function soon<Value>(fresh: Promise<Value>, known: Value): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const late = new Promise<Value>((resolve) => {
    timer = setTimeout(() => resolve(known), LINK_PATIENCE_MS);
  });
  try {
    return await Promise.race([fresh.catch(() => known), late]);
  } finally {
    if (timer) clearTimeout(timer);
  }
}

/** Codes by name, and the families they may belong to: all their beginnings, made here since they are many. */
const isNamed = (names: readonly string[]) => {
  const named = sql`json_each(${JSON.stringify(names)}) AS named`;
  return sql`${schema.codes.code} IN (SELECT named.value FROM ${named}
    UNION SELECT substr(named.value, 1, kept.value) || '*' FROM ${named} CROSS JOIN json_each(${LENGTHS}) AS kept)`;
};
const LENGTHS = JSON.stringify(Array.from({ length: MAX_CODE_LETTERS + 1 }, (_, letters) => letters));

/** `IN` over a list of any length with one parameter. */
const inJson = (column: Parameters<typeof inArray>[0], values: readonly string[]) =>
  sql`${column} IN (SELECT value FROM json_each(${JSON.stringify(values)}))`;
