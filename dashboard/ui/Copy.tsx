/** Copies a text with one press, and says so to eyes and ears. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { CopyIcon, DoneIcon } from './icons.tsx';

const SAID_MS = 2_500;
const WORDS = { idle: 'Copy', done: 'Copied', failed: 'Press Ctrl+C' };

export function Copy({ text, what }: { text: string; what: string }) {
  const state = useSignal<keyof typeof WORDS>('idle');
  useEffect(() => {
    if (state.value === 'idle') return;
    const timer = setTimeout(() => {
      state.value = 'idle';
    }, SAID_MS);
    return () => clearTimeout(timer);
  }, [state.value]);

  return (
    <button
      type="button"
      class="button copy"
      data-state={state.value}
      onClick={async ({ currentTarget }) => {
        state.value = (await copied(text, currentTarget)) ? 'done' : 'failed';
      }}
    >
      {state.value === 'done' ? <DoneIcon /> : <CopyIcon />}
      <span aria-live="polite">
        {WORDS[state.value]}
        <span class="unseen"> {what}</span>
      </span>
    </button>
  );
}

/** Browsers give the clipboard to secure pages only; elsewhere the text beside the button is left selected. */
async function copied(text: string, button: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const shown = button.closest('[data-copied]')?.querySelector('code');
    if (shown) getSelection()?.selectAllChildren(shown);
    return false;
  }
}
