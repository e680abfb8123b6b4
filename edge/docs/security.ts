/** /docs/security: how people and servers are let in, who may what, what is kept and how, and what OWASP ASVS asks of that. */
import { html } from 'hono/html';
import { ACTS, type Act, type Rule } from '../core/access.ts';
import { ASVS, type Chapter, idsOf, type Line, type Proof } from './asvs.ts';
import { frame, type Html, type Place, table } from './page.ts';

/** What each act of the table is, to whoever reads of it. */
const DOES: Readonly<Record<Exclude<Act, 'none'>, string>> = {
  self: 'Oneself: name, place, second factors, sessions, invitations',
  'orders.read': 'Read orders, and why they were credited',
  'orders.write': 'Tell orders',
  'clicks.write': 'Tell clicks and who was seen where',
  'reports.read': 'Read numbers by day',
  'reports.compare': 'Compare partners and models',
  'balances.read': 'Read balances',
  'program.read': 'Read the policy',
  'program.write': 'Change the policy',
  'setup.read': 'See how well the shop is connected',
  'clock.write': 'Move a sandbox’s clock',
  'partners.read': 'List partners',
  'partners.write': 'Add, pause, end and move partners',
  'groups.read': 'List groups',
  'groups.write': 'Make and change groups',
  'terms.write': 'Set what partners earn',
  'links.read': 'List links',
  'links.write': 'Make and change links',
  'codes.read': 'List discount codes',
  'codes.write': 'Give discount codes',
  'team.read': 'See who takes part',
  'team.write': 'Invite, change and remove people of one’s own side, but those who reach money',
  'team.write.partner': 'The same with a partner’s members, by the program',
  'team.write.money': 'The same with the program’s owners, managers and finance',
  'team.write.payee': 'The same with a partner’s owners, who say where its money goes',
  'keys.read': 'List keys',
  'keys.write': 'Make, rotate and revoke keys',
  'audit.read': 'Read, export and prove the audit log',
  'adjustments.write': 'Correct what somebody earned',
  'payouts.prepare': 'Prepare a payout',
  'payouts.approve': 'Approve a payout',
  'payouts.send': 'Send a payout',
  'payout-account.write': 'Say where a partner’s money goes',
};

/** How often something may be tried: `flows/tries.ts` has it, and a test compares. */
export const TRIES = [
  { what: 'link', tried: 'Asking for a letter', per: 'device', most: 10, minutes: 15 },
  { what: 'link', tried: 'Asking for a letter', per: 'account and network', most: 10, minutes: 15 },
  { what: 'link', tried: 'Asking for a letter', per: 'account', most: 60, minutes: 60 },
  { what: 'link', tried: 'Asking for a letter', per: 'network', most: 300, minutes: 15 },
  { what: 'press', tried: 'A link or its code', per: 'browser', most: 20, minutes: 15 },
  { what: 'challenge', tried: 'Beginning with a passkey or single sign-on', per: 'device', most: 100, minutes: 15 },
  { what: 'challenge', tried: 'Beginning with a passkey or single sign-on', per: 'network', most: 300, minutes: 15 },
  { what: 'factor', tried: 'A code of the app, or for recovery', per: 'device', most: 10, minutes: 15 },
  { what: 'factor', tried: 'A code of the app, or for recovery', per: 'device', most: 50, minutes: 1440 },
  { what: 'factor', tried: 'A code of the app, or for recovery', per: 'account and network', most: 10, minutes: 15 },
  { what: 'factor', tried: 'A code of the app, or for recovery', per: 'account', most: 100, minutes: 1440 },
  { what: 'miss', tried: 'What fits nothing', per: 'network', most: 100, minutes: 15 },
  { what: 'invite', tried: 'Inviting an address', per: 'account', most: 5, minutes: 1440 },
  { what: 'invites', tried: 'Inviting by a partner', per: 'account', most: 50, minutes: 1440 },
] as const;

const FOR: Readonly<Record<(typeof TRIES)[number]['per'], string>> = {
  device: 'a known browser',
  account: 'an address or person',
  'account and network': 'these and a network',
  network: 'a network',
  browser: 'the browser that asked',
};

const HOURS = 60;
const spanOf = (minutes: number): string =>
  minutes < HOURS ? `${minutes} minutes` : minutes === HOURS ? 'an hour' : 'a day';

