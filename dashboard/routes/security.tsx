/** How one proves who one is, and from where one is signed in. */
import { useModel, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { AddPasskey } from '../account/AddPasskey.tsx';
import { NameForm } from '../account/AskName.tsx';
import { KeepCodes } from '../account/Codes.tsx';
import { SetUpTotp } from '../account/Totp.tsx';
import type { PasskeyLine, SecurityAnswer, SessionLine } from '../api.ts';
import { useSelf } from '../here.ts';
import { SecurityModel } from '../models/security.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { Field } from '../ui/Field.tsx';
import { Form, Press } from '../ui/Form.tsx';
import { counted } from '../ui/format.ts';
import { Loading } from '../ui/Loading.tsx';
import { Page } from '../ui/Page.tsx';
import { Skeleton } from '../ui/Skeleton.tsx';
import { Sure } from '../ui/Sure.tsx';
import { Time } from '../ui/Time.tsx';
import { countryName, METHOD_WORDS, problemWords } from '../words-people.ts';

type Model = InstanceType<typeof SecurityModel>;
/** Which dialog stands open. */
type Asking =
  | { what: 'name' | 'passkey' | 'totp-gone' | 'codes' | 'others' | 'unlink' }
  | { what: 'passkey-name' | 'passkey-gone'; passkey: PasskeyLine };

export default function Security() {
  const { api, passkeys, account } = useSelf();
  const { query } = useLocation();
  const model = useModel(() => new SecurityModel(api, { passkeys, lead: (to) => location.assign(to) }));
  const asking = useSignal<Asking | null>(null);
  useEffect(() => {
    model.open();
  }, []);
  const ask = (next: Asking) => () => {
    asking.value = next;
  };
  const close = () => {
    asking.value = null;
  };
  // Whether a second factor is there, and until when it holds, is known to the whole dashboard.
  const changed = () => {
    close();
    account.open();
  };
  const codes = model.codes.value;
  return (
    <Page
      title="Security"
      lead="How you prove who you are, and where you are signed in. This is yours alone, whatever program you look at."
    >
      {query.problem && (
        <div class="notice notice-soft" role="status">
          <p class="notice-title">Single sign-on was not linked</p>
          <p>{problemWords(query.problem)}</p>
        </div>
      )}
      <Loading of={model.security} shape={<Skeleton lines={14} tall />}>
        {(security) => (
          <>
            <Profile ask={ask} />
            <Passkeys of={security.passkeys} there={passkeys.there} ask={ask} />
            <App model={model} security={security} ask={ask} />
            {security.singleSignOn && <SingleSignOn model={model} of={security.singleSignOn} ask={ask} />}
            <Sessions model={model} sessions={security.sessions} ask={ask} />
          </>
        )}
      </Loading>
      {asking.value && <Asked asking={asking.value} model={model} close={close} changed={changed} />}
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

type Ask = (next: Asking) => () => void;

function Section({
  id,
  title,
  lead,
  children,
}: {
  id: string;
  title: string;
  lead: ComponentChildren;
  children: ComponentChildren;
}) {
  return (
    <section class="split" aria-labelledby={id}>
      <div class="split-what">
        <h2 id={id}>{title}</h2>
        <p class="small">{lead}</p>
      </div>
      <div class="split-body">{children}</div>
    </section>
  );
}

function Profile({ ask }: { ask: Ask }) {
  const { person } = useSelf().session;
  return (
    <Section id="you" title="You" lead="Your team sees your name; letters go to your address.">
      <ul class="lines">
        <Line name={person.name || 'No name yet'} more={person.email}>
          <button type="button" class="button" onClick={ask({ what: 'name' })}>
            Change<span class="unseen"> your name</span>
          </button>
        </Line>
      </ul>
    </Section>
  );
}

const Line = ({
  name,
  more,
  children,
}: {
  name: ComponentChildren;
  more: ComponentChildren;
  children?: ComponentChildren;
}) => (
  <li>
    <div class="line-what">
      <span class="strong">{name}</span>
      <span class="small">{more}</span>
    </div>
    {children && <div class="line-ways">{children}</div>}
  </li>
);

function Passkeys({ of: passkeys, there, ask }: { of: readonly PasskeyLine[]; there: boolean; ask: Ask }) {
  return (
    <Section
      id="passkeys"
      title="Passkeys"
      lead="Sign in with your finger, face or PIN. A passkey is a second proof by itself, and cannot be phished."
    >
      {passkeys.length > 0 ? (
        <ul class="lines">
          {passkeys.map((passkey) => (
            <Line
              key={passkey.id}
              name={passkey.name}
              more={
                <>
                  since <Time at={passkey.createdAt} only="day" /> ·{' '}
                  {passkey.lastUsedAt ? (
                    <>
                      last used <Time at={passkey.lastUsedAt} />
                    </>
                  ) : (
                    'not used yet'
                  )}
                </>
              }
            >
              <button type="button" class="button" onClick={ask({ what: 'passkey-name', passkey })}>
                Rename<span class="unseen"> {passkey.name}</span>
              </button>
              <button type="button" class="button" onClick={ask({ what: 'passkey-gone', passkey })}>
                Remove<span class="unseen"> {passkey.name}</span>
              </button>
            </Line>
          ))}
        </ul>
      ) : (
        <p class="soft">None yet.</p>
      )}
      {there ? (
        <button type="button" class="button" onClick={ask({ what: 'passkey' })}>
          Add a passkey
        </button>
      ) : (
        <p class="small">This browser has no passkeys.</p>
      )}
    </Section>
  );
}

function App({
  model,
  security: { totp, recoveryCodesLeft },
  ask,
}: {
  model: Model;
  security: SecurityAnswer;
  ask: Ask;
}) {
  const { beginning } = model;
  return (
    <Section
      id="totp"
      title="Authenticator app"
      lead="Six digits from an app on your phone, asked for before money moves. Recovery codes come with it."
    >
      {model.totp.value ? (
        <SetUpTotp model={model} cancel={model.cancel} />
      ) : totp ? (
        <ul class="lines">
          <Line
            name="Set up"
            more={
              <>
                since <Time at={totp.confirmedAt} only="day" />
              </>
            }
          >
            <button type="button" class="button" onClick={ask({ what: 'totp-gone' })}>
              Remove<span class="unseen"> the authenticator app</span>
            </button>
          </Line>
          <Line
            name={
              recoveryCodesLeft === 0 ? 'No recovery codes left' : `${counted(recoveryCodesLeft, 'recovery code')} left`
            }
            more={
              recoveryCodesLeft < 3
                ? 'Make new ones now: without them a lost phone locks you out.'
                : 'For when your phone is gone. Each works once.'
            }
          >
            <button type="button" class="button" onClick={ask({ what: 'codes' })}>
              Make new ones<span class="unseen">: recovery codes</span>
            </button>
          </Line>
        </ul>
      ) : (
        <>
          <p class="soft">Not set up.</p>
          <Press of={beginning} run={() => beginning.run(null)} busy="One moment…">
            Set up an app
          </Press>
        </>
      )}
    </Section>
  );
}

function SingleSignOn({
  model,
  of: { name, linked },
  ask,
}: {
  model: Model;
  of: { name: string; linked: boolean };
  ask: Ask;
}) {
  const { linking } = model;
  return (
    <Section id="oidc" title="Single sign-on" lead={`Sign in here with the account you have with ${name}.`}>
      <ul class="lines">
        <Line name={name} more={linked ? 'linked to you' : 'not linked'}>
          {linked ? (
            <button type="button" class="button" onClick={ask({ what: 'unlink' })}>
              Unlink<span class="unseen"> {name}</span>
            </button>
          ) : (
            <Press of={linking} run={() => linking.run(null)} busy="One moment…">
              Link {name}
            </Press>
          )}
        </Line>
      </ul>
    </Section>
  );
}

function Sessions({ model, sessions, ask }: { model: Model; sessions: readonly SessionLine[]; ask: Ask }) {
  const { ending } = model;
  return (
    <Section
      id="sessions"
      title="Where you are signed in"
      lead="What you do not know, end: it is signed out at once. Each ends by itself after three days without use."
    >
      <ul class="lines">
        {sessions.map((one) => (
          <Line
            key={one.id}
            name={
              <>
                {one.agent || 'A browser'}
                {one.current && <span class="tag tag-good">this one</span>}
              </>
            }
            more={
              <>
                {one.country && `${countryName(one.country)} · `}
                {METHOD_WORDS[one.method]} <Time at={one.createdAt} only="day" /> · last seen <Time at={one.seenAt} />
              </>
            }
          >
            {!one.current && (
              <Press of={ending} run={() => ending.run(one.id)} quiet>
                End<span class="unseen"> {one.agent}</span>
              </Press>
            )}
          </Line>
        ))}
      </ul>
      {model.others.value && (
        <button type="button" class="button" onClick={ask({ what: 'others' })}>
          End all others
        </button>
      )}
    </Section>
  );
}

function Asked({
  asking,
  model,
  close,
  changed,
}: {
  asking: Asking;
  model: Model;
  close: () => void;
  changed: () => void;
}) {
  switch (asking.what) {
    case 'name':
      return (
        <Dialog title="Your name" close={close}>
          <NameForm later={close} laterWord="Cancel" done={close} />
        </Dialog>
      );
    case 'passkey':
      return (
        <Dialog title="Add a passkey" close={close}>
          <AddPasskey model={model} done={changed} cancel={close} />
        </Dialog>
      );
    case 'passkey-name':
      return <RenamePasskey passkey={asking.passkey} model={model} close={close} />;
    case 'passkey-gone':
      return (
        <Sure
          title={`Remove “${asking.passkey.name}”?`}
          action="Remove"
          of={model.removing}
          given={asking.passkey.id}
          close={close}
          changed={changed}
        >
          It no longer signs you in here. Delete it on the device too, so that it is not offered any more.
        </Sure>
      );
    case 'totp-gone':
      return (
        <Sure
          title="Remove the authenticator app?"
          action="Remove"
          of={model.removingTotp}
          given={null}
          close={close}
          changed={changed}
        >
          Its codes and all recovery codes stop working. Where a second proof is required you then need a passkey, or to
          set up an app anew.
        </Sure>
      );
    case 'codes':
      return (
        <Sure
          title="Make new recovery codes?"
          action="Make new ones"
          of={model.renewing}
          given={null}
          close={close}
          changed={close}
          danger={false}
        >
          All the old ones stop working at once.
        </Sure>
      );
    case 'others':
      return (
        <Sure
          title="End all other sessions?"
          action="End them"
          of={model.endingOthers}
          given={null}
          close={close}
          changed={close}
        >
          Every other browser and device is signed out at once. You stay signed in here.
        </Sure>
      );
    case 'unlink':
      return (
        <Sure
          title="Unlink single sign-on?"
          action="Unlink"
          of={model.unlinking}
          given={null}
          close={close}
          changed={close}
        >
          It no longer signs you in here. By mail, and by passkey if you have one, you still can.
        </Sure>
      );
  }
}

function RenamePasskey({ passkey, model, close }: { passkey: PasskeyLine; model: Model; close: () => void }) {
  const name = useSignal(passkey.name);
  const { renaming } = model;
  return (
    <Dialog title="Rename the passkey" close={close}>
      <Form
        of={renaming}
        submit={async () => {
          if (await renaming.run({ id: passkey.id, name: name.value.trim() })) close();
        }}
        action="Save"
        busy="Saving…"
        fields={['name']}
        cancel={close}
      >
        <Field
          label="Its name"
          name="name"
          maxLength={64}
          autocomplete="off"
          value={name.value}
          onInput={({ currentTarget }) => {
            name.value = currentTarget.value;
          }}
          error={renaming.trouble.value?.fields.name && 'Write a name by which you know it again.'}
        />
      </Form>
    </Dialog>
  );
}
