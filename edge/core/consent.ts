/** Whether a browser may be remembered. Absence of a choice is never consent where the law asks for one. */

// EEA, United Kingdom, Switzerland.
const ASKS = new Set(
  'AT BE BG HR CY CZ DK EE FI FR DE GR HU IS IE IT LV LI LT LU MT NL NO PL PT RO SK SI ES SE GB CH'.split(' '),
);
// Cloudflare's codes for "no country known" and Tor.
const UNKNOWN = new Set(['XX', 'T1']);

/** `granted`: may be kept. `denied`: nothing is read or kept. `required`: the page must ask first. */
export type ConsentState = 'granted' | 'denied' | 'required';

/** The page's word, unless the browser itself opted out (GPC); without a word the country decides, unknown as EEA. */
export function consentState(given: {
  consent: 'granted' | 'denied' | undefined;
  optedOut: boolean;
  country: string | undefined;
}): ConsentState {
  if (given.optedOut || given.consent === 'denied') return 'denied';
  if (given.consent === 'granted') return 'granted';
  const { country } = given;
  return country === undefined || UNKNOWN.has(country) || ASKS.has(country) ? 'required' : 'granted';
}
