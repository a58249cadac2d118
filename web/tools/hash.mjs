// The hash of a build: of all its files but the compressed copies.
import { createHash } from "node:crypto";

/** Stands in the place of the hash while it is computed. */
export const MARK = "@@sotto-build@@";

/** `files`: paths with their bytes, in the order of their paths. 128 bits, in hexadecimal digits. */
export function hashOf(files) {
  const hash = createHash("sha256");
  for (const [path, bytes] of files) {
    hash.update(`${path}\n${bytes.length}\n`);
    hash.update(bytes);
  }
  return hash.digest("hex").slice(0, 32);
}
