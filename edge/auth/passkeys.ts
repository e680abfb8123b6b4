/** Passkeys, by `@simplewebauthn/server`: user verification is always asked for, so one is a second factor by itself. */
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import type { PersonId } from '../core/id.ts';
import { toBase64Url } from '../core/seal.ts';

/** Where the browser is: the dashboard's own origin. */
export interface Site {
  /** `https://partners.shop.example`. */
  readonly origin: string;
}

export interface NewPasskey {
  readonly id: string;
  readonly publicKey: string;
  readonly counter: number;
  readonly transports: readonly string[];
}

export interface Passkeys {
  /** What `navigator.credentials.create` is asked; its `challenge` is 32 random bytes, base64url. */
  enroll(
    site: Site,
    of: { personId: PersonId; email: string; name: string; challenge: Uint8Array; known: readonly { id: string }[] },
  ): Promise<PublicKeyCredentialCreationOptionsJSON>;
  /** Null: not an answer to that challenge, from that site, by a verified user. */
  enrolled(site: Site, of: { response: unknown; challenge: string }): Promise<NewPasskey | null>;
  /** What `navigator.credentials.get` is asked; without `known` the browser offers those it has. */
  ask(
    site: Site,
    of: { challenge: Uint8Array; known: readonly { id: string; transports: readonly string[] }[] },
  ): Promise<PublicKeyCredentialRequestOptionsJSON>;
  /** The new counter; null as above, or when it names another person, or the counter fell back. */
  answered(
    site: Site,
    of: {
      response: unknown;
      challenge: string;
      passkey: { id: string; personId: PersonId; publicKey: string; counter: number };
    },
  ): Promise<{ counter: number } | null>;
  /** Which challenge a browser says that it answers; null: what it sent is no answer. Nothing is proven by it yet. */
  challengeOf(response: unknown): string | null;
}

const rpOf = ({ origin }: Site) => new URL(origin).hostname;

export const passkeys: Passkeys = {
  enroll: (site, { personId, email, name, challenge, known }) =>
    generateRegistrationOptions({
      rpName: 'Tributary',
      rpID: rpOf(site),
      userID: handleBytes(personId),
      userName: email,
      userDisplayName: name || email,
      challenge: challenge as Uint8Array<ArrayBuffer>,
      attestationType: 'none',
      excludeCredentials: known.map(({ id }) => ({ id })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    }),

  async enrolled(site, { response, challenge }) {
    const done = await verifyRegistrationResponse({
      response: response as RegistrationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: rpOf(site),
      requireUserVerification: true,
    }).catch(() => null);
    if (!done?.verified || !done.registrationInfo) return null;
    const { id, publicKey, counter, transports = [] } = done.registrationInfo.credential;
    return { id, publicKey: toBase64Url(publicKey), counter, transports };
  },

  ask: (site, { challenge, known }) =>
    generateAuthenticationOptions({
      rpID: rpOf(site),
      challenge: challenge as Uint8Array<ArrayBuffer>,
      userVerification: 'required',
      allowCredentials: known.map(({ id, transports }) => ({ id, transports: [...transports] as Transport[] })),
    }),

  async answered(site, { response, challenge, passkey }) {
    const { id, personId, publicKey, counter } = passkey;
    const { userHandle } = (response as AuthenticationResponseJSON).response;
    if (userHandle && userHandle !== handleOf(personId)) return null;
    const done = await verifyAuthenticationResponse({
      response: response as AuthenticationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: rpOf(site),
      requireUserVerification: true,
      credential: { id, publicKey: bytesOf(publicKey), counter },
    }).catch(() => null);
    return done?.verified ? { counter: done.authenticationInfo.newCounter } : null;
  },

  challengeOf(response) {
    try {
      const { clientDataJSON } = (response as AuthenticationResponseJSON).response;
      const { challenge } = JSON.parse(new TextDecoder().decode(bytesOf(clientDataJSON))) as { challenge?: unknown };
      return typeof challenge === 'string' ? challenge : null;
    } catch {
      return null;
    }
  },
};

type Transport = NonNullable<RegistrationResponseJSON['response']['transports']>[number];
/** What the authenticator keeps of a person, and names again. */
const handleBytes = (personId: PersonId) => Uint8Array.from(new TextEncoder().encode(personId));
const handleOf = (personId: PersonId): string => toBase64Url(handleBytes(personId));

const bytesOf = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
