// A device that came into the account's signed list is told, whichever way the list came.
import { expect, test } from "vitest";
import { addAlert, dismissAlert, noteLetIn, noteOwnDevices } from "../src/core/alerts";
import type { Core } from "../src/core/core";
import type { Shared } from "../src/core/shared";
import type { DeviceAlert } from "../src/core/told";

function account(listed: string[]) {
  const core = {
    turn: async (work: () => void) => work(),
    update: async (work: () => void) => work(),
    engine: {
      userId: "me",
      deviceId: "this",
      devicesOf: () => listed.map((device_id) => ({ device_id })),
    },
    alerts: [] as readonly DeviceAlert[],
    knownDevices: undefined as readonly string[] | undefined,
    setAlerts(alerts: readonly DeviceAlert[]) {
      this.alerts = alerts;
    },
    setKnownDevices(ids: readonly string[]) {
      this.knownDevices = ids;
    },
  };
  const names = new Map([["phone", "Pixel"]]);
  let asked = 0;
  const routes = {
    listDevices: async () => {
      asked += 1;
      if (names.size === 0) throw new TypeError("network");
      return { devices: [...names].map(([device_id, name]) => ({ device_id, name })) };
    },
  };
  const beingLinked = new Set<string>();
  const shared = { core, routes, beingLinked } as unknown as Shared;
  return { core, shared, beingLinked, listed, names, asked: () => asked, note: () => noteOwnDevices(shared) };
}

test("the first list is no news, a device that comes later is, once", async () => {
  const { core, listed, note, asked } = account(["this", "tablet"]);
  await note();
  expect(core.alerts).toEqual([]);
  listed.push("phone");
  await note();
  await note();
  expect(core.alerts).toEqual([{ device_id: "phone", name: "Pixel", linked: true }]);
  expect(asked()).toBe(1);
});

test("the alert does not depend on the server's word", async () => {
  const { core, listed, names, note } = account(["this"]);
  await note();
  names.clear();
  listed.push("phone");
  await note();
  expect(core.alerts).toEqual([{ device_id: "phone", name: "?", linked: true }]);
});

test("a device that signed in and is linked later has one alert, and one that is gone has none", async () => {
  const { core, listed, note } = account(["this"]);
  await note();
  addAlert(core as unknown as Core, { device_id: "phone", name: "Pixel", linked: false });
  listed.push("phone");
  await note();
  expect(core.alerts).toEqual([{ device_id: "phone", name: "Pixel", linked: true }]);
  listed.pop();
  await note();
  expect(core.alerts).toEqual([]);
});

test("a device that is let in here is no news, unless its linking breaks off", async () => {
  const { core, listed, beingLinked, note } = account(["this"]);
  await note();
  for (const id of ["phone", "tablet"]) {
    beingLinked.add(id);
    listed.push(id);
  }
  await note();
  expect(core.alerts).toEqual([]);
  noteLetIn(core as unknown as Core, "phone");
  beingLinked.clear();
  await note();
  await note();
  expect(core.alerts).toMatchObject([{ device_id: "tablet", linked: true }]);
  // Whatever came first: the notice of the list, or the end of the linking.
  noteLetIn(core as unknown as Core, "tablet");
  expect(core.alerts).toEqual([]);
});

test("a name is one short line that hides nothing, and a linked device stays one", () => {
  const { core } = account(["this"]);
  const add = (name: string, linked: boolean) =>
    addAlert(core as unknown as Core, { device_id: "phone", name, linked });
  add("Pix\u202eel\n\nIt was you.", true);
  expect(core.alerts).toEqual([{ device_id: "phone", name: "Pixel It was you.", linked: true }]);
  add("x".repeat(10_000), false);
  expect(core.alerts).toEqual([{ device_id: "phone", name: `${"x".repeat(64)}…`, linked: true }]);
  add("\u200b", false);
  expect(core.alerts).toEqual([{ device_id: "phone", name: "?", linked: true }]);
});

test("sign-ins do not push out a device that was linked", () => {
  const { core } = account(["this"]);
  const add = (device_id: string, linked: boolean) =>
    addAlert(core as unknown as Core, { device_id, name: "x", linked });
  add("phone", true);
  for (let at = 0; at < 50; at += 1) add(String(at), false);
  expect(core.alerts).toHaveLength(20);
  expect(core.alerts[0]).toMatchObject({ device_id: "phone", linked: true });
  for (let at = 100; at < 150; at += 1) add(String(at), true);
  add("one more", false);
  expect(core.alerts.map(({ device_id }) => device_id)).toEqual(
    Array.from({ length: 20 }, (_, at) => String(130 + at)),
  );
});

test("alerts are bounded, and end when the person has seen them", async () => {
  const { core, shared } = account(["this"]);
  for (let at = 0; at < 50; at += 1) {
    addAlert(core as unknown as Core, { device_id: String(at), name: "x", linked: false });
  }
  expect(core.alerts).toHaveLength(20);
  await dismissAlert(shared, "49");
  expect(core.alerts.map(({ device_id }) => device_id)).not.toContain("49");
});
