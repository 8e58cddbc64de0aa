import type { Run } from "@openvibe/core";
import { expect, test } from "vitest";
import { findBusy } from "./settled.ts";

const aRun = (runId: string, status: Run["status"], more: Partial<Run> = {}) =>
  ({ runId, status, operatorId: "mine", interrupt: null, parentRunId: null, ...more }) as Run;
const waitsFor = (...open: string[]): Partial<Run> => ({
  interrupt: { kind: "child", node_id: "each", data: { origin: "o", total: open.length, begun: open.length, open, fail_fast: false } },
});

test.each<[string, readonly Run[], string | undefined]>([
  ["nobody", [aRun("a", "completed"), aRun("b", "waiting")], undefined],
  ["one that is queued", [aRun("a", "queued")], "a"],
  ["one that runs", [aRun("a", "waiting"), aRun("b", "running")], "b"],
  ["nobody, where it is another's", [aRun("a", "queued", { operatorId: "other" })], undefined],
  ["a parent whose child has ended", [aRun("p", "waiting", waitsFor("c")), aRun("c", "failed", { parentRunId: "p" })], "p"],
  ["nobody, where the child waits", [aRun("p", "waiting", waitsFor("c")), aRun("c", "waiting", { parentRunId: "p" })], undefined],
  ["a child whose parent has ended", [aRun("p", "cancelled"), aRun("c", "waiting", { parentRunId: "p" })], "c"],
])("is busy: %s", (_who, runs, busy) => {
  expect(findBusy(runs, new Set(["mine"]))?.runId).toBe(busy);
});
