/** Secrets that are random and held by one party: what a browser or a letter carries. Kept as SHA-256 (`keyHash`). */
import { toBase64Url } from './seal.ts';

const BYTES = 32;

/** 256 bits, 43 letters of base64url. */
export const newSecret = (random: (bytes: number) => Uint8Array): string => toBase64Url(random(BYTES));

/** Digits and capitals that are not taken for one another. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** For people to type: groups of five, such as `7K3QF-09XTM`, five bits a letter. */
export function newCode(random: (bytes: number) => Uint8Array, letters = 10): string {
  const text = [...random(letters)].map((byte) => LETTERS[byte & 31]).join('');
  return text.replace(/(.{5})(?=.)/g, '$1-');
}

/** As it was made, however it was typed. */
export const normalizeSecretCode = (typed: string): string =>
  typed
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1')
    .replace(/(.{5})(?=.)/g, '$1-');
