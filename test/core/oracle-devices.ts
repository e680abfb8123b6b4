/** A plain second telling of whose a browser was when, and of which browsers an order reads, written from the rules. */

import type { CustomerId, VisitorId } from '../../edge/core/id.ts';
import type { Edge, Identification, Owners, Reached, reach } from '../../edge/core/identity.ts';
import type { Hit } from './oracle.ts';
import { below, pick, type Random, shuffled } from './random-journeys.ts';

export type Reach = Parameters<typeof reach>[0];

/** Who is at one browser at a moment: all who were identified there together last; before the first time, those first. */
function usersAt(seen: readonly Identification[], owners: Owners, at: number): CustomerId[] {
  let moment: number | null = null;
  for (const one of seen) {
    if (one.at <= at && (moment === null || one.at > moment)) moment = one.at;
  }
  if (moment === null) {
    for (const one of seen) {
      if (moment === null || one.at < moment) moment = one.at;
    }
  }
  const users: CustomerId[] = [];
  for (const one of seen) {
    const customer = owners.get(one.hash);
    if (one.at === moment && customer !== undefined && !users.includes(customer)) users.push(customer);
  }
  return users.sort();
}

export const isUser = (seen: readonly Identification[], owners: Owners, customer: CustomerId, at: number): boolean =>
  usersAt(seen, owners, at).includes(customer);

export const firstUser = (seen: readonly Identification[], owners: Owners, at: number): CustomerId | null =>
  usersAt(seen, owners, at)[0] ?? null;

/** The browsers an order of this customer reads besides its own, best first, and whether each may be relied upon. */
export function browsersOf(given: Reach, hit: Hit = () => {}): { visitorId: VisitorId; proven: boolean }[] {
  const found: { visitorId: VisitorId; lastAt: number; proven: boolean }[] = [];
  // How the order leads to the customer: by a server's word, now or earlier about the order's own browser.
  let sure = given.named;
  for (const edge of given.edges) {
    if (given.owners.get(edge.hash) !== given.customerId) continue;
    if (edge.visitorId === given.own && edge.proven) {
      if (!given.named) hit('proven by the own browser');
      sure = true;
    }
    const known = found.find((one) => one.visitorId === edge.visitorId);
    if (known === undefined) {
      found.push({ visitorId: edge.visitorId, lastAt: edge.lastAt, proven: edge.proven });
    } else {
      hit('one browser by two names');
      if (edge.lastAt > known.lastAt) known.lastAt = edge.lastAt;
      if (edge.proven) known.proven = true;
    }
  }
  found.sort((a, b) => {
    if (a.proven !== b.proven) return a.proven ? -1 : 1;
    if (a.lastAt !== b.lastAt) return b.lastAt - a.lastAt;
    return a.visitorId < b.visitorId ? -1 : 1;
  });
  if (found.length > 20) hit('more than twenty');
  if (found.length > 20 && found.slice(20).some((one) => one.proven)) hit('a proven one left out');
  hit(sure ? 'a sure way' : 'a way by a browser alone');
  if (found.some((one) => one.proven)) hit('proven edge');
  // The customer keeps twenty, the order's own among them; of that one the order reads all touches anyway.
  const kept = found.slice(0, 20);
  if (kept.some((one) => one.visitorId === given.own)) hit('own browser kept');
  if (found.slice(20).some((one) => one.visitorId === given.own)) hit('own browser not kept');
  const others = kept.filter((one) => one.visitorId !== given.own);
  return others.map(({ visitorId, proven }) => ({ visitorId, proven: proven && sure }));
}

/** Moments around everything that was seen: where an interval may begin or end. */
export function momentsOf(seen: readonly Identification[]): number[] {
  const moments = [1];
  for (const { at } of seen) moments.push(at - 1, at, at + 1);
  moments.push(Math.max(...moments) + 1_000_000);
  return [...new Set(moments)].sort((a, b) => a - b);
}

/** Several customers with several names on several browsers, seen at few moments, so that these fall together. */
export function randomReach(random: Random): Reach {
  const customers = ['c-1', 'c-2', 'c-3'].slice(0, 1 + below(random, 3)) as CustomerId[];
  const owners = new Map<string, CustomerId>();
  const hashes = Array.from({ length: 1 + below(random, 5) }, (_, at) => `h-${at}`);
  for (const hash of hashes) owners.set(hash, pick(random, ...customers));
  const many = random() < 0.2;
  const visitors = Array.from(
    { length: many ? 18 + below(random, 12) : 1 + below(random, 5) },
    (_, at) => `v-${String(at).padStart(2, '0')}`,
  ) as VisitorId[];

  const identifications: Identification[] = [];
  const edges: Edge[] = [];
  for (const visitorId of visitors) {
    for (const hash of hashes) {
      if (random() < (many ? 0.3 : 0.4)) continue;
      const times = Array.from({ length: 1 + below(random, 3) }, () => 1_000 + 10 * below(random, 6));
      for (const at of times) identifications.push({ visitorId, hash, at });
      edges.push({
        hash,
        visitorId,
        lastAt: Math.max(...times),
        proven: random() < (many ? pick(random, 0.5, 0.95) : 0.5),
      });
    }
  }
  return {
    customerId: pick(random, ...customers),
    named: random() < 0.6,
    own: random() < 0.6 ? pick(random, ...visitors) : null,
    owners,
    edges: shuffled(random, edges),
    identifications: shuffled(random, identifications),
  };
}

/** What both say of the browsers and their times, where they differ. */
export function reachDisagreement(engine: (given: Reach) => Reached[], given: Reach, hit?: Hit): string | null {
  const expected = browsersOf(given, hit).map(({ visitorId, proven }) => {
    const seen = given.identifications.filter((one) => one.visitorId === visitorId);
    return { visitorId, proven, at: momentsOf(seen).filter((at) => isUser(seen, given.owners, given.customerId, at)) };
  });
  const found = engine(given).map(({ visitorId, proven, spans }) => {
    const seen = given.identifications.filter((one) => one.visitorId === visitorId);
    const inside = (at: number) => spans.filter((span) => span.from <= at && at < span.until).length;
    // Counted once for each span it lies in: a moment twice told is a fault too.
    return { visitorId, proven, at: momentsOf(seen).flatMap((at) => Array(inside(at)).fill(at)) };
  });
  const [one, two] = [JSON.stringify(found), JSON.stringify(expected)];
  return one === two ? null : `engine ${one}\noracle ${two}`;
}
