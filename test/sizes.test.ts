/** Figures, small sizes: `sdk-size` and `worker-size` within their promise. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { STUB } from '../edge/docs/start.ts';
import manifest from '../package.json' with { type: 'json' };
import { BUDGETS, weigh } from './support/sizes.ts';

test.each(Object.keys(BUDGETS) as (keyof typeof BUDGETS)[])(
  '%s weighs no more than promised',
  { timeout: 30_000 },
  (name) => {
    const { bytes, limit } = weigh(name);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThanOrEqual(limit);
  },
);

test('the README shows the hash of the script as it is built, and of this version', () => {
  const { version } = manifest;
  const integrity = readFileSync(`dist/assets/sdk/${version}.integrity`, 'utf8').trim();
  expect(readFileSync('README.md', 'utf8')).toContain(`/sdk/${version}.js" integrity="${integrity}"`);
  const digest = createHash('sha384').update(readFileSync('dist/assets/sdk.js')).digest('base64');
  expect(integrity).toBe(`sha384-${digest}`);
});

test('the README and the docs show the stub as it is built', () => {
  const stub = readFileSync('dist/sdk/stub.js', 'utf8').trim();
  expect(readFileSync('README.md', 'utf8')).toContain(`<script>${stub}</script>`);
  expect(STUB).toBe(stub);
});
