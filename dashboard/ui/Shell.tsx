/** What stands around every page: the way past it, whose program this is, where one can go. */
import type { ComponentChildren } from 'preact';
import { useLocation } from 'preact-iso/router';
import type { DemoPerson, SessionAnswer } from '../api.ts';
import { Mark } from './icons.tsx';
import { People } from './People.tsx';

const SHARED = [
  ['/', 'Overview'],
  ['/orders', 'Orders'],
] as const;
const PROGRAM = [
  ...SHARED,
  ['/partners', 'Partners'],
  ['/codes', 'Codes'],
  ['/compare', 'What if'],
  ['/setup', 'Set up'],
] as const;

export function Shell({
  session,
  people,
  children,
}: {
  /** Null: nobody; undefined: not known yet. */
  session: SessionAnswer | null | undefined;
  /** Of the local demo; null elsewhere. */
  people: readonly DemoPerson[] | null;
  children: ComponentChildren;
}) {
  const { path } = useLocation();
  const where = session?.current;
  const here = (to: string) => (to === '/' ? path === '/' : path === to || path.startsWith(`${to}/`));
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      {session && people && <DemoStrip session={session} people={people} />}
      <header class="head">
        <div class="head-row">
          <a class="brand" href="/">
            <Mark />
            Tributary
          </a>
          {session === undefined && <div class="tabs" />}
          {where && (
            <nav class="tabs" aria-label="Pages">
              {(where.partner ? SHARED : PROGRAM).map(([to, name]) => (
                <a key={to} href={to} aria-current={here(to) ? 'page' : undefined}>
                  {name}
                </a>
              ))}
            </nav>
          )}
          {where && (
            <p class="place">
              <span class="place-name">{where.partner?.name ?? where.program.name}</span>
              <span class="place-more">
                {where.partner ? `in ${where.program.name}` : 'Program'}
                {where.program.mode === 'sandbox' && <span class="tag">sandbox</span>}
              </span>
            </p>
          )}
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </>
  );
}

const DemoStrip = ({ session, people }: { session: SessionAnswer; people: readonly DemoPerson[] }) => (
  <details class="demo">
    <summary>
      <b>Demo</b>
      <span>{session.person.name}</span>
      <u>switch person</u>
    </summary>
    <People list={people} now={session.person.email} />
  </details>
);
