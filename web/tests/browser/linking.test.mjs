// Linking in real browsers: codes are read by a camera that is fed with a picture of the other browser's screen.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, PASSWORD, Person } from "./people.mjs";

const unique = Math.random().toString(36).slice(2, 8);
const folder = mkdtempSync(join(tmpdir(), "sotto-linking-"));
const browsers = [];
let alice;
let bob;
const lens = join(folder, "bob.mjpeg");

before(async () => {
  const plain = await launch();
  browsers.push(plain);
  const page = await plain.newPage();
  await film(page, lens);
  await page.close();
  browsers.push(await launch(camera(lens)));
  alice = await Person.arrive(browsers[0], `alice-${unique}`);
  bob = await Person.arrive(browsers[1], `bob-${unique}`);
  await alice.register();
  await bob.register();
  await alice.startChat(bob.name);
  for (let at = 1; at <= 3; at += 1) await alice.say(`before ${at}`);
  await bob.openChat(alice.name);
  await bob.accept();
  await bob.say("an answer");
  await alice.message("an answer").waitFor();
});

after(async () => {
  await Promise.all(browsers.map((browser) => browser.close()));
  rmSync(folder, { recursive: true });
});

/** A camera that sees what this file holds when it is opened. */
const camera = (path) => [
  "--use-fake-ui-for-media-stream",
  "--use-fake-device-for-media-stream",
  `--use-file-for-fake-video-capture=${path}`,
];

/** The page's screen as Motion JPEG: one picture after the other. */
async function film(page, path) {
  const picture = await page.screenshot({ type: "jpeg", quality: 90 });
  writeFileSync(path, Buffer.concat(Array(30).fill(picture)));
}

async function beginOn(person) {
  const { page } = person;
  await page.goto(new URL("#/devices", page.url()).href);
  await page.getByRole("button", { name: "Link a device" }).click();
  await page.getByLabel("Your password").fill(PASSWORD);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("img", { name: "A code for the camera" }).waitFor();
}

/** Notices have such a button too. */
const closeLink = ({ page }) =>
  page.getByRole("region", { name: "Link a device" }).getByRole("button", { name: "Close" }).click();

async function digitsOn({ page }) {
  await page.getByText("Type these digits").waitFor();
  return page.locator("output").textContent();
}

async function typeDigits({ page }, digits) {
  await page.getByLabel("Type the digits").fill(digits);
  await page.getByRole("button", { name: "Continue" }).click();
}

const talked = ["before 1", "before 2", "before 3", "an answer"];

test("a new device scans the code, and the history comes with it", { timeout: 180_000 }, async () => {
  await beginOn(alice);
  await alice.shot("linking-show");
  const path = join(folder, "phone.mjpeg");
  await film(alice.page, path);
  const browser = await launch(camera(path));
  browsers.push(browser);
  const phone = await Person.arrive(browser, alice.name, { viewport: { width: 390, height: 800 } });
  await phone.page.getByRole("button", { name: "Link to a device I have" }).click();
  await phone.page.getByRole("button", { name: "Scan its code" }).waitFor();
  await phone.shot("linking-ways");
  await phone.page.getByRole("button", { name: "Scan its code" }).click();
  await typeDigits(alice, await digitsOn(phone));
  const { page } = alice;
  await page.getByText("Let this device into your account?").waitFor();
  await page.getByText("Both devices are in one network.").waitFor();
  await alice.shot("linking-approval");
  await page.getByLabel("Give it the messages").check();
  await page.getByRole("button", { name: "Link it" }).click();
  await page.getByText("The device is linked and has your messages.").waitFor();
  await alice.shot("linking-done");
  await phone.page.getByRole("heading", { name: "Chats" }).waitFor();
  await phone.openChat(bob.name);
  await phone.sees(talked);
  await bob.say("to both");
  await phone.sees([...talked, "to both"]);
  await phone.page.reload();
  await phone.sees([...talked, "to both"]);
  await closeLink(alice);
  await page.getByRole("button", { name: "Back" }).click();
  assert.deepEqual(phone.complaints, []);
  await phone.context.close();
});

