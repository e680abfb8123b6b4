/** What every page stands on: the API, and who is looking from where. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Api, SessionAnswer } from './api.ts';

export interface Here {
  readonly api: Api;
  readonly session: SessionAnswer;
}

export const HereContext = createContext<Here | null>(null);

export function useHere(): Here {
  const here = useContext(HereContext);
  if (!here) throw new Error('a page outside of a session');
  return here;
}
