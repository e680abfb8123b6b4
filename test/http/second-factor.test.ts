/**
 * Second factors, on real D1: codes of an authenticator app, recovery codes and passkeys, each taken once; and who is let
 * near money without one. The authenticators are software, and lie where a test says so.
 */
import { TOTP } from 'otpauth';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SecurityAnswer, SessionAnswer, TotpAnswer } from '../../edge/contract-people.ts';
import type { ProgramRole } from '../../edge/core/access.ts';
import type { PersonId } from '../../edge/core/id.ts';
import { readKeyRing } from '../../edge/core/key-ring.ts';
import { reseal } from '../../edge/flows/reseal.ts';
import { LIMITS } from '../../edge/flows/tries.ts';
import { type Authenticator, base64Url, createAuthenticator, type Lies } from '../support/authenticator.ts';
import { LOCAL_SECRETS } from '../support/secrets.ts';
import { addPerson, openTab, type Tab } from '../support/tab.ts';
import { createWorld, ORIGIN, PROGRAM, type World } from '../support/world.ts';

const MINUTE_MS = 60_000;
const STEP_MS = 30_000;
const FINN = 'finn@shop.example';
const DEVICE = '__Host-tributary_device';

let world: World;
let tab: Tab;
let personId: PersonId;
const noted = vi.spyOn(console, 'info');
afterEach(() => noted.mockReset());
beforeEach(async () => {
  noted.mockImplementation(() => undefined);
  world = await createWorld();
  ({ personId } = await join(FINN, 'finance'));
  tab = openTab(world);
  await tab.enter(FINN);
});

const join = (email: string, role: ProgramRole) =>
  addPerson(world, email, [{ programId: PROGRAM, partnerId: null, role }]);
const post = <Body = { code: string }>(path: string, body: unknown = {}, from = tab) =>
  from.call<Body>('POST', `/v1${path}`, body);
const show = (code: string, from = tab) => post<SessionAnswer & { code: string }>('/second-factor', { code }, from);
const codeOf = (secret: string, steps = 0) =>
  new TOTP({ secret }).generate({ timestamp: world.now() + steps * STEP_MS });
const reads = async (from = tab) => (await from.call('GET', '/v1/reports/summary')).status;

/** Enrols the authenticator app; its secret, and the recovery codes. Then the clock moves on, past the code that was used. */
async function enrol(from = tab): Promise<{ secret: string; codes: string[] }> {
  const { secret } = (await post<TotpAnswer>('/security/totp', {}, from)).body;
  const { status, body } = await post<{ recoveryCodes: string[] }>(
    '/security/totp/confirm',
    { code: codeOf(secret) },
    from,
  );
  if (status !== 200) throw new Error(`not enrolled: ${status}`);
  world.at(world.now() + 10 * STEP_MS);
  return { secret, codes: body.recoveryCodes };
}

/** Signs in anew, so that no second factor was shown. */
async function again(email = FINN, options = {}): Promise<Tab> {
  const fresh = openTab(world, options);
  await fresh.enter(email);
  return fresh;
}

describe('finance', () => {
  test('sees nothing but themself without a second factor, and everything once the app is there', async () => {
    for (const path of ['/v1/reports/summary', '/v1/balances', '/v1/program', '/v1/conversions', '/v1/partners']) {
      const { status, body } = await tab.call('GET', path);
      expect([path, status, body.code]).toEqual([path, 403, 'second_factor_required']);
    }
    const { body } = await tab.call<SessionAnswer>('GET', '/v1/session');
    expect(body.second).toEqual({ required: true, enrolled: false, until: null, freshUntil: null });
    const before = tab.session();
    await enrol();
    expect(tab.session()).not.toBe(before);
    expect(await reads()).toBe(200);
    expect((await tab.call<SessionAnswer>('GET', '/v1/session')).body.second).toMatchObject({ enrolled: true });
  });

  test('is asked again after twelve hours to look, and after ten minutes to act', async () => {
    const { secret } = await enrol();
    await show(codeOf(secret));
    const shownAt = world.now();
    const fresh = async () => (await tab.call<SessionAnswer>('GET', '/v1/session')).body.second;
    world.at(shownAt + 10 * MINUTE_MS - 1);
    expect((await fresh()).freshUntil).toBe(new Date(shownAt + 10 * MINUTE_MS).toISOString());
    world.at(shownAt + 10 * MINUTE_MS + 1);
    expect((await fresh()).freshUntil).toBeNull();
    expect((await post('/security/recovery-codes')).body.code).toBe('second_factor_required');
    expect(await reads()).toBe(200);
    world.at(shownAt + 12 * 60 * MINUTE_MS + 1);
    expect(await reads()).toBe(403);
    expect((await show(codeOf(secret))).status).toBe(200);
    expect(await reads()).toBe(200);
    expect((await post('/security/recovery-codes')).status).toBe(200);
  });

  test('who is enrolled and signs in by letter is asked as well; another’s session is not let in by it', async () => {
    const { secret } = await enrol();
    const [phone, stranger] = [await again(), await again()];
    expect(await reads(phone)).toBe(403);
    expect((await show(codeOf(secret), phone)).body.second.until).not.toBeNull();
    expect([await reads(phone), await reads(stranger)]).toEqual([200, 403]);
  });
});

