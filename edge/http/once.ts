/**
 * A call that names itself by `Idempotency-Key` is done once: its answer is kept for a day, written in the same batch as
 * the work, and is what every repeat hears. Of two at once the loser of the unique key hears the winner's answer. What
 * was refused, or failed, leaves nothing.
 */
import type { Context } from 'hono';
import type { ProgramId } from '../core/id.ts';
import { keyHash } from '../core/identity.ts';
import { AlreadyAnswered, ok, type Result } from '../core/result.ts';
import type { Deps, Seal } from '../deps.ts';
import { type Rows, textOf } from './body.ts';
import { problem, refuse } from './problem.ts';
import type { GuardedApp } from './types.ts';

/** One header's worth of visible ASCII: a space would mean that two were sent. */
const NAME = /^[\x21-\x7e]{1,255}$/;
/** D1 takes rows of 2 MB. Only a list's answer comes near, and each row of a list is known by an id of its own. */
const MAX_KEPT_BYTES = 1_900_000;

export interface Answer {
  readonly status: 200 | 201;
  readonly body: unknown;
  /** What a repeat hears instead: a secret is shown once, and kept nowhere. */
  readonly kept?: unknown;
}

/** How a call is done once: the work, and what is said of it. */
export interface Doing<Made> {
  /** Commits what `seal` makes of its result with the work itself; what it does not seal is answered by a batch alone. */
  work(seal: Seal<unknown>): Promise<Result<Made>>;
  answer(made: Made): Answer | Promise<Answer>;
  /** When its day begins; now, unless the work moves the clock. */
  at?(made: Made): number;
}

/**
 * Answers a call whose body has been read:
 *
 * 1. without a name it is simply done
 * 2. a name that has an answer: that one, or a refusal when it was another call's
 * 3. the work, which commits its answer along
 * 4. an answer that no commit took along, such as a duplicate's, is kept by itself; one too large for a row is not
 * 5. a race lost at 3 or 4: the winner's answer, as in 2
 */
export async function once<Made>(
  c: Context<GuardedApp>,
  { work, answer, at = () => c.env.deps.now() }: Doing<Made>,
): Promise<Response> {
  const { deps } = c.env;
  const { programId } = c.var;
  const name = c.req.header('idempotency-key');
  if (name === undefined) {
    const done = await work(async () => []);
    return done.ok ? json(await answer(done.value)) : refuse(done.refusal);
  }
  if (!NAME.test(name)) return refuse({ code: 'bad_idempotency_key' });

  const call = await callOf(c.req.raw, c.req.path, ownName(c.var, name));
  const earlier = await replay(deps, programId, call);
  if (earlier) return earlier;

  const sealed = new Map<unknown, Answer>();
  // What a flow seals is what it returns once that is committed: `Made`, which cannot be inferred from both.
  const seal: Seal<unknown> = async (made) => {
    const { status, body, kept = body } = await answer(made as Made);
    sealed.set(made, { status, body });
    const text = JSON.stringify(kept);
    if (new TextEncoder().encode(text).length > MAX_KEPT_BYTES) return [];
    return [{ kind: 'answer', answer: { programId, ...call, status, body: text, at: at(made as Made) } }];
  };
  try {
    const done = await work(seal);
    if (!done.ok) return (await replay(deps, programId, call)) ?? refuse(done.refusal);
    // Not sealed: something that the flow found standing.
    if (!sealed.has(done.value)) await deps.store.commit(await seal(done.value));
    return json(sealed.get(done.value) as Answer);
  } catch (cause) {
    const winner = cause instanceof AlreadyAnswered && (await replay(deps, programId, call));
    if (winner) return winner;
    throw cause;
  }
}

/** The same for a call that may be an array: then every row answers for itself, and the list's answer follows the last. */
export function onceRows<Made>(
  c: Context<GuardedApp>,
  { array }: Rows<unknown>,
  doing: { work(seal?: Seal<Made>): Promise<Result<Made>[]>; answer: Doing<Made>['answer'] },
): Promise<Response> {
  const { work, answer } = doing;
  if (!array) {
    return once(c, {
      async work(seal) {
        const [only] = await work(seal);
        if (!only) throw new Error('a call without an answer');
        return only;
      },
      answer,
    });
  }
  const told = async (one: Result<Made>) => (one.ok ? (await answer(one.value)).body : problem(one.refusal));
  return once(c, {
    work: async () => ok(await work()),
    answer: async (results) => ({ status: 200, body: { results: await Promise.all(results.map(told)) } }),
  });
}

interface Call {
  readonly keyHash: string;
  readonly callHash: string;
}

/**
 * Servers of a program know each other's names, whichever key they call by. A person's are their own, at each place of theirs:
 * nobody else hears of them, nor their answers. No name has a space in it.
 */
const ownName = ({ access, asker, actor }: GuardedApp['Variables'], name: string): string =>
  access.kind === 'key' ? name : `${actor} ${asker.partnerId ?? '-'} ${name}`;

/** The method, the address without its host or base path, the body as it was sent. */
async function callOf(request: Request, path: string, name: string): Promise<Call> {
  const { search } = new URL(request.url);
  const [hash, callHash] = await Promise.all([
    keyHash(name),
    keyHash(`${request.method} ${path}${search}\n${textOf(request)}`),
  ]);
  return { keyHash: hash, callHash };
}

async function replay(deps: Deps, programId: ProgramId, call: Call): Promise<Response | null> {
  const kept = await deps.store.answer(programId, call.keyHash, deps.now());
  if (!kept) return null;
  if (kept.callHash !== call.callHash) return refuse({ code: 'idempotency_key_reused' });
  return respond(kept.status, kept.body, { 'idempotent-replayed': 'true' });
}

const json = ({ status, body }: Answer): Response => respond(status, JSON.stringify(body));

const respond = (status: number, body: string, headers: Record<string, string> = {}): Response =>
  new Response(body, { status, headers: { 'content-type': 'application/json', ...headers } });
