// One device of one person: how it comes to be, and what pages can ask of it.
import { deleteDB } from "idb";
import * as account from "./account";
import type { CoreApi, EnterWay, Registered, Snapshot } from "./api";
import { keepBackup } from "./backup";
import { Core, type Profile } from "./core";
import { ExistingLink, type engines, Machine } from "./crypto";
import { type DeviceAsks, deviceAsks } from "./device-asks";
import { Driver } from "./driver";
import { type Home, NewSide, newLink, unlinkedMachine } from "./entering";
import type { Environment } from "./environment";
import { codeOf, SignedOut, StoreFailed, WouldErase } from "./errors";
import { ExistingSide } from "./existing";
import { goOnWithHistory } from "./history-import";
import { Http } from "./http";
import { Linking } from "./linking";
import { batchOf, Newcomer } from "./newcomer";
import { peopleAsks, peopleSnapshot } from "./people-asks";
import type { PeopleApi } from "./people-told";
import * as recovery from "./recovery";
import { Routes } from "./routes";
import { keepSending } from "./sending";
import { Shared } from "./shared";
import type { OpenSocket } from "./socket";
import { type Batch, DATABASE, Store } from "./store";
import { type TalkAsks, talkAsks } from "./talk-asks";
import type { Connection, LinkStep, Me, Told } from "./told";
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
  /** The browser took the store away: its data were cleared, or its disk failed. */
  onLost?: () => void;
  fetcher?: ConstructorParameters<typeof Http>[2];
}

const HARMLESS_SKEW_MS = 120_000;
/** Whoever signs out waits no longer for the server. */
const LEAVE_MS = 10_000;
const DEVICE_TYPE = "WEB";

/** What needs nothing of the client but that it runs. */
export interface Client extends PeopleApi, TalkAsks, DeviceAsks {}

/** Empties the store; where that fails, the database goes as a whole. Errors: [`StoreFailed`]. */
async function destroyed(store: Store): Promise<void> {
  try {
    await store.destroy();
  } catch {
    store.close();
    await new Promise<void>((done, fail) => {
      const failed = (why: unknown) => fail(new StoreFailed(String(why)));
      const blocked = () => failed("another page holds the database");
      Promise.resolve()
        .then(() => deleteDB(DATABASE, { blocked }))
        .then(done, failed);
    });
  }
}

// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the constructor assigns all of these
export class Client implements CoreApi {
  #shared: Shared | undefined;
  #driver: Driver | undefined;
  #connection: Connection = "offline";
  #signedOut = false;
  /** This device goes by itself: that the server puts it out is no news. */
  #leaving = false;
  #signingOut: Promise<void> | undefined;
  #skewMs = 0;
  #linking: Linking | undefined;

  private constructor(
    private readonly place: Place,
    private store: Store,
  ) {
    const need = () => this.#need();
    const asked = talkAsks(
      need,
      () => this.store,
      () => this.#shared,
    );
    Object.assign(this, peopleAsks(need), asked, deviceAsks(need));
  }

