/** A worker that stops while it has runs in its hands, and the one that goes on with them. */
import type { WorkQueue } from "@openvibe/bus";
import { operator, workflow } from "@openvibe/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { FORMS, inBothForms, outcomeOf } from "./forms-for-tests.ts";
import { openWorld, until } from "./world-for-tests.ts";

const State = z.object({ log: z.array(z.string()).default([]), nested: z.object({ n: z.int() }).default({ n: 0 }) });

const STEPS = ["one", "two", "choose", "three", "four"];

/** An operator whose run waits in one of its steps until it is let go. */
function pausing(at = "two") {
  const inside = Promise.withResolvers<void>();
  const leave = Promise.withResolvers<void>();
  const calls: string[] = [];
  const said = async (name: string, log: readonly string[]) => {
    if (name === at) {
      inside.resolve();
      await leave.promise;
    }
    calls.push(name);
    return { log: [...log, name] };
  };
  const definition = operator("shop", {
    name: "Shop",
    workflows: [
      workflow("w", { state: State })
        .node("one", (s) => said("one", s.log))
        .node("two", (s) => said("two", s.log))
        .branch("choose", async (s) => ({ route: "left", set: await said("choose", s.log) }), {
          left: (arm) => arm.node("three", (s) => said("three", s.log)),
        })
        .node("four", (s) => said("four", s.log)),
    ],
  });
  return { definition, inside: inside.promise, leave: leave.resolve, calls };
}

