// Two browsers against a real cluster: they register and talk, the connection breaks and comes back, a device is
// signed out. SOTTO_URL is where; SOTTO_DEV is the program that runs the cluster.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { launch, PASSWORD, Person } from "./people.mjs";

const dev = (...args) => execFileSync(process.env.SOTTO_DEV, args, { stdio: "inherit" });
const unique = Math.random().toString(36).slice(2, 8);
let browsers;
let alice;
let bob;

before(async () => {
  browsers = await Promise.all([launch(), launch()]);
  alice = await Person.arrive(browsers[0], `alice-${unique}`);
  bob = await Person.arrive(browsers[1], `bob-${unique}`);
});

after(async () => {
  await Promise.all((browsers ?? []).map((browser) => browser.close()));
});

test("two people register and talk", { timeout: 120_000 }, async () => {
  await alice.shot("welcome");
  await alice.register();
  await bob.register();
  await alice.startChat(bob.name);
  await alice.say("Hello Bob");
  await bob.openChat(alice.name);
  await bob.accept();
  await bob.sees(["Hello Bob"]);
  await bob.say("Hello Alice");
  await alice.sees(["Hello Bob", "Hello Alice"]);
  await alice.until(async () => assert.equal(await alice.state("Hello Bob"), "Read"));
});

test("hostile texts stay in their box", { timeout: 60_000 }, async () => {
  await bob.say("<img src=x onerror='document.title=1'><script>document.title=2</script>");
  await bob.say(`${"wide".repeat(2_000)}`);
  await alice.until(async () => assert.equal(await alice.page.getByRole("article").count(), 4));
  assert.match(await alice.page.title(), /Sotto$/);
  const overflow = await alice.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  assert.equal(overflow, false);
  await alice.shot("conversation");
});

test("what is written offline waits, and is sent once and in order when the connection is back", {
  timeout: 120_000,
}, async () => {
  await alice.page.evaluate(() => navigator.serviceWorker.ready);
  dev("kill", "nginx");
  await alice.page.getByText("Offline.").waitFor();
  await alice.say("offline one");
  // The app opens without a server, and knows what was said.
  await alice.page.reload();
  await alice.message("Hello Alice").waitFor();
  await alice.page.getByText("Offline.").waitFor();
  await alice.say("offline two");
  await alice.say("offline three");
  const texts = ["one", "two", "three"].map((text) => `offline ${text}`);
  await alice.until(async () => assert.equal(await alice.state("offline one"), "Waiting"));
  await alice.shot("offline");
  dev("start", "nginx");
  const newest = async (person) => (await person.page.locator("article .text").allTextContents()).slice(4);
  await bob.until(async () => assert.deepEqual(await newest(bob), texts), 60_000);
  await alice.until(async () => assert.equal(await alice.state("offline three"), "Read"), 30_000);
  assert.deepEqual(await newest(alice), texts);
});

test("two tabs are one device", { timeout: 60_000 }, async () => {
  const tab = await alice.context.newPage();
  await tab.goto(alice.page.url());
  await tab.locator("article", { hasText: "offline three" }).waitFor();
  await tab.getByLabel("Message", { exact: true }).fill("from the second tab");
  await tab.keyboard.press("Enter");
  await alice.message("from the second tab").waitFor();
  await bob.message("from the second tab").waitFor();
  await tab.close();
});

test("everything is there after the browser is opened again", { timeout: 60_000 }, async () => {
  const page = bob.page;
  await page.reload();
  await bob.message("from the second tab").waitFor();
  assert.equal(await page.getByRole("article").count(), 8);
});

/** Both devices are where the digits of one are typed into the other. */
async function meet(phone) {
  await bob.page.getByRole("button", { name: "Link a device" }).click();
  await bob.page.getByLabel("Your password").fill(PASSWORD);
  await bob.page.getByRole("button", { name: "Continue" }).click();
  const code = await bob.page.locator("output").textContent();
  await bob.shot("link-code");
  await phone.page.getByRole("button", { name: "Link to a device I have" }).click();
  await phone.page.getByRole("button", { name: "Type its code" }).click();
  await phone.page.getByLabel("Code").fill(code.toLowerCase());
  await phone.page.getByRole("button", { name: "Continue" }).click();
  await phone.page.getByText("Type these digits").waitFor();
  const digits = await phone.page.locator("output").textContent();
  await phone.shot("link-digits");
  await bob.page.getByLabel("Type the digits").waitFor();
  return digits;
}

