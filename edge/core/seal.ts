/**
 * Sealing: a text that only holders of our keys can read or make. Each purpose has a key of its own, derived from the
 * ring, so that nothing sealed for one can be passed off as another.
 *
 *     key id 1 │ nonce 12 │ AES-GCM of the text │ tag 16
 */
import { currentKey, type KeyRing, numbersOf } from './key-ring.ts';

const NONCE_BYTES = 12;
const encode = (text: string) => Uint8Array.from(new TextEncoder().encode(text));

/** `random`: twelve bytes that were never used before. */
export async function sealText(
  text: string,
  { purpose, random, keys }: { purpose: string; random: Uint8Array; keys: KeyRing },
): Promise<string> {
  const key = currentKey(keys);
  if (random.length !== NONCE_BYTES) throw new RangeError('a seal needs twelve random bytes');
  const { aes } = await derivedFrom(key, purpose);
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: random as BufferSource }, aes, encode(text));
  return toBase64Url(new Uint8Array([keys.current, ...random, ...new Uint8Array(sealed)]));
}

/** What was sealed, with its nonce; null: altered, foreign, re-encoded and unknown keys look all the same. */
export async function openText(
  word: string,
  { purpose, keys: { keys } }: { purpose: string; keys: KeyRing },
): Promise<{ text: string; nonce: Uint8Array } | null> {
  const bytes = fromBase64Url(word);
  const key = bytes && keys.get(bytes[0] ?? -1);
  if (!bytes || !key) return null;
  const nonce = bytes.subarray(1, 1 + NONCE_BYTES) as Uint8Array<ArrayBuffer>;
  const rest = bytes.subarray(1 + NONCE_BYTES) as Uint8Array<ArrayBuffer>;
  const { aes } = await derivedFrom(key, purpose);
  const opened = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: nonce }, aes, rest).catch(() => null);
  return opened && { text: new TextDecoder().decode(opened), nonce };
}

/** An HMAC of the text under the current key, with its number in front: `1.<hex>`. */
export async function macOf(text: string, { purpose, keys }: { purpose: string; keys: KeyRing }): Promise<string> {
  return `${keys.current}.${await hexMac(currentKey(keys), purpose, text)}`;
}

/** What any key of the ring would make of it, the current one's first: to find what was kept under an older one. */
export async function macsOf(text: string, { purpose, keys }: { purpose: string; keys: KeyRing }): Promise<string[]> {
  return Promise.all(numbersOf(keys).map((current) => macOf(text, { purpose, keys: { current, keys: keys.keys } })));
}

/** Whether a key of the ring made this MAC of the text. */
export async function isMacOf(
  mac: string,
  text: string,
  { purpose, keys: { keys } }: { purpose: string; keys: KeyRing },
): Promise<boolean> {
  const [number = '', hex] = mac.split('.');
  const key = /^\d{1,3}$/.test(number) ? keys.get(Number(number)) : undefined;
  return key !== undefined && hex !== undefined && sameText(hex, await hexMac(key, purpose, text));
}

async function hexMac(key: CryptoKey, purpose: string, text: string): Promise<string> {
  const { hmac } = await derivedFrom(key, purpose);
  return hexOf(new Uint8Array(await crypto.subtle.sign('HMAC', hmac, encode(text))));
}

/** Compares without telling by its time where the first difference lies. */
function sameText(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let at = 0; at < a.length; at++) difference |= a.charCodeAt(at) ^ b.charCodeAt(at);
  return difference === 0;
}

export const hexOf = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

interface Derived {
  readonly aes: CryptoKey;
  readonly hmac: CryptoKey;
}
const derived = new WeakMap<CryptoKey, Map<string, Promise<Derived>>>();

function derivedFrom(key: CryptoKey, purpose: string): Promise<Derived> {
  const known = derived.get(key) ?? new Map<string, Promise<Derived>>();
  derived.set(key, known);
  const made = known.get(purpose) ?? derive(key, purpose);
  known.set(purpose, made);
  return made;
}

async function derive(key: CryptoKey, purpose: string): Promise<Derived> {
  const bytes = await crypto.subtle.sign('HMAC', key, encode(purpose));
  const [aes, hmac] = await Promise.all([
    crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']),
    crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']),
  ]);
  return { aes, hmac };
}

/** The two letters that what is sealed under a key may begin with: the key's number is its first byte. */
export function prefixesOf(key: number): string[] {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const second = (key & 3) << 4;
  return [...letters.slice(second, second + 16)].map((letter) => `${letters[key >> 2]}${letter}`);
}

export const toBase64Url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

/** Null for whatever we would not have written ourselves. */
function fromBase64Url(word: string): Uint8Array | null {
  if (!/^[A-Za-z0-9_-]{39,8192}$/.test(word) || word.length % 4 === 1) return null;
  const bytes = Uint8Array.from(atob(word.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
  return toBase64Url(bytes) === word ? bytes : null;
}
