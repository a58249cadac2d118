// Where the keyboard goes on when what it was on leaves the page.
import { options } from "preact";

const FOCUSABLE = ":is(button, input, textarea):enabled, a[href], summary, [tabindex]";
const LANDMARKS = "main, [role=main], nav, dialog, #app";

/** Not so on a phone: there a line that has the focus brings up the keyboard, which has no Shift+Enter. */
export const hasKeys = (): boolean => matchMedia("(pointer: fine)").matches;

/** A box around the element that had the focus, and what stood there before the part that held the element. */
interface Step {
  box: Element;
  before: Element | null;
}

/** Hands the focus on whenever the page takes away the element that has it. */
export function keepFocus(): void {
  const { unmount } = options;
  let looking = false;
  options.unmount = (vnode) => {
    unmount?.(vnode);
    const held = document.activeElement;
    if (looking || !held || held === document.body) return;
    looking = true;
    // Later nobody knows where it was.
    const way = wayUp(held);
    queueMicrotask(() => {
      looking = false;
      if (!held.isConnected && document.activeElement === document.body) handOn(way);
    });
  };
}

function wayUp(held: Element): Step[] {
  const way: Step[] = [];
  let part = held;
  for (let box = part.parentElement; box && !part.matches(LANDMARKS); box = box.parentElement) {
    way.push({ box, before: part.previousElementSibling });
    part = box;
  }
  return way;
}

/** To what stands in its place now, to what is near, or to where this part of the page begins. */
function handOn(way: Step[]): void {
  const left = way.filter(({ box }) => box.isConnected);
  const [nearest] = left;
  const inPlace = nearest?.before ? nearest.before.nextElementSibling : nearest?.box.firstElementChild;
  const landmark = left.pop()?.box;
  if ([inPlace, ...left.map(({ box }) => box)].some(focusIn)) return;
  if (landmark?.matches("nav, dialog")) focusOn(landmark.querySelector("h1, h2"));
  else focusMain();
}

function focusIn(box: Element | null | undefined): boolean {
  if (!box) return false;
  const inside = [...box.querySelectorAll(FOCUSABLE)];
  // It is about where the person looks; a list that they scroll stays where it is.
  return focusOn([...(box.matches(FOCUSABLE) ? [box] : []), ...inside].find(isStop), { preventScroll: true });
}

const isStop = (element: Element): boolean =>
  element.checkVisibility({ visibilityProperty: true }) && (hasKeys() || element.tagName !== "TEXTAREA");

export function focusOn(element: Element | null | undefined, how?: FocusOptions): boolean {
  if (!(element instanceof HTMLElement)) return false;
  if (!element.matches(FOCUSABLE)) element.tabIndex = -1;
  element.focus(how);
  return document.activeElement === element;
}

/** To the line to write in, or to what the page is headed by. */
export function focusMain(): void {
  const main = document.querySelector("main, [role=main]");
  const line = hasKeys() && main?.querySelector(".composer textarea");
  focusOn(line || main?.querySelector("h1") || main);
}
