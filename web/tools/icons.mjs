// Draws the app's icons for systems that take no SVG, from public/icon.svg: node tools/icons.mjs. They are committed.
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";

const pub = new URL("../public/", import.meta.url).pathname;
const svg = readFileSync(`${pub}icon.svg`, "utf8");
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });

async function draw(name, size, { full = false, scale = 1 } = {}) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  // A mask cuts the corners itself: the ground goes to the edge and the drawing stays inside.
  const ground = full ? "#3b5bdb" : "transparent";
  const inner = size * scale;
  await page.setContent(
    `<style>html,body{margin:0;height:100%;background:${ground};display:grid;place-content:center}svg{display:block;width:${inner}px;height:${inner}px}</style>${svg}`,
  );
  await page.screenshot({ path: `${pub}${name}`, omitBackground: !full });
  await page.close();
}

await draw("icon-192.png", 192);
await draw("icon-512.png", 512);
await draw("icon-180.png", 180, { full: true });
await draw("icon-maskable-512.png", 512, { full: true, scale: 0.8 });
await browser.close();
