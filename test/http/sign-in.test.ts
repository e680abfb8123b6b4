/**
 * Signing in by a letter, on real D1: who is let in, and everybody who must not be. Each browser here keeps its own cookies;
 * letters are read as people read them.
 */
import { createExecutionContext, env, waitOnExecutionContext } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { app } from '../../edge/app.ts';
import type { SecurityAnswer, SessionAnswer } from '../../edge/contract-people.ts';
import type { ProgramRole } from '../../edge/core/access.ts';
import { forgiveTries, LIMITS, spendTry } from '../../edge/flows/tries.ts';
import { runCron } from '../../edge/jobs/cron.ts';
import { fresh } from '../support/empty.ts';
import { addPerson, openTab, read, type Tab } from '../support/tab.ts';
import { ANNA, createWorld, ORIGIN, OTHER_PROGRAM, PROGRAM, START, type World } from '../support/world.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const OLGA = 'olga@shop.example';
const SESSION = '__Host-tributary_session';
const SIGN_IN = '__Host-tributary_sign_in';

let world: World;
let tab: Tab;
const noted = vi.spyOn(console, 'info');
afterEach(() => noted.mockReset());
beforeEach(async () => {
  noted.mockImplementation(() => undefined);
  world = await createWorld();
  tab = openTab(world);
  await addPerson(world, OLGA, [{ programId: PROGRAM, partnerId: null, role: 'owner' }]);
});

const press = (token: string, from = tab) =>
  from.call<{ code: string; next: string }>('POST', '/v1/sign-in/confirm', { token });
const me = async (from = tab) => (await from.call<SessionAnswer>('GET', '/v1/session')).body;
const acts = async () =>
  (await world.rows<{ act: string }>('SELECT act FROM audit ORDER BY at, id')).map((one) => one.act);

