/**
 * Goal: pages show the latest question's answer and nothing else, and find their way back from trouble.
 * Method: models over an API whose answers come when, and in the order, the test says.
 */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Trouble } from '../../dashboard/api.ts';
import { isBareLead, OrderModel } from '../../dashboard/models/order.ts';
import { OrdersModel } from '../../dashboard/models/orders.ts';
import { PartnerHomeModel } from '../../dashboard/models/partner-home.ts';
import { PartnersModel } from '../../dashboard/models/partners.ts';
import { ProgramHomeModel } from '../../dashboard/models/program-home.ts';
import { localDay, releases } from '../../dashboard/models/releases.ts';
import { balance, fakeApi, line, lost, order, summaryOf } from './fake.ts';

const busy = new Trouble({ code: 'unavailable', title: 'Busy', detail: 'Try again.' });
const HELD = '2026-12-04T12:00:00.000Z';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('one answer', () => {
  test('loading, then there', async () => {
    const { api, last } = fakeApi();
    const { order: one } = new OrderModel(api);
    expect([one.busy.value, one.answer.value]).toEqual([false, null]);
    one.load('01J');
    expect([one.busy.value, one.answer.value, last('order').ask]).toEqual([true, null, '01J']);
    await last('order').answer({ id: '01J' });
    expect([one.busy.value, one.answer.value, one.trouble.value]).toEqual([false, { id: '01J' }, null]);
  });

  test('trouble is told; a retry asks the same again and clears it', async () => {
    const { api, calls, last } = fakeApi();
    const { order: one } = new OrderModel(api);
    one.load('01J');
    await last('order').fail(busy);
    expect([one.busy.value, one.trouble.value]).toEqual([false, busy]);
    one.retry();
    expect([one.busy.value, one.trouble.value]).toEqual([true, null]);
    await last('order').answer({ id: '01J' });
    expect([calls.length, last('order').ask, one.trouble.value]).toEqual([2, '01J', null]);
    expect(one.answer.value).toEqual({ id: '01J' });
  });

  test('a bug of ours becomes trouble in words, and goes to the console whole', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const { api, last } = fakeApi();
    const { order: one } = new OrderModel(api);
    one.load('01J');
    await last('order').fail(new TypeError('x is undefined'));
    expect(one.trouble.value?.title).toBe('This page broke');
    expect(one.trouble.value?.message).not.toContain('undefined');
    expect(error).toHaveBeenCalledOnce();
  });

  test('a retry before any question asks nothing', async () => {
    const { api, calls } = fakeApi();
    await new OrderModel(api).order.retry();
    expect(calls).toEqual([]);
  });
});

describe('days are switched', () => {
  test('a late answer to the older question never replaces the newer one', async () => {
    const { api, calls } = fakeApi();
    const model = new PartnerHomeModel(api);
    model.show(90);
    model.show(7);
    const [older, newer] = calls;
    expect(older?.signal?.aborted).toBe(true);
    await newer?.answer(summaryOf(7));
    await older?.answer(summaryOf(90));
    expect(model.summary.answer.value?.days.length).toBe(7);
    expect(model.summary.busy.value).toBe(false);
  });

  test('the same when the older answer comes first, and when it fails', async () => {
    for (const end of ['answer', 'fail'] as const) {
      const { api, calls } = fakeApi();
      const model = new PartnerHomeModel(api);
      model.show(90);
      model.show(7);
      const [older, newer] = calls;
      await older?.[end](end === 'answer' ? summaryOf(90) : busy);
      expect([model.summary.answer.value, model.summary.trouble.value, model.summary.busy.value]).toEqual([
        null,
        null,
        true,
      ]);
      await newer?.answer(summaryOf(7));
      expect(model.summary.answer.value?.days.length).toBe(7);
    }
  });

  test('the old numbers stay until the new ones come', async () => {
    const { api, last } = fakeApi();
    const model = new ProgramHomeModel(api);
    model.show(30);
    await last('summary').answer(summaryOf(30));
    model.show(7);
    expect([model.summary.answer.value?.days.length, model.summary.busy.value]).toEqual([30, true]);
    expect([last('summary').ask, last('partners').ask]).toEqual([7, 7]);
  });

  test('a page that is left calls its requests off', async () => {
    const { api, last } = fakeApi();
    const model = new ProgramHomeModel(api);
    model.show(30);
    model[Symbol.dispose]();
    expect(last('summary').signal?.aborted).toBe(true);
    await last('summary').answer(summaryOf(30));
    expect(model.summary.answer.value).toBeNull();
  });
});

