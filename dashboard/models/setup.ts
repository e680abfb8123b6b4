/** What the set-up page's commands are made of, and how far it has come. */
import { createModel } from '@preact/signals';
import type { Api } from '../api.ts';
import { loaded } from './loaded.ts';

export const SetupModel = createModel((api: Api) => ({
  links: loaded(api.links),
  /** What was seen of the shop's pages and server. */
  setup: loaded(api.setup),
}));