describe('a letter', () => {
  test('lets its reader in, once, by a press', async () => {
    const asked = await tab.call('POST', '/v1/sign-in/link', { email: ' Olga@Shop.example ', next: '/orders?days=7' });
    expect([asked.status, asked.body]).toEqual([202, { sent: true }]);
    const [letter] = world.letters;
    expect(letter).toMatchObject({ to: OLGA, subject: 'Sign in to Tributary' });
    expect(letter?.text).toContain('in Firefox on Linux');
    const { token } = read(letter?.text ?? '');
    expect(letter?.html).toContain(`href="${ORIGIN}/sign-in/confirm#${token}"`);

    // What mail scanners do with a link changes nothing: what stands after the # does not even reach us.
    for (let scans = 0; scans < 3; scans++) await world.fetch('/sign-in/confirm');
    expect(await press(token)).toMatchObject({ status: 200, body: { next: '/orders?days=7' } });
    expect(await me()).toMatchObject({
      person: { email: OLGA },
      current: { role: 'owner', program: { slug: 'world' } },
    });
    expect(await press(token)).toMatchObject({ status: 410, body: { code: 'link_over' } });
    expect(await acts()).toEqual(['session.started']);
  });

  test('leads to where people sign in, as it is set, whatever host was asked', async () => {
    const evil = 'https://evil.example';
    const request = new Request(`${evil}/v1/sign-in/link`, {
      method: 'POST',
      headers: { origin: evil, 'content-type': 'application/json' },
      body: JSON.stringify({ email: OLGA }),
    });
    const bindings = { ...env, deps: world.deps, DASHBOARD_ORIGIN: 'https://partners.shop.example' };
    const context = createExecutionContext();
    expect((await app.fetch(request, bindings as never, context as never)).status).toBe(202);
    await waitOnExecutionContext(context);
    const [letter] = world.letters;
    expect(letter?.text).toContain('https://partners.shop.example/sign-in/confirm#');
    expect(`${letter?.text}${letter?.html}`).not.toContain('evil');
  });

  test('leads home when nothing was asked for', async () => {
    const letter = await tab.ask(OLGA);
    expect((await press(letter?.token ?? '')).body.next).toBe('/');
  });

  test.each([
    ['a host', '//evil.example'],
    ['a host behind a backslash', '/\\evil.example'],
    ['a whole address', 'https://evil.example'],
    ['a script', 'javascript:alert(1)'],
    ['a tab between', '/\t/evil.example'],
    ['a line break', '/\r\nset-cookie:x=y'],
    ['no path', 'orders'],
  ])('leads to no place but this host: %s', async (_, next) => {
    const { status, body } = await tab.call('POST', '/v1/sign-in/link', { email: OLGA, next });
    expect([status, body.code]).toEqual([422, 'invalid']);
    expect(world.letters).toEqual([]);
  });

  test('has a code, to type in the browser that asked when the letter is read elsewhere', async () => {
    const letter = await tab.ask(OLGA);
    const typed = ` ${letter?.code.toLowerCase().replace('-', ' ')} `;
    expect((await tab.call('POST', '/v1/sign-in/confirm', { code: typed })).status).toBe(200);
    // The link beside it is used as well.
    expect((await press(letter?.token ?? '')).status).toBe(410);
    expect((await me()).person.email).toBe(OLGA);
  });

  test('is over after fifteen minutes', async () => {
    const letter = await tab.ask(OLGA);
    const code = (await tab.ask(OLGA))?.code ?? '';
    world.at(START + 15 * MINUTE_MS);
    expect((await press(letter?.token ?? '')).body.code).toBe('link_over');
    expect((await tab.call('POST', '/v1/sign-in/confirm', { code })).body.code).toBe('link_over');
    // And a month later, when nothing of it is kept.
    world.at(START + 30 * DAY_MS);
    await runCron('17 * * * *', world.deps);
    expect(await world.rows('SELECT * FROM attempts')).toEqual([]);
    expect(await world.rows('SELECT * FROM tries')).toEqual([]);
    expect((await press(letter?.token ?? '')).body.code).toBe('link_over');
  });

  test('is worth nothing in another browser: forwarded, stolen, or read by a scanner that presses', async () => {
    const letter = await tab.ask(OLGA);
    const { token = '', code = '' } = letter ?? {};
    const other = openTab(world, { network: '198.51.100.9' });
    expect((await press(token, other)).body.code).toBe('link_over');
    await other.ask('nobody@shop.example');
    expect((await press(token, other)).body.code).toBe('link_over');
    expect((await other.call('POST', '/v1/sign-in/confirm', { code })).body.code).toBe('link_over');
    expect(other.session()).toBeUndefined();
    // And it is not used up by them.
    expect((await press(token)).status).toBe(200);
  });

  test('of one press at once, one lets in', async () => {
    const { token = '' } = (await tab.ask(OLGA)) ?? {};
    const all = await Promise.all(Array.from({ length: 5 }, () => press(token)));
    expect(all.map((one) => one.status).sort()).toEqual([200, 410, 410, 410, 410]);
    expect(await world.rows('SELECT count(*) AS n FROM sessions')).toEqual([{ n: 1 }]);
    expect(await acts()).toEqual(['session.started']);
  });

  test('two people on one link: whoever asked is in as whom the letter went to, the other is not', async () => {
    await addPerson(world, 'mira@shop.example', [{ programId: PROGRAM, partnerId: null, role: 'analyst' }]);
    const other = openTab(world, { network: '198.51.100.9' });
    const [hers, theirs] = [await tab.ask(OLGA), await other.ask('mira@shop.example')];
    expect((await press(hers?.token ?? '', other)).status).toBe(410);
    expect((await press(theirs?.token ?? '', tab)).status).toBe(410);
    expect((await press(theirs?.token ?? '', other)).status).toBe(200);
    expect((await me(other)).person.email).toBe('mira@shop.example');
    expect((await press(hers?.token ?? '')).status).toBe(200);
    expect((await me()).person.email).toBe(OLGA);
  });

  test('links that were asked for one after the other are all good, each once', async () => {
    const [first, second] = [await tab.ask(OLGA), await tab.ask(OLGA)];
    expect((await press(first?.token ?? '')).status).toBe(200);
    expect((await press(second?.token ?? '')).status).toBe(200);
    // The second sign-in took the place of the first.
    expect(await world.rows('SELECT count(*) AS n FROM sessions')).toEqual([{ n: 1 }]);
  });

  test('guessed tokens and codes open nothing, and end in a limit that the rightful browser does not feel', async () => {
    const letter = await tab.ask(OLGA);
    const guesser = openTab(world, { network: '203.0.113.7' });
    await guesser.ask(OLGA);
    const told = new Set<string>();
    for (let guess = 0; guess < 140; guess++) {
      // With its own cookie, and with new ones, as a script would.
      if (guess > 30) guesser.cookies.set(SIGN_IN, String(guess).padStart(43, 'x'));
      const word = String(guess).padStart(43, 'A');
      const given = guess % 2 ? { token: word } : { code: word.slice(-10) };
      const { status, body } = await guesser.call('POST', '/v1/sign-in/confirm', given);
      told.add(`${status} ${body.code}`);
    }
    expect([...told]).toEqual(['410 link_over', '429 too_many_tries']);
    expect(guesser.session()).toBeUndefined();
    // From the same network, in the same minute.
    expect((await press(letter?.token ?? '')).status).toBe(200);
  });

  test.each([
    ['nothing', {}],
    ['both', { token: 'x', code: 'y' }],
    ['another type', { token: 5 }],
    ['a field that nobody knows', { token: 'x', email: OLGA }],
  ])('%s is no press', async (_, given) => {
    expect((await tab.call('POST', '/v1/sign-in/confirm', given)).status).toBe(422);
  });
});

