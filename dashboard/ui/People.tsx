/**
 * Local demo only: everybody one can be, by side. A press posts a form; the server sets its cookie and leads back to
 * where one was, if that side has such a page.
 */
import { useLocation } from 'preact-iso/router';
import type { DemoPerson } from '../api.ts';

/** The demo's addresses tell the sides apart. */
const isPartner = ({ email }: DemoPerson) => email.endsWith('@partner.test');

export function People({ list, now }: { list: readonly DemoPerson[]; now?: string }) {
  const { url, path } = useLocation();
  const shared = path === '/' || path === '/orders' || path.startsWith('/orders/');
  const groups = [
    ['The program’s side', list.filter((one) => !isPartner(one)), url],
    ['Partners', list.filter(isPartner), shared ? url : '/'],
  ] as const;
  return (
    <div class="people">
      {groups.map(([title, group, next]) => (
        <form key={title} method="post" action="/dev/people">
          <input type="hidden" name="next" value={next} />
          <fieldset>
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
        </form>
      ))}
    </div>
  );
}
