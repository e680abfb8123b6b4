/**
 * Goal: a partner whom a privileged call names is credited and the naming is on record for good; a partner's own purchase
 * is blocked, marked or let be. Method: orders over HTTP, the audit log as it stands in D1.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import type { ConversionAnswer, EventsAnswer } from '../../edge/contract.ts';
import { keyHash } from '../../edge/core/identity.ts';
import { BOB, createWorld, OTHER_SECRET, PROGRAM, SECRET, SHOP, type World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

type Fields = Record<string, unknown>;

async function order(orderId: string, more: Fields = {}, key?: string): Promise<ConversionAnswer> {
  world.at(world.now() + 60_000);
  return (await world.order({ orderId, currency: 'EUR', amount: 1000, ...more }, key)).json<ConversionAnswer>();
}
const audit = () => world.rows<Fields>('SELECT program_id, actor, act, subject, after FROM audit');

describe('a forced partner', () => {
  test('earns before click, code and lock, by slug in any case or by id, and binds nobody', async () => {
    await world.call('PATCH', '/v1/program', { model: 'customer_lock' });
    await world.call('POST', '/v1/codes', { partner: 'anna', code: 'ANNA10' });
    const customer = { id: 'c-1' };
    await order('0', { customer, clickId: await world.click('anna') });
    const beside = { customer, codes: ['ANNA10'], clickId: await world.click('anna') };
    for (const partner of ['bob', 'BOB', BOB]) {
      expect(await order(partner, { ...beside, partner })).toMatchObject({
        reason: 'forced',
        verified: true,
        allocations: [{ partner: 'bob', commission: 100 }],
        explain: { step: 'forced', candidates: [{ partner: 'anna', kept: false, why: 'forced' }] },
      });
    }
    expect(await world.rows('SELECT partner_id FROM customer_locks WHERE partner_id = ?', BOB)).toEqual([]);
    expect(await order('after', { customer })).toMatchObject({ allocations: [{ partner: 'anna' }] });
  });

  test('leaves one row in the audit log, which nobody changes', async () => {
    const { id } = await order('1', { partner: 'bob' });
    await order('1', { partner: 'bob' });
    const [key] = await world.rows<{ id: string }>('SELECT id FROM keys WHERE hash = ?', await keyHash(SECRET));
    const actor = `key:${key?.id}`;
    const rows = await audit();
    expect(rows).toEqual([
      {
        ...{ program_id: PROGRAM, actor, act: 'conversion.forced', subject: `conversion:${id}` },
        after: expect.stringContaining('"bob"'),
      },
    ]);
    for (const sql of ["UPDATE audit SET actor = 'x'", 'DELETE FROM audit']) {
      await expect(world.rows(sql)).rejects.toThrow(/append-only/);
    }
    await order('2', { clickId: await world.click('anna') });
    expect(await audit()).toEqual(rows);
  });

  test('in a list, and correcting what a page told: a row each', async () => {
    await world.events({ commands: [['conversion', { orderId: '1', currency: 'EUR', amount: 1000 }]] });
    const row = (orderId: string, partner: string) => ({ orderId, currency: 'EUR', amount: 1000, partner });
    const { body } = await world.call<{ results: ConversionAnswer[] }>('POST', '/v1/conversions', [
      row('1', 'bob'),
      row('2', 'nobody'),
      row('3', 'anna'),
    ]);
    expect(body.results).toMatchObject([
      { corrected: true, reason: 'forced', allocations: [{ partner: 'bob' }] },
      { status: 422, errors: [{ pointer: '/partner' }] },
      { reason: 'forced', allocations: [{ partner: 'anna' }] },
    ]);
    expect(await audit()).toHaveLength(2);
  });

  test('unknown, or only of another program: 422, and nothing is left', async () => {
    await world.call('POST', '/v1/partners', { slug: 'dora', name: 'Dora' });
    for (const [partner, key] of [
      ['nobody', SECRET],
      ['dora', OTHER_SECRET],
      [BOB, OTHER_SECRET],
    ] as const) {
      const told = { orderId: '1', currency: 'EUR', amount: 1000, partner };
      expect(await world.call('POST', '/v1/conversions', told, key)).toMatchObject({
        status: 422,
        body: { errors: [{ pointer: '/partner' }] },
      });
    }
    expect(await world.rows('SELECT * FROM conversions')).toEqual([]);
    // What is there tells of Dora.
    expect((await audit()).map((one) => one.act)).toEqual(['partner.added']);
  });
});

describe('a partner’s own purchase', () => {
  const own = { email: ' Dora@Partner.test ' };
  const policy = (selfReferral: string) => world.call('PATCH', '/v1/program', { selfReferral });
  beforeEach(async () => {
    await world.call('POST', '/v1/partners', { slug: 'dora', name: 'Dora', email: 'dora@partner.test' });
    await world.call('POST', '/v1/links', { partner: 'dora', code: 'dora', url: SHOP });
    await world.call('POST', '/v1/codes', { partner: 'dora', code: 'DORA10' });
    world.at(world.now() + 60_000);
  });
  /** A browser that came by Bob's link, then by Dora's. */
  async function both(): Promise<string> {
    const url = async (code: string) => `${SHOP}/?tcid=${await world.click(code)}`;
    const { visitorId } = await (await world.events({ url: await url('bob') })).json<EventsAnswer>();
    world.at(world.now() + 60_000);
    await world.events({ visitorId, url: await url('dora') });
    return visitorId ?? '';
  }

  test('flag: credited, and marked for the program’s eyes', async () => {
    const told = await order('1', { customer: own, visitorId: await both() });
    expect(told).toMatchObject({ reason: 'last', allocations: [{ partner: 'dora' }] });
    expect(told.explain?.notes).toEqual([`self_referral: ${told.allocations[0]?.partnerId}`]);
    expect((await order('2', { customer: own, codes: ['dora10'] })).explain?.notes).toHaveLength(1);
    expect((await order('3', { customer: { email: 'else@x.example' }, codes: ['dora10'] })).explain?.notes).toEqual([]);
  });

  test('block: its touches and codes are dropped, the rest decide, self_referral if none remains', async () => {
    await policy('block');
    expect(await order('2', { customer: own, clickId: await world.click('dora') })).toMatchObject({
      reason: 'self_referral',
      allocations: [],
    });
    expect(await order('3', { customer: own, codes: ['DORA10'] })).toMatchObject({ reason: 'self_referral' });
    expect(await order('4', { customer: own, codes: ['DORA10'], clickId: await world.click('bob') })).toMatchObject({
      allocations: [{ partner: 'bob' }],
    });
    // The e-mail of a customer whom the shop calls by its id.
    await order('tie', { customer: { id: 'd-1', ...own } });
    expect(await order('5', { customer: { id: 'd-1' }, codes: ['DORA10'] })).toMatchObject({ reason: 'self_referral' });
    expect(await order('1', { customer: own, visitorId: await both() })).toMatchObject({
      allocations: [{ partner: 'bob' }],
      explain: {
        candidates: [
          { partner: 'dora', kept: false, why: 'self_referral' },
          { partner: 'bob', why: 'won' },
        ],
      },
    });
    // Whom a person names, that person answers for.
    expect(await order('6', { customer: own, partner: 'dora' })).toMatchObject({ reason: 'forced' });
  });

  test('block: a lock to oneself gives nothing, and makes none', async () => {
    await world.call('PATCH', '/v1/program', { model: 'customer_lock' });
    await order('1', { customer: own, clickId: await world.click('dora') });
    await policy('block');
    expect(await order('2', { customer: own })).toMatchObject({ allocations: [] });
    expect(await order('3', { customer: { email: 'x@x.example' }, codes: ['DORA10'] })).toMatchObject({
      allocations: [{ partner: 'dora' }],
    });
  });

  test('allow: credited, and not marked', async () => {
    await policy('allow');
    expect(await order('1', { customer: own, visitorId: await both() })).toMatchObject({
      allocations: [{ partner: 'dora' }],
      explain: { notes: [] },
    });
  });

  test('is one in the program where the person is a partner, and in no other', async () => {
    await policy('block');
    await world.call('PATCH', '/v1/program', { selfReferral: 'block' }, OTHER_SECRET);
    const clickId = (await world.call<{ clickId: string }>('POST', '/v1/clicks', { partner: 'anna' }, OTHER_SECRET))
      .body.clickId;
    expect(await order('1', { customer: own, clickId }, OTHER_SECRET)).toMatchObject({ reason: 'last' });
  });
});
