/**
 * The dashboard's start: who is signed in, what is asked of them first, which page stands at which address. Each page is
 * loaded when it is opened.
 */
import { signal } from '@preact/signals';
import { type ComponentChildren, type FunctionComponent, render } from 'preact';
import { useEffect } from 'preact/hooks';
import lazy, { ErrorBoundary } from 'preact-iso/lazy';
import { LocationProvider, Route, Router, useLocation } from 'preact-iso/router';
import { type Act, createApi, type SessionAnswer } from './api.ts';
import { SelfContext } from './here.ts';
import { SessionModel } from './models/session.ts';
import { StepsModel } from './models/steps.ts';
import { createPasskeys } from './passkeys.ts';
import { Boundary } from './ui/Boundary.tsx';
import { Failed } from './ui/Failed.tsx';
import { pathWithin } from './ui/format.ts';
import { Shell } from './ui/Shell.tsx';
import './style.css';

/** After a deployment, pages that were open ask for scripts that are gone. */
const page = <Props,>(load: () => Promise<{ default: FunctionComponent<Props> }>): FunctionComponent<Props> =>
  lazy(() => load().catch(() => ({ default: Outdated })));
const Outdated = () => (
  <div class="notice" role="alert">
    <p class="notice-title">This page could not be loaded</p>
    <p>Either the connection failed, or a newer version was put online since this page was opened.</p>
    <button type="button" class="button" onClick={() => location.reload()}>
      Reload
    </button>
  </div>
);

const SignIn = page(() => import('./routes/sign-in.tsx'));
const Confirm = page(() => import('./routes/sign-in-confirm.tsx'));
const Start = page(() => import('./routes/start.tsx'));
const Second = page(() => import('./routes/second.tsx'));
const Security = page(() => import('./routes/security.tsx'));
const PartnerHome = page(() => import('./routes/partner-home.tsx'));
const ProgramHome = page(() => import('./routes/program-home.tsx'));
const Orders = page(() => import('./routes/orders.tsx'));
const Order = page(() => import('./routes/order.tsx'));
const Partners = page(() => import('./routes/partners.tsx'));
const Codes = page(() => import('./routes/codes.tsx'));
const Compare = page(() => import('./routes/compare.tsx'));
const Setup = page(() => import('./routes/setup.tsx'));
const Team = page(() => import('./routes/team.tsx'));
const Keys = page(() => import('./routes/keys.tsx'));
const Audit = page(() => import('./routes/audit.tsx'));
const Lost = page(() => import('./routes/lost.tsx'));
const StepUp = page(() => import('./account/StepUp.tsx'));
const Invitations = page(() => import('./account/Invitations.tsx'));
const AskName = page(() => import('./account/AskName.tsx'));

const steps = new StepsModel();
const passkeys = createPasskeys();
const api = createApi(location.origin, {
  place: () => account.place(),
  second: () => steps.second(),
  refused(code) {
    account.refused(code);
    if (code === 'sign_in_again') steps.again();
    // Whoever is signed out cannot show anything.
    if (code === 'sign_in_required') steps.settle(false);
  },
});
const account = new SessionModel(api, sessionStorage);

const turning = signal(false);
const turn = {
  onLoadStart: () => {
    turning.value = true;
  },
  onLoadEnd: () => {
    turning.value = false;
  },
};

/** Pages of this host that are not the dashboard's. */
const OWN = /^(?!\/(v1|dev|docs)(\/|$))/;

function Dashboard() {
  useEffect(() => {
    account.open();
  }, []);
  const { path } = useLocation();
  const { session, who } = account;
  const trouble = session.trouble.value;
  const known = session.answer.value !== null;
  const asked = who.value?.current && isAsked(who.value) ? 'second' : null;
  return (
    <Shell account={account} known={known} closed={asked !== null}>
      <div class="turning" hidden={!turning.value && (known || trouble !== null)} />
      {trouble && <Failed trouble={trouble} retry={session.retry} />}
      {known && (
        <Boundary at={path}>
          <Inside session={who.value} />
        </Boundary>
      )}
    </Shell>
  );
}

/** 1 a letter's link, 2 who one is, 3 oneself, 4 from where one looks, 5 a second factor, 6 what one came for. */
function Inside({ session }: { session: SessionAnswer | null }) {
  const { path, url, query, route } = useLocation();
  const next = path === '/sign-in' ? pathWithin(query.next) : url;
  const arrive = async (to: string) => {
    await account.open();
    route(pathWithin(to), true);
  };
  const done = session !== null && path === '/sign-in';
  useEffect(() => {
    if (done) route(next, true);
  }, [done]);

  if (path === '/sign-in/confirm') return <Alone page={<Confirm api={api} account={account} arrive={arrive} />} />;
  if (!session) {
    const ended = account.session.answer.value?.ended ?? false;
    return <Alone page={<SignIn api={api} passkeys={passkeys} next={next} ended={ended} arrive={arrive} />} />;
  }
  if (done) return null;
  return (
    <SelfContext.Provider value={{ api, passkeys, account, session }}>
      {path === '/security' ? (
        <Alone page={<Security />} />
      ) : !session.current ? (
        <Alone page={<Start />} />
      ) : isAsked(session) ? (
        <Alone page={<Second />} />
      ) : (
        <Pages key={session.current.id} session={session} />
      )}
      {steps.asking.value && <Alone page={<StepUp steps={steps} />} />}
    </SelfContext.Provider>
  );
}

const isAsked = ({ second }: SessionAnswer): boolean => second.required && second.until === null;

function Pages({ session: { current, may, invitations } }: { session: SessionAnswer }) {
  const { path } = useLocation();
  /** Who may not do what a page is of finds no page there. */
  const of = <Props,>(act: Act, page: FunctionComponent<Props>): FunctionComponent<Props> =>
    may.includes(act) ? page : Lost;
  return (
    <>
      {account.nameless.value && <Alone page={<AskName />} />}
      {path === '/' && invitations.length > 0 && <Alone page={<Invitations />} />}
      {current?.partner ? (
        <Router key={may.join()} {...turn}>
          <Route path="/" component={PartnerHome} />
          <Route path="/orders" component={of('orders.read', Orders)} />
          <Route path="/orders/:id" component={of('orders.read', Order)} />
          <Route path="/team" component={of('team.read', Team)} />
          <Route default component={Lost} />
        </Router>
      ) : (
        <Router key={may.join()} {...turn}>
          <Route path="/" component={ProgramHome} />
          <Route path="/orders" component={of('orders.read', Orders)} />
          <Route path="/orders/:id" component={of('orders.read', Order)} />
          <Route path="/partners" component={of('reports.compare', Partners)} />
          <Route path="/codes" component={of('codes.read', Codes)} />
          <Route path="/compare" component={of('reports.compare', Compare)} />
          <Route path="/setup" component={of('setup.read', Setup)} />
          <Route path="/team" component={of('team.read', Team)} />
          <Route path="/keys" component={of('keys.read', Keys)} />
          <Route path="/audit" component={of('audit.read', Audit)} />
          <Route default component={Lost} />
        </Router>
      )}
    </>
  );
}

/** Loaded when it is needed, outside of a router. */
const Alone = ({ page }: { page: ComponentChildren }) => <ErrorBoundary>{page}</ErrorBoundary>;

const root = document.getElementById('app');
if (root) {
  render(
    <LocationProvider scope={OWN}>
      <Dashboard />
    </LocationProvider>,
    root,
  );
}
