/**
 * Goal: nobody learns anything of anybody else's, through any route. Method: the figure `tenancy` in a small size, on real
 * D1, through the Worker's doors: `support/tenancy.ts` says what is called, and what must hold.
 */
import { env } from 'cloudflare:test';
import { expect, test } from 'vitest';
import { tenancy } from '../support/tenancy.ts';

const PART = 0.02;

test('every route, asked by everybody, naming what is not theirs', async () => {
  const figure = await tenancy(env as never, PART);
  expect(figure.gaps).toEqual([]);
  expect(figure.made.flaws).toEqual([]);
  const flaws: string[] = [];
  let calls = 0;
  for (const route of figure.routes) {
    const began = Date.now();
    const found = await figure.probe(route);
    flaws.push(...found.flaws);
    calls += found.calls;
    console.log(route, found.calls, Date.now() - began, found.flaws.length);
  }
  console.log(calls, flaws.length);
  const kinds = new Map<string, string>();
  for (const flaw of flaws)
    kinds.set(
      flaw
        .replace(/ by [^:,]*/, '')
        .replace(/= \S+/, '')
        .slice(0, 60),
      flaw,
    );
  console.log([...kinds.values()].map((one) => `@@ ${one.slice(0, 1100)}`).join('\n'));
});