  /** Opens what this browser keeps; connects if a device is signed in. */
  static async open(place: Place): Promise<Client> {
    const client = new Client(place, await Store.open(DATABASE, place.onLost));
    if (!(await client.store.isEmpty())) await client.#resume();
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
    if (told.type === "devices_changed" || told.type === "words") this.place.tell({ type: "me", me: this.#me() });
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
    this.#driver = new Driver(shared, this.place.sockets, (revoked) => void this.#stayAway(shared, revoked));
    if (!this.#signedOut) {
      void this.#driver.run();
      void keepSending(shared);
      void keepBackup(shared);
      void goOnWithHistory(shared);
    }
    this.#tell({ type: "me", me: this.#me() });
  }

  /**
   * The device does not come back by itself. What is here stays, whatever the server says: only the person deletes it.
   */
  async #stayAway(shared: Shared, revoked: boolean): Promise<void> {
    if (shared !== this.#shared || this.#leaving) return;
    this.#signedOut = true;
    this.end();
    const { core } = shared;
    const note = () => {
      [core.profile.tokens, core.profile.revoked] = [null, true];
      core.saveProfile();
    };
    // Else the next start hears it again.
    if (revoked) await core.update(note).catch(() => undefined);
    this.#tell({ type: "me", me: this.#me() });
  }

  #me(): Me | undefined {
    const core = this.#shared?.core;
    if (!core) return undefined;
    const { user_id, device_id, username, revoked = false } = core.profile;
    const unseen_words = core.words !== undefined;
    const linked = core.engine.isLinked();
    return { user_id, device_id, username, linked, signed_out: this.#signedOut, revoked, unseen_words };
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
    await this.#mayErase(erase);
    await this.place.loadCrypto();
    const device: Wire["NewDevice"] = { name, device_type: DEVICE_TYPE };
    const newcomer = await Newcomer.arrive(username, device, this.place.environment);
    const session = await newcomer.register(new Routes(this.#http()), password);
    await this.#moveIn(newcomer, session);
    return { recoveryWords: newcomer.words };
  }

  async signIn(username: string, password: string, name: string, erase = false): Promise<void> {
    const kept = await this.#load();
    const routes = new Routes(this.#http());
    const same = kept?.profile.username === username;
    if (same) {
      const { challenge } = await routes.createChallenge();
      const known_device = kept.engine.loginSignature(challenge);
      try {
        return await this.#signedIn(kept, await routes.login({ username, password, known_device }));
      } catch (error) {
        // It is out for good, or never was in the list, so that the server knows no key of it: it comes as a new device.
        const isUnknown = codeOf(error) === "wrong_credentials" && !kept.engine.isLinked();
        if (codeOf(error) !== "device_revoked" && !isUnknown) throw error;
      }
    }
    await this.#mayErase(erase || (same && kept.conversations.size === 0));
    const newcomer = await Newcomer.waiting(username);
    const own = await newcomer?.signIn(routes, password);
    if (newcomer && own) return this.#moveIn(newcomer, own);
    newcomer?.close();
    const new_device: Wire["NewDevice"] = { name, device_type: DEVICE_TYPE };
    const session = await routes.login({ username, password, new_device });
    const { user_id, device_id } = session;
    const machine = Machine.newUnlinked(user_id, device_id);
    const core = await this.#replace(batchOf(machine, { username, user_id, device_id, tokens: null }));
    machine.free();
    await this.#signedIn(core, session);
  }

  /** The server has the account: now it takes the place of what is kept here. */
  async #moveIn(newcomer: Newcomer, session: Wire["SessionResponse"]): Promise<void> {
    const core = await this.#replace(await newcomer.everything()).catch((error: unknown) => {
      newcomer.close();
      throw error;
    });
    await newcomer.leave();
    await this.#signedIn(core, session);
  }

  async #replace(batch: Batch): Promise<Core> {
    this.end();
    this.#shared = undefined;
    try {
      this.store = await this.store.replacedBy(batch);
    } catch (error) {
      // What was here goes on.
      await this.#resume();
      throw error;
    }
    this.#tell({ type: "me", me: undefined });
    const core = await this.#load();
    if (!core) throw new StoreFailed("nothing is stored");
    return core;
  }

  async #resume(): Promise<void> {
    const core = await this.#load();
    if (core) this.#start(core);
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
      delete core.profile.revoked;
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

  signOut(): Promise<void> {
    this.#signingOut ??= this.#signOut().finally(() => {
      this.#signingOut = undefined;
    });
    return this.#signingOut;
  }

  async #signOut(): Promise<void> {
    const shared = this.#need();
    this.#leaving = true;
    // Without a server that answers the tokens die by themselves; what is here is deleted in any case.
    const left = account.leave(shared).catch(() => undefined);
    await Promise.race([left, this.place.environment.sleep(LEAVE_MS)]);
    // Else somebody signed in meanwhile, and what was here is gone.
    if (this.#shared === shared) await this.#forgetEverything();
    this.#leaving = false;
  }

  async #forgetEverything(): Promise<void> {
    try {
      await this.#wipe().finally(() => Newcomer.forget());
    } finally {
      this.#leaving = false;
      this.#connection = "offline";
    }
  }

  /** Nobody's messages are deleted by the way. */
  async #mayErase(erase: boolean): Promise<void> {
    if (erase || (await this.store.isEmpty())) return;
    if (await this.#load()) throw new WouldErase("this browser keeps another account's messages");
  }

  async #wipe(): Promise<void> {
    this.end();
    this.#shared = undefined;
    try {
      await destroyed(this.store);
      this.store = await Store.open(DATABASE, this.place.onLost);
    } catch (error) {
      // Whatever holds the database may do so for long: nobody waits for that.
      void Store.open(DATABASE, this.place.onLost).then(
        (store) => {
          this.store = store;
        },
        () => undefined,
      );
      throw error;
    } finally {
      this.#tell({ type: "me", me: undefined });
    }
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
      resume: () => this.#resume(),
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
    await this.#linking?.answer({ type: "typed", value: digits });
  }

  async approveDevice(number: string | undefined, history: boolean): Promise<void> {
    await this.#linking?.answer({ type: "approved", value: { number: number ?? null, history } });
  }

  async cancelLink(): Promise<void> {
    await this.#linking?.feed({ type: "declined" });
  }

  async awake(): Promise<void> {
    this.#driver?.hurry();
    this.#shared?.sends.ring();
  }
}
