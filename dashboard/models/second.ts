/** Showing a second factor: a code of the authenticator app, a recovery code, or a passkey. */
import { createModel, signal } from '@preact/signals';
import type { Api, SessionAnswer } from '../api.ts';
import type { Passkeys } from '../passkeys.ts';
import { doing } from './doing.ts';
import { loaded } from './loaded.ts';

export const SecondModel = createModel(
  (api: Api, given: { passkeys: Passkeys; done(session: SessionAnswer): unknown }) => {
    const { passkeys, done } = given;
    const code = signal('');
    const recovering = signal(false);
    const showing = doing((typed: string) => api.showCode(typed), done);
    const proving = doing(async () => api.showPasskey(await passkeys.use(await api.secondChallenge(null))), done);
    return {
      /** Which of them this person has. */
      security: loaded(api.security),
      code,
      /** A recovery code is asked for instead. */
      recovering,
      showing,
      proving,
      show: () => showing.run(code.peek().trim()),
      recover(chosen: boolean) {
        recovering.value = chosen;
        code.value = '';
        showing.clear();
      },
    };
  },
);
