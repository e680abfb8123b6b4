/** What every page stands on: the API, and who is looking from where. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Api, SessionAnswer, Where } from './api.ts';

/** Signed in, and looking from a place. */
export type Looking = SessionAnswer & { readonly current: Where };

export interface Here {
  readonly api: Api;
  readonly session: Looking;
}

export const HereContext = createContext<Here | null>(null);

export function useHere(): Here {
  const here = useContext(HereContext);
  if (!here) throw new Error('a page outside of a session');
  return here;
}