export function security(place: Place): Html {
  const { base } = place;
  return frame(place, 'security', {
    title: 'Security',
    lead: 'How people and servers are let in, who may what, and what is kept of all that; with what OWASP’s standard asks, line by line.',
    body: html`
<nav class="contents" aria-label="On this page">
  <a href="#sign-in">Signing in</a> <a href="#second">Second factors</a> <a href="#sessions">Sessions</a>
  <a href="#guessing">Guessing</a> <a href="#roles">Who may what</a> <a href="#keys">API keys</a>
  <a href="#secrets">Secrets</a> <a href="#kept">What is kept</a> <a href="#asvs">OWASP ASVS</a>
</nav>

<h2 id="sign-in">Signing in</h2>
<p>There are no passwords. A person signs in by a letter, by a passkey, or, working for the retailer, by its single sign-on.
  Somebody gives them a place first: nobody makes an account of their own.</p>
<p><b>A letter</b> holds a link and a code. Both are good once, for fifteen minutes, and in the browser that asked alone: so a
  forwarded, stolen or scanned letter opens nothing. Opening the link does nothing yet; pressing the button there does. On
  another device the code is typed where one asked. Whether an address is known here is told by nothing, neither the answer
  nor its time.</p>
<p><b>A passkey</b> verifies its user (a finger, a face, a PIN), so it counts as a second factor too. <b>Single sign-on</b> is
  OpenID Connect with PKCE, state and nonce. Who somebody is there is linked once, by themself, by issuer and subject; an
  address never links anybody. Ending a session at the issuer ends none here: take the place away when somebody leaves.</p>

<h2 id="second">Second factors</h2>
<p>An authenticator app, a passkey, or one of ten recovery codes, which are shown once. Each code is good once, a step of
  thirty seconds early or late. Finance sees nothing without one of the last twelve hours. Whatever moves money, says where it
  goes, or gives somebody a place from which either is done, asks for one of the last ten minutes, of anybody. What proves a
  person is changed only within ten minutes of a second factor or, where there is none yet, of signing in.</p>
<p>Who has lost every factor is not let back by a letter. An owner takes the place away and invites them anew at another
  address, having made sure by other means who asks.</p>

<h2 id="sessions">Sessions</h2>
<p>A session is 256 random bits in a cookie (<code>__Host-</code>, HttpOnly, Secure, SameSite=Lax), of which the database has
  a hash. It ends after three days without a call and after thirty in all; by signing out; and with the place: who is
  removed is out by their next call, in every browser. It is exchanged at each sign-in, each second factor and each change of
  rights. Everybody sees their sessions, as many as they have browsers, and ends them one by one or all but this one.</p>

<h2 id="guessing">Guessing</h2>
<p>Tries are counted before they are looked at, for whom and where they come from, never for a person alone with a small
  number: so nobody is locked out by others. A browser in which a person has shown all that they have counts for itself, and
  feels nothing of what others try. Beyond a limit the answer is 429 with <code>Retry-After</code>; a right answer forgives
  what was counted of the account, not of the network (of IPv6, a /64).</p>
${table(
  'How often something may be tried',
  ['What', 'For', 'At most', 'Within'],
  TRIES.map(({ tried, per, most, minutes }) => [tried, FOR[per], String(most), spanOf(minutes)]),
)}

<h2 id="roles">Who may what</h2>
<p>A role lies on a place, on the program’s side or with one partner, never on the person: somebody may be an owner here and a
  member there, and looks from one place at a time. This is the table that decides; what it does not say is refused. What is
  not yours answers as what is not there: 404, with the same words and the same work.</p>
${table(
  'Who may what',
  ['What', 'On the program’s side', 'At a partner', 'Key with'],
  (Object.keys(DOES) as (keyof typeof DOES)[]).map((act) => [DOES[act], ...whoMay(ACTS[act])]),
)}
<p><sup>2</sup> with a second factor of the last ten minutes. Finance wants one of the last twelve hours for all of it. A
  partner’s people see and change what is that partner’s alone.</p>

<h2 id="keys">API keys</h2>
<p>A key says what it is: <code>trb_pk_…</code> for pages, <code>trb_sk_…</code> for servers, <code>live</code> or
  <code>test</code> for a sandbox. It is shown once and kept as a hash. It may what its scopes say, in its program alone; no
  scope lets a key approve or send money, say where it goes, or give somebody a place from which that is done. A key that
  makes keys gives none more than it has. Rotating makes a successor while the old one goes on for some hours; revoking ends
  it with the next call. A secret key in an address opens nothing: it stands in logs already, so replace it.</p>

<h2 id="secrets">Secrets of a deployment</h2>
<p>Whoever runs this makes them, and keeps them as secrets of the Worker alone. Without one of the first three it answers 503
  and says which. Each of these is a ring, the current key first. To change it, put the new key behind the current one,
  <code>1:…,2:…</code>, so that every machine knows it before any uses it; a minute later put it in front,
  <code>2:…,1:…</code>; keep the old one there as long as what it made must be read, then take it out. Each purpose has a key
  of its own, derived from the ring, so nothing made for one can be passed off as another.</p>
${table(
  'Secrets',
  ['Secret', 'Is for', 'Taken out of the ring'],
  [
    [
      html`<code>TOKEN_KEYS</code>`,
      'HMAC-SHA-256 of click tokens; AES-256-GCM of hand-overs between a shop’s hosts',
      'Tokens it signed earn nothing any more: keep it for the longest window.',
    ],
    [
      html`<code>HASH_KEY</code>`,
      'HMAC-SHA-256 of customers’ ids and addresses',
      'Customers whom nobody named while both keys stood there are new again: keep it for the longest window and the hold together.',
    ],
    [
      html`<code>AUTH_KEYS</code>`,
      'AES-256-GCM of authenticator secrets, trips to the single sign-on and people’s keys; HMAC-SHA-256 of recovery codes, known browsers, counted tries and the log’s chain',
      'Authenticator secrets and people’s keys are sealed anew each hour, up to 500 of them: wait for that. Recovery codes made under it must be made anew, and links of the log that it made cannot be proven.',
    ],
    [
      html`<code>OIDC_CLIENT_SECRET</code>, <code>MAIL_TOKEN</code>`,
      'The single sign-on; the mail service',
      'As the other side says.',
    ],
  ],
)}
<p>The Worker talks to its database and files by bindings, to the mail service and the issuer that are set over https, and to
  nobody else. No address that somebody typed is called.</p>

<h2 id="kept">What is kept, and how</h2>
${table(
  'What is kept',
  ['What', 'How', 'Until'],
  [
    ['Sessions, links, API keys', 'SHA-256 of 256 random bits', 'They end; keys stay listed'],
    ['Codes in letters', 'SHA-256 together with what the browser holds', 'A day after their end'],
    ['Recovery codes', 'HMAC under AUTH_KEYS', 'Used, or renewed'],
    ['Secrets of authenticator apps', 'Sealed under AUTH_KEYS, with their owner’s name', 'Removed'],
    ['Passkeys', 'The public key', 'Removed'],
    ['Who is who', 'E-mail address and name, in clear: letters go there', 'The person is erased'],
    [
      'People in the audit log',
      'By id; addresses, mailboxes and names sealed under a key of that person’s own',
      'That key is destroyed, by an erasure: then they are noise, and the chain still holds',
    ],
    ['Who signs in from where', 'Browser and country of a session; its network only in the log, sealed', 'As these'],
    ['Counted tries', 'HMAC of who tried what', 'Their time is over'],
    ['A shop’s customers', 'HMAC of id and address; nothing in clear', 'See the rules'],
  ],
)}
<p>What was done is in the <a href="${base}/docs/audit">audit log</a>; refused sign-ins, refused acts and faults are in the
  platform’s own log (Workers Logs), without names, addresses or secrets.</p>

<h2 id="asvs">OWASP ASVS 5.0, level 2</h2>
<p>The <a href="https://owasp.org/www-project-application-security-verification-standard/">Application Security Verification
  Standard</a> asks 253 things at its first two levels. Here is each, in our words, with how it is met and the tests that show
  it: ${count('yes')} are met, ${count('partly')} in part, ${count('no')} not, ${count('elsewhere')} are held by the platform
  or whoever runs this, and ${without()} do not apply. The tests are files under <code>test/</code>; one of them checks that each
  that is named here is there.</p>
${ASVS.map(chapterOf)}`,
  });
}

