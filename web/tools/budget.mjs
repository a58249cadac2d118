// What the start page fetches, by the imports that are in the files: the page's scripts and the worker with everything
// that they import statically, and the catalogue of one language (the biggest). Everything else comes when it is needed.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const STATIC = /(?:\bfrom|\bimport)\s*"\.\/([\w.-]+\.js)"/g;

export function startPage(dist) {
  const text = (name) => readFileSync(`${dist}/assets/${name}`, "utf8");
  const size = (name) => gzipSync(readFileSync(`${dist}/assets/${name}`), { level: 9 }).length;
  const sizes = (names) => Object.fromEntries([...names].sort().map((name) => [name, size(name)]));
  const names = readdirSync(`${dist}/assets`).filter((name) => !/\.(gz|br)$/.test(name));
  const scripts = names.filter((name) => name.endsWith(".js"));

  const page = readFileSync(`${dist}/index.html`, "utf8");
  const entries = [...page.matchAll(/src="\/assets\/([\w.-]+\.js)"/g)].map(([, name]) => name);
  const workers = scripts.filter((name) => name.startsWith("worker-"));
  const catalogues = scripts.filter((name) => /^(en|vi)-/.test(name)).sort((one, other) => size(other) - size(one));
  if (entries.length !== 2 || workers.length !== 1 || catalogues.length === 0) {
    throw new Error(`the build has other files than the budget knows of: ${scripts.join(", ")}`);
  }

  const start = new Set();
  const add = (name) => {
    if (start.has(name)) return;
    start.add(name);
    for (const [, imported] of text(name).matchAll(STATIC)) add(imported);
  };
  for (const name of [...entries, ...workers, ...catalogues.slice(0, 1)]) add(name);
  const rest = scripts.filter((name) => !start.has(name) && !catalogues.includes(name));
  return {
    script: sizes(start),
    style: sizes(names.filter((name) => name.endsWith(".css") && page.includes(name))),
    lazy: sizes(rest),
    wasm: sizes(names.filter((name) => name.endsWith(".wasm"))),
  };
}
