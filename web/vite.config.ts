import { readFileSync } from "node:fs";
import preact from "@preact/preset-vite";
import { defineConfig } from "vite";

const version = /^version = "(.+)"/m.exec(readFileSync(new URL("../Cargo.toml", import.meta.url), "utf8"))?.[1];

/** An origin such as https://api.example.org, without a path; empty: that of the page. */
function originOf(name: string): string {
  const text = process.env[name] ?? "";
  if (text !== "" && new URL(text).origin !== text) throw new Error(`${name} is not like https://api.example.org`);
  return text;
}

export default defineConfig({
  plugins: [preact({ prefreshEnabled: false })],
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
