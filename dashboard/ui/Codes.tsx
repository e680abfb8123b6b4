/** Parts of what is said of a discount code. */
import type { CodeAnswer } from '../api.ts';
import { Time } from './Time.tsx';

/** Such as SUMMER*: all codes that begin so. */
export const isFamily = (code: string): boolean => code.endsWith('*');

/** When it counts; null: always, as far as anybody still asks. */
export function spanOf({ startsAt, endsAt }: Pick<CodeAnswer, 'startsAt' | 'endsAt'>) {
  const now = Date.now();
  const from = startsAt !== null && Date.parse(startsAt) > now && startsAt;
  if (!from && endsAt === null) return null;
  return (
    <>
      {from && (
        <>
          from <Time at={from} only="day" />{' '}
        </>
      )}
      {endsAt !== null && (
        <>
          {Date.parse(endsAt) > now ? 'until' : 'ended'} <Time at={endsAt} only="day" />
        </>
      )}
    </>
  );
}
