/**
 * `npm run first-program`: makes a program in a deployed (or, with --local, a local) database, with its first policy,
 * terms, keys, partner and owner, and its sandbox beside it; prints the keys, once. A tool for Node; no part of the Worker.
 *
 *     npm run first-program -- --owner you@shop.example --shop https://shop.example --currency EUR --percent 10 --partner anna
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import { sql } from 'drizzle-orm';
import { SQLiteSyncDialect } from 'drizzle-orm/sqlite-core';
import { drizzle } from 'drizzle-orm/sqlite-proxy';
import { hintOf, newKey, USUAL_SCOPES } from '../core/api-key.ts';
import { type Id, makeId } from '../core/id.ts';
import { keyHash } from '../core/identity.ts';
import { normalizeCode } from '../core/link.ts';
import { type Currency, isCurrency, ppm, WHOLE_PPM } from '../core/money.ts';
import * as schema from './schema.ts';

const LAST_LINES = 12;

const given = read();
const shop = URL.parse(given.shop ?? '');
const currency = given.currency.toUpperCase();
/** As text, since 1.1 × 10,000 is no whole number in floating point. */
const [, whole, fraction = ''] = /^(\d{1,3})(?:\.(\d{1,4}))?$/.exec(given.percent) ?? [];
const rate = whole === undefined ? Number.NaN : Number(whole + fraction.padEnd(4, '0'));
const slug = normalizeCode(given.partner);
const days = (text: string) => (/^\d{1,3}$/.test(text) ? Number(text) : Number.NaN);
const policy = { windowDays: days(given['window-days']), holdDays: days(given['hold-days']) };
const owner = given.owner?.trim().toLowerCase() ?? '';

