/** Attribution by laws over random journeys; the examples are golden vectors (`golden.test.ts`). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attribute, DAY_MS, type Enrollment, inForce, type Touch } from '../../edge/core/attribution.ts';
import { type ClickKey, makeId, type PartnerId } from '../../edge/core/id.ts';
import { journeyOf, policyOf as policy } from '../support/journeys.ts';
import { runs } from '../support/laws.ts';

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

test('a program without a version is a bug', () => {
  expect(() => inForce([], ORDER)).toThrow(RangeError);
});
