/**
 * D1, behind questions and one commit.
 *
 * Every read names its program; only the look-ups that find it (a key's hash, a link's code) name none. `commit` is one
 * atomic batch: what may have moved since the reads is refused by the schema or by a compare-and-set inside it.
 */
import { and, asc, desc, eq, getTableColumns, gt, inArray, lt, or, sql } from 'drizzle-orm';
import type { BatchItem } from 'drizzle-orm/batch';
import { drizzle } from 'drizzle-orm/d1';
import type { Enrollment, Lock, Policy } from '../core/attribution.ts';
import { lineNames, type Terms } from '../core/commission.ts';
import type { ConversionId, CustomerId, LinkId, PartnerId, PersonId, ProgramId, VisitorId } from '../core/id.ts';
import type { CustomerKey, IdentityChange, KnownCustomer } from '../core/identity.ts';
import type { Transaction } from '../core/ledger.ts';
import type { TouchRow } from './clicks.ts';
import type { EnrollmentStatus, ProgramMode } from './schema.ts';
import * as schema from './schema.ts';

export type { CommissionStatus, EnrollmentStatus, Explanation, KeyKind, ProgramMode, Source } from './schema.ts';
export type Program = typeof schema.programs.$inferSelect;
export type Key = typeof schema.keys.$inferSelect;
export type Link = typeof schema.links.$inferSelect;
export type ConversionRow = typeof schema.conversions.$inferSelect;
export type ItemRow = typeof schema.conversionItems.$inferSelect;
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
  readonly enrollment: EnrolledPartner;
  readonly policies: readonly Policy[];
}

/** What an order is decided on. */
export interface OrderContext {
  readonly mode: ProgramMode;
  readonly policies: readonly Policy[];
  readonly terms: readonly Terms[];
  readonly enrollments: readonly EnrolledPartner[];
  /** The newest touches of the visitor. */
  readonly touches: readonly TouchRow[];
  readonly customers: readonly KnownCustomer[];
  /** Of the customers these keys name. */
  readonly locks: readonly (Lock & { readonly customerId: CustomerId })[];
  readonly existing: ConversionRow | null;
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
  | { kind: 'terms'; programId: ProgramId; savedAt: number; terms: Terms }
  /** A new version; `moved` when somebody else saved that number first. */
  | { kind: 'policy'; programId: ProgramId; savedAt: number; policy: Policy }
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
  lastTouch(programId: ProgramId, visitorId: VisitorId): Promise<TouchRow | null>;
  customers(programId: ProgramId, keys: readonly CustomerKey[]): Promise<KnownCustomer[]>;
  /** One round trip. */
  orderContext(order: {
    programId: ProgramId;
    event: string;
    orderId: string;
    visitorId: VisitorId | null;
    /** Partners named by tokens, beside those of the touches. */
    partnerIds: readonly PartnerId[];
    customerKeys: readonly CustomerKey[];
  }): Promise<OrderContext>;
  /** By id, or by event and order id; of a partner, only what its clicks were considered for, and its own part. */
  conversion(programId: ProgramId, by: ConversionKey, partnerId?: PartnerId): Promise<ConversionRecord | null>;
  /** Newest first; of a partner, the orders its clicks were considered for and its own part of them. Without the lines. */
  conversions(scope: Scope, page: { limit: number; before: ConversionId | null }): Promise<ConversionRecord[]>;
  commit(changes: readonly Change[]): Promise<Commit>;
}

/** Whose rows: a program's, or of it one partner's. */
export interface Scope {
  readonly programId: ProgramId;
  readonly partnerId: PartnerId | null;
}

export type ConversionKey = { id: ConversionId } | { event: string; orderId: string };

/** An order reads at most this many touches, the newest. */
const MAX_TOUCHES = 500;
/** No visitor's id: what an order without one is looked up by. */
const NOBODY = '' as VisitorId;
const LINK_TTL_MS = 30_000;
/** How long one look at a link may take before the next is tried. */
const LINK_RETRY_MS = 1_000;
const MAX_CACHED_LINKS = 5_000;
const MAX_ROWS = 2_000;
/** Browsers of one key, and people in one browser, that are remembered: more than are ever asked for. */
const MAX_REMEMBERED = 50;
/** How long a redirect waits for a fresh look at a link it already knows. */
const LINK_PATIENCE_MS = 150;

