import { expect, test } from "vitest";
import { measureCommandStart, toCommandLine } from "./command-start.ts";

test("the command's start is measured beside Node's own", async () => {
  const measured = await measureCommandStart(new AbortController().signal, 2);

  expect(measured.node_ms).toBeGreaterThan(0);
  expect(measured.version_ms).toBeGreaterThan(0);
  expect(measured.ratio).toBeGreaterThan(0);
}, 60_000);

test("a start above twice Node's own is called missed", () => {
  const figures = { node_ms: 30, version_ms: 33, help_ms: 60 };

  expect(toCommandLine({ ...figures, ratio: 1.1 })).toBe(
    "The command's cold start: node 30.0 ms, openvibe --version 33.0 ms, 1.10x (<= 2) ok; openvibe --help 60.0 ms.",
  );
  expect(toCommandLine({ ...figures, ratio: 2.1 })).toContain("2.10x (<= 2) MISSED");
});
