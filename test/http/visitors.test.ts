/**
 * Who a browser is to the server, on real D1: the cookie on the shop's own site, the hand-over between its domains,
 * withdrawal, frames, the program's own names for `via`, and what the set-up page is told.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import type { EventsAnswer, SetupAnswer } from '../../edge/contract.ts';
import { DAY_MS } from '../../edge/core/attribution.ts';
import { seal } from '../../edge/core/handover.ts';
import type { VisitorId } from '../../edge/core/id.ts';
import {
  ANNA,
  createWorld,
  OTHER_PROGRAM,
  OTHER_SECRET,
  PROGRAM,
  PUBLISHABLE,
  SECRET,
  SHOP,
  START,
  type World,
} from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

const EMAIL_HASH = 'b'.repeat(64);
const VISITOR = 'visitor_AAAAAAAAAAAAAA';

/** A post as the shop's page makes it, under a path of the shop's own host unless said otherwise. */
async function post(
  body: Record<string, unknown>,
  { headers = {}, to = `${SHOP}/_t` }: { headers?: Record<string, string>; to?: string } = {},
) {
  const response = await world.fetch(`${to}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'text/plain', origin: SHOP, ...headers },
    body: JSON.stringify({ key: PUBLISHABLE, consent: 'granted', url: `${SHOP}/`, ...body }),
  });
  expect(response.status).toBe(200);
  return { said: await response.json<EventsAnswer>(), cookie: response.headers.get('set-cookie') };
}
const cookieOf = (visitorId: string | null) => ({ cookie: `other=1; tributary_vid=${visitorId}` });
const linked = async () =>
  (
    await Promise.all(['touches', 'identities', 'identifications'].map((table) => world.rows(`SELECT * FROM ${table}`)))
  ).map((rows) => rows.length);

describe('the cookie', () => {
  test.each([
    ['A', `${SHOP}/_t`, {}],
    ['B', 'https://t.shop.example', { 'sec-fetch-site': 'same-site' }],
  ])('is set on the shop’s own site (%s), for the longest window', async (_grade, to, headers) => {
    const { said, cookie } = await post({}, { to, headers });
    expect(cookie).toBe(
      `tributary_vid=${said.visitorId}; Path=/; Max-Age=${30 * 86_400}; HttpOnly; SameSite=Lax; Secure`,
    );
  });

  test('lasts as long as the longest window of any link', async () => {
    await world.rows(
      `INSERT INTO policy_overrides (program_id, scope_id, version, starts_at, saved_at, window_days)
       VALUES (?, 'a-link', 1, 0, 0, 90)`,
      PROGRAM,
    );
    expect((await post({})).cookie).toContain(`Max-Age=${90 * 86_400};`);
  });

  test.each([
    ['from another site', {}, { headers: { 'sec-fetch-site': 'cross-site' }, to: 'https://t.vendor.example' }],
    ['without an answer where the law asks', { consent: undefined }, {}],
    ['after a no', { consent: 'denied' }, {}],
    ['with GPC', {}, { headers: { 'sec-gpc': '1' } }],
    ['from a foreign origin', {}, { headers: { origin: 'https://evil.example' } }],
  ])('is not set %s', async (_name, body, where) => {
    expect((await post(body, where)).cookie).toBeNull();
  });

  test('wins over the id in the body; null in the body asks for somebody new', async () => {
    const { said } = await post({ visitorId: 'visitor_BBBBBBBBBBBBBB' }, { headers: cookieOf(VISITOR) });
    expect(said.visitorId).toBe(VISITOR);
    const fresh = await post({ visitorId: null }, { headers: cookieOf(VISITOR) });
    expect(fresh.said.visitorId).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(fresh.said.visitorId).not.toBe(VISITOR);
    expect(fresh.cookie).toContain(`tributary_vid=${fresh.said.visitorId};`);
  });

  test.each(['', 'x', 'a'.repeat(65), '"><script>', 'visitor_AAAAAAAAAAAAAA%00'])(
    'that says %j names nobody',
    async (value) => {
      expect((await post({}, { headers: cookieOf(value) })).said.visitorId).toMatch(/^[A-Za-z0-9_-]{22}$/);
    },
  );
});

describe('withdrawal', () => {
  test.each([
    ['by the page', { consent: 'denied' }, {}],
    ['by the browser (GPC)', {}, { 'sec-gpc': '1' }],
  ])('%s erases the cookie and unlinks the visitor', async (_name, body, headers) => {
    const { said } = await post({
      url: `${SHOP}/?tcid=${await world.click()}`,
      commands: [['identify', { id: 'c-1', emailSha256: EMAIL_HASH }]],
    });
    const other = await post({ url: `${SHOP}/?via=bob`, commands: [['identify', { id: 'c-1' }]] });
    expect(await linked()).toEqual([2, 3, 3]);
    const gone = await post(body, { headers: { ...cookieOf(said.visitorId), ...headers } });
    expect(gone.said).toMatchObject({ visitorId: null, consentRequired: false });
    expect(gone.cookie).toBe('tributary_vid=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure');
    expect(await linked()).toEqual([1, 1, 1]);
    expect(await world.rows('SELECT DISTINCT visitor_id FROM identities')).toEqual([
      { visitor_id: other.said.visitorId },
    ]);
    // What was clicked was clicked; only whose it was is forgotten.
    expect(await world.rows('SELECT class FROM clicks')).toHaveLength(2);
  });

  test('reaches the id that only the page knows, and no other program', async () => {
    const { said } = await post({ url: `${SHOP}/?via=anna` }, { to: 'https://t.vendor.example' });
    await world.rows(
      `INSERT INTO touches (program_id, visitor_id, click_key, partner_id, class) VALUES (?, ?, 'k', ?, 'valid')`,
      OTHER_PROGRAM,
      said.visitorId,
      ANNA,
    );
    await post({ consent: 'denied', visitorId: said.visitorId }, { to: 'https://t.vendor.example' });
    expect(await world.rows('SELECT program_id FROM touches')).toEqual([{ program_id: OTHER_PROGRAM }]);
  });

  test('from a foreign origin is none', async () => {
    const { said } = await post({ url: `${SHOP}/?via=anna` });
    await post(
      { consent: 'denied', visitorId: said.visitorId },
      { headers: { origin: 'https://evil.example', ...cookieOf(said.visitorId) } },
    );
    expect(await linked()).toEqual([1, 0, 0]);
  });
});

describe('a hand-over', () => {
  const FROM_SHOP = { referrer: `${SHOP}/cart` };
  const arrive = (word: string | undefined, body: Record<string, unknown> = {}) =>
    post({ url: `${SHOP}/?tho=${word}`, ...FROM_SHOP, ...body }, { to: 'https://t.vendor.example' });
  const later = (ms: number, word: string | undefined) => {
    world.at(START + ms);
    return arrive(word);
  };
  const give = async (body: Record<string, unknown> = {}) => (await post({ handover: true, ...body })).said;

  test('is only given when asked for, and only with consent', async () => {
    expect((await post({})).said).not.toHaveProperty('handover');
    expect((await give()).handover).toMatch(/^[A-Za-z0-9_-]{40,200}$/);
    expect(await give({ consent: 'denied' })).not.toHaveProperty('handover');
  });

  test('joins two browsers: both journeys count', async () => {
    const here = await give({ url: `${SHOP}/?via=anna`, commands: [['identify', { id: 'c-1' }]] });
    world.at(START + 60_000);
    const there = await post({ url: `${SHOP}/?via=bob`, commands: [['identify', { emailSha256: EMAIL_HASH }]] });
    const { said } = await arrive(here.handover, { visitorId: there.said.visitorId });
    expect(said.visitorId).toBe(here.visitorId);
    expect(said.partner).toBe('bob');
    const rows = await world.rows('SELECT partner_id FROM touches WHERE visitor_id = ?', here.visitorId);
    expect(rows).toHaveLength(2);
    expect(await world.rows('SELECT hash FROM identities WHERE visitor_id = ?', here.visitorId)).toHaveLength(2);
    expect(await world.rows('SELECT at FROM identifications WHERE visitor_id = ?', here.visitorId)).toHaveLength(2);
    const order = await world.order({ orderId: '1', currency: 'EUR', amount: 100, visitorId: said.visitorId });
    const { explain } = await order.json<{ explain: { candidates: unknown[] } }>();
    expect(explain.candidates).toHaveLength(2);
  });

  test('sets the cookie of the visitor who came', async () => {
    const here = await give();
    const { said, cookie } = await post(
      { url: `${SHOP}/?tho=${here.handover}`, ...FROM_SHOP },
      { headers: cookieOf(VISITOR) },
    );
    expect(said.visitorId).toBe(here.visitorId);
    expect(cookie).toContain(`tributary_vid=${here.visitorId};`);
  });

  test('works once, also for two at once', async () => {
    const { handover, visitorId } = await give();
    const said = await Promise.all([1, 2, 3].map(() => arrive(handover)));
    expect(said.filter((one) => one.said.visitorId === visitorId)).toHaveLength(1);
    expect((await arrive(handover)).said.visitorId).not.toBe(visitorId);
  });

  test.each([
    ['five minutes and a moment later', (word: string) => later(5 * 60_000 + 1, word)],
    ['passed on to somebody who does not come from the shop', (word: string) => arrive(word, { referrer: '' })],
    ['passed on in a mail', (word: string) => arrive(word, { referrer: 'https://mail.example/' })],
    ['without consent', (word: string) => arrive(word, { consent: 'denied' })],
    ['where the visitor was not asked', (word: string) => arrive(word, { consent: undefined })],
    ['in a frame', (word: string) => arrive(word, { framed: true })],
    ['altered', (word: string) => arrive(`${word.slice(0, -1)}${word.endsWith('A') ? 'B' : 'A'}`)],
    ['cut', (word: string) => arrive(word.slice(0, 60))],
  ])('%s is ignored', async (_name, take) => {
    const { handover, visitorId } = await give({ url: `${SHOP}/?via=anna` });
    const { said } = await take(handover ?? '');
    expect(said.visitorId).not.toBe(visitorId);
    expect(await linked()).toEqual([1, 0, 0]);
    expect(await world.rows('SELECT * FROM handovers')).toEqual([]);
  });

  test('within five minutes to the last works', async () => {
    const { handover, visitorId } = await give();
    expect((await later(5 * 60_000, handover)).said.visitorId).toBe(visitorId);
  });

  test('of another program, or from the future, is ignored', async () => {
    const word = (programId: typeof PROGRAM, at: number) =>
      seal({ programId, visitorId: VISITOR as VisitorId, at }, world.deps.random(12), world.deps.secrets.tokenKeys);
    expect((await arrive(await word(OTHER_PROGRAM, START))).said.visitorId).not.toBe(VISITOR);
    expect((await arrive(await word(PROGRAM, START + 1))).said.visitorId).not.toBe(VISITOR);
    expect((await arrive(await word(PROGRAM, START))).said.visitorId).toBe(VISITOR);
  });

  test('copies the newest 500 touches, and no more', async () => {
    const { handover, visitorId } = await give();
    await world.rows(
      `WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 600)
       INSERT INTO touches (program_id, visitor_id, click_key, partner_id, class)
       SELECT ?, ?, printf('%026d', value), ?, 'valid' FROM n`,
      PROGRAM,
      VISITOR,
      ANNA,
    );
    await arrive(handover, { visitorId: VISITOR });
    const [copied] = await world.rows(
      'SELECT count(*) AS touches, min(click_key) AS oldest FROM touches WHERE visitor_id = ?',
      visitorId,
    );
    expect(copied).toEqual({ touches: 500, oldest: '101'.padStart(26, '0') });
  });

  test('a click token joins nobody', async () => {
    const tcid = await world.click();
    const one = await post({ url: `${SHOP}/?tcid=${tcid}` });
    const two = await arrive(tcid, { url: `${SHOP}/?tcid=${tcid}&tho=${tcid}` });
    expect(two.said.visitorId).not.toBe(one.said.visitorId);
  });

  test('used ones are not kept for ever', async () => {
    await arrive((await give()).handover);
    world.at(START + 11 * 60_000);
    await arrive((await give()).handover);
    expect(await world.rows('SELECT used_at FROM handovers')).toEqual([{ used_at: START + 11 * 60_000 }]);
  });
});

describe('a landing inside a frame', () => {
  test.each([
    ['with a token', async () => ({ url: `${SHOP}/?tcid=${await world.click()}` })],
    ['with via', async () => ({ url: `${SHOP}/?via=anna` })],
    ['told by a command', async () => ({ commands: [['click', { via: 'anna' }]] })],
  ])('%s is no payable touch', async (_name, body) => {
    const { said } = await post({ framed: true, ...(await body()) });
    expect(said).toMatchObject({ clickId: null, partner: null });
    expect(said.results.every((result) => 'code' in result && result.code === 'framed')).toBe(true);
    expect(await linked()).toEqual([0, 0, 0]);
    const order = await world.order({ orderId: '1', currency: 'EUR', amount: 100, visitorId: said.visitorId });
    expect(await order.json()).toMatchObject({ reason: 'no_touch' });
  });
});

describe('names for via', () => {
  test.each([
    ['of the program', '["ref"]', undefined, '?ref=anna', 'anna'],
    ['of the page', '[]', 'ref, aff', '?aff=anna', 'anna'],
    ['nobody gave', '[]', undefined, '?ref=anna', null],
    ['that are none', '[]', '(((', '?via=anna', 'anna'],
    ['that are taken', '["tcid"]', 'tho', '?tcid=anna', null],
    ['of a wrong type', '[]', 7, '?via=anna', 'anna'],
  ])('%s', async (_name, aliases, params, query, partner) => {
    await world.rows(
      `INSERT INTO policies (program_id, version, starts_at, saved_at, model, window_days, hold_days, origins, deep_link_hosts, param_aliases)
       SELECT program_id, 2, ?, ?, model, window_days, hold_days, origins, deep_link_hosts, ? FROM policies WHERE program_id = ?`,
      START,
      START,
      aliases,
      PROGRAM,
    );
    expect((await post({ url: `${SHOP}/${query}`, params })).said.partner).toBe(partner);
  });
});

describe('the set-up', () => {
  const setup = async (key = SECRET) => {
    const response = await world.fetch('/v1/setup', { headers: { authorization: `Bearer ${key}` } });
    expect(response.status).toBe(200);
    return response.json<SetupAnswer>();
  };

  test('is told from real traffic, and to nobody else', async () => {
    expect(await setup()).toMatchObject({ grade: null, seen: [] });
    await world.order({ orderId: '1', currency: 'EUR', amount: 1, clickId: await world.token({}) });
    expect(await setup()).toMatchObject({ grade: 'D', seen: [{ kind: 'server_order' }] });
    await post(
      {
        url: `${SHOP}/?via=anna`,
        commands: [
          ['identify', { id: 'c-1' }],
          ['conversion', { orderId: '2' }],
        ],
      },
      { to: 'https://t.vendor.example', headers: { 'sec-fetch-site': 'cross-site' } },
    );
    const { grade, seen } = await setup();
    expect(grade).toBe('C');
    expect(seen.map(({ kind, host, reach }) => [kind, host, reach])).toEqual([
      ['identify', 'shop.example', 'C'],
      ['landing', 'shop.example', 'C'],
      ['page', 'shop.example', 'C'],
      ['server_order', null, null],
    ]);
    world.at(START + 10 * 60_000);
    await post({ commands: [['conversion', { orderId: '2', currency: 'EUR', amount: 1 }]] });
    expect(await setup()).toMatchObject({
      grade: 'A',
      seen: expect.arrayContaining([expect.objectContaining({ kind: 'browser_order' })]),
    });
    expect(await setup(OTHER_SECRET)).toMatchObject({ grade: null, seen: [] });
    world.at(START + 40 * DAY_MS);
    expect((await setup()).grade).toBeNull();
  });

  test('is told by the clock of its program', async () => {
    await world.rows('UPDATE programs SET clock_offset_ms = ? WHERE id = ?', 60 * DAY_MS, PROGRAM);
    await post({});
    expect(await setup()).toMatchObject({
      grade: 'A',
      seen: [{ kind: 'page', lastAt: new Date(START + 60 * DAY_MS).toISOString() }],
    });
  });

  test('is written at most once in ten minutes', async () => {
    const at = () => world.rows("SELECT last_at FROM sightings WHERE kind = 'page'");
    await post({});
    world.at(START + 9 * 60_000);
    await post({});
    expect(await at()).toEqual([{ last_at: START }]);
    world.at(START + 10 * 60_000);
    await post({});
    expect(await at()).toEqual([{ last_at: START + 10 * 60_000 }]);
  });

  test('a foreign page, or no page at all, is no part of it', async () => {
    await post({}, { headers: { origin: 'https://evil.example' } });
    await world.fetch('/v1/events', {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: JSON.stringify({ key: PUBLISHABLE, consent: 'granted', url: SHOP }),
    });
    expect((await setup()).seen).toEqual([]);
  });

  test('is not for partners, nor for strangers', async () => {
    expect((await world.fetch('/v1/setup')).status).toBe(401);
    world.look({ personId: 'p' as never, programId: PROGRAM, partnerId: ANNA });
    expect((await world.fetch('/v1/setup')).status).toBe(404);
  });
});
