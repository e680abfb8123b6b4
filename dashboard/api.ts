/**
 * The API as the pages call it: typed answers, or a `Trouble` in words for people. Nothing here retries; a page offers
 * that to the person. One thing is asked in between: where a second factor is wanted, `Ways.second` gets it and the call
 * is made once more.
 *
 * Answers are typed by the interfaces that the handlers promise to return: `hc` sees a plain `Response` beside them,
 * for the refusals, and so calls every body unknown. Bodies that are sent are typed here, for the same reason.
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
import type {
  AuditAnswer,
  AuditProof,
  KeyAnswer,
  MemberAnswer,
  RecoveryCodesAnswer,
  SecurityAnswer,
  SessionAnswer,
  SignedInAnswer,
  SignInAnswer,
  TotpAnswer,
} from '../edge/contract-people.ts';
import type { Role, Scope } from '../edge/core/access.ts';
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
export type {
  AuditAnswer,
  AuditProof,
  KeyAnswer,
  MemberAnswer,
  PasskeyLine,
  SecurityAnswer,
  SessionAnswer,
  SessionLine,
  SignInAnswer,
  TotpAnswer,
  Where,
} from '../edge/contract-people.ts';
export type { Act, Role, Scope } from '../edge/core/access.ts';

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

export interface People {
  data: MemberAnswer[];
  nextCursor: string | null;
}

export interface AuditPage {
  data: AuditAnswer[];
  nextCursor: string | null;
}

interface KeyPage {
  data: KeyAnswer[];
  nextCursor: string | null;
}

/** What the audit log is asked for; everything when all are left out. */
export interface AuditFilter {
  act?: string;
  /** `person:<id>`, `key:<id>` or `system`. */
  actor?: string;
  subject?: string;
  /** ISO 8601. */
  from?: string;
  to?: string;
}

export interface NewKey {
  kind: KeyAnswer['kind'];
  name: string;
  scopes?: Scope[];
  expiresAt?: string;
  callsAMinute?: number;
}

export interface Invitation {
  email: string;
  role: Role;
  partner?: string;
}

/** What the browser's own dialog is given, and what comes out of it: neither is read here. */
export type Challenge = object;
export type Credential = object;

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

  // Signing in and out.
  waysIn(ask: unknown, signal?: AbortSignal): Promise<SignInAnswer>;
  /** A letter with a link and a code, for whoever has a place; the answer is the same for everybody. */
  sendLink(given: { email: string; next: string }): Promise<unknown>;
  /** The link's token, or the code beside it. */
  pressLink(given: { token: string } | { code: string }): Promise<SignedInAnswer>;
  signInChallenge(ask: unknown, signal?: AbortSignal): Promise<Challenge>;
  signInByPasskey(given: { credential: Credential; next: string }): Promise<SignedInAnswer>;
  signOut(ask: unknown): Promise<unknown>;

  // Oneself.
  choosePlace(place: string): Promise<SessionAnswer>;
  rename(name: string): Promise<SessionAnswer>;
  answerInvitation(given: { id: string; accept: boolean }): Promise<SessionAnswer>;
  /** Of the authenticator app, or a recovery code. */
  showCode(code: string): Promise<SessionAnswer>;
  secondChallenge(ask: unknown): Promise<Challenge>;
  showPasskey(credential: Credential): Promise<SessionAnswer>;
  security(ask: unknown, signal?: AbortSignal): Promise<SecurityAnswer>;
  beginTotp(ask: unknown): Promise<TotpAnswer>;
  confirmTotp(code: string): Promise<RecoveryCodesAnswer>;
  removeTotp(ask: unknown): Promise<unknown>;
  newRecoveryCodes(ask: unknown): Promise<RecoveryCodesAnswer>;
  passkeyChallenge(ask: unknown): Promise<Challenge>;
  addPasskey(given: { credential: Credential; name: string }): Promise<unknown>;
  renamePasskey(given: { id: string; name: string }): Promise<unknown>;
  removePasskey(id: string): Promise<unknown>;
  endSession(id: string): Promise<unknown>;
  /** All but this one. */
  endSessions(ask: unknown): Promise<unknown>;
  /** Where the browser goes to link the single sign-on. */
  linkSingleSignOn(ask: unknown): Promise<{ location: string }>;
  unlinkSingleSignOn(ask: unknown): Promise<unknown>;

  // The team, the keys, the log.
  /** Of one's own side. */
  members(ask: unknown, signal?: AbortSignal): Promise<MemberAnswer[]>;
  /** Of all partners, by partner; the program's side only. */
  partnersPeople(after: string | null, signal?: AbortSignal): Promise<People>;
  invite(given: Invitation): Promise<MemberAnswer>;
  changeRole(given: { id: string; role: Role }): Promise<MemberAnswer>;
  removeMember(id: string): Promise<unknown>;
  keys(ask: unknown, signal?: AbortSignal): Promise<KeyAnswer[]>;
  makeKey(given: NewKey): Promise<KeyAnswer>;
  rotateKey(given: { id: string; overlapHours: number }): Promise<KeyAnswer>;
  revokeKey(id: string): Promise<unknown>;
  /** Newest first. */
  audit(asked: AuditFilter & { cursor?: string | null }, signal?: AbortSignal): Promise<AuditPage>;
  /** Of a long log, a part: from `after` on, the `nextCursor` of the part before. */
  auditProof(after: string | null, signal?: AbortSignal): Promise<AuditProof>;
  /** The whole file: a download of the browser's own would look from another tab's place. */
  auditFile(asked: AuditFilter & { format: 'csv' | 'ndjson' }): Promise<Blob>;
}

