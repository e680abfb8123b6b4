/** /docs/reference: every operation from the table, to read, to copy and to try. */
import { html } from 'hono/html';
import { MAX_ROWS } from '../contract.ts';
import { problem } from '../http/problem.ts';
import { type Json, schemaOf } from './openapi.ts';
import { OPERATIONS, type Operation, refusalsOf, takesName } from './operations.ts';
import { code, frame, type Html, type Place, table } from './page.ts';
import { PROBLEMS } from './problems.ts';

const WHO: Record<Operation['auth'], string> = {
  none: 'Anybody',
  publishable: 'A page, with the publishable key in the body',
  secret: 'A server, with a secret key',
  reader: 'A server, with a secret key; or whoever is signed in',
  person: 'Whoever is signed in',
};

export function reference(place: Place): Html {
  const groups = [...Map.groupBy(OPERATIONS, (one) => one.group)];
  return frame(place, 'reference', {
    title: 'Reference',
    lead: 'Every call there is. The same, for tools: /v1/openapi.json.',
    body: html`
<p>Servers send <code>Authorization: Bearer trb_sk_…</code>. JSON is in camelCase; times are ISO 8601 in UTC (milliseconds
  since the epoch are taken too); money is an integer of the smallest unit beside its currency. Fields that nobody knows are
  refused by name. Lists take <code>limit</code> and <code>cursor</code> and answer
  <code>{ data, nextCursor }</code>. Where an array is taken, rows act as if sent one after the other: the answer is 200
  with <code>{ results: […] }</code>, for each row its answer or its problem, and one bad row spoils no other.</p>
<form class="key" id="key-form" hidden>
  <label for="key">Secret key, to try calls from this page</label>
  <input id="key" type="password" autocomplete="off" spellcheck="false" placeholder="trb_sk_test_…" aria-describedby="key-note" />
  <p id="key-note">It stays in this page’s memory until you leave. With a live key this page only reads.</p>
</form>
<nav class="contents ops" aria-label="Calls">
  ${groups.map(
    ([group, operations]) =>
      html`<p><b>${group}</b> ${operations.map((one) => html`<a href="#${idOf(one)}">${one.title}</a> `)}</p>`,
  )}
</nav>
${groups.map(
  ([group, operations]) => html`<h2 id="${slug(group)}">${group}</h2>
  ${operations.map((one) => shown(place, one))}`,
)}`,
  });
}

const slug = (text: string): string =>
  text
    .toLowerCase()
    .match(/[a-z0-9]+/g)
    ?.join('-') ?? '';
const idOf = ({ method, path }: Operation): string => slug(`${method}${path}`);

function shown(place: Place, operation: Operation): Html {
  const { method, path, title, about, auth, params = {}, body, rows, notes = {}, answer } = operation;
  const fields = body ? fieldsOf(schemaOf(body.shape, 'input')) : [];
  return html`<article class="op" aria-labelledby="${idOf(operation)}">
    <h3 id="${idOf(operation)}">${title}</h3>
    <p class="call"><b class="${method}">${method.toUpperCase()}</b> <code>${path}</code></p>
    <p>${ticked(about)}</p>
    <p class="who">${WHO[auth]}${takesName(operation) ? html`. Takes <code>Idempotency-Key</code>` : ''}${rows ? `. Also an array of up to ${MAX_ROWS.toLocaleString('en')}` : ''}.</p>
    ${
      Object.keys(params).length > 0
        ? table(
            `Parameters of ${title}`,
            ['Parameter', 'In', 'Meaning'],
            Object.entries(params).map(([name, { about: meaning }]) => [
              html`<code>${name}</code>`,
              path.includes(`{${name}}`) ? 'address' : 'query',
              ticked(meaning),
            ]),
          )
        : ''
    }
    ${
      body
        ? table(
            `Body of ${title}`,
            ['Field', 'Takes', 'Meaning'],
            fields.map(({ name, takes, required }) => [
              html`<code>${name}</code>${required ? html` <small>required</small>` : ''}`,
              takes,
              ticked(notes[name] ?? ''),
            ]),
          )
        : ''
    }
    ${code(curl(place, operation), `${title}, from a terminal`)}
    <p class="who">${answer.status}: ${answer.about}.</p>
    ${answer.example === undefined ? '' : code(JSON.stringify(answer.example, null, 2), 'Its answer')}
    ${refused(place, operation)}
    ${form(place, operation)}
  </article>`;
}

/** Back-ticks of the table's plain words. */
const ticked = (text: string): Html =>
  html`${text.split('`').map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : part))}`;

