/** The audit log, as flows write it: an entry beside the act, in the same commit. */
import type { AuditAct } from '../core/audit.ts';
import { makeId, type PartnerId, type PersonId, type ProgramId } from '../core/id.ts';
import type { Change, Deps, OpenSession } from '../deps.ts';
import { outside } from './tries.ts';
import { sealFor } from './vault.ts';

export interface Entry {
  readonly act: AuditAct;
  /** What it was done to: `partner:<id>`, `key:<id>`, `person:<id>`. */
  readonly subject: string;
  readonly before?: unknown;
  readonly after?: unknown;
  /** On whose behalf, where the act is of another place than the one that is looked from. */
  readonly partnerId?: PartnerId | null;
}

type Noted = Change & { kind: 'audit' };

/** The entry of an act that is about to be committed; from where a person did it is sealed. */
export async function audited(deps: Deps, programId: ProgramId, entry: Entry): Promise<Noted> {
  const { actor, address } = deps.by;
  const personId = personOf(actor);
  if (address === null || !personId) return noted(deps, programId, entry);
  const by = { ...deps.by, address: await sealFor(deps, personId, address) };
  return noted({ ...deps, by }, programId, entry);
}

/** An entry in the log of every program where this person has a place: what they changed of themself concerns each. */
export async function auditedOf(deps: Deps, personId: PersonId, entry: Omit<Entry, 'subject'>): Promise<Change[]> {
  const joined = (await deps.accounts.places(personId)).filter((one) => one.joinedAt !== null);
  const programs = new Map<ProgramId, PartnerId | null>();
  for (const { programId, partnerId } of joined) {
    programs.set(programId, programs.has(programId) && programs.get(programId) !== partnerId ? null : partnerId);
  }
  const subject = `person:${personId}`;
  const entries = [...programs].map(([programId, partnerId]) =>
    audited(deps, programId, { ...entry, subject, partnerId }),
  );
  return Promise.all(entries);
}

/**
 * What a session did, in the log of the program that it looks from. A call that names no place of the person's is no way to
 * do it unseen: then it is in the log of each.
 */
export async function auditedBy(
  deps: Deps,
  { session: { personId }, place }: OpenSession,
  entry: Omit<Entry, 'subject'>,
): Promise<Change[]> {
  if (!place) return auditedOf(deps, personId, entry);
  return [await audited(deps, place.programId, { ...entry, subject: `person:${personId}` })];
}

/** An entry as it is kept, with where it was done from in clear: where no person acts, or what is theirs is sealed already. */
export function noted(deps: Deps, programId: ProgramId, entry: Entry): Noted {
  const { act, subject, before = null, after = null } = entry;
  const { actor, country, address } = deps.by;
  const { partnerId = deps.by.partnerId } = entry;
  // What a sandbox's clock says is no evidence of when somebody acted.
  const at = outside(deps);
  const origin = country === null && address === null ? null : { country, address };
  const id = makeId<'audit'>(at, deps.random(10));
  return { kind: 'audit', entry: { programId, id, at, actor, act, subject, before, after, partnerId, origin } };
}

export const iso = (ms: number): string => new Date(ms).toISOString();

export const personOf = (actor: string): PersonId | null =>
  actor.startsWith('person:') ? (actor.slice('person:'.length) as PersonId) : null;
