/** Before each test: an empty database with the real migrations. */
import { applyD1Migrations, env } from 'cloudflare:test';
import { beforeEach } from 'vitest';
import { empty } from './empty.ts';

beforeEach(async () => {
  await empty();
  await applyD1Migrations(env.DB, env.MIGRATIONS);
});
