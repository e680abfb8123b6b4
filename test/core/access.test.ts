/**
 * Goal: nobody may what the table does not say, in any number of steps. Method: the table written out, so that a change of it
 * is read in review; then each side, role, key, factor and amount by example; then laws over everybody who could ask.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ACTS,
  type Act,
  type Asker,
  actOnTeam,
  beyondKey,
  decide,
  FRESH_MS,
  isGuarded,
  isRoleOf,
  MONEY_ACTS,
  PARTNER_ROLES,
  type PartnerRole,
  type Place,
  PROGRAM_ROLES,
  type ProgramRole,
  type Rule,
  SCOPES,
  type Scope,
  SECOND_MS,
  type SignedIn,
  SKEW_MS,
} from '../../edge/core/access.ts';
import type { PartnerId, PersonId, ProgramId } from '../../edge/core/id.ts';
import { runs } from '../support/laws.ts';

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
const [ours, theirs] = ['ours', 'theirs'] as [ProgramId, ProgramId];
const [anna, bob] = ['anna', 'bob'] as [PartnerId, PartnerId];
const acts = Object.keys(ACTS) as Act[];
const MONEY: readonly Act[] = MONEY_ACTS;

const staff = (role: ProgramRole, programId = ours): Place => ({ programId, partnerId: null, role });
const at = (partnerId: PartnerId, role: PartnerRole, programId = ours): Place => ({ programId, partnerId, role });
const person = (place: Place | null, secondAt: number | null = NOW): SignedIn => ({
  kind: 'person',
  personId: 'somebody' as PersonId,
  place,
  secondAt,
});
const key = (scopes: readonly Scope[], programId = ours): Asker => ({ kind: 'key', programId, scopes });
const verdict = (asker: Asker, act: Act, amount?: number) =>
  decide(asker, act, { now: NOW, ...(amount !== undefined && { amount }) });
const may = (asker: Asker, act: Act, amount?: number) => verdict(asker, act, amount).may;
const NOT_FOUND = { may: false, why: 'not_found' };
const SECOND = { may: false, why: 'second_factor_required' };

/** Everybody there is, beside those without a place. */
const PLACES: readonly Place[] = [
  ...PROGRAM_ROLES.map((role) => staff(role)),
  ...PARTNER_ROLES.map((role) => at(anna, role)),
];

