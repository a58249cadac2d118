// A newer build comes while pages of the older one are open: it takes over, they say so, and nothing that was written is
// lost. The cluster serves web/dist; SOTTO_WEB_DIST is another build, which works at the same address.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, afterEach, before, test } from "node:test";
import { launch, Person } from "./people.mjs";
import { ask } from "./seed.mjs";

const BASE = process.env.SOTTO_URL ?? "http://localhost:8080";
const OLD = new URL("../../dist", import.meta.url).pathname;
const NEW = process.env.SOTTO_WEB_DIST;
const env = { ...process.env, WEB_ORIGIN: process.env.SOTTO_WEB_ORIGIN };
const dev = (...args) => execFileSync(process.env.SOTTO_DEV, args, { stdio: "inherit", env });
const serve = (dist) => dev("up", "--web", dist);
const unique = Math.random().toString(36).slice(2, 8);
const REPLACED = "A newer version of Sotto is open in another tab.";
const withoutSharedWorker = () => {
  delete globalThis.SharedWorker;
};
let browser;
let zoe;

before(async () => {
  browser = await launch();
  zoe = await Person.arrive(await launch(), `zoe-${unique}`);
  await zoe.register();
});
afterEach(() => serve(OLD));
after(async () => {
  await browser?.close();
  await zoe?.context.browser().close();
});

/** Types on and on until there is nothing to type into: no pause is long enough for the page to save by itself. */
function typeOn(page, text) {
  return page.evaluate((text) => {
    globalThis.typed = text;
    const again = setInterval(() => {
      const line = document.querySelector(".composer textarea");
      if (!line) return clearInterval(again);
      globalThis.typed += "!";
      line.value = globalThis.typed;
      line.dispatchEvent(new Event("input", { bubbles: true }));
    }, 40);
  }, text);
}

/** Another tab of the same browser, which gets what is served now. */
async function newTab(person) {
  const page = await person.context.newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(BASE);
  await page.getByRole("heading", { name: "Chats" }).waitFor();
  return new Person(person.context, page, person.name);
}

const buildOf = (page) => page.evaluate(() => document.querySelector("script[type=module]").src);

test("a newer build takes over: the older page says so, and what was typed and queued is there", {
  timeout: 180_000,
}, async () => {
  const ann = await Person.arrive(browser, `ann-${unique}`);
  await ann.register();
  await ann.startChat(zoe.name);
  await ann.say("before");
  await zoe.openChat(ann.name);
  await zoe.accept();
  await zoe.sees(["before"]);
  serve(NEW);
  // nginx serves files while no node answers.
  dev("kill", "node-1");
  dev("kill", "node-2");
  await ann.page.getByText("Offline.").waitFor();
  await ann.say("queued by the old build");
  await typeOn(ann.page, "half a thought");
  const fresh = await newTab(ann);
  assert.notEqual(await buildOf(fresh.page), await buildOf(ann.page));
  await ann.page.getByRole("alert").filter({ hasText: REPLACED }).waitFor();
  await ann.shot("replaced");
  // One owner: the older worker answers nothing any more, whoever asks.
  await assert.rejects(ask(ann.page, "snapshot"), /Replaced/);
  await assert.rejects(ask(ann.page, "sendText", "anywhere", "by nobody"), /Replaced/);
  const typed = await ann.page.evaluate(() => globalThis.typed);
  assert.match(typed, /^half a thought!+$/);
  await fresh.page
    .getByRole("navigation")
    .getByText(`Draft: ${typed.slice(0, 20)}`)
    .waitFor();
  await fresh.openChat(zoe.name);
  assert.equal(await fresh.page.getByLabel("Message", { exact: true }).inputValue(), typed);
  await fresh.sees(["before", "queued by the old build"]);
  dev("start", "node-1");
  dev("start", "node-2");
  await zoe.sees(["before", "queued by the old build"], 60_000);
  await ann.page.getByRole("button", { name: "Reload" }).click();
  await ann.message("queued by the old build").waitFor();
  assert.equal(await ann.page.getByLabel("Message", { exact: true }).inputValue(), typed);
  assert.equal(await buildOf(ann.page), await buildOf(fresh.page));
  // Both tabs are one device again.
  await ann.say("from the old tab");
  await fresh.message("from the old tab").waitFor();
  await zoe.sees(["before", "queued by the old build", "from the old tab"]);
  assert.deepEqual([...ann.complaints, ...fresh.complaints, ...zoe.complaints], []);
  await ann.context.close();
});

test("tabs with a worker each hand over to a newer build as well", { timeout: 120_000 }, async () => {
  const bea = await Person.arrive(browser, `bea-${unique}`, { init: withoutSharedWorker });
  await bea.register();
  await bea.startChat(zoe.name);
  await bea.say("hello");
  const second = await newTab(bea);
  await second.openChat(zoe.name);
  await typeOn(second.page, "in the second tab");
  serve(NEW);
  const fresh = await newTab(bea);
  for (const { page } of [bea, second]) await page.getByRole("alert").filter({ hasText: REPLACED }).waitFor();
  const typed = await second.page.evaluate(() => globalThis.typed);
  assert.match(typed, /^in the second tab!+$/);
  await fresh.openChat(zoe.name);
  assert.equal(await fresh.page.getByLabel("Message", { exact: true }).inputValue(), typed);
  await fresh.say("from the new build");
  await fresh.until(async () => assert.match(await fresh.state("from the new build"), /Sent|Delivered/));
  assert.deepEqual([...bea.complaints, ...second.complaints, ...fresh.complaints], []);
  await bea.context.close();
});

test("a recovery key that nobody has written down yet stays on the screen", { timeout: 120_000 }, async () => {
  const cat = await Person.arrive(browser, `cat-${unique}`);
  const { page } = cat;
  await page.getByLabel("Username").fill(cat.name);
  await page.getByLabel("Password").fill("correct horse battery");
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByRole("heading", { name: "Your recovery key" }).waitFor();
  serve(NEW);
  const fresh = await newTab(cat);
  await assert.rejects(ask(page, "snapshot"), /Replaced/);
  assert.equal(await page.getByRole("listitem").count(), 24);
  await cat.writeDownWords();
  await page.getByRole("alert").filter({ hasText: REPLACED }).waitFor();
  await page.getByRole("button", { name: "Reload" }).click();
  await page.getByRole("heading", { name: "Chats" }).waitFor();
  assert.deepEqual([...cat.complaints, ...fresh.complaints], []);
  await cat.context.close();
});
