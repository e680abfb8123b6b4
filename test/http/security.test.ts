/** What proves a person, and where they are signed in, on real D1: changed by themself alone, shortly after proving it. */
import { TOTP } from 'otpauth';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SecurityAnswer, SessionAnswer, TotpAnswer } from '../../edge/contract-people.ts';
import { createAuthenticator } from '../support/authenticator.ts';
import { addPerson, openTab, read, type Tab } from '../support/tab.ts';
import { ANNA, createWorld, ORIGIN, OTHER_PROGRAM, PROGRAM, START, type World } from '../support/world.ts';

const MINUTE_MS = 60_000;
const OLGA = 'olga@shop.example';

let world: World;
let tab: Tab;
const noted = vi.spyOn(console, 'info');
afterEach(() => noted.mockReset());
beforeEach(async () => {
  noted.mockImplementation(() => undefined);
  world = await createWorld();
  await addPerson(world, OLGA, [
    { programId: PROGRAM, partnerId: null, role: 'owner' },
    { programId: OTHER_PROGRAM, partnerId: ANNA, role: 'member' },
    { programId: PROGRAM, partnerId: ANNA, role: 'member', joined: false },
  ]);
  tab = openTab(world);
  await tab.enter(OLGA);
});

const call = <Body = { code: string }>(method: string, path: string, body?: unknown, from = tab) =>
  from.call<Body>(method, `/v1${path}`, body ?? (method === 'POST' ? {} : undefined));
const codeOf = (secret: string) => new TOTP({ secret }).generate({ timestamp: world.now() });
const security = async (from = tab) => (await call<SecurityAnswer>('GET', '/security', undefined, from)).body;
async function enrol(): Promise<{ secret: string; codes: string[] }> {
  const { secret } = (await call<TotpAnswer>('POST', '/security/totp')).body;
  const { body } = await call<{ recoveryCodes: string[] }>('POST', '/security/totp/confirm', { code: codeOf(secret) });
  return { secret, codes: body.recoveryCodes };
}
async function addPasskey(name = 'Laptop', from = tab): Promise<string> {
  const key = await createAuthenticator({ origin: ORIGIN });
  const asked = await call<{ challenge: string; user: { id: string } }>('POST', '/security/passkeys/options', {}, from);
  const credential = await key.create(asked.body);
  return (await call<{ id: string }>('POST', '/security/passkeys', { credential, name }, from)).body.id;
}