const names = (roles: readonly string[] = []): string => roles.join(', ') || '–';

function whoMay({ program, partner, key, self, fresh, upTo }: Rule): (Html | string)[] {
  const limits = Object.entries(upTo ?? {}).map(([role, most]) => `; ${role} up to ${most.toLocaleString('en')} units`);
  const with2 = (text: string) => (fresh && text !== '–' ? html`${text}<sup>2</sup>` : text);
  if (self) return ['anybody', 'anybody', '–'];
  return [with2(names(program) + limits.join('')), with2(names(partner)), key ?? '–'];
}

const lines = ASVS.flatMap((chapter) => chapter.lines);
const count = (met: Line['met']): number =>
  lines.filter((one) => one.met === met).flatMap((one) => idsOf(one.id)).length;
const without = (): number => ASVS.flatMap((chapter) => chapter.without).flatMap((one) => idsOf(one.ids)).length;

const MET: Readonly<Record<Line['met'], string>> = {
  yes: 'Met.',
  partly: 'In part.',
  no: 'Not met.',
  elsewhere: 'Held elsewhere.',
};

function chapterOf({ number, title, lines: own, without: apart }: Chapter): Html {
  const caption = `V${number} ${title}`;
  return html`<h3 id="v${number}">${caption}</h3>
${
  own.length > 0
    ? table(
        caption,
        ['Asked', 'How', 'Shown by'],
        own.map(({ id, asked, met, how, tests }) => [
          html`<b>${id}</b> ${asked}`,
          html`<b>${MET[met]}</b> ${how}`,
          tests.length > 0 ? html`${tests.map(proofOf)}` : '–',
        ]),
      )
    : ''
}
${apart.length > 0 ? html`<p>Does not apply: ${apart.map(({ ids, why }, at) => html`${at > 0 ? '; ' : ''}<b>${ids}</b>, ${why}`)}.</p>` : ''}`;
}

/** What stands for each of many is left out of a name. */
const proofOf = ([file, name]: Proof): Html =>
  html`<p><code>${file}</code> ${name.replaceAll(/%[sji]|\$\w+/g, '…')}</p>`;
