/** The typed client of the API: what the dashboard calls. Its type is computed once, here. */
import { hc } from 'hono/client';
import type { AppType } from './app.ts';

export type Client = ReturnType<typeof hc<AppType>>;

export const createClient = (...args: Parameters<typeof hc>): Client => hc<AppType>(...args);
