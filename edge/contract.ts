/**
 * What crosses the wire: the bodies that strangers send us, checked here, and what they get back.
 *
 * Browser code takes types from this file and never the validator. Every limit says what it protects; every message
 * says what was expected.
 */
import { z } from 'zod';
import {
  CHANNEL_POLICIES,
  CODE_POLICIES,
  type Comparable,
  type InPlace,
  MAX_CODE_LETTERS,
  MODELS,
  normalizeDiscountCode,
  SELF_REFERRAL_POLICIES,
} from './core/attribution.ts';
import type { CustomerType, Rule } from './core/commission.ts';
import { type Currency, isCurrency, type Minor, type Ppm } from './core/money.ts';
import type { RefusalCode } from './core/result.ts';

/** Beyond so many clicks of one address on one partner in a minute, the minute's others are redirected and not counted. */
export const CLICKS_A_MINUTE = 60;

/** What beacons share in browsers; also plenty for an order, whose 500 lines must then be short. */
export const MAX_BODY_BYTES = 64 * 1024;
/**
 * How many calls a window takes, counted by each of the edge's machines for itself: a wall against floods, not a meter.
 * By secret key; by publishable key and the visitor's address.
 */
export const RATE_LIMITS = {
  secret: { calls: 60_000, windowSeconds: 60 },
  publishable: { calls: 6_000, windowSeconds: 60 },
} as const;
const MAX_TEXT = 255;
const MAX_URL = 2048;
const MAX_ITEMS = 500;
const MAX_COMMANDS = 50;
const MAX_CODES = 20;
/** Rows of an array, each as if sent by itself. */
export const MAX_ROWS = 1_000;
/** Room for that many rows of ordinary length. */
export const MAX_ARRAY_BYTES = 4 * 1024 * 1024;
/** Of one row: D1 keeps no row above 2 MB, and an order is written with its quotes escaped. */
export const MAX_ROW_BYTES = 256 * 1024;
const MAX_RULES = 50;

export const text = (max = MAX_TEXT) =>
  z
    .string(`a text of 1 to ${max} characters`)
    .trim()
    .min(1, 'not empty')
    .max(max, `at most ${max} characters`)
    .regex(/^\P{Cc}*$/u, 'no control characters')
    .refine((value) => value.isWellFormed(), 'well-formed Unicode');
/** Capped so that an order's products and a program's sums stay exact integers. */
const amount = z
  .int('an integer of the smallest unit, such as cents')
  .min(0, 'zero or more')
  .max(1e12, 'at most 10^12')
  .transform((value) => value as Minor);
export const time = z
  .union(
    [
      z.int().min(0, 'a time after 1970').max(8.64e15, 'a time before the year 275760'),
      z.iso.datetime({ offset: true }).transform((value) => Date.parse(value)),
    ],
    {
      error: 'a time: ISO 8601 with offset, or milliseconds since the epoch',
    },
  )
  .optional();
const currency = z
  .string('an ISO 4217 code such as EUR')
  .trim()
  .toUpperCase()
  .refine(isCurrency, 'an ISO 4217 code such as EUR');
const sha256 = z
  .string('64 hex digits')
  .regex(/^[0-9a-fA-F]{64}$/, 'SHA-256 of the trimmed, lower-cased address: 64 hex digits')
  .toLowerCase();
/** A visitor id is ours, minted as 22 characters; older or foreign shapes of sane length are kept. */
const visitorId = z
  .string('the visitorId this API answered')
  .regex(/^[A-Za-z0-9_-]{16,64}$/, 'the visitorId this API answered');
/** Any text: a bad token is a warning on the order, never its end. */
const clickId = z.string('a click token').max(MAX_URL, `at most ${MAX_URL} characters`);
const consent = z.enum(['granted', 'denied'], 'granted or denied');

/** Only ever hashed, so no address is turned away for its spelling; an order must not be lost to a strict pattern. */
const email = z
  .string('an e-mail address')
  .trim()
  .max(320, 'at most 320 characters')
  .regex(/^[^@]+@[^@\s]+$/, 'an e-mail address');
