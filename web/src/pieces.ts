// A stranger's text in pieces: plain text, links that lead where they say, people.
import { type Mention, shownText } from "./core/bodies";
import type { Person } from "./core/told";

export type Piece =
  | { type: "text"; text: string }
  | { type: "link"; text: string; href: string }
  | { type: "mention"; user_id: string; name: string };

const LINK = /https?:\/\/[^\s<>"'`\u3000-\u303f\uff00-\uffef]{1,2000}/gi;
/** What ends a sentence rather than an address. */
const TAIL = /[.,;:!?…)\]}*_~]+$/;
/** Links of one message, at most: more are a flood. */
const MOST_LINKS = 100;

/** Mentions of people who are here are shown by their names of today; everything else is what was written. */
export function piecesOf(text: string, mentions: Mention[], people: Person[]): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const { user_id, start, length } of mentions) {
    const person = people.find((person) => person.user_id === user_id);
    if (!person || start < from || start + length > text.length) continue;
    pieces.push(...linked(text.slice(from, start)), { type: "mention", user_id, name: person.username });
    from = start + length;
  }
  return [...pieces, ...linked(text.slice(from))];
}

function linked(raw: string): Piece[] {
  const text = shownText(raw);
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(LINK)) {
    if (pieces.length > 2 * MOST_LINKS) break;
    const link = linkOf(match[0]);
    if (!link) continue;
    if (match.index > from) pieces.push({ type: "text", text: text.slice(from, match.index) });
    pieces.push(link.piece);
    from = match.index + link.length;
  }
  if (from < text.length) pieces.push({ type: "text", text: text.slice(from) });
  return pieces;
}

/** A link and how much of the text it takes; `undefined` for what must not be one. */
function linkOf(found: string): { piece: Piece; length: number } | undefined {
  const written = trimmed(found);
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (!url || !["http:", "https:"].includes(url.protocol)) return undefined;
  // "https://bank.example@evil.example" looks like the one and is the other.
  if (url.username || url.password || !url.hostname) return undefined;
  return { piece: { type: "link", text: honest(written, url), href: url.href }, length: written.length };
}

/** Without the end of the sentence; a closing bracket stays if it was opened in the link. */
function trimmed(found: string): string {
  const tail = TAIL.exec(found)?.[0] ?? "";
  const bare = found.slice(0, found.length - tail.length);
  return tail.startsWith(")") && bare.includes("(") ? `${bare})` : bare;
}

/** As it is written; a host with letters beyond ASCII by its real name, since it may look like another one. */
function honest(written: string, url: URL): string {
  const start = written.indexOf("//") + 2;
  const end = written.slice(start).search(/[/?#\\]/);
  const host = end < 0 ? written.slice(start) : written.slice(start, start + end);
  const real = url.port && host.includes(":") ? url.host : url.hostname;
  const plain = /^[\x21-\x7e]+$/.test(host) && host.replace(/:\d*$/, "").toLowerCase() === url.hostname;
  return plain ? written : written.slice(0, start) + real + (end < 0 ? "" : written.slice(start + end));
}

const NAME = /(?<![\w.@-])@([a-z0-9._-]{1,40})/gi;

/** Where somebody of the conversation is named in one's own text. */
export function namedIn(text: string, people: Person[]): Mention[] {
  const byName = new Map(people.map((person) => [person.username, person.user_id]));
  return [...text.matchAll(NAME)].flatMap((match) => {
    // The dot after a name may be the sentence's.
    for (let name = (match[1] ?? "").toLowerCase(); name; name = name.slice(0, -1)) {
      const user_id = byName.get(name);
      if (user_id) return [{ user_id, start: match.index, length: name.length + 1 }];
      if (!/[._-]$/.test(name)) break;
    }
    return [];
  });
}

const LONG = { letters: 900, lines: 14 };

/** Where a long text is cut until somebody wants more; `undefined`: it is short. */
export function foldAt(text: string): number | undefined {
  let end = Math.min(LONG.letters, text.length);
  for (let line = 0, at = text.indexOf("\n"); at >= 0 && at < end; at = text.indexOf("\n", at + 1)) {
    line += 1;
    if (line === LONG.lines) end = at;
  }
  if (end === text.length) return undefined;
  // Not between the halves of a character.
  return /[\ud800-\udbff]/.test(text[end - 1] ?? "") ? end - 1 : end;
}

const ONLY_EMOJI = /^(?:\p{RGI_Emoji}\s*){1,5}$/v;

/** A few emoji and nothing else: they are shown larger. */
export const isOnlyEmoji = (text: string): boolean => text.length < 120 && ONLY_EMOJI.test(text.trim());
