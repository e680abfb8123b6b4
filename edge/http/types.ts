/** What every door is handed: the platform's bindings, and the Deps built from them. */
import type { Deps, Env } from '../deps.ts';

export interface App {
  Bindings: Env & { deps: Deps };
}
