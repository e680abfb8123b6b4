/** One order with its reasons. */
import { createModel } from '@preact/signals';
import type { Api, ConversionSummary } from '../api.ts';
import { loaded } from './loaded.ts';

export const OrderModel = createModel((api: Api) => ({ order: loaded(api.order) }));

/** One that the terms pay nothing for: what was earned by it is not zero, but nothing. */
export const isBareLead = ({ event, allocations }: ConversionSummary): boolean =>
  event === 'lead' && allocations.length > 0 && allocations.every((part) => part.commission === 0);
