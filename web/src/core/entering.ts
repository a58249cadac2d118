// This browser in a linking as the new device.
import type { EnterWay } from "./api";
import { toBase64 } from "./base64";
import { type Core, PROFILE, type Profile } from "./core";
import { Machine, NewLink } from "./crypto";
import type { EngineRecord } from "./engine";
import type { Environment } from "./environment";
import { SignedOut } from "./errors";
import type { Http } from "./http";
import type { Report, Side } from "./linking";
import { Routes } from "./routes";
import { emptyBatch, type Store } from "./store";
import type { LinkStep } from "./told";
import type { Wire } from "./wire";

/** What the new device asks of the client that it becomes. */
export interface Home {
  store(): Store;
  /** Deletes everything that is kept. */
  wipe(): Promise<void>;
  newCore(machine: Machine, profile: Profile): Core;
  signedIn(core: Core, session: Wire["SessionResponse"]): Promise<void>;
  /** Goes on with what is stored. */
  resume(): Promise<void>;
}

/** Another service than the one that this page came from. */
class OtherService extends Error {
  override name = "OtherService";
}

/** Begins a linking. `signedIn`: the device that signed in here with a password and is not linked yet. */
export function newLink(
  way: EnterWay,
  origin: string,
  environment: Environment,
  device: Wire["NewDevice"],
  deviceId: string,
  signedIn: Machine | undefined,
): NewLink {
  const about = [deviceId, JSON.stringify(device), environment.monotonic(), environment.now()] as const;
  if (way.type === "show") return NewLink.show(origin, ...about, signedIn);
  if (way.type === "code") return NewLink.typed(way.code, origin, ...about, signedIn);
  const link = NewLink.scan(way.qr, ...about, signedIn);
  if (link.baseUrl() === origin) return link;
  link.free();
  throw new OtherService(`the code is of ${origin}`);
}

export class NewSide implements Side {
  readonly anonymous = true;
  #session: Wire["SessionResponse"] | undefined;
  #head: Wire["LinkHeadResponse"] | undefined;
  #isStored = false;

  constructor(
    readonly link: NewLink,
    private readonly deviceId: string,
    /** Nothing of it is stored before the server is asked to take it in. */
    private readonly isFresh: boolean,
    private readonly home: Home,
    private readonly http: Http,
  ) {}

  async handle(event: string, monotonicMs: number, nowMs: number): Promise<string> {
    const actions = this.link.handle(event, monotonicMs, nowMs);
    const found = JSON.parse(event) as { type: string; value?: Wire["LinkHeadResponse"] };
    if (found.type === "head") this.#head = found.value;
    // Before the server is asked to take this device in, its keys have to be where they survive.
    const isAsked = (JSON.parse(actions) as { type: string }[]).some(({ type }) => type === "complete");
    if (isAsked || this.#isStored) await this.#store();
    return actions;
  }

  async #store(): Promise<void> {
    // What an earlier account left here goes now and not before: the person has agreed.
    if (!this.#isStored && this.isFresh) await this.home.wipe();
    this.#isStored = true;
    const batch = { ...emptyBatch(), records: this.link.takeDirty() as EngineRecord[] };
    // With a password it can find out later whether it is in, if the answer is lost.
    batch.meta.set(PROFILE, this.#profile());
    await this.home.store().commit(batch);
  }

  #profile(): Profile {
    const { username = "", identity } = this.#head ?? {};
    return { username, user_id: identity?.user_id ?? "", device_id: this.deviceId, tokens: null };
  }

  async completed(session: Wire["SessionResponse"]): Promise<void> {
    this.#session = session;
  }

  granting(): void {}

  async cutHistory(): Promise<Report> {
    throw new Error("a new device has no history");
  }

  /** From here on the device is like any other. */
  async done(handedOver: boolean): Promise<LinkStep> {
    const { link, home } = this;
    const session = this.#session;
    if (!session) throw new SignedOut("the server gave no tokens");
    const address = link.historyAddress();
    const manifest = link.takeHistory();
    const core = home.newCore(link.intoMachine(), this.#profile());
    await core.update(() => {
      core.saveProfile();
      core.forgetSyncToken();
      if (address === undefined || !manifest) return;
      core.setHistory({ address, manifest: toBase64(manifest.toBytes()), next: 0, of: manifest.chunks() });
    });
    manifest?.free();
    await learnOwnKeys(core, this.http, session);
    await home.signedIn(core, session);
    return { step: "done", history: undefined, unreadable: !handedOver };
  }

  async failed(): Promise<void> {
    if (this.isFresh && this.#isStored) await this.home.wipe();
    if (!this.isFresh) await this.home.resume();
  }
}

/** The account's list as the server has it, this device in it. If it does not come now, it does with the socket. */
async function learnOwnKeys(core: Core, http: Http, session: Wire["SessionResponse"]): Promise<void> {
  http.adopt(session);
  const query = core.engine.queryFor([core.engine.userId]);
  const found = await new Routes(http).queryKeys(query).catch(() => undefined);
  if (found) await core.update(() => core.engine.receiveIdentities(found.identities));
}

/** The machine of a device that signed in here and is not linked. */
export async function unlinkedMachine(store: Store): Promise<Machine | undefined> {
  const { records } = await store.load();
  const machine = Machine.load(records);
  if (!machine.isLinked()) return machine;
  machine.free();
  return undefined;
}