describe('the table, written out', () => {
  const COLUMNS: readonly [string, Place | null][] = [
    ['owner', staff('owner')],
    ['manager', staff('manager')],
    ['finance', staff('finance')],
    ['compliance', staff('compliance')],
    ['analyst', staff('analyst')],
    ['partner owner', at(anna, 'owner')],
    ['partner member', at(anna, 'member')],
    ['no place', null],
  ];

  /** `yes`; `fresh`: with a second factor of the last ten minutes; `2nd`: with one of the last twelve hours; or up to how much. */
  function cell(act: Act, place: Place | null): string {
    const largest = Number.MAX_SAFE_INTEGER;
    if (may(person(place, null), act, largest)) return 'yes';
    if (may(person(place, NOW - SECOND_MS), act, largest)) return '2nd';
    if (may(person(place), act, largest)) return 'fresh';
    const limits = [50_000].filter((amount) => may(person(place, null), act, amount));
    return limits.length > 0 ? `≤ ${limits}` : '-';
  }

  const scopeOf = (act: Act) =>
    SCOPES.filter((scope) => may(key([scope]), act))
      .map((scope) => `key: ${scope}`)
      .join() || '-';

  test('who may what', () => {
    const lines = acts.map((act) => [act, ...COLUMNS.map(([, place]) => cell(act, place)), scopeOf(act)]);
    const rows = [['', ...COLUMNS.map(([name]) => name), 'a secret key'], ...lines];
    const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
    const text = rows.map((row) =>
      row
        .map((word, column) => word.padEnd(widths[column] ?? 0))
        .join(' | ')
        .trimEnd(),
    );
    expect(`\n${text.join('\n')}\n`).toMatchInlineSnapshot(`
      "
                           | owner | manager | finance | compliance | analyst | partner owner | partner member | no place | a secret key
      self                 | yes   | yes     | yes     | yes        | yes     | yes           | yes            | yes      | -
      orders.read          | yes   | yes     | 2nd     | yes        | yes     | yes           | yes            | -        | key: read
      orders.write         | -     | -       | -       | -          | -       | -             | -              | -        | key: track
      clicks.write         | -     | -       | -       | -          | -       | -             | -              | -        | key: track
      reports.read         | yes   | yes     | 2nd     | yes        | yes     | yes           | yes            | -        | key: read
      reports.compare      | yes   | yes     | 2nd     | yes        | yes     | -             | -              | -        | key: read
      balances.read        | yes   | yes     | 2nd     | -          | yes     | yes           | yes            | -        | key: read
      program.read         | yes   | yes     | 2nd     | yes        | yes     | -             | -              | -        | key: read
      program.write        | yes   | yes     | -       | -          | -       | -             | -              | -        | key: manage
      setup.read           | yes   | yes     | 2nd     | yes        | yes     | -             | -              | -        | key: read
      clock.write          | yes   | yes     | -       | -          | -       | -             | -              | -        | key: manage
      partners.read        | yes   | yes     | 2nd     | yes        | yes     | -             | -              | -        | key: read
      partners.write       | yes   | yes     | -       | -          | -       | -             | -              | -        | key: manage
      groups.read          | yes   | yes     | 2nd     | yes        | yes     | -             | -              | -        | key: read
      groups.write         | yes   | yes     | -       | -          | -       | -             | -              | -        | key: manage
      terms.write          | yes   | yes     | -       | -          | -       | -             | -              | -        | key: manage
      links.read           | yes   | yes     | 2nd     | yes        | yes     | yes           | yes            | -        | key: read
      links.write          | yes   | yes     | -       | -          | -       | -             | -              | -        | key: manage
      codes.read           | yes   | yes     | 2nd     | yes        | yes     | yes           | yes            | -        | key: read
      codes.write          | yes   | yes     | -       | -          | -       | -             | -              | -        | key: manage
      team.read            | yes   | yes     | 2nd     | yes        | yes     | yes           | yes            | -        | key: people
      team.write           | yes   | -       | -       | -          | -       | yes           | -              | -        | key: people
      team.write.partner   | yes   | yes     | -       | -          | -       | -             | -              | -        | key: people
      team.write.money     | fresh | -       | -       | -          | -       | -             | -              | -        | -
      team.write.payee     | fresh | fresh   | -       | -          | -       | fresh         | -              | -        | -
      keys.read            | yes   | yes     | -       | yes        | -       | -             | -              | -        | key: keys
      keys.write           | yes   | -       | -       | -          | -       | -             | -              | -        | key: keys
      audit.read           | yes   | -       | 2nd     | yes        | -       | -             | -              | -        | key: audit
      adjustments.write    | yes   | ≤ 50000 | 2nd     | -          | -       | -             | -              | -        | -
      payouts.prepare      | yes   | -       | 2nd     | -          | -       | -             | -              | -        | -
      payouts.approve      | fresh | -       | fresh   | -          | -       | -             | -              | -        | -
      payouts.send         | fresh | -       | fresh   | -          | -       | -             | -              | -        | -
      payout-account.write | -     | -       | -       | -          | -       | fresh         | -              | -        | -
      none                 | -     | -       | -       | -          | -       | -             | -              | -        | -
      "
    `);
  });

  test('a key is never asked for a second factor, nor for an amount', () => {
    for (const act of acts) {
      const rule: Rule = ACTS[act];
      if (rule.key) expect([act, rule.fresh, rule.upTo, rule.self]).toEqual([act, undefined, undefined, undefined]);
    }
  });
});

describe('a person', () => {
  test('on the program’s side acts on all of the program', () => {
    expect(verdict(person(staff('analyst')), 'orders.read')).toEqual({ may: true, programId: ours, partnerId: null });
    expect(verdict(person(staff('owner')), 'keys.write')).toEqual({ may: true, programId: ours, partnerId: null });
  });

  test('at a partner acts on that partner alone', () => {
    for (const role of PARTNER_ROLES) {
      expect(verdict(person(at(anna, role)), 'orders.read')).toEqual({ may: true, programId: ours, partnerId: anna });
    }
    expect(verdict(person(at(bob, 'owner')), 'links.read')).toEqual({ may: true, programId: ours, partnerId: bob });
  });

  test('a role of the same name on the other side is another role', () => {
    expect(verdict(person(at(anna, 'owner')), 'program.write')).toEqual(NOT_FOUND);
    expect(verdict(person(staff('owner')), 'payout-account.write')).toEqual(NOT_FOUND);
  });

  test('what is not theirs does not exist', () => {
    expect(verdict(person(at(anna, 'member')), 'partners.read')).toEqual(NOT_FOUND);
    expect(verdict(person(staff('analyst')), 'balances.read')).toMatchObject({ may: true });
    expect(verdict(person(staff('compliance')), 'balances.read')).toEqual(NOT_FOUND);
    expect(verdict(person(staff('owner')), 'orders.write')).toEqual(NOT_FOUND);
  });

  test('without a place there is only themself', () => {
    expect(verdict(person(null), 'self')).toEqual({ may: true, programId: null, partnerId: null });
    for (const act of acts.filter((one) => one !== 'self')) expect(verdict(person(null), act)).toEqual(NOT_FOUND);
  });

  test('about themself the place is told along, whatever the role, second factor or not', () => {
    expect(verdict(person(at(anna, 'member'), null), 'self')).toEqual({
      may: true,
      programId: ours,
      partnerId: anna,
    });
    expect(verdict(person(staff('finance'), null), 'self')).toEqual({ may: true, programId: ours, partnerId: null });
  });
});

