/** API keys as they are minted and shown: `trb_sk_live_…`. What is stored of one is its hash and its last letters. */
import type { Scope } from './access.ts';
import { newSecret } from './secret.ts';

const LETTERS = { publishable: 'pk', secret: 'sk' } as const;
const MODES = { live: 'live', sandbox: 'test' } as const;
const HINT_LETTERS = 4;

/** What a secret key may do when nothing else is said: the shop's server's work. */
export const USUAL_SCOPES: readonly Scope[] = ['read', 'track', 'manage'];

export const prefixOf = (kind: keyof typeof LETTERS, mode: keyof typeof MODES): string =>
  `trb_${LETTERS[kind]}_${MODES[mode]}_`;

export const newKey = (
  of: { kind: keyof typeof LETTERS; mode: keyof typeof MODES },
  random: (bytes: number) => Uint8Array,
): string => `${prefixOf(of.kind, of.mode)}${newSecret(random)}`;

/** Enough to tell a key from others, and nothing to use. */
export const hintOf = (key: string): string => key.slice(-HINT_LETTERS);
