/** A database that is in use is migrated: what it holds comes along, and what nobody may edit stays so. */
import { applyD1Migrations, env } from 'cloudflare:test';
import { beforeEach, expect, test } from 'vitest';
import { empty } from '../support/empty.ts';

const rows = async (sql: string) => (await env.DB.prepare(sql).all()).results;
const run = (...statements: string[]) => env.DB.batch(statements.map((sql) => env.DB.prepare(sql)));

/** Brings the database up to the migrations before this one. */
async function before(name: string): Promise<void> {
  await empty(env.DB);
  const at = env.MIGRATIONS.findIndex((one) => one.name.startsWith(name));
  expect(at).toBeGreaterThan(0);
  await applyD1Migrations(env.DB, env.MIGRATIONS.slice(0, at));
}

const conversion = (id: string, { event = 'sale', terms = 1, at = 10, customer = "'C'" } = {}) =>
  `INSERT INTO conversions (program_id, id, event, order_id, version, source, verified, currency, base, occurred_at,
     received_at, visitor_id, customer_id, reason, model, policy_version, terms_version, explanation, body)
   VALUES ('P', '${id}', '${event}', '${id}', 1, 'server', 1, 'EUR', 1000, ${at}, ${at}, NULL, ${customer}, 'last',
     'last', 1, ${terms}, '{}', '{}')`;

beforeEach(() => before('0002'));

test('0003: keys, places and the audit log come along; what is there waits for its seal', async () => {
  await before('0003');
  const hash = 'ab12'.repeat(16);
  await run(
    `INSERT INTO programs (id, slug, name, mode, currency, created_at) VALUES ('P', 'p', 'P', 'live', 'EUR', 7), ('Q', 'q', 'Q', 'live', 'EUR', 8)`,
    `INSERT INTO partners (id, name) VALUES ('A', 'Anna')`,
    `INSERT INTO enrollments (program_id, partner_id, slug, started_at) VALUES ('P', 'A', 'a', 0)`,
    `INSERT INTO keys (hash, program_id, kind, name, created_at, revoked_at) VALUES
       ('${hash}', 'P', 'secret', 'server', 1, NULL), ('${'cd34'.repeat(16)}', 'P', 'publishable', 'page', 2, 9)`,
    `INSERT INTO people (id, email, name) VALUES ('O', 'o@x.test', 'Olga'), ('B', 'b@x.test', 'Bert')`,
    `INSERT INTO memberships (id, person_id, program_id, partner_id) VALUES
       ('M1', 'O', 'P', NULL), ('M2', 'O', 'P', NULL), ('M3', 'O', 'Q', NULL), ('M4', 'B', 'P', 'A'), ('M5', 'B', 'P', 'A')`,
    `INSERT INTO audit (program_id, id, at, actor, act, subject, before, after) VALUES
       ('P', '01', 5, 'key:x', 'conversion.force', 'C', NULL, '{"partner":"a"}'), ('Q', '02', 6, 'system', 'x.y', 'D', 'null', NULL)`,
  );
  await applyD1Migrations(env.DB, env.MIGRATIONS);

  const none = { calls_a_minute: null, expires_at: null, last_used_at: null, hint: '' };
  expect(await rows('SELECT * FROM keys ORDER BY created_at')).toEqual([
    {
      ...{ ...none, hash, id: `0${hash.slice(0, 25).toUpperCase()}`, program_id: 'P', kind: 'secret', name: 'server' },
      ...{ scopes: '["read","track","manage"]', created_at: 1, revoked_at: null },
    },
    {
      ...{ ...none, hash: 'cd34'.repeat(16), id: `0${'CD34'.repeat(7).slice(0, 25)}`, program_id: 'P' },
      ...{ kind: 'publishable', name: 'page', scopes: '[]', created_at: 2, revoked_at: 9 },
    },
  ]);
  // Whoever had a place owns it, and has it once.
  const place = { role: 'owner', vouched: 1 };
  expect(await rows('SELECT * FROM memberships ORDER BY id')).toEqual([
    { ...place, id: 'M1', person_id: 'O', program_id: 'P', partner_id: null, joined_at: 7 },
    { ...place, id: 'M3', person_id: 'O', program_id: 'Q', partner_id: null, joined_at: 8 },
    { ...place, id: 'M4', person_id: 'B', program_id: 'P', partner_id: 'A', joined_at: 7 },
  ]);
  const entry = { partner_id: null, origin: null };
  expect(await rows('SELECT * FROM audit ORDER BY id')).toEqual([
    {
      ...{ ...entry, program_id: 'P', id: '01', at: 5, actor: 'key:x', act: 'conversion.force', subject: 'C' },
      ...{ before: null, after: '{"partner":"a"}' },
    },
    {
      ...{ ...entry, program_id: 'Q', id: '02', at: 6, actor: 'system', act: 'x.y', subject: 'D' },
      ...{ before: 'null', after: null },
    },
  ]);
  expect(await rows('SELECT * FROM audit_open ORDER BY id')).toEqual([
    { program_id: 'P', id: '01' },
    { program_id: 'Q', id: '02' },
  ]);
  expect(await rows('PRAGMA foreign_key_check')).toEqual([]);

  // What nobody may edit stays so, and a new entry waits by itself.
  await run(
    "INSERT INTO audit (program_id, id, at, actor, act, subject) VALUES ('P', '03', 7, 'system', 'x.y', 'E')",
    "INSERT INTO audit_seals (program_id, number, audit_id, hash, mac, sealed_at) VALUES ('P', 1, '01', 'h', 'm', 8)",
  );
  expect(await rows("SELECT id FROM audit_open WHERE program_id = 'P' ORDER BY id")).toEqual([
    { id: '01' },
    { id: '03' },
  ]);
  for (const act of [
    "UPDATE audit SET actor = 'x'",
    'DELETE FROM audit',
    "UPDATE audit_seals SET mac = 'x'",
    'DELETE FROM audit_seals',
  ]) {
    await expect(run(act)).rejects.toThrow('append-only');
  }
  for (const [act, why] of [
    ['INSERT INTO audit_seals SELECT program_id, 2, audit_id, hash, mac, 0 FROM audit_seals', 'UNIQUE'],
    ["INSERT INTO audit_seals SELECT program_id, 1, '03', hash, mac, 0 FROM audit_seals", 'UNIQUE'],
    ["UPDATE memberships SET role = 'member' WHERE id = 'M1'", 'memberships_role'],
    ["UPDATE memberships SET role = 'finance' WHERE id = 'M4'", 'memberships_role'],
    ["UPDATE memberships SET person_id = 'B', partner_id = 'A', id = 'M9' WHERE id = 'M1'", 'UNIQUE'],
    ["UPDATE memberships SET person_id = 'nobody' WHERE id = 'M1'", 'FOREIGN KEY'],
  ] as const) {
    await expect(run(act)).rejects.toThrow(why);
  }
});