test("a new device shows a code and the linked one scans it", { timeout: 180_000 }, async () => {
  const phone = await Person.arrive(browsers[0], bob.name);
  await phone.page.getByRole("button", { name: "Link to a device I have" }).click();
  await phone.page.getByRole("button", { name: "Show a code here" }).click();
  await phone.page.getByRole("img", { name: "A code for the camera" }).waitFor();
  await phone.shot("linking-new-shows");
  await film(phone.page, lens);
  await beginOn(bob);
  await bob.page.getByRole("button", { name: "Scan the code of the new device" }).click();
  await typeDigits(phone, await digitsOn(bob));
  const number = await digitsOn(phone);
  assert.match(number, /^\d{3}$/);
  await bob.page.getByLabel("The three digits").fill(number);
  await bob.shot("linking-number");
  await bob.page.getByRole("button", { name: "Link it" }).click();
  await bob.page.getByText("The device is linked.", { exact: true }).waitFor();
  await phone.page.getByRole("heading", { name: "Chats" }).waitFor();
  await phone.openChat(alice.name);
  // The history was not wanted.
  await alice.openChat(bob.name);
  await alice.say("for the new one");
  await phone.sees(["for the new one"]);
  assert.deepEqual(phone.complaints, []);
  await phone.context.close();
});

test("a code for the other way round is said to be that, and looking goes on", { timeout: 120_000 }, async () => {
  const phone = await Person.arrive(browsers[0], bob.name);
  await phone.page.getByRole("button", { name: "Link to a device I have" }).click();
  await phone.page.getByRole("button", { name: "Show a code here" }).click();
  await phone.page.getByRole("img", { name: "A code for the camera" }).waitFor();
  await film(phone.page, lens);
  await phone.page.getByRole("button", { name: "Cancel" }).click();
  const tablet = await Person.arrive(browsers[1], bob.name);
  await tablet.page.getByRole("button", { name: "Link to a device I have" }).click();
  await tablet.page.getByRole("button", { name: "Scan its code" }).click();
  await tablet.page.getByText("This code is of a device that is not linked either.").waitFor();
  await tablet.shot("linking-scan");
  await phone.context.close();
  await tablet.context.close();
});

test("without a camera a picture of the code or the typed one does", { timeout: 180_000 }, async () => {
  await closeLink(bob);
  await beginOn(bob);
  const picture = join(folder, "code.png");
  await bob.page.screenshot({ path: picture });
  const code = await bob.page.locator("output").textContent();
  const denying = await launch(["--use-fake-device-for-media-stream", "--deny-permission-prompts"]);
  browsers.push(denying);
  const phone = await Person.arrive(denying, bob.name, { viewport: { width: 390, height: 800 } });
  await phone.page.getByRole("button", { name: "Link to a device I have" }).click();
  await phone.page.getByRole("button", { name: "Scan its code" }).click();
  await phone.page.getByText("The camera is not allowed here.").waitFor();
  await phone.shot("linking-denied");
  const blank = join(folder, "blank.png");
  await alice.page.screenshot({ path: blank, clip: { x: 0, y: 0, width: 200, height: 200 } });
  const file = phone.page.getByLabel("Read it from a picture");
  await file.setInputFiles(blank);
  await phone.page.getByText("There is no readable code in this picture.").waitFor();
  await file.setInputFiles(picture);
  await phone.page.getByText("Type these digits").waitFor();
  // It is given up here and there.
  await phone.page.getByRole("button", { name: "Cancel" }).click();
  await bob.page.getByText("Linking ended").waitFor();
  await closeLink(bob);
  await closeLink(phone);

  await beginOn(bob);
  const next = await bob.page.locator("output").textContent();
  assert.notEqual(next, code);
  await phone.page.getByRole("button", { name: "Scan its code" }).click();
  await phone.page.getByRole("button", { name: "Type its code" }).click();
  await phone.page.getByLabel("Code").fill("short");
  await phone.page.getByRole("button", { name: "Continue" }).click();
  await phone.page.getByText("A code has eight letters and digits.").waitFor();
  await phone.page.getByLabel("Code").fill(next.toLowerCase());
  await phone.page.getByRole("button", { name: "Continue" }).click();
  await typeDigits(bob, await digitsOn(phone));
  await bob.page.getByRole("button", { name: "Link it" }).click();
  await phone.page.getByRole("heading", { name: "Chats" }).waitFor();
  assert.deepEqual(phone.complaints, []);
  await phone.context.close();
});

