/** Attribution by laws over random journeys; the examples are golden vectors (`golden.test.ts`). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  attribute,
  COMPARABLE,
  DAY_MS,
  type Enrollment,
  inForce,
  inForceOf,
  namesOfCode,
  OPEN_REASONS,
  type Journey as Story,
  shareUnder,
  type Touch,
} from '../../edge/core/attribution.ts';
import { type ClickKey, makeId, type PartnerId } from '../../edge/core/id.ts';
import { journeyOf, policyOf as policy } from '../support/journeys.ts';
import { aPartOf, runs } from '../support/laws.ts';
import { mulberry32, randomJourney } from './random-journeys.ts';

const ORDER = Date.UTC(2026, 10, 1, 12);
const bytes = (text: string) => new Uint8Array(10).fill(text.charCodeAt(0));
const clickKey = (at: number, tail: string): ClickKey => makeId(ORDER + at, bytes(tail));

describe('laws', () => {
  const partners = ['A', 'B', 'C', 'D'] as PartnerId[];
  const touches = fc.array(
    fc.record({
      at: fc.integer({ min: -60 * DAY_MS, max: DAY_MS }),
      tail: fc.constantFrom('A', 'B', 'C'),
      partnerId: fc.constantFrom(...partners),
      class: fc.constantFrom<Touch['class']>('valid', 'suspect', 'refused'),
      label: fc.constantFrom<Touch['label']>('click_id', 'visitor'),
      landed: fc.boolean(),
    }),
    { maxLength: 12 },
  );
  const enrollments = fc.tuple(
    ...partners.map((partnerId) =>
      fc.record({
        partnerId: fc.constant(partnerId),
        startedAt: fc.integer({ min: ORDER - 90 * DAY_MS, max: ORDER }),
        stoppedAt: fc.option(fc.integer({ min: ORDER - 50 * DAY_MS, max: ORDER + DAY_MS })),
        forCause: fc.boolean(),
      }),
    ),
  );
  const journey = fc.record({ touches, enrollments, windowDays: fc.integer({ min: 1, max: 45 }) });
  type Journey = {
    touches: {
      at: number;
      tail: string;
      partnerId: PartnerId;
      class: Touch['class'];
      label: Touch['label'];
      landed: boolean;
    }[];
    enrollments: Enrollment[];
    windowDays: number;
  };
  const judge = ({ touches, enrollments, windowDays }: Journey) =>
    attribute(
      journeyOf({
        occurredAt: ORDER,
        channelAt: null,
        lock: null,
        enrollments,
        policies: [policy({ windowDays })],
        // One click has one partner and one class, whoever tells of it.
        touches: touches.map(({ at, tail, ...one }) => {
          const first = touches.find((other) => other.at === at && other.tail === tail) ?? one;
          return {
            ...one,
            partnerId: first.partnerId,
            class: first.class,
            clickKey: clickKey(at, tail),
            linkId: null,
            proven: true,
          };
        }),
      }),
    );

  test('shares sum to the whole or to nothing; the winner is the latest kept candidate', () => {
    fc.assert(
      fc.property(journey, (given) => {
        const { shares, candidates, reason, step } = judge(given);
        const kept = candidates.filter((one) => one.kept);
        expect(shares.reduce((sum, one) => sum + one.shareMicros, 0)).toBe(kept.length > 0 ? 1_000_000 : 0);
        expect(shares.map((one) => one.partnerId)).toEqual(kept.slice(0, 1).map((one) => one.partnerId));
        expect([reason === 'last', step === 'pool']).toEqual([kept.length > 0, kept.length > 0]);
        expect(candidates.map((one) => one.clickKey)).toEqual(
          candidates
            .map((one) => one.clickKey)
            .toSorted()
            .toReversed(),
        );
        expect(new Set(candidates.map((one) => one.clickKey)).size).toBe(candidates.length);
      }),
      runs(),
    );
  });

  test('the order in which touches arrive, and telling one twice, changes nothing but labels', () => {
    fc.assert(
      fc.property(journey, fc.infiniteStream(fc.nat()), (given, noise) => {
        const shuffled = [...given.touches, ...given.touches]
          .map((touch) => ({ touch, by: noise.next().value as number }))
          .sort((a, b) => a.by - b.by)
          .map(({ touch }) => touch);
        const plain = (verdict: ReturnType<typeof judge>) => ({
          ...verdict,
          candidates: verdict.candidates.map(({ label: _label, ...one }) => one),
        });
        // Shuffling must not change which telling of a click comes first in this test's own dedupe.
        const fixed = shuffled.map((touch) => {
          const first = given.touches.find((other) => other.at === touch.at && other.tail === touch.tail) ?? touch;
          return { ...touch, partnerId: first.partnerId, class: first.class };
        });
        expect(plain(judge({ ...given, touches: fixed }))).toEqual(plain(judge(given)));
      }),
      runs(),
    );
  });

  test('a refused or expired click more changes nobody’s credit', () => {
    fc.assert(
      fc.property(journey, fc.integer({ min: 46 * DAY_MS, max: 60 * DAY_MS }), (given, age) => {
        const more = { tail: 'Z', partnerId: partners[0] as PartnerId, label: 'visitor', landed: true } as const;
        const refused = { ...more, at: -1, class: 'refused' } as const;
        const expired = { ...more, at: -age, class: 'valid' } as const;
        expect(judge({ ...given, touches: [...given.touches, refused, expired] }).shares).toEqual(judge(given).shares);
      }),
      runs(),
    );
  });
});

describe('an order that stands, under another model', () => {
  const SEED = 20_261_101;
  /** What no model decides is taken out of a random story, and what a link or a group says. */
  const plain = (number: number): Story => {
    const story = randomJourney(mulberry32(SEED + number));
    const policies = story.policies.map((one) => ({ ...one, channelPolicy: 'ignore' as const }));
    const none = { codes: [], lineCodes: [], overrides: [], placements: [], lock: null, forced: null, renews: null };
    return { ...story, ...none, policies };
  };
  const policyOf = (story: Story) => inForce(story.policies, story.occurredAt);

  test.each(COMPARABLE)('%s: as it would have been decided', (model) => {
    let shared = 0;
    for (let number = 0; number < aPartOf(2_000); number++) {
      const story = plain(number);
      const asked = { ...story, policies: story.policies.map((one) => ({ ...one, model })) };
      const expected = attribute(asked).shares;
      if (expected.length > 1) shared += 1;
      const stands = { ...attribute(story), occurredAt: story.occurredAt };
      expect(shareUnder(model, stands, policyOf(story)), `seed ${SEED} + ${number}`).toEqual(expected);
    }
    if (model === 'linear' || model === 'position') expect(shared).toBeGreaterThan(aPartOf(200));
  });

  test('what a person, a renewal, a code or another channel decided is no model’s to change', () => {
    const [A, B] = ['A', 'B'] as PartnerId[];
    const shares = [{ partnerId: B as PartnerId, shareMicros: 1_000_000 }];
    const story = journeyOf({
      occurredAt: ORDER,
      enrollments: [A, B].map((one) => ({
        partnerId: one as PartnerId,
        startedAt: 0,
        stoppedAt: null,
        forCause: false,
      })),
      policies: [policy({})],
      touches: [touchOf('A', -DAY_MS)],
    });
    const { candidates } = attribute(story);
    const stands = { occurredAt: ORDER, reason: 'last', step: 'pool', shares, candidates } as const;
    const under = (said: Partial<Parameters<typeof shareUnder>[1]>) =>
      shareUnder('last', { ...stands, ...said }, policy({}));
    expect(under({}).map((one) => one.partnerId)).toEqual([A]);
    for (const step of ['forced', 'renewal', 'code'] as const) expect(under({ step })).toBe(shares);
    expect(under({ reason: 'channel_newer', step: 'nobody' })).toEqual([]);
    expect(under({ candidates: [] })).toEqual([]);
  });
});

