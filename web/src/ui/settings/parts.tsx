// What several sections use.
import type { Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { t, type Words } from "../../i18n";
import { Form, PasswordField } from "../parts";

/** One out of a few. */
export function Choice<T extends string>(props: {
  label: Words;
  of: readonly T[];
  words: Record<T, Words>;
  value: Signal<T>;
}) {
  const name = useId();
  return (
    <fieldset class="choice">
      <legend>{t(props.label)}</legend>
      <div class="options">
        {props.of.map((option) => (
          <label key={option}>
            <input
              type="radio"
              name={name}
              checked={props.value.value === option}
              onChange={() => {
                props.value.value = option;
              }}
            />
            <span>{t(props.words[option])}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

interface SwitchProps {
  label: string;
  hint?: string | undefined;
  on: boolean;
  disabled?: boolean;
  busy?: boolean;
  onChange: (on: boolean) => void;
}

export function Switch({ label, hint, on, disabled = false, busy = false, onChange }: SwitchProps) {
  const id = useId();
  return (
    <div class="switch">
      <input
        id={id}
        type="checkbox"
        role="switch"
        checked={on}
        aria-checked={on}
        aria-busy={busy}
        disabled={disabled}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <div>
        <label for={id}>{label}</label>
        {hint && (
          <p class="hint" id={`${id}-hint`}>
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}

interface UnfoldProps {
  label: string;
  danger?: boolean;
  children: (close: () => void) => ComponentChildren;
}

/** A button that unfolds what is behind it, and takes the focus back when that is closed. */
export function Unfold({ label, danger = false, children }: UnfoldProps) {
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <div class="unfold">
      <button
        type="button"
        class={danger ? "row-button danger-text" : "row-button"}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        {label}
        <span class="chevron" aria-hidden="true" />
      </button>
      <div id={id} class="unfolded" hidden={!open}>
        {open && children(() => setOpen(false))}
      </div>
    </div>
  );
}

interface WithPasswordProps {
  submit: string;
  what: string;
  act: (password: string) => Promise<unknown>;
}

/** Something that can't be undone: it says what it does and asks for the password. */
export function WithPassword({ submit, what, act }: WithPasswordProps) {
  const [password, setPassword] = useState("");
  return (
    <Form submit={submit} onSubmit={() => act(password).finally(() => setPassword(""))} danger>
      <p>{what}</p>
      <PasswordField value={password} onValue={setPassword} />
    </Form>
  );
}
