// Search: what counts as the same letter, what is highlighted, and what is found in the store.
import { expect, test } from "vitest";
import { excerpt, fold, highlighted, matches, termsOf } from "../src/core/fold";
import { type Hit, Search, Searches } from "../src/core/search";
import { emptyBatch, Store, type StoredMessage } from "../src/core/store";

const ROOM = "9a1f6c1e-0000-4000-8000-000000000001";
const OTHER = "9a1f6c1e-0000-4000-8000-000000000002";
const id = (seq: number) => `00000000-0000-4000-8000-${String(seq).padStart(12, "0")}`;

function said(seq: number, body: unknown, at = seq, room = ROOM, sender = "user"): StoredMessage {
  const body_json = JSON.stringify(typeof body === "string" ? { type: "text", text: body } : body);
  const ids = { conversation_id: room, txn_id: id(seq), sender_user_id: sender, sender_device_id: "device" };
  return { ...ids, seq, created_at_ms: at, expires_at_ms: null, counter: seq, body_json, key_origin: "owner" };
}

async function searchIn(shown: StoredMessage[], query: string, rooms = [ROOM]): Promise<Hit[]> {
  const store = await Store.open();
  await store.commit({ ...emptyBatch(), shown });
  const places = rooms.map((room) => ({ id: room, at_ms: 1_000_000 }));
  const search = new Search(store, query, places, () => performance.now());
  const hits: Hit[] = [];
  for (let done = false; !done; ) {
    const more = await search.more();
    hits.push(...more.hits);
    done = more.done;
  }
  store.close();
  return hits;
}

test("case and marks make no difference, in Vietnamese too", () => {
  expect(fold("Đường Nguyễn Huệ, Quận 1")).toBe("duong nguyen hue, quan 1");
  // Composed and decomposed are one text.
  expect(fold("tiếng Việt".normalize("NFD"))).toBe(fold("TIẾNG VIỆT"));
  expect(fold("Straße ŁÓDŹ Ærø İstanbul")).toBe("strasse lodz aero istanbul");
  expect(matches("Hẹn gặp ở Đà Nẵng", termsOf("da nang"))).toBe(true);
  expect(matches("Hen gap o Da Nang", termsOf("Đà Nẵng"))).toBe(true);
  expect(matches("Hẹn gặp", termsOf("gặp mai"))).toBe(false);
  expect(matches("anything", termsOf("   "))).toBe(false);
});

test("hits are set apart with their marks, and the parts are the text", () => {
  for (const form of ["NFC", "NFD"] as const) {
    const text = "Tôi ở Việt Nam, việt nam!".normalize(form);
    const parts = highlighted(text, termsOf("viet"));
    expect(parts.map((part) => part.text).join("")).toBe(text);
    expect(parts.filter(({ hit }) => hit).map((part) => part.text.normalize("NFC"))).toEqual(["Việt", "việt"]);
  }
  expect(highlighted("groß", termsOf("ss"))).toEqual([
    { text: "gro", hit: false },
    { text: "ß", hit: true },
  ]);
  expect(highlighted("👩‍👧 ok", termsOf("ok")).at(-1)).toEqual({ text: "ok", hit: true });
});

test("an excerpt shows the first hit of a long text", () => {
  const long = `${"lorem ipsum ".repeat(500)}the needle is here ${"dolor ".repeat(500)}`;
  const part = excerpt(long, termsOf("needle"));
  expect(part).toContain("needle");
  expect(part.length).toBeLessThanOrEqual(161);
  expect(excerpt("short needle", termsOf("needle"))).toBe("short needle");
});

test("hits of several conversations come newest first", async () => {
  const shown = [
    ...Array.from({ length: 600 }, (_, at) => said(at + 1, at % 100 === 0 ? "needle" : "hay", at * 10)),
    ...Array.from({ length: 600 }, (_, at) => said(at + 1, at % 100 === 5 ? "Needle" : "hay", at * 10 + 5, OTHER)),
  ];
  const hits = await searchIn(shown, "NEEDLE", [ROOM, OTHER]);
  expect(hits).toHaveLength(12);
  expect(hits.map(({ at_ms }) => at_ms)).toEqual(hits.map(({ at_ms }) => at_ms).sort((one, other) => other - one));
  expect((await searchIn(shown, "needle", [OTHER])).every((hit) => hit.conversation_id === OTHER)).toBe(true);
});

test("no more is looked at than somebody wants to see, and nothing is left out", async () => {
  const store = await Store.open();
  await store.commit({ ...emptyBatch(), shown: Array.from({ length: 500 }, (_, at) => said(at + 1, "needle")) });
  const search = new Search(store, "needle", [{ id: ROOM, at_ms: 999 }], () => 0);
  const seqs: number[] = [];
  const sizes: number[] = [];
  for (let done = false; !done; ) {
    const more = await search.more();
    seqs.push(...more.hits.map(({ seq }) => seq));
    sizes.push(more.hits.length);
    done = more.done;
  }
  expect(seqs).toEqual(Array.from({ length: 500 }, (_, at) => 500 - at));
  expect(Math.max(...sizes)).toBe(20);
  store.close();
});

test("what is found is what is shown: the author's edits count, others' do not", async () => {
  const shown = [
    said(1, "the old words"),
    said(2, { type: "edit", target: id(1), text: "fresh words" }),
    said(3, "the true words"),
    said(4, { type: "edit", target: id(3), text: "forged words" }, 4, ROOM, "mallory"),
    said(5, { type: "edit", target: id(99), text: "words about nothing" }),
    said(6, { type: "reaction", target: id(3), emoji: "words" }),
  ];
  expect(await searchIn(shown, "old")).toEqual([]);
  expect(await searchIn(shown, "forged")).toEqual([]);
  expect((await searchIn(shown, "fresh")).map(({ seq }) => seq)).toEqual([1]);
  expect((await searchIn(shown, "words")).map(({ seq }) => seq)).toEqual([3, 1]);
});

test("a hostile message is only text", async () => {
  const shown = [said(1, `${"\u200b".repeat(9_000)}find\u202e me`), said(2, { type: "text", text: {} }), said(3, "x")];
  const [hit] = await searchIn(shown, "find me");
  expect(hit?.parts.map(({ text }) => text).join("")).toBe("find me");
});

test("a search that was ended gives nothing more", async () => {
  const store = await Store.open();
  await store.commit({ ...emptyBatch(), shown: [said(1, "needle")] });
  const searches = new Searches();
  const search = () => new Search(store, "needle", [{ id: ROOM, at_ms: 1 }], () => 0);
  searches.begin("one", search());
  searches.end("one");
  expect(await searches.more("one")).toEqual({ hits: [], done: true });
  // Nor can anybody make the worker keep more than a few.
  for (let at = 0; at < 20; at += 1) searches.begin(`search ${at}`, search());
  expect((await searches.more("search 0")).hits).toHaveLength(0);
  expect((await searches.more("search 19")).hits).toHaveLength(1);
});
