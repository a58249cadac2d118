// Builds dist/ and holds the budget of what the start page fetches.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const MOST_SCRIPT_BYTES = 60_000;
const root = new URL("..", import.meta.url).pathname;
const run = (program, ...args) =>
  execFileSync(`${root}node_modules/.bin/${program}`, args, { cwd: root, stdio: "inherit" });

execFileSync(process.execPath, [`${root}tools/types.mjs`, "--check"], { stdio: "inherit" });
run("tsc", "--noEmit");
run("vite", "build", "--logLevel", "warn");

// The service worker knows the build's files by name, so it is made last.
const files = readdirSync(`${root}dist`, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => `${entry.parentPath}/${entry.name}`.slice(`${root}dist`.length))
  .sort();
const hash = createHash("sha256");
for (const path of files) hash.update(path).update(readFileSync(`${root}dist${path}`));
const id = hash.digest("hex").slice(0, 16);
await build({
  root,
  configFile: false,
  publicDir: false,
  logLevel: "warn",
  define: {
    FILES: JSON.stringify(files.map((path) => (path === "/index.html" ? "/" : path))),
    BUILD: JSON.stringify(id),
  },
  build: {
    target: "es2024",
    emptyOutDir: false,
    rollupOptions: { input: `${root}src/sw.ts`, output: { format: "iife", entryFileNames: "sw.js" } },
  },
});

const assets = readdirSync(`${root}dist/assets`);
const zipped = (name) => gzipSync(readFileSync(`${root}dist/assets/${name}`), { level: 9 }).length;
// What is fetched later, when a screen needs it, has a name of its own.
const isOfStart = (name) => /^(index|worker)-.*\.js$/.test(name);
const script = assets.filter(isOfStart).reduce((sum, name) => sum + zipped(name), 0);
console.log(`web: build ${id}, ${script} bytes of script gzipped, ${MOST_SCRIPT_BYTES} are allowed`);
if (script > MOST_SCRIPT_BYTES) process.exitCode = 1;

// nginx sends these as they are.
for (const name of readdirSync(`${root}dist`, { recursive: true })) {
  if (!/\.(html|css|js|wasm|svg|webmanifest)$/.test(name)) continue;
  writeFileSync(`${root}dist/${name}.gz`, gzipSync(readFileSync(`${root}dist/${name}`), { level: 9 }));
}

const page = readFileSync(`${root}dist/index.html`, "utf8");
if (/<script(?![^>]*\ssrc=)|<style|\son\w+=|\sstyle=/i.test(page)) {
  console.error("web: index.html has inline script or style, which the content security policy refuses");
  process.exitCode = 1;
}
