/** /v1/security: one's authenticator app, recovery codes, passkeys, sessions and single sign-on. Nobody else's, ever. */
import { Hono } from 'hono';
import {
  FactorCall,
  Nothing,
  PasskeyCall,
  type PasskeyLine,
  PasskeyPatch,
  type RecoveryCodesAnswer,
  type SecurityAnswer,
  type TotpAnswer,
} from '../contract-people.ts';
import type { SessionId } from '../core/id.ts';
import type { Passkey } from '../deps.ts';
import {
  addPasskey,
  beginPasskey,
  beginTotp,
  confirmTotp,
  endOtherSessions,
  endSession,
  removePasskey,
  removeTotp,
  renamePasskey,
  renewCodes,
  type Security,
  securityOf,
} from '../flows/security.ts';
import { beginLink, unlink } from '../flows/single-sign-on.ts';
import { readBody } from './body.ts';
import { refuse } from './problem.ts';
import { cookiesOf, holderOf } from './second-factor.ts';
import { endSession as endCookie, keepBrowser } from './session-cookie.ts';
import { asking } from './sign-in.ts';
import type { SelfApp } from './types.ts';

export const security = new Hono<SelfApp>()
  .get('/', async (c) =>
    c.json<SecurityAnswer>(answerOf(await securityOf(c.env.deps, c.var.open), c.var.open.session.id)),
  )
  .post('/totp', async (c) => {
    const body = await readBody(c.req.raw, Nothing);
    if (!body.ok) return refuse(body.refusal);
    const begun = await beginTotp(c.env.deps, c.var.open);
    return begun.ok ? c.json<TotpAnswer>(begun.value) : refuse(begun.refusal);
  })
  .post('/totp/confirm', async (c) => {
    const body = await readBody(c.req.raw, FactorCall);
    if (!body.ok) return refuse(body.refusal);
    const done = await confirmTotp(c.env.deps, holderOf(c.req.raw, c.var), body.value.code);
    if (!done.ok) return refuse(done.refusal);
    for (const cookie of cookiesOf(c.env.deps, done.value)) c.header('set-cookie', cookie, { append: true });
    return c.json<RecoveryCodesAnswer>({ recoveryCodes: done.value.codes });
  })
  .delete('/totp', async (c) => {
    const done = await removeTotp(c.env.deps, c.var.open);
    return done.ok ? c.body(null, 204) : refuse(done.refusal);
  })
  .post('/recovery-codes', async (c) => {
    const body = await readBody(c.req.raw, Nothing);
    if (!body.ok) return refuse(body.refusal);
    const done = await renewCodes(c.env.deps, c.var.open);
    return done.ok ? c.json<RecoveryCodesAnswer>({ recoveryCodes: done.value.codes }) : refuse(done.refusal);
  })
  .post('/passkeys/options', async (c) => {
    const body = await readBody(c.req.raw, Nothing);
    if (!body.ok) return refuse(body.refusal);
    const asked = await beginPasskey(c.env.deps, c.var.open, new URL(c.req.url).origin);
    return asked.ok ? c.json(asked.value) : refuse(asked.refusal);
  })
  .post('/passkeys', async (c) => {
    const body = await readBody(c.req.raw, PasskeyCall);
    if (!body.ok) return refuse(body.refusal);
    const { credential: response, name } = body.value;
    const { origin } = new URL(c.req.url);
    const done = await addPasskey(c.env.deps, holderOf(c.req.raw, c.var), { origin, response, name });
    if (!done.ok) return refuse(done.refusal);
    for (const cookie of cookiesOf(c.env.deps, done.value)) c.header('set-cookie', cookie, { append: true });
    return c.json<PasskeyLine>(lineOf(done.value.passkey), 201);
  })
  .patch('/passkeys/:id', async (c) => {
    const body = await readBody(c.req.raw, PasskeyPatch);
    if (!body.ok) return refuse(body.refusal);
    const done = await renamePasskey(c.env.deps, c.var.open, { id: c.req.param('id'), name: body.value.name });
    return done.ok ? c.json<PasskeyLine>(lineOf(done.value)) : refuse(done.refusal);
  })
  .delete('/passkeys/:id', async (c) => {
    const done = await removePasskey(c.env.deps, c.var.open, c.req.param('id'));
    return done.ok ? c.body(null, 204) : refuse(done.refusal);
  })
  .delete('/sessions/:id', async (c) => {
    const id = c.req.param('id') as SessionId;
    const done = await endSession(c.env.deps, c.var.open, id);
    if (!done.ok) return refuse(done.refusal);
    if (id === c.var.open.session.id) c.header('set-cookie', endCookie());
    return c.body(null, 204);
  })
  .delete('/sessions', async (c) => {
    const done = await endOtherSessions(c.env.deps, c.var.open);
    return done.ok ? c.body(null, 204) : refuse(done.refusal);
  })
  .post('/oidc', async (c) => {
    const body = await readBody(c.req.raw, Nothing);
    if (!body.ok) return refuse(body.refusal);
    const { browser } = asking(c.env.deps, c.req.raw);
    const begun = await beginLink(c.env.deps, c.var.open, browser);
    if (!begun.ok) return refuse(begun.refusal);
    c.header('set-cookie', keepBrowser(browser.secret));
    return c.json(begun.value);
  })
  .delete('/oidc', async (c) => {
    const done = await unlink(c.env.deps, c.var.open);
    return done.ok ? c.body(null, 204) : refuse(done.refusal);
  });

const answerOf = ({ factors, sessions, singleSignOn }: Security, current: SessionId): SecurityAnswer => ({
  totp: factors.totp?.confirmedAt ? { confirmedAt: iso(factors.totp.confirmedAt) } : null,
  recoveryCodesLeft: factors.recoveryCodesLeft,
  passkeys: factors.passkeys.map(lineOf),
  sessions: sessions.map(({ id, agent, country, method, createdAt, seenAt }) => ({
    ...{ id, agent, country, method, createdAt: iso(createdAt), seenAt: iso(seenAt), current: id === current },
  })),
  singleSignOn,
});

const lineOf = ({ id, name, createdAt, lastUsedAt }: Passkey): PasskeyLine => ({
  id,
  name,
  createdAt: iso(createdAt),
  lastUsedAt: lastUsedAt === null ? null : iso(lastUsedAt),
});

const iso = (ms: number): string => new Date(ms).toISOString();
