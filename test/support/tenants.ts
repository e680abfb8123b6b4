/**
 * A deployment with strangers in it: two programs, each with two partners, people of every role, keys of every scope, orders,
 * letters, factors. Everything that is somebody's carries their mark in every text there is (`zzb1zz` in names, slugs, codes,
 * addresses; `ZZB1ZZ` in ids), so that one mark in another's answer is a leak, whatever it leaks through. Runs wherever D1 is.
 */
import { drizzle } from 'drizzle-orm/d1';
import { app } from '../../edge/app.ts';
import { PARTNER_ROLES, PROGRAM_ROLES, type Role, SCOPES, type Scope } from '../../edge/core/access.ts';
import { DAY_MS } from '../../edge/core/attribution.ts';
import { type MembershipId, makeId, type PartnerId, type PersonId, type ProgramId } from '../../edge/core/id.ts';
import { keyHash } from '../../edge/core/identity.ts';
import { type Currency, ppm } from '../../edge/core/money.ts';
import { toBase64Url } from '../../edge/core/seal.ts';
import { mint, verify } from '../../edge/core/token.ts';
import type { Change, Deps, Env, Letter } from '../../edge/deps.ts';
import { sealFor } from '../../edge/flows/vault.ts';
import * as schema from '../../edge/store/schema.ts';
import { buildDeps } from '../../edge/worker.ts';
import { mulberry32 } from '../core/random-journeys.ts';
import { counting } from './billed.ts';
import { ORIGIN, SHOP, START } from './programs.ts';

/** When everybody calls; all that there is was made in the hours before. */
const END = START + 12 * 3_600_000;
export const SEED = 20_261_128;

/** Whose things are whose: a program itself, its partners, and people who are nobody's. `c2` is `a1` in the other program. */
export const TENANTS = ['p1', 'a1', 'b1', 'p2', 'c2', 'd2', 'x0', 'n0', 'r0'] as const;
export type Tenant = (typeof TENANTS)[number];

export const markOf = (tenant: Tenant): string => `zz${tenant}zz`;
const MARK = new RegExp(`zz(${TENANTS.join('|')})z[zZ]`, 'gi');
/** The same name, but of nobody: beside it in every order, so that no list that begins there can differ. */
export const madeUp = (name: string): string =>
  name.replace(MARK, (mark) => `${mark.slice(0, -1)}${mark.endsWith('Z') ? 'Y' : 'y'}`);

/** What a call may name. */
export const KINDS = [
  'program',
  'partner',
  'group',
  'link',
  'linkCode',
  'code',
  'order',
  'orderName',
  'visitor',
  'token',
  'customer',
  'email',
  'member',
  'invitation',
  'person',
  'session',
  'passkey',
  'key',
  'audit',
  /** As the log names who did something, and to what it was done. */
  'actor',
  'subject',
  /** An `Idempotency-Key` that somebody used. */
  'call',
] as const;
export type Kind = (typeof KINDS)[number];
type Names = { [kind in Kind]?: string[] };

/** Somebody at the door. */
export interface Asker {
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Whose things are theirs to see, the own ones first. */
  readonly sees: readonly Tenant[];
  /** Of others, what they are told all the same: the names of the program that their place is in. */
  readonly knows: readonly string[];
  readonly personId?: PersonId;
  /** Where else this person has a place. */
  readonly elsewhere?: readonly Tenant[];
  /** A page of a program's shop; its publishable key, which stands in what it says. */
  readonly page?: string;
}

/** What a call came to, and what it took. */
export interface Heard {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly text: string;
  /** The statements, in their order. */
  readonly asked: readonly string[];
  readonly roundTrips: number;
  readonly rowsRead: number;
  /** Letters that were sent. */
  readonly letters: readonly Letter[];
  /** Tables that were written to. */
  readonly wrote: readonly string[];
}

