/**
 * Goal: the contract tells the truth: every route, every refusal, shapes that real calls and answers fit. Method: its
 * paths against the routes of the app, and its examples run from top to bottom in a sandbox of their own.
 */
import { beforeEach, expect, test } from 'vitest';
import type { z } from 'zod';
import { routes } from '../../edge/app.ts';
import { answerShapes } from '../../edge/docs/answers.ts';
import { schemaOf } from '../../edge/docs/openapi.ts';
import { isOfPages, OPERATIONS, type Operation, refusalsOf, takesName } from '../../edge/docs/operations.ts';
import { createWorld, PUBLISHABLE, SECRET, SHOP, type Viewer, type World } from '../support/world.ts';

let world: World;
const contract = async (path = '/v1/openapi.json') => (await world.fetch(path)).json<Contract>();
interface Contract {
  openapi: string;
  servers: { url: string }[];
  paths: Record<string, Record<string, Described>>;
  components: { schemas: Record<string, unknown> };
}
interface Described {
  operationId: string;
  security: unknown[];
  parameters?: { name: string; in: string }[];
  responses: Record<string, { content?: Record<string, { examples?: Record<string, unknown> }> }>;
}

/** The id that examples use. */
const NAMED = '01KA2Q9V3R6W5T8Y1N4M7B0C2D';

/** Pages for people, and what browsers ask before they call. */
const isApi = ({ method, path }: { method: string; path: string }) =>
  ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'].includes(method) &&
  path !== '/*' &&
  !/^\/docs(\/|$)/.test(path) &&
  !isOfPages(path);

beforeEach(async () => {
  world = await createWorld();
  await world.rows("UPDATE programs SET mode = 'sandbox' WHERE slug = 'world'");
  await world.rows("UPDATE enrollments SET slug = 'anna-of-the-world' WHERE slug = 'anna'");
  await world.rows("INSERT INTO people (id, email, name) VALUES ('01J0000000000000000000000P', 'o@x.test', 'Olga')");
  await world.rows(
    "INSERT INTO memberships (id, person_id, program_id, partner_id, role, joined_at, vouched) SELECT '01J0000000000000000000000M', '01J0000000000000000000000P', id, NULL, 'owner', 0, 0 FROM programs WHERE slug = 'world'",
  );
  // What the examples about people and keys name.
  await world.rows("INSERT INTO people (id, email, name) VALUES ('01J0000000000000000000000Q', 'ada@x.test', 'Ada')");
  await world.rows(
    `INSERT INTO memberships (id, person_id, program_id, partner_id, role, joined_at, vouched)
      SELECT '${NAMED}', '01J0000000000000000000000Q', id, NULL, 'analyst', 0, 0 FROM programs WHERE slug = 'world'`,
  );
  await world.rows(
    `INSERT INTO keys (hash, id, program_id, kind, name, hint, scopes, created_at)
      SELECT 'none', '${NAMED}', id, 'secret', 'old', 'none', '["read"]', 0 FROM programs WHERE slug = 'world'`,
  );
});

test('it has every route, and nothing besides', async () => {
  const { paths } = await contract();
  const told = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  // The redirect stands before the router.
  const found = routes.filter(isApi).map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
  expect(told.sort()).toEqual([...new Set([...found, 'GET /go/{code}'])].sort());
});

test('it is made for the address it was asked at, once and for anybody', async () => {
  expect((await contract()).servers).toEqual([{ url: 'https://t.example' }]);
  expect((await contract('/_t/v1/openapi.json')).servers).toEqual([{ url: 'https://t.example/_t' }]);
  const { headers } = await world.fetch('/v1/openapi.json');
  expect(headers.get('access-control-allow-origin')).toBe('*');
});

test('names are unique, references lead somewhere, path parameters are described', async () => {
  const { paths, components } = await contract();
  const all = Object.values(paths).flatMap((methods) => Object.values(methods));
  expect(new Set(all.map((one) => one.operationId)).size).toBe(all.length);
  const named = JSON.stringify({ paths, components }).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g);
  for (const [, name] of named) expect(Object.keys(components.schemas)).toContain(name);
  for (const { path, params = {} } of OPERATIONS) {
    for (const [, name = ''] of path.matchAll(/\{(\w+)\}/g)) expect(params[name]?.example).toBeTruthy();
  }
});

