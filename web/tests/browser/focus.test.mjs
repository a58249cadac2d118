// The keyboard is never lost: when what it is on leaves the page, and when another screen is shown, it goes on where a
// person expects it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { withDouble } from "./double.mjs";
import { launch, PASSWORD, Person } from "./people.mjs";
import { chatOf, sayAll } from "./seed.mjs";

const BASE = process.env.SOTTO_URL ?? "http://localhost:8080";
const unique = Math.random().toString(36).slice(2, 8);
let browsers;
let alice;
let bob;

before(async () => {
  browsers = await Promise.all([launch(), launch()]);
  alice = await Person.arrive(browsers[0], `alice-${unique}`);
  bob = await Person.arrive(browsers[1], `bob-${unique}`);
  await alice.register();
  await bob.register();
});

after(async () => {
  await Promise.all((browsers ?? []).map((browser) => browser.close()));
});

const button = (page, name) => page.getByRole("button", { name, exact: true });
const field = (page, name) => page.getByLabel(name, { exact: true });
const line = (page) => field(page, "Message");
const heading = (page, name) => page.getByRole("heading", { name, exact: true, level: 1 });

/** Waits until this has the keyboard. */
async function holds(locator) {
  const page = locator.page();
  await locator.waitFor();
  try {
    await page.waitForFunction((element) => element === document.activeElement, await locator.elementHandle(), {
      timeout: 5_000,
    });
  } catch {
    assert.fail(
      `${locator} does not have the focus: ${await page.evaluate(() => document.activeElement.outerHTML.slice(0, 200))}`,
    );
  }
}

async function choose(person, text, name) {
  await person.page.getByRole("button", { name: `Actions for: ${text}` }).press("Enter");
  await person.page.getByRole("menuitem", { name }).click();
}

test("a chat that begins or is opened is ready to write in, and sending leaves it so", {
  timeout: 60_000,
}, async () => {
  await button(alice.page, "New chat").click();
  await holds(field(alice.page, "Username"));
  await alice.page.keyboard.type(bob.name);
  await button(alice.page, "Start").click();
  await holds(line(alice.page));
  await alice.page.keyboard.type("By the button");
  await button(alice.page, "Send").click();
  await holds(line(alice.page));
  await alice.page.keyboard.type("And by a key");
  await button(alice.page, "Send").press("Space");
  await holds(line(alice.page));
  await alice.sees(["By the button", "And by a key"]);
  // There is nothing to write in before the person decided.
  await bob.openChat(alice.name);
  await holds(heading(bob.page, alice.name));
  await button(bob.page, "Accept").click();
  await holds(line(bob.page));
  await alice.page.reload();
  await alice.sees(["By the button", "And by a key"]);
  assert.equal(await alice.page.evaluate(() => document.activeElement.tagName), "BODY");
});

test("a deletion leads to its undoing, and back to the message", { timeout: 60_000 }, async () => {
  const { page } = alice;
  await choose(alice, "By the button", "Delete for everybody");
  await holds(button(page, "Undo"));
  await page.keyboard.press("Enter");
  await holds(button(page, "Actions for: By the button"));
  await choose(alice, "By the button", "Delete for everybody");
  await page.getByText("You deleted a message.").waitFor();
  await holds(page.getByRole("log", { name: "Messages" }));
});

test("a notice that is closed leads to the line, and the way down to the messages", { timeout: 60_000 }, async () => {
  const { page } = alice;
  await page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new DOMException("no", "NotAllowedError"));
  });
  await choose(alice, "And by a key", "Copy text");
  await button(page, "Close").click();
  await holds(line(page));
  await sayAll(
    alice,
    chatOf(alice),
    Array.from({ length: 60 }, (_, at) => `message ${at}`),
  );
  const log = page.getByRole("log", { name: "Messages" });
  await log.press("Home");
  await page.getByRole("button", { name: "To the newest message." }).click();
  await holds(log);
});

test("pages are begun at their heading, and left to where one was", { timeout: 60_000 }, async () => {
  const { page } = alice;
  await button(page, "Settings").click();
  await holds(heading(page, "Settings"));
  await button(page, "Change username").click();
  await field(page, "Username").press("Enter");
  await holds(button(page, "Change username"));
  await button(page, "Back").click();
  await holds(line(page));
  await page.goBack();
  await holds(page.getByRole("navigation").getByRole("link", { name: bob.name }));
  await button(page, "Devices").click();
  await holds(heading(page, "Devices"));
  await page.goBack();
  await holds(field(page, "Search chats and messages"));
});

