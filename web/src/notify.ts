// News for somebody who does not look: the title, the app's badge, and notifications while every tab is hidden.
import { computed, effect } from "@preact/signals";
import { isTalk, shownText } from "./core/bodies";
import type { StoredMessage } from "./core/store";
import { t } from "./i18n";
import { notificationNames, notifications } from "./prefs";
import { conversations, go, me, onShown } from "./state";

/** The list may mark conversations as muted. */
const isMuted = (view: unknown) => (view as { muted?: unknown } | undefined)?.muted === true;

const unread = computed(() =>
  [...conversations.value.values()].reduce((sum, view) => sum + (isMuted(view) || view.left ? 0 : view.unread), 0),
);

/** One tab of all speaks: the one that holds this lock. */
let speaker = false;

export function watchNews(): void {
  effect(() => {
    document.title = unread.value > 0 ? `(${unread.value}) ${t("app")}` : t("app");
    const badged = unread.value > 0 ? navigator.setAppBadge?.(unread.value) : navigator.clearAppBadge?.();
    badged?.catch(() => undefined);
  });
  void navigator.locks?.request("sotto-notify", () => {
    speaker = true;
    return new Promise(() => {});
  });
  onShown((message) => void notify(message).catch(() => undefined));
  // A click on a notification: the service worker has brought this tab to the front.
  navigator.serviceWorker?.addEventListener("message", ({ data }: MessageEvent<{ open?: unknown }>) => {
    if (typeof data.open === "string") go({ screen: "chats", conversation: data.open });
  });
}

async function notify(message: StoredMessage): Promise<void> {
  const { conversation_id, sender_user_id, body_json } = message;
  if (!speaker || notifications.value === "off" || Notification.permission !== "granted") return;
  if (sender_user_id === me.value?.user_id || !isTalk(body_json)) return;
  const view = conversations.value.get(conversation_id);
  if (!view || isMuted(view) || view.read_seq >= message.seq) return;
  const name = view.members.find(({ user_id }) => user_id === sender_user_id)?.username;
  const named = notificationNames.value === "on" && name;
  const title = named ? t("newMessageFrom", { name: shownText(name).slice(0, 64) }) : t("newMessage");
  // The service worker knows whether any tab is seen, and lives to hear the click.
  const worker = (await navigator.serviceWorker?.ready)?.active;
  worker?.postMessage({ notify: { title, conversation: conversation_id } });
}
