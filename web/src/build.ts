// What this build is. tools/build.mjs puts the hash of all its files in the place of the mark, when they are made.
export const BUILD = "@@sotto-build@@";
export const VERSION: string = import.meta.env["VERSION"] ?? "";
/** Where the source of this build is, if whoever built it said so. */
export const SOURCE: string = import.meta.env["SOURCE_URL"] ?? "";
