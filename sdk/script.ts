/**
 * What `<script async src="…/sdk.js" data-key="…">` runs: starts a tracker from the tag's attributes, makes the calls
 * that the stub queued, and takes its place as `window.tributary`.
 *
 * Attributes: `data-key`; `data-host`, by default where this file came from; `data-consent`, `granted` or `denied`.
 */
import { type Consent, createTracker, type Tracker, type Tributary } from './index.ts';
import { safely } from './safely.ts';

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
  const { key = '', host = folder(script.src), consent } = script.dataset;
  // A word that is no consent is ignored there: a typo in the tag must not turn tracking off.
  const tracker = createTracker({ key, host, consent: consent as Consent });

  // An unknown verb is no function; that is silenced, too.
  const call = safely((...[verb, ...given]: Call) => (tracker[verb] as (...given: unknown[]) => void)(...given));
  window.tributary = call as Tributary;
  if (!stub?.q) return;
  const early = stub.q as Iterable<Call>;
  // Whoever kept the stub reaches us through it.
  stub.q = { push: (late) => call(...late) };
  for (const each of early) call(...each);
})();

/** `https://shop.example/_t/sdk.js` or `…/_t/sdk/1.0.0.js` → `https://shop.example/_t` */
function folder(src: string): string {
  return src.replace(/(\/sdk)?\/[^/?#]*([?#].*)?$/, '');
}
