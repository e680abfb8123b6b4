/**
 * People, keys and the log in words: what a role may, what a key's scope opens, who did what. Typed by the engine's own
 * lists, as `words.ts` is.
 */
import type { AuditAnswer, KeyAnswer, Role, Scope, SessionLine, Where } from './api.ts';
import type { PartnerRole, ProgramRole } from '../edge/core/access.ts';
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
    may: 'Sees orders, balances and the audit log; prepares and sends payouts. Always with a second factor.',
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
  people: { name: 'People', opens: 'Who takes part, but for owners and finance.' },
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

/** Why a single sign-on came back without somebody, as `?problem=` says it. */
const PROBLEMS: Record<string, string> = {
  not_linked:
    'Your single sign-on is not linked to anybody here yet. Sign in by mail or passkey first; you can link it under Security.',
  link_over: 'That took longer than 15 minutes, or it was begun in another browser. Try again here.',
  too_many_tries: 'That was tried too often. Wait a quarter of an hour, then try again.',
  not_found: 'There is no single sign-on here.',
};

export const problemWords = (code: string): string =>
  known(PROBLEMS, code) ?? 'The single sign-on did not let you in. Try again, or sign in by mail.';

/** What was done, after the name of who did it. `$` is to what. */
const ACTS: Record<string, string> = {
  'session.moved': 'looked from another place',
  'person.renamed': 'changed a name: $',
  'member.joined': 'joined the team',
  'member.declined': 'turned an invitation down',
  'conversion.force': 'named the partner of an order: $',
};

/** As `looked from another place`. */
export function actWords(act: string, subject: string): string {
  return (known(ACTS, act) ?? `${spoken(act.replaceAll('.', ' ')).toLowerCase()}: $`).replace('$', () => subject);
}

export const ACT_NAMES = Object.keys(ACTS);

/** Who did it: somebody, a key, or nobody. */
export function actorWords({ actor }: Pick<AuditAnswer, 'actor'>, names: ReadonlyMap<string, string>): string {
  if (actor.kind === 'system') return 'Tributary itself';
  const name = actor.name ?? names.get(`${actor.kind}:${actor.id}`);
  if (actor.kind === 'key') return name ? `The key “${name}”` : 'A key';
  return name || 'Somebody';
}
