// This device in a linking of another one.
import { deleteHistory } from "./account-routes";
import { noteLetIn, noteOwnDevices } from "./alerts";
import type { ExistingLink } from "./crypto";
import { handOverLater } from "./handover";
import { Export } from "./history-export";
import type { Report, Side } from "./linking";
import type { Shared } from "./shared";
import type { LinkStep } from "./told";

export class ExistingSide implements Side {
  readonly anonymous = false;
  #newDevice: string | undefined;
  #upload: { arrived: Promise<boolean>; id: string } | undefined;
  /** The messages go, too. */
  #whole = false;
  /** They were wanted, and it could not even be begun. */
  #failed = false;
  #stopped = false;

  constructor(
    readonly link: ExistingLink,
    private readonly shared: Shared,
  ) {}

  handle(event: string, monotonicMs: number, nowMs: number): Promise<string> {
    const { core } = this.shared;
    return core.update(() => this.link.handle(core.engine.machine, event, monotonicMs, nowMs));
  }

  async completed(): Promise<void> {}

  granting(deviceId: string): void {
    this.#newDevice = deviceId;
    this.shared.beingLinked.add(deviceId);
  }

  /** The upload goes on beside the rest of the linking and after it. */
  async cutHistory(tell: (step: LinkStep) => void, whole: boolean): Promise<Report> {
    this.#whole = whole;
    const { core } = this.shared;
    const none: Report = (monotonicMs, nowMs) => this.handle('{"type":"no_history"}', monotonicMs, nowMs);
    const history = await Export.begin(this.shared, whole).catch(() => {
      this.#failed = whole;
      return undefined;
    });
    if (!history) return none;
    const progress = (done: number, of: number) => whole && tell({ step: "history", done, of });
    const uploaded = history
      .upload(progress, () => this.#stopped || this.shared.ended)
      .then(
        () => !this.#stopped,
        () => false,
      );
    this.#upload = { arrived: uploaded.finally(() => history.free()), id: history.id };
    const manifest = history.manifest();
    return (...times) =>
      core.update(() => this.link.historyUploaded(core.engine.machine, history.id, manifest, ...times));
  }

  async done(handedOver: boolean): Promise<LinkStep> {
    const { shared } = this;
    await shared.queryUser(shared.core.engine.userId).catch(() => undefined);
    await shared.core.update(() => {
      if (this.#newDevice) noteLetIn(shared.core, this.#newDevice);
      shared.core.stage({ type: "devices_changed" });
    });
    const upload = this.#upload;
    // Without the new device knowing of it, it is for nobody.
    if (!handedOver) await this.#stop();
    this.#letGo();
    const arrived = upload && (await upload.arrived) && handedOver;
    if (upload && this.#whole) return { step: "done", history: arrived };
    return { step: "done", history: this.#failed ? false : undefined };
  }

  async failed(): Promise<void> {
    await this.#stop();
    this.#letGo();
  }

  async #stop(): Promise<void> {
    this.#stopped = true;
    if (this.#upload) await deleteHistory(this.shared.routes.http, this.#upload.id).catch(() => undefined);
  }

  /** It may be in its account all the same, if the linking broke off after the server took it in. */
  #letGo(): void {
    if (!this.#newDevice || !this.shared.beingLinked.delete(this.#newDevice)) return;
    void handOverLater(this.shared);
    void noteOwnDevices(this.shared).catch(() => undefined);
  }
}
