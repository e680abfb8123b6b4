/**
 * A button that opens a list of links and buttons beneath it. Down, Up, Home and End go through the list; Escape, a press
 * elsewhere and leaving by Tab close it.
 */
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

export function Menu({
  label,
  class: looks = '',
  face,
  children,
}: {
  /** What the button is called for ears; what it shows may be less. */
  label: string;
  class?: string;
  face: ComponentChildren;
  /** A list: each entry a link or a button. */
  children: ComponentChildren;
}) {
  const open = useSignal(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const list = useId();
  const entries = () => [...(box.current?.querySelectorAll<HTMLElement>('.menu-list :is(a, button)') ?? [])];
  const close = (back: boolean) => {
    open.value = false;
    if (back) button.current?.focus();
  };
  const go = (to: number) => {
    const all = entries();
    all[(to + all.length) % all.length]?.focus();
  };

  useEffect(() => {
    if (!open.value) return;
    const elsewhere = ({ target }: Event) => box.current?.contains(target as Node) || close(false);
    addEventListener('pointerdown', elsewhere);
    return () => removeEventListener('pointerdown', elsewhere);
  }, [open.value]);

  const keys = (event: KeyboardEvent) => {
    const at = entries().indexOf(document.activeElement as HTMLElement);
    const move = { ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : at - 1, Home: 0, End: -1 }[event.key];
    if (event.key === 'Escape' && open.value) close(true);
    else if (move !== undefined) {
      open.value = true;
      // The list is drawn first.
      setTimeout(() => go(move));
    } else return;
    event.preventDefault();
  };

  return (
    <div
      ref={box}
      class={`menu ${looks}`}
      onKeyDown={keys}
      onFocusOut={({ relatedTarget }) => {
        if (relatedTarget && !box.current?.contains(relatedTarget as Node)) close(false);
      }}
    >
      <button
        ref={button}
        type="button"
        class="menu-button"
        aria-label={label}
        aria-expanded={open.value}
        aria-controls={list}
        onClick={() => {
          open.value = !open.value;
        }}
      >
        {face}
      </button>
      <div
        id={list}
        class="menu-list"
        hidden={!open.value}
        onClick={({ target }) => (target as Element).closest('a, button') && close(false)}
      >
        {children}
      </div>
    </div>
  );
}
