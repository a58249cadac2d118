// The page's end of the worker that looks for codes.
import type { Found, Frame } from "./protocol";

export class CodeReader {
  readonly #worker = new Worker(new URL("./scan-worker.ts", import.meta.url), { type: "module", name: "sotto-scan" });
  readonly #open = new Map<number, (bytes: Found["bytes"]) => void>();
  #last = 0;

  constructor() {
    this.#worker.addEventListener("message", ({ data }: MessageEvent<Found>) => {
      this.#open.get(data.id)?.(data.bytes);
      this.#open.delete(data.id);
    });
  }

  /** The bytes of the code in it, if there is one. Takes the picture over. */
  read(bitmap: ImageBitmap, timeMs: number): Promise<Found["bytes"]> {
    return new Promise((done) => {
      this.#last += 1;
      this.#open.set(this.#last, done);
      this.#worker.postMessage({ id: this.#last, bitmap, timeMs } satisfies Frame, [bitmap]);
    });
  }

  close(): void {
    this.#worker.terminate();
  }
}
