/**
 * The Worker's entry. Builds Deps from Env once per isolate; the one file that knows every folder.
 */
import { app } from './app.ts';
import { createOidc } from './auth/oidc.ts';
import { passkeys } from './auth/passkeys.ts';
import { totp } from './auth/totp.ts';
import { CLICKS_A_MINUTE } from './contract.ts';
import { tellable } from './core/fault.ts';
import { readKeyRing } from './core/key-ring.ts';
import { err, ok, type Result } from './core/result.ts';
import type { By, Deps, Env, Mail, Secrets } from './deps.ts';
import { isAtShop } from './http/base.ts';
import { harden } from './http/headers.ts';
import { fault, refuse } from './http/problem.ts';
import { runCron, runDue } from './jobs/cron.ts';
import { storeClicks } from './jobs/queue.ts';
import { createMail } from './mail/create.ts';
import { createAccounts } from './store/accounts.ts';
import { createAuditLog } from './store/audit.ts';
import { type ClickRow, createClicks, createQueuedClicks } from './store/clicks.ts';
import { createFloods } from './store/floods.ts';
import { createReports } from './store/reports.ts';
import { createStore } from './store/store.ts';
import { createUpkeep } from './store/upkeep.ts';
import { createVisitors } from './store/visitors.ts';

/** What a local wrapper may add: its outbox, what time it is, and pages of its own. */
export interface Local {
  mail?(env: Env): Mail;
  now?(): number;
  /** Answers before everything else; null lets the Worker answer. */
  routes?(request: Request, env: Env, deps: Deps): Promise<Response | null>;
}

export function createWorker(local?: Local) {
  // Env is one object for an isolate's life; tests bring several.
  const built = new WeakMap<Env, Promise<Result<Bindings>>>();
  const bindingsOf = (env: Env): Promise<Result<Bindings>> => {
    const known = built.get(env) ?? bind(env, local);
    built.set(env, known);
    return known;
  };

  return {
    async fetch(request, env, ctx) {
      // Asked only where this answers by itself: the redirect's time is its visitor's.
      const here = () => ({ atShop: isAtShop(new URL(request.url).pathname, env.BASE_PATH) });
      try {
        const bindings = await bindingsOf(env);
        if (!bindings.ok) return harden(refuse(bindings.refusal), here());
        const own = local?.routes && (await local.routes(request, env, bindings.value.deps));
        return own ? harden(own, here()) : await app.fetch(request, bindings.value, ctx);
      } catch (cause) {
        console.error(tellable(cause));
        return harden(fault(), here());
      }
    },

    async queue(batch, env) {
      await storeClicks(batch, createClicks(clicksDatabase(env)));
    },

    async scheduled({ cron }, env) {
      const bindings = await bindingsOf(env);
      if (!bindings.ok) throw new Error(`not configured: ${JSON.stringify(bindings.refusal)}`);
      await runCron(cron, bindings.value.deps);
    },
  } satisfies ExportedHandler<Env, ClickRow>;
}

export default createWorker();

type Bindings = Env & { deps: Deps };

async function bind(env: Env, local?: Local): Promise<Result<Bindings>> {
  const deps = await buildDeps(env, local);
  return deps.ok ? ok({ ...env, deps: deps.value }) : deps;
}

export async function buildDeps(env: Env, local?: Local): Promise<Result<Deps>> {
  const secrets = await readSecrets(env);
  if (!secrets.ok) return secrets;
  const now = local?.now ?? Date.now;
  const clicks = createClicks(clicksDatabase(env));
  const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));
  const deps: Deps = {
    store: createStore(env.DB, clicksDatabase(env), now),
    clicks: env.CLICKS ? createQueuedClicks(env.CLICKS, clicks) : clicks,
    floods: createFloods({ clicksAMinute: CLICKS_A_MINUTE, random }),
    reports: createReports(env.DB, clicksDatabase(env)),
    upkeep: createUpkeep(env.DB, clicksDatabase(env)),
    visitors: createVisitors(env.DB, clicksDatabase(env), now),
    accounts: createAccounts(env.DB),
    audit: createAuditLog(env.DB),
    secrets: secrets.value,
    now,
    aheadMs: 0,
    runDue: (programId) => runDue(programId, deps),
    random,
    by: SYSTEM,
    mail: local?.mail?.(env) ?? createMail(env),
    auth: { passkeys, totp, oidc: oidcOf(env, now) },
    clickWriteBudgetMs: Number(env.CLICK_WRITE_BUDGET_MS ?? 150),
    calls: new Map(),
  };
  return ok(deps);
}

/** Who acts when nobody does: the clock, the queue. */
const SYSTEM: By = { actor: 'system', partnerId: null, country: null, address: null };

function oidcOf(env: Env, now: () => number) {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = env;
  if (!issuer || !clientId || !clientSecret) return null;
  return createOidc({ issuer, clientId, clientSecret, name: env.OIDC_NAME ?? 'single sign-on', now });
}

const clicksDatabase = (env: Env): D1Database => env.CLICKS_DB ?? env.DB;

/** Without its secrets a Worker answers nothing but which one is missing. */
async function readSecrets(env: Env): Promise<Result<Secrets>> {
  const ringOf = (text = '') => readKeyRing(text).catch(() => null);
  const tokenKeys = await ringOf(env.TOKEN_KEYS);
  if (!tokenKeys) return err({ code: 'not_configured', secret: 'TOKEN_KEYS' });
  const hashKeys = await ringOf(env.HASH_KEY);
  if (!hashKeys) return err({ code: 'not_configured', secret: 'HASH_KEY' });
  const authKeys = await ringOf(env.AUTH_KEYS);
  if (!authKeys) return err({ code: 'not_configured', secret: 'AUTH_KEYS' });
  return ok({ tokenKeys, hashKeys, authKeys });
}
