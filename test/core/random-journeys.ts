/** Journeys by chance from a seed: what the engine and the plain telling of the rules are both asked. */

import type {
  Code,
  CodePolicy,
  Enrollment,
  Journey,
  Override,
  Placement,
  Policy,
  Share,
  Touch,
} from '../../edge/core/attribution.ts';
import { type GroupId, idTime, type LinkId, makeId, type PartnerId } from '../../edge/core/id.ts';
import { journeyOf, policyOf } from '../support/journeys.ts';

export type Random = () => number;

const DAY = 24 * 60 * 60 * 1000;

/** A small generator of numbers in [0, 1), the same on every machine for one seed. */
export function mulberry32(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const below = (random: Random, limit: number): number => Math.floor(random() * limit);

export function pick<Value>(random: Random, ...from: readonly Value[]): Value {
  return from[below(random, from.length)] as Value;
}

export function shuffled<Value>(random: Random, values: readonly Value[]): Value[] {
  const rest = [...values];
  const mixed: Value[] = [];
  while (rest.length > 0) mixed.push(...rest.splice(below(random, rest.length), 1));
  return mixed;
}

const tenBytes = (random: Random): Uint8Array => Uint8Array.from({ length: 10 }, () => below(random, 256));

const GROUPS = ['group-1', 'group-2'] as GroupId[];

/** Times fall on each other and on every edge, one ms to either side: that is where a rule can be misread. */
export function randomJourney(random: Random): Journey {
  const order = 1_790_000_000_000 + below(random, 1_000) * 1_000 + below(random, 3);
  const near = (at: number) => at + pick(random, -1, 0, 0, 1);
  const past = (days: number) => order - below(random, days * DAY);

  const policies: Policy[] = [];
  let startsAt = past(120);
  for (let version = 1, versions = 1 + below(random, 3); version <= versions; version++) {
    policies.push(randomPolicy(random, version, startsAt));
    startsAt = pick(random, startsAt, startsAt + below(random, 60 * DAY), near(order), order);
    startsAt = Math.max(startsAt, policies.at(-1)?.startsAt ?? 0);
  }

  // In some journeys all goes well, or five partners would hardly ever share one order.
  const calm = random() < 0.3;
  const partners = Array.from({ length: calm ? 3 + below(random, 3) : 1 + below(random, 5) }, () =>
    makeId<'partner'>(order, tenBytes(random)),
  );
  const someone = () => pick(random, ...partners);

  // A link belongs to one partner; most say nothing of their own.
  const links = partners.map((_, at) => `link-${at}` as LinkId);
  const overrides: Override[] = [];
  if (random() < 0.5) {
    for (const scopeId of [...links, ...GROUPS]) {
      if (random() < 0.5) continue;
      let from = pick(random, past(90), past(20), near(order));
      for (let version = 1, versions = 1 + below(random, 3); version <= versions; version++) {
        overrides.push(randomOverride(random, scopeId, version, from));
        from = pick(random, from, from + below(random, 30 * DAY), Math.max(from, near(order)));
      }
    }
  }
  const placements: Placement[] = [];
  for (const partnerId of partners) {
    if (random() < 0.5) continue;
    let from = pick(random, past(90), past(20), near(order));
    for (let version = 1, versions = 1 + below(random, 3); version <= versions; version++) {
      placements.push({ partnerId, version, startsAt: from, groupId: pick(random, ...GROUPS, null) });
      from = pick(random, from, from + below(random, 30 * DAY), Math.max(from, near(order)));
    }
  }

  const edges = [order];
  for (const { windowDays, guardSeconds, startsAt: from } of [...policies, ...overrides]) {
    edges.push(order - (windowDays ?? 1) * DAY, order - (guardSeconds ?? 1) * 1_000, from);
  }
  for (const placement of placements) edges.push(placement.startsAt);

  const touches: Touch[] = [];
  const hearsay = random() < 0.15 ? 0.9 : random() < 0.3 ? 0.4 : 0;
  for (let left = calm ? 4 + below(random, 5) : below(random, 8); left > 0; left--) {
    const known = touches.map((touch) => idTime(touch.clickKey));
    const at = pick(
      random,
      past(2),
      past(20),
      past(60),
      order - below(random, 120) * 1_000,
      near(pick(random, ...edges)),
      pick(random, order, ...known),
    );
    const partnerId = someone();
    const touch: Touch = {
      clickKey: makeId<'click'>(at, tenBytes(random)),
      partnerId,
      linkId: pick(
        random,
        null,
        links[partners.indexOf(partnerId)] ?? null,
        links[partners.indexOf(partnerId)] ?? null,
      ),
      class: calm ? 'valid' : pick(random, 'valid', 'valid', 'valid', 'valid', 'suspect', 'refused'),
      label: pick(random, 'click_id', 'visitor', 'joined'),
      landed: random() < 0.5,
      proven: random() >= hearsay,
    };
    touches.push(touch);
    if (random() < 0.1) touches.push({ ...touch, landed: !touch.landed, proven: random() < 0.5 });
  }
  const moments = [order, ...touches.map((touch) => idTime(touch.clickKey))];

  const enrollments: Enrollment[] = [];
  for (const partnerId of partners) {
    if (random() < 0.05) continue;
    const startedAt = calm || random() < 0.85 ? order - 200 * DAY : near(pick(random, ...moments));
    const stoppedAt =
      calm || random() < 0.6 ? null : Math.max(startedAt, near(pick(random, order, past(60), ...moments)));
    enrollments.push({ partnerId, startedAt, stoppedAt, forCause: stoppedAt !== null && random() < 0.5 });
  }

  // Codes stand before clicks: in most journeys there are none, or clicks would seldom decide.
  const withCodes = random() < 0.5;
  const names = ['ANNA', 'BEN10', 'SUMMER', 'SUMMER24', 'SUMMER24X', 'WINTER'];
  const knownCodes: Code[] = [];
  if (withCodes) {
    for (const code of [...names, 'SUMMER*', 'SUMMER2*', 'WIN*']) {
      if (random() < 0.5) knownCodes.push(randomCode(random, code, someone(), order));
    }
  }
  const withLines = random() < 0.5;
  const lineCodeIn = random() < 0.3 ? 1 : 0.4;
  const lineCodes = Array.from({ length: withLines ? 1 + below(random, 4) : 0 }, () =>
    withCodes && random() < lineCodeIn ? pick(random, ...names, 'NOBODYS') : null,
  );

  const forced = random() < 0.03 ? someone() : null;
  const renews = random() < 0.06 ? randomShares(random, partners) : null;
  const lock = random() < 0.6 ? null : { partnerId: someone(), boundAt: pick(random, past(60), near(order)) };
  const selfReferrers = partners.filter(() => random() < 0.15);

  const codes = withCodes ? shuffled(random, [...names, 'NOBODYS']).slice(0, pick(random, 0, 1, 1, 2, 3)) : [];
  return journeyOf({
    occurredAt: order,
    channelAt: random() < 0.5 ? null : pick(random, past(60), near(pick(random, ...moments))),
    touches: shuffled(random, touches),
    enrollments: shuffled(random, enrollments),
    lock,
    policies: shuffled(random, policies),
    overrides: shuffled(random, overrides),
    placements: shuffled(random, placements),
    codes,
    lineCodes,
    knownCodes: shuffled(random, knownCodes),
    forced,
    renews,
    selfReferrers,
  });
}

function randomPolicy(random: Random, version: number, startsAt: number): Policy {
  const first = pick(random, 0, 40, below(random, 101));
  const last = pick(random, 0, 100 - first, Math.min(40, 100 - first), below(random, 101 - first));
  return policyOf({
    version,
    startsAt,
    model: pick(random, 'last', 'first', 'linear', 'position', 'customer_lock'),
    weights: [first, 100 - first - last, last],
    windowDays: pick(random, 1, 7, 30, 30, 90),
    guardSeconds: pick(random, 0, 0, 10, 60, 3_600),
    rejectSolo: random() < 0.5,
    channelPolicy: pick(random, 'ignore', 'dedupe_if_newer'),
    selfReferral: pick(random, 'block', 'flag', 'allow'),
    holdDays: 30,
  });
}

const randomOverride = (random: Random, scopeId: LinkId | GroupId, version: number, startsAt: number): Override => ({
  scopeId,
  version,
  startsAt,
  model: pick(random, null, null, 'last', 'first', 'linear', 'position', 'customer_lock'),
  windowDays: pick(random, null, null, 1, 14, 45),
  guardSeconds: pick(random, null, null, 0, 30, 600),
  rejectSolo: pick(random, null, null, true, false),
});

function randomCode(random: Random, code: string, owner: PartnerId, order: number): Code {
  const policy = pick<CodePolicy>(random, 'always', 'always', 'if_involved', 'if_involved', 'if_winner', 'none');
  const near = (days: number) => order + pick(random, -1, 0, 1, days * DAY);
  return {
    code,
    policy,
    partnerId: policy === 'none' && random() < 0.7 ? null : owner,
    startsAt: random() < 0.7 ? null : near(-20),
    endsAt: random() < 0.7 ? null : near(20),
  };
}

/** A first order's parts: mostly the whole, less where a code had kept a line from everybody. */
function randomShares(random: Random, partners: readonly PartnerId[]): Share[] {
  const chosen = shuffled(random, partners).slice(0, below(random, 4));
  let left = random() < 0.7 ? 1_000_000 : 1 + below(random, 1_000_000);
  return chosen.map((partnerId, at) => {
    const shareMicros = at === chosen.length - 1 ? left : 1 + below(random, left - chosen.length);
    left -= shareMicros;
    return { partnerId, shareMicros };
  });
}

/** The same story told otherwise: all lists that have no order mixed, some clicks twice, not always with the landing. */
export function retold(random: Random, journey: Journey): Journey {
  const again: Touch[] = [];
  for (const touch of journey.touches) {
    if (random() < 0.5)
      again.push(pick<Touch>(random, touch, { ...touch, label: 'visitor' }, { ...touch, landed: false }));
  }
  return {
    ...journey,
    touches: shuffled(random, [...journey.touches, ...again]),
    enrollments: shuffled(random, journey.enrollments),
    knownCodes: shuffled(random, journey.knownCodes),
    policies: shuffled(random, journey.policies),
    overrides: shuffled(random, journey.overrides),
    placements: shuffled(random, journey.placements),
    selfReferrers: shuffled(random, journey.selfReferrers),
  };
}
