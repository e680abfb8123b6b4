/** The dialog in the middle of a call: one more proof, then the call goes on. */
import { useLocation } from 'preact-iso/router';
import { useSelf } from '../here.ts';
import type { StepsModel } from '../models/steps.ts';
import { Dialog } from '../ui/Dialog.tsx';
import { Press } from '../ui/Form.tsx';
import { Prove } from './Prove.tsx';

type Steps = InstanceType<typeof StepsModel>;

export default function StepUp({ steps }: { steps: Steps }) {
  const { session } = useSelf();
  const close = () => steps.settle(false);
  if (steps.asking.value === 'again') return <Again close={close} />;
  return session.second.enrolled ? <Show steps={steps} close={close} /> : <Enroll close={close} />;
}

function Show({ steps, close }: { steps: Steps; close: () => void }) {
  const { account, session } = useSelf();
  return (
    <Dialog title="Show that it is you" close={close}>
      <p>
        {session.second.required
          ? 'You handle money here, so a second proof is asked for from time to time.'
          : 'What you are about to do touches money, or what proves who you are. Show a second proof; it then holds for ten minutes.'}
      </p>
      <Prove
        cancel={close}
        done={(answer) => {
          account.told(answer);
          steps.settle(true);
        }}
      />
    </Dialog>
  );
}

function Enroll({ close }: { close: () => void }) {
  const { route } = useLocation();
  return (
    <Dialog title="Set up a second proof first" close={close}>
      <p>
        This can touch money or the way to it. It is open only to people who prove themselves twice: by their mailbox,
        and by a passkey or an authenticator app on their phone.
      </p>
      <p>Setting one up takes a minute. Then come back and try again.</p>
      <div class="form-foot">
        <button type="button" class="button" onClick={close}>
          Not now
        </button>
        <button
          type="button"
          class="button main"
          onClick={() => {
            close();
            route('/security');
          }}
        >
          Go to Security
        </button>
      </div>
    </Dialog>
  );
}

function Again({ close }: { close: () => void }) {
  const { account } = useSelf();
  return (
    <Dialog title="Sign in again first" close={close}>
      <p>
        What proves who you are can be changed only within ten minutes of signing in: so a computer left open cannot
        lock you out. You come back to this page.
      </p>
      <div class="form-foot">
        <button type="button" class="button" onClick={close}>
          Not now
        </button>
        <Press
          of={account.leaving}
          run={async () => {
            if (await account.leaving.run(null)) close();
          }}
          class="button main"
        >
          Sign in again
        </Press>
      </div>
    </Dialog>
  );
}
