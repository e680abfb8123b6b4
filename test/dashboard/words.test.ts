/**
 * Goal: nothing that the engine says reaches a person as a code.
 * Method: every reason, why, step, label and policy that the engine's types know is said in words; a new one does not
 * compile here until it is listed. Notes are texts: their codes are read from the engine's source.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { earnedParts, eyesOf, isAssist } from '../../dashboard/models/order.ts';
import {
  type Eyes,
  eventWords,
  labelWords,
  noteWords,
  policyWords,
  reasonLong,
  reasonShort,
  spoken,
  stepWords,
  whenWords,
  whyWords,
} from '../../dashboard/words.ts';
import {
  CODE_POLICIES,
  MODELS,
  type Reason,
  type TouchLabel,
  UNCREDITED,
  type Verdict,
  type Why,
} from '../../edge/core/attribution.ts';
import type { CommissionReason } from '../../edge/core/commission.ts';
import { minor } from '../../edge/core/money.ts';
import { order } from './fake.ts';

const names = <Code extends string>(all: Record<Code, true>) => Object.keys(all) as Code[];

const OTHER_REASONS = names<Exclude<Reason | CommissionReason, (typeof MODELS | typeof UNCREDITED)[number]>>({
  forced: true,
  renewal: true,
  code_owner_wins: true,
  late_match: true,
  no_terms_for_currency: true,
});
const WHYS = names<Why>({
  won: true,
  shared: true,
  earlier: true,
  later: true,
  locked: true,
  forced: true,
  renewal: true,
  code_owner: true,
  code_owner_wins: true,
  code_suppressed: true,
  in_cart_guard: true,
  channel_newer: true,
  unproven: true,
  outside_window: true,
  after_order: true,
  refused: true,
  suspect: true,
  enrollment_inactive: true,
  self_referral: true,
});
const STEPS = names<Verdict['step']>({
  forced: true,
  renewal: true,
  code: true,
  customer_lock: true,
  pool: true,
  nobody: true,
});
const LABELS = names<TouchLabel>({ click_id: true, visitor: true, joined: true });

/** No code stands in it; what would be shown of an unknown word is not it. */
const isSentence = (text: string) => {
  expect(text).toMatch(/^[A-Z][^_]+\.$/);
  expect(text.split(' ').length).toBeGreaterThan(4);
};

