/** A browser for tests of signing in: it keeps cookies, says where it is, and reads the letters that its person is sent. */
import type { PartnerRole, ProgramRole } from '../../edge/core/access.ts';
import { type MembershipId, makeId, type PartnerId, type PersonId, type ProgramId } from '../../edge/core/id.ts';
import type { Deps, Letter } from '../../edge/deps.ts';
import { ORIGIN } from './programs.ts';

export interface Tab {
  readonly cookies: Map<string, string>;
  /** A call of a page of this host; `headers` go before what the browser would say. */
  call<Body = { code: string }>(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: Body; headers: Headers }>;
  /** Asks for a link, and what the letter says; null: none was sent. */
  ask(email: string, next?: string): Promise<{ token: string; code: string } | null>;
  /** Signs in by a letter. */
  enter(email: string, next?: string): Promise<void>;
  /** What the browser holds of a session. */
  session(): string | undefined;
}

/** What a browser, and whoever sits before it, has of a world. */
export interface Host {
  fetch(path: string, init?: RequestInit & { cf?: Record<string, unknown> }): Promise<Response>;
  readonly letters: readonly Letter[];
}

interface TabOptions {
  network?: string;
  agent?: string;
}

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const SESSION = '__Host-tributary_session';

export function openTab(world: Host, { network = '203.0.113.7', agent = FIREFOX }: TabOptions = {}): Tab {
  const cookies = new Map<string, string>();
  const tab: Tab = {
    cookies,
    async call(method, path, body, headers = {}) {
      const reads = method === 'GET';
      const response = await world.fetch(path, {
        method,
        headers: {
          'cf-connecting-ip': network,
          'user-agent': agent,
          'sec-fetch-site': 'same-origin',
          cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
          ...(!reads && { origin: ORIGIN }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        cf: { country: 'DE' },
      });
      for (const cookie of response.headers.getSetCookie()) keep(cookies, cookie);
      const text = await response.text();
      return { status: response.status, body: text && JSON.parse(text), headers: response.headers };
    },
    async ask(email, next) {
      const before = world.letters.length;
      await tab.call('POST', '/v1/sign-in/link', { email, ...(next !== undefined && { next }) });
      const letter = world.letters[before];
      return letter ? read(letter.text) : null;
    },
    async enter(email, next) {
      const letter = await tab.ask(email, next);
      const { status } = await tab.call('POST', '/v1/sign-in/confirm', { token: letter?.token });
      if (status !== 200) throw new Error(`${email} was not let in: ${status}`);
    },
    session: () => cookies.get(SESSION),
  };
  return tab;
}

/** Every cookie that this host sets is for this host alone, over TLS, and no script's. */
function keep(cookies: Map<string, string>, cookie: string): void {
  const [, name = '', value = '', seconds = ''] =
    /^(__Host-\w+)=([^;]*); Path=\/; Max-Age=(\d+); Secure; HttpOnly; SameSite=Lax$/.exec(cookie) ?? [];
  if (!name) throw new Error(`a cookie as no other: ${cookie}`);
  if (seconds === '0') cookies.delete(name);
  else cookies.set(name, value);
}

export function read(letter: string): { token: string; code: string } {
  const token = /\/sign-in\/confirm#([\w-]{43})\n/.exec(letter)?.[1] ?? '';
  const code = /^([0-9A-Z]{5}-[0-9A-Z]{5})$/m.exec(letter)?.[1] ?? '';
  return { token, code };
}

type Seat =
  | { programId: ProgramId; partnerId: null; role: ProgramRole; joined?: boolean }
  | { programId: ProgramId; partnerId: PartnerId; role: PartnerRole; joined?: boolean };

let made = 0;
const nextId = <Kind extends string>(world: { now(): number }) =>
  makeId<Kind>(world.now(), new TextEncoder().encode(String(++made).padStart(10, '0')));

/** Somebody who may sign in, with their places; who they are, and the places' ids. */
export async function addPerson(
  world: { deps: Pick<Deps, 'store'>; now(): number },
  email: string,
  seats: readonly Seat[] = [],
): Promise<{ personId: PersonId; places: MembershipId[] }> {
  const personId = nextId<'person'>(world);
  await world.deps.store.commit([{ kind: 'person', person: { id: personId, email, name: email } }]);
  const places: MembershipId[] = [];
  for (const { joined = true, ...seat } of seats) {
    const id = nextId<'membership'>(world);
    const place = { ...seat, id, joinedAt: joined ? world.now() : null, vouched: true };
    await world.deps.store.commit([{ kind: 'place', email, place }]);
    places.push(id);
  }
  return { personId, places };
}
