/** The plain model of attribution: right on examples worked by hand, and the engine agrees with it on random journeys. */
import { describe, expect, test } from 'vitest';
import {
  attribute,
  type Code,
  type Enrollment,
  type Journey,
  type Override,
  type Policy,
  type Touch,
} from '../../edge/core/attribution.ts';
import { allocationsOf, earn } from '../../edge/core/commission.ts';
import { type GroupId, type LinkId, makeId, type PartnerId } from '../../edge/core/id.ts';
import { reach, spansOn, userOf } from '../../edge/core/identity.ts';
import { minor, ppm } from '../../edge/core/money.ts';
import { journeyOf, policyOf } from '../support/journeys.ts';
import { disagreement, oracle, sharesAgain, smallest } from './oracle.ts';
import { firstUser, isUser, momentsOf, randomReach, reachDisagreement } from './oracle-devices.ts';
import { allocationsDisagreement, earnings, earningsDisagreement, randomEarning } from './oracle-earnings.ts';
import { mulberry32, randomJourney, retold } from './random-journeys.ts';

const SECOND = 1_000;
const DAY = 86_400_000;
const ORDER = 1_800_000_000_000;

const partner = (name: string): PartnerId => `partner-${name}` as PartnerId;

/** A click so many ms before the order; `number` orders clicks of one ms. */
function click(name: string, ago: number, rest: Partial<Touch> & { number?: number } = {}): Touch {
  const { number = 0, ...others } = rest;
  return {
    clickKey: makeId<'click'>(ORDER - ago, Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, number)),
    partnerId: partner(name),
    linkId: null,
    class: 'valid',
    label: 'visitor',
    landed: false,
    proven: true,
    ...others,
  };
}

const POLICY = policyOf({ startsAt: 0, holdDays: 30 });

const enrolled = (name: string, rest: Partial<Enrollment> = {}): Enrollment => ({
  partnerId: partner(name),
  startedAt: 0,
  stoppedAt: null,
  forCause: false,
  ...rest,
});

/** What the oracle says, partners by their letters. */
function told(policy: Partial<Policy>, touches: readonly Touch[], rest: Partial<Journey> = {}) {
  const answer = oracle(
    journeyOf({
      occurredAt: ORDER,
      channelAt: null,
      touches,
      enrollments: ['A', 'B', 'C', 'D'].map((name) => enrolled(name)),
      lock: null,
      policies: [{ ...POLICY, ...policy }],
      ...rest,
    }),
  );
  const shares = answer.shares.map((share) => `${share.partnerId.slice(-1)} ${share.shareMicros}`).join(', ');
  return { reason: answer.reason, step: answer.step, shares, binds: answer.binds?.slice(-1) ?? null };
}

const code = (name: string, policy: Code['policy'], owner: string | null, rest: Partial<Code> = {}): Code => ({
  ...{ code: name, policy, partnerId: owner === null ? null : partner(owner), startsAt: null, endsAt: null },
  ...rest,
});

/** Clicks by these partners, one day apart, the last one a day before the order. */
const clicks = (names: string): Touch[] => [...names].map((name, at) => click(name, (names.length - at) * DAY));

