/**
 * The local outbox: mail as `npm start` sends it, which is not at all. Letters stay in a KV namespace that no deployed
 * Worker has; `/dev/mail` shows them.
 */
import type { KVNamespace } from '@cloudflare/workers-types';
import type { Letter, Mail } from '../../edge/deps.ts';

export interface Sent extends Letter {
  readonly id: string;
  /** ISO 8601. */
  readonly at: string;
  /** The first address in its text, which people are to follow. */
  readonly link: string | null;
}

export interface Outbox extends Mail {
  /** Newest first. */
  newest(limit: number): Promise<Sent[]>;
}

const KEPT_S = 7 * 86_400;
/** Beyond any time that a key counts down from, so that later letters come first in the order of keys. */
const END_MS = 9_999_999_999_999;

export function createOutbox(kv: KVNamespace, now: () => number = Date.now): Outbox {
  return {
    async send(letter) {
      const at = now();
      const id = `${END_MS - at}-${crypto.randomUUID().slice(0, 8)}`;
      const link = ADDRESS.exec(letter.text)?.[0] ?? null;
      const sent: Sent = { ...letter, id, at: new Date(at).toISOString(), link };
      await kv.put(`letter:${id}`, JSON.stringify(sent), { expirationTtl: KEPT_S });
    },
    async newest(limit) {
      const { keys } = await kv.list({ prefix: 'letter:', limit });
      const letters = await Promise.all(keys.map(({ name }) => kv.get<Sent>(name, 'json')));
      return letters.filter((letter) => letter !== null);
    },
  };
}

/** An address in a text, without the full stop after it. */
export const ADDRESS = /\bhttps?:\/\/[^\s<>"]*[^\s<>".,;:!?)”’]/;
