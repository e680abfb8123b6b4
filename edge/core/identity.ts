/**
 * Who a customer is: by the shop's own id, by e-mail hash, or both. Kept only as HMAC under a key of the program, so a
 * stolen database names nobody and two programs cannot be joined.
 */
import type { CustomerId, ProgramId, VisitorId } from './id.ts';
import { type KeyRing, numbersOf } from './key-ring.ts';

/** What a call may say about the person who bought. A raw e-mail comes from servers only; it is hashed and dropped. */
export interface CustomerClaim {
  readonly id?: string | undefined;
  readonly email?: string | undefined;
  /** SHA-256 of the trimmed, lower-cased address, 64 hex digits. */
  readonly emailSha256?: string | undefined;
}

export type CustomerKeyKind = 'id' | 'email';

/** A name as it is kept: an HMAC. */
export interface CustomerKey {
  readonly kind: CustomerKeyKind;
  readonly hash: string;
}

/** A name under each key of the ring, the current one first. */
export interface CustomerName {
  readonly kind: CustomerKeyKind;
  readonly hashes: readonly [current: string, ...older: string[]];
}

/** The names that a claim gives, the shop's own id first: where two disagree, it decides. */
export async function customerNames(
  claim: CustomerClaim,
  programId: ProgramId,
  ring: KeyRing,
): Promise<CustomerName[]> {
  const emailSha256 = claim.emailSha256?.toLowerCase() ?? (claim.email ? await emailHash(claim.email) : undefined);
  const named: [CustomerKeyKind, string | undefined][] = [
    ['id', claim.id],
    ['email', emailSha256],
  ];
  return Promise.all(
    named
      .filter((pair): pair is [CustomerKeyKind, string] => pair[1] !== undefined)
      .map(async ([kind, value]): Promise<CustomerName> => {
        const [current, ...older] = await hmacs(ring, `${programId}:${kind}:${value}`);
        if (current === undefined) throw new RangeError('no key to hash names with');
        return { kind, hashes: [current, ...older] };
      }),
  );
}

/** Every hash of these names, to ask what is known of them. */
export const hashesOf = (names: readonly CustomerName[]): string[] => names.flatMap((one) => one.hashes);

/** A key that is already somebody's. */
export interface KnownCustomer {
  readonly hash: string;
  readonly customerId: CustomerId;
  /** The hash that this name was first known by, where this one came later, with another key; null: it is the first. */
  readonly first?: string | null;
}

export type IdentityChange =
  /** `ties`: keys that were another customer's move to this one. */
  | { kind: 'customer'; programId: ProgramId; customerId: CustomerId; keys: readonly CustomerKey[]; ties: boolean }
  /** A name gets one more hash, and is from then on whoever's its first hash is. */
  | { kind: 'rehashed'; programId: ProgramId; key: CustomerKey; first: string }
  | { kind: 'identity'; programId: ProgramId; visitorId: VisitorId; hash: string; at: number; proven: boolean };

/** Names as they are kept, with what is known of them. */
export interface Kept {
  /** Each name by the hash it was first known by; a new one by that of the current key. */
  readonly keys: readonly CustomerKey[];
  /** Whose the keys are; of one name all hashes are one customer's. */
  readonly known: readonly KnownCustomer[];
}

/**
 * Names were hashed with the keys that were current when they were first told, and that hash stays what everything seen of
 * them is kept by. Where a later key's hash is known, it leads there.
 */
export function keptAs(names: readonly CustomerName[], rows: readonly KnownCustomer[]): Kept {
  const theirs = new Map(rows.map((row) => [row.hash, row]));
  const known = new Map(rows.map((row) => [row.hash, row]));
  const keys = names.map(({ kind, hashes }): CustomerKey => {
    const found = hashes.flatMap((hash) => theirs.get(hash) ?? []);
    const oldest = found.at(-1);
    if (!oldest) return { kind, hash: hashes[0] };
    const hash = oldest.first ?? oldest.hash;
    const { customerId } = theirs.get(hash) ?? oldest;
    for (const one of found) known.set(one.hash, { ...one, customerId });
    known.set(hash, { hash, customerId, first: null });
    return { kind, hash };
  });
  return { keys, known: [...known.values()] };
}