const touchOf = (name: string, at: number, rest: Partial<Touch> = {}): Touch => ({
  clickKey: clickKey(at, name),
  partnerId: name as PartnerId,
  linkId: null,
  class: 'valid',
  label: 'visitor',
  landed: true,
  proven: true,
  ...rest,
});

describe('what is said of each click', () => {
  const enrolled = (name: string, rest: Partial<Enrollment> = {}): Enrollment => ({
    ...{ partnerId: name as PartnerId, startedAt: 0, stoppedAt: null, forCause: false },
    ...rest,
  });
  const story = (rest: Partial<Story>) =>
    journeyOf({
      occurredAt: ORDER,
      enrollments: ['A', 'B', 'C', 'D'].map((name) => enrolled(name)),
      policies: [policy({})],
      touches: [
        touchOf('D', -DAY_MS, { proven: false }),
        touchOf('C', -2 * DAY_MS, { class: 'refused' }),
        touchOf('B', -3 * DAY_MS),
        touchOf('A', -4 * DAY_MS),
      ],
      ...rest,
    });
  const code = (name: string, policy: 'always' | 'none', owner: string | null) =>
    ({ code: name, policy, partnerId: owner as PartnerId | null, startsAt: null, endsAt: null }) as const;
  const told = (rest: Partial<Story>) => {
    const { reason, candidates } = attribute(story(rest));
    return { reason, said: candidates.map((one) => `${one.partnerId} ${one.kept ? 'kept ' : ''}${one.why}`) };
  };

  test('where every line has a code of its own', () => {
    const knownCodes = [code('ANNA', 'always', 'A'), code('NONE', 'none', null)];
    expect(told({ knownCodes, lineCodes: ['ANNA', 'NONE'] })).toEqual({
      reason: 'code_owner_wins',
      said: ['D unproven', 'C refused', 'B code_owner_wins', 'A code_owner'],
    });
    expect(told({ knownCodes, lineCodes: ['NONE', 'NONE'] })).toEqual({
      reason: 'code_suppressed',
      said: ['D unproven', 'C refused', 'B code_suppressed', 'A code_suppressed'],
    });
    expect(told({ knownCodes, lineCodes: ['ANNA', null] })).toEqual({
      reason: 'last',
      said: ['D unproven', 'C refused', 'B kept won', 'A kept earlier'],
    });
  });

  test('of a renewal, also where its partners have all gone', () => {
    const renews = [{ partnerId: 'A' as PartnerId, shareMicros: 1_000_000 }];
    const gone = [
      enrolled('A', { stoppedAt: ORDER - 1, forCause: true }),
      ...['B', 'C', 'D'].map((name) => enrolled(name)),
    ];
    expect(told({ renews }).said).toContain('B renewal');
    expect(told({ renews, enrollments: gone })).toEqual({
      reason: 'enrollment_inactive',
      said: ['D unproven', 'C refused', 'B renewal', 'A enrollment_inactive'],
    });
  });

  test('a person’s own purchase is marked where it has a click or code here, and nowhere else', () => {
    const notes = (selfReferrers: string[]) => attribute(story({ selfReferrers: selfReferrers as PartnerId[] })).notes;
    expect(notes(['A', 'X'])).toEqual(['self_referral: A']);
    expect(notes(['X'])).toEqual([]);
  });
});

test('a code may be kept under its own name, or as the family of any of its beginnings', () => {
  expect(namesOfCode('AB')).toEqual(['AB', 'AB*', 'A*', '*']);
});

test('what arrives late may complete an order that nobody earned for want of a click', () => {
  expect(OPEN_REASONS).toEqual(['no_touch', 'outside_window']);
});

test('a program without a version is a bug', () => {
  expect(inForceOf([], ORDER)).toBeNull();
  expect(() => inForce([], ORDER)).toThrow(RangeError);
});
