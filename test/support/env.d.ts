/** What the worker tests are bound to: the Worker's own bindings and the migrations. */
declare namespace Cloudflare {
  interface Env {
    DB: import('@cloudflare/workers-types').D1Database;
    /** For clicks, where a test wants them apart. */
    SECOND_DB: import('@cloudflare/workers-types').D1Database;
    ASSETS: import('@cloudflare/workers-types').Fetcher;
    TOKEN_KEYS: string;
    HASH_KEY: string;
    AUTH_KEYS: string;
    BASE_PATH: string;
    CLICK_WRITE_BUDGET_MS: string;
    MIGRATIONS: { name: string; queries: string[] }[];
  }
}
