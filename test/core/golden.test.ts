/**
 * The golden vectors of `test/golden/`, held against the engine. What they say was worked out by hand from the rules and
 * never copied from an answer; a reader in another language finds the format in `test/golden/README.md`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  attribute,
  type Code,
  type Enrollment,
  namesOfCode,
  normalizeDiscountCode,
  type Override,
  type Placement,
  type Policy,
  type Share,
  type Touch,
} from '../../edge/core/attribution.ts';
import {
  type CustomerType,
  earn,
  heldUntil,
  type Item,
  type LineShare,
  lineBases,
  type OrderValue,
  type Rule,
  termsAt,
} from '../../edge/core/commission.ts';
import { consentState } from '../../edge/core/consent.ts';
import {
  type ClickKey,
  type CustomerId,
  type GroupId,
  type LinkId,
  makeId,
  type PartnerId,
  type VisitorId,
} from '../../edge/core/id.ts';
import { type CustomerKey, customerOf, emailHash, reach, spansOn, userOf } from '../../edge/core/identity.ts';
import { readKeyRing } from '../../edge/core/key-ring.ts';
import { destination, landingOf, normalizeCode } from '../../edge/core/link.ts';
import { type Currency, minor } from '../../edge/core/money.ts';
import { type Click, mint, verify } from '../../edge/core/token.ts';
import { journeyOf, policyOf } from '../support/journeys.ts';

const folder = new URL('../golden/', import.meta.url);
const read = <File>(path: string): File => JSON.parse(readFileSync(new URL(path, folder), 'utf8')) as File;

const ORDER = Date.UTC(2026, 10, 1, 12);
const moment = <At extends number | null>(at: At) => (at === null ? null : ORDER + at) as At;
/** Compares as its time, then its tail. */
const clickKey = ({ at, tail }: { at: number; tail: string }): ClickKey =>
  makeId(ORDER + at, new Uint8Array(10).fill(tail.charCodeAt(0)));

interface Named {
  partner: string;
}
interface Shared extends Named {
  shareMicros: number;
}
interface Journeys {
  policies: (Partial<Policy> & { startsAt: number })[];
  enrollments: (Named & Partial<Omit<Enrollment, 'partnerId'>>)[];
  touches: (Named & Partial<Touch> & { click: { at: number; tail: string }; link?: string | null })[];
  overrides: (Partial<Override> & { scope: string; startsAt: number })[];
  placements: (Named & Pick<Placement, 'version' | 'startsAt'> & { group: string | null })[];
  codes: string[];
  lineCodes: (string | null)[];
  knownCodes: (Partial<Code> & { partner: string | null })[];
  selfReferrers: string[];
  lock: { partner: string; boundAt: number } | null;
  channelAt: number | null;
  forced: string | null;
  renews: Shared[] | null;
}
interface Vector extends Partial<Journeys> {
  name: string;
  rule: string;
  expect: {
    reason?: string;
    step?: string;
    model?: string;
    policyVersion?: number;
    override?: object | null;
    shares: Shared[];
    lines?: { line: number; reason: string; shares: Shared[] }[];
    binds?: string | null;
    proven?: boolean;
    used?: { code: string; partner: string; line: number | null }[];
    notes?: string[];
    why?: string[];
  };
}
type Defaults = Record<'policy' | 'enrollment' | 'touch' | 'override' | 'knownCode', object> & { journey: Journeys };

const shared = (shares: readonly Share[]): Shared[] =>
  shares
    .filter((one) => one.shareMicros > 0)
    .map(({ partnerId, shareMicros }) => ({ partner: partnerId, shareMicros }));

