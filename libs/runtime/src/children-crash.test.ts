/** Deaths between a run and the runs that it began: nothing of either is lost, and nothing begun twice. */
import { type AnyWorkflow, operator, workflow } from "@openvibe/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { mortal, withFaults } from "./faults-for-tests.ts";
import { FORMS } from "./forms-for-tests.ts";
import { openWorld, until } from "./world-for-tests.ts";

const shop = (...workflows: AnyWorkflow[]) => operator("shop", { name: "Shop", workflows });
const State = z.object({ n: z.number().default(0), all: z.array(z.number()).default([]) });
const double = workflow("double", { state: State }).node("work", (s) => ({ n: s.n * 2 }));
const parent = () => workflow("parent", { state: State });
const one = () => shop(parent().run("child", { workflow: double, input: (s) => ({ n: s.n }), map: ({ n = 0 }) => ({ n }) }), double);

/** What a dead process waits for: for ever, as far as the test goes. */
function hang(): Disposable & { readonly forEver: Promise<void> } {
  const { promise: forEver, reject } = Promise.withResolvers<void>();
  forEver.catch(() => {});
  return { forEver, [Symbol.dispose]: () => reject(new Error("this process is dead")) };
}

describe.each(FORMS)("in the form %s", (form) => {
  test("a parent that dies before it waits finds the child that it began", async () => {
    const definition = one();
    await using world = openWorld({ form, holdMs: 100 });
    using first = mortal(world);
    using dead = hang();
    const begun = Promise.withResolvers<void>();
    // The child is there; nobody was told of it.
    const store = withFaults(first.store, {
      after: async (name) => {
        if (name !== "insert") return;
        begun.resolve();
        await dead.forEver;
      },
    });
    await world.start([definition], { store, bus: first.bus, drainTimeoutMs: 10 });
    const runId = await world.accept(definition, "parent", { n: 21 });
    await begun.promise;

    await first.kill();
    await world.start([definition]);

    expect((await world.ended(runId)).output).toEqual({ n: 42 });
    expect(await world.childrenOf(runId)).toHaveLength(1);
  });

  test("a child whose worker dies before it wakes the parent: whoever tells its end does", async () => {
    const definition = one();
    await using world = openWorld({ form, holdMs: 100 });
    using first = mortal(world);
    using dead = hang();
    const ended = Promise.withResolvers<void>();
    const store = withFaults(first.store, {
      before: async (name) => {
        if (name !== "wake") return;
        ended.resolve();
        await dead.forEver;
      },
    });
    await world.start([definition], { store, bus: first.bus, drainTimeoutMs: 10 });
    const runId = await world.accept(definition, "parent", { n: 21 });
    await ended.promise;
    await world.waiting(runId);
    const [child] = await world.childrenOf(runId);
    await until(async () => expect((await world.events(child?.runId ?? "")).at(-1)?.type).toBe("run.completed"));
    await new Promise((resolve) => setTimeout(resolve, 300)); // longer than marks are gathered
    expect((await world.store.runs.findOutbox(child?.runId ?? ""))?.outbox.events).not.toEqual([]);

    await first.kill();
    await world.start([definition]);
    await world.sweep();

    expect((await world.ended(runId)).output).toEqual({ n: 42 });
  });

  /** A parent that is about to wait, while its child has ended already. */
  const aChildThatIsFaster = async (
    world: ReturnType<typeof openWorld>,
    definition: ReturnType<typeof one>,
    afterParking: () => Promise<void>,
  ) => {
    const first = mortal(world);
    const store = withFaults(first.store, {
      before: async (name, given) => {
        if (name !== "write" || given.status !== "waiting") return;
        const [child] = await world.childrenOf(given.runId);
        await world.ended(child?.runId ?? "");
        // Its end is told and marked: nobody will look at it again.
        await until(async () => expect((await world.store.runs.findOutbox(child?.runId ?? ""))?.outbox.events).toEqual([]));
      },
      after: async (name, given) => {
        if (name === "write" && given.status === "waiting") await afterParking();
      },
    });
    await world.start([definition], { store, bus: first.bus, drainTimeoutMs: 10 });
    return first;
  };

  test("a child that ends before its parent waits does not leave it waiting", async () => {
    const definition = one();
    await using world = openWorld({ form });
    using _first = await aChildThatIsFaster(world, definition, async () => {});

    const runId = await world.accept(definition, "parent", { n: 21 });

    expect((await world.ended(runId)).output).toEqual({ n: 42 });
  });

  test("not even when the parent's worker dies before it looks", async () => {
    const definition = one();
    await using world = openWorld({ form, holdMs: 100 });
    const parked = Promise.withResolvers<void>();
    using dead = hang();
    using first = await aChildThatIsFaster(world, definition, async () => {
      parked.resolve();
      await dead.forEver;
    });
    const runId = await world.accept(definition, "parent", { n: 21 });
    await parked.promise;

    await first.kill();
    await world.start([definition]);
    await world.sweep();

    expect((await world.ended(runId)).output).toEqual({ n: 42 });
  });

  test("children are cancelled also when whoever cancelled their parent dies before that", async () => {
    const asking = workflow("asking", { state: State }).human("ask", { prompt: "Well?", answer: ["n"] });
    const definition = shop(parent().run("child", { workflow: asking }), asking);
    await using world = openWorld({ form });
    await world.start([definition]);
    const runId = await world.accept(definition, "parent");
    await world.waiting(runId);
    const [child] = await world.childrenOf(runId);
    await world.waiting(child?.runId ?? "");

    const event = { type: "run.cancelled", time: "2026-11-22T10:00:00.000Z", data: { status: "cancelled" } };
    await world.store.runs.cancel({ operatorId: "shop", runId, event });
    await world.sweep();

    expect(await world.ended(child?.runId ?? "")).toMatchObject({ status: "cancelled" });
  });

  test("a child that is begun too late, its parent having ended, does nothing", async () => {
    let calls = 0;
    const late = workflow("late", { state: State }).node("work", () => void calls++);
    const definition = shop(
      parent().node("one", () => ({})),
      late,
    );
    await using world = openWorld({ form });
    await world.start([definition]);
    const runId = await world.accept(definition, "parent");
    await world.ended(runId);

    const child = await world.accept(definition, "late", {}, undefined, undefined, runId);

    expect(await world.ended(child)).toMatchObject({ status: "cancelled", parentRunId: runId });
    expect(calls).toBe(0);
  });

  test("of many children each is begun once, however often the parent's worker dies", async () => {
    const definition = shop(
      parent().each("all", {
        workflow: double,
        items: () => Array.from({ length: 12 }, (_, n) => n),
        concurrency: 3,
        input: (n) => ({ n }),
        map: (all) => ({ all: all.map(({ n = 0 }) => n) }),
      }),
      double,
    );
    await using world = openWorld({ form, holdMs: 100 });
    const runId = await world.accept(definition, "parent");
    for (const deaths of [2, 5, 9]) {
      using worker = mortal(world);
      using dead = hang();
      const enough = Promise.withResolvers<void>();
      let inserts = 0;
      const store = withFaults(worker.store, {
        after: async (name) => {
          if (name !== "insert" || ++inserts < deaths) return;
          enough.resolve();
          await dead.forEver;
        },
      });
      await world.start([definition], { store, bus: worker.bus, drainTimeoutMs: 10 });
      await world.sweep();
      await enough.promise;
      await worker.kill();
    }
    await world.start([definition]);
    await world.sweep();

    expect((await world.ended(runId)).output.all).toEqual(Array.from({ length: 12 }, (_, n) => n * 2));
    expect(await world.childrenOf(runId)).toHaveLength(12);
  });
});
