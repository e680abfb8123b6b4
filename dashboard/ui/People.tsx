/** Local demo only: everybody one can be, by side. A press posts a form, and the server sets its cookie. */
import type { DemoPerson } from '../api.ts';

/** The demo's addresses tell the sides apart. */
const isPartner = ({ email }: DemoPerson) => email.endsWith('@partner.test');

export function People({ list, now }: { list: readonly DemoPerson[]; now?: string }) {
  const groups = [
    ['The program’s side', list.filter((one) => !isPartner(one))],
    ['Partners', list.filter(isPartner)],
  ] as const;
  return (
    <form class="people" method="post" action="/dev/people">
      {groups.map(([title, group]) => (
        <fieldset key={title}>
          <legend>{title}</legend>
          <div class="people-list">
            {group.map(({ email, name, what }) => (
              <button
                key={email}
                type="submit"
                name="email"
                value={email}
                aria-current={email === now ? 'true' : undefined}
              >
                <b>{name}</b>
                <span>{what}</span>
              </button>
            ))}
          </div>
        </fieldset>
      ))}
    </form>
  );
}