describe('attribution', () => {
  const defaults = read<Defaults>('attribution/defaults.json');
  const judge = (vector: Vector) => {
    const given: Journeys = { ...defaults.journey, ...vector };
    const { lock, renews } = given;
    return attribute(
      journeyOf({
        occurredAt: ORDER,
        channelAt: moment(given.channelAt),
        lock: lock && { partnerId: lock.partner as PartnerId, boundAt: moment(lock.boundAt) },
        policies: given.policies.map((one) => policyOf({ ...defaults.policy, ...one, startsAt: moment(one.startsAt) })),
        overrides: given.overrides.map(({ scope, ...one }) => ({
          ...({ ...defaults.override, ...one } as Override),
          scopeId: scope as LinkId,
          startsAt: moment(one.startsAt),
        })),
        placements: given.placements.map(({ partner, group, ...one }) => ({
          ...one,
          partnerId: partner as PartnerId,
          groupId: group as GroupId | null,
          startsAt: moment(one.startsAt),
        })),
        enrollments: given.enrollments.map(({ partner, ...rest }) => {
          const one = { ...defaults.enrollment, ...rest } as Enrollment;
          return {
            ...one,
            partnerId: partner as PartnerId,
            startedAt: moment(one.startedAt),
            stoppedAt: moment(one.stoppedAt),
          };
        }),
        touches: given.touches.map(({ click, partner, link = null, ...one }) => ({
          ...({ ...defaults.touch, ...one } as Touch),
          clickKey: clickKey(click),
          partnerId: partner as PartnerId,
          linkId: link as LinkId | null,
        })),
        codes: given.codes,
        lineCodes: given.lineCodes,
        knownCodes: given.knownCodes.map(({ partner, ...rest }) => {
          const one = { ...defaults.knownCode, ...rest } as Code;
          return {
            ...one,
            partnerId: partner as PartnerId | null,
            startsAt: moment(one.startsAt),
            endsAt: moment(one.endsAt),
          };
        }),
        forced: given.forced as PartnerId | null,
        renews: renews?.map((one) => ({ partnerId: one.partner as PartnerId, shareMicros: one.shareMicros })) ?? null,
        selfReferrers: given.selfReferrers as PartnerId[],
      }),
    );
  };

  const vectors = readdirSync(new URL('attribution/', folder)).flatMap((file) => {
    const found = read<{ vectors?: Vector[] }>(`attribution/${file}`).vectors ?? [];
    return found.filter((one) => 'expect' in one).map((one) => [file.replace('.json', ''), one.name, one] as const);
  });
  test.each(vectors)('%s: %s', (_file, _name, vector) => {
    const verdict = judge(vector);
    const { shares, lines, used, notes, why, ...expected } = vector.expect;
    expect(verdict).toMatchObject(expected);
    expect(shared(verdict.shares)).toEqual(shares);
    if (lines) expect(verdict.lines.map((one) => ({ ...one, shares: shared(one.shares) }))).toEqual(lines);
    if (used) {
      expect(verdict.used.map(({ partnerId, ...one }) => ({ ...one, partner: partnerId }))).toEqual(used);
    }
    // A note is a name, and after a colon what it is about.
    if (notes) expect(verdict.notes.map((note) => note.split(':')[0])).toEqual(notes);
    if (why) expect(verdict.candidates.map((one) => one.why)).toEqual(why);
  });

  const names = read<{
    vectors: { given: string; normalized: string }[];
    names: { given: string; begins: string[] }[];
  }>('attribution/code-names.json');
  test.each(names.vectors)('the code “$given” is “$normalized”', ({ given, normalized }) => {
    expect(normalizeDiscountCode(given)).toBe(normalized);
  });
  test.each(names.names)('the code “$given” may be kept as $begins', ({ given, begins }) => {
    expect(namesOfCode(given).slice(0, begins.length)).toEqual(begins);
  });
});