/**
 * The customer behind the names of one claim, and what is to be written so that it is known again, in this browser too
 * when one is named. The first name that is known decides; where none is, the first makes the customer, so that two calls
 * at once make the same one.
 *
 * A server's word `ties` the names it gives into one customer; a browser's does not: each name stands alone. `proven`
 * says whether the server itself named this visitor beside them. What is seen is kept by key, since a later tie moves
 * keys from one customer to another.
 */
export function seenWith(claim: {
  programId: ProgramId;
  visitorId: VisitorId | null;
  names: readonly CustomerName[];
  known: readonly KnownCustomer[];
  at: number;
  ties: boolean;
  proven: boolean;
}): { customerId: CustomerId | null; changes: IdentityChange[] } {
  const { programId, visitorId, names, known: rows, at, ties, proven } = claim;
  const { keys, known } = keptAs(names, rows);
  const theirs = new Map(known.map((one) => [one.hash, one.customerId]));
  const claims = ties ? [keys] : keys.map((key) => [key]);
  const customers = claims.flatMap((tied): IdentityChange[] => {
    const customerId = customerOf(tied, known);
    const fresh = tied.filter((key) => (ties ? theirs.get(key.hash) !== customerId : !theirs.has(key.hash)));
    return customerId && fresh.length > 0 ? [{ kind: 'customer', programId, customerId, keys: fresh, ties }] : [];
  });
  const seen = visitorId
    ? keys.map(({ hash }): IdentityChange => ({ kind: 'identity', programId, visitorId, hash, at, proven }))
    : [];
  const moved = customers.flatMap((one) =>
    one.kind === 'customer' ? one.keys.map(({ hash }) => [hash, one.customerId] as const) : [],
  );
  const owners = new Map([...theirs, ...moved]);
  return {
    customerId: customerOf(keys, known),
    changes: [...customers, ...rehashed({ programId, names, keys, rows, owners }), ...seen],
  };
}

/**
 * What leads from a name's other hashes to its first: that of the current key, as soon as the name is told again, and any
 * that is not whose the first is. Where two machines each made a customer of one new name, while a key was being put in,
 * the two hashes become one name's, and what the later customer had comes along.
 */
function rehashed(given: {
  programId: ProgramId;
  names: readonly CustomerName[];
  keys: readonly CustomerKey[];
  rows: readonly KnownCustomer[];
  /** Whose the names are, once all is written. */
  owners: Owners;
}): IdentityChange[] {
  const { programId, names, keys, rows, owners } = given;
  return names.flatMap(({ kind, hashes }, index) => {
    const first = keys[index]?.hash ?? hashes[0];
    const customerId = owners.get(first);
    return hashes.flatMap((hash, age): IdentityChange[] => {
      const row = rows.find((one) => one.hash === hash);
      const key = { kind, hash };
      const leads: IdentityChange = { kind: 'rehashed', programId, key, first };
      if (hash === first || !customerId) return [];
      if (!row) return age === 0 ? [leads] : [];
      if (row.first === first) return row.customerId === customerId ? [] : [leads];
      return [{ kind: 'customer', programId, customerId, keys: [key], ties: true }, leads];
    });
  });
}

/** Who the keys of a claim name, once those of a server are tied. */
export function customerOf(keys: readonly CustomerKey[], known: readonly KnownCustomer[]): CustomerId | null {
  const found = keys.map((key) => known.find((one) => one.hash === key.hash)).find((one) => one !== undefined);
  return found?.customerId ?? (keys[0] ? (keys[0].hash.slice(0, 32) as CustomerId) : null);
}

/** Somebody known by this key was last seen in this browser then. */
export interface Edge {
  readonly hash: string;
  readonly visitorId: VisitorId;
  readonly lastAt: number;
  /** A server said so. */
  readonly proven: boolean;
}

/** Somebody known by this key used this browser at this moment. */
export interface Identification {
  readonly visitorId: VisitorId;
  readonly hash: string;
  readonly at: number;
}

