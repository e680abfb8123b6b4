/** One loaded thing in its three states: its shape, its trouble, itself. */
import type { ComponentChildren } from 'preact';
import type { Loaded } from '../models/loaded.ts';
import { Failed } from './Failed.tsx';

export function Loading<Ask, Answer>({
  of: thing,
  shape,
  children,
}: {
  of: Loaded<Ask, Answer>;
  shape: ComponentChildren;
  children: (answer: Answer) => ComponentChildren;
}) {
  const trouble = thing.trouble.value;
  const answer = thing.answer.value;
  if (trouble) return <Failed trouble={trouble} retry={thing.retry} />;
  if (answer === null) return <>{shape}</>;
  return (
    <div class={thing.busy.value ? 'stale' : ''} aria-busy={thing.busy.value}>
      {children(answer)}
    </div>
  );
}
