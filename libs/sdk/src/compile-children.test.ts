import type { OperatorManifest } from "@openvibe/core";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type AnyWorkflow, operator, workflow } from "./index.ts";

const State = z.object({ name: z.string().default(""), all: z.array(z.unknown()).default([]) });
const research = workflow("research", { state: State }).node("look", () => {});
const begin = () => workflow("w", { state: State });
/** The checks are for those whom no compiler guards. */
type Loose = { [step in "run" | "each"]: (name: string, options: unknown) => AnyWorkflow };
const withStep = (kind: keyof Loose, options: unknown) =>
  operator("a", { name: "A", workflows: [(begin() as unknown as Loose)[kind]("s", options), research] });
const stepsOf = (manifest: OperatorManifest) => manifest.workflows[0]?.steps;

describe("a step that begins runs", () => {
  test("is plain data in the manifest", () => {
    const { manifest } = operator("a", {
      name: "A",
      workflows: [
        begin()
          .run("own", { workflow: research })
          .run("other", { operator: "b", workflow: "research", timeout: "2h", onFailure: () => ({ name: "none" }) })
          .each("all", { workflow: "w", items: () => [], input: () => ({}), onFailure: "collect" })
          .each("few", {
            workflow: research,
            items: () => [],
            input: () => ({}),
            concurrency: 2,
            maxItems: 5,
            timeout: "1m",
            when: () => true,
          }),
        research,
      ],
    });

    expect(stepsOf(manifest)).toEqual([
      { kind: "run", id: "own", workflow_id: "research", on_failure: "fail" },
      { kind: "run", id: "other", operator_id: "b", workflow_id: "research", child_timeout_ms: 7_200_000, on_failure: "patch" },
      { kind: "each", id: "all", workflow_id: "w", concurrency: 10, max_items: 1_000, on_failure: "collect" },
      {
        kind: "each",
        id: "few",
        workflow_id: "research",
        child_timeout_ms: 60_000,
        concurrency: 2,
        max_items: 5,
        on_failure: "fail",
        when: true,
      },
    ]);
    expect(JSON.parse(JSON.stringify(manifest))).toEqual(manifest);
  });

  test.each([
    ["run", undefined, "options are missing"],
    ["run", {}, "workflow must be what workflow(…) gives"],
    ["run", { workflow: "No Id" }, "workflow must be what workflow(…) gives"],
    ["run", { workflow: {} }, "workflow must be what workflow(…) gives"],
    ["run", { workflow: "reserch" }, "workflow reserch is none of this operator's; allowed are w, research"],
    ["run", { workflow: workflow("research", { state: State }).node("other", () => {}) }, "is another one than that of this operator"],
    ["run", { workflow: "research", operator: "B!" }, "an id is 1 to 64"],
    ["run", { workflow: "research", inptu: () => ({}) }, 'did you mean "input"?'],
    ["run", { workflow: "research", input: {} }, "input must be a function"],
    ["run", { workflow: "research", output: "nope" }, "nope is not a field of the state"],
    ["run", { workflow: "research", output: "name", map: () => ({}) }, "give output or map, not both"],
    ["run", { workflow: "research", map: "name" }, "map must be a function"],
    ["run", { workflow: "research", onFailure: "skip" }, 'onFailure must be "fail", or a function'],
    ["run", { workflow: "research", timeout: "soon" }, "timeout"],
    ["run", { workflow: "research", concurrency: 3 }, 'there is no option "concurrency"'],
    ["run", { workflow: "research", when: true }, "when must be a function"],
    ["each", { workflow: "research", input: () => ({}) }, "items must be a function"],
    ["each", { workflow: "research", items: () => [] }, "input must be a function"],
    [
      "each",
      { workflow: "research", items: () => [], input: () => ({}), concurrency: 101 },
      "concurrency must be a whole number from 1 to 100",
    ],
    ["each", { workflow: "research", items: () => [], input: () => ({}), maxItems: 0 }, "maxItems must be a whole number from 1 to 10000"],
    [
      "each",
      { workflow: "research", items: () => [], input: () => ({}), onFailure: "ignore" },
      'onFailure must be one of "fail", "skip", "collect"',
    ],
  ] as const)(".%s with %j is refused at load", (kind, options, words) => {
    expect(() => withStep(kind, options)).toThrow(
      expect.objectContaining({ code: "OV_DEFINITION_INVALID", message: expect.stringMatching(/^operator a, workflow w, step s/) }),
    );
    expect(() => withStep(kind, options)).toThrow(words);
  });

  test("may name any workflow of another operator: that is looked up when a child begins", () => {
    expect(() => withStep("run", { operator: "b", workflow: "whatever" })).not.toThrow();
  });
});
