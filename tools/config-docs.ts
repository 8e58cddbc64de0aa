/** `pnpm config-docs`: writes the reference page of the settings and the editor's schema anew. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PAGE_PATH, SCHEMA_PATH, toPage, toSchema } from "../libs/composition/src/config-docs.ts";

for (const [path, text] of [
  [PAGE_PATH, toPage()],
  [SCHEMA_PATH, toSchema()],
] as const) {
  writeFileSync(join(import.meta.dirname, "..", path), text);
  process.stdout.write(`${path}\n`);
}
