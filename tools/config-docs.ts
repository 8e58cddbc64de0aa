/** `pnpm config-docs`: writes the reference page of the settings and the editor's schemas (settings, operators in YAML) anew. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { OPERATORS_SCHEMA_PATH, PAGE_PATH, SCHEMA_PATH, toOperatorsSchema, toPage, toSchema } from "../libs/composition/src/config-docs.ts";

for (const [path, text] of [
  [PAGE_PATH, toPage()],
  [SCHEMA_PATH, toSchema()],
  [OPERATORS_SCHEMA_PATH, toOperatorsSchema()],
] as const) {
  writeFileSync(join(import.meta.dirname, "..", path), text);
  process.stdout.write(`${path}\n`);
}