test('0002: terms, identities and allocations come along; the first order of each customer is known', async () => {
  await run(
    `INSERT INTO programs (id, slug, name, mode, currency, created_at) VALUES ('P', 'p', 'P', 'live', 'EUR', 0)`,
    `INSERT INTO partners (id, name) VALUES ('A', 'Anna'), ('B', 'Bob')`,
    `INSERT INTO enrollments (program_id, partner_id, slug, started_at) VALUES ('P', 'A', 'a', 0), ('P', 'B', 'b', 0)`,
    `INSERT INTO terms (program_id, version, starts_at, saved_at, rate_ppm) VALUES ('P', 1, 0, 1, 100000), ('P', 2, 5, 6, 0)`,
    conversion('late', { terms: 2, at: 30 }),
    conversion('first', { at: 20 }),
    conversion('lead', { event: 'lead', at: 10 }),
    conversion('nobody', { customer: 'NULL' }),
    `INSERT INTO allocations (program_id, conversion_id, line, partner_id, share_micros, base, rate_ppm, commission) VALUES
       ('P', 'first', 0, 'A', 400000, 400, 100000, 40), ('P', 'first', 0, 'B', 600000, 600, 100000, 60),
       ('P', 'late', 0, 'A', 1000000, 1000, 0, 0)`,
    `INSERT INTO commissions (program_id, partner_id, conversion_id, share_micros, base, amount, currency, status, held_until,
       occurred_at) VALUES ('P', 'A', 'first', 400000, 400, 40, 'EUR', 'pending', 99, 20)`,
    `INSERT INTO customer_keys (program_id, hash, kind, customer_id) VALUES
       ('P', 'c-id', 'id', 'C'), ('P', 'c-mail', 'email', 'C'), ('P', 'd-id', 'id', 'D')`,
    `INSERT INTO identities (program_id, visitor_id, customer_id, first_at, proven) VALUES
       ('P', 'v1', 'C', 5, 1), ('P', 'v2', 'C', 7, 0), ('P', 'v1', 'D', 9, 0)`,
  );
  await applyD1Migrations(env.DB, env.MIGRATIONS);

  expect(await rows('SELECT * FROM terms ORDER BY version')).toEqual([
    { program_id: 'P', version: 1, starts_at: 0, saved_at: 1, group_id: null, rules: '[{"ratePpm":100000}]' },
    { program_id: 'P', version: 2, starts_at: 5, saved_at: 6, group_id: null, rules: '[{"ratePpm":0}]' },
  ]);
  // Each stands under the terms its order was priced by.
  const allocation = { program_id: 'P', line: 0, rule: 0, fixed: null };
  const first = { ...allocation, conversion_id: 'first', terms_version: 1, rate_ppm: 100_000 };
  expect(await rows('SELECT * FROM allocations ORDER BY conversion_id, partner_id')).toEqual([
    { ...first, partner_id: 'A', share_micros: 400_000, base: 400, commission: 40 },
    { ...first, partner_id: 'B', share_micros: 600_000, base: 600, commission: 60 },
    {
      ...{ ...allocation, conversion_id: 'late', terms_version: 2, rate_ppm: 0 },
      ...{ partner_id: 'A', share_micros: 1_000_000, base: 1000, commission: 0 },
    },
  ]);
  // What a customer was seen in, each of its keys was.
  const seen = [
    { hash: 'c-id', visitor_id: 'v1', last_at: 5, proven: 1 },
    { hash: 'c-id', visitor_id: 'v2', last_at: 7, proven: 0 },
    { hash: 'c-mail', visitor_id: 'v1', last_at: 5, proven: 1 },
    { hash: 'c-mail', visitor_id: 'v2', last_at: 7, proven: 0 },
    { hash: 'd-id', visitor_id: 'v1', last_at: 9, proven: 0 },
  ];
  expect(await rows('SELECT hash, visitor_id, last_at, proven FROM identities ORDER BY hash, visitor_id')).toEqual(
    seen,
  );
  expect(await rows('SELECT hash, visitor_id, at FROM identifications ORDER BY hash, visitor_id')).toEqual(
    seen.map(({ hash, visitor_id, last_at }) => ({ hash, visitor_id, at: last_at })),
  );
  expect(await rows('SELECT customer_id, conversion_id FROM first_orders')).toEqual([
    { customer_id: 'C', conversion_id: 'first' },
  ]);
  expect(await rows('SELECT DISTINCT customer_type, renewal_of FROM conversions')).toEqual([
    { customer_type: 'unknown', renewal_of: null },
  ]);
  expect(await rows('SELECT amount, status, held_until, reason FROM commissions')).toEqual([
    { amount: 40, status: 'pending', held_until: 99, reason: null },
  ]);
  expect(await rows('PRAGMA foreign_key_check')).toEqual([]);

  for (const act of ["UPDATE terms SET rules = '[]'", 'DELETE FROM terms WHERE version = 2']) {
    await expect(run(act)).rejects.toThrow('versioned');
  }
  await expect(run("INSERT INTO allocations SELECT * FROM allocations WHERE partner_id = 'B'")).rejects.toThrow(
    'UNIQUE',
  );
  await expect(run('UPDATE allocations SET share_micros = 1000001')).rejects.toThrow('allocations_share');
});

test('an empty database, and one that is up to date, are migrated without a trace', async () => {
  const shape = () =>
    rows("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE '\\_cf%' ESCAPE '\\' ORDER BY name");
  await applyD1Migrations(env.DB, env.MIGRATIONS);
  const migrated = await shape();
  await applyD1Migrations(env.DB, env.MIGRATIONS);
  expect(await shape()).toEqual(migrated);
  expect(migrated.map((one) => one.name).filter((name) => String(name).startsWith('__new'))).toEqual([]);
});
