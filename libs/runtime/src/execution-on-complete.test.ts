/** `onComplete`: what a workflow does between its last step and its end. */
import { operator, workflow } from "@openvibe/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { mortal } from "./faults-for-tests.ts";
import { inBothForms, outcomeOf, runInBothForms } from "./forms-for-tests.ts";
import { openWorld, until } from "./world-for-tests.ts";

const State = z.object({ name: z.string().default(""), n: z.int().default(0), defaulted: z.string().default("d") });

describe("onComplete", () => {
  test("writes the shared context at once, its events leave with the end", async () => {
    const seen = await inBothForms(async (form) => {
      await using world = openWorld({ form });
      const definition = operator("shop", {
        name: "Shop",
        workflows: [
          workflow("w", {
            state: State,
            async onComplete(state, ctx) {
              ctx.publish("lead.done", { name: state.name, defaulted: state.defaulted });
              await ctx.context("context-leads").put(state.name, { n: state.n });
            },
          }).node("count", () => ({ n: 7 })),
        ],
      });
      const order: string[] = [];
      const bucket = world.context.bucket("context-leads");
      using _listening = await world.bus.log.listen(({ event }) => void order.push(event.type));
      const watching = new AbortController();
      void (async () => {
        for await (const change of bucket.watch(watching.signal)) order.push(`context ${change.kind}`);
      })();
      await world.start([definition]);

      const outcome = await outcomeOf(world, await world.accept(definition, "w", { name: "ada" }));
      watching.abort();
      return { ...outcome, order, written: (await bucket.get("ada"))?.value };
    });

    expect(seen.written).toEqual({ n: 7 });
    expect(seen.order.indexOf("context put")).toBeLessThan(seen.order.indexOf("lead.done"));
    expect(seen.events.map(({ type }) => type)).toEqual(["run.queued", "run.started", "node.completed", "lead.done", "run.completed"]);
    expect(seen.events[3]).toMatchObject({ nodeId: null, data: { name: "ada", defaulted: "d" } });
    expect(seen.metrics.nodes_executed).toBe(1);
  });

  test("runs after the last step is committed, and its events are in the commit that ends the run", async () => {
    const { commits, output } = await runInBothForms({
      workflow: workflow("w", { state: State, onComplete: (_, ctx) => ctx.publish("lead.done", {}) }).node("count", () => ({ n: 7 })),
    });

    expect(commits).toEqual([
      ["running", null],
      ["completed", null],
    ]);
    expect(output).toEqual({ n: 7 });
  });

  test("that fails, fails the run, and nothing of it is told", async () => {
    const { status, error, events, output } = await runInBothForms({
      workflow: workflow("w", {
        state: State,
        onComplete(_, ctx) {
          ctx.publish("lead.done", {});
          throw new Error("the CRM is down");
        },
      }).node("count", () => ({ n: 7 })),
    });

    expect([status, output]).toEqual(["failed", {}]);
    expect(error).toEqual({ code: "OV_NODE_FAILED", message: "the CRM is down", node_id: "on_complete" });
    expect(events.map(({ type }) => type)).toEqual(["run.queued", "run.started", "node.completed", "run.failed"]);
  });

  test("has an effect key of its own, the same when it is repeated", async () => {
    const keys: string[] = [];
    await runInBothForms({
      workflow: workflow("w", { state: State, onComplete: (_, ctx) => void keys.push(ctx.effectKey.replace(ctx.runId, "run")) }).node(
        "n",
        () => ({}),
      ),
    });

    expect(keys).toEqual(["run:on_complete:0", "run:on_complete:0"]);
  });

  test("alone is repeated after a crash in it", async () => {
    const outcome = await inBothForms(async (form) => {
      const calls: string[] = [];
      const inside = Promise.withResolvers<void>();
      const definition = operator("shop", {
        name: "Shop",
        workflows: [
          workflow("w", {
            state: State,
            async onComplete(state, ctx) {
              calls.push(`complete ${state.n} ${state.defaulted} ${ctx.effectKey.replace(ctx.runId, "run")}`);
              if (ctx.attempt > 1) return ctx.publish("lead.done", {});
              inside.resolve();
              await new Promise(() => {});
            },
          })
            .node("one", () => void calls.push("one"))
            .node("two", () => {
              calls.push("two");
              return { n: 2 };
            }),
        ],
      });
      await using world = openWorld({ form, holdMs: 100 });
      using first = mortal(world);
      await world.start([definition], { store: first.store, bus: first.bus, drainTimeoutMs: 10 });
      const runId = await world.accept(definition, "w");
      await inside.promise;

      await first.kill();
      await world.start([definition]);
      return { ...(await outcomeOf(world, runId)), calls };
    });

    expect(outcome.status).toBe("completed");
    expect(outcome.calls).toEqual(["one", "two", "complete 2 d run:on_complete:0", "complete 2 d run:on_complete:0"]);
    expect(outcome.events.map(({ type }) => type)).toEqual([
      "run.queued",
      "run.started",
      "node.completed",
      "node.completed",
      "lead.done",
      "run.completed",
    ]);
  });

  test("is left at a drain and repeated by the next worker", async () => {
    const calls: string[] = [];
    const inside = Promise.withResolvers<void>();
    const definition = operator("shop", {
      name: "Shop",
      workflows: [
        workflow("w", {
          state: State,
          async onComplete(_, ctx) {
            calls.push(`complete ${ctx.attempt}`);
            inside.resolve();
            if (ctx.attempt === 1) await new Promise(() => {});
          },
        }).node("one", () => void calls.push("one")),
      ],
    });
    await using world = openWorld();
    const first = await world.start([definition], { drainTimeoutMs: 30 });
    const runId = await world.accept(definition, "w");
    await inside.promise;

    await first.stop();
    expect(await world.find(runId)).toMatchObject({ status: "running" });
    await world.start([definition]);

    expect(await world.ended(runId)).toMatchObject({ status: "completed", attempt: 2 });
    expect(calls).toEqual(["one", "complete 1", "complete 2"]);
    await until(async () => expect((await world.events(runId)).filter(({ type }) => type === "run.completed")).toHaveLength(1));
  });
});