describe('a code of the app', () => {
  test('is taken at its own step and one to either side, and never at two', async () => {
    const { secret } = await enrol();
    for (const [steps, status] of [
      [-2, 422],
      [2, 422],
      [-1, 200],
      [0, 200],
      [1, 200],
    ] as const) {
      expect([steps, (await show(codeOf(secret, steps))).status]).toEqual([steps, status]);
    }
  });

  test('is good once: not again, not in another session, not in another browser, not a minute later', async () => {
    const { secret } = await enrol();
    const phone = await again();
    const code = codeOf(secret);
    expect((await show(code)).status).toBe(200);
    expect((await show(code)).body.code).toBe('wrong_code');
    expect((await show(code, phone)).body.code).toBe('wrong_code');
    world.at(world.now() + STEP_MS);
    expect((await show(code, phone)).body.code).toBe('wrong_code');
    // Nor is one before it, though its step is still within reach.
    expect((await show(codeOf(secret, -1), phone)).body.code).toBe('wrong_code');
    expect((await show(codeOf(secret), phone)).status).toBe(200);
  });

  test('in two requests at once is taken in one', async () => {
    const { secret } = await enrol();
    const phone = await again();
    const code = codeOf(secret);
    const both = await Promise.all([show(code), show(code, phone), show(code), show(code, phone)]);
    expect(both.map((one) => one.status).sort()).toEqual([200, 422, 422, 422]);
  });

  test('may be typed with a space', async () => {
    const { secret } = await enrol();
    const code = codeOf(secret);
    expect((await show(` ${code.slice(0, 3)} ${code.slice(3)}`)).status).toBe(200);
  });

  test('of somebody else is none', async () => {
    await enrol();
    await join('other@shop.example', 'finance');
    const other = await again('other@shop.example');
    const { secret } = await enrol(other);
    const phone = await again();
    expect((await show(codeOf(secret), phone)).body.code).toBe('wrong_code');
  });

  test('before it was confirmed is none', async () => {
    const { secret } = (await post<TotpAnswer>('/security/totp')).body;
    expect((await show(codeOf(secret))).body.code).toBe('wrong_code');
    expect(await world.rows('SELECT confirmed_at FROM totps')).toEqual([{ confirmed_at: null }]);
  });

  test('exchanges what the browser holds: what it held is good for half a minute more, and shows no second factor', async () => {
    const { secret } = await enrol();
    const phone = await again();
    const old = phone.session();
    await show(codeOf(secret), phone);
    expect(phone.session()).not.toBe(old);
    const stale = openTab(world);
    stale.cookies.set('__Host-tributary_session', old ?? '');
    expect((await stale.call('GET', '/v1/session')).status).toBe(200);
    // Two exchanges at once would leave the browser with whichever answer comes last.
    expect((await show(codeOf(secret, 1), stale)).body.code).toBe('moved');
    world.at(world.now() + STEP_MS);
    expect((await stale.call('GET', '/v1/session')).status).toBe(401);
    expect((await show(codeOf(secret), phone)).status).toBe(200);
  });

  test('gives what was held before nothing of what it opens', async () => {
    const { secret } = await enrol();
    const phone = await again();
    const stale = openTab(world);
    stale.cookies.set('__Host-tributary_session', phone.session() ?? '');
    expect((await show(codeOf(secret), phone)).status).toBe(200);
    expect([await reads(phone), await reads(stale)]).toEqual([200, 403]);
    expect((await stale.call('GET', '/v1/session')).body).toMatchObject({ second: { until: null, freshUntil: null } });
    expect((await post('/security/recovery-codes', {}, stale)).body.code).toBe('second_factor_required');
    expect((await post('/security/recovery-codes', {}, phone)).status).toBe(200);
  });

  test('with rights that have just changed leaves the browser with one session that works', async () => {
    const { secret } = await enrol();
    const phone = await again();
    const [place] = await world.rows<{ id: string }>('SELECT id FROM memberships WHERE person_id = ?', personId);
    await world.deps.store.commit([
      { kind: 'place_role', programId: PROGRAM, id: place?.id as never, role: 'owner', was: 'finance' },
    ]);
    const shown = await show(codeOf(secret), phone);
    expect(shown.status).toBe(200);
    expect(shown.headers.getSetCookie().filter((one) => one.startsWith('__Host-tributary_session')).length).toBe(1);
    world.at(world.now() + 2 * STEP_MS);
    expect(await reads(phone)).toBe(200);
  });
});

