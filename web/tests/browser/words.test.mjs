// A Vietnamese reader hears everything in Vietnamese: forms, what the service worker says, and a page that can't load.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, PASSWORD, Person } from "./people.mjs";

const BASE = process.env.SOTTO_URL ?? "http://localhost:8080";
const unique = Math.random().toString(36).slice(2, 8);
let browser;

before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

test("a form says in the person's language what is missing, and goes there", { timeout: 60_000 }, async () => {
  const lan = await Person.arrive(browser, `lan-${unique}`, { locale: "vi-VN" });
  const { page } = lan;
  const submit = page.getByRole("button", { name: "Tạo tài khoản" });
  await submit.click();
  assert.equal(await page.getByText("Hãy điền vào đây.").count(), 2);
  const name = page.getByRole("textbox", { name: "Tên người dùng", description: "Hãy điền vào đây." });
  assert.equal(await name.evaluate((field) => field === document.activeElement), true);
  await name.fill("Lan!");
  await page.getByLabel("Mật khẩu").fill("short");
  await submit.click();
  await page.locator(".wrong").filter({ hasText: "3 đến 32 ký tự" }).waitFor();
  await page.locator(".wrong").filter({ hasText: "Ít nhất 8 ký tự" }).waitFor();
  await lan.shot("form-wrong");
  await page.getByLabel("Tên người dùng").fill(lan.name);
  await page.getByLabel("Mật khẩu").fill(PASSWORD);
  assert.equal(await page.locator(".wrong").filter({ hasText: /./ }).count(), 0);
  await submit.click();
  await page.getByRole("heading", { name: "Khoá khôi phục của bạn" }).waitFor();
  assert.deepEqual(lan.complaints, []);
  await lan.context.close();
});

test("a push is told in the language that was chosen on the page", { timeout: 60_000 }, async () => {
  const mai = await Person.arrive(browser, `mai-${unique}`);
  await mai.register();
  const { page, context } = mai;
  await context.grantPermissions(["notifications"], { origin: BASE });
  await page.goto(`${BASE}/#/settings`);
  await page.getByText("Tiếng Việt").click();
  await page.getByRole("heading", { name: "Cài đặt" }).waitFor();
  const [worker] = context.serviceWorkers();
  // Pages of a browser without a screen count as seen.
  await worker.evaluate(() => {
    self.clients.matchAll = async () => [];
  });
  await mai.until(async () => {
    const titles = await worker.evaluate(async () => {
      self.dispatchEvent(new PushEvent("push"));
      return (await self.registration.getNotifications()).map(({ title }) => title);
    });
    assert.deepEqual(titles, ["Tin nhắn mới"]);
  });
  await context.close();
});

test("without a catalogue there are words all the same", { timeout: 60_000 }, async () => {
  const context = await browser.newContext({ locale: "vi-VN", serviceWorkers: "block" });
  const page = await context.newPage();
  await page.route("**/assets/vi-*", (route) => route.abort());
  await page.goto(BASE);
  await page.getByText("Không tải được Sotto.").waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.lang), "vi");
  await context.close();
});
