// A sheet at the side of the screen, or over all of it where that is narrow. The browser keeps the focus inside, closes it
// with Escape, and gives the focus back.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n";
import { Notices } from "./notices";
import { UndoBar } from "./undo";

interface Props {
  label: string;
  /** What it is about: something else is read from its beginning. */
  step: string;
  onClose: () => void;
  /** Shown instead of the cross: goes back a step. */
  onBack?: (() => void) | undefined;
  children: ComponentChildren;
}

export function Sheet({ label, step, onClose, onBack, children }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    box.current?.showModal();
  }, []);
  useEffect(() => {
    heading.current?.focus();
  }, [step]);
  const close = () => box.current?.close();
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape does the same
    <dialog
      class="sheet"
      ref={box}
      aria-label={label}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === box.current) close();
      }}
    >
      <div class="sheet-body">
        <header>
          {onBack && (
            <button type="button" class="quiet step-back" onClick={onBack}>
              <span aria-hidden="true">‹</span>
              <span class="sr">{t("back")}</span>
            </button>
          )}
          <h2 ref={heading} tabIndex={-1}>
            <bdi>{label}</bdi>
          </h2>
          <button type="button" class="quiet" onClick={close}>
            <span aria-hidden="true">✕</span>
            <span class="sr">{t("close")}</span>
          </button>
        </header>
        {children}
      </div>
      {/* What is under the sheet can't be reached. */}
      <Notices />
      <UndoBar />
    </dialog>
  );
}
