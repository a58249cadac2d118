// Calls and events over a port.
import { expect, test } from "vitest";
import type { CoreApi } from "../src/core/api";
import { connect, serve, together } from "../src/core/rpc";
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
