/** Amounts. Of several currencies each has its own line: they are never summed. */
import { amount } from './format.ts';

export const Money = ({ of: value, currency }: { of: number; currency: string }) => (
  <span class="money">{amount(value, currency)}</span>
);

interface Amount {
  readonly currency: string;
  readonly amount: number;
}

/** Nothing at all is zero of the program's own currency. */
export function Amounts({ of: amounts, currency }: { of: readonly Amount[]; currency: string }) {
  const shown = amounts.length > 0 ? amounts : [{ currency, amount: 0 }];
  return (
    <span class="amounts">
      {shown.map((one) => (
        <Money key={one.currency} of={one.amount} currency={one.currency} />
      ))}
    </span>
  );
}
