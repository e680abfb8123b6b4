/**
 * A click, a landing, an identity arrives: what leads to an order. Telling one twice is harmless; only a landing by `via`
 * has no token to be known by, and counts as a second click. Orders: `convert.ts`.
 */
import { DAY_MS, inForce, namesOfCode, normalizeDiscountCode } from '../core/attribution.ts';
import { idTime, type LinkId, makeId, type PartnerId, type ProgramId, type VisitorId } from '../core/id.ts';
import { type CustomerClaim, customerNames, hashesOf, type KnownCustomer, seenWith } from '../core/identity.ts';
import { destination, type Landing, normalizeCode, withToken } from '../core/link.ts';
import { err, ok, type Result } from '../core/result.ts';
import { type Click, type ClickClass, mint, REPEAT_MS, verify } from '../core/token.ts';
import type { Change, ClickRow, ClickTargets, Deps, EnrolledPartner, Seal, TouchRow } from '../deps.ts';
import { lookAgain } from './late.ts';
import { timeFlaw } from './time.ts';

const HOUR_MS = 3_600_000;
/** A landing later than this after its click is a copied address, not a visit. */
const LANDING_LIMIT_MS = 24 * HOUR_MS;
/** Rows of one call. */
const MAX_TOLD = 1_000;

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
  const target = await deps.store.linkTarget(normalizeCode(facts.code));
  if (!target) return null;
  const { link, enrollment, policies } = target;
  // Whoever follows a link brings no key: how far the program's clock runs ahead is known with the link.
  const now = deps.now() + target.clockOffsetMs;
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

/**
 * A visitor lands: 1 a valid token names its click, 2 else `via` names a partner and a click is minted now, 3 the
 * visitor has touched it. A bad token, a stale one, an unknown partner: a visit without credit. What a landing
 * completes: `lookAgain`.
 */