describe('a second factor', () => {
  const finance = (secondAt: number | null) => verdict(person(staff('finance'), secondAt), 'balances.read');
  const owner = (secondAt: number | null) => verdict(person(staff('owner'), secondAt), 'payouts.approve');
  const YES = { may: true, programId: ours, partnerId: null };

  test('finance sees nothing without one of the last twelve hours', () => {
    expect(finance(null)).toEqual(SECOND);
    expect(finance(NOW - SECOND_MS)).toEqual(YES);
    expect(finance(NOW - SECOND_MS - 1)).toEqual(SECOND);
    expect(SECOND_MS).toBe(12 * 60 * MINUTE);
  });

  test('but what finance may not see at all is not there, with or without one', () => {
    expect(verdict(person(staff('finance'), null), 'keys.read')).toEqual(NOT_FOUND);
  });

  test('only finance is guarded so', () => {
    expect(PLACES.filter(isGuarded)).toEqual([staff('finance')]);
    expect(isGuarded({ partnerId: anna, role: 'finance' })).toBe(false);
    expect(verdict(person(staff('manager'), null), 'balances.read')).toEqual(YES);
  });

  test('what moves money asks for one of the last ten minutes', () => {
    expect(owner(null)).toEqual(SECOND);
    expect(owner(NOW - FRESH_MS)).toEqual(YES);
    expect(owner(NOW - FRESH_MS - 1)).toEqual(SECOND);
    expect(FRESH_MS).toBe(10 * MINUTE);
    expect(verdict(person(staff('finance'), NOW - FRESH_MS - 1), 'payouts.send')).toEqual(SECOND);
    expect(verdict(person(staff('analyst'), NOW), 'payouts.send')).toEqual(NOT_FOUND);
  });

  test('one that was shown later than now was shown by another clock, and counts for nothing', () => {
    expect(owner(NOW + SKEW_MS)).toEqual(YES);
    expect(owner(NOW + SKEW_MS + 1)).toEqual(SECOND);
    expect(finance(NOW + 86_400_000)).toEqual(SECOND);
    expect(SKEW_MS).toBe(30_000);
  });

  test('what is no time is none', () => {
    expect(owner(Number.NaN)).toEqual(SECOND);
    expect(owner(Number.POSITIVE_INFINITY)).toEqual(SECOND);
    expect(decide(person(staff('owner')), 'payouts.send', { now: Number.NaN })).toEqual(SECOND);
  });
});

describe('an act with a limit', () => {
  const manager = (amount?: number) => may(person(staff('manager')), 'adjustments.write', amount);
  const owner = (amount?: number) => may(person(staff('owner')), 'adjustments.write', amount);

  test('is allowed up to it, both ways', () => {
    expect([0, 1, 50_000, -50_000].map(manager)).toEqual([true, true, true, true]);
    expect([50_001, -50_001, Number.MAX_SAFE_INTEGER].map(manager)).toEqual([false, false, false]);
    expect(verdict(person(staff('manager')), 'adjustments.write', 50_001)).toEqual(NOT_FOUND);
  });

  test('is not allowed to who has one while the amount is unknown', () => {
    expect([manager(), owner()]).toEqual([false, true]);
  });

  test('what is no whole amount is nobody’s', () => {
    const odd = [Number.NaN, 0.5, 49_999.5, Infinity, -Infinity, Number.MAX_SAFE_INTEGER + 1];
    for (const amount of odd) expect([amount, manager(amount), owner(amount)]).toEqual([amount, false, false]);
  });

  test('whoever is not named has no limit, or no right', () => {
    expect(owner(Number.MAX_SAFE_INTEGER)).toBe(true);
    expect(may(person(staff('analyst')), 'adjustments.write', 1)).toBe(false);
  });
});

