/**
 * An order or a lead arrives: one order once, whatever is doubled or concurrent.
 */
import { attribute, DAY_MS, inForce, type Touch } from '../core/attribution.ts';
import {
  earn,
  heldUntil,
  type Item,
  type Line,
  lineBases,
  lineNames,
  totalBase,
  totalCommission,
} from '../core/commission.ts';
import { type ConversionId, makeId, type PartnerId, type ProgramId, type VisitorId } from '../core/id.ts';
import { type CustomerClaim, type CustomerKey, customerKeys, seenWith } from '../core/identity.ts';
import { type Earned, post } from '../core/ledger.ts';
import { type Currency, type Minor, ZERO } from '../core/money.ts';
import { err, ok, type Result } from '../core/result.ts';
import { type Click, verify } from '../core/token.ts';
import type {
  Change,
  CommissionRow,
  ConversionRecord,
  ConversionRow,
  Deps,
  OrderContext,
  Seal,
  Source,
} from '../deps.ts';
import { bare } from './track.ts';

const OLDEST_DAYS = 90;
const OLDEST_MS = OLDEST_DAYS * DAY_MS;
const AHEAD_MINUTES = 10;
const AHEAD_MS = AHEAD_MINUTES * 60_000;
/** A server's word outranks a browser's. */
const RANK: Record<Source, number> = { browser: 0, server: 1 };
/** Anybody may post with the publishable key: no order of a shopper is worth more. */
const MAX_BROWSER_BASE = 1_000_000_000;
const MAX_TRIES = 4;

type Optional<Shape> = { readonly [Field in keyof Shape]?: Shape[Field] | undefined };

/** An order as a caller tells it, its shape already checked. */
export interface OrderCall
  extends Optional<{
    amount: Minor;
    discount: Minor;
    tax: Minor;
    shipping: Minor;
    clickId: string;
    visitorId: string;
    customer: CustomerClaim;
    consent: 'granted' | 'denied';
    occurredAt: number;
    /** Another paid channel that also claims the order, and when it was clicked. */
    channel: string;
    channelAt: number;
    metadata: Record<string, string | number | boolean | null>;
  }> {
  readonly orderId: string;
  readonly event: string;
  readonly currency: Currency;
  readonly items: readonly (Pick<Item, 'kind' | 'quantity' | 'price'> &
    Optional<{ sku: string; name: string; category: string; discount: Minor; tax: Minor }>)[];
  readonly taxIncluded: boolean;
  readonly codes: readonly string[];
}

export interface Converted {
  readonly record: ConversionRecord;
  readonly outcome: 'created' | 'duplicate' | 'corrected';
}

/** What was understood of a call, before anything is read. */
interface Told {
  readonly programId: ProgramId;
  readonly source: Source;
  readonly orderId: string;
  readonly event: string;
  readonly currency: Currency;
  readonly items: readonly Item[];
  readonly lines: readonly Line[];
  readonly codes: readonly string[];
  readonly clickId: string | null;
  /** The server named a click by a token that proves none. */
  readonly unproven: boolean;
  readonly visitorId: VisitorId | null;
  readonly customer: readonly CustomerKey[];
  readonly occurredAt: number | null;
  readonly channelAt: number | null;
  /** Nothing of the visitor may be read or kept, from whomever it was learned. */
  readonly denied: boolean;
  /** Credit would rest on what a browser said, which anybody can say. */
  readonly hearsay: boolean;
  /** The call in one spelling, without an address in clear: what tells a repeat from a contradiction. */
  readonly body: string;
}

/**
 * Records an order.
 *
 * 1. understand it: what it is worth, whose it is
 * 2. read what decides
 * 3. an order already told is answered from what stands; a higher-ranked voice corrects it
 * 4. core decides; order, commissions and the ledger's posting are committed in one batch
 * 5. if somebody else was first, the batch is refused whole: again from 2
 */
