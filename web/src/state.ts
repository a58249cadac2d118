// What the page shows, as signals. The worker owns the truth; this follows what it tells.
import { batch, computed, signal } from "@preact/signals";
import { noteEntry } from "./back";
import type { CoreApi } from "./core/api";
import { startCore } from "./core/page";
import { CoreError } from "./core/rpc";
import type { Outgoing, StoredMessage } from "./core/store";
import type {
  BrokenReason,
  Connection,
  ConversationView,
  DeviceAlert,
  HistoryState,
  LinkStep,
  Me,
  Removal,
  Told,
} from "./core/told";
import { alarmText, counted, errorText, linkErrorText, listOf, peopleErrorText, t } from "./i18n";
import { declining, forgetPeople, hearPeople, nameOfUser, showPeople } from "./people";
import { hearGone, hearHistory, hearShown, openWindow } from "./window";

const TYPING_MS = 6_000;

export const ready = signal(false);
export const me = signal<Me | undefined>(undefined);
export const connection = signal<Connection>("connecting");
export const conversations = signal<ReadonlyMap<string, ConversationView>>(new Map());
export const outgoing = signal<ReadonlyMap<string, Outgoing>>(new Map());
/** Messages that the server has and that did not come back yet. */
export const sent = signal<ReadonlySet<string>>(new Set());
/** Messages of one's own that are to be deleted, by their ids. */
export const removals = signal<ReadonlyMap<string, Removal>>(new Map());
export const blocked = signal<ReadonlySet<string>>(new Set());
/** Who types where, and until when that is believed. */
export const typing = signal<ReadonlyMap<string, string>>(new Map());
export const notices = signal<string[]>([]);
export const broken = signal<BrokenReason | undefined>(undefined);
/** Where a linking is, while there is one. */
export const link = signal<LinkStep | undefined>(undefined);
/** A history on its way from another device of one's own. */
export const history = signal<{ done: number; of: number; state: HistoryState } | undefined>(undefined);
/** Devices of the account that the person should look at. */
export const deviceAlerts = signal<DeviceAlert[]>([]);
/** Whether what comes can be stored. */
export const storing = signal(true);
/** Whether the browser has a network; that the server can be reached is another thing. */
export const hasNetwork = signal(navigator.onLine);
/** How far this device's clock is ahead of the server's; 0: it is right. */
export const skewMs = signal(0);
/** Rises when the account's devices changed. */
export const devicesChanged = signal(0);

export type Route = { screen: "chats"; conversation?: string } | { screen: "devices" } | { screen: "settings" };
export const route = signal<Route>(routeOf(location.hash));

function routeOf(hash: string): Route {
  const [, screen, id] = hash.split("/");
  if (screen === "devices" || screen === "settings") return { screen };
  return screen === "chat" && id ? { screen: "chats", conversation: id } : { screen: "chats" };
}

export function go(to: Route): void {
  location.hash = to.screen !== "chats" ? `#/${to.screen}` : to.conversation ? `#/chat/${to.conversation}` : "#/";
}

export const sortedConversations = computed(() =>
  [...conversations.value.values()]
    .filter((view) => !(view.left && !view.last) && view.state !== "requested")
    .sort((one, other) => stirredAt(other) - stirredAt(one)),
);

/** What strangers want to begin. */
export const requests = computed(() =>
  [...conversations.value.values()].filter(
    (view) => view.state === "requested" && !view.left && !declining.value.has(view.conversation_id),
  ),
);

const stirredAt = (view: ConversationView) => Math.max(view.last?.at_ms ?? 0, view.stirred_at_ms ?? 0);

type Listener = (message: StoredMessage) => void;
const listeners = new Set<Listener>();
/** Hears of every message that comes, whichever conversation is open. */
export function onShown(listener: Listener): void {
  listeners.add(listener);
}

/** What hands over what it holds before the core goes, and nothing can be kept any more. */
export const beforeLeaving = new Set<() => void>();

export const core: CoreApi = startCore(
  (told) => batch(() => told.forEach(hear)),
  () => {
    for (const handOver of beforeLeaving) handOver();
    broken.value = "replaced";
  },
);

function hear(told: Told): void {
  switch (told.type) {
    case "me":
      me.value = told.me;
      if (!told.me) forget();
      break;
    case "link":
      // Whoever closed the progress of a history does not want to see it again.
      if (told.step.step === "history" && !link.value) break;
      if (told.step.step === "done" && told.step.unreadable) notice(t("linkUnreadable"));
      link.value = told.step;
      leaveLink();
      break;
    case "history":
      history.value = told.state === "done" ? undefined : told;
      // What came is read from the store.
      if (told.state === "done") hearHistory();
      break;
    case "recovery_key_changed":
      notice(t("recoveryKeyChanged"));
      break;
    case "connection":
      connection.value = told.connection;
      if (told.connection === "offline") typing.value = new Map();
      break;
    case "conversation":
      conversations.value = new Map(conversations.value).set(told.conversation.conversation_id, told.conversation);
      break;
    case "shown":
      for (const listener of listeners) listener(told.message);
      hearShown({ ...told.message, warnings: told.warnings });
      outgoing.value = without(outgoing.value, told.message.txn_id);
      if (typing.value.get(told.message.conversation_id) === told.message.sender_user_id) {
        hearTyping(told.message.conversation_id, undefined);
      }
      blocked.value = new Set([...blocked.value].filter((id) => id !== told.message.conversation_id));
      break;
    case "queued":
      outgoing.value = new Map(outgoing.value).set(told.message.txn_id, told.message);
      break;
    case "sent":
      sent.value = new Set(sent.value).add(told.txn_id);
      break;
    case "refused": {
      const message = outgoing.value.get(told.txn_id);
      if (message) outgoing.value = new Map(outgoing.value).set(told.txn_id, { ...message, failed: told.code });
      break;
    }
    case "blocked":
      blocked.value = new Set(blocked.value).add(told.conversation_id);
      break;
    case "unreadable":
      hearShown(told.message);
      break;
    case "gone":
      if (told.row) hearShown(told.row);
      else hearGone(told.conversation_id, told.seq);
      break;
    case "removals":
      hearRemovals(told.removals);
      break;
    case "dropped":
      outgoing.value = without(outgoing.value, told.txn_id);
      break;
    case "typing":
      hearTyping(told.conversation_id, told.typing ? told.user_id : undefined);
      break;
    case "devices_changed":
      devicesChanged.value += 1;
      break;
    case "alerts":
      deviceAlerts.value = told.alerts;
      break;
    case "storing":
      storing.value = told.works;
      break;
    case "clock":
      skewMs.value = told.skewMs;
      break;
    case "moved":
      void load();
      break;
    case "alarm":
      // A changed key is shown where its person is.
      if (told.alarm !== "master_key_changed") notice(alarmText(told.alarm));
      break;
    case "broken":
      broken.value = told.reason;
      break;
    case "decided_elsewhere":
      noticeDecisions(told.people);
      break;
    case "person":
    case "lines":
    case "blocks":
      hearPeople(told);
      break;
  }
}

