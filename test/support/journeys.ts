/** What a journey and a policy are when a test says nothing else. */
import { DAY_MS, type Journey, type Policy } from '../../edge/core/attribution.ts';

export const policyOf = (given: Partial<Policy>): Policy => ({
  version: 1,
  startsAt: Date.UTC(2026, 10, 1, 12) - 400 * DAY_MS,
  model: 'last',
  weights: [40, 20, 40],
  windowDays: 30,
  guardSeconds: 0,
  rejectSolo: false,
  channelPolicy: 'ignore',
  selfReferral: 'flag',
  holdDays: 14,
  origins: [],
  deepLinkHosts: [],
  paramAliases: [],
  ...given,
});

export const journeyOf = (given: Partial<Journey> & Pick<Journey, 'occurredAt'>): Journey => ({
  channelAt: null,
  touches: [],
  enrollments: [],
  lock: null,
  policies: [],
  overrides: [],
  placements: [],
  codes: [],
  lineCodes: [],
  knownCodes: [],
  forced: null,
  renews: null,
  selfReferrers: [],
  ...given,
});
