// Compares what a server sends with the build that is here: node web/tools/verify.mjs https://chat.example.org
// Build the same version first, with the same API_ORIGIN and SOURCE_URL (scripts/web.sh). It fetches as anybody would,
// without an account: the page's own word about its hash is not asked for.
import { existsSync, readFileSync } from "node:fs";
import { hashOf, MARK } from "./hash.mjs";

const [origin] = process.argv.slice(2);
if (!origin) {
  console.error("node web/tools/verify.mjs <origin>");
  process.exit(2);
}
const dist = new URL("../dist", import.meta.url).pathname;

async function fetched(path) {
  const response = await fetch(new URL(path, origin), { redirect: "error" });
  if (!response.ok) throw new Error(`${path}: status ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

const named = (worker, pattern) => JSON.parse(pattern.exec(worker)?.[0] ?? "null");
const local = readFileSync(`${dist}/sw.js`, "utf8");
const sent = (await fetched("/sw.js")).toString();
const id = /"?[0-9a-f]{32}"?/.exec(sent)?.[0].replaceAll('"', "") ?? "";
const files = named(sent, /\["\/[^\]]*\]/);
if (!files || !id) throw new Error("its service worker is not one of Sotto");

let wrong = 0;
const all = [];
for (const path of files) {
  const file = path === "/" ? "/index.html" : path;
  const bytes = await fetched(path);
  all.push([file, file.endsWith(".js") ? Buffer.from(bytes.toString().replaceAll(id, MARK)) : bytes]);
  const here = existsSync(dist + file) ? readFileSync(dist + file) : undefined;
  if (here?.equals(bytes)) continue;
  wrong += 1;
  console.log(`${here ? "differs" : "not in this build"}: ${file}`);
}
if (sent !== local) {
  wrong += 1;
  console.log("differs: /sw.js");
}
const computed = hashOf(all.sort(([one], [other]) => (one < other ? -1 : 1)));
console.log(`the server says ${id}, its files are ${computed}`);
if (computed !== id || wrong > 0) {
  console.log("NOT the build that is here");
  process.exit(1);
}
console.log("the same, byte for byte");
