/**
 * People, keys and the log in words: what a role may, what a key's scope opens, who did what. Typed by the engine's own
 * lists, as `words.ts` is.
 */

import type { SignInProblem } from '../edge/contract-people.ts';
import type { PartnerRole, ProgramRole } from '../edge/core/access.ts';
import type { AuditAct } from '../edge/core/audit.ts';
import type { AuditAnswer, KeyAnswer, Role, Scope, SessionLine, Where } from './api.ts';
import { spoken } from './words.ts';

interface RoleWords {
  name: string;
  /** What somebody with it may do. */
  may: string;
}

const OF_PROGRAM: Record<ProgramRole, RoleWords> = {
  owner: { name: 'Owner', may: 'Everything: the team, the keys, the money and how the program is run.' },
  manager: {
    name: 'Manager',
    may: 'Runs the program: partners and their people, links, codes, terms. Sends no money and makes no keys.',
  },
  finance: {
    name: 'Finance',
    may: 'Sees orders, balances and the audit log; prepares and sends payouts. Always with a second proof.',
  },
  compliance: {
    name: 'Compliance',
    may: 'Sees orders, partners, the team, the keys and the audit log, to check on them. Changes nothing.',
  },
  analyst: { name: 'Analyst', may: 'Sees orders, partners and balances. Changes nothing.' },
};

const OF_PARTNER: Record<PartnerRole, RoleWords> = {
  owner: { name: 'Owner', may: 'Sees all of this partner’s, brings people in, and says where its money goes.' },
  member: { name: 'Member', may: 'Sees this partner’s orders, links, codes and earnings. Changes nothing.' },
};

const known = <Words>(table: Record<string, Words>, code: string): Words | undefined =>
  Object.hasOwn(table, code) ? table[code] : undefined;

/** `partner`: null is the program's side. */
export const roleWords = (role: Role, partner: unknown): RoleWords =>
  known<RoleWords>(partner === null ? OF_PROGRAM : OF_PARTNER, role) ?? { name: spoken(role), may: '' };

/** Whose place it is, as a name. */
export const placeName = ({ partner, program }: Pick<Where, 'partner' | 'program'>): string =>
  partner?.name || partner?.slug || program.name;

const SCOPES: Record<Scope, { name: string; opens: string }> = {
  read: { name: 'Read', opens: 'Orders, partners, links, codes, figures and balances.' },
  track: { name: 'Track', opens: 'Tells clicks, customers and orders: what a shop’s server needs.' },
  manage: { name: 'Manage', opens: 'Partners, links, codes, groups, terms and the program’s settings.' },
  people: { name: 'People', opens: 'Who takes part, but for owners, managers and finance.' },
  keys: { name: 'Keys', opens: 'Makes and revokes keys. Give it only where something must do that by itself.' },
  audit: { name: 'Audit log', opens: 'Reads the log of who did what.' },
};

export const scopeWords = (scope: Scope): { name: string; opens: string } =>
  known(SCOPES, scope) ?? { name: spoken(scope), opens: '' };

export const KIND_WORDS: Record<KeyAnswer['kind'], { name: string; more: string }> = {
  publishable: {
    name: 'Publishable',
    more: 'Stands in the shop’s pages, for everybody to see. It can only tell that a page was visited.',
  },
  secret: { name: 'Secret', more: 'For servers. Whoever has it can do what its scopes say: keep it as a password.' },
};

export const METHOD_WORDS: Record<SessionLine['method'], string> = {
  link: 'by a letter',
  passkey: 'by a passkey',
  oidc: 'by single sign-on',
};

const regions = new Intl.DisplayNames(undefined, { type: 'region' });
/** `DE` → Germany. */
export function countryName(code: string): string {
  try {
    return regions.of(code) ?? code;
  } catch {
    return code;
  }
}

/** Why a single sign-on led nowhere, as `?problem=` says it. */
const PROBLEMS: Record<SignInProblem, string> = {
  not_linked:
    'Your single sign-on is not linked to anybody here yet. Sign in by mail or passkey first; you can link it under Security.',
  link_over: 'That took too long, or it was begun in another browser. Try again here.',
  refused: 'The single sign-on did not say who you are. Try again, or choose another way.',
  not_staff: 'Single sign-on is for the shop’s own people. Sign in by mail or with a passkey.',
  taken: 'Somebody else here has linked that account. Whoever uses it can unlink it under Security.',
  single_sign_on_down: 'The single sign-on does not answer. Try again in a minute, or choose another way.',
  too_many_tries: 'That was tried too often. Wait a quarter of an hour, then try again.',
};

export const problemWords = (code: string): string => known(PROBLEMS, code) ?? PROBLEMS.refused;

interface ActWords {
  /** In a list of acts. */
  name: string;
  /** After the name of who did it; `$` is to what. */
  did: string;
}

