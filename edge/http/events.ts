/**
 * POST /v1/events: the SDK's door. Whatever a page sends, the page gets an answer it can live with: what it may not do
 * comes back inside `results`, and only a call that cannot be read at all is refused.
 */
import { type Context, Hono } from 'hono';
import {
  type Accepted,
  type CheckedCommand,
  COMMANDS,
  type ConversionAnswer,
  Events,
  type EventsAnswer,
  type EventsCall,
  type Verb,
} from '../contract.ts';
import { inForce } from '../core/attribution.ts';
import { consentState } from '../core/consent.ts';
import type { ProgramId, VisitorId } from '../core/id.ts';
import { type Landing, landingOf, namesOf } from '../core/link.ts';
import { err, ok, type Refusal, type Result } from '../core/result.ts';
import { pageDetail, type Reach, reachFrom } from '../core/setup.ts';
import { mint } from '../core/token.ts';
import type { Deps, SightingKind } from '../deps.ts';
import { type Converted, convert, lead } from '../flows/convert.ts';
import { lookAgain } from '../flows/late.ts';
import { identify, land, newVisitorId } from '../flows/track.ts';
import { handOver, takeOver, withdraw } from '../flows/visitor.ts';
import { conversionAnswer } from './answers.ts';
import { checkShape, readBody, wrongType } from './body.ts';
import { forgetVisitor, rememberVisitor, visitorOf } from './cookie.ts';
import { programOfKey } from './guard.ts';
import { ANYBODY, EMBEDDED } from './headers.ts';
import { rateLimit } from './limits.ts';
import { problem, refuse } from './problem.ts';
import type { App } from './types.ts';

/** `text/plain` needs no preflight, and is what a beacon may send. */
const TYPES = ['text/plain', 'application/json'];

export const events = new Hono<App>()
  .options('/', (c) => c.body(null, 204, PREFLIGHT))
  .post('/', async (c) => {
    const flaw = wrongType(c.req.raw, TYPES);
    if (flaw) return refuse(flaw, READABLE);
    const body = await readBody(c.req.raw, Events);
    if (!body.ok) return refuse(body.refusal, READABLE);
    const caller = await programOfKey(c.env.deps, c.req.raw, { key: body.value.key, expected: 'publishable' });
    if (!caller.ok) return refuse(caller.refusal, READABLE);
    const { programId, deps, quota } = caller.value;
    const headers = { ...NO_STORE, ...rateLimit(quota) };
    const origin = c.req.header('origin');
    const { origins, paramAliases } = inForce(await deps.store.policies(programId), deps.now());
    // No Origin: not a page of a browser. It could write any; the header protects shoppers, not us.
    if (origin !== undefined && !origins.includes(origin)) {
      return c.json(nothing(body.value, { code: 'origin_not_allowed', origin }), 200, headers);
    }
    const names = namesOf([...paramAliases, body.value.params].join());
    const { referrer } = body.value;
    const fromShop = referrer !== undefined && origins.includes(URL.parse(referrer)?.origin ?? '');
    const page: Page = {
      programId,
      call: body.value,
      landing: body.value.framed ? NO_LANDING : landingOf(body.value.url, names),
      fromShop,
      reach: origin === undefined ? null : reachFrom(origin, c.req.url, c.req.header('sec-fetch-site') ?? null),
    };
    const said = await answer(c, deps, page);
    if (origin !== undefined) await sight(deps, page, origin, said);
    return c.json(said, 200, { ...headers, ...cors(origin) });
  });

/** A page that tells something, as the door sees it. */
interface Page {
  readonly programId: ProgramId;
  readonly call: EventsCall;
  readonly landing: Landing;
  /** It was reached from another page of the shop. */
  readonly fromShop: boolean;
  /** Null: no browser's page. */
  readonly reach: Reach | null;
}

const NO_LANDING: Landing = { tcid: null, via: null, handover: null };