describe('a recovery code', () => {
  test('is good once each, however it is typed, and there are ten', async () => {
    const { codes } = await enrol();
    expect(new Set(codes).size).toBe(10);
    for (const [index, code] of codes.entries()) {
      const typed = index % 2 ? code.toLowerCase().replace('-', ' ') : code;
      const phone = await again();
      expect((await show(typed, phone)).status).toBe(200);
      expect(await reads(phone)).toBe(200);
      expect((await show(code, phone)).body.code).toBe('wrong_code');
    }
    expect((await tab.call<SecurityAnswer>('GET', '/v1/security')).body.recoveryCodesLeft).toBe(0);
  });

  test('in two requests at once is taken in one', async () => {
    const [code = ''] = (await enrol()).codes;
    const phone = await again();
    const both = await Promise.all([show(code), show(code, phone), show(code)]);
    expect(both.map((one) => one.status).sort()).toEqual([200, 422, 422]);
  });

  test('of before, or of somebody else, is none', async () => {
    const old = (await enrol()).codes;
    const { body } = await post<{ recoveryCodes: string[] }>('/security/recovery-codes');
    await join('other@shop.example', 'finance');
    const other = await again('other@shop.example');
    const theirs = (await enrol(other)).codes;
    const phone = await again();
    for (const code of [old[0] ?? '', theirs[0] ?? '']) expect((await show(code, phone)).body.code).toBe('wrong_code');
    expect((await show(body.recoveryCodes[0] ?? '', phone)).status).toBe(200);
  });

  test('stays good when the keys that seal are rotated, and so does the app', async () => {
    const { codes, secret } = await enrol();
    const keys = await readKeyRing(`2:${btoa('n'.repeat(32))},${LOCAL_SECRETS.AUTH_KEYS}`);
    world.deps.secrets = { ...world.deps.secrets, authKeys: keys };
    expect((await show(codes[3] ?? '', await again())).status).toBe(200);
    expect((await show(codeOf(secret), await again())).status).toBe(200);
  });
});

test('what is sealed at rest is sealed anew each hour, until the old key can be taken away', async () => {
  const { secret } = await enrol();
  const fresh = `2:${btoa('n'.repeat(32))}`;
  const keysOf = async (ring: string) => {
    world.deps.secrets = { ...world.deps.secrets, authKeys: await readKeyRing(ring) };
  };
  const sealed = () => world.rows('SELECT sealed FROM totps UNION ALL SELECT sealed FROM person_keys ORDER BY 1');
  await keysOf(`${fresh},${LOCAL_SECRETS.AUTH_KEYS}`);
  const before = await sealed();
  expect(before.length).toBeGreaterThan(1);
  await reseal(world.deps);
  const after = await sealed();
  expect(after.filter((one) => JSON.stringify(before).includes(JSON.stringify(one)))).toEqual([]);
  // Once is enough.
  await reseal(world.deps);
  expect(await sealed()).toEqual(after);
  await keysOf(fresh);
  // Signing in writes to the log under the person's own key; the app's codes are read.
  expect((await show(codeOf(secret), await again())).status).toBe(200);
  // What no key opens is left as it is.
  await keysOf(`3:${btoa('m'.repeat(32))}`);
  await reseal(world.deps);
  expect(await sealed()).toEqual(after);
});

