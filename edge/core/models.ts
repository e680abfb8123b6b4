/** How the pool of eligible touches is narrowed, and how a model shares an order among those that are left. */
import type { PartnerId } from './id.ts';
import { type Policy, type Share, type Weights, WHOLE_MICROS, type Why, wholeTo } from './journey.ts';
import { allocate, minor } from './money.ts';
import type { Tested } from './touches.ts';

type Guarding = Pick<Policy, 'model' | 'guardSeconds' | 'rejectSolo'>;
type Picking = Pick<Policy, 'model' | 'weights'>;

/** The touches the guard drops. Models that share the order among all ignore it: nobody is displaced there. */
export function guard(eligible: readonly Tested[], policy: Guarding, occurredAt: number): readonly Tested[] {
  if (policy.model === 'linear' || policy.model === 'position') return [];
  const guarded = eligible.filter((one) => occurredAt - one.at < policy.guardSeconds * 1000);
  if (guarded.length < eligible.length || policy.rejectSolo) return guarded;
  // With nobody else to protect, the latest of them wins after all.
  return guarded.slice(1);
}

/** Whether another paid channel was clicked after the latest touch, where that takes the order. */
export const channelIsNewer = (policy: Policy, left: readonly Tested[], channelAt: number | null): boolean =>
  policy.channelPolicy === 'dedupe_if_newer' && channelAt !== null && left.length > 0 && channelAt > (left[0]?.at ?? 0);

/** How a model shares an order among the pool (latest first, not empty), and what it says of each touch. */
export function pick(policy: Picking, pool: readonly Tested[]): { shares: Share[]; why: (one: Tested) => Why } {
  switch (policy.model) {
    case 'last':
    case 'customer_lock':
      return whole(pool[0], 'earlier');
    case 'first':
      return whole(pool.at(-1), 'later');
    case 'linear':
      return { shares: shareOut(pool, () => 1), why: () => 'shared' };
    case 'position':
      return { shares: shareOut(pool, positions(policy.weights, pool)), why: () => 'shared' };
  }
}

const whole = (winner: Tested | undefined, others: Why) => ({
  shares: winner ? wholeTo(winner.touch.partnerId) : [],
  why: (one: Tested): Why => (one === winner ? 'won' : others),
});

/**
 * The weight of each partner under `position`. Who is both first and last has both weights; the others share the middle
 * equally; with nobody in the middle, first and last share it pro rata, which leaves their own proportion.
 */
function positions([first, middle, last]: Weights, pool: readonly Tested[]): (partner: PartnerId) => number {
  const partners = new Set(pool.map((one) => one.touch.partnerId));
  const [latest, earliest] = [pool[0]?.touch.partnerId, pool.at(-1)?.touch.partnerId];
  const between = [...partners].filter((one) => one !== latest && one !== earliest).length;
  if (partners.size === 1) return () => 1;
  if (between === 0 && first + last === 0) return () => 1;
  if (between === 0) return (partner) => (partner === earliest ? first : last);
  const ends = (partner: PartnerId) => (partner === earliest ? first : 0) + (partner === latest ? last : 0);
  return (partner) => (partner === earliest || partner === latest ? ends(partner) * between : middle);
}

/** Shares by weight, in the order of each partner's latest touch, so that a left-over unit goes to the later. */
function shareOut(pool: readonly Tested[], weightOf: (partner: PartnerId) => number): Share[] {
  const partners = [...new Set(pool.map((one) => one.touch.partnerId))].reverse();
  const weighed = partners
    .map((partnerId) => ({ partnerId, weight: weightOf(partnerId) }))
    .filter((one) => one.weight > 0);
  const parts = allocate(
    minor(WHOLE_MICROS),
    weighed.map((one) => one.weight),
  );
  return weighed.map(({ partnerId }, index) => ({ partnerId, shareMicros: parts[index] ?? 0 }));
}
