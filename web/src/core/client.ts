// One device of one person: how it comes to be, and what pages can ask of it.
import * as account from "./account";
import * as actions from "./actions";
import { dismissAlert } from "./alerts";
import type { CoreApi, Registered, Snapshot } from "./api";
import { Core, type Profile } from "./core";
import { ExistingLink, type engines, Machine, NewLink, RecoveryKey } from "./crypto";
import { Driver } from "./driver";
import type { EngineRecord } from "./engine";
import type { Environment } from "./environment";
import { codeOf, SignedOut } from "./errors";
import { Http } from "./http";
import { Linking } from "./linking";
import type { LinkEvent } from "./outcomes";
import { Routes } from "./routes";
import { keepSending } from "./sending";
import { Shared } from "./shared";
import type { OpenSocket } from "./socket";
import { emptyBatch, Store } from "./store";
import type { Connection, LinkStep, Me, Told, Trust } from "./told";
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

export class Client implements CoreApi {
  #shared: Shared | undefined;
  #driver: Driver | undefined;
  #connection: Connection = "offline";
  #signedOut = false;
  /** This device goes by itself: that the server puts it out is no news. */
  #leaving = false;
  #skewMs = 0;
  #linking: Linking | undefined;

  private constructor(
    private readonly place: Place,
    private store: Store,
  ) {}

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
      me: this.#me(),
      connection: this.#connection,
      conversations: [...(core?.conversations.values() ?? [])],
      outgoing: [...(core?.outgoing.values() ?? [])],
      alerts: [...(core?.alerts ?? [])],
      storing: core?.storing ?? true,
      skewMs: this.#skewMs,
    };
  }

  // Accounts

  async register(username: string, password: string, name: string): Promise<Registered> {
    const { environment } = this.place;
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

  async signIn(username: string, password: string, name: string): Promise<void> {
    const kept = await this.#load();
    const routes = new Routes(this.#http());
    if (kept?.profile.username === username) {
      const { challenge } = await routes.createChallenge();
      const known_device = kept.engine.loginSignature(challenge);
      return this.#signedIn(kept, await routes.login({ username, password, known_device }));
    }
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
    const { core, routes, environment } = this.#need();
    const key = RecoveryKey.parse(words);
    await routes.stepUp(password);
    const response = await routes.getRecovery();
    const request = await core.update(() => core.engine.recover(key, response));
    key.free();
    const session = await routes.completeRecovery(request);
    routes.http.setTokens({
      accessToken: session.access_token,
      refreshToken: session.refresh_token,
      expiresAtMs: environment.now() + session.expires_in_ms,
    });
    await this.#need().queryUser(core.engine.userId);
    this.#tell({ type: "me", me: this.#me() });
    // The socket was opened as an unverified device's.
    this.#need().reconnect();
    this.#driver?.hurry();
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

  async sendText(conversationId: string, text: string): Promise<string> {
    return actions.sendText(this.#need(), conversationId, text);
  }

  async dismiss(txnId: string): Promise<void> {
    const { core } = this.#need();
    await core.update(() => {
      if (core.outgoing.get(txnId)?.failed) core.dropOutgoing(txnId);
    });
  }

  async markRead(conversationId: string, seq: number): Promise<void> {
    return actions.markRead(this.#need(), conversationId, seq);
  }

  async setTyping(conversation_id: string, typing: boolean): Promise<void> {
    this.#need().core.say?.({ type: "typing", conversation_id, typing });
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

  async linkDevice(password: string): Promise<void> {
    const shared = this.#need();
    const { routes, environment } = shared;
    await this.cancelLink();
    await routes.stepUp(password);
    const link = ExistingLink.show(this.place.origin, environment.monotonic(), environment.now());
    this.#run(new Linking(actions.existingSide(shared, link), routes, environment, this.#tellLink));
  }

  async enterByCode(code: string, name: string): Promise<void> {
    const { environment, origin } = this.place;
    await this.cancelLink();
    await this.#begin();
    const device: Wire["NewDevice"] = { name, device_type: DEVICE_TYPE };
    const times = [environment.monotonic(), environment.now()] as const;
    const link = NewLink.typed(code, origin, environment.uuid(), JSON.stringify(device), ...times);
    let session: Wire["SessionResponse"] | undefined;
    let username = "";
    const side = {
      link,
      anonymous: true,
      handle: async (event: string, monotonicMs: number, nowMs: number) => {
        const actions = link.handle(event, monotonicMs, nowMs);
        await this.store.commit({ ...emptyBatch(), records: link.takeDirty() as EngineRecord[] });
        return actions;
      },
      completed: async (answer: Wire["SessionResponse"]) => {
        session = answer;
      },
      done: async () => {
        if (!session) throw new SignedOut("the server gave no tokens");
        const { user_id, device_id } = session;
        const profile = { username, user_id, device_id, tokens: null };
        const core = this.#newCore(link.intoMachine(), profile);
        await actions.learnOwnKeys(core, this.#http(), session);
        await this.#signedIn(core, session);
      },
    };
    const tell = (step: LinkStep) => {
      if (step.step === "account") username = step.username;
      if (step.step === "failed" && !session) void this.#wipe();
      this.#tellLink(step);
    };
    this.#run(new Linking(side, new Routes(this.#http()), environment, tell));
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
    await this.#feedLink({ type: "typed", value: digits });
  }

  async approveDevice(): Promise<void> {
    await this.#feedLink({ type: "approved", value: { number: null, history: false } });
  }

  async cancelLink(): Promise<void> {
    await this.#feedLink({ type: "declined" });
  }

  async #feedLink(event: LinkEvent): Promise<void> {
    await this.#linking?.feed(event);
  }

  async awake(): Promise<void> {
    this.#driver?.hurry();
    this.#shared?.sends.ring();
  }
}
