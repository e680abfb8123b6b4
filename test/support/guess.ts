/**
 * Somebody guesses whatever lets in: tokens and codes of letters, sessions, keys, second factors, invitations, trips to the
 * single sign-on, passkeys; one guess after the other, from one address and from ever new ones. Meanwhile the person whom they
 * are after goes in and out, in a browser of their own, also from the very network that guesses. Runs wherever D1 is, on a
 * database with the two programs in it.
 */
import { TOTP } from 'otpauth';
import { app } from '../../edge/app.ts';
import type { TotpAnswer } from '../../edge/contract-people.ts';
import type { MembershipId } from '../../edge/core/id.ts';
import { makeId } from '../../edge/core/id.ts';
import { newCode, newSecret } from '../../edge/core/secret.ts';
import type { Deps, Env, Letter } from '../../edge/deps.ts';
import { LIMITS, type Tried } from '../../edge/flows/tries.ts';
import { buildDeps } from '../../edge/worker.ts';
import { mulberry32 } from '../core/random-journeys.ts';
import { type Authenticator, createAuthenticator } from './authenticator.ts';
import { ORIGIN, OTHER_PROGRAM, PROGRAM, START } from './programs.ts';
import { addPerson, openTab, type Tab } from './tab.ts';

export const SEED = 20_261_129;
const DAY_MS = 86_400_000;
const STEP_MS = 30_000;
const OLGA = 'olga@shop.example';
const MALLORY = 'mallory@elsewhere.example';
const HER_NETWORK = '203.0.113.7';
const ATTACKERS = '198.51.100.9';
/** Guesses of one browser, and of one address where there are many. */
const A_BROWSER = 15;
const AN_ADDRESS = 5;
/** While one thing is guessed from one place she goes in and out by each way, so often for so many guesses. */
const A_TURN = 250;

export interface Guessed {
  readonly what: string;
  readonly from: 'one address' | 'many addresses';
  readonly tried: number;
  /** What let in. */
  readonly accepted: number;
  /** What was told to wait. */
  readonly told429: number;
  /** How many may be heard before that; null: as many as there are, since there are 2^50 of them or more. */
  readonly most: number | null;
}

export interface Attack {
  readonly guessed: readonly Guessed[];
  /** How often she went in, and what stopped her. */
  readonly entered: number;
  readonly refused: readonly string[];
  /** The most letters that her mailbox got in an hour, and how many it may. */
  readonly letters: number;
  readonly mostLetters: number;
}

/** What is guessed, and how many of one address, or of all, are heard within the time that limits count. */
interface Kind {
  readonly what: string;
  readonly limit: Tried | null;
  /** What the guesser holds, anew every so many guesses. */
  open(network: string): Promise<Tab>;
  guess(tab: Tab, network: string): Promise<{ in: boolean; wait: boolean }>;
}

const mostOf = (what: Tried, per: string): number =>
  Math.min(...LIMITS.filter((one) => one.what === what && one.per === per).map((one) => one.most));

