/** Every refusal by name, with an example of it and what to do: the compiler asks for a line when one is added. */
import type { Refusal, RefusalCode } from '../core/result.ts';

interface Explained<Code extends RefusalCode> {
  readonly example: Extract<Refusal, { code: Code }>;
  /** What the caller can do about it. */
  readonly remedy: string;
}

const errors = [{ pointer: '/items/0/price', detail: 'an integer of the smallest unit, such as cents' }];

export const PROBLEMS: { readonly [Code in RefusalCode]: Explained<Code> } = {
  malformed_json: { example: { code: 'malformed_json' }, remedy: 'Send one JSON document in UTF-8.' },
  bad_idempotency_key: {
    example: { code: 'bad_idempotency_key' },
    remedy: 'Use a random identifier, such as a UUID, made anew for each call.',
  },
  missing_key: { example: { code: 'missing_key' }, remedy: 'Add the header. Secret keys belong on servers only.' },
  unknown_key: { example: { code: 'unknown_key' }, remedy: 'Copy the key again, whole.' },
  revoked_key: { example: { code: 'revoked_key' }, remedy: 'Take the current key of the program.' },
  wrong_key: {
    example: { code: 'wrong_key', expected: 'secret' },
    remedy: 'Publishable keys (trb_pk_…) are for pages, secret keys (trb_sk_…) for servers.',
  },
  looks_like_stripe_key: {
    example: { code: 'looks_like_stripe_key' },
    remedy: 'Use a Tributary key, and replace the Stripe key: it travelled where it should not.',
  },
  expired_key: { example: { code: 'expired_key' }, remedy: 'Take the current key of the program.' },
  key_in_address: {
    example: { code: 'key_in_address' },
    remedy: 'Send the key in the Authorization header, and revoke the one that was in the address.',
  },
  missing_scope: {
    example: { code: 'missing_scope', scope: 'manage' },
    remedy: 'Make a key with that scope under Keys.',
  },
  person_required: { example: { code: 'person_required' }, remedy: 'Do it in the dashboard.' },
  second_factor_required: {
    example: { code: 'second_factor_required' },
    remedy: 'Show a second factor; one is added under Security.',
  },
  sign_in_again: { example: { code: 'sign_in_again' }, remedy: 'Sign out, sign in, and try again within ten minutes.' },
  wrong_code: { example: { code: 'wrong_code' }, remedy: 'Wait for the next code, and check the clock of the phone.' },
  passkey_refused: { example: { code: 'passkey_refused' }, remedy: 'Try again, or ask for a link by mail.' },
  single_sign_on_down: {
    example: { code: 'single_sign_on_down' },
    remedy: 'Try again later, or ask for a link by mail.',
  },
  link_over: { example: { code: 'link_over' }, remedy: 'Ask for a new link, and open it in the browser you asked in.' },
  too_many_tries: {
    example: { code: 'too_many_tries', retryAfterSeconds: 900 },
    remedy: 'Wait as long as Retry-After says.',
  },
  cross_site: { example: { code: 'cross_site' }, remedy: 'Call it from this host’s own pages, or with a secret key.' },
  last_owner: { example: { code: 'last_owner' }, remedy: 'Make somebody else an owner first.' },
  too_many: {
    example: { code: 'too_many', what: 'keys that work', limit: 100 },
    remedy: 'Take one away that nobody needs.',
  },
  moved: { example: { code: 'moved' }, remedy: 'Read it again, and repeat the change if it is still wanted.' },
  sign_in_required: { example: { code: 'sign_in_required' }, remedy: 'Sign in, or send a secret key.' },
  origin_not_allowed: {
    example: { code: 'origin_not_allowed', origin: 'https://other.example' },
    remedy: 'Add the page’s origin to `origins` with PATCH /v1/program.',
  },
  consent_required: {
    example: { code: 'consent_required' },
    remedy: 'Ask the visitor, and tell the answer: tributary("consent", "granted") or "denied".',
  },
  framed: { example: { code: 'framed' }, remedy: 'Nothing: a visit in a window of its own is counted.' },
  not_found: { example: { code: 'not_found' }, remedy: 'Check the address and the id, and whose key it is.' },
  taken: {
    example: { code: 'taken', pointer: '/code', value: 'anna' },
    remedy: 'Choose another name. Link codes are one name in the whole deployment.',
  },
  order_conflict: {
    example: { code: 'order_conflict', event: 'sale', orderId: 'A-1001' },
    remedy: 'The order stands as it was told first. If it is another order, give it its own id.',
  },
  sandbox_only: { example: { code: 'sandbox_only' }, remedy: 'Try it in the program’s sandbox.' },
  too_large: { example: { code: 'too_large', limitBytes: 65_536 }, remedy: 'Send less at once.' },
  unsupported_type: {
    example: { code: 'unsupported_type', expected: 'application/json' },
    remedy: 'Set the Content-Type header.',
  },
  invalid: { example: { code: 'invalid', errors }, remedy: 'Each entry of `errors` names a field and what it takes.' },
  amount_mismatch: {
    example: {
      code: 'amount_mismatch',
      errors: [{ pointer: '/amount', detail: '24900, the sum of the items' }],
    },
    remedy: 'Leave `amount` out, or send the sum of the goods.',
  },
  idempotency_key_reused: {
    example: { code: 'idempotency_key_reused' },
    remedy: 'A new call takes a new key; a repeat sends the same address and body, byte for byte.',
  },
  rate_limited: {
    example: {
      code: 'rate_limited',
      quota: { policy: 'publishable', calls: 6_000, windowSeconds: 60, left: 0, resetSeconds: 12 },
    },
    remedy: 'Wait as many seconds as Retry-After says, then send the same call again.',
  },
  not_configured: {
    example: { code: 'not_configured', secret: 'TOKEN_KEYS' },
    remedy: 'Whoever runs the Worker sets the secret.',
  },
};
