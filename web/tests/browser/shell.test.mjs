// What is around the conversations: settings, devices, tabs, offline, faults, and how the files are served.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { launch, PASSWORD, Person } from "./people.mjs";

const BASE = process.env.SOTTO_URL ?? "http://localhost:8080";
const dev = (...args) => execFileSync(process.env.SOTTO_DEV, args, { stdio: "inherit" });
const unique = Math.random().toString(36).slice(2, 8);
const budget = JSON.parse(readFileSync(new URL("../../build/start-page.json", import.meta.url), "utf8"));
const withoutSharedWorker = () => {
  delete globalThis.SharedWorker;
};
let browser;
let ann;

before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

const pathOf = (request) => new URL(request.url()).pathname;

test("the start page fetches what the budget counts, and no crypto module", { timeout: 60_000 }, async () => {
  const context = await browser.newContext({ locale: "en-GB" });
  const page = await context.newPage();
  const asked = [];
  // What the service worker fetches ahead for later is another thing.
  context.on("request", (request) => request.serviceWorker() || asked.push(pathOf(request)));
  await page.goto(BASE);
  await page.getByRole("button", { name: "Create account" }).waitFor();
  await page.evaluate(() => navigator.serviceWorker.ready);
  const scripts = new Set(asked.filter((path) => path.startsWith("/assets/") && path.endsWith(".js")));
  const counted = Object.keys(budget.script).map((name) => `/assets/${name}`);
  const isCatalogue = (path) => /\/(en|vi)-/.test(path);
  for (const path of scripts) assert(counted.includes(path) || isCatalogue(path), `${path} is not in the budget`);
  assert.equal([...scripts].filter(isCatalogue).length, 1);
  const total = Object.values(budget.script).reduce((sum, bytes) => sum + bytes, 0);
  assert(total <= budget.most, `${total} bytes`);
  const kept = await page.evaluate(async () => {
    const [name] = await caches.keys();
    return (await (await caches.open(name)).keys()).map(({ url }) => url);
  });
  assert(kept.length > 5 && !kept.some((url) => url.endsWith(".wasm")), String(kept));
  assert(!asked.some((path) => path.endsWith(".wasm")));

  // Without a connection the start page opens as well.
  await context.setOffline(true);
  await page.reload();
  await page.getByRole("button", { name: "Create account" }).waitFor();
  await context.close();
});

test("settings change theme and language at once, and are kept", { timeout: 120_000 }, async () => {
  ann = await Person.arrive(browser, `ann-${unique}`);
  await ann.register();
  const { page } = ann;
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("heading", { name: "Settings" }).waitFor();
  await ann.shot("settings");
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.getByText("Dark", { exact: true }).click();
  const dark = await ground();
  assert.notEqual(dark, light);
  await page.getByText("Tiếng Việt").click();
  await page.getByRole("heading", { name: "Cài đặt" }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), "vi");
  assert.deepEqual(await ann.barriers(), []);
  await page.reload();
  await page.getByRole("heading", { name: "Cài đặt" }).waitFor();
  assert.equal(await ground(), dark);
  await page.getByText("English").click();
  await page.getByText("As the system").first().click();
  await page.getByRole("heading", { name: "Settings" }).waitFor();
  assert.equal(await ground(), light);
});

test("the account: receipts are the server's, a password is changed, a wrong one is told", {
  timeout: 60_000,
}, async () => {
  const { page } = ann;
  const receipts = page.getByRole("switch", { name: "Show when I have read" });
  await ann.until(async () => assert.equal(await receipts.isEnabled(), true));
  assert.equal(await receipts.isChecked(), true);
  await receipts.click();
  await ann.until(async () => assert.equal(await receipts.getAttribute("aria-busy"), "false"));
  await page.reload();
  await ann.until(async () => assert.equal(await receipts.isEnabled(), true));
  assert.equal(await receipts.isChecked(), false);
  await receipts.click();
  await page.getByRole("button", { name: "Change password" }).click();
  await page.getByLabel("Password now").fill("not my password");
  await page.getByLabel("New password").fill(PASSWORD);
  await page.locator("form").getByRole("button", { name: "Change password" }).click();
  await page.getByText("Username or password is wrong.").waitFor();
  await page.getByLabel("Password now").fill(PASSWORD);
  await page.locator("form").getByRole("button", { name: "Change password" }).click();
  await page.getByText("The password is changed.").waitFor();
});

