/**
 * Goal: the page of what OWASP ASVS 5.0 asks cannot go stale. Method: all requirements of its levels 1 and 2 against the
 * lines, and each test that a line names against the files.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ASVS, idsOf, type Line } from '../edge/docs/asvs.ts';
import { TRIES } from '../edge/docs/security.ts';
import { LIMITS } from '../edge/flows/tries.ts';

/** ASVS 5.0.0: by section, which of its requirements are of level 1 or 2. */
const ASKED: Readonly<Record<string, string>> = {
  '1.1': '1-2',
  '1.2': '1-9',
  '1.3': '1-11',
  '1.4': '1-3',
  '1.5': '1-2',
  '2.1': '1-3',
  '2.2': '1-3',
  '2.3': '1-4',
  '2.4': '1',
  '3.2': '1-2',
  '3.3': '1-4',
  '3.4': '1-6',
  '3.5': '1-5',
  '3.7': '1-2',
  '4.1': '1-3',
  '4.2': '1',
  '4.3': '1-2',
  '4.4': '1-4',
  '5.1': '1',
  '5.2': '1-3',
  '5.3': '1-2',
  '5.4': '1-3',
  '6.1': '1-3',
  '6.2': '1-12',
  '6.3': '1-4',
  '6.4': '1-4',
  '6.5': '1-5',
  '6.6': '1-3',
  '6.8': '1-4',
  '7.1': '1-3',
  '7.2': '1-4',
  '7.3': '1-2',
  '7.4': '1-5',
  '7.5': '1-2',
  '7.6': '1-2',
  '8.1': '1-2',
  '8.2': '1-3',
  '8.3': '1',
  '8.4': '1',
  '9.1': '1-3',
  '9.2': '1-4',
  '10.1': '1-2',
  '10.2': '1-2',
  '10.3': '1-4',
  '10.4': '1-11',
  '10.5': '1-5',
  '10.6': '1-2',
  '10.7': '1-3',
  '11.1': '1-2',
  '11.2': '1-3',
  '11.3': '1-3',
  '11.4': '1-4',
  '11.5': '1',
  '11.6': '1',
  '12.1': '1-3',
  '12.2': '1-2',
  '12.3': '1-4',
  '13.1': '1',
  '13.2': '1-5',
  '13.3': '1-2',
  '13.4': '1-5',
  '14.1': '1-2',
  '14.2': '1-4',
  '14.3': '1-3',
  '15.1': '1-3',
  '15.2': '1-3',
  '15.3': '1-7',
  '16.1': '1',
  '16.2': '1-5',
  '16.3': '1-4',
  '16.4': '1-3',
  '16.5': '1-3',
  '17.1': '1',
  '17.2': '1-4',
  '17.3': '1-2',
};

const lines: readonly Line[] = ASVS.flatMap((chapter) => chapter.lines);
const asked = Object.entries(ASKED).flatMap(([section, numbers]) =>
  numbers.split(' ').flatMap((span) =>
    idsOf(
      span
        .split('-')
        .map((number) => `${section}.${number}`)
        .join('-'),
    ),
  ),
);

test('every requirement stands here once', () => {
  const told = [...lines.map((one) => one.id), ...ASVS.flatMap(({ without }) => without.map((one) => one.ids))];
  expect(told.flatMap(idsOf).sort()).toEqual([...asked].sort());
  expect(asked).toHaveLength(253);
});

test('each stands in its chapter', () => {
  for (const { number, lines: own, without } of ASVS) {
    for (const id of [...own.map((one) => one.id), ...without.map((one) => one.ids)].flatMap(idsOf)) {
      expect([number, id.split('.')[0]]).toEqual([number, String(number)]);
    }
  }
});

describe('the tests that are named', () => {
  test('are there', () => {
    const missing = lines.flatMap(({ id, tests }) =>
      tests.filter(([file, name]) => !isThere(file, name)).map((one) => [id, ...one]),
    );
    expect(missing).toEqual([]);
  });

  test('are named for all that is called met', () => {
    const met = lines.filter(({ met, tests }) => (met === 'yes' || met === 'partly') && tests.length === 0);
    expect(met.map((one) => one.id)).toEqual([]);
  });

  test('a name that no test has is seen', () => {
    expect(isThere('asvs', 'every requirement stands here once')).toBe(true);
    expect(isThere('asvs', 'every requirement stands here')).toBe(false);
    expect(isThere('nowhere', 'every requirement stands here once')).toBe(false);
  });
});

test('how often something may be tried is told as it is', () => {
  expect(TRIES.map(({ tried: _tried, ...one }) => one)).toEqual(LIMITS);
});

function isThere(file: string, name: string): boolean {
  const path = new URL(`${file}.test.ts`, import.meta.url);
  if (!existsSync(path)) return false;
  const text = readFileSync(path, 'utf8');
  return ["'", '"', '`'].some((quote) => text.includes(`${quote}${name}${quote},`));
}
