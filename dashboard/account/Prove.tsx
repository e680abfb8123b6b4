/** Shows a second factor, by whichever this person has. */
import { useModel } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { SecurityAnswer, SessionAnswer } from '../api.ts';
import { useSelf } from '../here.ts';
import { SecondModel } from '../models/second.ts';
import { Field } from '../ui/Field.tsx';
import { Form, Press, Wrong } from '../ui/Form.tsx';
import { KeyIcon } from '../ui/icons.tsx';
import { Loading } from '../ui/Loading.tsx';
import { Skeleton } from '../ui/Skeleton.tsx';

type Model = InstanceType<typeof SecondModel>;

export function Prove({ done, cancel }: { done: (session: SessionAnswer) => unknown; cancel?: () => void }) {
  const { api, passkeys } = useSelf();
  const model = useModel(() => new SecondModel(api, { passkeys, done }));
  useEffect(() => {
    model.security.load(null);
  }, []);
  return (
    <Loading of={model.security} shape={<Skeleton lines={4} />}>
      {(security) => <Ways model={model} security={security} there={passkeys.there} cancel={cancel} />}
    </Loading>
  );
}

function Ways({
  model,
  security: { totp, passkeys, recoveryCodesLeft },
  there,
  cancel,
}: {
  model: Model;
  security: SecurityAnswer;
  /** This browser can use passkeys. */
  there: boolean;
  cancel: (() => void) | undefined;
}) {
  const { proving, showing } = model;
  const trouble = proving.trouble.value;
  const recovering = model.recovering.value;
  const canProve = there && passkeys.length > 0;
  const canType = totp !== null || recovering;
  return (
    <>
      {canProve && !recovering && (
        <div class="ways">
          <Press
            of={proving}
            run={() => proving.run(null)}
            class={totp ? 'button' : 'button main'}
            busy="Waiting for your device…"
            quiet
          >
            <KeyIcon />
            Use a passkey
          </Press>
          {trouble && <Wrong trouble={trouble} />}
          {totp && <p class="ways-or">or</p>}
        </div>
      )}
      {canType && (
        <Form of={showing} submit={model.show} action="Go on" busy="Checking…" fields={['code']} cancel={cancel}>
          <Field
            key={`${recovering}`}
            label={recovering ? 'Recovery code' : 'Code from your authenticator app'}
            name="code"
            inputMode={recovering ? 'text' : 'numeric'}
            autocomplete={recovering ? 'off' : 'one-time-code'}
            autocapitalize="off"
            spellcheck={false}
            enterkeyhint="go"
            maxLength={64}
            class="code-field"
            value={model.code.value}
            onInput={({ currentTarget }) => {
              model.code.value = currentTarget.value;
            }}
            error={showing.trouble.value?.fields.code}
            hint={
              recovering
                ? 'One of those you kept when you set up your app. Each works once.'
                : 'Six digits; a new one comes every 30 seconds.'
            }
          />
        </Form>
      )}
      <div class="ways-foot">
        {!canType && cancel && (
          <button type="button" class="button" onClick={cancel}>
            Cancel
          </button>
        )}
        {recovering ? (
          <button type="button" class="link" onClick={() => model.recover(false)}>
            Back to the other ways
          </button>
        ) : (
          recoveryCodesLeft > 0 && (
            <button type="button" class="link" onClick={() => model.recover(true)}>
              Use a recovery code instead
            </button>
          )
        )}
      </div>
      {!canProve && !canType && (
        <p>
          Your passkeys are on another device, and this browser cannot use any. Open this page where you have them
          {recoveryCodesLeft > 0 && ', or use a recovery code'}.
        </p>
      )}
    </>
  );
}