describe('by hand', () => {
  test.each([
    ['position', {}, 'A', 'A 1000000'],
    ['position', {}, 'AB', 'A 500000, B 500000'],
    ['position', {}, 'ABA', 'B 200000, A 800000'],
    ['position', {}, 'ABC', 'A 400000, B 200000, C 400000'],
    ['position', {}, 'ABCD', 'A 400000, B 100000, C 100000, D 400000'],
    ['position', {}, 'ABAC', 'B 200000, A 400000, C 400000'],
    ['position', { weights: [30, 40, 30] }, 'AB', 'A 500000, B 500000'],
    ['position', { weights: [60, 20, 20] }, 'AB', 'A 750000, B 250000'],
    ['position', { weights: [10, 70, 20] }, 'AB', 'A 333333, B 666667'],
    ['position', { weights: [0, 100, 0] }, 'AB', 'A 500000, B 500000'],
    ['position', { weights: [0, 100, 0] }, 'ABC', 'B 1000000'],
    ['position', { weights: [0, 100, 0] }, 'ABA', 'B 1000000'],
    ['position', { weights: [50, 0, 50] }, 'ABA', 'A 1000000'],
    ['position', { weights: [100, 0, 0] }, 'AB', 'A 1000000'],
    ['linear', {}, 'ABC', 'A 333333, B 333333, C 333334'],
    ['linear', {}, 'ABCA', 'B 333333, C 333333, A 333334'],
    ['linear', {}, 'AAB', 'A 500000, B 500000'],
    ['last', {}, 'ABC', 'C 1000000'],
    ['first', {}, 'ABC', 'A 1000000'],
  ] as const)('%s %o of %s: %s', (model, policy, names, shares) => {
    expect(told({ model, ...policy }, clicks(names))).toEqual({ reason: model, step: 'pool', shares, binds: null });
  });

  test('of one ms, the greater click is later in every role', () => {
    const touches = [click('B', DAY, { number: 2 }), click('A', DAY, { number: 1 })];
    expect(told({ model: 'last' }, touches).shares).toBe('B 1000000');
    expect(told({ model: 'first' }, touches).shares).toBe('A 1000000');
    expect(told({ model: 'position', weights: [60, 20, 20] }, touches).shares).toBe('A 750000, B 250000');
  });

  test('the window ends inclusively', () => {
    expect(told({}, [click('A', 30 * DAY)]).reason).toBe('last');
    expect(told({}, [click('A', 30 * DAY + 1)])).toEqual({
      reason: 'outside_window',
      step: 'nobody',
      shares: '',
      binds: null,
    });
  });

  test('each click keeps the window it was made under; the order takes the model of its own time', () => {
    const changed = ORDER - 20 * DAY;
    const policies: Policy[] = [
      { ...POLICY, version: 1, startsAt: ORDER - 100 * DAY, windowDays: 90, model: 'first' },
      { ...POLICY, version: 2, startsAt: changed, windowDays: 7, model: 'linear' },
      { ...POLICY, version: 3, startsAt: changed, windowDays: 10, model: 'last' },
    ];
    const touches = [click('A', 80 * DAY), click('B', 11 * DAY)];
    expect(told({}, touches, { policies })).toMatchObject({ reason: 'last', shares: 'A 1000000' });
    // Before the first version the first one holds.
    expect(told({}, touches, { policies: policies.map((one) => ({ ...one, startsAt: ORDER + one.version })) })).toEqual(
      { reason: 'first', step: 'pool', shares: 'A 1000000', binds: null },
    );
  });

  test('the guard', () => {
    const guard = { guardSeconds: 60 };
    const edge = click('A', 60 * SECOND);
    const inside = click('B', 60 * SECOND - 1);
    expect(told(guard, [edge, inside]).shares).toBe('A 1000000');
    expect(told(guard, [inside, click('C', SECOND)]).shares).toBe('C 1000000');
    // The latest guarded touch wins, also where the model asks for the first.
    expect(told({ ...guard, model: 'first' }, [inside, click('C', SECOND)]).shares).toBe('C 1000000');
    expect(told({ ...guard, rejectSolo: true }, [edge, inside]).shares).toBe('A 1000000');
    expect(told({ ...guard, rejectSolo: true }, [inside])).toMatchObject({ reason: 'in_cart_guard', step: 'nobody' });
    expect(told({ ...guard, rejectSolo: true, model: 'linear' }, [inside]).shares).toBe('B 1000000');
    expect(told({ ...guard, rejectSolo: true, model: 'position' }, [edge, inside]).shares).toBe('A 500000, B 500000');
  });

  test('a newer click of another channel is held against what the guard left', () => {
    const policy = { guardSeconds: 60, channelPolicy: 'dedupe_if_newer' } as const;
    const touches = [click('A', DAY), click('B', SECOND)];
    expect(told(policy, touches, { channelAt: ORDER - DAY }).shares).toBe('A 1000000');
    expect(told(policy, touches, { channelAt: ORDER - DAY + 1 }).reason).toBe('channel_newer');
    expect(told({ ...policy, guardSeconds: 0 }, touches, { channelAt: ORDER - DAY + 1 }).shares).toBe('B 1000000');
    expect(told({ ...policy, channelPolicy: 'ignore' }, touches, { channelAt: ORDER }).shares).toBe('A 1000000');
    expect(told({ ...policy, model: 'linear' }, touches, { channelAt: ORDER }).reason).toBe('channel_newer');
  });

  test('which clicks count', () => {
    expect(told({}, []).reason).toBe('no_touch');
    expect(told({}, [click('A', DAY, { class: 'refused', landed: true })]).reason).toBe('no_touch');
    expect(told({}, [click('A', DAY, { class: 'suspect' })]).reason).toBe('no_touch');
    expect(told({}, [click('A', 0)]).shares).toBe('A 1000000');
    expect(told({}, [click('A', -1)]).reason).toBe('no_touch');
    // One telling of the click knows of its landing, the other does not.
    const suspect = click('A', DAY, { class: 'suspect' });
    expect(told({}, [suspect, { ...suspect, landed: true }]).shares).toBe('A 1000000');
    expect(told({}, [{ ...suspect, landed: true }, suspect]).shares).toBe('A 1000000');
  });

  test.each([
    ['none', [], 'enrollment_inactive'],
    ['started with the click', [enrolled('A', { startedAt: ORDER - DAY })], 'last'],
    ['started after it', [enrolled('A', { startedAt: ORDER - DAY + 1 })], 'enrollment_inactive'],
    ['stopped with the click', [enrolled('A', { stoppedAt: ORDER - DAY })], 'enrollment_inactive'],
    ['stopped after it', [enrolled('A', { stoppedAt: ORDER - DAY + 1 })], 'last'],
    ['for cause with the order', [enrolled('A', { stoppedAt: ORDER, forCause: true })], 'enrollment_inactive'],
    ['for cause after it', [enrolled('A', { stoppedAt: ORDER + 1, forCause: true })], 'last'],
  ] as const)('enrollment %s', (_, enrollments, reason) => {
    expect(told({}, [click('A', DAY)], { enrollments }).reason).toBe(reason);
    // A click that was too old besides has another flaw first.
    expect(told({}, [click('A', 31 * DAY)], { enrollments }).reason).toBe('outside_window');
  });

  test('a bound customer', () => {
    const policy = { model: 'customer_lock' } as const;
    const lock = { partnerId: partner('C'), boundAt: ORDER - 1 };
    const pool = { reason: 'customer_lock', step: 'pool', shares: 'B 1000000', binds: 'B' };
    const touches = clicks('AB');
    expect(told(policy, touches)).toEqual(pool);
    expect(told(policy, touches, { lock })).toEqual({
      reason: 'customer_lock',
      step: 'customer_lock',
      shares: 'C 1000000',
      binds: null,
    });
    expect(told(policy, [], { lock }).shares).toBe('C 1000000');
    expect(told({}, touches, { lock }).shares).toBe('B 1000000');
    // Older than the order that bound: decided by its own clicks, and the customer stays bound.
    expect(told(policy, touches, { lock: { ...lock, boundAt: ORDER } })).toEqual({ ...pool, binds: null });
    const others = [enrolled('A'), enrolled('B')];
    expect(told(policy, touches, { lock, enrollments: others })).toEqual(pool);
    const ended = enrolled('C', { stoppedAt: ORDER - DAY, forCause: true });
    expect(told(policy, touches, { lock, enrollments: [...others, ended] })).toEqual(pool);
    const paused = { ...ended, forCause: false };
    expect(told(policy, touches, { lock, enrollments: [...others, paused] }).shares).toBe('C 1000000');
  });

  test('codes decide before locks and clicks, the first that can', () => {
    const touches = clicks('AB');
    const of = (knownCodes: Code[], codes: string[], rest: Partial<Journey> = {}, policy: Partial<Policy> = {}) => {
      const { reason, shares } = told(policy, touches, { knownCodes, codes, ...rest });
      return `${reason}: ${shares}`;
    };
    const lock = { model: 'customer_lock' } as const;
    const locked = { lock: { partnerId: partner('D'), boundAt: 0 } };
    expect(of([code('X', 'always', 'C')], ['X'], locked, lock)).toBe('code_owner_wins: C 1000000');
    expect(of([code('X', 'if_involved', 'C')], ['X'], locked, lock)).toBe('customer_lock: D 1000000');
    expect(of([code('X', 'if_involved', 'C')], ['X'])).toBe('last: B 1000000');
    expect(of([code('X', 'if_involved', 'A')], ['X'])).toBe('code_owner_wins: A 1000000');
    expect(of([code('X', 'if_winner', 'A')], ['X'])).toBe('last: B 1000000');
    const two = [code('X', 'if_involved', 'C'), code('Y', 'always', 'A'), code('Z', 'always', 'D')];
    expect(of(two, ['X', 'Z', 'Y'])).toBe('code_owner_wins: D 1000000');
    expect(of([...two, code('N', 'none', null)], ['Z', 'N'])).toBe('code_suppressed: ');
    const family = [code('SUMMER*', 'always', 'C'), code('SUMMER2*', 'always', 'D'), code('SUMMER20', 'always', 'A')];
    expect(of(family, ['SUMMER'])).toBe('code_owner_wins: C 1000000');
    expect(of(family, ['SUMMER21'])).toBe('code_owner_wins: D 1000000');
    expect(of(family, ['SUMMER20'])).toBe('code_owner_wins: A 1000000');
    expect(of([code('X', 'always', 'C', { startsAt: ORDER, endsAt: ORDER + 1 })], ['X'])).toBe(
      'code_owner_wins: C 1000000',
    );
    expect(of([code('X', 'always', 'C', { endsAt: ORDER })], ['X'])).toBe('last: B 1000000');
    expect(of([code('X', 'always', 'Z')], ['X'])).toBe('last: B 1000000');
  });

  test("a line's own code decides that line", () => {
    const knownCodes = [code('X', 'always', 'C'), code('N', 'none', null)];
    const of = (lineCodes: (string | null)[], touches: readonly Touch[]) => {
      const { reason, step, lines } = oracle(
        journeyOf({
          occurredAt: ORDER,
          ...{ touches, lineCodes, knownCodes, policies: [POLICY], enrollments: [enrolled('A'), enrolled('C')] },
        }),
      );
      return [reason, step, lines.map((line) => line.map((one) => one.partnerId.slice(-1)).join('') || '-').join(' ')];
    };
    const touches = clicks('A');
    expect(of(['X', null, 'N'], touches)).toEqual(['last', 'pool', 'C A -']);
    expect(of(['X', 'N'], touches)).toEqual(['code_owner_wins', 'code', 'C -']);
    expect(of(['N', 'N'], touches)).toEqual(['code_suppressed', 'code', '- -']);
    expect(of(['X', null], [])).toEqual(['code_owner_wins', 'code', 'C -']);
    expect(of(['N', null], [])).toEqual(['no_touch', 'nobody', '- -']);
    expect(of(['UNKNOWN', null], touches)).toEqual(['last', 'pool', 'A A']);
  });

  test('a link speaks before a group, a group before the program, each as of its moment', () => {
    const group = 'group' as GroupId;
    const link = 'link' as LinkId;
    const silent = { model: null, windowDays: null, guardSeconds: null, rejectSolo: null };
    const says = (scopeId: GroupId | LinkId, startsAt: number, rest: Partial<Override>): Override => ({
      ...{ scopeId, startsAt, version: 1, ...silent },
      ...rest,
    });
    const placements = [{ partnerId: partner('B'), version: 1, startsAt: ORDER, groupId: group }];
    const touches = [click('A', 2 * DAY), click('B', DAY, { linkId: link })];
    const of = (...overrides: Override[]) => told({}, touches, { overrides, placements }).shares;
    expect(of(says(group, 0, { model: 'first' }))).toBe('A 1000000');
    expect(of(says(group, 0, { model: 'first' }), says(link, 0, { model: 'linear' }))).toBe('A 500000, B 500000');
    expect(of(says(group, 0, { model: 'first' }), says(link, 0, {}))).toBe('A 1000000');
    // The window is the one in force at the click, the guard the one at the order.
    const then = says(link, 0, { windowDays: 1, guardSeconds: 0 });
    expect(of(then, says(link, ORDER, { version: 2, windowDays: 0 }))).toBe('B 1000000');
    expect(of({ ...then, windowDays: 0 }, says(link, ORDER, { version: 2, windowDays: 90 }))).toBe('A 1000000');
    expect(of(then, says(link, ORDER, { version: 2, guardSeconds: 2 * 86_400 }))).toBe('A 1000000');
    expect(of(then, says(link, ORDER + 1, { version: 2, guardSeconds: 2 * 86_400 }))).toBe('B 1000000');
  });

  test("a browser's word counts where there is no other", () => {
    const hearsay = click('B', DAY, { proven: false });
    const policy = { model: 'customer_lock' } as const;
    expect(told(policy, [click('A', 2 * DAY), hearsay])).toMatchObject({ shares: 'A 1000000', binds: 'A' });
    expect(told(policy, [hearsay])).toMatchObject({ shares: 'B 1000000', binds: null });
    expect(told(policy, [click('A', 40 * DAY), hearsay])).toMatchObject({ shares: 'B 1000000' });
    expect(told({}, [hearsay, { ...hearsay, proven: true }, click('A', 2 * DAY)]).shares).toBe('B 1000000');
  });

  test("a partner's own purchase, where the program blocks it", () => {
    const policy = { selfReferral: 'block' } as const;
    const selfReferrers = [partner('B')];
    expect(told(policy, clicks('AB'), { selfReferrers }).shares).toBe('A 1000000');
    expect(told(policy, clicks('B'), { selfReferrers }).reason).toBe('self_referral');
    expect(told(policy, [click('B', 31 * DAY)], { selfReferrers }).reason).toBe('outside_window');
    const coded = { selfReferrers, codes: ['X'], knownCodes: [code('X', 'always', 'B')] };
    expect(told(policy, [], coded).reason).toBe('self_referral');
    expect(told(policy, clicks('A'), coded).shares).toBe('A 1000000');
    expect(told({ selfReferral: 'flag' }, clicks('AB'), { selfReferrers }).shares).toBe('B 1000000');
    const lock = { partnerId: partner('B'), boundAt: 0 };
    expect(told({ ...policy, model: 'customer_lock' }, clicks('A'), { selfReferrers, lock })).toMatchObject({
      ...{ step: 'pool', shares: 'A 1000000', binds: null },
    });
  });

  test('a forced partner stands before all, a renewal next', () => {
    const rest = { codes: ['N'], knownCodes: [code('N', 'none', null)] };
    const renews = [
      { partnerId: partner('A'), shareMicros: 400_000 },
      { partnerId: partner('B'), shareMicros: 600_000 },
    ];
    expect(told({}, clicks('C'), { ...rest, renews, forced: partner('D') })).toMatchObject({ shares: 'D 1000000' });
    expect(told({}, clicks('C'), { ...rest, renews })).toMatchObject({
      ...{ reason: 'renewal', step: 'renewal', shares: 'A 400000, B 600000', binds: null },
    });
    const enrollments = [enrolled('A'), enrolled('B', { stoppedAt: ORDER, forCause: true })];
    expect(told({}, [], { renews, enrollments }).shares).toBe('A 400000');
    expect(told({}, [], { renews: renews.slice(1), enrollments }).reason).toBe('enrollment_inactive');
  });
});

