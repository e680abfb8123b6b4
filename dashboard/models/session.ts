/** Who is signed in; and, in the local demo only, whom one can be. */
import { createModel } from '@preact/signals';
import type { Api } from '../api.ts';
import { loaded } from './loaded.ts';

/** Wrapped, so that "nobody" is an answer and not the absence of one. */
export const SessionModel = createModel((api: Api) => {
  const session = loaded(async (_: null, signal) => ({ who: await api.session(null, signal) }));
  const people = loaded(async (_: null, signal) => ({ list: await api.people(null, signal) }));
  return {
    session,
    people,
    open() {
      session.load(null);
      people.load(null);
    },
  };
});
