import { readFileSync } from "node:fs";
import { OpenVibeError, type ProblemCode } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { ExitCode } from "./exit-code.ts";
import { exitCodeOf } from "./exit-codes.ts";

describe("the command ends with", () => {
  test.each<[ProblemCode, number]>([
    ["OV_RUN_FINAL", 1],
    ["OV_IDEMPOTENCY_MISMATCH", 1],
    ["OV_INTERNAL", 1],
    ["OV_SHUTTING_DOWN", 1],
    ["OV_PARAMETER_INVALID", 2],
    ["OV_JSON_INVALID", 2],
    ["OV_DUPLICATE_KEY", 2],
    ["OV_ID_INVALID", 2],
    ["OV_INPUT_INVALID", 2],
    ["OV_ANSWER_INVALID", 2],
    ["OV_RERUN_INVALID", 2],
    ["OV_CONFIG_INVALID", 3],
    ["OV_DEFINITION_INVALID", 3],
    ["OV_BUS_CONFIG", 3],
    ["OV_STORE_IN_USE", 3],
    ["OV_STORE_SCHEMA", 3],
    ["OV_BUS_UNAVAILABLE", 4],
    ["OV_STORE_UNAVAILABLE", 4],
    ["OV_UNAUTHENTICATED", 5],
    ["OV_FORBIDDEN", 5],
    ["OV_OPERATOR_NOT_FOUND", 6],
    ["OV_TRIGGER_NOT_FOUND", 6],
    ["OV_RUN_NOT_FOUND", 6],
  ])("%s: %d", (code, exitCode) => {
    expect(exitCodeOf(new OpenVibeError(code, "x"))).toBe(exitCode);
  });

  test.each([[new Error("boom")], [null], ["boom"]])("anything else that was thrown (%s): 1", (thrown) => {
    expect(exitCodeOf(thrown)).toBe(1);
  });
});

test("the page docs/errors.md lists the same exit codes", () => {
  const page = readFileSync(new URL("../../../../docs/errors.md", import.meta.url), "utf8");
  const listed = [...page.matchAll(/^\| (\d+) \| .+ \|$/gm)].map(([, code]) => Number(code));

  expect(listed).toEqual(Object.values(ExitCode));
});