describe("a drain", () => {
  test("lets the running step finish, hands the run back, and the next worker goes on behind it", async () => {
    const outcome = await inBothForms(async (form) => {
      const { definition, inside, leave, calls } = pausing();
      await using world = openWorld({ form });
      const first = await world.start([definition]);
      const runId = await world.accept(definition, "w");
      await inside;

      const stopped = first.stop();
      leave();
      await stopped;
      const handedBack = { ...world.row(runId), run: (await world.find(runId)).status, calls: [...calls] };
      await world.start([definition]);

      const { attempt } = await world.ended(runId);
      return { ...(await outcomeOf(world, runId)), handedBack, calls, attempt };
    });

    expect(outcome.handedBack).toMatchObject({ run: "running", owner: null, position: "choose", calls: ["one", "two"] });
    expect(outcome.calls).toEqual(STEPS);
    expect(outcome).toMatchObject({ status: "completed", attempt: 2, output: { log: STEPS } });
    expect(outcome.events.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(outcome.events.filter(({ type }) => type === "node.completed").map(({ nodeId }) => nodeId)).toEqual(STEPS);
  });

  test.each(FORMS.flatMap((begun) => FORMS.flatMap((ended) => STEPS.map((at) => [begun, ended, at] as const))))(
    "a run begun in the form %s ends in the form %s, wherever it was left (in %s)",
    async (begun, ended, at) => {
      const { definition, inside, leave, calls } = pausing(at);
      await using world = openWorld();
      const first = await world.start([definition], { form: begun });
      const runId = await world.accept(definition, "w");
      await inside;
      const stopped = first.stop();
      leave();
      await stopped;

      await world.start([definition], { form: ended });

      expect((await world.ended(runId)).output).toEqual({ log: STEPS });
      expect(calls).toEqual(STEPS);
      expect((await world.told(runId)).map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    },
  );

  test("aborts a step that outstays drainTimeoutMs and hands its run back; only that step is run again", async () => {
    const { calls, reasons, output } = await inBothForms(async (form) => {
      const calls: string[] = [];
      const reasons: unknown[] = [];
      const inside = Promise.withResolvers<void>();
      const definition = operator("shop", {
        name: "Shop",
        workflows: [
          workflow("w", { state: State })
            .node("one", () => void calls.push("one"))
            .node("stuck", async (_, ctx) => {
              calls.push(`stuck ${ctx.attempt}`);
              if (ctx.attempt > 1) return { log: [ctx.effectKey.replace(ctx.runId, "run")] };
              inside.resolve();
              ctx.signal.addEventListener("abort", () => reasons.push((ctx.signal.reason as { code?: string }).code));
              return await new Promise<undefined>(() => {});
            }),
        ],
      });
      await using world = openWorld({ form });
      const first = await world.start([definition], { drainTimeoutMs: 50 });
      const runId = await world.accept(definition, "w");
      await inside.promise;

      await first.stop();
      expect(world.row(runId)).toMatchObject({ owner: null, position: "stuck" });
      await world.start([definition]);

      const { output, status } = await world.ended(runId);
      return { status, output, calls, reasons };
    });

    expect(calls).toEqual(["one", "stuck 1", "stuck 2"]);
    expect(reasons).toEqual(["OV_SHUTTING_DOWN"]);
    expect(output).toEqual({ log: ["run:stuck:0"] });
  });

  test.each(FORMS)("runs no finished step again, also where pure steps share a commit (form %s)", async (form) => {
    const calls: string[] = [];
    const inside = Promise.withResolvers<void>();
    const definition = operator("shop", {
      name: "Shop",
      workflows: [
        workflow("w", { state: State })
          .node("one", () => void calls.push("one"), { pure: true })
          .node("two", () => void calls.push("two"), { pure: true })
          .node(
            "stuck",
            async (_, ctx) => {
              calls.push(`stuck ${ctx.attempt}`);
              inside.resolve();
              if (ctx.attempt === 1) await new Promise(() => {});
            },
            { pure: true },
          ),
      ],
    });
    await using world = openWorld({ form });
    const first = await world.start([definition], { drainTimeoutMs: 50 });
    const runId = await world.accept(definition, "w");
    await inside.promise;

    await first.stop();
    expect(world.row(runId)).toMatchObject({ owner: null, position: "stuck" });
    await world.start([definition]);

    expect(await world.ended(runId)).toMatchObject({ status: "completed", metrics: { nodes_executed: 3 } });
    expect(calls).toEqual(["one", "two", "stuck 1", "stuck 2"]);
    expect((await world.told(runId)).map(({ type }) => type)).toEqual([
      "run.queued",
      "run.started",
      "node.completed",
      "node.completed",
      "node.completed",
      "run.completed",
    ]);
  });

  test("begins in the turn in which it is asked for, however long the bus takes to end what was asked of it", async () => {
    const { definition, inside, leave, calls } = pausing();
    await using world = openWorld();
    const ended = Promise.withResolvers<void>();
    const queue: WorkQueue = {
      publish: (wakeUp) => world.bus.queue.publish(wakeUp),
      async *take(operatorId, slots, signal) {
        yield* world.bus.queue.take(operatorId, slots, signal);
        await ended.promise;
      },
    };
    const first = await world.start([definition], { bus: { ...world.bus, queue } });
    const runId = await world.accept(definition, "w");
    await inside;

    const stopped = first.stop();
    leave();
    await until(() => expect(world.row(runId).owner).toBeNull());
    ended.resolve();
    await stopped;

    expect([world.row(runId).position, calls]).toEqual(["choose", ["one", "two"]]);
  });

  test("takes nothing new", async () => {
    const { definition, inside, leave, calls } = pausing();
    await using world = openWorld();
    const first = await world.start([definition]);
    await world.accept(definition, "w");
    await inside;

    const stopped = first.stop();
    const later = await world.accept(definition, "w");
    leave();
    await stopped;

    expect(await world.find(later)).toMatchObject({ status: "queued", attempt: 0 });
    expect(calls).toEqual(["one", "two"]);
  });

  test("ends an idle worker, which then is nobody's owner any more", async () => {
    const { definition } = pausing();
    await using world = openWorld();
    const { engine, stop } = await world.start([definition]);
    const beating = () => world.store.database.prepare("SELECT owner FROM workers").all();
    expect(beating()).toEqual([{ owner: engine.owner }]);

    await stop();

    expect(beating()).toEqual([]);
  });

  test("leaves no timer behind that would keep the process alive", async () => {
    const { definition, inside, leave } = pausing();
    await using world = openWorld();
    const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length;
    const before = timers();
    const { stop } = await world.start([definition], { drainTimeoutMs: 60_000 });
    await world.accept(definition, "w");
    await inside;

    const stopped = stop();
    leave();
    await stopped;

    expect(timers()).toBeLessThanOrEqual(before);
  });

  test("a run that a worker goes on with has its state frozen too, and its defaults", async () => {
    const inside = Promise.withResolvers<void>();
    const leave = Promise.withResolvers<void>();
    const tried: string[] = [];
    const definition = operator("shop", {
      name: "Shop",
      workflows: [
        workflow("w", { state: State })
          .node("one", async () => {
            inside.resolve();
            await leave.promise;
            return { log: ["one"] };
          })
          .node("two", (s) => {
            for (const change of [() => (s.log as string[]).push("x"), () => Object.assign(s.nested, { n: 9 })]) {
              try {
                change();
                tried.push("changed");
              } catch {
                tried.push("refused");
              }
            }
          }),
      ],
    });
    await using world = openWorld();
    const first = await world.start([definition]);
    const runId = await world.accept(definition, "w");
    await inside.promise;
    const stopped = first.stop();
    leave.resolve();
    await stopped;

    await world.start([definition]);

    expect((await world.ended(runId)).output).toEqual({ log: ["one"] });
    await until(() => expect(tried).toEqual(["refused", "refused"]));
  });
});
