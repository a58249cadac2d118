// The licences of everything that is in the built page: npm's packages in full, Rust's crates by name and terms.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

const PACKAGES = ["preact", "@preact/signals", "@preact/signals-core", "idb"];
const FILES = ["LICENSE", "LICENSE.md", "LICENCE"];

export function licences(root) {
  const parts = ["Sotto: AGPL-3.0-or-later.\n\nIt contains the following works of others.\n"];
  for (const name of PACKAGES) {
    const folder = `${root}node_modules/${name}`;
    const { version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
    const text = FILES.map((file) => `${folder}/${file}`).find(existsSync);
    parts.push(`## ${name} ${version} (${license})\n\n${text ? readFileSync(text, "utf8").trim() : ""}\n`);
  }
  parts.push("## In the crypto module (Rust crates)\n", crates(root));
  return parts.join("\n");
}

/** The crates of the module, without our own, which are named by their folders. */
function crates(root) {
  const args = ["tree", "--locked", "-p", "sotto-web-crypto", "--target", "wasm32-unknown-unknown", "-e", "normal"];
  const format = ["--prefix", "none", "--format", "{p}: {l}"];
  const options = { cwd: `${root}..`, encoding: "utf8", maxBuffer: 1 << 24 };
  const lines = execFileSync("cargo", [...args, ...format], options)
    .split("\n")
    .map((line) => line.replace(/ \((?:\*|proc-macro)\)/g, "").replace(" (*)", ""))
    .filter((line) => line && !line.startsWith("sotto-"));
  return `${[...new Set(lines)].sort().join("\n")}\n`;
}
