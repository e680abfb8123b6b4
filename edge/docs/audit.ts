/** /docs/audit: what is logged, what seals it, what its proof can see and what it cannot. */
import { html } from 'hono/html';
import { AUDIT_ACTS } from '../core/audit.ts';
import { frame, type Html, type Place, table } from './page.ts';

export function audit(place: Place): Html {
  const { base } = place;
  return frame(place, 'audit', {
    title: 'Audit log',
    lead: 'Who did what, to what, on whose behalf, when and from where. Nothing in it is ever changed, and it can be proven.',
    body: html`
<nav class="contents" aria-label="On this page">
  <a href="#entries">Entries</a> <a href="#chain">The chain</a> <a href="#proof">The proof</a> <a href="#people">People</a>
  <a href="#acts">Acts</a>
</nav>

<h2 id="entries">Entries</h2>
<p>An entry is written with the act it tells of, both or neither. It names who acted (<code>person:&lt;id&gt;</code>,
  <code>key:&lt;id&gt;</code>, or <code>system</code> where nobody did), what was done to what, for which partner when a
  partner’s person did it, from which country and network, and what was otherwise before and after: only that. Times are of
  the world outside, also in a sandbox. Clicks and orders are their own record and are not repeated.</p>
<p>Owners, finance, compliance and keys with the scope <code>audit</code> read it, page by page or as a file
  (<a href="${base}/docs/reference#audit-log">the calls</a>). Reading is no act; taking a file along is.</p>

<h2 id="chain">The chain</h2>
<p>The database refuses to change or delete an entry. Each minute the entries that came are numbered and linked: each link’s
  hash (SHA-256) is of the hash before it, the number, and every column of the entry as it is stored. Beside it stands an
  HMAC of number, hash and entry under <code>AUTH_KEYS</code>. So whoever can write to the database, triggers or not, can
  change nothing unseen; and without that secret nobody makes a new chain in place of the old.</p>

<h2 id="proof">The proof</h2>
<p><code>GET /v1/audit/proof</code> reads the whole chain and holds each entry against its own link. It names:</p>
${table(
  'What the proof names',
  ['What', 'Means'],
  [
    [html`<code>altered</code>`, 'The entry, or its link, is not as it was sealed. No other entry is named for it.'],
    [html`<code>missing</code>`, 'An entry, a link, or both, are gone.'],
    [html`<code>unsealed</code>`, 'An entry is older than ten minutes and has no link.'],
  ],
)}
<p>Three things it cannot see. In the minute before its link is made, an entry is as safe as the database. A log that was cut
  off at its end looks whole from inside: note the proof’s <code>head</code> and <code>sealed</code> somewhere else now and
  then, and a later proof that is shorter, or has another hash at that number, tells. And whoever has both the database and
  <code>AUTH_KEYS</code> can make all of it anew; a head that was noted elsewhere tells that too.</p>
<p>When <code>AUTH_KEYS</code> is rotated, the new key goes in front and the old ones stay behind it: a link whose key is taken
  out can no longer be proven, and is called altered.</p>

<h2 id="people">People</h2>
<p>People stand in it by id. What is personal (an address, a mailbox, a name) is sealed under a key of that person’s own, and
  opened for who reads the log. Erasing a person destroys that key: their values are empty from then on, and the chain
  holds as it did.</p>

<h2 id="acts">Acts</h2>
${table(
  'Acts in the log',
  ['Act', 'What happened'],
  Object.entries(AUDIT_ACTS).map(([act, about]) => [html`<code>${act}</code>`, about]),
)}`,
  });
}