export async function convert(
  deps: Deps,
  given: { programId: ProgramId; call: OrderCall; source: Source; seal?: Seal<Converted> },
): Promise<Result<Converted>> {
  const understood = await understand(deps, given);
  if (!understood.ok) return understood;
  const told = understood.value;

  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const now = deps.now();
    const facts = await read(deps, told);
    const { existing } = facts;
    if (!existing) {
      const badTime = timeFlaw(told.occurredAt, now, facts.mode);
      if (badTime) return badTime;
      const { record, changes } = decide(deps, { told, facts, before: null, now });
      const made: Converted = { record, outcome: 'created' };
      const commit = deps.store.commit([...changes, ...((await given.seal?.(made)) ?? [])]);
      const [committed] = await Promise.all([commit, repair(deps, facts.claimed)]);
      if (committed === 'done') return ok(made);
      continue;
    }

    const before = await deps.store.conversion(told.programId, { id: existing.id });
    if (!before) throw new Error(`conversion ${existing.id} is gone`);
    const contradicts = told.source === existing.source && told.body !== existing.body;
    if (contradicts) return conflict(existing);
    if (RANK[told.source] <= RANK[existing.source]) return ok({ record: before, outcome: 'duplicate' });
    if (before.commissions.some((one) => one.status !== 'pending')) return conflict(existing);
    const badTime = timeFlaw(told.occurredAt, now, facts.mode);
    if (badTime) return badTime;
    const merged = merge(told, facts.claimed, existing);
    const { record, changes } = decide(deps, { told: merged, facts: await read(deps, merged), before, now });
    const made: Converted = { record, outcome: 'corrected' };
    const commit = deps.store.commit([...changes, ...((await given.seal?.(made)) ?? [])]);
    const [committed] = await Promise.all([commit, repair(deps, facts.claimed)]);
    if (committed === 'done') return ok(made);
  }
  throw new Error(`order ${told.orderId} kept moving`);
}

/** A lead is a conversion of amount 0 in the program's currency; without an order id there is one per customer. */
export async function lead(
  deps: Deps,
  given: { programId: ProgramId; customer: CustomerClaim; orderId: string | undefined; visitorId: string },
): Promise<Result<Converted>> {
  const { programId, customer, visitorId } = given;
  const [program, [key]] = await Promise.all([
    deps.store.program(programId),
    customerKeys(customer, programId, deps.secrets.hashKey),
  ]);
  if (!program) throw new Error(`program ${programId} is gone`);
  const orderId = given.orderId ?? `lead-${key?.hash.slice(0, 32)}`;
  const call = { orderId, event: 'lead', currency: program.currency, amount: ZERO, customer, visitorId };
  return convert(deps, { programId, source: 'browser', call: { ...call, items: [], codes: [], taxIncluded: false } });
}

async function understand(
  deps: Deps,
  { programId, call, source }: { programId: ProgramId; call: OrderCall; source: Source },
): Promise<Result<Told>> {
  const items = call.items.map((item) => ({
    sku: item.sku ?? null,
    name: item.name ?? null,
    category: item.category ?? null,
    kind: item.kind,
    quantity: item.quantity,
    price: item.price,
    discount: item.discount ?? ZERO,
    tax: item.tax ?? null,
  }));
  const lines = lineBases({
    items,
    amount: call.amount ?? null,
    discount: call.discount ?? ZERO,
    tax: call.tax ?? ZERO,
    taxIncluded: call.taxIncluded,
  });
  if (!lines.ok) return lines;
  if (source === 'browser' && totalBase(lines.value) > MAX_BROWSER_BASE) {
    return err({
      code: 'invalid',
      errors: [{ pointer: '/amount', detail: `at most ${MAX_BROWSER_BASE} from a page` }],
    });
  }
  // Without consent nothing about the visitor is read or kept; a click id the shop passes on still counts.
  const denied = call.consent === 'denied';
  const visitorId = denied ? null : ((call.visitorId ?? null) as VisitorId | null);
  const customer = await customerKeys((!denied && call.customer) || {}, programId, deps.secrets.hashKey);
  const codes = call.codes.map((code) => code.normalize('NFKC').trim().toUpperCase());
  // A page names neither its visitor nor always the same customer: a reload or a retry is no contradiction.
  const person = source === 'server' ? { visitorId, customer } : {};
  const { discount = ZERO, tax = ZERO, shipping = ZERO } = call;
  const { consent: _consent, visitorId: _visitor, customer: _customer, ...rest } = call;
  return ok({
    programId,
    source,
    orderId: call.orderId,
    event: call.event,
    currency: call.currency,
    items,
    lines: lines.value,
    codes,
    clickId: call.clickId ?? null,
    unproven: false,
    visitorId,
    customer,
    occurredAt: call.occurredAt ?? null,
    channelAt: call.channelAt ?? null,
    denied,
    hearsay: source === 'browser',
    body: canonical({ ...rest, items, codes, discount, tax, shipping, denied, ...person }),
  });
}

