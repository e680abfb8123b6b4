/**
 * `npm run bench [-- NAME…] [--json FILE]`: the figures as a table; exit 1 when one falls short. A name is a figure's, or that
 * of one part of it: `mutation/access`.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { attributionOracle } from './attribution-oracle.ts';
import { beacon } from './beacon.ts';
import { bots } from './bots.ts';
import { bulk } from './bulk.ts';
import { clickRows } from './click-rows.ts';
import { conversionFlat } from './conversion-flat.ts';
import { cost } from './cost.ts';
import type { Figure } from './figure.ts';
import { forged } from './forged.ts';
import { guess } from './guess.ts';
import { injection } from './injection.ts';
import { kill } from './kill.ts';
import { mutation } from './mutation.ts';
import { once } from './once.ts';
import { redirect } from './redirect.ts';
import { dashboardSize, sdkSize, workerSize } from './sizes.ts';
import { splitExact } from './split-exact.ts';
import { storageDown } from './storage-down.ts';
import { tenancy } from './tenancy.ts';

const FIGURES: readonly Figure[] = [
  sdkSize,
  dashboardSize,
  workerSize,
  clickRows,
  conversionFlat,
  attributionOracle,
  forged,
  injection,
  splitExact,
  bots,
  storageDown,
  cost,
  once,
  tenancy,
  guess,
  mutation,
  kill,
  bulk,
  redirect,
  beacon,
];

const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'string' } } });
const unknown = positionals.filter((name) => FIGURES.every((figure) => figure.name !== name.split('/')[0]));
if (unknown.length > 0) {
  console.error(`No figure is called ${unknown.join(', ')}. There are: ${FIGURES.map((one) => one.name).join(', ')}.`);
  process.exit(2);
}
const built = spawnSync('npm', ['run', '--silent', 'build'], { stdio: ['ignore', 'ignore', 'inherit'] });
if (built.status !== 0) process.exit(1);

interface Row {
  name: string;
  value: number | null;
  unit: string;
  promise: string;
  holds: boolean;
  seed: number;
  detail: string;
}

const rows: Row[] = [];
for (const figure of FIGURES) {
  const named = positionals.filter((name) => name.split('/')[0] === figure.name);
  if (positionals.length > 0 && named.length === 0) continue;
  const parts = named.includes(figure.name) ? [] : named.map((name) => name.slice(figure.name.length + 1));
  rows.push(...(await measured(figure, parts.length > 0 ? parts : null)));
}
console.table(Object.fromEntries(rows.map(({ name, ...row }) => [name, row])));
if (values.json) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
process.exit(rows.every((row) => row.holds) ? 0 : 1);

/** A figure that throws falls short, and the others are still measured. */
async function measured({ name, seed, measure }: Figure, parts: readonly string[] | null): Promise<Row[]> {
  try {
    const all = await measure(parts);
    const asked = all.filter(({ part }) => parts === null || (part !== undefined && parts.includes(part)));
    if (asked.length < (parts?.length ?? 1)) throw new Error(`${name} has no such part: ${parts?.join(', ')}`);
    return asked.map(({ part, detail = '', ...row }) => ({
      name: part ? `${name}/${part}` : name,
      ...row,
      seed,
      detail,
    }));
  } catch (cause) {
    console.error(cause);
    return [{ name, value: null, unit: '', promise: '', holds: false, seed, detail: String(cause) }];
  }
}
