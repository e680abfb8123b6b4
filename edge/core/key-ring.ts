/**
 * A ring of keys, as each secret of ours is one: the current key makes, all of them read, and that is how keys are changed.
 *
 * A key that comes is put behind the current one first, so that every machine knows it before any uses it; then in front.
 */

export interface KeyRing {
  /** The number of the key that makes; 0 to 255. */
  readonly current: number;
  readonly keys: ReadonlyMap<number, CryptoKey>;
}

const HMAC = { name: 'HMAC', hash: 'SHA-256' } as const;
const MIN_BYTES = 32;
const MAX_NUMBER = 255;
/** Base64, with a number before it; without one it is number 0. */
const KEY = /^(?:(\d{1,3}):)?([A-Za-z0-9+/]+={0,2})$/;

/**
 * Reads keys written as `1:<base64 of 32 bytes or more>,0:<…>`, the current one first. One that was never changed needs no
 * number. Throws when the text says anything else, so that a slip in a secret shows at the first request.
 */
export async function readKeyRing(text: string): Promise<KeyRing> {
  const keys = new Map<number, CryptoKey>();
  const secrets = new Set<string>();
  for (const part of text.split(',')) {
    const [, number = '0', secret = ''] = KEY.exec(part.trim()) ?? [];
    const id = Number(number);
    const bytes = atob(secret);
    // The same bytes under two numbers are a slip as well: nothing would have been changed.
    const isSlip = id > MAX_NUMBER || keys.has(id) || secrets.has(bytes) || bytes.length < MIN_BYTES;
    if (isSlip) throw new TypeError('want "1:<base64>,…"');
    const raw = Uint8Array.from(bytes, (letter) => letter.charCodeAt(0));
    keys.set(id, await crypto.subtle.importKey('raw', raw, HMAC, false, ['sign', 'verify']));
    secrets.add(bytes);
  }
  const [current = 0] = keys.keys();
  return { current, keys };
}

export function currentKey({ current, keys }: KeyRing): CryptoKey {
  const key = keys.get(current);
  if (!key) throw new RangeError('no current key');
  return key;
}

/** The numbers of its keys, the current one's first. */
export const numbersOf = ({ current, keys }: KeyRing): [current: number, ...older: number[]] => [
  current,
  ...[...keys.keys()].filter((one) => one !== current),
];
