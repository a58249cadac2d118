// A wheel moves a long conversation by as much as it turns, whatever is read meanwhile.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, Person } from "./people.mjs";
import { chatOf, sayAll } from "./seed.mjs";

const MANY = 700;
const unique = Math.random().toString(36).slice(2, 8);
const words = "Hôm nay trời đẹp quá, mình đi dạo quanh hồ rồi uống cà phê nhé. ";
const browsers = [];
let alice;
let bob;

before(async () => {
  browsers.push(await launch(), await launch());
  alice = await Person.arrive(browsers[0], `alice-${unique}`);
  bob = await Person.arrive(browsers[1], `bob-${unique}`);
  for (const person of [alice, bob]) await person.register();
  await alice.startChat(bob.name);
  const texts = Array.from({ length: MANY }, (_, at) => `message ${at} ${words.repeat(at % 5)}`.trim());
  await sayAll(alice, chatOf(alice), texts);
  await bob.openChat(alice.name);
  await bob.accept();
  await bob.page.getByRole("log", { name: "Messages" }).focus();
});
after(() => Promise.all(browsers.map((browser) => browser.close())));

/** Where the first message in sight is, and which one it is. */
const look = () =>
  bob.page.locator(".messages").evaluate((log) => {
    const { top } = log.getBoundingClientRect();
    const all = [...log.querySelectorAll("article")].map((article) => ({
      number: Number(/message (\d+)/.exec(article.querySelector(".text").textContent)?.[1]),
      at: article.getBoundingClientRect().top - top,
    }));
    return { all, first: all.find(({ at }) => at >= 0), place: log.scrollTop };
  });

/** Moves by a gesture of the browser itself, which scrolls without asking the page. */
async function move(cdp, yDistance) {
  const { x, y, width, height } = await bob.page.locator(".messages").boundingBox();
  const at = { x: x + width / 2, y: y + height / 2 };
  const gesture = { ...at, yDistance, speed: 3_000, preventFling: true, gestureSourceType: "mouse" };
  await cdp.send("Input.synthesizeScrollGesture", gesture);
  // What glides on ends, and what was read is drawn.
  for (let before = Number.NaN; ; ) {
    const { place } = await look();
    if (place === before) break;
    before = place;
    await bob.page.evaluate(() => new Promise((done) => setTimeout(done, 400)));
  }
}

test("up and down again, no further than the wheel turned", { timeout: 240_000 }, async () => {
  const { page } = bob;
  const cdp = await bob.context.newCDPSession(page);
  await page.keyboard.press("End");
  await bob.message(`message ${MANY - 1}`).waitFor();
  let last = MANY;
  for (const distance of [...Array(6).fill(4_000), ...Array(6).fill(-4_000)]) {
    await move(cdp, distance);
    const { all, first } = await look();
    assert(first, "nothing is drawn where the person looks");
    for (const [at, { number }] of all.entries()) assert.equal(number, all[0].number + at);
    // A message is 60 to 160 pixels high: by 4,000 pixels it is never more than 80 of them.
    const passed = Math.abs(last - first.number);
    assert(passed > 10 && passed <= 80, `${distance} pixels, ${passed} messages`);
    last = first.number;
  }
});

test("no page complained", () => {
  assert.deepEqual([...alice.complaints, ...bob.complaints], []);
});
