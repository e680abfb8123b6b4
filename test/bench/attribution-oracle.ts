/** attribution-oracle: on how many random stories the engine and the plain telling of the rules disagree. */

import { attribute } from '../../edge/core/attribution.ts';
import { allocationsOf, earn } from '../../edge/core/commission.ts';
import { reach } from '../../edge/core/identity.ts';
import { disagreement } from '../core/oracle.ts';
import { randomReach, reachDisagreement } from '../core/oracle-devices.ts';
import { allocationsDisagreement, earningsDisagreement, randomEarning } from '../core/oracle-earnings.ts';
import { mulberry32, type Random, randomJourney } from '../core/random-journeys.ts';
import type { Figure, Measured } from './figure.ts';

const STORIES = 100_000;
const SEED = 1_020_261;

function disagreements(told: string, differs: (random: Random) => string | null): Omit<Measured, 'part'> {
  const wrong: number[] = [];
  for (let number = 0; number < STORIES; number++) {
    if (differs(mulberry32(SEED + number)) !== null) wrong.push(number);
  }
  return {
    value: wrong.length,
    unit: 'disagreements',
    promise: '0',
    holds: wrong.length === 0,
    detail: [`${STORIES} ${told}`, ...(wrong.length > 0 ? [`first: seed + ${wrong[0]}`] : [])].join('; '),
  };
}

export const attributionOracle: Figure = {
  name: 'attribution-oracle',
  seed: SEED,
  measure: () => [
    disagreements('journeys', (random) => disagreement(attribute, randomJourney(random))),
    { part: 'browsers', ...disagreements('customers', (random) => reachDisagreement(reach, randomReach(random))) },
    {
      part: 'earnings',
      ...disagreements('orders', (random) => {
        const given = randomEarning(random);
        return earningsDisagreement(earn, given) ?? allocationsDisagreement(allocationsOf, given);
      }),
    },
  ],
};
