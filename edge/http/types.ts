/** What every door is handed: the platform's bindings, and the Deps built from them. */
import type { ProgramId } from '../core/id.ts';
import type { Deps, Env } from '../deps.ts';

export interface App {
  Bindings: Env & { deps: Deps };
}

/** What a door behind a secret key is handed besides. */
export interface ServerApp extends App {
  Variables: {
    programId: ProgramId;
    /** Who calls, as the audit log says it. */
    actor: string;
  };
}
