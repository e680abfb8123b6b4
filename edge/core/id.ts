/**
 * Identifiers: ULIDs, 26 characters of Crockford base32 that sort by the millisecond they were made in.
 *
 * The same 128 bits travel as 16 bytes inside the click token. Nothing here reads a clock or chance: both are given.
 */

export type Id<Kind extends string> = string & { readonly __id: Kind };
export type ProgramId = Id<'program'>;
export type PartnerId = Id<'partner'>;
export type PersonId = Id<'person'>;
export type MembershipId = Id<'membership'>;
export type SessionId = Id<'session'>;
export type KeyId = Id<'key'>;
export type AuditId = Id<'audit'>;
export type GroupId = Id<'group'>;
export type LinkId = Id<'link'>;
export type CustomerId = Id<'customer'>;
export type ConversionId = Id<'conversion'>;
/** Names one click inside the engine; what the API calls `clickId` is the signed token around it. */
export type ClickKey = Id<'click'>;
/** Names one browser; random, 128 bits, known only to that browser and us. */
export type VisitorId = Id<'visitor'>;

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const VALUES: Readonly<Record<string, number>> = Object.fromEntries(
  [...ALPHABET].map((letter, value) => [letter, value]),
);
/** 128 bits in 26 characters leave the first one only three bits. */
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const MAX_TIME_MS = 2 ** 48 - 1;
const NO_BYTES = new Uint8Array(10);

export const isUlid = (text: string): boolean => ULID.test(text);

/** A new identifier from a time (ms since the epoch) and ten random bytes. */
export function makeId<Kind extends string>(atMs: number, random: Uint8Array): Id<Kind> {
  if (!Number.isInteger(atMs) || atMs < 0 || atMs > MAX_TIME_MS) throw new RangeError(`time out of range: ${atMs}`);
  if (random.length !== 10) throw new RangeError('an id needs ten random bytes');
  const bytes = new Uint8Array(16);
  for (let rest = atMs, at = 5; at >= 0; at--, rest = Math.floor(rest / 256)) bytes[at] = rest % 256;
  bytes.set(random, 6);
  return idFromBytes(bytes);
}

/** The lowest identifier of a millisecond: those of a span of time lie from its first to below its end's. */
export const firstId = <Kind extends string>(atMs: number): Id<Kind> => makeId(Math.max(0, atMs), NO_BYTES);

/** The millisecond an identifier was made in. */
export function idTime(id: string): number {
  let ms = 0;
  for (const letter of id.slice(0, 10)) ms = ms * 32 + (VALUES[letter] ?? 0);
  return ms;
}

/** 16 bytes to 26 characters, most significant first. */
export function idFromBytes<Kind extends string>(bytes: Uint8Array): Id<Kind> {
  let text = '';
  // Two zero bits in front fill 128 bits up to 130 = 26 × 5.
  for (let at = 0, held = 0, bits = 2; at < 16 || bits >= 5; ) {
    if (bits < 5) {
      held = ((held << 8) | (bytes[at++] ?? 0)) & 0x1fff;
      bits += 8;
    }
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(held >> bits) & 31];
    }
  }
  return text as Id<Kind>;
}

/** 26 characters to 16 bytes. Throws when the text is no identifier: callers check what strangers send. */
export function idToBytes(id: string): Uint8Array {
  if (!isUlid(id)) throw new RangeError('not an id');
  const bytes = new Uint8Array(16);
  let held = VALUES[id.charAt(0)] ?? 0;
  let bits = 3;
  let at = 0;
  for (const letter of id.slice(1)) {
    held = ((held << 5) | (VALUES[letter] ?? 0)) & 0x1fff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (held >> bits) & 255;
    }
  }
  return bytes;
}
