/**
 * API keys: made, given a successor, revoked. A key is shown once; its hash is what is kept. A key that makes keys gives
 * none more than it has itself: no scope, no higher limit, no later end.
 */
import { type Asker, SCOPES, type Scope } from '../core/access.ts';
import { hintOf, newKey, USUAL_SCOPES } from '../core/api-key.ts';
import { type KeyId, makeId, type ProgramId } from '../core/id.ts';
import { keyHash } from '../core/identity.ts';
import { err, ok, type Refusal, type Result } from '../core/result.ts';
import type { Deps, KeyKind, KeyRow, Program, Seal } from '../deps.ts';
import { audited, iso } from './audit.ts';
import { outside } from './tries.ts';

/** Keys of a program that work at one time. */
export const MAX_KEYS = 100;
const HOUR_MS = 3_600_000;

/** A new key, with its text: nobody can show that again. */
export interface MadeKey {
  readonly program: Program;
  readonly row: KeyRow;
  readonly key: string;
}

/** What a key may do, how often, and until when. */
type Power = Pick<KeyRow, 'kind' | 'scopes' | 'callsAMinute' | 'expiresAt'>;

/** `usual`: how many calls a minute a key of each kind takes that says nothing of its own. */
interface Making {
  readonly asker: Asker;
  readonly programId: ProgramId;
  readonly usual: Readonly<Record<KeyKind, number>>;
}

export async function makeKey(
  deps: Deps,
  given: Making & {
    kind: KeyKind;
    name: string;
    scopes: readonly Scope[] | undefined;
    callsAMinute: number | undefined;
    expiresAt: number | undefined;
    seal?: Seal<MadeKey>;
  },
): Promise<Result<MadeKey>> {
  const { kind, name, callsAMinute = null, expiresAt = null } = given;
  const wanted = kind === 'publishable' ? [] : (given.scopes ?? USUAL_SCOPES);
  const power: Power = { kind, callsAMinute, expiresAt, scopes: SCOPES.filter((one) => wanted.includes(one)) };
  const refused = await beyond(deps, given, power);
  if (refused) return err(refused);
  if (expiresAt !== null && expiresAt <= outside(deps)) {
    return err({ code: 'invalid', errors: [{ pointer: '/expiresAt', detail: 'a time to come' }] });
  }
  const made = await mint(deps, given.programId, { ...power, name });
  const { id } = made.row;
  const done = await deps.store.commit([
    { kind: 'key', key: made.row },
    { kind: 'key_room', programId: given.programId, at: outside(deps), limit: MAX_KEYS },
    await audited(deps, given.programId, { act: 'key.made', subject: `key:${id}`, after: told({ ...power, name }) }),
    ...((await given.seal?.(made)) ?? []),
  ]);
  return done === 'done' ? ok(made) : err(TOO_MANY);
}

/** A new key that can do what an old one can, which goes on for some hours: time to change it everywhere. */
export async function rotateKey(
  deps: Deps,
  given: Making & { id: KeyId; overlapHours: number; seal?: Seal<MadeKey> },
): Promise<Result<MadeKey>> {
  const { programId, id, overlapHours } = given;
  const now = outside(deps);
  const old = await deps.store.keyById(programId, id);
  if (!old) return err({ code: 'not_found' });
  const refused = await beyond(deps, given, old);
  if (refused) return err(refused);
  if (old.revokedAt !== null || (old.expiresAt !== null && old.expiresAt <= now)) return err({ code: 'moved' });
  const made = await mint(deps, programId, old);
  const expiresAt = Math.min(now + overlapHours * HOUR_MS, old.expiresAt ?? Infinity);
  const done = await deps.store.commit([
    // The old one's end first: what makes room, and what two at once meet at.
    { kind: 'key_expires', programId, id, was: old.expiresAt, at: expiresAt },
    { kind: 'key', key: made.row },
    { kind: 'key_room', programId, at: now, limit: MAX_KEYS },
    await audited(deps, programId, {
      ...{ act: 'key.rotated', subject: `key:${id}` },
      before: { expiresAt: old.expiresAt && iso(old.expiresAt) },
      after: { expiresAt: iso(expiresAt), keyId: made.row.id },
    }),
    ...((await given.seal?.(made)) ?? []),
  ]);
  if (done === 'done') return ok(made);
  const current = await deps.store.keyById(programId, id);
  const stands = current?.revokedAt === null && current.expiresAt === old.expiresAt;
  return err(stands ? TOO_MANY : { code: 'moved' });
}

/** From the next call on it opens nothing. One that is revoked already stays so. */
export async function revokeKey(deps: Deps, given: { programId: ProgramId; id: KeyId }): Promise<Result<null>> {
  const { programId, id } = given;
  const found = await deps.store.keyById(programId, id);
  if (!found) return err({ code: 'not_found' });
  if (found.revokedAt !== null) return ok(null);
  await deps.store.commit([
    { kind: 'key_revoked', programId, id, at: outside(deps) },
    await audited(deps, programId, { act: 'key.revoked', subject: `key:${id}`, before: { name: found.name } }),
  ]);
  return ok(null);
}

const TOO_MANY: Refusal = { code: 'too_many', what: 'keys that work', limit: MAX_KEYS };

/** What of this a key that asks does not have itself; a person is asked by role alone. */
async function beyond(deps: Deps, { asker, programId, usual }: Making, wanted: Power): Promise<Refusal | null> {
  if (asker.kind !== 'key') return null;
  const scope = wanted.scopes.find((one) => !asker.scopes.includes(one));
  if (scope) return { code: 'missing_scope', scope };
  const own = await deps.store.keyById(programId, deps.by.actor.slice('key:'.length) as KeyId);
  if (!own) throw new Error('a key that asks is gone');
  const calls = (power: Power) => power.callsAMinute ?? usual[power.kind];
  const errors = [
    ...(calls(wanted) > calls(own)
      ? [{ pointer: '/callsAMinute', detail: `at most ${calls(own)}, as your own key` }]
      : []),
    ...((wanted.expiresAt ?? Infinity) > (own.expiresAt ?? Infinity)
      ? [{ pointer: '/expiresAt', detail: 'no later than your own key' }]
      : []),
  ];
  return errors.length > 0 ? { code: 'invalid', errors } : null;
}

async function mint(deps: Deps, programId: ProgramId, of: Power & { name: string }): Promise<MadeKey> {
  const program = await deps.store.program(programId);
  if (!program) throw new Error(`program ${programId} is gone`);
  const now = outside(deps);
  const { kind, name, scopes, callsAMinute, expiresAt } = of;
  const key = newKey({ kind, mode: program.mode }, deps.random);
  const row: KeyRow = {
    ...{ hash: await keyHash(key), id: makeId<'key'>(now, deps.random(10)), programId, kind, name, hint: hintOf(key) },
    ...{ scopes, callsAMinute, createdAt: now, expiresAt, revokedAt: null, lastUsedAt: null },
  };
  return { program, row, key };
}

/** A key as the log has it: never its text, nor what leads there. */
const told = ({ kind, name, scopes, callsAMinute, expiresAt }: Power & { name: string }) => ({
  ...{ kind, name },
  ...(kind === 'secret' && { scopes }),
  ...(callsAMinute !== null && { callsAMinute }),
  ...(expiresAt !== null && { expiresAt: iso(expiresAt) }),
});
