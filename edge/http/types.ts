/** What every door is handed: the platform's bindings, and the Deps built from them. */
import type { Asker as Access, SignedIn } from '../core/access.ts';
import type { PartnerId, ProgramId } from '../core/id.ts';
import type { Deps, Env, OpenSession } from '../deps.ts';

export interface App {
  Bindings: Env & { deps: Deps };
}

/** Whose rows a call may see. */
export interface Asker {
  readonly programId: ProgramId;
  /** Null: all of the program. */
  readonly partnerId: PartnerId | null;
}

/** What a door behind the policy table is handed besides. */
export interface GuardedApp extends App {
  Variables: {
    asker: Asker;
    programId: ProgramId;
    /** Who asks, for a story that asks the policy table itself. */
    access: Access;
    /** Who calls, as the audit log says it. */
    actor: string;
  };
}

/** What a door about oneself is handed besides. */
export interface SelfApp extends App {
  Variables: {
    person: SignedIn;
    open: OpenSession;
    /** What the browser holds, or will once it is answered. */
    secret: string;
  };
}