describe('who is known here', () => {
  test('is told by nothing: the same answer, headers, and work for an address that nobody has', async () => {
    const ask = async (email: string) => {
      const fresh = openTab(world);
      const [before, bill] = [world.d1.answered, { ...world.billed }];
      const { status, body, headers } = await fresh.call('POST', '/v1/sign-in/link', { email });
      const shown = [...headers].map(([name, value]) => [name, value.replace(/=[\w-]{43};/, '=…;')]);
      return {
        ...{ status, body, shown, statements: world.d1.answered - before },
        ...{ trips: world.billed.roundTrips - bill.roundTrips, rows: world.billed.rowsWritten - bill.rowsWritten },
      };
    };
    const known = await ask(OLGA);
    const unknown = await ask('nobody@shop.example');
    expect(unknown).toEqual(known);
    expect(known.status).toBe(202);
    expect(world.letters.map((one) => one.to)).toEqual([OLGA]);
    // Past their limits too.
    for (const email of [OLGA, 'nobody@shop.example']) for (let more = 0; more < 9; more++) await ask(email);
    const [over, overUnknown] = [await ask(OLGA), await ask('nobody@shop.example')];
    expect(overUnknown).toEqual(over);
    expect(over.body).toMatchObject({ code: 'too_many_tries' });
  });

  test('an attempt for nobody is kept like any other, and opens nothing', async () => {
    await tab.ask('nobody@shop.example');
    const [kept] = await world.rows<Record<string, unknown>>('SELECT * FROM attempts');
    expect(kept).toMatchObject({ kind: 'link', person_id: null, used_at: null });
    expect(world.letters).toEqual([]);
  });

  test('who has no place, or only an invitation, signs in and sees that', async () => {
    await addPerson(world, 'gone@shop.example');
    await tab.enter('gone@shop.example');
    expect(await me()).toMatchObject({ current: null, places: [], invitations: [] });
    expect((await tab.call('GET', '/v1/reports/summary')).status).toBe(404);
    await addPerson(world, 'new@shop.example', [
      { programId: PROGRAM, partnerId: ANNA, role: 'member', joined: false },
    ]);
    await tab.enter('new@shop.example');
    expect(await me()).toMatchObject({ current: null, invitations: [{ role: 'member', partner: { slug: 'anna' } }] });
  });

  test('who says no to an invitation goes on looking from where they did', async () => {
    await addPerson(world, 'both@shop.example', [
      { programId: PROGRAM, partnerId: null, role: 'analyst' },
      { programId: PROGRAM, partnerId: ANNA, role: 'member', joined: false },
    ]);
    await tab.enter('both@shop.example');
    const [invited] = (await me()).invitations;
    const said = await tab.call<SessionAnswer>('POST', `/v1/session/invitations/${invited?.id}`, { accept: false });
    expect(said).toMatchObject({ status: 200, body: { current: { role: 'analyst', partner: null }, invitations: [] } });
    expect(said.body).toEqual(await me());
  });
});