test("about names the build, which is what the server sends", { timeout: 60_000 }, async () => {
  const shown = (await ann.page.locator("code").textContent()).replaceAll(" ", "");
  assert.match(shown, /^[0-9a-f]{32}$/);
  const verify = new URL("../../tools/verify.mjs", import.meta.url).pathname;
  const said = execFileSync(process.execPath, [verify, BASE], { encoding: "utf8" });
  assert(said.includes(shown) && said.includes("byte for byte"), said);
});

test("a device is renamed where it stands; one that comes is told with a way to look", {
  timeout: 120_000,
}, async () => {
  const { page } = ann;
  await page.goto(`${BASE}/#/devices`);
  await page.getByRole("button", { name: /^Rename/ }).click();
  const field = page.getByLabel("Rename");
  await field.fill("Ann's laptop");
  await field.press("Enter");
  await page.getByText("Ann's laptop").first().waitFor();
  await page.getByRole("button", { name: /^Rename/ }).click();
  await page.getByLabel("Rename").fill("never");
  await page.getByLabel("Rename").press("Escape");
  await page.getByText("Ann's laptop").first().waitFor();
  await page.getByRole("button", { name: "Back" }).click();

  const other = await Person.arrive(browser, ann.name);
  await other.page.getByRole("button", { name: "I have an account" }).click();
  await other.page.getByLabel("Username").fill(ann.name);
  await other.page.getByLabel("Password").fill(PASSWORD);
  await other.page.getByRole("button", { name: "Sign in" }).click();
  await other.page.getByRole("heading", { name: "can't read yet" }).waitFor();
  await page.getByText("Somebody signed in to your account").waitFor();
  await other.page.getByLabel("Recovery key (24 words)").fill(ann.words.join(" "));
  await other.page.getByLabel("Password").fill(PASSWORD);
  await other.page.getByRole("button", { name: "Use recovery key" }).click();
  await other.page.getByRole("heading", { name: "Chats" }).waitFor();
  await page.getByText("A new device was linked to your account").waitFor();
  await ann.shot("device-alert");
  // It waits for the person, whatever happens to the page.
  await page.reload();
  await page.getByText("A new device was linked to your account").waitFor();
  await page.getByRole("button", { name: "Look at devices" }).click();
  await page.getByRole("heading", { name: "Devices" }).waitFor();
  await page.goto(`${BASE}/#/settings`);
  await page.getByRole("button", { name: "Sign out everywhere else" }).click();
  await page.locator("form").getByLabel("Password").fill(PASSWORD);
  await page.locator("form").getByRole("button", { name: "Sign out everywhere else" }).click();
  await page.getByText("Your other devices are signed out.").waitFor();
  await other.page.getByText("This device was signed out.").waitFor();
  // The alert of a device that is gone is gone.
  await ann.until(async () => assert.equal(await page.getByText("A new device was linked").count(), 0));
  await other.context.close();
});

test("without a SharedWorker several tabs are one device, and go on when the first is closed", {
  timeout: 120_000,
}, async () => {
  const ben = await Person.arrive(browser, `ben-${unique}`, { init: withoutSharedWorker });
  await ben.register();
  const second = await ben.context.newPage();
  await second.goto(BASE);
  await second.getByRole("heading", { name: "Chats" }).waitFor();
  const tab = new Person(ben.context, second, ben.name);
  await tab.startChat(ann.name);
  await tab.say("from the second tab");
  await ben.openChat(ann.name);
  await ben.message("from the second tab").waitFor();
  await ben.say("from the first tab");
  await tab.message("from the first tab").waitFor();
  const third = await ben.context.newPage();
  await third.goto(`${BASE}${new URL(second.url()).hash}`);
  await ben.page.close();
  await tab.say("and on");
  await tab.until(async () => assert.match(await tab.state("and on"), /Sent|Delivered/));
  await third.getByRole("article").filter({ hasText: "and on" }).waitFor();
  assert.deepEqual(tab.complaints, []);
  await ben.context.close();
});