/** What the log may say; an act of a newer engine is shown as it came, readably. */
export const ACTS: Readonly<Record<AuditAct, ActWords>> = {
  'session.started': { name: 'Signed in', did: 'signed in' },
  'session.ended': { name: 'Signed out', did: 'signed out, here or elsewhere' },
  'session.others_ended': { name: 'Signed out everywhere else', did: 'signed out everywhere else' },
  'session.moved': { name: 'Changed place', did: 'looked from another place' },
  'second_factor.shown': { name: 'Showed a second proof', did: 'showed a second proof' },
  'second_factor.refused': { name: 'Second proof refused', did: 'showed a second proof that was wrong' },
  'totp.added': { name: 'Added an authenticator app', did: 'added an authenticator app' },
  'totp.removed': { name: 'Removed an authenticator app', did: 'removed their authenticator app' },
  'recovery_codes.renewed': { name: 'Made recovery codes', did: 'made new recovery codes' },
  'passkey.added': { name: 'Added a passkey', did: 'added a passkey' },
  'passkey.renamed': { name: 'Renamed a passkey', did: 'renamed a passkey' },
  'passkey.removed': { name: 'Removed a passkey', did: 'removed a passkey' },
  'single_sign_on.linked': { name: 'Linked single sign-on', did: 'linked the single sign-on' },
  'single_sign_on.unlinked': { name: 'Unlinked single sign-on', did: 'unlinked the single sign-on' },
  'person.renamed': { name: 'Changed a name', did: 'changed their name' },
  'member.invited': { name: 'Invited somebody', did: 'invited $' },
  'member.joined': { name: 'Joined', did: 'joined' },
  'member.declined': { name: 'Turned an invitation down', did: 'turned an invitation down' },
  'member.changed': { name: 'Changed a role', did: 'changed the role of $' },
  'member.removed': { name: 'Removed somebody', did: 'removed $' },
  'member.left': { name: 'Left', did: 'left' },
  'key.made': { name: 'Made a key', did: 'made the key $' },
  'key.rotated': { name: 'Replaced a key', did: 'replaced the key $' },
  'key.revoked': { name: 'Revoked a key', did: 'revoked the key $' },
  'partner.added': { name: 'Added a partner', did: 'added the partner $' },
  'partner.changed': { name: 'Changed a partner', did: 'changed the partner $' },
  'link.added': { name: 'Added a link', did: 'added the link $' },
  'link.changed': { name: 'Changed a link', did: 'changed the link $' },
  'code.added': { name: 'Added a code', did: 'added the code $' },
  'group.added': { name: 'Added a group', did: 'added the group $' },
  'group.changed': { name: 'Changed a group', did: 'changed the group $' },
  'terms.set': { name: 'Set terms', did: 'set new terms' },
  'policy.changed': { name: 'Changed how orders are credited', did: 'changed how orders are credited' },
  'program.created': { name: 'Set the program up', did: 'set the program up' },
  'clock.moved': { name: 'Moved the sandbox’s clock', did: 'moved the sandbox’s clock' },
  'conversion.forced': { name: 'Named an order’s partner', did: 'named the partner of the order $' },
  'audit.exported': { name: 'Saved this log as a file', did: 'saved this log as a file' },
};

type Told = Pick<AuditAnswer, 'act' | 'subject' | 'before' | 'after' | 'actor'>;
type Names = ReadonlyMap<string, string>;

/** As `made the key “shop server”`. */
export function actWords(entry: Told, names: Names): string {
  const did = known<ActWords>(ACTS, entry.act)?.did;
  if (did) return did.replace('$', () => whatWords(entry, names));
  const [kind] = entry.subject.split(':');
  return `did “${spoken(entry.act.replaceAll('.', ' ')).toLowerCase()}” to ${kind} ${whatWords(entry, names)}`.trim();
}

/** By which an entry's own fields say what it is about, best first. */
const NAMING = ['email', 'name', 'orderId', 'code', 'slug'];

/** What an entry itself calls what it is about. */
export function ownName({ before, after }: Pick<AuditAnswer, 'before' | 'after'>): string | null {
  const fields = { ...fieldsOf(before), ...fieldsOf(after) };
  const own = NAMING.map((field) => fields[field]).find((value) => typeof value === 'string' && value !== '');
  return typeof own === 'string' ? own : null;
}

/** What it was done to: by a name that is known here, or as the entry itself says it. */
function whatWords(entry: Told, names: Names): string {
  const name = names.get(entry.subject) ?? ownName(entry);
  if (name) return `“${name}”`;
  const [, id] = entry.subject.split(':');
  return id ? `…${id.slice(-6)}` : '';
}

/** What an entry has as before and after; texts and numbers have no name of their own. */
export function fieldsOf(value: unknown): Record<string, unknown> {
  if (value === null || value === undefined) return {};
  return typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : { value };
}

/** Who did it: somebody, a key, or nobody. */
export function actorWords({ actor }: Pick<AuditAnswer, 'actor'>, names: Names): string {
  if (actor.kind === 'system') return 'Tributary itself';
  const name = actor.name || names.get(`${actor.kind}:${actor.id}`);
  if (actor.kind === 'key') return name ? `The key “${name}”` : 'A key';
  return name || 'Somebody';
}
