// People make sure of each other, and somebody's key becomes another one: two browsers, and a terminal for the person who
// makes a new identity (SOTTO_CHAT is that program).
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { launch, PASSWORD, Person } from "./people.mjs";

const CHAT = process.env.SOTTO_CHAT ?? join(dirname(process.env.SOTTO_DEV), "sotto-chat");
const unique = Math.random().toString(36).slice(2, 8);
const terminal = `trang-${unique}`;
const home = mkdtempSync(join(tmpdir(), "sotto-trust-"));
let browsers;
let anna;
let binh;

const lens = join(home, "lens.mjpeg");
/** The screen of a page as a camera sees it: Motion JPEG, one picture after the other. */
async function film(page) {
  const picture = await page.screenshot({ type: "jpeg", quality: 90 });
  writeFileSync(lens, Buffer.concat(Array(30).fill(picture)));
}
const camera = [
  "--use-fake-ui-for-media-stream",
  "--use-fake-device-for-media-stream",
  `--use-file-for-fake-video-capture=${lens}`,
];

before(async () => {
  browsers = [await launch()];
  const blank = await browsers[0].newPage();
  await film(blank);
  await blank.close();
  browsers.push(await launch(camera));
  anna = await Person.arrive(browsers[0], `anna-${unique}`);
  binh = await Person.arrive(browsers[1], `binh-${unique}`);
  for (const person of [anna, binh]) await person.register();
});

after(async () => {
  await Promise.all((browsers ?? []).map((browser) => browser.close()));
  rmSync(home, { recursive: true, force: true });
});

/** One command of the person at the terminal; gives what it told. */
function does(...args) {
  const env = { ...process.env, SOTTO_SERVER: process.env.SOTTO_URL, SOTTO_PASSWORD: PASSWORD };
  const child = spawn(CHAT, ["--json", "--home", home, ...args], { env, stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end();
  let out = "";
  child.stdout.on("data", (data) => {
    out += data;
  });
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", () =>
      done(
        out
          .split("\n")
          .filter(Boolean)
          .map((line) => JSON.parse(line)),
      ),
    );
  });
}

const button = (person, name) => person.page.getByRole("button", { name, exact: true });
const sheetOf = (person) => person.page.getByRole("dialog");
const openSheet = async (person) => {
  await person.page.locator("header h1").getByRole("button").click();
  await sheetOf(person).waitFor();
};
const closeSheet = async (person) => {
  await person.page.keyboard.press("Escape");
  await sheetOf(person).waitFor({ state: "detached" });
};
const line = (person, text) => person.page.locator(".system-line").filter({ hasText: text });
const digits = async (person, name) => {
  const groups = sheetOf(person).getByRole("region", { name }).getByRole("listitem");
  await groups.first().waitFor();
  return (await groups.allTextContents()).join(" ");
};
const badges = (person) => person.page.getByText("Verified", { exact: true });

test("both see the same number, and verified is seen in list and head", { timeout: 120_000 }, async () => {
  await anna.startChat(binh.name);
  await anna.say("Hello Binh");
  await binh.page.getByRole("link", { name: anna.name }).click();
  await binh.accept();
  await binh.say("Hello Anna");
  await anna.message("Hello Anna").waitFor();
  const numbers = [];
  for (const person of [anna, binh]) {
    await openSheet(person);
    await sheetOf(person).getByText("1 device").waitFor();
    await button(person, "Compare safety number").click();
    await sheetOf(person).getByRole("img", { name: "to scan" }).waitFor();
    numbers.push(await digits(person, "Safety number"));
    await person.shot("safety-number");
    await button(person, "The numbers are the same").click();
    await button(person, "Not verified any more").waitFor();
    await closeSheet(person);
    await person.until(async () => assert.equal(await badges(person).count(), 2));
  }
  assert.match(numbers[0], /^(\d{5} ){11}\d{5}$/);
  assert.equal(numbers[0], numbers[1]);
  await anna.shot("verified");
});

test("the panel keeps the focus, and gives it back", { timeout: 30_000 }, async () => {
  const focused = () => anna.page.evaluate(() => document.activeElement?.closest("dialog, header")?.tagName);
  await openSheet(anna);
  assert.equal(await focused(), "HEADER");
  for (let at = 0; at < 12; at += 1) {
    await anna.page.keyboard.press("Tab");
    assert.notEqual(
      await anna.page.evaluate(() => document.activeElement?.closest(".chats, .composer") !== null),
      true,
    );
  }
  await anna.shot("verified-panel");
  await closeSheet(anna);
  assert.equal(await anna.page.evaluate(() => document.activeElement?.textContent), binh.name);
});

