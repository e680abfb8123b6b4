/**
 * What a signed-in browser holds, and what it holds while it signs in. `__Host-`: set by this host over TLS (or on this
 * machine), for this host alone. No script reads them.
 */
const SESSION = '__Host-tributary_session';
const BROWSER = '__Host-tributary_sign_in';
const DEVICE = '__Host-tributary_device';
/** Longer than any attempt. */
const BROWSER_MS = 60 * 60_000;
/** As long as browsers keep any cookie. */
const DEVICE_MS = 400 * 86_400_000;
const SECRET = '[\\w-]{43}';

export const sessionOf = (cookies: string | null): string | null => cookieNamed(SESSION, cookies, SECRET);
export const browserOf = (cookies: string | null): string | null => cookieNamed(BROWSER, cookies, SECRET);
/** Whom this browser has been before: `flows/device.ts` reads it. */
export const deviceOf = (cookies: string | null): string | null => cookieNamed(DEVICE, cookies, '[\\w.-]{1,200}');

/** Whether an answer says what the browser is to hold. */
export const setsSession = (answer: Response): boolean =>
  answer.headers.getSetCookie().some((one) => one.startsWith(`${SESSION}=`));

export const keepSession = (secret: string, ms: number): string => cookie(SESSION, secret, ms);
export const endSession = (): string => cookie(SESSION, '', 0);
export const keepBrowser = (secret: string): string => cookie(BROWSER, secret, BROWSER_MS);
export const keepDevice = (value: string): string => cookie(DEVICE, value, DEVICE_MS);

const cookieNamed = (name: string, cookies: string | null, value: string): string | null =>
  new RegExp(`(?:^|; *)${name}=(${value})(?:;|$)`).exec(cookies ?? '')?.[1] ?? null;

/** Lax: a link from a mail leads to a page that is signed in; calls of other sites never are. */
const cookie = (name: string, value: string, ms: number): string =>
  `${name}=${value}; Path=/; Max-Age=${Math.max(0, Math.floor(ms / 1000))}; Secure; HttpOnly; SameSite=Lax`;