export interface Call {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface Tenants {
  readonly deps: Deps;
  readonly askers: readonly Asker[];
  /** Of a tenant; what was made up in place of a name is in `instead`. */
  names(tenant: Tenant, kind: Kind): readonly string[];
  instead(name: string): string;
  call(asker: Asker, call: Call): Promise<Heard>;
  /** All rows of these tables, each with whose it is; null: nobody's. */
  dump(tables?: readonly string[]): Promise<Map<string, Row[]>>;
  /** As they were when the world was made. */
  restore(tables: readonly string[]): Promise<void>;
  /** All rows as they were when the world was finished. */
  readonly made: ReadonlyMap<string, readonly Row[]>;
}

export interface Row {
  readonly tenant: Tenant | null;
  readonly values: Readonly<Record<string, unknown>>;
}

/** What is added to the world, one after the other; between, somebody may look. */
export interface Building {
  readonly tenants: Tenants;
  addPartner(): Promise<void>;
  addShared(): Promise<void>;
  addProgram(): Promise<void>;
  /** One person with a place in each program; and from now on the world is what `restore` goes back to. */
  addBoth(): Promise<void>;
}

/** Base32 as ids write it, back into bytes: a mark of six letters and ten more. */
function bytesOf(letters: string): Uint8Array {
  const bytes = new Uint8Array(10);
  let [held, bits, at] = [0, 0, 0];
  for (const letter of letters) {
    held = (held << 5) | '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.indexOf(letter);
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (held >> bits) & 255;
      held &= (1 << bits) - 1;
    }
  }
  return bytes;
}

/** Chance that marks each id it makes, and is the same each time. */
function chanceOf(mark: string, seed: number) {
  const random = mulberry32(seed);
  let made = 0;
  return (bytes: number): Uint8Array =>
    bytes === 10
      ? bytesOf(`${mark.toUpperCase()}${String(made++).padStart(10, '0')}`)
      : Uint8Array.from({ length: bytes }, () => Math.floor(random() * 256));
}

/** Of nobody's: null. */
export const PROGRAM_OF: Record<Tenant, 'p1' | 'p2' | null> = {
  ...{ p1: 'p1', a1: 'p1', b1: 'p1', p2: 'p2', c2: 'p2', d2: 'p2' },
  ...{ x0: null, n0: null, r0: null },
};

