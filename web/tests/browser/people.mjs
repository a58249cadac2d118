// People with browsers of their own, as a person uses them: by labels and names, never by how the page is made.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const BASE = process.env.SOTTO_URL ?? "http://localhost:8080";
const SHOTS = process.env.SOTTO_SHOTS;
const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
export const PASSWORD = "correct horse battery";

/** A browser; with one for each person, nothing is shared but the server. */
export async function launch(more = []) {
  const executablePath = process.env.CHROMIUM ?? CHROMIUM.find((path) => existsSync(path));
  assert(executablePath, "chromium is needed: apt-get install chromium");
  const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"];
  return chromium.launch({ executablePath, args: [...args, ...more], headless: true });
}

export class Person {
  /** What the page complained about; a broken connection is no complaint. */
  complaints = [];

  constructor(context, page, name) {
    Object.assign(this, { context, page, name });
    page.on("console", (message) => {
      const network = /Failed to load resource|net::ERR|WebSocket connection/.test(message.text());
      if (message.type() === "error" && !network) this.complaints.push(message.text());
    });
    page.on("pageerror", (error) => this.complaints.push(String(error)));
  }

  /** `init` runs in every page before its scripts; `base` is where the page is. */
  static async arrive(browser, name, { init, base = BASE, ...options } = {}) {
    const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 800 }, ...options });
    if (init) await context.addInitScript(init);
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    await page.goto(base);
    return new Person(context, page, name);
  }

  /** Makes an account, and proves that the recovery key was written down. */
  async register() {
    const { page } = this;
    await page.getByLabel("Username").fill(this.name);
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Create account" }).click();
    await this.writeDownWords();
    await page.getByRole("heading", { name: "Chats" }).waitFor();
  }

  async writeDownWords() {
    const { page } = this;
    await page.getByRole("heading", { name: "Your recovery key" }).waitFor();
    this.words = await page.getByRole("listitem").allTextContents();
    assert.equal(this.words.length, 24);
    await this.shot("recovery-key");
    await page.getByRole("button", { name: "I have written them down" }).click();
    for (const field of await page.getByRole("textbox").all()) await field.fill("wrong");
    await page.getByRole("button", { name: "Done" }).click();
    await page.getByText("These are not the words").waitFor();
    for (const label of await page.locator("label").allTextContents()) {
      const place = Number(label.match(/\d+/)?.[0]);
      await page.getByLabel(label, { exact: true }).fill(this.words[place - 1]);
    }
    await page.getByRole("button", { name: "Done" }).click();
  }

  async startChat(name) {
    const { page } = this;
    await page.getByRole("button", { name: "New chat" }).click();
    await page.getByLabel("Username").fill(name);
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await page.getByRole("main", { name }).waitFor();
  }

  async openChat(name) {
    await this.page.getByRole("navigation", { name: "Chats" }).getByRole("link", { name }).click();
    await this.page.getByRole("main", { name }).waitFor();
  }

  async accept() {
    await this.page.getByRole("button", { name: "Accept" }).click();
    await this.page.getByLabel("Message", { exact: true }).waitFor();
  }

  async say(text) {
    const line = this.page.getByLabel("Message", { exact: true });
    await line.fill(text);
    await line.press("Enter");
  }

  /** The texts of the open chat are these, in this order. */
  async sees(texts, timeout = 20_000) {
    const found = () => this.page.locator("article .text").allTextContents();
    await this.until(async () => assert.deepEqual(await found(), texts), timeout);
  }

  message(text) {
    return this.page.getByRole("article").filter({ hasText: text });
  }

  async state(text) {
    return this.message(text).locator(".state").getAttribute("title");
  }

  async until(check, timeout = 20_000) {
    const end = Date.now() + timeout;
    for (;;) {
      try {
        return await check();
      } catch (error) {
        if (Date.now() > end) throw new Error(`${this.name}: ${error.message}`);
        await new Promise((done) => setTimeout(done, 50));
      }
    }
  }

  /** What stands in the way of people who use a keyboard or a screen reader, in both themes. */
  async barriers() {
    await this.page.evaluate(AXE);
    // What slides in or fades is looked at when it is there.
    await this.page.evaluate(() => {
      const ending = document.getAnimations().filter((one) => Number.isFinite(one.effect?.getComputedTiming().endTime));
      return Promise.allSettled(ending.map((one) => one.finished));
    });
    const found = await this.page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
    return found.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 120)}`));
  }

  /** Every screen is looked at so: for barriers, and as a picture in both themes and widths, kept beside the logs. */
  async shot(name) {
    for (const colorScheme of ["dark", "light"]) {
      await this.page.emulateMedia({ colorScheme });
      assert.deepEqual(await this.barriers(), [], `${name}, ${colorScheme}`);
    }
    if (!SHOTS) return;
    mkdirSync(SHOTS, { recursive: true });
    const before = this.page.viewportSize();
    for (const colorScheme of ["light", "dark"]) {
      await this.page.emulateMedia({ colorScheme });
      for (const width of [390, 1280]) {
        await this.page.setViewportSize({ width, height: 800 });
        await this.page.screenshot({ path: `${SHOTS}/${name}-${colorScheme}-${width}.png` });
      }
    }
    await this.page.emulateMedia({ colorScheme: "light" });
    await this.page.setViewportSize(before);
  }
}
