/** Recovery codes, shown once: to be copied, kept as a file or printed, before anything else. */
import { Copy } from '../ui/Copy.tsx';
import { Dialog } from '../ui/Dialog.tsx';

export function KeepCodes({ codes, kept }: { codes: readonly string[]; kept: () => void }) {
  const text = codes.join('\n');
  const file = `data:text/plain;charset=utf-8,${encodeURIComponent(`Tributary recovery codes, each works once\n\n${text}\n`)}`;
  return (
    <Dialog title="Keep these recovery codes" close={kept} must>
      <p>
        They let you in when your phone is gone. Each works once. <b>They are shown only now</b>: put them where you
        keep passwords, not on the phone itself.
      </p>
      <div class="codes" data-copied>
        <code>{text}</code>
        <div class="codes-ways">
          <Copy text={text} what="the recovery codes" />
          <a class="button" href={file} download="tributary-recovery-codes.txt">
            Download
          </a>
          <button type="button" class="button" onClick={() => print()}>
            Print
          </button>
        </div>
      </div>
      <div class="form-foot">
        <button type="button" class="button main" onClick={kept}>
          I have kept them
        </button>
      </div>
    </Dialog>
  );
}
