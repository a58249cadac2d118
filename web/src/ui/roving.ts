// One stop for the Tab key, arrow keys inside.

/** Arrow keys, Home and End move the focus; everything else is left alone. */
export function rove(box: HTMLElement, event: KeyboardEvent): void {
  const buttons = [...box.querySelectorAll<HTMLElement>("button")];
  const at = buttons.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  buttons.at(to % buttons.length)?.focus();
}