type Facts = OrderContext & { readonly claimed: Click | null };

/** One round trip. A bad or foreign token is nobody's click: the order stands without it. */
async function read(deps: Deps, told: Told): Promise<Facts> {
  const proven = told.clickId ? await verify(told.clickId, deps.secrets.tokenKeys) : null;
  const claimed = proven?.programId === told.programId ? proven : null;
  const context = await deps.store.orderContext({
    programId: told.programId,
    event: told.event,
    orderId: told.orderId,
    visitorId: told.visitorId,
    partnerIds: claimed ? [claimed.partnerId] : [],
    customerKeys: told.customer,
  });
  return { ...context, claimed };
}

/**
 * The server's word, and what it left open as the page told it. A server that names the click or the visitor has said
 * who came: then nothing of the page's story counts, since anybody can tell one in advance for an order number that
 * is easy to guess. What does rest on the page is marked as hearsay: a note beside the reason, and no proof of who the
 * customer is. A token that proves nothing names no click. A customer the server names is dated by the server too.
 */
function merge(told: Told, claimed: Click | null, existing: ConversionRow): Told {
  if (claimed || told.visitorId !== null || told.denied) return told;
  const earlier = JSON.parse(existing.body) as { clickId?: string };
  return {
    ...told,
    clickId: earlier.clickId ?? null,
    unproven: told.clickId !== null,
    visitorId: existing.visitorId,
    occurredAt: told.occurredAt ?? (told.customer.length > 0 ? null : existing.occurredAt),
    hearsay: true,
  };
}

/** Puts core's answers together: the record as it will stand, and the changes that make it so. */
function decide(
  deps: Deps,
  given: { told: Told; facts: Facts; before: ConversionRecord | null; now: number },
): { record: ConversionRecord; changes: Change[] } {
  const { told, facts, before, now } = given;
  const { programId, lines } = told;
  const receivedAt = before?.conversion.receivedAt ?? now;
  const occurredAt = told.occurredAt ?? now;
  const { customerId, changes: identities } = seenWith({
    programId,
    visitorId: told.visitorId,
    keys: told.customer,
    known: facts.customers,
    at: now,
    ties: told.source === 'server',
    proven: !told.hearsay,
  });
  // A page is not told by its answer whom a person is bound to: the lock waits for the server's word.
  const lock = told.source === 'server' ? (facts.locks.find((one) => one.customerId === customerId) ?? null) : null;
  const { enrollments, policies } = facts;
  const { channelAt } = told;
  const verdict = attribute({
    occurredAt,
    channelAt,
    touches: touchesOf(facts),
    enrollments,
    lock,
    policies,
    overrides: [],
    placements: [],
    codes: [],
    lineCodes: [],
    knownCodes: [],
    forced: null,
    renews: null,
    selfReferrers: [],
  });
  const policy =
    facts.policies.find((one) => one.version === verdict.policyVersion) ?? inForce(facts.policies, occurredAt);
  const terms = inForce(facts.terms, occurredAt);
  const parts = earn({
    sold: {
      event: told.event,
      currency: told.currency,
      customer: 'unknown',
      lines,
      goods: told.items,
      used: [],
      renewal: null,
    },
    verdict,
    termsOf: () => terms,
  });
  const id = before?.conversion.id ?? makeId<'conversion'>(now, deps.random(10));
  const version = (before?.conversion.version ?? 0) + 1;
  const conversion: ConversionRow = {
    programId,
    id,
    event: told.event,
    orderId: told.orderId,
    version,
    source: told.source,
    verified: told.source === 'server',
    currency: told.currency,
    base: totalBase(lines),
    occurredAt,
    receivedAt,
    visitorId: told.visitorId,
    customerId,
    reason: verdict.reason,
    model: verdict.model,
    policyVersion: verdict.policyVersion,
    termsVersion: terms.version,
    customerType: 'unknown',
    renewalOf: null,
    explanation: {
      step: verdict.step,
      candidates: verdict.candidates,
      bases: lines.map((one) => one.base),
      notes: notes(told, facts),
    },
    body: told.body,
  };
  const commissions: CommissionRow[] = verdict.shares.map(({ partnerId, shareMicros }) => ({
    programId,
    partnerId,
    ...namesOf(facts.enrollments, partnerId),
    conversionId: id,
    shareMicros,
    base: totalBase(parts.filter((one) => one.partnerId === partnerId)),
    amount: totalCommission(parts, partnerId),
    currency: told.currency,
    status: 'pending',
    heldUntil: heldUntil({ occurredAt, receivedAt }, policy.holdDays),
    occurredAt,
    reason: null,
  }));
  const allocations = parts.map(({ reason: _reason, ...part }) => ({ programId, conversionId: id, ...part }));
  const items = told.items.map((item, line) => ({
    programId,
    conversionId: id,
    line,
    ...item,
    base: lines[line]?.base ?? ZERO,
  }));
  const record = { conversion, allocations, commissions, lines: lineNames(items) };
  return {
    record,
    changes: [
      ...identities,
      { kind: 'conversion', record: { ...record, items }, replaces: before?.conversion.version ?? null },
      // Only a verified order binds, and none whose click a page told of.
      ...(verdict.binds && customerId && conversion.verified && !told.hearsay
        ? [
            {
              kind: 'lock',
              programId,
              customerId,
              partnerId: verdict.binds,
              boundAt: occurredAt,
              instead: lock?.partnerId ?? null,
            } as const,
          ]
        : []),
      ...postings({ programId, conversionId: id, version, at: now, before, record }),
    ],
  };
}

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

