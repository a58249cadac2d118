// Calls and events over a port.
import { expect, test } from "vitest";
import type { CoreApi } from "../src/core/api";
import { connect, farewell, serve, together } from "../src/core/rpc";
import type { Told } from "../src/core/told";

test("what is told at one time comes at one time, before the answer to what led to it", async () => {
  const { port1, port2 } = new MessageChannel();
  const heard: unknown[] = [];
  const tell = together((told) => port2.postMessage({ told }));
  const told = (conversation_id: string): Told => ({ type: "sent", conversation_id, txn_id: "x" });
  const api = {
    awake: async () => {
      tell(told("one"));
      tell(told("two"));
    },
  };
  serve(port2 as never, api as CoreApi);
  port2.start();
  const core = connect(port1 as never, (all) =>
    heard.push(all.map((one) => "conversation_id" in one && one.conversation_id)),
  );
  port1.start();
  await core.awake();
  heard.push("answered");
  await core.awake();
  expect(heard).toEqual([["one", "two"], "answered", ["one", "two"]]);
  port1.close();
});

test("what pages hand over at the end has come before they are gone; one that does not answer holds nobody up", async () => {
  const kept: unknown[] = [];
  const api = { setDraft: async (id: string, draft: unknown) => void kept.push([id, draft]) };
  const channels = [new MessageChannel(), new MessageChannel()];
  const [here, frozen] = channels as [MessageChannel, MessageChannel];
  serve(here.port2 as never, api as unknown as CoreApi);
  const core = connect(
    here.port1 as never,
    () => {},
    () => void core.setDraft("room", { text: "half a" }),
  );
  for (const { port1, port2 } of channels) {
    port1.start();
    port2.start();
  }
  await farewell([here.port2, frozen.port2] as never, 200);
  expect(kept).toEqual([["room", { text: "half a" }]]);
  await farewell([here.port2] as never, 1e9);
  expect(kept).toHaveLength(2);
  await farewell([], 1e9);
  for (const { port1 } of channels) port1.close();
});
