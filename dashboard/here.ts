/** What every page stands on: the API, who is looking, and from where. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Api, SessionAnswer, Where } from './api.ts';
import type { SessionModel } from './models/session.ts';
import type { Passkeys } from './passkeys.ts';

/** Signed in, and looking from a place. */
export type Looking = SessionAnswer & { readonly current: Where };

export interface Self {
  readonly api: Api;
  readonly passkeys: Passkeys;
  readonly session: SessionAnswer;
  readonly account: InstanceType<typeof SessionModel>;
}

export interface Here extends Self {
  readonly session: Looking;
}

export const SelfContext = createContext<Self | null>(null);

/** On pages about oneself, which need no place. */
export function useSelf(): Self {
  const self = useContext(SelfContext);
  if (!self) throw new Error('a page outside of a session');
  return self;
}

export function useHere(): Here {
  const { session, ...self } = useSelf();
  const { current } = session;
  if (!current) throw new Error('a page outside of a place');
  return { ...self, session: { ...session, current } };
}
