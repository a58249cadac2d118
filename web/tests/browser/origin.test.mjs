// The web client at an origin of its own, the API at another one: calls, socket and cookie go across. The cluster lets
// SOTTO_WEB_ORIGIN in; the page is built for SOTTO_URL into SOTTO_WEB_DIST.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { launch, PASSWORD, Person } from "./people.mjs";

const API = process.env.SOTTO_URL ?? "http://localhost:8080";
const ORIGIN = process.env.SOTTO_WEB_ORIGIN ?? "http://localhost:8581";
const DIST = process.env.SOTTO_WEB_DIST;
const TYPES = {
  html: "text/html",
  css: "text/css",
  js: "text/javascript",
  wasm: "application/wasm",
  svg: "image/svg+xml",
  png: "image/png",
  webmanifest: "application/manifest+json",
};
// The policy that deploy/nginx/web-origin.conf sends, for these two origins.
const sample = readFileSync(new URL("../../../deploy/nginx/web-origin.conf", import.meta.url), "utf8");
const policy = /Content-Security-Policy "([^"]+)"/
  .exec(sample)[1]
  .replace("https://api.example.org", API)
  .replace("wss://api.example.org", API.replace("http", "ws"));
let server;
let browser;

before(async () => {
  server = createServer((request, response) => {
    const path = new URL(request.url, ORIGIN).pathname;
    const file = path === "/" ? "/index.html" : path;
    try {
      const bytes = readFileSync(DIST + file);
      const type = TYPES[file.split(".").at(-1)] ?? "text/plain";
      response.writeHead(200, { "content-type": type, "content-security-policy": policy });
      response.end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((done) => server.listen(Number(new URL(ORIGIN).port), "127.0.0.1", done));
  browser = await launch();
});

after(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
});

test("people register and talk from an origin of its own, and stay at their node", { timeout: 120_000 }, async () => {
  const unique = Math.random().toString(36).slice(2, 8);
  const options = { base: ORIGIN };
  const pat = await Person.arrive(browser, `pat-${unique}`, options);
  const quin = await Person.arrive(browser, `quin-${unique}`, options);
  await pat.register();
  await quin.register();
  await pat.startChat(quin.name);
  await pat.say("across origins");
  await quin.openChat(pat.name);
  await quin.accept();
  await quin.sees(["across origins"]);
  await pat.until(async () => assert.equal(await pat.state("across origins"), "Read"));
  const cookies = await pat.context.cookies(API);
  assert(cookies.some(({ name }) => name === "sotto_node"));
  assert.deepEqual([...pat.complaints, ...quin.complaints], []);
});

test("a foreign page may neither call nor open sockets", { timeout: 30_000 }, async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  // An origin that nobody named: another port.
  await page.route("http://localhost:1/**", (route) =>
    route.fulfill({ contentType: "text/html", body: "<p>evil</p>" }),
  );
  await page.goto("http://localhost:1/");
  const tried = await page.evaluate(
    async ([api, password]) => {
      const body = JSON.stringify({ username: "somebody", password });
      const headers = { "content-type": "application/json" };
      const called = await fetch(`${api}/auth/login`, { method: "POST", body, headers }).then(
        () => "answered",
        () => "refused",
      );
      const opened = await new Promise((done) => {
        const socket = new WebSocket(`${api.replace("http", "ws")}/ws`, ["sotto.v1", "ticket.x"]);
        socket.onopen = () => done("open");
        socket.onerror = () => done("refused");
      });
      return [called, opened];
    },
    [API, PASSWORD],
  );
  assert.deepEqual(tried, ["refused", "refused"]);
  await context.close();
});
