/** What the store hands out and takes: rows and records, what is asked of it, and every change that a commit may hold. */
import type { Code, Enrollment, Lock, Override, Placement, Policy, Share } from '../core/attribution.ts';
import type { ChainLink } from '../core/audit.ts';
import type { Terms } from '../core/commission.ts';
import type {
  AuditId,
  ConversionId,
  CustomerId,
  LinkId,
  MembershipId,
  PartnerId,
  PersonId,
  ProgramId,
  VisitorId,
} from '../core/id.ts';
import type { Edge, Identification, IdentityChange, KnownCustomer } from '../core/identity.ts';
import type { Transaction } from '../core/ledger.ts';
import type { AccountChange, KeyRow } from './account-records.ts';
import type * as schema from './schema.ts';
import type { EnrollmentStatus, ProgramMode } from './schema.ts';

export type * from './account-records.ts';
export type { CommissionStatus, EnrollmentStatus, Explanation, KeyKind, ProgramMode, Source } from './schema.ts';
export type Program = typeof schema.programs.$inferSelect;
/** With how far its program's clock runs ahead. */
export type Key = KeyRow & { readonly clockOffsetMs: number };
export type Link = typeof schema.links.$inferSelect;
export type Group = typeof schema.groups.$inferSelect;
export type AuditEntry = typeof schema.audit.$inferSelect;
export type ConversionRow = typeof schema.conversions.$inferSelect;
export type ItemRow = typeof schema.conversionItems.$inferSelect;
export type Answer = typeof schema.answers.$inferSelect;
export type AllocationRow = typeof schema.allocations.$inferSelect;
/** With the partner's slug in the program, and its name. */
export type CommissionRow = typeof schema.commissions.$inferSelect & {
  readonly partner: string;
  readonly name: string;
};

/** A partner of a program, by the names people use. */
export interface EnrolledPartner extends Enrollment {
  readonly slug: string;
  readonly name: string;
  readonly status: EnrollmentStatus;
}

/** What a redirect needs to know of a link. */
export interface LinkTarget {
  readonly link: Link;
  /** How far its program's clock runs ahead. */
  readonly clockOffsetMs: number;
  readonly enrollment: EnrolledPartner;
  readonly policies: readonly Policy[];
}

/** What orders name, to be looked up together. */
export interface OrderQuery {
  readonly programId: ProgramId;
  readonly now: number;
  readonly orders: readonly { readonly event: string; readonly orderId: string }[];
  /** Order ids or conversion ids of orders that these renew. */
  readonly renewals: readonly string[];
  /** Of customers' keys; and customers known from before. */
  readonly hashes: readonly string[];
  readonly customerIds: readonly CustomerId[];
  readonly visitors: readonly VisitorId[];
  /** As the orders name them, normalized. */
  readonly codes: readonly string[];
}

/** What is known of all that some orders name. */
export interface OrderContext {
  readonly mode: ProgramMode;
  readonly policies: readonly Policy[];
  readonly terms: readonly Terms[];
  readonly existing: readonly ConversionRow[];
  readonly renewed: readonly Renewed[];
  /** Whose the keys are: of the customers in question, and of everybody seen in a browser of theirs. */
  readonly customers: readonly KnownCustomer[];
  /** The customers' browsers, and who was seen in these and in the orders' own. */
  readonly edges: readonly Edge[];
  readonly identifications: readonly Identification[];
  readonly locks: readonly (Lock & { readonly customerId: CustomerId })[];
  readonly firstOrders: readonly { readonly customerId: CustomerId; readonly conversionId: ConversionId }[];
  readonly codes: readonly Code[];
  /** Orders of these customers and browsers that something told later may still change. */
  readonly open: readonly ConversionId[];
}

/** The order that a renewal takes its allocation from. */
export interface Renewed {
  readonly id: ConversionId;
  readonly event: string;
  readonly orderId: string;
  readonly verified: boolean;
  /** When the subscription's very first order occurred. */
  readonly firstAt: number;
  readonly allocations: readonly (Share & { readonly termsVersion: number })[];
}

/** Whom a click may be told of. */
export interface ClickTargets {
  readonly partners: readonly EnrolledPartner[];
  readonly links: readonly { readonly code: string; readonly linkId: LinkId; readonly partnerId: PartnerId }[];
  readonly codes: readonly { readonly code: string; readonly partnerId: PartnerId | null }[];
}

