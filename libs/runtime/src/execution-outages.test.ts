/** Store and bus away in the middle of a run: nothing is lost, nothing runs twice. */
import type { OpenVibeEvent } from "@openvibe/core";
import { OpenVibeError, silentLogger } from "@openvibe/core";
import { operator, workflow } from "@openvibe/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { busIsAway, noting, storeIsAway, withFaults, withLog } from "./faults-for-tests.ts";
import { inBothForms, outcomeOf } from "./forms-for-tests.ts";
import { openWorld, until } from "./world-for-tests.ts";

const State = z.object({ log: z.array(z.string()).default([]) });

function threeSteps() {
  const calls: string[] = [];
  const step = (name: string) => (s: { readonly log: readonly string[] }) => {
    calls.push(name);
    return { log: [...s.log, name] };
  };
  const definition = operator("shop", {
    name: "Shop",
    workflows: [workflow("w", { state: State }).node("one", step("one")).node("two", step("two")).node("three", step("three"))],
  });
  return { definition, calls };
}

const STORY = ["run.queued", "run.started", "node.completed", "node.completed", "node.completed", "run.completed"];
const storyOf = (events: readonly Pick<OpenVibeEvent, "type">[]) => events.map(({ type }) => type);
/** Without the copies that a repetition after an unknown answer may leave in the log. */
const once = (events: readonly OpenVibeEvent[]) => [...new Map(events.map((event) => [event.id, event])).values()];

describe("a store that is away", () => {
  test("for a while in the middle of a run loses nothing and runs nothing again", async () => {
    const outcome = await inBothForms(async (form) => {
      const { definition, calls } = threeSteps();
      await using world = openWorld({ form });
      let outages = 3;
      const store = withFaults(world.store, {
        before: (name, { step }) => void (name === "write" && step === 2 && outages-- > 0 && storeIsAway()),
      });
      await world.start([definition], { store });

      const runId = await world.accept(definition, "w");
      const { attempt } = await world.ended(runId);
      return { ...(await outcomeOf(world, runId)), attempt, calls, outages };
    });

    expect(outcome.outages).toBe(-1);
    expect(outcome).toMatchObject({ status: "completed", attempt: 1, calls: ["one", "two", "three"] });
    expect(storyOf(outcome.events)).toEqual(STORY);
  });

  test("for longer than a drain takes: a run that waits for it is given up, also where its write began before", async () => {
    const { definition, calls } = threeSteps();
    await using world = openWorld();
    const written = Promise.withResolvers<void>();
    const store = withFaults(world.store, {
      before: (name) => {
        if (name !== "write") return;
        written.resolve();
        storeIsAway();
      },
    });
    const said: string[] = [];
    const logger = { ...silentLogger, warn: (_fields: object, message: string) => void said.push(message) };
    const first = await world.start([definition], { store, logger, drainTimeoutMs: 20 });
    const runId = await world.accept(definition, "w");
    await written.promise;

    await first.stop();

    expect(said.at(-1)).toBe("the store does not answer; the run is left to whoever claims it next");
    expect(world.row(runId)).toMatchObject({ owner: null, position: null });
    await world.start([definition]);
    expect(await world.ended(runId)).toMatchObject({ status: "completed", attempt: 2 });
    expect(calls).toEqual(["one", "one", "two", "three"]);
  });

  test("when a run is claimed keeps its wake-up in the worker's hands, and nothing new is taken meanwhile", async () => {
    const { definition, calls } = threeSteps();
    await using world = openWorld();
    const asked: string[] = [];
    let away = true;
    const store = withFaults(world.store, {
      before: (name, { runId }) => {
        if (name !== "claim") return;
        asked.push(runId);
        if (away) storeIsAway();
      },
    });
    await world.start([definition], { store });
    const first = await world.accept(definition, "w");
    await until(() => expect(asked.length).toBeGreaterThan(1));

    const second = await world.accept(definition, "w");
    await until(() => expect(asked.length).toBeGreaterThan(3));
    expect(new Set(asked)).toEqual(new Set([first]));
    away = false;

    expect(await world.ended(first)).toMatchObject({ status: "completed", attempt: 1 });
    expect(await world.ended(second)).toMatchObject({ status: "completed", attempt: 1 });
    expect(calls).toHaveLength(6);
  });

  test("whose answers are lost is asked again, and accepts what it has done already", async () => {
    const outcome = await inBothForms(async (form) => {
      const { definition, calls } = threeSteps();
      await using world = openWorld({ form });
      const written: string[] = [];
      const lost = new Set<number>();
      const store = withFaults(world.store, {
        after: (name, { step, status }) => {
          if (name !== "write") return;
          written.push(`${step} ${status}`);
          if (lost.has(step)) return;
          lost.add(step);
          storeIsAway();
        },
      });
      await world.start([definition], { store });

      const runId = await world.accept(definition, "w");
      return { ...(await outcomeOf(world, runId)), calls, written };
    });

    expect(outcome.written).toEqual(["1 running", "1 running", "2 running", "2 running", "3 completed", "3 completed"]);
    expect(outcome).toMatchObject({ status: "completed", calls: ["one", "two", "three"] });
    expect(storyOf(outcome.events)).toEqual(STORY);
  });
});

