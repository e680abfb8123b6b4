/**
 * How many calls a client may make: counted in the memory of this isolate alone, in windows that begin with a client's
 * first call. A wall against floods and nothing more: another isolate counts by itself, and no payable fact rests here.
 */
import { RATE_LIMITS } from '../contract.ts';
import { networkOf } from '../core/address.ts';
import { currentKey } from '../core/key-ring.ts';
import { err, ok, type Quota, type Result } from '../core/result.ts';
import type { Deps, Key } from '../deps.ts';

/** Far more clients than an isolate meets in a minute; beyond, the one that came first is counted anew. */
const MAX_CLIENTS = 20_000;

/** One more call with this key, from this address where the key is everybody's. */
export async function spend(
  deps: Deps,
  key: Pick<Key, 'hash' | 'kind' | 'callsAMinute'>,
  address: string,
): Promise<Result<Quota>> {
  const { calls: usual, windowSeconds } = RATE_LIMITS[key.kind];
  const calls = key.callsAMinute ?? usual;
  const who = key.kind === 'secret' ? key.hash : await visitorOf(deps, key.hash, address);
  const now = deps.now();
  const known = deps.calls.get(who);
  const window = known && known.endsAt > now ? known : { used: 0, endsAt: now + windowSeconds * 1000 };
  if (window !== known) remember(deps.calls, who, window);
  window.used += 1;
  const quota: Quota = {
    policy: key.kind,
    calls,
    windowSeconds,
    left: Math.max(0, calls - window.used),
    resetSeconds: Math.ceil((window.endsAt - now) / 1000),
  };
  return window.used > calls ? err({ code: 'rate_limited', quota }) : ok(quota);
}

function remember(clients: Deps['calls'], who: string, window: { used: number; endsAt: number }): void {
  clients.delete(who);
  const [oldest] = clients.size < MAX_CLIENTS ? [] : clients.keys();
  if (oldest !== undefined) clients.delete(oldest);
  clients.set(who, window);
}

/** Not even in memory does an address stand in clear. */
async function visitorOf({ secrets }: Deps, key: string, address: string): Promise<string> {
  const bytes = new TextEncoder().encode(`${key} ${networkOf(address)}`);
  return String.fromCharCode(...new Uint8Array(await crypto.subtle.sign('HMAC', currentKey(secrets.hashKeys), bytes)));
}

/** As in draft-ietf-httpapi-ratelimit-headers: the policy, and what is left of it. */
export const rateLimit = ({ policy, calls, windowSeconds, left, resetSeconds }: Quota) => ({
  'ratelimit-policy': `"${policy}";q=${calls};w=${windowSeconds}`,
  ratelimit: `"${policy}";r=${left};t=${resetSeconds}`,
});
