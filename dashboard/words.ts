/**
 * What the engine says in codes, in words for people. The tables are typed by the engine's own lists, so that a code
 * without words does not compile; one that a newer engine sends is shown as it came, readably.
 */
import type { CodePolicy, Reason, TouchLabel, Verdict, Why } from '../edge/core/attribution.ts';
import type { CommissionReason, Rule } from '../edge/core/commission.ts';

export type Side = 'program' | 'partner';
/** Who reads why: the program's people, a partner that earned of the order, one that did not. */
export type Eyes = 'program' | 'earned' | 'missed';

/** Why an order was credited, or was not: a few words, and a sentence for each side. */
interface ReasonWords {
  short: string;
  program: string;
  partner: string;
}

const SAID_BY_CODE =
  'The discount code in this order keeps everybody from earning, such as a newsletter’s or a friend’s.';

const REASONS: Record<Reason | CommissionReason, ReasonWords> = {
  last: {
    short: 'Last click',
    program: 'The last partner click before the order earned it.',
    partner: 'Yours was the last partner click before the order, so you earned it.',
  },
  first: {
    short: 'First click',
    program: 'The first partner click inside its window earned it.',
    partner: 'Yours was the first partner click, so you earned it.',
  },
  linear: {
    short: 'Shared equally',
    program: 'Every partner clicked on the way to the order earned an equal part.',
    partner: 'Every partner clicked on the way to the order earned an equal part.',
  },
  position: {
    short: 'Shared by position',
    program: 'The first, the last and the partners in between each earned their part.',
    partner: 'The first, the last and the partners in between each earned their part.',
  },
  customer_lock: {
    short: 'Customer bound',
    program: 'This customer’s orders belong to the partner who brought the first one.',
    partner: 'You brought this customer’s first order, so later ones are yours too.',
  },
  forced: {
    short: 'Named by the shop',
    program: 'The shop’s server named the partner itself, whatever came before. The audit log keeps which key did.',
    partner: 'The shop named you for this order itself, whatever was clicked before.',
  },
  renewal: {
    short: 'Renewal',
    program: 'It renews a subscription, so whoever earned its first order earns this one too, under the terms of then.',
    partner:
      'It renews a subscription whose first order you earned, so you earn this one too, under the terms of then.',
  },
  code_owner_wins: {
    short: 'Discount code',
    program: 'A partner’s discount code was used, and it earns before any click does.',
    partner: 'Your discount code was used, and it earns before any click does.',
  },
  late_match: {
    short: 'Matched late',
    program: 'Nobody earned it at first. Then word came, in time, that led from a partner’s click to this customer.',
    partner: 'Nobody earned it at first. Then word came, in time, that led from your click to this customer.',
  },
  code_suppressed: { short: 'Code without commission', program: SAID_BY_CODE, partner: SAID_BY_CODE },
  self_referral: {
    short: 'Own purchase',
    program: 'The customer is the partner itself, and the program does not pay for partners’ own purchases.',
    partner: 'This looks like a purchase of your own, and the program does not pay for those.',
  },
  in_cart_guard: {
    short: 'Too close to the order',
    program: 'The only partner clicks came seconds before the order, and the program does not pay for those.',
    partner: 'Your click came seconds before the order, and the program does not pay for those.',
  },
  channel_newer: {
    short: 'Another channel was later',
    program: 'Another paid channel was clicked after the last partner click, and the program counts that one.',
    partner: 'The buyer came through another paid channel after your click, and the program counts that one.',
  },
  no_touch: {
    short: 'No click that counts',
    program: 'No partner click that counts led to this order, so nobody earned it.',
    partner: 'No click of yours that counts led to this order.',
  },
  outside_window: {
    short: 'Click too old',
    program: 'A partner’s link was clicked, but too long before the order to count.',
    partner: 'Your link was clicked, but too long before the order to count.',
  },
  enrollment_inactive: {
    short: 'Partner not active',
    program: 'The click belonged to a partner who was not active in the program.',
    partner: 'Your place in the program was not active.',
  },
  no_terms_for_currency: {
    short: 'No rate in this currency',
    program: 'The terms that fit name no amount in this order’s currency, so they pay nothing for it.',
    partner:
      'The program’s terms name no amount in this order’s currency, so they pay nothing for it. Ask the program.',
  },
};

