/**
 * Goal: whatever is done to a sealed log is seen, and exactly that is named. Method: chains of any length, altered in every
 * column, thinned, reordered, cut, and made anew by somebody without the keys; then laws over random ones.
 */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  AUDIT_ACTS,
  type ChainLink,
  canonical,
  difference,
  type Head,
  linksOf,
  type SealedEntry,
  type StoredEntry,
  startOf,
  verifyChain,
} from '../../edge/core/audit.ts';
import type { AuditId, ProgramId } from '../../edge/core/id.ts';
import { type KeyRing, readKeyRing } from '../../edge/core/key-ring.ts';
import { runs } from '../support/laws.ts';

const PROGRAM = '01K65GPNG10000000000000000' as ProgramId;
const OTHER = '01K65GPNG20000000000000000' as ProgramId;
const secret = (letter: string) => btoa(letter.repeat(32));
let keys: KeyRing;
let foreign: KeyRing;
beforeAll(async () => {
  keys = await readKeyRing(`2:${secret('b')},1:${secret('a')}`);
  foreign = await readKeyRing(`2:${secret('x')}`);
});

const entry = (number: number, more: Partial<StoredEntry> = {}): StoredEntry => ({
  programId: PROGRAM,
  id: `01K65GPNG${String(number).padStart(17, '0')}` as AuditId,
  at: 1_000 + number,
  actor: 'person:01K65GPNG30000000000000000',
  act: 'partner.added',
  subject: `partner:${number}`,
  before: null,
  after: `{"slug":"p${number}"}`,
  partnerId: null,
  origin: '{"country":"DE","address":null}',
  ...more,
});
const entries = (count: number) => Array.from({ length: count }, (_, at) => entry(at + 1));

async function chained(list: readonly StoredEntry[], head: Head = startOf(PROGRAM)): Promise<SealedEntry[]> {
  const links = await linksOf(head, list, keys);
  return links.map((link, at) => ({ link, entry: list[at] ?? null }));
}
const flawsOf = async (rows: readonly SealedEntry[], head: Head = startOf(PROGRAM)) =>
  (await verifyChain(head, rows, keys)).flaws;
const named = (rows: readonly SealedEntry[], number: number, what: string) => [
  { number, id: rows.find((one) => one.link.number === number)?.link.auditId, what },
];
const withEntry = (rows: readonly SealedEntry[], number: number, change: Partial<StoredEntry> | null): SealedEntry[] =>
  rows.map(({ link, entry: old }) => ({
    link,
    entry: link.number !== number ? old : change && old && { ...old, ...change },
  }));
const withLink = (rows: readonly SealedEntry[], number: number, change: Partial<ChainLink>): SealedEntry[] =>
  rows.map((one) => (one.link.number === number ? { ...one, link: { ...one.link, ...change } } : one));

test('a chain that nobody touched holds, from its start and from anywhere, and tells its end', async () => {
  const rows = await chained(entries(5));
  expect(rows.map((one) => one.link.number)).toEqual([1, 2, 3, 4, 5]);
  const { flaws, head } = await verifyChain(startOf(PROGRAM), rows, keys);
  expect([flaws, head]).toEqual([[], { number: 5, hash: rows[4]?.link.hash, sound: true }]);
  const middle = rows[1]?.link as ChainLink;
  expect(await flawsOf(rows.slice(2), middle)).toEqual([]);
  expect(await flawsOf([])).toEqual([]);
});

test('in steps it is the same chain', async () => {
  const list = entries(7);
  const whole = await linksOf(startOf(PROGRAM), list, keys);
  const first = await linksOf(startOf(PROGRAM), list.slice(0, 3), keys);
  const rest = await linksOf(first.at(-1) as ChainLink, list.slice(3), keys);
  expect([...first, ...rest]).toEqual(whole);
});

test('each hash is what it was: a stored chain is never sealed otherwise', async () => {
  const [link] = await linksOf(startOf(PROGRAM), [entry(1)], keys);
  expect(link?.hash).toBe('94e90a17ee135cc689b8344e430075ad5b2aee6d4a0680e18b3a364031a59b6a');
  expect(link?.mac).toMatch(/^2\.[0-9a-f]{64}$/);
});

