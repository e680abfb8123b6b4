/**
 * What the API answers, as shapes: for the contract at /v1/openapi.json, and to hold real answers to it in tests. Each
 * is checked by the compiler against its type in `contract.ts`. Built when asked for: no redirect waits for it.
 */
import { z } from 'zod';
import type * as contract from '../contract.ts';
import type * as people from '../contract-people.ts';
import { PARTNER_ROLES, PROGRAM_ROLES, SCOPES } from '../core/access.ts';
import type { Rule } from '../core/commission.ts';
import type { Currency, Minor } from '../core/money.ts';

const id = z.string().meta({ description: 'An identifier: 26 letters and digits that sort by time' });
const time = z.string().meta({ format: 'date-time', description: 'UTC, with milliseconds' });
const count = z.int().min(0);
/** Of the smallest unit of `currency`. */
const minor = z.int() as unknown as z.ZodType<Minor>;
const currency = z.string().length(3) as unknown as z.ZodType<Currency>;

const amounts = z.record(z.string(), z.int()).meta({ description: 'By currency' });
const rule = z.strictObject({
  when: z
    .strictObject({
      sku: z.string().exactOptional(),
      category: z.string().exactOptional(),
      event: z.string().exactOptional(),
      code: z.string().exactOptional(),
      customer: z.enum(['new', 'returning']).exactOptional(),
      minimum: amounts.exactOptional(),
    })
    .exactOptional(),
  ratePpm: count.exactOptional(),
  fixed: amounts.exactOptional(),
  cap: amounts.exactOptional(),
  months: count.exactOptional(),
}) as unknown as z.ZodType<Rule>;
/** What a link or a group says of its own. */
const override = {
  version: count.nullable(),
  windowDays: count.nullable(),
  model: z.string().nullable(),
  guardSeconds: count.nullable(),
  rejectSolo: z.boolean().nullable(),
};

