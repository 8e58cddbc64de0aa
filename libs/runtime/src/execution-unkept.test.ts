/** Workflows that keep no steps (`checkpointed: false`): fast, and lost with their worker; and how long a run may live. */
import { setTimeout as wait } from "node:timers/promises";
import { type JsonObject, OpenVibeError } from "@openvibe/core";
import { type AnyWorkflow, end, goto, operator, sleep, workflow } from "@openvibe/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { mortal } from "./faults-for-tests.ts";
import { inBothForms, outcomeOf, runInBothForms } from "./forms-for-tests.ts";
import { openWorld, until } from "./world-for-tests.ts";

const State = z.object({ log: z.array(z.string()).default([]), n: z.int().default(0) });
const shop = (chain: AnyWorkflow) => operator("shop", { name: "Shop", workflows: [chain] });
const unkept = (options: { readonly onComplete?: () => void } = {}) => workflow("w", { state: State, checkpointed: false, ...options });

describe("a workflow that keeps no steps", () => {
  test("writes once, at its end, and tells the same story", async () => {
    const steps = (checkpointed: boolean) =>
      workflow("w", { state: State, checkpointed })
        .node("one", (s, ctx) => {
          ctx.publish("lead.seen", { n: 1 });
          return { log: [...s.log, "one"] };
        })
        .branch("choose", () => "far", {
          far: (arm) => arm.llm("ask", { model: "haiku", user: "?", parse: (reply) => ({ log: [reply] }) }),
        })
        .loop("twice", { while: (s) => s.n < 2, maxIterations: 3 }, (body) => body.node("in", (s) => ({ n: s.n + 1 })))
        .node("turn", (s) => (s.log.length > 1 ? end() : goto("last")))
        .node("never", () => ({ n: 100 }))
        .node("last", (s) => ({ log: [...s.log, "last"] }));

    const kept = await runInBothForms({ workflow: steps(true) });
    const without = await runInBothForms({ workflow: steps(false) });

    expect(without.commits).toEqual([["completed", null]]);
    expect(kept.commits.length).toBeGreaterThan(5);
    const { commits: _, ...told } = without;
    const { commits: __, ...expected } = kept;
    expect(told).toEqual(expected);
  });

  test("runs its onComplete before that one write", async () => {
    const told: string[] = [];
    const { commits, status } = await runInBothForms({
      workflow: unkept({ onComplete: () => void told.push("complete") })
        .node("one", () => ({ n: 1 }))
        .node("over", () => end({ n: 2 })),
    });

    expect([status, commits, told]).toEqual(["completed", [["completed", null]], ["complete", "complete"]]);
  });

  test("is lost with its worker: whoever finds the run ends it, and runs nothing again", async () => {
    const outcome = await inBothForms(async (form) => {
      const calls: string[] = [];
      const inside = Promise.withResolvers<void>();
      const definition = shop(
        unkept()
          .node("one", () => void calls.push("one"))
          .node("two", async (_, ctx) => {
            await ctx.once("key", () => void calls.push("once"));
            calls.push("two");
            inside.resolve();
            await new Promise(() => {});
          }),
      );
      await using world = openWorld({ form, holdMs: 100 });
      using first = mortal(world);
      await world.start([definition], { store: first.store, bus: first.bus, drainTimeoutMs: 10 });
      const runId = await world.accept(definition, "w");
      await inside.promise;
      const kept = world.store.database.prepare("SELECT count(*) AS n FROM sub_steps").get()?.n;

      await first.kill();
      await world.start([definition]);

      return { ...(await outcomeOf(world, runId)), calls, kept };
    });

    expect(outcome).toMatchObject({ status: "failed", error: { code: "OV_RUN_LOST" }, output: {}, kept: 0 });
    expect(outcome.error?.message).toContain("checkpointed: false");
    expect(outcome.calls).toEqual(["one", "once", "two"]);
    expect(outcome.events.map(({ type }) => type)).toEqual(["run.queued", "run.started", "run.failed"]);
  });

  test("survives a shutdown: it is handed on behind its last finished step", async () => {
    const calls: string[] = [];
    const inside = Promise.withResolvers<void>();
    const leave = Promise.withResolvers<void>();
    const definition = shop(
      unkept()
        .node("one", () => void calls.push("one"))
        .node("two", async () => {
          calls.push("two");
          inside.resolve();
          await leave.promise;
          return { n: 2 };
        })
        .node("three", () => void calls.push("three")),
    );
    await using world = openWorld();
    const engine = await world.start([definition]);
    const runId = await world.accept(definition, "w");
    await inside.promise;

    const stopped = engine.stop();
    leave.resolve();
    await stopped;
    expect(world.row(runId)).toMatchObject({ position: "three", owner: null });
    await world.start([definition]);

    expect(await world.ended(runId)).toMatchObject({ status: "completed", output: { n: 2 }, attempt: 2 });
    expect(calls).toEqual(["one", "two", "three"]);
  });

  test("ends when it is cancelled, or out of time", async () => {
    const inside = Promise.withResolvers<void>();
    const definition = shop(
      unkept()
        .node("one", () => ({}))
        .node("two", async (s, ctx) => {
          inside.resolve();
          await wait(s.n === 0 ? 5_000 : 50, undefined, { signal: ctx.signal });
        })
        .node("three", () => ({ n: 9 })),
    );
    await using world = openWorld();
    await world.start([definition]);
    const cancelled = await world.accept(definition, "w");
    await inside.promise;
    await world.store.runs.cancel({ operatorId: "shop", runId: cancelled, event: { type: "run.cancelled", time: "", data: {} } });
    world.bus.signals.control({ operatorId: "shop", verb: "cancel", runId: cancelled, body: {} });
    const late = await world.accept(definition, "w", {}, Date.now() + 30);

    expect((await world.ended(cancelled)).status).toBe("cancelled");
    expect((await world.ended(late)).status).toBe("timed_out");
  });

  test("does not sleep", async () => {
    const { status, error } = await runInBothForms({ workflow: unkept().node("nap", () => sleep("1h")) });

    expect(status).toBe("failed");
    expect(error).toMatchObject({ code: "OV_NODE_FAILED", node_id: "nap", message: expect.stringContaining("checkpointed: false") });
  });
});

