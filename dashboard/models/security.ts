/** How one proves who one is, and from where one is signed in. What is shown once stays here until it has been kept. */
import { computed, createModel, signal } from '@preact/signals';
import type { Api, TotpAnswer } from '../api.ts';
import type { Passkeys } from '../passkeys.ts';
import { doing } from './doing.ts';
import { loaded } from './loaded.ts';

export const SecurityModel = createModel((api: Api, given: { passkeys: Passkeys; lead(to: string): unknown }) => {
  const { passkeys, lead } = given;
  const security = loaded(api.security);
  /** Being set up: what the authenticator app is given. */
  const totp = signal<TotpAnswer | null>(null);
  const codes = signal<string[] | null>(null);
  const reload = () => security.load(null);
  const show = ({ recoveryCodes }: { recoveryCodes: string[] }) => {
    codes.value = recoveryCodes;
    return reload();
  };
  return {
    security,
    totp,
    /** Recovery codes, to be kept now. */
    codes,
    kept() {
      codes.value = null;
    },
    beginning: doing(api.beginTotp, (answer) => {
      totp.value = answer;
    }),
    cancel() {
      totp.value = null;
    },
    confirming: doing(api.confirmTotp, (answer) => {
      totp.value = null;
      return show(answer);
    }),
    removingTotp: doing(api.removeTotp, reload),
    renewing: doing(api.newRecoveryCodes, show),
    adding: doing(
      async (name: string) =>
        api.addPasskey({ credential: await passkeys.make(await api.passkeyChallenge(null)), name }),
      reload,
    ),
    renaming: doing(api.renamePasskey, reload),
    removing: doing(api.removePasskey, reload),
    ending: doing(api.endSession, reload),
    endingOthers: doing(api.endSessions, reload),
    unlinking: doing(api.unlinkSingleSignOn, reload),
    linking: doing(api.linkSingleSignOn, ({ location }) => lead(location)),
    others: computed(() => security.answer.value?.sessions.some((one) => !one.current) ?? false),
    open: reload,
  };
});
