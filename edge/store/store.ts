/**
 * D1, behind questions and one commit.
 *
 * Every read names its program; only the look-ups that find it (a key's hash, a link's code) name none. `commit` is one
 * atomic batch: what may have moved since the reads is refused by the schema or by a compare-and-set inside it.
 */
import { and, asc, desc, eq, getTableColumns, gt, type inArray, lt, lte, or, type SQL, sql } from 'drizzle-orm';
import type { BatchItem } from 'drizzle-orm/batch';
import { drizzle } from 'drizzle-orm/d1';
import { alias } from 'drizzle-orm/sqlite-core';
import {
  type Code,
  DAY_MS,
  type Enrollment,
  type Lock,
  MAX_CODE_LETTERS,
  type Override,
  type Placement,
  type Policy,
  type Share,
} from '../core/attribution.ts';
import { lineNames, type Terms } from '../core/commission.ts';
import type {
  ConversionId,
  CustomerId,
  GroupId,
  LinkId,
  PartnerId,
  PersonId,
  ProgramId,
  VisitorId,
} from '../core/id.ts';
import type { CustomerKey, Edge, Identification, IdentityChange, KnownCustomer } from '../core/identity.ts';
import type { Transaction } from '../core/ledger.ts';
import { AlreadyAnswered } from '../core/result.ts';
import type { EnrollmentStatus, ProgramMode, Source } from './schema.ts';
import * as schema from './schema.ts';

export type { CommissionStatus, EnrollmentStatus, Explanation, KeyKind, ProgramMode, Source } from './schema.ts';
export type Program = typeof schema.programs.$inferSelect;
/** With how far its program's clock runs ahead. */
export type Key = typeof schema.keys.$inferSelect & { readonly clockOffsetMs: number };
export type Link = typeof schema.links.$inferSelect;
export type Group = typeof schema.groups.$inferSelect;
export type AuditEntry = typeof schema.audit.$inferSelect;
export type ConversionRow = typeof schema.conversions.$inferSelect;
export type ItemRow = typeof schema.conversionItems.$inferSelect;
export type Answer = typeof schema.answers.$inferSelect;
export type AllocationRow = typeof schema.allocations.$inferSelect;
/** With the partner's slug in the program, and its name. */
export type CommissionRow = typeof schema.commissions.$inferSelect & {
  readonly partner: string;
  readonly name: string;
};

/** A partner of a program, by the names people use. */
export interface EnrolledPartner extends Enrollment {
  readonly slug: string;
  readonly name: string;
  readonly status: EnrollmentStatus;
}

/** What a redirect needs to know of a link. */
export interface LinkTarget {
  readonly link: Link;
  /** How far its program's clock runs ahead. */
  readonly clockOffsetMs: number;
  readonly enrollment: EnrolledPartner;
  readonly policies: readonly Policy[];
}

/** What orders name, to be looked up together. */
export interface OrderQuery {
  readonly programId: ProgramId;
  readonly orders: readonly { readonly event: string; readonly orderId: string }[];
  /** Order ids or conversion ids of orders that these renew. */
  readonly renewals: readonly string[];
  /** Of customers' keys; and customers known from before. */
  readonly hashes: readonly string[];
  readonly customerIds: readonly CustomerId[];
  readonly visitors: readonly VisitorId[];
  /** As the orders name them, normalized. */
  readonly codes: readonly string[];
}

/** What is known of all that some orders name. */
export interface OrderContext {
  readonly mode: ProgramMode;
  readonly policies: readonly Policy[];
  readonly terms: readonly Terms[];
  readonly existing: readonly ConversionRow[];
  readonly renewed: readonly Renewed[];
  /** Whose the keys are: of the customers in question, and of everybody seen in a browser of theirs. */
  readonly customers: readonly KnownCustomer[];
  /** The customers' browsers, and who was seen in these and in the orders' own. */
  readonly edges: readonly Edge[];
  readonly identifications: readonly Identification[];
  readonly locks: readonly (Lock & { readonly customerId: CustomerId })[];
  readonly firstOrders: readonly { readonly customerId: CustomerId; readonly conversionId: ConversionId }[];
  readonly codes: readonly Code[];
  /** Orders of these customers and browsers that something told later may still change. */
  readonly open: readonly ConversionId[];
}

