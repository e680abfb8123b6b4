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
import { type ClickKey, type GroupId, type LinkId, makeId, type PartnerId } from '../../edge/core/id.ts';
import { type Currency, minor } from '../../edge/core/money.ts';
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
