/** Who is asking: a key or a signed-in person, and so which program, and of it which partner. */
import { createMiddleware } from 'hono/factory';
import type { PartnerId, ProgramId } from '../core/id.ts';
import { keyHash } from '../core/identity.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Deps, KeyKind } from '../deps.ts';
import { refuse } from './problem.ts';
import type { App } from './types.ts';

export interface Asker {
  readonly programId: ProgramId;
  /** Null: the program's own side, which sees all of the program. */
  readonly partnerId: PartnerId | null;
}

const STRIPE = /^(sk|pk|rk)_(live|test)_|^whsec_/;

/** The program of a key of the expected kind. */
export async function programOfKey(deps: Deps, key: string, expected: KeyKind): Promise<Result<ProgramId>> {
  if (STRIPE.test(key)) return err({ code: 'looks_like_stripe_key' });
  const found = await deps.store.key(await keyHash(key));
  if (!found) return err({ code: 'unknown_key' });
  if (found.revokedAt !== null && found.revokedAt <= deps.now()) return err({ code: 'revoked_key' });
  if (found.kind !== expected) return err({ code: 'wrong_key', expected });
  return ok(found.programId);
}

/** Lets server calls pass, for the program of their secret key. */
export const bySecretKey = createMiddleware<App & { Variables: { programId: ProgramId; actor: string } }>(
  async (c, next) => {
    const program = await secretKey(c.env.deps, c.req.raw);
    if (!program.ok) return refuse(program.refusal);
    c.set('programId', program.value);
    // What the audit log calls a key: enough of its hash to find it, nothing of it to use.
    c.set('actor', `key:${(await keyHash(bearer(c.req.raw) ?? '')).slice(0, 16)}`);
    await next();
  },
);

/** Lets pass who may read: a secret key, or a person who is signed in. */
export const byReader = createMiddleware<App & { Variables: { asker: Asker } }>(async (c, next) => {
  const asker = await reader(c.env.deps, c.req.raw);
  if (!asker.ok) return refuse(asker.refusal);
  c.set('asker', asker.value);
  await next();
});

/** A server call: `Authorization: Bearer trb_sk_…`. */
async function secretKey(deps: Deps, request: Request): Promise<Result<ProgramId>> {
  const key = bearer(request);
  return key ? programOfKey(deps, key, 'secret') : err({ code: 'missing_key' });
}

async function reader(deps: Deps, request: Request): Promise<Result<Asker>> {
  if (request.headers.has('authorization')) {
    const key = await secretKey(deps, request);
    return key.ok ? ok({ programId: key.value, partnerId: null }) : key;
  }
  const viewer = await deps.viewer(request);
  return viewer ? ok(viewer) : err({ code: 'sign_in_required' });
}

const bearer = (request: Request): string | null =>
  /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1] ?? null;