describe('guesses', () => {
  const most = (per: string) => LIMITS.find((one) => one.what === 'factor' && one.per === per)?.most ?? 0;
  const wrong = (secret: string, index: number) =>
    String((Number(codeOf(secret)) + 7 + index) % 1_000_000).padStart(6, '0');

  test('are few; a right one after too many is not taken, and the browser that is known does not feel it', async () => {
    const { secret } = await enrol();
    const thief = await again(FINN, { network: '198.51.100.66' });
    expect(thief.cookies.has(DEVICE)).toBe(false);
    for (let guess = 0; guess < most('account and network'); guess++) {
      expect((await show(wrong(secret, guess), thief)).status).toBe(422);
    }
    const over = await show(codeOf(secret), thief);
    expect([over.status, over.body.code]).toEqual([429, 'too_many_tries']);
    expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(0);
    // A new session, or a new browser, on that network is no new start.
    expect((await show(codeOf(secret), await again(FINN, { network: '198.51.100.66' }))).status).toBe(429);
    expect(tab.cookies.has(DEVICE)).toBe(true);
    expect((await show(codeOf(secret))).status).toBe(200);
  });

  test('from everywhere at once end too, and the browser that is known still does not feel it', async () => {
    const { secret } = await enrol();
    const told = new Set<number>();
    for (let network = 0; told.size < 2 && network < 20; network++) {
      const thief = await again(FINN, { network: `198.51.100.${network}` });
      for (let guess = 0; guess < 9; guess++) told.add((await show(wrong(secret, guess), thief)).status);
    }
    expect([...told]).toEqual([422, 429]);
    expect((await show(codeOf(secret))).status).toBe(200);
  });

  test('of a stolen browser that is known are few a day', async () => {
    await enrol();
    let taken = 0;
    for (let quarter = 0; quarter < 12; quarter++) {
      for (let guess = 0; guess < 10; guess++) if ((await show('000000')).status === 422) taken += 1;
      world.at(world.now() + 16 * MINUTE_MS);
    }
    expect(taken).toBe(50);
  });

  test('of many at once count each', async () => {
    const { secret } = await enrol();
    const thief = await again(FINN, { network: '198.51.100.66' });
    const all = await Promise.all(Array.from({ length: 30 }, (_, guess) => show(wrong(secret, guess), thief)));
    expect(all.filter((one) => one.status === 422).length).toBe(most('account and network'));
  });

  test('cost, and a right one forgives', async () => {
    const { secret } = await enrol();
    const phone = await again();
    for (let round = 0; round < 3; round++) {
      for (let guess = 0; guess < most('account and network') - 1; guess++) await show(wrong(secret, guess), phone);
      expect((await show(codeOf(secret), phone)).status).toBe(200);
      world.at(world.now() + 4 * STEP_MS);
    }
  });

  test('whoever holds no more than the mailbox is in no known browser, however often they sign in', async () => {
    await enrol();
    for (let signIn = 0; signIn < 3; signIn++) expect((await again()).cookies.has(DEVICE)).toBe(false);
  });

  test('the log tells of them', async () => {
    const { secret } = await enrol();
    await show(wrong(secret, 1));
    await show('AAAAA-BBBBB');
    const acts = await world.rows("SELECT actor, after FROM audit WHERE act = 'second_factor.refused' ORDER BY after");
    expect(acts).toEqual([
      { actor: `person:${personId}`, after: '{"by":"recovery_code"}' },
      { actor: `person:${personId}`, after: '{"by":"totp"}' },
    ]);
  });

  test('from no place are in the log all the same, and so is a right one, and signing out', async () => {
    const { secret } = await enrol();
    const from = { 'tributary-place': 'nowhere' };
    const told = async () =>
      (await world.rows<{ act: string }>('SELECT act FROM audit ORDER BY id')).map((one) => one.act);
    const before = (await told()).length;
    await tab.call('POST', '/v1/second-factor', { code: wrong(secret, 1) }, from);
    world.at(world.now() + 1);
    await tab.call('POST', '/v1/second-factor', { code: codeOf(secret) }, from);
    world.at(world.now() + 1);
    await tab.call('POST', '/v1/sign-out', undefined, from);
    expect((await told()).slice(before)).toEqual(['second_factor.refused', 'second_factor.shown', 'session.ended']);
  });
});

