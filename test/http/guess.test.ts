/**
 * Goal: guessing lets nobody in, and locks nobody out. Method: the figure `guess` in a small size, on real D1, through the
 * Worker's doors: `support/guess.ts` says what is guessed, and how the rightful person goes on meanwhile.
 */
import { env } from 'cloudflare:test';
import { expect, test, vi } from 'vitest';
import { attack } from '../support/guess.ts';
import { seedPrograms } from '../support/programs.ts';

test('three hundred guesses of everything let nobody in, and the rightful person goes in and out meanwhile', async () => {
  // Whoever is not let in is logged, as it should be.
  const noted = vi.spyOn(console, 'info').mockImplementation(() => undefined);
  await seedPrograms(env.DB as never);
  const { guessed, entered, refused, letters, mostLetters } = await attack(env as never, { guesses: 300 });
  noted.mockRestore();
  expect(guessed.filter((one) => one.accepted > 0)).toEqual([]);
  expect(guessed.filter(({ tried, told429, most }) => tried - told429 > (most ?? tried))).toEqual([]);
  expect(guessed.find((one) => one.what === 'codes of her app' && one.from === 'one address')?.told429).toBeGreaterThan(
    0,
  );
  expect(refused).toEqual([]);
  expect(entered).toBe(2 * guessed.length);
  expect(letters).toBeLessThanOrEqual(mostLetters);
});
