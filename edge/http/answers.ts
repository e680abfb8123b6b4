/** What the API says of a conversion. A partner is shown its own part; all others are one line without particulars. */
import type {
  AllocationAnswer,
  CandidateAnswer,
  ConversionAnswer,
  ConversionSummary,
  ExplainAnswer,
  OverrideAnswer,
  UsedCodeAnswer,
} from '../contract.ts';
import { namesOfCode, type Override } from '../core/attribution.ts';
import type { Rule, Terms } from '../core/commission.ts';
import type { PartnerId } from '../core/id.ts';
import type { KeyRing } from '../core/key-ring.ts';
import { mint } from '../core/token.ts';
import type { ConversionRecord, ConversionRow } from '../deps.ts';
import type { Converted } from '../flows/convert.ts';
import { sayingOf } from '../flows/order.ts';

export const conversionAnswer = ({ record, outcome }: Converted): ConversionAnswer => ({
  id: record.conversion.id,
  orderId: record.conversion.orderId,
  verified: record.conversion.verified,
  reason: record.conversion.reason,
  allocations: allocations(record),
  ...(outcome === 'duplicate' && { duplicate: true }),
  ...(outcome === 'corrected' && { corrected: true }),
});

export const allocations = ({ conversion, commissions }: ConversionRecord): AllocationAnswer[] =>
  commissions.map((one) => ({
    partnerId: one.partnerId,
    partner: one.partner,
    name: one.name,
    shareMicros: one.shareMicros,
    commission: one.amount,
    currency: one.currency,
    status: one.status,
    reason: one.reason ?? conversion.reason,
  }));

export const conversionSummary = (record: ConversionRecord, partnerId: PartnerId | null): ConversionSummary => {
  const { conversion, commissions } = record;
  const parts = allocations(record).map((part, index) => ({
    ...part,
    base: commissions[index]?.base ?? 0,
    heldUntil: iso(commissions[index]?.heldUntil ?? 0),
  }));
  return {
    id: conversion.id,
    orderId: conversion.orderId,
    event: conversion.event,
    occurredAt: iso(conversion.occurredAt),
    receivedAt: iso(conversion.receivedAt),
    currency: conversion.currency,
    base: partnerId ? parts.reduce((sum, part) => sum + part.base, 0) : conversion.base,
    verified: conversion.verified,
    reason: partnerId ? (parts[0]?.reason ?? ownReason(record, partnerId)) : conversion.reason,
    allocations: parts,
  };
};

/** Candidates are told latest first, so this is what became of the partner's latest click. */
const ownReason = ({ conversion }: ConversionRecord, partnerId: PartnerId): string =>
  conversion.explanation.candidates.find((one) => one.partnerId === partnerId)?.why ?? conversion.reason;

/** Why an order was credited as it was, to whom it may concern. */
export async function explanation(
  record: ConversionRecord,
  given: {
    asPartner: PartnerId | null;
    names: ReadonlyMap<PartnerId, { partner: string; name: string }>;
    terms: readonly Terms[];
    tokenKeys: KeyRing;
  },
): Promise<ExplainAnswer> {
  const { conversion } = record;
  const { asPartner, names, terms, tokenKeys } = given;
  const { step, candidates, notes, override = null, bases, lines = [], restsOn } = conversion.explanation;
  // What the credit rests on was only a browser's word, until a server said the same.
  const provenSince = restsOn !== undefined && conversion.verified;
  const ruleOf = ({ termsVersion, rule }: { termsVersion: number; rule: number | null }): Rule | undefined =>
    rule === null ? undefined : terms.find((one) => one.version === termsVersion)?.rules[rule];
  const called = (partnerId: PartnerId) => names.get(partnerId) ?? { partner: partnerId, name: '' };
  const shown = candidates.filter((one) => !asPartner || one.partnerId === asPartner);
  const answers: CandidateAnswer[] = await Promise.all(
    shown.map(async (one) => ({
      clickId: await mint({ ...one, key: one.clickKey, programId: conversion.programId }, tokenKeys),
      at: iso(one.at),
      ...called(one.partnerId),
      label: one.label,
      proven: one.label !== 'joined' || one.proven || (provenSince && one.why !== 'unproven'),
      kept: one.kept,
      why: one.why,
    })),
  );
  const others = shown.length < candidates.length;
  return {
    step,
    model: conversion.model,
    policyVersion: conversion.policyVersion,
    termsVersion: conversion.termsVersion,
    override: asPartner ? null : override,
    unverified: unverified(conversion),
    customerType: asPartner ? null : conversion.customerType,
    renewalOf: record.allocations.length > 0 ? conversion.renewalOf : null,
    notes: asPartner ? [] : [...notes],
    candidates: others ? [...answers, ANOTHER] : answers,
    codes: usedCodes(conversion, asPartner, called),
    lines: record.allocations.map((one) => ({
      line: one.line,
      item: record.lines.get(one.line) ?? null,
      ...called(one.partnerId),
      shareMicros: one.shareMicros,
      base: one.base,
      ...{ termsVersion: one.termsVersion, rule: one.rule, ratePpm: one.ratePpm, fixed: one.fixed },
      when: ruleOf(one)?.when ?? null,
      cap: ruleOf(one)?.cap?.[conversion.currency] ?? null,
      commission: one.commission,
    })),
    suppressed: lines
      .filter((one) => one.reason === 'code_suppressed' && !asPartner)
      .map(({ line }) => ({ line, item: record.lines.get(line) ?? null, base: bases[line] ?? 0 })),
  };
}

function unverified({ verified, source, explanation }: ConversionRow): ExplainAnswer['unverified'] {
  if (verified) return null;
  if (source !== 'browser' && explanation.step === 'renewal') return 'renews_unverified';
  return source === 'browser' ? 'told_by_browser' : 'joined_by_browser';
}

/** The codes that an order names, with the partners they were; a partner is told of its own alone. */
function usedCodes(
  conversion: ConversionRow,
  asPartner: PartnerId | null,
  called: (partnerId: PartnerId) => { partner: string; name: string },
): UsedCodeAnswer[] {
  const { used = [] } = conversion.explanation;
  const { codes, items } = sayingOf(conversion);
  const named = [
    ...codes.map((code) => ({ code, line: null })),
    ...items.flatMap(({ code }, line) => (code === null ? [] : [{ code, line }])),
  ];
  return named.flatMap(({ code, line }) => {
    const known = namesOfCode(code);
    const owner = used.find((one) => one.line === line && known.includes(one.code))?.partnerId ?? null;
    if (asPartner && owner !== asPartner) return [];
    return { code, line, ...(owner ? called(owner) : { partner: null, name: null }) };
  });
}

/** All that a partner learns of the others, however many they are. */
const ANOTHER: CandidateAnswer = {
  clickId: null,
  at: null,
  partner: 'another partner',
  name: 'Another partner',
  label: null,
  proven: null,
  kept: null,
  why: null,
};

/** What a link or a group says for itself. */
export const overrideAnswer = (settings: Override | null): OverrideAnswer => ({
  version: settings?.version ?? null,
  windowDays: settings?.windowDays ?? null,
  model: settings?.model ?? null,
  guardSeconds: settings?.guardSeconds ?? null,
  rejectSolo: settings?.rejectSolo ?? null,
});

const iso = (ms: number): string => new Date(ms).toISOString();
