/** An order is judged: what is known of it is read, core decides, and the record and its changes are put together. */
import {
  attribute,
  type Candidate,
  groupAt,
  inForce,
  type Journey,
  OPEN_REASONS,
  type Touch,
  type Verdict,
  type Why,
} from '../core/attribution.ts';
import {
  type Allocation,
  allocationsOf,
  type CommissionReason,
  type CustomerType,
  earn,
  heldUntil,
  type LineShare,
  lineNames,
  termsAt,
  totalBase,
} from '../core/commission.ts';
import { type ConversionId, type CustomerId, idTime, makeId, type PartnerId, type ProgramId } from '../core/id.ts';
import {
  customerNames,
  customerOf,
  hashesOf,
  type Kept,
  keptAs,
  type Owners,
  type Reached,
  reach,
  seenWith,
  userOf,
} from '../core/identity.ts';
import { type Earned, post } from '../core/ledger.ts';
import { type Currency, ZERO } from '../core/money.ts';
import { type Click, verify } from '../core/token.ts';
import type {
  Change,
  CommissionRow,
  ConversionRecord,
  ConversionRow,
  Deps,
  EnrolledPartner,
  Heard,
  OrderContext,
  Renewed,
  Standing,
  TouchRow,
} from '../deps.ts';
import { noted } from './audit.ts';
import { bodyOf, type Told } from './order.ts';

/** An order reads at most this many touches, the newest. */
const MAX_TOUCHES = 500;
const NOBODY: Kept = { keys: [], known: [] };

/** Everything that decides one order, read. */
export interface Facts extends Omit<OrderContext, 'existing' | 'renewed'> {
  readonly existing: ConversionRow | null;
  /** The order that this one renews. */
  readonly renewed: Renewed | null;
  readonly standing: Standing;
  /** The click the caller names; a bad or foreign token is nobody's: the order stands without it. */
  readonly claimed: Click | null;
  /** The names that the order gives, as they are kept. */
  readonly kept: Kept;
  readonly customerId: CustomerId | null;
  /** Whose every key is, once the order has tied its own. */
  readonly owners: Owners;
  readonly reached: readonly Reached[];
  readonly touches: readonly TouchRow[];
  /** What all of that was read from. */
  readonly heard: Heard;
  readonly forced: EnrolledPartner | null;
}

/**
 * Reads what decides some orders, for all of them at once.
 *
 * 1. what the orders name: their customers and the browsers these were seen in, codes, orders told before; beside it
 *    the touches of their own browsers
 * 2. the touches of the customers' other browsers, where there are any
 * 3. how the partners who came up stand in the program
 */
export async function read(deps: Deps, programId: ProgramId, tolds: readonly Told[]): Promise<Facts[]> {
  const claims = await Promise.all(tolds.map((told) => claimOf(deps, told)));
  const visitors = [...new Set(tolds.flatMap((told) => told.visitorId ?? []))];
  const limit = MAX_TOUCHES * tolds.length;
  const now = deps.now();
  const [context, own] = await Promise.all([
    deps.store.orderContext({
      programId,
      now,
      orders: tolds.map(({ event, orderId }) => ({ event, orderId })),
      renewals: tolds.flatMap(({ renewalOf }) => renewalOf ?? []),
      hashes: tolds.flatMap((told) => hashesOf(told.names)),
      customerIds: tolds.flatMap(({ customerId }) => customerId ?? []),
      visitors,
      codes: [...new Set(tolds.flatMap(codesOf))],
    }),
    visitors.length > 0 ? deps.clicks.touches(programId, visitors, limit) : [],
  ]);
  const people = tolds.map((told) => personOf(told, context, now));
  const others = [...new Set(people.flatMap((one) => one.reached.map((browser) => browser.visitorId)))];
  const joined = others.length > 0 ? await deps.clicks.touches(programId, others, limit) : [];
  const touches = people.map(({ reached }, index) => touchesOf(tolds[index]?.visitorId ?? null, reached, own, joined));
  const claimed = claims.flatMap((one) => one ?? []);
  const standing = await deps.store.standing({
    programId,
    partnerIds: [
      ...new Set([
        ...claimed.map((one) => one.partnerId),
        ...touches.flat().map((one) => one.partnerId),
        ...context.codes.flatMap((one) => one.partnerId ?? []),
        ...context.locks.map((one) => one.partnerId),
        ...context.renewed.flatMap((one) => one.allocations.map((part) => part.partnerId)),
      ]),
    ],
    named: tolds.flatMap((told) => told.partner ?? []),
    linkIds: [...new Set([...claimed, ...touches.flat()].flatMap((one) => one.linkId ?? []))],
  });
  return tolds.map((told, index): Facts => {
    const { orderId, event, partner } = told;
    const { kept = NOBODY, customerId = null, owners = new Map(), reached = [] } = people[index] ?? {};
    return {
      ...context,
      existing: context.existing.find((one) => one.event === event && one.orderId === orderId) ?? null,
      renewed: renewedBy(told, context),
      standing,
      claimed: claims[index] ?? null,
      ...{ kept, customerId, owners, reached },
      touches: touches[index] ?? [],
      heard: heardOf(told, { ...context, kept, customerId, reached }, [...own, ...joined], limit),
      forced: standing.enrollments.find((one) => partner !== null && isNamed(one, partner)) ?? null,
    };
  });
}

