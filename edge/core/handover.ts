/**
 * The hand-over: a visitor who crosses from one of a shop's domains to another stays the same one. A sealed word in the
 * address of the next page, good for five minutes and once; that it is used once, the table `handovers` holds.
 *
 *     key id 1 │ nonce 12 │ AES-GCM of "program.ms.visitor" │ tag 16
 *
 * Sealed rather than signed: the address is seen by whoever is embedded there, and a visitor's id is for us alone. Its
 * key is derived from the one that signs click tokens, so neither can be taken for the other.
 */
import type { ProgramId, VisitorId } from './id.ts';
import type { TokenKeys } from './token.ts';

export const HANDOVER_MS = 5 * 60_000;

/** What a hand-over says, once opened. */
export interface Handover {
  readonly programId: ProgramId;
  readonly visitorId: VisitorId;
  /** When it was made, ms since the epoch. */
  readonly at: number;
  /** Names this one among all, as hex. */
  readonly nonce: string;
}

const NONCE_BYTES = 12;
const PURPOSE = new TextEncoder().encode('tributary: hand-over of a visitor, 1');

/** `random`: twelve bytes that were never used before. */
export async function seal(
  { programId, visitorId, at }: Omit<Handover, 'nonce'>,
  random: Uint8Array,
  { current, keys }: TokenKeys,
): Promise<string> {
  const key = keys.get(current);
  if (!key) throw new RangeError('no current signing key');
  if (random.length !== NONCE_BYTES) throw new RangeError('a hand-over needs twelve random bytes');
  const text = new TextEncoder().encode(`${programId}.${at}.${visitorId}`);
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: random as BufferSource }, await sealing(key), text);
  return toBase64Url(new Uint8Array([current, ...random, ...new Uint8Array(sealed)]));
}

/** What it says, or null: altered, foreign, re-encoded and unknown keys look all the same. */
export async function open(word: string, { keys }: TokenKeys): Promise<Handover | null> {
  const bytes = fromBase64Url(word);
  const key = bytes && keys.get(bytes[0] ?? -1);
  if (!bytes || !key) return null;
  const iv = bytes.subarray(1, 1 + NONCE_BYTES) as BufferSource & Uint8Array;
  const rest = bytes.subarray(1 + NONCE_BYTES) as BufferSource;
  const opened = await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, await sealing(key), rest).catch(() => null);
  if (!opened) return null;
  const [programId = '', at = '', visitorId = ''] = new TextDecoder().decode(opened).split('.');
  const nonce = [...iv].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return { programId: programId as ProgramId, visitorId: visitorId as VisitorId, at: Number(at), nonce };
}

/** A key for this and nothing else. */
async function sealing(key: CryptoKey): Promise<CryptoKey> {
  const known = derived.get(key) ?? derive(key);
  derived.set(key, known);
  return known;
}

const derived = new WeakMap<CryptoKey, Promise<CryptoKey>>();

async function derive(key: CryptoKey): Promise<CryptoKey> {
  const bytes = await crypto.subtle.sign('HMAC', key, PURPOSE);
  return crypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
}

const toBase64Url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

/** Null for whatever we would not have written ourselves. */
function fromBase64Url(word: string): Uint8Array | null {
  if (!/^[A-Za-z0-9_-]{40,512}$/.test(word) || word.length % 4 === 1) return null;
  const bytes = Uint8Array.from(atob(word.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
  return toBase64Url(bytes) === word ? bytes : null;
}
