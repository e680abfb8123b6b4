/** /v1/second-factor: a code, or a passkey, shown by somebody who is signed in. What the browser holds is exchanged. */
import { Hono } from 'hono';
import { FactorCall, Nothing, PasskeyAnswer, type SessionAnswer } from '../contract-people.ts';
import type { Deps } from '../deps.ts';
import { askForOwnPasskey, type Holder, type Shown, showCode, showPasskey } from '../flows/second-factor.ts';
import { readBody } from './body.ts';
import { refuse } from './problem.ts';
import { sessionAnswer } from './session.ts';
import { deviceOf, keepDevice, keepSession } from './session-cookie.ts';
import type { SelfApp } from './types.ts';

export const secondFactor = new Hono<SelfApp>()
  .post('/', async (c) => {
    const body = await readBody(c.req.raw, FactorCall);
    if (!body.ok) return refuse(body.refusal);
    const holder = holderOf(c.req.raw, c.var);
    const shown = await showCode(c.env.deps, holder, body.value.code);
    if (!shown.ok) return refuse(shown.refusal);
    for (const cookie of cookiesOf(c.env.deps, shown.value)) c.header('set-cookie', cookie, { append: true });
    return c.json<SessionAnswer>(await sessionAnswer(c.env.deps, { ...c.var.open, session: shown.value.session }));
  })
  .post('/passkey/options', async (c) => {
    const body = await readBody(c.req.raw, Nothing);
    if (!body.ok) return refuse(body.refusal);
    const asked = await askForOwnPasskey(c.env.deps, holderOf(c.req.raw, c.var), new URL(c.req.url).origin);
    return asked.ok ? c.json(asked.value) : refuse(asked.refusal);
  })
  .post('/passkey', async (c) => {
    const body = await readBody(c.req.raw, PasskeyAnswer);
    if (!body.ok) return refuse(body.refusal);
    const { credential: response } = body.value;
    const { origin } = new URL(c.req.url);
    const shown = await showPasskey(c.env.deps, holderOf(c.req.raw, c.var), { origin, response });
    if (!shown.ok) return refuse(shown.refusal);
    for (const cookie of cookiesOf(c.env.deps, shown.value)) c.header('set-cookie', cookie, { append: true });
    return c.json<SessionAnswer>(await sessionAnswer(c.env.deps, { ...c.var.open, session: shown.value.session }));
  });

export const holderOf = (
  request: Request,
  { open, secret }: Pick<SelfApp['Variables'], 'open' | 'secret'>,
): Holder => ({
  open,
  secret,
  device: deviceOf(request.headers.get('cookie')),
});

export const cookiesOf = (deps: Deps, { secret, session, device }: Shown): string[] => [
  keepSession(secret, session.endsAt - (deps.now() - deps.aheadMs)),
  ...(device ? [keepDevice(device)] : []),
];
