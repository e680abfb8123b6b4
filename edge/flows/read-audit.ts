/**
 * The audit log is read: page by page, as a whole file, or to prove that it is as it was written. Values of people are
 * opened on the way; those whose key was destroyed are null.
 */
import { type Flaw, type Head, startOf, verifyChain } from '../core/audit.ts';
import type { AuditId, ProgramId } from '../core/id.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { AuditFilter, AuditOrigin, AuditRecord, Deps } from '../deps.ts';
import { audited, iso } from './audit.ts';
import { outside } from './tries.ts';
import { openAll } from './vault.ts';

/** Entries that one page looks at, to find those that a filter asks for. */
export const SCANNED_A_PAGE = 500;
/** Entries of one file. */
export const MAX_EXPORTED = 100_000;
const EXPORTED_A_PAGE = 500;
/** Links of the chain that one call proves, and how many it reads at once. */
export const PROVED_A_CALL = 10_000;
const PROVED_A_PAGE = 500;
/** Flaws that are told one by one. */
export const MAX_FLAWS = 100;
/** The job comes each minute; when it missed some, somebody should know. */
const SEALED_WITHIN_MS = 10 * 60_000;

/** An entry for people to read. */
export interface Told extends Omit<AuditRecord, 'entry'> {
  readonly entry: AuditRecord['entry'];
  readonly before: unknown;
  readonly after: unknown;
  readonly origin: AuditOrigin | null;
}

/** Newest first, with where the next page begins; null: nowhere. Under a filter a page may hold less than it could. */
export async function auditPage(
  deps: Deps,
  of: { programId: ProgramId; filter: AuditFilter; limit: number; before: AuditId | null },
): Promise<{ entries: Told[]; next: AuditId | null }> {
  const { filter, limit, before } = of;
  const filtered = [filter.act, filter.actor, filter.subject].some((one) => one !== undefined);
  const scan = filtered ? Math.max(SCANNED_A_PAGE, limit) : limit + 1;
  const { records, next } = await deps.audit.page(of, { limit, scan, before });
  return { entries: await opened(deps, records), next };
}

async function opened(deps: Deps, records: readonly AuditRecord[]): Promise<Told[]> {
  const read = records.map(({ entry: { before, after, origin } }) => [before, after, origin].map(parsed));
  const values = (await openAll(deps, read)) as unknown[][];
  return records.map((record, at) => {
    const [before = null, after = null, origin = null] = values[at] ?? [];
    return { ...record, before, after, origin: origin as AuditOrigin | null };
  });
}

/** What an altered row holds may be no JSON: it is shown as it stands. */
function parsed(text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The pages of a file, made as they are asked for; that it was made is an entry itself, which is not in it. */
export async function exportAudit(
  deps: Deps,
  of: { programId: ProgramId; filter: AuditFilter; format: string },
): Promise<Result<AsyncIterable<Told[]>>> {
  const { programId, filter, format } = of;
  if ((await deps.audit.count(of, MAX_EXPORTED + 1)) > MAX_EXPORTED) {
    const detail = `a span of at most ${MAX_EXPORTED.toLocaleString('en')} entries: ask for it in parts`;
    return err({ code: 'invalid', errors: [{ pointer: '/from', detail }] });
  }
  const { act, actor, subject, from, to } = filter;
  const span = { ...(from !== undefined && { from: iso(from) }), ...(to !== undefined && { to: iso(to) }) };
  const asked = Object.fromEntries(Object.entries({ act, actor, subject }).filter(([, value]) => value !== undefined));
  const own = await audited(deps, programId, {
    ...{ act: 'audit.exported', subject: `program:${programId}`, after: { format, ...asked, ...span } },
  });
  await deps.store.commit([own]);
  return ok(pages(deps, { programId, filter }, own.entry.id));
}

async function* pages(deps: Deps, of: { programId: ProgramId; filter: AuditFilter }, own: AuditId) {
  let before: AuditId | null = null;
  do {
    const page = await deps.audit.page(of, { limit: EXPORTED_A_PAGE, scan: EXPORTED_A_PAGE, before });
    const records: AuditRecord[] = page.records.filter((one) => one.entry.id !== own);
    if (records.length > 0) yield await opened(deps, records);
    before = page.next;
  } while (before !== null);
}

export interface Proof {
  readonly sealed: number;
  readonly open: number;
  readonly head: string | null;
  readonly flaws: readonly Flaw[];
  /** More links than one call proves: the number to go on from. */
  readonly next: number | null;
}

/**
 * Whether the log is as it was sealed: 1 its links in their order, from `after` on, each against its entry, 2 at the end,
 * entries that have no link though they should.
 */
export async function proveAudit(deps: Deps, of: { programId: ProgramId; after: number }): Promise<Proof> {
  const { programId, after } = of;
  const { audit, secrets } = deps;
  const { head, open } = await audit.state(programId);
  // Behind a first call the link that it ended with is read again: what follows is chained to that.
  let end: Head & { readonly sound?: boolean } =
    after === 0 ? startOf(programId) : { number: after - 1, hash: '', sound: false };
  const flaws: Flaw[] = [];
  const last = after + PROVED_A_CALL;
  for (let seen = PROVED_A_PAGE; seen === PROVED_A_PAGE && end.number < last; ) {
    const rows = await audit.links(programId, { after: end.number, limit: PROVED_A_PAGE });
    const page = await verifyChain(end, rows, secrets.authKeys);
    flaws.push(...page.flaws.filter((one) => Number(one.number) > after));
    end = page.head;
    seen = rows.length;
  }
  const more = end.number < (head?.number ?? 0);
  if (!more) {
    const before = outside(deps) - SEALED_WITHIN_MS;
    flaws.push(...(await audit.unlinked(programId, { before, limit: MAX_FLAWS })));
  }
  const told = flaws.slice(0, MAX_FLAWS);
  return { sealed: head?.number ?? 0, open, head: head?.hash ?? null, flaws: told, next: more ? end.number : null };
}
