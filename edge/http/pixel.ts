/**
 * GET /v1/pixel.gif: for pages without script. It always answers with its one transparent dot, so that no page is broken
 * by it; a header says what was wrong. What it tells is as unverified as a page's script.
 */
import { type Context, Hono } from 'hono';
import { BrowserConversion } from '../contract.ts';
import { inForce } from '../core/attribution.ts';
import { consentState } from '../core/consent.ts';
import { err, ok, type Result } from '../core/result.ts';
import { convert } from '../flows/convert.ts';
import { land, newVisitorId } from '../flows/track.ts';
import { checkShape } from './body.ts';
import { programOfKey } from './guard.ts';
import { EMBEDDED } from './headers.ts';
import type { App } from './types.ts';

const DOT = Uint8Array.from(atob('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7'), (letter) =>
  letter.charCodeAt(0),
);

export const pixel = new Hono<App>().get('/', async (c) => {
  const done = await told(c);
  return c.body(DOT, 200, {
    ...EMBEDDED,
    'content-type': 'image/gif',
    'cache-control': 'no-store',
    'tributary-pixel': done.ok ? done.value : done.refusal.code,
  });
});

type Told = 'landed' | 'converted' | 'duplicate' | 'nothing';

/** 1 whose page, 2 consent, 3 a landing that its token proves, or an order as a page tells it. */
async function told(c: Context<App>): Promise<Result<Told>> {
  const { key = '', event, tcid, ...query } = c.req.query();
  const caller = await programOfKey(c.env.deps, c.req.raw, { key, expected: 'publishable' });
  if (!caller.ok) return caller;
  const { programId, deps } = caller.value;
  const origin = URL.parse(c.req.header('referer') ?? '')?.origin ?? '';
  const { origins } = inForce(await deps.store.policies(programId), deps.now());
  // An image sends no Origin; a page that hides its address cannot say that it is the shop's.
  if (!origins.includes(origin)) return err({ code: 'origin_not_allowed', origin });
  const consent = consentState({
    consent: query.consent === 'granted' || query.consent === 'denied' ? query.consent : undefined,
    optedOut: c.req.header('sec-gpc') === '1',
    country: c.req.raw.cf?.country as string | undefined,
  });
  const seen = () =>
    deps.visitors.sighted(programId, { kind: 'pixel', at: deps.now(), detail: URL.parse(origin)?.host ?? null });
  if (event === 'landing') {
    if (consent !== 'granted') return err({ code: 'consent_required' });
    const landed = await land(deps, {
      ...{ programId, visitorId: newVisitorId(deps) },
      landing: { tcid: tcid ?? null, via: null },
    });
    if (landed) await seen();
    return ok(landed ? 'landed' : 'nothing');
  }
  if (event !== 'conversion') {
    return err({ code: 'invalid', errors: [{ pointer: '/event', detail: 'landing or conversion' }] });
  }
  const { orderId, amount, currency, codes } = query;
  const call = checkShape(BrowserConversion, {
    ...{ orderId, currency },
    amount: amount === undefined ? undefined : Number(amount),
    ...(tcid && { clickId: tcid }),
    ...(codes && { codes: codes.split(',') }),
  });
  if (!call.ok) return call;
  const told = { ...call.value, ...(consent === 'denied' && { consent }) };
  const done = await convert(deps, { programId, source: 'browser', call: told });
  if (!done.ok) return done;
  await seen();
  return ok(done.value.outcome === 'created' ? 'converted' : 'duplicate');
}
