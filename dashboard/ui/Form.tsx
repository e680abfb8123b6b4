/** What is filled in, the press that does it, and what came in the way. What was typed is never lost to trouble. */
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Trouble } from '../api.ts';
import type { Doing } from '../models/doing.ts';

export function Form<Given>({
  of: deed,
  submit,
  action,
  busy = `${action}…`,
  fields = [],
  danger = false,
  cancel,
  cancelWord = 'Cancel',
  children,
}: {
  of: Doing<Given>;
  submit: () => unknown;
  /** What stands on the button. */
  action: string;
  busy?: string;
  /** Those that say themselves what is wrong with them. */
  fields?: readonly string[];
  danger?: boolean;
  cancel?: (() => void) | undefined;
  cancelWord?: string;
  children?: ComponentChildren;
}) {
  // Trouble of an earlier time is over.
  useEffect(() => deed.clear(), []);
  const working = deed.busy.value;
  const trouble = deed.trouble.value;
  const told =
    trouble &&
    Object.keys(trouble.fields).length > 0 &&
    Object.keys(trouble.fields).every((one) => fields.includes(one));
  return (
    <form
      class="form"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!working) submit();
      }}
    >
      {children}
      {trouble && !told && <Wrong trouble={trouble} fields={fields} />}
      <div class="form-foot">
        {cancel && (
          <button type="button" class="button" onClick={cancel}>
            {cancelWord}
          </button>
        )}
        <button type="submit" class={danger ? 'button danger' : 'button main'} aria-disabled={working}>
          {working ? busy : action}
        </button>
      </div>
    </form>
  );
}

export const Wrong = ({ trouble, fields = [] }: { trouble: Trouble; fields?: readonly string[] }) => {
  const others = Object.entries(trouble.fields).filter(([name]) => !fields.includes(name));
  return (
    <div class="notice" role="alert">
      <p class="notice-title">{trouble.title}</p>
      {others.length > 0 ? (
        others.map(([name, detail]) => (
          <p key={name}>
            {name}: {detail}
          </p>
        ))
      ) : (
        <p>{trouble.message}</p>
      )}
    </div>
  );
};

/** A press that does something without a form; its trouble stands beside it. */
export function Press<Given>({
  of: deed,
  run,
  class: looks = 'button',
  busy,
  quiet = false,
  children,
}: {
  of: Doing<Given>;
  run: () => unknown;
  class?: string;
  busy?: string;
  /** Its trouble is shown elsewhere. */
  quiet?: boolean;
  children: ComponentChildren;
}) {
  const working = deed.busy.value;
  const trouble = deed.trouble.value;
  return (
    <>
      <button type="button" class={looks} aria-disabled={working} onClick={() => !working && run()}>
        {working && busy ? busy : children}
      </button>
      {trouble && !quiet && <Wrong trouble={trouble} />}
    </>
  );
}
