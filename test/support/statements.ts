/**
 * Every statement on a program's rows names the program: told from the text of the SQL that was run. Only what finds out
 * whose a call is may name none, and each of these is listed here, with its reason.
 */
import { getTableColumns, getTableName, is } from 'drizzle-orm';
import { SQLiteTable } from 'drizzle-orm/sqlite-core';
import * as schema from '../../edge/store/schema.ts';

/** Tables whose rows are a program's. */
export const OF_PROGRAM: readonly string[] = Object.values(schema)
  .filter((one) => is(one, SQLiteTable))
  .filter((table) => 'programId' in getTableColumns(table))
  .map(getTableName);

/** What names no program: by what it asks, and why it may. */
const MAY: readonly { readonly asks: RegExp; readonly why: string }[] = [
  {
    asks: /^select .* from "keys" inner join "programs" on "programs"\."id" = "keys"\."program_id" where "keys"\."hash" = \? limit \?$/,
    why: 'a key says which program calls: it is found by its hash',
  },
  {
    asks: /^update "keys" set "last_used_at" = \? where \("keys"\."hash" = \? /,
    why: 'that the key which called was used, by the hash it was found by',
  },
  {
    asks: /^select .* from "sessions" left join "memberships" on \(.* and "memberships"\."person_id" = "sessions"\."person_id" and .*"sessions"\."hash" = \?/,
    why: 'a session says who calls, and which of their own places they look from',
  },
  {
    asks: /^select .* from "memberships" inner join "programs" .* where "memberships"\."person_id" = \? order by /,
    why: 'the places of the person who is signed in, in whatever program',
  },
  {
    asks: /^update "memberships" set "joined_at" = \? where \("memberships"\."id" = \? and "memberships"\."person_id" = \? /,
    why: 'an invitation is answered by the person who was invited',
  },
  {
    asks: /^delete from "memberships" where \("memberships"\."id" = \? and "memberships"\."person_id" = \? and "memberships"\."joined_at" is null\)$/,
    why: 'an invitation is answered by the person who was invited',
  },
];

/** Tables whose rows are a partner's of a program. */
const OF_PARTNER: readonly string[] = Object.values(schema)
  .filter((one) => is(one, SQLiteTable))
  .filter((table) => 'programId' in getTableColumns(table) && 'partnerId' in getTableColumns(table))
  .map(getTableName);

/** What a partner's person runs that names no partner. */
const MAY_OF_PARTNER: readonly { readonly asks: RegExp; readonly why: string }[] = [
  {
    asks: /^(delete from|update) "memberships" .*"memberships"\."program_id" = \? and "memberships"\."id" = \? and "memberships"\."role" = \?/,
    why: 'a place that has just been found among the partner’s own is changed or taken by its id, if it still is as it was',
  },
  {
    asks: /^(delete from|update) "sessions" .*\(SELECT person_id FROM "memberships" WHERE \("memberships"\."program_id" = \? and "memberships"\."id" = \?/i,
    why: 'the sessions of whoever has that place',
  },
];

/** Why a partner's person may not run this statement; null: it names the partner, or need not. */
export function flawOfPartner(sql: string): string | null {
  const text = sql.replace(/\s+/g, ' ').trim();
  const loose = partsOf(text).flatMap((part) =>
    tablesOf(part).filter(({ table, alias }) => OF_PARTNER.includes(table) && !isOfPartner(part, alias ?? table)),
  );
  if (!loose[0] || [...MAY, ...MAY_OF_PARTNER].some(({ asks }) => asks.test(text))) return null;
  return `names no partner of ${loose[0].table}: ${text}`;
}

const isOfPartner = (part: string, name: string): boolean =>
  new RegExp(
    `(?:"?${name}"?\\.)?"?partner_id"?\\s*(?:=|IS|IN)\\s*\\S|INSERT INTO "?${name}"? \\([^)]*"?partner_id"?`,
    'i',
  ).test(part);

/** Why this statement may not stand; null: it names the program, or is one of those that need not. */
export function flawOf(sql: string): string | null {
  const text = sql.replace(/\s+/g, ' ').trim();
  const parts = partsOf(text).filter((part) => tablesOf(part).length > 0);
  if (parts.length === 0 || MAY.some(({ asks }) => asks.test(text))) return null;
  if (!NAMES_PROGRAM.test(text)) return `names no program: ${text}`;
  const loose = parts.flatMap((part) => tablesOf(part).filter((one, _, all) => !isTied(part, one, all.length === 1)));
  return loose[0] ? `does not tie ${loose[0].table} to the program: ${text}` : null;
}

/** A program that was handed in: as a parameter, in a row to insert, or in the JSON of rows. */
const NAMES_PROGRAM =
  /"?program_id"?\s*(?:=|IS)\s*\?\d*|\bFROM programs AS p WHERE p\.id = \?|INSERT INTO "?\w+"? \([^)]*"?program_id"?|value ->> 'programId'/i;

/** Each SELECT by itself, those within others and those of a union too: what stands in one ties nothing in another. */
function partsOf(text: string): string[] {
  const found: string[] = [];
  /** Reads up to the parenthesis that closes; answers the text without the queries in it, and where it ended. */
  const read = (from: number): { own: string; end: number } => {
    let own = '';
    for (let at = from; at < text.length; at++) {
      const letter = text[at];
      if (letter === "'") {
        const end = text.indexOf("'", at + 1);
        own += text.slice(at, end + 1);
        at = end;
      } else if (letter === '(') {
        const inner = read(at + 1);
        if (/^\s*(SELECT|WITH)\b/i.test(inner.own)) found.push(...split(inner.own));
        own += /^\s*(SELECT|WITH)\b/i.test(inner.own) ? '()' : `(${inner.own})`;
        at = inner.end;
      } else if (letter === ')') {
        return { own, end: at };
      } else own += letter;
    }
    return { own, end: text.length };
  };
  const split = (query: string) => query.split(/\bUNION(?: ALL)?\b/i);
  return [...split(read(0).own), ...found];
}

interface Named {
  readonly table: string;
  readonly alias: string | null;
}

function tablesOf(part: string): Named[] {
  const found = part.matchAll(/\b(?:FROM|JOIN|UPDATE|INTO)\s+"?(\w+)"?(?:\s+AS\s+"?(\w+)"?|\s+"(\w+)")?/gi);
  return [...found]
    .map(([, table = '', alias, quoted]) => ({ table, alias: alias ?? quoted ?? null }))
    .filter(({ table }) => OF_PROGRAM.includes(table));
}

/** Whether the table's own program is compared with something, or written. */
function isTied(part: string, { table, alias }: Named, only: boolean): boolean {
  const own = `(?:"?${alias ?? table}"?\\.)${only ? '?' : ''}"?program_id"?`;
  const written = new RegExp(`INSERT INTO "?${table}"? \\([^)]*"?program_id"?`, 'i');
  return new RegExp(`${own}\\s*(?:=|IS)|=\\s*${own}`, 'i').test(part) || written.test(part);
}
