/**
 * OWASP ASVS 5.0.0, levels 1 and 2, requirement by requirement: what is asked, how it is met, and the tests that show it. A
 * test compares: every requirement stands here once, and every test that is named is there.
 */

/** A file under `test/`, without its ending, and the name of a test in it. */
export type Proof = readonly [file: string, name: string];

export interface Line {
  /** `6.5.1`; or, where several ask for one thing, `1.2.6-1.2.8`. */
  readonly id: string;
  /** What is asked, in our words. */
  readonly asked: string;
  readonly met: 'yes' | 'partly' | 'no' | 'elsewhere';
  readonly how: string;
  /** None only where it is not met, or held elsewhere: by the platform, by whoever runs it, or by what is written. */
  readonly tests: readonly Proof[];
}

export interface Chapter {
  readonly number: number;
  readonly title: string;
  readonly lines: readonly Line[];
  /** What does not apply, and why. */
  readonly without: readonly { readonly ids: string; readonly why: string }[];
}

type Rest = readonly [id: string, asked: string, how: string, ...tests: readonly Proof[]];
const yes = (...[id, asked, how, ...tests]: Rest): Line => ({ id, asked, met: 'yes', how, tests });
const partly = (...[id, asked, how, ...tests]: Rest): Line => ({ id, asked, met: 'partly', how, tests });
const no = (id: string, asked: string, how: string): Line => ({ id, asked, met: 'no', how, tests: [] });
const elsewhere = (...[id, asked, how, ...tests]: Rest): Line => ({ id, asked, met: 'elsewhere', how, tests });

const EVERY_ROUTE: Proof = ['http/headers', 'every route under %j, whoever asks and how'];
const TENANCY: Proof = ['http/tenancy', 'every route, asked by everybody, naming what is not theirs'];
const GUESSES: Proof = [
  'http/guess',
  'three hundred guesses of everything let nobody in, and the rightful person goes in and out meanwhile',
];
const HOSTILE: Proof = [
  'http/bodies',
  'every text of every example exchanged for a hostile one: taken or refused, never a fault',
];
const SHAPES: Proof = ['http/bodies', 'what no door asks for, none takes, and none breaks of'];
const EXAMPLES: Proof = [
  'http/openapi',
  'its examples run from top to bottom, answers fit their shapes, and each named call can be repeated',
];
const NO_TOKEN: Proof = ['http/oidc', 'with a token %s is refused'];
const OTHER_ISSUER: Proof = ['http/oidc', 'of an issuer that calls itself otherwise is none'];
const TRIP: Proof = [
  'http/oidc',
  'asks the issuer for a code, with state, nonce and a proof, and tells it the secret in the header',
];
const ONCE: Proof = ['http/sign-in', 'lets its reader in, once, by a press'];
const NEW_SESSION: Proof = [
  'http/sign-in',
  'is a new one at every sign-in; what the browser held before ends, whoever it was',
];
const ENDS: Proof = ['http/sign-in', 'ends when nobody uses it for three days, and after thirty in any case'];
const OWN_PAGES: Proof = ['http/strangers', 'what a session may change, our own pages alone may ask for'];
const ROTATED: Proof = ['core/token', 'survives the rotation of keys and not their removal'];
const SEALED: Proof = ['core/handover', 'one letter more, less or other: it does not open'];
const NOT_IN_CLEAR: Proof = ['http/security', 'nothing secret stands in the database in clear'];
const ATOMIC: Proof = [
  'http/members',
  'cut short before or after any word with the database, a removal happened or did not',
];
const LIMITS: Proof = ['http/docs', 'the limits that are told are those that hold'];
const PURE: Proof = ['tidy', 'core and flows read no clock, chance or network'];
const FROM_WHERE: Proof = ['http/audit', 'by whom, for whom, from where: a person’s address is sealed at rest'];
const FAULTS: Proof = ['http/headers', 'a link while the database is away: 503, and a fault: 500'];
const OWN_FILES: Proof = [
  'http/headers',
  'the dashboard’s page has no script or style of its own, nor anything of another host',
];
const SHOWN: Proof = ['http/docs', 'a host is shown, never run'];
const FORMULAS: Proof = ['http/audit', 'no cell begins as a formula, whatever splits the line'];
const NO_SECRETS: Proof = ['http/headers', 'a Worker without its secrets: 503'];
const HERE: Proof = ['asvs', 'every requirement stands here once'];

