/**
 * Every operation of the API, an entry each: the contract and the reference are made from this table, and a test runs
 * its examples from top to bottom, so that none can go stale, and compares it with the routes, so that none is forgotten.
 */
import type { z } from 'zod';
import {
  ClickCall,
  ClockCall,
  CodeCall,
  Conversion,
  Events,
  GroupCall,
  IdentityCall,
  LinkCall,
  OverridePatch,
  PartnerCall,
  PartnerPatch,
  ProgramPatch,
  TermsCall,
} from '../contract.ts';
import { KeyCall, KeyRotation, MemberCall, MemberPatch, MIN_CALLS_A_MINUTE } from '../contract-people.ts';
import { SCOPES } from '../core/access.ts';
import type { RefusalCode } from '../core/result.ts';
import type { AnswerName } from './answers.ts';

export interface Param {
  readonly about: string;
  /** What the examples use. */
  readonly example?: string;
}

export interface Operation {
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  /** As OpenAPI writes it; what stands in braces is described in `params`, whose others are of the query. */
  readonly path: string;
  readonly title: string;
  readonly about: string;
  readonly group: string;
  /** `reader`: a secret key, or a person who is signed in. */
  readonly auth: 'none' | 'publishable' | 'secret' | 'reader' | 'person';
  readonly params?: Readonly<Record<string, Param>>;
  readonly body?: { readonly name: string; readonly shape: z.ZodType; readonly example: unknown };
  /** It also takes an array of them, and answers each row for itself. */
  readonly rows?: true;
  /** What fields of the body mean where their names do not say it, by path: `items.price`. */
  readonly notes?: Readonly<Record<string, string>>;
  readonly answer: {
    readonly status: 200 | 201 | 204 | 302;
    readonly about: string;
    /** Left out: it has no JSON. */
    readonly shape?: AnswerName;
    readonly example?: unknown;
  };
  /** What it refuses besides what its key, its body and its limits bring along. */
  readonly refusals?: readonly RefusalCode[];
}

const LIMIT: Param = { about: 'How many, 1 to 100; 25 when left out.', example: '10' };
const CURSOR: Param = { about: 'The `nextCursor` of the page before.' };
const ID = '01KA2Q9V3R6W5T8Y1N4M7B0C2D';
/** What a link or a group may say in place of the program. */
const OVERRIDES = {
  windowDays: 'In place of the program’s; null leaves it to the next.',
  model: 'Likewise.',
  guardSeconds: 'Likewise.',
  rejectSolo: 'Likewise.',
};
const FILTER: Readonly<Record<string, Param>> = {
  act: { about: 'Such as `key.made`; the page about the log lists all.' },
  actor: { about: '`person:<id>`, `key:<id>` or `system`.' },
  subject: { about: 'What it was done to: `partner:<id>`, `key:<id>`, `member:<id>`.' },
  from: { about: 'A time; from the beginning when left out.' },
  to: { about: 'A time before which it was done.' },
};
const MEMBER = {
  id: ID,
  personId: null,
  email: 'sam@blog.example',
  name: null,
  role: 'member',
  partner: 'anna',
  joinedAt: null,
  invitedAt: '2026-11-27T09:00:00.000Z',
} as const;
const KEY_ANSWER = {
  id: ID,
  kind: 'secret',
  name: 'checkout',
  hint: 'trb_sk_test_…x7Qa',
  scopes: ['read', 'track'],
  callsAMinute: 60_000,
  createdAt: '2026-11-27T09:00:00.000Z',
  expiresAt: null,
  revokedAt: null,
  lastUsedAt: null,
} as const;
const UNSAID = { version: null, windowDays: null, model: null, guardSeconds: null, rejectSolo: null };

