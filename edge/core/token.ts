/**
 * The click token: a click that proves itself. It names program, partner, link, click and class, and is signed, so an
 * order can be credited from it alone even when the click's row was never written.
 *
 * 84 bytes, 112 characters of base64url: fits Stripe's `client_reference_id` and leaves no slack bits to play with.
 *
 *     key id 1 │ class 1 │ program 16 │ partner 16 │ link 16 (zeros: none) │ click 16 (its time inside) │ MAC 18
 *
 * It holds no visitor, no sub-id and nothing personal. When it ends is the window's business: `attribution.ts`.
 */

import { type ClickKey, idFromBytes, idTime, idToBytes, type LinkId, type PartnerId, type ProgramId } from './id.ts';
import { currentKey, type KeyRing } from './key-ring.ts';

/** `valid` may earn; `suspect` may once a landing by script vouches for it; `refused` never. */
export type ClickClass = 'valid' | 'suspect' | 'refused';

/** A click by the same visitor on the same partner so soon after the one before, inclusive, is not counted. */
export const REPEAT_MS = 30 * 60_000;

/** What a token says, once verified. */
export interface Click {
  readonly key: ClickKey;
  readonly programId: ProgramId;
  readonly partnerId: PartnerId;
  readonly linkId: LinkId | null;
  readonly class: ClickClass;
  /** When it was clicked, ms since the epoch, by the edge's clock. */
  readonly at: number;
}

const CLASSES: readonly ClickClass[] = ['valid', 'suspect', 'refused'];
const BYTES = 84;
const MAC_AT = 66;
const TOKEN = /^[A-Za-z0-9_-]{112}$/;
const NO_LINK = new Uint8Array(16);

export async function mint(click: Omit<Click, 'at'>, ring: KeyRing): Promise<string> {
  const key = currentKey(ring);
  const bytes = new Uint8Array(BYTES);
  bytes[0] = ring.current;
  bytes[1] = CLASSES.indexOf(click.class);
  bytes.set(idToBytes(click.programId), 2);
  bytes.set(idToBytes(click.partnerId), 18);
  if (click.linkId) bytes.set(idToBytes(click.linkId), 34);
  bytes.set(idToBytes(click.key), 50);
  bytes.set((await mac(key, bytes)).subarray(0, BYTES - MAC_AT), MAC_AT);
  return toBase64Url(bytes);
}

/** The click a token proves, or null: altered, foreign, re-encoded and unknown keys look all the same. */
export async function verify(token: string, { keys }: KeyRing): Promise<Click | null> {
  const bytes = fromBase64Url(token);
  const key = bytes && keys.get(bytes[0] ?? -1);
  const clickClass = bytes && CLASSES[bytes[1] ?? -1];
  if (!bytes || !key || !clickClass) return null;
  if (!sameBytes((await mac(key, bytes)).subarray(0, BYTES - MAC_AT), bytes.subarray(MAC_AT))) return null;
  const link = bytes.subarray(34, 50);
  const clickKey = idFromBytes<'click'>(bytes.subarray(50, 66));
  return {
    key: clickKey,
    programId: idFromBytes(bytes.subarray(2, 18)),
    partnerId: idFromBytes(bytes.subarray(18, 34)),
    linkId: sameBytes(link, NO_LINK) ? null : idFromBytes(link),
    class: clickClass,
    at: idTime(clickKey),
  };
}

async function mac(key: CryptoKey, bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes.subarray(0, MAC_AT)));
}

/** Compares without telling by its time where the first difference lies. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let at = 0; at < a.length; at++) difference |= (a[at] ?? 0) ^ (b[at] ?? 0);
  return difference === 0;
}

const toBase64Url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_');

function fromBase64Url(token: string): Uint8Array | null {
  if (!TOKEN.test(token)) return null;
  const text = atob(token.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
