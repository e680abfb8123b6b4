/**
 * Every table, its constraints and its branded columns; `migrations/` is generated from here and completed by hand
 * with what drizzle-kit cannot write: STRICT, WITHOUT ROWID, triggers (`test/store/schema.test.ts` compares).
 *
 * A key begins with the program, so that no query can forget it and each program's rows lie together. Times are
 * milliseconds since the epoch, amounts integers of the smallest unit. Clicks and touches carry no second index: a
 * redirect writes one row, a landing one more.
 */
import { sql } from 'drizzle-orm';
import {
  type AnySQLiteColumn,
  check,
  foreignKey,
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  unique,
} from 'drizzle-orm/sqlite-core';
import type { Candidate, ChannelPolicy, Model, Policy, Reason, Verdict } from '../core/attribution.ts';
import type { ItemKind } from '../core/commission.ts';
import type {
  ClickKey,
  ConversionId,
  CustomerId,
  LinkId,
  PartnerId,
  PersonId,
  ProgramId,
  VisitorId,
} from '../core/id.ts';
import type { CustomerKeyKind } from '../core/identity.ts';
import type { Account, TransactionKind } from '../core/ledger.ts';
import type { Currency, Minor, Ppm } from '../core/money.ts';
import type { ClickClass } from '../core/token.ts';

export type ProgramMode = 'live' | 'sandbox';
export type EnrollmentStatus = 'active' | 'paused' | 'ended';
export type KeyKind = 'publishable' | 'secret';
export type ClickReason = 'bot' | 'prefetch' | 'not_navigation';
/** Who told us of an order; a server's word outranks a browser's. */
export type Source = 'server' | 'browser';
export type CommissionStatus = 'pending' | 'approved' | 'in_payout' | 'paid' | 'rejected' | 'reversed';
/** What is stored of a verdict so that it can be read and checked again. */
export interface Explanation {
  step: Verdict['step'];
  candidates: readonly Candidate[];
  /** Each line's base of commission, so that the arithmetic can be done again. */
  bases: readonly Minor[];
  notes: readonly string[];
}

const program = () =>
  text('program_id')
    .$type<ProgramId>()
    .notNull()
    .references(() => programs.id);
const at = (name: string) => integer(name).notNull();
const amount = (name: string) => integer(name).$type<Minor>().notNull();

/** A row belongs to an order, or to a partner's place, of its own program: never of another. */
const ofConversion = (table: { programId: AnySQLiteColumn; conversionId: AnySQLiteColumn }) =>
  foreignKey({
    columns: [table.programId, table.conversionId],
    foreignColumns: [conversions.programId, conversions.id],
  });
const ofEnrollment = (table: { programId: AnySQLiteColumn; partnerId: AnySQLiteColumn }) =>
  foreignKey({
    columns: [table.programId, table.partnerId],
    foreignColumns: [enrollments.programId, enrollments.partnerId],
  });

export const programs = sqliteTable('programs', {
  id: text('id').$type<ProgramId>().primaryKey(),
  slug: text('slug').notNull().unique(),
  name: text('name').notNull(),
  mode: text('mode').$type<ProgramMode>().notNull(),
  /** The currency of leads and of reports; every order keeps its own. */
  currency: text('currency').$type<Currency>().notNull(),
  createdAt: at('created_at'),
});

export const policies = sqliteTable(
  'policies',
  {
    programId: program(),
    version: integer('version').notNull(),
    startsAt: at('starts_at'),
    savedAt: at('saved_at'),
    model: text('model').$type<Model>().notNull(),
    windowDays: integer('window_days').notNull(),
    holdDays: integer('hold_days').notNull(),
    origins: text('origins', { mode: 'json' }).$type<Policy['origins']>().notNull(),
    deepLinkHosts: text('deep_link_hosts', { mode: 'json' }).$type<Policy['deepLinkHosts']>().notNull(),
    weights: text('weights', { mode: 'json' }).$type<Policy['weights']>().notNull().default([40, 20, 40]),
    guardSeconds: integer('guard_seconds').notNull().default(0),
    rejectSolo: integer('reject_solo', { mode: 'boolean' }).notNull().default(false),
    channelPolicy: text('channel_policy').$type<ChannelPolicy>().notNull().default('ignore'),
  },
  (table) => [
    primaryKey({ columns: [table.programId, table.version] }),
    check('policies_days', sql`${table.windowDays} > 0 AND ${table.holdDays} >= 0`),
  ],
);

