// The conversations: the list, and beside it the one that is open.
import { t } from "../i18n";
import { route } from "../state";
import { Chats } from "./chats";
import { Conversation } from "./conversation";

export function Home() {
  const open = route.value.screen === "chats" ? route.value.conversation : undefined;
  return (
    <div class={`split ${open ? "open" : ""}`}>
      <Chats />
      {open ? <Conversation key={open} id={open} /> : <main class="conversation empty">{t("pickChat")}</main>}
    </div>
  );
}
