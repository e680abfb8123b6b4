/** Who takes part: a program's people and, for them, those of its partners; or a partner's own. */
import { computed, createModel, signal } from '@preact/signals';
import type { Act, Api, Invitation, MemberAnswer, People, Role, Where } from '../api.ts';
import { doing } from './doing.ts';
import { loaded } from './loaded.ts';

/** What a place says of the side it is on. */
type Seat = Pick<MemberAnswer, 'role' | 'partner'>;

const OF_PROGRAM: readonly Role[] = ['owner', 'manager', 'finance', 'compliance', 'analyst'];
const OF_PARTNER: readonly Role[] = ['owner', 'member'];

/** From these places money is reached, so only somebody with a fresh second factor gives or takes them. */
const TO_MONEY: Readonly<Record<'program' | 'partner', readonly Role[]>> = {
  program: ['owner', 'manager', 'finance'],
  partner: ['owner'],
};

/** What it is to give, change or take a place, as the server's own table says it; `before`: what it was. */
export function actOn(seat: Seat, mine: Pick<Where, 'partner'>, before: Seat = seat): Act {
  const side = seat.partner === null ? 'program' : 'partner';
  const money = [seat, before].some(({ role }) => TO_MONEY[side].includes(role));
  if (side === 'program') return money ? 'team.write.money' : 'team.write';
  if (money) return 'team.write.payee';
  return mine.partner === null ? 'team.write.partner' : 'team.write';
}

/** The roles that somebody who may so much can give on a side, or to somebody who is there already. */
export const rolesToGive = (
  { partner, role: was }: { partner: string | null; role?: Role },
  mine: Pick<Where, 'partner'>,
  may: readonly Act[],
): Role[] =>
  (partner === null ? OF_PROGRAM : OF_PARTNER).filter((role) =>
    may.includes(actOn({ role, partner }, mine, was && { role: was, partner })),
  );

const WRITING = [
  'team.write',
  'team.write.partner',
  'team.write.money',
  'team.write.payee',
] as const satisfies readonly Act[];

export const TeamModel = createModel((api: Api, { mine, may }: { mine: Where; may: readonly Act[] }) => {
  const own = loaded(api.members);
  /** Where the page that is asked for begins; null is the first. */
  const from = signal<string | null>(null);
  const partners = loaded(api.partnersPeople, (page, before) => (from.peek() && before ? joined(before, page) : page));
  const search = signal('');
  const ask = (after: string | null) => {
    from.value = after;
    return partners.load(after);
  };
  const open = () => Promise.all([own.load(null), ...(mine.partner === null ? [ask(null)] : [])]);
  return {
    own,
    partners,
    search,
    open,
    /** Of a person whose place may be changed or taken away. */
    mayChange: (member: MemberAnswer): boolean => may.includes(actOn(member, mine)),
    mayInvite: (): boolean => WRITING.some((act) => may.includes(act)),
    found: computed(() => {
      const wanted = search.value.trim().toLowerCase();
      return (
        partners.answer.value?.data.filter(({ name, email, partner }) =>
          `${name ?? ''}\n${email}\n${partner}`.toLowerCase().includes(wanted),
        ) ?? null
      );
    }),
    more: computed(() => Boolean(partners.answer.value?.nextCursor)),
    async loadMore() {
      const after = partners.answer.peek()?.nextCursor;
      if (after && !partners.busy.peek()) await ask(after);
    },
    inviting: doing((given: Invitation) => api.invite(given), open),
    changing: doing(api.changeRole, open),
    removing: doing((member: Pick<MemberAnswer, 'id'>) => api.removeMember(member.id), open),
    /** One's own place. Nothing is read afterwards: one is signed out. */
    leaving: doing(() => api.removeMember(mine.id)),
  };
});

const joined = (before: People, page: People): People => ({
  data: [...before.data, ...page.data],
  nextCursor: page.nextCursor,
});
