/**
 * Goal: nobody learns anything of anybody else's, through any route. Method: the figure `tenancy` in a small size, on real
 * D1, through the Worker's doors: `support/tenancy.ts` says what is called, and what must hold of every answer.
 */
import { env } from 'cloudflare:test';
import { expect, test, vi } from 'vitest';
import { tenancy } from '../support/tenancy.ts';

test('every route, asked by everybody, naming what is not theirs', async () => {
  // Whoever is not let in is logged, as it should be.
  const noted = vi.spyOn(console, 'info').mockImplementation(() => undefined);
  const figure = await tenancy(env as never, { small: true });
  expect(figure.gaps).toEqual([]);
  expect(figure.made.flaws).toEqual([]);
  const flaws: string[] = [];
  for (const route of figure.routes) flaws.push(...(await figure.probe(route)).flaws);
  noted.mockRestore();
  expect(flaws).toEqual([]);
});
