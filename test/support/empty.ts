/** Databases for tests to begin with. */
import { applyD1Migrations, env } from 'cloudflare:test';

/** Without any table. In one batch of our own: aborting the database's object (`reset()`) now and then let a write through. */
export async function empty(d1: typeof env.DB): Promise<void> {
  const { results } = await d1
    .prepare(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_cf_%'",
    )
    .all<{ name: string }>();
  const drops = results.map(({ name }) => d1.prepare(`DROP TABLE "${name}"`));
  await d1.batch([d1.prepare('PRAGMA defer_foreign_keys = on'), ...drops]);
}

/** With the real migrations, and no row. */
export async function fresh(d1: typeof env.DB): Promise<void> {
  await empty(d1);
  await applyD1Migrations(d1, env.MIGRATIONS);
}
