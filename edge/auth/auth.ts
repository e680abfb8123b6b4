/** What signs people in: the libraries' adapters behind our words. */
import type { Oidc } from './oidc.ts';
import type { Passkeys } from './passkeys.ts';
import type { Totp } from './totp.ts';

export interface Auth {
  readonly passkeys: Passkeys;
  readonly totp: Totp;
  /** Null: this deployment has no single sign-on. */
  readonly oidc: Oidc | null;
}
