/** Workers that die with runs in their hands. */
import { MAX_SILENT_CLAIMS, silentLogger } from "@openvibe/core";
import { type AnyWorkflow, operator, workflow } from "@openvibe/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { mortal, withLog } from "./faults-for-tests.ts";
import { inBothForms, outcomeOf } from "./forms-for-tests.ts";
import { silentObserver } from "./observer.ts";
import { openWorld, until } from "./world-for-tests.ts";

const State = z.object({ log: z.array(z.string()).default([]) });
const shop = (...workflows: AnyWorkflow[]) => operator("shop", { name: "Shop", workflows });

describe("after a crash", () => {
  test("the run goes on at the step that was not committed; no step before it runs again", async () => {
    const outcome = await inBothForms(async (form) => {
      const calls: string[] = [];
      const inside = Promise.withResolvers<void>();
      const definition = shop(
        workflow("w", { state: State })
          .node("one", (s) => {
            calls.push("one");
            return { log: [...s.log, "one"] };
          })
          .node("two", async (s, ctx) => {
            calls.push(`two ${ctx.effectKey.replace(ctx.runId, "run")}`);
            ctx.publish("lead.seen", { attempt: ctx.attempt });
            inside.resolve();
            if (ctx.attempt === 1) await new Promise(() => {});
            return { log: [...s.log, "two"] };
          }),
      );
      await using world = openWorld({ form, holdMs: 100 });
      using first = mortal(world);
      await world.start([definition], { store: first.store, bus: first.bus, drainTimeoutMs: 10 });
      const runId = await world.accept(definition, "w");
      await inside.promise;

      await first.kill();
      await world.start([definition]);

      return { ...(await outcomeOf(world, runId)), calls };
    });

    expect(outcome).toMatchObject({ status: "completed", output: { log: ["one", "two"] } });
    expect(outcome.calls).toEqual(["one", "two run:two:0", "two run:two:0"]);
    expect(outcome.events.map(({ type, sequence }) => [sequence, type])).toEqual([
      [0, "run.queued"],
      [1, "run.started"],
      [2, "node.completed"],
      [3, "lead.seen"],
      [4, "node.completed"],
      [5, "run.completed"],
    ]);
    expect(outcome.events[3]?.data).toEqual({ attempt: 2 });
    expect(outcome.metrics).toMatchObject({ nodes_executed: 2, nodes_failed: 0 });
  });

  test("what the dead worker committed and did not publish is published by its successor, once and in order", async () => {
    const inside = Promise.withResolvers<void>();
    const definition = shop(
      workflow("w", { state: State })
        .node("one", (_, ctx) => ctx.publish("lead.seen", {}))
        .node("two", async (_, ctx) => {
          inside.resolve();
          if (ctx.attempt === 1) await new Promise(() => {});
        }),
    );
    await using world = openWorld({ holdMs: 100 });
    using first = mortal(world);
    // The first event reaches the log, but its sender never learns it; those after it never leave.
    const bus = withLog(first.bus, {
      append: async (event) => {
        await world.bus.log.append(event);
        return await new Promise<"stored">(() => {});
      },
    });
    await world.start([definition], { store: first.store, bus, drainTimeoutMs: 10 });
    const runId = await world.accept(definition, "w");
    await inside.promise;
    await until(async () => expect((await world.events(runId)).length).toBeGreaterThan(0));

    await first.kill();
    await world.start([definition]);

    const told = await world.told(runId);
    expect(told.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(told.at(-1)?.type).toBe("run.completed");
  });

  test("the late writes of one who was only thought dead are refused, and none of its events leaves", async () => {
    const outcome = await inBothForms(async (form) => {
      const inside = Promise.withResolvers<void>();
      const leave = Promise.withResolvers<void>();
      const calls: string[] = [];
      const definition = shop(
        workflow("w", { state: State })
          .node("one", async (_, ctx) => {
            inside.resolve();
            if (ctx.attempt === 1) await leave.promise;
            ctx.publish("lead.seen", { attempt: ctx.attempt });
            return { log: [`attempt ${ctx.attempt}`] };
          })
          .node("two", (_, ctx) => void calls.push(`two ${ctx.attempt}`)),
      );
      await using world = openWorld({ form });
      const over = Promise.withResolvers<void>();
      const observer = { ...silentObserver, activationsInflight: (change: number) => void (change < 0 && over.resolve()) };
      const slow = await world.start([definition], { observer });
      const runId = await world.accept(definition, "w");
      await inside.promise;
      await until(async () => expect(await world.events(runId)).toHaveLength(2));
      const successor = await world.store.workers.beat({ owner: "successor", logger: silentLogger });
      world.store.database.prepare("DELETE FROM workers WHERE owner = ?").run(slow.engine.owner);
      const claimed = await world.store.runs.claim({ runId, wake: 0, owner: "successor" });
      expect(claimed.claimed?.run.attempt).toBe(2);

      leave.resolve();
      await over.promise;
      await new Promise((resolve) => setTimeout(resolve, 40));
      const left = { calls: [...calls], events: (await world.events(runId)).map(({ type }) => type), owner: world.row(runId).owner };
      await slow.stop();
      await successor[Symbol.asyncDispose]();
      await world.start([definition]);
      return { ...(await outcomeOf(world, runId)), left };
    });

    expect(outcome.left).toEqual({ calls: [], events: ["run.queued", "run.started"], owner: "successor" });
    expect(outcome).toMatchObject({ status: "completed", output: { log: ["attempt 3"] } });
    expect(outcome.events.filter(({ type }) => type === "lead.seen")).toMatchObject([{ data: { attempt: 3 } }]);
  });
});

describe("workers that fall silent with one run, one after the other", () => {
  const definition = shop(
    workflow("w", { state: State })
      .node("one", () => ({ log: ["one"] }))
      .node("two", () => ({ log: ["two"] })),
  );
  const die = async (world: ReturnType<typeof openWorld>, runId: string, times: number) => {
    for (let ghost = 0; ghost < times; ghost++) await world.store.runs.claim({ runId, wake: 0, owner: `ghost-${ghost}` });
  };

  test(`${MAX_SILENT_CLAIMS} times make it dead_lettered, its code is not run again`, async () => {
    await using world = openWorld();
    const runId = await world.accept(definition, "w");
    await die(world, runId, MAX_SILENT_CLAIMS);
    await world.start([definition]);

    const run = await world.ended(runId);

    expect(run).toMatchObject({ status: "dead_lettered", error: { code: "OV_RUN_ABANDONED" }, metrics: { nodes_executed: 0 } });
    expect((await world.told(runId)).map(({ type }) => type)).toEqual(["run.queued", "run.dead_lettered"]);
  });

  test(`${MAX_SILENT_CLAIMS - 1} times do not`, async () => {
    await using world = openWorld();
    const runId = await world.accept(definition, "w");
    await die(world, runId, MAX_SILENT_CLAIMS - 1);
    await world.start([definition]);

    expect(await world.ended(runId)).toMatchObject({ status: "completed", attempt: MAX_SILENT_CLAIMS });
  });

  test("are counted anew after a step was committed, and a hand-back does not count", async () => {
    await using world = openWorld();
    const runId = await world.accept(definition, "w");
    await die(world, runId, MAX_SILENT_CLAIMS - 1);
    const { claimed } = await world.store.runs.claim({ runId, wake: 0, owner: "worker" });
    const { run } = claimed ?? {};
    if (claimed === undefined || run === undefined) throw new Error("not claimed");
    const write = { runId, attempt: run.attempt, step: 1, status: "running", state: { log: ["one"] }, position: "two" } as const;
    await world.store.runs.write({ ...write, metrics: run.metrics, outbox: claimed.outbox });
    await die(world, runId, 2);
    const last = await world.store.runs.claim({ runId, wake: 0, owner: "polite" });
    await world.store.runs.release({ runId, attempt: last.claimed?.run.attempt ?? 0, owner: "polite" });
    await world.start([definition]);

    expect(last.claimed?.silentClaims).toBe(3);
    expect((await world.ended(runId)).status).toBe("completed");
  });
});
