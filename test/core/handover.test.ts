/** The hand-over: only what was sealed with our keys opens, whatever is done to it; it tells nothing to others. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { open, seal } from '../../edge/core/handover.ts';
import { makeId, type ProgramId, type VisitorId } from '../../edge/core/id.ts';
import { readKeyRing } from '../../edge/core/key-ring.ts';
import { mint, verify } from '../../edge/core/token.ts';

const secret = (byte: number) => btoa(String.fromCharCode(...new Uint8Array(32).fill(byte)));
const AT = Date.UTC(2026, 10, 23);
const GIVEN = {
  programId: makeId<'program'>(1, new Uint8Array(10)) as ProgramId,
  visitorId: 'AAAAAAAAAAAAAAAAAAAAAA' as VisitorId,
  at: AT,
};
const NONCE = new Uint8Array(12).fill(7);
const keys = await readKeyRing(`1:${secret(1)}`);
const word = await seal(GIVEN, NONCE, keys);

test('what is sealed opens again, also after the keys have rotated', async () => {
  const opened = { ...GIVEN, nonce: '07'.repeat(12) };
  expect(await open(word, keys)).toEqual(opened);
  expect(await open(word, await readKeyRing(`2:${secret(2)},1:${secret(1)}`))).toEqual(opened);
  expect(await open(word, await readKeyRing(`2:${secret(2)}`))).toBeNull();
  expect(await open(word, await readKeyRing(`1:${secret(2)}`))).toBeNull();
});

test('it passes in an address as it is, and names nobody', () => {
  expect(word).toMatch(/^[A-Za-z0-9_-]+$/);
  const plain = atob(word.replaceAll('-', '+').replaceAll('_', '/'));
  expect(plain).not.toContain(GIVEN.visitorId);
  expect(plain).not.toContain(GIVEN.programId);
});

test('one letter more, less or other: it does not open', async () => {
  const letter = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/. %');
  await fc.assert(
    fc.asyncProperty(fc.nat(word.length - 1), letter, fc.constantFrom(0, 1), async (at, other, keep) => {
      const altered = word.slice(0, at) + other + word.slice(at + 1 - keep);
      fc.pre(altered !== word);
      expect(await open(altered, keys)).toBeNull();
    }),
    { seed: 8821, numRuns: 500 },
  );
  for (const text of ['', 'x', word.slice(1), word + word, 'A'.repeat(600), word.toLowerCase()]) {
    expect(await open(text, keys)).toBeNull();
  }
});

test('a click token is no hand-over, and a hand-over no click token', async () => {
  const id = <Kind extends string>() => makeId<Kind>(AT, new Uint8Array(10));
  const token = await mint({ key: id(), programId: id(), partnerId: id(), linkId: null, class: 'valid' }, keys);
  expect(await open(token, keys)).toBeNull();
  expect(await verify(word, keys)).toBeNull();
});