type Miss = Omit<ReasonWords, 'program'>;

/** Why a partner did not earn an order: what became of its own latest click. */
const MISSES: Record<Why, Miss> = {
  won: { short: 'Nothing to earn', partner: 'Your click won, but nothing in this order earns commission.' },
  shared: {
    short: 'No part for its place',
    partner: 'The order was shared by position, and the place of your click has no part.',
  },
  earlier: {
    short: 'Another partner was later',
    partner: 'Another partner’s click came between yours and the order, and here the last one earns.',
  },
  later: {
    short: 'Another partner was first',
    partner: 'Another partner’s click came before yours, and here the first one earns.',
  },
  locked: {
    short: 'Another partner’s customer',
    partner: 'Another partner brought this customer’s first order, so later ones are theirs too.',
  },
  forced: {
    short: 'Named by the shop',
    partner: 'The shop named another partner for this order itself, whatever was clicked before.',
  },
  renewal: {
    short: 'Renewal',
    partner: 'It renews a subscription whose first order another partner earned, so this one is theirs too.',
  },
  code_owner: { short: 'Nothing to earn', partner: 'Your code was used, but nothing in this order earns commission.' },
  code_owner_wins: {
    short: 'Assist',
    partner: 'A discount code’s owner was paid; your click is kept as an assist.',
  },
  code_suppressed: { short: 'Code without commission', partner: SAID_BY_CODE },
  in_cart_guard: REASONS.in_cart_guard,
  channel_newer: REASONS.channel_newer,
  unproven: {
    short: 'Another click was surer',
    partner:
      'Only a browser told that your click was this customer’s. Another click is known to be, and so it went before.',
  },
  outside_window: REASONS.outside_window,
  after_order: {
    short: 'Click came after the order',
    partner: 'Your link was clicked only after the order was placed.',
  },
  suspect: {
    short: 'Not seen as a visit',
    partner: 'Your click looked like a robot or a prefetch, and no visit to the shop followed with it.',
  },
  refused: {
    short: 'Not a visit',
    partner: 'A page loaded your link as an image, a frame or a script: nobody followed it.',
  },
  enrollment_inactive: {
    short: 'You were not active',
    partner: 'Your link was clicked while your place in the program was not active.',
  },
  self_referral: REASONS.self_referral,
};

/** What became of one click. */
const WHYS: Record<Why, string> = {
  won: 'Earned the order',
  shared: 'Earned a part of the order',
  earlier: 'A later partner click came before the order',
  later: 'An earlier partner click earned the order',
  locked: 'The customer was bound to a partner before',
  forced: 'The shop named the partner itself',
  renewal: 'The first order had decided',
  code_owner: 'Its partner’s code decides',
  code_owner_wins: 'Assist: a code’s owner was paid',
  code_suppressed: 'A code keeps everybody from earning',
  in_cart_guard: 'Too close to the order',
  channel_newer: 'Another paid channel was clicked later',
  unproven: 'Set aside: another click is surely this customer’s',
  outside_window: 'Too long before the order',
  after_order: 'Came after the order',
  refused: 'Not a visit: loaded as an image, a frame or a script',
  suspect: 'Looked like a robot or a prefetch, and no visit to the shop followed with it',
  enrollment_inactive: 'The partner was not active then',
  self_referral: 'The customer is the partner itself',
};

/** Where in the precedence an order was decided. */
const STEPS: Record<Verdict['step'], string> = {
  forced: 'the shop’s word, before everything else',
  renewal: 'the first order of the subscription',
  code: 'a discount code, before clicks',
  customer_lock: 'the customer’s bond to a partner, before clicks',
  pool: 'the clicks that count',
  nobody: 'nothing: no click was left that counts',
};

/** How a click came to stand beside the order. */
const LABELS: Record<TouchLabel, string> = {
  click_id: 'click id kept by the shop',
  visitor: 'in the browser that ordered',
  joined: 'on another device of the same customer',
};