const flaw =
  (!/^[^\s@<>"]+@[^\s@<>"]+\.[^\s@<>"]+$/.test(owner) &&
    '--owner wants an address that letters reach: who signs in first') ||
  (!shop?.protocol.startsWith('http') && '--shop wants the address of the shop, such as https://shop.example') ||
  (!isCurrency(currency) && '--currency wants an ISO 4217 code, such as EUR') ||
  (!(rate <= WHOLE_PPM) && '--percent wants a number from 0 to 100, with up to four decimals') ||
  (!(policy.windowDays > 0 && policy.holdDays >= 0) && '--window-days and --hold-days want whole numbers') ||
  (!/^[a-z0-9][a-z0-9-]{0,54}$/.test(slug) && '--partner wants a short name of letters, digits and dashes');
if (flaw || !shop || !isCurrency(currency)) end(2, flaw);

const now = Date.now();
const id = <Kind extends string>(): Id<Kind> => makeId<Kind>(now, randomBytes(10));
const partnerId = id<'partner'>();

// Written as text for wrangler to run; nothing here is connected to a database.
const db = drizzle(async () => ({ rows: [] }));
const name = given.name ?? shop.hostname;
const live = await programOf('live', { shop, currency });
const sandbox = await programOf('sandbox', { shop, currency });
const rows = [
  // Who is known by that address already stays as they are.
  db.insert(schema.people).values({ id: id(), email: owner, name: '' }).onConflictDoNothing(),
  db.insert(schema.partners).values({ id: partnerId, name: given.partner }),
  ...live.rows,
  ...sandbox.rows,
];
const dialect = new SQLiteSyncDialect();
const text = rows.map((row) => `${dialect.sqlToQuery(row.getSQL().inlineParams()).sql};`).join('\n');

const failure = save();
if (failure?.includes('UNIQUE constraint failed: programs.slug'))
  end(1, `There is already a program for ${shop.hostname}.`);
if (failure) end(1, `No program was made. wrangler says:\n\n${failure}`);
console.info(`
Program ${name} is made, and its sandbox. These keys are shown once and not kept:

                     live, for customers' orders
  in pages           ${live.keys.publishable}
  on servers         ${live.keys.secret}

                     sandbox, to try things
  in pages           ${sandbox.keys.publishable}
  on servers         ${sandbox.keys.secret}

${owner} owns both, and signs in with a link by mail.
The first partner is ${slug}: /go/${slug} leads to ${shop.href}, /go/${sandbox.code} does so in the sandbox.
`);

/** A program's rows: both begin alike, and share nothing but who owns them and their first partner. */
async function programOf(mode: schema.ProgramMode, { shop, currency }: { shop: URL; currency: Currency }) {
  const programId = id<'program'>();
  const [mark, called] = mode === 'live' ? ['', name] : ['-sandbox', `${name}, sandbox`];
  const code = `${slug}${mark}`;
  const version = { programId, version: 1, startsAt: now, savedAt: now };
  const keyOf = (kind: schema.KeyKind) => newKey({ kind, mode }, randomBytes);
  const keys = { publishable: keyOf('publishable'), secret: keyOf('secret') };
  const keyRow = async (kind: schema.KeyKind, scopes: typeof USUAL_SCOPES) => ({
    ...{ hash: await keyHash(keys[kind]), id: id<'key'>(), programId, kind, name: 'first', hint: hintOf(keys[kind]) },
    ...{ scopes, createdAt: now },
  });
  const rows = [
    db.insert(schema.programs).values({
      ...{ id: programId, slug: `${shop.hostname}${mark}`, name: called, mode, currency, createdAt: now },
    }),
    db.insert(schema.policies).values({
      ...{ ...version, ...policy, model: 'last' as const },
      ...{ origins: [shop.origin], deepLinkHosts: [shop.host] },
    }),
    db.insert(schema.terms).values({ ...version, rules: [{ ratePpm: ppm(rate) }] }),
    db.insert(schema.keys).values([await keyRow('publishable', []), await keyRow('secret', USUAL_SCOPES)]),
    db.insert(schema.enrollments).values({ programId, partnerId, slug, startedAt: now }),
    db.insert(schema.links).values({ id: id(), programId, partnerId, code, url: shop.href, createdAt: now }),
    db.insert(schema.memberships).values({
      // In the order of their ids places are offered: the live one first.
      id: makeId<'membership'>(mode === 'live' ? now : now + 1, randomBytes(10)),
      ...{ programId, partnerId: null, role: 'owner' as const, joinedAt: now, vouched: false },
      personId: sql`(SELECT id FROM people WHERE email = ${owner})`,
    }),
    db.insert(schema.audit).values({
      ...{ programId, id: id(), at: now, actor: 'system', act: 'program.created', subject: `program:${programId}` },
      after: { mode, currency, ratePpm: rate, ...policy },
    }),
  ];
  return { keys, code, rows };
}

function read() {
  try {
    return parseArgs({
      options: {
        owner: { type: 'string' },
        shop: { type: 'string' },
        name: { type: 'string' },
        currency: { type: 'string', default: 'EUR' },
        percent: { type: 'string', default: '10' },
        'window-days': { type: 'string', default: '30' },
        'hold-days': { type: 'string', default: '14' },
        partner: { type: 'string', default: 'first' },
        local: { type: 'boolean', default: false },
      },
    }).values;
  } catch (flaw) {
    return end(2, (flaw as Error).message);
  }
}

/** Null when the program is in the database, else what wrangler said. A deployed database was migrated by the deployment. */
function save(): string | null {
  const scratch = mkdtempSync(join(tmpdir(), 'tributary-'));
  try {
    const file = join(scratch, 'first-program.sql');
    writeFileSync(file, text);
    if (!given.local) return wrangler('d1', 'execute', 'DB', '--remote', '--yes', '--file', file);
    return (
      wrangler('d1', 'migrations', 'apply', 'DB', '--local') ??
      wrangler('d1', 'execute', 'DB', '--local', '--yes', '--file', file)
    );
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Null when all went well, else the last that it said. */
function wrangler(...args: string[]): string | null {
  const env = { ...process.env, WRANGLER_HIDE_BANNER: 'true', WRANGLER_WRITE_LOGS: 'false' };
  const { status, stdout, stderr, error } = spawnSync('wrangler', args, {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (status === 0) return null;
  if (error) return error.message;
  const lines = stripVTControlCharacters(`${stdout}\n${stderr}`)
    .split('\n')
    .filter((line) => line.trim());
  return lines.slice(-LAST_LINES).join('\n') || `It ended with ${status}.`;
}

function end(code: 1 | 2, why: string | false): never {
  console.error(why);
  process.exit(code);
}