export const ASVS: readonly Chapter[] = [
  {
    number: 1,
    title: 'Encoding and sanitization',
    lines: [
      yes(
        '1.1.1',
        'Input is decoded once, before it is checked',
        'A body is decoded as UTF-8 JSON once, then its shape is checked.',
        ['http/strangers', 'JSON is UTF-8, whatever its parameters say'],
      ),
      yes(
        '1.1.2',
        'Output is encoded last, for whoever reads it',
        'HTML is escaped where it is made (hono/html, Preact), SQL takes parameters, JSON is written by the runtime.',
        SHOWN,
      ),
      yes(
        '1.2.1',
        'HTML and headers are encoded for their context',
        'As above; letters escape names by themselves.',
        SHOWN,
        ['mail/letters', 'names are escaped in HTML, and are no markup'],
      ),
      yes(
        '1.2.2',
        'URLs are built safely, of safe schemes',
        'Parameters are encoded; addresses are http or https, and where one is sent after signing in is a path of this host.',
        ['http/enroll', '%s %s names %s'],
        ['http/sign-in', 'leads to no place but this host: %s'],
      ),
      yes(
        '1.2.3',
        'Script and JSON are not built from text',
        'No script is made at run time; JSON is written by the runtime.',
        OWN_FILES,
        EXAMPLES,
      ),
      yes('1.2.4', 'Queries are parameterized', 'Every value of a statement is a parameter.', HOSTILE),
      yes(
        '1.3.2',
        'No eval',
        'The runtime refuses it, and so does the policy of every page.',
        ['http/docs', 'is a page that loads nothing from elsewhere'],
        EVERY_ROUTE,
      ),
      yes(
        '1.3.3',
        'What goes into a dangerous context is made safe',
        'A spreadsheet takes no cell for a formula.',
        FORMULAS,
      ),
      yes(
        '1.3.11',
        'Mail takes no injection',
        'Addresses are checked; names in letters stay on one line and make no link.',
        ['mail/letters', 'names stay on one line: no header, no second paragraph'],
        ['mail/letters', 'no mail program makes a link of a name'],
      ),
      yes(
        '1.4.2',
        'Numbers do not overflow',
        'Amounts are whole and capped; a sum that leaves the exact integers is refused.',
        ['core/money', 'a sum that leaves the exact integers is refused, not rounded'],
      ),
      yes('1.5.2', 'What is deserialized is checked', 'JSON alone, of shapes that name every field.', SHAPES, [
        'http/bodies',
        'lists: half a million levels, a thousand rows of many fields',
      ]),
    ],
    without: [
      { ids: '1.2.5', why: 'no command of an operating system is run' },
      { ids: '1.2.6-1.2.8', why: 'no LDAP, XPath or LaTeX' },
      { ids: '1.2.9', why: 'no pattern is made from input' },
      { ids: '1.3.1, 1.3.4, 1.3.5', why: 'no HTML, SVG, Markdown or style of users is taken' },
      { ids: '1.3.6', why: 'no address that somebody typed is called' },
      { ids: '1.3.7-1.3.10', why: 'no templates of users, JNDI, memcache or format strings' },
      { ids: '1.4.1, 1.4.3', why: 'the language manages memory' },
      { ids: '1.5.1', why: 'no XML' },
    ],
  },
  {
    number: 2,
    title: 'Validation and business logic',
    lines: [
      yes(
        '2.1.1',
        'Rules for input are documented',
        'The OpenAPI document is made from the very shapes that check.',
        EXAMPLES,
      ),
      yes(
        '2.1.2',
        'So are rules for fields together',
        'Each call tells its refusals, on the page of errors and in the contract.',
        ['http/openapi', 'each answer is told with its refusals, under the status that they have'],
      ),
      yes('2.1.3', 'So are limits', 'The page of limits is held against the limits that hold.', LIMITS),
      yes(
        '2.2.1',
        'Input is checked against what is expected',
        'Types, lengths, ranges and patterns; unknown fields are refused by name.',
        SHAPES,
        HOSTILE,
      ),
      yes('2.2.2', 'It is checked on the server', 'Every body is, whatever a page has checked before.', SHAPES),
      yes('2.2.3', 'Fields must fit together', 'Amount and items, start and end, role and side.', [
        'http/enroll',
        '%s %s names %s',
      ]),
      yes(
        '2.3.1',
        'Steps are taken in their order',
        'A second factor counts after it was confirmed; a passkey answers a challenge that was set.',
        ['http/second-factor', 'before it was confirmed is none'],
        ['http/second-factor', 'answers in the browser and for the purpose that was asked'],
      ),
      yes(
        '2.3.2',
        'Limits of the business hold',
        'Two hundred people on a side, a hundred keys, five invitations of an address a day.',
        ['http/members', 'a side has room for two hundred'],
        [
          'http/keys',
          'a program has a hundred that work, however many are made at once; those that are over do not count',
        ],
      ),
      yes(
        '2.3.3',
        'Done whole or not at all',
        'One batch of the database for what is done, its entry in the log and its answer.',
        ATOMIC,
        ['http/audit', '$act: with its act, or not at all'],
      ),
      yes(
        '2.3.4',
        'What there is once is given once',
        'Unique keys and comparisons inside the batch decide between calls that come at once.',
        ['http/members', 'both at the commit at once: the second hears that it is the last'],
        ['http/keys', 'of two asked for at once there is one; of a key that is over there is none'],
      ),
      yes(
        '2.4.1',
        'Floods and robots are held off',
        'Limits for each key, each address and each account; and on the size of everything.',
        ['http/limits', 'is refused when its window is used up, and heard again in the next'],
        GUESSES,
      ),
    ],
    without: [],
  },
  {
    number: 3,
    title: 'Web frontend',
    lines: [
      yes(
        '3.2.1',
        'An answer is not taken for something else',
        'Each says its type, may not be sniffed, and is for this origin alone unless it must be loaded elsewhere.',
        EVERY_ROUTE,
      ),
      yes(
        '3.2.2',
        'Text is shown as text',
        'By Preact and hono/html; the policy refuses text as script (Trusted Types).',
        SHOWN,
        EVERY_ROUTE,
      ),
      yes('3.3.1', 'Cookies are Secure', 'All that a person signs in by, always.', NEW_SESSION),
      yes(
        '3.3.2',
        'SameSite fits the purpose',
        'Lax: a link in a letter leads to a page that is signed in; other sites’ calls never are.',
        NEW_SESSION,
        OWN_PAGES,
      ),
      partly(
        '3.3.3',
        'Cookies have the prefix __Host-',
        'All of signing in have it. The visitor’s on the shop’s own host, which holds no right, keeps the name it is known by.',
        NEW_SESSION,
      ),
      yes('3.3.4', 'Cookies are HttpOnly', 'Sessions are in no answer but its Set-Cookie.', NEW_SESSION, [
        'http/sign-in',
        'who is signed in elsewhere is listed, and no place of it is in clear',
      ]),
      yes(
        '3.4.1',
        'HSTS, for sub-domains too',
        'Two years, on the host of its own; on the shop’s host the shop decides.',
        EVERY_ROUTE,
      ),
      yes(
        '3.4.2',
        'CORS is fixed or by list',
        'Only the SDK’s door answers an origin, one on the program’s list; nothing is read elsewhere as somebody.',
        ['http/events', 'answers the exact origin with credentials only when it is on the program’s list'],
        ['http/strangers', 'no door but the SDK’s lets a page of another site read it as somebody'],
      ),
      yes(
        '3.4.3',
        'A Content-Security-Policy',
        'On every answer, from nothing upwards; no script or style within a page.',
        EVERY_ROUTE,
        OWN_FILES,
      ),
      yes('3.4.4', 'nosniff', 'On every answer.', EVERY_ROUTE),
      yes(
        '3.4.5',
        'A Referrer-Policy',
        'On every answer; tokens stand behind the # of a link, where no referrer has them.',
        EVERY_ROUTE,
      ),
      yes('3.4.6', 'frame-ancestors', 'On every answer: in no frame.', EVERY_ROUTE),
      yes(
        '3.5.1',
        'Calls of other sites are told apart',
        'By Origin and Sec-Fetch-Site, before any session is looked at.',
        OWN_PAGES,
      ),
      yes('3.5.2', 'No call slips past the preflight', 'What changes something takes application/json alone.', [
        'http/strangers',
        'what changes something takes JSON and nothing else; the SDK’s door plain text besides',
      ]),
      yes(
        '3.5.3',
        'Safe methods change nothing sensitive',
        'But the way back from the single sign-on, which is bound to the browser that left.',
        OWN_PAGES,
        ['http/oidc', 'of another site’s page does nothing: who comes back by a link of theirs links nothing'],
      ),
      yes(
        '3.5.4',
        'Applications have hosts of their own',
        'People sign in on a host of the Worker’s own; on the shop’s there is no session.',
        ['http/sign-in', 'on the shop’s host (%s) there is no sign-in and no session'],
      ),
      yes(
        '3.7.1',
        'Only techniques that are still kept',
        'Plain modules for current browsers; nothing of plug-ins.',
        OWN_FILES,
      ),
      yes(
        '3.7.2',
        'Redirects elsewhere are by list',
        'Links lead to the program’s hosts; after signing in to a path of this host.',
        ['http/go', 'peer defect 6: a deep link to %s'],
        ['http/sign-in', 'leads to no place but this host: %s'],
      ),
    ],
    without: [{ ids: '3.5.5', why: 'no page listens to postMessage' }],
  },
  {
    number: 4,
    title: 'API and web service',
    lines: [
      yes(
        '4.1.1',
        'Each answer says its type',
        'With its charset where it is text.',
        ['http/docs', 'is a page that loads nothing from elsewhere'],
        ['http/audit', 'is made in either format, tells the same, and is an entry that is not in it'],
      ),
      elsewhere(
        '4.1.2',
        'No API leads from HTTP to HTTPS by itself',
        'Cloudflare answers plain HTTP before the Worker is asked: refuse it there for /v1, rather than redirect.',
      ),
      elsewhere(
        '4.1.3',
        'Headers of proxies cannot be forged',
        'The address is read from CF-Connecting-IP alone, which Cloudflare sets over whatever was sent.',
        ['http/limits', 'is counted for each address, and a page can read that it was refused'],
      ),
      elsewhere(
        '4.2.1',
        'Messages end where they end',
        'Cloudflare reads HTTP; a body is read no further than its limit.',
        ['http/bodies', 'a body without end is read no further than its limit, whatever it says of its length'],
      ),
    ],
    without: [
      { ids: '4.3.1, 4.3.2', why: 'no GraphQL' },
      { ids: '4.4.1-4.4.4', why: 'no WebSocket' },
    ],
  },
  {
    number: 5,
    title: 'Files',
    lines: [
      yes('5.4.2', 'Names of files are safe', 'The log’s file has a fixed name.', [
        'http/audit',
        'is made in either format, tells the same, and is an entry that is not in it',
      ]),
    ],
    without: [{ ids: '5.1.1, 5.2.1-5.2.3, 5.3.1, 5.3.2, 5.4.1, 5.4.3', why: 'no file is taken from anybody yet' }],
  },
  {
    number: 6,
    title: 'Authentication',
    lines: [
      yes(
        '6.1.1',
        'How guessing is held off is documented',
        'On this page and in a decision; nobody is locked out by others.',
        GUESSES,
      ),
      yes('6.1.3', 'All ways of signing in are documented', 'On this page.', HERE),
      yes(
        '6.3.1',
        'Guessing is held off',
        'The figure guess: ten thousand guesses, none taken, the rightful person never refused.',
        GUESSES,
      ),
      yes(
        '6.3.2',
        'No default accounts',
        'A deployment begins empty, and answers nothing without secrets of its own.',
        ['store/migrations', 'an empty database, and one that is up to date, are migrated without a trace'],
        NO_SECRETS,
      ),
      partly(
        '6.3.3',
        'Several factors for everybody',
        'Finance sees nothing without a second one, and whatever leads to money asks for one of the last ten minutes. All others may sign in with their mailbox alone, and are not made to add one.',
        [
          'http/second-factor',
          'sees nothing but themself without a second factor, and everything once the app is there',
        ],
        ['http/members', 'what leads to money wants a second factor of the last ten minutes'],
      ),
      yes(
        '6.3.4',
        'No way in is weaker than said',
        'Letter, passkey and single sign-on end in one place; a second factor is asked after each that is none.',
        ['http/oidc', 'is no second factor'],
        [
          'http/second-factor',
          'who is enrolled and signs in by letter is asked as well; another’s session is not let in by it',
        ],
      ),
      yes(
        '6.4.1',
        'Activation codes are random and short-lived',
        'An invitation holds no secret at all: it is answered once signed in.',
        ['http/members', 'makes a place that opens nothing, and a letter without a secret'],
      ),
      yes('6.4.2', 'No secret questions', 'There are none.', HERE),
      yes(
        '6.4.3',
        'Recovery does not go around the second factor',
        'There is no password to recover, and a letter is never a second factor.',
        [
          'http/second-factor',
          'who is enrolled and signs in by letter is asked as well; another’s session is not let in by it',
        ],
      ),
      partly(
        '6.4.4',
        'A lost factor is replaced with the same care',
        'By a recovery code, or another factor. Who has lost them all is let back by nobody here: an owner takes the place away and invites another address, having made sure who asks.',
        ['http/second-factor', 'is good once each, however it is typed, and there are ten'],
      ),
      yes(
        '6.5.1',
        'Codes are good once',
        'Links, codes of letters, of the app, for recovery; also of two requests at once.',
        ONCE,
        [
          'http/second-factor',
          'is good once: not again, not in another session, not in another browser, not a minute later',
        ],
        ['http/second-factor', 'is good once each, however it is typed, and there are ten'],
      ),
      partly(
        '6.5.2',
        'Short secrets are hashed slowly',
        'Recovery codes have 50 bits and are kept as HMAC-SHA-256 under AUTH_KEYS, which the database does not hold; not by a slow hash. All others have 256 bits.',
        NOT_IN_CLEAR,
      ),
      yes(
        '6.5.3',
        'Secrets come from a CSPRNG',
        'From crypto.getRandomValues, handed in: the rules and flows have no other chance.',
        PURE,
      ),
      yes(
        '6.5.4',
        'They have 20 bits or more',
        'Links 256, codes that are typed 50.',
        ['http/second-factor', 'is good once each, however it is typed, and there are ten'],
        GUESSES,
      ),
      partly(
        '6.5.5',
        'They live for ten minutes at most, TOTP for thirty seconds',
        'A letter is good for fifteen minutes, since mail is slow, and in the browser that asked alone. A code of the app is taken a step before and after its own.',
        ['http/sign-in', 'is over after fifteen minutes'],
        ['http/second-factor', 'is taken at its own step and one to either side, and never at two'],
      ),
      yes('6.6.2', 'They are bound to what asked for them', 'To the browser that did.', [
        'http/sign-in',
        'is worth nothing in another browser: forwarded, stolen, or read by a scanner that presses',
      ]),
      yes(
        '6.6.3',
        'Codes are not guessed',
        'Limits for each browser and network.',
        [
          'http/sign-in',
          'guessed tokens and codes open nothing, and end in a limit that the rightful browser does not feel',
        ],
        GUESSES,
      ),
      yes(
        '6.8.1',
        'No issuer speaks for another',
        'Who somebody is there is kept by issuer and subject, never by e-mail.',
        ['http/oidc', 'of the same subject at another issuer signs nobody in'],
        ['http/oidc', 'of somebody whom nobody has linked signs nobody in, whatever address the issuer names'],
      ),
      yes(
        '6.8.2',
        'Signatures are checked',
        'By the issuer’s published keys; unsigned, altered and other algorithms are refused.',
        NO_TOKEN,
      ),
      yes(
        '6.8.4',
        'What strength is wanted is asked for',
        'None is expected of the issuer: our own second factor is asked.',
        ['http/oidc', 'is no second factor'],
      ),
    ],
    without: [
      { ids: '6.1.2, 6.2.1-6.2.12', why: 'there are no passwords' },
      { ids: '6.6.1', why: 'nothing goes by telephone' },
      { ids: '6.8.3', why: 'no SAML' },
    ],
  },
  {
    number: 7,
    title: 'Sessions',
    lines: [
      yes('7.1.1', 'How long they last is documented', 'On this page: three days unused, thirty in all.', ENDS),
      yes(
        '7.1.2',
        'How many there may be is documented',
        'As many as a person has browsers; each is listed, and ends alone or with the others.',
        ['http/security', 'end one by one, or all but this one; others’ are not there'],
      ),
      yes(
        '7.1.3',
        'So is what single sign-on has to do with them',
        'It only begins one of ours: ending a session there ends none here.',
        ['http/oidc', 'ends what the browser held before'],
      ),
      yes('7.2.1', 'They are verified on the server', 'By the hash of what the browser holds.', [
        'http/sign-in',
        'is made of what only its browser knows: names of places, sessions and made-up secrets open nothing',
      ]),
      yes('7.2.2', 'They are made anew', 'No key or cookie is a session for ever.', NEW_SESSION),
      yes('7.2.3', 'They are random', '256 bits, kept as SHA-256.', GUESSES, NOT_IN_CLEAR),
      yes(
        '7.2.4',
        'Signing in makes a new one and ends the old',
        'So does each second factor, and a change of rights.',
        NEW_SESSION,
        [
          'http/second-factor',
          'exchanges what the browser holds: what it held is good for half a minute more, and shows no second factor',
        ],
      ),
      yes('7.3.1', 'They end unused', 'After three days.', ENDS),
      yes('7.3.2', 'They end at last', 'After thirty days.', ENDS),
      yes('7.4.1', 'What has ended opens nothing', 'Its row is deleted.', [
        'http/sign-in',
        'ends by signing out, there and then',
      ]),
      yes(
        '7.4.2',
        'Who leaves is out',
        'Taking a place ends all of that person’s sessions in the same commit.',
        ['http/sign-in', 'of who is removed ends with the next call, on every browser'],
        ['http/members', 'by the next call, in two browsers and in a tab that names its place'],
      ),
      yes('7.4.3', 'After a change of factors others can be ended', 'On the same page, at any time.', [
        'http/security',
        'end one by one, or all but this one; others’ are not there',
      ]),
      yes('7.4.4', 'Signing out is easy to find', 'In the menu of every page.', [
        'journeys/sign-in',
        'in by a link, a passkey added, out, and in again by the passkey',
      ]),
      partly(
        '7.4.5',
        'Administrators end sessions of others',
        'By taking the place away, which ends all of them; not without that.',
        ['http/members', 'by the next call, in two browsers and in a tab that names its place'],
      ),
      yes(
        '7.5.1',
        'What proves a person is changed after proving anew',
        'By the second factor of the last ten minutes, or where there is none a sign-in of these.',
        ['http/security', 'by the second factor where there is one, however new the sign-in'],
      ),
      partly(
        '7.5.2',
        'People see and end their sessions, proving anew',
        'They do. Ending one asks for nothing: it is the safe direction, and its owner may be in a hurry.',
        ['http/security', 'end one by one, or all but this one; others’ are not there'],
      ),
      yes('7.6.1', 'Lifetimes beside the issuer’s are as documented', 'Ours alone count.', [
        'http/oidc',
        'replayed opens nothing: at once, later, or by who has read it on its way',
      ]),
      yes(
        '7.6.2',
        'No session begins without somebody’s doing',
        'A link is pressed: opening it, as scanners of mail do, begins nothing.',
        ONCE,
      ),
    ],
    without: [],
  },
  {
    number: 8,
    title: 'Authorization',
    lines: [
      yes('8.1.1', 'Who may what is documented', 'By the table on this page, which is the one that decides.', [
        'core/access',
        'who may what',
      ]),
      yes(
        '8.1.2',
        'So is who sees which fields',
        'A partner sees its own part of an order, and of others one line: told in the reference.',
        ['http/conversions', 'a partner sees its own part and of others one line without particulars'],
      ),
      yes(
        '8.2.1',
        'Functions are denied by default',
        'Each route is an act of the table; one without a row does not compile.',
        [
          'core/access',
          'denied by default: allowed only by a row that names the role on its side, or a scope that the key has',
        ],
        TENANCY,
      ),
      yes(
        '8.2.2',
        'So are things',
        'What is not yours answers as what is not there: same words, same statements.',
        TENANCY,
      ),
      yes(
        '8.2.3',
        'So are fields',
        'As 8.1.2; nothing foreign stands in any answer.',
        ['http/conversions', 'a partner sees its own part and of others one line without particulars'],
        TENANCY,
      ),
      yes(
        '8.3.1',
        'It is decided on the server',
        'Pages hide what is not allowed; the table refuses it.',
        ['core/access', 'nobody is ever let in to a program or a partner but their own'],
        TENANCY,
      ),
      yes(
        '8.4.1',
        'Tenants are apart',
        'Each statement names the program, and of a partner the partner; the figure tenancy tries every route with everybody’s names.',
        TENANCY,
        [
          'http/keys',
          'a sandbox’s key with a live program’s ids: in path, body, query and cursor, as if there were none',
        ],
      ),
    ],
    without: [],
  },
  {
    number: 9,
    title: 'Self-contained tokens',
    lines: [
      yes(
        '9.1.1',
        'Their MAC is checked first',
        'Click tokens and hand-overs: altered in one letter they are nobody’s.',
        ['core/token', 'with any one character changed to any other is nobody’s'],
        SEALED,
      ),
      yes(
        '9.1.2',
        'Their algorithms are fixed',
        'Ours name none; of the issuer’s only those it publishes for signatures.',
        ['core/token', 're-encoded, cut, grown or foreign is nobody’s'],
        NO_TOKEN,
      ),
      yes(
        '9.1.3',
        'Keys come from where they are known',
        'From the Worker’s secrets, and the issuer’s own address.',
        ROTATED,
        OTHER_ISSUER,
      ),
      yes(
        '9.2.1',
        'Their time is checked',
        'A hand-over is good for five minutes, an ID token as it says.',
        ['http/visitors', 'within five minutes to the last works'],
        NO_TOKEN,
      ),
      yes('9.2.2', 'So is their kind', 'Each purpose has a key of its own.', [
        'core/handover',
        'a click token is no hand-over, and a hand-over no click token',
      ]),
      yes(
        '9.2.3',
        'So is whom they are for',
        'The program stands inside ours, the client’s id in the issuer’s.',
        ['http/visitors', 'of another program, or from the future, is ignored'],
        NO_TOKEN,
      ),
      yes('9.2.4', 'One key, several audiences: each token names its own', 'Ours name their program.', [
        'http/visitors',
        'of another program, or from the future, is ignored',
      ]),
    ],
    without: [],
  },
  {
    number: 10,
    title: 'OAuth and OpenID Connect',
    lines: [
      yes(
        '10.1.1',
        'Tokens go only where they are needed',
        'The ID token stays in the Worker for one call; access tokens are not used.',
        ['http/oidc', 'what is told of it in the log holds no code and no token'],
      ),
      yes(
        '10.1.2',
        'Only answers to one’s own trip are taken',
        'State, nonce and proof are kept sealed, bound to the browser that left.',
        [
          'http/oidc',
          'in another browser opens nothing, and asks the issuer nothing: nobody is signed in as somebody else by a link',
        ],
        ['http/oidc', 'to another trip of this browser opens nothing'],
      ),
      yes('10.2.1', 'The code flow is bound to its browser', 'By PKCE and by state.', TRIP, [
        'http/oidc',
        'whose proof is another’s is refused by the issuer',
      ]),
      yes('10.2.2', 'Issuers are not mixed up', 'There is one, and what it says of itself must be it.', OTHER_ISSUER),
      yes('10.5.1', 'An ID token is not replayed', 'By its nonce; and each trip ends once.', NO_TOKEN, [
        'http/oidc',
        'replayed opens nothing: at once, later, or by who has read it on its way',
      ]),
      yes('10.5.2', 'People are known by subject', 'By issuer and subject.', [
        'http/oidc',
        'of somebody whom nobody has linked signs nobody in, whatever address the issuer names',
      ]),
      yes(
        '10.5.3',
        'An issuer that calls itself otherwise is refused',
        'Its metadata must name the address it was set by.',
        OTHER_ISSUER,
      ),
      yes('10.5.4', 'The token must be for us', 'Its audience is our client’s id.', NO_TOKEN),
    ],
    without: [
      { ids: '10.3.1-10.3.4', why: 'our API takes keys and sessions of its own, no OAuth access tokens' },
      { ids: '10.4.1-10.4.11, 10.6.1, 10.6.2, 10.7.1-10.7.3', why: 'we are no authorization server' },
      { ids: '10.5.5', why: 'no back-channel logout' },
    ],
  },
  {
    number: 11,
    title: 'Cryptography',
    lines: [
      yes(
        '11.1.1',
        'The life of keys is documented',
        'On this page: made by the operator, rotated with overlap, taken out.',
        ROTATED,
        ['http/second-factor', 'stays good when the keys that seal are rotated, and so does the app'],
      ),
      yes('11.1.2', 'There is an inventory', 'On this page: each key, what it is for, and what it cannot open.', HERE),
      yes(
        '11.2.1',
        'Implementations are well-kept',
        'WebCrypto of the runtime; @simplewebauthn, oauth4webapi and otpauth for their protocols.',
        ['tidy', '%s imports only what it may'],
      ),
      partly(
        '11.2.2',
        'Algorithms can be exchanged',
        'Keys rotate with overlap, and each purpose is numbered; another algorithm would be a change of code.',
        ROTATED,
      ),
      yes('11.2.3', '128 bits of security or more', 'AES-256, HMAC-SHA-256, P-256 and what issuers sign with.', [
        'core/audit',
        'each hash is what it was: a stored chain is never sealed otherwise',
      ]),
      yes('11.3.1', 'No weak modes', 'AES-GCM alone.', SEALED),
      yes('11.3.2', 'Approved ciphers', 'AES-GCM, nonces of twelve random bytes.', SEALED),
      yes('11.3.3', 'What is encrypted cannot be altered', 'It is authenticated, for its purpose alone.', SEALED, [
        'http/security',
        'moved to another person’s row in the database opens nothing there',
      ]),
      yes(
        '11.4.1',
        'Approved hashes',
        'SHA-256; SHA-1 only inside the HMAC of authenticator apps, as these want it.',
        NOT_IN_CLEAR,
      ),
      yes('11.4.3', 'Hashes resist collisions', '256 bits.', [
        'core/audit',
        'any chain holds; with any one thing changed, that is what is named',
      ]),
      partly(
        '11.5.1',
        'What must not be guessed has 128 bits',
        'All that browsers and servers hold has 256. Codes that people type have 50, are bound to a browser or an account, and are limited.',
        GUESSES,
      ),
      yes(
        '11.6.1',
        'Approved signatures',
        'Passkeys and issuers sign with ES256, RS256, EdDSA and their like; none is made here.',
        NO_TOKEN,
        ['http/second-factor', 'answers in the browser and for the purpose that was asked'],
      ),
    ],
    without: [{ ids: '11.4.2, 11.4.4', why: 'there are no passwords' }],
  },
  {
    number: 12,
    title: 'Secure communication',
    lines: [
      elsewhere('12.1.1', 'Current TLS alone', 'Set the zone’s minimum to TLS 1.2 at Cloudflare.'),
      elsewhere('12.1.2', 'Recommended ciphers', 'Cloudflare’s.'),
      elsewhere(
        '12.2.1',
        'TLS towards everybody, always',
        'Set “Always use HTTPS” at Cloudflare; browsers are held to it for two years.',
        EVERY_ROUTE,
      ),
      elsewhere('12.2.2', 'Public certificates', 'Cloudflare’s.'),
      yes(
        '12.3.1',
        'TLS towards everything',
        'Mail services and issuers are called over https alone; the database is a binding.',
        ['mail/create', 'a letter lets somebody in, so it goes over TLS: %s'],
        ['http/oidc', 'goes over TLS alone: %s'],
      ),
      elsewhere('12.3.2', 'Certificates are verified', 'By the runtime’s fetch, which cannot be told otherwise.'),
      elsewhere(
        '12.3.3-12.3.4',
        'Services among themselves too',
        'Bindings of one Worker do not cross a network of ours.',
      ),
    ],
    without: [{ ids: '12.1.3', why: 'no client certificates' }],
  },
  {
    number: 13,
    title: 'Configuration',
    lines: [
      yes(
        '13.1.1',
        'Whom it talks to is documented',
        'On this page: D1, a mail service, an issuer; nobody types an address that is called.',
        HERE,
      ),
      elsewhere('13.2.1', 'Its parts know each other', 'Bindings are made by the platform and need no credentials.'),
      elsewhere(
        '13.2.2',
        'With least rights',
        'The Worker has its own database, mail and files, and nothing else of the account.',
      ),
      yes('13.2.3', 'No default credentials', 'Without secrets of its own a deployment answers 503.', NO_SECRETS),
      yes(
        '13.2.4',
        'Where it may go is listed',
        'To the mail service and the issuer that are set; the rules of imports let nothing else call out.',
        PURE,
        ['mail/create', 'an HTTP service is told as JSON, with its token, and follows no redirect'],
      ),
      yes('13.2.5', 'The server as well', 'As 13.2.4.', PURE),
      yes(
        '13.3.1',
        'Secrets are in a vault',
        'Worker secrets; what is read of them is never answered or logged.',
        NO_SECRETS,
      ),
      elsewhere('13.3.2', 'With least rights', 'Whoever may deploy the Worker; give that to few.'),
      elsewhere('13.4.1', 'No source control is deployed', 'Only the built folder is uploaded.'),
      yes(
        '13.4.2',
        'No debug modes',
        'The outbox of letters and the demo are files of the local start alone: no file of the Worker may import them.',
        ['tidy', '%s imports only what it may'],
      ),
      yes('13.4.3', 'No listings of folders', 'What is not a file is the dashboard’s page, or nothing.', EVERY_ROUTE),
      elsewhere('13.4.4', 'No TRACE', 'Cloudflare refuses it.'),
      yes(
        '13.4.5',
        'Documentation is public by intent',
        'These pages and the contract are; /health tells version and database alone.',
        ['http/openapi', 'it is made for the address it was asked at, once and for anybody'],
      ),
    ],
    without: [],
  },
  {
    number: 14,
    title: 'Data protection',
    lines: [
      yes('14.1.1', 'What is sensitive is named', 'On this page: secrets, proofs, people’s values, customers.', HERE),
      yes('14.1.2', 'With how it is kept', 'As 14.1.1.', NOT_IN_CLEAR),
      yes(
        '14.2.1',
        'Nothing sensitive stands in an address',
        'A secret key in one is refused; a link’s token stands behind the #.',
        ['http/keys', 'in an address it opens nothing, wherever it stands and however it is spelled'],
        ONCE,
      ),
      yes('14.2.2', 'Nor in caches of servers', 'Answers to people and keys are private, no-store.', EVERY_ROUTE),
      yes('14.2.3', 'Nothing goes to trackers', 'No page loads anything of another host.', OWN_FILES, [
        'http/docs',
        'is a page that loads nothing from elsewhere',
      ]),
      yes(
        '14.2.4',
        'It is kept as documented',
        'Sealed, hashed, and unreadable once a person’s key is destroyed.',
        ['http/audit', 'their values are empty from then on, the rest and the chain are as they were'],
        NOT_IN_CLEAR,
      ),
      partly(
        '14.3.1',
        'Signing out clears the browser',
        'The page lets go of all it held, and its cookie ends; Clear-Site-Data is not sent.',
        ['dashboard/people', 'signing out forgets the place; a failure leaves all as it was'],
      ),
      yes('14.3.2', 'Browsers keep no answers', 'private, no-store on all of them.', EVERY_ROUTE),
      yes(
        '14.3.3',
        'Nothing sensitive is stored in browsers',
        'A tab keeps the id of the place it looks from; the SDK, with consent, a random id.',
        ['dashboard/people', 'a tab keeps the place it looks from, and names it from the first call on'],
      ),
    ],
    without: [],
  },
  {
    number: 15,
    title: 'Secure coding and architecture',
    lines: [
      no(
        '15.1.1',
        'Time frames for mending libraries are documented',
        'None are promised. The operator updates; versions are exact.',
      ),
      partly(
        '15.1.2',
        'There is an inventory of libraries',
        'The lock file, with versions and hashes; licences are checked. No SBOM is made.',
        ['tidy', '%s imports only what it may'],
      ),
      yes(
        '15.1.3',
        'What costs much is documented',
        'On the page of limits, with how much of it one may ask for.',
        LIMITS,
      ),
      no('15.2.1', 'Libraries are within those time frames', 'As 15.1.1.'),
      yes(
        '15.2.2',
        'What costs much cannot be overused',
        'Sizes, rows and pages are bounded before any work is done.',
        ['http/bodies', 'a body without end is read no further than its limit, whatever it says of its length'],
        ['http/audit', 'a page reads no more than it looks at, however long the log'],
      ),
      yes('15.2.3', 'Nothing of tests is deployed', 'No file of the Worker may import one.', [
        'tidy',
        '%s imports only what it may',
      ]),
      yes(
        '15.3.1',
        'Answers hold what is needed',
        'Each is written field by field, and fits the shape in the contract.',
        EXAMPLES,
      ),
      yes('15.3.2', 'Calls follow no redirect', 'Of the mail service; of the issuer by its library.', [
        'mail/create',
        'an HTTP service is told as JSON, with its token, and follows no redirect',
      ]),
      yes(
        '15.3.3',
        'No field is set by the way',
        'Unknown fields are refused, and each change names its columns.',
        SHAPES,
      ),
      yes('15.3.4', 'Addresses are the true ones', 'CF-Connecting-IP alone; of IPv6 a network counts as one.', [
        'http/limits',
        'is counted for each address, and a page can read that it was refused',
      ]),
      yes(
        '15.3.5',
        'Types are strict',
        'In the code, at the door and in the database.',
        ['store/schema', 'types hold: a text is no amount'],
        SHAPES,
      ),
      yes(
        '15.3.6',
        'No prototype is polluted',
        'Names from outside are looked up by hasOwn, in maps, or not at all.',
        ['http/docs', 'what is no page is not found'],
        HOSTILE,
      ),
      yes(
        '15.3.7',
        'A field told twice is read once',
        'The last counts, everywhere alike; bodies, queries and headers are never mixed.',
        ['http/bodies', 'of a field that is told twice the last counts, everywhere alike'],
      ),
    ],
    without: [],
  },
  {
    number: 16,
    title: 'Logging and errors',
    lines: [
      yes(
        '16.1.1',
        'What is logged is documented',
        'On the page of the audit log.',
        ['http/audit', 'by whom, for whom, from where: a person’s address is sealed at rest'],
        ['core/audit', 'acts are named as what, and what became of it'],
      ),
      yes('16.2.1', 'Entries say who, what, when, where', 'And for whom, before and after.', FROM_WHERE),
      yes('16.2.2', 'By one clock, in UTC', 'The platform’s, whatever a sandbox’s clock says.', [
        'http/audit',
        'a sandbox’s clock, by the time outside',
      ]),
      yes(
        '16.2.3',
        'Logs go where they are documented to go',
        'To the database; faults and refused sign-ins to Workers Logs.',
        ['http/sign-in', 'who was not let in is noted, without a word of who or with what'],
      ),
      yes('16.2.4', 'They can be read by machines', 'As JSON lines or CSV.', [
        'http/audit',
        'is made in either format, tells the same, and is an entry that is not in it',
      ]),
      yes(
        '16.2.5',
        'They hold no secrets',
        'Nothing of a key, a code or a token; people’s values sealed.',
        ['http/keys', 'each act is logged with its commit, and nothing of a key’s text'],
        ['http/oidc', 'what is told of it in the log holds no code and no token'],
      ),
      partly(
        '16.3.1',
        'All signing in is logged',
        'What succeeds, and second factors that do not, in the audit log. A letter or passkey that lets nobody in belongs to no program: it is noted in Workers Logs without a name.',
        ['http/second-factor', 'the log tells of them'],
        ['http/sign-in', 'who was not let in is noted, without a word of who or with what'],
      ),
      partly(
        '16.3.2',
        'Refused authorization is logged',
        'Whoever asks for an act that is not theirs is noted in Workers Logs, by id and act. A thing of others is looked for among one’s own alone, so that it was asked for is not seen.',
        ['http/refused', 'who was refused an act is noted, by id and act alone; who may, or is nobody, is not'],
      ),
      partly(
        '16.3.3',
        'Attempts to get around controls are logged',
        'Second factors that were wrong, sign-ins past their limits, acts that are not allowed. Refused input is not.',
        ['http/second-factor', 'the log tells of them'],
      ),
      yes('16.3.4', 'Unexpected errors are logged', 'With their cause, in Workers Logs.', FAULTS),
      yes('16.4.1', 'Logs take no injection', 'They are JSON; the CSV takes no formula.', FORMULAS),
      yes(
        '16.4.2',
        'Logs cannot be changed',
        'The database refuses it, and a chain under a secret shows whoever goes around that.',
        ['store/schema', '%s refuses update and delete'],
        ['http/audit', 'all from an entry on made anew, by somebody without AUTH_KEYS'],
      ),
      partly(
        '16.4.3',
        'Logs are kept apart',
        'The audit log stands in the same database: take it along now and then, and note the head of its chain elsewhere. Workers Logs are apart.',
        ['http/audit', 'cut off at its end it looks whole, but for its head'],
      ),
      yes('16.5.1', 'Errors tell nothing inner', 'A fault answers one sentence; its cause is in the log.', FAULTS),
      yes(
        '16.5.2',
        'It goes on when others fail',
        'Shoppers are redirected while the database is away; a letter that is not taken changes no answer.',
        [
          'http/go',
          'a database that is away holds no shopper up: a known link goes on, an unknown one says to try again',
        ],
        ['http/sign-in', 'a letter that is not taken changes nothing of the answer'],
      ),
      yes('16.5.3', 'It fails closed', 'What fails half-way has not happened.', ATOMIC),
    ],
    without: [],
  },
  {
    number: 17,
    title: 'WebRTC',
    lines: [],
    without: [{ ids: '17.1.1, 17.2.1-17.2.4, 17.3.1, 17.3.2', why: 'no WebRTC' }],
  },
];

/** `1.2.6-1.2.8, 1.3.1` one by one. */
export const idsOf = (ids: string): string[] =>
  ids.split(', ').flatMap((span) => {
    const [first = '', last = first] = span.split('-');
    const [head, from] = [first.slice(0, first.lastIndexOf('.')), Number(first.split('.').at(-1))];
    const to = Number(last.split('.').at(-1));
    return Array.from({ length: to - from + 1 }, (_, at) => `${head}.${from + at}`);
  });
