/** docs/asyncapi.json by the specification's own parser. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Parser } from "@asyncapi/parser";
import { expect, test } from "vitest";
import { ROOT } from "./files.ts";

const text = await readFile(join(ROOT, "docs/asyncapi.json"), "utf8");

test("the contract over NATS is AsyncAPI 3, without a fault or a warning", async () => {
  const { document, diagnostics } = await new Parser().parse(text);

  expect(diagnostics.map(({ severity, message, path }) => ({ severity, message, path: path.join("/") }))).toEqual([]);
  expect(document?.version()).toBe("3.1.0");
  expect(document?.channels().all().length).toBeGreaterThan(8);
});

test("a contract that is none would be noticed", async () => {
  const { diagnostics } = await new Parser().parse(text.replace("#/components/messages/run.completed", "#/components/messages/run.done"));

  expect(diagnostics.filter(({ severity }) => severity === 0)).not.toEqual([]);
});
