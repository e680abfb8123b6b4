/**
 * The browser's passkeys. The library that speaks with it is loaded when somebody uses one; what goes wrong there comes
 * out as a `Trouble` in words.
 */
import { type Challenge, type Credential, Trouble } from './api.ts';

export interface Passkeys {
  /** Whether this browser has any. */
  readonly there: boolean;
  /** Proves who somebody is. */
  use(challenge: Challenge): Promise<Credential>;
  /**
   * The same, offered beneath the address field by the browser itself. Null: it does not, or another proof was begun
   * meanwhile.
   */
  offer(challenge: () => Promise<Challenge>): Promise<Credential | null>;
  make(challenge: Challenge): Promise<Credential>;
}

export function createPasskeys(): Passkeys {
  const library = () =>
    import('@simplewebauthn/browser').catch((cause: unknown) => {
      throw new Trouble(UNLOADED, { cause });
    });
  return {
    there: typeof PublicKeyCredential === 'function',

    async use(challenge) {
      const { startAuthentication } = await library();
      type Options = Parameters<typeof startAuthentication>[0]['optionsJSON'];
      return startAuthentication({ optionsJSON: challenge as Options }).catch(inWords);
    },

    async offer(challenge) {
      if (typeof PublicKeyCredential !== 'function') return null;
      if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return null;
      try {
        const { startAuthentication } = await library();
        type Options = Parameters<typeof startAuthentication>[0]['optionsJSON'];
        return await startAuthentication({ optionsJSON: (await challenge()) as Options, useBrowserAutofill: true });
      } catch {
        // Nobody asked for it, so nobody is told.
        return null;
      }
    },

    async make(challenge) {
      const { startRegistration } = await library();
      type Options = Parameters<typeof startRegistration>[0]['optionsJSON'];
      return startRegistration({ optionsJSON: challenge as Options }).catch(inWords);
    },
  };
}

const UNLOADED = {
  code: 'offline',
  title: 'No connection',
  detail: 'What is needed for passkeys could not be loaded. Check your connection and try again.',
};

/** https://www.w3.org/TR/webauthn-3/: a browser says little on purpose, and the same for "no" as for "too late". */
function inWords(cause: unknown): never {
  const name = cause instanceof Error ? cause.name : '';
  throw new Trouble(name === 'InvalidStateError' ? KNOWN : name === 'NotAllowedError' ? STOPPED : BROKEN, { cause });
}

const KNOWN = {
  code: 'passkey_known',
  title: 'This device has a passkey already',
  detail: 'A passkey of yours is kept on it. Use that one, or add another device.',
};
const STOPPED = {
  code: 'passkey_stopped',
  title: 'No passkey was used',
  detail: 'It was called off, it took too long, or none of yours is on this device. Nothing has changed.',
};
const BROKEN = {
  code: 'passkey_failed',
  title: 'The passkey did not work',
  detail: 'This browser or device could not use it. Try again, or choose another way.',
};
