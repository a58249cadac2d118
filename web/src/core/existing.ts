// This device in a linking of another one.
import { deleteHistory } from "./account-routes";
import type { ExistingLink } from "./crypto";
import { handOverLater } from "./handover";
import { Export } from "./history-export";
import type { Report, Side } from "./linking";
import type { Shared } from "./shared";
import type { LinkStep } from "./told";

export class ExistingSide implements Side {
  readonly anonymous = false;
  #newDevice: string | undefined;
  #upload: { whole: Promise<boolean>; id: string } | undefined;
  /** It was wanted, and could not even be begun. */
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
  async cutHistory(tell: (step: LinkStep) => void): Promise<Report> {
    const { core } = this.shared;
    const none: Report = (monotonicMs, nowMs) => this.handle('{"type":"no_history"}', monotonicMs, nowMs);
    const history = await Export.begin(this.shared).catch(() => {
      this.#failed = true;
      return undefined;
    });
    if (!history) return none;
    const progress = (done: number, of: number) => tell({ step: "history", done, of });
    const whole = history
      .upload(progress, () => this.#stopped || this.shared.ended)
      .then(
        () => !this.#stopped,
        () => false,
      );
    this.#upload = { whole: whole.finally(() => history.free()), id: history.id };
    const manifest = history.manifest();
    return (...times) =>
      core.update(() => this.link.historyUploaded(core.engine.machine, history.id, manifest, ...times));
  }

  async done(handedOver: boolean): Promise<LinkStep> {
    const { shared } = this;
    await shared.queryUser(shared.core.engine.userId).catch(() => undefined);
    await shared.core.update(() => {
      const { core } = shared;
      // The person has just let it in: no alert.
      core.setKnownDevices(core.engine.devicesOf(core.engine.userId).map(({ device_id }) => device_id));
      core.stage({ type: "devices_changed" });
    });
    const upload = this.#upload;
    // Without the new device knowing of it, it is for nobody.
    if (!handedOver) await this.#stop();
    this.#letGo();
    if (upload) return { step: "done", history: (await upload.whole) && handedOver };
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
  }
}
