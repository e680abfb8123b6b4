/** `rollup -c sdk/rollup.config.js`, from the root of the repository. */
import terser from '@rollup/plugin-terser';
import esbuild from 'rollup-plugin-esbuild';

/** The syntax of 2020. Whatever a browser lacks besides is found out when it is needed, and done without. */
const plugins = [
  esbuild({ target: 'es2020' }),
  terser({ ecma: 2020, module: true, compress: { passes: 3, unsafe_arrows: true } }),
];

export default [
  // `strict` is for code that makes mistakes the compiler has already found; it is 9 bytes.
  { input: 'sdk/script.ts', output: { file: 'dist/assets/sdk.js', format: 'iife', strict: false }, plugins },
  { input: 'sdk/index.ts', output: { file: 'dist/sdk/index.js' }, plugins },
  { input: 'sdk/stub.js', output: { file: 'dist/sdk/stub.js' }, plugins },
];
