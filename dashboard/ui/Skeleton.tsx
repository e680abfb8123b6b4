/** The shape of what is coming, of the same height, so that nothing jumps when it comes. */
export const Skeleton = ({ lines = 1, tall = false }: { lines?: number; tall?: boolean }) => (
  <div class={tall ? 'skeleton skeleton-tall' : 'skeleton'} role="status">
    <span class="unseen">Loading</span>
    {Array.from({ length: lines }, (_, line) => (
      <span key={line} class="skeleton-line" />
    ))}
  </div>
);
