/** `npm run check`, its last part: the size budgets of package.json, and the licences of what ships. */
import { existsSync, readFileSync } from 'node:fs';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import manifest from '../../package.json' with { type: 'json' };

type Measure = 'raw' | 'gzip' | 'brotli';
const MEASURES: Record<Measure, (bytes: Buffer) => number> = {
  raw: (bytes) => bytes.length,
  gzip: (bytes) => gzipSync(bytes, { level: 9 }).length,
  brotli: (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length,
};
/** May be shipped inside an MIT product without binding who runs it. */
const PERMISSIVE = ['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'Unlicense', 'CC0-1.0'];

const faults = [...overweight(), ...unlicensed()];
for (const fault of faults) console.error(`✗ ${fault}`);
process.exit(faults.length > 0 ? 1 : 0);

function overweight(): string[] {
  return Object.entries(manifest.budgets).flatMap(([file, budget]) => {
    if (!existsSync(file)) return [`${file} is not built: npm run build`];
    const bytes = readFileSync(file);
    return Object.entries(budget).flatMap(([measure, limit]) => {
      const size = MEASURES[measure as Measure](bytes);
      console.log(`${file}: ${size} of ${limit} bytes ${measure}`);
      return size <= limit ? [] : [`${file} weighs ${size} bytes ${measure}, promised ${limit}`];
    });
  });
}

/** Every production dependency and all it depends on, from the lock file. */
function unlicensed(): string[] {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<
      string,
      { license?: string; dev?: boolean; devOptional?: boolean; optional?: boolean; version?: string }
    >;
  };
  const shipped = Object.entries(lock.packages).filter(
    ([path, entry]) => path !== '' && !entry.dev && !entry.devOptional && !entry.optional,
  );
  console.log(`${shipped.length} packages ship, which must be under ${PERMISSIVE.join(', ')}`);
  return shipped
    .filter(
      ([, { license = '' }]) =>
        !license
          .replace(/[()]/g, '')
          .split(' OR ')
          .some((one) => PERMISSIVE.includes(one)),
    )
    .map(([path, { license }]) => `${path} ships under ${license ?? 'no licence'}`);
}
