/**
 * The one commit: changes become statements of a single atomic batch. What may have moved since the reads is refused by the
 * schema or by a compare-and-set inside it; nothing is ever half written.
 */
import { and, eq, getTableColumns, lte, type SQL, sql } from 'drizzle-orm';
import type { BatchItem } from 'drizzle-orm/batch';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import { DAY_MS } from '../core/attribution.ts';
import type { Transaction } from '../core/ledger.ts';
import { AlreadyAnswered } from '../core/result.ts';
import { createAccountStatements } from './account-changes.ts';
import { ANSWER_TTL_MS, type Change, type Commit, type ConversionRecord, type ConversionRow } from './records.ts';
import * as schema from './schema.ts';

/** Changes of which a commit may hold thousands: each table of theirs is written once. */
const TOGETHER = ['conversion', 'posting', 'customer', 'rehashed', 'identity', 'unheard'] as const;
type Together = (typeof TOGETHER)[number];
type Single = Exclude<Change, { kind: Together }>;
const isSingle = (one: Change): one is Single => !(TOGETHER as readonly string[]).includes(one.kind);

/** Letters: half of what D1 takes in bytes. */
const MAX_PARAMETER = 900_000;
/** Browsers of one key, and people in one browser, that are remembered: more than are ever asked for. */
const MAX_REMEMBERED = 50;