/** What calls need of the page they are made from. */
export interface Ways {
  /** From which of the person's places this tab looks; null: from the session's. */
  place(): string | null;
  /** Asks the person for a second factor; false: none was shown. */
  second(): Promise<boolean>;
  /** Hears of every refusal by its code. */
  refused(code: string): void;
}

/** What went wrong, as a person may read it. */
export class Trouble extends Error {
  override name = 'Trouble';
  readonly title: string;
  /** The refusal's code, or `offline`, `unreadable`. */
  readonly code: string;
  /** What is wrong with which field, by its name. */
  readonly fields: Readonly<Record<string, string>>;
  constructor(words: Said, options?: ErrorOptions) {
    super(words.detail, options);
    this.title = words.title;
    this.code = words.code;
    this.fields = words.fields ?? {};
  }
}

interface Said {
  readonly title: string;
  readonly detail: string;
  readonly code: string;
  readonly fields?: Readonly<Record<string, string>>;
}

export function createApi(origin: string, ways: Ways): Api {
  const place = (): Record<string, string> => {
    const id = ways.place();
    return id ? { 'tributary-place': id } : {};
  };
  const { v1 } = createClient(origin, { headers: place });
  const init = (signal: AbortSignal | undefined) => ({ init: signal ? { signal } : {} });
  const json = (body: object = {}, signal?: AbortSignal) => ({
    headers: { 'content-type': 'application/json' },
    init: { body: JSON.stringify(body), ...(signal && { signal }) },
  });
  const list = async <Row>(answer: Promise<{ data: Row[] }>): Promise<Row[]> => (await answer).data;

  /** Every refusal is heard of. */
  const heard = <Body>(call: () => Promise<Answer>): Promise<Body> =>
    bodyOf<Body>(call).catch((cause: unknown) => {
      if (cause instanceof Trouble) ways.refused(cause.code);
      throw cause;
    });
  /** Where a second factor is all that was wanted, the call is made once more. */
  const read = <Body>(call: () => Promise<Answer>): Promise<Body> =>
    heard<Body>(call).catch(async (cause: unknown) => {
      const wanting = cause instanceof Trouble && cause.code === 'second_factor_required';
      if (wanting && (await ways.second())) return heard<Body>(call);
      throw cause;
    });

  return {
    session: (_ask, signal) =>
      bodyOf<SessionAnswer>(() => v1.session.$get({}, init(signal))).catch((cause: unknown) => {
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

    waysIn: (_ask, signal) => bodyOf(() => v1['sign-in'].$get({}, init(signal))),
    sendLink: (given) => bodyOf(() => v1['sign-in'].link.$post({}, json(given))),
    pressLink: (given) => bodyOf(() => v1['sign-in'].confirm.$post({}, json(given))),
    signInChallenge: (_ask, signal) => bodyOf(() => v1['sign-in'].passkey.options.$post({}, json({}, signal))),
    signInByPasskey: (given) => bodyOf(() => v1['sign-in'].passkey.$post({}, json(given))),
    signOut: () => bodyOf(() => v1['sign-out'].$post({}, json())),

    choosePlace: (place) => read(() => v1.session.$post({}, json({ place }))),
    rename: (name) => read(() => v1.session.$patch({}, json({ name }))),
    answerInvitation: ({ id, accept }) =>
      read(() => v1.session.invitations[':id'].$post({ param: { id } }, json({ accept }))),
    // These are the second factor: they cannot be asked for one in between.
    showCode: (code) => heard(() => v1['second-factor'].$post({}, json({ code }))),
    secondChallenge: () => heard(() => v1['second-factor'].passkey.options.$post({}, json())),
    showPasskey: (credential) => heard(() => v1['second-factor'].passkey.$post({}, json({ credential }))),
    security: (_ask, signal) => read(() => v1.security.$get({}, init(signal))),
    beginTotp: () => read(() => v1.security.totp.$post({}, json())),
    confirmTotp: (code) => read(() => v1.security.totp.confirm.$post({}, json({ code }))),
    removeTotp: () => read(() => v1.security.totp.$delete()),
    newRecoveryCodes: () => read(() => v1.security['recovery-codes'].$post({}, json())),
    passkeyChallenge: () => read(() => v1.security.passkeys.options.$post({}, json())),
    addPasskey: (given) => read(() => v1.security.passkeys.$post({}, json(given))),
    renamePasskey: ({ id, name }) =>
      read(() => v1.security.passkeys[':id'].$patch({ param: { id: encodeURIComponent(id) } }, json({ name }))),
    removePasskey: (id) => read(() => v1.security.passkeys[':id'].$delete({ param: { id: encodeURIComponent(id) } })),
    endSession: (id) => read(() => v1.security.sessions[':id'].$delete({ param: { id } })),
    endSessions: () => read(() => v1.security.sessions.$delete()),
    linkSingleSignOn: () => read(() => v1.security.oidc.$post({}, json())),
    unlinkSingleSignOn: () => read(() => v1.security.oidc.$delete()),

    members: (_ask, signal) => list(read(() => v1.members.$get({}, init(signal)))),
    partnersPeople: (after, signal) =>
      read(() => v1.members.$get({ query: { partner: '*', ...(after && { cursor: after }) } }, init(signal))),
    invite: (given) => read(() => v1.members.$post({}, json(given))),
    changeRole: ({ id, role }) => read(() => v1.members[':id'].$patch({ param: { id } }, json({ role }))),
    removeMember: (id) => read(() => v1.members[':id'].$delete({ param: { id } })),
    // Those that work must not stand on a later page than many that no longer do.
    keys: async (_ask, signal) => {
      const all: KeyAnswer[] = [];
      let after: string | null = null;
      do {
        const query: Record<string, string> = { limit: '100', ...(after && { cursor: after }) };
        const page: KeyPage = await read(() => v1.keys.$get({ query }, init(signal)));
        all.push(...page.data);
        after = page.nextCursor;
      } while (after);
      return all;
    },
    makeKey: (given) => read(() => v1.keys.$post({}, json(given))),
    rotateKey: ({ id, overlapHours }) =>
      read(() => v1.keys[':id'].rotate.$post({ param: { id } }, json({ overlapHours }))),
    revokeKey: (id) => read(() => v1.keys[':id'].$delete({ param: { id } })),
    audit: ({ cursor, ...filter }, signal) =>
      read(() => v1.audit.$get({ query: { ...filter, limit: '50', ...(cursor && { cursor }) } }, init(signal))),
    auditProof: (after, signal) =>
      read(() => v1.audit.proof.$get({ query: after ? { cursor: after } : {} }, init(signal))),
    auditFile: (asked) =>
      read(async () => {
        const answer = await v1.audit.export.$get({ query: { ...asked } });
        return answer.ok ? { ok: true, status: answer.status, json: () => answer.blob() } : answer;
      }),
  };
}

type Answer = Pick<Response, 'ok' | 'status' | 'json'>;

/** Done, and there is nothing to say. */
const NO_CONTENT = 204;

/** One call's body; anything else is thrown as trouble, but for a call that we gave up ourselves. */
async function bodyOf<Body>(call: () => Promise<Answer>): Promise<Body> {
  const answer = await call().catch((cause: unknown) => {
    throw isAbort(cause) ? cause : new Trouble(OFFLINE, { cause });
  });
  if (answer.status === NO_CONTENT) return null as Body;
  const body: unknown = await answer.json().catch((cause: unknown) => {
    throw isAbort(cause) ? cause : new Trouble(unreadable(answer.status), { cause });
  });
  if (answer.ok) return body as Body;
  throw new Trouble(isProblem(body) ? inWords(body) : unreadable(answer.status));
}

export const isAbort = (cause: unknown): boolean => cause instanceof Error && cause.name === 'AbortError';

const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' && body !== null && 'code' in body && 'detail' in body && 'title' in body;

const OFFLINE: Said = {
  code: 'offline',
  title: 'No connection',
  detail: 'The server could not be reached. Check your connection and try again.',
};

const unreadable = (status: number): Said => ({
  code: 'unreadable',
  title: 'An answer nobody expected',
  detail: `The server answered in a way this page cannot read (status ${status}). Try again in a moment.`,
});

/** A refusal for people: what they can do, where the API's own words speak to programmers. */
export function inWords({ code, title, detail, errors }: Problem): Said {
  const words = Object.hasOwn(WORDS, code) ? WORDS[code as keyof typeof WORDS] : [title, detail];
  const [heading = title, sentence = detail] = words;
  const fields = Object.fromEntries((errors ?? []).map(({ pointer, detail }) => [pointer.slice(1), detail]));
  // Said where the code is typed.
  if (code === 'wrong_code') fields.code = sentence;
  if (code === 'taken') for (const name of Object.keys(fields)) fields[name] = detail;
  return { code, title: heading, detail: sentence, fields };
}

/** What is not here says enough by itself, or is told to programs only. */
const WORDS = {
  sign_in_required: ['You are signed out', 'Your sign-in has ended. Sign in again to go on.'],
  second_factor_required: [
    'One more proof is needed',
    'This is open only to somebody who has just shown a second proof: a code of an authenticator app, or a passkey.',
  ],
  sign_in_again: [
    'Sign in again first',
    'What proves who you are can be changed only within ten minutes of signing in. Sign in again, then come back.',
  ],
  wrong_code: [
    'That code is not right',
    'It may be mistyped, over, or used before: each one works once. Wait for the next code and type that.',
  ],
  link_over: [
    'This link or code no longer works',
    'It was used before, it is older than 15 minutes, or it was asked for in another browser. Ask for a new one here.',
  ],
  too_many_tries: ['Too many tries'],
  passkey_refused: [
    'That passkey does not fit',
    'It is not known here, or it took too long. Try again, or sign in by mail.',
  ],
  single_sign_on_down: ['The single sign-on does not answer', 'Try again in a minute, or choose another way.'],
  rate_limited: ['Too many calls at once', 'Wait a minute, then try again.'],
  cross_site: ['Not from here', 'Open this page by its own address, in a tab of its own, and try again.'],
  last_owner: ['Somebody must stay owner', 'This is the only owner who has joined. Make somebody else an owner first.'],
  moved: ['Somebody was quicker', 'This has changed since it was shown. Look at it again, then decide.'],
  not_found: ['Nothing here', 'This does not exist, or it is not yours to see.'],
  person_required: ['Only by a person', 'No key can do this. Somebody signed in does it here.'],
  fault: ['Something failed on our side', 'Nothing was changed. Trying again is safe.'],
  not_configured: ['This deployment is not finished'],
} as const satisfies Partial<Record<Problem['code'], readonly [string, string?]>>;