export function answerShapes() {
  const Problem = z.object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string() as unknown as z.ZodType<contract.Problem['code']>,
    detail: z.string(),
    errors: z.array(z.strictObject({ pointer: z.string(), detail: z.string() })).exactOptional(),
  }) satisfies z.ZodType<contract.Problem>;

  const Accepted = z.strictObject({
    accepted: z.literal(true),
    duplicate: z.literal(true).exactOptional(),
  }) satisfies z.ZodType<contract.Accepted>;

  const Allocation = z.strictObject({
    partnerId: id,
    partner: z.string(),
    name: z.string(),
    shareMicros: count.max(1_000_000),
    commission: z.int(),
    currency: z.string(),
    status: z.string(),
    reason: z.string(),
  }) satisfies z.ZodType<contract.AllocationAnswer>;

  const item = z.string().nullable();
  const Explain = z.strictObject({
    step: z.string(),
    model: z.string(),
    policyVersion: count,
    termsVersion: count,
    override: z
      .strictObject({
        linkVersion: count.nullable(),
        groupVersion: count.nullable(),
        model: z.enum(['last', 'first', 'linear', 'position', 'customer_lock']),
        guardSeconds: count,
        rejectSolo: z.boolean(),
      })
      .nullable(),
    unverified: z.enum(['told_by_browser', 'joined_by_browser', 'renews_unverified']).nullable(),
    customerType: z.enum(['new', 'returning', 'unknown']).nullable(),
    renewalOf: z.string().nullable(),
    notes: z.array(z.string()),
    codes: z.array(
      z.strictObject({
        code: z.string(),
        line: count.nullable(),
        partner: z.string().nullable(),
        name: z.string().nullable(),
      }),
    ),
    suppressed: z.array(z.strictObject({ line: count, item, base: z.int() })),
    candidates: z.array(
      z.strictObject({
        clickId: z.string().nullable(),
        at: time.nullable(),
        partner: z.string(),
        name: z.string(),
        label: z.string().nullable(),
        proven: z.boolean().nullable(),
        kept: z.boolean().nullable(),
        why: z.string().nullable(),
      }),
    ),
    lines: z.array(
      z.strictObject({
        line: count,
        item,
        partner: z.string(),
        name: z.string(),
        shareMicros: count,
        base: z.int(),
        termsVersion: count,
        rule: count.nullable(),
        ratePpm: count.nullable(),
        fixed: z.int().nullable(),
        when: z
          .strictObject({
            sku: z.string().exactOptional(),
            category: z.string().exactOptional(),
            event: z.string().exactOptional(),
            code: z.string().exactOptional(),
            customer: z.enum(['new', 'returning']).exactOptional(),
            minimum: z.record(z.string(), minor).exactOptional(),
          })
          .nullable(),
        cap: z.int().nullable(),
        commission: z.int(),
      }),
    ),
  }) satisfies z.ZodType<contract.ExplainAnswer>;

  const Conversion = z.strictObject({
    id,
    orderId: z.string(),
    verified: z.boolean(),
    reason: z.string(),
    allocations: z.array(Allocation),
    duplicate: z.literal(true).exactOptional(),
    corrected: z.literal(true).exactOptional(),
    explain: Explain.exactOptional(),
  }) satisfies z.ZodType<contract.ConversionAnswer>;

  const summary = {
    id,
    orderId: z.string(),
    event: z.string(),
    occurredAt: time,
    receivedAt: time,
    currency: z.string(),
    base: z.int(),
    verified: z.boolean(),
    reason: z.string(),
    allocations: z.array(Allocation.extend({ base: z.int(), heldUntil: time })),
  };
  const ConversionSummary = z.strictObject(summary) satisfies z.ZodType<contract.ConversionSummary>;
  const ConversionRead = z.strictObject({ ...summary, explain: Explain });

  const Events = z.strictObject({
    visitorId: z.string().nullable(),
    clickId: z.string().nullable(),
    partner: z.string().nullable(),
    consentRequired: z.boolean(),
    results: z.array(z.union([Conversion, Accepted, Problem])),
  }) satisfies z.ZodType<contract.EventsAnswer>;

  const Program = z.strictObject({
    id,
    slug: z.string(),
    name: z.string(),
    mode: z.enum(['live', 'sandbox']),
    currency: z.string(),
    policy: z.strictObject({
      version: count,
      startsAt: time,
      model: z.string(),
      weights: z.array(count),
      windowDays: count,
      holdDays: count,
      guardSeconds: count,
      rejectSolo: z.boolean(),
      channelPolicy: z.string(),
      selfReferral: z.string(),
      paramAliases: z.array(z.string()),
      origins: z.array(z.string()),
      deepLinkHosts: z.array(z.string()),
    }),
  }) satisfies z.ZodType<contract.ProgramAnswer>;

  const Partner = z.strictObject({
    id,
    slug: z.string(),
    name: z.string(),
    status: z.enum(['active', 'paused', 'ended']),
    forCause: z.boolean(),
    startedAt: time,
    stoppedAt: time.nullable(),
    group: z.string().nullable(),
  }) satisfies z.ZodType<contract.PartnerAnswer>;

  const Link = z.strictObject({
    id,
    code: z.string(),
    url: z.string(),
    partner: z.string(),
    address: z.string(),
    ...override,
  }) satisfies z.ZodType<contract.LinkAnswer>;

  const Group = z.strictObject({
    id,
    slug: z.string(),
    name: z.string(),
    ...override,
  }) satisfies z.ZodType<contract.GroupAnswer>;

  const Code = z.strictObject({
    code: z.string(),
    partner: z.string().nullable(),
    policy: z.string(),
    startsAt: time.nullable(),
    endsAt: time.nullable(),
  }) satisfies z.ZodType<contract.CodeAnswer>;

  const Click = z.strictObject({
    clickId: z.string(),
    visitorId: z.string(),
    counted: z.boolean(),
    reason: z.string().nullable(),
  }) satisfies z.ZodType<contract.ClickAnswer>;

  const Identity = z.strictObject({
    accepted: z.literal(true),
    visitorId: z.string(),
  }) satisfies z.ZodType<contract.IdentityAnswer>;

  const Terms = z.strictObject({
    version: count,
    startsAt: time,
    group: z.string().nullable(),
    rules: z.array(rule),
  }) satisfies z.ZodType<contract.TermsAnswer>;

  const Clock = z.strictObject({ now: time }) satisfies z.ZodType<contract.ClockAnswer>;

  const Compare = z.strictObject({
    orders: count,
    models: z.partialRecord(
      z.enum(['last', 'first', 'linear', 'position']),
      z.array(
        z.strictObject({
          partnerId: id,
          partner: z.string(),
          name: z.string(),
          creditMicros: count,
          amounts: z.array(z.strictObject({ currency, amount: z.int(), commission: z.int() })),
        }),
      ),
    ),
  });

  const Money = z.strictObject({
    currency,
    orders: count,
    sales: minor,
    commission: minor,
  }) satisfies z.ZodType<contract.Money>;

  const Summary = z.strictObject({
    from: z.string(),
    to: z.string(),
    days: z.array(
      z.strictObject({ day: z.string(), clicks: count, counted: count, orders: count, money: z.array(Money) }),
    ),
    totals: z.strictObject({
      clicks: count,
      counted: count,
      orders: count,
      uncredited: count,
      money: z.array(Money),
    }),
  }) satisfies z.ZodType<contract.Summary>;

  const PartnerLine = z.strictObject({
    partnerId: id,
    partner: z.string(),
    name: z.string(),
    clicks: count,
    counted: count,
    orders: count,
    money: z.array(Money),
  }) satisfies z.ZodType<contract.PartnerLine>;

  const Balance = z.strictObject({
    partnerId: id,
    partner: z.string(),
    currency,
    account: z.string(),
    amount: minor,
  });

  const role = z.enum([...new Set([...PROGRAM_ROLES, ...PARTNER_ROLES])]) as z.ZodType<people.Where['role']>;
  const Member = z.strictObject({
    id,
    personId: id.nullable(),
    email: z.string(),
    name: z.string().nullable(),
    role,
    partner: z.string().nullable(),
    joinedAt: time.nullable(),
    invitedAt: time,
  }) satisfies z.ZodType<people.MemberAnswer>;

  const Key = z.strictObject({
    id,
    kind: z.enum(['publishable', 'secret']),
    name: z.string(),
    hint: z.string().meta({ description: 'How it begins and ends' }),
    scopes: z.array(z.enum(SCOPES)),
    callsAMinute: count,
    createdAt: time,
    expiresAt: time.nullable(),
    revokedAt: time.nullable(),
    lastUsedAt: time.nullable(),
    key: z.string().exactOptional().meta({ description: 'Shown once, to whoever made it' }),
  }) satisfies z.ZodType<people.KeyAnswer>;

  const Audit = z.strictObject({
    id,
    at: time,
    actor: z.strictObject({
      kind: z.enum(['person', 'key', 'system']),
      id: z.string().nullable(),
      name: z.string().nullable(),
    }),
    act: z.string(),
    subject: z.string(),
    partner: z.string().nullable(),
    before: z.unknown(),
    after: z.unknown(),
    country: z.string().nullable(),
    address: z.string().nullable(),
    number: count.nullable(),
    hash: z.string().nullable(),
  }) satisfies z.ZodType<people.AuditAnswer>;

  const AuditProof = z.strictObject({
    sealed: count,
    open: count,
    head: z.string().nullable(),
    intact: z.boolean(),
    altered: z.array(
      z.strictObject({
        number: count.nullable(),
        id: z.string().nullable(),
        what: z.enum(['altered', 'missing', 'unsealed']),
      }),
    ),
    nextCursor: z.string().exactOptional(),
  }) satisfies z.ZodType<people.AuditProof>;

  const where = z.strictObject({
    id,
    role,
    program: z.strictObject({
      id,
      slug: z.string(),
      name: z.string(),
      mode: z.enum(['live', 'sandbox']),
      currency,
    }),
    partner: z.strictObject({ id, slug: z.string(), name: z.string() }).nullable(),
  }) satisfies z.ZodType<people.Where>;
  const Session = z.strictObject({
    person: z.strictObject({ id, name: z.string(), email: z.string() }),
    current: where.nullable(),
    may: z.array(z.string() as unknown as z.ZodType<people.SessionAnswer['may'][number]>),
    places: z.array(where),
    invitations: z.array(where),
    second: z.strictObject({
      required: z.boolean(),
      enrolled: z.boolean(),
      until: time.nullable(),
      freshUntil: time.nullable(),
    }),
  }) satisfies z.ZodType<people.SessionAnswer>;

  const Setup = z.strictObject({
    grade: z.enum(['A', 'B', 'C', 'D']).nullable(),
    seen: z.array(
      z.strictObject({
        kind: z.enum(['page', 'landing', 'identify', 'browser_order', 'server_order', 'pixel']),
        lastAt: time,
        host: z.string().nullable(),
        reach: z.enum(['A', 'B', 'C']).nullable(),
        detail: z.string().nullable(),
      }),
    ),
    params: z.array(z.string()),
    sdk: z.strictObject({ version: z.string(), path: z.string(), integrity: z.string().nullable() }),
  }) satisfies z.ZodType<contract.SetupAnswer>;

  const Health = z.strictObject({ status: z.enum(['ok', 'degraded']), version: z.string(), database: z.string() });
  const OpenApi = z.looseObject({ openapi: z.string() });

  const page = (row: z.ZodType) => z.strictObject({ data: z.array(row), nextCursor: z.string().nullable() });
  const list = (row: z.ZodType) => z.strictObject({ data: z.array(row) });

  return {
    Problem,
    Conversion,
    ConversionRead,
    ConversionPage: page(ConversionSummary),
    Events,
    Program,
    Partner,
    PartnerPage: page(Partner),
    Link,
    LinkList: list(Link),
    Group,
    GroupPage: page(Group),
    Code,
    CodePage: page(Code),
    Click,
    Identity,
    Terms,
    Clock,
    Compare,
    Summary,
    PartnerLines: list(PartnerLine),
    BalanceList: list(Balance),
    Member,
    MemberPage: page(Member),
    Key,
    KeyPage: page(Key),
    AuditPage: page(Audit),
    AuditProof,
    Session,
    Setup,
    Health,
    OpenApi,
  };
}

export type AnswerName = keyof ReturnType<typeof answerShapes>;
