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
  uniqueIndex,
} from 'drizzle-orm/sqlite-core';
import type { Role, Scope } from '../core/access.ts';
import type {
  Candidate,
  ChannelPolicy,
  CodePolicy,
  Model,
  Policy,
  Reason,
  SelfReferralPolicy,
  Verdict,
} from '../core/attribution.ts';
import type { CommissionReason, CustomerType, ItemKind, Rule } from '../core/commission.ts';
import type {
  AuditId,
  ClickKey,
  ConversionId,
  CustomerId,
  GroupId,
  KeyId,
  LinkId,
  MembershipId,
  PartnerId,
  PersonId,
  ProgramId,
  SessionId,
  VisitorId,
} from '../core/id.ts';
import type { CustomerKeyKind } from '../core/identity.ts';
import type { Account, TransactionKind } from '../core/ledger.ts';
import type { Currency, Minor, Ppm } from '../core/money.ts';
import type { ClickClass } from '../core/token.ts';

export type ProgramMode = 'live' | 'sandbox';
export type EnrollmentStatus = 'active' | 'paused' | 'ended';
export type KeyKind = 'publishable' | 'secret';
/** Why a click is not counted. `repeat` and `flood` may still earn; the others only once a script has landed, or never. */
export type ClickReason = 'bot' | 'prefetch' | 'not_navigation' | 'repeat' | 'flood';
/** Who told us of an order; a server's word outranks a browser's. */
export type Source = 'server' | 'browser';
/** How somebody signed in. */
export type SignInMethod = 'link' | 'passkey' | 'oidc';
/** `link`: a mailed one; `passkey`: signing in, or a second factor, by one; `enroll`: adding one; `oidc`, `oidc_link`: a trip. */
export type AttemptKind = 'link' | 'passkey' | 'enroll' | 'oidc' | 'oidc_link';
/** From where something was done; a person's address is sealed. */
export interface AuditOrigin {
  readonly country: string | null;
  readonly address: string | null;
}
/** What was heard of a program's set-up. */
export type SightingKind = 'page' | 'landing' | 'identify' | 'browser_order' | 'server_order' | 'pixel';
export type CommissionStatus = 'pending' | 'approved' | 'in_payout' | 'paid' | 'rejected' | 'reversed';
/** What is stored of a verdict so that it can be read and checked again. */
export interface Explanation {
  step: Verdict['step'];
  candidates: readonly Candidate[];
  /** Each line's base of commission, so that the arithmetic can be done again. */
  bases: readonly Minor[];
  /** Of every line that `lines` does not name; absent of orders from before there were lines with codes. */
  shares?: Verdict['shares'];
  /** Lines that their own codes decided; absent: none. */
  lines?: Verdict['lines'];
  /** What came in place of the program's policy, from the link or group of the latest touch. */
  override?: Verdict['override'];
  /** Codes that terms by code applied to. */
  used?: Verdict['used'];
  /** Of a renewal: when the first order occurred. */
  firstAt?: number;
  /** Browsers that the credit reached by an unproven edge alone: unverified until a server names the pair. */
  restsOn?: readonly VisitorId[];
  notes: readonly string[];
}

const program = () =>
  text('program_id')
    .$type<ProgramId>()
    .notNull()
    .references(() => programs.id);
const person = () =>
  text('person_id')
    .$type<PersonId>()
    .notNull()
    .references(() => people.id);
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
const ofGroup = (table: { programId: AnySQLiteColumn; groupId: AnySQLiteColumn }) =>
  foreignKey({ columns: [table.programId, table.groupId], foreignColumns: [groups.programId, groups.id] });

export const programs = sqliteTable('programs', {
  id: text('id').$type<ProgramId>().primaryKey(),
  slug: text('slug').notNull().unique(),
  name: text('name').notNull(),
  mode: text('mode').$type<ProgramMode>().notNull(),
  /** The currency of leads and of reports; every order keeps its own. */
  currency: text('currency').$type<Currency>().notNull(),
  createdAt: at('created_at'),
  /** A sandbox's clock runs this far ahead; only ever forward. */
  clockOffsetMs: integer('clock_offset_ms').notNull().default(0),
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
    selfReferral: text('self_referral').$type<SelfReferralPolicy>().notNull().default('flag'),
    paramAliases: text('param_aliases', { mode: 'json' }).$type<Policy['paramAliases']>().notNull().default([]),
  },
  (table) => [
    primaryKey({ columns: [table.programId, table.version] }),
    check('policies_days', sql`${table.windowDays} > 0 AND ${table.holdDays} >= 0`),
  ],
);

