/** attribution-oracle: on how many random journeys the engine and the plain model of the rules disagree. */

import { attribute } from '../../edge/core/attribution.ts';
import { disagreement, mulberry32, randomJourney } from '../core/oracle.ts';
import type { Figure } from './figure.ts';

const JOURNEYS = 100_000;
const SEED = 1_020_261;

export const attributionOracle: Figure = {
  name: 'attribution-oracle',
  seed: SEED,
  measure() {
    const wrong: number[] = [];
    for (let number = 0; number < JOURNEYS; number++) {
      if (disagreement(attribute, randomJourney(mulberry32(SEED + number))) !== null) wrong.push(number);
    }
    return [
      {
        value: wrong.length,
        unit: 'disagreements',
        promise: '0',
        holds: wrong.length === 0,
        detail: `${JOURNEYS} journeys${wrong.length > 0 ? `; first: seed + ${wrong[0]}` : ''}`,
      },
    ];
  },
};
