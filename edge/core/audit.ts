/**
 * The audit log: which acts there are, and the chain that seals their entries.
 *
 * An entry is hashed as it is stored, with the hash before it, so that no column can be altered, no entry taken out and
 * none put between unseen. Beside each hash stands an HMAC under our keys: who can write to the database and nothing more
 * cannot make the chain anew. Each link proves itself, so that one altered entry is named, and no other.
 */
import type { AuditId, ProgramId } from './id.ts';
import type { KeyRing } from './key-ring.ts';
import { hexOf, isMacOf, macOf } from './seal.ts';

/** Every act that is logged, in plain words. Clicks and orders are their own record. */
export const AUDIT_ACTS = {
  'program.created': 'The program was set up.',
  'policy.changed': 'How the program credits was changed: a new version of its policy.',
  'terms.set': 'What partners earn was set: a new version of the terms.',
  'partner.added': 'A partner joined.',
  'partner.changed': 'A partner was paused, ended, taken back or moved to another group.',
  'group.added': 'A group of partners was made.',
  'group.changed': 'A group’s own settings were changed.',
  'link.added': 'A link was made.',
  'link.changed': 'A link’s own settings were changed.',
  'code.added': 'A discount code was given.',
  'conversion.forced': 'An order named the partner who earns it.',
  'clock.moved': 'The sandbox’s clock was moved forward.',
  'member.invited': 'Somebody was invited.',
  'member.joined': 'Somebody took up an invitation.',
  'member.declined': 'Somebody turned an invitation down.',
  'member.changed': 'Somebody’s role was changed.',
  'member.removed': 'Somebody’s place was taken away.',
  'member.left': 'Somebody gave their place up.',
  'key.made': 'A key was made.',
  'key.rotated': 'A key got a successor, and an end.',
  'key.revoked': 'A key was revoked.',
  'person.renamed': 'Somebody changed their own name.',
  'session.started': 'Somebody signed in.',
  'session.ended': 'Somebody signed out, here or elsewhere.',
  'session.others_ended': 'Somebody signed out everywhere else.',
  'session.moved': 'Somebody looked from another of their places.',
  'second_factor.shown': 'Somebody showed a second factor.',
  'second_factor.refused': 'A second factor was wrong.',
  'totp.added': 'Somebody added an authenticator app.',
  'totp.removed': 'Somebody removed their authenticator app.',
  'recovery_codes.renewed': 'Somebody made new recovery codes.',
  'passkey.added': 'Somebody added a passkey.',
  'passkey.renamed': 'Somebody gave a passkey another name.',
  'passkey.removed': 'Somebody removed a passkey.',
  'single_sign_on.linked': 'Somebody linked the single sign-on.',
  'single_sign_on.unlinked': 'Somebody unlinked the single sign-on.',
  'audit.exported': 'The audit log was exported.',
} as const;
export type AuditAct = keyof typeof AUDIT_ACTS;

/** An entry, column by column as the database holds it: JSON as its text. */
export interface StoredEntry {
  readonly programId: ProgramId;
  readonly id: AuditId;
  readonly at: number;
  readonly actor: string;
  readonly act: string;
  readonly subject: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly partnerId: string | null;
  readonly origin: string | null;
}

/** The end of a chain. */
export interface Head {
  readonly number: number;
  readonly hash: string;
}

/** A link of the chain, as it is stored. */
export interface ChainLink extends Head {
  readonly auditId: AuditId;
  readonly mac: string;
}

/** A link with its entry; null: the entry is gone. */
export interface SealedEntry {
  readonly link: ChainLink;
  readonly entry: StoredEntry | null;
}

/** What is not as it was sealed; the number of an entry without a link, and the id of one without a trace, is null. */
export interface Flaw {
  readonly number: number | null;
  readonly id: string | null;
  /** `missing`: entry or link is gone. `unsealed`: it should have its link by now. */
  readonly what: 'altered' | 'missing' | 'unsealed';
}

const PURPOSE = 'tributary: links of the audit log, 1';
/** A gap is told number by number up to so many. */
const MAX_TOLD = 100;

/** What a program's first link is chained to. */
export const startOf = (programId: ProgramId): Head => ({ number: 0, hash: programId });

/** An entry as one text: no two that differ in any column have the same. */
export const canonical = (entry: StoredEntry): string => {
  const { programId, id, at, actor, act, subject, before, after, partnerId, origin } = entry;
  return JSON.stringify([1, programId, id, at, actor, act, subject, before, after, partnerId, origin]);
};

/** The links that these entries, in this order, add to a chain. */
export async function linksOf(head: Head, entries: readonly StoredEntry[], keys: KeyRing): Promise<ChainLink[]> {
  const links: ChainLink[] = [];
  let end = head;
  for (const entry of entries) {
    const number = end.number + 1;
    const hash = await hashOf(end.hash, number, entry);
    const mac = await macOf(provenBy(number, hash, entry), { purpose: PURPOSE, keys });
    links.push({ number, auditId: entry.id, hash, mac });
    end = { number, hash };
  }
  return links;
}

/**
 * Whether a stretch of a chain holds, from the link after `head` on. An entry is compared with its own link, over the hash
 * of the link before as stored; where that one is not to be trusted, or gone, the HMAC of the link's own tells alone.
 */
export async function verifyChain(
  head: Head & { readonly sound?: boolean },
  rows: readonly SealedEntry[],
  keys: KeyRing,
): Promise<{ flaws: Flaw[]; head: Head & { readonly sound: boolean } }> {
  const flaws: Flaw[] = [];
  let end = { number: head.number, hash: head.hash, sound: head.sound ?? true };
  for (const { link, entry } of rows) {
    const { number, auditId: id, hash } = link;
    const gap = Math.min(number - end.number - 1, MAX_TOLD);
    for (let lost = 1; lost <= gap; lost++) flaws.push({ number: end.number + lost, id: null, what: 'missing' });
    const chained = end.sound && gap <= 0;
    const proven =
      entry !== null && (await isMacOf(link.mac, provenBy(number, hash, entry), { purpose: PURPOSE, keys }));
    const holds = proven && (!chained || hash === (await hashOf(end.hash, number, entry)));
    if (!holds) flaws.push({ number, id, what: entry === null ? 'missing' : 'altered' });
    end = { number, hash, sound: holds };
  }
  return { flaws, head: end };
}

const provenBy = (number: number, hash: string, entry: StoredEntry): string =>
  `${number}\n${hash}\n${canonical(entry)}`;

async function hashOf(before: string, number: number, entry: StoredEntry): Promise<string> {
  const text = new TextEncoder().encode(`${before}\n${number}\n${canonical(entry)}`);
  return hexOf(new Uint8Array(await crypto.subtle.digest('SHA-256', text)));
}

/** What differs between two states of one thing: only that is kept, before and after. */
export function difference<State extends object>(
  before: State,
  after: State,
): { before: Partial<State>; after: Partial<State> } | null {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])] as (keyof State)[];
  const changed = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  if (changed.length === 0) return null;
  const of = (state: State) =>
    Object.fromEntries(changed.filter((name) => name in state).map((name) => [name, state[name]])) as Partial<State>;
  return { before: of(before), after: of(after) };
}
