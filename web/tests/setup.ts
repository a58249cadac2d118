// The crypto module as a browser would have it, and a database that is gone with the test.
import "fake-indexeddb/auto";
import { readFile } from "node:fs/promises";
import { beforeAll, beforeEach } from "vitest";
import { loadCrypto } from "../src/core/crypto";
import { speak } from "../src/i18n";

beforeAll(async () => {
  await speak("en");
  const module = new URL("../build/crypto/crypto_bg.wasm", import.meta.url);
  await loadCrypto(new Uint8Array(await readFile(module)));
});

beforeEach(async () => {
  const { IDBFactory } = await import("fake-indexeddb");
  globalThis.indexedDB = new IDBFactory();
});
