// A phone: fingers instead of a mouse, a keyboard that takes half of the screen, the browser's way back.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, Person } from "./people.mjs";

const BASE = process.env.SOTTO_URL ?? "http://localhost:8080";
const unique = Math.random().toString(36).slice(2, 8);
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
/** What a finger hits (WCAG 2.2, 2.5.8, asks for 24). */
const FINGER = 32;
let browsers;
let pam;
let lou;
let cdp;

before(async () => {
  browsers = await Promise.all([launch(), launch()]);
  pam = await Person.arrive(browsers[0], `pam-${unique}`, PHONE);
  lou = await Person.arrive(browsers[1], `lou-${unique}`);
  await pam.register();
  await lou.register();
  await lou.startChat(pam.name);
  await lou.say("Is anybody there?");
  await pam.openChat(lou.name);
  await pam.accept();
  await pam.page.getByLabel("Message", { exact: true }).fill("Yes, with a phone");
  await pam.page.getByRole("button", { name: "Send" }).tap();
  cdp = await pam.context.newCDPSession(pam.page);
});

after(async () => {
  await Promise.all((browsers ?? []).map((browser) => browser.close()));
});

const finger = (type, points = []) => cdp.send("Input.dispatchTouchEvent", { type, touchPoints: points });
const menu = () => pam.page.getByRole("menu", { name: "Actions" });

async function middleOf(text) {
  const { x, y, width, height } = await pam.message(text).first().boundingBox();
  return { x: x + width / 2, y: y + height / 2 };
}

/** Holds a finger on a message until its menu is there, and lifts it. */
async function press(text) {
  await finger("touchStart", [await middleOf(text)]);
  await menu().waitFor();
  await finger("touchEnd");
}

test("a long press opens a message's menu, which stays when the finger goes", { timeout: 60_000 }, async () => {
  await press("Is anybody there?");
  // Whatever the browser makes of the finger's end has happened by then.
  await pam.page.evaluate(() => new Promise((done) => setTimeout(done, 400)));
  assert.equal(await menu().count(), 1);
  assert.equal(await pam.page.evaluate(() => getSelection().toString()), "");
  await pam.shot("touch-menu");
  await pam.page.touchscreen.tap(195, 120);
  await menu().waitFor({ state: "detached" });
});

test("a finger that moves scrolls and opens nothing, nor does a short one", { timeout: 60_000 }, async () => {
  const at = await middleOf("Is anybody there?");
  await finger("touchStart", [at]);
  await finger("touchMove", [{ x: at.x, y: at.y + 30 }]);
  await pam.page.evaluate(() => new Promise((done) => setTimeout(done, 900)));
  await finger("touchEnd");
  await pam.page.touchscreen.tap(at.x, at.y);
  await pam.page.evaluate(() => new Promise((done) => setTimeout(done, 900)));
  assert.equal(await menu().count(), 0);
});

test("a text is copied, and whoever may not is told", { timeout: 60_000 }, async () => {
  await pam.context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: BASE });
  await press("Is anybody there?");
  await pam.page.getByRole("menuitem", { name: "Copy text" }).tap();
  await pam.page.getByText(/^Copied/).waitFor();
  assert.equal(await pam.page.evaluate(() => navigator.clipboard.readText()), "Is anybody there?");
  // It is no news for long.
  await pam.page.getByText(/^Copied/).waitFor({ state: "detached" });
  await pam.page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new DOMException("no", "NotAllowedError"));
  });
  await press("Yes, with a phone");
  await pam.page.getByRole("menuitem", { name: "Copy text" }).tap();
  await pam.page.getByText("This browser does not let the page copy.").waitFor();
  await pam.page.getByRole("button", { name: "Close" }).tap();
});

test("a long press answers, and the line is ready to write in", { timeout: 60_000 }, async () => {
  await press("Is anybody there?");
  await pam.page.getByRole("menuitem", { name: "Reply" }).tap();
  await pam.page.getByText(`Reply to ${lou.name}`).waitFor();
  const line = pam.page.getByLabel("Message", { exact: true });
  assert(await line.evaluate((element) => element === document.activeElement));
  await line.fill("Still here");
  // A phone's keyboard has no other way to a new line.
  await line.press("Enter");
  assert.equal(await line.inputValue(), "Still here\n");
  await pam.page.getByRole("button", { name: "Send" }).tap();
  assert(await line.evaluate((element) => element === document.activeElement));
  await lou.message("Still here").getByRole("button", { name: "Is anybody there?" }).waitFor();
});

