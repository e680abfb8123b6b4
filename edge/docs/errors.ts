/** /docs/errors: every refusal, what it looks like and what to do. */
import { html } from 'hono/html';
import type { RefusalCode } from '../core/result.ts';
import { problem } from '../http/problem.ts';
import { code, frame, type Html, type Place, table } from './page.ts';
import { PROBLEMS } from './problems.ts';

export function errors(place: Place): Html {
  const all = Object.entries(PROBLEMS)
    .map(([name, { example, remedy }]) => ({ name: name as RefusalCode, remedy, told: problem(example) }))
    .sort((a, b) => a.told.status - b.told.status);
  return frame(place, 'errors', {
    title: 'Errors',
    lead: 'Each error has a code to act on and words to read. Codes stay; words may get better.',
    body: html`
<p>They are <code>application/problem+json</code> (<a href="https://www.rfc-editor.org/rfc/rfc9457">RFC 9457</a>). Where a
  field is at fault, <code>errors</code> names each one by a JSON pointer and says what was expected there.</p>
${code(JSON.stringify(problem(PROBLEMS.invalid.example), null, 2), 'A problem')}
<h2 id="codes">Codes</h2>
${table(
  'Codes of errors',
  ['Code', 'Status', 'What it says', 'What to do'],
  [
    ...all.map(({ name, remedy, told }) => [
      html`<code id="${name}">${name}</code>`,
      String(told.status),
      told.title,
      remedy,
    ]),
    [
      html`<code id="fault">fault</code>`,
      '500',
      'Something failed on our side',
      'Send the same call again: nothing was half written.',
    ],
  ],
)}
<h2 id="again">What may be sent again</h2>
<p>After 429, 500 and 503, and when no answer came: the same call, after <code>Retry-After</code> seconds if it is there.
  Any other error will be the same again until something changes. A call with an <code>Idempotency-Key</code> that was
  refused or failed has left nothing behind.</p>
<p>In <code>POST /v1/events</code> a command that is refused is a problem inside <code>results</code>, at its place; the
  call itself is answered with 200, and the other commands stand.</p>`,
  });
}
