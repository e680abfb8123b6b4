/**
 * The house keeps itself: which way imports point, who may write, round, call out. The table is `ROOMS` below; a file
 * without a row is an error. An import counts as naming types when it says `type`; everything else runs.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { VERSION } from '../edge/http/health.ts';
import manifest from '../package.json' with { type: 'json' };

interface Room {
  /** Which files, longest prefix first. */
  readonly at: string;
  readonly runs: readonly string[];
  readonly names?: readonly string[];
}

const ROOMS: readonly Room[] = [
  { at: 'edge/core/', runs: ['edge/core/'] },
  { at: 'edge/contract.ts', runs: ['zod', 'edge/core/money.ts', 'edge/core/attribution.ts'], names: ['edge/core/'] },
  {
    at: 'edge/contract-people.ts',
    runs: ['zod', 'edge/contract.ts', 'edge/core/access.ts'],
    names: ['edge/core/'],
  },
  { at: 'edge/store/drizzle.config.ts', runs: ['drizzle-kit'] },
  { at: 'edge/store/first-program.ts', runs: ['edge/store/', 'edge/core/', 'drizzle-orm', 'node:'] },
  { at: 'edge/store/', runs: ['edge/store/', 'edge/core/', 'drizzle-orm'] },
  {
    at: 'edge/auth/',
    runs: ['edge/auth/', 'edge/core/', '@simplewebauthn/server', 'oauth4webapi', 'otpauth'],
    names: ['edge/store/'],
  },
  { at: 'edge/mail/', runs: ['edge/mail/', 'edge/core/'] },
  // What a letter says is part of the story that sends it; sending is the interface's.
  { at: 'edge/flows/', runs: ['edge/flows/', 'edge/core/', 'edge/mail/letters.ts'], names: ['edge/deps.ts'] },
  // The contract is made from the shapes that calls are checked by, and from problems as they are sent.
  {
    at: 'edge/docs/',
    runs: [
      ...['edge/docs/', 'edge/contract.ts', 'edge/contract-people.ts', 'edge/http/problem.ts'],
      ...['edge/core/access.ts', 'edge/core/audit.ts'],
      ...['hono', 'zod'],
    ],
    names: ['edge/core/'],
  },
  {
    at: 'edge/http/',
    runs: [
      'edge/http/',
      'edge/docs/',
      'edge/flows/',
      'edge/core/',
      'edge/contract.ts',
      'edge/contract-people.ts',
      'hono',
      'zod',
      'papaparse',
      'ua-parser-js',
      'isbot',
    ],
    names: ['edge/deps.ts'],
  },
  { at: 'edge/jobs/', runs: ['edge/jobs/', 'edge/flows/', 'edge/core/', 'edge/contract.ts'], names: ['edge/deps.ts'] },
  {
    at: 'edge/deps.ts',
    runs: [],
    names: ['edge/core/', 'edge/contract.ts', 'edge/store/', 'edge/auth/', 'edge/mail/'],
  },
  { at: 'edge/app.ts', runs: ['edge/http/', 'edge/core/fault.ts', 'hono'], names: ['edge/deps.ts'] },
  { at: 'edge/client.ts', runs: ['hono'], names: ['edge/app.ts'] },
  { at: 'edge/worker.ts', runs: ['edge/'] },
  { at: 'sdk/rollup.config.js', runs: ['*'] },
  { at: 'sdk/', runs: ['sdk/'], names: ['edge/contract.ts'] },
  { at: 'dashboard/rollup.config.js', runs: ['*'] },
  {
    at: 'dashboard/',
    runs: [
      'dashboard/',
      'edge/client.ts',
      'edge/core/money.ts',
      'preact',
      '@preact/signals',
      'preact-iso',
      '@simplewebauthn/browser',
      'lean-qr',
      'sdk/stub.js',
    ],
    names: ['edge/contract.ts', 'edge/contract-people.ts', 'edge/core/'],
  },
  { at: 'test/', runs: ['*'] },
];

const TOP = [
  ...['edge', 'sdk', 'widget', 'dashboard', 'migrations', 'test', 'wrangler.toml', 'package.json', 'tsconfig.json'],
  ...['README.md', 'package-lock.json', 'LICENSE', '.gitignore', '.ci', 'biome.json'],
];

const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' }).split('\0').filter(Boolean);
const files = git('ls-files', '-z', '--cached', '--others', '--exclude-standard');
const sources = files.filter((file) => /\.(ts|tsx|js)$/.test(file) && !file.endsWith('.d.ts'));
const read = (file: string): string => readFileSync(file, 'utf8');
const roomOf = (file: string): Room | undefined => ROOMS.find((room) => file.startsWith(room.at));

