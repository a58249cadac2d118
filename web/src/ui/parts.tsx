// Small parts that several screens use.
import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import { t } from "../i18n";
import { failure } from "../state";

/** What a username has to be like. */
export const USERNAME = "[a-z0-9._\\-]{3,32}";

interface FieldProps {
  label: ComponentChildren;
  value: string;
  onValue: (value: string) => void;
  hint?: string | undefined;
  /** What is wrong with the value. */
  wrong?: string | undefined;
  type?: "text" | "password";
  autocomplete?: string;
  /** What the value has to be like, and the words for one that is not. */
  rule?: { pattern?: string; minLength?: number; words: string };
  maxLength?: number;
  autocapitalize?: "none" | "sentences";
  lines?: number;
  inputMode?: "numeric";
}

export function Field({ label, value, onValue, hint, wrong, rule, type = "text", lines, ...rest }: FieldProps) {
  const id = useId();
  /** What the browser found when the form was sent. */
  const [invalid, setInvalid] = useState<string>();
  const said = invalid ?? wrong;
  // A rule that is broken is not said twice.
  const advice = hint === said ? undefined : hint;
  const common = {
    id,
    value,
    required: true,
    "aria-invalid": said ? true : undefined,
    "aria-describedby": [advice && `${id}-hint`, said && `${id}-wrong`].filter(Boolean).join(" ") || undefined,
    autocapitalize: "none" as const,
    spellcheck: false,
    onInput: (event: { currentTarget: { value: string } }) => {
      setInvalid(undefined);
      onValue(event.currentTarget.value);
    },
    // In its own words: the browser would speak its own language.
    onInvalid: (event: { currentTarget: { validity: ValidityState } }) =>
      setInvalid(event.currentTarget.validity.valueMissing ? t("fieldEmpty") : rule?.words),
  };
  const input = { ...common, ...rest, pattern: rule?.pattern, minLength: rule?.minLength };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {lines && <textarea {...common} rows={lines} />}
      {!lines && (type === "password" ? <input {...input} type="password" /> : <input {...input} />)}
      {advice && (
        <p class="hint" id={`${id}-hint`}>
          {advice}
        </p>
      )}
      {said && (
        <p class="wrong" id={`${id}-wrong`}>
          {said}
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
  const send = async (event: { preventDefault: () => void; currentTarget: HTMLFormElement }) => {
    event.preventDefault();
    if (busy) return;
    const form = event.currentTarget;
    if (!form.checkValidity()) {
      form.querySelector<HTMLElement>("input:invalid, textarea:invalid")?.focus();
      return;
    }
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
    <form onSubmit={send} aria-busy={busy} noValidate>
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
