/** Refusal → status and `application/problem+json` (RFC 9457). One exhaustive switch; what outsiders read stays general. */
import type { Problem } from '../contract.ts';
import type { FieldError, Refusal } from '../core/result.ts';
import { rateLimit } from './limits.ts';

type Telling = { status: number; title: string; detail: string; errors?: FieldError[]; retryAfterSeconds?: number };

/** The body of a refusal: also what stands in `results` for one bad command among good ones. */
export function problem(refusal: Refusal): Problem {
  const { status, title, detail, errors } = tell(refusal);
  return {
    type: `urn:tributary:problem:${refusal.code}`,
    title,
    status,
    code: refusal.code,
    detail,
    ...(errors && { errors }),
  };
}

export function refuse(refusal: Refusal, headers: Record<string, string> = {}): Response {
  const { retryAfterSeconds } = tell(refusal);
  return answer(problem(refusal), {
    ...headers,
    ...(retryAfterSeconds && { 'retry-after': String(retryAfterSeconds) }),
    ...(refusal.code === 'rate_limited' && rateLimit(refusal.quota)),
  });
}

/** A fault of ours: the cause is in the log, never in the answer. */
export function fault(): Response {
  const title = 'Something failed on our side';
  const detail = 'Nothing was half written. Sending the same call again is safe.';
  return answer({ type: 'urn:tributary:problem:fault', title, status: 500, code: 'fault', detail });
}

const answer = (body: Problem, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), {
    status: body.status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...headers },
  });

