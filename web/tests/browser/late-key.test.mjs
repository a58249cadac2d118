// A message can't be read yet and says why; when its key comes it is read in its place. Here the keys are in the backup,
// and the server does not hand that out for a while.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, PASSWORD, Person } from "./people.mjs";

const unique = Math.random().toString(36).slice(2, 8);
// A worker of the tab's own: what it asks the server for can be held up.
const alone = {
  init: () => {
    delete globalThis.SharedWorker;
  },
  serviceWorkers: "block",
};
const SESSIONS = /\/api\/backup\/\d+\/sessions/;
const EARLIER = ["one", "two", "three", "four"];
let browsers;
let anna;
let again;
let binh;
/** Sessions that are in Anna's backup. */
const kept = new Set();

before(async () => {
  browsers = await Promise.all([launch(), launch()]);
  anna = await Person.arrive(browsers[0], `anna-${unique}`, alone);
  binh = await Person.arrive(browsers[1], `binh-${unique}`);
  anna.page.on("response", (response) => {
    const request = response.request();
    if (request.method() !== "POST" || !SESSIONS.test(request.url()) || !response.ok()) return;
    for (const { session_id } of request.postDataJSON().sessions) kept.add(session_id);
  });
  for (const person of [anna, binh]) await person.register();
  await binh.startChat(anna.name);
  await binh.say("one");
  await binh.say("two");
  await anna.openChat(binh.name);
  await anna.accept();
  await anna.sees(["one", "two"]);
  await anna.say("three");
  await binh.sees(["one", "two", "three"]);
  await binh.say("four");
  await anna.sees(EARLIER);
  // What each of the two writes with.
  await anna.until(async () => assert.equal(kept.size, 2), 60_000);
  await anna.page.close();
});

after(async () => {
  await Promise.all((browsers ?? []).map((browser) => browser.close()));
});

const unreadable = () => again.page.locator(".unreadable");
const rows = () => again.page.getByRole("article").evaluateAll((all) => all.map(({ textContent }) => textContent));

test("without the key a message has its place and says what is missing", { timeout: 120_000 }, async () => {
  again = await Person.arrive(browsers[0], anna.name, alone);
  const { page } = again;
  const body = JSON.stringify({ type: "urn:sotto:problem:unavailable", title: "", status: 503, code: "unavailable" });
  await page.route(SESSIONS, (route) => route.fulfill({ status: 503, contentType: "application/problem+json", body }));
  await page.getByRole("button", { name: "I have an account" }).click();
  await page.getByLabel("Username").fill(anna.name);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByLabel("Recovery key (24 words)").fill(anna.words.join(" "));
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Use recovery key" }).click();
  await page.getByRole("heading", { name: "Chats" }).waitFor({ timeout: 60_000 });
  await again.openChat(binh.name);
  await again.until(async () => assert.equal(await unreadable().count(), EARLIER.length));
  for (const text of await unreadable().allTextContents()) assert.match(text, /Its key has not come yet/);
  await again.shot("unreadable");
  // What is written from now on is read, after them.
  await binh.say("five");
  await again.sees(["five"]);
  assert.equal((await rows()).length, 5);
  assert.match((await rows()).at(-1), /^five/);
});

test("the key comes: all are read in their places, once, and stay so", { timeout: 180_000 }, async () => {
  const { page } = again;
  await page.unroute(SESSIONS);
  await again.sees([...EARLIER, "five"], 120_000);
  assert.equal(await unreadable().count(), 0);
  assert.equal((await rows()).length, 5);
  assert.equal(await again.message("three").getAttribute("aria-label"), "You");
  await page.reload();
  await again.sees([...EARLIER, "five"]);
  assert.equal(await unreadable().count(), 0);
  await again.say("six");
  await binh.sees([...EARLIER, "five", "six"]);
  assert.deepEqual([...again.complaints, ...binh.complaints], []);
});
