/** Time that is over: of a node, of a run; and what code does after that. */
import { isOpenVibeError, type NodeContext } from "@openvibe/core";
import { operator, workflow } from "@openvibe/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { outcomeOf, runInBothForms } from "./forms-for-tests.ts";
import { pause } from "./patience.ts";
import { openWorld, until } from "./world-for-tests.ts";

const State = z.object({ note: z.string().default("") });
const never = () => new Promise<{ note: string }>(() => {});

describe("a node's timeout", () => {
  test("fails the run when the node's promise never settles, and aborts the node's signal", async () => {
    const reasons: unknown[] = [];
    const { status, error, metrics } = await runInBothForms({
      workflow: workflow("w", { state: State }).node(
        "stuck",
        (_, ctx) => {
          ctx.signal.addEventListener("abort", () => reasons.push(ctx.signal.reason));
          return never();
        },
        { timeout: 30 },
      ),
    });

    expect(status).toBe("failed");
    expect(error).toMatchObject({ code: "OV_NODE_TIMEOUT", node_id: "stuck", message: expect.stringContaining("30 ms") });
    expect(metrics).toMatchObject({ nodes_failed: 1, nodes_executed: 0 });
    expect(reasons).toMatchObject([{ code: "OV_NODE_TIMEOUT" }, { code: "OV_NODE_TIMEOUT" }]);
  });

  test("counts for one node only", async () => {
    const { status, output } = await runInBothForms({
      workflow: workflow("w", { state: State })
        .node("quick", (_, ctx) => ({ note: `${ctx.signal.aborted}` }), { timeout: 2_000 })
        .node("unlimited", (s, ctx) => ({ note: `${s.note} ${ctx.signal.aborted}` })),
    });

    expect([status, output]).toEqual(["completed", { note: "false false" }]);
  });

  test.each(["25d", "366d"] as const)("may be as long as %s", async (timeout) => {
    const { status } = await runInBothForms({
      workflow: workflow("w", { state: State, timeout }).node("n", () => pause(20), { timeout }),
    });

    expect(status).toBe("completed");
  });

  test("counts for branches too", async () => {
    const { error } = await runInBothForms({
      workflow: workflow("w", { state: State }).branch("choose", () => new Promise<"go">(() => {}), { go: null }, { timeout: 30 }),
    });

    expect(error).toMatchObject({ code: "OV_NODE_TIMEOUT", node_id: "choose" });
  });
});

describe("a workflow's timeout", () => {
  test("ends the run as timed_out, whatever node it meets", async () => {
    const { status, error, events, commits, state } = await runInBothForms({
      workflow: workflow("w", { state: State, timeout: 60 })
        .node("fine", () => ({ note: "kept" }))
        .node("stuck", never),
    });

    expect(status).toBe("timed_out");
    expect(error).toMatchObject({ code: "OV_RUN_TIMEOUT", message: expect.stringContaining("60 ms") });
    expect(events.map(({ type }) => type)).toEqual(["run.queued", "run.started", "node.completed", "run.timed_out"]);
    expect(commits.map(([status]) => status)).toEqual(["running", "timed_out"]);
    expect(state).toEqual({ note: "kept" });
  });

  test("ends a run whose onComplete does not", async () => {
    const { status, events } = await runInBothForms({
      workflow: workflow("w", { state: State, timeout: 60, onComplete: () => new Promise<void>(() => {}) }).node("n", () => ({})),
    });

    expect(status).toBe("timed_out");
    expect(events.at(-1)?.type).toBe("run.timed_out");
  });

  test("counts from the first claim: a successor gets what is left", async () => {
    const slow = workflow("w", { state: State, timeout: 100 }).node("stuck", never);
    const definition = operator("shop", { name: "Shop", workflows: [slow] });
    await using world = openWorld();
    const runId = await world.accept(definition, "w");
    await world.store.runs.claim({ runId, wake: 0, owner: "ghost" });
    await until(async () => expect(Date.now() - ((await world.find(runId)).startedAt ?? 0)).toBeGreaterThan(100));
    await world.start([definition]);

    const run = await world.ended(runId);

    expect(run).toMatchObject({ status: "timed_out", attempt: 2 });
  });
});

