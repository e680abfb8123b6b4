/** Figure injection, what of its small size needs no Worker: paths to go on to, letters, and how the pages build what they show. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pathWithin } from '../dashboard/ui/format.ts';
import { LinkAsked, NextPath, PasskeyAnswer } from '../edge/contract-people.ts';
import { invitationLetter, signInLetter } from '../edge/mail/letters.ts';
import { mulberry32 } from './core/random-journeys.ts';
import { isFormula, leadsAway, leavesHost, nextPaths, scripts } from './support/injection.ts';

const SEED = 20_261_127;

test('whoever signs in is led to no other host, whatever was asked for', () => {
  const paths = nextPaths(mulberry32(SEED), 5_000);
  const taken = paths.filter((next) => NextPath.safeParse(next).success);
  expect(taken.filter((next) => leavesHost(next))).toEqual([]);
  expect(paths.filter((next) => leavesHost(pathWithin(next)))).toEqual([]);
  // Something was let through, and everything that an asker may say is held to the same rule.
  expect(taken.length).toBeGreaterThan(50);
  for (const next of paths) {
    const passes = taken.includes(next);
    expect(LinkAsked.safeParse({ email: 'a@b.test', next }).success).toBe(passes);
    expect(PasskeyAnswer.safeParse({ credential: { id: 'x', response: {} }, next }).success).toBe(passes);
  }
  for (const next of ['/', '/orders', '/orders?days=7', '/orders/order%3AKF-1#why', '/compare?u=https://x.test//y']) {
    expect([next, NextPath.safeParse(next).success, pathWithin(next)]).toEqual([next, true, next]);
  }
});

test('what is tried would be seen: a foreign address, a formula', () => {
  for (const away of [
    '//evil.test',
    'https://shop.example@evil.test/',
    'javascript:alert(1)',
    'https://shop.example.evil.test/',
    '/',
  ]) {
    expect([away, leadsAway(away)]).toEqual([away, true]);
  }
  expect(leadsAway('https://shop.example/?from=anna&tcid=x')).toBe(false);
  for (const cell of ['=1+1', ' =1', '+1', '-1', '@A1', '\t=1', '＝1', '\r1'])
    expect([cell, isFormula(cell)]).toEqual([cell, true]);
  for (const cell of ["'=1+1", 'a=1', '', '1', '"=1"', '{"a":"=1"}'])
    expect([cell, isFormula(cell)]).toEqual([cell, false]);
});

test('a letter says scripts and never holds one, nor a link of theirs', () => {
  for (const text of scripts(mulberry32(SEED), 500)) {
    const letters = [
      signInLetter({ origin: 'https://t.example', token: 'TOKEN', code: 'CODE', agent: text }),
      invitationLetter({ origin: 'https://t.example', program: text, partner: text, role: 'member', by: text }),
    ];
    for (const { html, subject } of letters) {
      expect(html).not.toMatch(
        /<[^>]*data-hit|<(script|img|svg|iframe|object|embed|base|link|form|math|video|audio)\b/i,
      );
      for (const [, href = ''] of html.matchAll(/(?:href|src)="([^"]*)"/g))
        expect(href).toMatch(/^https:\/\/t\.example\//);
      expect(subject).not.toMatch(/[\r\n]/);
    }
  }
});

test('pages and the SDK build elements, and never markup from text', () => {
  const sinks =
    /dangerouslySetInnerHTML|\b(?:inner|outer)HTML\b|insertAdjacentHTML|document\.write|srcdoc|createContextualFragment|DOMParser|\beval\(|new Function|setTimeout\(['"`]|javascript:/;
  const files = execFileSync('git', ['ls-files', '-z', 'dashboard', 'sdk', 'edge/docs'], { encoding: 'utf8' }).split(
    '\0',
  );
  const sources = files.filter((file) => /\.(tsx?|js|html)$/.test(file));
  expect(sources.length).toBeGreaterThan(60);
  expect(sources.filter((file) => sinks.test(readFileSync(file, 'utf8')))).toEqual([]);
});
