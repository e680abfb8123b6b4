/**
 * `rollup -c dashboard/rollup.config.js`, from the root of the repository: one page, its style, a script for each route.
 *
 * Everything but the page is named by its content, so that browsers may keep it for good; the page names what is new.
 */
import { readdir, readFile, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import nodeResolve from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import { transform } from 'esbuild';
import esbuild from 'rollup-plugin-esbuild';

const OUT = 'dist/assets';
const TARGET = 'es2022';
const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Loaded when somebody uses a passkey, or sets up an authenticator app. */
const BY_NEED = /\/node_modules\/(@simplewebauthn|lean-qr)\//;

/** Styles are gathered into one file; the snippet is imported as text; the page gets the names of all that was built. */
function page() {
  const styles = new Map();
  return {
    name: 'page',
    async load(id) {
      if (id.endsWith('.css')) {
        styles.set(id, await readFile(id, 'utf8'));
        this.addWatchFile(id);
        return { code: '', moduleSideEffects: true };
      }
      if (id === here('../sdk/stub.js')) {
        const { code } = await transform(await readFile(id, 'utf8'), { minify: true, target: 'es2020' });
        return `export default ${JSON.stringify(code.trim())};`;
      }
      return null;
    },
    async generateBundle(_options, bundle) {
      const emit = (name, source) => this.getFileName(this.emitFile({ type: 'asset', name, source }));
      const css = await transform([...styles.values()].join('\n'), { loader: 'css', minify: true, target: TARGET });
      const style = emit('style.css', css.code);
      const icon = emit('favicon.svg', await readFile(here('favicon.svg'), 'utf8'));
      const entry = Object.values(bundle).find((one) => one.type === 'chunk' && one.isEntry);
      const tags = [
        `<link rel="icon" type="image/svg+xml" href="/${icon}" />`,
        `<link rel="stylesheet" href="/${style}" />`,
        ...entry.imports.map((name) => `<link rel="modulepreload" href="/${name}" />`),
        `<script type="module" src="/${entry.fileName}"></script>`,
      ];
      const html = (await readFile(here('index.html'), 'utf8')).replace(/<!-- built:.*?-->/, tags.join('\n    '));
      this.emitFile({ type: 'asset', fileName: 'index.html', source: html });
    },
    // Older builds would otherwise be deployed along for ever. Only now, so that a page always finds what it names.
    async writeBundle(_options, bundle) {
      const old = (await readdir(`${OUT}/assets`)).filter((file) => !bundle[`assets/${file}`]);
      await Promise.all(old.map((file) => rm(`${OUT}/assets/${file}`, { force: true })));
    },
  };
}

export default {
  input: { main: here('main.tsx') },
  output: {
    dir: OUT,
    format: 'es',
    entryFileNames: 'assets/[name]-[hash].js',
    chunkFileNames: 'assets/[name]-[hash].js',
    assetFileNames: 'assets/[name]-[hash][extname]',
    // What routes share comes with the first load: small files cost more as requests than as bytes.
    manualChunks: (id) =>
      BY_NEED.test(id) ? null : id.startsWith(here('ui/')) || id.includes('/node_modules/') ? 'shared' : null,
    // With the files above gathered, nothing else that routes share is large; no chunk should be smaller than this.
    experimentalMinChunkSize: 1_500,
  },
  plugins: [
    page(),
    nodeResolve({ browser: true, extensions: ['.ts', '.tsx', '.mjs', '.js'] }),
    esbuild({ target: TARGET, jsx: 'automatic', jsxImportSource: 'preact', tsconfig: false }),
    terser({ module: true, ecma: 2020, compress: { passes: 3 } }),
  ],
};
