/** The dashboard's start: who is signed in, which page stands at which address. Each page is loaded when it is opened. */
import { signal, useModel } from '@preact/signals';
import { type FunctionComponent, render } from 'preact';
import { useEffect } from 'preact/hooks';
import lazy, { ErrorBoundary } from 'preact-iso/lazy';
import { LocationProvider, Route, Router, useLocation } from 'preact-iso/router';
import { createApi } from './api.ts';
import { HereContext } from './here.ts';
import { SessionModel } from './models/session.ts';
import { Boundary } from './ui/Boundary.tsx';
import { Failed } from './ui/Failed.tsx';
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

const PartnerHome = page(() => import('./routes/partner-home.tsx'));
const ProgramHome = page(() => import('./routes/program-home.tsx'));
const Orders = page(() => import('./routes/orders.tsx'));
const Order = page(() => import('./routes/order.tsx'));
const Partners = page(() => import('./routes/partners.tsx'));
const Codes = page(() => import('./routes/codes.tsx'));
const Compare = page(() => import('./routes/compare.tsx'));
const Setup = page(() => import('./routes/setup.tsx'));
const Welcome = page(() => import('./routes/welcome.tsx'));
const Lost = page(() => import('./routes/lost.tsx'));

const api = createApi(location.origin);
const turning = signal(false);
const turn = {
  onLoadStart: () => {
    turning.value = true;
  },
  onLoadEnd: () => {
    turning.value = false;
  },
};

function Dashboard() {
  const { session, people, open } = useModel(() => new SessionModel(api));
  useEffect(open, []);
  const { path } = useLocation();
  const who = session.answer.value?.who ?? null;
  const current = who?.current ?? null;
  const list = people.answer.value?.list ?? null;
  const trouble = session.trouble.value;

  // Whether this is the demo decides what a signed-out visitor reads: wait for both.
  const known = session.answer.value && (who || !people.busy.value);
  return (
    <Shell session={session.answer.value ? who : undefined} people={list}>
      <div class="turning" hidden={!turning.value && (Boolean(known) || trouble !== null)} />
      {trouble && <Failed trouble={trouble} retry={session.retry} />}
      {known && (
        <Boundary at={path}>
          {who && current ? (
            <HereContext.Provider value={{ api, session: { ...who, current } }}>
              {current.partner ? (
                <Router {...turn}>
                  <Route path="/" component={PartnerHome} />
                  <Route path="/orders" component={Orders} />
                  <Route path="/orders/:id" component={Order} />
                  <Route default component={Lost} />
                </Router>
              ) : (
                <Router {...turn}>
                  <Route path="/" component={ProgramHome} />
                  <Route path="/orders" component={Orders} />
                  <Route path="/orders/:id" component={Order} />
                  <Route path="/partners" component={Partners} />
                  <Route path="/codes" component={Codes} />
                  <Route path="/compare" component={Compare} />
                  <Route path="/setup" component={Setup} />
                  <Route default component={Lost} />
                </Router>
              )}
            </HereContext.Provider>
          ) : (
            <ErrorBoundary>
              <Welcome people={list} />
            </ErrorBoundary>
          )}
        </Boundary>
      )}
    </Shell>
  );
}

const root = document.getElementById('app');
if (root) {
  render(
    <LocationProvider>
      <Dashboard />
    </LocationProvider>,
    root,
  );
}