test("a node is killed while somebody writes: nothing is lost or doubled", { timeout: 180_000 }, async () => {
  const cid = await Person.arrive(browser, `cid-${unique}`);
  await cid.register();
  await cid.startChat(ann.name);
  await ann.page.goto(`${BASE}/#/`);
  const said = [];
  const say = async (text) => {
    said.push(text);
    await cid.say(text);
  };
  for (let at = 0; at < 5; at += 1) await say(`before ${at}`);
  dev("kill", "node-1");
  for (let at = 0; at < 5; at += 1) await say(`between ${at}`);
  dev("start", "node-1");
  dev("kill", "node-2");
  for (let at = 0; at < 5; at += 1) await say(`after ${at}`);
  await ann.openChat(cid.name);
  await ann.accept();
  await ann.sees(said, 60_000);
  await cid.sees(said, 60_000);
  dev("start", "node-2");
  await cid.context.close();
});

test("notifications are asked for by a click, and come while nobody looks", { timeout: 120_000 }, async () => {
  const { page, context } = ann;
  await page.goto(`${BASE}/#/settings`);
  const wanted = page.getByRole("switch", { name: "Notify me" });
  assert.equal(await wanted.isChecked(), false);
  await context.grantPermissions(["notifications"], { origin: BASE });
  await page.reload();
  await wanted.click();
  await ann.until(async () => assert.equal(await wanted.isChecked(), true));
  const cid = await Person.arrive(browser, `gus-${unique}`);
  await cid.register();
  await cid.startChat(ann.name);
  // Pages of a browser without a screen count as seen: here the service worker is told of none.
  const [worker] = context.serviceWorkers();
  await worker.evaluate(() => {
    self.clients.kept = self.clients.matchAll.bind(self.clients);
    self.clients.matchAll = async () => [];
  });
  const shown = () =>
    worker.evaluate(async () =>
      (await self.registration.getNotifications()).map(({ title, tag, body }) => [title, tag, body]),
    );
  const unread = async () => Number(/^\((\d+)\) Sotto$/.exec(await page.title())?.[1] ?? 0);
  const before = await unread();
  await cid.say("nobody sees this");
  const conversation = cid.page.url().split("/").at(-1);
  await ann.until(async () => assert.deepEqual(await shown(), [["New message", conversation, ""]]));
  await page.getByRole("switch", { name: "Say who wrote" }).click();
  await cid.say("nor this");
  await ann.until(async () => assert.deepEqual(await shown(), [[`New message from ${cid.name}`, conversation, ""]]));
  await ann.until(async () => assert.equal(await unread(), before + 2));
  // While a tab is seen there is none.
  await worker.evaluate(async () => {
    self.clients.matchAll = self.clients.kept;
    for (const notification of await self.registration.getNotifications()) notification.close();
  });
  await cid.say("seen");
  await ann.until(async () => assert.equal(await unread(), before + 3));
  assert.deepEqual(await shown(), []);
  // A click opens the chat.
  await worker.evaluate((id) => {
    const notification = { close: () => {}, data: { conversation: id } };
    const event = new ExtendableEvent("notificationclick");
    Object.defineProperty(event, "notification", { value: notification });
    self.dispatchEvent(event);
  }, conversation);
  await page.getByRole("main", { name: cid.name }).waitFor();
  await cid.context.close();
});

test("a full disk is told, loses nothing, and is over when there is room again", { timeout: 90_000 }, async () => {
  const hal = await Person.arrive(browser, `hal-${unique}`);
  await hal.register();
  await hal.startChat(ann.name);
  await hal.say("before");
  await ann.page.goto(`${BASE}/#/`);
  await ann.openChat(hal.name);
  await ann.accept();
  const cdp = await hal.context.newCDPSession(hal.page);
  const quota = (quotaSize) => cdp.send("Storage.overrideQuotaForOrigin", { origin: BASE, quotaSize });
  await quota(1);
  // The browser looks at the quota now and then, not at every write.
  const said = ["before"];
  const warning = hal.page.getByText("the disk is full");
  await hal.until(async () => {
    said.push(`while it is full ${said.length}`);
    await ann.say(said.at(-1));
    await hal.page.waitForTimeout(500);
    assert.equal(await warning.count(), 1);
  }, 40_000);
  await hal.shot("disk-full");
  await quota(undefined);
  await hal.message(said.at(-1)).waitFor({ timeout: 40_000 });
  await hal.until(async () => assert.equal(await warning.count(), 0));
  // The newest are on the screen, none missing.
  const seen = await hal.page.locator("article .text").allTextContents();
  assert(seen.length > 2);
  assert.deepEqual(seen, said.slice(-seen.length));
  await hal.context.close();
});