/** What a link, else its partner's group, says in place of the program's policy. A null leaves it to the next. */
export const policyOverrides = sqliteTable(
  'policy_overrides',
  {
    programId: program(),
    /** A link's id, or a group's. */
    scopeId: text('scope_id').$type<LinkId | GroupId>().notNull(),
    version: integer('version').notNull(),
    startsAt: at('starts_at'),
    savedAt: at('saved_at'),
    model: text('model').$type<Model>(),
    windowDays: integer('window_days'),
    guardSeconds: integer('guard_seconds'),
    rejectSolo: integer('reject_solo', { mode: 'boolean' }),
  },
  (table) => [
    primaryKey({ columns: [table.programId, table.scopeId, table.version] }),
    check('policy_overrides_days', sql`${table.windowDays} > 0`),
  ],
);

/** Of the program, or of one group, whose partners they then hold for. Versions count through the program. */
export const terms = sqliteTable(
  'terms',
  {
    programId: program(),
    version: integer('version').notNull(),
    startsAt: at('starts_at'),
    savedAt: at('saved_at'),
    groupId: text('group_id').$type<GroupId>(),
    rules: text('rules', { mode: 'json' }).$type<readonly Rule[]>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.programId, table.version] }), ofGroup(table)],
);

export const keys = sqliteTable(
  'keys',
  {
    /** SHA-256 of the key, hex; the key itself is shown once and not kept. */
    hash: text('hash').primaryKey(),
    /** What people and the audit log call it. */
    id: text('id').$type<KeyId>().notNull(),
    programId: program(),
    kind: text('kind').$type<KeyKind>().notNull(),
    name: text('name').notNull(),
    /** Its last four letters, to tell it from others. */
    hint: text('hint').notNull(),
    /** Of a secret key: what it may do. */
    scopes: text('scopes', { mode: 'json' }).$type<readonly Scope[]>().notNull(),
    /** Null: as every key of its kind. */
    callsAMinute: integer('calls_a_minute'),
    createdAt: at('created_at'),
    /** The first moment after it; null: without end. */
    expiresAt: integer('expires_at'),
    revokedAt: integer('revoked_at'),
    /** Written now and then, not with each call. */
    lastUsedAt: integer('last_used_at'),
  },
  (table) => [unique().on(table.programId, table.id)],
);

/** Everybody who may sign in, once for the whole deployment; what they may do is their places' business. */
export const people = sqliteTable('people', {
  id: text('id').$type<PersonId>().primaryKey(),
  /** Trimmed, lower case. */
  email: text('email').notNull().unique(),
  name: text('name').notNull(),
});

