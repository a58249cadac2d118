// The conversations: the list, and beside it the one that is open.
import { t } from "../i18n";
import { route } from "../state";
import { Chats } from "./chats";
import { Conversation } from "./conversation";

export function Home() {
  const open = route.value.screen === "chats" ? route.value.conversation : undefined;
  return (
    // On a phone one of both is shown: without a conversation the list is what the page is about.
    <div class={`split ${open ? "open" : ""}`} role={open ? undefined : "main"}>
      <Chats />
      {open ? <Conversation key={open} id={open} /> : <div class="conversation empty">{t("pickChat")}</div>}
    </div>
  );
}
