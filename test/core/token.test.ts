/** The click token: what it carries comes back, and nothing altered, foreign or re-encoded is ever believed. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { idFromBytes, idTime, idToBytes, isUlid, makeId } from '../../edge/core/id.ts';
import { readKeyRing } from '../../edge/core/key-ring.ts';
import { type Click, mint, verify } from '../../edge/core/token.ts';
import { runs } from '../support/laws.ts';

const secret = (letter: string) => btoa(letter.repeat(32));
const keys = await readKeyRing(`1:${secret('a')}`);
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const ids = bytes(16).map((list) => idFromBytes<never>(list));
const clicks: fc.Arbitrary<Omit<Click, 'at'>> = fc.record({
  key: ids,
  programId: ids,
  partnerId: ids,
  // Sixteen zero bytes mean "no link", so that one id is never made.
  linkId: fc.option(ids.filter((one) => !/^0+$/.test(one))),
  class: fc.constantFrom('valid', 'suspect', 'refused'),
});
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

describe('ids', () => {
  test('a known pair', () => {
    const id = makeId(1_469_918_176_385, new Uint8Array(10).fill(255));
    expect(id).toBe('01ARYZ6S41ZZZZZZZZZZZZZZZZ');
    expect(idTime(id)).toBe(1_469_918_176_385);
  });

  test('bytes and letters are one to one, and sort alike', () => {
    fc.assert(
      fc.property(bytes(16), bytes(16), (a, b) => {
        expect(isUlid(idFromBytes(a))).toBe(true);
        expect([...idToBytes(idFromBytes(a))]).toEqual([...a]);
        expect(Math.sign(Buffer.compare(a, b))).toBe(
          idFromBytes(a) < idFromBytes(b) ? -1 : Number(idFromBytes(a) > idFromBytes(b)),
        );
      }),
      runs(),
    );
  });

  test.each([
    '',
    '8ZZZZZZZZZZZZZZZZZZZZZZZZZ',
    '01aryz6s41zzzzzzzzzzzzzzzz',
    '01ARYZ6S41ZZZZZZZZZZZZZZZU',
    '01ARYZ6S41',
  ])('%j is none', (text) => {
    expect(isUlid(text)).toBe(false);
    expect(() => idToBytes(text)).toThrow(RangeError);
  });

  test.each([-1, 0.5, 2 ** 48])('no id is made at %d', (at) => {
    expect(() => makeId(at, new Uint8Array(10))).toThrow(RangeError);
  });
});

describe('a token', () => {
  test('says what was minted, in 112 characters that pass anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(clicks, async (click) => {
        const token = await mint(click, keys);
        expect(token).toMatch(/^[A-Za-z0-9_-]{112}$/);
        expect(await verify(token, keys)).toEqual({ ...click, at: idTime(click.key) });
      }),
      runs(),
    );
  });

  test('with any one character changed to any other is nobody’s', async () => {
    const [click] = fc.sample(clicks, { seed: 7, numRuns: 1 });
    if (!click) throw new Error('no sample');
    const token = await mint(click, keys);
    const altered = [...token].flatMap((letter, at) =>
      [...ALPHABET]
        .filter((other) => other !== letter)
        .map((other) => token.slice(0, at) + other + token.slice(at + 1)),
    );
    expect(altered).toHaveLength(112 * 63);
    for (const one of altered) expect(await verify(one, keys)).toBeNull();
  });

  test('re-encoded, cut, grown or foreign is nobody’s', async () => {
    const [click] = fc.sample(clicks, { seed: 8, numRuns: 1 });
    if (!click) throw new Error('no sample');
    const token = await mint(click, keys);
    const standard = token.replaceAll('-', '+').replaceAll('_', '/');
    const other = await mint(click, await readKeyRing(`1:${secret('b')}`));
    const unknown = await mint(click, await readKeyRing(`2:${secret('a')}`));
    const wrong = [
      `${token}=`,
      ` ${token}`,
      `${token}\n`,
      token.slice(0, -1),
      `${token}A`,
      '',
      '.',
      other,
      unknown,
      'é'.repeat(112),
    ];
    for (const one of [...wrong, ...(standard === token ? [] : [standard])]) expect(await verify(one, keys)).toBeNull();
  });

  test('random bytes of the right length are nobody’s', async () => {
    await fc.assert(
      fc.asyncProperty(bytes(84), async (noise) => {
        const token = btoa(String.fromCharCode(...noise))
          .replaceAll('+', '-')
          .replaceAll('/', '_');
        expect(await verify(token, keys)).toBeNull();
      }),
      runs(),
    );
  });

  test('survives the rotation of keys and not their removal', async () => {
    const [click] = fc.sample(clicks, { seed: 9, numRuns: 1 });
    if (!click) throw new Error('no sample');
    const token = await mint(click, keys);
    expect(await verify(token, await readKeyRing(`2:${secret('b')},1:${secret('a')}`))).toMatchObject(click);
    expect(await verify(token, await readKeyRing(`2:${secret('b')}`))).toBeNull();
  });
});

test.each([
  '',
  'a',
  '1:',
  `1:${btoa('short')}`,
  `256:${secret('a')}`,
  `-1:${secret('a')}`,
  `1:${secret('a')},1:${secret('b')}`,
  '1:%%%',
])('TOKEN_KEYS %j is refused', async (text) => {
  await expect(readKeyRing(text)).rejects.toThrow();
});
