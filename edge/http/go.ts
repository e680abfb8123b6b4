/**
 * GET /go/:code: say what kind of request this is, count the click, redirect. Nothing here may stop a shopper, and little
 * may slow one: this door stands before the router and reads the address once.
 */
import type { ClickClass } from '../core/token.ts';
import type { ClickRow } from '../deps.ts';
import { click } from '../flows/track.ts';
import { agentOf } from './agent.ts';
import { harden, notice, redirecting } from './headers.ts';
import type { App } from './types.ts';

const MAX_SUB = 128;

/** The answer to whoever follows a link; `code` as it stands in the path, `atShop` on the shop's own host. */
export async function go(
  request: Request,
  { deps }: App['Bindings'],
  ctx: Pick<ExecutionContext, 'waitUntil'>,
  { code, query, atShop }: { code: string; query: URLSearchParams; atShop: boolean },
): Promise<Response> {
  const { headers } = request;
  // Told by strangers: kept short, whole characters only, nothing that is not text.
  const sub = (name: string) =>
    query
      .get(name)
      ?.slice(0, MAX_SUB)
      .toWellFormed()
      .replace(/\p{Cc}/gu, '') ?? null;
  const { robot, ...agent } = agentOf(headers.get('user-agent'));
  const referrer = headers.get('referer');
  const redirect = await click(deps, {
    code: decoded(code),
    deepLink: query.get('u'),
    address: headers.get('cf-connecting-ip'),
    anonymous: request.method === 'HEAD' ? 'head' : headers.get('sec-gpc') === '1' ? 'opted_out' : null,
    ...classify(headers, robot),
    ...agent,
    country: (request.cf?.country as string | undefined) ?? null,
    referrerHost: referrer ? (URL.parse(referrer)?.host ?? null) : null,
    sub1: sub('sub1'),
    sub2: sub('sub2'),
    sub3: sub('sub3'),
    sub4: sub('sub4'),
    sub5: sub('sub5'),
  }).catch((cause) => {
    // The database cannot say where a link leads that this isolate has not seen before.
    console.error('link not read', cause);
    return 'away' as const;
  });
  if (redirect === 'away') return harden(page(AWAY_PAGE, 503), { atShop });
  if (!redirect) return harden(page(UNKNOWN_PAGE, 404), { atShop });
  const written = redirect.write !== null && (await within(ctx, redirect.write, deps.clickWriteBudgetMs));
  return new Response(null, {
    status: 302,
    headers: {
      ...redirecting(atShop),
      location: redirect.location,
      'cache-control': 'no-store',
      'x-robots-tag': 'noindex, nofollow',
      ...(written && redirect.kept && { 'tributary-click': 'stored' }),
    },
  });
}

/** A code that does not decode is none of ours; it is looked up as it came. */
function decoded(code: string): string {
  try {
    return decodeURIComponent(code);
  } catch {
    return code;
  }
}

type Classified = { class: ClickClass; reason: ClickRow['reason'] };

/**
 * What the request tells of itself; a page's script cannot forge `Sec-*`, and without them (old browsers) there is no
 * evidence. An image, a frame or a script call is no navigation: refused. A prefetch or a robot is suspect until a
 * script lands with it: the visitor may follow after all, and lists of robots err.
 */
function classify(headers: Headers, robot: boolean): Classified {
  const purpose = `${headers.get('sec-purpose') ?? ''} ${headers.get('purpose') ?? ''} ${headers.get('x-moz') ?? ''}`;
  const dest = headers.get('sec-fetch-dest');
  const mode = headers.get('sec-fetch-mode');
  // No browser says `cors` without a destination, but server tools do (Node's fetch): their user agent tells of them.
  const tool = dest === null && mode === 'cors';
  const navigation = (dest ?? 'document') === 'document' && (mode ?? 'navigate') === 'navigate';
  // Browsers prefetch with dest `empty`: asked first, or it would pass for a script's call.
  if (/prefetch|prerender|preview/i.test(purpose)) return { class: 'suspect', reason: 'prefetch' };
  if (!navigation && !tool) return { class: 'refused', reason: 'not_navigation' };
  if (robot) return { class: 'suspect', reason: 'bot' };
  return { class: 'valid', reason: null };
}

/** Whether the write was done before the budget ran out; it goes on either way. */
async function within(
  ctx: Pick<ExecutionContext, 'waitUntil'>,
  write: Promise<void>,
  budgetMs: number,
): Promise<boolean> {
  const settled = write.then(
    () => true,
    (cause) => {
      // The token stands in for the row; a landing or an order writes it again.
      console.error('click not stored', cause);
      return false;
    },
  );
  ctx.waitUntil(settled);
  let timer: ReturnType<typeof setTimeout> | null = null;
  const spent = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), budgetMs);
  });
  return Promise.race([settled, spent]).finally(() => clearTimeout(timer));
}

const UNKNOWN_PAGE = {
  title: 'This link leads nowhere',
  text: 'It may have been mistyped or withdrawn. Go back to the page you came from, or ask whoever shared it.',
};
const AWAY_PAGE = {
  title: 'This link cannot be followed just now',
  text: 'Something is being mended on our side. Try it again in a moment.',
};

const STYLE = `:root{color-scheme:light dark}body{font:1.05rem/1.6 system-ui,sans-serif;max-width:32rem;
margin:20vh auto;padding:0 1.5rem}h1{font-size:1.5rem}`;
/** SHA-256 of the style above: no other runs. */
const NOTICE = notice('sha256-G4rr42lwbNjFPgw9EcXXqIr2QOpTdWbWQIc3KKXuN2M=');

const page = ({ title, text }: typeof UNKNOWN_PAGE, status: 404 | 503): Response =>
  new Response(
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title><style>${STYLE}</style><main><h1>${title}</h1><p>${text}</p></main></html>`,
    {
      status,
      headers: {
        ...NOTICE,
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        ...(status === 503 && { 'retry-after': '5' }),
      },
    },
  );
