/** Keys by which the shop's pages and servers speak for the program: made, replaced, revoked. */
import { useModel, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { KeyAnswer, Scope } from '../api.ts';
import { useHere } from '../here.ts';
import { KeysModel, stateOf } from '../models/keys.ts';
import { Copy } from '../ui/Copy.tsx';
import { Dialog } from '../ui/Dialog.tsx';
import { Empty } from '../ui/Empty.tsx';
import { Choice, Field, Select } from '../ui/Field.tsx';
import { Form } from '../ui/Form.tsx';
import { count, counted } from '../ui/format.ts';
import { Loading } from '../ui/Loading.tsx';
import { Page } from '../ui/Page.tsx';
import { Skeleton } from '../ui/Skeleton.tsx';
import { Sure } from '../ui/Sure.tsx';
import { Time } from '../ui/Time.tsx';
import { KIND_WORDS, scopeWords } from '../words-people.ts';

type Model = InstanceType<typeof KeysModel>;
type Asking = { what: 'make' } | { what: 'rotate' | 'revoke'; key: KeyAnswer };
type Ask = (asking: Asking) => void;

const DAY_MS = 86_400_000;
const HOURS = [
  [0, 'At once'],
  [1, 'In an hour'],
  [24, 'In a day'],
  [168, 'In a week'],
  [720, 'In 30 days'],
] as const;

export default function Keys() {
  const { api, session } = useHere();
  const model = useModel(() => new KeysModel(api));
  const asking = useSignal<Asking | null>(null);
  useEffect(() => {
    model.open();
  }, []);
  const mayWrite = session.may.includes('keys.write');
  const ask: Ask = (next) => {
    asking.value = next;
  };
  const close = () => {
    asking.value = null;
  };
  const made = model.made.value;
  return (
    <Page
      title="Keys"
      lead="By a key the shop’s pages and servers speak for this program. No key can send money or change where it goes."
      aside={
        mayWrite && (
          <button type="button" class="button main" onClick={() => ask({ what: 'make' })}>
            Make a key
          </button>
        )
      }
    >
      <Loading of={model.keys} shape={<Skeleton lines={8} tall />}>
        {() => (
          <>
            {model.live.value.length === 0 ? (
              <Empty title="No key works at the moment">
                <p>A publishable key is for the shop’s pages, a secret one for its server.</p>
              </Empty>
            ) : (
              <ul class="key-list">
                {model.live.value.map((key) => (
                  <Row key={key.id} of={key} ask={mayWrite ? ask : null} />
                ))}
              </ul>
            )}
            {model.over.value.length > 0 && (
              <details class="more-below">
                <summary>
                  {counted(model.over.value.length, 'key that no longer works', 'keys that no longer work')}
                </summary>
                <ul class="key-list muted">
                  {model.over.value.map((key) => (
                    <Row key={key.id} of={key} ask={null} />
                  ))}
                </ul>
              </details>
            )}
          </>
        )}
      </Loading>
      {asking.value?.what === 'make' && <Make model={model} mode={session.current.program.mode} close={close} />}
      {asking.value?.what === 'rotate' && <Rotate of={asking.value.key} model={model} close={close} />}
      {asking.value?.what === 'revoke' && (
        <Sure
          title={`Revoke “${asking.value.key.name}”?`}
          action="Revoke"
          of={model.revoking}
          given={asking.value.key.id}
          close={close}
        >
          Whatever uses <code>{asking.value.key.hint}</code> is refused from the next call on.{' '}
          {asking.value.key.kind === 'publishable'
            ? 'Pages with it no longer tell of their visitors.'
            : 'Orders it would tell are not told.'}{' '}
          This cannot be taken back.
        </Sure>
      )}
      {made?.key && <Made of={made} text={made.key} kept={model.kept} />}
    </Page>
  );
}

function Row({ of: key, ask }: { of: KeyAnswer; ask: Ask | null }) {
  return (
    <li>
      <div class="key-head">
        <p class="strong">
          {key.name}
          <span class={key.kind === 'secret' ? 'tag tag-warn' : 'tag'}>{key.kind}</span>
        </p>
        <code class="key-hint">{key.hint}</code>
      </div>
      <p class="small">
        {key.kind === 'secret' && <>{key.scopes.map((scope) => scopeWords(scope).name.toLowerCase()).join(', ')} · </>}
        up to {count(key.callsAMinute)} calls a minute
      </p>
      <p class="small">
        <State of={key} /> · made <Time at={key.createdAt} only="day" /> ·{' '}
        {key.lastUsedAt ? (
          <>
            last used <Time at={key.lastUsedAt} />
          </>
        ) : (
          'never used'
        )}
      </p>
      {ask && (
        <div class="line-ways">
          <button type="button" class="button" onClick={() => ask({ what: 'rotate', key })}>
            Replace<span class="unseen"> {key.name}</span>
          </button>
          <button type="button" class="button" onClick={() => ask({ what: 'revoke', key })}>
            Revoke<span class="unseen"> {key.name}</span>
          </button>
        </div>
      )}
    </li>
  );
}

function State({ of: key }: { of: KeyAnswer }) {
  switch (stateOf(key, Date.now())) {
    case 'revoked':
      return (
        <>
          revoked <Time at={key.revokedAt ?? ''} only="day" />
        </>
      );
    case 'over':
      return (
        <>
          ended <Time at={key.expiresAt ?? ''} only="day" />
        </>
      );
    case 'ends':
      return (
        <b class="ends">
          ends <Time at={key.expiresAt ?? ''} />
        </b>
      );
    case 'works':
      return <>no end set</>;
  }
}

const SCOPES: readonly Scope[] = ['read', 'track', 'manage', 'people', 'keys', 'audit'];
/** What a shop's server usually needs. */
const USUAL: readonly Scope[] = ['read', 'track'];
const LASTS = [
  ['', 'Until it is revoked'],
  ['30', '30 days'],
  ['90', '90 days'],
  ['365', 'A year'],
] as const;
const CALLS = [6_000, 12_000, 30_000, 60_000];

function Make({ model, mode, close }: { model: Model; mode: 'live' | 'sandbox'; close: () => void }) {
  const kind = useSignal<KeyAnswer['kind']>('secret');
  const name = useSignal('');
  const scopes = useSignal<readonly Scope[]>(USUAL);
  const days = useSignal('');
  const calls = useSignal('');
  const { making } = model;
  const fields = making.trouble.value?.fields;
  return (
    <Dialog title="Make a key" close={close}>
      <Form
        of={making}
        submit={async () => {
          const done = await making.run({
            kind: kind.value,
            name: name.value.trim(),
            ...(kind.value === 'secret' && { scopes: SCOPES.filter((one) => scopes.value.includes(one)) }),
            ...(days.value && { expiresAt: new Date(Date.now() + Number(days.value) * DAY_MS).toISOString() }),
            ...(calls.value && { callsAMinute: Number(calls.value) }),
          });
          if (done) close();
        }}
        action="Make the key"
        busy="Making it…"
        fields={['name', 'scopes', 'callsAMinute']}
        cancel={close}
      >
        <Field
          label="Its name"
          name="name"
          autocomplete="off"
          maxLength={64}
          value={name.value}
          onInput={({ currentTarget }) => {
            name.value = currentTarget.value;
          }}
          error={fields?.name && 'Write by what you will know it again.'}
          hint="Where it is used, such as “shop server”."
        />
        <Choice
          legend="Kind"
          options={(['secret', 'publishable'] as const).map((value) => ({ value, ...KIND_WORDS[value] }))}
          chosen={[kind.value]}
          choose={(chosen) => {
            kind.value = chosen;
          }}
        />
        {kind.value === 'secret' && (
          <Choice
            legend="What it opens"
            many
            options={SCOPES.map((value) => {
              const { name, opens } = scopeWords(value);
              return { value, name, more: opens };
            })}
            chosen={scopes.value}
            choose={(scope, on) => {
              scopes.value = on ? [...scopes.value, scope] : scopes.value.filter((one) => one !== scope);
            }}
            error={fields?.scopes && 'Choose at least one.'}
          />
        )}
        <div class="field-row">
          <Select
            label="It works"
            name="days"
            value={days.value}
            onChange={({ currentTarget }) => {
              days.value = currentTarget.value;
            }}
          >
            {LASTS.map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </Select>
          <Select
            label="Calls a minute, at most"
            name="callsAMinute"
            value={calls.value}
            onChange={({ currentTarget }) => {
              calls.value = currentTarget.value;
            }}
            error={fields?.callsAMinute}
          >
            <option value="">As usual</option>
            {CALLS.map((many) => (
              <option key={many} value={String(many)}>
                {count(many)}
              </option>
            ))}
          </Select>
        </div>
        {mode === 'sandbox' && (
          <p class="small">This program is a sandbox: the key begins with _test_ and touches no live data.</p>
        )}
      </Form>
    </Dialog>
  );
}

function Rotate({ of: key, model, close }: { of: KeyAnswer; model: Model; close: () => void }) {
  const hours = useSignal('24');
  const { rotating } = model;
  return (
    <Dialog title={`Replace “${key.name}”`} close={close}>
      <Form
        of={rotating}
        submit={async () => {
          if (await rotating.run({ id: key.id, overlapHours: Number(hours.value) })) close();
        }}
        action="Make the new key"
        busy="Making it…"
        cancel={close}
      >
        <p>
          A new key with the same name and reach is made now. The old one, <code>{key.hint}</code>, goes on for a while,
          so that you can change over without a gap.
        </p>
        <Select
          label="The old one ends"
          name="overlapHours"
          value={hours.value}
          onChange={({ currentTarget }) => {
            hours.value = currentTarget.value;
          }}
        >
          {HOURS.map(([value, words]) => (
            <option key={value} value={String(value)}>
              {words}
            </option>
          ))}
        </Select>
      </Form>
    </Dialog>
  );
}

function Made({ of: key, text, kept }: { of: KeyAnswer; text: string; kept: () => void }) {
  return (
    <Dialog title="Copy the new key now" close={kept} must>
      <p>
        <b>It is shown only this once</b>: nobody can read it here again, not even we.{' '}
        {key.kind === 'secret'
          ? 'Put it among your server’s secrets, never into a page or a repository.'
          : 'It belongs into the snippet of the shop’s pages.'}
      </p>
      <div class="paste" data-copied>
        <pre class="code">
          <code>{text}</code>
        </pre>
        <Copy text={text} what="the key" />
      </div>
      <div class="form-foot">
        <button type="button" class="button main" onClick={kept}>
          I have kept it
        </button>
      </div>
    </Dialog>
  );
}
