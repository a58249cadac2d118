// The crypto engine, typed: JSON goes in and comes out of the WebAssembly module here and nowhere else.
import type { Machine, RecoveryKey } from "../../build/crypto/crypto";
import type { Alarm, EventOutcome, InboxOutcome, RefusedOutcome, RosterQuery, SendStep, Trust } from "./outcomes";
import type { Event, InboxItem, Problem, Wire } from "./wire";

/** A record's key and its bytes; `undefined` deletes it. */
export type EngineRecord = [string, Uint8Array | undefined];

/** What is known of a conversation's members, by the verified chain. */
export interface Membership {
  index: number;
  kind: Wire["ConversationKind"];
  members: Record<string, { role: Wire["Role"] }>;
}

const parse = <T>(text: string): T => JSON.parse(text) as T;
const maybe = <T>(text: string | undefined): T | undefined => (text === undefined ? undefined : parse<T>(text));
const json = JSON.stringify;

/** What a page of refusal or roster says of people. */
type Identities = Wire["UserIdentity"][] | null | undefined;

/** All crypto state of one device. Store `takeDirty` before anything is sent, shown or acknowledged. */
export class Engine {
  /** People whose keys may be others than at the last look. */
  readonly touched = new Set<string>();

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
    this.touched.add(this.userId);
    return parse(this.machine.recover(key, json(response), this.now()));
  }

  // People
  queryFor(users: string[]): Wire["QueryKeysRequest"] {
    return parse(this.machine.queryFor(json(users)));
  }
  #touch(identities: Identities): void {
    for (const { user_id } of identities ?? []) this.touched.add(user_id);
  }
  receiveIdentities(identities: Wire["UserIdentity"][]): void {
    this.#touch(identities);
    this.machine.receiveIdentities(json(identities));
  }
  listVersion(userId: string): number {
    return this.machine.listVersion(userId);
  }
  revokeDevice(deviceId: string): Wire["DeviceList"] {
    return parse(this.machine.revokeDevice(deviceId));
  }
  trust(userId: string): Trust {
    return this.machine.trust(userId) as Trust;
  }
  masterKey(userId: string): string | undefined {
    return this.machine.masterKey(userId);
  }
  offeredMasterKey(userId: string): string | undefined {
    return this.machine.offeredMasterKey(userId);
  }
  pinMasterKey(key: Wire["CrossSigningKey"]): boolean {
    this.touched.add(key.user_id);
    return this.machine.pinMasterKey(json(key));
  }
  /** With the key that is offered, while there is one. */
  safetyNumber(userId: string): string | undefined {
    return this.machine.safetyNumber(userId);
  }
  pinnedSafetyNumber(userId: string): string | undefined {
    return this.machine.pinnedSafetyNumber(userId);
  }
  isCompared(userId: string): boolean {
    return this.machine.isCompared(userId);
  }
  devicesOf(userId: string): unknown[] {
    return parse(this.machine.devicesOf(userId));
  }
  markVerified(userId: string, masterKey: string): boolean {
    this.touched.add(userId);
    return this.machine.markVerified(userId, masterKey);
  }
  takeBackVerification(userId: string): void {
    this.touched.add(userId);
    this.machine.takeBackVerification(userId);
  }
  acceptNewMasterKey(userId: string, shown: string): boolean {
    this.touched.add(userId);
    return this.machine.acceptNewMasterKey(userId, shown);
  }
  verificationQr(userId: string): Uint8Array | undefined {
    return this.machine.verificationQr(userId);
  }
  verifyByQr(userId: string, qr: Uint8Array): void {
    this.touched.add(userId);
    this.machine.verifyByQr(userId, qr);
  }

  // Conversations
  createConversation(id: string, kind: Wire["ConversationKind"], others: string[]): Wire["CreateConversationRequest"] {
    return parse(this.machine.createConversation(id, json(kind), json(others)));
  }
  newMember(userId: string, role: Wire["Role"]): Wire["NewMember"] {
    return parse(this.machine.newMember(userId, json(role)));
  }
  changeMembership(id: string, action: Wire["MembershipAction"]): Wire["ChangeMembershipRequest"] {
    return parse(this.machine.changeMembership(id, json(action)));
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
    this.#touch(roster.identities);
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
    this.#touch(problem.identities);
    return parse(this.machine.messageRefused(id, txnId, json(problem)));
  }
  envelopesStored(id: string, txnId: string): void {
    this.machine.envelopesStored(id, txnId);
  }
  envelopesRefused(id: string, txnId: string, problem: Problem): void {
    this.#touch(problem.identities);
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
