/**
 * Refusals are values: what a caller did wrong, or what already stands in the way. Faults and bugs are thrown instead.
 *
 * Each refusal carries what a debugger needs; `http/problem.ts` turns every one of them into an answer, exhaustively.
 */

import type { Scope } from './access.ts';

/** One bad field: where (JSON pointer, RFC 6901) and what was expected there. */
export interface FieldError {
  pointer: string;
  detail: string;
}

/** What a client may still do before its window ends. */
export interface Quota {
  /** The name of its policy. */
  readonly policy: string;
  /** Calls in a window, and its length. */
  readonly calls: number;
  readonly windowSeconds: number;
  readonly left: number;
  readonly resetSeconds: number;
}

export type Refusal =
  | { code: 'malformed_json' }
  | { code: 'unsupported_type'; expected: string }
  | { code: 'too_large'; limitBytes: number }
  | { code: 'invalid'; errors: FieldError[] }
  | { code: 'amount_mismatch'; errors: FieldError[] }
  | { code: 'missing_key' }
  | { code: 'unknown_key' }
  | { code: 'revoked_key' }
  | { code: 'wrong_key'; expected: 'publishable' | 'secret' }
  | { code: 'looks_like_stripe_key' }
  | { code: 'expired_key' }
  | { code: 'key_in_address' }
  | { code: 'missing_scope'; scope: Scope }
  | { code: 'person_required' }
  | { code: 'sign_in_required' }
  /** Of a person who may: a second factor, or a fresh one. */
  | { code: 'second_factor_required' }
  /** The change wants a sign-in of the last minutes, since there is no second factor to ask. */
  | { code: 'sign_in_again' }
  | { code: 'wrong_code' }
  /** Unknown, not verified, or not the answer to what this browser was asked. */
  | { code: 'passkey_refused' }
  /** The retailer's single sign-on does not answer. */
  | { code: 'single_sign_on_down' }
  /** A link or a challenge that is used, over, or of another browser. */
  | { code: 'link_over' }
  | { code: 'too_many_tries'; retryAfterSeconds: number }
  | { code: 'cross_site' }
  | { code: 'last_owner' }
  /** There is no room for one more. */
  | { code: 'too_many'; what: string; limit: number }
  | { code: 'moved' }
  | { code: 'not_found' }
  | { code: 'taken'; pointer: string; value: string }
  | { code: 'origin_not_allowed'; origin: string }
  | { code: 'consent_required' }
  | { code: 'framed' }
  | { code: 'order_conflict'; event: string; orderId: string }
  | { code: 'rate_limited'; quota: Quota }
  | { code: 'sandbox_only' }
  | { code: 'bad_idempotency_key' }
  | { code: 'idempotency_key_reused' }
  | { code: 'not_configured'; secret: string };

export type RefusalCode = Refusal['code'];

/** Thrown where a call repeats, or races, one of the same `Idempotency-Key`: nothing was written, its answer stands. */
export class AlreadyAnswered extends Error {
  override name = 'AlreadyAnswered';
}

export type Result<T> = { ok: true; value: T } | { ok: false; refusal: Refusal };

export const ok = <T>(value: T): { ok: true; value: T } => ({ ok: true, value });
export const err = (refusal: Refusal): { ok: false; refusal: Refusal } => ({ ok: false, refusal });
