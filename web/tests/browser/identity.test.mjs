// Somebody lost the recovery key and makes a new identity on the device that is left: contacts are asked, other devices
// are out and come back with the new words. And what is kept in a browser goes for another account only once that is there.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, PASSWORD, Person } from "./people.mjs";

const BASE = process.env.SOTTO_URL ?? "http://localhost:8080";
const unique = Math.random().toString(36).slice(2, 8);
// A worker of the tab's own: what it asks the server for can be held up.
const alone = {
  init: () => {
    delete globalThis.SharedWorker;
  },
  serviceWorkers: "block",
};
const RESET = "**/api/account/identity";
const problem = (status, code) => ({
  status,
  contentType: "application/problem+json",
  body: JSON.stringify({ type: `urn:sotto:problem:${code}`, title: code, status, code }),
});
let browsers;
let alice;
let elsewhere;
let bob;
let oldWords;

before(async () => {
  browsers = await Promise.all([launch(), launch()]);
  alice = await Person.arrive(browsers[0], `alice-${unique}`, alone);
  bob = await Person.arrive(browsers[1], `bob-${unique}`);
  for (const person of [alice, bob]) await person.register();
  oldWords = alice.words;
  await alice.startChat(bob.name);
  await alice.say("Hello Bob");
  await bob.openChat(alice.name);
  await bob.accept();
  await bob.say("Hello Alice");
  await alice.sees(["Hello Bob", "Hello Alice"]);
});

after(async () => {
  await Promise.all((browsers ?? []).map((browser) => browser.close()));
});

const button = (person, name) => person.page.getByRole("button", { name, exact: true });
const alert = (person, text) => person.page.getByRole("alert").filter({ hasText: text });

async function signIn(person) {
  const { page } = person;
  const known = button(person, "I have an account");
  await known.or(button(person, "Sign in")).first().waitFor();
  if (await known.count()) await known.click();
  await page.getByLabel("Username").fill(alice.name);
  await page.getByLabel("Password").fill(PASSWORD);
  await button(person, "Sign in").click();
  await page.getByRole("heading", { name: "can't read yet" }).waitFor();
}

async function recover(person, words) {
  await person.page.getByLabel("Recovery key (24 words)").fill(words.join(" "));
  await person.page.getByLabel("Password").fill(PASSWORD);
  await button(person, "Use recovery key").click();
}

test("with the password alone the page says honestly what there is to do", { timeout: 60_000 }, async () => {
  elsewhere = await Person.arrive(browsers[0], alice.name);
  await signIn(elsewhere);
  await button(elsewhere, "I lost my recovery key").click();
  const heading = elsewhere.page.getByRole("heading", { name: "Without your recovery key" });
  await heading.waitFor();
  assert.equal(await heading.evaluate((node) => node === document.activeElement), true);
  await elsewhere.shot("key-lost");
  await button(elsewhere, "Link to a device I have").click();
  await elsewhere.page.getByRole("heading", { name: "Link to a device I have" }).waitFor();
  await button(elsewhere, "Back").click();
  await elsewhere.page.getByRole("heading", { name: "can't read yet" }).waitFor();
});

test("a mistyped word of the recovery key is named under it", { timeout: 60_000 }, async () => {
  const { page } = elsewhere;
  await recover(elsewhere, oldWords.with(6, "sotto"));
  await alert(elsewhere, "One of the words is mistyped.").waitFor();
  const field = page.getByRole("textbox", { name: "Recovery key", description: "Word 7, “sotto”, is mistyped." });
  await field.waitFor();
  await elsewhere.shot("word-mistyped");
  await field.press("End");
  await field.press("Space");
  await elsewhere.until(async () => assert.equal(await page.getByText("Word 7,").count(), 0));
});

async function ask({ name = alice.name, password = PASSWORD } = {}) {
  await alice.page.getByLabel("Your username").fill(name);
  await alice.page.locator("form").getByLabel("Password").fill(password);
  await button(alice, "Make a new identity").click();
}

test("it is not made by accident, by somebody else, or by half", { timeout: 90_000 }, async () => {
  const { page } = alice;
  await page.goto(`${BASE}/#/settings`);
  await button(alice, "I lost my recovery key").click();
  await page.getByText("can’t be undone").waitFor();
  await button(alice, "Make a new identity").scrollIntoViewIfNeeded();
  await alice.shot("new-identity");
  let asked = 0;
  let answer = problem(500, "internal");
  await page.route(RESET, (route) => {
    asked += 1;
    return route.fulfill(answer);
  });
  await button(alice, "Make a new identity").click();
  await ask({ name: bob.name });
  await page.getByText("This is not your username.").waitFor();
  await ask({ password: "not my password" });
  await page.getByText("Username or password is wrong.").waitFor();
  assert.equal(asked, 0);
  await ask();
  await page.getByText("The server failed.").waitFor();
  answer = problem(403, "device_on_probation");
  await ask();
  await page.getByText("This device is too new for that.").waitFor();
  assert.equal(asked, 2);
  await page.unroute(RESET);
  // Nothing happened: the chat goes on, and nobody was told of anything.
  await page.goto(`${BASE}/#/`);
  await alice.openChat(bob.name);
  await alice.say("Still the same");
  await bob.sees(["Hello Bob", "Hello Alice", "Still the same"]);
  assert.equal(await bob.page.locator(".banner").count(), 0);
});

