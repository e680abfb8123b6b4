/** /v1/sign-in and /v1/sign-out: a letter, a passkey, the single sign-on; each call from this host's own pages alone. */
import { Hono } from 'hono';
import {
  LinkAsked,
  LinkPressed,
  NextPath,
  Nothing,
  PasskeyAnswer,
  type SignedInAnswer,
  type SignInAnswer,
  type SignInProblem,
} from '../contract-people.ts';
import { err, ok, type Refusal, type Result } from '../core/result.ts';
import { newSecret } from '../core/secret.ts';
import type { Deps } from '../deps.ts';
import { type Browser, signOut as endOwn, type SignedIn } from '../flows/enter.ts';
import { answerByPasskey, askForLink, askForPasskey, pressLink } from '../flows/sign-in.ts';
import { beginTrip, endTrip } from '../flows/single-sign-on.ts';
import { inWords } from './agent.ts';
import { checkShape, readBody } from './body.ts';
import { fromOf, openSession } from './guard.ts';
import { refuse } from './problem.ts';
import { browserOf, deviceOf, endSession, keepBrowser, keepDevice, keepSession, sessionOf } from './session-cookie.ts';
import type { App, SelfApp } from './types.ts';

export const signIn = new Hono<App>()
  .get('/', (c) => {
    const { oidc } = c.env.deps.auth;
    return c.json<SignInAnswer>({ singleSignOn: oidc && { name: oidc.name } });
  })
  .post('/link', async (c) => {
    const body = await readBody(c.req.raw, LinkAsked);
    if (!body.ok) return refuse(body.refusal);
    const { deps, browser } = asking(c.env.deps, c.req.raw);
    // Who asks says what host this is; where it is set, a letter believes that instead, and leads nobody elsewhere.
    const origin = c.env.DASHBOARD_ORIGIN ?? browser.origin;
    const next = body.value.next ?? null;
    const asked = await askForLink(deps, { browser: { ...browser, origin }, email: body.value.email, next });
    if (!asked.ok) return refused(asked.refusal);
    // After the answer, so that its time does not tell whether there was somebody to write to.
    c.executionCtx.waitUntil(
      asked.value.send().catch((cause: unknown) => console.error('a letter was not sent', cause)),
    );
    c.header('set-cookie', keepBrowser(browser.secret));
    return c.json({ sent: true as const }, 202);
  })
  .post('/confirm', async (c) => {
    const body = await readBody(c.req.raw, LinkPressed);
    if (!body.ok) return refuse(body.refusal);
    const { deps, browser } = asking(c.env.deps, c.req.raw);
    const { token, code = '' } = body.value;
    const entered = await pressLink(deps, { browser, by: token === undefined ? { code } : { token } });
    if (!entered.ok) return refused(entered.refusal);
    for (const cookie of cookiesOf(entered.value)) c.header('set-cookie', cookie, { append: true });
    return c.json<SignedInAnswer>({ next: entered.value.next });
  })
  .post('/passkey/options', async (c) => {
    const body = await readBody(c.req.raw, Nothing);
    if (!body.ok) return refuse(body.refusal);
    const { deps, browser } = asking(c.env.deps, c.req.raw);
    const asked = await askForPasskey(deps, browser);
    if (!asked.ok) return refused(asked.refusal);
    c.header('set-cookie', keepBrowser(browser.secret));
    return c.json(asked.value);
  })
  .post('/passkey', async (c) => {
    const body = await readBody(c.req.raw, PasskeyAnswer);
    if (!body.ok) return refuse(body.refusal);
    const { deps, browser } = asking(c.env.deps, c.req.raw);
    const { credential: response, next = null } = body.value;
    const entered = await answerByPasskey(deps, { browser, response, next });
    if (!entered.ok) return refused(entered.refusal);
    for (const cookie of cookiesOf(entered.value)) c.header('set-cookie', cookie, { append: true });
    return c.json<SignedInAnswer>({ next: entered.value.next });
  })
  .get('/oidc', async (c) => {
    const { deps, browser } = asking(c.env.deps, c.req.raw);
    const next = nextOf(c.req.query('next'));
    if (!next.ok) return refuse(next.refusal);
    const begun = await beginTrip(deps, { browser, next: next.value, linksTo: null });
    if (!begun.ok) return begun.refusal.code === 'not_found' ? refuse(begun.refusal) : lostTrip(begun.refusal);
    return redirect(302, begun.value.location, [keepBrowser(browser.secret)]);
  })
  .get('/oidc/callback', async (c) => {
    const { deps, browser } = asking(c.env.deps, c.req.raw);
    const open = browser.session && (await openSession(deps, browser.session, null));
    const arrival = await endTrip(deps, { browser, answer: new URL(c.req.url), open: open || null });
    if ('signedIn' in arrival) return redirect(303, arrival.signedIn.next, cookiesOf(arrival.signedIn));
    if ('linked' in arrival) return redirect(303, SECURITY);
    noted(arrival.problem);
    const problem: SignInProblem = arrival.problem;
    return redirect(303, `${arrival.linking ? SECURITY : SIGN_IN}?problem=${problem}`);
  });

export const signOut = new Hono<SelfApp>().post('/', async (c) => {
  await endOwn(c.env.deps, c.var.open);
  c.header('set-cookie', endSession());
  return c.body(null, 204);
});

const SIGN_IN = '/sign-in';
const SECURITY = '/security';

/** The browser that asks, with a secret of its own from now on; and from where, for the log. */
export function asking(deps: Deps, request: Request): { deps: Deps; browser: Browser } {
  const cookies = request.headers.get('cookie');
  return {
    deps: { ...deps, by: { ...deps.by, ...fromOf(request) } },
    browser: {
      origin: new URL(request.url).origin,
      secret: browserOf(cookies) ?? newSecret(deps.random),
      device: deviceOf(cookies),
      session: sessionOf(cookies),
      agent: inWords(request.headers.get('user-agent')),
    },
  };
}

const cookiesOf = ({ secret, forMs, device }: SignedIn): string[] => [
  keepSession(secret, forMs),
  ...(device ? [keepDevice(device)] : []),
];

const nextOf = (given: string | undefined): Result<string | null> =>
  given === undefined ? ok(null) : checkNext(given);
function checkNext(given: string): Result<string> {
  const checked = checkShape(NextPath, given);
  return checked.ok ? checked : err({ code: 'invalid', errors: [{ pointer: '/next', detail: 'a path of this host' }] });
}

/** Who was not let in, without a word of who it was: nobody's log has a place for somebody unknown. */
function noted(code: string): void {
  console.info(JSON.stringify({ event: 'sign_in.refused', code }));
}

function refused(refusal: Refusal): Response {
  noted(refusal.code);
  return refuse(refusal);
}

/** Whoever followed a link is told on a page. */
function lostTrip({ code }: Refusal): Response {
  noted(code);
  const problem: SignInProblem = code === 'too_many_tries' ? code : 'single_sign_on_down';
  return redirect(303, `${SIGN_IN}?problem=${problem}`);
}

function redirect(status: 302 | 303, location: string, cookies: readonly string[] = []): Response {
  const headers = new Headers({ location, 'cache-control': 'no-store' });
  for (const cookie of cookies) headers.append('set-cookie', cookie);
  return new Response(null, { status, headers });
}
