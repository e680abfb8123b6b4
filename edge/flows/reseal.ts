/**
 * What is sealed at rest under a key that is not the current one is sealed anew, some of it each hour, so that an old key
 * can be taken out of AUTH_KEYS: people's keys and the secrets of their authenticator apps.
 */
import { openText, prefixesOf, sealText } from '../core/seal.ts';
import type { Change, Deps, SealedAtRest } from '../deps.ts';
import { SEAL_OF_TOTP } from './second-factor.ts';
import { SEAL_OF_PERSON_KEYS } from './vault.ts';

const AT_ONCE = 500;
const PURPOSES: Readonly<Record<SealedAtRest['what'], string>> = {
  person_key: SEAL_OF_PERSON_KEYS,
  totp: SEAL_OF_TOTP,
};

export async function reseal(deps: Deps): Promise<void> {
  const { authKeys: keys } = deps.secrets;
  const old = await deps.accounts.sealedApart(prefixesOf(keys.current), AT_ONCE);
  const changes = await Promise.all(
    old.map(async ({ what, personId, sealed: was }): Promise<Change[]> => {
      const purpose = PURPOSES[what];
      const opened = await openText(was, { purpose, keys });
      // Its key is gone: nothing can be made of it, and it may yet be put back.
      if (!opened) return [];
      const sealed = await sealText(opened.text, { purpose, random: deps.random(12), keys });
      return [{ kind: 'resealed', what, personId, was, sealed }];
    }),
  );
  await deps.store.commit(changes.flat());
}
