/** What stands around every page: the way past it, where one can go, from which place one looks, who one is. */
import type { ComponentChildren } from 'preact';
import { useLocation } from 'preact-iso/router';
import type { Act, SessionAnswer, Where } from '../api.ts';
import type { Self } from '../here.ts';
import { Wrong } from './Form.tsx';
import { Mark, MoreIcon } from './icons.tsx';
import { Menu } from './Menu.tsx';

type Account = Self['account'];
type Tab = readonly [to: string, name: string, act: Act];

const SHARED: readonly Tab[] = [
  ['/', 'Overview', 'reports.read'],
  ['/orders', 'Orders', 'orders.read'],
];
const PARTNER: readonly Tab[] = [...SHARED, ['/team', 'Team', 'team.read']];
const PROGRAM: readonly Tab[] = [
  ...SHARED,
  ['/partners', 'Partners', 'reports.compare'],
  ['/compare', 'What if', 'reports.compare'],
];
/** Beside the others where there is room, else behind “More”. */
const MORE: readonly Tab[] = [
  ['/setup', 'Set up', 'setup.read'],
  ['/team', 'Team', 'team.read'],
  ['/keys', 'Keys', 'keys.read'],
  ['/audit', 'Audit log', 'audit.read'],
];

export function Shell({
  account,
  known,
  closed,
  children,
}: {
  account: Account;
  /** Whether somebody is signed in is known. */
  known: boolean;
  /** Something is asked for before any page. */
  closed: boolean;
  children: ComponentChildren;
}) {
  const session = account.who.value;
  const current = session?.current;
  const trouble = account.choosing.trouble.value ?? account.leaving.trouble.value;
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="head">
        <div class="head-row">
          <a class="brand" href="/">
            <Mark />
            <span class={session ? 'brand-name' : ''}>Tributary</span>
          </a>
          {!known && <div class="tabs" />}
          {session && current && !closed && <Tabs session={session} where={current} />}
          {session && (
            <div class="head-end">
              {current && <Place session={session} where={current} account={account} />}
              <Me session={session} account={account} />
            </div>
          )}
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        {trouble && <Wrong trouble={trouble} />}
        {children}
      </main>
    </>
  );
}

function Tabs({ session, where }: { session: SessionAnswer; where: Where }) {
  const { path } = useLocation();
  // Codes and groups stand behind the partners' page.
  const at = path === '/codes' ? '/partners' : path;
  const here = (to: string) => (to === '/' ? at === '/' : at === to || at.startsWith(`${to}/`));
  const mine = (tabs: readonly Tab[]) => tabs.filter(([, , act]) => session.may.includes(act));
  const more = where.partner ? [] : mine(MORE);
  const link = ([to, name]: Tab) => (
    <a key={to} href={to} aria-current={here(to) ? 'page' : undefined}>
      {name}
    </a>
  );
  return (
    <nav class="tabs" aria-label="Pages">
      {mine(where.partner ? PARTNER : PROGRAM).map(link)}
      {more.length > 0 && (
        <>
          <div class="tabs-wide">{more.map(link)}</div>
          <Menu
            class={`tabs-more ${more.some(([to]) => here(to)) ? 'menu-here' : ''}`}
            face={
              <>
                <span>
                  More<span class="unseen"> pages</span>
                </span>
                <MoreIcon />
              </>
            }
          >
            <ul>
              {more.map((tab) => (
                <li key={tab[0]}>{link(tab)}</li>
              ))}
            </ul>
          </Menu>
        </>
      )}
    </nav>
  );
}

function Place({ session, where, account }: { session: SessionAnswer; where: Where; account: Account }) {
  const { route } = useLocation();
  const { choosing } = account;
  const face = <PlaceName of={where} />;
  if (session.places.length < 2) return <p class="place">{face}</p>;
  return (
    <Menu
      class="place-menu"
      face={
        <>
          <span class="place">
            <span class="unseen">You look from </span>
            {face}
            <span class="unseen">. Choose another place</span>
          </span>
          <MoreIcon />
        </>
      }
    >
      <p class="menu-title">Look from</p>
      <ul>
        {session.places.map((place) => (
          <li key={place.id}>
            <button
              type="button"
              aria-current={place.id === where.id ? 'true' : undefined}
              onClick={async () => {
                if (place.id !== where.id && (await choosing.run(place.id))) route('/');
              }}
            >
              <b>{nameOf(place)}</b>
              <span class="small">
                {place.partner ? `in ${place.program.name} · ` : ''}
                {place.role}
                {place.program.mode === 'sandbox' && ' · sandbox'}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Menu>
  );
}

const PlaceName = ({ of: where }: { of: Where }) => (
  <>
    <span class="place-name">{nameOf(where)}</span>
    <span class="place-more">
      {where.partner ? `in ${where.program.name} ` : 'Program '}
      {where.program.mode === 'sandbox' && <span class="tag">sandbox</span>}
    </span>
  </>
);

const nameOf = ({ partner, program }: Where): string => partner?.name || partner?.slug || program.name;

function Me({ session, account }: { session: SessionAnswer; account: Account }) {
  const { route } = useLocation();
  const { person } = session;
  const { leaving } = account;
  return (
    <Menu
      class="me"
      face={
        <>
          <span class="me-face" aria-hidden="true">
            {initials(person)}
          </span>
          <span class="unseen">Your account, {person.name || person.email}</span>
        </>
      }
    >
      <p class="menu-title">
        <b>{person.name || 'No name yet'}</b>
        <span class="small">{person.email}</span>
      </p>
      <ul>
        <li>
          <a href="/security">Security</a>
        </li>
        <li>
          <button
            type="button"
            aria-disabled={leaving.busy.value}
            onClick={async () => {
              if (await leaving.run(null)) route('/');
            }}
          >
            Sign out
          </button>
        </li>
      </ul>
    </Menu>
  );
}

/** Two letters at most: of the name, or of the address while there is none. */
function initials({ name, email }: SessionAnswer['person']): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const [first = email] = words;
  const last = words.length > 1 ? words.at(-1) : '';
  return [first, last]
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('')
    .toUpperCase();
}
