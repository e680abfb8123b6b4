/** A moment in the viewer's own time; the whole of it on hover. */
import { fullMoment, moment } from './format.ts';

export const Time = ({ at, only }: { at: string; only?: 'day' }) => (
  <time dateTime={at} title={fullMoment(at)}>
    {moment(at, only ?? 'time')}
  </time>
);
