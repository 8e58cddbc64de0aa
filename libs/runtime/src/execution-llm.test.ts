/** How a run deals with a model that answers badly, or not. */
import { OpenVibeError } from "@openvibe/core";
import type { Completion } from "@openvibe/llm";
import { createScripted, type Script } from "@openvibe/llm/scripted";
import { operator, workflow } from "@openvibe/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { inBothForms, outcomeOf } from "./forms-for-tests.ts";
import { openWorld } from "./world-for-tests.ts";

const State = z.object({ fit: z.int().min(0).max(100).default(0), note: z.string().default("") });
const json = workflow("json", { state: State }).llm("judge", { model: "haiku", user: "Judge the lead.", outputs: ["fit"] });
const plain = workflow("plain", { state: State }).llm("say", { model: "haiku", user: "Say!", output: "note" });

/** Runs a workflow against replies, one after the other; gives the outcome and the prompts. */
async function replied(steps: typeof json | typeof plain, ...replies: (string | Error | Completion)[]) {
  return await inBothForms(async (form) => {
    const left = [...replies];
    const llm = createScripted(() => left.shift() ?? new OpenVibeError("OV_LLM_REQUEST_REFUSED", "asked too often"));
    await using world = openWorld({ form });
    const definition = operator("shop", { name: "Shop", workflows: [steps] });
    await world.start([definition], { llm });

    const runId = await world.accept(definition, steps.id);
    return { ...(await outcomeOf(world, runId)), prompts: llm.requests.map(({ user }) => user) };
  });
}

const soon = (code: "OV_LLM_RATE_LIMITED" | "OV_LLM_UNAVAILABLE") => new OpenVibeError(code, "try again", { retryAfterMs: 1 });
const priced = (content: string, costUsd: number | null): Completion => ({
  content,
  tokensIn: costUsd === null ? null : 10,
  tokensOut: 1,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  model: "m-1",
  costUsd,
});

describe("a JSON reply that does not fit", () => {
  test("is repaired once: the model sees its answer and what is wrong with it", async () => {
    const { status, output, prompts, metrics } = await replied(json, '{"fit": 700}', '{"fit": 70}');

    expect([status, output]).toEqual(["completed", { fit: 70 }]);
    expect(prompts).toHaveLength(2);
    expect(prompts[1]).toMatch(/^Judge the lead\.\n/);
    expect(prompts[1]).toContain('{"fit": 700}');
    expect(prompts[1]).toContain("/fit");
    expect(metrics).toMatchObject({ llm_calls: 2, nodes_executed: 1, nodes_failed: 0 });
  });

  test("a second time fails the run", async () => {
    const { status, error, prompts, metrics } = await replied(json, "no JSON", '{"fit": "high"}', '{"fit": 70}');

    expect(status).toBe("failed");
    expect(error).toMatchObject({ code: "OV_LLM_OUTPUT_INVALID", node_id: "judge" });
    expect(prompts).toHaveLength(2);
    expect(metrics).toMatchObject({ llm_calls: 2, nodes_executed: 0, nodes_failed: 1 });
  });

  test("is not repaired where the author parses it", async () => {
    const parsed = workflow("json", { state: State }).llm("judge", {
      model: "haiku",
      user: "?",
      parse: () => {
        throw new OpenVibeError("OV_LLM_OUTPUT_INVALID", "not for me");
      },
    });

    const { error, prompts } = await replied(parsed as unknown as typeof json, "a", "b");

    expect(error?.code).toBe("OV_LLM_OUTPUT_INVALID");
    expect(prompts).toHaveLength(1);
  });
});

describe("a call that fails", () => {
  test.each(["OV_LLM_TRUNCATED", "OV_LLM_REFUSED", "OV_LLM_AUTH", "OV_MODEL_UNKNOWN", "OV_LLM_REQUEST_REFUSED"] as const)(
    "with %s is not made again, and fails the run",
    async (code) => {
      const { status, error, prompts, metrics, events } = await replied(json, new OpenVibeError(code, "so it is"), '{"fit": 1}');

      expect(status).toBe("failed");
      expect(error).toEqual({ code, message: "so it is", node_id: "judge" });
      expect(prompts).toHaveLength(1);
      expect(metrics).toMatchObject({ llm_calls: 1, nodes_failed: 1, nodes_executed: 0, tokens_out: 0 });
      expect(events.map(({ type }) => type)).toEqual(["run.queued", "run.started", "node.failed", "run.failed"]);
    },
  );

  test("for a moment is made again, with the same question; every attempt is counted", async () => {
    const { status, output, prompts, metrics } = await replied(
      plain,
      soon("OV_LLM_RATE_LIMITED"),
      soon("OV_LLM_UNAVAILABLE"),
      priced("at last", 0.5),
    );

    expect([status, output]).toEqual(["completed", { note: "at last" }]);
    expect(prompts).toEqual(["Say!", "Say!", "Say!"]);
    expect(metrics).toMatchObject({ llm_calls: 3, nodes_failed: 2, nodes_executed: 1, cost_usd: 0.5, tokens_in: 10, tokens_out: 1 });
  });

  test("three times fails the run with the last error", async () => {
    const { status, error, metrics } = await replied(
      plain,
      soon("OV_LLM_UNAVAILABLE"),
      soon("OV_LLM_UNAVAILABLE"),
      soon("OV_LLM_RATE_LIMITED"),
      "too late",
    );

    expect(status).toBe("failed");
    expect(error?.code).toBe("OV_LLM_RATE_LIMITED");
    expect(metrics).toMatchObject({ llm_calls: 3, nodes_failed: 3, nodes_executed: 0 });
  });

  test("ends with the step's own timeout, and its signal says so to the model", async () => {
    const aborted: unknown[] = [];
    const script: Script = (_, { signal }) => {
      signal.addEventListener("abort", () => aborted.push(signal.reason));
      return new Promise<string>(() => {});
    };
    const slow = workflow("slow", { state: State }).llm("say", { model: "haiku", user: "?", output: "note", timeout: 30 });
    const definition = operator("shop", { name: "Shop", workflows: [slow] });
    await using world = openWorld({ script });
    await world.start([definition]);

    const run = await world.ended(await world.accept(definition, "slow"));

    expect(run).toMatchObject({ status: "failed", error: { code: "OV_NODE_TIMEOUT", node_id: "say" } });
    expect(aborted).toMatchObject([{ code: "OV_NODE_TIMEOUT" }]);
  });
});

describe("what a run costs", () => {
  const two = workflow("two", { state: State })
    .llm("one", { model: "haiku", user: "1", output: "note" })
    .llm("two", { model: "haiku", user: "2", output: "note" });

  test("is unknown as soon as one call's price is, whatever the others cost", async () => {
    const { metrics, events } = await replied(two as unknown as typeof plain, priced("a", null), priced("b", 0.5));

    expect(metrics).toMatchObject({ cost_usd: null, tokens_in: 10, tokens_out: 2, llm_calls: 2 });
    expect(events.filter(({ type }) => type === "node.completed").map(({ data }) => data.cost_usd)).toEqual([null, 0.5]);
  });

  test("counts what a node asks the model itself", async () => {
    const asking = workflow("asking", { state: State }).node("ask", async (_, ctx) => ({
      note: (await ctx.llm({ model: "haiku", system: "S", user: "U", temperature: 0.5 })).content,
    }));

    const { output, metrics } = await replied(asking as unknown as typeof plain, priced("fine", 0.25));

    expect(output).toEqual({ note: "fine" });
    expect(metrics).toMatchObject({ llm_calls: 1, cost_usd: 0.25, tokens_out: 1 });
  });
});
