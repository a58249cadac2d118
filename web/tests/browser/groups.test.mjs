// Three people in a group, with a browser each: who comes, who goes, who may do what, and what everybody sees of it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { launch, Person } from "./people.mjs";

const dev = (...args) => execFileSync(process.env.SOTTO_DEV, args, { stdio: "inherit" });
const unique = Math.random().toString(36).slice(2, 8);
let browsers;
let anna;
let binh;
let chi;

before(async () => {
  browsers = await Promise.all([launch(), launch(), launch()]);
  const arrive = (at, name) => Person.arrive(browsers[at], `${name}-${unique}`);
  [anna, binh, chi] = await Promise.all([arrive(0, "anna"), arrive(1, "binh"), arrive(2, "chi")]);
  for (const person of [anna, binh, chi]) await person.register();
});

after(async () => {
  await Promise.all((browsers ?? []).map((browser) => browser.close()));
});

const GROUP = "Hội An trip";
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
const openRequest = (person, name) =>
  person.page.getByRole("region", { name: "Message requests" }).getByRole("link", { name }).click();
const menuOf = (person, name) => sheetOf(person).getByRole("button", { name: `What to do with ${name}` });

test("a group is created with people by exact name, and a wrong name is said to be wrong", {
  timeout: 120_000,
}, async () => {
  const { page } = anna;
  await button(anna, "New chat").click();
  await button(anna, "New group").click();
  await page.getByLabel("Name of the group").fill(GROUP);
  await page.getByLabel("People", { exact: true }).fill(`nobody-${unique} ${binh.name}, `);
  await page.getByText("there is nobody of this name").waitFor();
  await button(anna, "Create group").click();
  await page.getByText("Take out the names that are not right.").waitFor();
  await anna.shot("new-group");
  await button(anna, `Take nobody-${unique} out`).click();
  await page.getByLabel("People", { exact: true }).fill(anna.name);
  await page.keyboard.press("Enter");
  await page.getByText("You are in anyway.").waitFor();
  await page.keyboard.press("Backspace");
  await button(anna, "Create group").click();
  await page.getByRole("main", { name: GROUP }).waitFor();
  await line(anna, "You began the group").waitFor();
  await line(anna, `You named the group ${GROUP}`).waitFor();
});

test("who does not know the sender is asked first, and learns the group's name by accepting", {
  timeout: 60_000,
}, async () => {
  await anna.say("Who brings the map?");
  await openRequest(binh, anna.name);
  await binh.message("Who brings the map?").waitFor();
  assert.equal(await binh.page.getByRole("main", { name: GROUP }).count(), 0);
  await binh.page.getByText(`${anna.name} wants you in a group`).waitFor();
  await binh.shot("group-request");
  await openSheet(anna);
  await sheetOf(anna).getByText("Asked, has not answered").waitFor();
  await closeSheet(anna);
  assert.equal(await anna.state("Who brings the map?"), "Sent");
  await binh.accept();
  await binh.page.getByRole("main", { name: GROUP }).waitFor();
  await line(binh, `${anna.name} added`).waitFor({ state: "detached" });
  await line(binh, `${anna.name} began the group`).waitFor();
  await anna.until(async () => assert.equal(await anna.state("Who brings the map?"), "Read"));
});

test("an admin adds, and the newcomer reads what is said from then on", { timeout: 90_000 }, async () => {
  await openSheet(anna);
  await button(anna, "Add people").click();
  await anna.page.getByLabel("People", { exact: true }).fill(chi.name);
  await anna.shot("group-panel");
  await button(anna, "Add").click();
  await sheetOf(anna).getByText("3 people").waitFor();
  await closeSheet(anna);
  await line(anna, `You added ${chi.name}`).waitFor();
  await line(binh, `${anna.name} added ${chi.name}`).waitFor();
  await openRequest(chi, anna.name);
  await chi.accept();
  await chi.page.getByRole("main", { name: GROUP }).waitFor();
  await line(chi, `${anna.name} added you`).waitFor();
  assert.equal(await chi.message("Who brings the map?").count(), 0);
  await chi.say("I do");
  for (const person of [anna, binh]) await person.message("I do").waitFor();
  // The name that newcomers are told again is no news to the others.
  assert.equal(await line(binh, "named the group").count(), 1);
});