describe('letters have limits', () => {
  const limit = (per: string) => LIMITS.find((one) => one.what === 'link' && one.per === per)?.most ?? 0;

  test('of an account from one network; another network, and a browser that is known, have their own', async () => {
    const known = openTab(world);
    await known.enter(OLGA);
    const thief = openTab(world);
    for (let more = 0; more < limit('account and network'); more++) expect(await thief.ask(OLGA)).not.toBeNull();
    const over = await thief.call('POST', '/v1/sign-in/link', { email: OLGA });
    expect([over.status, over.body.code]).toEqual([429, 'too_many_tries']);
    expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(over.headers.get('retry-after'))).toBeLessThanOrEqual(15 * 60);
    expect(await openTab(world, { network: '198.51.100.1' }).ask(OLGA)).not.toBeNull();
    await known.call('POST', '/v1/sign-out');
    await known.enter(OLGA);
    // The network is the same for whole households of IPv6.
    const six = (host: string) => openTab(world, { network: `2001:db8:1:2::${host}` });
    for (let more = 0; more < limit('account and network'); more++) await six(String(more + 1)).ask(OLGA);
    expect(await six('ffff').ask(OLGA)).toBeNull();
    // When its time is over, it begins anew.
    world.at(START + 16 * MINUTE_MS);
    expect(await thief.ask(OLGA)).not.toBeNull();
  });

  test('of a mailbox, from wherever', async () => {
    const from = (number: number) => openTab(world, { network: `198.51.100.${number}` });
    for (let more = 0; more < limit('account'); more++) await from(more).ask(OLGA);
    expect(world.letters.length).toBe(limit('account'));
    expect(await from(250).ask(OLGA)).toBeNull();
    // Somebody else's is not meant.
    expect((await from(250).call('POST', '/v1/sign-in/link', { email: 'nobody@shop.example' })).status).toBe(202);
  });

  test('of a network, which an account of one’s own does not give back', async () => {
    const deps = { ...world.deps, by: { ...world.deps.by, address: '203.0.113.7' } };
    const spend = (account: string) => spendTry(deps, 'link', { account });
    for (let more = 0; more < limit('network'); more++) expect((await spend(`${more}@shop.example`)).ok).toBe(true);
    expect((await spend(OLGA)).ok).toBe(false);
    await forgiveTries(deps, 'link', { account: OLGA });
    expect((await spend('mira@shop.example')).ok).toBe(false);
  });

  test('a right one is forgiven', async () => {
    for (let more = 0; more < 3 * limit('account and network'); more++) await openTab(world).enter(OLGA);
  });

  test('a browser that is known is so as one person: of another it uses the others’ limits', async () => {
    await addPerson(world, 'mira@shop.example');
    await tab.enter('mira@shop.example');
    for (let more = 0; more < limit('account and network'); more++) await tab.ask(OLGA);
    expect(await tab.ask(OLGA)).toBeNull();
  });

  test.each([
    ['altered', (cookie: string) => cookie.replace(/.$/, (last) => (last === '0' ? '1' : '0'))],
    ['of another person', (cookie: string) => cookie.replace(/^.{26}/, '0'.repeat(26))],
    ['empty', () => ''],
  ])('a cookie of a known browser that is %s is none', async (_, change) => {
    const known = openTab(world);
    await known.enter(OLGA);
    const device = known.cookies.get('__Host-tributary_device') ?? '';
    expect(device).not.toBe('');
    const thief = openTab(world);
    thief.cookies.set('__Host-tributary_device', change(device));
    for (let more = 0; more < limit('account and network'); more++) await thief.ask(OLGA);
    expect(await thief.ask(OLGA)).toBeNull();
  });
});

