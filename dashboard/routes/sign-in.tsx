/** Nobody is signed in: what this is, and the ways in. Whatever the address, one comes back to it afterwards. */
import { useModel } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import type { Api, DemoPerson } from '../api.ts';
import { SignInModel } from '../models/sign-in.ts';
import type { Passkeys } from '../passkeys.ts';
import { Field } from '../ui/Field.tsx';
import { Form, Press, Wrong } from '../ui/Form.tsx';
import { KeyIcon, LetterIcon, River } from '../ui/icons.tsx';
import { Page } from '../ui/Page.tsx';
import { problemWords } from '../words-people.ts';

type Model = InstanceType<typeof SignInModel>;

/** Who is about to type needs no list of passkeys; who hesitates may. */
const PAUSE_MS = 1_000;

export default function SignIn({
  api,
  passkeys,
  next,
  ended,
  arrive,
}: {
  api: Api;
  passkeys: Passkeys;
  /** Where to, afterwards. */
  next: string;
  /** Somebody was signed in until just now. */
  ended: boolean;
  arrive: (next: string) => unknown;
}) {
  const model = useModel(() => new SignInModel(api, { passkeys, next, arrive }));
  const { query } = useLocation();
  useEffect(() => {
    model.open();
  }, []);
  const people = model.people.answer.value?.list ?? null;
  return (
    <div class="welcome">
      <Page
        title="Sign in"
        heading={<>Every order finds the partner who&nbsp;earned&nbsp;it.</>}
        lead="Tributary tracks links and codes for a shop and its partners. Both see what each order earned, and exactly why."
      >
        <River />
        <div class="welcome-in">
          {ended && (
            <Note title="You are signed out">Your sign-in has ended. Sign in again to go on where you were.</Note>
          )}
          {query.problem && <Note title="That did not work">{problemWords(query.problem)}</Note>}
          {model.sentTo.value === null ? (
            <Ask model={model} there={passkeys.there} next={next} />
          ) : (
            <Sent model={model} demo={people !== null} />
          )}
          {people && model.sentTo.value === null && <Demo people={people} model={model} />}
        </div>
      </Page>
    </div>
  );
}

const Note = ({ title, children }: { title: string; children: ComponentChildren }) => (
  <div class="notice notice-soft" role="status">
    <p class="notice-title">{title}</p>
    <p>{children}</p>
  </div>
);

function Ask({ model, there, next }: { model: Model; there: boolean; next: string }) {
  const other = model.ways.answer.value?.singleSignOn;
  const trouble = model.proving.trouble.value;
  return (
    <section class="card" aria-labelledby="sign-in">
      <h2 id="sign-in">Sign in</h2>
      <Form of={model.sending} submit={() => model.send()} action="Send me a link" busy="Sending…" fields={['email']}>
        <Field
          label="Your e-mail address"
          type="email"
          name="email"
          // The browser lists its passkeys beneath a field of this kind, once it has been asked to.
          autocomplete="username webauthn"
          autocapitalize="off"
          spellcheck={false}
          enterkeyhint="send"
          maxLength={254}
          value={model.email.value}
          onFocus={({ currentTarget: field }) => {
            setTimeout(() => document.activeElement === field && !field.value && model.offer(), PAUSE_MS);
          }}
          onInput={({ currentTarget }) => {
            model.email.value = currentTarget.value;
          }}
          error={model.sending.trouble.value?.fields.email}
          hint="No password: we mail you a link and a code."
        />
      </Form>
      {(there || other) && (
        <div class="ways">
          <p class="ways-or">or</p>
          {there && (
            <Press of={model.proving} run={() => model.proving.run(null)} busy="Waiting for your device…" quiet>
              <KeyIcon />
              Sign in with a passkey
            </Press>
          )}
          {other && (
            <a class="button" href={`/v1/sign-in/oidc?next=${encodeURIComponent(next)}`}>
              Sign in with {other.name}
            </a>
          )}
          {trouble && <Wrong trouble={trouble} />}
        </div>
      )}
    </section>
  );
}

function Sent({ model, demo }: { model: Model; demo: boolean }) {
  const { sending, confirming, again } = model;
  return (
    <section class="card" aria-labelledby="sent">
      <Arrived id="sent">Look in your mailbox</Arrived>
      <p>
        If <b class="whole">{model.sentTo.value}</b> has a place here, a letter is on its way. Open its link in this
        browser within 15 minutes.
      </p>
      {demo && (
        <a class="button main" href="/dev/mail">
          <LetterIcon />
          Open the mailbox
        </a>
      )}
      <Form of={confirming} submit={model.confirm} action="Sign in" busy="Signing in…" fields={['code']}>
        <Field
          label="Or type the code from the letter"
          name="code"
          autocomplete="one-time-code"
          autocapitalize="characters"
          spellcheck={false}
          enterkeyhint="go"
          maxLength={24}
          class="code-field"
          value={model.code.value}
          onInput={({ currentTarget }) => {
            model.code.value = currentTarget.value;
          }}
          error={confirming.trouble.value?.fields.code}
          hint="For when you read mail on another device."
        />
      </Form>
      <div class="ways ways-row">
        <Press of={sending} run={model.sendAgain} class="button" busy="Sending…">
          Send again
        </Press>
        <button type="button" class="button" onClick={model.back}>
          Another address
        </button>
      </div>
      <p class="fine" aria-live="polite">
        {again.value > 0
          ? 'Sent again: the newest letter is the one that works.'
          : 'Nothing there? Look among unwanted mail too.'}
      </p>
    </section>
  );
}

/** The focus goes to what has come in place of the form. */
function Arrived({ id, children }: { id: string; children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <h2 id={id} ref={heading} tabIndex={-1}>
      {children}
    </h2>
  );
}

/** Local demo only. */
function Demo({ people, model }: { people: readonly DemoPerson[]; model: Model }) {
  return (
    <section class="card card-demo" aria-labelledby="demo">
      <h2 id="demo">
        <span class="tag tag-warn">Demo</span> Or be one of these
      </h2>
      <p class="small">
        Invented people, on this machine only. A press sends their letter to <a href="/dev/mail">the demo’s mailbox</a>.
      </p>
      <div class="people">
        {people.map(({ email, name, what }) => (
          <button key={email} type="button" aria-disabled={model.sending.busy.value} onClick={() => model.send(email)}>
            <b>{name}</b>
            <span>{what}</span>
          </button>
        ))}
      </div>
    </section>
  );
}
