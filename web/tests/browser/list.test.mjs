// A long conversation and the list of conversations, against a real cluster. SOTTO_MANY: how many messages, 5,000 if it
// is not said.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { withDouble } from "./double.mjs";
import { launch, PASSWORD, Person } from "./people.mjs";
import { ask, chatOf, sayAll, secondDevice } from "./seed.mjs";

const MANY = Number(process.env.SOTTO_MANY ?? 5_000);
const unique = Math.random().toString(36).slice(2, 8);
let browsers;
let alice;
let bob;
let room;

before(async () => {
  browsers = await Promise.all([launch(), launch()]);
  alice = await Person.arrive(browsers[0], `alice-${unique}`);
  bob = await Person.arrive(browsers[1], `bob-${unique}`);
});

after(async () => {
  await Promise.all((browsers ?? []).map((browser) => browser.close()));
});

const words = "Hôm nay trời đẹp quá, mình đi dạo quanh hồ rồi uống cà phê nhé. ";
const text = (at) => `message ${at} ${words.repeat(at % 23 === 0 ? 6 : at % 3)}`.trim();
const box = (person) => person.page.getByRole("log", { name: "Messages" });

/** The numbers of the messages that are drawn, and where the first one in sight is. */
const look = (person) =>
  box(person).evaluate((log) => {
    const { top, bottom } = log.getBoundingClientRect();
    const drawn = [...log.querySelectorAll("article")].map((article) => ({
      number: Number(article.querySelector(".text").textContent.match(/^message (\d+)/)?.[1] ?? -1),
      top: article.getBoundingClientRect().top - top,
      seen: article.getBoundingClientRect().bottom > top && article.getBoundingClientRect().top < bottom,
    }));
    return {
      drawn,
      seen: drawn.filter(({ seen }) => seen),
      atTop: log.scrollHeight + log.scrollTop <= log.clientHeight + 1,
    };
  });

const numbers = (found) => found.map(({ number }) => number);

function assertRun(found) {
  for (const [at, number] of found.entries()) assert.equal(number, found[0] + at, `${found.join(" ")}`);
}

