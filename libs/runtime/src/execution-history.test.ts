/** What a run's steps did, as it is kept with their commits. */
import type { StepRecord } from "@openvibe/core";
import { end, goto, OpenVibeError } from "@openvibe/core";
import type { GraphForm } from "@openvibe/graph";
import type { Script } from "@openvibe/llm/scripted";
import { type AnyWorkflow, operator, workflow } from "@openvibe/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { mortal } from "./faults-for-tests.ts";
import { inBothForms } from "./forms-for-tests.ts";
import { openWorld } from "./world-for-tests.ts";

const State = z.object({ n: z.number().default(0), text: z.string().default(""), route: z.string().default("") });
const shop = (...workflows: AnyWorkflow[]) => operator("shop", { name: "Shop", workflows });

const withoutTimes = (records: readonly StepRecord[]) => records.map(({ started_at: _, duration_ms: __, ...rest }) => rest);

async function historyOf(form: GraphForm, ran: AnyWorkflow, script?: Script, history = true) {
  await using world = openWorld({ form, ...(script === undefined ? {} : { script }) });
  const definition = shop(ran);
  await world.start([definition], { history });
  const runId = await world.accept(definition, ran.id);
  await world.ended(runId);
  return (await world.store.history.of(runId)).records;
}

const priced = (content: string, costUsd: number | null, model = "model-1") => ({
  content,
  tokensIn: 10,
  tokensOut: 2,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  model,
  costUsd,
});

