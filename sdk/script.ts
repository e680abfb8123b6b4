/**
 * What `<script async src="…/sdk.js" data-key="…">` runs: starts a tracker from the tag's attributes, makes the calls
 * that the stub queued, and takes its place as `window.tributary`.
 *
 * Attributes: `data-key`; `data-host`, by default where this file came from; `data-consent`, `granted` or `denied`;
 * `data-params`, the page's own names for `via`. `data-domains`, `data-forms`, `data-stripe` and `data-debug` load the
 * file of their name beside this one.
 */
import { safely, silence } from './safely.ts';
import { type Options, startTracker, type Tracker, type Tributary } from './tracker.ts';

type Call = [verb: keyof Tracker, ...given: unknown[]];

declare global {
  interface Window {
    /** Until the script arrives this is the stub, which has a queue. */
    tributary?: Tributary & { q?: Iterable<Call> | { push(call: Call): void } };
  }
}

safely(() => {
  const stub = window.tributary;
  // A tag that was pasted twice runs once.
  if (stub && !stub.q) return;
  const script = document.currentScript as HTMLScriptElement;
  const home = script.src.replace(/(\/sdk)?\/[^/?#]*([?#].*)?$/, '');
  const options = { ...{ host: home }, ...script.dataset } as unknown as Options;
  // A word that is no consent is ignored there: a typo in the tag must not turn tracking off.
  const tracker = startTracker(options) as Tracker;
  const load = (extra: string, given?: unknown): Promise<void> =>
    import(`${home}/sdk/${extra}.js`).then((loaded) => loaded.default(tracker, options, given)).catch(silence);
  tracker.decorate = (domains) => load('domains', domains);

  // An unknown verb is no function; that is silenced, too.
  const call = safely((verb: keyof Tracker, ...given: unknown[]) =>
    (tracker[verb] as (...given: unknown[]) => void)(...given),
  );
  window.tributary = call as Tributary;
  const early = (stub?.q ?? []) as Iterable<Call>;
  // Whoever kept the stub reaches us through it.
  if (stub) stub.q = { push: (late) => call(...late) };
  for (const each of early) call(...each);

  for (const extra of ['domains', 'forms', 'stripe', 'debug']) {
    if (extra in options) load(extra, script.dataset[extra]);
  }
  if (!window.navigation) load('moves');

  const read = () => {
    for (const tag of document.querySelectorAll<HTMLElement>('script[data-tributary]')) {
      safely(() => {
        call(tag.dataset.tributary as 'lead', JSON.parse(tag.textContent));
        // Told once. What does not parse yet is read again when more of the page is there.
        delete tag.dataset.tributary;
      })();
    }
  };
  read();
  new MutationObserver(read).observe(document, { childList: true, subtree: true });
})();
