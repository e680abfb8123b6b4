/**
 * Single sign-on against an issuer of the test's own, on real D1: it answers rightly, and then in every wrong way that we
 * could be fooled by. (A real, well-kept provider stands in `test/support/oidc-provider.ts`.)
 */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createOidc } from '../../edge/auth/oidc.ts';
import type { SecurityAnswer, SessionAnswer } from '../../edge/contract-people.ts';
import type { PersonId } from '../../edge/core/id.ts';
import { base64Url } from '../support/authenticator.ts';
import { addPerson, openTab, type Tab } from '../support/tab.ts';
import { ANNA, createWorld, ORIGIN, PROGRAM, START, type World } from '../support/world.ts';

const ISSUER = 'https://id.retailer.example';
const CLIENT = 'tributary';
const SECRET = 'a secret of thirty-two letters!!';
const CALLBACK = `${ORIGIN}/v1/sign-in/oidc/callback`;
const MINUTE_MS = 60_000;
const OLGA = 'olga@shop.example';

/** What an issuer would say in place of the truth. */
interface Lies {
  header?: Record<string, unknown>;
  claims?: Record<string, unknown>;
  /** How the token is signed. */
  sign?: (signed: string) => Promise<string> | string;
  metadata?: Record<string, unknown>;
  token?: Record<string, unknown>;
  down?: boolean;
}

let world: World;
let tab: Tab;
let personId: PersonId;
let lies: Lies;
let keys: CryptoKeyPair;
/** Codes that the issuer gave, with what came along; it takes each once. */
let codes: Map<string, { challenge: string; nonce: string; redirectUri: string; subject: string }>;
/** Tokens calls, as the issuer saw them. */
let asked: { authorization: string | null; body: URLSearchParams }[];

const noted = vi.spyOn(console, 'info');
const errors = vi.spyOn(console, 'error');
afterEach(() => {
  noted.mockReset();
  errors.mockReset();
});
beforeEach(async () => {
  noted.mockImplementation(() => undefined);
  errors.mockImplementation(() => undefined);
  lies = {};
  codes = new Map();
  asked = [];
  keys = await rsa();
  world = await createWorld();
  connect();
  ({ personId } = await addPerson(world, OLGA, [{ programId: PROGRAM, partnerId: null, role: 'analyst' }]));
  tab = openTab(world);
});

const rsa = async () =>
  (await crypto.subtle.generateKey(
    { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
    true,
    ['sign', 'verify'],
  )) as CryptoKeyPair;

function connect(): void {
  const oidc = createOidc({
    ...{ issuer: ISSUER, clientId: CLIENT, clientSecret: SECRET, name: 'Retailer', now: world.now },
    fetch: issuer,
  });
  world.deps.auth = { ...world.deps.auth, oidc };
}

/** The issuer's three doors. */
async function issuer(
  address: string,
  { headers, body }: { headers: Record<string, string>; body?: URLSearchParams | undefined },
): Promise<Response> {
  if (lies.down) throw new TypeError('the network is away');
  const { pathname, origin } = new URL(address);
  if (origin !== ISSUER) throw new TypeError(`nobody is at ${origin}`);
  switch (pathname) {
    case '/.well-known/openid-configuration':
      return Response.json({
        issuer: ISSUER,
        authorization_endpoint: `${ISSUER}/auth?tenant=1`,
        token_endpoint: `${ISSUER}/token`,
        jwks_uri: `${ISSUER}/jwks`,
        id_token_signing_alg_values_supported: ['RS256'],
        authorization_response_iss_parameter_supported: true,
        ...lies.metadata,
      });
    case '/jwks': {
      const { kty, n, e } = (await crypto.subtle.exportKey('jwk', keys.publicKey)) as JsonWebKey;
      return Response.json({ keys: [{ kty, n, e, use: 'sig', kid: 'one' }] });
    }
    case '/token': {
      asked.push({ authorization: headers.authorization ?? null, body: body ?? new URLSearchParams() });
      const given = codes.get(body?.get('code') ?? '');
      codes.delete(body?.get('code') ?? '');
      const proof = await digest(body?.get('code_verifier') ?? '');
      if (!given || given.challenge !== proof || given.redirectUri !== body?.get('redirect_uri')) {
        return Response.json({ error: 'invalid_grant' }, { status: 400 });
      }
      const id_token = await tokenFor(given);
      return Response.json({ access_token: 'x', token_type: 'Bearer', expires_in: 60, id_token, ...lies.token });
    }
    default:
      return new Response(null, { status: 404 });
  }
}

async function tokenFor({ nonce, subject }: { nonce: string; subject: string }): Promise<string> {
  const now = Math.floor(world.now() / 1000);
  const header = { alg: 'RS256', kid: 'one', ...lies.header };
  const claims = { iss: ISSUER, aud: CLIENT, sub: subject, nonce, iat: now, exp: now + 300, ...lies.claims };
  const signed = [header, claims].map((one) => base64Url(new TextEncoder().encode(JSON.stringify(one)))).join('.');
  const sign = lies.sign ?? signBy(keys);
  return `${signed}.${await sign(signed)}`;
}

const signBy =
  ({ privateKey }: CryptoKeyPair) =>
  async (signed: string) =>
    base64Url(
      new Uint8Array(await crypto.subtle.sign('RSASSA-PKCS1-v1_5', privateKey, new TextEncoder().encode(signed))),
    );
const signByMac = (secret: string) => async (signed: string) => {
  const raw = new TextEncoder().encode(secret);
  const key = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return base64Url(new Uint8Array(await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(signed))));
};
const digest = async (text: string) =>
  base64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))));