describe('words for all that the engine says', () => {
  test.each([...MODELS, ...UNCREDITED, ...OTHER_REASONS])('an order for the reason %s', (reason) => {
    for (const eyes of ['program', 'earned'] satisfies Eyes[]) isSentence(reasonLong(reason, eyes));
    expect(reasonShort(reason)).not.toContain('_');
    expect(reasonShort(reason)).not.toBe(`${reason}`);
  });

  test.each(WHYS)('an order that a partner did not earn, its click being %s', (why) => {
    isSentence(reasonLong(why, 'missed'));
    expect(reasonLong(why, 'missed')).toMatch(/[Yy]ou|partner|order/);
    expect(reasonShort(why, 'missed')).not.toContain('_');
  });

  test.each(WHYS)('a click that is %s', (why) => {
    expect(whyWords(why)).toMatch(/^[A-Z][^_]+[^.]$/);
    expect([spoken(why), why]).not.toContain(whyWords(why));
  });

  test.each(STEPS)('the step %s', (step) => {
    expect(stepWords(step)).toContain(' ');
    expect(stepWords(step)).not.toBe(spoken(step).toLowerCase());
  });

  test.each(LABELS)('a click that is there by %s', (label) => {
    expect(labelWords(label)).not.toBe(spoken(label).toLowerCase());
  });

  test.each([...CODE_POLICIES])('a code’s policy %s', (policy) => {
    expect(policyWords(policy).long).toMatch(/ /);
  });

  test('notes, as the engine writes them', () => {
    const source = ['edge/core/attribution.ts', 'edge/core/codes.ts', 'edge/flows/judge.ts']
      .map((file) => readFileSync(file, 'utf8'))
      .join();
    const written = [
      ...source.matchAll(/notes\.add\([`'](?<code>[a-z_]+)/g),
      ...source.matchAll(/=> `(?<code>[a-z_]+): \$\{/g),
      ...source.matchAll(/\? \['(?<code>[a-z_]+)'\]/g),
    ].map((found) => found.groups?.code ?? '');
    expect(new Set(written)).toEqual(
      new Set([
        'code_unknown',
        'code_inactive',
        'codes_of_two_partners',
        'self_referral',
        'click_id_invalid',
        'told_by_page',
      ]),
    );
    for (const code of written) {
      isSentence(noteWords(`${code}: X`));
      isSentence(noteWords(code));
    }
  });
});

describe('what is said', () => {
  test('who earned and who did not read different sentences of one code', () => {
    for (const reason of ['forced', 'renewal', 'code_owner_wins', 'enrollment_inactive']) {
      expect(reasonLong(reason, 'earned')).not.toBe(reasonLong(reason, 'missed'));
    }
    expect(reasonLong('code_owner_wins', 'missed')).toBe(
      'A discount code’s owner was paid; your click is kept as an assist.',
    );
    expect(reasonShort('enrollment_inactive', 'missed')).toBe('You were not active');
  });

  test('nobody is told that there was no click: one may have been there that does not count', () => {
    for (const eyes of ['program', 'earned', 'missed'] satisfies Eyes[]) {
      expect(reasonLong('no_touch', eyes)).toContain('that counts');
    }
  });

  test('a joined click is proven or only told; any other is what it is', () => {
    expect(labelWords('joined', true)).toMatch(/proven/);
    expect(labelWords('joined', false)).toMatch(/only told by a browser/);
    expect(labelWords('visitor', false)).toBe(labelWords('visitor', true));
  });

  test('a word that is not known yet is readable all the same, even an object’s own', () => {
    for (const eyes of ['program', 'earned', 'missed'] satisfies Eyes[]) {
      expect(reasonShort('blocked_region', eyes)).toBe('Blocked region');
      expect(reasonLong('constructor', eyes)).toBe('Constructor.');
    }
    expect([whyWords('to_string'), stepWords('jury_duty'), labelWords('by_owl')]).toEqual([
      'To string',
      'jury duty',
      'by owl',
    ]);
    expect(eventWords('trial_started')).toBe('Trial started');
    expect(noteWords('something_new: x')).toBe('Something new: x');
  });

  test('what a note is about stands in it as it is', () => {
    expect(noteWords('code_unknown: $& <B>')).toBe(
      'The code $& <B> was used, and belongs to nobody here. It decided nothing.',
    );
    expect(noteWords('self_referral: 01J', (id) => `partner ${id}`)).toContain('signs in here for partner 01J.');
  });

  test('what a rule is of', () => {
    const inEuro = (currency: string, value: number) => `${value} ${currency}`;
    expect(whenWords(null, inEuro)).toBe('');
    expect(
      whenWords({ category: 'Coffee', customer: 'new', minimum: { EUR: minor(50), USD: minor(60) } }, inEuro),
    ).toBe('Coffee, new customers, orders from 50 EUR or 60 USD');
    expect(whenWords({ event: 'lead', code: 'ANNA10', sku: 'tent' }, inEuro)).toBe('item tent, leads, code ANNA10');
  });
});

describe('an assist', () => {
  const paid = order('1', { commission: 100, heldUntil: '2026-12-04T12:00:00.000Z' });
  const [part] = paid.allocations;
  if (!part) throw new Error('an order without a part');
  const assist = { ...part, reason: 'code_owner_wins', shareMicros: 0, base: 0, commission: 0 };

  test('is no part of an order, and its partner did not earn it', () => {
    expect([isAssist(assist), isAssist(part), isAssist({ ...part, reason: 'code_owner_wins' })]).toEqual([
      true,
      false,
      false,
    ]);
    const both = { allocations: [part, assist] };
    expect(earnedParts(both)).toEqual([part]);
    expect([eyesOf(both, 'partner'), eyesOf({ allocations: [assist] }, 'partner'), eyesOf(both, 'program')]).toEqual([
      'earned',
      'missed',
      'program',
    ]);
  });
});
