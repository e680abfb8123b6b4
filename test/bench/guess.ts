/**
 * guess: ten thousand guessed links, codes, sessions, keys, second factors, invitations, trips and passkeys, from one address and
 * from many: none lets in, no more of them are heard than the limits say, and the person whom they are after is never refused.
 */
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { type Attack, type Guessed, SEED } from '../support/guess.ts';
import type { Figure, Measured } from './figure.ts';
import { productWorker } from './product.ts';

const GUESSES = 10_000;

export const guess: Figure = {
  name: 'guess',
  seed: SEED,
  async measure() {
    const product = await productWorker({ uncounted: true });
    // Whoever is not let in is logged, as it should be; here that would be ten thousand lines.
    const handleStructuredLogs = () => undefined;
    const runtime = new Miniflare(convertV4MiniflareOptions({ ...product, handleStructuredLogs }));
    try {
      const response = await runtime.dispatchFetch('http://localhost/guess', {
        method: 'POST',
        body: JSON.stringify({ guesses: GUESSES }),
      });
      if (!response.ok) throw new Error(await response.text());
      const { guessed, entered, refused, letters, mostLetters } = (await response.json()) as Attack;
      for (const one of refused.slice(0, 10)) console.error(one);
      const sum = (of: (one: Guessed) => number) => guessed.reduce((all, one) => all + of(one), 0);
      const none = (part: string, value: number, detail: string): Measured => ({
        ...{ part, value, unit: part, promise: '0', holds: value === 0, detail },
      });
      return [
        none(
          'accepted',
          sum((one) => one.accepted),
          `of ${sum((one) => one.tried)} guesses`,
        ),
        none(
          'beyond-limits',
          sum(beyond),
          guessed
            .filter((one) => one.most !== null)
            .map(told)
            .join('; '),
        ),
        none('locked-out', refused.length, `the rightful person came in ${entered} times meanwhile`),
        {
          ...{ part: 'letters', value: letters, unit: 'an hour', promise: `≤ ${mostLetters}` },
          ...{ holds: letters <= mostLetters, detail: 'to the mailbox that is after' },
        },
      ];
    } finally {
      await runtime.dispose();
    }
  },
};

/** Guesses that were heard though a limit says no more. */
export const beyond = ({ tried, told429, most }: Guessed): number => Math.max(0, tried - told429 - (most ?? Infinity));

const told = ({ what, from, tried, told429 }: Guessed): string =>
  `${what} from ${from}: ${((100 * told429) / tried).toFixed()} % told to wait`;
