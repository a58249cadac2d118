// The WebAssembly module itself: its shapes, its errors, and that a device is all in its records.
import { expect, test } from "vitest";
import { engines, Machine, RecoveryKey } from "../src/core/crypto";
import { mistypedWord } from "../src/core/recovery";

const made = () => Machine.register(crypto.randomUUID(), crypto.randomUUID(), 1_700_000_000_000);
const names = (call: () => unknown) => {
  try {
    call();
  } catch (error) {
    return (error as Error).name;
  }
  return undefined;
};

test("a device is all in its records", () => {
  const machine = made().takeMachine();
  const records = machine.takeDirty() as [string, Uint8Array][];
  expect(records.map(([key]) => key)).toEqual(["account", `user/${machine.userId()}`]);
  const again = Machine.load(records);
  expect([again.userId(), again.deviceId()]).toEqual([machine.userId(), machine.deviceId()]);
  expect([again.isLinked(), again.takeDirty()]).toEqual([true, []]);
  expect(again.masterKey(again.userId())).toBe(machine.masterKey(machine.userId()));
});

test("the request to register names the device and holds no secret", () => {
  const registration = made();
  const device = JSON.stringify({ name: "Laptop", device_type: "WEB" });
  const request = JSON.parse(registration.request("alice", "correct horse", device)) as Record<string, unknown>;
  expect(Object.keys(request["one_time_keys"] as object)).toHaveLength(50);
  expect(request["device"]).toEqual({ name: "Laptop", device_type: "WEB" });
  for (const word of registration.recoveryWords().split(" ")) {
    expect(JSON.stringify(request)).not.toContain(`"${word}"`);
  }
});

test("of mistyped words the first one is named, with what it was meant to be", () => {
  const list = made().recoveryWords().split(" ");
  expect(mistypedWord(list.join(" "))).toBeUndefined();
  expect(mistypedWord("not enough")).toBeUndefined();
  const [right = "", other = ""] = [list[6], list[9]];
  // Words differ in two letters at least.
  const typed = `${right[0] === "b" ? "d" : "b"}${right.slice(1)}`;
  const meant = RecoveryKey.suggest(typed);
  expect([right, undefined]).toContain(meant);
  const said = list.with(6, typed.toUpperCase()).with(9, `${other}ớ`).join(",\n ");
  expect(mistypedWord(said)).toEqual({ place: 7, typed: typed.toUpperCase(), meant });
  expect(mistypedWord(list.with(9, `${other}ớ`).join(" "))).toEqual({
    place: 10,
    typed: `${other}ớ`,
    meant: undefined,
  });
});

test("recovery words are read back, and mistakes are named", () => {
  const words = made().recoveryWords();
  expect(RecoveryKey.parse(words.toUpperCase().replaceAll(" ", "\n")).words()).toBe(words);
  const list = words.split(" ");
  expect(names(() => RecoveryKey.parse(list.slice(1).join(" ")))).toBe("WordCount");
  expect(names(() => RecoveryKey.parse(list.with(3, "qqqqq").join(" ")))).toBe("UnknownWord");
});

test("errors have stable names", () => {
  const machine = made().takeMachine();
  const room = crypto.randomUUID();
  expect(names(() => Machine.load([]))).toBe("NoAccount");
  expect(names(() => Machine.load([["account", new Uint8Array([1])]]))).toBe("Record");
  expect(names(() => machine.pollSend("no id", 0))).toBe("Argument");
  expect(names(() => machine.receiveEvent("{", 0))).toBe("Argument");
  expect(names(() => machine.createConversation(room, '"direct"', JSON.stringify([room])))).toBe("UnknownUser");
  const long = JSON.stringify({ type: "text", text: "x".repeat(70_000) });
  expect(names(() => machine.queue(room, crypto.randomUUID(), long, undefined))).toBe("BodyTooLarge");
});

test("a trap is told once it happens", () => {
  let crashed = 0;
  const { engineOf } = engines(Date.now, () => {
    crashed += 1;
  });
  const machine = made().takeMachine();
  const trap = () => {
    throw new WebAssembly.RuntimeError("unreachable");
  };
  const engine = engineOf(
    new Proxy(machine, { get: (target, name) => (name === "resend" ? trap : Reflect.get(target, name)) }),
  );
  expect(names(() => engine.resend("x"))).toBe("RuntimeError");
  expect(crashed).toBe(1);
});
