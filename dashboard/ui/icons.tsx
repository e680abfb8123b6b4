/** Drawings that stand beside words and say nothing of their own. */
import type { ComponentChildren } from 'preact';

const Icon = ({ children }: { children: ComponentChildren }) => (
  <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
    {children}
  </svg>
);

/** Two streams become one. */
export const Mark = () => (
  <svg class="mark" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path class="mark-side" d="M19 3c0 7-7 6-7 12" />
    <path class="mark-main" d="M5 3c0 7 7 6 7 12v6" />
  </svg>
);

export const CopyIcon = () => (
  <Icon>
    <rect x="7" y="7" width="10" height="10" rx="2" />
    <path d="M13 7V5a2 2 0 0 0-2-2H5a2 2 0 0 0-2 2v6a2 2 0 0 0 2 2h2" />
  </Icon>
);

export const DoneIcon = () => (
  <Icon>
    <path d="m4 10.5 4 4 8-9" />
  </Icon>
);

export const NextIcon = () => (
  <Icon>
    <path d="m8 4 6 6-6 6" />
  </Icon>
);

export const BackIcon = () => (
  <Icon>
    <path d="m12 4-6 6 6 6" />
  </Icon>
);

export const MoreIcon = () => (
  <Icon>
    <path d="m5 8 5 5 5-5" />
  </Icon>
);

export const KeyIcon = () => (
  <Icon>
    <circle cx="7" cy="13" r="3.5" />
    <path d="m9.5 10.5 7-7M13.5 6.5 16 9" />
  </Icon>
);

export const LetterIcon = () => (
  <Icon>
    <rect x="2.5" y="4.5" width="15" height="11" rx="2" />
    <path d="m3 6 7 5.5L17 6" />
  </Icon>
);

/** Streams that become one, from edge to edge: where nobody is signed in yet. */
export const River = () => (
  <svg class="welcome-art" viewBox="0 0 640 120" preserveAspectRatio="none" aria-hidden="true" focusable="false">
    <path class="far" d="M0 14c210 0 230 52 400 52h240" />
    <path class="side" d="M0 108c180 0 200-42 360-42h280" />
    <path class="main" d="M0 58c120 0 150 8 270 8h370" />
  </svg>
);
