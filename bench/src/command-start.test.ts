import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { compareStarts, toCommandLine } from "./command-start.ts";

test("a command's start is measured beside Node's own", async () => {
  const main = fileURLToPath(new URL("table.ts", import.meta.url)); // whatever ends by itself

  const measured = await compareStarts(main, new AbortController().signal, 2);

  expect(Math.min(...Object.values(measured))).toBeGreaterThan(0);
});

test("a start above twice Node's own is called missed", () => {
  const figures = { node_ms: 30, version_ms: 33, help_ms: 60 };

  expect(toCommandLine({ ...figures, ratio: 1.1 })).toBe(
    "The command's cold start: node 30.0 ms, openvibe --version 33.0 ms, 1.10x (<= 2) ok; openvibe --help 60.0 ms.",
  );
  expect(toCommandLine({ ...figures, ratio: 2.1 })).toContain("2.10x (<= 2) MISSED");
});
