// What people do with messages: answer, react, change, delete, time them, be interrupted. Two browsers and a real
// cluster; SOTTO_URL is where, SOTTO_DEV is the program that runs it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { launch, Person } from "./people.mjs";

const dev = (...args) => execFileSync(process.env.SOTTO_DEV, args, { stdio: "inherit" });
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
  await alice.startChat(bob.name);
  await alice.say("Shall we meet?");
  await bob.openChat(alice.name);
  await bob.accept();
  await bob.sees(["Shall we meet?"]);
});

after(async () => {
  await Promise.all((browsers ?? []).map((browser) => browser.close()));
});

/** Opens the menu of a message by its button, as the keyboard does. */
async function choose(person, text, name) {
  await person.message(text).first().hover();
  await person.page.getByRole("button", { name: `Actions for: ${text}` }).press("Enter");
  await person.page.getByRole("menu", { name: "Actions" }).waitFor();
  if (name) await person.page.getByRole("menuitem", { name }).click();
}

const reaction = (person, name) => person.page.getByRole("button", { name });

/** Where the core's script is: the service worker knows the files of the build. */
async function workerOf({ page }) {
  const files = await page.evaluate(async () => (await fetch("/sw.js")).text());
  return files.match(/\/assets\/worker-[\w-]+\.js/)[0];
}

/** Sends a body as a hostile app would: past everything that the page checks. */
async function sendRaw(person, body) {
  await person.page.evaluate(
    ([url, body]) =>
      new Promise((done, fail) => {
        const { port } = new SharedWorker(url, { type: "module", name: "sotto" });
        port.addEventListener("message", ({ data }) => {
          if (data.id === "raw") (data.error ? fail : done)(JSON.stringify(data));
        });
        port.start();
        const conversation = location.hash.split("/")[2];
        port.postMessage({ id: "raw", method: "say", args: [conversation, body] });
      }),
    [await workerOf(person), body],
  );
}

test("a message is answered, and the answer leads to it", { timeout: 60_000 }, async () => {
  await choose(bob, "Shall we meet?", "Reply");
  await bob.page.getByText(`Reply to ${alice.name}`).waitFor();
  await bob.shot("replying");
  await bob.say("Yes, at noon");
  const quoted = alice.message("Yes, at noon").getByTitle("Show the message that this answers");
  await quoted.waitFor();
  assert.match(await quoted.textContent(), /You.*Shall we meet\?/);
  await quoted.click();
  await alice.message("Shall we meet?").first().waitFor();
});

test("a reaction comes, counts, names people and is taken back", { timeout: 60_000 }, async () => {
  await choose(alice, "Yes, at noon");
  await alice.shot("menu");
  await alice.page.getByRole("menuitemcheckbox", { name: "React with 👍" }).click();
  await reaction(bob, `👍 from ${alice.name}`).click();
  await reaction(alice, `👍 from You and ${bob.name}`).waitFor();
  await choose(bob, "Yes, at noon", "More emoji");
  await bob.shot("emoji");
  await bob.page.getByLabel("Any emoji").fill("two words");
  await bob.page.getByRole("button", { name: "React", exact: true }).click();
  await bob.page.getByText("This is not one emoji.").waitFor();
  await bob.page.getByLabel("Any emoji").fill("🦆");
  await bob.page.getByRole("button", { name: "React", exact: true }).click();
  await reaction(alice, `🦆 from ${bob.name}`).waitFor();
  await reaction(bob, `👍 from ${alice.name} and You`).click();
  await reaction(alice, "👍 from You").waitFor();
});

test("one's own message is changed, others' are not offered to be", { timeout: 60_000 }, async () => {
  await choose(alice, "Yes, at noon");
  assert.equal(await alice.page.getByRole("menuitem", { name: "Edit" }).count(), 0);
  await alice.page.keyboard.press("Escape");
  assert.equal(await alice.page.getByRole("menu").count(), 0);
  await choose(bob, "Yes, at noon", "Edit");
  const line = bob.page.getByLabel("Message", { exact: true });
  assert.equal(await line.inputValue(), "Yes, at noon");
  await line.fill("Yes, at one");
  await line.press("Enter");
  await alice.message("Yes, at one").getByText("edited").waitFor();
  assert.equal(await line.inputValue(), "");
  // After a reload too: the change is found with the message.
  await alice.page.reload();
  await alice.message("Yes, at one").getByText("edited").waitFor();
  await reaction(alice, `🦆 from ${bob.name}`).waitFor();
});

