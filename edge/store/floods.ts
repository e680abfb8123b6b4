/**
 * How often an address clicks on one partner's links within a minute: in the memory of this isolate alone, nothing is
 * stored and nothing waits. An address is kept as an HMAC under a salt that nobody can read and that lasts a day at most,
 * and only until its minute is over. See `decisions/`, "Floods are counted in memory".
 */
import { DAY_MS } from '../core/attribution.ts';
import type { PartnerId } from '../core/id.ts';

/** Beyond so many clicks of one address on one partner in a minute, the minute's others are not counted. */
export const CLICKS_A_MINUTE = 60;

export interface Floods {
  /** Counts a click, and tells whether it is one too many. */
  over(click: { partnerId: PartnerId; address: string; now: number }): Promise<boolean>;
}

const MINUTE_MS = 60_000;
/** Beyond so many addresses in a minute new ones are not watched: memory is bounded, shoppers are not suspected. */
const MAX_ADDRESSES = 50_000;
const HMAC = { name: 'HMAC', hash: 'SHA-256' } as const;
const encoder = new TextEncoder();

export function createFloods(random: (bytes: number) => Uint8Array): Floods {
  let salt: { day: number; key: Promise<CryptoKey> } | null = null;
  let counted = { minute: 0, clicks: new Map<string, number>() };

  return {
    async over({ partnerId, address, now }) {
      if (INSIDE.test(address)) return false;
      const day = Math.floor(now / DAY_MS);
      if (salt?.day !== day) salt = { day, key: crypto.subtle.importKey('raw', random(32), HMAC, false, ['sign']) };
      const named = encoder.encode(`${partnerId} ${subscriber(address)}`);
      const who = String.fromCharCode(...new Uint8Array(await crypto.subtle.sign('HMAC', await salt.key, named)));
      const minute = Math.floor(now / MINUTE_MS);
      if (counted.minute !== minute) counted = { minute, clicks: new Map() };
      const { clicks } = counted;
      const count = (clicks.get(who) ?? 0) + 1;
      if (count > 1 || clicks.size < MAX_ADDRESSES) clicks.set(who, count);
      return count > CLICKS_A_MINUTE;
    },
  };
}

/** Addresses of a machine's own network: a proxy's, a test's. They name no line, and may stand for everybody. */
const INSIDE = /^(?:::ffff:)?(?:127|10|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01]))\.|^::1$|^f(?:[cd]..|e80):/i;

/** Whoever has an IPv6 address has 2^64 of them: the first four groups name the line. */
function subscriber(address: string): string {
  if (!address.includes(':')) return address;
  const [front = '', back = ''] = address.toLowerCase().split('::');
  const groups = (text: string) => text.split(':').filter(Boolean);
  const zeros = Array<string>(Math.max(0, 8 - groups(front).length - groups(back).length)).fill('0');
  const all = [...groups(front), ...zeros, ...groups(back)];
  return all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
