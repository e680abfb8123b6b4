/** A person whom nobody has named yet: what may we call you? They may say later. */
import { useSignal } from '@preact/signals';
import { useSelf } from '../here.ts';
import { Field } from '../ui/Field.tsx';
import { Form } from '../ui/Form.tsx';

export default function AskName() {
  const { account } = useSelf();
  return (
    <aside class="card ask-name" aria-label="Your name">
      <NameForm later={() => account.askLater()} />
    </aside>
  );
}

export function NameForm({
  later,
  laterWord = 'Later',
  done,
}: {
  later?: () => void;
  laterWord?: string;
  done?: () => void;
}) {
  const { account, session } = useSelf();
  const name = useSignal(session.person.name);
  const { renaming } = account;
  return (
    <Form
      of={renaming}
      submit={async () => {
        if (await renaming.run(name.value.trim())) done?.();
      }}
      action="Save"
      busy="Saving…"
      fields={['name']}
      cancel={later}
      cancelWord={laterWord}
    >
      <Field
        label="What may we call you?"
        name="name"
        autocomplete="name"
        maxLength={120}
        value={name.value}
        onInput={({ currentTarget }) => {
          name.value = currentTarget.value;
        }}
        error={renaming.trouble.value?.fields.name && 'Write the name you go by.'}
        hint="Your team sees it beside what you do."
      />
    </Form>
  );
}
