/**
 * D1: people who sign in, read; what is counted or noted of them in passing is written here, all else by `commit`.
 *
 * A person is known to the whole deployment, so a look-up by session, address, credential or subject names no program.
 */
import { and, asc, desc, eq, gt, isNull, or, type SQL, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/d1';
import type { Place } from '../core/access.ts';
import type { MembershipId, PartnerId, PersonId, ProgramId, SessionId } from '../core/id.ts';
import type {
  Attempt,
  Factors,
  Member,
  Membership,
  OpenSession,
  Passkey,
  Person,
  PersonPlace,
  SealedAtRest,
  SessionRow,
} from './account-records.ts';
import * as schema from './schema.ts';

export type * from './account-records.ts';

export interface Accounts {
  /** One round trip. `named`: the place that this call looks from, in place of the session's. */
  session(hash: string, of: { now: number; named: string | null }): Promise<OpenSession | null>;
  /** The session was used. */
  seen(id: SessionId, now: number): Promise<void>;
  /** Exchanges what the browser holds; false when another call was first. */
  rotate(id: SessionId, of: { was: string; hash: string; now: number }): Promise<boolean>;
  person(personId: PersonId): Promise<Person | null>;
  personByEmail(email: string): Promise<Person | null>;
  /** In the order they were given; invitations among them. */
  places(personId: PersonId): Promise<PersonPlace[]>;
  membership(programId: ProgramId, id: MembershipId): Promise<Membership | null>;
  /** Of the program's side (null), or of one partner. */
  members(programId: ProgramId, partnerId: PartnerId | null): Promise<Member[]>;
  /** Of the whole program, or (`partnerId`) of one partner. */
  member(programId: ProgramId, id: MembershipId, partnerId: PartnerId | null): Promise<Member | null>;
  /** Of all partners, each partner's together, those behind one of them. */
  membersOfPartners(
    programId: ProgramId,
    page: { limit: number; after: { partnerId: PartnerId; personId: PersonId } | null },
  ): Promise<Member[]>;
  sessions(personId: PersonId, now: number): Promise<SessionRow[]>;
  factors(personId: PersonId): Promise<Factors>;
  passkey(id: string): Promise<Passkey | null>;
  personOfSubject(issuer: string, subject: string): Promise<PersonId | null>;
  /** Begun in this browser, neither used nor over; by what finishes it, or by a mailed code. */
  attempt(
    by: { hash: string } | { codeHash: string },
    of: { browserHash: string; now: number },
  ): Promise<Attempt | null>;
  /** Counts one more try under each name, and answers for each how many there are in its span of time, and its end. */
  tried(tries: readonly { who: string; spanMs: number }[], now: number): Promise<{ used: number; endsAt: number }[]>;
  forgiven(whos: readonly string[]): Promise<void>;
  /** The sealed key of a person's values; the one given when there was none. */
  personKey(personId: PersonId, fresh: string): Promise<string>;
  personKeys(personIds: readonly PersonId[]): Promise<{ personId: PersonId; sealed: string }[]>;
  /** What is kept sealed and begins with none of these letters. */
  sealedApart(prefixes: readonly string[], limit: number): Promise<SealedAtRest[]>;
  /** Deletes what is over: sessions, attempts, counted tries. */
  sweep(of: { now: number; idleMs: number }): Promise<void>;
}

/** Calls of the browser that were on their way when what it holds was exchanged. */
const GRACE_MS = 30_000;
const DAY_MS = 86_400_000;

export function createAccounts(d1: D1Database): Accounts {
  const db = drizzle(d1, { schema });
  const { attempts, enrollments, memberships, partners, passkeys, people, personKeys } = schema;
  const { programs, recoveryCodes, sessions, singleSignOns, totps } = schema;
  const seats = (where: SQL | undefined) =>
    db
      .select({ place: memberships, person: people, partner: enrollments.slug })
      .from(memberships)
      .innerJoin(people, eq(people.id, memberships.personId))
      .leftJoin(
        enrollments,
        and(eq(enrollments.programId, memberships.programId), eq(enrollments.partnerId, memberships.partnerId)),
      )
      .where(where);

  return {
    async session(hash, { now, named }) {
      const [found] = await db
        .select({ session: sessions, place: memberships, clockOffsetMs: programs.clockOffsetMs })
        .from(sessions)
        .leftJoin(
          memberships,
          and(
            eq(memberships.id, named === null ? sessions.membershipId : sql`${named}`),
            eq(memberships.personId, sessions.personId),
            sql`${memberships.joinedAt} IS NOT NULL`,
          ),
        )
        .leftJoin(programs, eq(programs.id, memberships.programId))
        .where(
          and(
            or(eq(sessions.hash, hash), and(eq(sessions.previousHash, hash), gt(sessions.rotatedAt, now - GRACE_MS))),
            gt(sessions.endsAt, now),
          ),
        )
        .limit(1);
      if (!found) return null;
      const { session, place, clockOffsetMs } = found;
      // What a browser held before it showed a second factor opens no more than it did then.
      const late = session.hash !== hash && session.secondAt === session.rotatedAt;
      return {
        session: late ? { ...session, secondAt: null } : session,
        place: place && { ...(place as unknown as Place), membershipId: place.id },
        clockOffsetMs: clockOffsetMs ?? 0,
      };
    },

    async seen(id, now) {
      await db.update(sessions).set({ seenAt: now }).where(eq(sessions.id, id));
    },

    async rotate(id, { was, hash, now }) {
      const done = await db
        .update(sessions)
        .set({ hash, previousHash: was, rotatedAt: now, rotates: false })
        .where(and(eq(sessions.id, id), eq(sessions.hash, was)));
      return done.meta.changes === 1;
    },

    async person(personId) {
      const [found] = await db.select().from(people).where(eq(people.id, personId)).limit(1);
      return found ?? null;
    },

    async personByEmail(email) {
      const [found] = await db.select().from(people).where(eq(people.email, email)).limit(1);
      return found ?? null;
    },

    places: (personId) =>
      db
        .select({
          membershipId: memberships.id,
          role: memberships.role,
          joinedAt: memberships.joinedAt,
          programId: programs.id,
          programSlug: programs.slug,
          programName: programs.name,
          mode: programs.mode,
          currency: programs.currency,
          partnerId: memberships.partnerId,
          partnerSlug: enrollments.slug,
          partnerName: partners.name,
        })
        .from(memberships)
        .innerJoin(programs, eq(programs.id, memberships.programId))
        .leftJoin(
          enrollments,
          and(eq(enrollments.programId, memberships.programId), eq(enrollments.partnerId, memberships.partnerId)),
        )
        .leftJoin(partners, eq(partners.id, memberships.partnerId))
        .where(eq(memberships.personId, personId))
        .orderBy(asc(memberships.id)),

    async membership(programId, id) {
      const [found] = await db
        .select()
        .from(memberships)
        .where(and(eq(memberships.programId, programId), eq(memberships.id, id)))
        .limit(1);
      return found ?? null;
    },

    async members(programId, partnerId) {
      const side = partnerId === null ? isNull(memberships.partnerId) : eq(memberships.partnerId, partnerId);
      const found = await seats(and(eq(memberships.programId, programId), side)).orderBy(asc(memberships.id));
      return found.map(memberOf);
    },

    async member(programId, id, partnerId) {
      const side = partnerId ? eq(memberships.partnerId, partnerId) : undefined;
      const found = await seats(and(eq(memberships.programId, programId), eq(memberships.id, id), side)).limit(1);
      return found.map(memberOf)[0] ?? null;
    },

    async membersOfPartners(programId, { limit, after }) {
      const place = sql`(${memberships.partnerId}, ${memberships.personId})`;
      const found = await seats(
        and(
          eq(memberships.programId, programId),
          sql`${memberships.partnerId} IS NOT NULL`,
          after ? sql`${place} > (${after.partnerId}, ${after.personId})` : undefined,
        ),
      )
        .orderBy(asc(memberships.partnerId), asc(memberships.personId))
        .limit(limit);
      return found.map(memberOf);
    },

    sessions: (personId, now) =>
      db
        .select()
        .from(sessions)
        .where(and(eq(sessions.personId, personId), gt(sessions.endsAt, now)))
        .orderBy(desc(sessions.seenAt)),

    async factors(personId) {
      const [[totp], keys, [left], links] = await db.batch([
        db.select().from(totps).where(eq(totps.personId, personId)),
        db.select().from(passkeys).where(eq(passkeys.personId, personId)).orderBy(asc(passkeys.createdAt)),
        db
          .select({ count: sql<number>`count(*)` })
          .from(recoveryCodes)
          .where(and(eq(recoveryCodes.personId, personId), isNull(recoveryCodes.usedAt))),
        db.select().from(singleSignOns).where(eq(singleSignOns.personId, personId)),
      ]);
      return { totp: totp ?? null, passkeys: keys, recoveryCodesLeft: left?.count ?? 0, singleSignOns: links };
    },

    async passkey(id) {
      const [found] = await db.select().from(passkeys).where(eq(passkeys.id, id)).limit(1);
      return found ?? null;
    },

    async personOfSubject(issuer, subject) {
      const [found] = await db
        .select({ personId: singleSignOns.personId })
        .from(singleSignOns)
        .where(and(eq(singleSignOns.issuer, issuer), eq(singleSignOns.subject, subject)))
        .limit(1);
      return found?.personId ?? null;
    },

    async attempt(by, { browserHash, now }) {
      const [found] = await db
        .select()
        .from(attempts)
        .where(
          and(
            'hash' in by ? eq(attempts.hash, by.hash) : eq(attempts.codeHash, by.codeHash),
            eq(attempts.browserHash, browserHash),
            isNull(attempts.usedAt),
            gt(attempts.endsAt, now),
          ),
        )
        .limit(1);
      return found ?? null;
    },

    async tried(tries, now) {
      if (tries.length === 0) return [];
      const counts = tries.map(({ who, spanMs }) =>
        d1
          .prepare(
            `INSERT INTO tries (who, used, ends_at) VALUES (?1, 1, ?2)
             ON CONFLICT (who) DO UPDATE SET used = CASE WHEN ends_at > ?3 THEN used + 1 ELSE 1 END,
               ends_at = CASE WHEN ends_at > ?3 THEN ends_at ELSE ?2 END
             RETURNING used, ends_at AS endsAt`,
          )
          .bind(who, now + spanMs, now),
      );
      return (await d1.batch<{ used: number; endsAt: number }>(counts)).flatMap(({ results }) => results);
    },

    async forgiven(whos) {
      await d1
        .prepare('DELETE FROM tries WHERE who IN (SELECT value FROM json_each(?))')
        .bind(JSON.stringify(whos))
        .run();
    },

    async personKey(personId, fresh) {
      const [, { results }] = (await d1.batch<{ sealed: string }>([
        d1
          .prepare('INSERT INTO person_keys (person_id, sealed) VALUES (?, ?) ON CONFLICT DO NOTHING')
          .bind(personId, fresh),
        d1.prepare('SELECT sealed FROM person_keys WHERE person_id = ?').bind(personId),
      ])) as [unknown, D1Result<{ sealed: string }>];
      return results[0]?.sealed ?? fresh;
    },

    async personKeys(personIds) {
      if (personIds.length === 0) return [];
      return db
        .select()
        .from(personKeys)
        .where(sql`${personKeys.personId} IN (SELECT value FROM json_each(${JSON.stringify(personIds)}))`);
    },

    async sealedApart(prefixes, limit) {
      const apart = 'substr(sealed, 1, 2) NOT IN (SELECT value FROM json_each(?1))';
      const { results } = await d1
        .prepare(
          `SELECT 'person_key' AS what, person_id AS personId, sealed FROM person_keys WHERE ${apart}
           UNION ALL SELECT 'totp', person_id, sealed FROM totps WHERE ${apart} LIMIT ?2`,
        )
        .bind(JSON.stringify(prefixes), limit)
        .all<SealedAtRest>();
      return results;
    },

    async sweep({ now, idleMs }) {
      await d1.batch([
        // One past its absolute end is not seen any more, and goes by this too.
        d1.prepare('DELETE FROM sessions WHERE seen_at <= ?').bind(now - idleMs),
        d1.prepare('DELETE FROM attempts WHERE ends_at <= ?').bind(now - DAY_MS),
        d1.prepare('DELETE FROM tries WHERE ends_at <= ?').bind(now),
      ]);
    },
  };
}

const memberOf = ({
  place,
  person,
  partner,
}: {
  place: Membership;
  person: Person;
  partner: string | null;
}): Member => ({
  membershipId: place.id,
  personId: place.personId,
  email: person.email,
  name: place.joinedAt === null ? null : person.name,
  role: place.role,
  joinedAt: place.joinedAt,
  partnerId: place.partnerId,
  partner,
});
