import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { generateFiles, ROOT } from "./files.ts";

test("the committed contracts and the client's types are what a server serves; if not, `pnpm openapi` writes them anew", async () => {
  for (const { path, text } of await generateFiles()) {
    const committed = await readFile(join(ROOT, path), "utf8").catch(() => "");
    expect(committed, `${path} is not what a server serves: run \`pnpm openapi\``).toBe(text);
  }
});
