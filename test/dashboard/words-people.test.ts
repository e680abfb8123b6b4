/**
 * Goal: nothing of roles, scopes or the log reaches a person as a code.
 * Method: every role, scope and act that the engine knows is said in words; what a newer engine says stays readable.
 */
import { describe, expect, test } from 'vitest';
import type { AuditAnswer } from '../../dashboard/api.ts';
import {
  ACTS,
  actorWords,
  actWords,
  countryName,
  fieldsOf,
  placeName,
  problemWords,
  roleWords,
  scopeWords,
} from '../../dashboard/words-people.ts';
import { PARTNER_ROLES, PROGRAM_ROLES, SCOPES } from '../../edge/core/access.ts';
import { AUDIT_ACTS } from '../../edge/core/audit.ts';
import { placeOf } from './fake.ts';

const NOBODY = new Map<string, string>();
const entry = (more: Partial<AuditAnswer>): AuditAnswer => ({
  ...{ id: 'a', at: '2026-11-23T12:00:00.000Z', actor: { kind: 'person', id: 'u1', name: 'Maren' } },
  ...{ act: 'key.made', subject: 'key:01JABCDEFGHIJK', partner: null, before: null, after: null },
  ...{ country: null, address: null, number: null, hash: null },
  ...more,
});

describe('what somebody may', () => {
  test.each(PROGRAM_ROLES)('%s on a program’s side', (role) => {
    expect(roleWords(role, null).may).toMatch(/^[A-Z].*\.$/);
  });

  test.each(PARTNER_ROLES)('%s at a partner, which is another thing', (role) => {
    expect(roleWords(role, 'anna').may).toMatch(/partner/);
    expect(roleWords(role, 'anna').may).not.toBe(roleWords(role, null).may);
  });

  test.each(SCOPES)('a key of the scope %s', (scope) => {
    expect(scopeWords(scope).opens).toMatch(/^[A-Z].*\.$/);
  });

  test('a role or scope that is not known yet is readable', () => {
    expect([roleWords('night_watch' as never, null).name, scopeWords('constructor' as never).name]).toEqual([
      'Night watch',
      'Constructor',
    ]);
  });

  test('a place is called by its partner, else by its program', () => {
    expect([placeName(placeOf('m', 'member', 'anna')), placeName(placeOf('m'))]).toEqual(['ANNA', 'Kettle & Fell']);
  });
});

describe('what was done', () => {
  test.each(Object.keys(AUDIT_ACTS))('%s', (act) => {
    const did = actWords(entry({ act }), NOBODY);
    expect(did).toMatch(/^[a-z]/);
    expect(did).not.toMatch(/[$_.]|”\s*to /);
    expect(ACTS[act as keyof typeof ACTS].name).toMatch(/^[A-Z]/);
  });

  test('to what: by a known name, else as the entry says it, else by the end of its id', () => {
    expect(actWords(entry({}), new Map([['key:01JABCDEFGHIJK', 'server']]))).toBe('made the key “server”');
    expect(actWords(entry({ after: { kind: 'secret', name: 'till $&' } }), NOBODY)).toBe('made the key “till $&”');
    expect(actWords(entry({ before: { name: null } }), NOBODY)).toBe('made the key …FGHIJK');
    expect(actWords(entry({ act: 'terms.burnt_down', subject: 'program' }), NOBODY)).toBe(
      'did “terms burnt down” to program',
    );
  });

  test('by whom', () => {
    const by = (kind: AuditAnswer['actor']['kind'], id: string | null, name: string | null) =>
      actorWords({ actor: { kind, id, name } }, new Map([['key:k1', 'server']]));
    expect([
      by('person', 'u1', 'Maren'),
      by('person', 'u1', null),
      by('key', 'k1', null),
      by('key', 'k2', null),
    ]).toEqual(['Maren', 'Somebody', 'The key “server”', 'A key']);
    expect(by('system', null, null)).toBe('Tributary itself');
  });

  test('what is no object is told too', () => {
    expect([fieldsOf(null), fieldsOf('x'), fieldsOf([1]), fieldsOf({ a: 1 })]).toEqual([
      {},
      { value: 'x' },
      { value: [1] },
      { a: 1 },
    ]);
  });
});

test('a single sign-on that led nowhere is explained, for a reason that nobody knows too', () => {
  expect(problemWords('not_linked')).toMatch(/not linked/);
  expect(problemWords('__proto__')).toBe(problemWords('refused'));
});

test('a country by its name, or as it came', () => {
  expect([countryName('DE'), countryName('nowhere')]).toEqual(['Germany', 'nowhere']);
});
