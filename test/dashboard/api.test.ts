/**
 * Goal: whatever a server, a proxy or a broken line answers, a person reads a sentence that helps.
 * Method: the real client over a stand-in for the browser's fetch.
 */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createApi, inWords, Trouble } from '../../dashboard/api.ts';
import { orderAddress } from '../../dashboard/ui/format.ts';
import type { Problem } from '../../edge/contract.ts';

const asked: string[] = [];
let reply: () => Promise<Response>;
const api = createApi('https://t.shop.example');

beforeEach(() => {
  asked.length = 0;
  vi.stubGlobal('fetch', (input: RequestInfo | URL) => {
    asked.push(String(input instanceof Request ? input.url : input));
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
    expect(inWords(given)).toEqual({ code: 'invalid', title: 'Invalid fields', detail: '/days: 1 to 366' });
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
