/** Three kinds of test: plain Node, real D1 inside workerd, and journeys in a real browser. */
import { fileURLToPath } from 'node:url';
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-plugin';
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { LOCAL_SECRETS } from './support/secrets.ts';

/** A busy machine is no failure: only what hangs is. */
const PATIENCE_MS = 60_000;

const root = fileURLToPath(new URL('..', import.meta.url));

export default defineConfig(
  async (): Promise<ViteUserConfig> => ({
    test: {
      reporters: process.env.TEST_REPORT ? ['default', ['json', { outputFile: process.env.TEST_REPORT }]] : ['default'],
      projects: [
        {
          root,
          test: {
            name: 'plain',
            root,
            isolate: false,
            testTimeout: PATIENCE_MS,
            include: [
              'test/*.test.ts',
              'test/core/**/*.test.ts',
              'test/dashboard/**/*.test.ts',
              'test/jobs/**/*.test.ts',
              'test/support/**/*.test.ts',
            ],
          },
        },
        {
          root,
          plugins: [
            cloudflareTest({
              main: './edge/worker.ts',
              wrangler: { configPath: './wrangler.toml' },
              miniflare: {
                d1Databases: { SECOND_DB: 'second' },
                bindings: { ...LOCAL_SECRETS, MIGRATIONS: await readD1Migrations(`${root}migrations`) },
                // Nothing these tests do may reach the network.
                outboundService: () => new Response('no network in tests', { status: 599 }),
              },
            }),
          ],
          test: {
            name: 'worker',
            root,
            isolate: false,
            fileParallelism: false,
            testTimeout: PATIENCE_MS,
            hookTimeout: PATIENCE_MS,
            include: ['test/{flows,http,mail,store}/**/*.test.ts'],
            setupFiles: ['test/support/d1.ts'],
          },
        },
        {
          root,
          test: {
            name: 'journeys',
            root,
            include: ['test/journeys/**/*.test.ts'],
            fileParallelism: false,
            testTimeout: 60_000,
            hookTimeout: 120_000,
          },
        },
      ],
    },
  }),
);
