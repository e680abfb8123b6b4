/** The database is what `schema.ts` says, and refuses what it must. */
import { env } from 'cloudflare:test';
import { getTableConfig, SQLiteTable } from 'drizzle-orm/sqlite-core';
import { beforeEach, expect, test } from 'vitest';
import { sealAudit } from '../../edge/flows/seal-audit.ts';
import * as schema from '../../edge/store/schema.ts';
import { createWorld, type World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

const tables = Object.values(schema).filter((one) => one instanceof SQLiteTable);

test.each(tables.map((table) => [getTableConfig(table).name, table] as const))(
  '%s has the columns of the schema, is STRICT and without rowid',
  async (name, table) => {
    const { columns, indexes, uniqueConstraints } = getTableConfig(table);
    const found = await world.rows<{ name: string; type: string; notnull: number }>(`PRAGMA table_info("${name}")`);
    const expected = columns.map((column) => ({
      name: column.name,
      type: column.getSQLType().toUpperCase(),
      // WITHOUT ROWID makes every key column NOT NULL by itself.
      notnull: Number(column.notNull),
    }));
    expect(found.map((one) => ({ name: one.name, type: one.type, notnull: one.notnull }))).toEqual(expected);
    const [{ sql } = { sql: '' }] = await world.rows<{ sql: string }>(
      'SELECT sql FROM sqlite_master WHERE name = ?',
      name,
    );
    expect(sql).toMatch(/STRICT, WITHOUT ROWID$/);
    const made = await world.rows<{ name: string }>(`SELECT name FROM pragma_index_list('${name}') WHERE origin = 'c'`);
    const uniques = columns.filter((column) => column.isUnique).map((column) => column.uniqueName);
    const named = [
      ...indexes.map((one) => one.config.name),
      ...uniques,
      ...uniqueConstraints.map((one) => one.getName()),
    ];
    expect(made.map((one) => one.name).sort()).toEqual(named.sort());
  },
);

test('no table is there that the schema does not name', async () => {
  const found = await world.rows<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'");
  const ours = found.map((one) => one.name).filter((name) => !/^(_cf_|d1_migrations|sqlite_)/.test(name));
  expect(ours.sort()).toEqual(tables.map((table) => getTableConfig(table).name).sort());
});

test.each(['ledger_transactions', 'ledger_entries', 'policies', 'terms'])(
  '%s refuses update and delete',
  async (table) => {
    await world.order({ orderId: '1', currency: 'EUR', amount: 1000, clickId: await world.click() });
    await expect(env.DB.prepare(`UPDATE ${table} SET program_id = program_id`).run()).rejects.toThrow(
      /append-only|versioned/,
    );
    await expect(env.DB.prepare(`DELETE FROM ${table}`).run()).rejects.toThrow(/append-only|versioned/);
  },
);

test.each(['audit', 'audit_seals'])('%s refuses update and delete', async (table) => {
  await world.call('POST', '/v1/groups', { slug: 'gold', name: 'Gold' });
  await sealAudit(world.deps);
  expect(await world.rows(`SELECT * FROM ${table}`)).toHaveLength(1);
  await expect(env.DB.prepare(`UPDATE ${table} SET program_id = program_id`).run()).rejects.toThrow(/append-only/);
  await expect(env.DB.prepare(`DELETE FROM ${table}`).run()).rejects.toThrow(/append-only/);
});

test('types hold: a text is no amount', async () => {
  await world.order({ orderId: '1', currency: 'EUR', amount: 1000, clickId: await world.click() });
  await expect(env.DB.prepare("UPDATE commissions SET amount = 'ten'").run()).rejects.toThrow(/TEXT value in INTEGER/);
});

test('an unbalanced posting takes its whole batch with it', async () => {
  const { commit } = world.deps.store;
  world.deps.store.commit = (changes) =>
    commit(
      changes.map((change) =>
        change.kind === 'posting'
          ? { ...change, transaction: { ...change.transaction, entries: change.transaction.entries.slice(1) } }
          : change,
      ),
    );
  const response = await world.order({ orderId: '1', currency: 'EUR', amount: 1000, clickId: await world.click() });
  expect(response.status).toBe(500);
  expect(await world.rows('SELECT * FROM conversions')).toEqual([]);
  expect(await world.rows('SELECT * FROM ledger_transactions')).toEqual([]);
});
