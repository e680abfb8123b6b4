/** The grade of a set-up, and where a page says its visitor came from. */
import { expect, test } from 'vitest';
import { DAY_MS } from '../../edge/core/attribution.ts';
import { landingOf, namesOf } from '../../edge/core/link.ts';
import { gradeOf, pageDetail, reachFrom, reachOf, WITH_CLICK } from '../../edge/core/setup.ts';

const NOW = Date.UTC(2026, 10, 23);

test.each([
  ['https://shop.example', 'https://shop.example/_t/v1/events', 'same-origin', 'A'],
  ['https://shop.example', 'https://shop.example/_t/v1/events', null, 'A'],
  ['https://www.shop.example', 'https://t.shop.example/v1/events', 'same-site', 'B'],
  ['https://shop.example', 'https://t.shop.example/v1/events', null, 'B'],
  ['https://www.shop.example', 'https://shop.example/v1/events', null, 'B'],
  // Without the browser's word, brothers are not told from strangers under one public suffix.
  ['https://www.shop.example', 'https://t.shop.example/v1/events', null, 'C'],
  ['https://shop.example', 'https://tributary.workers.dev/v1/events', 'cross-site', 'C'],
  ['https://eshop.example', 'https://shop.example/v1/events', null, 'C'],
  ['null', 'https://shop.example/v1/events', null, 'C'],
])('a page on %s that posts to %s (%s) reaches it as %s', (origin, address, site, reach) => {
  expect(reachFrom(origin, address, site)).toBe(reach);
});

test('the grade is the reach of the pages seen lately, else D for orders with a click id', () => {
  const page = { kind: 'page', lastAt: NOW - DAY_MS, detail: pageDetail('B', 'shop.example') };
  const order = { kind: 'server_order', lastAt: NOW, detail: WITH_CLICK };
  expect(reachOf(page.detail)).toEqual({ reach: 'B', host: 'shop.example' });
  expect(gradeOf([page, order], NOW)).toBe('B');
  expect(gradeOf([{ ...page, lastAt: NOW - 31 * DAY_MS }, order], NOW)).toBe('D');
  expect(gradeOf([{ ...order, detail: null }], NOW)).toBeNull();
  expect(gradeOf([{ ...page, detail: 'nonsense' }], NOW)).toBeNull();
  expect(gradeOf([], NOW)).toBeNull();
});

test.each([
  ['ref,aff', ['ref', 'aff']],
  [' ref , aff ', ['ref', 'aff']],
  ['tcid,via,tho,ref', ['ref']],
  ['(((', []],
  ['', []],
  ['x'.repeat(33), []],
  [Array.from({ length: 99 }, (_, n) => `n${n}`).join(), Array.from({ length: 10 }, (_, n) => `n${n}`)],
])('the list %j names %j', (list, names) => {
  expect(namesOf(list)).toEqual(names);
});

test.each([
  ['https://s.example/?ref=anna', 'anna'],
  ['https://s.example/#/x?aff=anna', 'anna'],
  ['https://s.example/?ref=bob&via=anna', 'anna'],
  ['https://s.example/?aff=bob&ref=anna', 'anna'],
  ['https://s.example/?other=anna', null],
])('%s comes by %j', (address, via) => {
  expect(landingOf(address, ['ref', 'aff'])).toEqual({ tcid: null, via, handover: null });
});