/** Goes out, and signs in there: the address that the issuer sends the browser back to. */
async function out(from = tab, { subject = 'staff-1', next = '' } = {}): Promise<URL> {
  const begun = await from.call('GET', `/v1/sign-in/oidc${next && `?next=${encodeURIComponent(next)}`}`);
  return arrive(begun.headers.get('location') ?? '', subject);
}

function arrive(location: string, subject: string): URL {
  const { searchParams: sent } = new URL(location);
  const code = `code-${codes.size}-${sent.get('state')?.slice(0, 6)}`;
  codes.set(code, {
    challenge: sent.get('code_challenge') ?? '',
    nonce: sent.get('nonce') ?? '',
    redirectUri: sent.get('redirect_uri') ?? '',
    subject,
  });
  const back = new URL(sent.get('redirect_uri') ?? '');
  for (const [name, value] of Object.entries({ code, state: sent.get('state') ?? '', iss: ISSUER })) {
    back.searchParams.set(name, value);
  }
  return back;
}

/** Comes back, as browsers do from another site: by a link. Where it is led to. */
async function back(address: URL, from = tab): Promise<string | null> {
  const navigation = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
  const { status, headers } = await from.call('GET', `${address.pathname}${address.search}`, undefined, navigation);
  expect(status).toBe(303);
  return headers.get('location');
}

/** Links who Olga is there: signed in by letter, then a trip. */
async function link(subject = 'staff-1', from = tab): Promise<string | null> {
  const { body } = await from.call<{ location: string }>('POST', '/v1/security/oidc', {});
  return back(arrive(body.location, subject), from);
}
async function linked(): Promise<void> {
  await tab.enter(OLGA);
  expect(await link()).toBe('/security');
  await tab.call('POST', '/v1/sign-out');
}
const who = async (from = tab) => (await from.call<SessionAnswer>('GET', '/v1/session')).body.person?.email ?? null;

