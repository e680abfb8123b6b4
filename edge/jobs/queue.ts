/**
 * Clicks from the queue, written in batches. A message may come twice, late and in any order; the row is the same. What
 * cannot be written is retried, ever later, and ends in the dead-letter queue, where people can look at it.
 */
import { isUlid } from '../core/id.ts';
import type { ClickRow, Clicks } from '../deps.ts';

const FIRST_RETRY_SECONDS = 2;
const LAST_RETRY_SECONDS = 3_600;

export async function storeClicks(batch: MessageBatch<unknown>, clicks: Clicks): Promise<void> {
  const rows: ClickRow[] = [];
  const again: Message<unknown>[] = [];
  const readable: Message<unknown>[] = [];
  for (const message of batch.messages) {
    const row = clickRow(message.body);
    if (row) rows.push(row);
    (row ? readable : again).push(message);
  }
  try {
    await clicks.record(rows);
    for (const message of readable) message.ack();
  } catch (cause) {
    console.error(`${rows.length} clicks not stored`, cause);
    again.push(...readable);
  }
  for (const message of again) {
    message.retry({ delaySeconds: Math.min(FIRST_RETRY_SECONDS * 2 ** (message.attempts - 1), LAST_RETRY_SECONDS) });
  }
}

type Check = (value: unknown) => boolean;
const id: Check = (value) => typeof value === 'string' && isUlid(value);
const text: Check = (value) => typeof value === 'string';
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const among =
  (...words: string[]): Check =>
  (value) =>
    words.includes(value as string);

/** What the table takes: one odd row must not hold up those beside it. */
const FIELDS: Record<keyof ClickRow, Check> = {
  programId: id,
  partnerId: id,
  key: id,
  linkId: orNull(id),
  class: among('valid', 'suspect', 'refused'),
  reason: orNull(among('bot', 'prefetch', 'not_navigation', 'repeat', 'flood')),
  country: orNull(text),
  device: orNull(text),
  browser: orNull(text),
  os: orNull(text),
  referrerHost: orNull(text),
  sub1: orNull(text),
  sub2: orNull(text),
  sub3: orNull(text),
  sub4: orNull(text),
  sub5: orNull(text),
};

function clickRow(body: unknown): ClickRow | null {
  if (typeof body !== 'object' || body === null) return null;
  const fields = body as Record<string, unknown>;
  return Object.entries(FIELDS).every(([field, check]) => check(fields[field])) ? (body as ClickRow) : null;
}