interface Import {
  readonly target: string;
  readonly typeOnly: boolean;
}

/** Every static import, export from and dynamic import; relative ones as paths from the root. */
function importsOf(file: string, text: string): Import[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const statements = [
    ...code.matchAll(/^\s*(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]/gm),
    ...code.matchAll(/()\bimport\(\s*['"]([^'"]+)['"]/g),
  ];
  return statements.map(([, type, from = '']) => ({
    target: from.startsWith('.') ? join(dirname(file), from) : from,
    typeOnly: Boolean(type),
  }));
}

const within = (target: string, allowed: readonly string[]): boolean =>
  allowed.some((one) => one === '*' || target === one || target.startsWith(/[/:]$/.test(one) ? one : `${one}/`));

/** What a file imports that its room may not. */
function trespasses(file: string, text: string): string[] {
  const room = roomOf(file);
  if (!room) return ['has no row in the table'];
  return importsOf(file, text)
    .filter(({ target, typeOnly }) => !within(target, [...room.runs, ...(typeOnly ? (room.names ?? []) : [])]))
    .map(({ target, typeOnly }) => `${typeOnly ? 'names' : 'runs'} ${target}`);
}

describe('imports point one way', () => {
  test.each(sources)('%s imports only what it may', (file) => {
    expect(trespasses(file, read(file))).toEqual([]);
  });

  test('a wrong import is seen, in every spelling', () => {
    const wrong = (text: string, file = 'edge/core/money.ts') => trespasses(file, text).length;
    expect(wrong("import { createStore } from '../store/store.ts';")).toBe(1);
    expect(wrong("import type { Store } from '../store/store.ts';")).toBe(1);
    expect(wrong("import '../store/store.ts';")).toBe(1);
    expect(wrong("export * from '../store/store.ts';")).toBe(1);
    expect(wrong("const store = await import('../store/store.ts');")).toBe(1);
    expect(wrong("import {\n  a,\n  b,\n} from 'hono';")).toBe(1);
    expect(wrong("import { z } from 'zod';", 'sdk/index.ts')).toBe(1);
    expect(wrong("import { Events } from '../edge/contract.ts';", 'sdk/index.ts')).toBe(1);
    expect(wrong("import type { Events } from '../edge/contract.ts';", 'sdk/index.ts')).toBe(0);
    expect(wrong('', 'edge/stray/file.ts')).toBe(1);
  });

  test('no cycles, type imports included', () => {
    const graph = new Map(
      sources.map((file) => [
        file,
        importsOf(file, read(file))
          .map((one) => one.target)
          .filter((one) => sources.includes(one)),
      ]),
    );
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) throw new Error(`cycle: ${[...path.slice(path.indexOf(file)), file].join(' → ')}`);
      if (done.has(file)) return;
      for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
      done.add(file);
    };
    for (const file of graph.keys()) visit(file, []);
  });
});

describe('invariants', () => {
  const mentions = (pattern: RegExp, under: string, but: readonly string[] = []) =>
    sources.filter((file) => file.startsWith(under) && !but.includes(file) && pattern.test(read(file)));

  test('core and flows read no clock, chance or network', () => {
    const impure =
      /\bDate\.now\(|new Date\(\)|Math\.random|getRandomValues|randomUUID|\bfetch\(|setTimeout|performance\./;
    expect(mentions(impure, 'edge/core/')).toEqual([]);
    expect(mentions(impure, 'edge/flows/')).toEqual([]);
  });

  test('only core/money.ts rounds', () => {
    expect(mentions(/Math\.(round|trunc)|toFixed/, 'edge/', ['edge/core/money.ts'])).toEqual([]);
  });

  test('only the store writes', () => {
    const writing = /\b(INSERT INTO|UPDATE \w+ SET|DELETE FROM)\b|\bdb\s*\.\s*(insert|update|delete)\(/;
    expect(mentions(writing, 'edge/').filter((file) => !file.startsWith('edge/store/'))).toEqual([]);
    expect(mentions(writing, 'edge/store/')).toEqual(
      ['account-changes', 'accounts', 'clicks', 'commit', 'first-program', 'store', 'upkeep', 'visitors'].map(
        (name) => `edge/store/${name}.ts`,
      ),
    );
  });

  test('only what the tools insist on stands at the top', () => {
    const top = new Set(files.map((file) => file.split('/')[0]));
    expect([...top].filter((name) => !TOP.includes(name ?? ''))).toEqual([]);
  });

  test('the Worker tells the version of the package', () => {
    expect(VERSION).toBe(manifest.version);
  });
});