/** The click the caller names, and what the visitor has touched: landings, all of them. */
const touchesOf = ({ claimed, touches }: Facts): Touch[] => [
  ...(claimed ? [{ ...claimed, clickKey: claimed.key, label: 'click_id', landed: false, proven: true } as const] : []),
  ...touches.map((touch) => ({ ...touch, label: 'visitor', landed: true, proven: true }) as const),
];

/** Beside the reason, never in its place. No code can be owned yet, so every code is unknown. */
const notes = (told: Told, facts: Facts): string[] => [
  ...(told.unproven || (told.clickId !== null && !facts.claimed) ? ['click_id_invalid'] : []),
  ...(told.source === 'server' && told.hearsay ? ['told_by_page'] : []),
  ...told.codes.map((code) => `code_unknown: ${code}`),
];

function namesOf(enrollments: OrderContext['enrollments'], partnerId: PartnerId): { partner: string; name: string } {
  const found = enrollments.find((one) => one.partnerId === partnerId);
  return { partner: found?.slug ?? partnerId, name: found?.name ?? '' };
}

/** A click whose row was lost is repaired for the reports; the order does not wait on it succeeding. */
const repair = async (deps: Deps, click: Click | null): Promise<void> => {
  if (click) await deps.clicks.record([bare(click)]).catch(() => undefined);
};

function timeFlaw(occurredAt: number | null, now: number, mode: OrderContext['mode']) {
  const refuse = (detail: string) => err({ code: 'invalid', errors: [{ pointer: '/occurredAt', detail }] });
  if (occurredAt === null) return null;
  if (occurredAt > now + AHEAD_MS) return refuse(`at most ${AHEAD_MINUTES} minutes ahead of now`);
  if (mode === 'live' && occurredAt < now - OLDEST_MS) return refuse(`at most ${OLDEST_DAYS} days ago`);
  return null;
}

const conflict = ({ event, orderId }: ConversionRow) => err({ code: 'order_conflict', event, orderId });

/** JSON with sorted fields and without absent ones, so that equal calls are equal texts. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_name, field) =>
    field && typeof field === 'object' && !Array.isArray(field)
      ? Object.fromEntries(Object.entries(field).sort(([a], [b]) => (a < b ? -1 : 1)))
      : field,
  );
