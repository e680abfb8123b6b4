/** One thing that is typed or chosen, with its name, a word on it, and what is wrong with it. */
import type { ComponentChildren, InputHTMLAttributes, SelectHTMLAttributes } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

interface Around {
  label: string;
  hint?: ComponentChildren;
  /** Where there is one, the focus goes there. */
  error?: string | undefined;
}

type Typed = Pick<
  InputHTMLAttributes,
  | 'name'
  | 'value'
  | 'class'
  | 'maxLength'
  | 'inputMode'
  | 'enterkeyhint'
  | 'autocomplete'
  | 'autocapitalize'
  | 'spellcheck'
  | 'onInput'
  | 'onFocus'
  | 'onChange'
> & { type?: 'text' | 'email' | 'date' };
type Chosen = Pick<SelectHTMLAttributes, 'name' | 'value' | 'onChange'>;

export function Field({ label, hint, error, type = 'text', ...input }: Around & Typed) {
  const { id, box, said } = useField<HTMLInputElement>({ hint, error });
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <input ref={box} id={id} {...said} {...({ ...input, type } as InputHTMLAttributes)} />
    </Frame>
  );
}

export function Select({ label, hint, error, children, ...select }: Around & Chosen & { children: ComponentChildren }) {
  const { id, box, said } = useField<HTMLSelectElement>({ hint, error });
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <select ref={box} id={id} {...said} {...select}>
        {children}
      </select>
    </Frame>
  );
}

function useField<Box extends HTMLElement>({ hint, error }: Omit<Around, 'label'>) {
  const id = useId();
  const box = useRef<Box>(null);
  useEffect(() => {
    if (error) box.current?.focus();
  }, [error]);
  const described = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ');
  const said = {
    ...(described && { 'aria-describedby': described }),
    ...(error && { 'aria-invalid': 'true' as const }),
  };
  return { id, box, said };
}

const Frame = ({ id, label, hint, error, children }: Around & { id: string; children: ComponentChildren }) => (
  <div class="field">
    <label for={id}>{label}</label>
    {children}
    {error && (
      <p id={`${id}-error`} class="field-error">
        {error}
      </p>
    )}
    {hint && (
      <p id={`${id}-hint`} class="field-hint">
        {hint}
      </p>
    )}
  </div>
);

interface Option<Value extends string> {
  value: Value;
  name: ComponentChildren;
  /** What choosing it means. */
  more?: ComponentChildren;
}

/** A few choices, each with what it means; several at once with `many`. */
export function Choice<Value extends string>({
  legend,
  options,
  chosen,
  choose,
  many = false,
  error,
}: {
  legend: string;
  options: readonly Option<Value>[];
  chosen: readonly Value[];
  choose: (value: Value, on: boolean) => void;
  many?: boolean;
  error?: string | undefined;
}) {
  const name = useId();
  return (
    <fieldset class="choice" aria-describedby={error ? `${name}-error` : undefined}>
      <legend>{legend}</legend>
      {options.map(({ value, name: word, more }) => (
        <label key={value}>
          <input
            type={many ? 'checkbox' : 'radio'}
            name={name}
            value={value}
            checked={chosen.includes(value)}
            onChange={({ currentTarget }) => choose(value, currentTarget.checked)}
          />
          <span>
            <b>{word}</b>
            {more && <span class="small">{more}</span>}
          </span>
        </label>
      ))}
      {error && (
        <p id={`${name}-error`} class="field-error">
          {error}
        </p>
      )}
    </fieldset>
  );
}