/** The key that a person's values in the audit log are sealed under: without it they are noise. */
export const personKeys = sqliteTable('person_keys', {
  personId: person().primaryKey(),
  /** Itself sealed under AUTH_KEYS. */
  sealed: text('sealed').notNull(),
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

/** Silver, Gold: partners who share settings and terms. */
export const groups = sqliteTable(
  'groups',
  {
    programId: program(),
    id: text('id').$type<GroupId>().notNull(),
    slug: text('slug').notNull(),
    name: text('name').notNull(),
    createdAt: at('created_at'),
  },
  (table) => [primaryKey({ columns: [table.programId, table.id] }), unique().on(table.programId, table.slug)],
);

/** Which group a partner is in, from a moment on; null: none. Dated, since a click is judged as things stood then. */
export const placements = sqliteTable(
  'placements',
  {
    programId: program(),
    partnerId: text('partner_id').$type<PartnerId>().notNull(),
    version: integer('version').notNull(),
    startsAt: at('starts_at'),
    groupId: text('group_id').$type<GroupId>(),
  },
  (table) => [
    primaryKey({ columns: [table.programId, table.partnerId, table.version] }),
    ofEnrollment(table),
    ofGroup(table),
  ],
);

/** Discount codes, upper case; one that ends with `*` is a family. */
export const codes = sqliteTable(
  'codes',
  {
    programId: program(),
    code: text('code').notNull(),
    /** Null only where the policy is `none`. */
    partnerId: text('partner_id').$type<PartnerId>(),
    policy: text('policy').$type<CodePolicy>().notNull(),
    /** Null: from ever. */
    startsAt: integer('starts_at'),
    /** The first moment after it; null: without end. */
    endsAt: integer('ends_at'),
    createdAt: at('created_at'),
  },
  (table) => [
    primaryKey({ columns: [table.programId, table.code] }),
    check('codes_policy', sql`${table.policy} IN ('always', 'if_involved', 'if_winner', 'none')`),
    check('codes_owner', sql`${table.policy} = 'none' OR ${table.partnerId} IS NOT NULL`),
    ofEnrollment(table),
  ],
);

/** A person's place in a program: on the retailer's side, or with one of its partners. Taken away, its row goes. */
export const memberships = sqliteTable(
  'memberships',
  {
    id: text('id').$type<MembershipId>().primaryKey(),
    personId: person(),
    programId: program(),
    /** Null: the retailer's side. */
    partnerId: text('partner_id').$type<PartnerId>(),
    role: text('role').$type<Role>().notNull(),
    /** Null: invited, and nothing more until the person says yes. */
    joinedAt: integer('joined_at'),
    /** The retailer's side named this person for the partner, so whose purchases are a partner's own is its word. */
    vouched: integer('vouched', { mode: 'boolean' }).notNull(),
  },
  (table) => [
    index('memberships_person').on(table.personId),
    // One place a side: two at once would be two roles.
    uniqueIndex('memberships_program').on(table.programId, table.personId).where(sql`partner_id IS NULL`),
    uniqueIndex('memberships_partner')
      .on(table.programId, table.partnerId, table.personId)
      .where(sql`partner_id IS NOT NULL`),
    check(
      'memberships_role',
      sql`CASE WHEN ${table.partnerId} IS NULL THEN ${table.role} IN ('owner', 'manager', 'finance', 'compliance', 'analyst')
        ELSE ${table.role} IN ('owner', 'member') END`,
    ),
    ofEnrollment(table),
  ],
);

/** Somebody is signed in on one browser. Ended, its row goes. */
export const sessions = sqliteTable(
  'sessions',
  {
    id: text('id').$type<SessionId>().primaryKey(),
    /** SHA-256 of what the browser holds, hex. */
    hash: text('hash').notNull().unique(),
    /** What it held before: good for half a minute more, since calls may be on their way. */
    previousHash: text('previous_hash'),
    rotatedAt: integer('rotated_at'),
    /** The next call is to get a new one: rights have changed. */
    rotates: integer('rotates', { mode: 'boolean' }).notNull(),
    personId: person(),
    /** Where the person looks from; null, or gone: nowhere. */
    membershipId: text('membership_id').$type<MembershipId>(),
    method: text('method').$type<SignInMethod>().notNull(),
    createdAt: at('created_at'),
    /** Written every few minutes. */
    seenAt: at('seen_at'),
    endsAt: at('ends_at'),
    /** When a second factor was last shown here. */
    secondAt: integer('second_at'),
    /** As `Firefox on Linux`. */
    agent: text('agent').notNull(),
    country: text('country'),
  },
  (table) => [
    index('sessions_person').on(table.personId),
    uniqueIndex('sessions_previous').on(table.previousHash).where(sql`previous_hash IS NOT NULL`),
    index('sessions_seen').on(table.seenAt),
  ],
);

/** Something begun in one browser that is to be finished there, once: a link that was mailed, a challenge, a trip to the
 * single sign-on. */
export const attempts = sqliteTable(
  'attempts',
  {
    /** SHA-256 of what finishes it: the link's token, the challenge, the state. */
    hash: text('hash').primaryKey(),
    kind: text('kind').$type<AttemptKind>().notNull(),
    /** SHA-256 of what the browser holds. */
    browserHash: text('browser_hash').notNull(),
    /** Null: nobody is known by that address, or who it is shows at the end. */
    personId: text('person_id').$type<PersonId>(),
    /** Of a mailed link: SHA-256 of what the browser holds and the code beside it. */
    codeHash: text('code_hash'),
    /** What must be remembered until then, sealed. */
    sealed: text('sealed'),
    /** A path of the dashboard. */
    next: text('next'),
    endsAt: at('ends_at'),
    usedAt: integer('used_at'),
  },
  (table) => [index('attempts_browser').on(table.browserHash), index('attempts_ends').on(table.endsAt)],
);

export const passkeys = sqliteTable(
  'passkeys',
  {
    /** The credential's, base64url. */
    id: text('id').primaryKey(),
    personId: person(),
    /** COSE, base64url. */
    publicKey: text('public_key').notNull(),
    /** As the authenticator counts; one that falls back was copied. */
    counter: integer('counter').notNull(),
    transports: text('transports', { mode: 'json' }).$type<readonly string[]>().notNull(),
    name: text('name').notNull(),
    createdAt: at('created_at'),
    lastUsedAt: integer('last_used_at'),
  },
  (table) => [index('passkeys_person').on(table.personId)],
);

/** One authenticator app a person. */
export const totps = sqliteTable('totps', {
  personId: person().primaryKey(),
  /** The secret, sealed under AUTH_KEYS. */
  sealed: text('sealed').notNull(),
  /** Null: shown, and not yet proven by a code. */
  confirmedAt: integer('confirmed_at'),
  /** The time step of the last code taken: each code is good once. */
  lastStep: integer('last_step').notNull(),
});

export const recoveryCodes = sqliteTable(
  'recovery_codes',
  {
    personId: person(),
    /** HMAC of the code. */
    hash: text('hash').notNull(),
    usedAt: integer('used_at'),
  },
  (table) => [primaryKey({ columns: [table.personId, table.hash] })],
);

/** Who somebody is at the retailer's single sign-on: by issuer and subject, never by e-mail. */
export const singleSignOns = sqliteTable(
  'single_sign_ons',
  {
    issuer: text('issuer').notNull(),
    subject: text('subject').notNull(),
    personId: person(),
    linkedAt: at('linked_at'),
  },
  (table) => [
    primaryKey({ columns: [table.issuer, table.subject] }),
    index('single_sign_ons_person').on(table.personId),
  ],
);

/** How often something was tried, within a span of time: by HMAC of who tried what. */
export const tries = sqliteTable(
  'tries',
  {
    who: text('who').primaryKey(),
    used: integer('used').notNull(),
    endsAt: at('ends_at'),
  },
  (table) => [index('tries_ends').on(table.endsAt)],
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
    /** The hash that this name was first known by, where this one came later, with another key; null: it is the first. */
    first: text('first'),
  },
  (table) => [
    primaryKey({ columns: [table.programId, table.hash] }),
    index('customer_keys_customer').on(table.programId, table.customerId),
  ],
);

/** Somebody known by this key was seen in this browser. Proven: a server said so. By key, not by customer: a tie made
 * later moves keys, and what was seen under them moves along. */
export const identities = sqliteTable(
  'identities',
  {
    programId: program(),
    hash: text('hash').notNull(),
    visitorId: text('visitor_id').$type<VisitorId>().notNull(),
    /** When they were last seen together. */
    lastAt: at('last_at'),
    proven: integer('proven', { mode: 'boolean' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.programId, table.hash, table.visitorId] })],
);

