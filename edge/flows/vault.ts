/**
 * A person's values in a log that is never altered: sealed under a key of that person's own, which is itself sealed under
 * ours. An erasure deletes the key, and what was sealed under it is noise, while the log stays as it was.
 */
import type { PersonId } from '../core/id.ts';
import { type KeyRing, readKeyRing } from '../core/key-ring.ts';
import { openText, sealText } from '../core/seal.ts';
import { newSecret } from '../core/secret.ts';
import type { Deps } from '../deps.ts';

export const SEAL_OF_PERSON_KEYS = 'tributary: the keys of people, 1';
const INNER = 'tributary: values of a person, 1';
const NONCE_BYTES = 12;
/** How a sealed value is told from a plain one: `sealed:<person>:<word>`. */
const SEALED = /^sealed:([0-9A-Z]{26}):([\w-]+)$/;

/** A value of a person's, for the log. */
export async function sealFor(deps: Deps, personId: PersonId, value: string): Promise<string> {
  const keys = await keyOf(deps, personId);
  const word = await sealText(value, { purpose: INNER, random: deps.random(NONCE_BYTES), keys });
  return `sealed:${personId}:${word}`;
}

/** Everything sealed in these values, opened; what can no longer be is null. */
export async function openAll(deps: Deps, values: readonly unknown[]): Promise<unknown[]> {
  const personIds = new Set<PersonId>();
  walk(values, (text) => {
    const [, personId] = SEALED.exec(text) ?? [];
    if (personId) personIds.add(personId as PersonId);
    return text;
  });
  const rings = new Map<string, KeyRing>();
  for (const { personId, sealed } of await deps.accounts.personKeys([...personIds])) {
    const ring = await ringOf(deps, sealed);
    if (ring) rings.set(personId, ring);
  }
  const opened = new Map<string, string | null>();
  const words: string[] = [];
  walk(values, (text) => {
    if (SEALED.test(text)) words.push(text);
    return text;
  });
  for (const text of words) {
    const [, personId = '', word = ''] = SEALED.exec(text) ?? [];
    const keys = rings.get(personId);
    opened.set(text, keys ? ((await openText(word, { purpose: INNER, keys }))?.text ?? null) : null);
  }
  return walk(values, (text) => (opened.has(text) ? (opened.get(text) ?? null) : text)) as unknown[];
}

/** The same value with every text in it exchanged. */
function walk(value: unknown, exchange: (text: string) => string | null): unknown {
  if (typeof value === 'string') return exchange(value);
  if (Array.isArray(value)) return value.map((one) => walk(one, exchange));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, walk(one, exchange)]));
}

async function keyOf(deps: Deps, personId: PersonId): Promise<KeyRing> {
  const { authKeys } = deps.secrets;
  const made = `1:${newSecret(deps.random).replaceAll('-', '+').replaceAll('_', '/')}=`;
  const fresh = await sealText(made, {
    purpose: SEAL_OF_PERSON_KEYS,
    random: deps.random(NONCE_BYTES),
    keys: authKeys,
  });
  const ring = await ringOf(deps, await deps.accounts.personKey(personId, fresh));
  if (!ring) throw new Error(`the key of person ${personId} does not open: was a key taken out of AUTH_KEYS?`);
  return ring;
}

async function ringOf({ secrets }: Deps, sealed: string): Promise<KeyRing | null> {
  const opened = await openText(sealed, { purpose: SEAL_OF_PERSON_KEYS, keys: secrets.authKeys });
  return opened && readKeyRing(opened.text);
}
