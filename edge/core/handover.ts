/**
 * The hand-over: a visitor who crosses from one of a shop's domains to another stays the same one. A sealed word in the
 * address of the next page, good for five minutes and once; that it is used once, the table `handovers` holds.
 *
 * Sealed rather than signed: the address is seen by whoever is embedded there, and a visitor's id is for us alone.
 */
import type { ProgramId, VisitorId } from './id.ts';
import type { KeyRing } from './key-ring.ts';
import { hexOf, openText, sealText } from './seal.ts';

export const HANDOVER_MS = 5 * 60_000;

/** What a hand-over says, once opened. */
export interface Handover {
  readonly programId: ProgramId;
  readonly visitorId: VisitorId;
  /** When it was made, ms since the epoch. */
  readonly at: number;
  /** Names this one among all, as hex. */
  readonly nonce: string;
}

const PURPOSE = 'tributary: hand-over of a visitor, 1';

/** `random`: twelve bytes that were never used before. */
export const seal = (
  { programId, visitorId, at }: Omit<Handover, 'nonce'>,
  random: Uint8Array,
  keys: KeyRing,
): Promise<string> => sealText(`${programId}.${at}.${visitorId}`, { purpose: PURPOSE, random, keys });

/** What it says, or null. */
export async function open(word: string, keys: KeyRing): Promise<Handover | null> {
  const opened = await openText(word, { purpose: PURPOSE, keys });
  if (!opened) return null;
  const [programId = '', at = '', visitorId = ''] = opened.text.split('.');
  return {
    programId: programId as ProgramId,
    visitorId: visitorId as VisitorId,
    at: Number(at),
    nonce: hexOf(opened.nonce),
  };
}
