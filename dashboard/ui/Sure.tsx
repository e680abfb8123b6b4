/** Asks before something is done that cannot be taken back, and says what it does. */
import type { ComponentChildren } from 'preact';
import type { Doing } from '../models/doing.ts';
import { Dialog } from './Dialog.tsx';
import { Form } from './Form.tsx';

export function Sure<Given>({
  title,
  action,
  of: deed,
  given,
  close,
  changed = close,
  danger = true,
  children,
}: {
  title: string;
  /** What stands on the button. */
  action: string;
  of: Doing<Given>;
  given: Given;
  close: () => void;
  /** It was done. */
  changed?: () => void;
  danger?: boolean;
  /** What happens then. */
  children: ComponentChildren;
}) {
  return (
    <Dialog title={title} close={close}>
      <Form
        of={deed}
        submit={async () => {
          if (await deed.run(given)) changed();
        }}
        action={action}
        danger={danger}
        cancel={close}
      >
        <p>{children}</p>
      </Form>
    </Dialog>
  );
}
