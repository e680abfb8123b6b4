/** A page's heading. After a change of page the focus goes there, so that ears and keyboards begin where eyes do. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

// The browser itself announces the page that it loaded.
let first = true;

export function Page({
  title,
  heading = title,
  lead,
  aside,
  children,
}: {
  title: string;
  heading?: ComponentChildren;
  lead?: ComponentChildren;
  /** Beside the heading. */
  aside?: ComponentChildren;
  children: ComponentChildren;
}) {
  const top = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!first) top.current?.focus({ preventScroll: true });
    first = false;
  }, []);
  useEffect(() => {
    document.title = `${title} · Tributary`;
  }, [title]);

  return (
    <>
      <div class="page-head">
        <div>
          <h1 ref={top} tabIndex={-1}>
            {heading}
          </h1>
          {lead && <p class="lead">{lead}</p>}
        </div>
        {aside}
      </div>
      {children}
    </>
  );
}
