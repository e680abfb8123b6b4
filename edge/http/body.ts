/** Reads what a stranger sends: type, size, JSON, shape, in that order, each refused by name. */
import type { z } from 'zod';
import { MAX_ARRAY_BYTES, MAX_BODY_BYTES, MAX_ROW_BYTES, MAX_ROWS } from '../contract.ts';
import { err, ok, type Refusal, type Result } from '../core/result.ts';

type Checked<Shape extends z.ZodType> = Result<z.output<Shape>>;

/**
 * Why this is not a type that is taken; null where it is, or where nothing is sent. A form of another site can send what
 * it likes but JSON. Parameters say nothing: JSON is UTF-8, whatever else they call it.
 */
export function wrongType(request: Request, types: readonly string[] = ['application/json']): Refusal | null {
  const said = request.headers.get('content-type');
  if (said === null && (request.body === null || request.headers.get('content-length') === '0')) return null;
  const type = said?.split(';')[0]?.trim().toLowerCase() ?? '';
  return types.includes(type) ? null : { code: 'unsupported_type', expected: types.join(' or ') };
}

/** The body of a request, whose type was looked at before, as the shape says, or why not. */
export async function readBody<Shape extends z.ZodType>(request: Request, shape: Shape): Promise<Checked<Shape>> {
  const read = await readJson(request, MAX_BODY_BYTES);
  return read.ok ? checkShape(shape, read.value.body) : read;
}

/** One call, or an array of them, each checked by itself. */
export interface Rows<Row> {
  readonly rows: readonly Result<Row>[];
  readonly array: boolean;
}

/** The body of a call that may be sent as an array: then every row is a call of its own, and may fail alone. */
export async function readRows<Shape extends z.ZodType>(
  request: Request,
  shape: Shape,
): Promise<Result<Rows<z.output<Shape>>>> {
  const read = await readJson(request, MAX_ARRAY_BYTES);
  if (!read.ok) return read;
  const { body, size } = read.value;
  if (!Array.isArray(body)) {
    if (size > MAX_BODY_BYTES) return err({ code: 'too_large', limitBytes: MAX_BODY_BYTES });
    return ok({ rows: [checkShape(shape, body)], array: false });
  }
  if (body.length > MAX_ROWS) {
    return err({ code: 'invalid', errors: [{ pointer: '', detail: `at most ${MAX_ROWS} rows` }] });
  }
  const tooLarge = (row: unknown) => size > MAX_ROW_BYTES && bytesOf(row) > MAX_ROW_BYTES;
  const rows = body.map((row: unknown) =>
    tooLarge(row) ? err({ code: 'too_large', limitBytes: MAX_ROW_BYTES }) : checkShape(shape, row),
  );
  return ok({ rows, array: true });
}

const bytesOf = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length;

async function readJson(request: Request, limit: number): Promise<Result<{ body: unknown; size: number }>> {
  const bytes = await readAtMost(request, limit);
  if (!bytes) return err({ code: 'too_large', limitBytes: limit });
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes);
    texts.set(request, text);
    return ok({ body: JSON.parse(text) as unknown, size: bytes.length });
  } catch {
    return err({ code: 'malformed_json' });
  }
}

const texts = new WeakMap<Request, string>();
/** The body that was read, as it was sent; empty without one. */
export const textOf = (request: Request): string => texts.get(request) ?? '';

/** Whoever mends them needs no more at once, and an answer must not grow beyond what was sent. */
const MAX_ERRORS = 20;
const MAX_STEP = 64;

/**
 * A value as the shape says, or the fields that are not, with a JSON pointer (RFC 6901) and what was expected. Of many the
 * first twenty, and how many more.
 */
export function checkShape<Shape extends z.ZodType>(shape: Shape, value: unknown): Checked<Shape> {
  const parsed = shape.safeParse(value);
  if (parsed.success) return ok(parsed.data);
  const errors = parsed.error.issues.flatMap((issue) =>
    // A field that nobody knows is named itself, not the object that holds it: mostly it is a typing error.
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ pointer: pointer([...issue.path, key]), detail: 'no field of this name' }))
      : [{ pointer: pointer(issue.path), detail: issue.message }],
  );
  const more = errors.length - MAX_ERRORS;
  if (more <= 0) return err({ code: 'invalid', errors });
  const rest = { pointer: '', detail: `${more} more corrections, which are not told` };
  return err({ code: 'invalid', errors: [...errors.slice(0, MAX_ERRORS), rest] });
}

const pointer = (path: readonly PropertyKey[]): string =>
  path.map((step) => `/${shortened(String(step)).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** Only a name that nobody knows is so long. */
const shortened = (step: string): string =>
  step.length > MAX_STEP ? `${step.slice(0, MAX_STEP).toWellFormed()}…` : step.toWellFormed();

/** Null once the body grows past the limit: what it declares is not believed. */
async function readAtMost(request: Request, limit: number): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > limit) return null;
    chunks.push(chunk);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
