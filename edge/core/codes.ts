/** Discount codes: which of an order's are known and active, and what they come to. */
import type { PartnerId } from './id.ts';
import { type Code, enrollmentOf, type Journey, type LineVerdict, type UsedCode, wholeTo } from './journey.ts';

/** Letters of a code, once normalized: some letters of Unicode come to eighteen. */
export const MAX_CODE_LETTERS = 64;

/**
 * Codes are told apart by neither case nor width nor surrounding space. One that is longer than any that is kept is cut
 * short with `…`, which no normalized code contains: it may still belong to a family.
 */
export function normalizeDiscountCode(code: string): string {
  const letters = [...code.normalize('NFKC').trim().toUpperCase()];
  return letters.length <= MAX_CODE_LETTERS ? letters.join('') : `${letters.slice(0, MAX_CODE_LETTERS).join('')}…`;
}

/** Every name under which a code may be kept: its own, and the families it may belong to, the longest first. */
export const namesOfCode = (code: string): string[] => {
  const letters = [...code];
  return [code, ...letters.map((_, left) => `${letters.slice(0, letters.length - left).join('')}*`), '*'];
};

export interface ReadCodes {
  /** An order-level code keeps everybody from earning. */
  readonly suppressed: boolean;
  /** The owner that the first deciding order-level code credits; `involved`: because of its click. */
  readonly owner: { readonly partnerId: PartnerId; readonly involved: boolean } | null;
  /** `involved`: because of its owner's click. */
  readonly lines: readonly (LineVerdict & { readonly involved: boolean })[];
  readonly used: readonly UsedCode[];
  /** A code was dropped because its owner is the customer. */
  readonly blocked: boolean;
  readonly notes: readonly string[];
}

/** What the order's codes, and its lines', come to. */
export function readCodes(
  journey: Journey,
  blocked: ReadonlySet<PartnerId>,
  involved: (owner: PartnerId) => boolean,
): ReadCodes {
  const notes = new Set<string>();
  const byName = new Map(journey.knownCodes.map((one) => [one.code, one]));
  let dropped = false;
  const active = (name: string): Code | null => {
    const known = namesOfCode(name)
      .map((one) => byName.get(one))
      .find((one) => one !== undefined);
    if (!known) {
      notes.add(`code_unknown: ${name}`);
      return null;
    }
    if (!codeIsActive(known, journey)) {
      notes.add(`code_inactive: ${name}`);
      return null;
    }
    if (known.policy !== 'none' && known.partnerId && blocked.has(known.partnerId)) {
      dropped = true;
      return null;
    }
    return known;
  };
  const credits = (code: Code): ReadCodes['owner'] => {
    const { policy, partnerId } = code;
    if (partnerId === null || (policy !== 'always' && policy !== 'if_involved')) return null;
    if (policy === 'if_involved' && !involved(partnerId)) return null;
    return { partnerId, involved: policy === 'if_involved' };
  };

  const orders = journey.codes.map(active).filter((one) => one !== null);
  const ofLines = journey.lineCodes.map((name) => (name === null ? null : active(name)));
  const lines = ofLines.flatMap((code, line): ReadCodes['lines'] => {
    if (code?.policy === 'none') return [{ line, reason: 'code_suppressed', shares: [], involved: false }];
    const owner = code && credits(code);
    if (!owner) return [];
    return [{ line, reason: 'code_owner_wins', shares: wholeTo(owner.partnerId), involved: owner.involved }];
  });
  const used = [
    ...orders.map((code) => ({ code, line: null })),
    ...ofLines.flatMap((code, line) => (code ? [{ code, line }] : [])),
  ].flatMap(({ code: { code, partnerId }, line }) => (partnerId === null ? [] : [{ code, partnerId, line }]));
  if (new Set(used.map((one) => one.partnerId)).size > 1) notes.add('codes_of_two_partners');
  return {
    suppressed: orders.some((one) => one.policy === 'none'),
    owner: orders.map(credits).find((one) => one !== null) ?? null,
    lines,
    used,
    blocked: dropped,
    notes: [...notes],
  };
}

/** Inside its own span, and its owner takes part when the order occurs. A code that suppresses needs no owner. */
function codeIsActive({ policy, partnerId, startsAt, endsAt }: Code, journey: Journey): boolean {
  const { occurredAt } = journey;
  if (startsAt !== null && occurredAt < startsAt) return false;
  if (endsAt !== null && occurredAt >= endsAt) return false;
  if (policy === 'none' || partnerId === null) return true;
  const enrollment = enrollmentOf(journey, partnerId);
  if (!enrollment || occurredAt < enrollment.startedAt) return false;
  return enrollment.stoppedAt === null || occurredAt < enrollment.stoppedAt;
}
