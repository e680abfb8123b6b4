/** Changes to people, their places, sessions and proofs, and to keys, as statements of the one commit. */
import { and, eq, gt, inArray, isNull, lt, ne, type SQL, sql } from 'drizzle-orm';
import type { BatchItem } from 'drizzle-orm/batch';
import type { DrizzleD1Database } from 'drizzle-orm/d1';
import type { AccountChange } from './account-records.ts';
import * as schema from './schema.ts';

/** `mustHold`: aborts the batch unless the condition holds, as having moved. */
export function createAccountStatements(
  db: DrizzleD1Database<typeof schema>,
  mustHold: (condition: SQL) => BatchItem<'sqlite'>,
): (change: AccountChange) => BatchItem<'sqlite'>[] {
  const { attempts, keys, memberships, passkeys, people, personKeys, recoveryCodes, sessions, singleSignOns, totps } =
    schema;
  const once = (statement: BatchItem<'sqlite'>) => [statement, mustHold(sql`changes() = 1`)];

  return (change) => {
    switch (change.kind) {
      case 'resealed': {
        const { what, personId, was, sealed } = change;
        const table = what === 'totp' ? totps : personKeys;
        const which = and(eq(table.personId, personId), eq(table.sealed, was));
        return [db.update(table).set({ sealed }).where(which)];
      }
      case 'person':
        return [db.insert(people).values(change.person).onConflictDoNothing({ target: people.email })];
      case 'person_name':
        return [db.update(people).set({ name: change.name }).where(eq(people.id, change.personId))];
      case 'place': {
        const { id, programId, partnerId, role, joinedAt, vouched } = change.place;
        return [
          db.insert(memberships).select(
            sql`SELECT ${id}, id, ${programId}, ${partnerId}, ${role}, ${joinedAt}, ${Number(vouched)}
              FROM ${people} WHERE ${people.email} = ${change.email}`,
          ),
        ];
      }
      case 'place_role': {
        const { programId, id, role, was } = change;
        const which = and(eq(memberships.programId, programId), eq(memberships.id, id));
        return [
          ...once(
            db
              .update(memberships)
              .set({ role })
              .where(and(which, eq(memberships.role, was))),
          ),
          db
            .update(sessions)
            .set({ rotates: true })
            .where(
              sql`${sessions.personId} = (SELECT person_id FROM ${memberships} WHERE ${which} AND joined_at IS NOT NULL)`,
            ),
        ];
      }
      case 'place_joined':
        return [
          ...once(
            db
              .update(memberships)
              .set({ joinedAt: change.at })
              .where(
                and(
                  eq(memberships.id, change.id),
                  eq(memberships.personId, change.personId),
                  isNull(memberships.joinedAt),
                ),
              ),
          ),
          db.update(sessions).set({ rotates: true }).where(eq(sessions.personId, change.personId)),
        ];
      case 'place_declined':
        return once(
          db
            .delete(memberships)
            .where(
              and(
                eq(memberships.id, change.id),
                eq(memberships.personId, change.personId),
                isNull(memberships.joinedAt),
              ),
            ),
        );
      case 'place_gone': {
        const { programId, id, role, joinedAt } = change;
        const as = joinedAt === null ? isNull(memberships.joinedAt) : eq(memberships.joinedAt, joinedAt);
        const which = and(eq(memberships.programId, programId), eq(memberships.id, id), eq(memberships.role, role), as);
        const theirs = sql`(SELECT person_id FROM ${memberships} WHERE ${which})`;
        return [
          // An invitation opened nothing: taking it back must not sign a stranger out.
          ...(joinedAt === null ? [] : [db.delete(sessions).where(sql`${sessions.personId} = ${theirs}`)]),
          ...once(db.delete(memberships).where(which)),
        ];
      }
      case 'owner_left': {
        const { programId, partnerId } = change;
        // Each side has an index of its own, which `IS` with a parameter would not find.
        const side = partnerId === null ? sql`partner_id IS NULL` : sql`partner_id = ${partnerId}`;
        return [
          mustHold(sql`EXISTS (SELECT 1 FROM ${memberships} WHERE program_id = ${programId} AND ${side}
            AND role = 'owner' AND joined_at IS NOT NULL)`),
        ];
      }
      case 'session':
        return [db.insert(sessions).values(change.session)];
      case 'session_end': {
        const { personId, only, but } = change;
        const which = only ? eq(sessions.id, only) : but ? ne(sessions.id, but) : undefined;
        return [db.delete(sessions).where(and(eq(sessions.personId, personId), which))];
      }
      case 'session_place':
        return [db.update(sessions).set({ membershipId: change.membershipId }).where(eq(sessions.id, change.id))];
      case 'session_second': {
        const { id, was, hash, at } = change;
        return once(
          db
            .update(sessions)
            .set({ hash, previousHash: was, rotatedAt: at, rotates: false, secondAt: at })
            .where(and(eq(sessions.id, id), eq(sessions.hash, was))),
        );
      }
      case 'attempt':
        return [db.insert(attempts).values(change.attempt)];
      case 'attempt_used': {
        const { hash, browserHash, at } = change;
        return once(
          db
            .update(attempts)
            .set({ usedAt: at })
            .where(
              and(
                eq(attempts.hash, hash),
                eq(attempts.browserHash, browserHash),
                isNull(attempts.usedAt),
                gt(attempts.endsAt, at),
              ),
            ),
        );
      }
      case 'passkey':
        return [db.insert(passkeys).values(change.passkey)];
      case 'passkey_used': {
        const { id, was, counter, at } = change;
        return once(
          db
            .update(passkeys)
            .set({ counter, lastUsedAt: at })
            .where(and(eq(passkeys.id, id), eq(passkeys.counter, was))),
        );
      }
      case 'passkey_name': {
        const { personId, id, name } = change;
        const which = and(eq(passkeys.personId, personId), eq(passkeys.id, id));
        return once(db.update(passkeys).set({ name }).where(which));
      }
      case 'passkey_gone':
        return once(db.delete(passkeys).where(and(eq(passkeys.personId, change.personId), eq(passkeys.id, change.id))));
      case 'totp':
        return once(
          db
            .insert(totps)
            .values(change.totp)
            .onConflictDoUpdate({ target: totps.personId, set: change.totp, setWhere: isNull(totps.confirmedAt) }),
        );
      case 'totp_step': {
        const { personId, sealed, step, at } = change;
        return once(
          db
            .update(totps)
            .set({ lastStep: step, confirmedAt: sql`coalesce(${totps.confirmedAt}, ${at})` })
            .where(and(eq(totps.personId, personId), eq(totps.sealed, sealed), lt(totps.lastStep, step))),
        );
      }
      case 'totp_gone':
        return once(db.delete(totps).where(eq(totps.personId, change.personId)));
      case 'recovery_codes': {
        const { personId, hashes } = change;
        const rows = hashes.map((hash) => ({ personId, hash, usedAt: null }));
        return [
          db.delete(recoveryCodes).where(eq(recoveryCodes.personId, personId)),
          ...(rows.length > 0 ? [db.insert(recoveryCodes).values(rows)] : []),
        ];
      }
      case 'recovery_used': {
        const { personId, hashes, at } = change;
        return once(
          db
            .update(recoveryCodes)
            .set({ usedAt: at })
            .where(
              and(
                eq(recoveryCodes.personId, personId),
                inArray(recoveryCodes.hash, [...hashes]),
                isNull(recoveryCodes.usedAt),
              ),
            ),
        );
      }
      case 'single_sign_on':
        return [db.insert(singleSignOns).values(change.link)];
      case 'single_sign_on_gone': {
        const { personId, issuer, subject } = change;
        return once(
          db
            .delete(singleSignOns)
            .where(
              and(
                eq(singleSignOns.issuer, issuer),
                eq(singleSignOns.subject, subject),
                eq(singleSignOns.personId, personId),
              ),
            ),
        );
      }
      case 'key':
        return [db.insert(keys).values(change.key)];
      case 'key_room': {
        const { programId, at, limit } = change;
        const live = sql`SELECT count(*) FROM ${keys} WHERE program_id = ${programId} AND revoked_at IS NULL
          AND (expires_at IS NULL OR expires_at > ${at})`;
        return [mustHold(sql`(${live}) <= ${limit}`)];
      }
      case 'key_expires': {
        const { programId, id, was, at } = change;
        const asThought = was === null ? isNull(keys.expiresAt) : eq(keys.expiresAt, was);
        const which = and(eq(keys.programId, programId), eq(keys.id, id), isNull(keys.revokedAt), asThought);
        return once(db.update(keys).set({ expiresAt: at }).where(which));
      }
      case 'key_revoked': {
        const { programId, id, at } = change;
        const which = and(eq(keys.programId, programId), eq(keys.id, id), isNull(keys.revokedAt));
        return once(db.update(keys).set({ revokedAt: at }).where(which));
      }
    }
  };
}