describe('orders, page by page', () => {
  const page = (ids: string[], nextCursor: string | null) => ({
    data: ids.map((id) => order(id, { commission: 1, heldUntil: HELD })),
    nextCursor,
  });
  const ids = (model: InstanceType<typeof OrdersModel>) => model.orders.value?.map((one) => one.id).join('');

  test('more is added below, once; an order in two pages stands once', async () => {
    const { api, calls, last } = fakeApi();
    const model = new OrdersModel(api);
    model.open();
    expect(model.more.value).toBe(false);
    await last('orders').answer(page(['d', 'c'], 'c'));
    expect([ids(model), model.more.value]).toEqual(['dc', true]);
    model.loadMore();
    model.loadMore();
    expect([calls.length, last('orders').ask]).toEqual([2, { limit: 25, cursor: 'c' }]);
    await last('orders').answer(page(['c', 'b', 'a'], null));
    expect([ids(model), model.more.value, model.busy.value]).toEqual(['dcba', false, false]);
    await model.loadMore();
    expect(calls.length).toBe(2);
  });

  test('trouble with a later page keeps what is shown; a retry asks for that page', async () => {
    const { api, last } = fakeApi();
    const model = new OrdersModel(api);
    model.open();
    await last('orders').answer(page(['c'], 'c'));
    model.loadMore();
    await last('orders').fail(busy);
    expect([ids(model), model.trouble.value]).toEqual(['c', busy]);
    model.retry();
    expect(last('orders').ask).toEqual({ limit: 25, cursor: 'c' });
    await last('orders').answer(page(['b'], null));
    expect([ids(model), model.trouble.value]).toEqual(['cb', null]);
  });

  test('opening again begins anew', async () => {
    const { api, last } = fakeApi();
    const model = new OrdersModel(api);
    model.open();
    await last('orders').answer(page(['b'], 'b'));
    model.open();
    await last('orders').answer(page(['c'], null));
    expect(ids(model)).toBe('c');
  });

  test('those that were not earned, of what is loaded; later pages join them', async () => {
    const { api, calls, last } = fakeApi();
    const model = new OrdersModel(api);
    const shown = () => model.shown.value?.map((one) => one.id).join('');
    expect(model.shown.value).toBeNull();
    model.open();
    const first = page(['d', 'c'], 'c');
    await last('orders').answer({ ...first, data: [lost('e', 'earlier'), ...first.data] });
    expect(shown()).toBe('edc');
    model.only(true);
    expect([shown(), ids(model), calls.length]).toEqual(['e', 'edc', 1]);
    model.loadMore();
    await last('orders').answer({ data: [lost('b', 'later')], nextCursor: null });
    expect(shown()).toBe('eb');
    model.only(false);
    expect(shown()).toBe('edcb');
  });
});

