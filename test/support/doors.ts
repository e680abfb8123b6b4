/** Every door of the policy table, and whoever may ask there: for tests that try the same at all of them. */
import { ACTS, type Rule } from '../../edge/core/access.ts';
import { type Door, POLICY } from '../../edge/http/policy.ts';
import { ANNA, ORIGIN, PROGRAM, SECRET, type World } from './world.ts';

export type Fields = Record<string, string>;

export interface Row {
  /** As the table has it: `PATCH /v1/links/:id`. */
  readonly name: string;
  readonly method: string;
  readonly door: Door;
  /** An address of it, of things that are not there. */
  readonly path: string;
}

export const ROWS: readonly Row[] = Object.entries(POLICY).map(([name, door]) => {
  const [method = '', pattern = ''] = name.split(' ');
  return { name, method, door, path: pattern.replace(/:\w+/g, 'nothing').replace('*', '') };
});

export const changes = ({ method }: Row): boolean => method !== 'GET' && method !== 'OPTIONS';

const ruleOf = ({ door }: Row): Rule | null => (Object.hasOwn(ACTS, door) ? ACTS[door as keyof typeof ACTS] : null);

/** Somebody may do it in a browser. */
export function bySession(row: Row): boolean {
  const rule = ruleOf(row);
  return Boolean(rule?.self || rule?.program || rule?.partner);
}

/** Owners of both sides, just signed in; what each sends. */
export const signInAll = async (world: World) => ({
  program: await world.signIn({ personId: 'olga' as never, programId: PROGRAM, partnerId: null }),
  partner: await world.signIn({ personId: 'anna' as never, programId: PROGRAM, partnerId: ANNA }),
});
export type People = Awaited<ReturnType<typeof signInAll>>;

/** Whoever may ask, as they ask. */
export function callerOf(row: Row, people: People): Fields {
  if (row.door === 'browser') return { origin: ORIGIN };
  const rule = ruleOf(row);
  if (bySession(row)) return people[rule?.self || rule?.program ? 'program' : 'partner'];
  return rule?.key ? { authorization: `Bearer ${SECRET}` } : {};
}