export const terms = sqliteTable(
  'terms',
  {
    programId: program(),
    version: integer('version').notNull(),
    startsAt: at('starts_at'),
    savedAt: at('saved_at'),
    ratePpm: integer('rate_ppm').$type<Ppm>().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.programId, table.version] }),
    check('terms_rate', sql`${table.ratePpm} BETWEEN 0 AND 1000000`),
  ],
);

export const keys = sqliteTable('keys', {
  /** SHA-256 of the key, hex; the key itself is shown once and not kept. */
  hash: text('hash').primaryKey(),
  programId: program(),
  kind: text('kind').$type<KeyKind>().notNull(),
  name: text('name').notNull(),
  createdAt: at('created_at'),
  revokedAt: integer('revoked_at'),
});

export const people = sqliteTable('people', {
  id: text('id').$type<PersonId>().primaryKey(),
  email: text('email').notNull().unique(),
  name: text('name').notNull(),
});

/** Partners are known to the whole deployment; what they are in a program is their enrollment. */
export const partners = sqliteTable('partners', {
  id: text('id').$type<PartnerId>().primaryKey(),
  name: text('name').notNull(),
});

export const enrollments = sqliteTable(
  'enrollments',
  {
    programId: program(),
    partnerId: text('partner_id')
      .$type<PartnerId>()
      .notNull()
      .references(() => partners.id),
    slug: text('slug').notNull(),
    status: text('status').$type<EnrollmentStatus>().notNull().default('active'),
    startedAt: at('started_at'),
    /** When it was paused or ended; null while active. */
    stoppedAt: integer('stopped_at'),
    forCause: integer('for_cause', { mode: 'boolean' }).notNull().default(false),
  },
  (table) => [
    primaryKey({ columns: [table.programId, table.partnerId] }),
    unique().on(table.programId, table.slug),
    check('enrollments_stopped', sql`(${table.status} = 'active') = (${table.stoppedAt} IS NULL)`),
  ],
);

/** A person's place in a program: on the retailer's side, or with one of its partners. */
export const memberships = sqliteTable(
  'memberships',
  {
    id: text('id').primaryKey(),
    personId: text('person_id')
      .$type<PersonId>()
      .notNull()
      .references(() => people.id),
    programId: program(),
    /** Null: the retailer's side. */
    partnerId: text('partner_id').$type<PartnerId>(),
  },
  (table) => [index('memberships_person').on(table.personId), ofEnrollment(table)],
);

export const links = sqliteTable(
  'links',
  {
    id: text('id').$type<LinkId>().primaryKey(),
    programId: program(),
    partnerId: text('partner_id').$type<PartnerId>().notNull(),
    /** Lower case; unique in the deployment, since `/go/:code` names no program. */
    code: text('code').notNull().unique(),
    url: text('url').notNull(),
    createdAt: at('created_at'),
  },
  (table) => [
    index('links_partner').on(table.programId, table.partnerId),
    check('links_code', sql`${table.code} = lower(${table.code})`),
    ofEnrollment(table),
  ],
);

/** One row a click; its key starts with the time, so a partner's clicks of a day lie together. No foreign keys: the
 * token repairs rows, and a row must never be refused for what it points to. */
export const clicks = sqliteTable(
  'clicks',
  {
    programId: text('program_id').$type<ProgramId>().notNull(),
    partnerId: text('partner_id').$type<PartnerId>().notNull(),
    key: text('key').$type<ClickKey>().notNull(),
    linkId: text('link_id').$type<LinkId>(),
    class: text('class').$type<ClickClass>().notNull(),
    reason: text('reason').$type<ClickReason>(),
    country: text('country'),
    device: text('device'),
    browser: text('browser'),
    os: text('os'),
    referrerHost: text('referrer_host'),
    sub1: text('sub1'),
    sub2: text('sub2'),
    sub3: text('sub3'),
    sub4: text('sub4'),
    sub5: text('sub5'),
  },
  (table) => [
    primaryKey({ columns: [table.programId, table.partnerId, table.key] }),
    check('clicks_class', sql`${table.class} IN ('valid', 'suspect', 'refused')`),
  ],
);