export async function attack(env: Env, { guesses }: { guesses: number }): Promise<Attack> {
  const random = mulberry32(SEED);
  const chance = (bytes: number) => Uint8Array.from({ length: bytes }, () => Math.floor(random() * 256));
  let now = START;
  const letters: Letter[] = [];
  const built = await buildDeps(env, {
    now: () => now,
    mail: () => ({ send: async (letter) => void letters.push(letter) }),
  });
  if (!built.ok) throw new Error('the secrets of tests are wrong');
  /** An issuer that says of everybody who comes back that it is her: only the trip itself is left to guess. */
  const oidc = {
    ...{ issuer: 'https://sso.example', name: 'Staff' },
    begin: async () => 'https://sso.example/authorize',
    finish: async () => ({ subject: 'olga' }),
  };
  const deps: Deps = { ...built.value, auth: { ...built.value.auth, oidc }, random: chance };
  let waiting: Promise<unknown>[] = [];
  const world = {
    deps,
    letters,
    now: () => now,
    async fetch(path: string, init: RequestInit = {}) {
      waiting = [];
      const context = { waitUntil: (work: Promise<unknown>) => void waiting.push(work) };
      const request = new Request(new URL(path, ORIGIN), { redirect: 'manual', ...init });
      const response = await app.fetch(request, { ...env, deps } as never, context as never);
      await Promise.all(waiting);
      return response;
    },
  };

  const { personId } = await addPerson(world, OLGA, [{ programId: PROGRAM, partnerId: null, role: 'owner' }]);
  await addPerson(world, MALLORY, [{ programId: OTHER_PROGRAM, partnerId: null, role: 'owner' }]);
  const { places } = await addPerson(world, 'invited@shop.example', [
    { programId: PROGRAM, partnerId: null, role: 'analyst', joined: false },
  ]);
  const link = { issuer: oidc.issuer, subject: 'olga', personId, linkedAt: now };
  await deps.store.commit([{ kind: 'single_sign_on', link }]);

  const olga = await enrolled(world, () => now);
  const refused: string[] = [];
  let entered = 0;

  /** She goes out, and in again: by a letter and her app's code, or by her passkey. */
  async function comesIn(by: 'letter' | 'passkey', network: string): Promise<void> {
    const { tab, authenticator, secret } = olga;
    const from = { 'cf-connecting-ip': network };
    const must = async (what: string, path: string, body: unknown, wanted = 200) => {
      const said = await tab.call<Record<string, string>>('POST', `/v1${path}`, body, from);
      if (said.status === wanted) return said.body;
      refused.push(`${by} from ${network}: ${what} was answered ${said.status} ${said.body.code}`);
      return null;
    };
    // Each code of the app is good once.
    now += 2 * STEP_MS;
    await tab.call('POST', '/v1/sign-out', {}, from);
    if (by === 'letter') {
      const before = letters.length;
      await must('asking', '/sign-in/link', { email: OLGA }, 202);
      const [, token = ''] = /confirm#([\w-]{43})/.exec(letters[before]?.text ?? '') ?? [];
      await must('the link', '/sign-in/confirm', { token });
      await must('the code', '/second-factor', { code: codeOf(secret, now) });
    } else {
      const asked = await must('asking', '/sign-in/passkey/options', {});
      const credential = asked && (await authenticator.get(asked as never));
      await must('the passkey', '/sign-in/passkey', { credential });
    }
    const { status, body } = await tab.call<{ person?: { email: string } }>('GET', '/v1/session', undefined, from);
    if (status === 200 && body.person?.email === OLGA) entered += 1;
    else refused.push(`${by} from ${network}: she is not in`);
  }

  const stranger = async (network: string) => openTab(world, { network });
  /** A browser that has asked for a letter to her, so that there is something to guess. */
  const asker = async (network: string) => {
    const tab = await stranger(network);
    await tab.ask(OLGA);
    return tab;
  };
  const signedIn = (email: string) => {
    let held: Promise<Tab> | null = null;
    return async (network: string) => {
      held ??= stranger(network).then(async (tab) => {
        await tab.enter(email);
        return tab;
      });
      return held;
    };
  };
  const call = async (tab: Tab, path: string, network: string, { method = 'POST', body = {}, headers = {} } = {}) => {
    const from = { 'cf-connecting-ip': network, ...headers };
    const said = await tab.call(method, `/v1${path}`, method === 'GET' ? undefined : body, from);
    const location = said.headers.get('location') ?? '';
    return { ...said, wait: said.status === 429 || location.includes('too_many_tries') };
  };
  /** Let in, or let do: any answer of success, and any new session. */
  const letIn = (said: { status: number; headers: Headers }) =>
    (said.status >= 200 && said.status < 300) ||
    /__Host-tributary_session=[^;]/.test(said.headers.get('set-cookie') ?? '');
  const posts =
    (path: string, body: () => unknown): Kind['guess'] =>
    async (tab, network) => {
      const said = await call(tab, path, network, { body: body() as object });
      return { in: letIn(said), wait: said.wait };
    };
  const gets =
    (path: () => string, headers: () => Record<string, string> = () => ({})): Kind['guess'] =>
    async (tab, network) => {
      const said = await call(tab, path(), network, { method: 'GET', headers: headers() });
      return { in: letIn(said), wait: said.wait };
    };
  /** Not one that is right by chance: three of a million are, at a time. */
  const digits = () => {
    for (;;) {
      const code = String(Math.floor(random() * 1_000_000)).padStart(6, '0');
      if (![-1, 0, 1].some((steps) => codeOf(olga.secret, now + steps * STEP_MS) === code)) return code;
    }
  };
  const forged = await createAuthenticator({ origin: ORIGIN });
  const hers = olga.credentialId;

  const thief = () => signedIn(OLGA);
  const KINDS: readonly (() => Kind)[] = [
    () => ({
      ...{ what: 'links', limit: 'miss', open: asker },
      guess: posts('/sign-in/confirm', () => ({ token: newSecret(chance) })),
    }),
    () => ({
      ...{ what: 'codes of letters', limit: 'miss', open: asker },
      guess: posts('/sign-in/confirm', () => ({ code: newCode(chance) })),
    }),
    () => ({
      ...{ what: 'sessions', limit: null, open: stranger },
      guess: gets(
        () => '/session',
        () => ({ cookie: `__Host-tributary_session=${newSecret(chance)}` }),
      ),
    }),
    () => ({
      ...{ what: 'keys', limit: null, open: stranger },
      guess: gets(
        () => '/program',
        () => ({ authorization: `Bearer trb_sk_live_${newSecret(chance)}` }),
      ),
    }),
    // Whoever reads her mail is signed in as her, and no further.
    () => ({
      ...{ what: 'codes of her app', limit: 'factor', open: thief() },
      guess: posts('/second-factor', () => ({ code: digits() })),
    }),
    () => ({
      ...{ what: 'recovery codes', limit: 'factor', open: thief() },
      guess: posts('/second-factor', () => ({ code: newCode(chance) })),
    }),
    () => ({
      ...{ what: 'invitations', limit: null, open: signedIn(MALLORY) },
      guess: async (tab, network) => {
        // Others' real ones too: whose they are, not who knows them, is what counts.
        const id = random() < 0.5 ? (places[0] as MembershipId) : makeId<'membership'>(now, chance(10));
        const said = await call(tab, `/session/invitations/${id}`, network, { body: { accept: true } });
        return { in: letIn(said), wait: said.wait };
      },
    }),
    () => ({
      ...{ what: 'trips to the single sign-on', limit: 'miss', open: stranger },
      guess: gets(() => `/sign-in/oidc/callback?code=x&state=${newSecret(chance)}`),
    }),
    () => ({
      ...{ what: 'passkeys', limit: 'miss', open: stranger },
      async guess(tab, network) {
        const asked = await call(tab, '/sign-in/passkey/options', network);
        if (asked.wait) return { in: false, wait: true };
        const answer = { ...(await forged.get(asked.body as never)), id: hers, rawId: hers };
        const said = await call(tab, '/sign-in/passkey', network, { body: { credential: answer } });
        return { in: letIn(said), wait: said.wait };
      },
    }),
  ];

  const guessed: Guessed[] = [];
  let [mostLetters, turn] = [0, 0];
  const each = Math.ceil(guesses / (KINDS.length * 2));
  for (const kind of KINDS) {
    for (const from of ['one address', 'many addresses'] as const) {
      // Whatever was counted is over.
      now += DAY_MS;
      const { what, limit, open, guess } = kind();
      const before = letters.length;
      let own = 0;
      const [accepted, told429] = [[] as unknown[], [] as unknown[]];
      let tab: Tab | null = null;
      for (let tried = 0; tried < each; tried++) {
        const many = from === 'many addresses';
        const network = many ? addressOf(Math.floor(tried / AN_ADDRESS)) : ATTACKERS;
        if (tried % (many ? AN_ADDRESS : A_BROWSER) === 0) tab = await open(network);
        const heard = await guess(tab as Tab, network);
        if (heard.in) accepted.push(tried);
        if (heard.wait) told429.push(tried);
        if ((tried + 1) % A_TURN === 0 || tried === each - 1) {
          // From her own network, and from the one that guesses, by turns.
          const [one, other] = turn++ % 2 === 0 ? [HER_NETWORK, ATTACKERS] : [ATTACKERS, HER_NETWORK];
          await comesIn('letter', one ?? '');
          await comesIn('passkey', other ?? '');
          own += 1;
        }
      }
      const most =
        limit &&
        mostOf(limit, limit === 'miss' ? 'network' : from === 'one address' ? 'account and network' : 'account');
      const unbounded = limit === null || (limit === 'miss' && from === 'many addresses');
      guessed.push({
        ...{ what, from, tried: each, accepted: accepted.length, told429: told429.length },
        most: unbounded ? null : most,
      });
      mostLetters = Math.max(mostLetters, letters.length - before - own);
    }
  }
  return { guessed, entered, refused, letters: mostLetters, mostLetters: mostOf('link', 'account') };
}

