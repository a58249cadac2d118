// Builds dist/ and holds the budget of what the start page fetches.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "vite";
import { startPage } from "./budget.mjs";
import { hashOf, MARK } from "./hash.mjs";
import { licences } from "./licences.mjs";

const MOST_SCRIPT_BYTES = 60_000;
const root = new URL("..", import.meta.url).pathname;
/** WEB_DIST: another place for what is built. */
const dist = resolve(process.env.WEB_DIST ?? `${root}dist`);
const run = (program, ...args) =>
  execFileSync(`${root}node_modules/.bin/${program}`, args, { cwd: root, stdio: "inherit" });
const list = () =>
  readdirSync(dist, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(dist.length))
    .sort();

execFileSync(process.execPath, [`${root}tools/types.mjs`, "--check"], { stdio: "inherit" });
run("tsc", "--noEmit");
run("vite", "build", "--logLevel", "warn", "--outDir", dist, "--emptyOutDir");
writeFileSync(`${dist}/licences.txt`, licences(root));

// The service worker knows the build's files by name. It and the page show the hash of all of them, so they are hashed
// with a mark in its place.
const kept = list();
await build({
  root,
  configFile: false,
  publicDir: false,
  logLevel: "warn",
  define: {
    PATHS: JSON.stringify(JSON.stringify(kept.map((path) => (path === "/index.html" ? "/" : path)))),
    BUILD: JSON.stringify(MARK),
  },
  build: {
    target: "es2024",
    outDir: dist,
    emptyOutDir: false,
    rollupOptions: { input: `${root}src/sw.ts`, output: { format: "iife", entryFileNames: "sw.js" } },
  },
});
const files = list();
const id = hashOf(files.map((path) => [path, readFileSync(dist + path)]));
for (const path of files.filter((path) => path.endsWith(".js"))) {
  const text = readFileSync(dist + path, "utf8");
  if (text.includes(MARK)) writeFileSync(dist + path, text.replaceAll(MARK, id));
}

// nginx sends these as they are.
const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
for (const path of list()) {
  if (!/\.(html|css|js|wasm|svg|webmanifest|txt)$/.test(path)) continue;
  const bytes = readFileSync(dist + path);
  writeFileSync(`${dist}${path}.gz`, gzipSync(bytes, { level: 9 }));
  writeFileSync(`${dist}${path}.br`, brotliCompressSync(bytes, brotli));
}

const { script, style, lazy, wasm } = startPage(dist);
const sum = (sizes) => Object.values(sizes).reduce((all, bytes) => all + bytes, 0);
const total = sum(script);
console.log(`web: build ${id}`);
console.log(`web: the start page fetches ${total} bytes of script gzipped, ${MOST_SCRIPT_BYTES} are allowed`);
for (const [name, bytes] of Object.entries(script)) console.log(`web:   ${name} ${bytes}`);
console.log(`web: and ${sum(style)} of style; later, when they are needed, ${sum(lazy)} of script`);
for (const [name, bytes] of Object.entries(lazy)) console.log(`web:   ${name} ${bytes}`);
console.log(`web: the crypto module, when somebody signs in: ${sum(wasm)} (its budget is in scripts/wasm.sh)`);
const measured = { script, style, lazy, wasm, most: MOST_SCRIPT_BYTES };
if (!process.env.WEB_DIST) writeFileSync(`${root}build/start-page.json`, JSON.stringify(measured));
if (total > MOST_SCRIPT_BYTES) process.exitCode = 1;

const page = readFileSync(`${dist}/index.html`, "utf8");
if (/<script(?![^>]*\ssrc=)|<style|\son\w+=|\sstyle=/i.test(page)) {
  console.error("web: index.html has inline script or style, which the content security policy refuses");
  process.exitCode = 1;
}