/** Names in one notice; more are counted. */
const NAMED = 3;
const DECIDED_MS = 15_000;

/** What another device of this person decided. */
function noticeDecisions(people: { user_id: string; trust: string }[]): void {
  for (const verified of [true, false]) {
    const names = people.filter(({ trust }) => (trust === "verified") === verified).map(({ user_id }) => user_id);
    if (names.length === 0) continue;
    const who = names.length > NAMED ? counted("members", names.length) : listOf(names.map((id) => nameOfUser(id)));
    notice(t(verified ? "verifiedElsewhere" : "notVerifiedElsewhere", { who }), DECIDED_MS);
  }
}

function forget(): void {
  conversations.value = new Map();
  outgoing.value = new Map();
  removals.value = new Map();
  deviceAlerts.value = [];
  forgetPeople();
  history.value = undefined;
  void openWindow(undefined);
  go({ screen: "chats" });
}

function hearRemovals(all: Removal[]): void {
  removals.value = new Map(all.map((removal) => [removal.txn_id, removal]));
}

function without<V>(map: ReadonlyMap<string, V>, key: string): ReadonlyMap<string, V> {
  if (!map.has(key)) return map;
  const rest = new Map(map);
  rest.delete(key);
  return rest;
}

const typingTimers = new Map<string, ReturnType<typeof setTimeout>>();

function hearTyping(conversation: string, userId: string | undefined): void {
  clearTimeout(typingTimers.get(conversation));
  typing.value = userId ? new Map(typing.value).set(conversation, userId) : without(typing.value, conversation);
  if (userId)
    typingTimers.set(
      conversation,
      setTimeout(() => hearTyping(conversation, undefined), TYPING_MS),
    );
}

/** A linking that is over is in nobody's way where it is not shown. On a new device the chats that appear say it better. */
function leaveLink(): void {
  const step = link.value;
  if (!step || route.value.screen === "devices") return;
  if (step.step === "done") link.value = undefined;
  if (step.step !== "failed" || !me.value?.linked) return;
  notice(t("linkFailed", { reason: linkErrorText(step.name) }));
  link.value = undefined;
}

/** Says something until the person closes it, or for a while. */
export function notice(text: string, forMs?: number): void {
  if (!notices.value.includes(text)) notices.value = [...notices.value, text];
  if (forMs) setTimeout(() => dismissNotice(text), forMs);
}

export function dismissNotice(text: string): void {
  notices.value = notices.value.filter((other) => other !== text);
}

export const failureCode = (error: unknown): string => (error instanceof CoreError ? error.code : "");

/** What went wrong, in words. */
export const failure = (error: unknown): string => errorText(failureCode(error));

/** The same where people and groups are what it is about. */
export const peopleFailure = (error: unknown): string => peopleErrorText(failureCode(error));

/** Shows the conversation of the route. */
export function openConversation(): Promise<void> {
  const now = route.value;
  const id = now.screen === "chats" ? now.conversation : undefined;
  const view = conversations.value.get(id ?? "");
  if (id) void core.lookAt(id).catch(() => undefined);
  return openWindow(id, view?.unread, view?.read_seq);
}

export async function start(): Promise<void> {
  addEventListener("hashchange", () => {
    noteEntry();
    route.value = routeOf(location.hash);
    void openConversation();
  });
  const noteNetwork = () => {
    hasNetwork.value = navigator.onLine;
  };
  addEventListener("offline", noteNetwork);
  addEventListener("online", () => {
    noteNetwork();
    void core.awake();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") void core.awake();
  });
  await load();
}

/** Everything as the core has it now. */
async function load(): Promise<void> {
  const all = await core.snapshot();
  batch(() => {
    // Whoever answers works.
    broken.value = undefined;
    me.value = all.me;
    connection.value = all.connection;
    conversations.value = new Map(all.conversations.map((view) => [view.conversation_id, view]));
    outgoing.value = new Map(all.outgoing.map((message) => [message.txn_id, message]));
    hearRemovals(all.removals);
    showPeople(all);
    [deviceAlerts.value, storing.value, skewMs.value] = [all.alerts, all.storing, all.skewMs];
    ready.value = true;
  });
  await openConversation();
}
