// Something was done, and for a while it can be taken back.
import { signal } from "@preact/signals";
import { t } from "../i18n";
import { notice, peopleFailure } from "../state";

const WHILE_MS = 8_000;

interface Undoable {
  text: string;
  undo: () => Promise<unknown> | undefined;
  /** What is only done when nobody took it back. */
  done: (() => Promise<unknown>) | undefined;
  timer: ReturnType<typeof setTimeout>;
}

const current = signal<Undoable | undefined>(undefined);

export function offerUndo(text: string, undo: Undoable["undo"], done?: Undoable["done"]): void {
  settle();
  current.value = { text, undo, done, timer: setTimeout(settle, WHILE_MS) };
}

/** The person let it be; so does one who leaves the page. */
function settle(): void {
  const settled = current.value;
  if (!settled) return;
  clearTimeout(settled.timer);
  current.value = undefined;
  settled.done?.().catch((error: unknown) => notice(peopleFailure(error)));
}
addEventListener("pagehide", settle);

function takeBack(): void {
  const taken = current.value;
  if (!taken) return;
  clearTimeout(taken.timer);
  current.value = undefined;
  taken.undo()?.catch((error: unknown) => notice(peopleFailure(error)));
}

export function UndoBar() {
  const shown = current.value;
  return (
    <div class="undo-bar" role="status">
      {shown && (
        <p class="undo">
          <span>{shown.text}</span>
          <button type="button" class="link" onClick={takeBack}>
            {t("undo")}
          </button>
        </p>
      )}
    </div>
  );
}
