/** Sizes as they travel, the promises of package.json, and the Worker as it is deployed. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import manifest from '../../package.json' with { type: 'json' };

type Measure = 'raw' | 'gzip' | 'brotli';

const MEASURES: Record<Measure, (bytes: Uint8Array) => number> = {
  raw: (bytes) => bytes.length,
  gzip: (bytes) => gzipSync(bytes, { level: 9 }).length,
  brotli: (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length,
};

/** What one name of `budgets` weighs against what it may. */
export interface Weight {
  readonly name: string;
  readonly measure: Measure;
  readonly bytes: number;
  readonly limit: number;
}

export const BUDGETS = manifest.budgets as Record<keyof typeof manifest.budgets, { measure: Measure; limit: number }>;

export function weigh(name: keyof typeof BUDGETS): Weight {
  const { measure, limit } = BUDGETS[name];
  const bytes = FILES[name]().reduce((sum, file) => sum + MEASURES[measure](file), 0);
  return { name, measure, bytes, limit };
}

const FILES: Record<keyof typeof BUDGETS, () => Uint8Array[]> = {
  sdk: () => [readFileSync('dist/assets/sdk.js')],
  stub: () => [readFileSync('dist/sdk/stub.js')],
  // All that a partner's first page loads: its page, the scripts it names and those it asks for next.
  dashboard: () => firstPage().map((file) => readFileSync(join('dist/assets', file))),
  worker: deployed,
};

/** The scripts and styles that index.html names, and the chunks those import at once. */
function firstPage(): string[] {
  const named = (text: string): string[] =>
    [...text.matchAll(/(?:src|href)="\/(assets\/[^"]+\.(?:js|css))"/g)].map(([, file = '']) => file);
  const files = new Set(named(readFileSync('dist/assets/index.html', 'utf8')));
  for (const file of files) {
    if (!file.endsWith('.js')) continue;
    const text = readFileSync(join('dist/assets', file), 'utf8');
    for (const [, chunk = ''] of text.matchAll(/(?:from|import)\s*["']\.\/([^"']+)["']/g)) files.add(`assets/${chunk}`);
  }
  return [...files];
}

function deployed(): Uint8Array[] {
  const out = mkdtempSync(join(tmpdir(), 'tributary-worker-'));
  try {
    execFileSync('wrangler', ['deploy', '--dry-run', '--outdir', out], { stdio: 'pipe' });
    return readdirSync(out)
      .filter((file) => /\.(js|wasm)$/.test(file))
      .map((file) => readFileSync(join(out, file)));
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}
