/**
 * The ledger: double entry, append-only, one per program and currency. Credit to a partner is positive; the entries of
 * a transaction sum to zero. Balances are derived from entries and stored nowhere.
 *
 * A transaction's id is made from its cause, so posting it twice is refused by the database and harmless.
 */
import type { ConversionId, PartnerId, ProgramId } from './id.ts';
import { add, type Currency, type Minor, minor, negate } from './money.ts';

/** What commissions cost the program, and what a partner has earned inside the hold. More accounts: `money.md`. */
export type Account = 'expense' | `partner:${PartnerId}:pending`;

export interface Entry {
  readonly account: Account;
  readonly amount: Minor;
}

export interface Transaction {
  /** `{kind}:{source}:{version}`. */
  readonly id: string;
  readonly programId: ProgramId;
  readonly currency: Currency;
  readonly kind: TransactionKind;
  readonly conversionId: ConversionId;
  readonly at: number;
  readonly entries: readonly Entry[];
}

export type TransactionKind = 'earned' | 'corrected';

export const pending = (partner: PartnerId): Account => `partner:${partner}:pending`;

/** What each partner earned by a conversion, from one version of it to the next. */
export type Earned = ReadonlyMap<PartnerId, Minor>;

/**
 * The posting that takes the ledger from what a conversion's partners had earned to what they earn now: the whole for
 * a new one, the difference for a corrected one. Null when nothing changes hands.
 */
export function post(cause: {
  programId: ProgramId;
  currency: Currency;
  conversionId: ConversionId;
  /** 1 for the first posting of this conversion, rising. */
  version: number;
  at: number;
  before: Earned;
  after: Earned;
}): Transaction | null {
  const partners = [...new Set([...cause.before.keys(), ...cause.after.keys()])];
  const changes = partners
    .map((partner) => ({
      account: pending(partner),
      amount: minor((cause.after.get(partner) ?? 0) - (cause.before.get(partner) ?? 0)),
    }))
    .filter((entry) => entry.amount !== 0);
  if (changes.length === 0) return null;
  const cost = add(...changes.map((entry) => entry.amount));
  const kind = cause.version === 1 ? 'earned' : 'corrected';
  return balanced({
    id: `${kind}:${cause.conversionId}:${cause.version}`,
    programId: cause.programId,
    currency: cause.currency,
    kind,
    conversionId: cause.conversionId,
    at: cause.at,
    entries: cost === 0 ? changes : [{ account: 'expense', amount: negate(cost) }, ...changes],
  });
}

/** A posting that does not sum to zero is a bug here, never somebody's input. */
function balanced(transaction: Transaction): Transaction {
  if (add(...transaction.entries.map((entry) => entry.amount)) !== 0) {
    throw new Error(`ledger transaction ${transaction.id} does not sum to zero`);
  }
  return transaction;
}