const SEED = 20_261_001;
const JOURNEYS = 10_000;

/** Enough to run it again, and the smallest journey that shows it. */
function report(number: number, journey: Journey, failing: (journey: Journey) => string | null): string {
  const small = smallest(journey, (one) => failing(one) !== null);
  return `seed ${SEED} + ${number}\n${failing(small)}\n${JSON.stringify(small, null, 1)}`;
}

/** How often each branch was taken. Agreement means little about one that chance seldom leads to. */
function counter() {
  const taken = new Map<string, number>();
  return {
    hit: (branch: string) => taken.set(branch, (taken.get(branch) ?? 0) + 1),
    expectAll: (branches: readonly string[], floor: number) => {
      const rare = branches.filter((branch) => (taken.get(branch) ?? 0) < floor);
      expect(rare, `seed ${SEED}: ${JSON.stringify([...taken])}`).toEqual([]);
    },
  };
}

const each = (prefix: string, ...names: string[]): string[] => names.map((name) => `${prefix} ${name}`);

const BRANCHES = [
  ...each(
    'touch:',
    'fit',
    'refused',
    'suspect',
    'after_order',
    'outside_window',
    'enrollment_inactive',
    'self_referral',
  ),
  ...each('window:', 'link', 'group', 'program', 'last ms', 'first ms after'),
  ...each('model:', 'link', 'group', 'program'),
  ...each('guard:', 'link', 'group', 'program', 'edge', 'drops some', 'solo', 'latest of several'),
  ...each('solo:', 'link', 'group', 'program'),
  ...['settings: no touch', 'version: before the first'],
  ...['group: changed since the click', 'link: changed since the click'],
  ...each('unproven:', 'outdone', 'alone'),
  ...each('hearsay:', 'pool', 'code'),
  ...each('order code:', 'unknown', 'inactive', 'blocked', 'active'),
  ...each('line code:', 'unknown', 'inactive', 'blocked', 'active'),
  ...each('code:', 'exact before family', 'longest family', 'family', 'first ms', 'first ms after', 'owner inactive'),
  'codes of two partners',
  ...each('order', 'always', 'if_involved decides', 'if_involved passes', 'if_winner passes'),
  ...each('line', 'always', 'if_involved decides', 'if_involved passes', 'if_winner passes', 'none'),
  ...each('lines:', 'all by codes', 'all suppressed', 'the rest has nobody', 'nobody, some suppressed'),
  ...each('lines: beside', 'pool', 'code', 'customer_lock'),
  ...each('renewal:', 'whole', 'some left', 'none left', 'renewal', 'enrollment_inactive'),
  ...each('lock:', 'dismissed', 'blocked', 'same moment'),
  ...['binds', 'binds not: hearsay', 'binds not: bound'],
  ...['pool: equal times', 'channel: equal', 'self_referral: by code'],
  ...each('pool:', 'last', 'first', 'linear', 'position', 'customer_lock'),
  ...each(
    'nobody:',
    'self_referral',
    'enrollment_inactive',
    'outside_window',
    'no_touch',
    'in_cart_guard',
    'channel_newer',
  ),
  ...['forced: forced', 'customer_lock: customer_lock', 'code: code_owner_wins', 'code: code_suppressed'],
  ...each('partners:', '0', '1', '2', '3', '4'),
];

