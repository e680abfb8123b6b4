/**
 * A passkey's authenticator, in software: ES256, no attestation, a counter. It answers as a browser would, or wrongly where a
 * test says so.
 */

interface Asked {
  readonly challenge: string;
}

/** What a test would have it say in place of the truth. */
export interface Lies {
  origin?: string;
  rpId?: string;
  challenge?: string;
  /** Whether its user was verified, and was there. */
  verified?: boolean;
  present?: boolean;
  counter?: number;
  /** The person whom it says the credential is of, base64url. */
  userHandle?: string;
}

export interface Authenticator {
  /** As `navigator.credentials.create` answers. */
  create(asked: Asked & { user: { id: string } }, lies?: Lies): Promise<Credential>;
  /** As `navigator.credentials.get` answers. */
  get(asked: Asked, lies?: Lies): Promise<Credential>;
}

export interface Credential {
  id: string;
  rawId: string;
  type: 'public-key';
  response: Record<string, unknown>;
  clientExtensionResults: Record<string, unknown>;
}

const PRESENT = 1;
const VERIFIED = 4;
const HAS_KEY = 64;

/** `counts`: from which number on; without it the counter stays at 0, as with passkeys that are synced. */
export async function createAuthenticator(of: { origin: string; counts?: number }): Promise<Authenticator> {
  const { privateKey, publicKey } = (await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ])) as CryptoKeyPair;
  const id = crypto.getRandomValues(new Uint8Array(16));
  let counter = of.counts ?? 0;
  let userHandle = '';

  const clientData = (type: string, asked: Asked, lies: Lies): Uint8Array =>
    utf8(
      JSON.stringify({
        type,
        challenge: lies.challenge ?? asked.challenge,
        origin: lies.origin ?? of.origin,
        crossOrigin: false,
      }),
    );
  const flags = ({ verified = true, present = true }: Lies) => (present ? PRESENT : 0) | (verified ? VERIFIED : 0);
  const head = async (lies: Lies, more: number) => {
    const rpId = lies.rpId ?? new URL(lies.origin ?? of.origin).hostname;
    return bytes(await sha256(utf8(rpId)), [flags(lies) | more], uint32(lies.counter ?? counter));
  };

  return {
    async create(asked, lies = {}) {
      userHandle = asked.user.id;
      const point = (await crypto.subtle.exportKey('raw', publicKey)) as ArrayBuffer;
      const [x, y] = [new Uint8Array(point.slice(1, 33)), new Uint8Array(point.slice(33))];
      // COSE (RFC 9053): EC2, ES256, P-256.
      const key = bytes([0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32], x, [0x22, 0x58, 32], y);
      const authData = bytes(await head(lies, HAS_KEY), new Uint8Array(16), [0, id.length], id, key);
      const attestation = bytes(
        [0xa3],
        ...[text('fmt'), text('none'), text('attStmt'), [0xa0], text('authData')],
        [0x58, authData.length],
        authData,
      );
      return credential(id, {
        clientDataJSON: base64Url(clientData('webauthn.create', asked, lies)),
        attestationObject: base64Url(attestation),
        transports: ['internal'],
      });
    },

    async get(asked, lies = {}) {
      if (of.counts !== undefined) counter += 1;
      const client = clientData('webauthn.get', asked, lies);
      const authData = await head(lies, 0);
      const signed = bytes(authData, await sha256(client));
      const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
      const signature = new Uint8Array(await crypto.subtle.sign(algorithm, privateKey, signed as BufferSource));
      return credential(id, {
        clientDataJSON: base64Url(client),
        authenticatorData: base64Url(authData),
        signature: base64Url(der(signature)),
        userHandle: lies.userHandle ?? userHandle,
      });
    },
  };
}

const credential = (id: Uint8Array, response: Record<string, unknown>): Credential => ({
  id: base64Url(id),
  rawId: base64Url(id),
  type: 'public-key',
  response,
  clientExtensionResults: {},
});

/** Two numbers of 32 bytes as ASN.1 has them: without leading zeros, and never negative. */
function der(signature: Uint8Array): Uint8Array {
  const number = (raw: Uint8Array) => {
    const from = raw.findIndex((byte) => byte !== 0);
    const short = raw.subarray(from < 0 ? raw.length - 1 : from);
    const whole = (short[0] ?? 0) > 127 ? bytes([0], short) : short;
    return bytes([2, whole.length], whole);
  };
  const body = bytes(number(signature.subarray(0, 32)), number(signature.subarray(32)));
  return bytes([0x30, body.length], body);
}

const text = (word: string): Uint8Array => bytes([0x60 + word.length], utf8(word));
const utf8 = (word: string): Uint8Array => new TextEncoder().encode(word);
const uint32 = (number: number): number[] => [24, 16, 8, 0].map((bits) => (number >>> bits) & 255);
const bytes = (...parts: (Uint8Array | readonly number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((one) => [...one]));
const sha256 = async (of: Uint8Array): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', of as BufferSource));

export const base64Url = (of: Uint8Array): string =>
  btoa(String.fromCharCode(...of))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
