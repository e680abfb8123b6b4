/**
 * `rollup -c sdk/rollup.config.js`, from the root of the repository: the script as `sdk.js` and under its version, with
 * its hash for `integrity` and its own brotli, whose best is better than the edge's; beside it what pages load by need.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';
import terser from '@rollup/plugin-terser';
import esbuild from 'rollup-plugin-esbuild';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

/** The syntax of 2020. Whatever a browser lacks besides is found out when it is needed, and done without. */
const plugins = [
  esbuild({ target: 'es2020' }),
  terser({ ecma: 2020, module: true, compress: { passes: 3, unsafe_arrows: true } }),
];

/** Runs last: what it writes beside the script is made of the bytes that are served. */
const served = {
  name: 'served',
  generateBundle(_options, bundle) {
    const { code } = bundle['sdk.js'];
    const emit = (fileName, source) => this.emitFile({ type: 'asset', fileName, source });
    const brotli = brotliCompressSync(code, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
    emit('sdk.js.br', brotli);
    emit(`sdk/${version}.js`, code);
    emit(`sdk/${version}.js.br`, brotli);
    emit(`sdk/${version}.integrity`, `sha384-${createHash('sha384').update(code).digest('base64')}`);
  },
};

export default [
  {
    input: 'sdk/script.ts',
    // `strict` is for code that makes mistakes the compiler has already found; it is 9 bytes.
    output: { dir: 'dist/assets', entryFileNames: 'sdk.js', format: 'iife', strict: false },
    plugins: [...plugins, served],
  },
  ...['domains', 'forms', 'stripe', 'moves', 'debug'].map((name) => ({
    input: `sdk/${name}.ts`,
    output: { file: `dist/assets/sdk/${name}.js` },
    plugins,
  })),
  { input: 'sdk/index.ts', output: { file: 'dist/sdk/index.js' }, plugins },
  { input: 'sdk/stub.js', output: { file: 'dist/sdk/stub.js' }, plugins },
];
