/** What the demo's history is drawn from: chance that can be run again. */
import type { Result } from '../../edge/core/result.ts';

export interface Chance {
  /** 0 ≤ x < 1. */
  next(): number;
  below(probability: number): boolean;
  pick<Item>(list: readonly Item[]): Item;
  /** How many of something that comes `mean` times on average (Poisson). */
  count(mean: number): number;
  bytes(length: number): Uint8Array;
}

/** Mulberry32: small, and the same everywhere. */
export function createChance(seed: number): Chance {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    below: (probability) => next() < probability,
    pick<Item>(list: readonly Item[]): Item {
      return list[Math.floor(next() * list.length)] as Item;
    },
    count(mean) {
      const limit = Math.exp(-Math.min(mean, 500));
      let product = next();
      let found = 0;
      for (; product > limit; found++) product *= next();
      return found;
    },
    bytes: (length) => Uint8Array.from({ length }, () => Math.floor(next() * 256)),
  };
}

/** What the demo does itself is not refused. */
export function must<Made>(done: Result<Made>): Made {
  if (!done.ok) throw new Error(`the demo was refused: ${JSON.stringify(done.refusal)}`);
  return done.value;
}