export const OPERATIONS: readonly Operation[] = [
  {
    method: 'get',
    path: '/v1/program',
    title: 'Read the program',
    about: 'The program of the key, and the policy in force now.',
    group: 'Program',
    auth: 'secret',
    answer: { status: 200, about: 'The program', shape: 'Program' },
  },
  {
    method: 'patch',
    path: '/v1/program',
    title: 'Change the policy',
    about:
      'Saves a new version of the policy, in force from `startsAt` on; what is left out stays as in force then. Orders that stand are never credited anew.',
    group: 'Program',
    auth: 'secret',
    body: {
      name: 'ProgramPatch',
      shape: ProgramPatch,
      example: { model: 'last', windowDays: 30, holdDays: 14, origins: ['https://shop.example'] },
    },
    notes: {
      startsAt: 'From when on; now when left out. Only a sandbox takes a past time.',
      model: 'Who earns an order that several partners touched.',
      weights: 'Of `position`: percent of the first, of all in the middle, of the last.',
      windowDays: 'How long a click may earn.',
      holdDays: 'How long a commission stays pending.',
      guardSeconds: 'Touches this short before the order do not win.',
      rejectSolo: 'Nobody earns when every touch was that late.',
      channelPolicy: 'Whether another paid channel that was clicked later takes the order.',
      origins: 'The shop’s origins: the only pages that may use the publishable key.',
      deepLinkHosts: 'Hosts that `?u=` on a link may lead to.',
      selfReferral: 'What becomes of a partner’s own purchases.',
      paramAliases: 'Other names of `via` in addresses.',
    },
    answer: { status: 200, about: 'The program with the new version', shape: 'Program' },
  },
  {
    method: 'post',
    path: '/v1/partners',
    title: 'Add a partner',
    about: 'Somebody joins the program, active at once. With an e-mail address, a person who may sign in for it.',
    group: 'Partners and links',
    auth: 'secret',
    body: {
      name: 'PartnerCall',
      shape: PartnerCall,
      example: { slug: 'anna', name: 'Anna Berg', email: 'anna@blog.example' },
    },
    notes: {
      slug: 'The partner’s short name here: it also works as `?via=` on a page.',
      group: 'A group’s id or slug.',
    },
    answer: {
      status: 201,
      about: 'The partner',
      shape: 'Partner',
      example: {
        id: ID,
        slug: 'anna',
        name: 'Anna Berg',
        status: 'active',
        forCause: false,
        startedAt: '2026-11-23T09:00:00.000Z',
        stoppedAt: null,
        group: null,
      },
    },
    refusals: ['taken'],
  },
  {
    method: 'get',
    path: '/v1/partners',
    title: 'List partners',
    about: 'By slug, a page at a time.',
    group: 'Partners and links',
    auth: 'secret',
    params: { limit: LIMIT, cursor: CURSOR },
    answer: { status: 200, about: 'A page of partners', shape: 'PartnerPage' },
  },
  {
    method: 'patch',
    path: '/v1/partners/{id}',
    title: 'Pause, end or move a partner',
    about:
      'Links of a stopped partner go on working for shoppers and earn nothing. Earlier clicks stay honored, unless the partner ended for cause.',
    group: 'Partners and links',
    auth: 'secret',
    params: { id: { about: 'The partner’s id or slug.', example: 'anna' } },
    body: { name: 'PartnerPatch', shape: PartnerPatch, example: { status: 'active' } },
    notes: {
      forCause: 'Only with `ended`: earlier clicks no longer count either.',
      group: 'From now on; null: in none.',
    },
    answer: { status: 200, about: 'The partner as it now stands', shape: 'Partner' },
    refusals: ['not_found'],
  },
  {
    method: 'post',
    path: '/v1/links',
    title: 'Make a link',
    about: 'An address to share, `/go/<code>`, that leads to a page of the shop.',
    group: 'Partners and links',
    auth: 'secret',
    body: {
      name: 'LinkCall',
      shape: LinkCall,
      example: { partner: 'anna', code: 'anna-tent', url: 'https://shop.example/tent' },
    },
    notes: {
      partner: 'The partner’s id or slug.',
      code: 'Upper and lower case are one; a code is given once in the whole deployment.',
      ...OVERRIDES,
    },
    answer: {
      status: 201,
      about: 'The link',
      shape: 'Link',
      example: {
        id: ID,
        code: 'anna-tent',
        url: 'https://shop.example/tent',
        partner: 'anna',
        address: 'https://shop.example/_t/go/anna-tent',
        ...UNSAID,
      },
    },
    refusals: ['taken'],
  },
  {
    method: 'get',
    path: '/v1/links',
    title: 'List links',
    about: 'All of the program’s, or a signed-in partner’s own.',
    group: 'Partners and links',
    auth: 'reader',
    answer: { status: 200, about: 'The links', shape: 'LinkList' },
  },
  {
    method: 'patch',
    path: '/v1/links/{id}',
    title: 'Give a link its own settings',
    about: 'A new version, in force from `startsAt` on. What is left out stays as it was; null leaves it to the group.',
    group: 'Partners and links',
    auth: 'secret',
    params: { id: { about: 'The link’s id or code.', example: 'anna-tent' } },
    body: { name: 'OverridePatch', shape: OverridePatch, example: { windowDays: 60 } },
    notes: { startsAt: 'From when on; now when left out. Only a sandbox takes a past time.', ...OVERRIDES },
    answer: { status: 200, about: 'The link with its settings', shape: 'Link' },
    refusals: ['not_found'],
  },
  {
    method: 'post',
    path: '/v1/codes',
    title: 'Give a partner a discount code',
    about: 'A code at the checkout that names a partner; with `*` at its end, all that begin so.',
    group: 'Partners and links',
    auth: 'secret',
    body: { name: 'CodeCall', shape: CodeCall, example: { partner: 'anna', code: 'ANNA10' } },
    notes: {
      partner: 'The partner’s id or slug; needed but for the policy `none`.',
      code: 'Upper and lower case are one.',
      policy: 'What the code decides: see the rules.',
      startsAt: 'From ever, when left out.',
      endsAt: 'For good, when left out.',
    },
    answer: {
      status: 201,
      about: 'The code',
      shape: 'Code',
      example: { code: 'ANNA10', partner: 'anna', policy: 'always', startsAt: null, endsAt: null },
    },
    refusals: ['taken'],
  },
  {
    method: 'get',
    path: '/v1/codes',
    title: 'List discount codes',
    about: 'By code, a page at a time.',
    group: 'Partners and links',
    auth: 'secret',
    params: { limit: LIMIT, cursor: CURSOR },
    answer: { status: 200, about: 'A page of codes', shape: 'CodePage' },
  },
  {
    method: 'post',
    path: '/v1/groups',
    title: 'Make a group of partners',
    about: 'Partners that share settings and terms.',
    group: 'Partners and links',
    auth: 'secret',
    body: { name: 'GroupCall', shape: GroupCall, example: { slug: 'gold', name: 'Gold partners', windowDays: 60 } },
    notes: OVERRIDES,
    answer: {
      status: 201,
      about: 'The group',
      shape: 'Group',
      example: { id: ID, slug: 'gold', name: 'Gold partners', ...UNSAID, version: 1, windowDays: 60 },
    },
    refusals: ['taken'],
  },
  {
    method: 'get',
    path: '/v1/groups',
    title: 'List groups',
    about: 'With the settings in force now.',
    group: 'Partners and links',
    auth: 'secret',
    answer: { status: 200, about: 'The groups', shape: 'GroupPage' },
  },
  {
    method: 'patch',
    path: '/v1/groups/{id}',
    title: 'Change a group’s settings',
    about:
      'A new version, in force from `startsAt` on. What is left out stays as it was; null leaves it to the program.',
    group: 'Partners and links',
    auth: 'secret',
    params: { id: { about: 'The group’s id or slug.', example: 'gold' } },
    body: { name: 'OverridePatch', shape: OverridePatch, example: { model: 'first' } },
    notes: { startsAt: 'From when on; now when left out. Only a sandbox takes a past time.', ...OVERRIDES },
    answer: { status: 200, about: 'The group with its settings', shape: 'Group' },
    refusals: ['not_found'],
  },
  {
    method: 'post',
    path: '/v1/terms',
    title: 'Set what partners earn',
    about:
      'Saves a new version of the terms, in force from `startsAt` on. Of the rules, the first that matches a line pays it. Orders that stand are never priced anew.',
    group: 'Program',
    auth: 'secret',
    body: { name: 'TermsCall', shape: TermsCall, example: { rules: [{ ratePpm: 120_000 }] } },
    notes: {
      startsAt: 'From when on; now when left out. Only a sandbox takes a past time.',
      group: 'A group’s id or slug: what its partners earn in place of the program’s.',
      'rules.when': 'All of it must hold; without it the rule is of everything.',
      'rules.when.code': 'A code of the partner’s own.',
      'rules.when.minimum': 'What the order’s base must reach, by currency.',
      'rules.ratePpm': 'Parts per million of the base: 120000 is 12 %.',
      'rules.fixed': 'Instead of a rate: of the whole order, once, by currency.',
      'rules.cap': 'The most that one order pays under this rule, by currency.',
      'rules.months': 'How long renewals are paid after the first order.',
    },
    answer: {
      status: 201,
      about: 'The version saved',
      shape: 'Terms',
      example: { version: 2, startsAt: '2026-11-23T09:00:00.000Z', group: null, rules: [{ ratePpm: 120_000 }] },
    },
  },
  {
    method: 'get',
    path: '/go/{code}',
    title: 'Follow a link',
    about:
      'What partners share. Redirects to the link’s page with `tcid=<click token>` added, counts the click, and says `Tributary-Click: stored` once it is on disk. Robots, prefetches and whoever opted out (GPC) are redirected too, and not counted.',
    group: 'Visitors',
    auth: 'none',
    params: {
      code: { about: 'The link’s code.', example: 'anna-tent' },
      u: { about: 'Another page of the shop to lead to, on a host of `deepLinkHosts`.' },
      sub1: { about: 'The partner’s own note, also as sub2 to sub5.' },
    },
    answer: { status: 302, about: 'On to the shop. An unknown code is a page with status 404.' },
  },
  {
    method: 'post',
    path: '/v1/events',
    title: 'Tell what happens on a page',
    about:
      'The browser SDK’s door; other clients may knock too. The landing is read from `url`, commands run in order, and one bad command spoils no other. The answer carries CORS headers for the program’s origins only. It takes no Idempotency-Key: a repeat is harmless by itself.',
    group: 'Visitors',
    auth: 'publishable',
    body: {
      name: 'Events',
      shape: Events,
      example: {
        key: 'trb_pk_test_…',
        consent: 'granted',
        url: 'https://shop.example/tent?via=anna',
        commands: [['identify', { id: 'customer-7' }]],
      },
    },
    notes: {
      key: 'The publishable key.',
      consent: 'What the visitor chose. Left out, the law of the visitor’s country decides.',
      visitorId: 'As this door answered before.',
      url: 'The page’s address, with `tcid` or `via` if it has one.',
      commands: 'Pairs of verb and payload: click, identify, lead, conversion.',
    },
    answer: {
      status: 200,
      about: 'What is known of the visitor, and a result for each command: its answer, or a problem',
      shape: 'Events',
    },
    refusals: ['origin_not_allowed', 'consent_required'],
  },
  {
    method: 'get',
    path: '/v1/pixel.gif',
    title: 'Tell it by a picture',
    about:
      'For pages without script. A landing needs a valid `tcid` and a Referer on the program’s origins; an order is as unverified as any page’s. It always answers with its dot; the header `Tributary-Pixel` says what came of it.',
    group: 'Visitors',
    auth: 'none',
    params: {
      key: { about: 'The publishable key.', example: 'trb_pk_test_…' },
      event: { about: '`landing` or `conversion`.', example: 'conversion' },
      tcid: { about: 'The click token.' },
      orderId: { about: 'Of a conversion.', example: 'A-1002' },
      amount: { about: 'In the smallest unit.', example: '24900' },
      currency: { about: 'An ISO 4217 code.', example: 'EUR' },
      codes: { about: 'Discount codes, separated by commas.' },
      consent: { about: '`granted` or `denied`.' },
    },
    answer: { status: 200, about: 'One transparent dot' },
  },
  {
    method: 'post',
    path: '/v1/clicks',
    title: 'Tell a click that others saw',
    about: 'From another tracker or a podcast’s code: a valid touch at once, no landing needed.',
    group: 'Visitors',
    auth: 'secret',
    rows: true,
    body: { name: 'ClickCall', shape: ClickCall, example: { link: 'anna-tent', sub1: 'newsletter' } },
    notes: {
      partner: 'One of these three names the partner: its id or slug,',
      link: 'a link’s code,',
      discountCode: 'or a discount code.',
      visitorId: 'Whose touch it is; a new visitor when left out.',
      url: 'The page it led to.',
      occurredAt: 'Now when left out.',
      sub1: 'The partner’s own note, also `sub2` to `sub5`.',
    },
    answer: {
      status: 201,
      about: 'The click, and whether it is counted',
      shape: 'Click',
      example: { clickId: 'MQF1…', visitorId: 'kR3v9yQ0aZ1xW8uT5sP2bg', counted: true, reason: null },
    },
  },
  {
    method: 'post',
    path: '/v1/identities',
    title: 'Tell who is in a browser',
    about:
      'The shop’s server saw this customer in this browser, at sign-in or at the checkout. It joins their devices.',
    group: 'Visitors',
    auth: 'secret',
    rows: true,
    body: {
      name: 'IdentityCall',
      shape: IdentityCall,
      example: { visitorId: 'kR3v9yQ0aZ1xW8uT5sP2bg', customer: { id: 'customer-7' } },
    },
    notes: {
      visitorId: 'As POST /v1/events answered it.',
      'customer.email': 'Only hashed and keyed; never stored.',
      consent: '`denied`: nothing is kept.',
      occurredAt: 'Now when left out.',
    },
    answer: {
      status: 201,
      about: 'Taken',
      shape: 'Identity',
      example: { accepted: true, visitorId: 'kR3v9yQ0aZ1xW8uT5sP2bg' },
    },
  },
  {
    method: 'post',
    path: '/v1/conversions',
    title: 'Tell an order',
    about:
      'One order, from the shop’s server. It may be sent any number of times and is one order: 201 when it is new, 200 with `duplicate` when it stands, 200 with `corrected` when a page had told it first. A different body under the same order id is refused.',
    group: 'Orders',
    auth: 'secret',
    rows: true,
    params: {
      explain: { about: '`1` adds why: who was considered, what decided, each line’s arithmetic.', example: '1' },
    },
    body: {
      name: 'Conversion',
      shape: Conversion,
      example: {
        orderId: 'A-1001',
        currency: 'EUR',
        items: [{ sku: 'tent-2', name: 'Dawn Tent', quantity: 1, price: 24_900 }],
        customer: { id: 'customer-7' },
      },
    },
    notes: {
      orderId: 'Your own; unique for each `event`.',
      event: '`sale`, `lead`, or a name of your own.',
      items: 'The lines. Without them, `amount`.',
      'items.price': 'Of one, in the smallest unit (cents).',
      'items.discount': 'Of the whole line.',
      'items.tax': 'Of the whole line.',
      'items.kind': '`gift_card` and `tip` earn nothing.',
      'items.code': 'The discount code of this line.',
      amount: 'The goods after discounts, before tax and shipping.',
      discount: 'Of the whole order; spread over the items by value.',
      taxIncluded: 'Prices contain the tax: it is taken off first.',
      codes: 'Discount codes as the shopper typed them.',
      clickId: 'The click token that the shop kept with the cart. A bad one is noted and never stops the order.',
      visitorId: 'As POST /v1/events answered it.',
      'customer.email': 'Only hashed and keyed; never stored.',
      'customer.emailSha256': 'SHA-256 of the trimmed, lower-cased address, instead of it.',
      consent: '`denied`: nothing of the visitor is read or kept.',
      occurredAt: 'When it was placed; now when left out. At most 90 days ago and 10 minutes ahead.',
      channel: 'Another paid channel that claims the order too.',
      channelAt: 'When that one was clicked.',
      'customer.type': 'The shop’s word: `new` or `returning`.',
      partner: 'Credits this partner whatever came before. Every use is written to the audit log.',
      renewalOf: 'The first order of a subscription, by its orderId or id: credited as that one was.',
      metadata: 'Your own notes, kept with the order.',
    },
    answer: {
      status: 201,
      about: 'What the order came to',
      shape: 'Conversion',
      example: {
        id: ID,
        orderId: 'A-1001',
        verified: true,
        reason: 'last',
        allocations: [
          {
            partnerId: '01KA2Q8M4D7F2H5J9K3L6N1P0R',
            partner: 'anna',
            name: 'Anna Berg',
            shareMicros: 1_000_000,
            commission: 2_988,
            currency: 'EUR',
            status: 'pending',
            reason: 'last',
          },
        ],
      },
    },
    refusals: ['amount_mismatch', 'order_conflict'],
  },
  {
    method: 'get',
    path: '/v1/conversions',
    title: 'List orders',
    about: 'Newest first. A signed-in partner sees the orders its clicks were considered for, and its own part.',
    group: 'Orders',
    auth: 'reader',
    params: { limit: LIMIT, cursor: CURSOR },
    answer: { status: 200, about: 'A page of orders', shape: 'ConversionPage' },
  },
  {
    method: 'get',
    path: '/v1/conversions/{id}',
    title: 'Read an order and why',
    about: 'With `explain`. A signed-in partner sees its own part; all others are one line.',
    group: 'Orders',
    auth: 'reader',
    params: {
      id: {
        about: 'Its id, `order:<orderId>` for a sale, or `order:<event>:<orderId>`.',
        example: 'order:A-1001',
      },
    },
    answer: { status: 200, about: 'The order', shape: 'ConversionRead' },
    refusals: ['not_found'],
  },
  {
    method: 'get',
    path: '/v1/attribution/compare',
    title: 'Compare models',
    about: 'What each partner would have of the stored orders under each model. Nothing is changed by asking.',
    group: 'Reports',
    auth: 'reader',
    params: {
      from: { about: 'A time; 30 days ago when left out.' },
      to: { about: 'A time; now when left out.' },
      models: { about: 'Some of last, first, linear, position, separated by commas.', example: 'last,linear' },
    },
    answer: { status: 200, about: 'A list of partners for each model', shape: 'Compare' },
    refusals: ['invalid'],
  },
  {
    method: 'get',
    path: '/v1/reports/summary',
    title: 'Numbers by day',
    about: 'Clicks, orders and money of the last days, in UTC.',
    group: 'Reports',
    auth: 'reader',
    params: { days: { about: 'How many, 1 to 366; 90 when left out.', example: '7' } },
    answer: { status: 200, about: 'The days and their totals', shape: 'Summary' },
    refusals: ['invalid'],
  },
  {
    method: 'get',
    path: '/v1/reports/partners',
    title: 'Numbers by partner',
    about: 'Of the program; to a partner it does not exist.',
    group: 'Reports',
    auth: 'reader',
    params: { days: { about: 'How many, 1 to 366; 90 when left out.', example: '7' } },
    answer: { status: 200, about: 'A line for each partner', shape: 'PartnerLines' },
    refusals: ['invalid', 'not_found'],
  },
  {
    method: 'get',
    path: '/v1/balances',
    title: 'Balances',
    about: 'What partners have earned, for each currency apart.',
    group: 'Reports',
    auth: 'reader',
    answer: { status: 200, about: 'A balance for each partner and currency', shape: 'BalanceList' },
  },
  {
    method: 'get',
    path: '/v1/members',
    title: 'List people',
    about:
      'Of the program’s side; of one partner, or of all of them page by page, with `partner`. A partner’s person sees its own. Of somebody who has not joined yet only the address is told.',
    group: 'People',
    auth: 'reader',
    params: {
      partner: { about: 'A partner’s id or slug; `*`: of all partners.' },
      limit: { about: 'Of all partners: how many, 1 to 100; 100 when left out.' },
      cursor: CURSOR,
    },
    answer: { status: 200, about: 'The people', shape: 'MemberPage' },
    refusals: ['not_found'],
  },
  {
    method: 'post',
    path: '/v1/members',
    title: 'Invite somebody',
    about:
      'A letter goes to the address; nobody is in before they sign in and say yes. The answer is the same whether or not somebody of that address is known here. A place that leads to money (owner, manager, finance, a partner’s owner) is given by a person with a fresh second factor, and by no key.',
    group: 'People',
    auth: 'secret',
    body: {
      name: 'MemberCall',
      shape: MemberCall,
      example: { email: 'sam@blog.example', role: 'member', partner: 'anna' },
    },
    notes: {
      role: 'On the program’s side owner, manager, finance, compliance or analyst; at a partner owner or member.',
      partner: 'The partner’s id or slug; left out, the asker’s own side.',
    },
    answer: { status: 201, about: 'The invitation', shape: 'Member', example: MEMBER },
    refusals: ['not_found', 'taken', 'too_many', 'too_many_tries', 'second_factor_required', 'person_required'],
  },
  {
    method: 'patch',
    path: '/v1/members/{id}',
    title: 'Change somebody’s role',
    about:
      'Their next call is judged by it. Nobody can be left without an owner; to and from a role that leads to money only a person with a fresh second factor changes.',
    group: 'People',
    auth: 'secret',
    params: { id: { about: 'The place’s id, from the list.', example: ID } },
    body: { name: 'MemberPatch', shape: MemberPatch, example: { role: 'compliance' } },
    answer: { status: 200, about: 'The place as it now is', shape: 'Member' },
    refusals: ['not_found', 'last_owner', 'moved', 'second_factor_required', 'person_required'],
  },
  {
    method: 'delete',
    path: '/v1/members/{id}',
    title: 'Take somebody’s place away',
    about:
      'Every session of theirs is over by the next call; an invitation is taken back. One’s own place: to leave. The last owner stays.',
    group: 'People',
    auth: 'secret',
    params: { id: { about: 'The place’s id, from the list.', example: ID } },
    answer: { status: 204, about: 'It is gone' },
    refusals: ['not_found', 'last_owner', 'moved', 'second_factor_required', 'person_required'],
  },
  {
    method: 'get',
    path: '/v1/keys',
    title: 'List keys',
    about: 'Newest first, those that are over too. A key itself is never shown again: only how it begins and ends.',
    group: 'Keys',
    auth: 'reader',
    params: { limit: { about: 'How many, 1 to 100; 100 when left out.' }, cursor: CURSOR },
    answer: { status: 200, about: 'A page of keys', shape: 'KeyPage' },
  },
  {
    method: 'post',
    path: '/v1/keys',
    title: 'Make a key',
    about:
      'The answer shows it once; a repeat under the same `Idempotency-Key` hears the answer without it. A key that makes keys gives no scope it has not itself, no higher limit and no later end.',
    group: 'Keys',
    auth: 'secret',
    body: {
      name: 'KeyCall',
      shape: KeyCall,
      example: { kind: 'secret', name: 'checkout', scopes: ['read', 'track'] },
    },
    notes: {
      kind: '`publishable` for pages, `secret` for servers.',
      scopes: `Of a secret key: some of ${SCOPES.join(', ')}; read, track and manage when left out.`,
      expiresAt: 'When it ends; never, when left out.',
      callsAMinute: `A limit of its own, ${MIN_CALLS_A_MINUTE} or more.`,
    },
    answer: {
      status: 201,
      about: 'The key, shown this once',
      shape: 'Key',
      example: { ...KEY_ANSWER, key: 'trb_sk_test_hIRx…x7Qa' },
    },
    refusals: ['missing_scope', 'too_many'],
  },
  {
    method: 'post',
    path: '/v1/keys/{id}/rotate',
    title: 'Give a key a successor',
    about:
      'A new key of the same kind, name, scopes, limit and end; the old one goes on for `overlapHours`, so that it can be changed everywhere. Shown once, as a key that is made.',
    group: 'Keys',
    auth: 'secret',
    params: { id: { about: 'The key’s id.', example: ID } },
    body: { name: 'KeyRotation', shape: KeyRotation, example: { overlapHours: 24 } },
    notes: { overlapHours: '0: the old one ends at once.' },
    answer: { status: 201, about: 'The new key, shown this once', shape: 'Key' },
    refusals: ['not_found', 'moved', 'missing_scope', 'too_many'],
  },
  {
    method: 'delete',
    path: '/v1/keys/{id}',
    title: 'Revoke a key',
    about: 'Its next call is refused.',
    group: 'Keys',
    auth: 'secret',
    params: { id: { about: 'The key’s id.', example: ID } },
    answer: { status: 204, about: 'It is revoked' },
    refusals: ['not_found'],
  },
  {
    method: 'get',
    path: '/v1/audit',
    title: 'Read the audit log',
    about:
      'Newest first. Under a filter of act, actor or subject a page looks at 500 entries: it may hold few, or none, and still have a `nextCursor`.',
    group: 'Audit log',
    auth: 'reader',
    params: { limit: LIMIT, cursor: CURSOR, ...FILTER },
    answer: { status: 200, about: 'A page of entries', shape: 'AuditPage' },
  },
  {
    method: 'get',
    path: '/v1/audit/export',
    title: 'Take the log along',
    about:
      'As a file, newest first, up to 100,000 entries: ask for more in spans of time. That it was asked for is an entry itself. In CSV no cell begins as a formula would.',
    group: 'Audit log',
    auth: 'reader',
    params: { format: { about: '`csv` or `ndjson`; csv when left out.', example: 'ndjson' }, ...FILTER },
    answer: { status: 200, about: 'The file' },
    refusals: ['invalid'],
  },
  {
    method: 'get',
    path: '/v1/audit/proof',
    title: 'Prove the log',
    about:
      'Walks the chain and names what is not as it was sealed. Up to 10,000 links a call: where there are more, go on with `nextCursor`. A log that was cut off at its end looks whole from inside: note `head` elsewhere now and then.',
    group: 'Audit log',
    auth: 'reader',
    params: { cursor: CURSOR },
    answer: {
      status: 200,
      about: 'Whether it is as it was',
      shape: 'AuditProof',
      example: {
        ...{ sealed: 4_211, open: 3, intact: false },
        head: '9f2c1d5e0b7a4c8896f3e1d2c5b4a7980f1e2d3c4b5a69788796a5b4c3d2e1f0',
        altered: [{ number: 1_207, id: ID, what: 'altered' }],
      },
    },
    refusals: ['invalid'],
  },
  {
    method: 'get',
    path: '/v1/setup',
    title: 'How well the shop is connected',
    about:
      'A grade from real traffic, A to D: for how long browsers remember a click. With when each kind of call was last heard of, and the SDK’s versioned file with its integrity hash. To a partner it does not exist.',
    group: 'Deployment',
    auth: 'reader',
    answer: { status: 200, about: 'The grade and what it rests on', shape: 'Setup' },
    refusals: ['not_found'],
  },
  {
    method: 'post',
    path: '/v1/clock',
    title: 'Move a sandbox’s clock',
    about:
      'Forward only, at most ten years ahead. Every “now” of the sandbox reads it: clicks, orders, windows, holds. It answers when what fell due has run; other machines of the edge may redirect by the old time for half a minute.',
    group: 'Deployment',
    auth: 'secret',
    body: { name: 'ClockCall', shape: ClockCall, example: { now: '2026-12-24T12:00:00.000Z' } },
    notes: { now: 'What time it is to be there; the clock runs on from it.' },
    answer: {
      status: 200,
      about: 'What the clock reached',
      shape: 'Clock',
      example: { now: '2026-12-24T12:00:00.000Z' },
    },
    refusals: ['sandbox_only'],
  },
  {
    method: 'get',
    path: '/v1/openapi.json',
    title: 'This contract',
    about: 'OpenAPI 3.1, for tools.',
    group: 'Deployment',
    auth: 'none',
    answer: { status: 200, about: 'The contract', shape: 'OpenApi' },
  },
  {
    method: 'get',
    path: '/health',
    title: 'Is it up?',
    about: 'The version and the state of the database; 503 when the database is down.',
    group: 'Deployment',
    auth: 'none',
    answer: { status: 200, about: 'It is', shape: 'Health' },
  },
];