describe("pure steps that follow each other", () => {
  const pure = () =>
    operator("shop", {
      name: "Shop",
      workflows: [
        workflow("w", { state: State })
          .node("one", (s) => ({ log: [...s.log, "one"] }), { pure: true })
          .node("two", (s) => ({ log: [...s.log, "two"] }), { pure: true })
          .node("three", (s) => ({ log: [...s.log, "three"] }), { pure: true })
          .node("four", (s) => ({ log: [...s.log, "four"] })),
      ],
    });

  test.each([
    ["segments", ["running four", "completed null"]],
    ["nodes", ["running two", "running three", "running four", "completed null"]],
  ] as const)("share one commit in segments: in the form %s the store is written %j", async (form, expected) => {
    const definition = pure();
    await using world = openWorld({ form });
    const written: string[] = [];
    const store = withFaults(world.store, {
      after: (name, { status, position }) => void (name === "write" && written.push(`${status} ${position}`)),
    });
    await world.start([definition], { store });

    const runId = await world.accept(definition, "w");

    expect((await world.ended(runId)).output).toEqual({ log: ["one", "two", "three", "four"] });
    expect(written).toEqual(expected);
    expect(storyOf(await world.told(runId))).toEqual([...STORY.slice(0, -1), "node.completed", "run.completed"]);
  });
});

