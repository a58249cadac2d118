// The crypto engine, typed: JSON goes in and comes out of the WebAssembly module here and nowhere else.
import type { HistoryReader, Machine, RecoveryKey } from "../../build/crypto/crypto";
import type {
  Alarm,
  EventOutcome,
  InboxOutcome,
  RefusedOutcome,
  RosterQuery,
  SendStep,
  Shown,
  Trust,
} from "./outcomes";
import type { Event, InboxItem, Problem, Wire } from "./wire";

/** A record's key and its bytes; `undefined` deletes it. */
export type EngineRecord = [string, Uint8Array | undefined];

/** What is known of a conversation's members, by the verified chain. */
export interface Membership {
  index: number;
  kind: Wire["ConversationKind"];
  members: Record<string, { role: Wire["Role"] }>;
  /** Nothing stays longer, says an admin. */
  retention_ms?: number | null;
}

const parse = <T>(text: string): T => JSON.parse(text) as T;
const maybe = <T>(text: string | undefined): T | undefined => (text === undefined ? undefined : parse<T>(text));
const json = JSON.stringify;

function wordsOf(key: RecoveryKey | undefined): string | undefined {
  const words = key?.words();
  key?.free();
  return words;
}

/** What a page of refusal or roster says of people. */
type Identities = Wire["UserIdentity"][] | null | undefined;
/** What a chunk of a history brought. */
export interface HistoryTaken {
  messages: (Omit<Shown, "warnings" | "expires_at_ms" | "key_origin"> & { expires_at_ms?: number })[];
  events: EventOutcome[];
}

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
  markVerified(userId: string, masterKey: string): boolean {
    this.touched.add(userId);
    return this.machine.markVerified(userId, masterKey);
  }
  takeBackVerification(userId: string): void {
    this.touched.add(userId);
    this.machine.takeBackVerification(userId);
  }
  /** Tells the account's other devices what they were not told. */
  tellVerifications(): void {
    this.machine.tellVerifications();
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
  queue(id: string, txnId: string, body: unknown, expiresInMs?: number): void {
    this.machine.queue(id, txnId, json(body), expiresInMs);
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
    const outcome = parse<InboxOutcome>(this.machine.receiveInbox(json(item), this.now()));
    if (outcome.type === "verifications") for (const { user_id } of outcome.value.people) this.touched.add(user_id);
    return outcome;
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
  replaceFallbackKey(): Wire["UploadKeysRequest"] | undefined {
    return maybe(this.machine.replaceFallbackKey(this.now()));
  }

  // The account's secrets, for devices of one's own
  holdsSelfSigningKey(): boolean {
    return this.machine.holdsSelfSigningKey();
  }
  devicesOwed(): string[] {
    return parse(this.machine.devicesOwed());
  }
  handOverLater(deviceId: string): string | undefined {
    return this.machine.handOverLater(deviceId);
  }
  importHistory(reader: HistoryReader, index: number, sealed: Uint8Array): HistoryTaken {
    return parse(reader.import(this.machine, index, sealed, this.now()));
  }

  // Recovery key and key backup
  recoveryPublicKey(): Wire["RecoveryPublicKey"] | undefined {
    return maybe(this.machine.recoveryPublicKey());
  }
  receiveRecoveryKey(published: Wire["RecoveryPublicKey"]): boolean {
    return this.machine.receiveRecoveryKey(json(published));
  }
  replaceRecoveryKey(old: RecoveryKey, bundle: string, newest: number): Wire["PutRecoveryKeyRequest"] {
    return parse(this.machine.replaceRecoveryKey(old, json(bundle), newest));
  }
  /** The words of the new key, once, if it was on its way. */
  recoveryKeyStored(published: Wire["RecoveryPublicKey"]): string | undefined {
    return wordsOf(this.machine.recoveryKeyStored(json(published)));
  }
  replacementGivenUp(): void {
    this.machine.replacementGivenUp();
  }
  resetIdentity(newest: number): Wire["ResetIdentityRequest"] {
    return parse(this.machine.resetIdentity(newest));
  }
  /** A new identity is on its way, and nobody knows what became of it. */
  isResetting(): boolean {
    return this.machine.isResetting();
  }
  identityReset(): void {
    this.touched.add(this.userId);
    this.machine.identityReset();
  }
  resetGivenUp(): void {
    this.machine.resetGivenUp();
  }
  /** The words of a new identity that the server has, once. */
  takeResetWords(): string | undefined {
    return wordsOf(this.machine.takeResetKey());
  }
  startBackup(newest: number): Wire["BackupDescriptor"] {
    return parse(this.machine.startBackup(newest));
  }
  backupBegun(): void {
    this.machine.backupBegun();
  }
  backupGivenUp(): void {
    this.machine.backupGivenUp();
  }
  receiveBackupDescriptor(published: Wire["RecoveryPublicKey"], descriptor: Wire["BackupDescriptor"]): BackupStanding {
    return this.machine.receiveBackupDescriptor(json(published), json(descriptor)) as BackupStanding;
  }
  openBackup(key: RecoveryKey): void {
    this.machine.openBackup(key);
  }
  /** Gives the conversation to work on, if somebody is to be told. */
  shareBackupKey(): string | undefined {
    return this.machine.holdsBackupKey() && !this.machine.backupIsOutdated()
      ? this.machine.shareBackupKey()
      : undefined;
  }
  backupVersion(): number {
    return this.machine.backupVersion();
  }
  backupIsOutdated(): boolean {
    return this.machine.backupIsOutdated();
  }
  backupToRead(): number | undefined {
    return this.machine.backupToRead();
  }
  backupLacks(): boolean {
    return this.machine.backupLacks();
  }
  backupEntries(limit: number): Wire["BackupSession"][] {
    return parse(this.machine.backupEntries(limit));
  }
  backupStored(version: number, entries: Wire["BackupSession"][]): void {
    this.machine.backupStored(version, json(entries));
  }
  /** Gives the outcomes of events that waited for one of the sessions. */
  receiveBackup(entries: Wire["BackupSession"][]): EventOutcome[] {
    return parse<{ events: EventOutcome[] }>(this.machine.receiveBackup(json(entries), this.now())).events;
  }
  backupRead(version: number): void {
    this.machine.backupRead(version);
  }
}

export type BackupStanding = "held" | "no_key" | "author_left" | "refused";