async function typeDigits(digits) {
  await bob.page.getByLabel("Type the digits").fill(digits);
  await bob.page.getByRole("button", { name: "Continue" }).click();
}

test("wrong digits end a linking on both devices", { timeout: 60_000 }, async () => {
  const phone = await Person.arrive(browsers[1], bob.name);
  await bob.page.getByRole("button", { name: "Devices" }).click();
  const digits = await meet(phone);
  await typeDigits(digits === "111111" ? "222222" : "111111");
  await bob.page.getByText("the digits do not match").waitFor();
  await phone.page.getByText("Linking ended").waitFor();
  await bob.page.getByRole("button", { name: "Close" }).click();
  assert.equal(await bob.page.locator(".devices li").count(), 1);
  await bob.page.getByRole("button", { name: "Link a device" }).waitFor();
  await phone.context.close();
});

test("a second device is linked by a typed code, hears what comes, and is signed out", {
  timeout: 180_000,
}, async () => {
  const phone = await Person.arrive(browsers[1], bob.name, { viewport: { width: 390, height: 800 } });
  await typeDigits(await meet(phone));
  await bob.page.getByText("Let this device into").waitFor();
  await bob.shot("link-approval");
  await bob.page.getByRole("button", { name: "Link it" }).click();
  await phone.page.getByRole("heading", { name: "Chats" }).waitFor();
  await bob.page.getByText("The device is linked.").waitFor();

  await phone.openChat(alice.name);
  await alice.say("to both of you");
  await phone.message("to both of you").waitFor();
  await phone.say("from the phone");
  await alice.message("from the phone").waitFor();

  await bob.page.getByRole("button", { name: "Close" }).click();
  await bob.until(async () => assert.equal(await bob.page.locator(".devices li").count(), 2));
  assert.equal(await bob.page.locator(".alert").count(), 0, "who lets a device in is not warned of it");
  await bob.shot("two-devices");
  await bob.page.getByRole("button", { name: "Sign out this device" }).click();
  await bob.page.getByLabel("signed out at once").fill(PASSWORD);
  await bob.page.locator("form").getByRole("button", { name: "Sign out this device" }).click();
  // What it has is the person's to delete, not the server's.
  await phone.page.getByText("This device was signed out.").waitFor();
  await phone.shot("signed-out-by-another");
  await phone.page.getByRole("button", { name: `Delete the messages of ${bob.name}` }).click();
  await phone.page.getByText("they are deleted here for good").waitFor();
  await phone.page.getByRole("button", { name: `Delete the messages of ${bob.name}` }).click();
  await phone.page.getByRole("button", { name: "Create account" }).waitFor();
  await bob.until(async () => assert.equal(await bob.page.locator(".devices li").count(), 1));
  await bob.page.getByRole("button", { name: "Back" }).click();
  await bob.openChat(alice.name);
  await bob.message("from the phone").waitFor();
  assert.deepEqual(phone.complaints, []);
});

test("a device of one's own is listed", { timeout: 60_000 }, async () => {
  const { page } = alice;
  await page.getByRole("button", { name: "Devices" }).click();
  await page.getByText("This device").waitFor();
  assert.equal(await page.getByRole("listitem").count(), 1);
  await alice.shot("devices");
  await page.getByRole("button", { name: "Back" }).click();
});

test("signing out deletes, signing in on a new device waits for the recovery key", { timeout: 120_000 }, async () => {
  const { page } = alice;
  await page.getByRole("button", { name: "Devices" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "I have an account" }).click();
  await page.getByLabel("Username").fill(alice.name);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "can't read yet" }).waitFor();
  await page.getByLabel("Recovery key (24 words)").fill(alice.words.join(" "));
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Use recovery key" }).click();
  await page.getByRole("heading", { name: "Chats" }).waitFor();
  await alice.openChat(bob.name);
  await bob.say("welcome back");
  await alice.message("welcome back").waitFor();
  await alice.say("here again");
  await bob.message("here again").waitFor();
});

test("no page complained", () => {
  assert.deepEqual([...alice.complaints, ...bob.complaints], []);
});
