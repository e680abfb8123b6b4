/** The tests of `edge/core/`, by themselves, as the figure `mutation` runs them. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    isolate: false,
    include: ['test/core/**/*.test.ts'],
    // A slow machine is no reason to call a change noticed.
    testTimeout: 120_000,
  },
});
