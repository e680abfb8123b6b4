/** One order with its reasons. */
import { createModel } from '@preact/signals';
import type { Api } from '../api.ts';
import { loaded } from './loaded.ts';

export const OrderModel = createModel((api: Api) => ({ order: loaded(api.order) }));
