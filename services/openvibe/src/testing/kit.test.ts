import { describe, expect, inject, test } from "vitest";
import { openTestKit } from "./index.ts";
import { nurture } from "./nurture.fixture.ts";

const GROUNDS = {
  memory: "memory",
  "NATS and Postgres": { natsUrl: inject("natsUrl"), databaseUrl: inject("postgresUrl") },
} as const;
const options = {
  operators: [nurture],
  replies: { assess_lead: { fit: 90 }, generate_touch: "Hello Ada" },
  answers: { "company_intel.name": "ACME" },
};
const input = { email: "ada@example.com" };

describe.each(Object.entries(GROUNDS))("on %s", (_name, on) => {
  test("a run of days with models, people, questions, events and shared context, in no time", async () => {
    await using kit = await openTestKit({ ...options, on });
    const begun = kit.now().getTime();
    const real = performance.now();

    const run = await kit.start(nurture, "sequence", input);
    expect(await run.waiting()).toMatchObject({ status: "waiting", interrupt: { kind: "timer", node_id: "wait_for_engagement" } });
    await kit.skip("3d");
    expect(await run.waiting()).toMatchObject({ interrupt: { kind: "human", node_id: "sales_review" } });
    await run.answer({ decision: "handoff" });
    const ended = await run.ended();

    expect(ended).toMatchObject({ status: "completed", attempt: 3, output: { company: "ACME", touch: "Hello Ada", stage: "upgrade" } });
    expect((await kit.events("lead.*")).map(({ type, data }) => [type, data])).toEqual([
      ["lead.touched", { email: "ada@example.com" }],
      ["lead.upgraded", {}],
    ]);
    expect(await kit.context("context-leads").get("ada=example.com")).toMatchObject({ value: { company: "ACME" } });
    expect(kit.asks).toMatchObject([{ capability: "company_intel.name", body: input, reply: "ACME", nodeId: "look_up", runId: run.runId }]);
    expect(kit.prompts.map(({ nodeId, user }) => [nodeId, user])).toEqual([
      ["assess_lead", "Assess ada@example.com"],
      ["generate_touch", "Write to ada@example.com, whose fit is 90"],
    ]);
    expect(kit.now().getTime() - begun).toBeGreaterThanOrEqual(3 * 86_400_000);
    expect(performance.now() - real).toBeLessThan(3_000);
  });

  test("a worker that dies behind a step is followed by another, which goes on behind it", async () => {
    await using kit = await openTestKit({ ...options, on });
    kit.killAfter("assess_lead");

    const run = await kit.start(nurture, "sequence", input);
    const waiting = await run.waiting();

    expect(waiting.attempt).toBe(2);
    expect(kit.prompts.map(({ nodeId }) => nodeId)).toEqual(["assess_lead", "generate_touch"]);
  });
});
