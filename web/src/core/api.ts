// What a page can ask of the core. Both sides of the message port share this.
import type { AccountApi } from "./account";
import type { Outgoing, StoredMessage } from "./store";
import type { Connection, ConversationView, DeviceAlert, Me, Trust } from "./told";
import type { Wire } from "./wire";

export interface Snapshot {
  me: Me | undefined;
  connection: Connection;
  conversations: ConversationView[];
  outgoing: Outgoing[];
  alerts: DeviceAlert[];
  storing: boolean;
  skewMs: number;
}

export interface Registered {
  /** 24 words, shown once and kept nowhere. */
  recoveryWords: string;
}

export interface CoreApi extends AccountApi {
  /** Everything that a page needs to begin. */
  snapshot(): Promise<Snapshot>;
  /** Makes an account with this browser as its first device. */
  register(username: string, password: string, deviceName: string): Promise<Registered>;
  /** Signs in: this browser's device again, or an unverified new one. */
  signIn(username: string, password: string, deviceName: string): Promise<void>;
  /** Makes this unverified device a full one. */
  recover(words: string, password: string): Promise<void>;
  /** The one word that a mistyped one was meant to be. */
  suggestWord(mistyped: string): Promise<string | undefined>;
  signOut(): Promise<void>;

  /** The newest messages below `before`, ascending. */
  messages(conversationId: string, before: number, limit: number): Promise<StoredMessage[]>;
  /** Puts a text into the durable queue and gives its id. */
  sendText(conversationId: string, text: string): Promise<string>;
  /** Takes a message that will never be stored off the screen. */
  dismiss(txnId: string): Promise<void>;
  markRead(conversationId: string, seq: number): Promise<void>;
  setTyping(conversationId: string, typing: boolean): Promise<void>;

  /** Begins the conversation with somebody of this exact name, or gives the one that exists. */
  startDirect(username: string): Promise<string>;
  acceptRequest(conversationId: string): Promise<void>;
  declineRequest(conversationId: string): Promise<void>;
  trust(userId: string): Promise<{ trust: Trust; safetyNumber: string | undefined }>;

  devices(): Promise<Wire["Device"][]>;
  renameDevice(deviceId: string, name: string): Promise<void>;
  revokeDevice(deviceId: string, password: string): Promise<void>;
  /** The person saw that this device came. */
  dismissAlert(deviceId: string): Promise<void>;

  /** Shows a code for a new device to type. `link` is told from then on. */
  linkDevice(password: string): Promise<void>;
  /** Enters the account of a device that shows this code. */
  enterByCode(code: string, deviceName: string): Promise<void>;
  typeDigits(digits: string): Promise<void>;
  approveDevice(): Promise<void>;
  /** The person does not want it, or gives up. */
  cancelLink(): Promise<void>;

  /** The person looks at the page, or the network is back. */
  awake(): Promise<void>;
}
