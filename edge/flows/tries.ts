/**
 * How often something may be tried: guesses are made slow, and nobody is locked out by somebody else.
 *
 * What anybody can use up, such as an account's count, is large, or counts together with the network it was tried from. A
 * browser that this person has signed in with before counts for itself alone, so that strangers use up nothing of it.
 */
import { err, ok, type Refusal, type Result } from '../core/result.ts';
import { macOf, macsOf } from '../core/seal.ts';
import type { Deps } from '../deps.ts';

/** Of whom tries are counted: where they come from, whom they are about, both together, or one browser. */
type Per = 'network' | 'account' | 'account and network' | 'browser' | 'device';

interface Limit {
  readonly what: Tried;
  readonly per: Per;
  readonly most: number;
  readonly minutes: number;
}

/**
 * `link`: a letter is asked for. `press`: a link's token or code. `challenge`: a passkey, or the single sign-on, is begun.
 * `factor`: a code of the authenticator app, or a recovery code. `miss`: what fits nothing, of whatever kind. `invite`: a letter invites an address
 * to a program. `invites`: a letter of one partner, to whomever.
 */
export type Tried = 'link' | 'press' | 'challenge' | 'factor' | 'miss' | 'invite' | 'invites';

export const LIMITS: readonly Limit[] = [
  { what: 'link', per: 'device', most: 10, minutes: 15 },
  { what: 'link', per: 'account and network', most: 10, minutes: 15 },
  // A mailbox is not to be filled from everywhere at once.
  { what: 'link', per: 'account', most: 60, minutes: 60 },
  { what: 'link', per: 'network', most: 300, minutes: 15 },
  // Tokens and codes are good in the browser that asked alone: elsewhere a guess cannot be right.
  { what: 'press', per: 'browser', most: 20, minutes: 15 },
  { what: 'challenge', per: 'device', most: 100, minutes: 15 },
  { what: 'challenge', per: 'network', most: 300, minutes: 15 },
  // Who tries these is signed in already. Of a million codes three are good at a time.
  { what: 'factor', per: 'device', most: 10, minutes: 15 },
  { what: 'factor', per: 'device', most: 50, minutes: 24 * 60 },
  { what: 'factor', per: 'account and network', most: 10, minutes: 15 },
  { what: 'factor', per: 'account', most: 100, minutes: 24 * 60 },
  { what: 'miss', per: 'network', most: 100, minutes: 15 },
  // An invitation is no way to fill a stranger's mailbox.
  { what: 'invite', per: 'account', most: 5, minutes: 24 * 60 },
  // Nor are a partner's a way to write to strangers by the program's mail.
  { what: 'invites', per: 'account', most: 50, minutes: 24 * 60 },
];

export interface Trier {
  /** An address as typed, or a person's id. */
  readonly account?: string;
  /** SHA-256 of what the browser holds while it signs in. */
  readonly browser?: string;
  /** Known as this account's own: it counts in place of account and network. */
  readonly device?: string | null;
}

/** By the time outside, wherever a sandbox's clock stands. */
export const outside = (deps: Deps): number => deps.now() - deps.aheadMs;

const PURPOSE = 'tributary: tries, 1';
const MINUTE_MS = 60_000;

/** Counts one more try before it is made, so that many at once count too; refuses when one of its limits is passed. */
export async function spendTry(deps: Deps, what: Tried, trier: Trier): Promise<Result<null>> {
  const now = outside(deps);
  const limits = limitsOf(what, trier);
  const counted = await deps.accounts.tried(
    await Promise.all(
      limits.map(async (limit) => ({
        who: await macOf(wordOf(deps, limit, trier), { purpose: PURPOSE, keys: deps.secrets.authKeys }),
        spanMs: limit.minutes * MINUTE_MS,
      })),
    ),
    now,
  );
  const passed = counted.filter(({ used }, index) => used > (limits[index]?.most ?? 0));
  if (passed.length === 0) return ok(null);
  const endsAt = Math.max(...passed.map((one) => one.endsAt));
  return err({ code: 'too_many_tries', retryAfterSeconds: Math.ceil((endsAt - now) / 1000) });
}

/** It was right: what was counted of this account is forgotten. What a network did is not, whoever else is on it. */
export async function forgiveTries(deps: Deps, what: Tried, trier: Trier): Promise<void> {
  const own = limitsOf(what, trier).filter((one) => one.per !== 'network');
  const all = own.map((limit) => macsOf(wordOf(deps, limit, trier), { purpose: PURPOSE, keys: deps.secrets.authKeys }));
  await deps.accounts.forgiven((await Promise.all(all)).flat());
}

function limitsOf(what: Tried, { account, device, browser }: Trier): Limit[] {
  const takes: Readonly<Record<Per, boolean>> = {
    device: Boolean(device),
    network: !device,
    account: !device && account !== undefined,
    'account and network': !device && account !== undefined,
    browser: browser !== undefined,
  };
  return LIMITS.filter((one) => one.what === what && takes[one.per]);
}

function wordOf({ by }: Deps, { what, per, minutes }: Limit, { account, browser, device }: Trier): string {
  const network = by.address ?? '';
  const of: Readonly<Record<Per, readonly unknown[]>> = {
    device: [device],
    network: [network],
    account: [account],
    'account and network': [account, network],
    browser: [browser],
  };
  return JSON.stringify([what, per, minutes, ...of[per]]);
}

/** What fits nothing costs the network it came from; past the limit that is all it hears. */
export async function missed(
  deps: Deps,
  code: 'link_over' | 'passkey_refused',
): Promise<{ ok: false; refusal: Refusal }> {
  const may = await spendTry(deps, 'miss', {});
  return may.ok ? err({ code }) : may;
}