describe('an authenticator app', () => {
  test('is shown once, counts when a code of it was typed, and is gone when it is taken away', async () => {
    const begun = await call<TotpAnswer>('POST', '/security/totp');
    expect(begun.body.uri).toBe(
      `otpauth://totp/Tributary:olga%40shop.example?issuer=Tributary&secret=${begun.body.secret}&algorithm=SHA1&digits=6&period=30`,
    );
    expect(begun.body.secret).toMatch(/^[A-Z2-7]{32}$/);
    expect((await security()).totp).toBeNull();
    const wrong = await call('POST', '/security/totp/confirm', { code: '000000' });
    expect(wrong.body.code).toBe('wrong_code');
    const right = await call<{ recoveryCodes: string[] }>('POST', '/security/totp/confirm', {
      code: codeOf(begun.body.secret),
    });
    expect(right.body.recoveryCodes).toHaveLength(10);
    expect(await security()).toMatchObject({
      totp: { confirmedAt: new Date(START).toISOString() },
      recoveryCodesLeft: 10,
    });
    // One that counts is not exchanged by beginning anew.
    expect((await call('POST', '/security/totp')).body.code).toBe('moved');
    expect((await call('POST', '/security/totp/confirm', { code: '123456' })).status).toBe(404);
    expect((await call('DELETE', '/security/totp')).status).toBe(204);
    expect(await security()).toMatchObject({ totp: null, recoveryCodesLeft: 0 });
    expect((await call('DELETE', '/security/totp')).status).toBe(404);
  });

  test('begun twice is the later one; the first one’s code does not confirm it', async () => {
    const first = (await call<TotpAnswer>('POST', '/security/totp')).body.secret;
    const second = (await call<TotpAnswer>('POST', '/security/totp')).body.secret;
    expect((await call('POST', '/security/totp/confirm', { code: codeOf(first) })).body.code).toBe('wrong_code');
    expect((await call('POST', '/security/totp/confirm', { code: codeOf(second) })).status).toBe(200);
  });

  test('begun anew while the first is being confirmed: the one that counts is the one whose code was typed', async () => {
    const first = (await call<TotpAnswer>('POST', '/security/totp')).body.secret;
    const { store } = world.deps;
    const commit = store.commit.bind(store);
    let secret = first;
    world.deps.store = {
      ...store,
      async commit(changes) {
        // Between the reading and the writing of the confirmation.
        if (changes.some((one) => one.kind === 'totp_step')) {
          world.deps.store = { ...store, commit };
          secret = (await call<TotpAnswer>('POST', '/security/totp')).body.secret;
        }
        return commit(changes);
      },
    };
    expect((await call('POST', '/security/totp/confirm', { code: codeOf(first) })).status).toBe(422);
    expect(secret).not.toBe(first);
    expect(await world.rows('SELECT confirmed_at FROM totps')).toEqual([{ confirmed_at: null }]);
    expect((await call('POST', '/security/totp/confirm', { code: codeOf(secret) })).status).toBe(200);
  });

  test('confirmed twice at once gives recovery codes once', async () => {
    const { secret } = (await call<TotpAnswer>('POST', '/security/totp')).body;
    const both = await Promise.all(
      [1, 2, 3].map(() => call('POST', '/security/totp/confirm', { code: codeOf(secret) })),
    );
    expect(both.filter((one) => one.status === 200)).toHaveLength(1);
    expect(await world.rows('SELECT count(*) AS n FROM recovery_codes')).toEqual([{ n: 10 }]);
  });

  test('moved to another person’s row in the database opens nothing there', async () => {
    const { secret } = await enrol();
    const { personId } = await addPerson(world, 'mira@shop.example');
    await world.rows('INSERT INTO totps SELECT ?, sealed, confirmed_at, 0 FROM totps', personId);
    const theirs = openTab(world);
    await theirs.enter('mira@shop.example');
    const errors = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    world.at(START + 5 * MINUTE_MS);
    const { status } = await call('POST', '/second-factor', { code: codeOf(secret) }, theirs);
    errors.mockRestore();
    expect(status).toBe(500);
  });
});

describe('what proves a person is changed shortly after they have proven it', () => {
  const CHANGES = [
    ['POST', '/security/totp'],
    ['POST', '/security/passkeys/options'],
    ['DELETE', '/security/passkeys/x'],
  ] as const;

  test('by a sign-in, where there is no second factor', async () => {
    world.at(START + 10 * MINUTE_MS);
    expect((await call('POST', '/security/totp')).status).toBe(200);
    world.at(START + 10 * MINUTE_MS + 1);
    for (const [method, path] of CHANGES) expect((await call(method, path)).body.code).toBe('sign_in_again');
    await tab.enter(OLGA);
    expect((await call('POST', '/security/totp')).status).toBe(200);
  });

  test('by the second factor where there is one, however new the sign-in', async () => {
    const { secret } = await enrol();
    world.at(START + 11 * MINUTE_MS);
    await tab.enter(OLGA);
    for (const [method, path] of [
      ...CHANGES,
      ['POST', '/security/recovery-codes'],
      ['DELETE', '/security/totp'],
    ] as const) {
      expect((await call(method, path)).body.code).toBe('second_factor_required');
    }
    await call('POST', '/second-factor', { code: codeOf(secret) });
    expect((await call('POST', '/security/recovery-codes')).status).toBe(200);
    // And when the only one is gone, by having shown it.
    expect((await call('DELETE', '/security/totp')).status).toBe(204);
    expect((await call('POST', '/security/totp')).status).toBe(200);
  });

  test('a passkey that was asked for in time is not added after it', async () => {
    const key = await createAuthenticator({ origin: ORIGIN });
    const { body } = await call<{ challenge: string; user: { id: string } }>('POST', '/security/passkeys/options');
    const credential = await key.create(body);
    world.at(START + 10 * MINUTE_MS + 1);
    expect((await call('POST', '/security/passkeys', { credential, name: 'x' })).body.code).toBe('sign_in_again');
  });
});

