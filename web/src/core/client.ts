// One device of one person: how it comes to be, and what pages can ask of it.
import * as account from "./account";
import * as actions from "./actions";
import { dismissAlert } from "./alerts";
import type { CoreApi, EnterWay, Registered, Snapshot } from "./api";
import { keepBackup } from "./backup";
import type { Body } from "./bodies";
import { Core, type Profile } from "./core";
import { ExistingLink, type engines, Machine, RecoveryKey } from "./crypto";
import { Driver } from "./driver";
import { type Home, NewSide, newLink, unlinkedMachine } from "./entering";
import type { Environment } from "./environment";
import { codeOf, SignedOut, WouldErase } from "./errors";
import { ExistingSide } from "./existing";
import { goOnWithHistory } from "./history-import";
import { Http } from "./http";
import { Linking } from "./linking";
import type { LinkEvent } from "./outcomes";
import { peopleAsks, peopleSnapshot } from "./people-asks";
import type { PeopleApi } from "./people-told";
import { contextOf, type MessagePage, type PageAt, readPage } from "./reading";
import * as recovery from "./recovery";
import * as removals from "./removals";
import { Routes } from "./routes";
import * as saying from "./saying";
import { type Hits, Search, Searches } from "./search";
import { keepSending } from "./sending";
import { Shared } from "./shared";
import type { OpenSocket } from "./socket";
import { Store } from "./store";
import type { Connection, Draft, LinkStep, Me, Told, Trust } from "./told";
import { expire } from "./upkeep";
import type { Wire } from "./wire";

export interface Place {
  /** Where the API is: an origin. */
  origin: string;
  environment: Environment;
  sockets: OpenSocket;
  engines: ReturnType<typeof engines>;
  /** Loads the crypto module; a page that nobody signed in on does without it. */
  loadCrypto: () => Promise<void>;
  tell: (told: Told) => void;
  fetcher?: ConstructorParameters<typeof Http>[2];
}

const REVOKED = 4502;
const HARMLESS_SKEW_MS = 120_000;
const DEVICE_TYPE = "WEB";

export interface Client extends PeopleApi {}

// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: as above
export class Client implements CoreApi {
  #shared: Shared | undefined;
  #driver: Driver | undefined;
  #connection: Connection = "offline";
  #signedOut = false;
  /** This device goes by itself: that the server puts it out is no news. */
  #leaving = false;
  #skewMs = 0;
  #linking: Linking | undefined;
  readonly #searches = new Searches();

