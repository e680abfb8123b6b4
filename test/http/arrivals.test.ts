/**
 * Goal: what happened decides, not the order in which we heard of it. Method: small random worlds of clicks and
 * identities, each told twice over HTTP in two orders of arrival, then the same orders: the same allocations, to the unit.
 */
import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import type { ConversionAnswer } from '../../edge/contract.ts';
import { DAY_MS, MODELS } from '../../edge/core/attribution.ts';
import { createWorld, START, type World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

const PARTNERS = ['anna', 'bob', 'dora'] as const;
/** Every event has a moment of its own, within twenty days before the orders. */
const SPAN = 20 * 24;
const HOUR_MS = DAY_MS / 24;

const click = fc.record({
  kind: fc.constant('click' as const),
  browser: fc.constantFrom(1, 2, 3),
  partner: fc.constantFrom(...PARTNERS),
});
/** Each person has one id and one address; a call names either or both. */
const identity = fc.record({
  kind: fc.constant('identity' as const),
  browser: fc.constantFrom(1, 2, 3),
  person: fc.constantFrom('a', 'a', 'b'),
  named: fc.constantFrom('id', 'email', 'both'),
});
/** An identity on no browser that matters, so that a person's two names are one person's at the latest then. */
const worlds = fc.record({
  model: fc.constantFrom(...MODELS.filter((one) => one !== 'customer_lock')),
  events: fc.uniqueArray(fc.tuple(fc.nat(SPAN - 1), fc.oneof({ weight: 3, arbitrary: click }, identity)), {
    minLength: 4,
    maxLength: 9,
    selector: ([hour]) => hour,
  }),
  /** Where each event comes in the second telling. */
  places: fc.array(fc.nat(1_000), { minLength: 9, maxLength: 9 }),
  orders: fc.array(
    fc.record({
      browser: fc.option(fc.constantFrom(1, 2, 3)),
      person: fc.option(fc.constantFrom('a', 'b'), { freq: 5 }),
      named: fc.constantFrom('id', 'email', 'both'),
    }),
    { minLength: 2, maxLength: 3 },
  ),
});
type Small = typeof worlds extends fc.Arbitrary<infer One> ? One : never;
type Told = Small['events'][number];

test('clicks and identities in two orders of arrival give the same allocations', async () => {
  await world.call('POST', '/v1/partners', { slug: 'dora', name: 'Dora' });
  // Dora joined just now; her clicks are told of the days before.
  await world.rows("UPDATE enrollments SET started_at = 0 WHERE slug = 'dora'");
  let copies = 0;
  let credited = 0;
  await fc.assert(
    fc.asyncProperty(worlds, async (small) => {
      copies += 1;
      world.at(START + copies * 60_000);
      await world.call('PATCH', '/v1/program', { model: small.model });
      world.at(world.now() + 1_000);
      const mixed = small.events
        .map((event, index) => ({ event, place: small.places[index] ?? 0 }))
        .sort((a, b) => a.place - b.place)
        .map(({ event }) => event);
      const first = await tell(`first-${copies}`, small, small.events);
      const second = await tell(`second-${copies}`, small, mixed);
      expect(second).toEqual(first);
      credited += first.filter((one) => one.earned.length > 0).length;
    }),
    { seed: 20_261_123, numRuns: 8, endOnFailure: true },
  );
  // Worlds in which nobody earns would prove little.
  expect(credited).toBeGreaterThan(8);
}, 240_000);

const browserOf = (copy: string, browser: number) => `${copy}-browser-number-${browser}`;
function customerOf(copy: string, person: string, named: 'id' | 'email' | 'both') {
  const [id, email] = [`${copy}-${person}`, `${copy}-${person}@x.example`];
  return { id: { id }, email: { email }, both: { id, email } }[named];
}

/** Tells a world's events as they arrive, each with its own time, then its orders; what these came to. */
async function tell(copy: string, { orders }: Small, arriving: readonly Told[]) {
  const before = world.now() - SPAN * HOUR_MS;
  for (const [hour, event] of arriving) {
    const occurredAt = before + hour * HOUR_MS;
    const visitorId = browserOf(copy, event.browser);
    const { status } =
      event.kind === 'click'
        ? await world.call('POST', '/v1/clicks', { partner: event.partner, visitorId, occurredAt })
        : await world.call('POST', '/v1/identities', {
            ...{ visitorId, occurredAt },
            customer: customerOf(copy, event.person, event.named),
          });
    expect(status).toBe(201);
  }
  const answers = [];
  for (const [number, { browser, person, named }] of orders.entries()) {
    const response = await world.order({
      orderId: `${copy}-${number}`,
      currency: 'EUR',
      amount: 1_001,
      ...(browser !== null && { visitorId: browserOf(copy, browser) }),
      ...(person !== null && { customer: customerOf(copy, person, named) }),
    });
    const { reason, verified, allocations, explain } = await response.json<ConversionAnswer>();
    answers.push({
      ...{ reason, verified },
      earned: allocations.map((one) => [one.partner, one.shareMicros, one.commission]),
      candidates: explain?.candidates.map(({ at, partner, label, kept, why }) => ({ at, partner, label, kept, why })),
    });
  }
  return answers;
}
