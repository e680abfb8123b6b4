/**
 * `data-domains` and `decorate`: a visitor who crosses over to another host of the shop stays the same one. Pointing at a
 * link or form asks the server for a hand-over, taking it carries it along; a click that is faster goes without.
 */
import type { EventsBody } from '../edge/contract.ts';
import { safely } from './safely.ts';
import { endpointOf, post } from './send.ts';
import type { Core, Options, State } from './tracker.ts';
import { kept } from './visitor.ts';

/** The hosts as listed last; undefined until there are some. */
let hosts: readonly string[] | undefined;

export default function handOver(tracker: Core, options: Options, given: string | readonly string[]): void {
  const first = !hosts;
  hosts = typeof given === 'string' ? given.split(/[\s,]+/) : [...given];
  if (!first) return;
  let handover: string | undefined;

  async function ask({ visitorId, consent, allowed }: State): Promise<void> {
    if (allowed === false || !(visitorId || kept(options.key))) return;
    const body = { key: options.key, visitorId, consent, url: location.origin, handover: true };
    handover = (await post(endpointOf(options.host), JSON.stringify(body satisfies EventsBody)))?.handover ?? handover;
  }

  function cross({ type, target, formData }: Event & { formData?: FormData }): void {
    const way = (target as Element).closest<HTMLAnchorElement & HTMLFormElement>('a[href], form');
    if (!way) return;
    const { host } = new URL(way.href || way.action);
    if (host === location.host || !hosts?.includes(host)) return;
    tracker.peek((state) => {
      // Whoever was forgotten since is not handed over.
      if (state.allowed === false || state.visitorId === null) handover = undefined;
      if (type === 'pointerover' || type === 'focusin') void ask(state);
      else if (handover) carry(way, handover, formData);
    });
  }

  for (const type of ['pointerover', 'focusin', 'click', 'auxclick', 'formdata']) {
    addEventListener(type, safely(cross), true);
  }
}

function carry(way: HTMLAnchorElement & HTMLFormElement, handover: string, formData: FormData | undefined): void {
  if (formData) formData.set('tho', handover);
  if (formData || !way.href) return;
  const { search } = way;
  way.search += `${search && '&'}tho=${handover}`;
  // For this click only: a link that is copied hands nobody over.
  setTimeout(() => {
    way.search = search;
  });
}
