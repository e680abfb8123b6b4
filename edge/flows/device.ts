/**
 * A browser that a person has proven themself in before: a cookie that names both, under a MAC of ours. It lets nobody in;
 * it only counts its tries apart (`tries.ts`), so that strangers who guess lock nobody out. It is given only once a person
 * has shown all that they have: whoever holds no more than their mailbox gets none.
 */
import { isUlid, type PersonId } from '../core/id.ts';
import { isMacOf, macOf, toBase64Url } from '../core/seal.ts';
import type { Deps } from '../deps.ts';

const PURPOSE = 'tributary: known browsers, 1';
const ID_BYTES = 16;
/** `<person>.<16 random bytes>.<MAC>` */
const SHAPE = /^([0-9A-Z]{26})\.([\w-]{22})\.(\d{1,3}\.[0-9a-f]{64})$/;

export interface Device {
  readonly personId: PersonId;
  readonly id: string;
}

/** Null: none, or not one of ours. */
export async function readDevice({ secrets }: Deps, cookie: string | null): Promise<Device | null> {
  const [, personId = '', id = '', mac = ''] = SHAPE.exec(cookie ?? '') ?? [];
  if (!isUlid(personId)) return null;
  const ours = await isMacOf(mac, `${personId} ${id}`, { purpose: PURPOSE, keys: secrets.authKeys });
  return ours ? { personId: personId as PersonId, id } : null;
}

/** Its id, when it is this person's. */
export async function deviceOfPerson(
  deps: Deps,
  cookie: string | null,
  personId: PersonId | null,
): Promise<string | null> {
  const device = await readDevice(deps, cookie);
  return device && device.personId === personId ? device.id : null;
}

/** What the browser is to hold from now on; null when it does already. */
export async function makeKnown(deps: Deps, cookie: string | null, personId: PersonId): Promise<string | null> {
  if (await deviceOfPerson(deps, cookie, personId)) return null;
  const id = toBase64Url(deps.random(ID_BYTES));
  const mac = await macOf(`${personId} ${id}`, { purpose: PURPOSE, keys: deps.secrets.authKeys });
  return `${personId}.${id}.${mac}`;
}