/** Another browser of an order's customer, and the times at which it was this customer's: from ≤ time < until. */
export interface Reached {
  readonly visitorId: VisitorId;
  readonly proven: boolean;
  readonly spans: readonly { readonly from: number; readonly until: number }[];
}

/** A customer keeps this many browsers, the newest. */
const MAX_VISITORS = 20;

/** Whose the keys are: of known customers, and (`tied`) of the order's own. */
export type Owners = ReadonlyMap<string, CustomerId>;

/** A customer's times on a browser: from ever for the first one seen there, until another is seen without this one. */
export function spansOn(
  identifications: readonly Identification[],
  owners: Owners,
  customerId: CustomerId,
): Reached['spans'] {
  const byTime = new Map<number, Set<CustomerId | undefined>>();
  for (const { at, hash } of identifications) {
    byTime.set(at, (byTime.get(at) ?? new Set()).add(owners.get(hash)));
  }
  const times = [...byTime.keys()].sort((a, b) => a - b);
  const spans: { from: number; until: number }[] = [];
  let open: number | null = null;
  times.forEach((at, index) => {
    const here = byTime.get(at)?.has(customerId) ?? false;
    if (here && open === null) open = index === 0 ? -Infinity : at;
    if (!here && open !== null) {
      spans.push({ from: open, until: at });
      open = null;
    }
  });
  return open === null ? spans : [...spans, { from: open, until: Infinity }];
}

/** Who used a browser at a moment, as far as it is known; of several at once the first by name. */
export function userOf(identifications: readonly Identification[], owners: Owners, at: number): CustomerId | null {
  const customers = [...new Set(identifications.map((one) => owners.get(one.hash)))].filter((one) => one !== undefined);
  const users = customers.filter((one) =>
    spansOn(identifications, owners, one).some(({ from, until }) => from <= at && at < until),
  );
  return users.sort()[0] ?? null;
}

/**
 * The other browsers of a customer: its newest twenty, proven ones first. `named`: a server said who the customer is;
 * else only a browser's word leads from the order to the customer, and so to all of them.
 */
export function reach(given: {
  customerId: CustomerId;
  named: boolean;
  own: VisitorId | null;
  owners: Owners;
  edges: readonly Edge[];
  identifications: readonly Identification[];
}): Reached[] {
  const { customerId, named, own, owners, edges, identifications } = given;
  const browsers = new Map<VisitorId, { visitorId: VisitorId; lastAt: number; proven: boolean }>();
  for (const { hash, visitorId, lastAt, proven } of edges) {
    if (owners.get(hash) !== customerId) continue;
    const known = browsers.get(visitorId);
    const newest = Math.max(lastAt, known?.lastAt ?? lastAt);
    browsers.set(visitorId, { visitorId, lastAt: newest, proven: proven || (known?.proven ?? false) });
  }
  const sure = named || (own !== null && (browsers.get(own)?.proven ?? false));
  return [...browsers.values()]
    .sort((a, b) => Number(b.proven) - Number(a.proven) || b.lastAt - a.lastAt || (a.visitorId < b.visitorId ? -1 : 1))
    .slice(0, MAX_VISITORS)
    .filter((one) => one.visitorId !== own)
    .map(({ visitorId, proven }) => ({
      visitorId,
      proven: proven && sure,
      spans: spansOn(
        identifications.filter((one) => one.visitorId === visitorId),
        owners,
        customerId,
      ),
    }));
}

/** SHA-256 of the trimmed, lower-cased address in hex, as the SDK computes it in the browser. */
export async function emailHash(email: string): Promise<string> {
  return hex(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(email.trim().toLowerCase())));
}

/** SHA-256 in hex of an API key: what is stored of it. */
export async function keyHash(key: string): Promise<string> {
  return hex(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key)));
}

/** Under each key of the ring, the current one first. */
function hmacs(ring: KeyRing, text: string): Promise<string[]> {
  const bytes = new TextEncoder().encode(text);
  const keys = numbersOf(ring).flatMap((number) => ring.keys.get(number) ?? []);
  return Promise.all(keys.map(async (key) => hex(await crypto.subtle.sign('HMAC', key, bytes))));
}

const hex = (bytes: ArrayBuffer): string =>
  [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