describe('one altered entry is named, and no other', () => {
  const changes: [keyof StoredEntry, Partial<StoredEntry>][] = [
    ['programId', { programId: OTHER }],
    ['id', { id: entry(9).id }],
    ['at', { at: 1_004 }],
    ['actor', { actor: 'system' }],
    ['act', { act: 'partner.changed' }],
    ['subject', { subject: 'partner:4' }],
    ['before', { before: '{}' }],
    ['before', { before: 'null' }],
    ['after', { after: '{"slug": "p3"}' }],
    ['after', { after: null }],
    ['partnerId', { partnerId: '' }],
    ['origin', { origin: '{"country":null,"address":null}' }],
  ];
  test.each(changes)('its %s: %j', async (_, change) => {
    const rows = await chained(entries(5));
    for (const number of [1, 3, 5]) {
      expect(await flawsOf(withEntry(rows, number, change))).toEqual(named(rows, number, 'altered'));
    }
  });

  test('its link: hash, HMAC, or the entry it is of', async () => {
    const rows = await chained(entries(5));
    const other = rows[4]?.link as ChainLink;
    for (const change of [
      { hash: 'f'.repeat(64) },
      { mac: '2.'.padEnd(66, 'f') },
      { mac: '9.'.padEnd(66, 'f') },
      { mac: '' },
      { hash: other.hash, mac: other.mac },
    ]) {
      expect(await flawsOf(withLink(rows, 3, change))).toEqual(named(rows, 3, 'altered'));
    }
  });
});

describe('what is gone', () => {
  test('an entry, one after the other, both of a link', async () => {
    const rows = await chained(entries(5));
    expect(await flawsOf(withEntry(rows, 3, null))).toEqual(named(rows, 3, 'missing'));
    expect(await flawsOf(withEntry(withEntry(rows, 3, null), 4, null))).toMatchObject([{ number: 3 }, { number: 4 }]);
    expect(await flawsOf(rows.filter((one) => one.link.number !== 3))).toEqual([
      { number: 3, id: null, what: 'missing' },
    ]);
    expect(await flawsOf(rows.slice(2))).toMatchObject([
      { number: 1, what: 'missing' },
      { number: 2, what: 'missing' },
    ]);
  });

  test('beside it the rest is still proven: an altered neighbor is named too', async () => {
    const rows = await chained(entries(5));
    const thinned = withEntry(rows, 4, { subject: 'partner:9' }).filter((one) => one.link.number !== 3);
    expect(await flawsOf(thinned)).toMatchObject([
      { number: 3, what: 'missing' },
      { number: 4, what: 'altered' },
    ]);
  });

  test('a number far off is told once a hundred times at most', async () => {
    const rows = await chained(entries(2));
    expect(await flawsOf(withLink(rows, 2, { number: 1_000_000_000 }))).toHaveLength(101);
  });

  test('the end: that is not seen from inside, but by its head', async () => {
    const rows = await chained(entries(5));
    const { flaws, head } = await verifyChain(startOf(PROGRAM), rows.slice(0, 3), keys);
    expect([flaws, head.number]).toEqual([[], 3]);
  });
});

describe('made anew', () => {
  test('by somebody without our keys, from an entry on: each of that rest is named', async () => {
    const list = entries(6);
    const rows = await chained(list);
    const forged = list.map((one, at) => (at === 2 ? { ...one, subject: 'partner:9' } : one));
    const before = rows[1]?.link as ChainLink;
    const rest = await linksOf(before, forged.slice(2), foreign);
    const all = [...rows.slice(0, 2), ...rest.map((link, at) => ({ link, entry: forged[at + 2] ?? null }))];
    expect((await flawsOf(all)).map((one) => [one.number, one.what])).toEqual([3, 4, 5, 6].map((n) => [n, 'altered']));
  });

  test('by somebody with them, one entry alone: the one behind tells', async () => {
    const list = entries(4);
    const rows = await chained(list);
    const forged = { ...entry(2), subject: 'partner:9' };
    const [link] = await linksOf(rows[0]?.link as ChainLink, [forged], keys);
    const all = rows.map((one, at) => (at === 1 && link ? { link, entry: forged } : one));
    expect(await flawsOf(all)).toMatchObject([{ number: 3, what: 'altered' }]);
  });

  test('by an older key of the ring, it holds; once that is taken out, no longer', async () => {
    const old = await readKeyRing(`1:${secret('a')}`);
    const list = entries(2);
    const links = await linksOf(startOf(PROGRAM), list, old);
    const rows = links.map((link, at) => ({ link, entry: list[at] ?? null }));
    expect(await flawsOf(rows)).toEqual([]);
    expect((await verifyChain(startOf(PROGRAM), rows, foreign)).flaws).toHaveLength(2);
  });

  test('another program’s chain is not this one’s', async () => {
    const rows = await chained(entries(2), startOf(OTHER));
    expect(await flawsOf(rows)).toMatchObject([{ number: 1, what: 'altered' }]);
  });
});