describe("a run's history", () => {
  const whole = workflow("w", { state: State })
    .node("count", () => ({ n: 1 }))
    .llm("write", { model: "haiku", user: "Write!", output: "text", retries: 2 })
    .branch("route", ({ n }) => (n === 1 ? { route: "far", set: { n: 2 } } : { route: "near" }), {
      near: null,
      far: (arm) => arm.node("go", () => {}),
    })
    .node("end", async (_, ctx) => {
      await ctx.llm({ model: "haiku", user: "One more!" });
      return { text: "done" };
    });

  test("tells each step in order: patch, next step, tries, model, tokens and cost, alike in both forms", async () => {
    const records = await inBothForms(async (form) => {
      let asked = 0;
      const script: Script = () => {
        asked++;
        if (asked === 1) return new OpenVibeError("OV_LLM_UNAVAILABLE", "down");
        return asked === 2 ? priced("hello", 0.5) : priced("more", null, "model-2");
      };
      return withoutTimes(await historyOf(form, whole, script));
    });

    const of = (node_id: string, kind: string, given: object) => ({ node_id, kind, attempt: 1, tries: 1, ...given });
    expect(records).toEqual([
      of("count", "node", { patch: { n: 1 }, next: "write" }),
      of("write", "llm", {
        patch: { text: "hello" },
        next: "route",
        tries: 2,
        model: "model-1",
        llm_calls: 2,
        tokens_in: 10,
        tokens_out: 2,
        cost_usd: 0.5,
      }),
      of("route", "branch", { patch: { n: 2, route: "far" }, next: "go" }),
      of("go", "node", { patch: {}, next: "end" }),
      of("end", "node", {
        patch: { text: "done" },
        next: null,
        model: "model-2",
        llm_calls: 1,
        tokens_in: 10,
        tokens_out: 2,
        cost_usd: null,
      }),
    ]);
  });

  test("says when each step began and how long it took", async () => {
    const before = Date.now();

    const [first] = await historyOf("segments", whole);

    expect(Date.parse(first?.started_at ?? "")).toBeGreaterThanOrEqual(before);
    expect(Date.parse(first?.started_at ?? "")).toBeLessThanOrEqual(Date.now());
    expect(first?.duration_ms).toBeGreaterThanOrEqual(0);
  });

  test("ends with the step that failed, and why", async () => {
    const failing = workflow("w", { state: State })
      .node("count", () => ({ n: 1 }))
      .node("break", () => {
        throw new Error("broken on purpose");
      });

    const records = await inBothForms(async (form) => withoutTimes(await historyOf(form, failing)));

    expect(records.map(({ node_id, patch }) => [node_id, patch])).toEqual([
      ["count", { n: 1 }],
      ["break", {}],
    ]);
    expect(records[1]?.error).toMatchObject({
      code: "OV_NODE_FAILED",
      message: expect.stringContaining("on purpose") as string,
      node_id: "break",
    });
  });

  test("holds every step of a commit that several share", async () => {
    const pure = workflow("w", { state: State })
      .node("one", () => ({ n: 1 }), { pure: true })
      .node("two", () => ({ n: 2 }), { pure: true })
      .node("three", () => ({ n: 3 }));

    const records = await inBothForms(async (form) => withoutTimes(await historyOf(form, pure)));

    expect(records.map(({ node_id, patch }) => [node_id, patch])).toEqual([
      ["one", { n: 1 }],
      ["two", { n: 2 }],
      ["three", { n: 3 }],
    ]);
  });

  test("is not kept where nobody asked for it", async () => {
    expect(await historyOf("segments", whole, undefined, false)).toEqual([]);
  });

  test("tells each pass of a loop, and what a person answered once he has", async () => {
    const asking = workflow("w", { state: State })
      .loop("again", { while: (s) => s.n < 2, maxIterations: 5 }, (body) => body.node("count", (s) => ({ n: s.n + 1 })))
      .human("approve", { prompt: () => "Fine?", answer: ["text"] });

    const records = await inBothForms(async (form) => {
      await using world = openWorld({ form });
      const definition = shop(asking);
      await world.start([definition], { history: true });
      const runId = await world.accept(definition, "w");
      await world.waiting(runId);
      const before = (await world.store.history.of(runId)).records.length;
      await world.answer(runId, { answer: { text: "yes" }, by: "ann" });
      await world.ended(runId);
      return { before, after: withoutTimes((await world.store.history.of(runId)).records) };
    });

    expect(records.after.slice(0, records.before).map(({ node_id }) => node_id)).toEqual(["again", "count", "again", "count", "again"]);
    expect(records.after.slice(records.before)).toMatchObject([{ node_id: "approve", kind: "human", attempt: 2, patch: { text: "yes" } }]);
  });

  test("tells where a step's code sent the run", async () => {
    const jumping = workflow("w", { state: State })
      .node("one", () => goto("three", { n: 1 }))
      .node("two", () => ({ n: 2 }))
      .node("three", () => end({ text: "enough" }))
      .node("four", () => ({ n: 4 }));

    const records = await inBothForms(async (form) => withoutTimes(await historyOf(form, jumping)));

    expect(records.map(({ node_id, patch, next }) => [node_id, patch, next])).toEqual([
      ["one", { n: 1 }, "three"],
      ["three", { text: "enough" }, null],
    ]);
  });

  test("loses and doubles nothing when the worker dies in the middle", async () => {
    const records = await inBothForms(async (form) => {
      const inside = Promise.withResolvers<void>();
      const definition = shop(
        workflow("w", { state: State })
          .node("one", () => ({ n: 1 }))
          .node("two", async (_, ctx) => {
            inside.resolve();
            if (ctx.attempt === 1) await new Promise(() => {});
            return { n: 2 };
          })
          .node("three", () => ({ n: 3 })),
      );
      await using world = openWorld({ form, holdMs: 100 });
      using first = mortal(world);
      await world.start([definition], { store: first.store, bus: first.bus, drainTimeoutMs: 10, history: true });
      const runId = await world.accept(definition, "w");
      await inside.promise;

      await first.kill();
      await world.start([definition], { history: true });
      await world.ended(runId);
      return withoutTimes((await world.store.history.of(runId)).records);
    });

    expect(records.map(({ node_id, attempt, patch }) => [node_id, attempt, patch])).toEqual([
      ["one", 1, { n: 1 }],
      ["two", 2, { n: 2 }],
      ["three", 2, { n: 3 }],
    ]);
  });
});

describe("a run's trace", () => {
  test("stands on each of its events, and on those of the runs it asks for", async () => {
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const lookUp = workflow("look_up", { state: State }).node("look", () => ({ text: "found" }));
    const asked = operator("intel", {
      name: "Intel",
      workflows: [lookUp],
      answers: { find: { workflow: "look_up", input: () => ({}), reply: (run) => ({ text: run.output.text ?? "" }) } },
    });
    const asking = workflow("w", { state: State }).node("ask", async (_, ctx) => {
      await ctx.ask("intel.find", {});
    });
    await using world = openWorld();
    const definition = shop(asking);
    await world.start([definition, asked]);

    const runId = await world.accept(definition, "w", {}, undefined, traceparent);
    await world.ended(runId);
    const all = [...(await world.told(runId))];
    const [other] = (await world.store.runs.list({ operatorId: "intel" }, { limit: 1 })) ?? [];
    all.push(...(await world.told(other?.runId ?? "")));

    expect(all.length).toBeGreaterThan(6);
    expect(new Set(all.map((event) => event.traceparent))).toEqual(new Set([traceparent]));
  });
});