describe('a session', () => {
  test('is a new one at every sign-in; what the browser held before ends, whoever it was', async () => {
    await addPerson(world, 'mira@shop.example', [{ programId: PROGRAM, partnerId: null, role: 'analyst' }]);
    await tab.enter(OLGA);
    const first = tab.session();
    await tab.enter(OLGA);
    const second = tab.session();
    await tab.enter('mira@shop.example');
    expect(new Set([first, second, tab.session()]).size).toBe(3);
    for (const old of [first, second]) {
      const { status } = await openTab(world).call('GET', '/v1/session', undefined, { cookie: `${SESSION}=${old}` });
      expect(status).toBe(401);
    }
    expect(await world.rows('SELECT count(*) AS n FROM sessions')).toEqual([{ n: 1 }]);
  });

  test('looks from where the browser last looked, else from the first place', async () => {
    const { places } = await addPerson(world, 'both@shop.example', [
      { programId: PROGRAM, partnerId: ANNA, role: 'owner' },
      { programId: OTHER_PROGRAM, partnerId: null, role: 'analyst' },
    ]);
    await tab.enter('both@shop.example');
    expect((await me()).current?.id).toBe(places[0]);
    await tab.call('POST', '/v1/session', { place: places[1] });
    world.at(START + 1);
    await tab.enter('both@shop.example');
    expect((await me()).current?.id).toBe(places[1]);
    const [entry] = await world.rows('SELECT program_id FROM audit ORDER BY id DESC LIMIT 1');
    expect(entry).toEqual({ program_id: OTHER_PROGRAM });
  });

  test('ends when nobody uses it for three days, and after thirty in any case', async () => {
    await tab.enter(OLGA);
    for (let day = 2; day < 30; day += 2) {
      world.at(START + day * DAY_MS);
      expect((await tab.call('GET', '/v1/session')).status).toBe(200);
    }
    world.at(START + 30 * DAY_MS - 1);
    expect((await tab.call('GET', '/v1/session')).status).toBe(200);
    world.at(START + 30 * DAY_MS);
    expect((await tab.call('GET', '/v1/session')).status).toBe(401);

    const idle = openTab(world);
    await idle.enter(OLGA);
    world.at(START + 33 * DAY_MS - 1);
    expect((await idle.call('GET', '/v1/security')).status).toBe(200);
    world.at(START + 36 * DAY_MS);
    expect((await idle.call('GET', '/v1/session')).status).toBe(401);
    await runCron('17 * * * *', world.deps);
    expect(await world.rows('SELECT * FROM sessions')).toEqual([]);
  });

  test('ends by signing out, there and then', async () => {
    await tab.enter(OLGA);
    const held = tab.session();
    world.at(START + 1);
    expect((await tab.call('POST', '/v1/sign-out')).status).toBe(204);
    expect(tab.session()).toBeUndefined();
    const again = await tab.call('GET', '/v1/session', undefined, { cookie: `${SESSION}=${held}` });
    expect(again.status).toBe(401);
    expect(await acts()).toEqual(['session.started', 'session.ended']);
  });

  test('of who is demoted has less at the next call, and is exchanged; the old one is good for half a minute', async () => {
    const { places } = await addPerson(world, 'boss@shop.example', [
      { programId: PROGRAM, partnerId: null, role: 'owner' },
    ]);
    await tab.enter('boss@shop.example');
    const rename = (headers = {}) => tab.call('PATCH', '/v1/program', { windowDays: 20 }, headers);
    expect((await rename()).status).toBe(200);
    await world.deps.store.commit([
      { kind: 'place_role', programId: PROGRAM, id: places[0] as never, role: 'analyst', was: 'owner' },
    ]);
    const old = tab.session();
    expect((await rename()).status).toBe(404);
    // What was refused changes nothing; the next call that is answered brings the new one.
    const read = await tab.call('GET', '/v1/program');
    expect(read.status).toBe(200);
    expect(tab.session()).not.toBe(old);
    const withOld = { cookie: `${SESSION}=${old}` };
    world.at(START + 29_000);
    expect((await tab.call('GET', '/v1/program', undefined, withOld)).status).toBe(200);
    expect((await rename(withOld)).status).toBe(404);
    world.at(START + 30_000);
    expect((await tab.call('GET', '/v1/program', undefined, withOld)).status).toBe(401);
    expect((await tab.call('GET', '/v1/program')).status).toBe(200);
  });

  test('whose rights have changed is exchanged once, however many calls are on their way', async () => {
    const { places } = await addPerson(world, 'boss@shop.example', [
      { programId: PROGRAM, partnerId: null, role: 'owner' },
    ]);
    await tab.enter('boss@shop.example');
    await world.deps.store.commit([
      { kind: 'place_role', programId: PROGRAM, id: places[0] as never, role: 'manager', was: 'owner' },
    ]);
    const all = await Promise.all(Array.from({ length: 5 }, () => tab.call('GET', '/v1/program')));
    expect(all.map((one) => one.status)).toEqual([200, 200, 200, 200, 200]);
    expect(all.flatMap((one) => one.headers.getSetCookie()).length).toBe(1);
    expect((await tab.call('GET', '/v1/program')).status).toBe(200);
  });

  test('whose rights change again meanwhile is exchanged for who holds the current one alone', async () => {
    const { places } = await addPerson(world, 'boss@shop.example', [
      { programId: PROGRAM, partnerId: null, role: 'owner' },
    ]);
    await tab.enter('boss@shop.example');
    const demote = (role: ProgramRole, was: ProgramRole) =>
      world.deps.store.commit([{ kind: 'place_role', programId: PROGRAM, id: places[0] as never, role, was }]);
    const stale = openTab(world);
    for (const [name, value] of tab.cookies) stale.cookies.set(name, value);
    await demote('manager', 'owner');
    await tab.call('GET', '/v1/program');
    await demote('analyst', 'manager');
    const late = await stale.call('GET', '/v1/program');
    expect([late.status, late.headers.getSetCookie()]).toEqual([200, []]);
    world.at(START + 2 * 30_000);
    const held = tab.session();
    expect((await tab.call('GET', '/v1/program')).status).toBe(200);
    expect(tab.session()).not.toBe(held);
  });

  test('signing out while rights have changed leaves no session behind', async () => {
    const { places } = await addPerson(world, 'boss@shop.example', [
      { programId: PROGRAM, partnerId: null, role: 'owner' },
    ]);
    await tab.enter('boss@shop.example');
    await world.deps.store.commit([
      { kind: 'place_role', programId: PROGRAM, id: places[0] as never, role: 'manager', was: 'owner' },
    ]);
    expect((await tab.call('POST', '/v1/sign-out')).status).toBe(204);
    expect(tab.session()).toBeUndefined();
    expect(await world.rows('SELECT * FROM sessions')).toEqual([]);
  });

  test('of who is removed ends with the next call, on every browser', async () => {
    const { places } = await addPerson(world, 'out@shop.example', [
      { programId: PROGRAM, partnerId: ANNA, role: 'member' },
    ]);
    const phone = openTab(world);
    for (const one of [tab, phone]) await one.enter('out@shop.example');
    expect((await phone.call('GET', '/v1/reports/summary')).status).toBe(200);
    const [place] = await world.rows<{ joinedAt: number }>(
      'SELECT joined_at AS joinedAt FROM memberships WHERE id = ?',
      places[0],
    );
    await world.deps.store.commit([
      {
        ...{ kind: 'place_gone', programId: PROGRAM, id: places[0] as never, role: 'member' },
        joinedAt: place?.joinedAt ?? null,
      },
    ]);
    for (const one of [tab, phone]) expect((await one.call('GET', '/v1/reports/summary')).status).toBe(401);
  });

  test('is made of what only its browser knows: names of places, sessions and made-up secrets open nothing', async () => {
    await tab.enter(OLGA);
    const [row] = await world.rows<{ id: string; hash: string }>('SELECT id, hash FROM sessions');
    for (const guess of [row?.id, row?.hash, row?.hash.slice(0, 43), 'A'.repeat(43), '']) {
      const { status } = await openTab(world).call('GET', '/v1/session', undefined, { cookie: `${SESSION}=${guess}` });
      expect(status).toBe(401);
    }
  });

  test('a cookie of another name, or of two, is not it', async () => {
    await tab.enter(OLGA);
    const held = tab.session();
    for (const cookie of [`tributary_session=${held}`, `x${SESSION}=${held}`, `${SESSION}=${held}x`]) {
      expect((await openTab(world).call('GET', '/v1/session', undefined, { cookie })).status).toBe(401);
    }
  });
});

