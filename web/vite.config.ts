import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import preact from "@preact/preset-vite";
import { defineConfig, type Plugin } from "vite";

const version = /^version = "(.+)"/m.exec(readFileSync(new URL("../Cargo.toml", import.meta.url), "utf8"))?.[1];

/** An origin such as https://api.example.org, without a path; empty: that of the page. */
function originOf(name: string): string {
  const text = process.env[name] ?? "";
  if (text !== "" && new URL(text).origin !== text) throw new Error(`${name} is not like https://api.example.org`);
  return text;
}

/** A script that is no module: as it is, under a name with its hash. */
function asItIs(path: string): Plugin {
  const source = readFileSync(new URL(`.${path}`, import.meta.url), "utf8");
  const hash = createHash("sha256").update(source).digest("base64url").slice(0, 8);
  const fileName = path.replace("/src/", "assets/").replace(".js", `-${hash}.js`);
  return {
    name: "as-it-is",
    apply: "build",
    generateBundle() {
      this.emitFile({ type: "asset", fileName, source });
    },
    transformIndexHtml: (html) => html.replace(path, `/${fileName}`),
  };
}

export default defineConfig({
  plugins: [preact({ prefreshEnabled: false }), asItIs("/src/theme.js")],
  define: {
    "import.meta.env.VERSION": JSON.stringify(version ?? ""),
    "import.meta.env.API_ORIGIN": JSON.stringify(originOf("API_ORIGIN")),
    "import.meta.env.SOURCE_URL": JSON.stringify(process.env["SOURCE_URL"] ?? ""),
  },
  worker: { format: "es" },
  build: {
    target: "es2024",
    // What is small enough for `data:` would need a wider CSP.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 200,
  },
  server: {
    proxy: {
      "/api": "http://localhost:8080",
      "/auth": "http://localhost:8080",
      "/ws": { target: "ws://localhost:8080", ws: true },
    },
  },
});
