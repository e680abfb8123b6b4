/**
 * A click, a landing, an identity arrives: what leads to an order. Telling one twice is harmless; only a landing by `via`
 * has no token to be known by, and counts as a second click. Orders: `convert.ts`.
 */
import { DAY_MS, inForce } from '../core/attribution.ts';
import { makeId, type ProgramId, type VisitorId } from '../core/id.ts';
import { type CustomerClaim, customerKeys, seenWith } from '../core/identity.ts';
import { destination, normalizeCode, withToken } from '../core/link.ts';
import { type Click, type ClickClass, mint, verify } from '../core/token.ts';
import type { ClickRow, Deps } from '../deps.ts';

const HOUR_MS = 3_600_000;
/** A landing later than this after its click is a copied address, not a visit. */
const LANDING_LIMIT_MS = 24 * HOUR_MS;

/** What the door saw of a request for a link. */
export interface ClickFacts
  extends Pick<
    ClickRow,
    'reason' | 'country' | 'device' | 'browser' | 'os' | 'referrerHost' | `sub${1 | 2 | 3 | 4 | 5}`
  > {
  readonly code: string;
  readonly deepLink: string | null;
  readonly class: ClickClass;
  /** Where from; only asked how often it clicks, and forgotten. Null: unknown. */
  readonly address: string | null;
  /** A HEAD is no click. A browser that opted out (GPC) is counted in the day's total; neither gets row or token. */
  readonly anonymous: 'head' | 'opted_out' | null;
}

export interface Redirect {
  readonly location: string;
  /** The write under way, for the door to wait for within its budget; null where nothing is written. */
  readonly write: Promise<void> | null;
  /** Whether that write keeps the click, and not only its number. */
  readonly kept: boolean;
}

/**
 * Somebody follows a partner's link: 1 resolve it, 2 see whether too many come from there, 3 mint the token, 4 start the
 * write. Null: no such link.
 */
export async function click(deps: Deps, facts: ClickFacts): Promise<Redirect | null> {
  const now = deps.now();
  const target = await deps.store.linkTarget(normalizeCode(facts.code));
  if (!target) return null;
  const { link, enrollment, policies } = target;
  const url = destination(link.url, facts.deepLink, inForce(policies, now).deepLinkHosts);
  // Old links go on working for shoppers after their partner has left; they earn nothing.
  const without = { location: url.href, write: null, kept: false };
  if (facts.anonymous === 'head' || enrollment.stoppedAt !== null) return without;
  const { programId, partnerId, id: linkId } = link;
  if (facts.anonymous === 'opted_out') {
    if (facts.class !== 'valid') return without;
    const day = Math.floor(now / DAY_MS);
    return { ...without, write: deps.clicks.optOut({ programId, partnerId, linkId, day }) };
  }

  const { code: _code, deepLink: _deepLink, anonymous: _anonymous, address, ...told } = facts;
  const flood = address !== null && (await deps.floods.over({ partnerId, address, now }));
  const seen =
    flood && told.class === 'valid' ? { ...told, class: 'suspect' as const, reason: 'flood' as const } : told;
  const key = makeId<'click'>(now, deps.random(10));
  const click = { key, programId, partnerId, linkId, class: seen.class };
  const token = await mint(click, deps.secrets.tokenKeys);
  const write = deps.clicks.record([{ ...click, ...seen }]);
  return { location: withToken(url, token).href, write, kept: true };
}

/** How a visitor came to a page: by token, or by a partner's name in the address. */
export interface Landing {
  readonly tcid: string | null;
  readonly via: string | null;
}

/**
 * A visitor lands: 1 a valid token names its click, 2 else `via` names a partner and a click is minted now, 3 the
 * visitor has touched it. A bad token, a stale one, an unknown partner: a visit without credit.
 */
export async function land(
  deps: Deps,
  visit: { programId: ProgramId; visitorId: VisitorId; landing: Landing },
): Promise<Click | null> {
  const { programId, visitorId, landing } = visit;
  const now = deps.now();
  const proven = landing.tcid ? await verify(landing.tcid, deps.secrets.tokenKeys) : null;
  const click =
    proven && lands(proven, programId, now) ? proven : landing.via && (await direct(deps, programId, landing.via, now));
  if (!click) return null;
  // A script has landed with it: that vouches for a suspect one from now on.
  const landed: Click = { ...click, class: 'valid' };
  await deps.clicks.land(bare(landed), visitorId);
  return landed;
}

const lands = (click: Click, programId: ProgramId, now: number): boolean =>
  click.programId === programId && click.class !== 'refused' && now - click.at <= LANDING_LIMIT_MS;

/** A link without a redirect: the landing itself is the click. */
async function direct(deps: Deps, programId: ProgramId, via: string, now: number): Promise<Click | null> {
  const found = await deps.store.partnerByVia(programId, normalizeCode(via));
  if (!found || found.enrollment.stoppedAt !== null) return null;
  const { partnerId } = found.enrollment;
  return { key: makeId(now, deps.random(10)), programId, partnerId, linkId: found.linkId, class: 'valid', at: now };
}

/** A click's row when nobody saw its circumstances. */
export const bare = ({ key, programId, partnerId, linkId, class: clickClass }: Click): ClickRow => ({
  key,
  programId,
  partnerId,
  linkId,
  class: clickClass,
  ...{ reason: null, country: null, device: null, browser: null, os: null, referrerHost: null },
  ...{ sub1: null, sub2: null, sub3: null, sub4: null, sub5: null },
});

/** A customer names itself in a browser. */
export async function identify(
  deps: Deps,
  seen: { programId: ProgramId; visitorId: VisitorId; customer: CustomerClaim },
): Promise<void> {
  const { programId, visitorId } = seen;
  const keys = await customerKeys(seen.customer, programId, deps.secrets.hashKey);
  const known = await deps.store.customers(programId, keys);
  await deps.store.commit(
    seenWith({ programId, visitorId, keys, known, at: deps.now(), ties: false, proven: false }).changes,
  );
}