/** Letters go there: one address and nothing else, in which no mail program finds a name, a list or a line of its own. */
export const mailbox = z
  .string('an e-mail address')
  .trim()
  .max(254, 'at most 254 characters')
  .regex(/^(?!.*\s)[!#-'*+./0-9=?A-Z^-~\u00a1-\uffff-]+@[0-9A-Za-z.\u00a1-\uffff-]+$/, 'an e-mail address')
  .toLowerCase();
export const object = 'a JSON object';

const sub = z
  .string('a text')
  .max(128, 'at most 128 characters')
  .refine((value) => value.isWellFormed(), 'well-formed Unicode');
const customer = z.strictObject(
  {
    id: text().optional(),
    email: email.optional(),
    emailSha256: sha256.optional(),
  },
  object,
);
/** From a browser an address arrives hashed or not at all. */
const browserCustomer = customer.omit({ email: true });
/** The merchant knows best whether somebody has bought before. */
const buyer = customer.extend({ type: z.enum(['new', 'returning'], 'new or returning').optional() });

const eventName = z
  .string('sale, lead, or a lower-case name of your own')
  .regex(/^[a-z][a-z0-9_]{0,31}$/, 'sale, lead, or a lower-case name of your own');

const item = z.strictObject(
  {
    sku: text().optional(),
    name: text().optional(),
    category: text().optional(),
    kind: z.enum(['goods', 'gift_card', 'tip'], 'goods, gift_card or tip').default('goods'),
    quantity: z.int('a whole number').min(1, 'one or more').max(1_000_000, 'at most 1,000,000'),
    /** Of one unit, in the smallest unit. */
    price: amount,
    /** Of the whole line. */
    discount: amount.optional(),
    /** Of the whole line. */
    tax: amount.optional(),
    /** The discount code used for this line. */
    code: text(64).optional(),
  },
  object,
);

/** A partner is named by its id or its slug. */
export const partner = z.string('a partner: its slug or id').trim().min(1, 'a partner: its slug or id').max(63);

const order = z.strictObject(
  {
    orderId: text(),
    event: eventName.default('sale'),
    currency,
    items: z.array(item, 'a list of lines').max(MAX_ITEMS, `at most ${MAX_ITEMS} lines`).default([]),
    /** Goods after discounts, before tax and shipping. Needed without items; beside them it must agree. */
    amount: amount.optional(),
    /** Of the whole order; with items it is spread over them by value. */
    discount: amount.optional(),
    tax: amount.optional(),
    shipping: amount.optional(),
    /** Prices contain the tax: it is taken off the base of commission. */
    taxIncluded: z.boolean('true or false').default(false),
    codes: z.array(text(64), 'a list of codes').max(MAX_CODES, `at most ${MAX_CODES} codes`).default([]),
    /** The click token the shop kept with the cart. */
    clickId: clickId.optional(),
    visitorId: visitorId.optional(),
    customer: buyer.optional(),
    /** Credits this partner whatever came before; every use is written to the audit log. */
    partner: partner.optional(),
    /** The first order of a subscription, by its orderId or id: this one is credited as that one was. */
    renewalOf: text().optional(),
    consent: consent.optional(),
    occurredAt: time,
    /** Another paid channel that also claims the order, and when it was clicked. */
    channel: text(64).optional(),
    channelAt: time,
    metadata: z
      .record(
        z.string().max(64, 'names of at most 64 characters'),
        z.union(
          [z.string().max(500), z.number(), z.boolean(), z.null()],
          'a text of at most 500 characters, a number, true, false or null',
        ),
        object,
      )
      .optional(),
  },
  object,
);

const hasValue = (given: { amount?: number | undefined; items: unknown[] }) =>
  given.amount !== undefined || given.items.length > 0;
const NEEDS_VALUE = { path: ['amount'], error: 'an amount, or items' };

/** `POST /v1/conversions`: one order, from the shop's server. */
export const Conversion = order.refine(hasValue, NEEDS_VALUE);
/** The same from a browser: unverified, without the address in clear. */
export const BrowserConversion = order
  .omit({
    visitorId: true,
    consent: true,
    occurredAt: true,
    channel: true,
    channelAt: true,
    partner: true,
    renewalOf: true,
  })
  .extend({ customer: browserCustomer.optional() })
  .refine(hasValue, NEEDS_VALUE);
/** A landing: what the page's address said. */
export const ClickCommand = z.strictObject({ tcid: clickId.optional(), via: text(64).optional() }, object);
export const IdentifyCommand = browserCustomer.refine((given) => given.id || given.emailSha256, {
  path: ['id'],
  error: 'an id or an emailSha256',
});
/** A lead is a conversion of amount 0; without an orderId there is one per customer. */
export const LeadCommand = z
  .strictObject({ customer: browserCustomer.optional(), orderId: text().optional() }, object)
  .refine((given) => given.orderId || given.customer?.id || given.customer?.emailSha256, {
    path: ['customer'],
    error: 'a customer, or an orderId',
  });

/** What each command of the SDK carries. A new verb is a line here and one in `http/events.ts`. */
export const COMMANDS = {
  click: ClickCommand,
  identify: IdentifyCommand,
  lead: LeadCommand,
  conversion: BrowserConversion,
} as const;

/**
 * `POST /v1/events`: what a page tells, in order. The landing is read from `url`. A command is checked by itself, so
 * that one bad call of a page spoils no other: its result is a problem, the others' are answers.
 */
export const Events = z.object(
  {
    key: z.string('the publishable key'),
    /** Null: somebody new, whatever the cookie says. */
    visitorId: visitorId.nullish().catch(undefined),
    consent: consent.optional(),
    url: z.url({ protocol: /^https?$/, error: 'the address of the page' }),
    referrer: z.string('an address').optional(),
    /** The page's own names for `via`, as `ref, aff`. */
    params: z.string().optional().catch(undefined),
    /** The page stands inside another: its landing is not counted. */
    framed: z.boolean().optional().catch(undefined),
    /** The visitor may be about to cross over to another host of the shop. */
    handover: z.boolean().optional().catch(undefined),
    commands: z
      .array(z.tuple([z.string('a verb')], 'a pair: verb, payload').rest(z.unknown()), 'a list of [verb, payload]')
      .max(MAX_COMMANDS, `at most ${MAX_COMMANDS} commands`)
      .default([]),
  },
  object,
);

const days = (from: number) => z.int(`a whole number of days from ${from} to 3650`).min(from).max(3650);
const seconds = z.int('whole seconds from 0 to 86400').min(0).max(86_400);
const origin = z
  .url({ protocol: /^https?$/, error: 'an origin such as https://shop.example' })
  .refine(
    (url) => URL.parse(url)?.origin === url && !url.includes('*'),
    'an origin such as https://shop.example, nothing behind it',
  );
const host = z
  .string('a host such as shop.example')
  .refine((text) => URL.parse(`https://${text}`)?.host === text, 'a host in lower case, with its port if it has one');

const alias = z
  .string('a name of a parameter')
  .regex(/^[A-Za-z][A-Za-z0-9_-]{0,31}$/, 'a name of a parameter: letters, digits, - and _')
  .refine((name) => !['tcid', 'via'].includes(name), 'a name that is not taken: tcid and via are ours');

/** `PATCH /v1/program`: what changes, from when on; the rest stays as in force then. Saved as a new version. */
export const ProgramPatch = z.strictObject(
  {
    /** Default now. Only a sandbox takes a past one. */
    startsAt: time,
    model: z.enum(MODELS, MODELS.join(', ')).optional(),
    /** Of `position`: percent of the first, all middle and the last partner. */
    weights: z
      .tuple([z.int().min(0), z.int().min(0), z.int().min(0)], 'three whole numbers: first, middle, last')
      .refine((all) => all.reduce((sum, one) => sum + one, 0) === 100, 'three whole numbers that sum to 100')
      .optional(),
    windowDays: days(1).optional(),
    holdDays: days(0).optional(),
    guardSeconds: seconds.optional(),
    rejectSolo: z.boolean('true or false').optional(),
    channelPolicy: z.enum(CHANNEL_POLICIES, CHANNEL_POLICIES.join(' or ')).optional(),
    /** What becomes of a partner's own purchases. */
    selfReferral: z.enum(SELF_REFERRAL_POLICIES, SELF_REFERRAL_POLICIES.join(', ')).optional(),
    /** Other names of `via` in addresses. */
    paramAliases: z
      .array(alias, 'a list of names')
      .max(10, 'at most 10 names')
      .refine((names) => new Set(names).size === names.length, 'no name twice')
      .optional(),
    origins: z.array(origin, 'a list of origins').max(50).optional(),
    deepLinkHosts: z.array(host, 'a list of hosts').max(50).optional(),
  },
  object,
);

const name = (what: string) =>
  z
    .string(what)
    .trim()
    .toLowerCase()
    .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, what);
const slug = name('a short name: letters, digits, - and _, at most 63');
/** A group is named by its id or its slug; null: none. */
const group = z.string('a group: its slug or id').trim().min(1, 'a group: its slug or id').max(63);

/** `POST /v1/partners`: somebody joins the program. */
export const PartnerCall = z.strictObject(
  { slug, name: text(), email: mailbox.optional(), group: group.optional() },
  object,
);
/** `PATCH /v1/partners/:id`. */
export const PartnerPatch = z.strictObject(
  {
    status: z.enum(['active', 'paused', 'ended'], 'active, paused or ended').optional(),
    /** Only with `ended`: earlier clicks no longer count either. */
    forCause: z.boolean('true or false').optional(),
    /** From now on; null: in none. */
    group: group.nullable().optional(),
  },
  object,
);

/** What a link or a group says in place of the program's policy; null leaves it to the next. */
const override = {
  windowDays: days(1).nullable().optional(),
  model: z.enum(MODELS, MODELS.join(', ')).nullable().optional(),
  guardSeconds: seconds.nullable().optional(),
  rejectSolo: z.boolean('true or false').nullable().optional(),
};
const address = z
  .url({ protocol: /^https?$/, error: 'an address: https://…' })
  .max(MAX_URL, `at most ${MAX_URL} characters`)
  .refine((url) => !URL.parse(url)?.username && !URL.parse(url)?.password, 'an address without user info');
/** `POST /v1/links`. */
export const LinkCall = z.strictObject(
  {
    partner,
    code: name('a short code: letters, digits, - and _, at most 63'),
    /** Where it leads. */
    url: address,
    ...override,
  },
  object,
);
/** `PATCH /v1/links/:id` and `/v1/groups/:id`: its own settings from a moment on; a new version. */
export const OverridePatch = z.strictObject({ startsAt: time, ...override }, object);
/** `POST /v1/groups`. */
export const GroupCall = z.strictObject({ slug, name: text(), ...override }, object);
/** `POST /v1/codes`: a discount code that names a partner; with `*` at its end, all that begin so. */
export const CodeCall = z
  .strictObject(
    {
      /** Needed but for `none`. */
      partner: partner.optional(),
      code: text(64)
        .transform(normalizeDiscountCode)
        .refine((code) => [...code].length <= MAX_CODE_LETTERS, `at most ${MAX_CODE_LETTERS} characters`),
      policy: z.enum(CODE_POLICIES, CODE_POLICIES.join(', ')).default('always'),
      /** Without one it holds from ever; without an end, for good. */
      startsAt: time,
      endsAt: time,
    },
    object,
  )
  .refine(({ partner, policy }) => partner !== undefined || policy === 'none', {
    path: ['partner'],
    error: 'a partner, unless the policy is none',
  })
  .refine(({ startsAt, endsAt }) => startsAt === undefined || endsAt === undefined || startsAt < endsAt, {
    path: ['endsAt'],
    error: 'a time after startsAt',
  });

const byCurrency = z
  .record(z.string(), amount, object)
  .refine((amounts) => Object.keys(amounts).length > 0 && Object.keys(amounts).every(isCurrency), {
    error: 'amounts by ISO 4217 code, such as { "EUR": 500 }',
  });
const rule = z
  .strictObject(
    {
      /** All of it must hold; without it the rule is of everything. */
      when: z
        .strictObject(
          {
            sku: text().optional(),
            category: text().optional(),
            event: eventName.optional(),
            code: text(64).transform(normalizeDiscountCode).optional(),
            customer: z.enum(['new', 'returning'], 'new or returning').optional(),
            minimum: byCurrency.optional(),
          },
          object,
        )
        .optional(),
      ratePpm: z
        .int('a whole number of parts per million: 100000 is 10 %')
        .min(0, 'zero or more')
        .max(1_000_000, 'at most 1000000, the whole')
        .transform((rate) => rate as Ppm)
        .optional(),
      /** Of the whole order, once. */
      fixed: byCurrency.optional(),
      /** The most that one order pays under this rule. */
      cap: byCurrency.optional(),
      /** How long renewals are paid after the first order. */
      months: z.int('a whole number of months').min(1, 'one or more').max(1200, 'at most 1200').optional(),
    },
    object,
  )
  .refine((given) => (given.ratePpm === undefined) !== (given.fixed === undefined), {
    path: ['ratePpm'],
    error: 'either ratePpm or fixed',
  })
  // JSON holds no undefined, so that what is absent is absent.
  .transform((given) => given as Rule);
/** `POST /v1/terms`: what partners earn, from when on; of a group, what its partners earn in place of the program's. */
export const TermsCall = z.strictObject(
  {
    startsAt: time,
    group: group.optional(),
    /** The first that matches a line pays it. */
    rules: z.array(rule, 'a list of rules').min(1, 'one rule or more').max(MAX_RULES, `at most ${MAX_RULES} rules`),
  },
  object,
);

const SUBS = {
  sub1: sub.optional(),
  sub2: sub.optional(),
  sub3: sub.optional(),
  sub4: sub.optional(),
  sub5: sub.optional(),
};
/** `POST /v1/clicks`: a click that somebody else has seen, a valid touch at once. */
export const ClickCall = z
  .strictObject(
    {
      partner: partner.optional(),
      /** A link's code. */
      link: text(63).optional(),
      discountCode: text(64).optional(),
      visitorId: visitorId.optional(),
      /** The page it led to. */
      url: z
        .url({ protocol: /^https?$/, error: 'an address: https://…' })
        .max(MAX_URL)
        .optional(),
      occurredAt: time,
      ...SUBS,
    },
    object,
  )
  .refine(
    ({ partner, link, discountCode }) => [partner, link, discountCode].filter((one) => one !== undefined).length === 1,
    { path: ['partner'], error: 'one of partner, link, discountCode' },
  );
/** `POST /v1/identities`: the shop's server saw this person in this browser. */
export const IdentityCall = z.strictObject(
  {
    visitorId,
    customer: customer.refine((given) => given.id || given.email || given.emailSha256, {
      path: ['id'],
      error: 'an id, an email or an emailSha256',
    }),
    consent: consent.optional(),
    occurredAt: time,
  },
  object,
);

/** `POST /v1/clock`, in a sandbox: what time it is to be there. */
export const ClockCall = z.strictObject({ now: time.unwrap() }, object);

export type EventsCall = z.output<typeof Events>;
/** What the SDK posts. */
export type EventsBody = z.input<typeof Events>;
export type Verb = keyof typeof COMMANDS;
export type Payload<V extends Verb> = z.input<(typeof COMMANDS)[V]>;
export type Command = { [V in Verb]: [verb: V, payload: Payload<V>] }[Verb];
/** A command after its check, verb and payload together. */
export type CheckedCommand = { [V in Verb]: { verb: V; payload: z.output<(typeof COMMANDS)[V]> } }[Verb];
export type Consent = z.output<typeof consent>;

/** RFC 9457, as every error is sent. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  code: RefusalCode | 'fault';
  detail: string;
  errors?: { pointer: string; detail: string }[];
}

/** The answer of `POST /v1/events`; null where unknown or not allowed to know. */
export interface EventsAnswer {
  visitorId: string | null;
  clickId: string | null;
  partner: string | null;
  /** The page must ask before anything is kept. */
  consentRequired: boolean;
  /** When asked for: makes the next host of the shop know this visitor, once, within five minutes. */
  handover?: string;
  /** One for each command, in order. */
  results: (ConversionAnswer | Accepted | Problem)[];
}

/**
 * Taken, and no more is said: what somebody else told of an order, or whether a person is a lead already, is not for
 * everybody who has the publishable key.
 */
export interface Accepted {
  accepted: true;
  duplicate?: true;
}

/** The answer of `POST /v1/conversions`. */
export interface ConversionAnswer {
  id: string;
  orderId: string;
  verified: boolean;
  reason: string;
  allocations: AllocationAnswer[];
  duplicate?: true;
  corrected?: true;
  explain?: ExplainAnswer;
}

export interface AllocationAnswer {
  partnerId: string;
  /** The slug in the program; `name` is what people call it. */
  partner: string;
  name: string;
  shareMicros: number;
  commission: number;
  currency: string;
  status: string;
  reason: string;
}

/** Why: who was considered, what decided, the arithmetic. */
export interface ExplainAnswer {
  step: string;
  model: string;
  policyVersion: number;
  termsVersion: number;
  /** What the link or group of the latest click put in place of the program's settings; null to a partner. */
  override: InPlace | null;
  /** Why it is not verified: only a page told of it, only a page's word leads to the click that earned it, or it renews such an order. */
  unverified: 'told_by_browser' | 'joined_by_browser' | 'renews_unverified' | null;
  /** Null to a partner. */
  customerType: CustomerType | null;
  /** The first order of the subscription, by its id. */
  renewalOf: string | null;
  notes: string[];
  candidates: CandidateAnswer[];
  /** As the order named them; to a partner, its own. */
  codes: UsedCodeAnswer[];
  lines: LineAnswer[];
  /** Lines that a code of theirs keeps everybody from earning; none to a partner. */
  suppressed: { line: number; item: string | null; base: number }[];
}

export interface UsedCodeAnswer {
  code: string;
  /** Null: of the whole order. */
  line: number | null;
  /** Whose it was when the order occurred; null: nobody's. */
  partner: string | null;
  name: string | null;
}

export interface CandidateAnswer {
  /** Null for another partner's click, as a partner sees it. */
  clickId: string | null;
  at: string | null;
  partner: string;
  name: string;
  label: string | null;
  /** False: only a browser's word connects this click with the order. */
  proven: boolean | null;
  kept: boolean | null;
  why: string | null;
}

export interface LineAnswer {
  line: number;
  /** The goods' name, else their sku. */
  item: string | null;
  partner: string;
  name: string;
  shareMicros: number;
  base: number;
  termsVersion: number;
  /** Which rule of those terms paid it, from 0; null: none matched. */
  rule: number | null;
  ratePpm: number | null;
  /** Of the whole order under that rule. */
  fixed: number | null;
  /** What that rule is of; null: of everything. */
  when: NonNullable<Rule['when']> | null;
  /** The most that one order pays under it, in the order's currency. */
  cap: number | null;
  commission: number;
}

/** The answer of `GET` and `PATCH /v1/program`. */
export interface ProgramAnswer {
  id: string;
  slug: string;
  name: string;
  mode: 'live' | 'sandbox';
  currency: string;
  policy: {
    version: number;
    startsAt: string;
    model: string;
    weights: readonly number[];
    windowDays: number;
    holdDays: number;
    guardSeconds: number;
    rejectSolo: boolean;
    channelPolicy: string;
    selfReferral: string;
    paramAliases: readonly string[];
    origins: readonly string[];
    deepLinkHosts: readonly string[];
  };
}

/** A partner of the program, as `/v1/partners` answers it. */
export interface PartnerAnswer {
  id: string;
  slug: string;
  name: string;
  status: 'active' | 'paused' | 'ended';
  forCause: boolean;
  startedAt: string;
  stoppedAt: string | null;
  /** The group's slug; null: in none. */
  group: string | null;
}

/** What a link or a group says in place of the program's policy. */
export interface OverrideAnswer {
  /** Null: nothing was ever said. */
  version: number | null;
  windowDays: number | null;
  model: string | null;
  guardSeconds: number | null;
  rejectSolo: boolean | null;
}

/** A group, as `/v1/groups` answers it. */
export interface GroupAnswer extends OverrideAnswer {
  id: string;
  slug: string;
  name: string;
}

/** A code, as `/v1/codes` answers it. */
export interface CodeAnswer {
  code: string;
  /** Null only where the policy is `none`. */
  partner: string | null;
  policy: string;
  startsAt: string | null;
  endsAt: string | null;
}

/** The answer of `POST /v1/clicks`. */
export interface ClickAnswer {
  clickId: string;
  visitorId: string;
  counted: boolean;
  /** Why it is not counted; null where it is. */
  reason: string | null;
}

/** The answer of `POST /v1/identities`. */
export interface IdentityAnswer {
  accepted: true;
  visitorId: string;
}

/** The answer to an array: one for each row, in order. */
export interface RowsAnswer<Answer> {
  results: (Answer | Problem)[];
}

/** A link, as `/v1/links` answers it. */
export interface LinkAnswer extends OverrideAnswer {
  id: string;
  code: string;
  url: string;
  partner: string;
  /** What to share. */
  address: string;
}

/** The answer of `POST /v1/terms`. */
export interface TermsAnswer {
  version: number;
  startsAt: string;
  /** The group's slug; null: of the whole program. */
  group: string | null;
  rules: readonly Rule[];
}

/** The answer of `POST /v1/clock`: what the sandbox's clock has reached; it goes on from there. */
export interface ClockAnswer {
  now: string;
}

/** The answer of `GET /v1/setup`: how well the shop is connected, as its traffic shows. */
export interface SetupAnswer {
  /** For how long browsers remember a click, best first; null: nothing was seen in 30 days. */
  grade: 'A' | 'B' | 'C' | 'D' | null;
  /** When each kind was last told of, within ten minutes. */
  seen: {
    kind: 'page' | 'landing' | 'identify' | 'browser_order' | 'server_order' | 'pixel';
    lastAt: string;
    /** Of a page. */
    host: string | null;
    reach: 'A' | 'B' | 'C' | null;
    detail: string | null;
  }[];
  /** The program's own names for `via`. */
  params: string[];
  /** The script under its version, which never changes, and its hash for the `integrity` of a tag. */
  sdk: { version: string; path: string; integrity: string | null };
}

/** The answer of `GET /v1/attribution/compare`: per model, what each partner would have of the span's orders. */
export interface CompareAnswer {
  orders: number;
  models: Partial<Record<Comparable, CompareLine[]>>;
}

export interface CompareLine {
  partnerId: string;
  partner: string;
  name: string;
  /** Orders credited, in millionths of an order. */
  creditMicros: number;
  amounts: { currency: Currency; amount: number; commission: number }[];
}

/** A line of the list, newest first, as screens show it. */
export interface ConversionSummary {
  id: string;
  orderId: string;
  event: string;
  occurredAt: string;
  receivedAt: string;
  currency: string;
  /** The base of commission; for a partner, its own part of it. */
  base: number;
  verified: boolean;
  /** Why it was credited as it was; to a partner who earned nothing of it, why its own latest click did not count. */
  reason: string;
  allocations: (AllocationAnswer & { base: number; heldUntil: string })[];
}

/** Amounts of one currency over the span asked for. */
export interface Money {
  currency: Currency;
  orders: number;
  /** The base of commission behind these orders; for a partner, its own part. */
  sales: Minor;
  commission: Minor;
}

export interface Day {
  /** UTC, as 2026-11-23. */
  day: string;
  /** All, of whatever class; those of shoppers who opted out too. */
  clicks: number;
  /** Valid ones: no robots, prefetches, calls from inside a page, floods, nor the same visitor again within 30 minutes. */
  counted: number;
  /** Orders with credit; for the program also those that nobody earned. */
  orders: number;
  money: Money[];
}

export interface Summary {
  /** First and last day, inclusive. */
  from: string;
  to: string;
  days: Day[];
  totals: { clicks: number; counted: number; orders: number; uncredited: number; money: Money[] };
}

export interface PartnerLine {
  partnerId: string;
  partner: string;
  name: string;
  clicks: number;
  counted: number;
  orders: number;
  money: Money[];
}
