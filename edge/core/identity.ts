/**
 * Who a customer is: by the shop's own id, by e-mail hash, or both. Kept only as HMAC under a key of the program, so a
 * stolen database names nobody and two programs cannot be joined.
 */
import type { CustomerId, ProgramId, VisitorId } from './id.ts';

/** What a call may say about the person who bought. A raw e-mail comes from servers only; it is hashed and dropped. */
export interface CustomerClaim {
  readonly id?: string | undefined;
  readonly email?: string | undefined;
  /** SHA-256 of the trimmed, lower-cased address, 64 hex digits. */
  readonly emailSha256?: string | undefined;
}

export type CustomerKeyKind = 'id' | 'email';

export interface CustomerKey {
  readonly kind: CustomerKeyKind;
  readonly hash: string;
}

/** The keys a claim names, the shop's own id first: where two disagree, it decides. */
export async function customerKeys(
  claim: CustomerClaim,
  programId: ProgramId,
  hashKey: CryptoKey,
): Promise<CustomerKey[]> {
  const emailSha256 = claim.emailSha256?.toLowerCase() ?? (claim.email ? await emailHash(claim.email) : undefined);
  const named: [CustomerKeyKind, string | undefined][] = [
    ['id', claim.id],
    ['email', emailSha256],
  ];
  return Promise.all(
    named
      .filter((pair): pair is [CustomerKeyKind, string] => pair[1] !== undefined)
      .map(async ([kind, value]) => ({ kind, hash: await hmac(hashKey, `${programId}:${kind}:${value}`) })),
  );
}

/** A key that is already somebody's. */
export interface KnownCustomer {
  readonly hash: string;
  readonly customerId: CustomerId;
}

export type IdentityChange =
  /** `ties`: keys that were another customer's move to this one. */
  | { kind: 'customer'; programId: ProgramId; customerId: CustomerId; keys: readonly CustomerKey[]; ties: boolean }
  | {
      kind: 'identity';
      programId: ProgramId;
      visitorId: VisitorId;
      customerId: CustomerId;
      at: number;
      proven: boolean;
    };

/**
 * The customer behind the keys of one claim, and what is to be written so that it is known again, in this browser too
 * when one is named. The first key that is known decides; where none is, the first key makes the customer, so that two
 * calls at once make the same one.
 *
 * A server's word `ties` the names it gives into one customer; a browser's does not: each name stands alone. `proven`
 * says whether the server itself named this visitor beside them.
 */
export function seenWith(claim: {
  programId: ProgramId;
  visitorId: VisitorId | null;
  keys: readonly CustomerKey[];
  known: readonly KnownCustomer[];
  at: number;
  ties: boolean;
  proven: boolean;
}): { customerId: CustomerId | null; changes: IdentityChange[] } {
  const { keys, ties, ...seen } = claim;
  const claims = ties ? [keys] : keys.map((key) => [key]);
  return {
    customerId: customerOf(keys, claim.known),
    changes: claims.flatMap((tied) => tie(tied, { ...seen, ties })),
  };
}

function customerOf(keys: readonly CustomerKey[], known: readonly KnownCustomer[]): CustomerId | null {
  const found = keys.map((key) => known.find((one) => one.hash === key.hash)).find((one) => one !== undefined);
  return found?.customerId ?? (keys[0] ? (keys[0].hash.slice(0, 32) as CustomerId) : null);
}

function tie(
  keys: readonly CustomerKey[],
  seen: {
    programId: ProgramId;
    visitorId: VisitorId | null;
    known: readonly KnownCustomer[];
    at: number;
    ties: boolean;
    proven: boolean;
  },
): IdentityChange[] {
  const { programId, visitorId, known, at, ties, proven } = seen;
  const customerId = customerOf(keys, known);
  if (!customerId) return [];
  const theirs = new Map(known.map((one) => [one.hash, one.customerId]));
  const fresh = keys.filter((key) => (ties ? theirs.get(key.hash) !== customerId : !theirs.has(key.hash)));
  return [
    ...(fresh.length > 0 ? [{ kind: 'customer', programId, customerId, keys: fresh, ties } as const] : []),
    ...(visitorId ? [{ kind: 'identity', programId, visitorId, customerId, at, proven } as const] : []),
  ];
}

/** SHA-256 of the trimmed, lower-cased address in hex, as the SDK computes it in the browser. */
export async function emailHash(email: string): Promise<string> {
  return hex(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(email.trim().toLowerCase())));
}

/** SHA-256 in hex of an API key: what is stored of it. */
export async function keyHash(key: string): Promise<string> {
  return hex(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key)));
}

async function hmac(key: CryptoKey, text: string): Promise<string> {
  return hex(await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(text)));
}

const hex = (bytes: ArrayBuffer): string =>
  [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