/** Each a network of its own: of IPv6, one is a /64. */
const addressOf = (number: number): string =>
  number % 2 === 0
    ? `198.18.${(number >> 9) & 255}.${(number >> 1) & 255}`
    : `2001:db8:${((number >> 16) & 0xffff).toString(16)}:${(number & 0xffff).toString(16)}::1`;

const codeOf = (secret: string, at: number): string => new TOTP({ secret }).generate({ timestamp: at });

/** Her own browser: signed in before, with an authenticator app and a passkey. */
async function enrolled(
  world: Parameters<typeof openTab>[0],
  now: () => number,
): Promise<{ tab: Tab; secret: string; authenticator: Authenticator; credentialId: string }> {
  const tab = openTab(world, { network: HER_NETWORK });
  await tab.enter(OLGA);
  const authenticator = await createAuthenticator({ origin: ORIGIN });
  const options = await tab.call<{ challenge: string; user: { id: string } }>(
    'POST',
    '/v1/security/passkeys/options',
    {},
  );
  const credential = await authenticator.create(options.body);
  const added = await tab.call('POST', '/v1/security/passkeys', { credential, name: 'Hers' });
  const { secret } = (await tab.call<TotpAnswer>('POST', '/v1/security/totp', {})).body;
  const confirmed = await tab.call('POST', '/v1/security/totp/confirm', { code: codeOf(secret, now()) });
  if (added.status !== 201 || confirmed.status !== 200) throw new Error('she could not enrol');
  return { tab, secret, authenticator, credentialId: credential.id };
}
