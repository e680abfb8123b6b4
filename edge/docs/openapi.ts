/** GET /v1/openapi.json: the contract, made from the operations and the shapes that calls are checked by. */
import { z } from 'zod';
import { MAX_ROWS } from '../contract.ts';
import type { RefusalCode } from '../core/result.ts';
import { problem } from '../http/problem.ts';
import { type AnswerName, answerShapes } from './answers.ts';
import { OPERATIONS, type Operation, refusalsOf, takesName } from './operations.ts';
import { PROBLEMS } from './problems.ts';

export type Json = { [field: string]: unknown };

/** Calls and answers of one name are told apart. */
const nameOf = (answer: AnswerName): string => (answer === 'Problem' ? answer : `${answer}Answer`);
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

/** `server`: the address the API is called at, base path included. */
export function openapi({ version, server }: { version: string; server: string }): Json {
  const paths: Record<string, Json> = {};
  for (const operation of OPERATIONS) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: described(operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tributary',
      version,
      summary: 'Affiliate tracking that a retailer runs itself',
      description:
        'Times are ISO 8601 UTC with milliseconds (milliseconds since the epoch are taken too), money is an integer of the smallest unit beside its currency, and errors are application/problem+json (RFC 9457).',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: server }],
    tags: [...new Set(OPERATIONS.map((one) => one.group))].map((name) => ({ name })),
    paths,
    components: {
      schemas: schemas(),
      securitySchemes: {
        secretKey: { type: 'http', scheme: 'bearer', description: 'A secret key, trb_sk_…: for servers only.' },
      },
    },
  };
}

function described(operation: Operation): Json {
  const { method, path, title, about, group, auth, params = {}, body, rows, answer } = operation;
  const parameters = Object.entries(params).map(([name, { about: description, example }]) => {
    const inPath = path.includes(`{${name}}`);
    return {
      name,
      in: inPath ? 'path' : 'query',
      ...(inPath && { required: true }),
      description,
      schema: { type: 'string' },
      ...(example && { example }),
    };
  });
  const name = takesName(operation) ? [IDEMPOTENCY_KEY] : [];
  return {
    operationId: `${method}${path.replace(/[^a-z0-9]+(\w?)/gi, (_, letter: string) => letter.toUpperCase())}`,
    tags: [group],
    summary: title,
    description: about,
    // A session's cookie is a browser's own business: tools call with keys.
    security: auth === 'secret' || auth === 'reader' ? [{ secretKey: [] }] : [],
    ...(parameters.length + name.length > 0 && { parameters: [...parameters, ...name] }),
    ...(body && {
      requestBody: {
        required: true,
        content: {
          'application/json': { schema: rows ? oneOrMany(ref(body.name)) : ref(body.name), example: body.example },
        },
      },
    }),
    responses: {
      ...(rows && eachAnswered(answer)),
      ...answered(answer, takesName(operation)),
      ...refused(refusalsOf(operation)),
    },
  };
}

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'Names this call, so that it is done once: a repeat within 24 hours hears the same answer.',
  schema: { type: 'string', pattern: '^[!-~]{1,255}$' },
};

function answered({ status, about, shape, example }: Operation['answer'], replays: boolean): Json {
  const content = {
    'application/json': { schema: shape && ref(nameOf(shape)), ...(example !== undefined && { example }) },
  };
  const headers = {
    'Idempotent-Replayed': { description: '`true`: the answer to an earlier call.', schema: { type: 'string' } },
  };
  return { [status]: { description: about, ...(replays && { headers }), ...(shape && { content }) } };
}

const oneOrMany = (one: Json): Json => ({ oneOf: [one, { type: 'array', items: one, maxItems: MAX_ROWS }] });

/** An array's answer; under the same status, that of an order that stood. */
function eachAnswered({ shape }: Operation['answer']): Json {
  if (!shape) return {};
  const one = ref(nameOf(shape));
  const results = { type: 'array', items: { anyOf: [one, ref('Problem')] } };
  const list = { type: 'object', properties: { results }, required: ['results'] };
  return {
    200: {
      description: 'Of an array, an answer or a problem for each row, in order; of one call, what stood already',
      content: { 'application/json': { schema: { anyOf: [list, one] } } },
    },
  };
}

/** One response a status, with an example of each code that has it. */
function refused(codes: readonly RefusalCode[]): Json {
  const told = codes.map((code) => problem(PROBLEMS[code].example));
  return Object.fromEntries(
    [...Map.groupBy(told, (one) => one.status)].map(([status, group]) => [
      status,
      {
        description: group.map((one) => one.title).join(', or '),
        content: {
          'application/problem+json': {
            schema: ref('Problem'),
            examples: Object.fromEntries(group.map((one) => [one.code, { summary: one.title, value: one }])),
          },
        },
      },
    ]),
  );
}

/** What calls take, as it is sent; what answers hold, as it is read. */
export function schemas(): Record<string, Json> {
  const bodies = OPERATIONS.flatMap(({ body }) => (body ? [[body.name, body.shape, 'input'] as const] : []));
  const answers = Object.entries(answerShapes()).map(
    ([name, shape]) => [nameOf(name as AnswerName), shape, 'output'] as const,
  );
  return Object.fromEntries([...answers, ...bodies].map(([name, shape, io]) => [name, schemaOf(shape, io)]));
}

export function schemaOf(shape: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(shape, {
    io,
    override: ({ jsonSchema }) => {
      // Four lines of digits say no more than the format does.
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
    },
  });
  return schema as Json;
}