test("an evicted store is told, with the way back", { timeout: 60_000 }, async () => {
  const dan = await Person.arrive(browser, `dan-${unique}`);
  await dan.register();
  const { page, context } = dan;
  await page.goto("about:blank");
  const cdp = await context.newCDPSession(page);
  const storageTypes = "indexeddb,local_storage,cache_storage,service_workers";
  await cdp.send("Storage.clearDataForOrigin", { origin: BASE, storageTypes });
  await page.goto(BASE);
  await page.getByRole("heading", { name: "This browser deleted your messages" }).waitFor();
  await dan.shot("evicted");
  await page.getByRole("button", { name: "Link to a device I have" }).waitFor();
  await context.close();
});

test("data that are cleared while the app runs are told at once, and Reload leads on", {
  timeout: 60_000,
}, async () => {
  const fox = await Person.arrive(browser, `fox-${unique}`);
  await fox.register();
  const { page, context } = fox;
  const cdp = await context.newCDPSession(page);
  await cdp.send("Storage.clearDataForOrigin", { origin: BASE, storageTypes: "indexeddb" });
  await page.getByText("does not let Sotto keep its data").waitFor();
  await page.getByRole("button", { name: "Reloading does not help" }).click();
  await fox.shot("start-again");
  await page.getByRole("button", { name: "Reload", exact: true }).click();
  await page.getByRole("heading", { name: "This browser deleted your messages" }).waitFor();
  await page.getByRole("button", { name: "Link to a device I have" }).waitFor();
  await context.close();
});

test("a store that nothing opens any more can be deleted, to start again", { timeout: 60_000 }, async () => {
  const zoe = await Person.arrive(browser, `zoe-${unique}`);
  await zoe.register();
  const { page, context } = zoe;
  // Another key than what is kept was sealed with.
  await page.evaluate(async () => {
    const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    const opened = indexedDB.open("sotto");
    await new Promise((done) => opened.addEventListener("success", done));
    const transaction = opened.result.transaction("keys", "readwrite");
    transaction.objectStore("keys").put(key, "storage");
    await new Promise((done) => transaction.addEventListener("complete", done));
    opened.result.close();
  });
  await page.reload();
  await page.getByText("does not let Sotto keep its data").waitFor();
  await page.getByRole("button", { name: "Reloading does not help" }).click();
  await page.getByRole("button", { name: "Delete it and start again" }).click();
  await page.getByRole("button", { name: "Create account" }).waitFor();
  assert.equal(await page.getByText("This browser deleted your messages").count(), 0);
  await context.close();
});

test("whoever signs out is not told of an eviction", { timeout: 60_000 }, async () => {
  const eve = await Person.arrive(browser, `eve-${unique}`);
  await eve.register();
  const { page } = eve;
  await page.goto(`${BASE}/#/settings`);
  await page.getByRole("button", { name: "Clear this device" }).click();
  await page.locator(".unfolded").getByRole("button", { name: "Clear this device" }).click();
  await page.getByRole("button", { name: "Create account" }).waitFor();
  // The page loads itself anew at that moment.
  await eve.until(() => page.reload());
  await page.getByRole("button", { name: "Create account" }).waitFor();
  assert.equal(await page.getByText("deleted your messages").count(), 0);
  assert.deepEqual(eve.complaints, []);
  await eve.context.close();
});

