/** Before each test: an empty database with the real migrations. */
import { env } from 'cloudflare:test';
import { beforeEach } from 'vitest';
import { fresh } from './empty.ts';

beforeEach(() => fresh(env.DB));
