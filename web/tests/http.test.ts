import { expect, test } from "vitest";
import type { Environment } from "../src/core/environment";
import { codeOf, SignedOut, Unreachable } from "../src/core/errors";
import { Http } from "../src/core/http";

const environment: Environment = {
  now: () => 1_000_000,
  monotonic: () => 0,
  random: () => 0,
  uuid: () => "",
  sleep: async () => {},
};

/** Answers in turn; the last one again and again. */
function server(...answers: [number, unknown][]) {
  const calls: { path: string; body: unknown; bearer: string | undefined }[] = [];
  const http = new Http("http://sotto.test", environment, async (input, init) => {
    const bearer = (init.headers as Record<string, string>)["authorization"];
    calls.push({ path: new URL(input).pathname, body: init.body, bearer });
    const [status, body] = answers.length > 1 ? (answers.shift() as [number, unknown]) : (answers[0] ?? [500, ""]);
    return new Response(typeof body === "string" ? body : JSON.stringify(body), { status });
  });
  http.tokens = { accessToken: "old", refreshToken: "r1", expiresAtMs: 2_000_000 };
  return { http, calls };
}

const problem = (code: string) => ({ type: "", title: code, status: 400, code });
const fresh = { access_token: "new", token_type: "Bearer", expires_in_ms: 600_000, refresh_token: "r2" };

test("a call that may be repeated is, in the same bytes", async () => {
  const { http, calls } = server([503, problem("unavailable")], [502, "<html>"], [200, { fine: true }]);
  const call = { method: "POST", path: "/x", body: { a: 1 }, repeatable: true } as const;
  expect(await http.run(call)).toEqual({ fine: true });
  expect(calls.map(({ body }) => body)).toEqual(Array(3).fill('{"a":1}'));
});

test("a call that may not be repeated is not, unless the server did nothing", async () => {
  const once = server([503, problem("unavailable")]);
  await expect(once.http.run({ method: "POST", path: "/x" })).rejects.toMatchObject({ name: "Refused" });
  expect(once.calls).toHaveLength(1);
  const limited = server([429, problem("rate_limited")], [200, { fine: true }]);
  expect(await limited.http.run({ method: "POST", path: "/x" })).toEqual({ fine: true });
});

test("a refusal for good is not asked again", async () => {
  const { http, calls } = server([404, problem("not_found")]);
  expect(codeOf(await http.get("/x").catch((error: unknown) => error))).toBe("not_found");
  expect(calls).toHaveLength(1);
});

test("an expired token is exchanged once for all who wait", async () => {
  const { http, calls } = server(
    [401, problem("token_expired")],
    [401, problem("token_expired")],
    [200, fresh],
    [200, { fine: true }],
  );
  const kept: (string | undefined)[] = [];
  http.onTokens = (tokens) => kept.push(tokens?.refreshToken);
  await Promise.all([http.get("/a"), http.get("/b")]);
  expect(calls.map(({ path }) => path)).toEqual(["/a", "/b", "/auth/refresh", "/a", "/b"]);
  expect(calls.at(-1)?.bearer).toBe("Bearer new");
  expect(kept).toEqual(["r2"]);
});

test("an answer that is rubbish is no answer", async () => {
  for (const body of ["<html>", "{", '"\\ud800']) {
    await expect(server([200, body]).http.run({ method: "POST", path: "/x" })).rejects.toBeInstanceOf(Unreachable);
  }
  await expect(server([500, "null"]).http.run({ method: "POST", path: "/x" })).rejects.toBeInstanceOf(Unreachable);
});

test("without tokens nothing is asked", async () => {
  const { http, calls } = server([200, {}]);
  http.tokens = undefined;
  await expect(http.get("/x")).rejects.toBeInstanceOf(SignedOut);
  expect(calls).toEqual([]);
});

test("an answer that no Sotto server gives has a name of its own, a broken server has not", async () => {
  const portal = { method: "GET", path: "/x" } as const;
  for (const body of ["<html>sign in</html>", "null", "7", '"text"']) {
    await expect(server([200, body]).http.run(portal)).rejects.toMatchObject({ name: "Garbled" });
  }
  await expect(server([404, "<html>"]).http.run(portal)).rejects.toMatchObject({ name: "Garbled" });
  await expect(server([502, "<html>"]).http.run(portal)).rejects.toMatchObject({ name: "Unreachable" });
  await expect(server([200, "<html>"]).http.run(portal)).rejects.toBeInstanceOf(Unreachable);
});

test("the server's clock is compared with this one", async () => {
  const skews: number[] = [];
  const http = new Http("http://sotto.test", environment, async () => {
    return new Response("{}", { headers: { date: "Thu, 01 Jan 1970 00:10:00 GMT" } });
  });
  http.onSkew = (skewMs) => skews.push(skewMs);
  await http.run({ method: "GET", path: "/x", anonymous: true });
  expect(skews).toEqual([400_000]);
});