  private constructor(
    private readonly place: Place,
    private store: Store,
  ) {
    Object.assign(
      this,
      peopleAsks(() => this.#need()),
    );
  }

  /** Opens what this browser keeps; connects if a device is signed in. */
  static async open(place: Place): Promise<Client> {
    const client = new Client(place, await Store.open());
    if (await client.store.isEmpty()) return client;
    const core = await client.#load();
    if (core) client.#start(core);
    return client;
  }

  /** Ends its tasks; what is stored stays. */
  end(): void {
    if (!this.#shared) return;
    this.#shared.ended = true;
    this.#shared.reconnect();
    this.#shared.sends.ring();
    this.#driver?.hurry();
  }

  /** Ends it and lets go of the store. */
  close(): void {
    this.end();
    this.store.close();
  }

  readonly #tell = (told: Told): void => {
    if (told.type === "connection") this.#connection = told.connection;
    this.place.tell(told);
    if (told.type === "devices_changed") this.place.tell({ type: "me", me: this.#me() });
  };

  async #load(): Promise<Core | undefined> {
    await this.place.loadCrypto();
    return Core.load(this.store, this.place.environment, this.place.engines.load, this.#tell);
  }

  #http(): Http {
    const http = new Http(this.place.origin, this.place.environment, this.place.fetcher);
    http.onSkew = (skewMs) => this.#noteSkew(skewMs);
    return http;
  }

  #noteSkew(measured: number): void {
    const skewMs = Math.abs(measured) < HARMLESS_SKEW_MS ? 0 : measured;
    // A clock that is off stays so: one word about it is enough.
    if ((skewMs === 0) === (this.#skewMs === 0)) return;
    this.#skewMs = skewMs;
    this.#tell({ type: "clock", skewMs });
  }

  #start(core: Core): void {
    this.end();
    const http = this.#http();
    http.tokens = core.profile.tokens ?? undefined;
    http.onTokens = (tokens) => {
      void core
        .update(() => {
          core.profile.tokens = tokens ?? null;
          core.saveProfile();
        })
        // A refresh that is lost here is repeated within its minute, or by a login.
        .catch(() => undefined);
    };
    const shared = new Shared(core, new Routes(http), this.place.environment);
    this.#shared = shared;
    this.#signedOut = core.profile.tokens === null;
    this.#driver = new Driver(shared, this.place.sockets, (code) => this.#stayAway(shared, code));
    if (!this.#signedOut) {
      void this.#driver.run();
      void keepSending(shared);
      void keepBackup(shared);
      void goOnWithHistory(shared);
    }
    this.#tell({ type: "me", me: this.#me() });
  }

  /** The device does not come back by itself. */
  #stayAway(shared: Shared, code: number | undefined): void {
    if (shared !== this.#shared || this.#leaving) return;
    this.#signedOut = true;
    this.end();
    if (code === REVOKED) {
      this.#tell({ type: "revoked" });
      void this.#forgetEverything();
    } else {
      this.#tell({ type: "me", me: this.#me() });
    }
  }

  #me(): Me | undefined {
    const core = this.#shared?.core;
    if (!core) return undefined;
    const { user_id, device_id, username } = core.profile;
    return { user_id, device_id, username, linked: core.engine.isLinked(), signed_out: this.#signedOut };
  }

  #need(): Shared {
    if (!this.#shared) throw new SignedOut("nobody is signed in here");
    return this.#shared;
  }

  async snapshot(): Promise<Snapshot> {
    const core = this.#shared?.core;
    return {
      ...peopleSnapshot(core),
      me: this.#me(),
      connection: this.#connection,
      conversations: [...(core?.conversations.values() ?? [])],
      outgoing: [...(core?.outgoing.values() ?? [])],
      removals: [...(core?.removals.values() ?? [])],
      alerts: [...(core?.alerts ?? [])],
      storing: core?.storing ?? true,
      skewMs: this.#skewMs,
    };
  }

  // Accounts

  async register(username: string, password: string, name: string, erase = false): Promise<Registered> {
    const { environment } = this.place;
    await this.#mayErase(erase);
    await this.#begin();
    const [user_id, device_id] = [environment.uuid(), environment.uuid()];
    const made = Machine.register(user_id, device_id, environment.now());
    const device: Wire["NewDevice"] = { name, device_type: DEVICE_TYPE };
    const request = JSON.parse(made.request(username, password, JSON.stringify(device))) as Wire["RegisterRequest"];
    const core = this.#newCore(made.takeMachine(), { username, user_id, device_id, tokens: null });
    await core.update(() => core.saveProfile());
    let session: Wire["SessionResponse"];
    try {
      session = await new Routes(this.#http()).register(request);
    } catch (error) {
      // Keys of a refused account are good for nothing; those of an unknown outcome are kept for a sign-in.
      if (codeOf(error)) await this.#wipe();
      throw error;
    }
    await this.#signedIn(core, session);
    const recoveryWords = made.recoveryWords();
    made.free();
    return { recoveryWords };
  }

  async signIn(username: string, password: string, name: string, erase = false): Promise<void> {
    const kept = await this.#load();
    const routes = new Routes(this.#http());
    if (kept?.profile.username === username) {
      const { challenge } = await routes.createChallenge();
      const known_device = kept.engine.loginSignature(challenge);
      return this.#signedIn(kept, await routes.login({ username, password, known_device }));
    }
    await this.#mayErase(erase);
    const new_device: Wire["NewDevice"] = { name, device_type: DEVICE_TYPE };
    const session = await routes.login({ username, password, new_device });
    await this.#wipe();
    const { user_id, device_id } = session;
    const machine = Machine.newUnlinked(user_id, device_id);
    await this.#signedIn(this.#newCore(machine, { username, user_id, device_id, tokens: null }), session);
  }

  #newCore(machine: Machine, profile: Profile): Core {
    const { environment, engines } = this.place;
    return new Core(engines.engineOf(machine), profile, this.store, environment, engines.load, this.#tell);
  }

  /** Stores the tokens and starts the client. */
  async #signedIn(core: Core, session: Wire["SessionResponse"]): Promise<void> {
    const expiresAtMs = this.place.environment.now() + session.expires_in_ms;
    await core.update(() => {
      core.profile.tokens = {
        accessToken: session.access_token,
        refreshToken: session.refresh_token,
        expiresAtMs,
      };
      core.saveProfile();
    });
    this.#start(core);
  }

  async recover(words: string, password: string): Promise<void> {
    await recovery.recover(this.#need(), words, password);
    this.#tell({ type: "me", me: this.#me() });
    // The socket was opened as an unverified device's.
    this.#need().reconnect();
    this.#driver?.hurry();
  }

  async replaceRecoveryKey(oldWords: string, password: string): Promise<string> {
    return recovery.replaceRecoveryKey(this.#need(), oldWords, password);
  }

  async suggestWord(mistyped: string): Promise<string | undefined> {
    return RecoveryKey.suggest(mistyped);
  }

  async signOut(): Promise<void> {
    this.#leaving = true;
    // Without a connection the tokens die by themselves; what is here is deleted in any case.
    await account.leave(this.#need()).catch(() => undefined);
    await this.#forgetEverything();
  }

  async #forgetEverything(): Promise<void> {
    await this.#wipe();
    this.#leaving = false;
    this.#connection = "offline";
    this.#tell({ type: "me", me: undefined });
  }

  /** Nobody's messages are deleted by the way. */
  async #mayErase(erase: boolean): Promise<void> {
    if (erase || (await this.store.isEmpty())) return;
    if (await this.#load()) throw new WouldErase("this browser keeps another account's messages");
  }

  /** Another account takes the place of what is left of an earlier one. */
  async #begin(): Promise<void> {
    await this.place.loadCrypto();
    if (!(await this.store.isEmpty())) await this.#wipe();
  }

  async #wipe(): Promise<void> {
    this.end();
    this.#shared = undefined;
    await this.store.destroy();
    this.store = await Store.open();
  }

  // Messages

  async messages(conversationId: string, before: number, limit: number) {
    return this.store.messages(conversationId, before, limit);
  }

  async say(conversationId: string, body: Body): Promise<string> {
    return saying.say(this.#need(), conversationId, body);
  }

  async page(conversationId: string, at: PageAt, limit: number): Promise<MessagePage> {
    // What is over is not shown again, not even for a moment.
    if (this.#shared) await expire(this.#shared);
    return readPage(this.store, conversationId, at, limit);
  }

  async find(conversationId: string, txnId: string): Promise<MessagePage> {
    const messages = await this.store.messagesById(conversationId, [txnId]);
    return { messages, older: true, newer: true, context: await contextOf(this.store, conversationId, messages) };
  }

  async search(query: string, conversationId?: string): Promise<string> {
    const { core, environment } = this.#need();
    const id = environment.uuid();
    const places = [...core.conversations.values()].map((view) => ({
      id: view.conversation_id,
      at_ms: view.last?.at_ms ?? 0,
    }));
    const wanted = places.filter((place) => conversationId === undefined || place.id === conversationId);
    this.#searches.begin(id, new Search(this.store, query, wanted, environment.monotonic));
    return id;
  }

  async moreHits(searchId: string): Promise<Hits> {
    return this.#searches.more(searchId);
  }

  async endSearch(searchId: string): Promise<void> {
    this.#searches.end(searchId);
  }

  async setMuted(conversationId: string, muted: boolean): Promise<void> {
    const { core } = this.#need();
    await core.update(() =>
      core.changeView(conversationId, (view) => {
        if (muted) view.muted = true;
        else delete view.muted;
      }),
    );
  }

  async sendText(conversationId: string, text: string): Promise<string> {
    return this.say(conversationId, { type: "text", text });
  }

  async retry(txnId: string): Promise<void> {
    return saying.retry(this.#need(), txnId);
  }

  async dismiss(txnId: string): Promise<void> {
    return saying.dismiss(this.#need(), txnId);
  }

  async remove(conversationId: string, txnId: string): Promise<void> {
    return removals.remove(this.#need(), conversationId, txnId);
  }

  async keep(txnId: string): Promise<void> {
    return removals.keep(this.#need(), txnId);
  }

  async setDraft(conversationId: string, draft: Draft | undefined): Promise<void> {
    return saying.setDraft(this.#need(), conversationId, draft);
  }

  async markRead(conversationId: string, seq: number): Promise<void> {
    return actions.markRead(this.#need(), conversationId, seq);
  }

  async setTyping(conversation_id: string, typing: boolean): Promise<void> {
    const { core } = this.#need();
    // Strangers are told nothing.
    if (core.conversations.get(conversation_id)?.state === "requested") return;
    core.say?.({ type: "typing", conversation_id, typing });
  }

  // People

  async startDirect(username: string): Promise<string> {
    return actions.startDirect(this.#need(), username);
  }

  async acceptRequest(id: string): Promise<void> {
    return actions.answerRequest(this.#need(), id, true);
  }

  async declineRequest(id: string): Promise<void> {
    return actions.answerRequest(this.#need(), id, false);
  }

  async trust(userId: string): Promise<{ trust: Trust; safetyNumber: string | undefined }> {
    const { engine } = this.#need().core;
    return { trust: engine.trust(userId), safetyNumber: engine.safetyNumber(userId) };
  }

  // Devices

  async devices(): Promise<Wire["Device"][]> {
    return (await this.#need().routes.listDevices()).devices;
  }

  async renameDevice(deviceId: string, name: string): Promise<void> {
    await this.#need().routes.renameDevice(deviceId, name);
  }

  async revokeDevice(deviceId: string, password: string): Promise<void> {
    return account.revokeDevice(this.#need(), deviceId, password);
  }

  async dismissAlert(deviceId: string): Promise<void> {
    return dismissAlert(this.#need(), deviceId);
  }

  // The account

  async account() {
    return this.#need().routes.getAccount();
  }

  async changeAccount(change: Wire["UpdateAccountRequest"]) {
    return account.changeAccount(this.#need(), change);
  }

  async changePassword(password: string, next: string): Promise<void> {
    return account.changePassword(this.#need(), password, next);
  }

  async signOutOthers(password: string): Promise<void> {
    return account.signOutOthers(this.#need(), password);
  }

  async deleteAccount(password: string): Promise<void> {
    this.#leaving = true;
    try {
      await account.deleteAccount(this.#need(), password);
    } catch (error) {
      this.#leaving = false;
      throw error;
    }
    await this.#forgetEverything();
  }

  // Linking

  async linkDevice(password?: string, scanned?: Uint8Array): Promise<void> {
    const shared = this.#need();
    const { routes, environment } = shared;
    const times = [this.place.origin, environment.monotonic(), environment.now()] as const;
    const link = scanned ? ExistingLink.scan(scanned, ...times) : ExistingLink.show(...times);
    await this.#linking?.replace();
    if (password !== undefined) await routes.stepUp(password);
    this.#run(new Linking(new ExistingSide(link, shared), routes, environment, this.#tellLink));
  }

  async enter(way: EnterWay, name: string, erase = false): Promise<void> {
    const { environment, origin } = this.place;
    await this.#linking?.replace();
    await this.place.loadCrypto();
    const signedIn = await this.#unlinked();
    if (!signedIn) await this.#mayErase(erase);
    const deviceId = signedIn?.deviceId() ?? environment.uuid();
    const device: Wire["NewDevice"] = { name, device_type: DEVICE_TYPE };
    const link = newLink(way, origin, environment, device, deviceId, signedIn);
    // What is linked is the device as it is stored: until it is over, nobody else works on that.
    if (signedIn) this.end();
    const http = this.#http();
    const side = new NewSide(link, deviceId, signedIn === undefined, this.#home(), http);
    this.#run(new Linking(side, new Routes(http), environment, this.#tellLink));
  }

  async #unlinked(): Promise<Machine | undefined> {
    if ((await this.store.isEmpty()) || this.#signedOut) return undefined;
    return unlinkedMachine(this.store);
  }

  #home(): Home {
    return {
      store: () => this.store,
      wipe: () => this.#wipe(),
      newCore: (machine, profile) => this.#newCore(machine, profile),
      signedIn: (core, session) => this.#signedIn(core, session),
      resume: async () => {
        const core = await this.#load();
        if (core) this.#start(core);
      },
    };
  }

  readonly #tellLink = (step: LinkStep): void => {
    this.#tell({ type: "link", step });
    if (step.step === "done" || step.step === "failed") this.#linking = undefined;
  };

  #run(linking: Linking): void {
    this.#linking = linking;
    linking.start();
  }

  async typeDigits(digits: string): Promise<void> {
    await this.#answerLink({ type: "typed", value: digits });
  }

  async approveDevice(number: string | undefined, history: boolean): Promise<void> {
    await this.#answerLink({ type: "approved", value: { number: number ?? null, history } });
  }

  async cancelLink(): Promise<void> {
    await this.#linking?.feed({ type: "declined" });
  }

  /** The person did what was asked; what comes next takes a moment. */
  async #answerLink(event: LinkEvent): Promise<void> {
    if (this.#linking) this.#tellLink({ step: "waiting" });
    await this.#linking?.feed(event);
  }

  async awake(): Promise<void> {
    this.#driver?.hurry();
    this.#shared?.sends.ring();
  }
}
