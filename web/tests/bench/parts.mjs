// The measurements themselves. Times are the page's own, from what a person does to what is painted.
import { ask } from "../browser/seed.mjs";
import { spread } from "./figures.mjs";
import { counting } from "./wire.mjs";

const settled = (page) => page.evaluate(() => new Promise((done) => setTimeout(done, 300)));

/** What the start page fetches, without what the service worker fetches for later. */
export async function firstLoad(browser, url) {
  const wire = await counting(url);
  const context = await browser.newContext({ serviceWorkers: "block" });
  const page = await context.newPage();
  await page.goto(wire.url);
  await page.getByRole("button", { name: "Create account" }).waitFor();
  await page.waitForLoadState("networkidle");
  const start = wire.sums();
  // Whoever begins to register is the first who needs the crypto.
  await page.getByLabel("Username").fill("nobody");
  await page.getByLabel("Password").fill("nothing here");
  await page.getByRole("button", { name: "Create account" }).click();
  for (let waited = 0; wire.sums().wasm === 0 && waited < 100; waited += 1) await settled(page);
  await settled(page);
  const { wasm } = wire.sums();
  await context.close();
  wire.close();
  return { start, wasm };
}

/** From a click on the conversation to its newest messages on the screen. */
export async function opening(person, name, rounds, reload) {
  const { page } = person;
  const samples = [];
  for (let round = 0; round < rounds; round += 1) {
    await page.evaluate(() => {
      location.hash = "#/";
    });
    if (reload) await page.reload();
    await page.getByRole("navigation", { name: "Chats" }).getByRole("link", { name }).waitFor();
    await settled(page);
    samples.push(
      await page.evaluate(
        () =>
          new Promise((done) => {
            const began = performance.now();
            document.querySelector("nav a.row").click();
            const look = () => {
              const log = document.querySelector(".messages");
              const last = [...(log?.querySelectorAll("article") ?? [])].at(-1);
              const shown = last && last.getBoundingClientRect().bottom <= log.getBoundingClientRect().bottom;
              if (!shown) return requestAnimationFrame(look);
              // The frame that this callback belongs to is painted before the next message is handled.
              const { port1, port2 } = new MessageChannel();
              port1.onmessage = () => done(performance.now() - began);
              port2.postMessage(0);
              return undefined;
            };
            requestAnimationFrame(look);
          }),
      ),
    );
  }
  return spread(samples);
}

/** Scrolls from the end to the start, a stretch a frame, and counts the frames that did not come in time. */
export function scrolling(person, pixels) {
  return person.page.evaluate(
    (pixels) =>
      new Promise((done) => {
        const log = document.querySelector(".messages");
        const gaps = [];
        let long = 0;
        const tasks = new PerformanceObserver((list) => {
          long += list.getEntries().length;
        });
        tasks.observe({ type: "longtask" });
        let before;
        let stood = 0;
        const frame = (now) => {
          if (before !== undefined) gaps.push(now - before);
          before = now;
          const at = log.scrollTop;
          log.scrollTop = at - pixels;
          stood = log.scrollTop === at ? stood + 1 : 0;
          // At the top nothing moves any more, nor does anything come.
          if (stood < 60) return requestAnimationFrame(frame);
          tasks.disconnect();
          const moving = gaps.slice(0, -60);
          const usual = [...moving].sort((one, other) => one - other)[Math.floor(moving.length / 2)];
          const dropped = moving.reduce((sum, gap) => sum + Math.max(0, Math.round(gap / usual) - 1), 0);
          return done({
            frames: moving.length,
            frame_ms: Math.round(usual * 10) / 10,
            dropped,
            longest_gap_ms: Math.round(Math.max(...moving)),
            long_tasks: long,
            first: document.querySelector("article .text").textContent.slice(0, 40),
          });
        };
        requestAnimationFrame(frame);
      }),
    pixels,
  );
}

/** From Enter in one browser to the painted message in the other. */
export async function delivery(from, to, rounds) {
  const samples = [];
  for (let round = 0; round < rounds; round += 1) {
    const text = `ping ${round} ${Math.random().toString(36).slice(2)}`;
    const shown = to.page.evaluate(
      (text) =>
        new Promise((done) => {
          const log = document.querySelector(".messages");
          const changes = new MutationObserver(() => {
            if (![...log.querySelectorAll("article .text")].some((shown) => shown.textContent === text)) return;
            changes.disconnect();
            requestAnimationFrame(() => {
              const { port1, port2 } = new MessageChannel();
              port1.onmessage = () => done(performance.timeOrigin + performance.now());
              port2.postMessage(0);
            });
          });
          changes.observe(log, { childList: true, subtree: true, characterData: true });
        }),
      text,
    );
    await from.page.getByLabel("Message", { exact: true }).fill(text);
    const pressed = from.page.evaluate(
      () =>
        new Promise((done) => {
          addEventListener("keydown", () => done(performance.timeOrigin + performance.now()), {
            once: true,
            capture: true,
          });
        }),
    );
    await settled(from.page);
    await from.page.keyboard.press("Enter");
    samples.push((await shown) - (await pressed));
  }
  return spread(samples);
}

/** A search through everything that finds nothing, and one whose first hit comes soon. */
export async function searching(person, word, rounds) {
  const whole = [];
  const first = [];
  for (let round = 0; round < rounds; round += 1) {
    const nothing = `nothing ${round}`;
    let began = performance.now();
    const id = await ask(person.page, "search", nothing);
    while (!(await ask(person.page, "moreHits", id)).done);
    whole.push(performance.now() - began);
    began = performance.now();
    const other = await ask(person.page, "search", word);
    while ((await ask(person.page, "moreHits", other)).hits.length === 0);
    first.push(performance.now() - began);
    await ask(person.page, "endSearch", other);
  }
  return { whole: spread(whole), first_hits: spread(first) };
}
