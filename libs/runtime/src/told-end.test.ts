import { NO_METRICS, type Run } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { asToldEnded, type RunEnding, toToldEnd } from "./told-end.ts";

const BEGUN: Run = {
  ...{ runId: "run_1", operatorId: "shop", workflowId: "w", trigger: "w", definition: "v1", status: "running", input: { size: 3 } },
  ...{ output: {}, error: null, interrupt: null, metrics: NO_METRICS, parentRunId: null, rerunOf: null, ignoredInput: [], attempt: 1 },
  ...{ step: 0, wake: 0, cancelRequested: false, tags: {}, deadline: null, createdAt: 1, startedAt: 1, completedAt: null },
};
const ENDING: RunEnding = {
  ...{ status: "failed", step: 4, output: { size: 4, note: "\u0000 ü" }, error: { code: "OV_NODE_FAILED", message: "no", node_id: "n" } },
  ...{ metrics: { ...NO_METRICS, cost_usd: null, duration_seconds: 0.125 }, completedAt: 1_790_000_000_000 },
};
const overTheWire = (ending: RunEnding) => JSON.parse(JSON.stringify(toToldEnd(ending)));

describe("an end that is told", () => {
  test.each([
    ["with an error", ENDING],
    ["without one", { ...ENDING, status: "completed", error: null } as const],
  ])("makes of the run as it began the run as it ended, %s", (_, ending) => {
    expect(asToldEnded(BEGUN, overTheWire(ending))).toEqual({ ...BEGUN, ...ending });
  });

  test("is left to the store where it is large", () => {
    const note = (length: number) => overTheWire({ ...ENDING, output: { note: "x".repeat(length) } });

    expect(asToldEnded(BEGUN, note(15_000))?.output).toEqual({ note: "x".repeat(15_000) });
    expect(note(17_000)).toEqual({});
    expect(asToldEnded(BEGUN, note(17_000))).toBeUndefined();
  });

  test.each([
    ["nothing", undefined],
    ["a text", "completed"],
    ["a status that is no end", { status: "waiting" }],
    ["a status that there is not", { status: "done" }],
    ["no output", { output: null }],
    ["an output that is a list", { output: [] }],
    ["no metrics", { metrics: 5 }],
    ["an error that is a text", { error: "no" }],
    ["a step that is none", { step: -1 }],
    ["a time that is a text", { completed_at: "now" }],
    ["a time beyond all dates", { completed_at: 9e15 }],
  ])("is not believed with %s", (_, change) => {
    const { end } = overTheWire(ENDING);
    const strange = typeof change === "object" ? { ...end, ...change } : change;

    expect(asToldEnded(BEGUN, strange === undefined ? {} : { end: strange })).toBeUndefined();
  });
});