/** Who used a browser, one after the other: what a customer's time on it is read from. */
export const identifications = sqliteTable(
  'identifications',
  {
    programId: program(),
    visitorId: text('visitor_id').$type<VisitorId>().notNull(),
    at: at('at'),
    hash: text('hash').notNull(),
  },
  (table) => [primaryKey({ columns: [table.programId, table.visitorId, table.at, table.hash] })],
);

/** Hand-overs between a program's domains that were used: each joins two browsers once. */
export const handovers = sqliteTable(
  'handovers',
  {
    programId: program(),
    nonce: text('nonce').notNull(),
    usedAt: at('used_at'),
  },
  (table) => [primaryKey({ columns: [table.programId, table.nonce] })],
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
    /** The terms of the first partner credited; each allocation names its own. */
    termsVersion: integer('terms_version').notNull(),
    explanation: text('explanation', { mode: 'json' }).$type<Explanation>().notNull(),
    /** The call as normalized, to tell a repeat from a contradiction. */
    body: text('body').notNull(),
    customerType: text('customer_type').$type<CustomerType>().notNull().default('unknown'),
    /** The first order, whose allocation this one takes. */
    renewalOf: text('renewal_of').$type<ConversionId>(),
  },
  (table) => [
    primaryKey({ columns: [table.programId, table.id] }),
    unique('conversions_order').on(table.programId, table.event, table.orderId),
    index('conversions_occurred').on(table.programId, table.occurredAt),
    // Orders that what arrives later may still change: a credit found late, a device proven.
    index('conversions_open_visitor')
      .on(table.programId, table.visitorId)
      .where(sql`reason IN ('no_touch', 'outside_window')`),
    index('conversions_open_customer')
      .on(table.programId, table.customerId)
      .where(sql`reason IN ('no_touch', 'outside_window') OR verified = 0`),
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
    termsVersion: integer('terms_version').notNull(),
    /** Which rule of the terms, from 0; null: none matched. It paid a rate or a fixed amount. */
    rule: integer('rule'),
    ratePpm: integer('rate_ppm').$type<Ppm>(),
    fixed: integer('fixed').$type<Minor>(),
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
    /** What is to be said of it beside the order's reason. */
    reason: text('reason').$type<CommissionReason>(),
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

/** The first order of each customer: whoever comes after it is returning. */
export const firstOrders = sqliteTable(
  'first_orders',
  {
    programId: program(),
    customerId: text('customer_id').$type<CustomerId>().notNull(),
    conversionId: conversion(),
  },
  (table) => [primaryKey({ columns: [table.programId, table.customerId] }), ofConversion(table)],
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

/** Clicks by UTC day (days since the epoch), partner and link: what reports read once the clicks themselves are gone. No
 * foreign keys, as with clicks. */
export const clickDays = sqliteTable(
  'click_days',
  {
    programId: text('program_id').$type<ProgramId>().notNull(),
    partnerId: text('partner_id').$type<PartnerId>().notNull(),
    day: integer('day').notNull(),
    /** Empty: no link. */
    linkId: text('link_id').$type<LinkId | ''>().notNull(),
    clicks: integer('clicks').notNull().default(0),
    counted: integer('counted').notNull().default(0),
    /** Of shoppers who opted out: counted here and kept nowhere. */
    optedOut: integer('opted_out').notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.programId, table.partnerId, table.day, table.linkId] })],
);

