/** Setting a program up over HTTP, on real D1: partners, links, terms; from nothing to a commission. */
import { beforeEach, expect, test } from 'vitest';
import type { ConversionAnswer, PartnerAnswer, TermsAnswer } from '../../edge/contract.ts';
import { DAY_MS } from '../../edge/core/attribution.ts';
import { BOB, createWorld, OTHER_SECRET, SECRET, SHOP, START, type World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

const call = (method: string, path: string, body?: unknown, key = SECRET) =>
  world.fetch(path, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
const order = async (orderId: string, clickId: string) =>
  (await world.order({ orderId, currency: 'EUR', amount: 1000, clickId })).json<ConversionAnswer>();

test('a new partner gets a link, a click and a commission', async () => {
  const added = await call('POST', '/v1/partners', { slug: 'Dora', name: 'Dora D.', email: 'Dora@Partner.test' });
  expect(added.status).toBe(201);
  expect(await added.json()).toMatchObject({ slug: 'dora', name: 'Dora D.', status: 'active', stoppedAt: null });
  const link = await call('POST', '/v1/links', { partner: 'dora', code: 'Dora-Tent', url: `${SHOP}/tent` });
  expect(link.status).toBe(201);
  expect(await link.json()).toMatchObject({
    code: 'dora-tent',
    partner: 'dora',
    address: 'https://t.example/go/dora-tent',
  });
  expect(await order('1', await world.click('dora-tent'))).toMatchObject({
    allocations: [{ partner: 'dora', name: 'Dora D.' }],
  });
  expect(
    await world.rows(
      'SELECT email, partner_id IS NOT NULL AS own FROM people JOIN memberships ON person_id = people.id',
    ),
  ).toEqual([{ email: 'dora@partner.test', own: 1 }]);
});

test('one person may be a partner of two programs, with one address', async () => {
  await call('POST', '/v1/partners', { slug: 'dora', name: 'Dora', email: 'dora@partner.test' });
  await call(
    'POST',
    '/v1/partners',
    { slug: 'dora', name: 'Dora elsewhere', email: 'dora@partner.test' },
    OTHER_SECRET,
  );
  expect(await world.rows('SELECT count(*) AS n FROM people')).toEqual([{ n: 1 }]);
  expect(await world.rows('SELECT count(*) AS n FROM memberships')).toEqual([{ n: 2 }]);
});

test('of ten at once with one slug, and of ten links with one code, one is made', async () => {
  const partners = await Promise.all(
    Array.from({ length: 10 }, () => call('POST', '/v1/partners', { slug: 'dora', name: 'Dora' })),
  );
  expect(partners.map((one) => one.status).sort()).toEqual([201, ...Array(9).fill(409)]);
  const links = await Promise.all(
    Array.from({ length: 10 }, () => call('POST', '/v1/links', { partner: 'dora', code: 'x', url: SHOP })),
  );
  expect(links.map((one) => one.status).sort()).toEqual([201, ...Array(9).fill(409)]);
  const taken = await call('POST', '/v1/links', { partner: 'anna', code: 'anna', url: SHOP }, OTHER_SECRET);
  expect(await taken.json()).toMatchObject({ code: 'taken', errors: [{ pointer: '/code' }] });
  expect(await world.rows("SELECT count(*) AS n FROM partners WHERE name = 'Dora'")).toEqual([{ n: 1 }]);
});

test('paused: no new clicks, old ones honored; ended for cause: none; active again: new ones', async () => {
  const before = await world.click('bob');
  world.at(START + DAY_MS);
  expect(await (await call('PATCH', '/v1/partners/bob', { status: 'paused' })).json()).toMatchObject({
    status: 'paused',
  });
  world.at(START + DAY_MS + 60_000);
  expect(await world.click('bob')).toBe('');
  expect(await order('1', before)).toMatchObject({ reason: 'last', allocations: [{ partner: 'bob' }] });
  await call('PATCH', `/v1/partners/${BOB}`, { status: 'ended', forCause: true });
  // Said again without the word, it stays for cause.
  expect(await (await call('PATCH', '/v1/partners/bob', { status: 'ended' })).json()).toMatchObject({ forCause: true });
  expect(await order('2', before)).toMatchObject({ reason: 'enrollment_inactive', allocations: [] });
  expect(await (await call('PATCH', '/v1/partners/bob', { status: 'active' })).json()).toMatchObject({
    stoppedAt: null,
    forCause: false,
  });
  world.at(START + DAY_MS + 120_000);
  expect(await order('3', await world.click('bob'))).toMatchObject({ allocations: [{ partner: 'bob' }] });
});

test('terms hold from a moment on, and orders before it keep theirs', async () => {
  const saved = await call('POST', '/v1/terms', { startsAt: START + DAY_MS, rules: [{ ratePpm: 250_000 }] });
  expect(saved.status).toBe(201);
  expect(await saved.json<TermsAnswer>()).toMatchObject({ version: 2, rules: [{ ratePpm: 250_000 }] });
  const clickId = await world.click('anna');
  expect(await order('1', clickId)).toMatchObject({ allocations: [{ commission: 100 }] });
  world.at(START + DAY_MS);
  expect(await order('2', clickId)).toMatchObject({ allocations: [{ commission: 250 }], explain: { termsVersion: 2 } });
});

test('partners come in pages by slug, each program its own', async () => {
  for (const slug of ['zoe', 'dora', 'carl']) await call('POST', '/v1/partners', { slug, name: slug });
  const first = await (await call('GET', '/v1/partners?limit=3')).json<{ data: PartnerAnswer[]; nextCursor: string }>();
  expect(first.data.map((one) => one.slug)).toEqual(['anna', 'bob', 'carl']);
  const next = await (await call('GET', `/v1/partners?limit=3&cursor=${first.nextCursor}`)).json<typeof first>();
  expect([next.data.map((one) => one.slug), next.nextCursor]).toEqual([['dora', 'zoe'], null]);
  const other = await (await call('GET', '/v1/partners', undefined, OTHER_SECRET)).json<typeof first>();
  expect(other.data.map((one) => one.slug)).toEqual(['anna']);
  expect((await call('PATCH', `/v1/partners/${BOB}`, { status: 'ended' }, OTHER_SECRET)).status).toBe(404);
});

test.each([
  ['POST', '/v1/partners', '/slug', { slug: 'has space', name: 'x' }],
  ['POST', '/v1/partners', '/name', { slug: 'x' }],
  ['POST', '/v1/partners', '/email', { slug: 'x', name: 'x', email: 'nobody' }],
  ['POST', '/v1/partners', '/email', { slug: 'x', name: 'x', email: 'Somebody <a@x.example>' }],
  ['POST', '/v1/partners', '/group', { slug: 'x', name: 'x', group: 'gold' }],
  ['PATCH', '/v1/partners/bob', '/status', { status: 'gone' }],
  ['PATCH', '/v1/partners/bob', '/forCause', { status: 'paused', forCause: true }],
  ['POST', '/v1/links', '/partner', { partner: 'nobody', code: 'x', url: SHOP }],
  ['POST', '/v1/links', '/code', { partner: 'bob', code: 'a/b', url: SHOP }],
  ['POST', '/v1/links', '/url', { partner: 'bob', code: 'x', url: 'javascript:alert(1)' }],
  ['POST', '/v1/links', '/url', { partner: 'bob', code: 'x', url: 'https://a:b@shop.example' }],
  ['POST', '/v1/terms', '/rules', { rules: [] }],
  ['POST', '/v1/terms', '/rules/0/ratePpm', { rules: [{ ratePpm: 1_000_001 }] }],
  ['POST', '/v1/terms', '/rules/0/ratePpm', { rules: [{ ratePpm: 1, fixed: { EUR: 5 } }] }],
  ['POST', '/v1/terms', '/rules/0/ratePpm', { rules: [{}] }],
  ['POST', '/v1/terms', '/rules/0/fixed', { rules: [{ fixed: { XXX: 5 } }] }],
  ['POST', '/v1/terms', '/group', { group: 'gold', rules: [{ ratePpm: 1 }] }],
  ['POST', '/v1/codes', '/partner', { code: 'X' }],
  ['POST', '/v1/codes', '/endsAt', { partner: 'anna', code: 'X', startsAt: 5, endsAt: 5 }],
  ['POST', '/v1/groups', '/windowDays', { slug: 'gold', name: 'Gold', windowDays: 0 }],
  ['POST', '/v1/partners', '/group', { slug: 'zoe', name: 'Zoe', group: 'gold' }],
  ['POST', '/v1/terms', '/startsAt', { startsAt: START - 1, rules: [{ ratePpm: 1 }] }],
])('%s %s names %s', async (method, path, pointer, body) => {
  const response = await call(method, path, body);
  expect(response.status).toBe(422);
  expect((await response.json<{ errors: { pointer: string }[] }>()).errors.map((one) => one.pointer)).toContain(
    pointer,
  );
});

test.each(['/v1/partners', '/v1/links', '/v1/terms'])('%s takes no stranger', async (path) => {
  const response = await world.fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  expect(response.status).toBe(401);
});