test("a member is not offered what only admins may; an admin makes another one", { timeout: 60_000 }, async () => {
  await openSheet(binh);
  await sheetOf(binh).getByText("Admins add people").waitFor();
  assert.equal(await button(binh, "Add people").count(), 0);
  assert.equal(await menuOf(binh, chi.name).count(), 0);
  await closeSheet(binh);
  await openSheet(anna);
  assert.equal(await menuOf(anna, "You").count(), 0, "the last admin keeps the role");
  await menuOf(anna, binh.name).click();
  await button(anna, "Make admin").click();
  await menuOf(anna, "You").waitFor();
  await closeSheet(anna);
  await line(binh, `${anna.name} made you an admin`).waitFor();
  await line(chi, `${anna.name} made ${binh.name} an admin`).waitFor();
  await openSheet(binh);
  await button(binh, "Add people").waitFor();
  await closeSheet(binh);
});

test("a member gives the group another name, and names of others do no harm", { timeout: 60_000 }, async () => {
  await openSheet(chi);
  await button(chi, "Change the name").click();
  await chi.page.getByLabel("Name of the group").fill("<b>x</b>\u202egpj \u200b");
  await button(chi, "Save").click();
  await closeSheet(chi);
  await anna.page.getByRole("main", { name: "<b>x</b>gpj" }).waitFor();
  assert.equal(await anna.page.locator("main b").count(), 0);
  await openSheet(chi);
  await button(chi, "Change the name").click();
  await chi.page.getByLabel("Name of the group").fill(GROUP);
  await button(chi, "Save").click();
  await closeSheet(chi);
  await anna.page.getByRole("main", { name: GROUP }).waitFor();
});

test("who is taken out is told, writes no more and reads no more", { timeout: 90_000 }, async () => {
  await openSheet(anna);
  await menuOf(anna, chi.name).click();
  await button(anna, "Take out of the group").click();
  await anna.page.getByText(`${chi.name} is out of the group.`).waitFor();
  await closeSheet(anna);
  await line(chi, "You are not in this group any more").waitFor();
  await chi.page.getByText("You are no longer in this chat.").waitFor();
  assert.equal(await chi.page.getByLabel("Message", { exact: true }).count(), 0);
  await line(binh, `${anna.name} took out ${chi.name}`).waitFor();
  await anna.say("Only the two of us");
  await binh.message("Only the two of us").waitFor();
  await chi.shot("taken-out");
  await chi.page.reload();
  await chi.message("I do").waitFor();
  assert.equal(await chi.message("Only the two of us").count(), 0);
});

test("taken back, they are in again and read what comes now", { timeout: 60_000 }, async () => {
  await openSheet(anna);
  await button(anna, "Add people").click();
  await anna.page.getByLabel("People", { exact: true }).fill(chi.name);
  await button(anna, "Add").click();
  await sheetOf(anna).getByText("3 people").waitFor();
  await closeSheet(anna);
  await chi.page.getByLabel("Message", { exact: true }).or(button(chi, "Accept")).first().waitFor();
  if (await button(chi, "Accept").count()) await chi.accept();
  await anna.say("Welcome back");
  await chi.message("Welcome back").waitFor();
  assert.equal(await chi.message("Only the two of us").count(), 0);
});