describe('passkeys', () => {
  test('are named, renamed and removed; somebody else’s are not there', async () => {
    const id = await addPasskey('Laptop');
    await addPerson(world, 'mira@shop.example');
    const other = openTab(world);
    await other.enter('mira@shop.example');
    await addPasskey('Theirs', other);
    expect((await call('PATCH', `/security/passkeys/${id}`, { name: 'Mine now' }, other)).status).toBe(404);
    expect((await call('DELETE', `/security/passkeys/${id}`, undefined, other)).status).toBe(404);
    expect((await call<{ name: string }>('PATCH', `/security/passkeys/${id}`, { name: 'Old laptop' })).body.name).toBe(
      'Old laptop',
    );
    expect((await security()).passkeys.map((one) => one.name)).toEqual(['Old laptop']);
    expect((await call('DELETE', `/security/passkeys/${id}`)).status).toBe(204);
    expect((await security()).passkeys).toEqual([]);
    expect((await security(other)).passkeys).toHaveLength(1);
  });

  test('count as a second factor when they are added', async () => {
    await addPasskey();
    const { body } = await call<SessionAnswer>('GET', '/session');
    expect(body.second).toMatchObject({ enrolled: true, freshUntil: new Date(START + 10 * MINUTE_MS).toISOString() });
  });

  test('have recovery codes as well; with the last factor these are gone', async () => {
    expect((await call('POST', '/security/recovery-codes')).status).toBe(404);
    const id = await addPasskey();
    expect((await call('POST', '/security/recovery-codes')).status).toBe(200);
    await enrol();
    await call('DELETE', '/security/totp');
    expect((await security()).recoveryCodesLeft).toBe(10);
    await call('DELETE', `/security/passkeys/${id}`);
    expect((await security()).recoveryCodesLeft).toBe(0);
  });

  test('are twenty at most', async () => {
    for (let more = 0; more < 20; more++) await addPasskey(String(more));
    const { status, body } = await call('POST', '/security/passkeys/options');
    expect([status, body.code]).toEqual([422, 'invalid']);
  });
});

describe('sessions', () => {
  test('end one by one, or all but this one; others’ are not there', async () => {
    const phone = openTab(world);
    await phone.enter(OLGA);
    await addPerson(world, 'mira@shop.example');
    const other = openTab(world);
    await other.enter('mira@shop.example');
    const foreign = (await security(other)).sessions[0]?.id ?? '';
    expect((await call('DELETE', `/security/sessions/${foreign}`)).status).toBe(404);
    expect((await call('DELETE', '/security/sessions/nothing')).status).toBe(404);
    const away = (await security()).sessions.find((one) => !one.current)?.id ?? '';
    expect((await call('DELETE', `/security/sessions/${away}`)).status).toBe(204);
    expect((await call('GET', '/session', undefined, phone)).status).toBe(401);
    expect((await call('GET', '/session')).status).toBe(200);

    for (let more = 0; more < 2; more++) await openTab(world).enter(OLGA);
    expect((await security()).sessions).toHaveLength(3);
    expect((await call('DELETE', '/security/sessions')).status).toBe(204);
    expect((await security()).sessions.map((one) => one.current)).toEqual([true]);
    expect((await call('GET', '/session', undefined, other)).status).toBe(200);
  });

  test('this one ends like any other', async () => {
    const own = (await security()).sessions[0]?.id ?? '';
    expect((await call('DELETE', `/security/sessions/${own}`)).status).toBe(204);
    expect(tab.session()).toBeUndefined();
  });

  test('that nobody has used for too long are not listed', async () => {
    await openTab(world).enter(OLGA);
    world.at(START + 2 * 86_400_000);
    await call('GET', '/session');
    world.at(START + 4 * 86_400_000);
    expect((await security()).sessions).toHaveLength(1);
  });
});

