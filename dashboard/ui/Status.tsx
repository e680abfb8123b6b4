/** How far an amount is on its way to the partner. */
import { spoken } from '../words.ts';
import { Time } from './Time.tsx';

export function Status({ status, heldUntil }: { status: string; heldUntil: string }) {
  if (status !== 'pending') return <span class="status">{spoken(status)}</span>;
  const held = Date.parse(heldUntil) > Date.now();
  return (
    <span class={`status ${held ? 'status-held' : 'status-over'}`}>
      {held ? (
        <span>
          Pending until <Time at={heldUntil} only="day" />
        </span>
      ) : (
        'Pending, hold ended'
      )}
    </span>
  );
}

/** It rests on what a browser told: the shop's server has not confirmed it. */
export const Unverified = () => (
  <span class="tag tag-warn" title="It rests on what a browser told; the shop’s server has not confirmed it yet.">
    unverified
  </span>
);
