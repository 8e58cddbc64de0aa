/** Steps that are run only when the state says so: the same in both graph forms. */
import type { LiveEvent } from "@openvibe/core";
import { operator, workflow } from "@openvibe/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { mortal } from "./faults-for-tests.ts";
import { FORMS, inBothForms, runInBothForms } from "./forms-for-tests.ts";
import { openWorld, until } from "./world-for-tests.ts";

const State = z.object({ size: z.int().default(0), note: z.string().default(""), approved: z.boolean().default(false) });
const big = (s: { readonly size: number }) => s.size > 9;
const sized = () =>
  workflow("w", { state: State })
    .node("first", () => ({}))
    .llm("write", { model: "haiku", user: "?", output: "note", when: big })
    .wait("cool_down", "1d", { when: big })
    .human("approve", { prompt: "Well?", answer: ["approved"], timeout: "1d", onTimeout: (arm) => arm.node("late", () => {}), when: big })
    .node("last", (s) => ({ note: `${s.note}, last` }), { when: () => true });

describe("a step whose condition does not hold", () => {
  test("is passed over: nothing is executed, committed or told of it but its place", async () => {
    const { status, output, events, commits, metrics } = await runInBothForms({ workflow: sized() });

    expect([status, output]).toEqual(["completed", { note: ", last" }]);
    expect(events.filter(({ type }) => type === "node.completed").map(({ nodeId }) => nodeId)).toEqual(["first", "last"]);
    expect(commits).toEqual([
      ["running", "write"],
      ["completed", null],
    ]);
    expect(metrics).toMatchObject({ nodes_executed: 2, llm_calls: 0 });
  });

  test("as the last one ends the run, with what comes before and onComplete", async () => {
    const told: number[] = [];
    const last = (options: { readonly onComplete?: (s: { readonly size: number }) => void }) =>
      workflow("w", { state: State, ...options })
        .node("first", () => ({ size: 1 }))
        .node("never", () => ({ size: 100 }), { when: big });

    expect(await runInBothForms({ workflow: last({}) })).toMatchObject({ status: "completed", output: { size: 1 } });
    const completed = await runInBothForms({ workflow: last({ onComplete: (s) => void told.push(s.size) }) });

    expect(completed).toMatchObject({ status: "completed", output: { size: 1 } });
    expect(told).toEqual([1, 1]);
  });

  test("alone is a run that does nothing", async () => {
    const nothing = workflow("w", { state: State }).node("never", () => ({ size: 100 }), { when: big });

    expect(await runInBothForms({ workflow: nothing })).toMatchObject({ status: "completed", output: {}, commits: [["completed", null]] });
  });

  test("in a loop is asked anew in each pass", async () => {
    const { output } = await runInBothForms({
      workflow: workflow("w", { state: State }).loop("l", { while: (s) => s.size < 4, maxIterations: 9 }, (body) =>
        body
          .node("even", (s) => ({ note: `${s.note}${s.size}` }), { when: (s) => s.size % 2 === 0 })
          .node("count", (s) => ({ size: s.size + 1 }))
          .node("odd", (s) => ({ note: `${s.note}-` }), { when: (s) => s.size % 2 === 1 }),
      ),
    });

    expect(output).toEqual({ size: 4, note: "0-2-" });
  });

  test("is told live, and stands in the history as skipped", async () => {
    const outcome = await inBothForms(async (form) => {
      await using world = openWorld({ form });
      const live: LiveEvent[] = [];
      using _listening = await world.bus.signals.onLive({ operatorId: "shop" }, (event) => void live.push(event));
      const definition = operator("shop", { name: "Shop", workflows: [sized()] });
      await world.start([definition], { history: true });
      const runId = await world.accept(definition, "w");
      await world.ended(runId);
      await until(() => expect(live.filter(({ type }) => type === "node.skipped")).toHaveLength(3));
      const { records } = await world.store.history.of(runId);
      return {
        live: live.map(({ type, nodeId, data }) => [type, nodeId, data]),
        records: records.map(({ node_id, skipped, patch, next }) => [node_id, skipped, patch, next]),
      };
    });

    expect(outcome.live).toEqual([
      ["node.skipped", "write", { kind: "llm" }],
      ["node.skipped", "cool_down", { kind: "wait" }],
      ["node.skipped", "approve", { kind: "human" }],
    ]);
    expect(outcome.records).toEqual([
      ["first", undefined, {}, "write"],
      ["write", true, {}, "cool_down"],
      ["cool_down", true, {}, "approve"],
      ["approve", true, {}, "last"],
      ["last", undefined, { note: ", last" }, null],
    ]);
  });

  test.each(FORMS)("is asked again by whoever goes on after a crash (%s)", async (form) => {
    const inside = Promise.withResolvers<void>();
    let asked = 0;
    const definition = operator("shop", {
      name: "Shop",
      workflows: [
        workflow("w", { state: State })
          .node("first", () => ({ size: 1 }))
          .node("never", () => ({ note: "ran" }), { when: (s) => ++asked > 0 && big(s) })
          .node("stuck", async (_, ctx) => {
            inside.resolve();
            if (ctx.attempt === 1) await new Promise(() => {});
          }),
      ],
    });
    await using world = openWorld({ form, holdMs: 100 });
    using first = mortal(world);
    await world.start([definition], { store: first.store, bus: first.bus, drainTimeoutMs: 10 });
    const runId = await world.accept(definition, "w");
    await inside.promise;
    expect(world.row(runId).position).toBe("never");

    await first.kill();
    await world.start([definition]);

    expect(await world.ended(runId)).toMatchObject({ status: "completed", output: { size: 1 } });
    expect(asked).toBe(2);
  });

  test("is not run again behind a hand-over, nor is what comes before it", async () => {
    const inside = Promise.withResolvers<void>();
    const calls: string[] = [];
    const definition = operator("shop", {
      name: "Shop",
      workflows: [
        workflow("w", { state: State })
          .node("first", () => void calls.push("first"), { pure: true })
          .node("second", () => void calls.push("second"), { pure: true })
          .node("never", () => void calls.push("never"), { when: big })
          .node("third", async (_, ctx) => {
            calls.push("third");
            inside.resolve();
            if (ctx.attempt === 1) await new Promise((_, reject) => ctx.signal.addEventListener("abort", reject));
          }),
      ],
    });
    await using world = openWorld();
    const engine = await world.start([definition], { drainTimeoutMs: 10 });
    const runId = await world.accept(definition, "w");
    await inside.promise;

    await engine.stop();
    expect(world.row(runId)).toMatchObject({ position: "third", owner: null });
    await world.start([definition]);

    expect((await world.ended(runId)).status).toBe("completed");
    expect(calls).toEqual(["first", "second", "third", "third"]);
  });
});

test("whoever has been asked is answered for, though the condition is asked no more", async () => {
  let holds = true;
  const definition = operator("shop", {
    name: "Shop",
    workflows: [workflow("w", { state: State }).human("approve", { prompt: "Well?", answer: ["approved"], when: () => holds })],
  });
  await using world = openWorld();
  await world.start([definition]);
  const runId = await world.accept(definition, "w");
  await world.waiting(runId);
  holds = false;

  await world.answer(runId, { answer: { approved: true } });

  expect((await world.ended(runId)).output).toEqual({ approved: true });
});

test.each<[what: string, when: () => boolean, message: string]>([
  [
    "throws",
    () => {
      throw new Error("no idea");
    },
    "no idea",
  ],
  ["gives no boolean", () => "yes" as unknown as boolean, "step n: when gave a value of type string; allowed is true or false"],
])("a condition that %s fails the run at its step", async (_, when, message) => {
  const { status, error, output } = await runInBothForms({
    workflow: workflow("w", { state: State })
      .node("first", () => ({ size: 1 }))
      .node("n", () => ({ note: "ran" }), { when }),
  });

  expect([status, output]).toEqual(["failed", {}]);
  expect(error).toMatchObject({ code: "OV_NODE_FAILED", node_id: "n", message });
});