test("a camera is chosen, and a missing one is said to be missing", { timeout: 120_000 }, async () => {
  const two = await launch(["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream=device-count=2"]);
  browsers.push(two);
  const phone = await Person.arrive(two, bob.name, { viewport: { width: 390, height: 800 } });
  await phone.page.getByRole("button", { name: "Link to a device I have" }).click();
  await phone.page.getByRole("button", { name: "Scan its code" }).click();
  const choice = phone.page.getByLabel("Camera", { exact: true });
  await choice.selectOption({ index: 1 });
  await phone.page.getByText("Looking for a code…").waitFor();
  await phone.until(async () => {
    const track = await phone.page.locator("video").evaluate((video) => video.srcObject?.getVideoTracks()[0].label);
    assert.match(track ?? "", /fake_device_1/);
  });
  await phone.shot("linking-cameras");
  await phone.context.close();

  const none = await Person.arrive(browsers[0], alice.name);
  await none.page.getByRole("button", { name: "Link to a device I have" }).click();
  await none.page.getByRole("button", { name: "Scan its code" }).click();
  await none.page.getByText("No camera was found here.").waitFor();
  await none.context.close();
});

/** Signed in with the password only. */
async function signedIn(browser, name) {
  const fresh = await Person.arrive(browser, name);
  const { page } = fresh;
  await page.getByRole("button", { name: "I have an account" }).click();
  await page.getByLabel("Username").fill(name);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "can't read yet" }).waitFor();
  return fresh;
}

test("a browser that signed in with the password is linked as the device that it is", {
  timeout: 120_000,
}, async () => {
  await closeLink(bob);
  const devices = () => bob.page.locator(".devices li").count();
  const before = await devices();
  const fresh = await signedIn(browsers[0], bob.name);
  await beginOn(bob);
  const code = await bob.page.locator("output").textContent();
  await fresh.page.getByRole("button", { name: "Link to a device I have" }).click();
  await fresh.page.getByRole("button", { name: "Type its code" }).click();
  await fresh.page.getByLabel("Code").fill(code);
  await fresh.page.getByRole("button", { name: "Continue" }).click();
  // Once more, after it was given up: the device is still what it was.
  await digitsOn(fresh);
  await fresh.page.getByRole("button", { name: "Cancel" }).click();
  await closeLink(fresh);
  await closeLink(bob);
  await beginOn(bob);
  await fresh.page.getByRole("button", { name: "Type its code" }).click();
  await fresh.page.getByLabel("Code").fill(await bob.page.locator("output").textContent());
  await fresh.page.getByRole("button", { name: "Continue" }).click();
  await typeDigits(bob, await digitsOn(fresh));
  await bob.page.getByRole("button", { name: "Link it" }).click();
  await fresh.page.getByRole("heading", { name: "Chats" }).waitFor();
  await bob.until(async () => assert.equal(await devices(), before + 1));
  await fresh.openChat(alice.name);
  await alice.say("for the one with the password");
  await fresh.sees(["for the one with the password"]);
  assert.deepEqual(fresh.complaints, []);
  await fresh.context.close();
});