describe('a passkey', () => {
  let key: Authenticator;
  /** Adds it, and the clock moves on. */
  async function add(of: { counts?: number } = {}, from = tab): Promise<string> {
    key = await createAuthenticator({ origin: ORIGIN, ...of });
    const asked = (await post<Asked>('/security/passkeys/options', {}, from)).body;
    const { status, body } = await post<{ id: string }>(
      '/security/passkeys',
      { credential: await key.create(asked), name: 'Phone' },
      from,
    );
    if (status !== 201) throw new Error(`not added: ${status}`);
    world.at(world.now() + MINUTE_MS);
    return body.id;
  }
  type Asked = { challenge: string; user: { id: string }; allowCredentials: { id: string }[] };
  const ask = async (from: Tab) => (await post<Asked>('/sign-in/passkey/options', {}, from)).body;
  const answer = (credential: unknown, from: Tab, next?: string) =>
    post<{ code: string; next: string }>('/sign-in/passkey', { credential, ...(next && { next }) }, from);

  test('signs in, as a second factor too, and leads on', async () => {
    await add();
    const phone = openTab(world);
    const entered = await answer(await key.get(await ask(phone)), phone, '/partners');
    expect([entered.status, entered.body]).toEqual([200, { next: '/partners' }]);
    expect(await reads(phone)).toBe(200);
    const { body } = await phone.call<SecurityAnswer>('GET', '/v1/security');
    expect(body.passkeys).toEqual([
      { id: expect.any(String), name: 'Phone', createdAt: expect.any(String), lastUsedAt: expect.any(String) },
    ]);
    expect(body.sessions.find((one) => one.current)?.method).toBe('passkey');
    expect(phone.cookies.has(DEVICE)).toBe(true);
  });

  test('is a second factor after a letter: one of one’s own, asked for by name', async () => {
    const id = await add();
    const phone = await again();
    expect(await reads(phone)).toBe(403);
    const asked = (await post<Asked>('/second-factor/passkey/options', {}, phone)).body;
    expect(asked.allowCredentials.map((one) => one.id)).toEqual([id]);
    const before = phone.session();
    const shown = await post<SessionAnswer>('/second-factor/passkey', { credential: await key.get(asked) }, phone);
    expect(shown.body.second.freshUntil).not.toBeNull();
    expect(phone.session()).not.toBe(before);
    expect(await reads(phone)).toBe(200);
  });

  test.each<[string, Lies]>([
    ['from another site', { origin: 'https://evil.example' }],
    ['from another site that claims to be this', { origin: 'https://evil.example', rpId: 't.example' }],
    ['from this host without TLS', { origin: 'http://t.example' }],
    ['from a host below', { origin: 'https://a.t.example', rpId: 't.example' }],
    ['to another challenge', { challenge: base64Url(new Uint8Array(32)) }],
    ['to no challenge', { challenge: '' }],
    ['without a verified user', { verified: false }],
    ['without a user', { present: false }],
    ['in another person’s name', { userHandle: base64Url(new TextEncoder().encode('01J0000000000000000000000X')) }],
  ])('that answers %s is refused, everywhere', async (_, lies) => {
    await add();
    const phone = openTab(world);
    expect((await answer(await key.get(await ask(phone), lies), phone)).body.code).toBe('passkey_refused');
    expect(phone.session()).toBeUndefined();
    const letter = await again();
    const asked = (await post<Asked>('/second-factor/passkey/options', {}, letter)).body;
    expect((await post('/second-factor/passkey', { credential: await key.get(asked, lies) }, letter)).body.code).toBe(
      'passkey_refused',
    );
    expect(await reads(letter)).toBe(403);
  });

  test.each<[string, Lies]>([
    ['from another site', { origin: 'https://evil.example' }],
    ['to another challenge', { challenge: base64Url(new Uint8Array(32)) }],
    ['without a verified user', { verified: false }],
  ])('made %s is not added', async (_, lies) => {
    const made = await createAuthenticator({ origin: ORIGIN });
    const asked = (await post<Asked>('/security/passkeys/options')).body;
    const { body } = await post('/security/passkeys', { credential: await made.create(asked, lies), name: 'x' });
    expect(body.code).toBe('passkey_refused');
    expect(await world.rows('SELECT * FROM passkeys')).toEqual([]);
  });

  test('answers a challenge once: replayed, at once or later, it opens nothing', async () => {
    await add();
    const phone = openTab(world);
    const credential = await key.get(await ask(phone));
    const all = await Promise.all([answer(credential, phone), answer(credential, phone), answer(credential, phone)]);
    expect(all.map((one) => one.status).sort()).toEqual([200, 422, 422]);
    await phone.call('POST', '/v1/sign-out');
    expect((await answer(credential, phone)).body.code).toBe('passkey_refused');
    world.at(world.now() + 30 * 86_400_000);
    expect((await answer(credential, phone)).body.code).toBe('passkey_refused');
  });

  test('answers in the browser and for the purpose that was asked', async () => {
    await add();
    const [phone, other] = [openTab(world), openTab(world)];
    const asked = await ask(phone);
    await ask(other);
    expect((await answer(await key.get(asked), other)).body.code).toBe('passkey_refused');
    // A challenge of signing in is no second factor, nor the other way round, nor one for adding.
    const letter = await again();
    const signing = await ask(letter);
    expect((await post('/second-factor/passkey', { credential: await key.get(signing) }, letter)).status).toBe(422);
    const second = (await post<Asked>('/second-factor/passkey/options', {}, letter)).body;
    expect((await answer(await key.get(second), letter)).status).toBe(422);
    const adding = (await post<Asked>('/security/passkeys/options')).body;
    expect((await post('/second-factor/passkey', { credential: await key.get(adding) })).status).toBe(422);
    const made = await createAuthenticator({ origin: ORIGIN });
    const proving = (await post<Asked>('/second-factor/passkey/options')).body;
    const created = await made.create({ ...adding, ...proving });
    expect((await post('/security/passkeys', { credential: created, name: 'x' })).status).toBe(422);
  });

  test('whose time is over answers nothing', async () => {
    await add();
    const phone = openTab(world);
    const asked = await ask(phone);
    world.at(world.now() + 15 * MINUTE_MS);
    expect((await answer(await key.get(asked), phone)).body.code).toBe('passkey_refused');
  });

  test('whose counter falls back, or stands still, was copied', async () => {
    await add({ counts: 5 });
    const use = async (lies: Lies = {}) => {
      const phone = openTab(world);
      return (await answer(await key.get(await ask(phone), lies), phone)).status;
    };
    expect(await use()).toBe(200);
    expect(await use({ counter: 6 })).toBe(422);
    expect(await use({ counter: 3 })).toBe(422);
    expect(await use({ counter: 0 })).toBe(422);
    expect(await use()).toBe(200);
    expect(await world.rows('SELECT counter FROM passkeys')).toEqual([{ counter: 10 }]);
  });

  test('of somebody else is no second factor of mine, and cannot be added twice', async () => {
    await add();
    const mine = key;
    await join('other@shop.example', 'finance');
    const other = await again('other@shop.example');
    const asking = (await post<Asked>('/security/passkeys/options', {}, other)).body;
    const taken = await post('/security/passkeys', { credential: await mine.create(asking), name: 'x' }, other);
    expect(taken.body.code).toBe('passkey_refused');
    await add({}, other);
    const phone = await again('other@shop.example');
    const asked = (await post<Asked>('/second-factor/passkey/options', {}, phone)).body;
    const credential = await mine.get(asked, { userHandle: base64Url(new TextEncoder().encode(personId)) });
    expect((await post('/second-factor/passkey', { credential }, phone)).body.code).toBe('passkey_refused');
    expect(await reads(phone)).toBe(403);
  });

  test('that was removed, or never added, signs nobody in', async () => {
    const id = await add();
    const phone = openTab(world);
    const asked = await ask(phone);
    const unknown = await createAuthenticator({ origin: ORIGIN });
    expect((await answer(await unknown.get(asked), phone)).body.code).toBe('passkey_refused');
    expect((await tab.call('DELETE', `/v1/security/passkeys/${id}`)).status).toBe(204);
    expect((await answer(await key.get(asked), phone)).body.code).toBe('passkey_refused');
  });

  test.each([
    ['no JSON inside', { id: 'x', response: { clientDataJSON: 'AAAA' } }],
    ['no base64url', { id: 'x', response: { clientDataJSON: '!!' } }],
    ['another type', { id: 'x', response: { clientDataJSON: 5 } }],
    ['nothing', { id: 'x', response: {} }],
  ])('an answer with %s is refused', async (_, credential) => {
    const phone = openTab(world);
    await ask(phone);
    expect((await answer(credential, phone)).body.code).toBe('passkey_refused');
  });
});