export function createStore(d1: D1Database, now: () => number): Store {
  const db = drizzle(d1, { schema });
  const { programs, policies, terms, keys, partners, enrollments, links, touches, customerKeys, considered } = schema;
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
  const customersOf = (programId: ProgramId, named: readonly CustomerKey[]) =>
    db
      .select({ hash: customerKeys.hash, customerId: customerKeys.customerId })
      .from(customerKeys)
      .where(
        and(
          eq(customerKeys.programId, programId),
          inArray(
            customerKeys.hash,
            named.map((key) => key.hash),
          ),
        ),
      );
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
      .select({ link: links, enrollment: enrollmentOf })
      .from(links)
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

  async function readLinkTarget(code: string): Promise<LinkTarget | null> {
    const [found] = await linkWithEnrollment(eq(links.code, code));
    return found ? { ...found, policies: await policiesOf(found.link.programId) } : null;
  }

  return {
    async key(hash) {
      const [found] = await db.select().from(keys).where(eq(keys.hash, hash)).limit(1);
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

    async lastTouch(programId, visitorId) {
      const [last] = await db
        .select()
        .from(touches)
        .where(and(eq(touches.programId, programId), eq(touches.visitorId, visitorId)))
        .orderBy(desc(touches.clickKey))
        .limit(1);
      return last ?? null;
    },

    customers: (programId, named) => (named.length === 0 ? Promise.resolve([]) : customersOf(programId, named)),

    async orderContext({ programId, event, orderId, visitorId, partnerIds, customerKeys: named }) {
      const touchesOf = () =>
        db
          .select()
          .from(touches)
          .where(and(eq(touches.programId, programId), eq(touches.visitorId, visitorId ?? NOBODY)))
          .orderBy(desc(touches.clickKey))
          .limit(MAX_TOUCHES);
      const known = customersOf(programId, named);
      const [[program], policyRows, termRows, touchRows, enrolledRows, customerRows, locks, [existing]] =
        await db.batch([
          db.select({ mode: programs.mode }).from(programs).where(eq(programs.id, programId)),
          policiesOf(programId),
          termsOf(programId),
          touchesOf(),
          enrolled(
            and(
              eq(enrollments.programId, programId),
              sql`${enrollments.partnerId} IN (SELECT value FROM json_each(${JSON.stringify(partnerIds)}) UNION SELECT partner_id FROM ${touchesOf().as('touched')}
                UNION SELECT partner_id FROM ${customerLocks} WHERE ${customerLocks.programId} = ${programId}
                  AND ${customerLocks.customerId} IN (SELECT customer_id FROM ${known.as('known')}))`,
            ),
          ),
          known,
          db
            .select({
              customerId: customerLocks.customerId,
              partnerId: customerLocks.partnerId,
              boundAt: customerLocks.boundAt,
            })
            .from(customerLocks)
            .where(
              and(
                eq(customerLocks.programId, programId),
                sql`${customerLocks.customerId} IN (SELECT customer_id FROM ${known.as('known')})`,
              ),
            ),
          db
            .select()
            .from(conversions)
            .where(
              and(eq(conversions.programId, programId), eq(conversions.event, event), eq(conversions.orderId, orderId)),
            ),
        ]);
      if (!program) throw new Error(`program ${programId} is gone`);
      return {
        mode: program.mode,
        policies: policyRows,
        terms: termRows,
        touches: touchRows,
        enrollments: enrolledRows,
        customers: customerRows,
        locks,
        existing: existing ?? null,
      };
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

    async commit(changes) {
      const statements = changes.flatMap(write);
      const [first, ...rest] = statements;
      if (!first) return 'done';
      try {
        await db.batch([first, ...rest]);
        return 'done';
      } catch (cause) {
        if (isMoved(cause)) return 'moved';
        throw cause;
      }
    },
  };

  /** The statements of one change, in the order they must run. */
  function write(change: Change): BatchItem<'sqlite'>[] {
    switch (change.kind) {
      case 'conversion': {
        const { conversion, items, allocations: parts, commissions: earned } = change.record;
        return [
          ...(change.replaces === null
            ? [db.insert(conversions).values(conversion)]
            : replace(conversion, change.replaces)),
          ...bulk(conversionItems, items),
          ...bulk(allocations, parts),
          ...bulk(
            commissions,
            earned.map(({ partner: _partner, name: _name, ...row }) => row),
          ),
          ...bulk(considered, consideredBy(change.record)),
        ];
      }
      case 'posting':
        return posting(change.transaction);
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
      case 'customer':
        return change.keys.map((key) =>
          db
            .insert(customerKeys)
            .values({ programId: change.programId, customerId: change.customerId, ...key })
            // A browser that is quicker than a server must not undo what the server ties.
            .onConflictDoUpdate({
              target: [customerKeys.programId, customerKeys.hash],
              set: { customerId: change.customerId },
              setWhere: sql`${change.ties ? 1 : 0} = 1`,
            }),
        );
      case 'identity':
        return seen(change);
    }
  }

  /** Somebody was seen in a browser. What a key and a browser remember is bounded, the oldest and unproven go first. */
  function seen({ programId, visitorId, hash, at, proven }: Change & { kind: 'identity' }): BatchItem<'sqlite'>[] {
    const edge = and(eq(identities.programId, programId), eq(identities.hash, hash));
    const here = and(eq(identifications.programId, programId), eq(identifications.visitorId, visitorId));
    return [
      db
        .insert(identities)
        .values({ programId, hash, visitorId, lastAt: at, proven })
        .onConflictDoUpdate({
          target: [identities.programId, identities.hash, identities.visitorId],
          set: {
            lastAt: sql`max(${identities.lastAt}, ${at})`,
            proven: sql`max(${identities.proven}, ${proven ? 1 : 0})`,
          },
          setWhere: sql`${identities.lastAt} < ${at} OR ${identities.proven} < ${proven ? 1 : 0}`,
        }),
      db.delete(identities).where(
        and(
          edge,
          sql`${identities.visitorId} IN (SELECT visitor_id FROM ${identities} WHERE ${edge}
            ORDER BY proven DESC, last_at DESC LIMIT -1 OFFSET ${MAX_REMEMBERED})`,
        ),
      ),
      db.insert(identifications).values({ programId, visitorId, at, hash }).onConflictDoNothing(),
      db
        .delete(identifications)
        .where(
          and(
            here,
            sql`${identifications.at} < (SELECT at FROM ${identifications} WHERE ${here} ORDER BY at DESC LIMIT 1 OFFSET ${MAX_REMEMBERED})`,
          ),
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

  function posting({ entries, ...head }: Transaction): BatchItem<'sqlite'>[] {
    const { programId, currency, id } = head;
    const accounts = entries.map((entry) => entry.account);
    const { ledgerEntries, ledgerTransactions } = schema;
    return [
      db.insert(ledgerTransactions).values(head),
      ...bulk(
        ledgerEntries,
        entries.map((entry) => ({ programId, currency, transactionId: id, ...entry })),
      ),
      // Core has balanced it; the database does not take its word for it.
      mustHold(
        programId,
        sql`(SELECT sum(${ledgerEntries.amount}) FROM ${ledgerEntries}
        WHERE ${ledgerEntries.programId} = ${programId} AND ${ledgerEntries.currency} = ${currency}
        AND ${inJson(ledgerEntries.account, accounts)} AND ${ledgerEntries.transactionId} = ${id}) = 0`,
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
  ): BatchItem<'sqlite'>[] {
    const fields = Object.keys(getTableColumns(table)).map((field) => sql.raw(`value ->> '${field}'`));
    return Array.from({ length: Math.ceil(rows.length / MAX_ROWS) }, (_, part) => {
      const json = JSON.stringify(rows.slice(part * MAX_ROWS, (part + 1) * MAX_ROWS));
      return db.insert(table).select(sql`SELECT ${sql.join(fields, sql`, `)} FROM json_each(${json})`);
    });
  }
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

/** `IN` over a list of any length with one parameter. */
const inJson = (column: Parameters<typeof inArray>[0], values: readonly string[]) =>
  sql`${column} IN (SELECT value FROM json_each(${JSON.stringify(values)}))`;

/** Expressions that SQLite refuses to work out, each in words of its own. */
const FAILURES = { moved: sql`json('!')`, fault: sql`abs(-9223372036854775807 - 1)` };
const MOVED = /UNIQUE constraint failed|malformed JSON/;

/** The database refused because somebody else was first: a unique key, or a compare-and-set of `mustHold`. */
function isMoved(cause: unknown): boolean {
  for (let error = cause; error instanceof Error; error = error.cause) {
    if (MOVED.test(error.message)) return true;
  }
  return false;
}
