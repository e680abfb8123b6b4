/** Who is asking: a key or a signed-in person, and so which program, and of it which partner. */
import { createMiddleware } from 'hono/factory';
import type { PartnerId, ProgramId } from '../core/id.ts';
import { keyHash } from '../core/identity.ts';
import { err, ok, type Quota, type Result } from '../core/result.ts';
import type { Deps, KeyKind } from '../deps.ts';
import { rateLimit, spend } from './limits.ts';
import { refuse } from './problem.ts';
import type { App, ServerApp } from './types.ts';

export interface Asker {
  readonly programId: ProgramId;
  /** Null: the program's own side, which sees all of the program. */
  readonly partnerId: PartnerId | null;
}

const STRIPE = /^(sk|pk|rk)_(live|test)_|^whsec_/;

/** A program that calls, and what its calls are done with: all of it by the program's own clock. */
export interface Caller {
  readonly programId: ProgramId;
  readonly deps: Deps;
  readonly quota: Quota;
  /** What the audit log calls it: enough of the key's hash to find it, nothing of it to use. */
  readonly actor: string;
}

/**
 * The program of a key of the expected kind, with one call less to its quota. Keys are revoked, and calls counted, by
 * the time outside, however far a sandbox has moved.
 */
export async function programOfKey(
  deps: Deps,
  request: Request,
  { key, expected }: { key: string; expected: KeyKind },
): Promise<Result<Caller>> {
  if (STRIPE.test(key)) return err({ code: 'looks_like_stripe_key' });
  const found = await deps.store.key(await keyHash(key));
  if (!found) return err({ code: 'unknown_key' });
  if (found.revokedAt !== null && found.revokedAt <= deps.now()) return err({ code: 'revoked_key' });
  if (found.kind !== expected) return err({ code: 'wrong_key', expected });
  const quota = await spend(deps, found, request.headers.get('cf-connecting-ip') ?? '');
  if (!quota.ok) return quota;
  return ok({
    programId: found.programId,
    deps: byClock(deps, found.clockOffsetMs),
    quota: quota.value,
    actor: `key:${found.hash.slice(0, 16)}`,
  });
}

const byClock = (deps: Deps, aheadMs: number): Deps =>
  aheadMs === 0 ? deps : { ...deps, aheadMs, now: () => deps.now() + aheadMs };

/** Lets server calls pass, for the program of their secret key. */
export const bySecretKey = createMiddleware<ServerApp>(async (c, next) => {
  const caller = await secretKey(c.env.deps, c.req.raw);
  if (!caller.ok) return refuse(caller.refusal);
  const { programId, deps, quota, actor } = caller.value;
  c.env = { ...c.env, deps };
  c.set('programId', programId);
  c.set('actor', actor);
  await next();
  tell(c.res, quota);
});

/** Lets pass who may read: a secret key, or a person who is signed in. */
export const byReader = createMiddleware<App & { Variables: { asker: Asker } }>(async (c, next) => {
  const reading = await reader(c.env.deps, c.req.raw);
  if (!reading.ok) return refuse(reading.refusal);
  const { asker, deps, quota } = reading.value;
  c.env = { ...c.env, deps };
  c.set('asker', asker);
  await next();
  if (quota) tell(c.res, quota);
});

function tell(response: Response, quota: Quota): void {
  for (const [name, value] of Object.entries(rateLimit(quota))) response.headers.set(name, value);
}

/** A server call: `Authorization: Bearer trb_sk_…`. */
async function secretKey(deps: Deps, request: Request): Promise<Result<Caller>> {
  const key = bearer(request);
  return key ? programOfKey(deps, request, { key, expected: 'secret' }) : err({ code: 'missing_key' });
}

type Reading = Pick<Caller, 'deps'> & { readonly asker: Asker; readonly quota: Quota | null };

async function reader(deps: Deps, request: Request): Promise<Result<Reading>> {
  if (request.headers.has('authorization')) {
    const caller = await secretKey(deps, request);
    if (!caller.ok) return caller;
    const { programId, ...rest } = caller.value;
    return ok({ asker: { programId, partnerId: null }, ...rest });
  }
  const viewer = await deps.viewer(request);
  if (!viewer) return err({ code: 'sign_in_required' });
  const program = await deps.store.program(viewer.programId);
  return ok({ asker: viewer, deps: byClock(deps, program?.clockOffsetMs ?? 0), quota: null });
}

const bearer = (request: Request): string | null =>
  /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1] ?? null;
