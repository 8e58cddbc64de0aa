/** Cancelling a run that nobody holds, one that runs, and one whose signal was lost. */
import { type Run, toIso } from "@openvibe/core";
import { operator, workflow } from "@openvibe/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { withFaults } from "./faults-for-tests.ts";
import { inBothForms, outcomeOf } from "./forms-for-tests.ts";
import { openWorld, type World } from "./world-for-tests.ts";

const State = z.object({ note: z.string().default("") });

/** What the gateway does for DELETE. */
async function cancel(world: World, { operatorId, runId }: Pick<Run, "operatorId" | "runId">, signal: "signalled" | "unheard") {
  const event = { type: "run.cancelled", time: toIso(Date.now()), data: { status: "cancelled" } };
  const { did } = await world.store.runs.cancel({ operatorId, runId, event });
  if (signal === "signalled") world.bus.signals.control({ operatorId, runId, verb: "cancel", body: {} });
  return did;
}

/** An operator whose run stands in its second node until `leave` is resolved or its signal aborts. */
function standing() {
  const inside = Promise.withResolvers<void>();
  const leave = Promise.withResolvers<void>();
  const calls: string[] = [];
  const definition = operator("shop", {
    name: "Shop",
    workflows: [
      workflow("w", { state: State })
        .node("first", () => ({ note: "first" }))
        .node("second", async (_, ctx) => {
          ctx.publish("lead.lost", {});
          inside.resolve();
          ctx.signal.addEventListener("abort", () => {
            calls.push(`aborted ${(ctx.signal.reason as { code?: string }).code}`);
            leave.resolve();
          });
          await leave.promise;
          calls.push("left");
          return { note: "second" };
        })
        .node("third", () => void calls.push("third")),
    ],
  });
  return { definition, inside: inside.promise, leave: leave.resolve, calls };
}

describe("a cancel", () => {
  test("of a queued run ends it: its wake-up starts nothing, and its story is told once", async () => {
    const { definition, calls } = standing();
    await using world = openWorld();
    const runId = await world.accept(definition, "w");

    expect(await cancel(world, { operatorId: "shop", runId }, "signalled")).toBe("cancelled");
    await world.start([definition]);

    expect((await world.told(runId)).map(({ type }) => type)).toEqual(["run.queued", "run.cancelled"]);
    expect(await world.find(runId)).toMatchObject({ status: "cancelled", attempt: 0 });
    expect(calls).toEqual([]);
  });

  test("of a running run aborts the node's signal and ends the run, with what was committed before", async () => {
    const outcome = await inBothForms(async (form) => {
      const { definition, inside, calls } = standing();
      await using world = openWorld({ form });
      await world.start([definition]);
      const runId = await world.accept(definition, "w");
      await inside;

      expect(await cancel(world, { operatorId: "shop", runId }, "signalled")).toBe("requested");

      return { ...(await outcomeOf(world, runId)), calls };
    });

    expect(outcome).toMatchObject({ status: "cancelled", error: null, output: {}, state: { note: "first" } });
    expect(outcome.calls).toEqual(["aborted OV_RUN_CANCELLED", "left"]);
    expect(outcome.events.map(({ type }) => type)).toEqual(["run.queued", "run.started", "node.completed", "run.cancelled"]);
    expect(outcome.metrics).toMatchObject({ nodes_executed: 1, nodes_failed: 0 });
  });

  test("ends a run whose node does not listen to its signal", async () => {
    const inside = Promise.withResolvers<void>();
    const definition = operator("shop", {
      name: "Shop",
      workflows: [
        workflow("w", { state: State }).node("deaf", () => {
          inside.resolve();
          return new Promise<undefined>(() => {});
        }),
      ],
    });
    await using world = openWorld();
    await world.start([definition]);
    const runId = await world.accept(definition, "w");
    await inside.promise;

    await cancel(world, { operatorId: "shop", runId }, "signalled");

    expect((await world.ended(runId)).status).toBe("cancelled");
    expect((await world.told(runId)).map(({ type }) => type)).toEqual(["run.queued", "run.started", "run.cancelled"]);
  });

  test("whose signal is lost is noticed at the next commit: what that carried is dropped", async () => {
    const outcome = await inBothForms(async (form) => {
      const { definition, inside, leave, calls } = standing();
      await using world = openWorld({ form });
      await world.start([definition]);
      const runId = await world.accept(definition, "w");
      await inside;

      await cancel(world, { operatorId: "shop", runId }, "unheard");
      leave();

      return { ...(await outcomeOf(world, runId)), calls };
    });

    expect(outcome.status).toBe("cancelled");
    expect(outcome.calls).toEqual(["left"]);
    const types = outcome.events.map(({ type }) => type);
    expect(types).toEqual(["run.queued", "run.started", "node.completed", "run.cancelled"]);
    expect(outcome.events.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3]);
  });

  test("that comes before the claim's first step is honoured by it", async () => {
    const { definition, calls } = standing();
    await using world = openWorld();
    const runId = await world.accept(definition, "w");
    await world.store.runs.claim({ runId, wake: 0, owner: "ghost" });
    await cancel(world, { operatorId: "shop", runId }, "unheard");
    await world.start([definition]);

    expect(await world.ended(runId)).toMatchObject({ status: "cancelled", attempt: 2, metrics: { nodes_executed: 0 } });
    expect((await world.told(runId)).map(({ type }) => type)).toEqual(["run.queued", "run.cancelled"]);
    expect(calls).toEqual([]);
  });

  test("that comes while the run ends is answered by whichever was first", async () => {
    const definition = operator("shop", { name: "Shop", workflows: [workflow("w", { state: State }).node("n", () => ({ note: "x" }))] });
    await using world = openWorld();
    let did = "";
    const store = withFaults(world.store, {
      after: async (name, { runId }) => {
        if (name === "write") did = await cancel(world, { operatorId: "shop", runId }, "signalled");
      },
    });
    await world.start([definition], { store });

    const runId = await world.accept(definition, "w");

    expect(await world.ended(runId)).toMatchObject({ status: "completed", output: { note: "x" } });
    expect((await world.told(runId)).map(({ type }) => type)).toEqual(["run.queued", "run.started", "node.completed", "run.completed"]);
    expect(did).toBe("already_final");
  });
});