describe('what is pending and when', () => {
  const now = Date.parse('2026-11-23T12:00:00.000Z');
  const held = (id: string, commission: number, days: number, currency = 'EUR') =>
    order(id, { commission, currency, heldUntil: new Date(now + days * 86_400_000).toISOString() });

  test('orders are gathered by the day their wait ends; what is left of the balance is past it', () => {
    const data = [held('d', 500, 3), held('c', 30, 2), held('b', 70, 2), held('a', 1000, -1)];
    const [eur] = releases({ balances: [balance('EUR', 1900)], page: { data, nextCursor: null }, now });
    expect(eur).toMatchObject({ currency: 'EUR', total: 1900, over: 1300, complete: true });
    expect(eur?.next).toEqual([
      { day: localDay(now + 2 * 86_400_000), amount: 100, orders: 2 },
      { day: localDay(now + 3 * 86_400_000), amount: 500, orders: 1 },
    ]);
  });

  test('currencies are never mixed, and one without a balance is not shown', () => {
    const data = [held('b', 5, 1, 'USD'), held('a', 7, 1)];
    const all = releases({
      balances: [balance('EUR', 7), balance('JPY', 0), balance('USD', 5)],
      page: { data, nextCursor: null },
      now,
    });
    expect(all.map((one) => [one.currency, one.over, one.next[0]?.amount])).toEqual([
      ['EUR', 0, 7],
      ['USD', 0, 5],
    ]);
  });

  test('while more held orders may lie beyond the page nothing is guessed', () => {
    const page = { data: [held('b', 5, 2), held('a', 7, 1)], nextCursor: 'a' };
    expect(releases({ balances: [balance('EUR', 900)], page, now })[0]).toMatchObject({ over: null, complete: false });
    const reaching = { data: [...page.data, held('0', 9, -1)], nextCursor: '0' };
    expect(releases({ balances: [balance('EUR', 900)], page: reaching, now })[0]).toMatchObject({
      over: 888,
      complete: true,
    });
  });

  test('orders that were not earned move nothing', () => {
    const data = [lost('c', 'earlier'), held('b', 5, 2), lost('a', 'outside_window')];
    const [eur] = releases({ balances: [balance('EUR', 5)], page: { data, nextCursor: null }, now });
    expect(eur).toMatchObject({ total: 5, over: 0, complete: true });
    expect(eur?.next).toMatchObject([{ amount: 5, orders: 1 }]);
  });

  test('the model waits for both answers', async () => {
    const { api, last } = fakeApi();
    const model = new PartnerHomeModel(api, () => now);
    model.open();
    await last('balances').answer([balance('EUR', 7)]);
    expect(model.releases.value).toBeNull();
    await last('orders').answer({ data: [held('a', 7, 1)], nextCursor: null });
    expect(model.releases.value?.[0]?.total).toBe(7);
  });
});

describe('partners', () => {
  async function shown() {
    const { api, last } = fakeApi();
    const model = new PartnersModel(api);
    model.show(30);
    await last('partners').answer([
      line('anna', { clicks: 9, counted: 8, orders: 4, EUR: 900 }),
      line('bob', { clicks: 20, counted: 0, orders: 0 }),
      line('carla', { clicks: 5, counted: 5, orders: 4, EUR: 100, USD: 50 }),
    ]);
    const names = () => model.shown.value?.map((one) => one.partner).join(' ');
    return { model, names };
  }

  test('sorted by orders at first; the same column again turns it round', async () => {
    const { model, names } = await shown();
    expect(names()).toBe('anna carla bob');
    model.sortBy('clicks');
    expect([names(), model.sort.value.descending]).toEqual(['bob anna carla', true]);
    model.sortBy('clicks');
    expect(names()).toBe('carla anna bob');
    model.sortBy('name');
    expect([names(), model.sort.value.descending]).toEqual(['anna bob carla', false]);
  });

  test('each currency is a column of its own, and who has nothing in it stands last', async () => {
    const { model, names } = await shown();
    expect(model.currencies.value).toEqual(['EUR', 'USD']);
    model.sortBy('commission:USD');
    expect(names()).toBe('carla anna bob');
    model.sortBy('commission:EUR');
    expect(names()).toBe('anna carla bob');
    model.sortBy('commission:EUR');
    expect(names()).toBe('carla anna bob');
    model.sortBy('rate');
    expect(names()).toBe('carla anna bob');
  });

  test('found by any part of the name', async () => {
    const { model, names } = await shown();
    model.find(' AR');
    expect(names()).toBe('carla');
  });
});

test('a lead without commission is credited, and earns nothing; one with commission, or an order of 0, is shown', () => {
  const lead = { ...order('a', { commission: 0, heldUntil: HELD }), event: 'lead' };
  expect(isBareLead(lead)).toBe(true);
  expect(isBareLead({ ...order('b', { commission: 500, heldUntil: HELD }), event: 'lead' })).toBe(false);
  expect(isBareLead(order('c', { commission: 0, heldUntil: HELD }))).toBe(false);
  expect(isBareLead({ ...lost('d', 'earlier'), event: 'lead' })).toBe(false);
});
