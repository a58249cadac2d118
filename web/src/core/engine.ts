// The crypto engine, typed: JSON goes in and comes out of the WebAssembly module here and nowhere else.
import type { Machine, RecoveryKey } from "../../build/crypto/crypto";
import type { Alarm, EventOutcome, InboxOutcome, RefusedOutcome, RosterQuery, SendStep, Trust } from "./outcomes";
import type { Event, InboxItem, Problem, Wire } from "./wire";

/** A record's key and its bytes; `undefined` deletes it. */
export type EngineRecord = [string, Uint8Array | undefined];

/** What is known of a conversation's members, by the verified chain. */
export interface Membership {
  index: number;
  members: Record<string, { role: Wire["Role"] }>;
}

const parse = <T>(text: string): T => JSON.parse(text) as T;
const maybe = <T>(text: string | undefined): T | undefined => (text === undefined ? undefined : parse<T>(text));
const json = JSON.stringify;

/** All crypto state of one device. Store `takeDirty` before anything is sent, shown or acknowledged. */
export class Engine {
  constructor(
    readonly machine: Machine,
    private readonly now: () => number,
  ) {}

  get userId(): string {
    return this.machine.userId();
  }
  get deviceId(): string {
    return this.machine.deviceId();
  }
  isLinked(): boolean {
    return this.machine.isLinked();
  }
  takeDirty(): EngineRecord[] {
    return this.machine.takeDirty() as EngineRecord[];
  }
  takeAlarms(): Alarm[] {
    return parse(this.machine.takeAlarms());
  }
  loginSignature(challenge: string): Wire["KnownDevice"] {
    return parse(this.machine.loginSignature(challenge));
  }
  recover(key: RecoveryKey, response: Wire["RecoveryResponse"]): Wire["CompleteRecoveryRequest"] {
    return parse(this.machine.recover(key, json(response), this.now()));
  }

  // People
  queryFor(users: string[]): Wire["QueryKeysRequest"] {
    return parse(this.machine.queryFor(json(users)));
  }
  receiveIdentities(identities: Wire["UserIdentity"][]): void {
    this.machine.receiveIdentities(json(identities));
  }
  listVersion(userId: string): number {
    return this.machine.listVersion(userId);
  }
  revokeDevice(deviceId: string): Wire["DeviceList"] {
    return parse(this.machine.revokeDevice(deviceId));
  }
  /** With this device alone; nothing if it is alone already. */
  revokeOthers(): Wire["DeviceList"] | undefined {
    return maybe(this.machine.revokeOthers());
  }
  devicesOf(userId: string): Wire["ListedDevice"][] {
    return parse(this.machine.devicesOf(userId));
  }
  trust(userId: string): Trust {
    return this.machine.trust(userId) as Trust;
  }
  masterKey(userId: string): string | undefined {
    return this.machine.masterKey(userId);
  }
  pinMasterKey(key: Wire["CrossSigningKey"]): boolean {
    return this.machine.pinMasterKey(json(key));
  }
  safetyNumber(userId: string): string | undefined {
    return this.machine.safetyNumber(userId);
  }

  // Conversations
  createConversation(id: string, kind: Wire["ConversationKind"], others: string[]): Wire["CreateConversationRequest"] {
    return parse(this.machine.createConversation(id, json(kind), json(others)));
  }
  membership(id: string): Membership | undefined {
    return maybe(this.machine.membership(id));
  }
  rosterQuery(id: string): RosterQuery {
    return parse(this.machine.rosterQuery(id));
  }
  rosterChanged(id: string, version: number): void {
    this.machine.rosterChanged(id, version);
  }
  receiveRoster(roster: Wire["Roster"]): string[] {
    return parse(this.machine.receiveRoster(json(roster)));
  }

  // Sending
  queue(id: string, txnId: string, body: unknown): void {
    this.machine.queue(id, txnId, json(body), undefined);
  }
  queued(id: string): string[] {
    return parse(this.machine.queued(id));
  }
  conversationsWithWork(): string[] {
    return parse(this.machine.conversationsWithWork());
  }
  pollSend(id: string): SendStep {
    return parse(this.machine.pollSend(id, this.now()));
  }
  resend(id: string): void {
    this.machine.resend(id);
  }
  messageStored(id: string, response: Wire["SendResponse"]): void {
    this.machine.messageStored(id, json(response));
  }
  messageRefused(id: string, txnId: string, problem: Problem): RefusedOutcome {
    return parse(this.machine.messageRefused(id, txnId, json(problem)));
  }
  envelopesStored(id: string, txnId: string): void {
    this.machine.envelopesStored(id, txnId);
  }
  envelopesRefused(id: string, txnId: string, problem: Problem): void {
    this.machine.envelopesRefused(id, txnId, json(problem));
  }
  receiveClaims(request: Wire["ClaimKeysRequest"], response: Wire["ClaimKeysResponse"]): void {
    this.machine.receiveClaims(json(request), json(response), this.now());
  }

  // Receiving
  receiveInbox(item: InboxItem): InboxOutcome {
    return parse(this.machine.receiveInbox(json(item), this.now()));
  }
  receiveEvent(event: Event): EventOutcome {
    return parse(this.machine.receiveEvent(json(event), this.now()));
  }
  undecryptable(id: string): number[] {
    return parse(this.machine.undecryptable(id));
  }

  // One-time keys
  oneTimeKeysToUpload(serverCount: number): Wire["UploadKeysRequest"] | undefined {
    return maybe(this.machine.oneTimeKeysToUpload(serverCount));
  }
  unacknowledgedUpload(): Wire["UploadKeysRequest"] | undefined {
    return maybe(this.machine.unacknowledgedUpload());
  }
  keysUploaded(): void {
    this.machine.keysUploaded();
  }
  keysConflicted(keyIds: string[]): Wire["UploadKeysRequest"] | undefined {
    return maybe(this.machine.keysConflicted(json(keyIds)));
  }
  keysDigest(): Wire["KeysDigestRequest"] {
    return parse(this.machine.keysDigest());
  }
  receiveDigest(response: Wire["KeysDigestResponse"]): Wire["UploadKeysRequest"] | undefined {
    return maybe(this.machine.receiveDigest(json(response)));
  }
  replaceFallbackKey(keyId: string): Wire["UploadKeysRequest"] | undefined {
    return maybe(this.machine.replaceFallbackKey(keyId, this.now()));
  }
}