describe('a key', () => {
  test('acts on all of its program, by the one scope that is wanted', () => {
    expect(verdict(key(['track']), 'orders.write')).toEqual({ may: true, programId: ours, partnerId: null });
    expect(verdict(key(['read'], theirs), 'orders.read')).toEqual({ may: true, programId: theirs, partnerId: null });
  });

  test('is told which scope it lacks', () => {
    expect(verdict(key(['read', 'manage']), 'orders.write')).toEqual({
      may: false,
      why: 'missing_scope',
      scope: 'track',
    });
    expect(verdict(key([]), 'audit.read')).toEqual({ may: false, why: 'missing_scope', scope: 'audit' });
  });

  test('may do nothing of money, nothing about a person, and is told so', () => {
    for (const act of [...MONEY, 'self', 'team.write.money', 'team.write.payee'] as Act[]) {
      expect([act, verdict(key(SCOPES), act)]).toEqual([act, { may: false, why: 'person_required' }]);
    }
  });

  test('what nobody may does not exist to it either', () => {
    expect(verdict(key(SCOPES), 'none')).toEqual(NOT_FOUND);
  });
});

describe('giving, changing and taking a place', () => {
  const owner = person(staff('owner'));
  const manager = person(staff('manager'));
  const annas = person(at(anna, 'owner'));

  test('on the program’s side', () => {
    expect(actOnTeam(owner, staff('analyst'))).toBe('team.write');
    expect(actOnTeam(owner, staff('compliance'))).toBe('team.write');
    for (const role of ['owner', 'manager', 'finance'] as const) {
      expect(actOnTeam(owner, staff(role))).toBe('team.write.money');
      expect(actOnTeam(owner, staff('analyst'), staff(role))).toBe('team.write.money');
    }
  });

  test('at a partner, by the program or by the partner itself', () => {
    expect(actOnTeam(manager, at(anna, 'member'))).toBe('team.write.partner');
    expect(actOnTeam(key(['people']), at(anna, 'member'))).toBe('team.write.partner');
    expect(actOnTeam(annas, at(anna, 'member'))).toBe('team.write');
  });

  test('a partner’s owner says where its money goes: giving that place, or taking it, is asked for a fresh factor', () => {
    for (const asker of [manager, annas, key(['people'])]) {
      expect(actOnTeam(asker, at(anna, 'owner'))).toBe('team.write.payee');
      expect(actOnTeam(asker, at(anna, 'member'), at(anna, 'owner'))).toBe('team.write.payee');
    }
    expect(verdict(person(at(anna, 'owner'), null), 'team.write.payee')).toEqual(SECOND);
    expect(verdict(key(SCOPES), 'team.write.payee')).toEqual({ may: false, why: 'person_required' });
  });

  test('what is not theirs to give is nobody’s act', () => {
    expect(actOnTeam(annas, at(bob, 'member'))).toBe('none');
    expect(actOnTeam(annas, staff('analyst'))).toBe('none');
    expect(actOnTeam(annas, at(anna, 'member', theirs))).toBe('none');
    expect(actOnTeam(owner, staff('analyst', theirs))).toBe('none');
    expect(actOnTeam(owner, at(anna, 'member', theirs))).toBe('none');
    expect(actOnTeam(key(['people']), at(anna, 'member', theirs))).toBe('none');
    expect(actOnTeam(person(null), at(anna, 'member'))).toBe('none');
  });

  test('nor is a place that moves to another side, partner or program', () => {
    expect(actOnTeam(owner, at(anna, 'member'), at(bob, 'member'))).toBe('none');
    expect(actOnTeam(owner, at(anna, 'member'), staff('analyst'))).toBe('none');
    expect(actOnTeam(owner, staff('analyst'), staff('analyst', theirs))).toBe('none');
    expect(actOnTeam(annas, at(anna, 'member'), at(anna, 'member', theirs))).toBe('none');
  });
});

test('roles of a side', () => {
  for (const role of PROGRAM_ROLES) expect([role, isRoleOf('program', role)]).toEqual([role, true]);
  for (const role of PARTNER_ROLES) expect([role, isRoleOf('partner', role)]).toEqual([role, true]);
  for (const role of ['member', 'admin', '', 'Owner', 'constructor']) expect(isRoleOf('program', role)).toBe(false);
  for (const role of ['manager', 'finance', '', '__proto__']) expect(isRoleOf('partner', role)).toBe(false);
});