/** The order it names by id, or by order id: of several events the renewal's own, else the sale. */
function renewedBy({ renewalOf, event }: Told, { renewed }: OrderContext): Renewed | null {
  const named = (of: string) => renewed.find((one) => one.orderId === renewalOf && one.event === of);
  return renewed.find((one) => one.id === renewalOf) ?? named(event) ?? named('sale') ?? null;
}
const isNamed = ({ partnerId, slug }: EnrolledPartner, partner: string): boolean =>
  partnerId === partner || slug === partner.toLowerCase();

async function claimOf(deps: Deps, { clickId, programId }: Told): Promise<Click | null> {
  const proven = clickId ? await verify(clickId, deps.secrets.tokenKeys) : null;
  if (proven?.programId !== programId) return null;
  // The shop may have kept the token of the redirect, before a script landed with it.
  return proven.class === 'suspect' && (await deps.clicks.vouched({ ...proven, programId }))
    ? { ...proven, class: 'valid' }
    : proven;
}

const codesOf = ({ codes, items }: Told): string[] => [...codes, ...items.flatMap((item) => item.code ?? [])];

/** Who bought, as the order names it or as its browser knows it, and the browsers that leads to. */
function personOf(told: Told, { customers, edges, identifications }: OrderContext, now: number) {
  const { names, visitorId, source } = told;
  const kept = keptAs(names, customers);
  const { keys, known } = kept;
  const owners = new Map(known.map((one) => [one.hash, one.customerId]));
  const named = customerOf(keys, known) ?? told.customerId;
  // A server ties the keys it names; of a browser's, each stands for itself.
  if (named && source === 'server') {
    for (const hash of [...keys.map((key) => key.hash), ...hashesOf(names)]) owners.set(hash, named);
  }
  const here = identifications.filter((one) => one.visitorId === visitorId);
  const customerId = named ?? userOf(here, owners, told.occurredAt ?? now);
  if (!customerId) return { kept, customerId: null, owners, reached: [] };
  const server = keys.length > 0 && source === 'server';
  return {
    kept,
    customerId,
    owners,
    reached: reach({ customerId, named: server, own: visitorId, owners, edges, identifications }),
  };
}

/** The order's own touches, and those made on the customer's other browsers while they were the customer's. */
function touchesOf(
  own: TouchRow['visitorId'] | null,
  reached: readonly Reached[],
  ...rows: readonly (readonly TouchRow[])[]
): TouchRow[] {
  const spans = new Map(reached.map((one) => [one.visitorId, one.spans]));
  const counts = ({ visitorId, clickKey }: TouchRow) => {
    const at = idTime(clickKey);
    return visitorId === own || (spans.get(visitorId) ?? []).some(({ from, until }) => from <= at && at < until);
  };
  return rows
    .flat()
    .filter(counts)
    .sort((a, b) => (a.clickKey < b.clickKey ? 1 : -1))
    .slice(0, MAX_TOUCHES);
}

function heardOf(
  { visitorId }: Told,
  known: Pick<Facts, 'kept' | 'customerId' | 'reached' | 'customers' | 'edges' | 'identifications'>,
  touches: readonly TouchRow[],
  limit: number,
): Heard {
  const { kept, customerId, reached, customers, edges, identifications } = known;
  const own = customers.filter((one) => one.customerId === customerId).map((one) => one.hash);
  const hashes = kept.keys.map((key) => key.hash);
  const visitors = [...reached.map((one) => one.visitorId), ...(visitorId ? [visitorId] : [])];
  const clicks = new Set(
    touches.filter((one) => visitors.includes(one.visitorId)).map((one) => `${one.visitorId} ${one.clickKey}`),
  );
  return {
    ...{ customerId, hashes, visitorId, visitors },
    edges: edges
      .filter((one) => hashes.includes(one.hash) || own.includes(one.hash))
      .reduce((sum, one) => sum + (one.proven ? 2 : 1), 0),
    identifications: identifications.filter((one) => one.visitorId === visitorId).length,
    touches: touches.length < limit ? clicks.size : null,
  };
}

