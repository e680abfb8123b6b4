/**
 * How often an address clicks on one partner's links within a minute: in the memory of this isolate alone, nothing is
 * stored and nothing waits. An address is kept as an HMAC under a salt that nobody can read and that lasts a day at most,
 * and only until its minute is over. See `decisions/`, "Floods are counted in memory".
 */
import { isInside, networkOf } from '../core/address.ts';
import { DAY_MS } from '../core/attribution.ts';
import type { PartnerId } from '../core/id.ts';

export interface Floods {
  /** Counts a click, and tells whether it is one too many. */
  over(click: { partnerId: PartnerId; address: string; now: number }): Promise<boolean>;
}

const MINUTE_MS = 60_000;
/** Beyond so many addresses in a minute new ones are not watched: memory is bounded, shoppers are not suspected. */
const MAX_ADDRESSES = 50_000;
const HMAC = { name: 'HMAC', hash: 'SHA-256' } as const;
const encoder = new TextEncoder();

/** `clicksAMinute`: beyond so many of one address on one partner, the minute's others are too many. */
export function createFloods({
  clicksAMinute,
  random,
}: {
  clicksAMinute: number;
  random(bytes: number): Uint8Array;
}): Floods {
  let salt: { day: number; key: Promise<CryptoKey> } | null = null;
  let counted = { minute: 0, clicks: new Map<string, number>() };

  return {
    async over({ partnerId, address, now }) {
      if (isInside(address)) return false;
      const day = Math.floor(now / DAY_MS);
      if (salt?.day !== day) salt = { day, key: crypto.subtle.importKey('raw', random(32), HMAC, false, ['sign']) };
      const named = encoder.encode(`${partnerId} ${networkOf(address)}`);
      const who = String.fromCharCode(...new Uint8Array(await crypto.subtle.sign('HMAC', await salt.key, named)));
      const minute = Math.floor(now / MINUTE_MS);
      if (counted.minute !== minute) counted = { minute, clicks: new Map() };
      const { clicks } = counted;
      const count = (clicks.get(who) ?? 0) + 1;
      if (count > 1 || clicks.size < MAX_ADDRESSES) clicks.set(who, count);
      return count > clicksAMinute;
    },
  };
}