/** `touchesHere`: clicks and touches lie in the same database, so that a commit may ask for them. */
export function createCommit(
  db: DrizzleD1Database<typeof schema>,
  { touchesHere }: { touchesHere: boolean },
): (changes: readonly Change[]) => Promise<Commit> {
  const { programs, policies, terms, partners, enrollments, links, customerKeys, considered } = schema;
  const { groups, placements, policyOverrides, codes, firstOrders, audit, auditOpen, auditSeals, touches } = schema;
  const { conversions, conversionItems, allocations, commissions, customerLocks } = schema;
  const { identities, identifications, memberships, people } = schema;
  const ofAccount = createAccountStatements(db, (condition) => mustHold(condition, 'moved'));

  return async (changes) => {
    const [first, ...rest] = statementsOf(changes);
    if (!first) return 'done';
    try {
      await db.batch([first, ...rest]);
      return 'done';
    } catch (cause) {
      if (saysAny(cause, ANSWERED)) {
        throw new AlreadyAnswered('a call of this Idempotency-Key has its answer', { cause });
      }
      if (saysAny(cause, MOVED)) return 'moved';
      throw cause;
    }
  };

  /** New orders and their postings together, each table once; what stands besides, in the order it came. */
  function statementsOf(changes: readonly Change[]): BatchItem<'sqlite'>[] {
    const orders = changes.filter((one) => one.kind === 'conversion');
    const fresh = orders.filter((one) => one.replaces === null);
    const records = orders.map((one) => one.record);
    const rest = changes.filter(isSingle);
    const after = (one: Change) => one.kind === 'lock' || one.kind === 'first_order';
    return [
      // The answer first: whoever repeats a call hears of that, before its work can collide with the first one's.
      ...rest.filter((one) => one.kind === 'answer').flatMap(write),
      ...unheard(changes.filter((one) => one.kind === 'unheard')),
      ...rest.filter((one) => !after(one) && one.kind !== 'answer').flatMap(write),
      ...keysOf(changes.filter((one) => one.kind === 'customer')),
      ...rehashed(changes.filter((one) => one.kind === 'rehashed')),
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
        return [db.update(conversions).set({ verified: true }).where(which), mustHold(sql`changes() = 1`, 'moved')];
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
      case 'seals': {
        const { programId, at, links, settled } = change;
        const these = sql`${auditOpen.id} IN (SELECT value FROM json_each(${JSON.stringify(settled)}))`;
        return [
          ...bulk(
            auditSeals,
            links.map((link) => ({ programId, ...link, sealedAt: at })),
          ),
          db.delete(auditOpen).where(and(eq(auditOpen.programId, programId), these)),
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
      default:
        return ofAccount(change);
    }
  }

  /** Orders that nobody earned, or that wait for proof: what arrives meanwhile must not miss them, nor they it. */
  function unheard(changes: readonly (Change & { kind: 'unheard' })[]): BatchItem<'sqlite'>[] {
    const [first] = changes;
    if (!first) return [];
    const ofProgram = sql`program_id = ${first.programId}`;
    const list = (name: string) => sql`SELECT value FROM json_each(asked.value -> ${name})`;
    const heard = JSON.stringify(changes.map((one) => one.heard));
    const touched = sql`(SELECT count(*) FROM ${touches} WHERE ${ofProgram} AND visitor_id IN (${list('visitors')}))`;
    return [
      mustHold(
        sql`NOT EXISTS (SELECT 1 FROM json_each(${heard}) AS asked WHERE
          (SELECT coalesce(sum(1 + proven), 0) FROM ${identities} WHERE ${ofProgram}
            AND hash IN (${list('hashes')} UNION SELECT hash
            FROM ${customerKeys} WHERE ${ofProgram} AND customer_id = asked.value ->> 'customerId'))
            <> asked.value ->> 'edges'
          OR (SELECT count(*) FROM ${identifications} WHERE ${ofProgram} AND visitor_id = asked.value ->> 'visitorId')
            <> asked.value ->> 'identifications'
          ${touchesHere ? sql`OR ${touched} <> asked.value ->> 'touches'` : sql``})`,
        'moved',
      ),
    ];
  }

  /** What customers are known by. A browser that is quicker than a server must not undo what the server ties. */
  function keysOf(changes: readonly (Change & { kind: 'customer' })[]): BatchItem<'sqlite'>[] {
    const rows = (ties: boolean) =>
      changes
        .filter((one) => one.ties === ties)
        .flatMap(({ programId, customerId, keys: named }) => named.map((key) => ({ programId, customerId, ...key })));
    const moved = sql`customer_id = excluded.customer_id`;
    /** What a table holds of the customers whose keys move, for those they move to, the oldest of it; what these have stays. */
    const carried = (table: typeof customerLocks | typeof firstOrders, rest: SQL, since: SQL) =>
      parameters(rows(true)).map((json) =>
        db.insert(table).select(sql`SELECT held.program_id, value ->> 'customerId', ${rest} FROM json_each(${json})
          CROSS JOIN ${customerKeys} AS known ON known.program_id = value ->> 'programId' AND known.hash = value ->> 'hash'
            AND known.customer_id <> value ->> 'customerId'
          CROSS JOIN ${table} AS held ON held.program_id = known.program_id AND held.customer_id = known.customer_id
          WHERE true ORDER BY ${since} ON CONFLICT DO NOTHING`),
      );
    return [
      ...carried(customerLocks, sql`held.partner_id, held.bound_at`, sql`held.bound_at`),
      ...carried(firstOrders, sql`held.conversion_id`, sql`held.conversion_id`),
      ...bulk(customerKeys, rows(true), sql`ON CONFLICT (program_id, hash) DO UPDATE SET ${moved}`),
      ...bulk(customerKeys, rows(false), sql`ON CONFLICT DO NOTHING`),
    ];
  }

  /** Other hashes of names, each whose the first is by now: somebody may have tied that one meanwhile. */
  function rehashed(changes: readonly (Change & { kind: 'rehashed' })[]): BatchItem<'sqlite'>[] {
    const rows = changes.map(({ programId, key, first }) => ({ programId, ...key, first }));
    return parameters(rows).map((json) =>
      db.insert(customerKeys).select(sql`SELECT known.program_id, value ->> 'hash', value ->> 'kind', known.customer_id,
          value ->> 'first' FROM json_each(${json}) CROSS JOIN ${customerKeys} AS known
          ON known.program_id = value ->> 'programId' AND known.hash = value ->> 'first'
          WHERE true ON CONFLICT (program_id, hash)
          DO UPDATE SET customer_id = excluded.customer_id, first = excluded.first`),
    );
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
            db.insert(memberships).select(
              sql`SELECT ${person.membershipId}, id, ${programId}, ${partnerId}, 'owner', NULL, 1
                  FROM ${people} WHERE ${people.email} = ${person.email}`,
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
      mustHold(sql`changes() = 1`, 'moved'),
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
        sql`(SELECT count(*) FROM json_each(${JSON.stringify(sums)}) AS posted WHERE
          (SELECT sum(amount) FROM ${ledgerEntries} WHERE program_id = ${first.programId}
            AND account IN (SELECT value FROM json_each(posted.value -> 'accounts'))
            AND currency = posted.value ->> 'currency' AND transaction_id = posted.value ->> 'id') IS NOT 0) = 0`,
        'fault',
      ),
    ];
  }

  /**
   * Aborts the whole batch unless the condition holds: D1 has no other way to say "only if". Asked of a row made up here,
   * since drizzle batches no bare expression. Which failure it is, `isMoved` reads from the database's words.
   */
  function mustHold(condition: SQL, or: 'moved' | 'fault'): BatchItem<'sqlite'> {
    return db.select({ held: sql`CASE ${condition} WHEN 1 THEN 1 ELSE ${FAILURES[or]} END` }).from(sql`(SELECT 1)`);
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

/** Every partner with a click beside the order or a part of it. */
function consideredBy({ conversion, commissions }: ConversionRecord): (typeof schema.considered.$inferInsert)[] {
  const partners = [...conversion.explanation.candidates, ...commissions].map((one) => one.partnerId);
  const { programId, id: conversionId } = conversion;
  return [...new Set(partners)].map((partnerId) => ({ programId, partnerId, conversionId }));
}

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