test('each answer is told with its refusals, under the status that they have', async () => {
  const { paths } = await contract();
  const order = paths['/v1/conversions']?.post;
  expect(Object.keys(order?.responses ?? {}).sort()).toEqual([
    '200',
    '201',
    '400',
    '401',
    '409',
    '413',
    '415',
    '422',
    '429',
  ]);
  const named = (status: string) =>
    Object.keys(order?.responses[status]?.content?.['application/problem+json']?.examples ?? {});
  expect(named('422')).toEqual(['invalid', 'idempotency_key_reused', 'amount_mismatch']);
  expect(named('409')).toEqual(['order_conflict']);
});

test('its examples run from top to bottom, answers fit their shapes, and each named call can be repeated', async () => {
  const shapes = answerShapes();
  const [owner] = await world.rows<Pick<Viewer, 'personId' | 'programId'>>(
    "SELECT person_id AS personId, program_id AS programId FROM memberships WHERE id LIKE '%M'",
  );
  const flaws: unknown[] = [];
  let followed = '';
  for (const operation of OPERATIONS) {
    const { method, path, auth, body, rows, answer } = operation;
    const flaw = (...what: unknown[]) => flaws.push([method, path, ...what]);
    const fits = (what: string, shape: z.ZodType | undefined, value: unknown) => {
      const issues = shape?.safeParse(value).error?.issues;
      if (issues) flaw(what, issues);
    };
    const shape = answer.shape && shapes[answer.shape];
    if (body) fits('the example', body.shape, body.example);
    if (answer.example !== undefined) fits('the example of the answer', shape, answer.example);

    world.look(auth === 'person' && owner ? { ...owner, partnerId: null } : null);
    const call = (sent = body?.example, name = `example-${path}`) =>
      world.fetch(addressOf(operation), {
        method: method.toUpperCase(),
        headers: {
          ...((auth === 'secret' || auth === 'reader') && { authorization: `Bearer ${SECRET}` }),
          ...(auth === 'publishable' && { origin: SHOP }),
          ...(body && { 'content-type': 'application/json' }),
          ...(takesName(operation) && { 'idempotency-key': name }),
        },
        ...(body && {
          body: JSON.stringify(auth === 'publishable' ? { ...(sent as object), key: PUBLISHABLE } : sent),
        }),
      });
    const response = await call();
    followed = response.headers.get('location') ?? followed;
    if (response.status !== answer.status) flaw(response.status, await response.text());
    else if (shape) fits('the answer', shape, await response.json());
    if (rows) {
      const list = await call([body?.example, {}], `rows-${path}`);
      const { results } = await list.json<{ results: unknown[] }>();
      fits('a row', shape, results[0]);
      fits('a bad row', shapes.Problem, results[1]);
    }
    if (takesName(operation)) {
      const again = await call();
      if (again.status !== answer.status || again.headers.get('idempotent-replayed') !== 'true')
        flaw('again', again.status);
    }
  }
  expect(flaws).toEqual([]);
  expect(followed).toContain('https://shop.example/tent?tcid=');
});

test('notes explain fields that there are', () => {
  for (const { body, notes = {}, path } of OPERATIONS) {
    const schema = body ? JSON.stringify(schemaOf(body.shape, 'input')) : '';
    for (const field of Object.keys(notes)) {
      expect([path, field, schema.includes(`"${field.split('.').at(-1)}":`)]).toEqual([path, field, true]);
    }
  }
});

test('a call is only refused for what can be wrong with it', () => {
  const of = (method: string, path: string) =>
    refusalsOf(OPERATIONS.find((one) => one.method === method && one.path === path) as Operation);
  expect(of('get', '/health')).toEqual([]);
  expect(of('get', '/v1/partners')).toContain('invalid');
  expect(of('post', '/v1/events')).not.toContain('bad_idempotency_key');
});

function addressOf({ path, params = {} }: Operation): string {
  const query = new URLSearchParams();
  let address = path;
  for (const [name, { example }] of Object.entries(params)) {
    if (address.includes(`{${name}}`)) address = address.replace(`{${name}}`, encodeURIComponent(example ?? ''));
    else if (example) query.set(name, example);
  }
  return query.size > 0 ? `${address}?${query}` : address;
}