describe('the engine', () => {
  test('agrees with the oracle, on every branch', () => {
    const { hit, expectAll } = counter();
    const failing = (journey: Journey) => disagreement(attribute, journey);
    for (let number = 0; number < JOURNEYS; number++) {
      const journey = randomJourney(mulberry32(SEED + number));
      if (disagreement(attribute, journey, hit) !== null) expect.fail(report(number, journey, failing));
    }
    expectAll(BRANCHES, 10);
  });

  test('says the same of a story told in another order, or twice', () => {
    for (let number = 0; number < JOURNEYS; number++) {
      const random = mulberry32(SEED + number);
      const journey = randomJourney(random);
      const other = retold(random, journey);
      const [one, two] = [attribute(journey), attribute(other)].map(({ candidates, notes, ...said }) =>
        JSON.stringify({ ...said, notes: notes.toSorted(), kept: candidates.map((one) => [one.clickKey, one.why]) }),
      );
      if (one !== two) {
        expect.fail(`seed ${SEED} + ${number}\n${one}\n${two}\n${JSON.stringify([journey, other], null, 1)}`);
      }
    }
  });

  test('gives away each line wholly or not at all, and explains it so that it can be worked out again', () => {
    for (let number = 0; number < JOURNEYS; number++) {
      const journey = randomJourney(mulberry32(SEED + number));
      const verdict = attribute(journey);
      const sums = [verdict, ...verdict.lines].map(({ shares }) =>
        shares.reduce((sum, share) => sum + share.shareMicros, 0),
      );
      const whole = verdict.step === 'renewal' ? sums : [0, 1_000_000];
      expect(
        sums.filter((sum) => !whole.includes(sum)),
        `seed ${SEED} + ${number}`,
      ).toEqual([]);
      // Keys sort by time.
      const keys = verdict.candidates.map((one) => one.clickKey);
      expect(keys, `seed ${SEED} + ${number}`).toEqual([...new Set(keys)].sort().reverse());
      // Where neither link nor group says anything, nothing is in the program's place.
      const { linkVersion = 1, groupVersion = null } = verdict.override ?? {};
      expect(linkVersion ?? groupVersion, `seed ${SEED} + ${number}`).not.toBeNull();
      if (verdict.step !== 'pool') continue;
      const policy = journey.policies.find((one) => one.version === verdict.policyVersion);
      const model = verdict.override?.model ?? verdict.model;
      expect(sharesAgain({ ...verdict, model }, policy?.weights ?? [0, 0, 0]), `seed ${SEED} + ${number}`).toEqual(
        verdict.shares,
      );
    }
  });
});

