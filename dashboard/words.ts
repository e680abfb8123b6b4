/** What the engine says in codes, in words for people. A word that is not known yet is shown as it came, readably. */

/** Why an order was credited, or was not: a few words, and a sentence for each side. */
interface ReasonWords {
  short: string;
  program: string;
  partner: string;
}

const REASONS: Record<string, ReasonWords> = {
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
};

/** Why a partner did not earn an order: what became of its own latest click. */
const MISSES: Record<string, Omit<ReasonWords, 'program'>> = {
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
};

/** What became of one click. */
const WHYS: Record<string, string> = {
  won: 'Earned the order',
  shared: 'Earned a part of the order',
  earlier: 'A later partner click came before the order',
  later: 'An earlier partner click earned the order',
  locked: 'The customer was bound to a partner before',
  in_cart_guard: 'Too close to the order',
  channel_newer: 'Another paid channel was clicked later',
  outside_window: 'Too long before the order',
  after_order: 'Came after the order',
  refused: 'Not a visit: loaded as an image, a frame or a script',
  suspect: 'Looked like a robot or a prefetch, and no visit to the shop followed with it',
  enrollment_inactive: 'The partner was not active then',
};

/** How a click came to stand beside the order. */
const LABELS: Record<string, string> = {
  click_id: 'kept with the cart',
  visitor: 'same browser',
};

export const spoken = (code: string): string => {
  const words = code.replaceAll('_', ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
};

export type Side = 'program' | 'partner';

export const reasonShort = (reason: string, side: Side): string =>
  (side === 'partner' ? MISSES[reason] : undefined)?.short ?? REASONS[reason]?.short ?? spoken(reason);

export const reasonLong = (reason: string, side: Side): string =>
  (side === 'partner' ? MISSES[reason]?.partner : undefined) ?? REASONS[reason]?.[side] ?? `${spoken(reason)}.`;

export const whyWords = (why: string): string => WHYS[why] ?? spoken(why);

export const labelWords = (label: string): string => LABELS[label] ?? spoken(label).toLowerCase();

/** `code_unknown: SPRING10` → a sentence. Notes stand beside the reason and change nothing. */
export function noteWords(note: string): string {
  const [, code = note, about = ''] = /^([a-z_]+)(?:: (.*))?$/s.exec(note) ?? [];
  if (code === 'click_id_invalid')
    return 'The shop sent a click id that is not one of ours, or was altered. It was ignored.';
  if (code === 'told_by_page') return 'The shop’s server did not say who came; the click is the one its page told of.';
  if (code === 'code_unknown') return `The discount code ${about} belongs to no partner.`;
  return about ? `${spoken(code)}: ${about}` : spoken(code);
}

export const eventWords = (event: string): string => spoken(event);