describe('commission', () => {
  interface Order extends Partial<Omit<OrderValue, 'items'>> {
    items?: Partial<Item>[];
  }
  const bases = read<{
    defaults: { order: OrderValue; item: Item };
    vectors: { name: string; order: Order; bases?: number[]; refusedAt?: string }[];
  }>('commission/bases.json');
  test.each(bases.vectors)('base: $name', ({ order, bases: expected, refusedAt }) => {
    const { defaults } = bases;
    const items = (order.items ?? []).map((one) => ({ ...defaults.item, ...one }));
    const lines = lineBases({ ...defaults.order, ...order, items });
    if (expected) {
      expect(lines).toEqual({ ok: true, value: expected.map((base, line) => ({ line, base })) });
    } else {
      expect(lines).toMatchObject({ ok: false, refusal: { errors: [{ pointer: refusedAt }] } });
    }
  });

  interface Sale {
    event: string;
    currency: Currency;
    customer: CustomerType;
    goods: Pick<Item, 'sku' | 'category'>[];
    used: { code: string; partner: string; line: number | null }[];
    renewal: { firstAt: number; occurredAt: number } | null;
    shares: Shared[];
    byCode: { line: number; shares: Shared[] }[];
  }
  type Part = Partial<Omit<LineShare, 'partnerId'>> & Named;
  interface Earned extends Partial<Sale> {
    name: string;
    lines: number[];
    terms: Record<string, Rule[]>;
    expect: Part[];
  }
  const sales = read<{ defaults: Sale; vectors: Earned[] }>('commission/earn.json');
  const sharesOf = (shares: Shared[]) =>
    shares.map(({ partner, shareMicros }) => ({ partnerId: partner as PartnerId, shareMicros }));
  test.each(sales.vectors)('$name', (vector) => {
    const { used, shares, byCode, lines, terms, expect: expected, ...sale } = { ...sales.defaults, ...vector };
    const parts = earn({
      sold: {
        ...sale,
        lines: lines.map((base, line) => ({ line, base: minor(base) })),
        used: used.map(({ partner, ...one }) => ({ ...one, partnerId: partner as PartnerId })),
      },
      verdict: {
        shares: sharesOf(shares),
        lines: byCode.map((one) => ({
          line: one.line,
          reason: one.shares.length > 0 ? 'code_owner_wins' : 'code_suppressed',
          shares: sharesOf(one.shares),
        })),
      },
      termsOf: (partner) => {
        // Terms have a version of their own: a rule is one rule only within it.
        const version = Math.max(Object.keys(terms).indexOf(partner), 0) + 1;
        return { version, startsAt: 0, groupId: null, rules: terms[partner] ?? terms['*'] ?? [] };
      },
    });
    expect(parts).toHaveLength(expected.length);
    expect(parts.map(({ partnerId, ...one }) => ({ ...one, partner: partnerId }))).toMatchObject(expected);
  });

  interface Dated {
    name: string;
    versions: { version: number; startsAt: number; group: string | null }[];
    group: string | null;
    at: number;
    version: number;
  }
  test.each(read<{ vectors: Dated[] }>('commission/terms.json').vectors)('terms: $name', (vector) => {
    const versions = vector.versions.map(({ group, ...one }) => ({
      ...one,
      groupId: group as GroupId | null,
      rules: [],
    }));
    expect(termsAt(versions, vector.group as GroupId | null, vector.at).version).toBe(vector.version);
  });

  interface Held {
    name: string;
    occurredAt: number;
    receivedAt: number;
    holdDays: number;
    heldUntil: number;
  }
  test.each(read<{ vectors: Held[] }>('commission/hold.json').vectors)('hold: $name', ({ holdDays, ...one }) => {
    expect(heldUntil(one, holdDays)).toBe(one.heldUntil);
  });
});