describe('browsers', () => {
  test('the engine reads those that the oracle reads, at the same times', () => {
    const { hit, expectAll } = counter();
    for (let number = 0; number < JOURNEYS; number++) {
      const given = randomReach(mulberry32(SEED + number));
      const found = reachDisagreement(reach, given, hit);
      if (found !== null) expect.fail(`seed ${SEED} + ${number}\n${found}`);
    }
    expectAll(
      [
        ...['a sure way', 'a way by a browser alone', 'proven by the own browser', 'proven edge'],
        ...['one browser by two names', 'more than twenty', 'a proven one left out'],
        ...['own browser kept', 'own browser not kept'],
      ],
      50,
    );
  });

  test('whose a browser was, at every moment around what was seen', () => {
    for (let number = 0; number < JOURNEYS / 10; number++) {
      const { owners, identifications } = randomReach(mulberry32(SEED + number));
      for (const visitorId of new Set(identifications.map((one) => one.visitorId))) {
        const seen = identifications.filter((one) => one.visitorId === visitorId);
        for (const at of momentsOf(seen)) {
          const context = `seed ${SEED} + ${number}, ${visitorId} at ${at}`;
          expect(userOf(seen, owners, at), context).toBe(firstUser(seen, owners, at));
          for (const customer of new Set(owners.values())) {
            const inside = spansOn(seen, owners, customer).filter((span) => span.from <= at && at < span.until);
            expect(inside.length, context).toBe(isUser(seen, owners, customer, at) ? 1 : 0);
          }
        }
      }
    }
  });
});