export async function land(
  deps: Deps,
  visit: { programId: ProgramId; visitorId: VisitorId; landing: Pick<Landing, 'tcid' | 'via'> },
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

/** A new browser's name: 128 bits of chance, 22 letters. */
export const newVisitorId = (deps: Deps): VisitorId =>
  btoa(String.fromCharCode(...deps.random(16)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '') as VisitorId;

/** A customer names itself in a browser. What that completes: `lookAgain`. */
export async function identify(
  deps: Deps,
  seen: { programId: ProgramId; visitorId: VisitorId; customer: CustomerClaim },
): Promise<void> {
  const { programId, visitorId } = seen;
  const names = await customerNames(seen.customer, programId, deps.secrets.hashKeys);
  const known = await deps.store.customers(programId, hashesOf(names));
  await deps.store.commit(
    seenWith({ programId, visitorId, names, known, at: deps.now(), ties: false, proven: false }).changes,
  );
}

/** A customer whom the shop's server saw in a browser, its shape already checked. */
export interface IdentityCall {
  readonly visitorId: string;
  readonly customer: CustomerClaim;
  readonly consent?: 'granted' | 'denied' | undefined;
  readonly occurredAt?: number | undefined;
}

export interface Seen {
  readonly accepted: true;
  readonly visitorId: string;
}

/** Who used which browser, as a server knows it: proven, and its names tied together. One batch for all of them. */
export async function identifyAll(
  deps: Deps,
  given: { programId: ProgramId; calls: readonly Result<IdentityCall>[]; seal?: Seal<Seen> | undefined },
): Promise<Result<Seen>[]> {
  const { programId, calls, seal } = given;
  const now = deps.now();
  const { hashKeys } = deps.secrets;
  const [namesOf, program] = await Promise.all([
    Promise.all(calls.map((call) => (call.ok ? customerNames(call.value.customer, programId, hashKeys) : []))),
    deps.store.program(programId),
  ]);
  let known: readonly KnownCustomer[] = await deps.store.customers(programId, hashesOf(namesOf.flat()));
  const changes: Change[] = [];
  const results = calls.map((call, index): Result<Seen> => {
    if (!call.ok) return call;
    const { visitorId, consent, occurredAt = now } = call.value;
    const refused = timeFlaw(occurredAt, now, program?.mode ?? 'live');
    if (refused) return refused;
    // Without consent there is no edge between a person and a browser.
    if (consent !== 'denied') {
      const seen = { programId, visitorId: visitorId as VisitorId, at: occurredAt, ties: true, proven: true };
      const found = seenWith({ ...seen, names: namesOf[index] ?? [], known });
      changes.push(...found.changes);
      known = retied(known, found.changes);
    }
    return ok({ accepted: true, visitorId });
  });
  const [only] = results;
  const answer = only?.ok ? ((await seal?.(only.value)) ?? []) : [];
  await deps.store.commit([...changes, ...answer]);
  const seen = changes.filter((one) => one.kind === 'identity');
  const [visitors, hashes] = [seen.map((one) => one.visitorId), seen.map((one) => one.hash)];
  if (seen.length > 0) {
    await lookAgain(deps, { programId, visitors, hashes, rows: calls.length });
  }
  return results;
}

/** Whose the keys are after these changes: the rows of a list come one after the other. */
function retied(known: readonly KnownCustomer[], changes: readonly Change[]): KnownCustomer[] {
  const rows = new Map(known.map((one) => [one.hash, one]));
  for (const change of changes) {
    if (change.kind === 'customer') {
      const { customerId } = change;
      for (const { hash } of change.keys) rows.set(hash, { first: null, ...rows.get(hash), hash, customerId });
    }
    if (change.kind === 'rehashed') {
      const { key, first } = change;
      const owner = rows.get(first) ?? rows.get(key.hash);
      if (owner) rows.set(key.hash, { hash: key.hash, customerId: owner.customerId, first });
    }
  }
  return [...rows.values()];
}

/** A click that somebody else has seen, its shape already checked. */
export interface ClickCall extends Partial<Record<`sub${1 | 2 | 3 | 4 | 5}`, string | undefined>> {
  readonly partner?: string | undefined;
  /** A link's code. */
  readonly link?: string | undefined;
  readonly discountCode?: string | undefined;
  readonly visitorId?: string | undefined;
  readonly url?: string | undefined;
  readonly occurredAt?: number | undefined;
}

export interface ToldClick {
  readonly clickId: string;
  readonly visitorId: string;
  readonly counted: boolean;
  readonly reason: ClickRow['reason'];
}

/**
 * Clicks told by a server: each is a valid touch at once.
 *
 * 1 whose they are, 2 a key at the time of each, 3 a repeat by the same visitor is not counted, 4 one write for all.
 */
export async function tellClicks(
  deps: Deps,
  { programId, calls }: { programId: ProgramId; calls: readonly Result<ClickCall>[] },
): Promise<Result<ToldClick>[]> {
  const now = deps.now();
  const good = calls.flatMap((call) => (call.ok ? call.value : []));
  const visitors = [...new Set(good.flatMap((call) => call.visitorId ?? []))] as VisitorId[];
  const [program, targets, touches] = await Promise.all([
    deps.store.program(programId),
    deps.store.clickTargets({
      programId,
      partners: good.flatMap((call) => call.partner ?? []),
      links: good.flatMap((call) => (call.link === undefined ? [] : normalizeCode(call.link))),
      codes: good.flatMap((call) => (call.discountCode === undefined ? [] : normalizeDiscountCode(call.discountCode))),
    }),
    deps.clicks.touches(programId, visitors, MAX_TOLD * 10),
  ]);
  const before = new Map<string, number[]>();
  const seen = (visitorId: VisitorId, partnerId: PartnerId, at: number): boolean => {
    const times = before.get(`${visitorId} ${partnerId}`) ?? [];
    const repeat = times.some((time) => time <= at && at - time <= REPEAT_MS);
    before.set(`${visitorId} ${partnerId}`, [...times, at]);
    return repeat;
  };
  for (const { visitorId, partnerId, clickKey } of touches) seen(visitorId, partnerId, idTime(clickKey));

  const rows: ClickRow[] = [];
  const landed: TouchRow[] = [];
  const results = await Promise.all(
    calls.map(async (call): Promise<Result<ToldClick>> => {
      if (!call.ok) return call;
      const { visitorId: named, occurredAt: at = now, partner, link, discountCode } = call.value;
      const { sub1 = null, sub2 = null, sub3 = null, sub4 = null, sub5 = null } = call.value;
      const refused = timeFlaw(at, now, program?.mode ?? 'live');
      if (refused) return refused;
      const target = targetOf(targets, { partner, link, discountCode });
      if (!target || !takesPart(target.enrollment, at)) {
        const pointer = partner !== undefined ? '/partner' : link !== undefined ? '/link' : '/discountCode';
        return err({ code: 'invalid', errors: [{ pointer, detail: 'one of a partner that took part then' }] });
      }
      const { partnerId } = target.enrollment;
      const visitorId = (named ?? newVisitorId(deps)) as VisitorId;
      const click = { key: makeId<'click'>(at, deps.random(10)), programId, partnerId, linkId: target.linkId };
      const reason = seen(visitorId, partnerId, at) ? 'repeat' : null;
      rows.push({ ...bare({ ...click, class: 'valid', at }), ...{ sub1, sub2, sub3, sub4, sub5 }, reason });
      landed.push({ programId, visitorId, clickKey: click.key, partnerId, linkId: target.linkId, class: 'valid' });
      const clickId = await mint({ ...click, class: 'valid' }, deps.secrets.tokenKeys);
      return ok({ clickId, visitorId, counted: reason === null, reason });
    }),
  );
  await Promise.all([deps.clicks.record(rows), deps.clicks.touch(landed)]);
  if (visitors.length > 0) {
    await lookAgain(deps, { programId, visitors, hashes: [], rows: calls.length });
  }
  return results;
}

function targetOf(
  { partners, links, codes }: ClickTargets,
  { partner, link, discountCode }: Pick<ClickCall, 'partner' | 'link' | 'discountCode'>,
): { enrollment: EnrolledPartner; linkId: LinkId | null } | null {
  const byLink = link === undefined ? undefined : links.find((one) => one.code === normalizeCode(link));
  const names = discountCode === undefined ? [] : namesOfCode(normalizeDiscountCode(discountCode));
  const byCode = names.map((name) => codes.find((one) => one.code === name)).find((one) => one !== undefined);
  const id = byLink?.partnerId ?? byCode?.partnerId;
  const enrollment = partners.find((one) =>
    partner === undefined ? one.partnerId === id : one.partnerId === partner || one.slug === partner.toLowerCase(),
  );
  return enrollment ? { enrollment, linkId: byLink?.linkId ?? null } : null;
}

const takesPart = ({ startedAt, stoppedAt }: EnrolledPartner, at: number): boolean =>
  startedAt <= at && (stoppedAt === null || at < stoppedAt);