/** The order that a renewal takes its allocation from. */
export interface Renewed {
  readonly id: ConversionId;
  readonly event: string;
  readonly orderId: string;
  /** When the subscription's very first order occurred. */
  readonly firstAt: number;
  readonly allocations: readonly (Share & { readonly termsVersion: number })[];
}

/** Whom a click may be told of. */
export interface ClickTargets {
  readonly partners: readonly EnrolledPartner[];
  readonly links: readonly { readonly code: string; readonly linkId: LinkId; readonly partnerId: PartnerId }[];
  readonly codes: readonly { readonly code: string; readonly partnerId: PartnerId | null }[];
}

/** How partners stand in a program, with what their links and groups say. */
export interface Standing {
  readonly enrollments: readonly EnrolledPartner[];
  readonly placements: readonly Placement[];
  readonly overrides: readonly Override[];
  /** Who signs in for them. */
  readonly members: readonly { readonly partnerId: PartnerId; readonly email: string }[];
}

/** A conversion with everything that was decided about it. */
export interface ConversionRecord {
  readonly conversion: ConversionRow;
  readonly allocations: readonly AllocationRow[];
  readonly commissions: readonly CommissionRow[];
  /** What the lines are called: goods' names, else their sku; by number. */
  readonly lines: ReadonlyMap<number, string>;
}

export type Change =
  /** A new order, or (`replaces`) a corrected one if that version is still the one stored and nothing is locked. */
  | { kind: 'conversion'; record: ConversionRecord & { readonly items: readonly ItemRow[] }; replaces: number | null }
  | { kind: 'posting'; transaction: Transaction }
  /** Binds a customer who is unbound still, or bound to the partner named in `instead`. */
  | {
      kind: 'lock';
      programId: ProgramId;
      customerId: CustomerId;
      partnerId: PartnerId;
      boundAt: number;
      instead: PartnerId | null;
    }
  | { kind: 'first_order'; programId: ProgramId; customerId: CustomerId; conversionId: ConversionId }
  /** A server has proven what an order's credit rests on. */
  | { kind: 'verified'; programId: ProgramId; id: ConversionId; version: number }
  /** A partner joins a program; `moved` when its slug is taken. With an address, a person who may sign in for it. */
  | {
      kind: 'partner';
      programId: ProgramId;
      enrollment: EnrolledPartner;
      person: { id: PersonId; email: string; membershipId: string } | null;
    }
  | { kind: 'enrollment'; programId: ProgramId; enrollment: EnrolledPartner }
  /** `moved` when the code is taken, in this program or another. */
  | { kind: 'link'; link: Link }
  | { kind: 'group'; group: Group }
  /** `moved` when the program has that code already. */
  | { kind: 'code'; programId: ProgramId; code: Code; createdAt: number }
  | { kind: 'placement'; programId: ProgramId; placement: Placement }
  | { kind: 'override'; programId: ProgramId; savedAt: number; override: Override }
  | { kind: 'audit'; entry: AuditEntry }
  | { kind: 'terms'; programId: ProgramId; savedAt: number; terms: Terms }
  /** A new version; `moved` when somebody else saved that number first. */
  | { kind: 'policy'; programId: ProgramId; savedAt: number; policy: Policy }
  /** What a call that named itself is answered. Throws `AlreadyAnswered` when the name has an answer, whatever else is in the batch. */
  | { kind: 'answer'; answer: Answer }
  /** Moves a sandbox's clock forward, to run this far ahead; never back, and never a live program's. */
  | { kind: 'clock'; programId: ProgramId; offsetMs: number }
  | IdentityChange;

/** `moved`: somebody else was first; nothing was written. */
export type Commit = 'done' | 'moved';

