// The way back: the browser's own, so that its button and gesture lead the same way as ours.

/** The entry that the person has just come to was opened from another screen of ours, unless it was visited before. */
export function noteEntry(): void {
  if (history.state === null) history.replaceState({ inside: true }, "");
}

/** To the screen that this one was opened from; from one that was opened first, to the chats. */
export function back(): void {
  if ((history.state as { inside?: true } | null)?.inside) history.back();
  else location.replace("#/");
}
