/**
 * Before each test: an empty database with the real migrations. Emptied in one batch of our own, because aborting the
 * database's object (`reset()`) now and then let a write of the test before through.
 */
import { applyD1Migrations, env } from 'cloudflare:test';
import { beforeEach } from 'vitest';

beforeEach(() => empty(env.DB));

export async function empty(d1: typeof env.DB): Promise<void> {
  const { results } = await d1
    .prepare(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_cf_%'",
    )
    .all<{ name: string }>();
  const drops = results.map(({ name }) => d1.prepare(`DROP TABLE "${name}"`));
  await d1.batch([d1.prepare('PRAGMA defer_foreign_keys = on'), ...drops]);
  await applyD1Migrations(d1, env.MIGRATIONS);
}