/** Up to which day (exclusive) a program's clicks have been summed into `click_days`. */
export const clickRollups = sqliteTable('click_rollups', {
  programId: text('program_id').$type<ProgramId>().primaryKey(),
  throughDay: integer('through_day').notNull(),
});

/** The answer to a call that named itself by `Idempotency-Key`, for a day; written with the work it answers. */
export const answers = sqliteTable(
  'answers',
  {
    programId: program(),
    /** SHA-256 of the key, and of what was called with it. */
    keyHash: text('key_hash').notNull(),
    callHash: text('call_hash').notNull(),
    status: integer('status').notNull(),
    body: text('body').notNull(),
    at: at('at'),
  },
  (table) => [primaryKey({ columns: [table.programId, table.keyHash] }), index('answers_at').on(table.at)],
);

/** When a program's pages and servers were last heard of, by what they told: how well it is set up. */
export const sightings = sqliteTable(
  'sightings',
  {
    programId: program(),
    kind: text('kind').$type<SightingKind>().notNull(),
    lastAt: at('last_at'),
    /** Where: the page's host, and how its Worker is reached. */
    detail: text('detail'),
  },
  (table) => [primaryKey({ columns: [table.programId, table.kind] })],
);

/** Acts, append-only: who did what to which, for whom, from where, and what it was before and after. */
export const audit = sqliteTable(
  'audit',
  {
    programId: program(),
    id: text('id').$type<AuditId>().notNull(),
    at: at('at'),
    /** `person:<id>`, `key:<id>` or `system`. */
    actor: text('actor').notNull(),
    act: text('act').notNull(),
    subject: text('subject').notNull(),
    /** Personal values in them are sealed: `flows/vault.ts`. */
    before: text('before', { mode: 'json' }).$type<unknown>(),
    after: text('after', { mode: 'json' }).$type<unknown>(),
    /** On whose behalf; null: the program's own. */
    partnerId: text('partner_id').$type<PartnerId>(),
    origin: text('origin', { mode: 'json' }).$type<AuditOrigin>(),
  },
  (table) => [primaryKey({ columns: [table.programId, table.id] })],
);

/** Entries that wait for their seal; a trigger writes them, so that none is forgotten. */
export const auditOpen = sqliteTable(
  'audit_open',
  { programId: program(), id: text('id').$type<AuditId>().notNull() },
  (table) => [primaryKey({ columns: [table.programId, table.id] })],
);

/** The chain: each entry's hash holds the one before it. Append-only. */
export const auditSeals = sqliteTable(
  'audit_seals',
  {
    programId: program(),
    number: integer('number').notNull(),
    auditId: text('audit_id').$type<AuditId>().notNull(),
    /** SHA-256 of the hash before and the entry, hex. */
    hash: text('hash').notNull(),
    /** HMAC of number, hash and entry under AUTH_KEYS: who can write to the database alone cannot make the chain anew. */
    mac: text('mac').notNull(),
    sealedAt: at('sealed_at'),
  },
  (table) => [
    primaryKey({ columns: [table.programId, table.number] }),
    unique('audit_seals_entry').on(table.programId, table.auditId),
  ],
);