test("what is to be written and what was said last stay in sight above the keyboard", { timeout: 60_000 }, async () => {
  for (let at = 0; at < 12; at += 1) await lou.say(`line ${at}.`);
  await pam.message("line 11.").waitFor();
  const line = pam.page.getByLabel("Message", { exact: true });
  await line.tap();
  // As with interactive-widget=resizes-content, which the page asks for.
  await pam.page.setViewportSize({ width: 390, height: 420 });
  const bottomOf = async (locator) => {
    const { y, height } = await locator.boundingBox();
    return y + height;
  };
  await pam.until(async () => assert((await bottomOf(line)) <= 420));
  await pam.until(async () => assert((await bottomOf(pam.message("line 11."))) <= (await line.boundingBox()).y));
  assert.equal(await pam.page.evaluate(() => document.documentElement.scrollHeight), 420);
  // A long text leaves room for what it answers.
  await line.fill("a\n".repeat(30));
  await pam.until(async () => assert((await pam.page.locator(".messages").boundingBox()).height > 100));
  await line.fill("");
  await pam.page.setViewportSize(PHONE.viewport);
});

test("the browser's way back leads from a conversation to the chats, as the button does", {
  timeout: 60_000,
}, async () => {
  const { page } = pam;
  const list = page.getByRole("heading", { name: "Chats" });
  const talk = page.getByRole("main", { name: lou.name });
  await page.goto(`${BASE}/#/`);
  await list.waitFor();
  const length = () => page.evaluate(() => history.length);
  await pam.openChat(lou.name);
  await page.goBack();
  await list.waitFor();
  await talk.waitFor({ state: "hidden" });
  await pam.openChat(lou.name);
  const before = await length();
  // Back and forth leaves no trail that leads to the conversation again.
  for (let round = 0; round < 3; round += 1) {
    await page.getByRole("button", { name: "Back" }).tap();
    await list.waitFor();
    await pam.openChat(lou.name);
  }
  assert.equal(await length(), before);
  // What was open over it is closed, here and when it is opened again.
  await press("line 11");
  await page.goBack();
  await list.waitFor();
  await pam.openChat(lou.name);
  assert.equal(await menu().count(), 0);
  await page.getByRole("button", { name: lou.name, exact: true }).tap();
  await page.getByRole("dialog").waitFor();
  await page.goBack();
  await list.waitFor();
  await pam.openChat(lou.name);
  assert.equal(await page.getByRole("dialog").count(), 0);
  // Whoever came by a link has the chats behind it.
  const other = await pam.context.newPage();
  await other.goto(page.url());
  await other.getByRole("main", { name: lou.name }).waitFor();
  await other.getByRole("button", { name: "Back" }).tap();
  await other.getByRole("heading", { name: "Chats" }).waitFor();
  await other.close();
});

/** What is too small for a finger, and what reaches beyond the screen. */
function narrow(page) {
  return page.evaluate((least) => {
    const all = document.querySelectorAll("button, a[href], input, textarea, select, [role=switch], summary");
    const small = [...all].flatMap((element) => {
      // A label belongs to what it names, and all of the head opens the details.
      const box = (element.closest("label, .head") ?? element).getBoundingClientRect();
      const { width, height, left, right } = box;
      if (width === 0 || !element.checkVisibility({ visibilityProperty: true })) return [];
      const isInText = element.matches("a, button.link") && element.closest("p, .text");
      const name = `${element.tagName} ${element.className} “${element.textContent.trim().slice(0, 30)}”`;
      if (left < -1 || right > innerWidth + 1) return [`${name} is off the screen`];
      // A switch is a wide one.
      const fits = isInText || (width >= least && height >= (element.matches("[role=switch]") ? 24 : least));
      return fits ? [] : [`${name} ${Math.round(width)}×${Math.round(height)}`];
    });
    if (document.documentElement.scrollWidth > innerWidth) small.push("the page scrolls sideways");
    return small;
  }, FINGER);
}

test("everything is large enough for a finger and fits the screen", { timeout: 120_000 }, async () => {
  const { page } = pam;
  const found = {};
  const look = async (name) => {
    await pam.shot(`touch-${name}`);
    const small = await narrow(page);
    if (small.length > 0) found[name] = small;
  };
  await look("conversation");
  await page.getByRole("button", { name: lou.name, exact: true }).tap();
  await page.getByRole("dialog").waitFor();
  await look("person");
  await page.getByRole("button", { name: "Close" }).tap();
  await page.getByRole("button", { name: "Disappearing messages" }).tap();
  await look("timer");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Back" }).tap();
  await look("chats");
  await page.getByRole("button", { name: "New chat" }).tap();
  await look("new-chat");
  await page.getByRole("button", { name: "New group" }).tap();
  await look("new-group");
  for (const screen of ["settings", "devices"]) {
    await page.goto(`${BASE}/#/${screen}`);
    await page.locator("main header").waitFor();
    await look(screen);
  }
  assert.deepEqual(found, {});
});

test("no page complained", () => {
  assert.deepEqual([...pam.complaints, ...lou.complaints], []);
});