test("the menu is found by the right mouse button and left by the keyboard", { timeout: 60_000 }, async () => {
  await alice.message("Yes, at one").locator(".text").click({ button: "right" });
  await alice.page.getByRole("menu", { name: "Actions" }).waitFor();
  await alice.page.keyboard.press("End");
  await alice.page.keyboard.press("ArrowDown");
  const focused = await alice.page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
  assert.equal(focused, "React with 👍");
  await alice.page.keyboard.press("Escape");
  assert.equal(await alice.page.getByRole("menu").count(), 0);
});

test("a deletion can be called off, and then leaves a mark for everybody", { timeout: 60_000 }, async () => {
  await alice.say("regretted");
  await bob.message("regretted").waitFor();
  await choose(alice, "regretted", "Delete for everybody");
  await alice.page.getByText("is being deleted").waitFor();
  await alice.page.getByRole("button", { name: "Undo" }).click();
  await alice.message("regretted").waitFor();
  await choose(alice, "regretted", "Delete for everybody");
  await bob.page.getByText(`${alice.name} deleted a message.`).waitFor();
  await alice.page.getByText("You deleted a message.").waitFor();
  assert.equal(await bob.message("regretted").count(), 0);
  await bob.page.reload();
  await bob.page.getByText(`${alice.name} deleted a message.`).waitFor();
});

test("hostile messages stay in their boxes and the page works on", { timeout: 90_000 }, async () => {
  const { page } = bob;
  let dialogs = 0;
  page.on("dialog", () => {
    dialogs += 1;
  });
  const last = await page.evaluate(() => location.hash.split("/")[2]);
  const bodies = [
    { type: "text", text: "<img src=x onerror=alert(1)><script>alert(2)</script>" },
    { type: "text", text: `\u202e${"wide".repeat(15_000)}` },
    { type: "text", text: `z${"\u0301".repeat(12_000)}\u200b${"\u200b".repeat(9_000)}` },
    { type: "text", text: "javascript:alert(1) data:text/html,x https://user:pass@evil.example/ https://аpple.com/" },
    { type: "text", text: "nested", mentions: [[[[{}]]], { user_id: {}, start: -1, length: 1e9 }] },
    { type: "reply", target: "x".repeat(60_000), text: "to nothing" },
    { type: "edit", target: last, text: "of nothing" },
    { type: "edit", target: ["x"], text: 1 },
    { type: "reaction", target: last, emoji: "<b>".repeat(9_000) },
    { type: "timer", after_ms: -1 },
    { type: "__proto__", text: "?" },
    [],
    "rubbish",
  ];
  for (const body of bodies) await sendRaw(alice, body);
  await alice.say("still here?");
  await bob.message("still here?").waitFor();
  assert.equal(dialogs, 0);
  const box = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth > innerWidth,
    spilt: [...document.querySelectorAll("article")].some((article) => {
      const outer = article.parentElement.getBoundingClientRect();
      const { left, right } = article.getBoundingClientRect();
      return left < outer.left - 1 || right > outer.right + 1;
    }),
  }));
  assert.deepEqual(box, { wide: false, spilt: false });
  const links = await page
    .locator("article .text a")
    .evaluateAll((all) => all.map((link) => [link.textContent, link.getAttribute("href"), link.rel, link.target]));
  assert.deepEqual(links, [
    ["https://xn--pple-43d.com/", "https://xn--pple-43d.com/", "noopener noreferrer", "_blank"],
  ]);
  await page.getByRole("button", { name: "Show more" }).first().waitFor();
  await bob.say("I am");
  await alice.message("I am").waitFor();
  await bob.shot("hostile");
});

