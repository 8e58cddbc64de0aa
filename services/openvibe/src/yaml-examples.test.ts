/** The examples in YAML: the original design's file as it stands there, and one without code. */
import { fileURLToPath } from "node:url";
import { createScripted } from "@openvibe/llm/scripted";
import { expect, test } from "vitest";
import { createRuntime, loadOperators, type Run } from "./index.ts";

const fileOf = (name: string) => fileURLToPath(new URL(`../../../operators/in_yaml/${name}`, import.meta.url));

test("company_intel runs: prompts from files, logic from beside the file, a state that nobody declared", async () => {
  const asked: string[] = [];
  const llm = createScripted(({ user, system, model }) => {
    asked.push(`${model} ${system === undefined ? "-" : "system"} ${user.split("\n")[0]}`);
    if (user.includes("Write its profile")) return "It sells payments.";
    return user.startsWith("Write a report") ? `Report. ${user.split("\n")[0]}` : "An enterprise company.";
  });
  const operators = await loadOperators(fileOf("operators.yaml"));
  await using runtime = await createRuntime({ operators, llm });

  const run = await (await runtime.activate("company_intel", "research", { company_name: "Stripe" })).ended();

  expect(run.output).toEqual({
    company_name: "Stripe",
    research: "It sells payments.",
    analyze: "An enterprise company.",
    decision: "high",
    report: "Report. Write a report of one page about Stripe. Its priority is high.",
  });
  expect(run.metrics).toMatchObject({ nodes_executed: 4, llm_calls: 3 });
  expect(asked).toEqual([
    "haiku system Company: Stripe",
    "sonnet system Company: Stripe",
    "haiku - Write a report of one page about Stripe. Its priority is high.",
  ]);
});

test.each([
  [
    { fit: 90, intent: 70 },
    { status: "waiting", stage: undefined },
  ],
  [
    { fit: 60, intent: 70 },
    { status: "waiting", stage: undefined },
  ],
  [
    { fit: 10, intent: 10 },
    { status: "completed", stage: "cold" },
  ],
])("lead_desk routes %j by its conditions", async (scores, { status, stage }) => {
  const llm = createScripted(({ schema }) => (schema === undefined ? "Dear Stripe" : JSON.stringify(scores)));
  const operators = await loadOperators(fileOf("lead_qualification.yaml"));
  await using runtime = await createRuntime({ operators, llm });
  const { runId } = await runtime.activate("lead_desk", "new_lead", { company: "Stripe" });

  const run = await settled(() => runtime.find(runId));

  expect(run.status).toBe(status);
  expect(run.output.stage).toBe(stage);
  expect(run.interrupt?.node_id).toBe({ 90: "review", 60: "let_it_rest" }[scores.fit]);
});

async function settled(find: () => Promise<Run | undefined>): Promise<Run> {
  for (;;) {
    const run = await find();
    if (run !== undefined && (run.status === "waiting" || run.completedAt !== null)) return run;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
