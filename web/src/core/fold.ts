// Texts as they are compared in a search: without case and marks, so that "viet" finds "Việt".

const MARKS = /\p{M}+/gu;
/** Letters that are no base letter with a mark on it. */
const ALONE: Record<string, string> = { đ: "d", ð: "d", ø: "o", ł: "l", ı: "i", ß: "ss", ς: "σ", æ: "ae", œ: "oe" };
const STRANGE = /[đðøłıßςæœ]/g;

export function fold(text: string): string {
  const bare = text.toLowerCase().normalize("NFD").replace(MARKS, "");
  return bare.replace(STRANGE, (letter) => ALONE[letter] ?? letter);
}

/** The words of a query, folded; each has to be somewhere. */
export function termsOf(query: string): string[] {
  const words = fold(query)
    .split(/\s+/u)
    .filter((word) => word !== "");
  return [...new Set(words)].slice(0, 16);
}

export const matches = (text: string, terms: string[]): boolean => {
  const folded = fold(text);
  return terms.length > 0 && terms.every((term) => folded.includes(term));
};

export interface Part {
  text: string;
  hit: boolean;
}

/** The folded text, and where each of its letters comes from. */
function traced(text: string): { folded: string; from: number[] } {
  let folded = "";
  const from: number[] = [];
  let at = 0;
  for (const letter of text) {
    const plain = fold(letter);
    for (let unit = 0; unit < plain.length; unit += 1) from.push(at);
    folded += plain;
    at += letter.length;
  }
  from.push(at);
  return { folded, from };
}

/** The text with its hits set apart; together the parts are the text. */
export function highlighted(text: string, terms: string[]): Part[] {
  const { folded, from } = traced(text);
  const hit = new Uint8Array(text.length);
  for (const term of terms) {
    for (let at = folded.indexOf(term); at >= 0; at = folded.indexOf(term, at + term.length)) {
      hit.fill(1, from[at], endOf(text, from, at + term.length - 1));
    }
  }
  const parts: Part[] = [];
  for (let at = 0; at < text.length; ) {
    let end = at + 1;
    while (end < text.length && hit[end] === hit[at]) end += 1;
    parts.push({ text: text.slice(at, end), hit: hit[at] === 1 });
    at = end;
  }
  return parts;
}

/** Where the letter ends that this folded letter comes from, its marks with it. */
function endOf(text: string, from: number[], at: number): number {
  const begin = from[at] ?? 0;
  const next = from.slice(at + 1).find((place) => place > begin);
  return next ?? text.length;
}

/** The part of a text around its first hit. */
export function excerpt(text: string, terms: string[], before = 30, most = 160): string {
  const line = text.replace(/\s+/gu, " ").trim();
  const { folded, from } = traced(line.slice(0, 20_000));
  const places = terms.map((term) => folded.indexOf(term)).filter((at) => at >= 0);
  const first = from[Math.min(...places, folded.length)] ?? 0;
  const letters = first <= before ? line : `…${cut(line, first - before)}`;
  return letters.length <= most ? letters : `${[...letters.slice(0, most)].slice(0, -1).join("")}…`;
}

/** From a place on, at the next word if there is one near. */
function cut(line: string, at: number): string {
  const space = line.indexOf(" ", at);
  return line.slice(space >= 0 && space < at + 20 ? space + 1 : at);
}
