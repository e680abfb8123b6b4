/**
 * mutation: of all small changes that Stryker can make to the code of a rule, how many a test of `core/` notices. The laws
 * are tried a tenth as often as in `npm test`, so the score is at least this.
 */
import { Stryker } from '@stryker-mutator/core';
import type { Figure, Measured } from './figure.ts';

/** Promised for attribution, in all its parts, and for who may what; measured for what stands beside it too. */
const FILES: Readonly<Record<string, number>> = {
  'attribution.ts': 80,
  'journey.ts': 80,
  'touches.ts': 80,
  'codes.ts': 80,
  'models.ts': 80,
  'commission.ts': 80,
  'identity.ts': 80,
  'access.ts': 80,
};
/** An enumeration of a package that Stryker does not pass on. */
const OFF = 'off' as NonNullable<ConstructorParameters<typeof Stryker>[0]['logLevel']>;

export const mutation: Figure = {
  name: 'mutation',
  seed: 20_261_123,
  async measure(parts) {
    const files = Object.entries(FILES).filter(([file]) => parts === null || parts.includes(file.replace('.ts', '')));
    process.env.LAWS_PART = '10';
    const stryker = new Stryker({
      mutate: files.map(([file]) => `edge/core/${file}`),
      testRunner: 'vitest',
      plugins: ['@stryker-mutator/vitest-runner'],
      vitest: { configFile: 'test/bench/mutation.vitest.config.ts' },
      coverageAnalysis: 'perTest',
      concurrency: 2,
      reporters: [],
      logLevel: OFF,
      fileLogLevel: OFF,
      tempDirName: 'dist/mutation',
      ignorePatterns: ['dist', '.wrangler'],
      // TypeScript 7 has no interface with which to read, or to disable, what it checks: types are stripped unchecked.
      tsconfigFile: 'none',
      disableTypeChecks: false,
      allowEmpty: false,
    });
    const mutants = await stryker.runMutationTest();
    return files.map(([file, promised]): Measured => {
      const own = mutants.filter((one) => one.fileName.endsWith(`/core/${file}`));
      const [noticed, missed] = [
        own.filter((one) => one.status === 'Killed' || one.status === 'Timeout'),
        own.filter((one) => one.status === 'Survived' || one.status === 'NoCoverage'),
      ];
      const all = noticed.length + missed.length;
      const value = Math.round((1_000 * noticed.length) / all) / 10;
      const lines = new Set(missed.map((one) => one.location.start.line));
      return {
        part: file.replace('.ts', ''),
        value,
        unit: '% noticed',
        promise: `≥ ${promised}`,
        holds: value >= promised,
        detail: `${noticed.length} of ${all} changes; missed in lines ${[...lines].sort((a, b) => a - b).join(' ')}`,
      };
    });
  },
};
