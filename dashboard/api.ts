/**
 * The API as the pages call it: typed answers, or a `Trouble` in words for people. Nothing here retries; a page offers
 * that to the person.
 *
 * Answers are typed by the interfaces that the handlers promise to return: `hc` sees a plain `Response` beside them,
 * for the refusals, and so calls every body unknown.
 */
import { createClient } from '../edge/client.ts';
import type {
  CodeAnswer,
  CompareAnswer,
  ConversionSummary,
  ExplainAnswer,
  GroupAnswer,
  LinkAnswer,
  PartnerLine,
  Problem,
  SetupAnswer,
  Summary,
} from '../edge/contract.ts';
import type { SessionAnswer } from '../edge/contract-people.ts';
import type { Comparable } from '../edge/core/attribution.ts';
import type { Currency, Minor } from '../edge/core/money.ts';

export type {
  CandidateAnswer,
  CodeAnswer,
  CompareAnswer,
  CompareLine,
  ConversionSummary,
  Day,
  ExplainAnswer,
  GroupAnswer,
  LineAnswer,
  LinkAnswer,
  Money,
  PartnerLine,
  SetupAnswer,
  Summary,
} from '../edge/contract.ts';
export type { SessionAnswer, Where } from '../edge/contract-people.ts';

export interface Balance {
  partner: string;
  currency: Currency;
  account: 'pending';
  amount: Minor;
}

export interface Orders {
  data: ConversionSummary[];
  nextCursor: string | null;
}

export interface Codes {
  data: CodeAnswer[];
  nextCursor: string | null;
}

export type Order = ConversionSummary & { explain: ExplainAnswer };

/** Somebody of the local demo; a deployed Worker has nobody. */
export interface DemoPerson {
  email: string;
  name: string;
  what: string;
}

export interface Api {
  /** Null: nobody is signed in. */
  session(ask: unknown, signal?: AbortSignal): Promise<SessionAnswer | null>;
  summary(days: number, signal?: AbortSignal): Promise<Summary>;
  partners(days: number, signal?: AbortSignal): Promise<PartnerLine[]>;
  /** Of the orders since then; the program's side only. */
  compare(asked: { from: number; models: readonly Comparable[] }, signal?: AbortSignal): Promise<CompareAnswer>;
  balances(ask: unknown, signal?: AbortSignal): Promise<Balance[]>;
  /** The program's side only. */
  setup(ask: unknown, signal?: AbortSignal): Promise<SetupAnswer>;
  links(ask: unknown, signal?: AbortSignal): Promise<LinkAnswer[]>;
  /** By name; of a partner, its own. */
  codes(after: string | null, signal?: AbortSignal): Promise<Codes>;
  /** The program's side only. */
  groups(ask: unknown, signal?: AbortSignal): Promise<GroupAnswer[]>;
  /** Newest first. */
  orders(page: { limit: number; cursor?: string | null }, signal?: AbortSignal): Promise<Orders>;
  order(id: string, signal?: AbortSignal): Promise<Order>;
  /** Null where this is no demo. */
  people(ask: unknown, signal?: AbortSignal): Promise<DemoPerson[] | null>;
}

/** What went wrong, as a person may read it. */
export class Trouble extends Error {
  override name = 'Trouble';
  readonly title: string;
  /** The refusal's code, or `offline`, `unreadable`. */
  readonly code: string;
  constructor(words: { title: string; detail: string; code: string }, options?: ErrorOptions) {
    super(words.detail, options);
    this.title = words.title;
    this.code = words.code;
  }
}

export function createApi(origin: string): Api {
  const { v1 } = createClient(origin);
  const init = (signal: AbortSignal | undefined) => ({ init: signal ? { signal } : {} });
  const list = async <Row>(answer: Promise<{ data: Row[] }>): Promise<Row[]> => (await answer).data;

  return {
    session: (_ask, signal) =>
      read<SessionAnswer>(() => v1.session.$get({}, init(signal))).catch((cause: unknown) => {
        if (cause instanceof Trouble && cause.code === 'sign_in_required') return null;
        throw cause;
      }),
    summary: (days, signal) => read(() => v1.reports.summary.$get({ query: { days: `${days}` } }, init(signal))),
    partners: (days, signal) =>
      list(read(() => v1.reports.partners.$get({ query: { days: `${days}` } }, init(signal)))),
    compare: ({ from, models }, signal) =>
      read(() => v1.attribution.compare.$get({ query: { from: `${from}`, models: models.join(',') } }, init(signal))),
    balances: (_ask, signal) => list(read(() => v1.balances.$get({}, init(signal)))),
    links: (_ask, signal) => list(read(() => v1.links.$get({}, init(signal)))),
    setup: (_ask, signal) => read(() => v1.setup.$get({}, init(signal))),
    codes: (after, signal) =>
      read(() => v1.codes.$get({ query: { limit: '100', ...(after && { cursor: after }) } }, init(signal))),
    groups: (_ask, signal) => list(read(() => v1.groups.$get({}, init(signal)))),
    orders: ({ limit, cursor }, signal) =>
      read(() => v1.conversions.$get({ query: { limit: `${limit}`, ...(cursor && { cursor }) } }, init(signal))),
    order: (id, signal) =>
      read(() => v1.conversions[':id'].$get({ param: { id: encodeURIComponent(id) } }, init(signal))),
    // Not part of the API, so not of its client; whatever it says but a list means that this is no demo.
    people: async (_ask, signal) => {
      const answer = await fetch(`${origin}/dev/people`, signal ? { signal } : {}).catch(() => null);
      if (!answer?.ok || !answer.headers.get('content-type')?.includes('json')) return null;
      return (await answer.json()) as DemoPerson[];
    },
  };
}

type Answer = Pick<Response, 'ok' | 'status' | 'json'>;

/** One call's body; anything else is thrown as trouble, but for a call that we gave up ourselves. */
async function read<Body>(call: () => Promise<Answer>): Promise<Body> {
  const answer = await call().catch((cause: unknown) => {
    throw isAbort(cause) ? cause : new Trouble(OFFLINE, { cause });
  });
  const body: unknown = await answer.json().catch((cause: unknown) => {
    throw isAbort(cause) ? cause : new Trouble(unreadable(answer.status), { cause });
  });
  if (answer.ok) return body as Body;
  throw new Trouble(isProblem(body) ? inWords(body) : unreadable(answer.status));
}

export const isAbort = (cause: unknown): boolean => cause instanceof Error && cause.name === 'AbortError';

const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' && body !== null && 'code' in body && 'detail' in body && 'title' in body;

const OFFLINE = {
  code: 'offline',
  title: 'No connection',
  detail: 'The server could not be reached. Check your connection and try again.',
};

const unreadable = (status: number) => ({
  code: 'unreadable',
  title: 'An answer nobody expected',
  detail: `The server answered in a way this page cannot read (status ${status}). Try again in a moment.`,
});

/** A refusal for people: what they can do, where the API's own words speak to programmers. */
export function inWords({ code, title, detail }: Problem): { code: string; title: string; detail: string } {
  switch (code) {
    case 'sign_in_required':
      return { code, title: 'You are signed out', detail: 'Your sign-in has ended. Sign in again to go on.' };
    case 'not_found':
      return { code, title: 'Nothing here', detail: 'This does not exist, or it is not yours to see.' };
    case 'fault':
      return { code, title: 'Something failed on our side', detail: 'Nothing was changed. Trying again is safe.' };
    case 'not_configured':
      return { code, title: 'This deployment is not finished', detail };
    default:
      return { code, title, detail };
  }
}