/** A visitor met a click: one row a landing, in the order of the clicks. */
export const touches = sqliteTable(
  'touches',
  {
    programId: text('program_id').$type<ProgramId>().notNull(),
    visitorId: text('visitor_id').$type<VisitorId>().notNull(),
    clickKey: text('click_key').$type<ClickKey>().notNull(),
    partnerId: text('partner_id').$type<PartnerId>().notNull(),
    linkId: text('link_id').$type<LinkId>(),
    class: text('class').$type<ClickClass>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.programId, table.visitorId, table.clickKey] })],
);

/** What a customer is known by, as HMAC. Two keys may name one customer. */
export const customerKeys = sqliteTable(
  'customer_keys',
  {
    programId: program(),
    hash: text('hash').notNull(),
    kind: text('kind').$type<CustomerKeyKind>().notNull(),
    customerId: text('customer_id').$type<CustomerId>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.programId, table.hash] })],
);

/** This customer was seen in this browser. Proven: a server said so. */
export const identities = sqliteTable(
  'identities',
  {
    programId: program(),
    visitorId: text('visitor_id').$type<VisitorId>().notNull(),
    customerId: text('customer_id').$type<CustomerId>().notNull(),
    firstAt: at('first_at'),
    proven: integer('proven', { mode: 'boolean' }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.programId, table.visitorId, table.customerId] }),
    index('identities_customer').on(table.programId, table.customerId),
  ],
);

/** Under `customer_lock`: the partner that a customer's first verified order bound the customer to. */
export const customerLocks = sqliteTable(
  'customer_locks',
  {
    programId: program(),
    customerId: text('customer_id').$type<CustomerId>().notNull(),
    partnerId: text('partner_id').$type<PartnerId>().notNull(),
    /** When the order that bound it occurred. */
    boundAt: at('bound_at'),
  },
  (table) => [primaryKey({ columns: [table.programId, table.customerId] }), ofEnrollment(table)],
);

export const conversions = sqliteTable(
  'conversions',
  {
    programId: program(),
    id: text('id').$type<ConversionId>().notNull(),
    event: text('event').notNull(),
    orderId: text('order_id').notNull(),
    /** Rises with each correction; what a correction compares and sets. */
    version: integer('version').notNull(),
    source: text('source').$type<Source>().notNull(),
    verified: integer('verified', { mode: 'boolean' }).notNull(),
    currency: text('currency').$type<Currency>().notNull(),
    /** The base of commission. */
    base: amount('base'),
    occurredAt: at('occurred_at'),
    receivedAt: at('received_at'),
    visitorId: text('visitor_id').$type<VisitorId>(),
    customerId: text('customer_id').$type<CustomerId>(),
    reason: text('reason').$type<Reason>().notNull(),
    model: text('model').$type<Model>().notNull(),
    policyVersion: integer('policy_version').notNull(),
    termsVersion: integer('terms_version').notNull(),
    explanation: text('explanation', { mode: 'json' }).$type<Explanation>().notNull(),
    /** The call as normalized, to tell a repeat from a contradiction. */
    body: text('body').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.programId, table.id] }),
    unique('conversions_order').on(table.programId, table.event, table.orderId),
    index('conversions_occurred').on(table.programId, table.occurredAt),
    check('conversions_base', sql`${table.base} BETWEEN 0 AND 9007199254740991`),
  ],
);

const conversion = () => text('conversion_id').$type<ConversionId>().notNull();