export interface Store {
  key(hash: string): Promise<Key | null>;
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
  customers(programId: ProgramId, keys: readonly CustomerKey[]): Promise<KnownCustomer[]>;
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

/** A call may be repeated under its name for this long. */
const ANSWER_TTL_MS = 86_400_000;

/** Changes of which a commit may hold thousands: each table of theirs is written once. */
const TOGETHER: ReadonlySet<Change['kind']> = new Set(['conversion', 'posting', 'customer', 'identity']);
type Single = Exclude<Change, { kind: 'conversion' | 'posting' | 'customer' | 'identity' }>;

/** Whose rows: a program's, or of it one partner's. */
export interface Scope {
  readonly programId: ProgramId;
  readonly partnerId: PartnerId | null;
}

export type ConversionKey = { id: ConversionId } | { event: string; orderId: string };

const LINK_TTL_MS = 30_000;
/** How long one look at a link may take before the next is tried. */
const LINK_RETRY_MS = 1_000;
const MAX_CACHED_LINKS = 5_000;
/** Letters: half of what D1 takes in bytes. */
const MAX_PARAMETER = 900_000;
/** Orders looked at again when one thing arrives late. */
const MAX_OPEN = 20;
/** Browsers of one key, and people in one browser, that are remembered: more than are ever asked for. */
const MAX_REMEMBERED = 50;
/** How long a redirect waits for a fresh look at a link it already knows. */
const LINK_PATIENCE_MS = 150;

export function createStore(d1: D1Database, now: () => number): Store {
  const db = drizzle(d1, { schema });
  const { programs, policies, terms, keys, partners, enrollments, links, customerKeys, considered } = schema;
  const { groups, placements, policyOverrides, codes, firstOrders, audit } = schema;
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
  const customersOf = (programId: ProgramId, named: readonly CustomerKey[]) => {
    const hashes = named.map((key) => key.hash);
    return db
      .select({ hash: customerKeys.hash, customerId: customerKeys.customerId })
      .from(customerKeys)
      .where(and(eq(customerKeys.programId, programId), inJson(customerKeys.hash, hashes)));
  };
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

    customers: (programId, named) => (named.length === 0 ? Promise.resolve([]) : customersOf(programId, named)),

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
          .select({ hash: customerKeys.hash, customerId: customerKeys.customerId })
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
        openOf(programId, customerOf, query.visitors),
        db
          .select({
            id: first.id,
            event: first.event,
            orderId: first.orderId,
            occurredAt: first.occurredAt,
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
          .where(and(eq(memberships.programId, programId), inJson(memberships.partnerId, partnerIds))),
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

    async openOrders({ programId, visitors, hashes, rows = 1 }) {
      const { customerOf } = peopleOf({ programId, visitors, hashes, customerIds: [] });
      return (await openOf(programId, customerOf, visitors, rows)).map((one) => one.id);
    },

    async conversion(programId, by, partnerId) {
      const which =
        'id' in by
          ? eq(conversions.id, by.id)
          : and(eq(conversions.event, by.event), eq(conversions.orderId, by.orderId));
      const [conversion] = await db
        .select()
        .from(conversions)
        .where(and(eq(conversions.programId, programId), which));
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
      const own = conversion.explanation.candidates.some((one) => one.partnerId === partnerId);
      if (partnerId && !own && earned.length === 0) return null;
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
      const statements = statementsOf(changes);
      const [first, ...rest] = statements;
      if (!first) return 'done';
      try {
        await db.batch([first, ...rest]);
        forgetClocks(changes);
        return 'done';
      } catch (cause) {
        if (saysAny(cause, ANSWERED))
          throw new AlreadyAnswered('a call of this Idempotency-Key has its answer', { cause });
        if (saysAny(cause, MOVED)) return 'moved';
        throw cause;
      }
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
   * Two indexes, each over the few orders that are open; named, or SQLite reads all orders when asked of
   * nobody. A server's first: pages may tell of any number. */
  function openOf(programId: ProgramId, customerOf: SQL, visitors: readonly VisitorId[], rows = 1) {
    const open = sql.raw("reason IN ('no_touch', 'outside_window')");
    const by = (index: string, condition: SQL) =>
      db
        .select({ id: sql<ConversionId>`id`.as('id'), source: sql<Source>`source`.as('source') })
        .from(sql`${conversions} INDEXED BY ${sql.raw(index)}`)
        .where(sql`program_id = ${programId} AND ${condition}`);
    return by(
      'conversions_open_visitor',
      sql`${open} AND visitor_id IN (SELECT value FROM json_each(${JSON.stringify(visitors)}))`,
    )
      .union(by('conversions_open_customer', sql`(${open} OR verified = 0) AND customer_id IN (${customerOf})`))
      .orderBy(sql`source DESC, id DESC`)
      .limit(MAX_OPEN * rows);
  }

  /** New orders and their postings together, each table once; what stands besides, in the order it came. */
  function statementsOf(changes: readonly Change[]): BatchItem<'sqlite'>[] {
    const orders = changes.filter((one) => one.kind === 'conversion');
    const fresh = orders.filter((one) => one.replaces === null);
    const records = orders.map((one) => one.record);
    const rest = changes.filter((one): one is Single => !TOGETHER.has(one.kind));
    const after = (one: Change) => one.kind === 'lock' || one.kind === 'first_order';
    return [
      // The answer first: whoever repeats a call hears of that, before its work can collide with the first one's.
      ...rest.filter((one) => one.kind === 'answer').flatMap(write),
      ...rest.filter((one) => !after(one) && one.kind !== 'answer').flatMap(write),
      ...keysOf(changes.filter((one) => one.kind === 'customer')),
      ...seen(changes.filter((one) => one.kind === 'identity')),
      ...orders.flatMap(({ record, replaces }) => (replaces === null ? [] : replace(record.conversion, replaces))),
      ...bulk(
        conversions,
        fresh.map((one) => one.record.conversion),
      ),
      ...bulk(
        conversionItems,
        records.flatMap((one) => one.items),
      ),
      ...bulk(
        allocations,
        records.flatMap((one) => one.allocations),
      ),
      ...bulk(
        commissions,
        records.flatMap((one) => one.commissions.map(({ partner: _partner, name: _name, ...row }) => row)),
      ),
      ...bulk(considered, records.flatMap(consideredBy)),
      ...rest.filter(after).flatMap(write),
      ...postings(changes.flatMap((one) => (one.kind === 'posting' ? one.transaction : []))),
    ];
  }

  /** The statements of one change, in the order they must run. */
  function write(change: Single): BatchItem<'sqlite'>[] {
    switch (change.kind) {
      case 'lock': {
        const { programId, customerId, partnerId, boundAt, instead } = change;
        return [
          db
            .insert(customerLocks)
            .values({ programId, customerId, partnerId, boundAt })
            .onConflictDoUpdate({
              target: [customerLocks.programId, customerLocks.customerId],
              set: { partnerId, boundAt },
              setWhere: sql`${customerLocks.partnerId} = ${instead}`,
            }),
        ];
      }
      case 'first_order': {
        const { kind: _kind, ...row } = change;
        return [db.insert(firstOrders).values(row)];
      }
      case 'verified': {
        const { programId, id, version } = change;
        const which = and(
          eq(conversions.programId, programId),
          eq(conversions.id, id),
          eq(conversions.version, version),
        );
        return [db.update(conversions).set({ verified: true }).where(which)];
      }
      case 'group':
        return [db.insert(groups).values(change.group)];
      case 'code': {
        const { programId, code, createdAt } = change;
        return [db.insert(codes).values({ programId, ...code, createdAt })];
      }
      case 'placement':
        return [db.insert(placements).values({ programId: change.programId, ...change.placement })];
      case 'override': {
        const { programId, savedAt, override } = change;
        return [db.insert(policyOverrides).values({ programId, savedAt, ...override })];
      }
      case 'audit':
        return [db.insert(audit).values(change.entry)];
      case 'partner':
        return joins(change);
      case 'enrollment': {
        const { status, stoppedAt, forCause, partnerId } = change.enrollment;
        return [
          db
            .update(enrollments)
            .set({ status, stoppedAt, forCause })
            .where(and(eq(enrollments.programId, change.programId), eq(enrollments.partnerId, partnerId))),
        ];
      }
      case 'link':
        return [db.insert(links).values(change.link)];
      case 'terms':
        return [db.insert(terms).values({ ...change.terms, programId: change.programId, savedAt: change.savedAt })];
      case 'policy':
        return [db.insert(policies).values({ ...change.policy, programId: change.programId, savedAt: change.savedAt })];
      case 'answer': {
        const { answers } = schema;
        const { programId, keyHash, at } = change.answer;
        return [
          db
            .delete(answers)
            .where(
              and(eq(answers.programId, programId), eq(answers.keyHash, keyHash), lte(answers.at, at - ANSWER_TTL_MS)),
            ),
          db.insert(answers).values(change.answer),
        ];
      }
      case 'clock':
        return [
          db
            .update(programs)
            .set({ clockOffsetMs: sql`max(${programs.clockOffsetMs}, ${change.offsetMs})` })
            .where(and(eq(programs.id, change.programId), eq(programs.mode, 'sandbox'))),
        ];
    }
  }

  /** What customers are known by. A browser that is quicker than a server must not undo what the server ties. */
  function keysOf(changes: readonly (Change & { kind: 'customer' })[]): BatchItem<'sqlite'>[] {
    const rows = (ties: boolean) =>
      changes
        .filter((one) => one.ties === ties)
        .flatMap(({ programId, customerId, keys: named }) => named.map((key) => ({ programId, customerId, ...key })));
    const moved = sql`customer_id = excluded.customer_id`;
    return [
      ...bulk(customerKeys, rows(true), sql`ON CONFLICT (program_id, hash) DO UPDATE SET ${moved}`),
      ...bulk(customerKeys, rows(false), sql`ON CONFLICT DO NOTHING`),
    ];
  }

  /**
   * Who was seen in which browser. A page that tells the same every minute is written once a day; what a key and a
   * browser remember is bounded, the oldest and unproven go first.
   */
  function seen(changes: readonly (Change & { kind: 'identity' })[]): BatchItem<'sqlite'>[] {
    const [first] = changes;
    if (!first) return [];
    const { programId } = first;
    const of = (column: SQL, names: readonly string[]) =>
      sql`program_id = ${programId} AND ${column} IN (SELECT value FROM json_each(${JSON.stringify([...new Set(names)])}))`;
    const edges = of(
      sql`hash`,
      changes.map((one) => one.hash),
    );
    const browsers = of(
      sql`visitor_id`,
      changes.map((one) => one.visitorId),
    );
    const beyond = (
      table: typeof identities | typeof identifications,
      rows: SQL,
      key: SQL,
      order: SQL,
    ) => sql`(${key}) IN
      (SELECT ${key} FROM (SELECT *, row_number() OVER (PARTITION BY ${order}) AS place FROM ${table} WHERE ${rows})
        WHERE place > ${MAX_REMEMBERED})`;
    return [
      ...bulk(
        identities,
        changes.map(({ at, kind: _kind, ...edge }) => ({ ...edge, lastAt: at })),
        sql`ON CONFLICT (program_id, hash, visitor_id) DO UPDATE
          SET last_at = max(last_at, excluded.last_at), proven = max(proven, excluded.proven)
          WHERE excluded.last_at >= last_at + ${DAY_MS} OR excluded.proven > proven`,
      ),
      db
        .delete(identities)
        .where(
          and(edges, beyond(identities, edges, sql`hash, visitor_id`, sql`hash ORDER BY proven DESC, last_at DESC`)),
        ),
      ...bulk(
        identifications,
        changes.map(({ programId, visitorId, at, hash, proven }) => {
          const beside = changes.filter((one) => one.visitorId === visitorId && one.at === at).map((one) => one.hash);
          return { programId, visitorId, at, hash, proven, beside: [...new Set(beside)].sort().join() };
        }),
        sql`ON CONFLICT DO NOTHING`,
        // A server may tell of the past, or of many at once: there what seems to repeat may not.
        sql`(value ->> 'proven' OR value ->> 'beside' IS NOT (SELECT group_concat(hash) FROM (SELECT hash
          FROM ${identifications} AS last WHERE last.program_id = value ->> 'programId'
          AND last.visitor_id = value ->> 'visitorId' AND last.at >= (value ->> 'at') - ${DAY_MS}
          AND last.at = (SELECT max(before.at) FROM ${identifications} AS before WHERE before.program_id = last.program_id
            AND before.visitor_id = last.visitor_id AND before.at <= value ->> 'at')
          ORDER BY hash)))`,
      ),
      db
        .delete(identifications)
        .where(
          and(browsers, beyond(identifications, browsers, sql`visitor_id, at, hash`, sql`visitor_id ORDER BY at DESC`)),
        ),
    ];
  }

  function joins({ programId, enrollment, person }: Change & { kind: 'partner' }): BatchItem<'sqlite'>[] {
    const { name, ...place } = enrollment;
    const { partnerId } = place;
    return [
      db.insert(partners).values({ id: partnerId, name }),
      db.insert(enrollments).values({ programId, ...place }),
      ...(person
        ? [
            // Who is known by that address already keeps the name and gets one more place.
            db.insert(people).values({ id: person.id, email: person.email, name }).onConflictDoNothing(),
            db
              .insert(memberships)
              .select(
                sql`SELECT ${person.membershipId}, id, ${programId}, ${partnerId} FROM ${people} WHERE ${people.email} = ${person.email}`,
              ),
          ]
        : []),
    ];
  }

  /** A corrected order takes the place of the one it corrects; the ledger keeps what was posted for both. */
  function replace(row: ConversionRow, version: number): BatchItem<'sqlite'>[] {
    const { programId, id } = row;
    const unlocked = sql`NOT EXISTS (SELECT 1 FROM ${commissions} WHERE ${commissions.programId} = ${programId}
      AND ${commissions.conversionId} = ${id} AND ${commissions.status} <> 'pending')`;
    return [
      db
        .update(conversions)
        .set(row)
        .where(
          and(eq(conversions.programId, programId), eq(conversions.id, id), eq(conversions.version, version), unlocked),
        ),
      mustHold(programId, sql`changes() = 1`, 'moved'),
      db
        .delete(conversionItems)
        .where(and(eq(conversionItems.programId, programId), eq(conversionItems.conversionId, id))),
      db.delete(allocations).where(and(eq(allocations.programId, programId), eq(allocations.conversionId, id))),
      db.delete(commissions).where(and(eq(commissions.programId, programId), eq(commissions.conversionId, id))),
      // The table is keyed by partner: asked for each of the program's, rather than read whole.
      db
        .delete(considered)
        .where(
          and(
            eq(considered.programId, programId),
            eq(considered.conversionId, id),
            sql`${considered.partnerId} IN (SELECT partner_id FROM ${enrollments} WHERE ${enrollments.programId} = ${programId})`,
          ),
        ),
    ];
  }

  function postings(transactions: readonly Transaction[]): BatchItem<'sqlite'>[] {
    const { ledgerEntries, ledgerTransactions } = schema;
    const [first] = transactions;
    if (!first) return [];
    const sums = transactions.map(({ id, currency, entries }) => ({
      id,
      currency,
      accounts: entries.map((one) => one.account),
    }));
    return [
      ...bulk(
        ledgerTransactions,
        transactions.map(({ entries: _entries, ...head }) => head),
      ),
      ...bulk(
        ledgerEntries,
        transactions.flatMap(({ programId, currency, id: transactionId, entries }) =>
          entries.map((entry) => ({ programId, currency, transactionId, ...entry })),
        ),
      ),
      // Core has balanced them; the database does not take its word for it.
      mustHold(
        first.programId,
        sql`(SELECT count(*) FROM json_each(${JSON.stringify(sums)}) AS posted WHERE
          (SELECT sum(amount) FROM ${ledgerEntries} WHERE program_id = ${first.programId}
            AND account IN (SELECT value FROM json_each(posted.value -> 'accounts'))
            AND currency = posted.value ->> 'currency' AND transaction_id = posted.value ->> 'id') IS NOT 0) = 0`,
        'fault',
      ),
    ];
  }

  /**
   * Aborts the whole batch unless the condition holds: D1 has no other way to say "only if". Asked of the program's own
   * row, since drizzle batches no bare expression. Which failure it is, `isMoved` reads from the database's words.
   */
  function mustHold(
    programId: ProgramId,
    condition: ReturnType<typeof sql>,
    or: 'moved' | 'fault',
  ): BatchItem<'sqlite'> {
    return db
      .select({ held: sql`CASE ${condition} WHEN 1 THEN 1 ELSE ${FAILURES[or]} END` })
      .from(programs)
      .where(eq(programs.id, programId));
  }

  /** Inserts rows as JSON, a parameter for thousands: D1 takes a hundred parameters, and none above 2 MB. */
  function bulk<Table extends Parameters<typeof db.insert>[0]>(
    table: Table,
    rows: readonly Table['$inferInsert'][],
    otherwise = sql``,
    when = sql`true`,
  ): BatchItem<'sqlite'>[] {
    const fields = Object.keys(getTableColumns(table)).map((field) => sql.raw(`value ->> '${field}'`));
    return parameters(rows).map((json) =>
      db
        .insert(table)
        .select(sql`SELECT ${sql.join(fields, sql`, `)} FROM json_each(${json}) WHERE ${when} ${otherwise}`),
    );
  }
}

/** Rows as JSON lists, none of them longer than a parameter may be. */
function parameters(rows: readonly unknown[]): string[] {
  const lists: string[][] = [];
  let size = MAX_PARAMETER;
  for (const row of rows) {
    const text = JSON.stringify(row);
    size += text.length;
    if (size > MAX_PARAMETER) {
      lists.push([]);
      size = text.length;
    }
    lists.at(-1)?.push(text);
  }
  return lists.map((list) => `[${list.join()}]`);
}

/** Of each order renewed, its allocation; counted from the subscription's very first. */
function renewedOf(
  rows: readonly {
    id: ConversionId;
    event: string;
    orderId: string;
    occurredAt: number;
    explanation: ConversionRow['explanation'];
    partnerId: PartnerId | null;
    shareMicros: number | null;
    termsVersion: number;
  }[],
): Renewed[] {
  const orders = new Map(rows.map((row) => [row.id, row]));
  return [...orders.values()].map(({ id, event, orderId, occurredAt, explanation }) => ({
    ...{ id, event, orderId },
    firstAt: explanation.firstAt ?? occurredAt,
    allocations: rows.flatMap(({ id: of, partnerId, shareMicros, termsVersion }) =>
      of === id && partnerId !== null && shareMicros !== null ? { partnerId, shareMicros, termsVersion } : [],
    ),
  }));
}

/** Every partner with a click beside the order or a part of it. */
function consideredBy({ conversion, commissions }: ConversionRecord): (typeof schema.considered.$inferInsert)[] {
  const partners = [...conversion.explanation.candidates, ...commissions].map((one) => one.partnerId);
  const { programId, id: conversionId } = conversion;
  return [...new Set(partners)].map((partnerId) => ({ programId, partnerId, conversionId }));
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

/** Expressions that SQLite refuses to work out, each in words of its own. */
const FAILURES = { moved: sql`json('!')`, fault: sql`abs(-9223372036854775807 - 1)` };
/** The database refused because somebody else was first: a unique key, or a compare-and-set of `mustHold`. */
const MOVED = /UNIQUE constraint failed|malformed JSON/;
const ANSWERED = /UNIQUE constraint failed: answers\./;

function saysAny(cause: unknown, words: RegExp): boolean {
  for (let error = cause; error instanceof Error; error = error.cause) {
    if (words.test(error.message)) return true;
  }
  return false;
}
