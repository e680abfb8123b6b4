/** Small rules: an address with its token, who a customer is. Those that are tables are golden vectors (`golden.test.ts`). */
import { describe, expect, test } from 'vitest';
import type { CustomerId, ProgramId, VisitorId } from '../../edge/core/id.ts';
import { customerNames, emailHash, keyHash, seenWith } from '../../edge/core/identity.ts';
import { readKeyRing } from '../../edge/core/key-ring.ts';
import { withToken } from '../../edge/core/link.ts';

describe('addresses', () => {
  test.each([
    ['https://s.example/', 'https://s.example/?tcid=T'],
    ['https://s.example/a?b=%20c+d#e', 'https://s.example/a?b=%20c+d&tcid=T#e'],
    ['https://s.example/?tcid=old&x=1', 'https://s.example/?x=1&tcid=T'],
    ['https://s.example/?', 'https://s.example/?tcid=T'],
  ])('%s with its token', (address, expected) => {
    expect(withToken(new URL(address), 'T').href).toBe(expected);
  });
});

describe('customers', () => {
  const program = 'P' as ProgramId;
  const ring = (letter: string) => readKeyRing(btoa(letter.repeat(32)));
  const of = async (claim: Parameters<typeof customerNames>[0], programId = program, letter = 'k') =>
    (await customerNames(claim, programId, await ring(letter))).map((one) => one.hashes[0]);

  test('an address is one, however it is written and whoever hashed it', async () => {
    const known = 'fb98d44ad7501a959f3f4f4a3f004fe2d9e581ea6207e218c4b02c08a4d75adf';
    expect(await emailHash('ada@example.com')).toHaveLength(64);
    expect(await of({ email: ' Ada@Example.COM ' })).toEqual(
      await of({ emailSha256: await emailHash('ada@example.com') }),
    );
    expect(await of({ emailSha256: known.toUpperCase() })).toEqual(await of({ emailSha256: known }));
  });

  test('each name of a claim is kept as an HMAC of program, kind and name, the shop’s own id first', async () => {
    const raw = new TextEncoder().encode('k'.repeat(32));
    const key = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
    const hashed = async (text: string) =>
      Buffer.from(await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(text))).toString('hex');
    const emailSha256 = await emailHash('ada@example.com');
    expect(await customerNames({ emailSha256, id: 'ada' }, program, await ring('k'))).toEqual([
      { kind: 'id', hashes: [await hashed(`${program}:id:ada`)] },
      { kind: 'email', hashes: [await hashed(`${program}:email:${emailSha256}`)] },
    ]);
    expect(await customerNames({}, program, await ring('k'))).toEqual([]);
  });

  test('an API key is kept as its SHA-256', async () => {
    expect(await keyHash('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  test('two programs, two secrets and two kinds of name are never joined', async () => {
    const same = { id: 'x' };
    const hashes = [
      await of(same),
      await of(same, 'Q' as ProgramId),
      await of(same, program, 'l'),
      await of({ emailSha256: 'x' }),
    ].flat();
    expect(new Set(hashes).size).toBe(4);
  });

  test('the first known key decides; without one two calls at once make the same customer', () => {
    const [id, email] = [
      { kind: 'id', hash: '1'.repeat(64) },
      { kind: 'email', hash: '2'.repeat(64) },
    ] as const;
    const claim = { programId: program, visitorId: 'v' as VisitorId, at: 1, ties: true, proven: true };
    const known = [{ hash: email.hash, customerId: 'known' as CustomerId }];
    const seen = (hash: string, proven: boolean) => ({
      ...{ kind: 'identity', programId: program, visitorId: 'v', hash, at: 1, proven },
    });
    const names = [id, email].map(({ kind, hash }) => ({ kind, hashes: [hash] as const }));
    expect(seenWith({ ...claim, names, known })).toEqual({
      customerId: 'known',
      changes: [
        { kind: 'customer', programId: program, customerId: 'known', keys: [id], ties: true },
        seen(id.hash, true),
        seen(email.hash, true),
      ],
    });
    expect(seenWith({ ...claim, names: names.slice(0, 1), known: [] })).toEqual(
      seenWith({ ...claim, names: names.slice(0, 1), known: [] }),
    );
    // A browser's word: each name stands alone.
    expect(seenWith({ ...claim, ties: false, proven: false, names, known }).changes).toEqual([
      { kind: 'customer', programId: program, customerId: id.hash.slice(0, 32), keys: [id], ties: false },
      seen(id.hash, false),
      seen(email.hash, false),
    ]);
    expect(seenWith({ ...claim, names: [], known })).toEqual({ customerId: null, changes: [] });
    expect(seenWith({ ...claim, visitorId: null, names: names.slice(1), known }).changes).toEqual([]);
  });
});