function tell(refusal: Refusal): Telling {
  switch (refusal.code) {
    case 'malformed_json':
      return { status: 400, title: 'Not JSON', detail: 'The body does not parse as a JSON object in UTF-8.' };
    case 'unsupported_type':
      return { status: 415, title: 'Unsupported content type', detail: `Send ${refusal.expected}.` };
    case 'too_large':
      return { status: 413, title: 'Too large', detail: `A call holds at most ${refusal.limitBytes} bytes.` };
    case 'invalid':
      return { status: 422, title: 'Invalid fields', detail: said(refusal.errors), errors: refusal.errors };
    case 'amount_mismatch':
      return { status: 422, title: 'Amount and items disagree', detail: said(refusal.errors), errors: refusal.errors };
    case 'missing_key':
      return { status: 401, title: 'No key', detail: 'Send Authorization: Bearer trb_sk_… with a secret key.' };
    case 'unknown_key':
      return { status: 401, title: 'Unknown key', detail: 'No program has this key. Check that it was copied whole.' };
    case 'revoked_key':
      return { status: 401, title: 'Revoked key', detail: 'This key was revoked. Use a current one.' };
    case 'wrong_key':
      return { status: 401, title: 'Wrong kind of key', detail: `This call takes a ${refusal.expected} key.` };
    case 'looks_like_stripe_key':
      return {
        status: 401,
        title: 'That looks like a Stripe key',
        detail:
          'It was not stored. Use a Tributary key (trb_sk_…), and roll the Stripe key if it was sent over a network.',
      };
    case 'expired_key':
      return { status: 401, title: 'Expired key', detail: 'This key has ended. Use a current one.' };
    case 'key_in_address':
      return {
        status: 401,
        title: 'A secret key in an address',
        detail: 'Addresses are kept in logs and histories. Send it in the Authorization header, and replace this key.',
      };
    case 'missing_scope':
      return {
        status: 403,
        title: 'Missing scope',
        detail: `This call takes a key with the scope ${refusal.scope}.`,
      };
    case 'person_required':
      return { status: 403, title: 'Not by key', detail: 'A signed-in person does this; no key can.' };
    case 'second_factor_required':
      return {
        status: 403,
        title: 'Second factor wanted',
        detail: 'Show a second factor: a code of your authenticator app, a recovery code or a passkey.',
      };
    case 'sign_in_again':
      return {
        status: 403,
        title: 'Sign in again',
        detail: 'What proves who you are is changed only shortly after a sign-in. Sign in again, then try again.',
      };
    case 'wrong_code':
      return {
        status: 422,
        title: 'Wrong code',
        detail: 'This code is not the current one, or it was used before. Wait for the next.',
        errors: [{ pointer: '/code', detail: 'the current code, each once' }],
      };
    case 'passkey_refused':
      return {
        status: 422,
        title: 'Passkey refused',
        detail: 'This passkey is not known here, or its answer came too late. Try again, or sign in another way.',
      };
    case 'single_sign_on_down':
      return {
        status: 503,
        title: 'Single sign-on does not answer',
        detail: 'The single sign-on of this deployment cannot be reached. Sign in another way.',
        retryAfterSeconds: 60,
      };
    case 'link_over':
      return {
        status: 410,
        title: 'This link is over',
        detail: 'It was used, it is older than 15 minutes, or it was asked for in another browser. Ask for a new one.',
      };
    case 'too_many_tries':
      return {
        status: 429,
        title: 'Too many tries',
        detail: `Wait ${Math.ceil(refusal.retryAfterSeconds / 60)} minutes, then try again.`,
        retryAfterSeconds: refusal.retryAfterSeconds,
      };
    case 'cross_site':
      return { status: 403, title: 'From another site', detail: 'Only pages of this host may do this.' };
    case 'last_owner':
      return {
        status: 409,
        title: 'The last owner',
        detail: 'Somebody must own this. Make somebody else an owner first.',
      };
    case 'too_many':
      return {
        status: 409,
        title: 'No room for more',
        detail: `At most ${refusal.limit} ${refusal.what}. Take one away first.`,
      };
    case 'moved':
      return {
        status: 409,
        title: 'Somebody was quicker',
        detail: 'This has changed since you looked. Look again, then decide.',
      };
    case 'sign_in_required':
      return { status: 401, title: 'Not signed in', detail: 'Sign in, or send a secret key.' };
    case 'not_found':
      return { status: 404, title: 'Not found', detail: 'There is nothing here, or it is not yours.' };
    case 'taken':
      return {
        status: 409,
        title: 'Already taken',
        detail: `${refusal.value} is taken already.`,
        errors: [{ pointer: refusal.pointer, detail: 'one that nobody has yet' }],
      };
    case 'origin_not_allowed':
      return {
        status: 403,
        title: 'Unknown origin',
        detail: `${refusal.origin} is not on the list of the program's origins.`,
      };
    case 'consent_required':
      return { status: 403, title: 'No consent', detail: 'Without consent nothing is stored from a browser.' };
    case 'framed':
      return {
        status: 403,
        title: 'A page inside a page',
        detail: 'What is shown in a frame was not visited: nothing of it is counted as a click.',
      };
    case 'order_conflict':
      return {
        status: 409,
        title: 'This order was already told differently',
        detail: `Order ${refusal.orderId} stands as it was told first. An order is never overwritten: to change it, post an adjustment to /v1/conversions/order:${refusal.event}:${refusal.orderId}/adjustments.`,
      };
    case 'rate_limited': {
      const { calls, windowSeconds, resetSeconds } = refusal.quota;
      return {
        status: 429,
        title: 'Too many calls',
        detail: `At most ${calls} calls in ${windowSeconds} seconds. The next window begins in ${resetSeconds} s.`,
        retryAfterSeconds: resetSeconds,
      };
    }
    case 'sandbox_only':
      return {
        status: 409,
        title: 'Only in a sandbox',
        detail: 'This program is live. Use the key of its sandbox, trb_sk_test_….',
      };
    case 'bad_idempotency_key':
      return {
        status: 400,
        title: 'Bad Idempotency-Key',
        detail: 'An Idempotency-Key is 1 to 255 visible ASCII characters, without spaces.',
      };
    case 'idempotency_key_reused':
      return {
        status: 422,
        title: 'Idempotency-Key of another call',
        detail: 'This key named another call (method, address, body) within the last 24 hours. Use a new one.',
      };
    case 'not_configured':
      return {
        status: 503,
        title: 'Not configured',
        detail: `The secret ${refusal.secret} is missing or malformed: set it with wrangler secret put ${refusal.secret}.`,
        retryAfterSeconds: 60,
      };
  }
}

const said = (errors: readonly FieldError[]): string =>
  errors.map(({ pointer, detail }) => `${pointer || 'body'}: expected ${detail}`).join('; ');
