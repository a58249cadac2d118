// A browser that nobody signed in on does without the client, until the first call that needs it.
import { expect, test, vi } from "vitest";
import { isUntouched, resting } from "../src/core/resting";
import { Store } from "../src/core/store";
import type { Owned } from "../src/core/tabs";

test("a browser is untouched until there is a store, and may be touched where it does not say", async () => {
  expect(await isUntouched()).toBe(true);
  (await Store.open()).close();
  expect(await isUntouched()).toBe(false);
  vi.stubGlobal("indexedDB", {});
  expect(await isUntouched()).toBe(false);
});

test("what a page asks at its start fetches nothing; the rest goes to the client, which is fetched once", async () => {
  const client = { signIn: vi.fn(async () => "in"), snapshot: vi.fn(async () => "all"), close: vi.fn() };
  const open = vi.fn(async () => client as unknown as Owned);
  const core = resting(open);
  expect((await core.snapshot()).me).toBeUndefined();
  await core.awake();
  expect(open).not.toHaveBeenCalled();
  await Promise.all([core.signIn("a", "b", "c"), core.signIn("a", "b", "c")]);
  expect(open).toHaveBeenCalledTimes(1);
  expect(client.signIn).toHaveBeenCalledWith("a", "b", "c");
  expect(await core.snapshot()).toBe("all");
  core.close();
  await vi.waitFor(() => expect(client.close).toHaveBeenCalled());
});

test("a client that could not be fetched is fetched the next time", async () => {
  const client = { signIn: async () => undefined };
  const open = vi.fn().mockRejectedValueOnce(new TypeError("offline")).mockResolvedValue(client);
  const core = resting(open);
  await expect(core.signIn("a", "b", "c")).rejects.toThrow("offline");
  await core.signIn("a", "b", "c");
});
