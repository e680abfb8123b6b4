/** /v1/keys: which keys open the program's doors; making one, giving it a successor, revoking it. */
import { Hono } from 'hono';
import { RATE_LIMITS } from '../contract.ts';
import { type KeyAnswer, KeyCall, KeyRotation } from '../contract-people.ts';
import { prefixOf } from '../core/api-key.ts';
import { isUlid, type KeyId } from '../core/id.ts';
import type { KeyRow, ProgramMode } from '../deps.ts';
import { type MadeKey, makeKey, revokeKey, rotateKey } from '../flows/keys.ts';
import { readBody } from './body.ts';
import { type Answer, once } from './once.ts';
import { pageOf } from './page.ts';
import { refuse } from './problem.ts';
import type { GuardedApp } from './types.ts';

const USUAL = { secret: RATE_LIMITS.secret.calls, publishable: RATE_LIMITS.publishable.calls };
/** All keys that can work at once. */
const PAGE = '100';

export const keys = new Hono<GuardedApp>()
  .get('/', async (c) => {
    const { deps } = c.env;
    const { programId } = c.var;
    const page = pageOf(c.req.query('limit') ?? PAGE);
    if (!page.ok) return refuse(page.refusal);
    const cursor = c.req.query('cursor') ?? null;
    if (cursor !== null && !isUlid(cursor)) return refuse({ code: 'invalid', errors: [CURSOR] });
    const [program, found] = await Promise.all([
      deps.store.program(programId),
      deps.store.keys(programId, { limit: page.value + 1, before: cursor as KeyId | null }),
    ]);
    const data = found.slice(0, page.value).map((row) => keyAnswer(row, program?.mode ?? 'live'));
    return c.json({ data, nextCursor: found.length > page.value ? (data.at(-1)?.id ?? null) : null });
  })
  .post('/', async (c) => {
    const { deps } = c.env;
    const { programId, access: asker } = c.var;
    const body = await readBody(c.req.raw, KeyCall);
    if (!body.ok) return refuse(body.refusal);
    const { kind, name, scopes, callsAMinute, expiresAt } = body.value;
    return once(c, {
      work: (seal) =>
        makeKey(deps, { asker, programId, usual: USUAL, kind, name, scopes, callsAMinute, expiresAt, seal }),
      answer: shownOnce,
    });
  })
  .post('/:id/rotate', async (c) => {
    const { deps } = c.env;
    const { programId, access: asker } = c.var;
    const body = await readBody(c.req.raw, KeyRotation);
    if (!body.ok) return refuse(body.refusal);
    const id = c.req.param('id') as KeyId;
    const { overlapHours } = body.value;
    return once(c, {
      work: (seal) => rotateKey(deps, { asker, programId, usual: USUAL, id, overlapHours, seal }),
      answer: shownOnce,
    });
  })
  .delete('/:id', async (c) => {
    const { deps } = c.env;
    const revoked = await revokeKey(deps, { programId: c.var.programId, id: c.req.param('id') as KeyId });
    return revoked.ok ? c.body(null, 204) : refuse(revoked.refusal);
  });

const CURSOR = { pointer: '/cursor', detail: 'the nextCursor of the page before' };

const shownOnce = ({ program, row, key }: MadeKey): Answer => {
  const kept = keyAnswer(row, program.mode);
  return { status: 201, body: { ...kept, key }, kept };
};

const keyAnswer = (row: KeyRow, mode: ProgramMode): KeyAnswer => ({
  ...{ id: row.id, kind: row.kind, name: row.name },
  hint: `${prefixOf(row.kind, mode)}…${row.hint}`,
  scopes: [...row.scopes],
  callsAMinute: row.callsAMinute ?? USUAL[row.kind],
  createdAt: iso(row.createdAt),
  expiresAt: row.expiresAt === null ? null : iso(row.expiresAt),
  revokedAt: row.revokedAt === null ? null : iso(row.revokedAt),
  lastUsedAt: row.lastUsedAt === null ? null : iso(row.lastUsedAt),
});

const iso = (ms: number): string => new Date(ms).toISOString();
