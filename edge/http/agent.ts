/**
 * What a user agent says of itself: device, browser and system for reports, and whether it is a robot's. Only what it
 * says: who poses as a browser is not found here, and a robot's click may still earn once a visitor's page vouches for it.
 */
import { isbot } from 'isbot';
import UAParser from 'ua-parser-js';
import type { ClickRow } from '../deps.ts';

/** No versions: they would tell people apart. */
export interface Agent extends Pick<ClickRow, 'device' | 'browser' | 'os'> {
  readonly robot: boolean;
}

/** Longer ones are nobody's, and would be remembered. */
const MAX_LENGTH = 512;

/** Few user agents send most clicks, and reading one takes longer than all else in a redirect. */
const readAgents = new Map<string, Agent>();
const MAX_AGENTS = 1_000;

export function agentOf(header: string | null): Agent {
  const text = (header ?? '').slice(0, MAX_LENGTH);
  const known = readAgents.get(text);
  if (known) return known;
  const agent = read(text);
  const [oldest] = readAgents.size < MAX_AGENTS ? [] : readAgents.keys();
  if (oldest !== undefined) readAgents.delete(oldest);
  readAgents.set(text, agent);
  return agent;
}

/** As people say it: `Firefox on Linux`. */
export function inWords(header: string | null): string {
  const { browser, os } = agentOf(header);
  return `${browser ?? 'A browser'}${os ? ` on ${os}` : ''}`;
}

function read(text: string): Agent {
  const parser = new UAParser(text);
  return {
    device: text ? (parser.getDevice().type ?? 'desktop') : null,
    browser: parser.getBrowser().name ?? null,
    os: parser.getOS().name ?? null,
    robot: isRobot(text),
  };
}

/** Nothing said, on the kept list of robots, or not what browsers say of themselves. */
export function isRobot(text: string): boolean {
  if (!BROWSER.test(text) || !ENGINE.test(text)) return true;
  return TOOLS.some((tool) => tool.test(text)) || isbot(text.replace(MODEL, '$1$2x'));
}

/** Every browser begins with one of these, for fear of being turned away; old phones name their Java profile. */
const BROWSER = /^(?:Mozilla\/[45]\.0|Opera\/\d|UCWEB\/\d)|\b(?:MIDP|CLDC)-\d/;
/** And says which engine or browser it is, or means to look like. */
const ENGINE = /gecko|webkit|khtml|trident|msie|presto|goanna|midp|cldc|ucbrowser|opera|chrome\/|firefox\/|safari\//i;

/** Beside the kept list. */
const TOOLS: readonly RegExp[] = [
  // "Mozilla/5.0 (compatible; somebody)" is how robots introduce themselves; old browsers go on with their own name.
  /^Mozilla\/[45]\.0 \(compatible;(?! ?(?:MSIE|Konqueror|U;|Android|Windows))/,
  // Office programs ask for a link before they hand it to the browser, which then asks again.
  /ms-?office|microsoft outlook/i,
  // Pages are turned into pictures and papers, for somebody who is not here.
  /wkhtmlto|screen-?shot/i,
];

/** What a phone calls itself is a name, whatever word is in it: a CUBOT, a "B BOT 550". The list is not asked of it. */
const MODEL = /\b(Android \d[\d.]*; )[^;)]*?(?=;? Build\/|[;)])|\b(Android \()\d[^)]*(?=\))/g;
