/** What the Worker is given, and what flows and doors are handed. Types only: nothing here runs. */
import type { Auth } from './auth/auth.ts';
import type { PartnerId, ProgramId } from './core/id.ts';
import type { KeyRing } from './core/key-ring.ts';
import type { Mail } from './mail/mail.ts';
import type { Accounts } from './store/accounts.ts';
import type { AuditLog } from './store/audit.ts';
import type { ClickRow, Clicks } from './store/clicks.ts';
import type { Floods } from './store/floods.ts';
import type { Reports } from './store/reports.ts';
import type { Change, Store } from './store/store.ts';
import type { Upkeep } from './store/upkeep.ts';
import type { Visitors } from './store/visitors.ts';

export type * from './mail/mail.ts';
export type * from './store/accounts.ts';
export type * from './store/audit.ts';
export type * from './store/clicks.ts';
export type * from './store/reports.ts';
export type * from './store/store.ts';
export type * from './store/upkeep.ts';
export type * from './store/visitors.ts';

/**
 * Makes of what a flow is about to do the change that keeps its answer, for the same commit. Without an
 * `Idempotency-Key` there is none.
 */
export type Seal<Made> = (made: Made) => Promise<readonly Change[]>;

export interface Env {
  DB: D1Database;
  /** A database of their own for clicks, touches and their sums; without it they are in DB. */
  CLICKS_DB?: D1Database;
  /** Clicks go through it, for more a second than one database takes; without it each redirect writes its own. */
  CLICKS?: Queue<ClickRow>;
  ASSETS: Fetcher;
  /** Secret. Signs click tokens: `1:<base64 of 32 bytes>`, the current one first, then those it follows. */
  TOKEN_KEYS?: string;
  /** Secret. Keys the hashes of customers: as TOKEN_KEYS; a key that never was changed needs no number. */
  HASH_KEY?: string;
  /** Secret. Seals second factors, people's values in the audit log, and its chain: as TOKEN_KEYS. */
  AUTH_KEYS?: string;
  /** Cloudflare's e-mail binding; it goes before MAIL_URL. */
  MAIL?: SendEmail;
  /** An HTTP mail service that takes `{ from, to, subject, text, html }` as JSON. */
  MAIL_URL?: string;
  /** Secret. Sent to MAIL_URL as a bearer token. */
  MAIL_TOKEN?: string;
  /** Who mail comes from: `Kettle & Fell <partners@shop.example>`. */
  MAIL_FROM?: string;
  /** The retailer's single sign-on; with both its secret, staff may sign in by it. */
  OIDC_ISSUER?: string;
  OIDC_CLIENT_ID?: string;
  /** Secret. */
  OIDC_CLIENT_SECRET?: string;
  /** What the button says. */
  OIDC_NAME?: string;
  /** Where people sign in, for letters: `https://partners.shop.example`. Left out, the host that a call came by. */
  DASHBOARD_ORIGIN?: string;
  /** Where the Worker also answers, on the shop's own host. */
  BASE_PATH?: string;
  CLICK_WRITE_BUDGET_MS?: string;
}

export interface Secrets {
  tokenKeys: KeyRing;
  hashKeys: KeyRing;
  /** Seal what is secret at rest, and the audit log's chain. */
  authKeys: KeyRing;
}

/** Who is behind a call, for the audit log. */
export interface By {
  /** `person:<id>`, `key:<id>`, or `system`. */
  readonly actor: string;
  /** Of a person acting for a partner. */
  readonly partnerId: PartnerId | null;
  readonly country: string | null;
  /** The network the call came from, in clear; a person's is sealed before it is kept. */
  readonly address: string | null;
}

export interface Deps {
  store: Store;
  clicks: Clicks;
  floods: Floods;
  reports: Reports;
  upkeep: Upkeep;
  visitors: Visitors;
  accounts: Accounts;
  audit: AuditLog;
  secrets: Secrets;
  /** Milliseconds since the epoch; behind a guard, by the clock of the program that asks. */
  now(): number;
  /** How far `now` runs ahead of the time outside: a sandbox's clock can be moved, everything else is at 0. */
  aheadMs: number;
  /** Does what fell due for a program whose clock was moved, and resolves when it is done. */
  runDue(programId: ProgramId): Promise<void>;
  /** Ten random bytes make an id; sixteen a visitor. */
  random(bytes: number): Uint8Array;
  /** Who is behind this call; `system` where nobody is. */
  by: By;
  mail: Mail;
  auth: Auth;
  clickWriteBudgetMs: number;
  /** Calls counted by this isolate, by who made them; forgotten with it, so nothing that is paid may rest on them. */
  calls: Map<string, { used: number; endsAt: number }>;
}