describe("an event log that is away", () => {
  test("does not hold up the run; afterwards its events arrive in order, with one terminal event", async () => {
    const { definition, calls } = threeSteps();
    await using world = openWorld();
    let away = true;
    const bus = withLog(world.bus, { append: async (event) => (away ? busIsAway() : await world.bus.log.append(event)) });
    await world.start([definition], { bus });

    const runId = await world.accept(definition, "w");
    expect(await world.ended(runId)).toMatchObject({ status: "completed", output: { log: ["one", "two", "three"] } });
    expect(await world.events(runId)).toEqual([]);
    away = false;

    const told = await world.told(runId);
    expect(storyOf(told)).toEqual(STORY);
    expect(told.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(calls).toEqual(["one", "two", "three"]);
  });

  test("whose answers are lost holds every event, the terminal one once", async () => {
    const { definition } = threeSteps();
    await using world = openWorld();
    const lost = new Set<string>();
    const bus = withLog(world.bus, {
      append: async (event) => {
        const answer = await world.bus.log.append(event);
        if (lost.has(event.id)) return answer;
        lost.add(event.id);
        return busIsAway();
      },
    });
    await world.start([definition], { bus });

    const runId = await world.accept(definition, "w");
    await until(async () => expect((await world.store.runs.findOutbox(runId))?.outbox.events).toEqual([]));

    const told = await world.events(runId);
    expect(storyOf(once(told))).toEqual(STORY);
    expect(told.filter(({ type }) => type === "run.completed")).toHaveLength(1);
    expect(told.at(-1)?.type).toBe("run.completed");
  });

  test("when the run ends and stays away leaves the events in the record, and lets the wake-up go", { timeout: 30_000 }, async () => {
    const { definition } = threeSteps();
    await using world = openWorld();
    const bus = withLog(world.bus, { append: () => new Promise(() => {}) });
    const { stop } = await world.start([definition], { bus });
    const runId = await world.accept(definition, "w");
    await world.ended(runId);

    await stop();

    expect(storyOf((await world.store.runs.findOutbox(runId))?.outbox.events ?? [])).toEqual(STORY);
    expect(await world.bus.queue.publish({ operatorId: "shop", runId, kind: "start", wake: 0 })).toBe("stored");
  });
});

describe("a bus that is away in ctx.context", () => {
  test("is no failure of the node: the call repeats until it is back", async () => {
    let outages = 2;
    const definition = operator("shop", {
      name: "Shop",
      workflows: [
        workflow("w", { state: State }).node("n", async (_, ctx) => {
          await ctx.context("context-leads").put("ada", 1);
          const { value } = (await ctx.context("context-leads").get<number>("ada")) ?? {};
          return { log: [`${value}`] };
        }),
      ],
    });
    await using world = openWorld();
    const context: typeof world.context = {
      bucket(name) {
        const bucket = world.context.bucket(name);
        return { ...bucket, put: async (key, value) => (outages-- > 0 ? busIsAway() : await bucket.put(key, value)) };
      },
    };
    await world.start([definition], { context });

    const run = await world.ended(await world.accept(definition, "w"));

    expect(run).toMatchObject({ status: "completed", output: { log: ["1"] }, metrics: { nodes_failed: 0 } });
  });
});

describe("a store that answers something unexpected", () => {
  test("has the run given back and claimed again, not at once: nothing spins", async () => {
    const { definition, calls } = threeSteps();
    await using world = openWorld();
    let odd = 1;
    const released: number[] = [];
    const store = withFaults(world.store, {
      before: (name, { step }) => {
        if (name === "write" && step === 2 && odd-- > 0) throw new TypeError("this is odd");
      },
    });
    const bus = noting(world.bus, (line) => void (line.includes("back") && released.push(Number(line.split(" ").at(-1)))));
    await world.start([definition], { store, bus });

    const run = await world.ended(await world.accept(definition, "w"));

    expect(run).toMatchObject({ status: "completed", attempt: 2, output: { log: ["one", "two", "three"] } });
    expect(calls).toEqual(["one", "two", "two", "three"]);
    expect(released).toEqual([1_000]);
  });
});

describe("a store that refuses a run's data", () => {
  const refusing = (write: { readonly state: object; readonly status: string }) => {
    if (JSON.stringify(write.state).includes("two"))
      throw new OpenVibeError("OV_RUN_UNSTORABLE", "the store refuses this run's data: too odd");
  };

  test.each([
    ["at once", 0],
    ["after the events before have left", 1],
  ])("ends the run as failed, with a whole story (%s)", async (_, pausing) => {
    const outcome = await inBothForms(async (form) => {
      await using world = openWorld({ form });
      const definition = operator("shop", {
        name: "Shop",
        workflows: [
          workflow("w", { state: State })
            .node("one", () => ({ log: ["one"] }))
            .node("two", async (s, ctx) => {
              if (pausing) await until(async () => expect(await world.events(ctx.runId)).toHaveLength(3));
              ctx.publish("lead.odd", {});
              return { log: [...s.log, "two"] };
            })
            .node("three", () => ({ log: ["never"] })),
        ],
      });
      const told: string[] = [];
      using _hearing = await world.bus.signals.onControl({ verb: "wake" }, ({ runId }) => void told.push(runId));
      const store = withFaults(world.store, { before: (name, given) => void (name === "write" && refusing(given)) });
      await world.start([definition], { store });

      const runId = await world.accept(definition, "w");
      const outcome = await outcomeOf(world, runId);
      await until(() => expect(told).toEqual([runId]));
      await until(async () => expect((await world.store.runs.findOutbox(runId))?.outbox.events).toEqual([]));
      return outcome;
    });

    expect(outcome).toMatchObject({ status: "failed", error: { code: "OV_RUN_UNSTORABLE" }, output: {} });
    expect(storyOf(outcome.events)).toEqual(["run.queued", "run.started", "node.completed", "run.failed"]);
    expect(outcome.events.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3]);
  });

  test("and is away in between still ends the run", async () => {
    let outages = 2;
    const definition = operator("shop", { name: "Shop", workflows: [workflow("w", { state: State }).node("n", () => ({ log: ["two"] }))] });
    await using world = openWorld();
    const store = withFaults(world.store, {
      before: (name, given) => {
        if (name !== "write") return;
        refusing(given);
        if (outages-- > 0) storeIsAway();
      },
    });
    await world.start([definition], { store });

    const runId = await world.accept(definition, "w");

    expect(await world.ended(runId)).toMatchObject({ status: "failed", attempt: 1, error: { code: "OV_RUN_UNSTORABLE" } });
    expect(storyOf(await world.told(runId))).toEqual(["run.queued", "run.started", "run.failed"]);
  });
});
