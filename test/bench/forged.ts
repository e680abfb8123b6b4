/**
 * forged: altered, re-encoded, spliced and foreign tokens against the real verifier; none may be believed. Tokens that
 * are only too old are the window's business: `attribution-oracle`.
 */
import { idFromBytes } from '../../edge/core/id.ts';
import { readKeyRing } from '../../edge/core/key-ring.ts';
import { mint, verify } from '../../edge/core/token.ts';
import { mulberry32 } from '../core/random-journeys.ts';
import { LOCAL_SECRETS } from '../support/secrets.ts';
import type { Figure } from './figure.ts';

const TOKENS = 1_000_000;
const SEED = 20_261_123;
const GENUINE = 200;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

export const forged: Figure = {
  name: 'forged',
  seed: SEED,
  async measure() {
    const random = mulberry32(SEED);
    const below = (limit: number) => Math.floor(random() * limit);
    const keys = await readKeyRing(LOCAL_SECRETS.TOKEN_KEYS);
    const foreign = await readKeyRing(`1:${btoa('z'.repeat(32))}`);
    const id = () => idFromBytes<never>(Uint8Array.from({ length: 16 }, () => below(256)));
    const click = () => ({ key: id(), programId: id(), partnerId: id(), linkId: id(), class: 'valid' as const });
    const genuine = await Promise.all(Array.from({ length: GENUINE }, () => mint(click(), keys)));
    const real = new Set(genuine);
    const pick = () => genuine[below(GENUINE)] ?? '';
    const letter = () => ALPHABET[below(64)] ?? 'A';
    const replaced = (token: string, at: number) => token.slice(0, at) + letter() + token.slice(at + 1);
    const kinds: (() => string | Promise<string>)[] = [
      () => replaced(pick(), below(112)),
      () => replaced(replaced(pick(), below(112)), below(112)),
      // The front of one and the proof of another.
      () => pick().slice(0, 88) + pick().slice(88),
      () => pick().slice(0, below(112)),
      () => pick() + letter(),
      () => pick().replaceAll('-', '+').replaceAll('_', '/'),
      () => `${pick()}=`,
      () => Array.from({ length: 112 }, letter).join(''),
      () => mint(click(), foreign),
    ];
    let tried = 0;
    let believed = 0;
    while (tried < TOKENS) {
      const token = await (kinds[below(kinds.length)] as () => string | Promise<string>)();
      if (real.has(token)) continue;
      tried += 1;
      if (await verify(token, keys)) believed += 1;
    }
    return [{ value: believed, unit: 'believed', promise: '0', holds: believed === 0, detail: `${tried} tokens` }];
  },
};