test("the answer is lost and the page with it: the new words come by themselves", { timeout: 120_000 }, async () => {
  const { page } = alice;
  await page.goto(`${BASE}/#/settings`);
  await button(alice, "I lost my recovery key").click();
  let stored;
  const came = new Promise((done) => {
    stored = done;
  });
  await page.route(RESET, async (route) => {
    const response = await route.fetch();
    await route.abort();
    stored(response.status());
  });
  await ask();
  assert.equal(await came, 200);
  await page.reload();
  await page.getByRole("heading", { name: "Your recovery key" }).waitFor();
  await page.reload();
  await alice.writeDownWords();
  assert.notDeepEqual(alice.words, oldWords);
  await page.getByRole("heading", { name: "Settings" }).waitFor();
  await page.unroute(RESET);
  await page.reload();
  await page.getByRole("heading", { name: "Settings" }).waitFor();
  await elsewhere.page.getByText("This device was signed out.").waitFor();
});

test("the contact is warned and writes nothing until they decide; then both talk", { timeout: 90_000 }, async () => {
  await alert(bob, "Usually that is a new phone").waitFor();
  await bob.say("Is it you?");
  await bob.until(async () => assert.equal(await bob.state("Is it you?"), "Waiting"));
  await bob.page.waitForTimeout(2_000);
  assert.equal(await bob.state("Is it you?"), "Waiting");
  await alice.page.goto(`${BASE}/#/`);
  await alice.openChat(bob.name);
  await alice.sees(["Hello Bob", "Hello Alice", "Still the same"]);
  await button(bob, "Go on").click();
  await alice.sees(["Hello Bob", "Hello Alice", "Still the same", "Is it you?"]);
  await alice.say("It is me");
  await bob.sees(["Hello Bob", "Hello Alice", "Still the same", "Is it you?", "It is me"]);
  await alice.until(async () => assert.match(await alice.state("It is me"), /Delivered|Read/));
});

test("a fresh browser comes back with the new words, and not with the old ones", { timeout: 120_000 }, async () => {
  // As long as it takes until the last session lies in the backup.
  await elsewhere.page.waitForTimeout(6_000);
  // It is out for good and keeps nothing, so it comes as a new device.
  await elsewhere.page.getByLabel("Password").fill(PASSWORD);
  await button(elsewhere, "Sign in again").click();
  await elsewhere.page.getByRole("heading", { name: "can't read yet" }).waitFor();
  await recover(elsewhere, oldWords);
  await elsewhere.page.getByText("This is not the recovery key of this account.").waitFor();
  await recover(elsewhere, alice.words);
  await elsewhere.page.getByRole("heading", { name: "Chats" }).waitFor();
  await elsewhere.openChat(bob.name);
  await elsewhere.sees(["Hello Bob", "Hello Alice", "Still the same", "Is it you?", "It is me"], 60_000);
  await elsewhere.say("Here too");
  await bob.message("Here too").waitFor();
  await bob.say("Good");
  await elsewhere.message("Good").waitFor();
  await alice.message("Good").waitFor();
  assert.equal(await bob.page.locator(".banner").count(), 0);
  for (const person of [alice, bob])
    assert.deepEqual(await person.page.locator(".notice").filter({ hasText: "server" }).allTextContents(), []);
});

test("who agrees that the messages here go keeps them if the name is taken", { timeout: 90_000 }, async () => {
  const { page } = alice;
  // Its tokens are gone.
  await page.route("**/api/ws-tickets", (route) => route.fulfill(problem(401, "unauthorized")));
  await page.reload();
  await page.getByRole("heading", { name: "Sotto" }).waitFor();
  await page.unroute("**/api/ws-tickets");
  await button(alice, "Sign in again").waitFor();
  await button(alice, "I am new here").click();
  await page.getByLabel("Username").fill(bob.name);
  await page.getByLabel("Password").fill(PASSWORD);
  await button(alice, "Create account").click();
  await page.getByRole("heading", { name: "There are messages here" }).waitFor();
  await button(alice, `Delete the messages of ${alice.name}`).click();
  await page.getByText("This username is taken.").waitFor();
  await button(alice, "I have an account").click();
  await page.getByLabel("Username").fill(alice.name);
  await button(alice, "Sign in again").click();
  await alice.sees(["Hello Bob", "Hello Alice", "Still the same", "Is it you?", "It is me", "Good"]);
});

test("no page complained", () => {
  assert.deepEqual([...alice.complaints, ...bob.complaints, ...elsewhere.complaints], []);
});