export interface Judged {
  readonly record: ConversionRecord;
  readonly changes: Change[];
}

/** How an order comes to be judged: first told, told by a higher voice (`before`), or looked at again (`late`). */
export interface Occasion {
  readonly told: Told;
  readonly facts: Facts;
  readonly before: ConversionRecord | null;
  readonly now: number;
  readonly late?: boolean;
  /** Enough was tried: it is written as it was read, whatever arrives. */
  readonly last?: boolean;
}

/** Puts core's answers together: the record as it will stand, and the changes that make it so. */
export async function judge(deps: Deps, occasion: Occasion): Promise<Judged> {
  const { told, facts, before, now, late = false, last = false } = occasion;
  const { programId, lines, source } = told;
  const { customerId } = facts;
  const receivedAt = before?.conversion.receivedAt ?? now;
  const occurredAt = told.occurredAt ?? now;
  const journey = await journeyOf(deps, occasion, occurredAt);
  const verdict = attribute(journey);
  const customerType = customerTypeOf(occasion);
  const parts = earnings(occasion, { verdict, occurredAt, customerType });
  const policy = inForce(facts.policies, occurredAt);
  const id = before?.conversion.id ?? makeId<'conversion'>(now, deps.random(10));
  const version = (before?.conversion.version ?? 0) + 1;
  const allocated = allocationsOf(parts, lines);
  const restsOn = verdict.proven ? [] : unprovenBrowsers(verdict.candidates, facts);
  const conversion: ConversionRow = {
    programId,
    id,
    event: told.event,
    orderId: told.orderId,
    version,
    source,
    // What renews an order is as sure as that order was.
    verified: source === 'server' && verdict.proven && (verdict.step !== 'renewal' || facts.renewed?.verified === true),
    currency: told.currency,
    base: totalBase(lines),
    occurredAt,
    receivedAt,
    visitorId: told.visitorId,
    customerId,
    reason: late && allocated.length > 0 ? 'late_match' : verdict.reason,
    model: verdict.model,
    policyVersion: verdict.policyVersion,
    termsVersion: allocated[0]?.termsVersion ?? termsAt(facts.terms, null, occurredAt).version,
    explanation: {
      step: verdict.step,
      candidates: verdict.candidates,
      bases: lines.map((one) => one.base),
      notes: [...notes(told, facts), ...verdict.notes],
      shares: verdict.shares,
      ...(verdict.lines.length > 0 && { lines: verdict.lines }),
      ...(verdict.override && { override: verdict.override }),
      ...(verdict.used.length > 0 && { used: verdict.used }),
      ...(restsOn.length > 0 && { restsOn }),
      ...(facts.renewed && { firstAt: facts.renewed.firstAt }),
    },
    body: bodyOf(told, facts.kept.keys),
    customerType,
    renewalOf: facts.renewed?.id ?? null,
  };
  const commissions: CommissionRow[] = [
    ...allocated.map((one) => ({ ...one, reason: one.reason ?? byLine(verdict, one.partnerId) })),
    ...assists(verdict, allocated),
  ].map(({ partnerId, shareMicros, base, amount, reason }) => ({
    programId,
    partnerId,
    ...namesOf(facts.standing.enrollments, partnerId),
    conversionId: id,
    ...{ shareMicros, base, amount, reason },
    currency: told.currency,
    status: 'pending',
    heldUntil: heldUntil({ occurredAt, receivedAt }, policy.holdDays),
    occurredAt,
  }));
  const items = told.items.map(({ code: _code, ...item }, line) => ({
    ...{ programId, conversionId: id, line, ...item },
    base: lines[line]?.base ?? ZERO,
  }));
  const allocations = parts.map(({ reason: _reason, ...part }) => ({ programId, conversionId: id, ...part }));
  const record = { conversion, allocations, commissions, lines: lineNames(items) };
  return {
    record,
    changes: [
      // Seen when the order occurred: an order told late says nothing of who used the browser since.
      ...(late ? [] : identities(told, facts, occurredAt)),
      ...(late || last || !(OPEN_REASONS.includes(verdict.reason) || restsOn.length > 0)
        ? []
        : [{ kind: 'unheard' as const, programId, heard: facts.heard }]),
      { kind: 'conversion', record: { ...record, items }, replaces: before?.conversion.version ?? null },
      ...firstOrder(occasion, conversion),
      ...binding(verdict, journey, conversion, occasion),
      ...postings({ programId, conversionId: id, version, at: now, before, record }),
      ...(facts.forced ? [forcing(deps, occasion, record)] : []),
    ],
  };
}

