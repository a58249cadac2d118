// Small parts that several screens use.
import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { t } from "../i18n";
import { failure } from "../state";

interface FieldProps {
  label: ComponentChildren;
  value: string;
  onValue: (value: string) => void;
  hint?: string | undefined;
  type?: "text" | "password";
  autocomplete?: string;
  minLength?: number;
  maxLength?: number;
  autocapitalize?: "none" | "sentences";
  pattern?: string;
  lines?: number;
  inputMode?: "numeric";
}

export function Field({ label, value, onValue, hint, type = "text", lines, ...rest }: FieldProps) {
  const id = useId();
  const common = {
    id,
    value,
    required: true,
    "aria-describedby": hint ? `${id}-hint` : undefined,
    autocapitalize: "none" as const,
    spellcheck: false,
    onInput: (event: { currentTarget: { value: string } }) => onValue(event.currentTarget.value),
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {lines && <textarea {...common} rows={lines} />}
      {!lines &&
        (type === "password" ? <input {...common} {...rest} type="password" /> : <input {...common} {...rest} />)}
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

type PasswordProps = Pick<FieldProps, "value" | "onValue"> & { label?: ComponentChildren };

/** The password that the person has now. */
export function PasswordField({ label = t("password"), ...rest }: PasswordProps) {
  return <Field {...rest} label={label} type="password" autocomplete="current-password" />;
}

interface FormProps {
  submit: string;
  onSubmit: () => Promise<unknown> | undefined;
  children: ComponentChildren;
  danger?: boolean;
  /** Words for what went wrong, where there are better ones than the usual. */
  errorText?: (error: unknown) => string;
}

/** A form that works once at a time and says in words what went wrong. */
export function Form({ submit, onSubmit, children, danger, errorText = failure }: FormProps) {
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  const send = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setWrong("");
    try {
      await onSubmit();
    } catch (error) {
      setWrong(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={send} aria-busy={busy}>
      {children}
      <p class="wrong" role="alert">
        {wrong}
      </p>
      {/* A button that is disabled would lose the focus. */}
      <button type="submit" class={danger ? "danger" : "primary"} aria-disabled={busy}>
        {busy ? t("working") : submit}
      </button>
    </form>
  );
}

/** A picture of somebody without one: initials on a colour that is theirs. */
export function Avatar({ name }: { name: string }) {
  let hue = 7;
  for (const letter of name) hue = (hue * 31 + (letter.codePointAt(0) ?? 0)) % 360;
  return (
    <span class="avatar" aria-hidden="true" style={{ "--hue": hue }}>
      {[...name][0]?.toUpperCase() ?? "?"}
    </span>
  );
}