test("offline nobody is added or taken out, and that is said", { timeout: 60_000 }, async () => {
  dev("kill", "nginx");
  await anna.page.getByText("Offline.").waitFor();
  await openSheet(anna);
  await sheetOf(anna).getByText("You are offline").waitFor();
  assert.equal(await button(anna, "Add people").isDisabled(), true);
  assert.equal(await button(anna, "Leave the group").isDisabled(), true);
  dev("start", "nginx");
  await anna.until(async () => assert.equal(await button(anna, "Add people").isDisabled(), false), 40_000);
  await closeSheet(anna);
});

test("leaving is asked once, seen by all, and the last admin's role goes on", { timeout: 90_000 }, async () => {
  await openSheet(binh);
  await button(binh, "Leave the group").click();
  await binh.shot("leaving");
  await sheetOf(binh).locator("form").getByRole("button", { name: "Leave the group" }).click();
  await line(binh, "You left").waitFor();
  await closeSheet(binh);
  await binh.page.getByText("You are no longer in this chat.").waitFor();
  await line(anna, `${binh.name} left`).waitFor();
  await anna.say("Bye Binh");
  await chi.message("Bye Binh").waitFor();
  await openSheet(anna);
  await button(anna, "Leave the group").click();
  await sheetOf(anna).getByText("You are the only admin").waitFor();
  await sheetOf(anna).locator("form").getByRole("button", { name: "Leave the group" }).click();
  await line(anna, "You left").waitFor();
  await closeSheet(anna);
  await openSheet(chi);
  await button(chi, "Add people").waitFor();
  await closeSheet(chi);
  assert.equal(await binh.message("Bye Binh").count(), 0);
});

test("a request is declined, which can be taken back for a while; a stranger is blocked and let in again", {
  timeout: 120_000,
}, async () => {
  const stranger = await Person.arrive(browsers[2], `dung-${unique}`);
  await stranger.register();
  await stranger.startChat(anna.name);
  await stranger.say("Hello, see https://example.org");
  await openRequest(anna, stranger.name);
  await anna.message("Hello, see").waitFor();
  assert.equal(await anna.page.locator("article a").count(), 0, "nothing in a request can be followed");
  await anna.shot("request");
  await button(anna, "Decline").click();
  await anna.page.getByText(`The request of ${stranger.name} is declined.`).waitFor();
  assert.equal(await anna.page.getByRole("region", { name: "Message requests" }).count(), 0);
  await button(anna, "Undo").click();
  await anna.page.getByText(`${stranger.name} wants to write to you`).waitFor();
  assert.equal(await stranger.state("Hello, see"), "Sent", "nothing is told before it is accepted");
  await anna.accept();
  await stranger.until(async () => assert.equal(await stranger.state("Hello, see"), "Read"));

  await openSheet(anna);
  await anna.shot("person-panel");
  await sheetOf(anna)
    .getByRole("button", { name: `Block ${stranger.name}` })
    .click();
  await sheetOf(anna).getByRole("button", { name: "Unblock" }).waitFor();
  await closeSheet(anna);
  await anna.page.getByText(`You blocked ${stranger.name}.`).waitFor();
  assert.equal(await anna.page.getByLabel("Message", { exact: true }).count(), 0);
  await anna.shot("blocked");
  await button(anna, "Settings").click();
  const list = anna.page.getByRole("region", { name: "Blocked people" });
  await list.getByText(stranger.name).waitFor();
  await anna.shot("blocked-people");
  await button(anna, "Back").click();
  await anna.openChat(stranger.name);
  await stranger.say("Are you there?");
  await stranger.until(async () => assert.equal(await stranger.state("Are you there?"), "Not sent"));
  await button(anna, "Unblock").click();
  await anna.page.getByText(`${stranger.name} is not blocked any more.`).waitFor();
  await stranger.say("Thank you");
  await anna.message("Thank you").waitFor();
  assert.deepEqual(stranger.complaints, []);
});

test("no page complained", () => {
  assert.deepEqual(
    [anna, binh, chi].flatMap(({ complaints }) => complaints),
    [],
  );
});