test("verified is taken back", { timeout: 30_000 }, async () => {
  await openSheet(binh);
  await button(binh, "Compare safety number").click();
  await button(binh, "Not verified any more").click();
  await button(binh, "The numbers are the same").waitFor();
  await closeSheet(binh);
  assert.equal(await badges(binh).count(), 0);
});

test("a code on the other screen verifies its person, and nobody else's does", { timeout: 120_000 }, async () => {
  const scan = async () => {
    await openSheet(binh);
    await button(binh, "Compare safety number").click();
    await button(binh, "Scan their code").click();
  };
  await openSheet(binh);
  await button(binh, "Compare safety number").click();
  await sheetOf(binh).getByRole("img", { name: "to scan" }).waitFor();
  await film(binh.page);
  await closeSheet(binh);
  await scan();
  await binh.page.getByText("This code belongs to another person").waitFor();
  assert.equal(await badges(binh).count(), 0);
  await binh.shot("verify-scan");
  await closeSheet(binh);
  await openSheet(anna);
  await button(anna, "Compare safety number").click();
  await sheetOf(anna).getByRole("img", { name: "to scan" }).waitFor();
  await film(anna.page);
  await closeSheet(anna);
  await scan();
  await button(binh, "Not verified any more").waitFor();
  await closeSheet(binh);
  await binh.until(async () => assert.equal(await badges(binh).count(), 2));
});

test("the number is the one that the terminal shows", { timeout: 120_000 }, async () => {
  await does("register", terminal);
  for (const person of [anna, binh]) {
    await person.startChat(terminal);
    await person.say("Hello Trang");
    await does("chat", person.name, "--accept");
  }
  const told = await does("verify", anna.name, "--same");
  const number = told.find(({ type }) => type === "safety_number").number;
  await openSheet(anna);
  await button(anna, "Compare safety number").click();
  assert.equal(await digits(anna, "Safety number"), number);
  await button(anna, "The numbers are the same").click();
  await button(anna, "Not verified any more").waitFor();
  await closeSheet(anna);
});

test("a new identity is told where it matters: who had compared can't write until they decide", {
  timeout: 120_000,
}, async () => {
  const told = await does("new-identity", "--yes");
  assert(told.some(({ type }) => type === "identity_made"));
  const { page } = anna;
  await page.getByRole("alert").filter({ hasText: "you had compared it" }).waitFor();
  await line(anna, `The safety number of ${terminal} changed`).waitFor();
  assert.equal(await page.getByLabel("Message", { exact: true }).count(), 0, "nothing can be written");
  assert.equal(await button(anna, "Go on").count(), 0, "a compared person is not let go with one click");
  assert.equal(await badges(anna).count(), 1, "only Binh is verified now");
  await anna.shot("key-changed-verified");
  await page.reload();
  await page.getByRole("alert").filter({ hasText: "you had compared it" }).waitFor();
});

test("who had not compared sees a notice; what they write waits until they go on", { timeout: 60_000 }, async () => {
  const { page } = binh;
  await page.getByRole("alert").filter({ hasText: "Usually that is a new phone" }).waitFor();
  await binh.say("Is it you?");
  await binh.until(async () => assert.equal(await binh.state("Is it you?"), "Waiting"));
  await binh.shot("key-changed");
  // It does not go by itself.
  await page.waitForTimeout(3_000);
  assert.equal(await binh.state("Is it you?"), "Waiting");
  await button(binh, "Go on").click();
  await binh.until(async () => assert.notEqual(await binh.state("Is it you?"), "Waiting"));
  await line(binh, "You went on with the new safety number").waitFor();
  await page.getByRole("alert").filter({ hasText: "changed" }).waitFor({ state: "detached" });
});

test("old and new number are shown; the new one is compared, and sending goes on", { timeout: 90_000 }, async () => {
  await button(anna, "Compare").click();
  const [now, was] = [await digits(anna, "Now it is"), await digits(anna, "Before it was")];
  assert.notEqual(now, was);
  const told = await does("verify", anna.name);
  assert.equal(told.find(({ type }) => type === "safety_number").number, now);
  await anna.shot("compare-again");
  await button(anna, "The new numbers are the same").click();
  await button(anna, "Not verified any more").waitFor();
  await closeSheet(anna);
  await line(anna, `You compared the new safety number of ${terminal}`).waitFor();
  await anna.say("Welcome back");
  await anna.until(async () => assert.notEqual(await anna.state("Welcome back"), "Waiting"));
  const shown = await does("history", anna.name);
  assert(JSON.stringify(shown).includes("Hello Trang"));
});

test("no page complained", () => {
  assert.deepEqual([...anna.complaints, ...binh.complaints], []);
});
