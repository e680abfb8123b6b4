/** Nothing here yet, and what would change that. */
import type { ComponentChildren } from 'preact';

export const Empty = ({ title, role, children }: { title: string; role?: 'alert'; children?: ComponentChildren }) => (
  <div class="empty" role={role}>
    <svg class="empty-art" viewBox="0 0 120 36" aria-hidden="true" focusable="false">
      <path d="M2 6c30 0 28 20 58 20h58" />
      <path d="M20 2c24 0 26 24 50 24" />
      <path d="M2 32c26 0 34-6 60-6" />
    </svg>
    <p class="empty-title">{title}</p>
    {children}
  </div>
);
