/** Before anything else of a program that is seen only with a second factor: shows one, or sets one up. */
import { useModel, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { AddPasskey } from '../account/AddPasskey.tsx';
import { KeepCodes } from '../account/Codes.tsx';
import { Prove } from '../account/Prove.tsx';
import { SetUpTotp } from '../account/Totp.tsx';
import { useHere } from '../here.ts';
import { SecurityModel } from '../models/security.ts';
import { Press } from '../ui/Form.tsx';
import { Page } from '../ui/Page.tsx';
import { placeName } from '../words-people.ts';

export default function Second() {
  const { session, account } = useHere();
  const { current, second } = session;
  return (
    <div class="narrow-page">
      {second.enrolled ? (
        <Page
          key="prove"
          title="Show that it is you"
          lead={`Finance sees ${placeName(current)} only after a second proof. It holds for twelve hours.`}
        >
          <section class="card">
            <Prove done={account.told} />
          </section>
        </Page>
      ) : (
        <SetUp name={placeName(current)} />
      )}
    </div>
  );
}

function SetUp({ name }: { name: string }) {
  const { api, passkeys, account } = useHere();
  const model = useModel(() => new SecurityModel(api, { passkeys, lead: (to) => location.assign(to) }));
  const way = useSignal<'passkey' | null>(null);
  useEffect(() => {
    model.open();
  }, []);
  const codes = model.codes.value;
  const { beginning } = model;
  return (
    <Page
      title="Set up a second proof"
      lead={`Finance handles money, so ${name} opens only to people who prove themselves twice. It takes a minute, once.`}
    >
      {model.totp.value ? (
        <section class="card" aria-labelledby="totp">
          <h2 id="totp">An authenticator app</h2>
          <SetUpTotp model={model} cancel={model.cancel} />
        </section>
      ) : way.value === 'passkey' ? (
        <section class="card" aria-labelledby="passkey">
          <h2 id="passkey">A passkey</h2>
          <AddPasskey
            model={model}
            done={() => account.open()}
            cancel={() => {
              way.value = null;
            }}
          />
        </section>
      ) : (
        <ul class="cards cards-two">
          <li class="card">
            <h2>An authenticator app</h2>
            <p>An app on your phone shows six digits that change every half minute. You get recovery codes with it.</p>
            <Press of={beginning} run={() => beginning.run(null)} class="button main" busy="One moment…">
              Set up an app
            </Press>
          </li>
          {passkeys.there && (
            <li class="card">
              <h2>A passkey</h2>
              <p>This device knows you by your finger, face or PIN. You can sign in with it too.</p>
              <button
                type="button"
                class="button"
                onClick={() => {
                  way.value = 'passkey';
                }}
              >
                Add a passkey
              </button>
            </li>
          )}
        </ul>
      )}
      {codes && (
        <KeepCodes
          codes={codes}
          kept={() => {
            model.kept();
            account.open();
          }}
        />
      )}
    </Page>
  );
}
