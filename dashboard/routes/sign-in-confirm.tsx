/**
 * Where a letter's link leads. Nothing happens before a press: programs that look through mail open links too, and would
 * use it up. The token stands behind the # and leaves the address as soon as it is read.
 */
import { useModel, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Api } from '../api.ts';
import type { Self } from '../here.ts';
import { LinkModel } from '../models/sign-in.ts';
import { Form } from '../ui/Form.tsx';
import { River } from '../ui/icons.tsx';
import { Page } from '../ui/Page.tsx';

/** Kept over a page that is drawn again. */
let read = '';

export default function Confirm({
  api,
  account,
  arrive,
}: {
  api: Api;
  account: Self['account'];
  arrive: (next: string) => unknown;
}) {
  const token = useSignal(read);
  useEffect(() => {
    const take = () => {
      if (location.hash.length < 2) return;
      read = location.hash.slice(1);
      token.value = read;
      history.replaceState(history.state, '', location.pathname);
    };
    take();
    // A second letter's link, followed in the same tab.
    addEventListener('hashchange', take);
    return () => removeEventListener('hashchange', take);
  }, []);
  return <Press key={token.value} token={token.value} api={api} account={account} arrive={arrive} />;
}

function Press({
  token,
  api,
  account,
  arrive,
}: {
  token: string;
  api: Api;
  account: Self['account'];
  arrive: (next: string) => unknown;
}) {
  const { pressing } = useModel(() => new LinkModel(api, { token, arrive }));
  const trouble = pressing.trouble.value;
  const person = account.who.value?.person;
  const over = !token || trouble?.code === 'link_over';
  return (
    <div class="welcome">
      <Page
        key={`${over}`}
        title="Sign in"
        heading={over ? 'This link does not work here' : 'Sign in to Tributary'}
        lead={
          over
            ? 'It was used before, it is older than 15 minutes, or it was asked for in another browser.'
            : 'One press and you are in. It is asked for so that nothing but you uses the link up.'
        }
      >
        <River />
        <section class="card welcome-in">
          {over ? (
            <>
              <h2>Asked for on another device, or in another browser?</h2>
              <p>Type the code from the same letter there: a link works only where it was asked for.</p>
              <h2>Or ask for a new one here</h2>
              <p>It comes at once, and works in this browser.</p>
              <a class="button main" href="/sign-in">
                Ask for a new link
              </a>
            </>
          ) : (
            <>
              {person && (
                <p class="soft">
                  {person.name || person.email} is signed in here. With the link, whoever asked for it is.
                </p>
              )}
              <Form of={pressing} submit={() => pressing.run(null)} action="Sign in" busy="Signing in…" />
            </>
          )}
        </section>
      </Page>
    </div>
  );
}