const KEY = [
  'missing_key',
  'unknown_key',
  'revoked_key',
  'expired_key',
  'wrong_key',
  'looks_like_stripe_key',
  'key_in_address',
  'rate_limited',
] as const;
const BODY = ['malformed_json', 'unsupported_type', 'too_large', 'invalid'] as const;

/** Everything an operation may refuse, its key, body and limits included. */
export function refusalsOf({ method, auth, body, params = {}, refusals = [] }: Operation): RefusalCode[] {
  const all = [
    ...(auth === 'secret' || auth === 'reader' ? KEY : []),
    ...(auth === 'reader' || auth === 'person' ? (['sign_in_required'] as const) : []),
    ...(auth === 'publishable' ? KEY.filter((code) => code !== 'missing_key') : []),
    ...(body ? BODY : []),
    ...('limit' in params ? (['invalid'] as const) : []),
    ...(takesName({ method, auth }) ? (['bad_idempotency_key', 'idempotency_key_reused'] as const) : []),
    ...refusals,
  ];
  return [...new Set(all)];
}

/** What the dashboard's pages call for the person in front of them: no part of the contract for tools. */
export const isOfPages = (path: string): boolean =>
  /^\/v1\/(session|sign-in|sign-out|security|second-factor)(\/|$)/.test(path);

/** Whether a call may name itself by `Idempotency-Key`. */
export const takesName = ({ method, auth }: Pick<Operation, 'method' | 'auth'>): boolean =>
  method === 'post' && auth === 'secret';
