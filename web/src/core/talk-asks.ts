// What pages ask about conversations and messages, of a client that runs.
import * as actions from "./actions";
import type { Body } from "./bodies";
import { contextOf, type MessagePage, type PageAt, readPage } from "./reading";
import * as removals from "./removals";
import * as saying from "./saying";
import { type Hits, Search, Searches } from "./search";
import type { Shared } from "./shared";
import type { Store } from "./store";
import type { Draft } from "./told";
import { expire } from "./upkeep";

export type TalkAsks = ReturnType<typeof talkAsks>;

/** `store` and `running` also answer while nobody is signed in; `need` throws then. */
export function talkAsks(need: () => Shared, store: () => Store, running: () => Shared | undefined) {
  const searches = new Searches();
  return {
    messages: async (id: string, before: number, limit: number) => store().messages(id, before, limit),

    page: async (id: string, at: PageAt, limit: number): Promise<MessagePage> => {
      const shared = running();
      // What is over is not shown again, not even for a moment.
      if (shared) await expire(shared);
      return readPage(store(), id, at, limit);
    },

    find: async (id: string, txnId: string): Promise<MessagePage> => {
      const messages = await store().meant(id, [txnId]);
      return { messages, older: true, newer: true, context: await contextOf(store(), id, messages) };
    },

    search: async (query: string, id?: string): Promise<string> => {
      const { core, environment } = need();
      const searchId = environment.uuid();
      const places = [...core.conversations.values()]
        .filter((view) => id === undefined || view.conversation_id === id)
        .map((view) => ({ id: view.conversation_id, at_ms: view.last?.at_ms ?? 0 }));
      searches.begin(searchId, new Search(store(), query, places, environment.monotonic));
      return searchId;
    },
    moreHits: async (searchId: string): Promise<Hits> => searches.more(searchId),
    endSearch: async (searchId: string) => searches.end(searchId),

    say: async (id: string, body: Body) => saying.say(need(), id, body),
    sendText: async (id: string, text: string) => saying.say(need(), id, { type: "text", text }),
    retry: async (txnId: string) => saying.retry(need(), txnId),
    dismiss: async (txnId: string) => saying.dismiss(need(), txnId),
    remove: async (id: string, txnId: string) => removals.remove(need(), id, txnId),
    keep: async (txnId: string) => removals.keep(need(), txnId),
    setDraft: async (id: string, draft: Draft | undefined) => saying.setDraft(need(), id, draft),
    setMuted: async (id: string, muted: boolean) => actions.setMuted(need(), id, muted),
    markRead: async (id: string, seq: number) => actions.markRead(need(), id, seq),
    setTyping: async (id: string, typing: boolean) => actions.setTyping(need(), id, typing),

    startDirect: async (username: string, userId?: string) => actions.startDirect(need(), username, userId),
    acceptRequest: async (id: string) => actions.answerRequest(need(), id, true),
    declineRequest: async (id: string) => actions.answerRequest(need(), id, false),
    trust: async (userId: string) => {
      const { engine } = need().core;
      return { trust: engine.trust(userId), safetyNumber: engine.safetyNumber(userId) };
    },
  };
}
