import type { OperatorManifest, StepManifest } from "@openvibe/core";
import { expect, test } from "vitest";
import { judgeModels } from "./llm.ts";

const TODAY = "2026-11-22";
const step = (id: string, model: string): StepManifest => ({
  kind: "llm",
  id,
  model,
  max_tokens: 10,
  attempts: 1,
  outputs: [],
  reply: "text",
});

function operatorWith(...steps: readonly StepManifest[]): OperatorManifest {
  const workflow = { id: "flow", triggers: [], input_schema: {}, state_fields: [], steps };
  return { id: "op", name: "Op", workflows: [workflow], answers: {} };
}

const judge = (model: string, provider = "anthropic", today = TODAY) =>
  judgeModels([operatorWith(step("ask", model))], { kind: provider }, today);

test.each([
  ["an alias", "sonnet", "anthropic", "ok", "all are known: sonnet"],
  ["an id that is known", "claude-opus-4-6", "anthropic", "ok", "all are known: claude-opus-4-6"],
  ["an alias that is none", "sonet", "anthropic", "fail", 'knows no model "sonet"'],
  ["an alias that is none, for echo too", "sonet", "echo", "fail", 'knows no model "sonet"'],
  ["an id that nobody knows", "claude-nonsense-9", "anthropic", "warn", "not among those that are known"],
  ["another vendor's", "gpt-6-luna", "anthropic", "fail", "is openai's, and OPENVIBE_LLM is anthropic"],
  ["another vendor's, where echo answers", "gpt-6-luna", "echo", "ok", "all are known"],
  ["one that retires soon", "claude-sonnet-4-5-20250929", "anthropic", "warn", "retires on 2026-11-30"],
])("%s", (_what, model, provider, level, text) => {
  expect(judge(model, provider)).toEqual([expect.objectContaining({ check: "llm.models", level, what: expect.stringContaining(text) })]);
});

test.each([
  ["2026-09-30", "ok"],
  ["2026-10-01", "warn"],
  ["2026-11-30", "warn"],
  ["2026-12-01", "fail"],
])("a model whose last day is 2026-11-30, on %s: %s", (today, level) => {
  expect(judge("claude-sonnet-4-5-20250929", "anthropic", today).map((finding) => finding.level)).toEqual([level]);
});

test("who uses a model is named, also inside of a branch or a loop, and how many more do", () => {
  const branch: StepManifest = { kind: "branch", id: "route", routes: { a: [step("inner", "sonet")], b: [] } };
  const loop: StepManifest = { kind: "loop", id: "again", body: [step("looped", "sonet")], max_iterations: 3 };

  const [finding] = judgeModels([operatorWith(branch, loop, step("outer", "sonet"))], { kind: "anthropic" }, TODAY);

  expect(finding?.why).toBe("step op.flow.inner (and 2 more) fails with OV_MODEL_UNKNOWN");
});

test("without a model there is nothing to fear", () => {
  expect(judgeModels([], { kind: "anthropic" }, TODAY).map(({ level }) => level)).toEqual(["ok"]);
});

test("an alias is judged by the model that it stands for in this deployment", () => {
  const answering = { kind: "anthropic", aliases: { fast: "claude-sonnet-4-5-20250929" } };

  expect(judgeModels([operatorWith(step("ask", "fast"))], answering, TODAY)).toMatchObject([
    { level: "warn", what: "model claude-sonnet-4-5-20250929 retires on 2026-11-30" },
  ]);
});
