/**
 * Goal: the codes come page by page, and only links that say something of their own stand beside them.
 * Method: the model over an API whose answers come in the order the test says.
 */
import { expect, test } from 'vitest';
import { CodesModel } from '../../dashboard/models/codes.ts';
import { isFamily } from '../../dashboard/ui/Codes.tsx';
import { fakeApi } from './fake.ts';

const code = (name: string) => ({ code: name, partner: 'anna', policy: 'always', startsAt: null, endsAt: null });
const link = (name: string, settings: object) => ({
  ...{ id: name, code: name, url: 'https://shop.example', partner: 'anna', address: `https://t.example/go/${name}` },
  ...{ version: null, windowDays: null, model: null, guardSeconds: null, rejectSolo: null, ...settings },
});

test('the next page follows the one before; a second tap asks for none', async () => {
  const { api, calls, last } = fakeApi();
  const model = new CodesModel(api);
  model.open();
  await last('codes').answer({ data: [code('A')], nextCursor: 'A' });
  expect(model.more.value).toBe(true);
  model.loadMore();
  model.loadMore();
  expect(calls.filter((call) => call.name === 'codes').map((call) => call.ask)).toEqual([null, 'A']);
  await last('codes').answer({ data: [code('B')], nextCursor: null });
  expect(model.codes.answer.value?.data.map((one) => one.code)).toEqual(['A', 'B']);
  expect(model.more.value).toBe(false);
  model.open();
  await last('codes').answer({ data: [code('C')], nextCursor: null });
  expect(model.codes.answer.value?.data.map((one) => one.code)).toEqual(['C']);
});

test('a link stands there for what it says, also when that is no or none', async () => {
  const { api, last } = fakeApi();
  const model = new CodesModel(api);
  model.open();
  expect(model.special.value).toBeNull();
  const links = [link('plain', {}), link('week', { windowDays: 7 }), link('solo', { rejectSolo: false })];
  await last('links').answer([...links, link('off', { guardSeconds: 0 }), link('said-nothing', { version: 2 })]);
  expect(model.special.value?.map((one) => one.code)).toEqual(['week', 'solo', 'off']);
});

test('a family is told from a code', () => {
  expect(['SUMMER*', '*', 'SUMMER', 'S*R'].map(isFamily)).toEqual([true, true, false, false]);
});
