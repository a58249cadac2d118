// What a page can ask of the core. Both sides of the message port share this.
import type { AccountApi } from "./account";
import type { Body } from "./bodies";
import type { PeopleApi, PeopleSnapshot } from "./people-told";
import type { MessagePage, PageAt } from "./reading";
import type { MistypedWord } from "./recovery";
import type { Hits } from "./search";
import type { Outgoing, StoredMessage } from "./store";
import type { Connection, ConversationView, DeviceAlert, Draft, Me, Removal, Trust } from "./told";
import type { Wire } from "./wire";

export interface Snapshot extends PeopleSnapshot {
  me: Me | undefined;
  connection: Connection;
  conversations: ConversationView[];
  outgoing: Outgoing[];
  removals: Removal[];
  alerts: DeviceAlert[];
  storing: boolean;
  skewMs: number;
}

/** How a new device finds the one that is linked already. */
export type EnterWay = { type: "scan"; qr: Uint8Array } | { type: "show" } | { type: "code"; code: string };

export interface Registered {
  /** 24 words. They wait in the core until the person proved to have them. */
  recoveryWords: string;
}

export interface CoreApi extends PeopleApi, AccountApi {
  /** Everything that a page needs to begin. */
  snapshot(): Promise<Snapshot>;
  /**
   * Makes an account with this browser as its first device. Errors: `WouldErase`, here and below: what an earlier account
   * left in this browser is deleted only with `erase`.
   */
  register(username: string, password: string, deviceName: string, erase?: boolean): Promise<Registered>;
  /** Signs in: this browser's device again, or an unverified new one. */
  signIn(username: string, password: string, deviceName: string, erase?: boolean): Promise<void>;
  /** Makes this unverified device a full one. */
  recover(words: string, password: string): Promise<void>;
  /** Replaces the recovery key and gives the new one's 24 words, once; the old one opens nothing any more. */
  replaceRecoveryKey(oldWords: string, password: string): Promise<string>;
  /**
   * Another identity of the account with this device alone, for who lost the recovery key. Its words wait. Errors:
   * `wrong_credentials`, `device_on_probation`.
   */
  newIdentity(password: string): Promise<void>;
  /** Words of a recovery key that the person has not proved to have. */
  unseenWords(): Promise<string | undefined>;
  /** The person proved to have them: they are deleted here. */
  wordsWritten(): Promise<void>;
  /** The first of the typed words that no recovery key has, after `UnknownWord`. */
  mistypedWord(words: string): Promise<MistypedWord | undefined>;
  signOut(): Promise<void>;

  /** The newest messages below `before`, ascending. */
  messages(conversationId: string, before: number, limit: number): Promise<StoredMessage[]>;
  /** A run of the conversation's messages, with what belongs to it. */
  page(conversationId: string, at: PageAt, limit: number): Promise<MessagePage>;
  /** Messages with this id of their sender, and what belongs to them. */
  find(conversationId: string, txnId: string): Promise<MessagePage>;
  /** Begins a search in what is kept here: everywhere, or in one conversation. */
  search(query: string, conversationId?: string): Promise<string>;
  /** The next hits of a search. */
  moreHits(searchId: string): Promise<Hits>;
  endSearch(searchId: string): Promise<void>;
  /** Whether the conversation makes noise on this device. */
  setMuted(conversationId: string, muted: boolean): Promise<void>;
  /** Puts a message into the durable queue and gives its id. */
  say(conversationId: string, body: Body): Promise<string>;
  /** The same for a plain text. */
  sendText(conversationId: string, text: string): Promise<string>;
  /** Sends once more what was refused for good. */
  retry(txnId: string): Promise<void>;
  /** Takes a message that will never be stored off the screen. */
  dismiss(txnId: string): Promise<void>;
  /** Deletes one's own message for everybody in a few seconds. */
  remove(conversationId: string, txnId: string): Promise<void>;
  /** Calls a deletion off. */
  keep(txnId: string): Promise<void>;
  setDraft(conversationId: string, draft: Draft | undefined): Promise<void>;
  markRead(conversationId: string, seq: number): Promise<void>;
  setTyping(conversationId: string, typing: boolean): Promise<void>;

  /**
   * Begins the conversation with somebody of this exact name, or gives the one that exists. Errors: `NameMoved`: the name
   * is not of `userId`.
   */
  startDirect(username: string, userId?: string): Promise<string>;
  acceptRequest(conversationId: string): Promise<void>;
  declineRequest(conversationId: string): Promise<void>;
  trust(userId: string): Promise<{ trust: Trust; safetyNumber: string | undefined }>;

  devices(): Promise<Wire["Device"][]>;
  renameDevice(deviceId: string, name: string): Promise<void>;
  revokeDevice(deviceId: string, password: string): Promise<void>;
  /** The person saw that this device came. */
  dismissAlert(deviceId: string): Promise<void>;

  /**
   * Takes in a new device: by the code of it that was scanned, or else by one that is shown to it. `link` is told from then
   * on. Without a password the authentication of the last minutes counts.
   */
  linkDevice(password?: string, scanned?: Uint8Array): Promise<void>;
  /** Enters the account of a device that is linked. */
  enter(way: EnterWay, deviceName: string, erase?: boolean): Promise<void>;
  typeDigits(digits: string): Promise<void>;
  /** `number`: what the new device shows, when it was asked for. With `history` it gets what this device has. */
  approveDevice(number: string | undefined, history: boolean): Promise<void>;
  /** The person does not want it, or gives up. */
  cancelLink(): Promise<void>;

  /** The person looks at the page, or the network is back. */
  awake(): Promise<void>;
}
