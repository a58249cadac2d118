// One person with a browser, a second browser and a terminal: what is decided on one holds on all, and a device that comes
// without a history knows what groups are called and when messages disappear.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { launch, PASSWORD, Person } from "./people.mjs";

const CHAT = process.env.SOTTO_CHAT ?? join(dirname(process.env.SOTTO_DEV), "sotto-chat");
const unique = Math.random().toString(36).slice(2, 8);
const home = mkdtempSync(join(tmpdir(), "sotto-agree-"));
const GROUP = "Hội An trip";
let browser;
let anna;
let phone;
let binh;

before(async () => {
  browser = await launch();
  anna = await Person.arrive(browser, `anna-${unique}`);
  binh = await Person.arrive(browser, `binh-${unique}`);
  for (const person of [anna, binh]) await person.register();
  await anna.startChat(binh.name);
  await anna.say("Hello Binh");
  await binh.page.getByRole("link", { name: anna.name }).click();
  await binh.accept();
});

after(async () => {
  await browser?.close();
  rmSync(home, { recursive: true, force: true });
});

const button = (person, name) => person.page.getByRole("button", { name, exact: true });
const sheetOf = (person) => person.page.getByRole("dialog");
const line = (person, text) => person.page.locator(".system-line").filter({ hasText: text });
const badge = (person) => person.page.locator("header").getByText("Verified", { exact: true });

async function decide(person, decision, follows) {
  await person.page.locator("header h2").getByRole("button").click();
  await button(person, "Compare safety number").click();
  await button(person, decision).click();
  await button(person, follows).waitFor();
  await person.page.keyboard.press("Escape");
  await sheetOf(person).waitFor({ state: "detached" });
}

/** The person lets a device in whose code it was shown. */
async function beginOn(person) {
  const { page } = person;
  await page.goto(new URL("#/devices", page.url()).href);
  await page.getByRole("button", { name: "Link a device" }).click();
  await page.getByLabel("Your password").fill(PASSWORD);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("img", { name: "A code for the camera" }).waitFor();
  return page.locator("output").textContent();
}

async function letIn(person, digits) {
  const { page } = person;
  await page.getByLabel("Type the digits").fill(digits);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("button", { name: "Link it" }).click();
  await page.getByText("The device is linked.", { exact: true }).waitFor();
  await page.getByRole("region", { name: "Link a device" }).getByRole("button", { name: "Close" }).click();
}

async function linkPhone() {
  const code = await beginOn(anna);
  const person = await Person.arrive(browser, anna.name);
  await person.page.getByRole("button", { name: "Link to a device I have" }).click();
  await person.page.getByRole("button", { name: "Type its code" }).click();
  await person.page.getByLabel("Code").fill(code);
  await person.page.getByRole("button", { name: "Continue" }).click();
  await person.page.getByText("Type these digits").waitFor();
  await letIn(anna, await person.page.locator("output").textContent());
  await person.page.getByRole("heading", { name: "Chats" }).waitFor();
  return person;
}

/** One command at the terminal; `hear` gets each thing that it tells, and a way to type. */
function does(args, hear = () => {}) {
  const env = { ...process.env, SOTTO_SERVER: process.env.SOTTO_URL, SOTTO_PASSWORD: PASSWORD };
  const child = spawn(CHAT, ["--json", "--home", home, ...args], { env, stdio: ["pipe", "pipe", "inherit"] });
  const told = [];
  let rest = "";
  child.stdout.on("data", (data) => {
    const lines = (rest + data).split("\n");
    rest = lines.pop();
    for (const text of lines.filter(Boolean)) {
      const one = JSON.parse(text);
      told.push(one);
      hear(one, child);
    }
  });
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", () => done(told));
  });
}

test("a device without the messages knows the group's name and the timer", { timeout: 120_000 }, async () => {
  await button(anna, "New chat").click();
  await button(anna, "New group").click();
  await anna.page.getByLabel("Name of the group").fill(GROUP);
  await anna.page.getByLabel("People", { exact: true }).fill(`${binh.name} `);
  await button(anna, "Create group").click();
  await anna.page.getByRole("main", { name: GROUP }).waitFor();
  await line(anna, `You named the group ${GROUP}`).waitFor();
  await button(anna, "Disappearing messages").click();
  await anna.page.getByRole("menuitemradio", { name: "30 seconds" }).click();
  await anna.page.getByText("You set messages to disappear after 30 seconds.").waitFor();
  await anna.say("only on the old device");
  phone = await linkPhone();
  await phone.openChat(GROUP);
  await button(phone, "Disappearing messages: 30 seconds").waitFor();
  await phone.sees([]);
  await phone.shot("linked-without-history");
});

test("whom one device verified the other shows as verified, and says so", { timeout: 120_000 }, async () => {
  await phone.openChat(binh.name);
  await anna.page.goto(new URL("#/", anna.page.url()).href);
  await anna.openChat(binh.name);
  await decide(anna, "The numbers are the same", "Not verified any more");
  await phone.page.getByText(`Verified on another of your devices: ${binh.name}`).waitFor();
  await line(phone, `You verified ${binh.name} on another device`).waitFor();
  await badge(phone).waitFor();
  await phone.shot("verified-elsewhere");
  await phone.page.reload();
  await badge(phone).waitFor();
  assert.equal(await line(anna, "on another device").count(), 0);
});

test("a terminal that is linked later knows it too, and what it takes back the browsers do", {
  timeout: 180_000,
}, async () => {
  const code = (await beginOn(anna)).replace(/[^0-9A-Z]/gi, "");
  let linking;
  const linked = does(["link", "--code", code, "--device-name", "Terminal"], (told) => {
    if (told.type === "digits") linking = letIn(anna, told.digits);
  });
  assert(
    (await linked).some(({ type }) => type === "linked"),
    "the terminal is in",
  );
  await linking;
  await anna.page.goto(new URL("#/", anna.page.url()).href);
  await anna.openChat(binh.name);
  await anna.until(async () => {
    const told = await does(["verify", binh.name, "--same"]);
    assert.equal(told.find(({ type }) => type === "safety_number")?.trust, "verified");
  });
  const groups = await does(["groups"]);
  assert.equal(groups.find(({ type }) => type === "group")?.name, GROUP);
  await does(["verify", binh.name, "--take-back"]);
  for (const person of [anna, phone]) {
    await line(person, `You took the verification of ${binh.name} back on another device`).waitFor();
    await person.until(async () => assert.equal(await badge(person).count(), 0));
  }
  for (const person of [anna, phone, binh]) assert.deepEqual(person.complaints, []);
});
