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

const sent = (await fetched("/sw.js")).toString();
const id = /[0-9a-f]{32}/.exec(sent)?.[0];
const list = /\["\/[^\]]*\]/.exec(sent.replaceAll("\\", ""))?.[0];
if (!list || !id) throw new Error("its service worker is not one of Sotto");

let wrong = 0;
const all = [];
const paths = JSON.parse(list).map((path) => (path === "/" ? "/index.html" : path));
for (const path of [...paths, "/sw.js"].sort()) {
  const bytes = await fetched(path === "/index.html" ? "/" : path);
  all.push([path, path.endsWith(".js") ? Buffer.from(bytes.toString().replaceAll(id, MARK)) : bytes]);
  const here = existsSync(dist + path) ? readFileSync(dist + path) : undefined;
  if (here?.equals(bytes)) continue;
  wrong += 1;
  console.log(`${here ? "differs" : "not in this build"}: ${path}`);
}
const computed = hashOf(all);
console.log(`the server says ${id}, its files are ${computed}`);
if (computed !== id || wrong > 0) {
  console.log("NOT the build that is here");
  process.exit(1);
}
console.log("the same, byte for byte");
