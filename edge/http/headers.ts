/**
 * What answers say to browsers, beside what they hold. Whatever a door does not say itself is said by `harden`, and that
 * is the strictest there is: an answer is data, for whoever asked, and no browser may make more of it. Doors of other
 * kinds take one of the constants here; none of them is worked out per call.
 */

type Fixed = Readonly<Record<string, string>>;

/** What a page could ask a browser for; those that browsers know, or they would complain of the others. */
const FEATURES = [
  ...['accelerometer', 'autoplay', 'browsing-topics', 'camera', 'clipboard-read', 'clipboard-write', 'display-capture'],
  ...['encrypted-media', 'fullscreen', 'gamepad', 'geolocation', 'gyroscope', 'hid', 'identity-credentials-get'],
  ...['idle-detection', 'keyboard-map', 'local-fonts', 'magnetometer', 'microphone', 'midi', 'otp-credentials'],
  ...['payment', 'picture-in-picture', 'publickey-credentials-create', 'publickey-credentials-get'],
  ...['screen-wake-lock', 'serial', 'storage-access', 'usb', 'window-management', 'xr-spatial-tracking'],
] as const;
type Feature = (typeof FEATURES)[number];

/** No feature but those named, and these for our own pages alone. */
const features = (...own: Feature[]): string =>
  FEATURES.map((name) => `${name}=${own.includes(name) ? '(self)' : '()'}`).join(', ');

const policy = (...rules: string[]): string =>
  ["default-src 'none'", ...rules, "base-uri 'none'", "frame-ancestors 'none'"].join('; ');

/** Text never becomes markup or script by any of the browser's old doors (`innerHTML` and its like). */
const NO_TEXT_AS_SCRIPT = ["require-trusted-types-for 'script'", "trusted-types 'none'"];

/** By itself; over the words of a page that say more or less. */
const EVERY: Fixed = {
  'content-security-policy': policy("form-action 'none'"),
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': features(),
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** What a signed-in person or a key may read is nobody else's, and no cache's. */
const DATA: Fixed = { ...EVERY, 'cache-control': 'private, no-store' };

/**
 * Two years, for the host and everything below it. Only where the host is ours: said under the base path it would bind the
 * shop's other pages and sub-domains, or undo what the shop says of them itself.
 */
const ONLY_TLS: Fixed = { 'strict-transport-security': 'max-age=63072000; includeSubDomains' };

/** For pages of other sites to load. */
export const EMBEDDED: Fixed = { 'cross-origin-resource-policy': 'cross-origin' };
/** Besides, for their scripts to read. */
export const ANYBODY: Fixed = { ...EMBEDDED, 'access-control-allow-origin': '*' };

/** A page of ours shares its window with no other site's. */
const ALONE: Fixed = { 'cross-origin-opener-policy': 'same-origin', 'referrer-policy': 'same-origin' };

/** The dashboard: scripts and styles from our own files, none in the page. It signs in by passkey, and copies links. */
export const DASHBOARD: Fixed = {
  ...ALONE,
  'cache-control': 'no-cache',
  'content-security-policy': policy(
    ...["script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'", "connect-src 'self'"],
    ...["form-action 'self'", ...NO_TEXT_AS_SCRIPT],
  ),
  'permissions-policy': features('clipboard-write', 'publickey-credentials-create', 'publickey-credentials-get'),
};

/** A page of the documentation, from which calls are tried. */
export const DOCUMENT: Fixed = {
  ...ALONE,
  'content-security-policy': policy(
    ...["style-src 'self'", "script-src 'self'", "connect-src 'self'", "form-action 'none'", ...NO_TEXT_AS_SCRIPT],
  ),
};

/** A few words where a link leads nowhere, with one style, named by its hash. */
export const notice = (styleHash: string): Fixed => ({
  ...ALONE,
  'content-security-policy': policy(`style-src '${styleHash}'`, "form-action 'none'", ...NO_TEXT_AS_SCRIPT),
});

/**
 * A redirect to the shop: links stand on other sites, and the shop may see which. It makes no document, so that there is
 * nothing for a policy to hold, and every header is a visitor's time.
 */
const REDIRECT: Fixed = { 'referrer-policy': 'strict-origin-when-cross-origin', 'x-content-type-options': 'nosniff' };
const REDIRECT_HERE: Fixed = { ...REDIRECT, ...ONLY_TLS };
export const redirecting = (atShop: boolean): Fixed => (atShop ? REDIRECT : REDIRECT_HERE);

const HERE = Object.entries({ ...DATA, ...ONLY_TLS });
const AT_SHOP = Object.entries(DATA);

/** The answer, with everything said that its door left unsaid. */
export function harden(answer: Response, { atShop }: { atShop: boolean }): Response {
  const { headers } = answer;
  for (const [name, value] of atShop ? AT_SHOP : HERE) if (!headers.has(name)) headers.set(name, value);
  return answer;
}