const POLICIES: Record<CodePolicy, { short: string; long: string }> = {
  always: { short: 'Its owner', long: 'whatever was clicked' },
  if_involved: {
    short: 'Its owner, if clicked',
    long: 'when a click of the owner counts too; else the next code, or the clicks',
  },
  if_winner: {
    short: 'Whom the clicks say',
    long: 'the code decides nothing; a rate by code applies where its owner is credited',
  },
  none: { short: 'Nobody', long: 'an order with this code earns nobody anything' },
};

/** Beside the reason, never in its place. `$` is what the note is about. */
const NOTES: Record<string, string> = {
  click_id_invalid: 'The shop sent a click id that is not one of ours, or was altered. It was ignored.',
  told_by_page: 'The shop’s server did not say who came; the click is the one its page told of.',
  code_unknown: 'The code $ was used, and belongs to nobody here. It decided nothing.',
  code_inactive: 'The code $ was used outside its time, or while its owner was not active. It decided nothing.',
  codes_of_two_partners: 'Codes of two partners were used in one order. Worth a look: only one of them can decide.',
  self_referral:
    'Worth a look: the customer’s address is one that signs in here for $. It may be the partner’s own purchase.',
};

export const spoken = (code: string): string => {
  const words = code.replaceAll('_', ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
};

/** What a newer engine says may not be there yet. */
const known = <Words>(table: Record<string, Words>, code: string): Words | undefined =>
  Object.hasOwn(table, code) ? table[code] : undefined;

const missed = (reason: string, eyes: Eyes): Miss | undefined =>
  eyes === 'missed' ? known(MISSES, reason) : undefined;

export const reasonShort = (reason: string, eyes: Eyes = 'program'): string =>
  (missed(reason, eyes) ?? known(REASONS, reason))?.short ?? spoken(reason);

export const reasonLong = (reason: string, eyes: Eyes): string =>
  missed(reason, eyes)?.partner ??
  known(REASONS, reason)?.[eyes === 'program' ? 'program' : 'partner'] ??
  `${spoken(reason)}.`;

export const whyWords = (why: string): string => known(WHYS, why) ?? spoken(why);

export const stepWords = (step: string): string => known(STEPS, step) ?? spoken(step).toLowerCase();

/** Only of joined clicks it is a question whether they are this customer's. */
export function labelWords(label: string, proven = true): string {
  const words = known(LABELS, label) ?? spoken(label).toLowerCase();
  if (label !== 'joined') return words;
  return `${words}, ${proven ? 'proven by the shop’s server' : 'only told by a browser'}`;
}

export const policyWords = (policy: string): { short: string; long: string } =>
  known(POLICIES, policy) ?? { short: spoken(policy), long: '' };

/** What an order that is not verified rests on, and what would change that. */
export const UNVERIFIED = {
  told_by_browser:
    'Only a page in the buyer’s browser told of this order. It is verified when the shop’s server posts it.',
  joined_by_browser:
    'Only a browser told that this click was the same customer’s. It is verified when the shop’s server names that customer for that browser, as it does at sign-in.',
  renews_unverified:
    'The order it renews was not verified when this one came. The next renewal is, once that order has been verified.',
} as const;

/** `code_unknown: SPRING10` → a sentence. Notes stand beside the reason and change nothing. */
export function noteWords(note: string, about = (subject: string) => subject): string {
  const [, code = note, subject = ''] = /^([a-z_]+)(?:: (.*))?$/s.exec(note) ?? [];
  const words = known(NOTES, code);
  if (words) return words.replace('$', () => about(subject));
  return subject ? `${spoken(code)}: ${subject}` : spoken(code);
}

export const eventWords = (event: string): string => spoken(event);

/** What a rule of the terms is of, in a few words; empty: of everything. Amounts are written by the caller. */
export function whenWords(when: Rule['when'] | null, amount: (currency: string, value: number) => string): string {
  const { category, sku, event, code, customer, minimum } = when ?? {};
  return [
    category,
    sku && `item ${sku}`,
    event && (event === 'lead' ? 'leads' : `event ${event}`),
    code && `code ${code}`,
    customer && `${customer} customers`,
    minimum &&
      `orders from ${Object.entries(minimum)
        .map(([currency, value]) => amount(currency, value))
        .join(' or ')}`,
  ]
    .filter(Boolean)
    .join(', ');
}