test("a new recovery key opens the account and its old messages, the old one does not", {
  timeout: 240_000,
}, async () => {
  const { page } = alice;
  await page.goto(new URL("#/settings", page.url()).href);
  await page.getByRole("button", { name: "New recovery key" }).click();
  const old = alice.words;
  await page.getByLabel("Your recovery key now").fill([...old.slice(1), old[0]].join(" "));
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Make a new recovery key" }).click();
  await page.getByText("The words don't belong together").waitFor();
  await alice.shot("recovery-key-replace");
  await page.getByLabel("Your recovery key now").fill(old.join(" "));
  await page.getByRole("button", { name: "Make a new recovery key" }).click();
  await alice.writeDownWords();
  assert.notDeepEqual(alice.words, old);
  await page.getByRole("heading", { name: "Settings" }).waitFor();
  // The backup begins anew; as long as it takes until the last session lies there.
  await page.waitForTimeout(6_000);

  const fresh = await signedIn(browsers[0], alice.name);
  await fresh.page.getByLabel("Recovery key (24 words)").fill(old.join(" "));
  await fresh.page.getByLabel("Password").fill(PASSWORD);
  await fresh.page.getByRole("button", { name: "Use recovery key" }).click();
  await fresh.page.getByText("This is not the recovery key of this account.").waitFor();
  await fresh.page.getByLabel("Recovery key (24 words)").fill(alice.words.join(" "));
  await fresh.page.getByRole("button", { name: "Use recovery key" }).click();
  await fresh.page.getByRole("heading", { name: "Chats" }).waitFor();
  await fresh.openChat(bob.name);
  await fresh.sees([...talked, "to both", "for the new one", "for the one with the password"], 60_000);
  assert.deepEqual(fresh.complaints, []);
  await fresh.context.close();
});

/** The server ends the tokens of all devices, as a log-out does: each may sign in again. */
function endTokens(name) {
  const statement = `DO $$
    DECLARE d record; s bigint;
    BEGIN
      FOR d IN SELECT devices.* FROM devices JOIN users u ON u.id = user_id WHERE username = '${name}' LOOP
        UPDATE devices SET token_generation = d.token_generation + 1 WHERE id = d.id;
        DELETE FROM refresh_tokens WHERE device_id = d.id;
        UPDATE server_state SET revocation_seq = revocation_seq + 1 RETURNING revocation_seq INTO s;
        INSERT INTO revocations VALUES (s, d.user_id, d.id, now(), d.token_generation + 1);
      END LOOP;
    END $$`;
  const env = execFileSync(process.env.SOTTO_DEV, ["env"], { encoding: "utf8" });
  const [, address] = env.match(/DATABASE_URL='?([^'\n]+)/);
  execFileSync("psql", ["-v", "ON_ERROR_STOP=1", "-c", statement, address]);
}

test("nothing of a signed-out account is deleted without asking", { timeout: 120_000 }, async () => {
  const { page } = bob;
  await page.goto(new URL("#/devices", page.url()).href);
  endTokens(bob.name);
  await page.getByRole("heading", { name: "Sotto" }).waitFor();
  await page.getByRole("button", { name: "I am new here" }).click();
  await page.getByLabel("Username").fill(`carol-${unique}`);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByText(`still keeps the messages of “${bob.name}”`).waitFor();
  await bob.shot("erase-first");
  await page.getByRole("button", { name: "Keep them" }).click();
  await page.getByRole("button", { name: "Link to a device I have" }).click();
  await page.getByText(`still keeps the messages of “${bob.name}”`).waitFor();
  await page.getByRole("button", { name: "Keep them" }).click();
  await page.getByRole("button", { name: "I have an account" }).click();
  await page.getByLabel("Username").fill(bob.name);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in again" }).click();
  await page.getByRole("button", { name: "Link a device" }).waitFor();
  await page.getByRole("button", { name: "Back" }).click();
  await bob.openChat(alice.name);
  await bob.message("before 1").waitFor();
});

test("no page complained", () => {
  assert.deepEqual([...alice.complaints, ...bob.complaints], []);
});