test("a server that answers rubbish, and a wrong clock, are told in plain words", { timeout: 60_000 }, async () => {
  const fay = await Person.arrive(browser, `fay-${unique}`, { init: withoutSharedWorker, serviceWorkers: "block" });
  const { page } = fay;
  let answer = { status: 200, contentType: "text/html", body: "<h1>Welcome to our hotel</h1>" };
  await page.route("**/auth/login", (route) => route.fulfill(answer));
  await page.getByRole("button", { name: "I have an account" }).click();
  await page.getByLabel("Username").fill(fay.name);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("makes no sense").waitFor();
  answer = { status: 502, contentType: "text/html", body: "<h1>502 Bad Gateway</h1>" };
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("can't be reached").waitFor();
  answer = { status: 200, contentType: "application/json", body: "[]" };
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.locator(".wrong").filter({ hasText: /./ }).waitFor();
  await page.unroute("**/auth/login");

  await page.route("**/{api,auth}/**", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), date: "Thu, 01 Jan 2026 00:00:00 GMT" } });
  });
  await page.reload();
  await fay.register();
  await page.getByText("The clock of this device").waitFor();
  await page.route("**/api/devices", (route) =>
    route.fulfill({ contentType: "application/json", body: '{"devices":7}' }),
  );
  await page.getByRole("button", { name: "Devices" }).click();
  await page.getByText("Something went wrong on this screen").waitFor();
  await fay.shot("screen-broken");
  await page.getByRole("button", { name: "Back to the chats" }).click();
  await page.getByRole("heading", { name: "Chats" }).waitFor();
  await fay.context.close();
});

test("everything is served with its headers", { timeout: 30_000 }, async () => {
  const [script] = Object.keys(budget.script);
  const get = async (path, encoding = "identity") => {
    const response = await fetch(BASE + path, { headers: { "accept-encoding": encoding } });
    await response.arrayBuffer();
    return response;
  };
  const page = await get("/");
  const worker = await get("/sw.js");
  const asset = await get(`/assets/${script}`);
  const missing = await get("/assets/nothing.js");
  const index = await get("/index.html");
  for (const [answer, status] of [
    [page, 200],
    [worker, 200],
    [asset, 200],
    [missing, 404],
  ]) {
    assert.equal(answer.status, status, answer.url);
    for (const [name, value] of [
      ["x-content-type-options", "nosniff"],
      ["referrer-policy", "no-referrer"],
      ["x-frame-options", "DENY"],
    ]) {
      assert.equal(answer.headers.get(name), value, `${name} of ${answer.url}`);
    }
    assert.match(answer.headers.get("content-security-policy"), /^default-src 'none'/);
  }
  assert.equal(index.status, 404);
  const policy = page.headers.get("content-security-policy");
  assert.match(policy, /script-src 'self' 'wasm-unsafe-eval';/);
  assert(!/unsafe-inline|'unsafe-eval'|\*/.test(policy));
  assert.equal(page.headers.get("cross-origin-opener-policy"), "same-origin");
  assert.equal(page.headers.get("cache-control"), "no-cache");
  assert.equal(worker.headers.get("cache-control"), "no-cache");
  assert.match(asset.headers.get("cache-control"), /immutable/);
  assert.equal(missing.headers.get("cache-control"), null);
  assert.match(missing.headers.get("content-type"), /text\/plain/);
  const packed = await get(`/assets/${script}`, "gzip, br");
  const hasBrotli = existsSync("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so");
  assert.equal(packed.headers.get("content-encoding"), hasBrotli ? "br" : "gzip");
  const zipped = await get(`/assets/${script}`, "gzip");
  assert.equal(zipped.headers.get("content-encoding"), "gzip");
  assert.match(zipped.headers.get("vary") ?? "", /Accept-Encoding/i);
  const manifest = await (await fetch(`${BASE}/app.webmanifest`)).json();
  for (const { src, type } of manifest.icons) {
    const icon = await get(src);
    assert.equal(icon.headers.get("content-type")?.split(";")[0], type, src);
  }
});

test("an account is deleted with its data", { timeout: 60_000 }, async () => {
  const { page } = ann;
  await page.goto(`${BASE}/#/settings`);
  await page.getByRole("button", { name: "Delete account" }).click();
  await page.locator("form").getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Delete my account for good" }).click();
  await page.getByRole("button", { name: "Create account" }).waitFor();
  assert.equal(await page.getByText("This device was signed out.").count(), 0);
  assert.deepEqual(ann.complaints, []);
});
