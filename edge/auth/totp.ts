/** Codes of an authenticator app (RFC 6238: SHA-1, six digits, thirty seconds), by `otpauth`. */
import { Secret, TOTP } from 'otpauth';

export interface Totp {
  /** `random`: twenty bytes. Base32. */
  newSecret(random: Uint8Array): string;
  /** What the app scans: `otpauth://totp/…`. */
  uri(secret: string, account: string): string;
  /** The time step of a code, one of drift either way; null when it is none. */
  stepOf(secret: string, code: string, now: number): number | null;
}

export const TOTP_STEP_MS = 30_000;
const DRIFT_STEPS = 1;
const ISSUER = 'Tributary';

export const totp: Totp = {
  newSecret: (random) => new Secret({ buffer: random.slice().buffer as ArrayBuffer }).base32,
  uri: (secret, account) => of(secret, account).toString(),
  stepOf(secret, code, now) {
    if (!/^\d{6}$/.test(code)) return null;
    const delta = of(secret, '').validate({ token: code, timestamp: now, window: DRIFT_STEPS });
    return delta === null ? null : Math.floor(now / TOTP_STEP_MS) + delta;
  },
};

const of = (secret: string, label: string) => new TOTP({ issuer: ISSUER, label, secret: Secret.fromBase32(secret) });
