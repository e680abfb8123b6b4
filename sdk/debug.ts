/**
 * `data-debug`: a small window over the page that shows what the tracker knows and what the page got wrong. For whoever
 * sets a shop up; it reads, and changes nothing.
 */
import { safely } from './safely.ts';
import { endpointOf } from './send.ts';
import type { Core, Options, State } from './tracker.ts';

const OFTEN_MS = 500;
const MAX_ERRORS = 20;

/** What may stand on the tag, and what is wrong with it; null: nothing. */
const ATTRIBUTES: Record<string, (value: string) => string | null> = {
  key: (key) => {
    if (key.startsWith('trb_sk_')) return 'is a secret key: take it out of the page and revoke it';
    return /^trb_pk_(live|test)_./.test(key) ? null : 'wants a publishable key, trb_pk_…';
  },
  host: (host) => (URL.canParse(host, location.href) ? null : 'wants an address or a path'),
  consent: (choice) => (choice === 'granted' || choice === 'denied' ? null : 'wants granted or denied; it is left out'),
  params: (list) => {
    const names = list.split(/[\s,]+/).filter(Boolean);
    if (!names.length || !names.every((name) => /^[\w-]{1,32}$/.test(name))) return 'wants names such as ref, aff';
    const taken = names.find((name) => ['tcid', 'tho'].includes(name));
    return taken ? `${taken} is taken; it is left out` : null;
  },
  domains: (list) => {
    const wrong = list.split(/[\s,]+/).find((host) => hostOf(host) !== host);
    return wrong === undefined ? null : `“${wrong}” is no host such as pay.example`;
  },
  forms: (selector) => {
    if (!selector) return null;
    try {
      return document.querySelector(selector) ? null : 'no form of this page is meant';
    } catch {
      return 'wants a CSS selector; no form is filled';
    }
  },
  stripe: () => null,
  debug: () => null,
};

const hostOf = (host: string): string | undefined => {
  try {
    return new URL(`https://${host}`).host;
  } catch {
    return undefined;
  }
};

/** What the page's markup gets wrong. The tracker goes on with its defaults, and says nothing. */
function faults(): string[] {
  const said: string[] = [];
  const tag = document.querySelector<HTMLElement>('script[data-debug]');
  for (const [name, value = ''] of Object.entries(tag?.dataset ?? {})) {
    const check = Object.hasOwn(ATTRIBUTES, name) ? ATTRIBUTES[name] : undefined;
    const fault = check ? check(value) : `is no attribute of ours: ${Object.keys(ATTRIBUTES).join(', ')}`;
    if (fault) said.push(`data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}="${value}" ${fault}`);
  }
  // Those that were understood have lost their attribute.
  for (const each of document.querySelectorAll<HTMLElement>('script[data-tributary]')) {
    try {
      JSON.parse(each.textContent);
    } catch (cause) {
      said.push(`data-tributary="${each.dataset.tributary}": ${cause instanceof Error ? cause.message : cause}`);
    }
  }
  if (top !== self) said.push('This page stands inside another: its landing is not counted.');
  return said;
}

const LOOK = `
:host { all: initial; position: fixed; inset: auto 1rem 1rem auto; z-index: 2147483647; color-scheme: light dark }
details { background: Canvas; color: CanvasText; border: 1px solid; border-radius: .5rem; font: 12px/1.5 ui-monospace, monospace;
  padding: .5rem .75rem; width: min(26rem, 100vw - 2rem); max-height: 60vh; overflow: auto; box-sizing: border-box }
summary { cursor: pointer; font-weight: bold } summary:focus-visible { outline: 2px solid }
dl { display: grid; grid-template-columns: auto 1fr; gap: 0 1rem; margin: .5rem 0 } dd { margin: 0; overflow-wrap: anywhere }
ul { margin: 0; padding-left: 1rem } li { overflow-wrap: anywhere } .fault { color: light-dark(#a1260d, #ffa28f) }
`;

export default function overlay(tracker: Core, options: Options): void {
  const host = document.createElement('tributary-debug');
  const root = host.attachShadow({ mode: 'open' });
  // Not a style element, which the page's policy may forbid.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(LOOK);
  root.adoptedStyleSheets = [sheet];
  const box = element('details', '');
  box.open = true;
  root.append(box);
  document.documentElement.append(host);

  const errors: string[] = [];
  let results: State['results'];
  let shown = '';
  const note = (text: string) => {
    errors.push(text);
    if (errors.length > MAX_ERRORS) errors.shift();
  };
  void probe(endpointOf(options.host), options.key).then((trouble) => trouble && note(trouble));

  const look = safely(() =>
    tracker.peek((state) => {
      if (state.results !== results) {
        results = state.results;
        for (const each of results ?? []) if ('code' in each) note(`${each.code}: ${each.detail}`);
      }
      const facts: [string, string][] = [
        ['consent', state.consent ?? 'not stated'],
        ['allowed', wordFor(state)],
        ['visitor', state.visitorId ?? '–'],
        ['click', state.clickId ?? '–'],
        ['partner', state.partner ?? '–'],
        ['server', options.host || location.origin],
        ['queue', state.queue.map(([verb]) => verb).join(', ') || 'empty'],
      ];
      const wrong = [...faults(), ...errors];
      // A list that stands still can be read and copied.
      const now = JSON.stringify([facts, wrong]);
      if (now === shown) return;
      shown = now;
      const list = element('dl', '');
      for (const [name, value] of facts) list.append(element('dt', name), element('dd', value));
      const faulty = element('ul', '');
      for (const each of wrong) faulty.append(Object.assign(element('li', each), { className: 'fault' }));
      box.replaceChildren(
        element('summary', `Tributary${wrong.length ? ` · ${wrong.length} to mend` : ''}`),
        list,
        faulty,
      );
    }),
  );
  look();
  setInterval(look, OFTEN_MS);
}

/** Asks the server as a page without a visitor would: the tracker's own posts tell it only that they failed. */
async function probe(address: string, key: string): Promise<string | null> {
  try {
    const body = JSON.stringify({ key, url: location.origin });
    const response = await fetch(address, { method: 'POST', body, credentials: 'omit' });
    if (response.ok) return null;
    const { detail } = (await response.json().catch(() => ({}))) as { detail?: string };
    return `the server answered ${response.status}${detail ? `: ${detail}` : ''}`;
  } catch {
    return `${address} cannot be read from here: is ${location.origin} among the program’s origins?`;
  }
}

function wordFor({ allowed, consent, consentRequired }: State): string {
  if (allowed) return 'yes';
  if (consent === 'denied') return 'no: the visitor, or the browser (GPC), said no';
  return consentRequired ? 'no: the visitor must be asked here' : 'the server has not been asked yet';
}

const element = <Name extends keyof HTMLElementTagNameMap>(name: Name, text: string): HTMLElementTagNameMap[Name] =>
  Object.assign(document.createElement(name), { textContent: text });
