/** `npm run check`, its last part: the size budgets of package.json, and the licences of what ships. */
import { readFileSync } from 'node:fs';
import { BUDGETS, weigh } from './sizes.ts';

/** May be shipped inside an MIT product without binding who runs it. */
const PERMISSIVE = ['MIT', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'Unlicense', 'CC0-1.0'];

const faults = [...overweight(), ...unlicensed()];
for (const fault of faults) console.error(`✗ ${fault}`);
process.exit(faults.length > 0 ? 1 : 0);

function overweight(): string[] {
  return (Object.keys(BUDGETS) as (keyof typeof BUDGETS)[]).flatMap((name) => {
    const { bytes, limit, measure } = weigh(name);
    console.log(`${name}: ${bytes} of ${limit} bytes ${measure}`);
    return bytes <= limit ? [] : [`${name} weighs ${bytes} bytes ${measure}, promised ${limit}`];
  });
}

/** Every production dependency and all it depends on, from the lock file. */
function unlicensed(): string[] {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, { license?: string; dev?: boolean; devOptional?: boolean; optional?: boolean }>;
  };
  const shipped = Object.entries(lock.packages).filter(
    ([path, entry]) => path !== '' && !entry.dev && !entry.devOptional && !entry.optional,
  );
  console.log(`licences of ${shipped.length} packages that ship: one of ${PERMISSIVE.join(', ')}`);
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