describe("a run's deadline", () => {
  test("ends the run as timed_out, and aborts the node it meets", async () => {
    const aborted = Promise.withResolvers<unknown>();
    const stuck = workflow("w", { state: State, timeout: 60_000 })
      .node("fine", () => ({ note: "kept" }))
      .node("stuck", (_, ctx) => {
        ctx.signal.addEventListener("abort", () => aborted.resolve(ctx.signal.reason));
        return never();
      });
    const definition = operator("shop", { name: "Shop", workflows: [stuck] });
    await using world = openWorld();
    await world.start([definition]);
    const deadline = Date.now() + 300;
    const runId = await world.accept(definition, "w", {}, deadline);

    const run = await world.ended(runId);

    const message = `run ${runId} had not ended by its deadline ${new Date(deadline).toISOString()}`;
    expect(run).toMatchObject({ status: "timed_out", deadline, error: { code: "OV_RUN_TIMEOUT", message } });
    expect(await aborted.promise).toMatchObject({ code: "OV_RUN_TIMEOUT" });
    expect((await world.told(runId)).at(-1)).toMatchObject({ type: "run.timed_out", data: { error: { code: "OV_RUN_TIMEOUT" } } });
  });

  test("that is over at the claim lets no step begin", async () => {
    let steps = 0;
    const counting = workflow("w", { state: State }).node("n", () => {
      steps++;
      return { note: "done" };
    });
    const definition = operator("shop", { name: "Shop", workflows: [counting] });
    await using world = openWorld();
    const runId = await world.accept(definition, "w", {}, Date.now() - 1);
    await world.start([definition]);

    expect(await world.ended(runId)).toMatchObject({ status: "timed_out", metrics: { nodes_executed: 0 } });
    expect(steps).toBe(0);
  });

  test("later than the workflow's timeout leaves that as it is", async () => {
    const stuck = workflow("w", { state: State, timeout: 60 }).node("stuck", never);
    const definition = operator("shop", { name: "Shop", workflows: [stuck] });
    await using world = openWorld();
    await world.start([definition]);
    const runId = await world.accept(definition, "w", {}, Date.now() + 3_600_000);

    expect(await world.ended(runId)).toMatchObject({ status: "timed_out", error: { message: expect.stringContaining("60 ms") } });
  });
});

describe("code that goes on after its time", () => {
  test("changes nothing: its result is dropped, and what it wants to say is refused", async () => {
    const late = Promise.withResolvers<void>();
    const refused: unknown[] = [];
    const attempt = async (call: () => unknown) => {
      try {
        await call();
        refused.push("accepted");
      } catch (error) {
        refused.push(isOpenVibeError(error) ? error.code : error);
      }
    };
    const definition = operator("shop", {
      name: "Shop",
      workflows: [
        workflow("w", { state: State }).node(
          "slow",
          async (_, ctx) => {
            await late.promise;
            await attempt(() => ctx.publish("lead.late", {}));
            await attempt(() => ctx.ask("shop.anything", {}));
            await attempt(() => ctx.llm({ model: "haiku", user: "?" }));
            await attempt(() => ctx.context("context-leads").put("late", 1));
            await attempt(() => ctx.context("context-leads").update("late", () => 1));
            refused.push("end");
            return { note: "too late" };
          },
          { timeout: 30 },
        ),
      ],
    });
    await using world = openWorld();
    await world.start([definition]);
    const runId = await world.accept(definition, "w");
    const before = await outcomeOf(world, runId);

    late.resolve();
    await until(() => expect(refused.at(-1)).toBe("end"));

    expect(refused.slice(0, -1)).toEqual(Array.from({ length: 5 }, () => "OV_NODE_FAILED"));
    expect(await world.context.bucket("context-leads").get("late")).toBeUndefined();
    expect(await outcomeOf(world, runId)).toEqual(before);
    expect(before).toMatchObject({ status: "failed", error: { code: "OV_NODE_TIMEOUT" } });
  });

  test("is refused after a good end as well", async () => {
    const kept: NodeContext[] = [];
    const definition = operator("shop", {
      name: "Shop",
      workflows: [workflow("w", { state: State, onComplete: (_, ctx) => void kept.push(ctx) }).node("n", (_, ctx) => void kept.push(ctx))],
    });
    await using world = openWorld();
    await world.start([definition]);
    const runId = await world.accept(definition, "w");
    await world.ended(runId);

    expect(kept.map(({ nodeId }) => nodeId)).toEqual(["n", "on_complete"]);
    for (const ctx of kept) expect(() => ctx.publish("lead.late", {})).toThrow(/after the node had ended/);
    expect((await world.told(runId)).map(({ type }) => type)).not.toContain("lead.late");
  });
});