/** A partner that only its code on a line credits is told so, whatever the rest of the order was decided by. */
const byLine = ({ shares, lines, reason }: Verdict, partnerId: PartnerId): CommissionReason | null => {
  const owns = lines.some((line) => line.shares.some((one) => one.partnerId === partnerId));
  return owns && reason !== 'code_owner_wins' && !shares.some((one) => one.partnerId === partnerId)
    ? 'code_owner_wins'
    : null;
};

/** Partners whose clicks led to an order that a code's owner took: each keeps an assist, of nothing. */
function assists({ candidates }: Verdict, allocated: readonly Allocation[]): Omit<Allocation, 'termsVersion'>[] {
  const earning = new Set(allocated.map((one) => one.partnerId));
  const assisting = candidates.filter((one) => one.why === 'code_owner_wins' && !earning.has(one.partnerId));
  return [...new Set(assisting.map((one) => one.partnerId))].map((partnerId) => ({
    ...{ partnerId, shareMicros: 0, base: ZERO, amount: ZERO, reason: 'code_owner_wins' },
  }));
}

const identities = ({ programId, visitorId, names, source, hearsay }: Told, facts: Facts, at: number): Change[] =>
  seenWith({
    ...{ programId, visitorId, at },
    names,
    known: facts.customers,
    ties: source === 'server',
    proven: !hearsay,
  }).changes;

async function journeyOf(deps: Deps, { told, facts }: Occasion, occurredAt: number): Promise<Journey> {
  const { source, visitorId, items } = told;
  const { claimed, standing, policies } = facts;
  const proven = new Map(facts.reached.map((one) => [one.visitorId, one.proven]));
  const touches: Touch[] = [
    ...(claimed
      ? [{ ...claimed, clickKey: claimed.key, label: 'click_id', landed: false, proven: true } as const]
      : []),
    ...facts.touches.map((touch): Touch => {
      const own = touch.visitorId === visitorId;
      return {
        ...touch,
        label: own ? 'visitor' : 'joined',
        landed: true,
        proven: own || (proven.get(touch.visitorId) ?? false),
      };
    }),
  ];
  return {
    occurredAt,
    channelAt: told.channelAt,
    touches,
    ...standing,
    // A page is not told by its answer whom a person is bound to: the lock waits for the server's word.
    lock: source === 'server' ? held(facts.locks, facts) : null,
    policies,
    codes: told.codes,
    lineCodes: items.length > 0 ? items.map((item) => item.code) : [null],
    knownCodes: facts.codes,
    forced: facts.forced?.partnerId ?? null,
    renews: facts.renewed?.allocations ?? null,
    selfReferrers: await selfReferrers(deps, told.programId, facts),
  };
}

/** Partners of whom a person signs in by an address that is the customer's. */
async function selfReferrers(
  deps: Deps,
  programId: ProgramId,
  { standing, customerId, owners, policies }: Facts,
): Promise<PartnerId[]> {
  if (!customerId || policies.every((one) => one.selfReferral === 'allow')) return [];
  const found = await Promise.all(
    standing.members.map(async ({ partnerId, email }) => {
      const names = await customerNames({ email }, programId, deps.secrets.hashKeys);
      return hashesOf(names).some((hash) => owners.get(hash) === customerId) ? [partnerId] : [];
    }),
  );
  return [...new Set(found.flat())];
}

/** Of a renewal the first order's versions price it; else what is in force, the partner's group's first. */
function earnings(
  { told, facts }: Occasion,
  given: { verdict: Verdict; occurredAt: number; customerType: CustomerType },
): LineShare[] {
  const { verdict, occurredAt, customerType } = given;
  const { renewed, terms, standing } = facts;
  const renews = verdict.step === 'renewal' && renewed !== null;
  const versionOf = (partner: PartnerId) =>
    renews ? renewed.allocations.find((one) => one.partnerId === partner)?.termsVersion : undefined;
  return earn({
    verdict,
    sold: {
      event: told.event,
      currency: told.currency,
      customer: customerType,
      lines: told.lines,
      goods: told.items,
      used: verdict.used,
      renewal: renews ? { firstAt: renewed.firstAt, occurredAt } : null,
    },
    termsOf: (partner) =>
      terms.find((one) => one.version === versionOf(partner)) ??
      termsAt(terms, groupAt(standing.placements, partner, occurredAt), occurredAt),
  });
}

