// Builds dist/ and holds the budget of what the start page fetches.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const MOST_SCRIPT_BYTES = 60_000;
const root = new URL("..", import.meta.url).pathname;
const run = (program, ...args) =>
  execFileSync(`${root}node_modules/.bin/${program}`, args, { cwd: root, stdio: "inherit" });

execFileSync(process.execPath, [`${root}tools/types.mjs`, "--check"], { stdio: "inherit" });
run("tsc", "--noEmit");
run("vite", "build", "--logLevel", "warn");

const assets = readdirSync(`${root}dist/assets`);
const zipped = (name) => gzipSync(readFileSync(`${root}dist/assets/${name}`), { level: 9 }).length;
const script = assets.filter((name) => name.endsWith(".js")).reduce((sum, name) => sum + zipped(name), 0);
console.log(`web: ${script} bytes of script gzipped, ${MOST_SCRIPT_BYTES} are allowed`);
if (script > MOST_SCRIPT_BYTES) process.exitCode = 1;

// nginx sends these as they are.
for (const name of readdirSync(`${root}dist`, { recursive: true })) {
  if (!/\.(html|css|js|wasm|svg)$/.test(name)) continue;
  writeFileSync(`${root}dist/${name}.gz`, gzipSync(readFileSync(`${root}dist/${name}`), { level: 9 }));
}

const page = readFileSync(`${root}dist/index.html`, "utf8");
if (/<script(?![^>]*\ssrc=)|<style|\son\w+=|\sstyle=/i.test(page)) {
  console.error("web: index.html has inline script or style, which the content security policy refuses");
  process.exitCode = 1;
}
