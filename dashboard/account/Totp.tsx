/** An authenticator app is set up: its picture to scan, its secret to copy, and a code that proves that it works. */
import { useSignal } from '@preact/signals';
import type { SecurityModel } from '../models/security.ts';
import { Copy } from '../ui/Copy.tsx';
import { Field } from '../ui/Field.tsx';
import { Form } from '../ui/Form.tsx';
import { Qr } from '../ui/Qr.tsx';

type Model = InstanceType<typeof SecurityModel>;

export function SetUpTotp({ model, cancel }: { model: Model; cancel?: () => void }) {
  const code = useSignal('');
  const { confirming } = model;
  const totp = model.totp.value;
  if (!totp) return null;
  const shown = totp.secret.replace(/(.{4})(?=.)/g, '$1 ');
  return (
    <div class="totp">
      <ol class="plain-steps">
        <li>
          <p>
            Open an authenticator app on your phone (such as Aegis, Google Authenticator or 1Password) and scan this. On
            the phone itself, <a href={totp.uri}>open it in the app</a>.
          </p>
          <Qr text={totp.uri} label="The picture for your authenticator app" />
          <div class="secret" data-copied>
            <p class="small">Or type this into the app:</p>
            <code>{shown}</code>
            <Copy text={totp.secret} what="the secret" />
          </div>
        </li>
        <li>
          <Form
            of={confirming}
            submit={() => confirming.run(code.value.trim())}
            action="It works"
            busy="Checking…"
            fields={['code']}
            cancel={cancel}
          >
            <Field
              label="Type the code that the app shows"
              name="code"
              inputMode="numeric"
              autocomplete="one-time-code"
              spellcheck={false}
              enterkeyhint="done"
              maxLength={12}
              class="code-field"
              value={code.value}
              onInput={({ currentTarget }) => {
                code.value = currentTarget.value;
              }}
              error={confirming.trouble.value?.fields.code}
              hint="Six digits; a new one comes every 30 seconds."
            />
          </Form>
        </li>
      </ol>
    </div>
  );
}