/** How partners stand in a program, with what their links and groups say. */
export interface Standing {
  readonly enrollments: readonly EnrolledPartner[];
  readonly placements: readonly Placement[];
  readonly overrides: readonly Override[];
  /** Who signs in for them. */
  readonly members: readonly { readonly partnerId: PartnerId; readonly email: string }[];
}

/** A conversion with everything that was decided about it. */
export interface ConversionRecord {
  readonly conversion: ConversionRow;
  readonly allocations: readonly AllocationRow[];
  readonly commissions: readonly CommissionRow[];
  /** What the lines are called: goods' names, else their sku; by number. */
  readonly lines: ReadonlyMap<number, string>;
}

export type Change =
  /** A new order, or (`replaces`) a corrected one if that version is still the one stored and nothing is locked. */
  | { kind: 'conversion'; record: ConversionRecord & { readonly items: readonly ItemRow[] }; replaces: number | null }
  | { kind: 'posting'; transaction: Transaction }
  /** Binds a customer who is unbound still, or bound to the partner named in `instead`. */
  | {
      kind: 'lock';
      programId: ProgramId;
      customerId: CustomerId;
      partnerId: PartnerId;
      boundAt: number;
      instead: PartnerId | null;
    }
  | { kind: 'first_order'; programId: ProgramId; customerId: CustomerId; conversionId: ConversionId }
  /** Nobody earned an order, or nothing proved who did, as far as was known: `moved` when more has arrived since. */
  | { kind: 'unheard'; programId: ProgramId; heard: Heard }
  /** A server has proven what an order's credit rests on. */
  | { kind: 'verified'; programId: ProgramId; id: ConversionId; version: number }
  /** A partner joins a program; `moved` when its slug is taken. With an address, a person who may sign in for it. */
  | {
      kind: 'partner';
      programId: ProgramId;
      enrollment: EnrolledPartner;
      person: { id: PersonId; email: string; membershipId: MembershipId } | null;
    }
  | { kind: 'enrollment'; programId: ProgramId; enrollment: EnrolledPartner }
  /** `moved` when the code is taken, in this program or another. */
  | { kind: 'link'; link: Link }
  | { kind: 'group'; group: Group }
  /** `moved` when the program has that code already. */
  | { kind: 'code'; programId: ProgramId; code: Code; createdAt: number }
  | { kind: 'placement'; programId: ProgramId; placement: Placement }
  | { kind: 'override'; programId: ProgramId; savedAt: number; override: Override }
  | { kind: 'audit'; entry: AuditEntry }
  /** Links of the log's chain, and the entries that wait no longer; `moved` when another round was first. */
  | { kind: 'seals'; programId: ProgramId; at: number; links: readonly ChainLink[]; settled: readonly AuditId[] }
  | { kind: 'terms'; programId: ProgramId; savedAt: number; terms: Terms }
  /** A new version; `moved` when somebody else saved that number first. */
  | { kind: 'policy'; programId: ProgramId; savedAt: number; policy: Policy }
  /** What a call that named itself is answered. Throws `AlreadyAnswered` when the name has an answer, whatever else is in the batch. */
  | { kind: 'answer'; answer: Answer }
  /** Moves a sandbox's clock forward, to run this far ahead; never back, and never a live program's. */
  | { kind: 'clock'; programId: ProgramId; offsetMs: number }
  | IdentityChange
  | AccountChange;

/** How much was known of an order's people and browsers when it was read. */
export interface Heard {
  readonly customerId: CustomerId | null;
  readonly hashes: readonly string[];
  /** Browsers that these were seen in; one that is proven counts twice. */
  readonly edges: number;
  readonly visitorId: VisitorId | null;
  /** Who was seen in the order's own browser. */
  readonly identifications: number;
  readonly visitors: readonly VisitorId[];
  /** Clicks of all these browsers; null where there are too many to count. */
  readonly touches: number | null;
}

/** `moved`: somebody else was first; nothing was written. */
export type Commit = 'done' | 'moved';

/** Whose rows: a program's, or of it one partner's. */
export interface Scope {
  readonly programId: ProgramId;
  readonly partnerId: PartnerId | null;
}

export type ConversionKey = { id: ConversionId } | { event: string; orderId: string };

/** A call may be repeated under its name for this long. */
export const ANSWER_TTL_MS = 86_400_000;
