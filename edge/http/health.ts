/** GET /health: 200 with the version when D1 answers, else 503. */
import { Hono } from 'hono';
import type { App } from './types.ts';

/** As in package.json; `test/tidy.test.ts` holds them together. */
export const VERSION = '0.1.0';

export const health = new Hono<App>().get('/', async (c) => {
  const up = await c.env.DB.prepare('SELECT count(*) FROM programs')
    .first()
    .then(
      () => true,
      () => false,
    );
  const database = up ? 'up' : 'down';
  return c.json({ status: up ? 'ok' : 'degraded', version: VERSION, database }, up ? 200 : 503, {
    'cache-control': 'no-store',
  });
});
