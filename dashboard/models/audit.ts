/** The audit log, newest first, read page by page under a filter; whether its chain holds; and the whole of it as a file. */
import { computed, createModel, signal } from '@preact/signals';
import type { Act, Api, AuditAnswer, AuditFilter, AuditPage, AuditProof } from '../api.ts';
import { ownName } from '../words-people.ts';
import { doing } from './doing.ts';
import { loaded } from './loaded.ts';

/** As the form has it: days of the viewer's own calendar, empty where nothing is asked. */
export interface Wanted {
  actor: string;
  act: string;
  subject: string;
  from: string;
  to: string;
}

export const EVERYTHING: Wanted = { actor: '', act: '', subject: '', from: '', to: '' };

/** Both days are meant whole. */
export function filterOf({ actor, act, subject, from, to }: Wanted): AuditFilter {
  const midnight = (day: string, later = 0) => {
    const at = new Date(`${day}T00:00:00`);
    at.setDate(at.getDate() + later);
    return at.toISOString();
  };
  return {
    ...(actor && { actor }),
    ...(act && { act }),
    ...(subject && { subject }),
    ...(from && { from: midnight(from) }),
    ...(to && { to: midnight(to, 1) }),
  };
}

/** Pages without an entry that are passed over before the person is asked to go on. */
const MAX_EMPTY = 20;

interface Given {
  may: readonly Act[];
  /** Gives a file to the person. */
  save(file: Blob, name: string): void;
}

export const AuditModel = createModel((api: Api, { may, save }: Given) => {
  const wanted = signal<Wanted>(EVERYTHING);
  const from = signal<string | null>(null);
  const pages = loaded(
    async (after: string | null, signal) => {
      const filter = filterOf(wanted.peek());
      let page = await api.audit({ ...filter, cursor: after }, signal);
      // Under a filter a page may hold nothing, and a later one something.
      for (let tries = 1; page.data.length === 0 && page.nextCursor && tries < MAX_EMPTY; tries++) {
        page = await api.audit({ ...filter, cursor: page.nextCursor }, signal);
      }
      return page;
    },
    (page, before) => (from.peek() && before ? joined(before, page) : page),
  );
  const members = loaded(api.members);
  const partners = loaded(api.partnersPeople);
  const keys = loaded(api.keys);
  const proof = loaded((_: null, signal) => proofOf(api, signal));
  const ask = (cursor: string | null) => {
    from.value = cursor;
    return pages.load(cursor);
  };
  const people = computed(() => [...(members.answer.value ?? []), ...(partners.answer.value?.data ?? [])]);
  return {
    wanted,
    pages,
    entries: computed(() => pages.answer.value?.data ?? null),
    more: computed(() => Boolean(pages.answer.value?.nextCursor)),
    proof,
    people,
    keys: computed(() => keys.answer.value ?? []),
    /** What ids stand for: `person:…`, `member:…` and `key:…`, as far as they are known here. */
    names: computed(() => {
      const names = new Map<string, string>();
      const entries = pages.answer.value?.data ?? [];
      // Of what is gone by now an older entry may still say the name; the team and the keys know better.
      for (const entry of entries) {
        const own = ownName(entry);
        if (own && !names.has(entry.subject)) names.set(entry.subject, own);
      }
      for (const { id, personId, name, email } of people.value) {
        if (personId) names.set(`person:${personId}`, name || email);
        names.set(`member:${id}`, name || email);
      }
      for (const { id, name } of keys.answer.value ?? []) names.set(`key:${id}`, name);
      for (const { actor } of entries) {
        if (actor.id && actor.name) names.set(`${actor.kind}:${actor.id}`, actor.name);
      }
      return names;
    }),
    saving: doing(
      async (format: 'csv' | 'ndjson') => ({
        format,
        file: await api.auditFile({ ...filterOf(wanted.peek()), format }),
      }),
      ({ file, format }) => save(file, `audit.${format}`),
    ),
    open() {
      ask(null);
      proof.load(null);
      if (may.includes('team.read')) {
        members.load(null);
        partners.load(null);
      }
      if (may.includes('keys.read')) keys.load(null);
    },
    narrow(change: Partial<Wanted>) {
      wanted.value = { ...wanted.peek(), ...change };
      ask(null);
    },
    async loadMore() {
      const cursor = pages.answer.peek()?.nextCursor;
      if (cursor && !pages.busy.peek()) await ask(cursor);
    },
  };
});

/** An entry that was written between two pages may stand in both. */
function joined(before: AuditPage, page: AuditPage): AuditPage {
  const known = new Set(before.data.map((one: AuditAnswer) => one.id));
  return { data: [...before.data, ...page.data.filter((one) => !known.has(one.id))], nextCursor: page.nextCursor };
}

/** Of a long log part by part: it holds when all of them do. */
async function proofOf(api: Api, signal: AbortSignal): Promise<AuditProof> {
  let part = await api.auditProof(null, signal);
  const altered = [...part.altered];
  while (part.nextCursor) {
    part = await api.auditProof(part.nextCursor, signal);
    altered.push(...part.altered);
  }
  return { ...part, intact: altered.length === 0, altered };
}