test("a draft is kept on the device and shown in the list", { timeout: 60_000 }, async () => {
  await choose(bob, "still here?", "Reply");
  const line = bob.page.getByLabel("Message", { exact: true });
  await line.fill("half a thought");
  await bob.page.getByRole("navigation").getByText("Draft: half a thought").waitFor();
  await bob.page.reload();
  await bob.message("I am").waitFor();
  assert.equal(await line.inputValue(), "half a thought");
  await bob.page.getByText(`Reply to ${alice.name}`).waitFor();
  await line.fill("a whole thought");
  await line.press("Enter");
  await alice.message("a whole thought").getByRole("button", { name: "still here?" }).waitFor();
  assert.equal(await bob.page.getByText("Draft:").count(), 0);
});

test("an edit and a reaction that were made offline arrive", { timeout: 120_000 }, async () => {
  await bob.page.evaluate(() => navigator.serviceWorker.ready);
  dev("kill", "nginx");
  await bob.page.getByText("Offline.").waitFor();
  await choose(bob, "a whole thought", "Edit");
  const line = bob.page.getByLabel("Message", { exact: true });
  await line.fill("a better thought");
  await line.press("Enter");
  await bob.message("a better thought").waitFor();
  await choose(bob, "still here?");
  await bob.page.getByRole("menuitemcheckbox", { name: "React with ❤️" }).click();
  await choose(bob, "I am", "Delete for everybody");
  await bob.page.reload();
  await bob.message("a better thought").waitFor();
  dev("start", "nginx");
  await alice.message("a better thought").waitFor({ timeout: 60_000 });
  await reaction(alice, `❤️ from ${bob.name}`).waitFor();
  await alice.page.getByText(`${bob.name} deleted a message.`).waitFor();
  assert.equal(await alice.message("a whole thought").count(), 0);
});

test("a timer is set, told in a line, and messages are gone in time", { timeout: 120_000 }, async () => {
  await alice.page.getByRole("button", { name: "Disappearing messages" }).click();
  await alice.shot("timer");
  await alice.page.getByRole("menuitemradio", { name: "30 seconds" }).click();
  await bob.page.getByText(`${alice.name} set messages to disappear after 30 seconds.`).waitFor();
  await bob.say("short-lived");
  await alice.message("short-lived").getByText("Disappears in").waitFor();
  await alice.shot("disappearing");
  // A shorter one that no menu offers: what holds is what the log says last.
  await sendRaw(bob, { type: "timer", after_ms: 3_000 });
  await alice.page.getByText(`${bob.name} set messages to disappear after 3 seconds.`).waitFor();
  await alice.say("shorter");
  await bob.message("shorter").waitFor();
  await bob.message("shorter").waitFor({ state: "detached" });
  await alice.message("shorter").waitFor({ state: "detached" });
  await alice.page.getByRole("button", { name: "Disappearing messages" }).click();
  await alice.page.getByRole("menuitemradio", { name: "Off" }).click();
  await bob.page.getByText(`${alice.name} switched disappearing messages off.`).waitFor();
  await bob.message("short-lived").waitFor({ state: "detached", timeout: 40_000 });
  await bob.page.reload();
  await bob.message("still here?").first().waitFor();
  assert.equal(await bob.message("short-lived").count(), 0);
});

test("people of a group are named with @, by completion, and see that they are meant", {
  timeout: 90_000,
}, async () => {
  const { page } = alice;
  await page.getByRole("button", { name: "New chat" }).click();
  await page.getByRole("button", { name: "New group" }).click();
  await page.getByLabel("Name of the group").fill("Ducks");
  await page.getByLabel("People", { exact: true }).fill(bob.name);
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Create group" }).click();
  await page.getByRole("main", { name: "Ducks" }).waitFor();
  const line = page.getByLabel("Message", { exact: true });
  await line.pressSequentially("Look, @bo");
  await page.getByRole("option", { name: bob.name }).waitFor();
  await alice.shot("mentioning");
  await line.press("Enter");
  assert.equal(await line.inputValue(), `Look, @${bob.name} `);
  await line.pressSequentially("a duck");
  await line.press("Enter");
  await alice.message("a duck").locator(".mention").waitFor();
  await bob.page.getByRole("link", { name: "Ducks" }).click();
  const mention = bob.message("a duck").locator(".mention.me");
  await mention.waitFor();
  assert.equal(await mention.textContent(), `@${bob.name}`);
});

test("no page complained", () => {
  assert.deepEqual([...alice.complaints, ...bob.complaints], []);
});