const NO_STORE = { ...EMBEDDED, 'cache-control': 'no-store', vary: 'Origin' };
/** A page must be able to read that it was refused, or its SDK would send the same again and again. */
const READABLE = { ...ANYBODY, 'access-control-expose-headers': 'retry-after' };
const PREFLIGHT = {
  ...ANYBODY,
  'access-control-allow-methods': 'POST',
  // A page may name its call as servers do; here a repeat is harmless by itself.
  'access-control-allow-headers': 'content-type, idempotency-key',
  'access-control-max-age': '86400',
};
/** Only ever the exact origin, and only one on the program's list: a reflected one would open the door to anybody. */
const cors = (origin: string | undefined): Record<string, string> =>
  origin ? { 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true' } : {};

/**
 * 1 consent, 2 who it is, 3 the landing, 4 the commands in their order, 5 the orders that this completes, 6 what the
 * visitor is now known to have touched.
 */
async function answer(c: Context<App>, deps: Deps, page: Page): Promise<EventsAnswer> {
  const { programId, call, landing, fromShop } = page;
  const consent = consentState({
    consent: call.consent,
    optedOut: c.req.header('sec-gpc') === '1',
    country: c.req.raw.cf?.country as string | undefined,
  });
  // Only a site of the shop's own sends one along.
  const ours = page.reach === 'A' || page.reach === 'B';
  const kept = ours ? visitorOf(c.req.header('cookie')) : null;
  const named = call.visitorId === null ? null : (kept ?? (call.visitorId as VisitorId | undefined) ?? null);
  if (consent !== 'granted') {
    if (consent === 'denied') {
      for (const visitorId of new Set([kept, named])) if (visitorId) await withdraw(deps, { programId, visitorId });
      if (kept) c.header('set-cookie', forgetVisitor(c.req.url));
    }
    return { ...nothing(call, { code: 'consent_required' }), consentRequired: consent === 'required' };
  }
  const word = landing.handover;
  const known = word === null ? named : await takeOver(deps, { programId, visitorId: named, word, fromShop });
  const visitorId = known ?? newVisitorId(deps);
  if (ours) {
    c.header('set-cookie', rememberVisitor(visitorId, await deps.visitors.longestWindowDays(programId), c.req.url));
  }
  const landed = await land(deps, { programId, visitorId, landing });
  const results: EventsAnswer['results'] = [];
  // One after the other: a page identifies, then buys, and means it in that order.
  for (const [verb, payload] of call.commands) {
    const result = await run(deps, { programId, visitorId, verb, payload, framed: call.framed ?? false });
    results.push(result.ok ? result.value : problem(result.refusal));
  }
  // Once for all of them: it costs more than any, and anybody may send fifty. Who is new here has no order to complete.
  if (
    (landed && known !== null) ||
    word !== null ||
    call.commands.some(([verb]) => verb === 'click' || verb === 'identify')
  ) {
    await lookAgain(deps, { programId, visitors: [visitorId], hashes: [] });
  }
  return {
    visitorId,
    ...(await touched(deps, programId, visitorId)),
    consentRequired: false,
    ...(call.handover && { handover: await handOver(deps, { programId, visitorId }) }),
    results,
  };
}

/** What works of the shop's set-up, for whoever is setting it up. */
async function sight(deps: Deps, page: Page, origin: string, said: EventsAnswer): Promise<void> {
  const { programId, landing, reach } = page;
  const detail = reach && pageDetail(reach, URL.parse(origin)?.host ?? '');
  const kinds: SightingKind[] = ['page'];
  if (landing.tcid !== null || landing.via !== null) kinds.push('landing');
  page.call.commands.forEach(([verb], index) => {
    const taken = !('code' in (said.results[index] ?? {}));
    if (taken && verb === 'identify') kinds.push('identify');
    if (taken && (verb === 'conversion' || verb === 'lead')) kinds.push('browser_order');
  });
  const at = deps.now();
  for (const kind of new Set(kinds)) await deps.visitors.sighted(programId, { kind, at, detail });
}

/** Runs one command of the page. */
async function run(
  deps: Deps,
  given: { programId: ProgramId; visitorId: VisitorId; verb: string; payload: unknown; framed: boolean },
): Promise<Result<EventsAnswer['results'][number]>> {
  const { programId, visitorId } = given;
  const command = checkCommand(given.verb, given.payload);
  if (!command.ok) return command;
  const { verb, payload } = command.value;
  switch (verb) {
    case 'click':
      if (given.framed) return err({ code: 'framed' });
      await land(deps, { programId, visitorId, landing: { tcid: payload.tcid ?? null, via: payload.via ?? null } });
      return ok({ accepted: true });
    case 'identify':
      await identify(deps, { programId, visitorId, customer: payload });
      return ok({ accepted: true });
    case 'lead': {
      const { customer = {}, orderId } = payload;
      const done = await lead(deps, { programId, visitorId, customer, orderId });
      return done.ok ? ok({ accepted: true }) : done;
    }
    case 'conversion':
      return converted(await convert(deps, { programId, source: 'browser', call: { ...payload, visitorId } }));
  }
}

function checkCommand(verb: string, payload: unknown): Result<CheckedCommand> {
  if (!Object.hasOwn(COMMANDS, verb)) {
    const detail = `one of ${Object.keys(COMMANDS).join(', ')}`;
    return err({ code: 'invalid', errors: [{ pointer: '/0', detail }] });
  }
  const known = verb as Verb;
  const checked = checkShape(COMMANDS[known], payload ?? {});
  // The pair is checked together, which types cannot follow through a table.
  return checked.ok ? ok({ verb: known, payload: checked.value } as CheckedCommand) : checked;
}

/**
 * A page is told what its own new order came to; of one that was told before, no more than that it stands. Nor of one
 * that clicks in other browsers were considered for: anybody may name anybody's address, and would hear who referred it.
 */
function converted(result: Result<Converted>): Result<ConversionAnswer | Accepted> {
  if (!result.ok) return result;
  const { outcome, record } = result.value;
  if (outcome !== 'created') return ok({ accepted: true, duplicate: true });
  const joined = record.conversion.explanation.candidates.some((one) => one.label === 'joined');
  return ok(joined ? { accepted: true } : conversionAnswer(result.value));
}

/** The visitor's latest click and its partner, as the page may show or pass on. */
async function touched(deps: Deps, programId: ProgramId, visitorId: VisitorId) {
  const touch = await deps.clicks.lastTouch(programId, visitorId);
  if (!touch) return { clickId: null, partner: null };
  const [enrollment] = await deps.store.enrollments(programId, [touch.partnerId]);
  const clickId = await mint({ ...touch, key: touch.clickKey }, deps.secrets.tokenKeys);
  return { clickId, partner: enrollment?.slug ?? null };
}

/** The answer when nothing was done: each command says why. */
const nothing = (call: EventsCall, refusal: Refusal): EventsAnswer => ({
  visitorId: null,
  clickId: null,
  partner: null,
  consentRequired: false,
  results: call.commands.map(() => problem(refusal)),
});
