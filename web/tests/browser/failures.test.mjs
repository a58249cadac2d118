// What fails says so and has a way on: a store that can't be read, a server that is away, an address of nothing.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { launch, Person } from "./people.mjs";

const BASE = process.env.SOTTO_URL ?? "http://localhost:8080";
const dev = (...args) => execFileSync(process.env.SOTTO_DEV, args, { stdio: "inherit" });
const unique = Math.random().toString(36).slice(2, 8);
// A worker of the tab's own: the test gets at it, and at what it asks the server for.
const alone = {
  init: () => {
    delete globalThis.SharedWorker;
  },
  serviceWorkers: "block",
};
let browser;
let ann;
let bob;

before(async () => {
  browser = await launch();
  ann = await Person.arrive(browser, `ann-${unique}`, alone);
  bob = await Person.arrive(browser, `bob-${unique}`);
  for (const person of [ann, bob]) await person.register();
  await ann.startChat(bob.name);
  await ann.say("Hello");
  await ann.sees(["Hello"]);
});

after(async () => {
  await browser?.close();
});

test("a chat that can't be read says so, and is there with another attempt", { timeout: 60_000 }, async () => {
  const { page } = ann;
  await page.goto(`${BASE}/#/settings`);
  await page.getByRole("heading", { name: "Settings" }).waitFor();
  const [worker] = page.workers();
  await worker.evaluate(() => {
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = () => {
      throw new DOMException("the disk", "UnknownError");
    };
    self.mend = () => Object.assign(IDBDatabase.prototype, { transaction });
  });
  await page.goto(`${BASE}/#/`);
  await ann.openChat(bob.name);
  await page.getByRole("alert").filter({ hasText: "The messages here could not be read." }).waitFor();
  await ann.shot("chat-not-opened");
  await worker.evaluate(() => {
    self.mend();
  });
  await page.getByRole("button", { name: "Try again" }).click();
  await ann.sees(["Hello"]);
});

test("screens that were opened without the server are filled when it is back", { timeout: 120_000 }, async () => {
  const { page } = ann;
  const nodes = ["node-1", "node-2"];
  for (const node of nodes) dev("kill", node);
  const receipts = page.getByRole("switch", { name: "Show when I have read" });
  const away = page.getByRole("alert").filter({ hasText: "The server is busy right now." });
  try {
    await page.goto(`${BASE}/#/settings`);
    await away.waitFor({ timeout: 40_000 });
  } finally {
    for (const node of nodes) dev("start", node);
  }
  await ann.until(async () => assert.equal(await receipts.isEnabled(), true), 40_000);
  assert.equal(await away.count(), 0);

  for (const node of nodes) dev("kill", node);
  try {
    await page.goto(`${BASE}/#/devices`);
    await away.waitFor({ timeout: 40_000 });
  } finally {
    for (const node of nodes) dev("start", node);
  }
  await page.getByText("This device").waitFor({ timeout: 40_000 });
  await ann.until(async () => assert.equal(await away.count(), 0));
});

test("on a phone an address of nothing leads to the list", { timeout: 60_000 }, async () => {
  const { page } = ann;
  const before = page.viewportSize();
  await page.setViewportSize({ width: 390, height: 800 });
  await page.goto(`${BASE}/#/chat/${crypto.randomUUID()}`);
  await page.getByRole("navigation", { name: "Chats" }).waitFor();
  await ann.openChat(bob.name);
  await ann.sees(["Hello"]);
  await page.setViewportSize(before);
});

test("a linking that reaches nobody says so, and what it needs", { timeout: 60_000 }, async () => {
  const guest = await Person.arrive(browser, "guest", alone);
  const { page, context } = guest;
  await page.getByRole("button", { name: "Link to a device I have" }).click();
  await page.getByRole("button", { name: "Show a code here" }).waitFor();
  const offline = page.getByText("Offline. This needs a connection.");
  await context.setOffline(true);
  await offline.waitFor();
  await guest.shot("link-offline");
  await context.setOffline(false);
  await guest.until(async () => assert.equal(await offline.count(), 0));
  await page.route("**/api/rendezvous**", (route) => route.abort());
  await page.getByRole("button", { name: "Show a code here" }).click();
  const trouble = page.getByText("The server can't be reached.");
  await trouble.waitFor();
  await guest.shot("link-trouble");
  await page.unroute("**/api/rendezvous**");
  await page.getByRole("img", { name: "A code for the camera" }).waitFor();
  assert.equal(await trouble.count(), 0);
  assert.deepEqual(guest.complaints, []);
  await context.close();
});
