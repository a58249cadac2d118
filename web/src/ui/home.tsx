// The conversations: the list, and beside it the one that is open.
import { computed } from "@preact/signals";
import { t } from "../i18n";
import { conversations, route } from "../state";
import { Chats } from "./chats";
import { Conversation } from "./conversation";

/** An address of a chat that is not here leads to the list. */
const openChat = computed(() => {
  const wanted = route.value.screen === "chats" ? route.value.conversation : undefined;
  return wanted && conversations.value.has(wanted) ? wanted : undefined;
});

export function Home() {
  const open = openChat.value;
  return (
    // On a phone one of both is shown: without a conversation the list is what the page is about.
    <div class={`split ${open ? "open" : ""}`} role={open ? undefined : "main"}>
      <Chats />
      {open ? <Conversation key={open} id={open} /> : <div class="conversation empty">{t("pickChat")}</div>}
    </div>
  );
}