describe('earnings', () => {
  test('the engine pays what the oracle pays', () => {
    const { hit, expectAll } = counter();
    for (let number = 0; number < JOURNEYS; number++) {
      const given = randomEarning(mulberry32(SEED + number));
      const found = earningsDisagreement(earn, given, hit) ?? allocationsDisagreement(allocationsOf, given, hit);
      if (found !== null) expect.fail(`seed ${SEED} + ${number}\n${found}`);
    }
    expectAll(
      [
        ...each('fixed:', 'of one', 'of several', 'beside a rest', 'of an order without value'),
        ...each('cap:', 'of one', 'of several'),
        ...each('code:', 'of the order', 'of the line', 'of another'),
        ...each('minimum:', 'missed', 'just reached'),
        ...each('months:', 'within', 'over', 'first ms after'),
        ...each('rule:', 'a later one', 'none', 'none for the currency'),
        ...['line: nobody', 'currency: lacking', 'allocation: lines agree', 'allocation: lines differ'],
      ],
      50,
    );
  });

  test('no line gives more than it has, and none of it is lost where somebody has the whole', () => {
    for (let number = 0; number < JOURNEYS; number++) {
      const given = randomEarning(mulberry32(SEED + number));
      const paid = earn(given);
      for (const { line, base } of given.sold.lines) {
        const parts = paid.filter((part) => part.line === line);
        const sum = parts.reduce((all, part) => all + part.base, 0);
        const micros = parts.reduce((all, part) => all + part.shareMicros, 0);
        if (micros === 1_000_000) expect(sum, `seed ${SEED} + ${number}`).toBe(base);
        else expect(sum, `seed ${SEED} + ${number}`).toBeLessThanOrEqual(base);
      }
    }
  });

  test('what nobody was given of a line is not paid', () => {
    const { sold } = randomEarning(mulberry32(SEED));
    const [part] = earnings({
      sold: { ...sold, lines: [{ line: 0, base: minor(1_001) }], used: [], renewal: null },
      verdict: { shares: [{ partnerId: partner('A'), shareMicros: 400_000 }], lines: [] },
      termsOf: () => ({ version: 1, startsAt: 0, groupId: null, rules: [{ ratePpm: ppm(100_000) }] }),
    });
    expect(part).toMatchObject({ base: 400, commission: 40 });
  });
});
