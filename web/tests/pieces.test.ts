// What strangers write, in pieces: links lead where they say, people are who they are, floods stay small.
import { expect, test } from "vitest";
import { bodyOf, emojiOf, isTalk, mentionsIn, mentionsOf } from "../src/core/bodies";
import { foldAt, isOnlyEmoji, namedIn, piecesOf } from "../src/pieces";

const person = (username: string) => ({ user_id: `id-${username}`, username, role: "member" as const });
const people = ["ada", "bob", "bob.b"].map(person);
const links = (text: string) =>
  piecesOf(text, [], people).flatMap((piece) => (piece.type === "link" ? [[piece.text, piece.href]] : []));
const whole = (text: string) =>
  piecesOf(text, [], people)
    .map((piece) => ("text" in piece ? piece.text : piece.name))
    .join("");

test("addresses are links, without the sentence around them", () => {
  expect(links("see https://example.org/a?b=1#c, or (http://example.com/x_(y)).")).toEqual([
    ["https://example.org/a?b=1#c", "https://example.org/a?b=1#c"],
    ["http://example.com/x_(y)", "http://example.com/x_(y)"],
  ]);
  expect(links("HTTPS://Example.org")).toEqual([["HTTPS://Example.org", "https://example.org/"]]);
  expect(whole("see https://example.org/a, or")).toBe("see https://example.org/a, or");
});

test("nothing but http and https becomes a link, nor what hides its host", () => {
  for (const text of [
    "javascript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "https://",
    "https://bank.example@evil.example/",
    "https://user:secret@evil.example/",
    "https://[",
    "ftp://example.org",
  ]) {
    expect(links(text)).toEqual([]);
    expect(whole(text)).toBe(text);
  }
});

test("a host that may look like another one is shown by its real name", () => {
  expect(links("https://аpple.com/login")).toEqual([
    ["https://xn--pple-43d.com/login", "https://xn--pple-43d.com/login"],
  ]);
  expect(links("http://0x7f.1/a")).toEqual([["http://127.0.0.1/a", "http://127.0.0.1/a"]]);
  // Hidden marks can't stand between what is read and what is opened.
  expect(links("https://exa\u200bmple.org/\u202egpj.exe")).toEqual([
    ["https://example.org/gpj.exe", "https://example.org/gpj.exe"],
  ]);
});

test("floods take no time and little room", () => {
  const floods = [
    "https://a.example ".repeat(3_500),
    `http://a${".".repeat(60_000)}x`,
    "@".repeat(60_000),
    `@${"a.".repeat(30_000)}`,
    "[".repeat(60_000),
    "\n".repeat(60_000),
    `x${"\u0301".repeat(30_000)}`,
  ];
  for (const text of floods) {
    expect(links(text).length).toBeLessThanOrEqual(101);
    expect(namedIn(text, people)).toEqual([]);
    expect(foldAt(text) ?? 0).toBeLessThanOrEqual(900);
    expect(bodyOf(text)).toBeUndefined();
  }
  expect(bodyOf("[".repeat(60_000) + "]".repeat(60_000))).toBeUndefined();
  expect(bodyOf(`{"type":"text","text":"x","more":${"[".repeat(20_000)}${"]".repeat(20_000)}}`)?.type).toBe("text");
});

test("people are named by whole names, and found where they stand", () => {
  const named = (text: string) => namedIn(text, people).map(({ user_id, start, length }) => [user_id, start, length]);
  expect(named("@ada and @bob.")).toEqual([
    ["id-ada", 0, 4],
    ["id-bob", 9, 4],
  ]);
  expect(named("👍 @bob.b: hi")).toEqual([["id-bob.b", 3, 6]]);
  expect(named("mail ada@bob, @adas, @@ada, @Bob")).toEqual([["id-bob", 28, 4]]);
});

test("a mention is shown by the name of today, not by what the text says", () => {
  const mention = { user_id: "id-ada", start: 0, length: 4 };
  const pieces = (more: object) => piecesOf("@bob did it", [{ ...mention, ...more }], people);
  expect(pieces({})).toEqual([
    { type: "mention", user_id: "id-ada", name: "ada" },
    { type: "text", text: " did it" },
  ]);
  // Of nobody who is here, or beyond the text: what was written.
  for (const more of [{ user_id: "id-eve" }, { start: 9, length: 90 }]) {
    expect(pieces(more)).toEqual([{ type: "text", text: "@bob did it" }]);
  }
});

test("hostile mentions are nothing", () => {
  const body = (mentions: unknown) => ({ type: "text", text: "@ada @bob", mentions }) as never;
  for (const mentions of [
    "x",
    {},
    [null, 1, "ada", [[]], {}],
    [{ user_id: {}, start: 0, length: 4 }],
    [{ user_id: "id-ada", start: -1, length: 4 }],
    [{ user_id: "id-ada", start: 0.5, length: 4 }],
    [{ user_id: "id-ada", start: 0, length: 0 }],
    [{ user_id: "id-ada", start: 0, length: 1e300 }],
  ]) {
    expect(mentionsOf(body(mentions))).toEqual([]);
  }
  const ada = { user_id: "id-ada", start: 0, length: 4 };
  expect(mentionsIn(body([ada, { ...ada, user_id: "id-bob", start: 2 }]))).toEqual([ada]);
  expect(mentionsOf(body(Array(60_000).fill(ada)))).toEqual(["id-ada"]);
});

test("an emoji is one emoji", () => {
  for (const emoji of ["👍", "❤️", "👩‍👩‍👧", "🇻🇳", "👍🏽", "1️⃣", "☕"]) expect(emojiOf(emoji)).toBe(emoji);
  for (const text of ["", "ok", "👍👍", "<b>", "a\u0301", "👍\u202e", "\u200d", "😀".repeat(9_000)]) {
    expect(emojiOf(text)).toBeUndefined();
  }
  expect(["👍", "👍 ❤️"].map(isOnlyEmoji)).toEqual([true, true]);
  expect(["", "hi 👍", "12", "👍".repeat(60)].map(isOnlyEmoji)).toEqual([false, false, false, false]);
});

test("timers are times that the server takes, and nothing else is a timer", () => {
  const timer = (after_ms: unknown) => bodyOf(JSON.stringify({ type: "timer", after_ms }));
  for (const ms of [undefined, null, 1_000, 365 * 86_400_000]) expect(timer(ms)?.type).toBe("timer");
  for (const ms of [0, -1, 999, 1.5, 365 * 86_400_000 + 1, "5000", {}, []]) expect(timer(ms)).toBeUndefined();
  expect(isTalk('{"type":"timer"}')).toBe(false);
});
