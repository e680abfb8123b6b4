/** A program's keys. A new one is shown once and stays here until it has been kept. */
import { computed, createModel, signal } from '@preact/signals';
import type { Api, KeyAnswer } from '../api.ts';
import { doing } from './doing.ts';
import { loaded } from './loaded.ts';

export type KeyState = 'works' | 'ends' | 'over' | 'revoked';

/** `ends`: it works, and a day is set on which it stops. */
export function stateOf({ revokedAt, expiresAt }: Pick<KeyAnswer, 'revokedAt' | 'expiresAt'>, now: number): KeyState {
  if (revokedAt !== null) return 'revoked';
  if (expiresAt === null) return 'works';
  return Date.parse(expiresAt) > now ? 'ends' : 'over';
}

export const KeysModel = createModel((api: Api, now: () => number = Date.now) => {
  const keys = loaded(api.keys);
  const made = signal<KeyAnswer | null>(null);
  const reload = () => keys.load(null);
  const show = (answer: KeyAnswer) => {
    made.value = answer;
    return reload();
  };
  const isLive = (key: KeyAnswer) => ['works', 'ends'].includes(stateOf(key, now()));
  return {
    keys,
    made,
    kept() {
      made.value = null;
    },
    live: computed(() => keys.answer.value?.filter(isLive) ?? []),
    over: computed(() => keys.answer.value?.filter((key) => !isLive(key)) ?? []),
    making: doing(api.makeKey, show),
    rotating: doing(api.rotateKey, show),
    revoking: doing(api.revokeKey, reload),
    open: reload,
  };
});