test("what unfolds on the devices' page takes the keyboard and gives it back", { timeout: 60_000 }, async () => {
  const { page } = alice;
  await button(page, "Devices").click();
  const rename = page.getByRole("button", { name: /^Rename/ });
  await rename.click();
  await field(page, "Rename").fill("Desk");
  await field(page, "Rename").press("Enter");
  await holds(rename);
  await rename.click();
  await field(page, "Rename").press("Escape");
  await holds(rename);
  const password = field(page, "Your password, to be sure that it is you");
  for (let round = 0; round < 2; round += 1) {
    await button(page, "Link a device").click();
    await holds(password);
    await button(page, "Cancel").click();
    await holds(button(page, "Link a device"));
  }
  await button(page, "Link a device").click();
  await page.keyboard.type(`${PASSWORD}, but another one`);
  await button(page, "Continue").click();
  await page.getByText("Username or password is wrong.").waitFor();
  await holds(button(page, "Continue"));
  await button(page, "Cancel").click();
  await button(page, "Sign out").click();
  await holds(page.getByText("Messages on this device are deleted."));
  await button(page, "Cancel").click();
  await holds(button(page, "Sign out"));
  await page.goBack();
});

test("a new chat is called off, a group is made and changed, with the keyboard all along", {
  timeout: 60_000,
}, async () => {
  const { page } = alice;
  await button(page, "New chat").click();
  await button(page, "New group").click();
  await holds(field(page, "Name of the group"));
  await button(page, "Cancel").click();
  await holds(button(page, "New chat"));
  await button(page, "New chat").click();
  await button(page, "New group").click();
  await field(page, "Name of the group").fill("Ducks");
  await field(page, "People").fill(`${bob.name} `);
  await button(page, "Create group").click();
  await holds(line(page));
  await heading(page, "Ducks").getByRole("button").click();
  const title = page.getByRole("dialog").getByRole("heading", { level: 2 });
  await holds(title);
  await button(page, "Add people").click();
  await holds(field(page, "People"));
  await button(page, "Cancel").click();
  await holds(button(page, "Add people"));
  await button(page, "Change the name").click();
  await holds(field(page, "Name of the group"));
  await field(page, "Name of the group").fill("Geese");
  await button(page, "Save").click();
  await holds(button(page, "Change the name"));
  await button(page, "Leave the group").click();
  await holds(page.getByText("Nothing that is written afterwards reaches you."));
  await button(page, "Stay").click();
  await holds(button(page, "Leave the group"));
  await button(page, "Leave the group").click();
  await page.getByRole("dialog").locator("form").getByRole("button", { name: "Leave the group" }).click();
  await holds(title);
});

test("warnings that are closed lead to the next one, and then to the line", { timeout: 60_000 }, async () => {
  const alert = (device_id) => ({ device_id, name: device_id, linked: true });
  const key = (name) => ({ key: name, number: "1 2" });
  const stranger = { user_id: "u0", compared: false, pinned: key("old"), devices: 1 };
  const page = await withDouble(browsers[0], `${BASE}/#/chat/c0`, {
    chats: 2,
    snapshot: {
      skewMs: 3_600_000,
      alerts: [alert("One")],
      people: [{ ...stranger, trust: "violated", offered: key("new") }],
    },
    tells: {
      dismissAlert: [{ type: "alerts", alerts: [] }],
      acceptKey: [{ type: "person", person: { ...stranger, trust: "first_use" } }],
      block: [{ type: "blocks", user_ids: ["u0"] }],
      unblock: [{ type: "blocks", user_ids: [] }],
    },
  });
  await button(page, "Close").click();
  await holds(button(page, "Look at devices"));
  await button(page, "It was me").click();
  await holds(line(page));
  await button(page, "Go on").click();
  await holds(line(page));
  await heading(page, "person-0").getByRole("button").click();
  await button(page, "Block person-0").click();
  await button(page, "Undo").click();
  await holds(page.getByRole("dialog").getByRole("heading", { level: 2 }));
  await page.context().close();
});

test("on a narrow page the keyboard goes with the person, on a phone without a line that asks for it", {
  timeout: 60_000,
}, async () => {
  for (const hasTouch of [false, true]) {
    const viewport = { width: 390, height: 800 };
    const page = await withDouble(browsers[0], BASE, { chats: 500, viewport, hasTouch, isMobile: hasTouch });
    await page.getByText("person-0", { exact: true }).waitFor();
    await page.getByRole("link", { name: "person-0" }).first().press("End");
    const last = page.getByRole("link", { name: "person-499" });
    await last.press("Enter");
    await holds(hasTouch ? heading(page, "person-499") : line(page));
    await button(page, "Back").click();
    await holds(last);
    await button(page, "Settings").click();
    await holds(heading(page, "Settings"));
    await button(page, "Back").click();
    await holds(hasTouch ? heading(page, "Chats") : field(page, "Search chats and messages"));
    await page.context().close();
  }
});

test("no page complained", () => {
  assert.deepEqual([...alice.complaints, ...bob.complaints], []);
});
