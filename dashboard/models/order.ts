/** One order with its reasons; and what an order is to whom it is shown. */
import { createModel } from '@preact/signals';
import type { Api, ConversionSummary } from '../api.ts';
import type { Eyes, Side } from '../words.ts';
import { loaded } from './loaded.ts';

export const OrderModel = createModel((api: Api) => ({ order: loaded(api.order) }));

export type Part = ConversionSummary['allocations'][number];

/** A click that led to an order which a code's owner took: kept, and paid nothing. */
export const isAssist = ({ reason, shareMicros, base, commission }: Part): boolean =>
  reason === 'code_owner_wins' && shareMicros === 0 && base === 0 && commission === 0;

/** Whose order it is: an assist is no part of it. */
export const earnedParts = ({ allocations }: Pick<ConversionSummary, 'allocations'>): Part[] =>
  allocations.filter((part) => !isAssist(part));

export const eyesOf = (order: Pick<ConversionSummary, 'allocations'>, side: Side): Eyes =>
  side === 'program' ? side : earnedParts(order).length > 0 ? 'earned' : 'missed';

/** One that the terms pay nothing for: what was earned by it is not zero, but nothing. */
export function isBareLead(order: ConversionSummary): boolean {
  const parts = earnedParts(order);
  return order.event === 'lead' && parts.length > 0 && parts.every((part) => part.commission === 0);
}