/**
 * The merchant's word wins, and what was said once stays; else an order of this customer stands already, or this is the
 * first. A page is not told, by what its order earns, whether somebody has bought here: that waits for the server's word.
 */
function customerTypeOf({ told, facts, before, late }: Occasion): CustomerType {
  if (late && before) return before.conversion.customerType;
  if (told.customerType !== 'unknown') return told.customerType;
  if (!facts.customerId || told.source === 'browser') return 'unknown';
  const first = firstOf(facts);
  return first === null || first === before?.conversion.id ? 'new' : 'returning';
}

const firstOf = (facts: Facts): ConversionId | null => held(facts.firstOrders, facts)?.conversionId ?? null;

/** What is kept of the order's customer, or of one whom the order's names make the same. */
function held<Row extends { readonly customerId: CustomerId }>(
  rows: readonly Row[],
  { kept: { keys, known }, customerId }: Facts,
): Row | null {
  const tied = keys.map((key) => known.find((one) => one.hash === key.hash)?.customerId);
  return [customerId, ...tied].map((id) => rows.find((one) => one.customerId === id)).find(Boolean) ?? null;
}

/** A lead is no order: who has bought nothing yet is still new. Nor is a page's word, or anybody could make anybody old. */
function firstOrder({ told, facts }: Occasion, { programId, customerId, id }: ConversionRow): Change[] {
  if (!customerId || told.source === 'browser' || told.event === 'lead' || firstOf(facts) !== null) return [];
  return [{ kind: 'first_order', programId, customerId, conversionId: id }];
}

/** Only a verified order binds, and none whose click a page told of; one matched late only a customer still unbound. */
function binding(
  { binds }: Verdict,
  { lock }: Journey,
  { programId, customerId, verified, occurredAt }: ConversionRow,
  { told, late }: Occasion,
): Change[] {
  if (!binds || !customerId || !verified || told.hearsay || (late && lock)) return [];
  return [
    { kind: 'lock', programId, customerId, partnerId: binds, boundAt: occurredAt, instead: lock?.partnerId ?? null },
  ];
}

const forcing = (deps: Deps, { told }: Occasion, { conversion }: ConversionRecord): Change =>
  noted(deps, conversion.programId, {
    act: 'conversion.forced',
    subject: `conversion:${conversion.id}`,
    after: { partner: told.partner, orderId: conversion.orderId, event: conversion.event },
  });

/** What the ledger must be told: the whole of a new order, the difference of a corrected one, each in its currency. */
function postings(cause: {
  programId: ProgramId;
  conversionId: ConversionId;
  version: number;
  at: number;
  before: ConversionRecord | null;
  record: ConversionRecord;
}): Change[] {
  const { before, record, ...head } = cause;
  const currencies = new Set([before?.conversion.currency, record.conversion.currency]);
  return [...currencies].flatMap((currency) => {
    const transaction =
      currency && post({ ...head, currency, before: earned(before, currency), after: earned(record, currency) });
    return transaction ? [{ kind: 'posting' as const, transaction }] : [];
  });
}

const earned = (record: ConversionRecord | null, currency: Currency): Earned =>
  new Map(record?.conversion.currency === currency ? record.commissions.map((one) => [one.partnerId, one.amount]) : []);

/** Beside the reason, never in its place. */
const notes = (told: Told, facts: Facts): string[] => [
  ...(told.unproven || (told.clickId !== null && !facts.claimed) ? ['click_id_invalid'] : []),
  ...(told.source === 'server' && told.hearsay ? ['told_by_page'] : []),
];

const EARNED: readonly Why[] = ['won', 'shared', 'code_owner'];

/** The browsers of the clicks that earned, where only a browser's word led to them. */
function unprovenBrowsers(candidates: readonly Candidate[], { touches }: Facts) {
  const earned = candidates.filter((one) => one.label === 'joined' && EARNED.includes(one.why));
  const clicks = new Set(earned.map((one) => one.clickKey));
  return [...new Set(touches.filter((one) => clicks.has(one.clickKey)).map((one) => one.visitorId))];
}

function namesOf(enrollments: readonly EnrolledPartner[], partnerId: PartnerId): { partner: string; name: string } {
  const found = enrollments.find((one) => one.partnerId === partnerId);
  return { partner: found?.slug ?? partnerId, name: found?.name ?? '' };
}
