/**
 * A question before the page goes on. The browser's own dialog: what lies behind cannot be reached, Escape closes it, and
 * the focus goes back to where it came from.
 */
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef } from 'preact/hooks';

export function Dialog({
  title,
  close,
  must = false,
  children,
}: {
  title: string;
  close: () => void;
  /** Only what stands in it ends it: what it shows is shown once. */
  must?: boolean;
  children: ComponentChildren;
}) {
  const box = useRef<HTMLDialogElement>(null);
  const name = useId();
  useLayoutEffect(() => {
    const dialog = box.current;
    dialog?.showModal();
    return () => {
      dialog?.close();
      // What was pressed to come here may be gone by now.
      const at = document.activeElement;
      if (at === document.body || dialog?.contains(at)) document.getElementById('main')?.focus();
    };
  }, []);
  // Nor does the page close unasked.
  useEffect(() => {
    if (!must) return;
    const stay = (event: Event) => event.preventDefault();
    addEventListener('beforeunload', stay);
    return () => removeEventListener('beforeunload', stay);
  }, [must]);

  return (
    <dialog
      ref={box}
      class="dialog"
      aria-labelledby={name}
      onCancel={(event) => {
        event.preventDefault();
        if (!must) close();
      }}
      // A second Escape closes it whatever was said to the first. One that is gone by now has been closed by us.
      onClose={({ currentTarget }) => {
        if (!currentTarget.isConnected) return;
        if (must) currentTarget.showModal();
        else close();
      }}
    >
      <h2 id={name}>{title}</h2>
      {children}
    </dialog>
  );
}
