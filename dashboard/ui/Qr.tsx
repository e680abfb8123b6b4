/** A text as a picture for cameras: dark on white in both schemes, since not every reader takes the opposite. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

/** White around it, in its own dots; four are what readers ask for. */
const EDGE = 4;

export function Qr({ text, label }: { text: string; label: string }) {
  const drawn = useSignal<{ size: number; path: string } | null>(null);
  useEffect(() => {
    let gone = false;
    const draw = async () => {
      const { generate } = await import('lean-qr');
      const { size, get } = generate(text);
      const rows = Array.from({ length: size }, (_, y) =>
        Array.from({ length: size }, (_, x) => (get(x, y) ? `M${x} ${y}h1v1h-1z` : '')).join(''),
      );
      if (!gone) drawn.value = { size, path: rows.join('') };
    };
    // Without it there is still the text to copy.
    draw().catch(() => undefined);
    return () => {
      gone = true;
    };
  }, [text]);

  const all = (drawn.value?.size ?? 41) + 2 * EDGE;
  return (
    <svg
      class="qr"
      role="img"
      aria-label={label}
      viewBox={`${-EDGE} ${-EDGE} ${all} ${all}`}
      shape-rendering="crispEdges"
    >
      <path d={drawn.value?.path ?? ''} />
    </svg>
  );
}
