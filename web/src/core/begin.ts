// The client in its worker, with everything that it needs: a file of its own, which a browser that nobody signed in on
// does without.
import wasm from "../../build/crypto/crypto_bg.wasm?url";
import { Client } from "./client";
import { engines, loadCrypto } from "./crypto";
import { browser } from "./environment";
import { apiOrigin } from "./origin";
import { socketsOf } from "./socket";
import type { Told } from "./told";

let loading: Promise<void> | undefined;

/** Opens what this browser keeps. When it can't go on, `end` is called. */
export async function openClient(tell: (told: Told) => void, end: () => void): Promise<Client> {
  let client: Client | undefined;
  let isOver = false;
  const stop = (reason: "crashed" | "store") => {
    if (isOver) return;
    isOver = true;
    client?.end();
    tell({ type: "broken", reason });
    end();
  };
  client = await Client.open({
    origin: apiOrigin,
    environment: browser,
    sockets: socketsOf(apiOrigin, browser),
    engines: engines(browser.now, () => stop("crashed")),
    onLost: () => stop("store"),
    loadCrypto: () => {
      // What could not be fetched once may be there the next time.
      loading ??= loadCrypto(wasm).catch((error: unknown) => {
        loading = undefined;
        throw error;
      });
      return loading;
    },
    tell,
  });
  return client;
}