describe('laws', () => {
  const anyId = fc.constantFrom('ours', 'theirs', 'third');
  const anyPlace: fc.Arbitrary<Place> = fc.oneof(
    fc.record({ programId: anyId, partnerId: fc.constant(null), role: fc.constantFrom(...PROGRAM_ROLES) }),
    fc.record({
      programId: anyId,
      partnerId: fc.constantFrom('anna', 'bob'),
      role: fc.constantFrom(...PARTNER_ROLES),
    }),
  ) as fc.Arbitrary<Place>;
  const anySecond = fc.option(fc.integer({ min: NOW - 2 * SECOND_MS, max: NOW + MINUTE }));
  const anyPerson = fc.tuple(anyPlace, anySecond).map(([place, secondAt]) => person(place, secondAt));
  const anyScopes = fc.subarray([...SCOPES]);
  const anyKey = fc.tuple(anyScopes, anyId).map(([scopes, programId]) => key(scopes, programId as ProgramId));
  const anybody = fc.oneof(
    anyPerson,
    anyKey,
    anySecond.map((secondAt) => person(null, secondAt)),
  );
  const anyAct = fc.constantFrom(...acts);
  const anyAmount = fc.option(fc.oneof(fc.maxSafeInteger(), fc.double(), fc.integer({ min: -60_000, max: 60_000 })), {
    nil: undefined,
  });
  const law = <Values extends [unknown, ...unknown[]]>(
    ...[arbitraries, holds]: [{ [At in keyof Values]: fc.Arbitrary<Values[At]> }, (...values: Values) => void]
  ) => fc.assert(fc.property(...arbitraries, holds), runs());

  test('denied by default: allowed only by a row that names the role on its side, or a scope that the key has', () => {
    law<[Asker, Act, number | undefined]>([anybody, anyAct, anyAmount], (asker, act, amount) => {
      const rule: Rule = ACTS[act];
      if (!may(asker, act, amount)) return;
      if (asker.kind === 'key') expect(asker.scopes).toContain(rule.key);
      else if (asker.place === null) expect(act).toBe('self');
      else if (!rule.self) {
        const named = asker.place.partnerId === null ? rule.program : rule.partner;
        expect(named).toContain(asker.place.role);
      }
    });
  });

  test('nobody is ever let in to a program or a partner but their own', () => {
    law<[Asker, Act, number | undefined]>([anybody, anyAct, anyAmount], (asker, act, amount) => {
      const found = verdict(asker, act, amount);
      if (!found.may) return;
      const own = asker.kind === 'key' ? { programId: asker.programId, partnerId: null } : asker.place;
      expect(found).toEqual({
        may: true,
        programId: own?.programId ?? null,
        partnerId: own?.partnerId ?? null,
      });
    });
  });

  test('no key does an act of money, and none that asks for a second factor or an amount, whatever its scopes', () => {
    law<[Asker, Act]>([anyKey, anyAct], (asker, act) => {
      const rule: Rule = ACTS[act];
      if (MONEY.includes(act) || rule.fresh || rule.upTo || rule.self) expect(may(asker, act)).toBe(false);
    });
  });

  test('every act that is named as one of money is in the table as one', () => {
    const named = acts.filter((act) => /^(adjustments|payouts|payout-account)\./.test(act));
    expect([...MONEY].sort()).toEqual(named.sort());
  });

  test('a fresh act is never allowed with a factor older than ten minutes, or of another clock', () => {
    law<[SignedIn, Act]>([anyPerson, anyAct], (asker, act) => {
      const rule: Rule = ACTS[act];
      if (!rule.fresh || !may(asker, act)) return;
      const age = asker.secondAt === null ? Infinity : NOW - asker.secondAt;
      expect(age).toBeLessThanOrEqual(FRESH_MS);
      expect(age).toBeGreaterThanOrEqual(-SKEW_MS);
    });
  });

  test('a newer second factor never allows less', () => {
    law<[SignedIn, number, Act]>([anyPerson, fc.nat(SECOND_MS), anyAct], (asker, newer, act) => {
      const before = asker.secondAt ?? 0;
      const later = { ...asker, secondAt: Math.min(NOW, before + newer) };
      if (before <= NOW && may(asker, act)) expect(may(later, act)).toBe(true);
    });
  });

  test('more scopes never allow less', () => {
    law<[Scope[], Scope[], Act]>([anyScopes, anyScopes, anyAct], (few, more, act) => {
      if (may(key(few), act)) expect(may(key([...few, ...more]), act)).toBe(true);
    });
  });

  test('a smaller amount is never allowed less', () => {
    const amounts = fc.integer({ min: -100_000, max: 100_000 });
    law<[SignedIn, Act, number, number]>([anyPerson, anyAct, amounts, amounts], (asker, act, one, other) => {
      const [small = 0, large = 0] = [one, other].sort((a, b) => Math.abs(a) - Math.abs(b));
      if (may(asker, act, large)) expect(may(asker, act, small)).toBe(true);
    });
  });

  test('at a partner an owner may all that a member may, and neither sees more than the partner', () => {
    law<[Act, number | undefined]>([anyAct, anyAmount], (act, amount) => {
      if (may(person(at(anna, 'member')), act, amount)) expect(may(person(at(anna, 'owner')), act, amount)).toBe(true);
      for (const role of PARTNER_ROLES) {
        const found = verdict(person(at(anna, role)), act, amount);
        if (found.may) expect(found.partnerId).toBe(anna);
      }
    });
  });

  test('nobody gives a place outside what they see, or moves one', () => {
    law<[Asker, Place, Place | null]>([anybody, anyPlace, fc.option(anyPlace)], (asker, place, before) => {
      const found = verdict(asker, actOnTeam(asker, place, before));
      if (!found.may) return;
      expect(found.programId).toBe(place.programId);
      if (found.partnerId) expect(found.partnerId).toBe(place.partnerId);
      if (before) expect([before.programId, before.partnerId]).toEqual([place.programId, place.partnerId]);
    });
  });

  test('no key, and nobody without a fresh factor, opens a way to money in any number of steps', () => {
    const given = (asker: Asker) => PLACES.filter((place) => may(asker, actOnTeam(asker, place)));
    /** Places that can be reached: given first, and given in turn by whoever was given one, factor and all. */
    const reached = (asker: Asker): Place[] => {
      const found = new Set(given(asker));
      for (const place of found) for (const next of given(person(place))) found.add(next);
      return [...found];
    };
    const stale = NOW - FRESH_MS - 1;
    for (const asker of [key(SCOPES), ...PLACES.flatMap((place) => [person(place, null), person(place, stale)])]) {
      const ways = reached(asker).filter((place) => MONEY.some((act) => may(person(place), act, 0)));
      expect([asker, ways]).toEqual([asker, []]);
    }
    // It is no empty law: places are given, and with a fresh factor owners give all of them.
    expect(given(key(['people'])).length).toBeGreaterThan(0);
    expect(reached(person(staff('owner')))).toEqual(PLACES);
  });
});

