/**
 * The golden vectors that need the doors: stories of calls and their answers, and what kind of request follows a link.
 * Real D1, a world of its own for each. The format is told in `test/golden/README.md`.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import requests from '../golden/identity/requests.json' with { type: 'json' };
import amounts from '../golden/orders/amounts.json' with { type: 'json' };
import clicks from '../golden/orders/clicks.json' with { type: 'json' };
import codes from '../golden/orders/codes.json' with { type: 'json' };
import devices from '../golden/orders/devices.json' with { type: 'json' };
import idempotency from '../golden/orders/idempotency.json' with { type: 'json' };
import lines from '../golden/orders/lines.json' with { type: 'json' };
import ranks from '../golden/orders/ranks.json' with { type: 'json' };
import sameOrder from '../golden/orders/same-order.json' with { type: 'json' };
import times from '../golden/orders/times.json' with { type: 'json' };
import { BROWSER, createWorld, PUBLISHABLE, SECRET, SHOP, START, type World } from '../support/world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

interface Expected {
  status: number;
  body?: object;
}
interface Step {
  as: 'server' | 'page' | 'browser';
  call: string;
  at?: number;
  times?: number;
  headers?: Record<string, string>;
  idempotencyKey?: string;
  body?: object;
  /** A list where it is sent several times at once. */
  expect: Expected | (Expected & { count: number })[];
  save?: Record<string, string>;
}
interface Story {
  name: string;
  steps: Step[];
}

const HEADERS: Record<Step['as'], Record<string, string>> = {
  server: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' },
  page: { origin: SHOP, 'content-type': 'text/plain' },
  browser: BROWSER,
};

/** Sends a step, as often at once as it says. */
const send = ({ as, call, times: often = 1, headers = HEADERS[as], idempotencyKey, body }: Step) => {
  const [method = 'GET', path = '/'] = call.split(' ');
  const told = as === 'page' ? { key: PUBLISHABLE, consent: 'granted', ...body } : body;
  const all = { ...headers, ...(idempotencyKey && { 'idempotency-key': idempotencyKey }) };
  const once = () => world.fetch(path, { method, headers: all, ...(told && { body: JSON.stringify(told) }) });
  return Promise.all(Array.from({ length: often }, once));
};

/** What a JSON pointer, or `location:` and the name of a parameter, names in an answer. */
function named(from: string, response: Response, answer: unknown): unknown {
  if (from.startsWith('location:')) {
    return new URL(response.headers.get('location') ?? '').searchParams.get(from.slice('location:'.length));
  }
  return from
    .slice(1)
    .split('/')
    .reduce((value, part) => (value as Record<string, unknown>)[part], answer);
}

const meets = (answer: object, expected: object): boolean => {
  try {
    expect(answer).toMatchObject(expected);
    return true;
  } catch {
    return false;
  }
};

async function tell(story: Story) {
  const saved = new Map<string, string>();
  const filled = <Value>(value: Value): Value =>
    JSON.parse(JSON.stringify(value).replace(/\$([a-z]\w*)/gi, (all, name) => saved.get(name) ?? all)) as Value;
  for (const [number, step] of story.steps.entries()) {
    if (step.at !== undefined) world.at(START + step.at);
    const responses = await send(filled(step));
    const answers = await Promise.all(
      responses.map(async (response) => ({
        status: response.status,
        body: response.headers.get('content-type')?.includes('json') ? ((await response.json()) as object) : null,
      })),
    );
    const expected = filled(step.expect);
    if (!Array.isArray(expected)) {
      expect(answers, `step ${number + 1}`).toMatchObject([expected]);
    } else {
      for (const { count, ...one } of expected) {
        const met = answers.filter((answer) => meets(answer, one));
        expect(met.length, `step ${number + 1}: ${JSON.stringify(one)}`).toBe(count);
      }
    }
    for (const [name, from] of Object.entries(step.save ?? {})) {
      const value = named(from, responses[0] as Response, answers[0]?.body);
      if (typeof value !== 'string') throw new Error(`step ${number + 1} has no ${from}`);
      saved.set(name, value);
    }
  }
}

describe.each(Object.entries({ sameOrder, ranks, times, amounts, codes, devices, lines, clicks, idempotency }))(
  '%s',
  (_file, { vectors }) => {
    test.each((vectors as Story[]).map((story) => [story.name, story] as const))('%s', (_name, story) => tell(story));
  },
);

describe('requests that follow a link', () => {
  test.each(requests.vectors.map((one) => [one.name, one] as const))('%s', async (_name, vector) => {
    const response = await world.fetch('/go/anna', { headers: vector.headers as Record<string, string> });
    expect(response.status).toBe(302);
    expect(response.headers.get('location')?.includes('tcid=')).toBe(vector.class !== null);
    const kept = await world.rows('SELECT class, reason FROM clicks');
    expect(kept).toEqual(vector.class === null ? [] : [{ class: vector.class, reason: vector.reason }]);
  });
});
