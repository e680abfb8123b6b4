/**
 * A button that opens a list of links and buttons beneath it. Down, Up, Home and End go through the list; Escape, a press
 * elsewhere and leaving by Tab close it.
 */
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

export function Menu({
  class: looks = '',
  face,
  children,
}: {
  class?: string;
  /** What stands on the button, and what it is called. */
  face: ComponentChildren;
  /** A list: each entry a link or a button. */
  children: ComponentChildren;
}) {
  const open = useSignal(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
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
    const around = box.current;
    if (!around) return;
    const calls = new AbortController();
    const on = { signal: calls.signal };
    around.addEventListener(
      'keydown',
      (event) => {
        const at = entries().indexOf(document.activeElement as HTMLElement);
        const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : at - 1, Home: 0, End: -1 }[event.key];
        if (event.key === 'Escape' && open.peek()) close(true);
        else if (to !== undefined) {
          open.value = true;
          // The list is drawn first.
          setTimeout(() => go(to));
        } else return;
        event.preventDefault();
      },
      on,
    );
    const leaves = (to: EventTarget | null) => to instanceof Node && !around.contains(to) && close(false);
    around.addEventListener('focusout', ({ relatedTarget }) => leaves(relatedTarget), on);
    addEventListener('pointerdown', ({ target }) => leaves(target), on);
    list.current?.addEventListener(
      'click',
      ({ target }) => (target as Element).closest('a, button') && close(false),
      on,
    );
    return () => calls.abort();
  }, []);

  return (
    <div ref={box} class={`menu ${looks}`}>
      <button
        ref={button}
        type="button"
        class="menu-button"
        aria-expanded={open.value}
        aria-controls={id}
        onClick={() => {
          open.value = !open.value;
        }}
      >
        {face}
      </button>
      <div ref={list} id={id} class="menu-list" hidden={!open.value}>
        {children}
      </div>
    </div>
  );
}