describe('identity', () => {
  const owned = (owners: Record<string, string>) => new Map(Object.entries(owners)) as Map<string, CustomerId>;
  const visitorId = 'v01' as VisitorId;

  interface Browser {
    name: string;
    owners: Record<string, string>;
    seen: { at: number; key: string }[];
    users: { at: number; customers: string[] }[];
  }
  test.each(read<{ vectors: Browser[] }>('identity/browsers.json').vectors)('browser: $name', (vector) => {
    const owners = owned(vector.owners);
    const seen = vector.seen.map(({ at, key }) => ({ at, hash: key, visitorId }));
    for (const { at, customers } of vector.users) {
      const using = [...new Set(owners.values())].filter((customer) =>
        spansOn(seen, owners, customer).some(({ from, until }) => from <= at && at < until),
      );
      expect([at, using]).toEqual([at, customers]);
      expect([at, userOf(seen, owners, at)]).toEqual([at, customers[0] ?? null]);
    }
  });

  interface Reaching {
    owners: Record<string, string>;
    customer: string;
    named: boolean;
    own: string | null;
  }
  interface Reach extends Partial<Reaching> {
    name: string;
    edges: { visitor: string; key: string; lastAt: number; proven: boolean }[];
    reached: { visitor: string; proven: boolean }[];
  }
  const reaches = read<{ defaults: Reaching; vectors: Reach[] }>('identity/reach.json');
  test.each(reaches.vectors)('reach: $name', (vector) => {
    const { owners, customer, named, own, edges, reached } = { ...reaches.defaults, ...vector };
    const found = reach({
      customerId: customer as CustomerId,
      named,
      own: own as VisitorId | null,
      owners: owned(owners),
      edges: edges.map(({ visitor, key, ...one }) => ({ ...one, visitorId: visitor as VisitorId, hash: key })),
      identifications: edges.map((one) => ({
        visitorId: one.visitor as VisitorId,
        hash: one.key,
        at: one.lastAt,
      })),
    });
    const told = found.map((one) => ({ visitor: one.visitorId as string, proven: one.proven }));
    expect(told.sort((a, b) => (a.visitor < b.visitor ? -1 : 1))).toEqual(reached);
  });

  interface Claimed {
    name: string;
    keys: CustomerKey[];
    known: { hash: string; customer: string }[];
    customer: string | null;
  }
  test.each(read<{ vectors: Claimed[] }>('identity/customers.json').vectors)('customer: $name', (vector) => {
    const known = vector.known.map((one) => ({ hash: one.hash, customerId: one.customer as CustomerId }));
    const made = customerOf(vector.keys.slice(0, 1), []);
    expect(customerOf(vector.keys, known)).toBe(vector.customer === 'new' ? made : vector.customer);
  });

  const hashes = read<{ vectors: { email: string; sha256: string }[] }>('identity/email-hash.json');
  test.each(hashes.vectors)('the hash of “$email”', async ({ email, sha256 }) => {
    expect(await emailHash(email)).toBe(sha256);
  });

  interface Consented {
    name: string;
    given: { consent: 'granted' | 'denied' | null; gpc: boolean; country: string | null };
    state: string;
  }
  test.each(read<{ vectors: Consented[] }>('identity/consent.json').vectors)('consent: $name', ({ given, state }) => {
    const { consent, gpc, country } = given;
    expect(consentState({ consent: consent ?? undefined, optedOut: gpc, country: country ?? undefined })).toBe(state);
  });
});

describe('tokens and links', () => {
  interface Token {
    name: string;
    keys: string;
    token: string;
  }
  const tokens = read<{
    vectors: (Token & { click: Click })[];
    verified: (Token & { click: Click })[];
    refused: Token[];
  }>('token/click-token.json');
  test.each(tokens.vectors)('token: $name', async ({ keys, click, token }) => {
    expect(await mint(click, await readKeyRing(keys))).toBe(token);
    expect(await verify(token, await readKeyRing(keys))).toEqual(click);
  });
  test.each(tokens.verified)('token: $name', async ({ keys, click, token }) => {
    expect(await verify(token, await readKeyRing(keys))).toEqual(click);
  });
  test.each(tokens.refused)('no token: $name', async ({ keys, token }) => {
    expect(await verify(token, await readKeyRing(keys))).toBeNull();
  });

  const links = read<{
    url: string;
    hosts: string[];
    vectors: { name: string; deepLink: string | null; to: string }[];
  }>('token/destination.json');
  test.each(links.vectors)('a link asked for $name', ({ deepLink, to }) => {
    expect(destination(links.url, deepLink, links.hosts).href).toBe(to);
  });

  const names = read<{ vectors: { given: string; normalized: string }[] }>('token/link-names.json');
  test.each(names.vectors)('the link “$given” is “$normalized”', ({ given, normalized }) => {
    expect(normalizeCode(given)).toBe(normalized);
  });

  interface Landing {
    name: string;
    address: string;
    names: string[];
    tcid: string | null;
    via: string | null;
  }
  const landings = read<{ vectors: Landing[] }>('token/landings.json').vectors;
  test.each(landings)('an address: $name', ({ address, names, tcid, via }) => {
    expect(landingOf(address, names)).toMatchObject({ tcid, via });
  });
});