test('every change is in the log of every program where the person has a place, and of no other', async () => {
  await enrol();
  const id = await addPasskey();
  await call('PATCH', `/security/passkeys/${id}`, { name: 'x' });
  await call('POST', '/security/recovery-codes');
  await call('DELETE', `/security/passkeys/${id}`);
  await call('DELETE', '/security/totp');
  await call('DELETE', '/security/sessions');
  const rows = await world.rows<{ program_id: string; act: string; partner_id: string | null }>(
    "SELECT program_id, act, partner_id FROM audit WHERE act NOT LIKE 'second_factor.%' ORDER BY id",
  );
  const of = (programId: string) => rows.filter((one) => one.program_id === programId);
  const changes = [
    'passkey.added',
    'passkey.removed',
    'passkey.renamed',
    'recovery_codes.renewed',
    'session.others_ended',
    'totp.added',
    'totp.removed',
  ];
  const acts = (programId: string) =>
    of(programId)
      .map((one) => one.act)
      .sort();
  expect(acts(PROGRAM)).toEqual([...changes, 'session.started'].sort());
  expect(acts(OTHER_PROGRAM)).toEqual(changes);
  expect(new Set(of(OTHER_PROGRAM).map((one) => one.partner_id))).toEqual(new Set([ANNA]));
  expect(new Set(of(PROGRAM).map((one) => one.partner_id))).toEqual(new Set([null]));
});

test('nothing secret stands in the database in clear', async () => {
  const other = openTab(world);
  await other.call('POST', '/v1/sign-in/link', { email: OLGA });
  const { token, code } = read(world.letters.at(-1)?.text ?? '');
  const { secret, codes } = await enrol();
  await addPasskey();
  const asked = (await call<{ challenge: string }>('POST', '/second-factor/passkey/options')).body.challenge;
  const held = [...tab.cookies, ...other.cookies].map(([, value]) => value);
  const secrets = [token, code, secret, ...codes, asked, ...held, ...held.map((one) => one.split('.').at(-1) ?? '')];
  const forms = secrets.flatMap((one) => [one, one.toLowerCase(), one.replaceAll('-', ''), btoa(one)]);
  const tables = await world.rows<{ name: string }>(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
  );
  expect(tables.length).toBeGreaterThan(30);
  const found: string[] = [];
  for (const { name } of tables) {
    const text = JSON.stringify(await world.rows(`SELECT * FROM "${name}"`));
    for (const form of forms) if (form.length > 5 && text.includes(form)) found.push(`${name}: ${form}`);
    // Who a person is stands in `people` alone, and from where they came nowhere.
    if (text.includes('203.0.113.7') || (name !== 'people' && text.includes(OLGA))) found.push(name);
  }
  expect(found).toEqual([]);
});

test.each([
  ['GET', '/v1/security'],
  ['POST', '/v1/second-factor'],
  ['POST', '/v1/second-factor/passkey/options'],
  ['POST', '/v1/second-factor/passkey'],
  ['POST', '/v1/security/totp'],
  ['POST', '/v1/security/totp/confirm'],
  ['DELETE', '/v1/security/totp'],
  ['POST', '/v1/security/recovery-codes'],
  ['POST', '/v1/security/passkeys/options'],
  ['POST', '/v1/security/passkeys'],
  ['PATCH', '/v1/security/passkeys/x'],
  ['DELETE', '/v1/security/passkeys/x'],
  ['DELETE', '/v1/security/sessions/x'],
  ['DELETE', '/v1/security/sessions'],
  ['POST', '/v1/security/oidc'],
  ['DELETE', '/v1/security/oidc'],
  ['POST', '/v1/sign-out'],
])('%s %s is for people who are signed in, and for no key', async (method, path) => {
  const body = method === 'GET' ? undefined : {};
  expect((await openTab(world).call(method, path, body)).status).toBe(401);
  expect(await world.call(method, path, body)).toMatchObject({ status: 403, body: { code: 'person_required' } });
});
