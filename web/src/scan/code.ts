// What a scanned code is, before anything is made of it.

const MAGIC = [..."SOTTO"].map((letter) => letter.charCodeAt(0));
const VERSION = 1;

/** What codes of ours are for, as crates/e2ee numbers them. */
export const EXISTING_SHOWS = 1;
export const NEW_SHOWS = 2;

/** The byte that says what it is for, or what the code is instead. */
export function intentOf(code: Uint8Array): number | "foreign" | "newer" {
  if (MAGIC.some((byte, at) => code[at] !== byte)) return "foreign";
  return code[MAGIC.length] === VERSION ? (code[MAGIC.length + 1] ?? "foreign") : "newer";
}
