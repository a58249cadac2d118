// The ways to a message's menu: its button, the right mouse button, a long press, the keyboard's menu key.
import { menu } from "../compose";
import type { ConversationView } from "../core/told";
import type { Item } from "../thread";

const LONG_PRESS_MS = 500;
/** A finger that moves further scrolls. */
const STILL_PX = 10;

export function opens(item: Item, view: ConversationView) {
  const open = (x: number, y: number, from: EventTarget | null) => {
    menu.value = { item, view, x, y, from: from instanceof HTMLElement ? from : undefined };
  };
  const onContextMenu = (event: MouseEvent) => {
    // A link and a marked text have menus of the browser that people want.
    if (event.target instanceof Element && event.target.closest("a")) return;
    if (!getSelection()?.isCollapsed) return;
    event.preventDefault();
    const row = event.currentTarget as HTMLElement;
    open(event.clientX, event.clientY, row.querySelector(".more"));
  };
  const onClick = (event: MouseEvent) => {
    const button = event.currentTarget as HTMLElement;
    const { left, bottom } = button.getBoundingClientRect();
    open(left, bottom, button);
  };
  return { row: { onContextMenu, ...press(open) }, button: { onClick } };
}

let pressed: ReturnType<typeof setTimeout> | undefined;
let start = { x: 0, y: 0 };

/** Not every browser tells of a long press itself. */
function press(open: (x: number, y: number, from: EventTarget | null) => void) {
  const end = () => clearTimeout(pressed);
  return {
    onPointerDown: (event: PointerEvent) => {
      end();
      if (event.pointerType === "mouse") return;
      start = { x: event.clientX, y: event.clientY };
      const row = event.currentTarget as HTMLElement;
      pressed = setTimeout(() => open(start.x, start.y, row.querySelector(".more")), LONG_PRESS_MS);
    },
    onPointerMove: (event: PointerEvent) => {
      if (Math.hypot(event.clientX - start.x, event.clientY - start.y) > STILL_PX) end();
    },
    onPointerUp: end,
    onPointerCancel: end,
  };
}