/** Program 1 with its partner A; the rest is added by whoever wants to see what that changes. */
export async function buildTenants(env: Env): Promise<Building> {
  let now = START;
  let chance = chanceOf('zzn0zz', SEED);
  const heard: string[] = [];
  const letters: Letter[] = [];
  const real = env.DB;
  const { d1, billed } = counting(real as never, (sql) => heard.push(sql));
  const built = await buildDeps(
    { ...env, DB: d1 as never },
    { now: () => now, mail: () => ({ send: async (letter) => void letters.push(letter) }) },
  );
  if (!built.ok) throw new Error('the secrets of tests are wrong');
  /** A single sign-on that lets nobody in. */
  const oidc = {
    ...{ issuer: 'https://sso.example', name: 'Staff' },
    begin: async ({ state }: { state: string }) => `https://sso.example/authorize?state=${state}`,
    finish: async () => null,
  };
  const auth = { ...built.value.auth, oidc };
  const deps: Deps = { ...built.value, auth, random: (bytes) => chance(bytes) };
  const db = drizzle(real);

  const names = new Map<Tenant, Names>();
  const note = (tenant: Tenant, kind: Kind, ...values: readonly string[]) => {
    const own = names.get(tenant) ?? {};
    own[kind] = [...(own[kind] ?? []), ...values];
    names.set(tenant, own);
  };
  const instead = new Map<string, string>();
  const programs = new Map<'p1' | 'p2', ProgramId>();
  const partners = new Map<Tenant, PartnerId>();
  const tenantOfPerson = new Map<string, Tenant>();
  const as = (tenant: Tenant, seed = 0) => {
    now += 1_000;
    chance = chanceOf(markOf(tenant), SEED + TENANTS.indexOf(tenant) * 1_000 + seed);
  };
  const id = <Name extends string>() => makeId<Name>(now, deps.random(10));
  const secret = () => toBase64Url(deps.random(32));

  /** Each program's key with every scope sets it up, through the doors. */
  const secretOf = (program: 'p1' | 'p2', name: string) =>
    `trb_sk_${program === 'p1' ? 'live' : 'test'}_${markOf(program)}_${name}`;
  const publishableOf = (program: 'p1' | 'p2') =>
    `trb_pk_${program === 'p1' ? 'live' : 'test'}_${markOf(program)}_pages`;
  async function told<Answer>(program: 'p1' | 'p2', path: string, body: unknown, method = 'POST'): Promise<Answer> {
    const response = await fetchApp(path, {
      method,
      headers: {
        authorization: `Bearer ${secretOf(program, 'all')}`,
        'content-type': 'application/json',
        ...(method === 'POST' && { 'idempotency-key': callName(program) }),
      },
      body: JSON.stringify(body),
    });
    if (response.status >= 300) throw new Error(`${method} ${path}: ${await response.text()}`);
    return (await response.json()) as Answer;
  }
  let calls = 0;
  const callName = (program: 'p1' | 'p2') => {
    const name = `call-${markOf(program)}-${calls++}`;
    note(program, 'call', name);
    return name;
  };
  let waiting: Promise<unknown>[] = [];
  async function fetchApp(path: string, init: RequestInit): Promise<Response> {
    const context = { waitUntil: (work: Promise<unknown>) => void waiting.push(work) };
    const request = new Request(new URL(path, ORIGIN), { redirect: 'manual', ...init });
    // Files are nobody's; where none were built, one stands for all.
    const ASSETS = env.ASSETS ?? { fetch: async () => new Response('a file') };
    return app.fetch(request, { ...env, ASSETS, DB: d1, deps } as never, context as never);
  }

  /** A person with a place, a second factor just shown, and every kind of proof; with what their browser sends. */
  async function person(
    tenant: Tenant,
    name: string,
    places: readonly { tenant: Tenant; role: Role; joined?: boolean }[],
    { secondAt = END }: { secondAt?: number | null } = {},
  ): Promise<{ headers: Record<string, string>; personId: PersonId }> {
    as(tenant, 1 + [...tenantOfPerson.keys()].length);
    const personId = id<'person'>();
    const email = `${name}@${markOf(tenant)}.example`;
    tenantOfPerson.set(personId, tenant);
    await deps.store.commit([{ kind: 'person', person: { id: personId, email, name: `${name} ${markOf(tenant)}` } }]);
    note(tenant, 'person', personId);
    note(tenant, 'actor', `person:${personId}`);
    note(tenant, 'email', email);
    const seats: MembershipId[] = [];
    for (const { tenant: where, role, joined = true } of places) {
      const program = PROGRAM_OF[where] ?? 'p1';
      chance = chanceOf(markOf(where), SEED + seats.length + tenantOfPerson.size * 10);
      const place = {
        ...{ id: id<'membership'>(), programId: programOf(program), partnerId: partners.get(where) ?? null, role },
        ...{ joinedAt: joined ? now : null, vouched: true },
      };
      await deps.store.commit([{ kind: 'place', email, place }]);
      note(where, joined ? 'member' : 'invitation', place.id);
      seats.push(place.id);
    }
    as(tenant, 500 + tenantOfPerson.size);
    const held = secret();
    const session = {
      ...{ id: id<'session'>(), hash: await keyHash(held), previousHash: null, rotatedAt: null, rotates: false },
      ...{ personId, membershipId: seats[0] ?? null, method: 'link' as const, createdAt: END, seenAt: END },
      ...{ endsAt: END + 30 * DAY_MS, secondAt, agent: `A browser of ${markOf(tenant)}`, country: null },
    } as const;
    const credential = `${markOf(tenant)}-${name}-credential`;
    const proofs: Change[] = [
      { kind: 'session', session },
      {
        kind: 'passkey',
        passkey: {
          ...{ id: credential, personId, publicKey: `${markOf(tenant)}-public`, counter: 0, transports: [] },
          ...{ name: `Key of ${markOf(tenant)}`, createdAt: now, lastUsedAt: null },
        },
      },
      { kind: 'recovery_codes', personId, hashes: [`${markOf(tenant)}-${name}-hash`] },
      {
        kind: 'single_sign_on',
        link: { issuer: 'https://sso.example', subject: `${markOf(tenant)}-${name}`, personId, linkedAt: now },
      },
    ];
    await deps.store.commit(proofs);
    // The key that their values in any log are sealed under is made when it is first needed: not by a stranger's call.
    await sealFor(deps, personId, email);
    note(tenant, 'session', session.id);
    note(tenant, 'passkey', credential);
    return { headers: { cookie: `__Host-tributary_session=${held}`, origin: ORIGIN }, personId };
  }

  const programOf = (name: 'p1' | 'p2'): ProgramId => {
    const found = programs.get(name);
    if (!found) throw new Error(`program ${name} is not there yet`);
    return found;
  };

  async function makeProgram(name: 'p1' | 'p2') {
    as(name);
    const programId = id<'program'>();
    programs.set(name, programId);
    const mark = markOf(name);
    const startsAt = START - 365 * DAY_MS;
    const key = async (text: string, kind: 'publishable' | 'secret', scopes: readonly Scope[], more = {}) => {
      const row = {
        ...{ hash: await keyHash(text), id: id<'key'>(), programId, kind, name: `${mark} ${text.slice(-8)}` },
        ...{ hint: text.slice(-4), scopes, createdAt: startsAt, ...more },
      };
      note(name, 'key', row.id);
      note(name, 'actor', `key:${row.id}`);
      return row;
    };
    const rows = [
      await key(secretOf(name, 'all'), 'secret', SCOPES),
      await key(secretOf(name, 'none'), 'secret', []),
      await key(secretOf(name, 'revoked'), 'secret', SCOPES, { revokedAt: startsAt }),
      await key(secretOf(name, 'expired'), 'secret', SCOPES, { expiresAt: startsAt + 1 }),
      await key(publishableOf(name), 'publishable', []),
    ];
    for (const scope of SCOPES) rows.push(await key(secretOf(name, scope), 'secret', [scope]));
    const mode = name === 'p1' ? ('live' as const) : ('sandbox' as const);
    await db.batch([
      db.insert(schema.programs).values({
        ...{ id: programId, slug: `${mark}-program`, name: `Program ${mark}`, mode, currency: 'EUR' as Currency },
        ...{ createdAt: startsAt, clockOffsetMs: mode === 'live' ? 0 : 40 * DAY_MS },
      }),
      db.insert(schema.policies).values({
        ...{ programId, version: 1, startsAt, savedAt: startsAt, model: 'linear', windowDays: 30, holdDays: 14 },
        ...{ origins: [SHOP, `https://${mark}.example`], deepLinkHosts: ['shop.example'] },
      }),
      db
        .insert(schema.terms)
        .values({ programId, version: 1, startsAt, savedAt: startsAt, rules: [{ ratePpm: ppm(100_000) }] }),
      ...rows.map((row) => db.insert(schema.keys).values(row)),
    ] as never);
    note(name, 'program', programId, `${mark}-program`);
    const group = await told<{ id: string; slug: string }>(name, '/v1/groups', {
      ...{ slug: `${mark}-gold`, name: `Gold ${mark}`, windowDays: 60 },
    });
    note(name, 'group', group.id, group.slug);
    await told(name, '/v1/terms', { group: group.slug, rules: [{ ratePpm: 120_000 }] });
    await order(name, name, { amount: 7_711_001 });
    await auditOf(name, name);
  }

  /** An order, of somebody who clicked there or of nobody's. */
  async function order(program: 'p1' | 'p2', tenant: Tenant, given: Record<string, unknown>) {
    as(tenant, 100 + orders);
    const orderId = `order-${markOf(tenant)}-${orders++}`;
    const customer = `customer-${markOf(tenant)}`;
    const made = await told<{ id: string }>(program, '/v1/conversions', {
      ...{ orderId, currency: 'EUR', customer: { id: customer, email: `buyer@${markOf(tenant)}.example` }, ...given },
    });
    note(tenant, 'order', made.id, `order:${orderId}`, `order:sale:${orderId}`);
    note(tenant, 'orderName', orderId, made.id);
    note(tenant, 'customer', customer);
  }
  let orders = 0;

  async function auditOf(program: 'p1' | 'p2', tenant: Tenant) {
    as(tenant, 200);
    const entry = {
      ...{ programId: programOf(program), id: id<'audit'>(), at: now, actor: 'system', act: 'partner.added' },
      ...{ subject: `partner:${markOf(tenant)}`, before: null, after: { note: markOf(tenant) } },
      ...{ partnerId: partners.get(tenant) ?? null, origin: null },
    };
    await deps.store.commit([{ kind: 'audit', entry }]);
    note(tenant, 'audit', entry.id);
    note(tenant, 'subject', entry.subject);
  }

  async function makePartner(program: 'p1' | 'p2', tenant: Tenant): Promise<void> {
    as(tenant);
    const mark = markOf(tenant);
    const slug = `${mark}-partner`;
    const group = names.get(program)?.group?.[1];
    const made = await told<{ id: string }>(program, '/v1/partners', { slug, name: `Partner ${mark}`, group });
    // One partner may take part in several programs: then it has one id, and each program has its own name for it.
    const partnerId = (tenant === 'c2' ? partners.get('a1') : made.id) as PartnerId;
    if (tenant === 'c2') await becomes(made.id, partnerId);
    partners.set(tenant, partnerId);
    note(tenant, 'partner', ...(tenant === 'c2' ? [slug] : [partnerId, slug]));
    for (const name of ['tent', 'lamp']) {
      const code = `${mark}-${name}`;
      const link = await told<{ id: string }>(program, '/v1/links', {
        ...{ partner: slug, code, url: `${SHOP}/?of=${mark}`, windowDays: 45 },
      });
      note(tenant, 'link', link.id, code);
      note(tenant, 'linkCode', code);
      const discount = `${mark.toUpperCase()}-${name.toUpperCase()}`;
      await told(program, '/v1/codes', { partner: slug, code: discount });
      note(tenant, 'code', discount);
    }
    const click = await told<{ clickId: string; visitorId: string }>(program, '/v1/clicks', {
      ...{ link: `${mark}-tent`, sub1: `${mark}-note` },
    });
    note(tenant, 'visitor', click.visitorId);
    note(tenant, 'token', click.clickId);
    const read = await verify(click.clickId, deps.secrets.tokenKeys);
    if (!read) throw new Error('a token of our own is none');
    const nobody = { programId: madeUp(read.programId), partnerId: madeUp(read.partnerId) };
    instead.set(click.clickId, await mint({ ...read, ...(nobody as typeof read) }, deps.secrets.tokenKeys));
    instead.set(click.visitorId, toBase64Url(deps.random(16)));
    await told(program, '/v1/identities', {
      ...{ visitorId: click.visitorId, customer: { id: `customer-${mark}`, email: `buyer@${mark}.example` } },
    });
    const unusual = 7_700_000 + 1_111 * TENANTS.indexOf(tenant);
    await order(program, tenant, { amount: unusual, visitorId: click.visitorId, metadata: { note: mark } });
    await order(program, tenant, { amount: unusual + 7, codes: [`${mark.toUpperCase()}-TENT`] });
    await auditOf(program, tenant);
    for (const role of PARTNER_ROLES) {
      const who = await person(tenant, role, [{ tenant, role }]);
      if (tenant === 'a1') askers.push({ name: `a1 ${role}`, ...who, sees: ['a1', 'x0'], knows: programNames('p1') });
    }
    await person(tenant, 'invited', [{ tenant, role: 'member', joined: false }]);
  }

  /** A partner just made becomes one that is known already. */
  async function becomes(made: string, known: PartnerId) {
    const tables = ['enrollments', 'placements'].map((table) =>
      real.prepare(`UPDATE ${table} SET partner_id = ?1 WHERE partner_id = ?2`).bind(known, made),
    );
    const rest = real.prepare('DELETE FROM partners WHERE id = ?').bind(made);
    await real.batch([real.prepare('PRAGMA defer_foreign_keys = on'), ...tables, rest]);
  }

  const askers: Asker[] = [];
  const programNames = (name: 'p1' | 'p2') => [programOf(name), `${markOf(name)}-program`, `Program ${markOf(name)}`];
  const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

  async function staffOf(name: 'p1' | 'p2', sees: readonly Tenant[]) {
    // One partner takes part in both programs, and is called the same in both.
    const knows = name === 'p2' ? [partners.get('a1') ?? '', `Partner ${markOf('a1')}`] : [];
    for (const role of PROGRAM_ROLES) {
      askers.push({ name: `${name} ${role}`, ...(await person(name, role, [{ tenant: name, role }])), sees, knows });
    }
    await person(name, 'invited', [{ tenant: name, role: 'analyst', joined: false }]);
    const unproven = await person(name, 'unproven', [{ tenant: name, role: 'finance' }], { secondAt: null });
    askers.push({ name: `${name} finance without a second factor`, ...unproven, sees, knows });
    for (const key of ['all', 'none', ...SCOPES, 'revoked', 'expired']) {
      askers.push({ name: `${name} key: ${key}`, headers: bearer(secretOf(name, key)), sees, knows });
    }
    askers.push({ name: `${name} publishable key`, headers: bearer(publishableOf(name)), sees: [], knows: [] });
    askers.push({ name: `a page of ${name}`, headers: { origin: SHOP }, sees, knows, page: publishableOf(name) });
  }

  const listed = await real
    .prepare(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_cf_%' AND name NOT LIKE 'd1_%'",
    )
    .all<{ name: string }>();
  const tables = listed.results.map(({ name }: { name: string }) => name);
  // Some tables refuse to forget. Here each call is made on the same world as the one before: what it wrote goes again.
  const triggers = await real
    .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%RAISE(ABORT%'")
    .all<{ name: string }>();
  for (const { name } of triggers.results) await real.prepare(`DROP TRIGGER "${name}"`).run();

  await makeProgram('p1');
  await staffOf('p1', ['a1', 'p1', 'b1', 'x0']);
  await makePartner('p1', 'a1');
  askers.push({ name: 'nobody', headers: {}, sees: [], knows: [] });
  const nowhere = await person('n0', 'nowhere', []);
  askers.push({ name: 'somebody without a place', ...nowhere, sees: ['n0'], knows: [] });
  const removed = await person('r0', 'removed', [{ tenant: 'a1', role: 'owner' }]);
  const seat = names.get('a1')?.member?.pop();
  await real.prepare('DELETE FROM memberships WHERE id = ?').bind(seat).run();
  askers.push({ name: 'somebody whose place was taken', ...removed, sees: ['r0'], knows: [] });

  let made: Map<string, Row[]> = new Map();
  async function dump(which: readonly string[] = tables): Promise<Map<string, Row[]>> {
    const asked = which.map((name) => real.prepare(`SELECT * FROM "${name}"`));
    const found = (await real.batch(asked)) as { results: Record<string, unknown>[] }[];
    return new Map(
      which.map((name, at) => [
        name,
        (found[at]?.results ?? []).map((values) => ({ tenant: whose(name, values), values })),
      ]),
    );
  }

  function whose(table: string, row: Record<string, unknown>): Tenant | null {
    const programId = table === 'programs' ? row.id : row.program_id;
    const [program] = [...programs].find(([, one]) => one === programId) ?? [];
    if (program) {
      const [tenant] =
        [...partners].find(([name, one]) => PROGRAM_OF[name] === program && one === row.partner_id) ?? [];
      return tenant ?? program;
    }
    if (table === 'partners') return [...partners].find(([, one]) => one === row.id)?.[0] ?? null;
    const personId = table === 'people' ? row.id : row.person_id;
    return tenantOfPerson.get(String(personId)) ?? null;
  }

  async function restore(which: readonly string[]): Promise<void> {
    // A trigger writes along; its rows go last.
    const all = [...new Set([...which, ...(which.includes('audit') ? ['audit_open'] : [])])];
    if (all.length === 0) return;
    const empty = (name: string) => real.prepare(`DELETE FROM "${name}"`);
    const statements = all.flatMap((name) => {
      const rows = (made.get(name) ?? []).map((one) => one.values);
      const columns = Object.keys(rows[0] ?? {});
      if (columns.length === 0) return [];
      const into = `INSERT INTO "${name}" (${columns.map((one) => `"${one}"`).join()})`;
      const fields = columns.map((column) => `value ->> '${column}'`).join();
      return [empty(name), real.prepare(`${into} SELECT ${fields} FROM json_each(?)`).bind(JSON.stringify(rows))];
    });
    await real.batch([real.prepare('PRAGMA defer_foreign_keys = on'), ...all.map(empty), ...statements]);
  }

  const tenants: Tenants = {
    deps,
    askers,
    names: (tenant, kind) => names.get(tenant)?.[kind] ?? [],
    instead: (name) => instead.get(name) ?? madeUp(name),
    get made() {
      return made;
    },
    dump,
    restore,
    async call({ headers }, { method, path, headers: more = {}, body }) {
      now = END;
      chance = chanceOf('newnew', SEED);
      deps.calls.clear();
      heard.length = 0;
      letters.length = 0;
      waiting = [];
      const before = { ...billed };
      const response = await fetchApp(path, {
        method,
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers, ...more },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      // A picture is text here as well: what must not be told must not be told by it.
      const text = new TextDecoder().decode(await response.arrayBuffer());
      await Promise.all(waiting);
      const wrote = heard.flatMap((sql) => [...sql.matchAll(WRITES)].map(([, name = '']) => name));
      return {
        ...{ status: response.status, headers: [...response.headers], text },
        ...{
          asked: [...heard],
          letters: [...letters],
          wrote: [...new Set(wrote)].filter((name) => tables.includes(name)),
        },
        roundTrips: billed.roundTrips - before.roundTrips,
        rowsRead: billed.rowsRead - before.rowsRead,
      };
    },
  };

  return {
    tenants,
    async addPartner() {
      await makePartner('p1', 'b1');
    },
    async addShared() {
      const [a = '', b = ''] = (['a1', 'b1'] as const).map((one) => names.get(one)?.linkCode?.[0]);
      as('p1', 300);
      const visitorId = toBase64Url(deps.random(16));
      for (const link of [a, b]) await told('p1', '/v1/clicks', { link, visitorId });
      // Both may see it: it is no stranger's.
      chance = chanceOf('shared', SEED);
      const order = { orderId: 'shared-1', currency: 'EUR', amount: 7_713_003, visitorId };
      await told('p1', '/v1/conversions', order);
    },
    async addProgram() {
      await makeProgram('p2');
      await staffOf('p2', ['c2', 'p2', 'd2', 'x0']);
      await makePartner('p2', 'c2');
      await makePartner('p2', 'd2');
    },
    async addBoth() {
      // One person, here with a partner, there with the program itself; wherever they look from, they see that alone.
      const { headers, personId } = await person('x0', 'both', [
        { tenant: 'a1', role: 'member' },
        { tenant: 'p2', role: 'analyst' },
      ]);
      const here = names.get('a1')?.member?.at(-1) ?? '';
      const there = names.get('p2')?.member?.at(-1) ?? '';
      const partner = [partners.get('a1') ?? '', `${markOf('a1')}-partner`, `Partner ${markOf('a1')}`];
      const knows = [...programNames('p1'), ...programNames('p2'), ...partner, here, there];
      askers.push({ name: 'both, from a1', headers, personId, sees: ['a1', 'x0'], elsewhere: ['p2'], knows });
      const looking = { ...headers, 'tributary-place': there };
      askers.push({
        ...{ name: 'both, from p2', headers: looking, personId, sees: ['c2', 'p2', 'd2', 'x0'] as const },
        ...{ elsewhere: ['a1'] as const, knows },
      });
      made = await dump();
    },
  };
}

const WRITES = /\b(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)"?/gi;