describe("a node's progress", () => {
  test("is told live, the newest of many at a time, what cannot be told is dropped", async () => {
    await using world = openWorld();
    const live: [string, JsonObject][] = [];
    using _listening = await world.bus.signals.onLive({ operatorId: "shop" }, ({ type, data }) => void live.push([type, data]));
    const late = Promise.withResolvers<void>();
    const definition = shop(
      workflow("w", { state: State }).node("n", async (_, ctx) => {
        for (let done = 0; done <= 1_000; done++) ctx.emitProgress({ done });
        ctx.emitProgress({ text: "x".repeat(9_000) });
        ctx.emitProgress(new Map() as unknown as JsonObject);
        ctx.emitProgress("half" as unknown as JsonObject);
        ctx.emitProgress({ cycle: Number.NaN });
        setTimeout(() => {
          ctx.emitProgress({ late: true });
          late.resolve();
        }, 5);
        return { n: 1 };
      }),
    );
    await world.start([definition]);
    const runId = await world.accept(definition, "w");

    expect(await world.ended(runId)).toMatchObject({ status: "completed", output: { n: 1 } });
    await late.promise;
    await until(() => expect(live.length).toBe(3));

    expect(live).toEqual([
      ["node.started", { kind: "node" }],
      ["node.progress", { done: 0 }],
      ["node.progress", { done: 1_000 }],
    ]);
  });

  test("comes ten times a second while it goes on, and is cut off by nothing that the node does", async () => {
    await using world = openWorld();
    const seen: { readonly at: number; readonly data: JsonObject }[] = [];
    using _listening = await world.bus.signals.onLive({ operatorId: "shop" }, ({ type, data }) => {
      if (type === "node.progress") seen.push({ at: performance.now(), data });
    });
    const definition = shop(
      workflow("w", { state: State }).node("n", async (_, ctx) => {
        const data: { n: number } = { n: 0 };
        for (; data.n < 30; data.n++) {
          ctx.emitProgress(data);
          await wait(10);
        }
        throw new OpenVibeError("OV_NODE_FAILED", "in the end");
      }),
    );
    await world.start([definition]);

    expect((await world.ended(await world.accept(definition, "w"))).error?.message).toBe("in the end");
    await until(() => expect(seen.at(-1)?.data).toEqual({ n: 29 }));
    expect(seen.length).toBeLessThanOrEqual(7);
    expect(seen.length).toBeGreaterThan(2);
  });
});