async function wheel(person, by) {
  await person.page.mouse.wheel(0, by);
  await person.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

test(`${MANY} messages come, and the chat opens where reading goes on`, { timeout: 1_200_000 }, async () => {
  for (const person of [alice, bob]) {
    const { shot } = person;
    person.shot = async () => {};
    await person.register();
    person.shot = shot;
  }
  await alice.startChat(bob.name);
  await alice.say("hello");
  await bob.openChat(alice.name);
  await bob.accept();
  await bob.sees(["hello"]);
  room = chatOf(alice);
  await bob.page.goto(`${bob.page.url().split("#")[0]}#/`);
  await sayAll(
    alice,
    room,
    Array.from({ length: MANY }, (_, at) => text(at)),
  );
  await bob.until(async () => {
    const { conversations } = await ask(bob.page, "snapshot");
    assert.equal(conversations[0].unread, MANY);
  }, 600_000);
  await bob.page.getByText(`${new Intl.NumberFormat("en-GB").format(MANY)} unread messages`).waitFor();
  await bob.shot("chats-unread");
  await bob.openChat(alice.name);
  await bob.page.getByText("New messages").waitFor();
  await bob.message(text(0)).first().waitFor();
  const { seen } = await look(bob);
  assert.deepEqual(numbers(seen).slice(0, 3), [-1, 0, 1]);
  await bob.shot("new-messages");
});

test("the end is a key away, and there everything is read", { timeout: 120_000 }, async () => {
  await box(bob).focus();
  await bob.page.keyboard.press("End");
  await bob.message(`message ${MANY - 1}`).waitFor();
  await bob.until(async () => assert.equal(numbers((await look(bob)).seen).at(-1), MANY - 1));
  await bob.until(async () => {
    const { conversations } = await ask(bob.page, "snapshot");
    assert.equal(conversations[0].unread, 0);
  });
  await bob.page.keyboard.press("Home");
  await bob.page.getByText("hello", { exact: true }).first().waitFor();
  await bob.page.getByRole("button", { name: "To the newest message." }).click();
  await bob.until(async () => assert.equal(numbers((await look(bob)).seen).at(-1), MANY - 1));
});

test("scrolling to the top and back shows every message in order, without a gap", { timeout: 600_000 }, async () => {
  const { page } = bob;
  await box(bob).hover();
  const found = new Set();
  const pass = async (by, over) => {
    let before = [];
    for (let round = 0; round < MANY; round += 1) {
      const { drawn, seen, atTop } = await look(bob);
      assertRun(numbers(drawn));
      assert(seen.length > 0, "nothing is in sight");
      for (const { number } of drawn) found.add(number);
      // Nothing ever moves against the wheel, or further than it was turned.
      for (const { number, top } of seen) {
        const known = before.find((one) => one.number === number);
        const moved = known ? (top - known.top) * -Math.sign(by) : 0;
        assert(moved >= -1 && moved <= 4 * Math.abs(by), `message ${number} moved by ${moved}`);
      }
      before = drawn;
      if (over(seen, atTop)) return;
      await wheel(bob, by);
    }
    assert.fail("there is no end");
  };
  const top = await page.evaluate(() => innerHeight);
  await pass(-top * 1.2, (seen, atTop) => atTop && seen[0].number === -1);
  assert.equal(found.size, MANY + 1);
  found.clear();
  await pass(top * 1.2, (seen) => seen.at(-1).number === MANY - 1);
  assert.equal(found.size, MANY + 1);
});

test("who reads older messages is left alone, and told of new ones", { timeout: 120_000 }, async () => {
  await wheel(bob, -1_500);
  await bob.page.waitForTimeout(400);
  const before = (await look(bob)).seen[1];
  const still = async () => {
    const now = (await look(bob)).drawn.find(({ number }) => number === before.number);
    assert(now && Math.abs(now.top - before.top) < 2, `${JSON.stringify([before, now])}`);
  };
  await alice.say(`message ${MANY} is new`);
  await bob.page.getByRole("button", { name: "To the newest message. 1 unread message" }).waitFor();
  await still();
  // What is above changes its height, as a picture that comes would.
  await box(bob).evaluate((log) => {
    const above = [...log.querySelectorAll("article")].find((article) => article.getBoundingClientRect().bottom < 0);
    above.style.paddingBottom = "77px";
  });
  await bob.page.waitForTimeout(100);
  await still();
  const first = (await look(bob)).seen[1].number;
  await bob.page.setViewportSize({ width: 700, height: 800 });
  await bob.page.waitForTimeout(200);
  const { seen } = await look(bob);
  assert(numbers(seen).includes(first), `${first} is not in ${numbers(seen)}`);
  await bob.page.setViewportSize({ width: 1280, height: 800 });
  await bob.shot("scrolled");
  await bob.page.getByRole("button", { name: "To the newest message." }).click();
  await bob.message("is new").waitFor();
  await bob.until(async () => assert.equal(numbers((await look(bob)).seen).at(-1), MANY));
});

test("a search finds far away, without marks, and goes there", { timeout: 120_000 }, async () => {
  const { page } = bob;
  const far = 46 * Math.floor(MANY / 200);
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press("/");
  await page.keyboard.type(`hom NAY ${far} uong`);
  const hit = page.locator("a.hit").filter({ hasText: `message ${far} ` });
  await hit.waitFor();
  assert.deepEqual((await hit.locator("mark").allTextContents()).slice(0, 3), [`${far}`, "Hôm", "nay"]);
  await bob.shot("search");
  await hit.click();
  await bob.until(async () => assert(numbers((await look(bob)).seen).includes(far)));
  assertRun(numbers((await look(bob)).drawn));
  await page.getByLabel("Search chats and messages").fill("");

  await page.getByRole("button", { name: "Search in this chat" }).click();
  await page.keyboard.type(`message ${far + 7}`);
  await page.locator(".find a.hit").first().waitFor();
  await bob.shot("search-in-chat");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  const newest = Array.from({ length: MANY + 1 }, (_, at) => at).findLast((at) => `${at}`.includes(`${far + 7}`));
  await bob.until(async () => assert(numbers((await look(bob)).seen).includes(newest)));
  await page.getByRole("button", { name: "Close" }).click();
  await page.getByLabel("Search chats and messages").fill("nobody ever said this");
  await page.getByText("Nothing found on this device.").waitFor();
  await page.keyboard.press("Escape");
});

test("two devices agree about what is unread", { timeout: 180_000 }, async () => {
  const arrive = () => Person.arrive(browsers[1], bob.name, { viewport: { width: 390, height: 800 } });
  const phone = await secondDevice(bob, arrive, PASSWORD);
  await bob.page.goto(`${bob.page.url().split("#")[0]}#/`);
  for (const word of ["one", "two", "three"]) await alice.say(word);
  const unread = (person) => person.page.getByRole("navigation").getByText("3 unread messages");
  await unread(phone).waitFor();
  await unread(bob).waitFor();
  await bob.page.reload();
  await unread(bob).waitFor();
  await phone.openChat(alice.name);
  await phone.message("three").waitFor();
  await unread(bob).waitFor({ state: "hidden" });
  await bob.page.reload();
  await bob.page.getByRole("navigation").getByText("three").waitFor();
  assert.equal(await bob.page.locator(".badge").count(), 0);
  assert.deepEqual(phone.complaints, []);
  await phone.context.close();
});

test("a silent chat stays silent, and the row says who types", { timeout: 60_000 }, async () => {
  const { page } = bob;
  await bob.openChat(alice.name);
  await page.getByRole("button", { name: "Mute" }).click();
  await page.goto(`${page.url().split("#")[0]}#/`);
  await alice.page.getByLabel("Message", { exact: true }).pressSequentially("quiet");
  await page.getByRole("navigation").getByText(`${alice.name} is typing`).waitFor();
  await alice.page.keyboard.press("Enter");
  await page.locator(".badge.calm").waitFor();
  await page.reload();
  await page.locator(".badge.calm").waitFor();
  await page.getByRole("img", { name: "Muted" }).waitFor();
  await bob.shot("muted");
});

test("a thousand chats are a list like any other", { timeout: 60_000 }, async () => {
  const page = await withDouble(browsers[0], alice.page.url().split("#")[0], { chats: 1_000 });
  const list = page.getByRole("navigation", { name: "Chats" });
  await list.getByText("person-0", { exact: true }).waitFor();
  const drawn = await list.locator("a.row").count();
  assert(drawn < 60, `${drawn} rows are drawn`);
  await list.locator("a.row").first().focus();
  for (let step = 0; step < 30; step += 1) await page.keyboard.press("ArrowDown");
  const focused = () => page.evaluate(() => document.activeElement?.textContent);
  assert.match(await focused(), /person-30/);
  await page.keyboard.press("End");
  assert.match(await focused(), /person-999/);
  await list.getByText("person-999").waitFor();
  await page.keyboard.press("Home");
  assert.match(await focused(), /person-0/);
  await page.keyboard.press("Control+k");
  await page.keyboard.type("PERSON-77");
  await list.getByText("person-777").waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByRole("main", { name: "person-77" }).waitFor();
  await page.context().close();
});

test("no page complained", () => {
  assert.deepEqual([...alice.complaints, ...bob.complaints], []);
});