export const conversionItems = sqliteTable(
  'conversion_items',
  {
    programId: program(),
    conversionId: conversion(),
    line: integer('line').notNull(),
    sku: text('sku'),
    name: text('name'),
    category: text('category'),
    kind: text('kind').$type<ItemKind>().notNull(),
    quantity: integer('quantity').notNull(),
    price: amount('price'),
    discount: amount('discount'),
    tax: integer('tax').$type<Minor>(),
    base: amount('base'),
  },
  (table) => [primaryKey({ columns: [table.programId, table.conversionId, table.line] }), ofConversion(table)],
);

/** A partner's part of a line, with the arithmetic that made it. */
export const allocations = sqliteTable(
  'allocations',
  {
    programId: program(),
    conversionId: conversion(),
    line: integer('line').notNull(),
    partnerId: text('partner_id').$type<PartnerId>().notNull(),
    shareMicros: integer('share_micros').notNull(),
    base: amount('base'),
    ratePpm: integer('rate_ppm').$type<Ppm>().notNull(),
    commission: amount('commission'),
  },
  (table) => [
    primaryKey({ columns: [table.programId, table.conversionId, table.line, table.partnerId] }),
    check('allocations_share', sql`${table.shareMicros} BETWEEN 0 AND 1000000`),
    ofConversion(table),
    ofEnrollment(table),
  ],
);

/** What one partner earns by one conversion. Read by the order and by a span of days; a partner's newest: `considered`. */
export const commissions = sqliteTable(
  'commissions',
  {
    programId: program(),
    partnerId: text('partner_id').$type<PartnerId>().notNull(),
    conversionId: conversion(),
    shareMicros: integer('share_micros').notNull(),
    /** The partner's part of the order's base. */
    base: amount('base'),
    amount: amount('amount'),
    currency: text('currency').$type<Currency>().notNull(),
    status: text('status').$type<CommissionStatus>().notNull(),
    heldUntil: at('held_until'),
    occurredAt: at('occurred_at'),
  },
  (table) => [
    primaryKey({ columns: [table.programId, table.conversionId, table.partnerId] }),
    index('commissions_partner_day').on(table.programId, table.partnerId, table.occurredAt),
    index('commissions_day').on(table.programId, table.occurredAt),
    check(
      'commissions_status',
      sql`${table.status} IN ('pending', 'approved', 'in_payout', 'paid', 'rejected', 'reversed')`,
    ),
    check('commissions_amount', sql`${table.amount} BETWEEN 0 AND 9007199254740991`),
    ofConversion(table),
    ofEnrollment(table),
  ],
);

/** A partner's click was considered for an order, whether it earned or not: what a partner's list of orders is read by. */
export const considered = sqliteTable(
  'considered',
  {
    programId: program(),
    partnerId: text('partner_id').$type<PartnerId>().notNull(),
    conversionId: conversion(),
  },
  (table) => [primaryKey({ columns: [table.programId, table.partnerId, table.conversionId] }), ofConversion(table)],
);

/** One ledger a program and currency; a transaction's id is made from its cause. */
export const ledgerTransactions = sqliteTable(
  'ledger_transactions',
  {
    programId: program(),
    currency: text('currency').$type<Currency>().notNull(),
    id: text('id').notNull(),
    kind: text('kind').$type<TransactionKind>().notNull(),
    /** The order behind it; null for money that moves for another reason. */
    conversionId: text('conversion_id').$type<ConversionId>(),
    at: at('at'),
  },
  (table) => [primaryKey({ columns: [table.programId, table.currency, table.id] })],
);

/** Keyed by account, then currency: a balance is the sum of one range. */
export const ledgerEntries = sqliteTable(
  'ledger_entries',
  {
    programId: program(),
    currency: text('currency').$type<Currency>().notNull(),
    account: text('account').$type<Account>().notNull(),
    transactionId: text('transaction_id').notNull(),
    amount: amount('amount'),
  },
  (table) => [
    primaryKey({ columns: [table.programId, table.account, table.currency, table.transactionId] }),
    foreignKey({
      columns: [table.programId, table.currency, table.transactionId],
      foreignColumns: [ledgerTransactions.programId, ledgerTransactions.currency, ledgerTransactions.id],
    }),
    check('ledger_entries_amount', sql`${table.amount} <> 0 AND abs(${table.amount}) <= 9007199254740991`),
  ],
);
