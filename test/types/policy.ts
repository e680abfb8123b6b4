/** What must not compile: a route that the policy table does not know, or a row without a route. */
import type { ExtractSchema } from 'hono/types';
import type { AppType } from '../../edge/app.ts';
import type { POLICY } from '../../edge/http/policy.ts';

type Schema = ExtractSchema<AppType>;
type Method<Verb> = Verb extends `$${infer Name}` ? Uppercase<Name> : never;
type Routes = { [Path in keyof Schema & string]: `${Method<keyof Schema[Path] & string>} ${Path}` }[keyof Schema &
  string];

/** Each error names what is missing. */
const none = (_never: never): void => undefined;
export const everyRouteHasARow = (route: Exclude<Routes, keyof typeof POLICY>) => none(route);
export const everyRowHasARoute = (row: Exclude<keyof typeof POLICY, Routes>) => none(row);
