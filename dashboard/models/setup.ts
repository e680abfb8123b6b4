/** What the set-up page's commands are made of. */
import { createModel } from '@preact/signals';
import type { Api } from '../api.ts';
import { loaded } from './loaded.ts';

export const SetupModel = createModel((api: Api) => ({ links: loaded(api.links) }));
