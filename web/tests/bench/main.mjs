// Measures the web client and writes loadtest/results/web.json. SOTTO_URL is where, BUILD what the servers are;
// MESSAGES is the length of the long conversation.
import { writeFileSync } from "node:fs";
import { launch, Person } from "../browser/people.mjs";
import { chatOf, sayAll } from "../browser/seed.mjs";
import { machine } from "./figures.mjs";
import { delivery, firstLoad, opening, scrolling, searching } from "./parts.mjs";
import { traced } from "./trace.mjs";

const MANY = Number(process.env.MESSAGES ?? 5_000);
const out = process.argv[2] ?? new URL("../../../loadtest/results/web.json", import.meta.url);
const before = machine();
const unique = Math.random().toString(36).slice(2, 8);
const words = "Hôm nay trời đẹp quá, mình đi dạo quanh hồ rồi uống cà phê nhé. ";
const browsers = await Promise.all([launch(), launch()]);

const said = (what) => console.log(`${Math.round(performance.now() / 1_000)} s: ${what}`);

async function arrive(browser, name) {
  const person = await Person.arrive(browser, `${name}-${unique}`);
  // No pictures: they take time, and nothing is asserted here.
  person.shot = async () => {};
  await person.register();
  return person;
}

try {
  said("first load");
  const load = await firstLoad(browsers[0], process.env.SOTTO_URL);
  const alice = await arrive(browsers[0], "alice");
  const bob = await arrive(browsers[1], "bob");
  await alice.startChat(bob.name);
  await alice.say("hello");
  await bob.openChat(alice.name);
  await bob.accept();
  await bob.sees(["hello"]);
  said(`sending ${MANY} messages`);
  const texts = Array.from({ length: MANY }, (_, at) => `message ${at} ${words.repeat(at % 5)}`.trim());
  await sayAll(alice, chatOf(alice), texts);
  await bob.message(texts.at(-1)).first().waitFor({ timeout: 300_000 });
  said("opening");
  const open = await opening(bob, alice.name, 10, false);
  const openFresh = await opening(bob, alice.name, 10, true);
  said("scrolling");
  const trace = await traced(bob.page, 40_000, 6_000);
  const scroll = await scrolling(bob, 150);
  if (scroll.first !== "hello") throw new Error(`the scroll ended at “${scroll.first}”`);
  said("searching");
  const search = await searching(bob, "hồ", 5);
  said("delivery");
  await bob.page.getByRole("button", { name: "To the newest message." }).click();
  const shown = await delivery(alice, bob, 50);
  const { script, wasm } = { script: load.start.script, wasm: load.wasm };
  const lines = [
    `first load: ${script} bytes of script, ${load.start.style} of style, ${load.start.wasm} of wasm on the start page; ${wasm} of wasm once somebody signs in (all compressed)`,
    `a cached chat of ${MANY} messages opens in ${open.p50} ms (median of ${open.count}; most ${open.max}), after a reload in ${openFresh.p50} ms (most ${openFresh.max})`,
    `scrolling through it, 150 pixels a frame: ${scroll.dropped} of ${scroll.frames} frames dropped, longest gap ${scroll.longest_gap_ms} ms, ${scroll.long_tasks} long tasks`,
    `40,000 pixels of it by the wheel, in a trace: ${trace.dropped} of ${trace.frames} frames dropped, the main thread's longest task ${trace.longest_task_ms} ms`,
    `a search through all of it takes ${search.whole.p50} ms, its first hits come after ${search.first_hits.p50} ms`,
    `a message is shown in the other browser, through nginx, after ${shown.p50} ms (median of ${shown.count}; p95 ${shown.p95})`,
  ];
  for (const line of lines) console.log(line);
  const figures = {
    first_load_bytes: { ...load.start, wasm_when_signed_in: wasm },
    messages: MANY,
    open_ms: open,
    open_after_reload_ms: openFresh,
    scroll,
    scroll_trace: trace,
    search_ms: search,
    shown_ms: shown,
    chromium: browsers[0].version(),
  };
  const result = {
    at: new Date().toISOString().slice(0, 10),
    build: process.env.BUILD ?? "debug",
    command: "make bench-web",
    machine: before,
    measured: { figures, lines, name: "web" },
    nodes: 2,
  };
  writeFileSync(out, `${JSON.stringify(result, undefined, 2)}\n`);
} finally {
  await Promise.all(browsers.map((browser) => browser.close()));
}