test('reordered, both are named', async () => {
  const rows = await chained(entries(5));
  const swapped = rows.map((one) =>
    one.link.number === 2 || one.link.number === 3
      ? { ...one, link: { ...one.link, number: 5 - one.link.number } }
      : one,
  );
  swapped.sort((a, b) => a.link.number - b.link.number);
  expect((await flawsOf(swapped)).map((one) => one.number)).toEqual([2, 3]);
});

describe('laws', () => {
  const text = fc.string({ unit: 'binary', maxLength: 12 });
  const json = fc.option(fc.json({ maxDepth: 1 }), { nil: null });
  const stored = fc.record({
    programId: fc.constant(PROGRAM),
    id: text as fc.Arbitrary<AuditId>,
    at: fc.nat(),
    ...{ actor: text, act: text, subject: text, before: json, after: json },
    partnerId: fc.option(text, { nil: null }),
    origin: json,
  });

  test('entries that differ in anything have different texts', () => {
    fc.assert(
      fc.property(stored, stored, (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify({ ...one, ...other });
        expect(canonical(one) === canonical(other)).toBe(same);
      }),
      runs(),
    );
  });

  test('any chain holds; with any one thing changed, that is what is named', async () => {
    const fields = ['at', 'actor', 'act', 'subject', 'before', 'after', 'partnerId', 'origin'] as const;
    await fc.assert(
      fc.asyncProperty(
        fc.array(stored, { minLength: 1, maxLength: 8 }),
        fc.nat(),
        fc.constantFrom(...fields),
        text,
        async (list, pick, field, value) => {
          const rows = await chained(list);
          expect(await flawsOf(rows)).toEqual([]);
          const number = (pick % list.length) + 1;
          const old = list[number - 1] as StoredEntry;
          const changed = field === 'at' ? old.at + 1 : old[field] === value ? `${value}.` : value;
          expect(await flawsOf(withEntry(rows, number, { [field]: changed }))).toEqual(named(rows, number, 'altered'));
          const cut = await flawsOf(rows.filter((one) => one.link.number !== number));
          expect(cut).toEqual(number === list.length ? [] : [{ number, id: null, what: 'missing' }]);
        },
      ),
      runs(200),
    );
  });
});

describe('what differs', () => {
  test('only that is kept, before and after', () => {
    expect(difference({ a: 1, b: [1, 2], c: 'x' }, { a: 1, b: [2, 1], c: 'x' })).toEqual({
      before: { b: [1, 2] },
      after: { b: [2, 1] },
    });
    expect(difference({ a: 1 }, { a: 1 })).toBeNull();
    expect(difference<object>({ a: 1 }, { b: 2 })).toEqual({ before: { a: 1 }, after: { b: 2 } });
    expect(difference<object>({ a: null }, {})).toEqual({ before: { a: null }, after: {} });
  });

  test('kept of both, it turns one into the other', () => {
    const state = fc.record({ a: fc.jsonValue(), b: fc.jsonValue(), c: fc.boolean() });
    fc.assert(
      fc.property(state, state, (before, after) => {
        const changed = difference(before, after);
        expect(JSON.parse(JSON.stringify({ ...before, ...changed?.after }))).toEqual(JSON.parse(JSON.stringify(after)));
      }),
      runs(),
    );
  });
});

test('acts are named as what, and what became of it', () => {
  for (const [act, about] of Object.entries(AUDIT_ACTS)) {
    expect(act).toMatch(/^[a-z_]+\.[a-z_]+$/);
    expect(about).toMatch(/^[A-Z].*\.$/);
  }
});
