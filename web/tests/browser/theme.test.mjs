// The chosen theme is there from the first frame on, whatever the system's is.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch } from "./people.mjs";

const BASE = process.env.SOTTO_URL ?? "http://localhost:8080";
let browser;

before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
});

/** How light the upper left corner of a picture is, 0 to 255. */
async function lightness(page, base64) {
  return page.evaluate(async (source) => {
    const image = new Image();
    image.src = `data:image/png;base64,${source}`;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
    canvas.drawImage(image, 0, 0);
    const [red, green, blue] = canvas.getImageData(8, 8, 1, 1).data;
    return Math.round((red + green + blue) / 3);
  }, base64);
}

/** The lightness of every frame that the browser shows while the page is loaded anew and its module comes late. */
async function framesOf(chosen, colorScheme) {
  const context = await browser.newContext({
    colorScheme,
    serviceWorkers: "block",
    viewport: { width: 400, height: 300 },
  });
  const page = await context.newPage();
  await page.goto(BASE);
  await page.evaluate((theme) => localStorage.setItem("sotto.theme", theme), chosen);
  await page.reload();
  await page.getByRole("button", { name: "Create account" }).waitFor();
  const states = [];
  await page.route(/\/assets\/index-[\w-]+\.js$/, async (route) => {
    await page.waitForFunction(() => document.styleSheets.length > 0);
    await page.evaluate(() => new Promise((done) => setTimeout(done, 300)));
    states.push(
      await page.evaluate(() => [
        document.querySelector("main") === null,
        getComputedStyle(document.body).backgroundColor,
      ]),
    );
    await route.continue();
  });
  const cdp = await context.newCDPSession(page);
  const frames = [];
  cdp.on("Page.screencastFrame", ({ data, sessionId }) => {
    frames.push(data);
    cdp.send("Page.screencastFrameAck", { sessionId }).catch(() => undefined);
  });
  await cdp.send("Page.startScreencast", { format: "png" });
  await page.reload();
  await page.getByRole("button", { name: "Create account" }).waitFor();
  await cdp.send("Page.stopScreencast");
  const blank = await browser.newPage();
  const seen = [];
  for (const frame of frames) seen.push(await lightness(blank, frame));
  await blank.close();
  await context.close();
  return { seen, states };
}

test("no frame of a start is dark for whoever chose the light theme", { timeout: 60_000 }, async () => {
  const { seen, states } = await framesOf("light", "dark");
  assert.deepEqual(states, [[true, "rgb(243, 244, 248)"]]);
  assert(seen.length > 0 && seen.every((light) => light > 200), String(seen));
});

test("no frame of a start is light for whoever chose the dark theme", { timeout: 60_000 }, async () => {
  const { seen, states } = await framesOf("dark", "light");
  assert.deepEqual(states, [[true, "rgb(16, 18, 24)"]]);
  assert(seen.length > 0 && seen.every((light) => light < 60), String(seen));
});
