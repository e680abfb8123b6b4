/** The three Workers of `npm start`, bundled: the product with its demo doors, the shop, the blog. */
import { join, resolve } from 'node:path';
import { build, stop as endEsbuild } from 'esbuild';

const ROOT = resolve(import.meta.dirname, '../..');

export const BUILT = join(ROOT, 'dist/demo');

export async function buildDemo(): Promise<void> {
  try {
    await build({
      entryPoints: ['worker', 'shop', 'blog'].map((name) => join(ROOT, `test/demo/${name}.ts`)),
      outdir: BUILT,
      bundle: true,
      format: 'esm',
      target: 'es2024',
      conditions: ['workerd', 'worker', 'browser'],
      loader: { '.css': 'text' },
      logLevel: 'error',
    });
  } finally {
    // Its helper process would keep ours from ending.
    endEsbuild();
  }
}
