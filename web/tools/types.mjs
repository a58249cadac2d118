// Types from the contract: `node tools/types.mjs` writes src/types, `--check` fails when they are not what it would write.
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const root = new URL("../../openapi/", import.meta.url);
const out = new URL("../src/types/", import.meta.url);
const json = async (name) => JSON.parse(await readFile(new URL(name, root), "utf8"));

// An AsyncAPI document's schemas in the clothes of an OpenAPI document.
async function frames() {
  const { components } = await json("asyncapi.json");
  const schemas = { ...components.schemas };
  const unions = {};
  for (const [name, { payload }] of Object.entries(components.messages)) {
    const schema = name.replace(/\.(.)/, (_, letter) => letter.toUpperCase());
    schemas[schema] = payload;
    const union = name.split(".")[0];
    unions[union] ??= { oneOf: [] };
    unions[union].oneOf.push({ $ref: `#/components/schemas/${schema}` });
  }
  const document = { openapi: "3.1.0", info: { title: "frames", version: "1" }, paths: {} };
  return generate({ ...document, components: { schemas: { ...schemas, ...unions } } });
}

async function generate(document) {
  const text = astToString(await openapiTS(document, { alphabetize: true }));
  return `// Generated from openapi/ by tools/types.mjs; do not edit.\n\n${text}`;
}

const files = { "api.d.ts": generate(await json("openapi.json")), "frames.d.ts": frames() };
let drifted = false;
for (const [name, text] of Object.entries(files)) {
  const file = new URL(name, out);
  if (!process.argv.includes("--check")) {
    await writeFile(file, await text);
  } else if ((await readFile(file, "utf8").catch(() => "")) !== (await text)) {
    console.error(`src/types/${name} is not what openapi/ says: npm run types`);
    drifted = true;
  }
}
process.exitCode = drifted ? 1 : 0;