describe('what a key may give', () => {
  test('is no place that reads more than the key may', () => {
    expect(beyondKey(key([]), staff('analyst'))).toBe('read');
    expect(beyondKey(key(['read']), staff('analyst'))).toBe('people');
    expect(beyondKey(key(['people']), at(anna, 'member'))).toBe('read');
    expect(beyondKey(key(['read', 'people']), at(anna, 'member'))).toBeNull();
    expect(beyondKey(key(['read', 'people']), staff('analyst'))).toBeNull();
    expect(beyondKey(key(['read', 'people']), staff('compliance'))).toBe('keys');
    expect(beyondKey(key(['read', 'people', 'keys']), staff('compliance'))).toBe('audit');
    expect(beyondKey(key(['read', 'people', 'keys', 'audit']), staff('compliance'))).toBeNull();
    expect(beyondKey(key(SCOPES), staff('owner'))).toBeNull();
  });

  test('a person gives by role alone', () => {
    expect(beyondKey(person(staff('owner')), staff('compliance'))).toBeNull();
    expect(beyondKey(person(null), staff('owner'))).toBeNull();
  });

  test('law: whoever is given a place by a key may, of what keys may, nothing that the key may not', () => {
    fc.assert(
      fc.property(
        fc.subarray([...SCOPES]),
        fc.constantFrom(...PLACES),
        fc.constantFrom(...acts),
        (scopes, place, act) => {
          const giver = key(scopes);
          fc.pre(beyondKey(giver, place) === null);
          const rule: Rule = ACTS[act];
          if (rule.key && may(person(place), act)) expect(may(giver, act)).toBe(true);
        },
      ),
      runs(2_000),
    );
  });
});
