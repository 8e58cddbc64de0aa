/** `pnpm openapi`: writes docs/openapi.json, docs/asyncapi.json and the client's types anew. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateFiles, ROOT } from "./files.ts";

for (const { path, text } of await generateFiles()) {
  await writeFile(join(ROOT, path), text);
  process.stdout.write(`${path}\n`);
}