function refused({ base }: Place, operation: Operation): Html | string {
  const codes = refusalsOf(operation);
  if (codes.length === 0) return '';
  const told = codes.map((one) => ({ code: one, status: problem(PROBLEMS[one].example).status }));
  return html`<p class="refusals">Refusals: ${told
    .sort((a, b) => a.status - b.status)
    .map(({ code: name, status }) => html`<a href="${base}/docs/errors#${name}">${status}&nbsp;${name}</a> `)}</p>`;
}

function addressOf({ path, params = {} }: Operation): string {
  const query = Object.entries(params).filter(([name, { example }]) => example && !path.includes(`{${name}}`));
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => params[name]?.example ?? `{${name}}`);
  return query.length > 0 ? `${filled}?${query.map(([name, { example }]) => `${name}=${example}`).join('&')}` : filled;
}

function curl({ origin, base }: Place, operation: Operation): string {
  const { method, auth, body } = operation;
  const address = addressOf(operation);
  return [
    `curl ${method === 'get' || method === 'post' ? '' : `-X ${method.toUpperCase()} `}'${origin}${base}${address}'`,
    ...(auth === 'secret' || auth === 'reader' ? ["-H 'Authorization: Bearer trb_sk_…'"] : []),
    ...(body ? ["-H 'Content-Type: application/json'"] : []),
    ...(takesName(operation) ? ["-H 'Idempotency-Key: a-name-of-your-own'"] : []),
    ...(body ? [`-d '${JSON.stringify(body.example).replaceAll("'", "'\\''")}'`] : []),
  ].join(' \\\n  ');
}

/** Calls that make sense from this page: not a shopper's redirect. */
function form({ base }: Place, operation: Operation): Html | string {
  const { method, path, auth, body, title } = operation;
  if (path.startsWith('/go/')) return '';
  const id = idOf(operation);
  return html`<details class="try" hidden><summary>Try it</summary>
    <form data-method="${method.toUpperCase()}" data-auth="${auth}" data-base="${base}" aria-label="Try: ${title}">
      <label for="${id}-address">Address</label>
      <input id="${id}-address" name="address" value="${addressOf(operation)}" spellcheck="false" autocomplete="off" required />
      ${
        body
          ? html`<label for="${id}-body">Body</label>
      <textarea id="${id}-body" name="body" rows="${Math.min(14, JSON.stringify(body.example, null, 2).split('\n').length)}" spellcheck="false">${JSON.stringify(body.example, null, 2)}</textarea>`
          : ''
      }
      <button>Send ${method.toUpperCase()}</button>
      <output aria-live="polite"></output>
    </form></details>`;
}

interface Field {
  readonly name: string;
  readonly takes: string;
  readonly required: boolean;
}

/** A body's fields, an object's own ones behind it: `items.price`. */
export function fieldsOf(schema: Json, prefix = ''): Field[] {
  const required = (schema.required ?? []) as string[];
  return Object.entries((schema.properties ?? {}) as Record<string, Json>).flatMap(([name, field]) => {
    const inner = (field.type === 'array' ? field.items : field) as Json | undefined;
    return [
      {
        name: `${prefix}${name}`,
        takes: taken(field),
        required: required.includes(name) && field.default === undefined,
      },
      ...(inner?.properties ? fieldsOf(inner, `${prefix}${name}.`) : []),
    ];
  });
}

/** What a field takes, in a few words. */
function taken(field: Json): string {
  const { type, enum: values, maxLength, maximum, minimum, format, anyOf, items, prefixItems } = field;
  if (Array.isArray(values)) return values.join(' · ');
  if (Array.isArray(anyOf))
    return anyOf.some((one: Json) => one.format === 'date-time') ? 'time' : anyOf.map(taken).join(' or ');
  if (format === 'uri') return 'address';
  if (type === 'array' && Array.isArray(prefixItems))
    return `${prefixItems.length} of: ${taken(prefixItems[0] as Json)}`;
  if (type === 'array') return `list of ${taken((items ?? {}) as Json)}`;
  if (type === 'integer') {
    const from = typeof minimum === 'number' && minimum > -(2 ** 53) ? minimum : null;
    const to = typeof maximum === 'number' && maximum < 2 ** 53 - 1 ? maximum : null;
    if (from !== null && to !== null) return to >= 1e12 ? `integer, ${from} or more` : `integer, ${from} to ${to}`;
    return 'integer';
  }
  if (type === 'string') return typeof maxLength === 'number' ? `text, at most ${maxLength}` : 'text';
  if (type === 'object') return 'object';
  return typeof type === 'string' ? type : 'anything';
}
