/** An API whose answers the test gives by hand, in the order it likes; and the smallest things that stand in answers. */
import type {
  Act,
  Api,
  Balance,
  ConversionSummary,
  MemberAnswer,
  PartnerLine,
  Role,
  SessionAnswer,
  Summary,
  Where,
} from '../../dashboard/api.ts';
import type { Tab } from '../../dashboard/models/session.ts';
import type { Passkeys } from '../../dashboard/passkeys.ts';
import type { Currency, Minor } from '../../edge/core/money.ts';

export interface Call {
  name: keyof Api;
  ask: unknown;
  signal: AbortSignal | undefined;
  answer(value: unknown): Promise<void>;
  fail(cause: unknown): Promise<void>;
}

/** A call that is not listed does not compile. */
const NAMES: Record<keyof Api, true> = {
  ...{ session: true, summary: true, partners: true, compare: true, balances: true, links: true, setup: true },
  ...{ codes: true, groups: true, orders: true, order: true, people: true },
  ...{ waysIn: true, sendLink: true, pressLink: true, signInChallenge: true, signInByPasskey: true, signOut: true },
  ...{ choosePlace: true, rename: true, answerInvitation: true, showCode: true, secondChallenge: true },
  ...{ showPasskey: true, security: true, beginTotp: true, confirmTotp: true, removeTotp: true },
  ...{ newRecoveryCodes: true, passkeyChallenge: true, addPasskey: true, renamePasskey: true, removePasskey: true },
  ...{ endSession: true, endSessions: true, linkSingleSignOn: true, unlinkSingleSignOn: true },
  ...{ members: true, partnersPeople: true, invite: true, changeRole: true, removeMember: true },
  ...{ keys: true, makeKey: true, rotateKey: true, revokeKey: true },
  ...{ audit: true, auditProof: true, auditFile: true },
};

export function fakeApi() {
  const calls: Call[] = [];
  const settle = () => new Promise<void>((done) => setTimeout(done));
  const method =
    (name: keyof Api) =>
    (ask: unknown, signal?: AbortSignal): Promise<never> =>
      new Promise((resolve, reject) => {
        calls.push({
          name,
          ask,
          signal,
          answer: (value) => {
            resolve(value as never);
            return settle();
          },
          fail: (cause) => {
            reject(cause);
            return settle();
          },
        });
      });
  const names = Object.keys(NAMES) as (keyof Api)[];
  const api = Object.fromEntries(names.map((name) => [name, method(name)])) as unknown as Api;
  /** The latest call of a name. */
  const last = (name: keyof Api): Call => {
    const found = calls.findLast((call) => call.name === name);
    if (!found) throw new Error(`nobody asked for ${name}`);
    return found;
  };
  return { api, calls, last };
}

export const summaryOf = (days: number): Summary => ({
  from: '2026-11-01',
  to: '2026-11-30',
  days: Array.from({ length: days }, () => ({ day: '2026-11-01', clicks: 0, counted: 0, orders: 0, money: [] })),
  totals: { clicks: 0, counted: 0, orders: 0, uncredited: 0, money: [] },
});

export const order = (
  id: string,
  part: { commission: number; currency?: string; heldUntil: string },
): ConversionSummary => ({
  id,
  orderId: `order-${id}`,
  event: 'sale',
  occurredAt: '2026-11-20T10:00:00.000Z',
  receivedAt: '2026-11-20T10:00:00.000Z',
  currency: part.currency ?? 'EUR',
  base: part.commission * 10,
  verified: true,
  reason: 'last',
  allocations: [
    {
      partnerId: 'p',
      partner: 'anna',
      name: 'Anna Berg',
      shareMicros: 1_000_000,
      commission: part.commission,
      currency: part.currency ?? 'EUR',
      status: 'pending',
      reason: 'last',
      base: part.commission * 10,
      heldUntil: part.heldUntil,
    },
  ],
});

/** As a partner sees one that it did not earn. */
export const lost = (id: string, why: string): ConversionSummary => ({
  ...order(id, { commission: 0, heldUntil: '2026-12-04T12:00:00.000Z' }),
  reason: why,
  allocations: [],
});

export const balance = (currency: string, amount: number): Balance => ({
  partner: 'anna',
  currency: currency as Currency,
  account: 'pending',
  amount: amount as Minor,
});

export const line = (
  partner: string,
  given: { clicks?: number; counted?: number; orders?: number; EUR?: number; USD?: number } = {},
): PartnerLine => ({
  partnerId: partner,
  partner,
  name: partner.toUpperCase(),
  clicks: given.clicks ?? 0,
  counted: given.counted ?? 0,
  orders: given.orders ?? 0,
  money: (['EUR', 'USD'] as const).flatMap((currency) =>
    given[currency] === undefined
      ? []
      : [
          {
            currency: currency as unknown as Currency,
            orders: 1,
            sales: 0 as Minor,
            commission: given[currency] as Minor,
          },
        ],
  ),
});

/** A tab's own memory. */
export function tabOf(kept: Record<string, string> = {}): Tab & { readonly kept: Record<string, string> } {
  return {
    kept,
    getItem: (name) => kept[name] ?? null,
    setItem: (name, value) => {
      kept[name] = value;
    },
    removeItem: (name) => {
      delete kept[name];
    },
  };
}

export const placeOf = (id: string, role: Role = 'owner', partner: string | null = null): Where => ({
  id,
  role,
  program: { id: 'p', slug: 'demo', name: 'Kettle & Fell', mode: 'sandbox', currency: 'EUR' as Currency },
  partner: partner === null ? null : { id: partner, slug: partner, name: partner.toUpperCase() },
});

export const sessionOf = (given: {
  name?: string;
  current?: Where | null;
  places?: Where[];
  may?: Act[];
}): SessionAnswer => {
  const { name = 'Maren Holt', current = placeOf('m1'), may = ['self'] } = given;
  return {
    person: { id: 'u1', name, email: 'maren@shop.example' },
    current,
    may,
    places: given.places ?? (current ? [current] : []),
    invitations: [],
    second: { required: false, enrolled: false, until: null, freshUntil: null },
  };
};

export const memberOf = (given: Partial<MemberAnswer>): MemberAnswer => ({
  id: 'm1',
  personId: 'u1',
  email: 'maren@shop.example',
  name: 'Maren Holt',
  role: 'owner',
  partner: null,
  joinedAt: '2026-11-01T10:00:00.000Z',
  invitedAt: '2026-11-01T09:00:00.000Z',
  ...given,
});

/** A browser whose person does as they are asked, but for what is given. */
export const fakePasskeys = (given: Partial<Passkeys> = {}): Passkeys => ({
  there: true,
  use: async (challenge) => ({ answers: challenge }),
  offer: async () => null,
  make: async (challenge) => ({ made: challenge }),
  ...given,
});
