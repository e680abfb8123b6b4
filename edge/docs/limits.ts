/** /docs/limits: how much is too much. */
import { html } from 'hono/html';
import { CLICKS_A_MINUTE, MAX_ARRAY_BYTES, MAX_BODY_BYTES, MAX_ROW_BYTES, MAX_ROWS, RATE_LIMITS } from '../contract.ts';
import { code, frame, type Html, type Place, table } from './page.ts';

const number = (value: number) => value.toLocaleString('en');

export function limits(place: Place): Html {
  const { secret, publishable } = RATE_LIMITS;
  const minute = ({ calls, windowSeconds }: { calls: number; windowSeconds: number }) =>
    `${number(calls)} calls in ${windowSeconds} seconds`;
  return frame(place, 'limits', {
    title: 'Limits',
    lead: 'They hold off floods and mistakes. An honest shop should never meet one.',
    body: html`
<h2 id="rates">Calls</h2>
${table(
  'Calls a window takes',
  ['Who', 'How many', 'Counted for'],
  [
    ['Secret key', `${minute(secret)}, or as it was made with`, 'each key'],
    [
      'Publishable key',
      `${minute(publishable)}, or as it was made with`,
      'each key and visitor’s address (IPv6: its /64)',
    ],
    [
      'Links, /go/…',
      `no limit; beyond ${CLICKS_A_MINUTE} in a minute not counted`,
      'each partner and address (IPv6: its /64)',
    ],
  ],
)}
<p>A window begins with a client’s first call. How many calls are under way at once does not matter. Every answer behind a
  key says where it stands, as in the IETF’s draft on RateLimit fields:</p>
${code(
  `RateLimit-Policy: "secret";q=${secret.calls};w=${secret.windowSeconds}
RateLimit: "secret";r=59873;t=41`,
  'RateLimit headers',
)}
<p><code>q</code> is how many calls a window takes, <code>w</code> its seconds, <code>r</code> how many are left,
  <code>t</code> in how many seconds the next window begins. Beyond it the answer is 429 with <code>Retry-After</code>;
  nothing was done, so the same call can be sent again. Each machine of the edge counts for itself and forgets with its
  memory: the limit is a wall, not a meter, and nothing that is paid rests on it.</p>

<h2 id="sizes">Sizes</h2>
${table(
  'Sizes',
  ['What', 'At most'],
  [
    ['A body', `${number(MAX_BODY_BYTES)} bytes`],
    ['An array', `${number(MAX_ROWS)} rows, ${number(MAX_ARRAY_BYTES)} bytes; one call of its window`],
    ['A row of an array', `${number(MAX_ROW_BYTES)} bytes`],
    ['Lines of an order', '500'],
    ['Codes of an order', '20, of 64 characters'],
    ['Rules of one version of terms', '50'],
    ['Commands of one call of a page', '50'],
    ['A name, an id, a sku', '255 characters'],
    ['An address', '2,048 characters'],
    ['A text in metadata', '500 characters, names 64'],
    ['An amount', '10¹² of the smallest unit; from a page 10⁹'],
    ['A page of a list', '100 rows'],
    ['Wrong fields told of one call or row', '20, and how many more there are'],
    ['A report', '366 days'],
    ['Keys of a program that work at one time', '100'],
    ['People on one side, the invited among them', '200'],
    ['Letters that invite one address, of a program or of one of its partners', '5 in a day'],
    ['Letters of one partner that invite somebody', '50 in a day'],
    ['Entries of the audit log that a page looks at under a filter', '500'],
    ['Entries of the audit log in one file', '100,000'],
    ['Links of the log’s chain that one call proves', '10,000'],
    ['Idempotency-Key', '255 visible ASCII characters'],
  ],
)}

<h2 id="times">Times</h2>
${table(
  'Times',
  ['What', 'How long'],
  [
    ['An order told after the fact', '90 days; a sandbox takes any past time'],
    ['An order told ahead of time', '10 minutes'],
    ['A landing after its click', '24 hours: later it is a copied address'],
    ['The same answer to a repeated Idempotency-Key', '24 hours'],
    ['A repeated click counted again', 'after 30 minutes'],
    ['A redirect waiting for its click to be stored', '150 ms, then it goes on'],
    ['A change of a link or a clock reaching every machine of the edge', '30 seconds'],
    ['A sandbox’s clock ahead of time', '10 years'],
    ['A rotated key going on', '24 hours, or 0 to 720 as asked'],
    ['A key’s last use being noted', '10 minutes'],
    ['An entry of the audit log getting its link', 'a minute'],
  ],
)}`,
  });
}
