/** What an order says, understood before anything is read: its worth, its person, its one spelling. */
import { normalizeDiscountCode } from '../core/attribution.ts';
import { type CustomerType, type Item, type Line, lineBases, totalBase } from '../core/commission.ts';
import type { CustomerId, ProgramId, VisitorId } from '../core/id.ts';
import { type CustomerClaim, type CustomerKey, type CustomerName, customerNames } from '../core/identity.ts';
import { type Currency, type Minor, ZERO } from '../core/money.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { ConversionRow, Deps, Source } from '../deps.ts';

/** Anybody may post with the publishable key: no order of a shopper is worth more. */
const MAX_BROWSER_BASE = 1_000_000_000;

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
    customer: CustomerClaim & { readonly type?: 'new' | 'returning' | undefined };
    /** Who is credited whatever happened before: a privileged call's word. */
    partner: string;
    /** The first order of a subscription, by its order id or its conversion's. */
    renewalOf: string;
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
    Optional<{ sku: string; name: string; category: string; discount: Minor; tax: Minor; code: string }>)[];
  readonly taxIncluded: boolean;
  readonly codes: readonly string[];
}

/** A line as it was sold, with the code that was used for it. */
export interface SoldItem extends Item {
  readonly code: string | null;
}

export interface Told {
  readonly programId: ProgramId;
  readonly source: Source;
  readonly orderId: string;
  readonly event: string;
  readonly currency: Currency;
  readonly items: readonly SoldItem[];
  readonly lines: readonly Line[];
  readonly codes: readonly string[];
  readonly clickId: string | null;
  /** The server named a click by a token that proves none. */
  readonly unproven: boolean;
  readonly visitorId: VisitorId | null;
  readonly names: readonly CustomerName[];
  /** Known from before, where no key says so. */
  readonly customerId: CustomerId | null;
  readonly customerType: CustomerType;
  readonly partner: string | null;
  readonly renewalOf: string | null;
  readonly occurredAt: number | null;
  readonly channelAt: number | null;
  /** Nothing of the visitor may be read or kept, from whomever it was learned. */
  readonly denied: boolean;
  /** Credit would rest on what a browser said, which anybody can say. */
  readonly hearsay: boolean;
  /** The call in one spelling, without an address in clear, its names by their current hashes. */
  readonly body: string;
}

export async function understand(
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
    code: item.code === undefined ? null : normalizeDiscountCode(item.code),
  }));
  const { discount = ZERO, tax = ZERO, shipping = ZERO } = call;
  const lines = lineBases({ items, amount: call.amount ?? null, discount, tax, taxIncluded: call.taxIncluded });
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
  const { type: customerType, ...claim } = call.customer ?? {};
  const names = await customerNames(denied ? {} : claim, programId, deps.secrets.hashKeys);
  const customer = names.map(({ kind, hashes: [hash] }) => ({ kind, hash }));
  const codes = call.codes.map(normalizeDiscountCode);
  // A page names neither its visitor nor always the same customer: a reload or a retry is no contradiction.
  const person = source === 'server' ? { visitorId, customer } : {};
  const { consent: _consent, visitorId: _visitor, customer: _customer, ...rest } = call;
  const spelled = items.map(({ code, ...item }) => (code === null ? item : { ...item, code }));
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
    names,
    customerId: null,
    customerType: customerType ?? 'unknown',
    partner: call.partner ?? null,
    renewalOf: call.renewalOf ?? null,
    occurredAt: call.occurredAt ?? null,
    channelAt: call.channelAt ?? null,
    denied,
    hearsay: source === 'browser',
    body: canonical({ ...rest, items: spelled, codes, customerType, discount, tax, shipping, denied, ...person }),
  });
}

/**
 * An order as it is kept, its names by the hashes they were first known by: what tells a repeat from a contradiction, also
 * of an order that was told before the key of the hashes was changed.
 */
export const bodyOf = ({ body, names }: Pick<Told, 'body' | 'names'>, customer: readonly CustomerKey[]): string =>
  names.reduce((text, { hashes: [now] }, index) => text.replaceAll(now, customer[index]?.hash ?? now), body);

/** What a stored order said of what it is worth and how it came about; its person and its time stand beside. */
export type Saying = Pick<Told, 'items' | 'codes' | 'clickId' | 'channelAt'> & {
  readonly customer: readonly CustomerKey[];
};

export function sayingOf({ body }: Pick<ConversionRow, 'body'>): Saying {
  const said = JSON.parse(body) as Partial<Saying>;
  const { items = [], codes = [], clickId = null, channelAt = null, customer = [] } = said;
  return { items: items.map((item) => ({ ...item, code: item.code ?? null })), codes, clickId, channelAt, customer };
}

/** A stored order as it was told, to be judged once more. */
export function toldAgain(row: ConversionRow): Told {
  const {
    programId,
    source,
    orderId,
    event,
    currency,
    visitorId,
    customerId,
    customerType,
    occurredAt,
    body,
    explanation,
  } = row;
  const { customer, ...saying } = sayingOf(row);
  return {
    ...{ programId, source, orderId, event, currency, visitorId, customerId, customerType, occurredAt, body },
    ...saying,
    names: customer.map(({ kind, hash }) => ({ kind, hashes: [hash] })),
    lines: explanation.bases.map((base, line) => ({ line, base })),
    unproven: explanation.notes.includes('click_id_invalid'),
    partner: null,
    renewalOf: null,
    denied: false,
    hearsay: source === 'browser' || explanation.notes.includes('told_by_page'),
  };
}

/** JSON with sorted fields and without absent ones, so that equal calls are equal texts. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_name, field) =>
    field && typeof field === 'object' && !Array.isArray(field)
      ? Object.fromEntries(Object.entries(field).sort(([a], [b]) => (a < b ? -1 : 1)))
      : field,
  );
