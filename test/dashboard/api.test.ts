/**
 * Goal: whatever a server, a proxy or a broken line answers, a person reads a sentence that helps.
 * Method: the real client over a stand-in for the browser's fetch.
 */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createApi, inWords, Trouble } from '../../dashboard/api.ts';
import { orderAddress } from '../../dashboard/ui/format.ts';
import type { Problem } from '../../edge/contract.ts';
import type { RefusalCode } from '../../edge/core/result.ts';
import { PROBLEMS } from '../../edge/docs/problems.ts';
import { problem as told } from '../../edge/http/problem.ts';

const asked: string[] = [];
/** Of the latest call. */
let sent: RequestInit | undefined;
let reply: () => Promise<Response>;
const refused: string[] = [];
let place: string | null = null;
let second: () => Promise<boolean> = async () => false;
const api = createApi('https://t.shop.example', {
  place: () => place,
  second: () => second(),
  refused: (code) => refused.push(code),
});

beforeEach(() => {
  asked.length = 0;
  refused.length = 0;
  place = null;
  second = async () => false;
  vi.stubGlobal('fetch', (input: RequestInfo | URL, init?: RequestInit) => {
    asked.push(String(input instanceof Request ? input.url : input));
    sent = init;
    return reply();
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const json =
  (body: unknown, status = 200) =>
  async () =>
    new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
const problem = (code: Problem['code'], status: number, detail = 'For programmers.') =>
  json({ type: `urn:tributary:problem:${code}`, title: 'Title', status, code, detail } satisfies Problem, status);
const trouble = async (call: Promise<unknown>): Promise<Trouble> => {
  const cause = await call.then(
    () => 'an answer',
    (cause: unknown) => cause,
  );
  if (cause instanceof Trouble) return cause;
  throw new Error(`expected trouble, got ${cause}`);
};

/** What somebody may be told who uses the screens. */
const FOR_PEOPLE: RefusalCode[] = [
  'sign_in_required',
  'second_factor_required',
  'sign_in_again',
  'wrong_code',
  'passkey_refused',
  'single_sign_on_down',
  'too_many',
  'link_over',
  'too_many_tries',
  'cross_site',
  'last_owner',
  'moved',
  'not_found',
  'person_required',
];

describe('calls', () => {
  test('ask the addresses of the API', async () => {
    reply = json({ data: [], nextCursor: null });
    await api.summary(7);
    await api.partners(90);
    await api.orders({ limit: 25 });
    await api.orders({ limit: 25, cursor: '01J' });
    await api.order('order:sale:A/1?');
    await api.compare({ from: 1_700_000_000_000, models: ['last', 'linear'] });
    expect(asked).toEqual([
      'https://t.shop.example/v1/reports/summary?days=7',
      'https://t.shop.example/v1/reports/partners?days=90',
      'https://t.shop.example/v1/conversions?limit=25',
      'https://t.shop.example/v1/conversions?limit=25&cursor=01J',
      'https://t.shop.example/v1/conversions/order%3Asale%3AA%2F1%3F',
      'https://t.shop.example/v1/attribution/compare?from=1700000000000&models=last%2Clinear',
    ]);
  });

  test('name the place that this tab looks from, and send JSON', async () => {
    reply = json({ data: [] });
    await api.partnersPeople(null);
    expect(new Headers(sent?.headers).has('tributary-place')).toBe(false);
    place = 'm2';
    await api.partnersPeople(null);
    expect([asked.at(-1), new Headers(sent?.headers).get('tributary-place')]).toEqual([
      'https://t.shop.example/v1/members?partner=*',
      'm2',
    ]);
    await api.invite({ email: 'a@b.example', role: 'member', partner: 'anna' });
    const headers = new Headers(sent?.headers);
    expect([headers.get('content-type'), headers.get('tributary-place'), sent?.method]).toEqual([
      'application/json',
      'm2',
      'POST',
    ]);
    expect(JSON.parse(String(sent?.body))).toEqual({ email: 'a@b.example', role: 'member', partner: 'anna' });
  });

  test('ids of passkeys and of people stand in the address in one segment', async () => {
    reply = async () => new Response(null, { status: 204 });
    await api.removePasskey('a/b+c=');
    await api.removeMember('01J');
    expect(asked).toEqual([
      'https://t.shop.example/v1/security/passkeys/a%2Fb%2Bc%3D',
      'https://t.shop.example/v1/members/01J',
    ]);
  });

  test('all keys are read, however many pages they fill', async () => {
    let page = 0;
    reply = () => json({ data: [{ id: `k${++page}` }], nextCursor: page < 3 ? `c${page}` : null })();
    expect((await api.keys(null)).map(({ id }) => id)).toEqual(['k1', 'k2', 'k3']);
    expect(asked.map((one) => new URL(one).search)).toEqual([
      '?limit=100',
      '?limit=100&cursor=c1',
      '?limit=100&cursor=c2',
    ]);
  });

  test('the log is asked page by page, and given as a file', async () => {
    reply = json({ data: [], nextCursor: null });
    await api.audit({ actor: 'key:01J', act: 'key.made', cursor: 'c' });
    expect(asked.at(-1)).toBe('https://t.shop.example/v1/audit?actor=key%3A01J&act=key.made&limit=50&cursor=c');
    reply = async () => new Response('a,b\n');
    expect(await (await api.auditFile({ format: 'csv' })).text()).toBe('a,b\n');
    reply = problem('not_found', 404);
    expect((await trouble(api.auditFile({ format: 'csv' }))).code).toBe('not_found');
  });

  test('lists come out of their wrapping', async () => {
    reply = json({ data: [{ code: 'anna' }] });
    expect(await api.links(null)).toEqual([{ code: 'anna' }]);
  });

  test('nobody signed in is no trouble', async () => {
    reply = problem('sign_in_required', 401);
    expect(await api.session(null)).toBeNull();
  });

  test('the demo’s people, or null wherever there is no demo', async () => {
    reply = json([{ email: 'anna@partner.test', name: 'Anna', what: 'influencer' }]);
    expect(await api.people(null)).toHaveLength(1);
    reply = problem('not_found', 404);
    expect(await api.people(null)).toBeNull();
    reply = async () => new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } });
    expect(await api.people(null)).toBeNull();
    reply = () => Promise.reject(new TypeError('Failed to fetch'));
    expect(await api.people(null)).toBeNull();
  });
});

describe('a second factor in the middle', () => {
  const wanting = problem('second_factor_required', 403);

  test('is asked for, then the same call goes on', async () => {
    reply = wanting;
    second = async () => {
      reply = json({ id: 'm9' }, 201);
      return true;
    };
    expect(await api.invite({ email: 'a@b.example', role: 'owner' })).toEqual({ id: 'm9' });
    expect([asked.length, refused]).toEqual([2, ['second_factor_required']]);
  });

  test('called off, the call is refused as it was; it is never asked for twice', async () => {
    reply = wanting;
    expect((await trouble(api.removeMember('m2'))).code).toBe('second_factor_required');
    expect([asked.length, refused]).toEqual([1, ['second_factor_required']]);
    let times = 0;
    second = async () => {
      times += 1;
      return true;
    };
    expect((await trouble(api.removeMember('m2'))).code).toBe('second_factor_required');
    expect([times, asked.length]).toEqual([1, 3]);
  });

  test('is not asked for by what shows it', async () => {
    reply = wanting;
    second = () => Promise.reject(new Error('asked'));
    expect((await trouble(api.showCode('123456'))).code).toBe('second_factor_required');
  });

  test('every refusal is heard of, but for nobody being signed in when that is the question', async () => {
    reply = problem('sign_in_required', 401);
    await api.session(null);
    expect(refused).toEqual([]);
    await trouble(api.keys(null));
    expect(refused).toEqual(['sign_in_required']);
  });
});

describe('trouble in words', () => {
  test('no connection', async () => {
    reply = () => Promise.reject(new TypeError('Failed to fetch'));
    const told = await trouble(api.summary(7));
    expect([told.code, told.title]).toEqual(['offline', 'No connection']);
    expect(told.message).toContain('Check your connection');
  });

  test('a proxy’s page instead of JSON', async () => {
    reply = async () => new Response('<h1>Bad gateway</h1>', { status: 502 });
    const told = await trouble(api.summary(7));
    expect(told.code).toBe('unreadable');
    expect(told.message).toContain('502');
  });

  test('JSON that is no problem of ours', async () => {
    reply = json({ error: 'nope' }, 500);
    expect((await trouble(api.links(null))).code).toBe('unreadable');
  });

  test('a call that was given up is no trouble', async () => {
    reply = () => Promise.reject(new DOMException('gone', 'AbortError'));
    await expect(api.summary(7)).rejects.toMatchObject({ name: 'AbortError' });
  });

  test.each([
    ['sign_in_required', 'Sign in again'],
    ['not_found', 'not yours'],
    ['fault', 'Trying again is safe'],
  ] as const)('%s speaks to people', async (code, words) => {
    reply = problem(code, 500);
    const told = await trouble(api.summary(7));
    expect([told.code, told.message.includes(words), told.message.includes('programmers')]).toEqual([
      code,
      true,
      false,
    ]);
  });

  test('every other refusal keeps the words it came with', () => {
    const given = {
      type: '',
      status: 422,
      code: 'invalid',
      title: 'Invalid fields',
      detail: '/days: 1 to 366',
    } as const;
    expect(inWords(given)).toMatchObject({ code: 'invalid', title: 'Invalid fields', detail: '/days: 1 to 366' });
  });

  test('what is wrong with a field is known by its name', () => {
    const given = { type: '', status: 422, title: 'T', detail: 'D' } as const;
    const errors = [{ pointer: '/email', detail: 'an e-mail address' }];
    expect(inWords({ ...given, code: 'invalid', errors }).fields).toEqual({ email: 'an e-mail address' });
    expect(inWords({ ...given, code: 'wrong_code' }).fields?.code).toMatch(/^It may be mistyped/);
    const taken = told({ code: 'taken', pointer: '/email', value: 'a@b.example' });
    expect(inWords(taken).fields).toEqual({ email: 'a@b.example is taken already.' });
  });

  test.each(Object.keys(PROBLEMS) as RefusalCode[])('%s is a sentence', (code) => {
    const { title, detail } = inWords(told(PROBLEMS[code].example));
    expect(title).toMatch(/^[A-Z]/);
    expect(detail.trim().split(' ').length).toBeGreaterThan(1);
  });

  test.each(FOR_PEOPLE)('%s, which people meet, says nothing of how programs are written', (code) => {
    const { title, detail } = inWords(told(PROBLEMS[code].example));
    expect(`${title} ${detail}`).not.toMatch(
      /Authorization|header|Bearer|JSON|\/[a-z]+:|Retry-After|trb_|second factor wanted/,
    );
  });
});

describe('an order’s address', () => {
  test('holds any number that a shop may give, in one segment', () => {
    expect(orderAddress('1001')).toBe('/orders/order%3A1001');
    for (const number of ['A/1?', '#1 ü', 'lead:7', '100%']) {
      const [, , segment, ...rest] = orderAddress(number).split('/');
      expect([decodeURIComponent(segment ?? ''), rest]).toEqual([`order:${number}`, []]);
    }
  });
});