describe('pages of other sites', () => {
  const POSTS: readonly [string, unknown][] = [
    ['/v1/sign-in/link', { email: OLGA }],
    ['/v1/sign-in/confirm', { token: 'x' }],
    ['/v1/sign-in/passkey/options', {}],
    ['/v1/sign-in/passkey', { credential: { id: 'x', response: {} } }],
  ];
  test.each(POSTS)('%s is not theirs to call', async (path, body) => {
    const tries = [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: 'https://t.example.evil.example' },
      { origin: 'http://t.example' },
      // Browsers always say where a post comes from; what does not is no page of ours.
      { origin: '' },
    ];
    for (const headers of tries) {
      expect(await tab.call('POST', path, body, headers)).toMatchObject({ status: 403, body: { code: 'cross_site' } });
    }
    expect(world.letters).toEqual([]);
  });

  test('nobody is signed in as somebody else by another site: a right token from there is not taken', async () => {
    const letter = await tab.ask(OLGA);
    const { status } = await tab.call(
      'POST',
      '/v1/sign-in/confirm',
      { token: letter?.token },
      { origin: 'https://evil.example' },
    );
    expect(status).toBe(403);
    expect(tab.session()).toBeUndefined();
  });

  test('a form is not JSON', async () => {
    const form = { 'content-type': 'text/plain' };
    expect((await tab.call('POST', '/v1/sign-in/link', { email: OLGA }, form)).status).toBe(415);
  });

  test('nobody is signed out, or looks from another place, by them', async () => {
    await tab.enter(OLGA);
    for (const [method, path] of [
      ['POST', '/v1/sign-out'],
      ['DELETE', '/v1/security/sessions'],
      ['POST', '/v1/security/totp'],
    ] as const) {
      expect((await tab.call(method, path, {}, { origin: 'https://evil.example' })).status).toBe(401);
    }
    expect((await me()).person.email).toBe(OLGA);
    const fetched = { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' };
    expect((await tab.call('GET', '/v1/session', undefined, fetched)).status).toBe(401);
  });

  test.each([undefined, '/_t', '/elsewhere'])(
    'on the shop’s host (%s) there is no sign-in and no session',
    async (base) => {
      await fresh(env.DB);
      world = await createWorld({ BASE_PATH: base } as never);
      await addPerson(world, OLGA, [{ programId: PROGRAM, partnerId: null, role: 'owner' }]);
      tab = openTab(world);
      await tab.enter(OLGA);
      const under = base ?? '/_t';
      expect((await tab.call('GET', `${under}/v1/session`)).status).toBe(401);
      expect((await tab.call('GET', `${under}/v1/reports/summary`)).status).toBe(401);
      expect((await tab.call('POST', `${under}/v1/sign-in/link`, { email: OLGA })).body.code).toBe('cross_site');
      expect((await tab.call('POST', `${under}/v1/sign-out`)).status).toBe(401);
      expect((await tab.call('GET', `${under}/v1/sign-in/oidc`)).body.code).toBe('cross_site');
      expect((await tab.call('GET', `${under}/v1/sign-in/oidc/callback?state=x`)).body.code).toBe('cross_site');
      // Everything that needs nobody does answer there.
      expect((await tab.call('GET', `${under}/health`)).status).toBe(200);
    },
  );
});

