/** Makes a passkey on this device, under a name by which one knows it again. */
import { useSignal } from '@preact/signals';
import type { SecurityModel } from '../models/security.ts';
import { Field } from '../ui/Field.tsx';
import { Form } from '../ui/Form.tsx';

type Model = InstanceType<typeof SecurityModel>;

export function AddPasskey({ model, done, cancel }: { model: Model; done: () => void; cancel?: () => void }) {
  const name = useSignal(deviceName(navigator.userAgent));
  const { adding } = model;
  return (
    <Form
      of={adding}
      submit={async () => {
        if (await adding.run(name.value.trim())) done();
      }}
      action="Make the passkey"
      busy="Waiting for your device…"
      fields={['name']}
      cancel={cancel}
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
        error={adding.trouble.value?.fields.name && 'Write a name by which you know it again.'}
        hint="Your device then asks for your finger, face or PIN. Nothing of that leaves it."
      />
    </Form>
  );
}

/** A first guess; iPads call themselves Macs, and nobody minds. */
function deviceName(agent: string): string {
  if (/iPhone/.test(agent)) return 'iPhone';
  if (/iPad/.test(agent)) return 'iPad';
  if (/Android/.test(agent)) return 'Android phone';
  if (/Mac OS/.test(agent)) return 'Mac';
  if (/Windows/.test(agent)) return 'Windows computer';
  return 'This computer';
}
