// Where the keyboard goes on when another screen is shown.
import { useLayoutEffect, useRef } from "preact/hooks";
import { type Route, route } from "../state";
import { focusMain, focusOn, hasKeys } from "./focus";

/** Follows the person to another screen; the first one leaves the focus alone. */
export function useArrival(): void {
  const now = route.value;
  const shown = useRef(now);
  useLayoutEffect(() => {
    const before = shown.current;
    shown.current = now;
    if (before === now) return;
    // When all of it is drawn.
    queueMicrotask(() => {
      if (now.screen !== "chats" || now.conversation || !focusList(before)) focusMain();
    });
  }, [now]);
}

/** To the row of the conversation that was open, or to the search above the rows. */
function focusList(before: Route): boolean {
  const open = before.screen === "chats" ? `#/chat/${before.conversation}` : "";
  const rows = [...document.querySelectorAll(".chats a.row")];
  const field = hasKeys() ? document.querySelector(".chats input[type=search]") : null;
  return focusOn(rows.find((row) => row.getAttribute("href") === open) ?? field);
}