test('a letter has the origin it was asked at', async () => {
  const origin = 'https://partners.shop.example';
  const response = await world.fetch(`${origin}/v1/sign-in/link`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ email: OLGA }),
  });
  expect(response.status).toBe(202);
  expect(world.letters[0]?.text).toContain(`${origin}/sign-in/confirm#`);
});

test('who was not let in is noted, without a word of who or with what', async () => {
  const letter = await tab.ask(OLGA);
  await press(letter?.token ?? '', openTab(world));
  expect(noted.mock.calls).toEqual([['{"event":"sign_in.refused","code":"link_over"}']]);
});

test('a letter that is not taken changes nothing of the answer', async () => {
  world.deps.mail = { send: () => Promise.reject(new Error('the mail service is away')) };
  expect((await tab.call('POST', '/v1/sign-in/link', { email: OLGA })).status).toBe(202);
});

test('the way in is told to anybody', async () => {
  expect((await tab.call('GET', '/v1/sign-in')).body).toEqual({ singleSignOn: null });
});

test('who is signed in elsewhere is listed, and no place of it is in clear', async () => {
  await tab.enter(OLGA);
  const phone = openTab(world, {
    agent:
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
  });
  await phone.enter(OLGA);
  const { body } = await tab.call<SecurityAnswer>('GET', '/v1/security');
  expect(body.sessions.map(({ agent, country, current, method }) => ({ agent, country, current, method }))).toEqual(
    expect.arrayContaining([
      { agent: 'Firefox on Linux', country: 'DE', current: true, method: 'link' },
      { agent: 'Mobile Safari on iOS', country: 'DE', current: false, method: 'link' },
    ]),
  );
  const [entry] = await world.rows<{ actor: string; origin: string }>('SELECT actor, origin FROM audit LIMIT 1');
  expect(JSON.parse(entry?.origin ?? '')).toEqual({ country: 'DE', address: expect.stringMatching(/^sealed:/) });
});