describe('a trip', () => {
  test('is not used up by who asks for no more than a page’s head', async () => {
    await linked();
    const way = await out();
    const { pathname, search } = way;
    expect((await tab.call('HEAD', `${pathname}${search}`)).status).toBe(404);
    expect(await back(way)).toBe('/');
    expect(await who()).toBe(OLGA);
  });

  test('signs in whoever has linked the account, and leads on', async () => {
    await linked();
    expect((await tab.call('GET', '/v1/sign-in')).body).toEqual({ singleSignOn: { name: 'Retailer' } });
    expect(await back(await out(tab, { next: '/orders' }))).toBe('/orders');
    expect(await who()).toBe(OLGA);
    const { body } = await tab.call<SecurityAnswer>('GET', '/v1/security');
    expect(body.sessions[0]?.method).toBe('oidc');
    expect(body.singleSignOn).toEqual({ name: 'Retailer', linked: true });
    expect(await back(await out())).toBe('/');
  });

  test('asks the issuer for a code, with state, nonce and a proof, and tells it the secret in the header', async () => {
    await linked();
    asked = [];
    const begun = await tab.call('GET', '/v1/sign-in/oidc');
    expect(begun.status).toBe(302);
    const sent = new URL(begun.headers.get('location') ?? '');
    expect(`${sent.origin}${sent.pathname}`).toBe(`${ISSUER}/auth`);
    expect(Object.fromEntries(sent.searchParams)).toEqual({
      ...{ tenant: '1', client_id: CLIENT, redirect_uri: CALLBACK, response_type: 'code', scope: 'openid' },
      ...{ code_challenge: expect.stringMatching(/^[\w-]{43}$/), code_challenge_method: 'S256' },
      ...{ state: expect.stringMatching(/^[\w-]{43}$/), nonce: expect.stringMatching(/^[\w-]{43}$/) },
    });
    await back(arrive(sent.href, 'staff-1'));
    expect(asked).toHaveLength(1);
    expect(asked[0]?.authorization).toMatch(/^Basic /);
    expect(asked[0]?.body.has('client_secret')).toBe(false);
  });

  test('tells the secret in the body to an issuer that takes it only there', async () => {
    lies.metadata = { token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'] };
    await linked();
    expect(asked[0]?.authorization).toBeNull();
    expect(asked[0]?.body.get('client_secret')).toBe(SECRET);
  });

  test.each(['//evil.example', 'https://evil.example', '/\\evil.example', 'x'])(
    'leads to no place but this host: %s',
    async (next) => {
      const { status, body } = await tab.call('GET', `/v1/sign-in/oidc?next=${encodeURIComponent(next)}`);
      expect([status, body.code]).toEqual([422, 'invalid']);
    },
  );

  test('of somebody whom nobody has linked signs nobody in, whatever address the issuer names', async () => {
    lies.claims = { email: OLGA, email_verified: true, preferred_username: OLGA };
    expect(await back(await out(tab, { subject: 'stranger' }))).toBe('/sign-in?problem=not_linked');
    expect(await who()).toBeNull();
    expect(await world.rows('SELECT * FROM sessions')).toEqual([]);
  });

  test('of the same subject at another issuer signs nobody in', async () => {
    await world.deps.store.commit([
      {
        kind: 'single_sign_on',
        link: { issuer: 'https://elsewhere.example', subject: 'staff-1', personId, linkedAt: START },
      },
    ]);
    expect(await back(await out())).toBe('/sign-in?problem=not_linked');
  });

  test('lets in the retailer’s staff alone: who has lost that place is refused', async () => {
    await linked();
    const [place] = await world.rows<{ id: string; joinedAt: number }>(
      'SELECT id, joined_at AS joinedAt FROM memberships WHERE person_id = ?',
      personId,
    );
    await world.deps.store.commit([
      {
        ...{ kind: 'place_gone', programId: PROGRAM, id: place?.id as never, role: 'analyst' },
        joinedAt: place?.joinedAt ?? null,
      },
      {
        kind: 'place',
        email: OLGA,
        place: {
          id: 'PARTNER' as never,
          programId: PROGRAM,
          partnerId: ANNA,
          role: 'owner',
          joinedAt: START,
          vouched: true,
        },
      },
    ]);
    expect(await back(await out())).toBe('/sign-in?problem=not_staff');
    expect(await who()).toBeNull();
  });

  test('looks from the program’s side, also of somebody who works for a partner too', async () => {
    await linked();
    await world.deps.store.commit([
      {
        kind: 'place',
        email: OLGA,
        place: {
          id: '00PARTNER' as never,
          programId: PROGRAM,
          partnerId: ANNA,
          role: 'owner',
          joinedAt: START,
          vouched: true,
        },
      },
    ]);
    await back(await out());
    expect((await tab.call<SessionAnswer>('GET', '/v1/session')).body.current).toMatchObject({
      role: 'analyst',
      partner: null,
    });
  });

  test('is no second factor', async () => {
    await linked();
    await world.rows("UPDATE memberships SET role = 'finance'");
    await back(await out());
    expect((await tab.call('GET', '/v1/reports/summary')).body.code).toBe('second_factor_required');
  });

  test('ends what the browser held before', async () => {
    await linked();
    await back(await out());
    await back(await out());
    expect(await world.rows('SELECT count(*) AS n FROM sessions')).toEqual([{ n: 1 }]);
  });

  test('to an issuer that does not answer is told so, on the way out and on the way back', async () => {
    await linked();
    const address = await out();
    connect();
    lies.down = true;
    expect((await tab.call('GET', '/v1/sign-in/oidc')).headers.get('location')).toBe(
      '/sign-in?problem=single_sign_on_down',
    );
    expect(await back(address)).toBe('/sign-in?problem=refused');
  });

  test('where there is none is no address', async () => {
    world.deps.auth = { ...world.deps.auth, oidc: null };
    expect((await tab.call('GET', '/v1/sign-in/oidc')).status).toBe(404);
    expect(await back(new URL(`${CALLBACK}?code=x&state=y`))).toBe('/sign-in?problem=link_over');
  });
});

describe('an answer', () => {
  beforeEach(linked);

  test('replayed opens nothing: at once, later, or by who has read it on its way', async () => {
    const address = await out();
    const both = await Promise.all([back(address), back(address), back(address)]);
    expect(both.sort()).toEqual(['/', '/sign-in?problem=link_over', '/sign-in?problem=link_over']);
    await tab.call('POST', '/v1/sign-out');
    expect(await back(address)).toBe('/sign-in?problem=link_over');
    world.at(START + 30 * 86_400_000);
    expect(await back(address)).toBe('/sign-in?problem=link_over');
    expect(await who()).toBeNull();
    expect(asked).toHaveLength(2);
  });

  test('in another browser opens nothing, and asks the issuer nothing: nobody is signed in as somebody else by a link', async () => {
    const address = await out();
    const other = openTab(world, { network: '198.51.100.4' });
    asked = [];
    expect(await back(address, other)).toBe('/sign-in?problem=link_over');
    await out(other);
    expect(await back(address, other)).toBe('/sign-in?problem=link_over');
    expect([asked, await who(other)]).toEqual([[], null]);
    expect(await back(address)).toBe('/');
  });

  test('to another trip of this browser opens nothing', async () => {
    const [first, second] = [await out(), await out(tab, { subject: 'stranger' })];
    const mixed = new URL(first);
    mixed.searchParams.set('code', second.searchParams.get('code') ?? '');
    expect(await back(mixed)).toBe('/sign-in?problem=refused');
  });

  test('that comes after ten minutes is too late', async () => {
    const address = await out();
    world.at(START + 10 * MINUTE_MS);
    expect(await back(address)).toBe('/sign-in?problem=link_over');
  });

  test.each<[string, (address: URL) => void]>([
    ['without a state', (address) => address.searchParams.delete('state')],
    ['with a made-up state', (address) => address.searchParams.set('state', 'x'.repeat(43))],
  ])('%s belongs to no trip', async (_, change) => {
    const address = await out();
    change(address);
    expect(await back(address)).toBe('/sign-in?problem=link_over');
  });

  test.each<[string, (address: URL) => void]>([
    ['with a second state', (address) => address.searchParams.append('state', 'x')],
    ['of another issuer (mix-up)', (address) => address.searchParams.set('iss', 'https://evil.example')],
    ['without its issuer, of one that names itself', (address) => address.searchParams.delete('iss')],
    ['without a code', (address) => address.searchParams.delete('code')],
    ['with a made-up code', (address) => address.searchParams.set('code', 'x')],
    ['with two codes', (address) => address.searchParams.append('code', 'x')],
    ['that is a no', (address) => address.searchParams.set('error', 'access_denied')],
    ['with a token in the address', (address) => address.searchParams.set('id_token', 'x')],
    ['wrapped in another', (address) => address.searchParams.set('response', 'x')],
  ])('%s is refused', async (_, change) => {
    const address = await out();
    change(address);
    expect(await back(address)).toBe('/sign-in?problem=refused');
    expect(await who()).toBeNull();
    // And its trip is over, whatever comes then.
    expect(await back(address)).toBe('/sign-in?problem=link_over');
  });

  test('whose proof is another’s is refused by the issuer', async () => {
    const address = await out();
    for (const given of codes.values()) given.challenge = 'x'.repeat(43);
    expect(await back(address)).toBe('/sign-in?problem=refused');
  });

  const NOW = START / 1000;
  const FALSE_TOKENS: [string, () => Lies | Promise<Lies>][] = [
    ['for another audience', () => ({ claims: { aud: 'another' } })],
    ['for others besides, without saying for whom', () => ({ claims: { aud: [CLIENT, 'another'] } })],
    ['for others besides, and used by them', () => ({ claims: { aud: [CLIENT, 'another'], azp: 'another' } })],
    ['for nobody', () => ({ claims: { aud: undefined } })],
    ['of another issuer', () => ({ claims: { iss: 'https://evil.example' } })],
    ['of this issuer with a slash', () => ({ claims: { iss: `${ISSUER}/` } })],
    ['with another nonce', () => ({ claims: { nonce: 'x'.repeat(43) } })],
    ['without a nonce', () => ({ claims: { nonce: undefined } })],
    ['that is over', () => ({ claims: { exp: NOW - 31 } })],
    ['without an end', () => ({ claims: { exp: undefined } })],
    ['that is not yet', () => ({ claims: { nbf: NOW + 60 } })],
    ['from the future', () => ({ claims: { iat: NOW + 31 } })],
    ['from long ago, with a long life', () => ({ claims: { iat: NOW - 601, exp: NOW + 86_400 } })],
    ['without a time', () => ({ claims: { iat: undefined } })],
    ['of nobody', () => ({ claims: { sub: undefined } })],
    ['of an empty name', () => ({ claims: { sub: '' } })],
    ['of a number', () => ({ claims: { sub: 1 } })],
    ['that is not signed', () => ({ header: { alg: 'none' }, sign: () => '' })],
    ['that is not signed, in other letters', () => ({ header: { alg: 'nOnE' }, sign: () => '' })],
    [
      'that is not signed, of an issuer that says it may be',
      () => ({
        header: { alg: 'none' },
        sign: () => '',
        metadata: { id_token_signing_alg_values_supported: ['RS256', 'none'] },
      }),
    ],
    ['signed with our own secret', () => ({ header: { alg: 'HS256' }, sign: signByMac(SECRET) })],
    [
      'signed with our own secret, of an issuer that says it may be',
      () => ({
        ...{ header: { alg: 'HS256' }, sign: signByMac(SECRET) },
        metadata: { id_token_signing_alg_values_supported: ['RS256', 'HS256'] },
      }),
    ],
    [
      'signed with the public key, taken for a secret',
      async () => {
        const pem = base64Url(new Uint8Array((await crypto.subtle.exportKey('spki', keys.publicKey)) as ArrayBuffer));
        return {
          ...{ header: { alg: 'HS256' }, sign: signByMac(pem) },
          metadata: { id_token_signing_alg_values_supported: ['RS256', 'HS256'] },
        };
      },
    ],
    ['by another algorithm than the issuer names', () => ({ header: { alg: 'RS512' } })],
    ['by another key under the same name', async () => ({ sign: signBy(await rsa()) })],
    ['by a key that nobody knows', async () => ({ header: { kid: 'two' }, sign: signBy(await rsa()) })],
    [
      'by a key that it brings along',
      async () => {
        const own = await rsa();
        const jwk = await crypto.subtle.exportKey('jwk', own.publicKey);
        return { header: { jwk, kid: undefined, jku: 'https://evil.example/jwks' }, sign: signBy(own) };
      },
    ],
    ['with a condition that nobody knows', () => ({ header: { crit: ['exp'] } })],
    [
      'with an altered signature',
      () => ({
        sign: async (signed) => (await signBy(keys)(signed)).replace(/^./, (first) => (first === 'A' ? 'B' : 'A')),
      }),
    ],
    ['that is none', () => ({ token: { id_token: undefined } })],
    ['that is no token', () => ({ token: { id_token: 'x.y.z' } })],
    ['that is sealed', () => ({ token: { id_token: 'a.b.c.d.e' } })],
  ];
  test.each(FALSE_TOKENS)('with a token %s is refused', async (_, make) => {
    lies = await make();
    connect();
    const address = await out();
    expect(await back(address)).toBe('/sign-in?problem=refused');
    expect(await who()).toBeNull();
  });

  test('within the tolerance of clocks is taken', async () => {
    lies.claims = { iat: NOW + 29, exp: NOW - 29 };
    expect(await back(await out())).toBe('/');
  });

  test('of an issuer that calls itself otherwise is none', async () => {
    lies.metadata = { issuer: 'https://evil.example' };
    connect();
    expect((await tab.call('GET', '/v1/sign-in/oidc')).headers.get('location')).toBe(
      '/sign-in?problem=single_sign_on_down',
    );
  });

  test.each([
    ['authorization_endpoint', '/sign-in?problem=single_sign_on_down'],
    ['token_endpoint', '/sign-in?problem=refused'],
    ['jwks_uri', '/sign-in?problem=refused'],
  ])('goes over TLS alone: %s', async (name, problem) => {
    lies.metadata = { [name]: 'http://id.retailer.example/plain' };
    connect();
    const begun = (await tab.call('GET', '/v1/sign-in/oidc')).headers.get('location') ?? '';
    expect(begun.startsWith('/') ? begun : await back(arrive(begun, 'staff-1'))).toBe(problem);
  });

  test('what is told of it in the log holds no code and no token', async () => {
    lies.claims = { aud: 'another' };
    const address = await out();
    await back(address);
    const said = JSON.stringify([...noted.mock.calls, ...errors.mock.calls]);
    expect(said).toContain('aud');
    for (const secret of [address.searchParams.get('code'), address.searchParams.get('state'), 'staff-1', SECRET]) {
      expect(said).not.toContain(secret);
    }
  });
});

describe('linking', () => {
  test('is for staff who have just proven themselves', async () => {
    await tab.enter(OLGA);
    world.at(START + 11 * MINUTE_MS);
    expect((await tab.call('POST', '/v1/security/oidc', {})).body.code).toBe('sign_in_again');
    await addPerson(world, 'anna@partner.example', [{ programId: PROGRAM, partnerId: ANNA, role: 'owner' }]);
    const partner = openTab(world);
    await partner.enter('anna@partner.example');
    expect((await partner.call('POST', '/v1/security/oidc', {})).status).toBe(404);
    expect((await partner.call<SecurityAnswer>('GET', '/v1/security')).body.singleSignOn).toBeNull();
  });

  test('links whoever is signed in, and nobody who came between', async () => {
    await addPerson(world, 'mira@shop.example', [{ programId: PROGRAM, partnerId: null, role: 'owner' }]);
    await tab.enter(OLGA);
    const { body } = await tab.call<{ location: string }>('POST', '/v1/security/oidc', {});
    await tab.enter('mira@shop.example');
    expect(await back(arrive(body.location, 'staff-1'))).toBe('/security?problem=link_over');
    await tab.call('POST', '/v1/sign-out');
    const again = await begin();
    await tab.call('POST', '/v1/sign-out');
    expect(await back(again)).toBe('/security?problem=link_over');
    expect(await world.rows('SELECT * FROM single_sign_ons')).toEqual([]);
  });
  async function begin(): Promise<URL> {
    await tab.enter(OLGA);
    const { body } = await tab.call<{ location: string }>('POST', '/v1/security/oidc', {});
    return arrive(body.location, 'staff-1');
  }

  test('a trip to link signs nobody in, and one to sign in links nobody', async () => {
    const address = await begin();
    await tab.call('POST', '/v1/sign-out');
    await back(address);
    expect(await who()).toBeNull();
    await tab.enter(OLGA);
    expect(await back(await out(tab, { subject: 'staff-9' }))).toBe('/sign-in?problem=not_linked');
    expect(await world.rows('SELECT * FROM single_sign_ons')).toEqual([]);
  });

  test('takes no account that somebody else has linked', async () => {
    await linked();
    await addPerson(world, 'mira@shop.example', [{ programId: PROGRAM, partnerId: null, role: 'owner' }]);
    await tab.enter('mira@shop.example');
    expect(await link()).toBe('/security?problem=taken');
    await tab.call('POST', '/v1/sign-out');
    await back(await out());
    expect(await who()).toBe(OLGA);
  });

  test('of another site’s page does nothing: who comes back by a link of theirs links nothing', async () => {
    // Somebody lures Olga, who is signed in, to the end of their own trip.
    const thief = openTab(world, { network: '198.51.100.4' });
    await addPerson(world, 'mira@shop.example', [{ programId: PROGRAM, partnerId: null, role: 'owner' }]);
    await thief.enter('mira@shop.example');
    const { body } = await thief.call<{ location: string }>('POST', '/v1/security/oidc', {});
    await tab.enter(OLGA);
    expect(await back(arrive(body.location, 'thief'))).toBe('/sign-in?problem=link_over');
    expect(await world.rows('SELECT * FROM single_sign_ons')).toEqual([]);
  });

  test('ends by unlinking, shortly after proving oneself', async () => {
    await linked();
    await back(await out());
    expect((await tab.call('DELETE', '/v1/security/oidc')).status).toBe(204);
    expect((await tab.call('DELETE', '/v1/security/oidc')).status).toBe(404);
    await tab.call('POST', '/v1/sign-out');
    expect(await back(await out())).toBe('/sign-in?problem=not_linked');
    const acts = await world.rows<{ act: string }>(
      "SELECT act FROM audit WHERE act LIKE 'single_sign_on.%' ORDER BY act",
    );
    expect(acts.map((one) => one.act)).toEqual(['single_sign_on.linked', 'single_sign_on.unlinked']);
  });
});
